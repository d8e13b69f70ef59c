"""For tests of the page: a pipeline whose answers follow a script, documents, and a real Chromium."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from index.library import Library
from index.types import Document, Hit, Passage
from models.errors import FootnoteError
from models.fake import FakeEmbedder, FakeSpanReader
from models.protocols import ReadingTask
from rag.settings import Settings
from rag.types import Answer, Citation, Event, PassageUse, Sentence

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TIDES = (
    "Tides of the northern shore\n\nThe tide came in at noon and covered the beach.\n\n"
    "It left the harbour at dusk. Nobody measured how high it stood.\n"
)
_HOSTILE = (
    "Glacier <b>report</b> ${1+1} {{7*7}}\n\n"
    "The glacier melted <script>window.hacked = 1</script> "
    "<img src=x onerror='window.hacked = 2'> ${window.hacked = 3} {{7*7}} `${4}` "
    "![x](http://evil.example/x.png) [y](javascript:alert(1)) &lt;i&gt; \u202etxt.exe\u202c "
    "in summer.\n"
)


class ScriptedPipeline:
    """Answers with the best sentences of the library, as its questions ask for.

    "slowly" makes steps until it is stopped, "nothing" is refused, "disagree" is disputed,
    "fail" is an error for the person, "crash" a defect.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self.settings = Settings(library=library.folder, embedder="fake", generator="fake")
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.closed = threading.Event()

    def ask_stream(self, question: str, history: Sequence[str] = ()) -> Iterator[Event]:
        self.asked.append((question, tuple(history)))
        try:
            yield from self._events(question)
        finally:
            self.closed.set()

    def retrieve(self, question: str, history: Sequence[str] = ()) -> list[Hit]:
        return [
            Hit(passage, 1 / rank, rank, "dense")
            for rank, (_, passage, _, _) in enumerate(self._find(question), start=1)
        ]

    def _events(self, question: str) -> Iterator[Event]:
        yield Event("step", "Searching")
        if "crash" in question:
            raise ZeroDivisionError("secret detail")
        if "fail" in question:
            raise FootnoteError("The model file is damaged; run footnote models add.")
        found = self._find(question)
        if "slowly" in question:
            yield Event("sentence", sentence=_sentence(1, *found[0]))
            for n in range(400):
                yield Event("step", f"Reading passage {n} of 400")
                time.sleep(0.05)
        for n, hit in enumerate(found, start=1):
            yield Event("step", f"Reading passage {n} of {len(found)}")
            if "nothing" not in question:
                yield Event("sentence", sentence=_sentence(n, *hit))
        yield Event("answer", answer=_answer(question, found))

    def _find(self, question: str) -> list[tuple[Document, Passage, int, int]]:
        """The three passages that share most words with the question, with their best span."""
        store, reader = self.library.store, FakeSpanReader(max_passage_tokens=10_000)
        found = []
        for document in store.documents():
            for passage in store.document_passages(document.id):
                task = ReadingTask(passage.breadcrumb, passage.text, question)
                found.extend(
                    (span.logprob, document, passage, span.start, span.end)
                    for span in reader.read([task])[0].spans[:1]
                )
        found.sort(key=lambda hit: (-hit[0], hit[2].id))
        return [hit[1:] for hit in found[:3]]


def _sentence(n: int, document: Document, passage: Passage, start: int, end: int) -> Sentence:
    quote = passage.text[start:end]
    citation = Citation(
        n=n,
        document=str(document.id),
        path=document.path,
        title=document.title,
        sha256=document.sha256,
        start=passage.start + start,
        end=passage.start + end,
        quote=quote,
        locator=None,
        section=passage.section,
        speaker=passage.speaker,
        date=passage.date or document.date,
        role=str(passage.role),
    )
    return Sentence(text=quote, kind="quote", support="supported", citations=(citation,))


