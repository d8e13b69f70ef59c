"""Takes pictures of every state of the page, in light, dark and phone width, small enough to be kept.

    python scripts/screenshots.py --out docs/screens [--states answered,pdf] [--looks light,phone]

Answers come from the packaged starter over samples/documents. Three states cannot be had from it at will and
are staged: an answer that takes long, sources that disagree, an error. Needs Playwright's Python package
and a Chromium on this machine; neither is needed to run Footnote.
"""

import argparse
import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from page_speed import FLAGS, served
from page_states import STATES, Questions, State, leave
from PIL import Image
from playwright.sync_api import sync_playwright

from eval.background import Evaluations
from eval.questions import load_questions
from models.errors import FootnoteError
from rag.pipeline import Pipeline, build_pipeline
from rag.settings import Settings
from rag.types import Event
from ui.chat import serve

ROOT = Path(__file__).resolve().parent.parent
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1400, "height": 860}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1400, "height": 860}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
QUESTIONS = Questions(
    answered="Who is quoted as saying that most robots cannot fold a shirt?",
    from_pdf="How many industrial robots did China install in 2023?",
    refused="What is the capital of Mongolia?",
    disputed="How large is Nvidia's charge for the H20?",
    slow="Which licence does the H20 need, and since when?",
    failed="Who runs the ledger?",
    topic="export controls",
    listed="Which documents mention Nvidia?",
    folder=ROOT / "samples" / "documents",
)
CHARGES = (
    "Nvidia expects charges of up to about $5.5 billion in the quarter that ends on 27 April, because "
    "its H20 chip can no longer be shipped to China without a licence.",
    "Nvidia booked a charge of $4.5 billion for the H20 in the quarter that ended on 27 April.",
)
_SMALL_WIDTH = 1_000
_RUN_S = 600.0
# Where the samples and the libraries lie on this machine is nobody's business.
_RENAME = """
(names) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    for (const [here, shown] of names) text.data = text.data.replaceAll(here, shown);
  }
}
"""
_WAIT_MS = 700


def main() -> int:
    """Serve the page over libraries with documents and without, and take the pictures."""
    options = _options()
    # As on a machine without a network.
    os.environ["HF_ENDPOINT"] = "http://127.0.0.1:9"
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
        for library in ("filled", "empty", "new"):
            states = [s for s in STATES if s.library == library and s.name in options.states]
            if not states:
                continue
            settings = Settings(library=Path(work) / library)
            if library == "filled":
                _measure(replace(settings, prover="none"))
                _measure(settings)
            pipeline = build_pipeline(settings)
            names = [(str(ROOT / "samples" / "documents"), "~/Documents")]
            names.append((str(settings.library), "~/.local/share/footnote/library"))
            _stage(pipeline)
            with served(lambda port, p=pipeline, **rest: _serve(p, port, **rest)) as address:
                for look in options.looks:
                    for state in states:
                        _picture(browser, address, state, look, options.out, names)
            pipeline.close()
        browser.close()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [state.name for state in STATES]
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screens")
    parser.add_argument("--states", type=lambda words: words.split(","), default=names)
    parser.add_argument("--looks", type=lambda words: words.split(","), default=list(LOOKS))
    return parser.parse_args()


def _chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    on_path = (path for name in names if (path := shutil.which(name)))
    found = os.environ.get("FOOTNOTE_CHROMIUM") or next(on_path, None)
    if found is None:
        raise SystemExit(f"No browser found; looked for {', '.join(names)}.")
    return found


def _serve(pipeline: Pipeline, port: int, **rest: Any) -> None:
    serve(pipeline, port=port, open_browser=False, **rest)


def _measure(settings: Settings) -> None:
    """Run a part of the sample questions over the samples, as the tab for measuring does."""
    with closing(build_pipeline(settings)) as pipeline:
        pipeline.library.add([ROOT / "samples" / "documents"])
        evaluations = Evaluations(pipeline)
        name = "samples.jsonl"
        evaluations.start(name, load_questions(ROOT / "eval" / "sets" / name)[::6])
        ended = evaluations.wait(_RUN_S)
        if ended.state != "finished":
            raise SystemExit(f"The run is {ended.state}, not finished. {ended.error}".strip())


def _stage(pipeline: Pipeline) -> None:
    """Let three questions end as their states need it; all others are answered as always."""
    answer = pipeline.ask_stream

    def staged(question: str, *rest: Any, **named: Any) -> Iterator[Event]:
        if question == QUESTIONS.failed:
            raise FootnoteError(
                "The model file SmolLM2-135M-Instruct.Q4_1.gguf is damaged: its sha256 is another than "
                "expected. Install it again: make run"
            )
        for event in answer(question, *rest, **named):
            if question == QUESTIONS.disputed and event.answer is not None:
                event = replace(event, answer=_disputed(pipeline, event.answer))
            yield event
            # For ever, until it is stopped.
            while question == QUESTIONS.slow and "Reading passage" in event.text:
                time.sleep(0.2)
                yield event

    pipeline.ask_stream = staged


def _disputed(pipeline: Pipeline, answer: Any) -> Any:
    """The answer with two sources of the samples that give different shares."""
    from rag.citing import Citer
    from rag.types import Sentence

    store, citer, sentences = pipeline.library.store, Citer(pipeline.library), []
    for document in store.documents():
        text = store.text(document.id)
        for words in CHARGES:
            if (start := text.find(words)) >= 0:
                citation = citer.cite_document(document.id, start, start + len(words))
                sentences.append(Sentence(words, "quote", "supported", (citation,)))
    short = "$5.5 billion / $4.5 billion"
    return replace(answer, status="disputed", short_answer=short, sentences=tuple(sentences))


def _picture(
    browser: Any,
    address: str,
    state: State,
    look: str,
    out: Path,
    names: Sequence[tuple[str, str]],
) -> None:
    context = browser.new_context(**LOOKS[look])
    page = context.new_page()
    try:
        page.goto(address)
        page.get_by_label("Your question").wait_for()
        page.wait_for_timeout(_WAIT_MS)
        state.show(page, QUESTIONS)
        page.wait_for_timeout(_WAIT_MS)
        page.evaluate(_RENAME, names)
        target = out / f"{state.name}-{look}.webp"
        _save(page.screenshot(), target)
        print(target, flush=True)
        leave(page)
    finally:
        context.close()


def _save(png: bytes, target: Path) -> None:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    if picture.width > _SMALL_WIDTH:
        height = round(picture.height * _SMALL_WIDTH / picture.width)
        picture = picture.resize((_SMALL_WIDTH, height), Image.Resampling.LANCZOS)
    picture.save(target, "WEBP", quality=78, method=6)


if __name__ == "__main__":
    sys.exit(main())
