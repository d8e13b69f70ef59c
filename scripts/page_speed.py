"""How fast the page is beside an empty Gradio page, in a real browser on this machine.

    python scripts/page_speed.py [--documents 10000] [--rounds 12] [--library DIR] [--json FILE]

Both pages are served by the same process and opened in turn, each round in an order of its own, in a fresh
browser context (nothing cached). Measured by the browser's own clock from the start of the navigation: first
contentful paint, the moment from which the question box can be typed in, and the moment at which Gradio has
drawn the page with a box of its own (Footnote's server draws one before that). Then questions are asked of a
pipeline that answers at once: from the press on Ask to the finished answer on the page is what the page adds
to a question. Printed: medians, and the median of the ratios in pairs with its 95 % bootstrap interval.
"""

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
# Notes when a box to type in is there, and when there is one that Gradio has drawn.
_WATCH = """
window.ready = window.drawn = null;
const seen = (box) => box && box.offsetParent !== null && !box.disabled;
new MutationObserver(() => {
  if (window.ready === null && seen(document.querySelector("textarea"))) window.ready = performance.now();
  if (window.drawn === null && seen(document.querySelector("gradio-app textarea"))) {
    window.drawn = performance.now();
  }
}).observe(document, { childList: true, subtree: true, attributes: true });
"""
_ASK = """
(question) => new Promise((done) => {
  const box = document.querySelector("#question-box textarea");
  const number = document.querySelectorAll(".turn").length + 1;
  const started = performance.now();
  new MutationObserver((_, watcher) => {
    if (document.querySelector(`#turn-${number}[data-state="done"]`)) {
      watcher.disconnect();
      requestAnimationFrame(() => done(performance.now() - started));
    }
  }).observe(document, { childList: true, subtree: true, attributes: true });
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  document.querySelector("#send").click();
})
"""


def main() -> int:
    """Measure and print."""
    options = _options()
    with tempfile.TemporaryDirectory() as work:
        folder = options.library or Path(work) / "library"
        make_library(folder, options.documents)
        figures = measure(folder, options.rounds, options.questions)
    print(_table(figures, options.documents))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--library", type=Path, help="kept there and used again; else thrown away")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def make_library(folder: Path, n_documents: int) -> None:
    """A library of so many small documents; one that is there with as many is used as it is."""
    from index.library import Library
    from models.fake import FakeEmbedder

    library = Library(folder, FakeEmbedder())
    if library.store.count("documents") != n_documents:
        files = folder.parent / "files"
        files.mkdir(exist_ok=True)
        rng = random.Random(7)
        words = "harbour tide permit ledger crane bridge tariff glacier engine survey".split()
        for n in range(n_documents):
            body = " ".join(rng.choices(words, k=30))
            (files / f"note-{n:05}.txt").write_text(
                f"Note {n} on {rng.choice(words)}\n\nOn 2024-0{1 + n % 9}-11 {body}.\n"
            )
        library.add([files])
        shutil.rmtree(files)
    library.close()


class InstantPipeline:
    """Answers every question at once with the first words of a document."""

    def __init__(self, library: Any) -> None:
        self.library = library

    def ask_stream(self, question: str, history: Sequence[str] = ()) -> Iterator[Any]:
        """One step, one sentence, the answer."""
        from rag.citing import Citer
        from rag.types import Answer, Event, Sentence

        citation = Citer(self.library).cite_document(1, 0, 20)
        sentence = Sentence(citation.quote, "quote", "supported", (citation,))
        yield Event("step", "Searching")
        yield Event("sentence", sentence=sentence)
        answer = Answer(question, question, "answered", "note", 0.9, (sentence,), (), "r", "g", "e")
        yield Event("answer", answer=answer)