def _answer(question: str, found: Sequence[tuple[Document, Passage, int, int]]) -> Answer:
    refused = "nothing" in question or not found
    sentences = () if refused else tuple(_sentence(n, *hit) for n, hit in enumerate(found, 1))
    uses = tuple(
        PassageUse(
            n=n,
            document=str(document.id),
            path=document.path,
            title=document.title,
            start=passage.start,
            end=passage.end,
            score=1 / n,
            read=True,
            left_out=None,
            text=passage.text,
            section=passage.section,
            speaker=passage.speaker,
            date=passage.date or document.date,
            role=str(passage.role),
        )
        for n, (document, passage, _, _) in enumerate(found, start=1)
    )
    return Answer(
        question=question,
        standalone_question=question,
        status="refused" if refused else "disputed" if "disagree" in question else "answered",
        short_answer=None if refused else sentences[0].text[:80],
        confidence=0.1 if refused else 0.86,
        sentences=sentences,
        passages=uses,
        reader="scripted",
        generator="scripted",
        embedder="fake",
    )


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library", FakeEmbedder())


@pytest.fixture(scope="session")
def scripted() -> type[ScriptedPipeline]:
    return ScriptedPipeline


@pytest.fixture
def pipeline(library: Library) -> ScriptedPipeline:
    return ScriptedPipeline(library)


@pytest.fixture(scope="session")
def tides() -> str:
    """A document that means no harm."""
    return _TIDES


@pytest.fixture(scope="session")
def hostile() -> str:
    """A document that tries to become markup or code."""
    return _HOSTILE


# -- the page in a browser -----------------------------------------------------------------------


def _missing(what: str) -> None:
    if os.environ.get("FOOTNOTE_REQUIRE_ALL") == "1":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("Playwright's Python package is not installed")
    names = ("chromium", "chromium-browser", "google-chrome")
    found = (path for name in names if (path := shutil.which(name)))
    path = os.environ.get("FOOTNOTE_CHROMIUM") or next(found, None)
    if path is None:
        _missing("no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield chromium
        chromium.close()


@contextmanager
def _served(pipeline: Any, **options: Any) -> Iterator[str]:
    from ui.chat import serve

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ready, ended = threading.Event(), threading.Event()
    keywords = {"port": port, "open_browser": False, "ready": ready, "ended": ended, **options}
    server = threading.Thread(target=serve, args=(pipeline,), kwargs=keywords)
    server.start()
    try:
        assert ready.wait(60)
        yield f"http://127.0.0.1:{port}/"
    finally:
        ended.set()
        server.join(20)


@pytest.fixture(scope="session")
def served() -> Callable[..., Any]:
    """Serves the page of a pipeline for the length of a `with`; gives its address."""
    return _served


@dataclass
class Tab:
    """A page in a browser context of its own, with what it asked of the network."""

    page: Any
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        box = self.page.get_by_label("Your question")
        box.fill(question)
        box.press("Enter")

    def turn(self, number: int, state: str = "done") -> Any:
        found = self.page.locator(f"#turn-{number}[data-state='{state}']")
        found.wait_for(timeout=15_000)
        return found

    def marked(self) -> str:
        self.page.locator("#reading mark").first.wait_for()
        return "".join(self.page.locator("#reading mark").all_text_contents())

    def open_library(self) -> None:
        self.page.get_by_role("tab", name="Library").click()


@pytest.fixture
def open_tab(browser: Any) -> Iterator[Any]:
    contexts, tabs = [], []

    def make(address: str, **options: Any) -> Tab:
        context = browser.new_context(**options)
        contexts.append(context)
        tab = Tab(context.new_page())
        tabs.append(tab)
        context.on("request", lambda request: tab.requests.append(request.url))
        tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
        tab.page.goto(address)
        tab.page.get_by_label("Your question").wait_for(timeout=20_000)
        return tab

    yield make
    for tab in tabs:
        hosts = {urlsplit(url).hostname for url in tab.requests if url.startswith("http")}
        assert hosts == {"127.0.0.1"}
        schemes = {urlsplit(url).scheme for url in tab.requests}
        assert schemes <= {"http", "data", "blob", "about"}
        assert tab.errors == []
    for context in contexts:
        context.close()
