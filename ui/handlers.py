"""What the page does when something is clicked; plain values in, HTML out, no Gradio.

One `Handlers` serves all browsers; what belongs to one tab is in its `Session`.
"""

import itertools
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from eval.keeping import keep_case, kept_set
from models.errors import FootnoteError
from rag.brief import as_answer
from rag.conversations import Conversations
from rag.kept_turns import Rating
from rag.proof import brief_proof, proof
from rag.trace_file import trace_text
from rag.types import Answer
from ui import desk
from ui.conversation import Session
from ui.desk import Suggester
from ui.feedback_html import REASONS
from ui.html import turn_html, turns_html, welcome_html
from ui.markup import Markup, el
from ui.opened import Opened
from ui.pieces import failure_html, message_html
from ui.protocols import Pipeline
from ui.reading import closed_html, opened_html
from ui.saving import file_html
from ui.talks_html import SHOWN, talks_html
from ui.turns import Task, Turn
from ui.why_html import why_drawer

_log = logging.getLogger(__name__)

# Earlier turns, the newest one, the list of conversations; None for what stays as it is.
Asked = tuple[str | None, str | None, str | None]


class Handlers:
    """Answers the page's events.

    Args:
        pipeline: who answers questions, with the library.
        examples: questions offered before the first one.
        keep: whether conversations are kept in the library's folder.
    """

    def __init__(
        self, pipeline: Pipeline, examples: Sequence[str] = (), *, keep: bool = True
    ) -> None:
        self.pipeline = pipeline
        self._examples = tuple(examples)
        self._kept = Conversations(pipeline.library.folder) if keep else None
        self._suggester = Suggester(pipeline)
        self._openings = itertools.count(1)

    @property
    def _store(self) -> Any:
        return self.pipeline.library.store

    # -- conversation -------------------------------------------------------------------------

    def close(self) -> None:
        """End what runs beside; call it when the page is no longer served."""
        self._suggester.close()
        if self._kept is not None:
            self._kept.close()

    def kept_quiet(self) -> AbstractContextManager[None]:
        """Nothing is looked for in the background meanwhile."""
        return self._suggester.kept_quiet()

    def ask(
        self,
        message: str,
        session: Session,
        *,
        task: Task = "ask",
        document: int | None = None,
    ) -> Iterator[Asked]:
        """Take up a question or a brief: earlier turns, the new turn as it grows, the list of conversations.

        None stands for what does not change. Nothing comes where it cannot be taken up now.
        """
        with self.kept_quiet():
            past = self.begin(message, session, task=task, document=document)
            if past is None:
                return
            for live in self.stream(session):
                yield past, live, None
                past = None
            yield None, None, self.talks(session)

    def brief_of(self, document: object, session: Session) -> Iterator[Asked]:
        """The brief of a document; as `ask`."""
        found = self._store.document(document) if type(document) is int else None
        if found is not None:
            yield from self.ask(found.title, session, task="document", document=found.id)

    def begin(
        self,
        message: str,
        session: Session,
        *,
        task: Task = "ask",
        document: int | None = None,
    ) -> str | None:
        """Take up a question: the earlier turns; None where it cannot be taken up now."""
        if not session.begin(message, self._kept, task=task, document=document):
            return None
        try:
            return turns_html(session.turns[:-1])
        except BaseException:
            session.give_up()
            raise

    def stream(self, session: Session) -> Iterator[str]:
        """The new turn as it grows, at last with questions to go on with."""
        turn = None
        for turn in session.stream(self.pipeline, self._kept):
            yield self._drawn(turn_html(turn), session)
        if turn is None or turn.answer is None or turn not in session.turns:
            return
        questions = desk.onward(self.pipeline, turn.answer)
        if questions and session.turns[-1:] == [turn]:
            session.turns[-1] = replace(turn, onward=questions)
            yield self._drawn(turn_html(session.turns[-1]), session)

    def stop(self, session: Session) -> None:
        """Stop the answer that is being given."""
        session.stop()

    def clear(self, session: Session) -> tuple[str, str, str, str]:
        """A new conversation: earlier turns, welcome, reading column, list of conversations."""
        session.clear()
        return *self.shown(session), self.closed(), self.talks(session)

    def proof_file(self, session: Session) -> str:
        """The file in which the conversation, briefs too, proves itself."""
        answers = [answer for turn in session.turns if (answer := _answer(turn)) is not None]
        return file_html(proof(answers, ".html"), "footnote-proof.html")

    def welcome(self) -> Markup:
        """What stands where the conversation will be."""
        self._suggester.begin()
        return welcome_html(
            self._store.count("documents"), self._examples or self._suggester.questions()
        )

    def renewed(self, session: Session) -> str | None:
        """The welcome with the questions found meanwhile; None where nothing changes."""
        if session.turns:
            return None
        welcome = self.welcome()
        if welcome == session.welcomed:
            return None
        session.welcomed = welcome
        return self._drawn(welcome, session)

    def live(self, session: Session) -> str:
        """The newest turn, or the welcome; for when the library has changed."""
        return self.shown(session)[1]

    def shown(self, session: Session) -> tuple[str, str]:
        """Earlier turns, and the newest one or the welcome."""
        if not session.turns:
            return "", self._drawn(self.welcome(), session)
        past, live = turns_html(session.turns[:-1]), turn_html(session.turns[-1])
        return past, self._drawn(live, session)

    def _drawn(self, newest: Markup, session: Session) -> Markup:
        """The newest turn or the welcome, numbered: what comes late is not to be drawn over what is newer.

        The browser tab remembers which conversation it belongs to.
        """
        return el(
            "div",
            newest,
            class_="conversation",
            data_draw=next(self._openings),
            data_conversation=session.conversation,
        )

    # -- kept conversations -------------------------------------------------------------------

    def search(self, words: object, session: Session) -> str:
        """The list of conversations that hold these words."""
        session.words = str(words or "")
        return self.talks(session)

    def talks(self, session: Session) -> str:
        """The list of conversations that hold the words searched for, or of all."""
        if self._kept is None:
            return el("p", "Conversations are not kept (keep_conversations).", class_="placeholder")
        try:
            found = self._kept.listed(session.words, limit=SHOWN + 1)
        except FootnoteError as error:
            return failure_html(str(error))
        return talks_html(
            found[:SHOWN],
            current=session.conversation,
            words=session.words,
            more=len(found) > SHOWN,
        )

    def resume(self, conversation: object, session: Session) -> tuple[str, str, str, str]:
        """Open a kept conversation: earlier turns, the newest one, reading column, the list."""
        if self._kept is not None and str(conversation).isdecimal():
            try:
                session.resume(int(str(conversation)), self._kept, self._store)
            except FootnoteError:
                _log.exception("the conversation could not be opened")
        return *self.shown(session), self.closed(), self.talks(session)

    def rename(self, click: Mapping[str, Any], session: Session) -> str:
        """Give a conversation another name; the list."""
        talk = click.get("talk")
        if self._kept is not None and type(talk) is int:
            try:
                self._kept.rename(talk, str(click.get("title") or ""))
            except FootnoteError as error:
                return failure_html(str(error))
        return self.talks(session)

    def delete(
        self, click: Mapping[str, Any], session: Session
    ) -> tuple[str, str, str | None, str]:
        """Forget a conversation: earlier turns, the newest or the welcome, reading column, the list.

        None for a reading column that stays: what is open there belongs to another conversation.
        """
        talk, reading = click.get("talk"), None
        if self._kept is not None and type(talk) is int:
            try:
                self._kept.delete(talk)
            except FootnoteError as error:
                return *self.shown(session), None, failure_html(str(error))
            if session.conversation == talk:
                session.clear()
                reading = self.closed()
        return *self.shown(session), reading, self.talks(session)

    # -- what a person thinks of an answer ------------------------------------------------------

    def rate(self, click: Mapping[str, Any], session: Session) -> tuple[str, str, str]:
        """Keep a rating or its reason: earlier turns, the newest one, what went wrong."""
        turn = session.turn(click.get("turn"))
        if turn is not None and turn.answer is not None:
            rating, reason = turn.rating, turn.reason
            if click.get("reason") in REASONS:
                reason = "" if reason == click["reason"] else str(click["reason"])
            else:
                chosen: Rating | None = "up" if click.get("rating") == "up" else "down"
                rating, reason = (None if rating == chosen else chosen), ""
            if self._kept is not None and turn.kept_id is not None:
                try:
                    self._kept.rate(turn.kept_id, rating, reason)
                except FootnoteError as error:
                    return *self.shown(session), failure_html(str(error))
            session.turns[turn.number - 1] = replace(turn, rating=rating, reason=reason)
        return *self.shown(session), ""

    def keep(self, click: Mapping[str, Any], session: Session) -> tuple[str, str, str]:
        """Make a test case of an answer: earlier turns, the newest one, what happened."""
        turn = session.turn(click.get("turn"))
        if turn is None or turn.answer is None:
            return *self.shown(session), failure_html("This answer is no longer known; ask again.")
        if not click.get("unsaid") and not str(click.get("answer") or "").strip():
            words = "Write the right answer, or tick “The documents do not say”; nothing was kept."
            return *self.shown(session), failure_html(words)
        try:
            case = self._case(turn, click, session)
            if self._kept is not None and turn.kept_id is not None:
                self._kept.made_case(turn.kept_id, case)
        except FootnoteError as error:
            return *self.shown(session), failure_html(str(error))
        session.turns[turn.number - 1] = replace(turn, case_id=case)
        where = str(kept_set(self.pipeline.library.folder))
        return *self.shown(session), message_html("Kept in ", where, ". Run it: Evaluate.")

    def _case(self, turn: Turn, click: Mapping[str, Any], session: Session) -> str:
        words = "" if click.get("unsaid") else str(click.get("answer") or "")
        sentences = turn.answer.sentences if turn.answer and click.get("proven") else ()
        return keep_case(
            self.pipeline.library.folder,
            turn.question,
            history=session.before(turn),
            answers=[line for line in words.splitlines() if line.strip()],
            citations=[citation for sentence in sentences for citation in sentence.citations],
        )

    # -- reading column -----------------------------------------------------------------------

    def closed(self) -> Markup:
        """The reading column with nothing open."""
        return closed_html(self._store.count("documents"))

    def open(self, click: Mapping[str, Any], session: Session) -> str:
        """Open the footnote or passage that was clicked."""
        turn, n = click.get("turn"), click.get("n")
        if not isinstance(turn, int) or not isinstance(n, int):
            return self._show(None)
        return self._show(session.open(str(click.get("kind")), turn, n))

    def why(self, click: Mapping[str, Any], session: Session) -> str:
        """Why an answer is what it is."""
        turn = session.turn(click.get("turn"))
        trace = session.trace(turn) if turn is not None else None
        session.traced = trace
        return why_drawer(trace, opening=next(self._openings))

    def trace_file(self, session: Session) -> str:
        """The file with all that the answer came from."""
        if session.traced is None:
            return file_html("", "")
        return file_html(trace_text(session.traced), "footnote-trace.json")

    def brief_file(self, click: Mapping[str, Any], session: Session) -> str:
        """A brief as a file in Markdown that can be checked."""
        turn = session.turn(click.get("turn"))
        if turn is None or turn.brief is None:
            return file_html("", "")
        return file_html(brief_proof(turn.brief), "footnote-brief.md")

    def more(self, session: Session) -> str:
        """Show more of the open document."""
        return self._show(session.open_whole())

    def _show(self, opened: Opened | None) -> str:
        return opened_html(self._store, opened, opening=next(self._openings))


def _answer(turn: Turn) -> Answer | None:
    """What is proven in a turn."""
    if turn.brief is None:
        return turn.answer
    return replace(as_answer(turn.brief), question=f"Brief: {turn.brief.title}")
