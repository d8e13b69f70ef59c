"""What the page does when something is clicked; plain values in, HTML out, no Gradio.

One `Handlers` serves all browsers; what belongs to one tab is in its `Session`.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rag.proof import proof
from ui.conversation import Opened, Session
from ui.html import turn_html, turns_html, welcome_html
from ui.protocols import Pipeline
from ui.reading import closed_html, opened_html


class Handlers:
    """Answers the page's events.

    Args:
        pipeline: who answers questions, with the library.
        examples: questions offered before the first one.
    """

    def __init__(self, pipeline: Pipeline, examples: Sequence[str] = ()) -> None:
        self.pipeline = pipeline
        self._examples = tuple(examples)
        self._openings = itertools.count(1)

    @property
    def _store(self) -> Any:
        return self.pipeline.library.store

    # -- conversation -------------------------------------------------------------------------

    def begin(self, message: str, session: Session) -> tuple[str, str, str, Session]:
        """Take up a question: what stays in the box, earlier turns, the new turn, the session."""
        taken = session.begin(message or "")
        if not session.turns:
            return message, "", self.welcome(), session
        past, live = turns_html(session.turns[:-1]), turn_html(session.turns[-1])
        return "" if taken else message, past, live, session

    def stream(self, session: Session) -> Iterator[str]:
        """The new turn as it grows."""
        for turn in session.stream(self.pipeline):
            yield turn_html(turn)

    def stop(self, session: Session) -> None:
        """Stop the answer that is being given."""
        session.stop()

    def clear(self, session: Session) -> tuple[str, str, str, Session]:
        """A new conversation: earlier turns, welcome, reading column, the session."""
        session.clear()
        return "", self.welcome(), self.closed(), session

    def proof(self, session: Session) -> str:
        """The conversation as one HTML file that proves itself."""
        return proof([turn.answer for turn in session.turns if turn.answer is not None], ".html")

    def welcome(self) -> str:
        """What stands where the conversation will be."""
        return welcome_html(self._store.count("documents"), self._examples)

    def live(self, session: Session) -> str:
        """The newest turn, or the welcome; for when the library has changed."""
        return turn_html(session.turns[-1]) if session.turns else self.welcome()

    # -- reading column -----------------------------------------------------------------------

    def closed(self) -> str:
        """The reading column with nothing open."""
        return closed_html(self._store.count("documents"))

    def open(self, session: Session, click: Mapping[str, Any]) -> str:
        """Open the footnote or passage that was clicked."""
        turn, n = click.get("turn"), click.get("n")
        if not isinstance(turn, int) or not isinstance(n, int):
            return self._show(None)
        return self._show(session.open(str(click.get("kind")), turn, n))

    def more(self, session: Session) -> str:
        """Show more of the open document."""
        return self._show(session.open_whole())

    def _show(self, opened: Opened | None) -> str:
        return opened_html(self._store, opened, opening=next(self._openings))
