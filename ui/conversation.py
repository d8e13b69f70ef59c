"""A conversation as a browser tab shows it: its turns, and what is open.

Every turn is kept in the library's folder while it grows (`rag.conversations`). Knows nothing of Gradio and
nothing of HTML.
"""

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace

from index.store import Store
from models.errors import FootnoteError
from rag.conversations import Conversations
from rag.errors import ConversationError
from rag.recording import Recorder
from rag.trace import Trace
from ui import desk
from ui.opened import Opened, opened_citation, opened_passage
from ui.protocols import Pipeline
from ui.turns import Task, Turn, answer_stream, resumed

_log = logging.getLogger(__name__)


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
            resumed(number, turn, store, generation) for number, turn in enumerate(turns, start=1)
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
            self.opened = opened_citation(citation) if citation else None
        else:
            passage = shown.passage(n)
            self.opened = opened_passage(passage) if passage else None
        return self.opened

    def open_whole(self) -> Opened | None:
        """Ask for more of what is open."""
        self.opened = self.opened and replace(self.opened, whole=True)
        return self.opened


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
