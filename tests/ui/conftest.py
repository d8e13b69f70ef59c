"""A pipeline with a real library whose answers follow a script, for tests of the page."""

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from index.library import Library
from index.types import Document, Hit, Passage
from models.errors import FootnoteError
from models.fake import FakeEmbedder, FakeSpanReader
from models.protocols import ReadingTask
from rag.settings import Settings
from rag.types import Answer, Citation, Event, PassageUse, Sentence


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
