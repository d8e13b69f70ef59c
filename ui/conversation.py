"""A conversation as a browser tab shows it: turns, what is open, and how a turn grows.

Every turn is kept in the library's folder while it grows (`rag.conversations`). Knows nothing of Gradio and
nothing of HTML.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from index.store import Store
from models.errors import FootnoteError
from rag.brief import Brief
from rag.brief_written import BriefDraft
from rag.conversations import Conversations, KeptTurn, Rating
from rag.errors import ConversationError
from rag.recording import Recorder
from rag.staleness import Stale, stale_documents
from rag.trace import Trace
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


def _counts(turn: Turn) -> bool:
    """Whether a later question may refer to it."""
    return turn.state == "done" and turn.task == "ask"


def _finish(turn: Turn, pipeline: Pipeline, kept: Conversations | None) -> None:
    if kept is None or turn.kept_id is None:
        return
    try:
        kept.finish(
            turn.kept_id,
            "stopped" if turn.state == "working" else turn.state,
            sentences=turn.sentences,
            answer=turn.answer,
            brief=turn.brief,
            error=turn.error,
            generation=pipeline.library.store.generation,
        )
    except (FootnoteError, ValueError):
        # The answer is on the page; that it is not kept is told in the terminal.
        _log.exception("the answer could not be kept")


def _resumed(number: int, kept: KeptTurn, store: Store, generation: int) -> Turn:
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


@dataclass(frozen=True, slots=True)
class Opened:
    """What the reading column shows: a stretch of a document, and why.

    Attributes:
        label: "Footnote 2" or "Passage 1".
        quote: the words when the answer was given; they show whether the document has changed.
        whole: more than the surroundings was asked for.
    """

    label: str
    document: str
    path: str
    title: str
    start: int
    end: int
    quote: str
    section: str | None
    speaker: str | None
    date: str | None
    role: str
    locator: dict[str, Any] | None = None
    sha256: str = ""
    whole: bool = False


class Session:
    """What one browser tab holds."""

    def __init__(self) -> None:
        self.conversation: int | None = None
        self.turns: list[Turn] = []
        self.opened: Opened | None = None
        self.traced: Trace | None = None
        self.welcomed = ""
        self.words = ""
        self.stopped = threading.Event()
        self._recorders: dict[int, Recorder] = {}
        self._waiting = False
        self._streaming = False

    def __deepcopy__(self, memo: object) -> "Session":
        # Gradio makes each tab's state by copying the first one; an event cannot be copied, and
        # no tab may begin with what another one holds.
        return Session()

    @property
    def questions(self) -> tuple[str, ...]:
        """Earlier questions that were answered or refused, oldest first."""
        return tuple(turn.question for turn in self.turns if _counts(turn))

    def before(self, turn: Turn) -> tuple[str, ...]:
        """The questions that a turn was asked after, oldest first."""
        earlier = self.turns[: turn.number - 1]
        return tuple(other.question for other in earlier if _counts(other))

    def begin(
        self,
        message: str,
        kept: Conversations | None = None,
        *,
        task: Task = "ask",
        document: int | None = None,
    ) -> bool:
        """Take up a question or a brief; False where it is empty or another is being answered."""
        if self._waiting or self._streaming or not message.strip():
            return False
        self._waiting = True
        self.stopped = threading.Event()
        turn = Turn(len(self.turns) + 1, message.strip(), task, document)
        self.turns.append(replace(turn, kept_id=self._keep(turn.question, kept)))
        return True

    def _keep(self, question: str, kept: Conversations | None) -> int | None:
        if kept is None:
            return None
        try:
            self.conversation, turn_id = kept.begin(self.conversation, question)
        except ConversationError:
            _log.exception("the question is answered, but not kept")
            return None
        return turn_id

    def give_up(self) -> None:
        """Let a question go that was taken up and cannot be answered."""
        self._waiting = False

    def stream(self, pipeline: Pipeline, kept: Conversations | None = None) -> Iterator[Turn]:
        """The last question's turn as it grows, kept here and among the conversations."""
        if not self._waiting:
            return
        self._waiting, self._streaming = False, True
        turn, stopped = self.turns[-1], self.stopped

        def keep(recorder: Recorder | None) -> None:
            if recorder is not None:
                self._recorders[waiting.number] = recorder

        waiting = turn
        turns = answer_stream(pipeline, turn, self.questions, stopped=stopped, keep=keep)
        try:
            for turn in turns:
                if self.stopped is not stopped:
                    return
                self.turns[turn.number - 1] = turn
                yield turn
        finally:
            stopped.set()
            if self.stopped is stopped:
                self._streaming = False
                if turn.state == "working":
                    # Nobody is there to be told more.
                    turn = self.turns[turn.number - 1] = replace(turn, state="stopped")
            _finish(turn, pipeline, kept)

    def trace(self, turn: Turn) -> Trace | None:
        """All that an answer came from; None for one of before the page was loaded."""
        return desk.traced(self._recorders.get(turn.number), turn.answer)

    def stop(self) -> None:
        """End the answer that is being given where it is."""
        self.stopped.set()

    def clear(self) -> None:
        """Begin anew; what was said stays among the kept conversations."""
        self.stop()
        self.stopped = threading.Event()
        self.conversation = None
        self.turns, self.opened = [], None
        self._recorders, self.traced = {}, None
        self._waiting = self._streaming = False

    def resume(self, conversation: int, kept: Conversations, store: Store) -> bool:
        """Go on with a kept conversation; False where there is none."""
        turns = kept.turns(conversation)
        if not turns:
            return False
        self.clear()
        self.conversation = conversation
        generation = store.generation
        self.turns = [
            _resumed(number, turn, store, generation) for number, turn in enumerate(turns, start=1)
        ]
        return True

    def turn(self, number: object) -> Turn | None:
        """The turn with this number, if there is one."""
        if type(number) is not int or not 1 <= number <= len(self.turns):
            return None
        return self.turns[number - 1]

    def open(self, kind: str, turn: int, n: int) -> Opened | None:
        """Open footnote or passage `n` of a turn; None where there is no such thing."""
        shown = self.turn(turn)
        if shown is None:
            return None
        if kind == "footnote":
            citation = shown.citation(n)
            self.opened = _opened_citation(citation) if citation else None
        else:
            passage = shown.passage(n)
            self.opened = _opened_passage(passage) if passage else None
        return self.opened

    def open_whole(self) -> Opened | None:
        """Ask for more of what is open."""
        self.opened = self.opened and replace(self.opened, whole=True)
        return self.opened


def _opened_citation(citation: Citation) -> Opened:
    return Opened(
        label=f"Footnote {citation.n}",
        document=citation.document,
        path=citation.path,
        title=citation.title,
        start=citation.start,
        end=citation.end,
        quote=citation.quote,
        section=citation.section,
        speaker=citation.speaker,
        date=citation.date,
        role=citation.role,
        locator=citation.locator,
        sha256=citation.sha256,
    )


def _opened_passage(passage: PassageUse) -> Opened:
    return Opened(
        label=f"Passage {passage.n}",
        document=passage.document,
        path=passage.path,
        title=passage.title,
        start=passage.start,
        end=passage.end,
        quote=passage.text,
        section=passage.section,
        speaker=passage.speaker,
        date=passage.date,
        role=passage.role,
    )