def measure(folder: Path, rounds: int, n_questions: int) -> dict[str, list[float]]:
    """Milliseconds of every round, by page and moment, and of every question."""
    from playwright.sync_api import sync_playwright

    from index.library import Library
    from models.fake import FakeEmbedder

    figures: dict[str, list[float]] = {}
    library = Library(folder, FakeEmbedder())
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with (
        served(lambda port, **rest: _serve_footnote(library, port, **rest)) as footnote,
        served(_serve_empty) as empty,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        pages = [("empty", empty), ("footnote", footnote)]
        rng = random.Random(1)
        for number in range(rounds + 1):
            rng.shuffle(pages)
            for name, address in pages:
                moments = _open(browser, address)
                if number:  # the first round warms both servers
                    for moment, value in moments.items():
                        figures.setdefault(f"{name}.{moment}", []).append(value)
        figures["question"] = _questions(browser, footnote, n_questions)
        browser.close()
    library.close()
    return figures


def _open(browser: Any, address: str) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(address)
    page.wait_for_function("window.drawn !== null", timeout=60_000)
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    ready, drawn = page.evaluate("[window.ready, window.drawn]")
    context.close()
    return {"paint": paint, "ready": ready, "drawn": drawn}


def _questions(browser: Any, address: str, n_questions: int) -> list[float]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    page.wait_for_selector("#question-box textarea")
    page.wait_for_timeout(1_500)
    taken = []
    for number in range(n_questions + 2):
        taken.append(page.evaluate(_ASK, f"When did the tide come in, {number}?"))
        page.wait_for_timeout(150)
    return taken[2:]


@contextmanager
def served(serve: Callable[..., None]) -> Iterator[str]:
    """A page in a thread of its own; gives its address."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ready, ended = threading.Event(), threading.Event()
    thread = threading.Thread(target=serve, args=(port,), kwargs={"ready": ready, "ended": ended})
    thread.start()
    try:
        if not ready.wait(120):
            raise RuntimeError("the page did not start")
        yield f"http://127.0.0.1:{port}/"
    finally:
        ended.set()
        thread.join(30)


def _serve_footnote(
    library: Any, port: int, *, ready: threading.Event, ended: threading.Event
) -> None:
    from ui.chat import serve

    serve(InstantPipeline(library), port=port, open_browser=False, ready=ready, ended=ended)


def _serve_empty(port: int, *, ready: threading.Event, ended: threading.Event) -> None:
    """Gradio's least: a box, a button and a place for the answer."""
    import asyncio

    from ui.quiet_gradio import gr

    async def start() -> Any:
        with gr.Blocks(analytics_enabled=False) as app:
            box = gr.Textbox(label="Question")
            answer = gr.HTML("")
            gr.Button("Ask").click(lambda words: words, box, answer)
        app.launch(
            server_name="127.0.0.1",
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            ssr_mode=False,
            inbrowser=False,
        )
        return app

    app = asyncio.run(start())
    ready.set()
    ended.wait()
    app.close(verbose=False)


def _table(figures: dict[str, list[float]], n_documents: int) -> str:
    lines = [f"{'':34}{'empty page':>12}{'Footnote':>12}   ratio in pairs (95 %)"]
    for moment, words in (
        ("paint", "first contentful paint"),
        ("ready", "the question box can be typed in"),
        ("drawn", "Gradio has drawn the page"),
    ):
        empty, ours = figures[f"empty.{moment}"], figures[f"footnote.{moment}"]
        ratios = [b / a for a, b in zip(empty, ours, strict=True)]
        low, high = _interval(ratios)
        lines.append(
            f"{words:34}{statistics.median(empty):9.0f} ms{statistics.median(ours):9.0f} ms   "
            f"{statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})"
        )
    asked = figures["question"]
    low, high = _interval(asked)
    lines.append(
        f"what the page adds to a question, with {n_documents:,} documents: "
        f"{statistics.median(asked):.0f} ms ({low:.0f} to {high:.0f})"
    )
    return "\n".join(lines)


def _interval(values: Sequence[float]) -> tuple[float, float]:
    rng = random.Random(0)
    medians = sorted(statistics.median(rng.choices(values, k=len(values))) for _ in range(2_000))
    return medians[50], medians[1_949]


if __name__ == "__main__":
    sys.exit(main())
