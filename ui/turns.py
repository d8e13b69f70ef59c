"""A question and its answer as it grows, for whoever draws it."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.store import Store
from models.errors import FootnoteError
from rag.brief import Brief
from rag.brief_written import BriefDraft
from rag.kept_turns import KeptTurn, Rating
from rag.recording import Recorder
from rag.staleness import Stale, stale_documents
from rag.types import Answer, Citation, Event, PassageUse, Sentence
from ui import desk
from ui.protocols import Pipeline
from ui.relay import Relay

_log = logging.getLogger(__name__)

TurnState = Literal["working", "done", "stopped", "failed"]
Task = Literal["ask", "topic", "document"]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and as much of its answer as is known.

    Attributes:
        number: from 1 within the conversation; footnotes are looked up by it.
        task: "ask" for a question, else what a brief is made of: a "topic" or a "document".
        document: whose brief it is.
        step: what is being done, e.g. "Reading passage 2 of 4".
        seconds: how long it has been worked on.
        draft: prose of a model that has not been checked yet.
        error: one sentence, where the state is "failed".
        kept_id: of the turn among the kept conversations; None where it is not kept.
        rating: what the person thought of it, with the reason.
        case_id: of the test case that was made of it.
        stale: of an older answer, the documents that are not what they were.
        outdated: whether the library has changed at all since an older answer was given.
        brief: instead of an answer, where that was asked for; shown while it is being written, too.
        onward: questions to go on with.
    """

    number: int
    question: str
    task: Task = "ask"
    document: int | None = None
    state: TurnState = "working"
    step: str = "Searching"
    seconds: int = 0
    draft: str = ""
    sentences: tuple[Sentence, ...] = ()
    answer: Answer | None = None
    error: str = ""
    kept_id: int | None = None
    rating: Rating | None = None
    reason: str = ""
    case_id: str | None = None
    stale: tuple[Stale, ...] = ()
    outdated: bool = False
    brief: Brief | None = None
    onward: tuple[str, ...] = ()

    def citation(self, n: int) -> Citation | None:
        """The footnote with this number."""
        for sentence in self.sentences:
            for citation in sentence.citations:
                if citation.n == n:
                    return citation
        return None

    def passage(self, n: int) -> PassageUse | None:
        """The considered passage with this number."""
        passages = self.answer.passages if self.answer else ()
        return next((passage for passage in passages if passage.n == n), None)


def answer_stream(
    pipeline: Pipeline,
    turn: Turn,
    history: Sequence[str],
    *,
    stopped: threading.Event | None = None,
    keep: Callable[[Recorder | None], None] = lambda recorder: None,
) -> Iterator[Turn]:
    """The turn as it grows; the last one is "done", "stopped" or "failed".

    Args:
        pipeline: who answers.
        turn: the question.
        history: earlier questions of the conversation, oldest first.
        stopped: when set, the answer ends where it is.
        keep: given what keeps all that the answer comes from.
    """
    stop = stopped or threading.Event()
    started = time.monotonic()

    def source() -> Iterator[Event | BriefDraft | Brief]:
        if turn.task != "ask":
            return desk.briefed(pipeline, turn.question, turn.document)
        events, recorder = desk.asked(pipeline, turn.question, history)
        keep(recorder)
        return events

    events = Relay(
        source,
        stopped=stop,
        on_end=pipeline.library.store.close,
    )
    # It is worked on while the question is drawn.
    events.start()
    yield turn
    changed = False
    try:
        for event in events:
            # A brief is read while it is written: it is drawn anew when it changes, not every second.
            seconds = turn.seconds if turn.brief else int(time.monotonic() - started)
            grown = replace(turn, seconds=seconds)
            grown = grown if event is None else _grow(grown, event)
            changed = changed or grown != turn
            turn = grown
            # What comes within a moment of the next is not drawn: nobody could see it, and drawing costs.
            if changed and (not events.has_more or turn.state == "done"):
                changed = False
                yield turn
    except FootnoteError as error:
        yield replace(turn, state="failed", error=str(error))
        return
    except Exception:
        _log.exception("the question could not be answered")
        yield replace(turn, state="failed", error=_UNEXPECTED)
        return
    if turn.state == "working":
        yield replace(turn, state="stopped")


_UNEXPECTED = (
    "Something went wrong inside Footnote. The terminal it runs in shows what; "
    "the question can be asked again."
)


def _grow(turn: Turn, event: Event | BriefDraft | Brief) -> Turn:
    if isinstance(event, Brief):
        return replace(turn, state="done", brief=event, sentences=event.sentences)
    if isinstance(event, BriefDraft):
        if turn.brief is event.brief and turn.step == event.step:
            return turn
        return replace(turn, step=event.step, brief=event.brief, sentences=event.brief.sentences)
    if event.kind == "step":
        return replace(turn, step=event.text)
    if event.kind == "text":
        return replace(turn, draft=turn.draft + event.text)
    if event.kind == "sentence" and event.sentence is not None:
        # The prose so far has become a checked sentence.
        return replace(turn, sentences=(*turn.sentences, event.sentence), draft="")
    if event.kind == "answer" and event.answer is not None:
        sentences = event.answer.sentences
        return replace(turn, state="done", answer=event.answer, sentences=sentences, draft="")
    return turn


def resumed(number: int, kept: KeptTurn, store: Store, generation: int) -> Turn:
    """A kept turn as the page shows it; `generation` is the library's now."""
    return Turn(
        number=number,
        question=kept.question,
        state=kept.state,
        sentences=kept.sentences,
        answer=kept.answer,
        brief=kept.brief,
        task="ask" if kept.brief is None else kept.brief.kind,
        error=kept.error,
        kept_id=kept.id,
        rating=kept.rating,
        reason=kept.reason,
        case_id=kept.case_id,
        stale=stale_documents(store, kept.answer) if kept.answer else (),
        outdated=kept.generation != generation,
    )
