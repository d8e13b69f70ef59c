"""The tab where questions are asked, wired: which click calls which handler."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ui.ask_html import composer_html, rail_html, under_composer_html
from ui.asking import Sessions
from ui.conversation import Session
from ui.handlers import Handlers
from ui.parts import QUICK, changes, html, sent
from ui.pieces import failure_html
from ui.quiet_gradio import gr

_log = logging.getLogger(__name__)
_UNEXPECTED = (
    "Something went wrong inside Footnote; the terminal it runs in shows what. Load the page again."
)


@dataclass(frozen=True, slots=True)
class Talk:
    """The parts of the tab that clicks change."""

    past: Any
    live: Any
    talks: Any
    notice: Any
    reading: Any
    file: Any


def ask_tab(handlers: Handlers, session: Any, sessions: Sessions) -> Talk:
    """Build it; returns its parts.

    Questions and briefs are answered by `ui.asking`, which finds the tab's session among `sessions`.
    """
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="rail"):
            rail = html(rail_html(), "rail-head")
            talks = html("", "talks")
        with gr.Column(elem_id="talk"):
            past = html("", "past")
            live = html(handlers.welcome(), "live")
            notice = html("", "notice")
            composer = html(composer_html(), "composer")
            under = html(under_composer_html(), "under-composer")
        with gr.Column(elem_id="side"):
            reading = html(handlers.closed(), "reading")
            file = html("", "file")
    parts = Talk(past, live, talks, notice, reading, file)
    _read(handlers, session, parts)
    _talks(handlers, session, sessions, parts, rail)
    _judge(handlers, session, parts)
    composer.stop(handlers.stop, session, None, **QUICK)
    under.proof(handlers.proof_file, session, file, **QUICK)
    return parts


def _read(handlers: Handlers, session: Any, parts: Talk) -> None:
    """Footnotes opened, and why an answer is what it is; files of both."""
    for conversation in (parts.past, parts.live):
        _click(conversation.cite, handlers.open, session, parts.reading)
        _click(conversation.why, handlers.why, session, parts.reading)
        _click(conversation.markdown, handlers.brief_file, session, parts.file)
    parts.reading.more(handlers.more, session, parts.reading, **QUICK)
    parts.reading.trace(handlers.trace_file, session, parts.file, **QUICK)


def _talks(handlers: Handlers, session: Any, sessions: Sessions, parts: Talk, rail: Any) -> None:
    """Kept conversations."""
    shown = [parts.past, parts.live, parts.reading, parts.talks]

    def resume(click: Mapping[str, Any], session: Session) -> tuple[Any, ...]:
        sessions.keep(click.get("key"), session)
        # Given back as it is: an hour after a tab was closed, Gradio lets go what was once given to it.
        try:
            return *handlers.resume(click.get("talk"), session), session
        except Exception:
            _log.exception("the page could not be filled")
            return None, None, None, failure_html(_UNEXPECTED), session

    def search(click: Mapping[str, Any], session: Session) -> str:
        return handlers.search(click.get("text"), session)

    def renew(session: Session) -> Any:
        welcome = handlers.renewed(session)
        return gr.skip() if welcome is None else welcome

    # A tab that is loaded again goes on with the conversation it showed.
    for listen in (parts.live.resume, parts.talks.talk):
        _click(listen, resume, session, [*shown, session])
    _click(rail.search, search, session, parts.talks, trigger_mode="always_last")
    parts.live.renew(renew, session, parts.live, **QUICK)
    rail.anew(handlers.clear, session, shown, **QUICK)
    _click(parts.talks.rename, handlers.rename, session, parts.talks)
    _click(parts.talks.forget, handlers.delete, session, shown)


def _judge(handlers: Handlers, session: Any, parts: Talk) -> None:
    """What a person thinks of an answer."""
    shown = [parts.past, parts.live, parts.notice]
    for conversation in (parts.past, parts.live):
        _click(conversation.rate, handlers.rate, session, shown)
        _click(conversation.keep, handlers.keep, session, shown)


def _click(
    listen: Callable[..., Any], act: Callable[..., Any], session: Any, shown: Any, **how: Any
) -> None:
    """What the browser says of a click goes to a handler, with the tab's session."""

    def clicked(session: Session, event: gr.EventData) -> Any:
        made = act(sent(event), session)
        return changes(made) if isinstance(made, tuple) else made

    listen(clicked, session, shown, **{**QUICK, **how})
