"""What the page asks of the pipeline beside answers: briefs, traces, questions to go on with.

Where a pipeline cannot do one of these, as in tests of the page, it is left out.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from index.filters import take_filters
from models.errors import FootnoteError
from rag.brief import Brief
from rag.brief_document import brief_document
from rag.brief_topic import brief_topic
from rag.brief_written import BriefDraft, write_brief
from rag.errors import BriefError
from rag.pipeline import Pipeline as RealPipeline
from rag.recording import Recorder
from rag.retriever import Retriever
from rag.suggesting import follow_ups, kept_suggestions, suggest
from rag.trace import Trace
from rag.types import Answer, Event
from ui.protocols import Pipeline

_log = logging.getLogger(__name__)
_N_SUGGESTED = 6
_IDLE_S = 10.0
_BUDGET_S = 120.0
_END_S = 5.0


def asked(
    pipeline: Pipeline, question: str, history: Sequence[str]
) -> tuple[Iterator[Event], Recorder | None]:
    """The events of an answer, and what keeps all it came from."""
    if not isinstance(pipeline, RealPipeline):
        return pipeline.ask_stream(question, history), None
    recorder = Recorder(pipeline.library, pipeline.settings)
    return pipeline.ask_stream(question, history, tracer=recorder), recorder


def traced(recorder: Recorder | None, answer: Answer | None) -> Trace | None:
    """All that an answer came from; None where it was not kept."""
    return None if recorder is None or answer is None else recorder.trace(answer)


def briefed(
    pipeline: Pipeline, topic: str, document: int | None
) -> Iterator[Event | BriefDraft | Brief]:
    """A step, then the brief of a document or on a topic; drafts of it first where a model writes it.

    Raises:
        BriefError: there is no such document, or nothing to brief on.
    """
    what = "Searching" if document is None else "Reading the document"
    yield Event("step", f"{what} and choosing what to quote")
    brief = _quoted(pipeline.library, topic, document)
    if not isinstance(pipeline, RealPipeline):
        yield brief
        return
    with pipeline.readers.borrowed() as reader:
        yield from write_brief(brief, pipeline.library, reader)


def _quoted(library: Any, topic: str, document: int | None) -> Brief:
    if document is None:
        words, within = take_filters(topic)
        return brief_topic(library, Retriever(library), words, within=within)
    found = library.store.document(document)
    if found is None:
        raise BriefError("This document is no longer in the library.")
    return brief_document(library, found)


def onward(pipeline: Pipeline, answer: Answer) -> tuple[str, ...]:
    """Questions to go on with after an answer; none where something stands against it."""
    if not isinstance(pipeline, RealPipeline) or answer.status == "refused":
        return ()
    try:
        return follow_ups(pipeline, answer)
    except Exception:
        # They come on top; the answer has been given.
        _log.exception("questions to go on with could not be found")
        return ()


class Suggester:
    """Finds questions to suggest while nobody asks anything.

    Args:
        pipeline: is asked each question before it is shown.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._tried: int | None = None
        self._n_busy = 0

    def questions(self) -> tuple[str, ...]:
        """What is known already."""
        if not isinstance(self._pipeline, RealPipeline):
            return ()
        kept = kept_suggestions(self._pipeline.library, n=_N_SUGGESTED)
        return tuple(one.question for one in kept)

    def begin(self) -> None:
        """Look for some in the background, unless that is done or under way."""
        if not isinstance(self._pipeline, RealPipeline):
            return
        with self._lock:
            generation = self._pipeline.library.store.generation
            at_work = self._thread is not None and self._thread.is_alive()
            if self._closed or self._n_busy or at_work or self._tried == generation:
                return
            self._stopped = threading.Event()
            self._thread = threading.Thread(
                target=self._work, args=(generation,), name="footnote-suggest", daemon=True
            )
            self._thread.start()

    @contextmanager
    def kept_quiet(self) -> Iterator[None]:
        """Leave the machine to a person's question for as long as it is answered."""
        with self._lock:
            self._n_busy += 1
            self._stopped.set()
        try:
            yield
        finally:
            with self._lock:
                self._n_busy -= 1

    def close(self) -> None:
        """End for good; what is being asked this moment may go on for a little."""
        with self._lock:
            self._closed = True
            self._stopped.set()
        if self._thread is not None:
            self._thread.join(_END_S)

    def _work(self, generation: int) -> None:
        stopped, pipeline = self._stopped, self._pipeline
        assert isinstance(pipeline, RealPipeline)
        try:
            if stopped.wait(_IDLE_S) or not pipeline.library.store.count("documents"):
                return
            suggest(pipeline, n=_N_SUGGESTED, budget_s=_BUDGET_S, stopped=stopped)
            if not stopped.is_set():
                self._tried = generation
        except FootnoteError as error:
            _log.warning("no questions could be suggested: %s", error)
            self._tried = generation
        except Exception:
            _log.exception("no questions could be suggested")
            self._tried = generation
        finally:
            pipeline.library.store.close()
