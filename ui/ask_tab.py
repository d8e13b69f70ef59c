"""The tab where questions are asked, wired: which click calls which handler."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ui import looks
from ui.conversation import Session
from ui.handlers import Handlers
from ui.parts import LONG, QUICK, html
from ui.quiet_gradio import gr


@dataclass(frozen=True, slots=True)
class Talk:
    """The parts of the tab that more than one click changes."""

    words: Any
    talks: Any
    past: Any
    live: Any
    notice: Any
    reading: Any
    box: Any


def ask_tab(handlers: Handlers, session: Any) -> Talk:
    """Build it; returns its parts."""
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="rail"):
            new = gr.Button("New conversation", size="sm", elem_id="clear")
            words = gr.Textbox(
                label="Search conversations",
                placeholder="Search conversations",
                show_label=False,
                container=False,
                max_lines=1,
                elem_id="talk-words",
                html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
            )
            talks = html("", "talks")
        with gr.Column(elem_id="talk"):
            past = html("", "past")
            live = html(handlers.welcome(), "live")
            notice = html("", "notice")
            with gr.Row(elem_id="composer"):
                box = gr.Textbox(
                    label="Your question",
                    placeholder="Ask your documents…",
                    show_label=False,
                    container=False,
                    max_lines=6,
                    autofocus=True,
                    elem_id="question-box",
                    html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
                )
                send = gr.Button("Ask", variant="primary", elem_id="send")
                stop = gr.Button("Stop", elem_id="stop")
            with gr.Row(elem_id="under-composer"):
                rail = gr.Button("Conversations", size="sm", elem_id="rail-toggle")
                brief = gr.Button("Brief on this topic", size="sm", elem_id="brief")
                save = gr.Button("Save with proof", size="sm", elem_id="save")
        with gr.Column(elem_id="side"):
            reading = html(handlers.closed(), "reading")
    parts = Talk(words, talks, past, live, notice, reading, box)
    _ask(handlers, session, parts, send, stop)
    _briefs(handlers, session, parts, brief)
    _why(handlers, session, parts)
    _talks(handlers, session, parts, new)
    _judge(handlers, session, parts)
    content, name = gr.Textbox(visible=False), gr.Textbox(visible=False)
    kept = save.click(handlers.proof_file, session, [content, name], **QUICK)
    kept.then(None, [content, name], None, js=looks.saving_as(), **QUICK)
    rail.click(None, None, None, js=looks.toggling_rail(), **QUICK)
    return parts


def _ask(handlers: Handlers, session: Any, parts: Talk, send: Any, stop: Any) -> None:
    """Questions and their footnotes."""

    def ask(message: str, session: Session) -> Iterator[tuple[Any, ...]]:
        yield from _changes(handlers.ask(message, session))

    def example(session: Session, event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        yield from ask(str(event._data.get("text", "")), session)

    def cite(session: Session, event: gr.EventData) -> str:
        return handlers.open(session, event._data)

    shown = [parts.box, parts.past, parts.live, session]
    asked = [gr.on([parts.box.submit, send.click], ask, [parts.box, session], shown, **LONG)]
    for conversation in (parts.past, parts.live):
        asked.append(conversation.example(example, session, shown, **LONG))
        conversation.cite(cite, session, parts.reading, **QUICK)
    for one in asked:
        one.then(handlers.talks, [parts.words, session], parts.talks, **QUICK)
    stop.click(handlers.stop, session, None, **QUICK)
    parts.reading.more(handlers.more, session, parts.reading, **QUICK)


def brief_clicks(handlers: Handlers, session: Any, parts: Talk, place: Any) -> None:
    """Answer clicks in a part of the page that ask for the brief of a document."""

    def document(session: Session, event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        yield from _changes(handlers.brief_of(event._data.get("document"), session))

    shown = [parts.box, parts.past, parts.live, session]
    asked = place.brief(document, session, shown, **LONG)
    asked.then(handlers.talks, [parts.words, session], parts.talks, **QUICK)


def _briefs(handlers: Handlers, session: Any, parts: Talk, brief: Any) -> None:
    """Briefs on what stands in the box, and of the document that is open."""

    def topic(message: str, session: Session) -> Iterator[tuple[Any, ...]]:
        yield from _changes(handlers.ask(message, session, task="topic"))

    def save(session: Session, event: gr.EventData) -> tuple[str, str]:
        return handlers.brief_file(event._data, session)

    shown = [parts.box, parts.past, parts.live, session]
    asked = brief.click(topic, [parts.box, session], shown, **LONG)
    asked.then(handlers.talks, [parts.words, session], parts.talks, **QUICK)
    brief_clicks(handlers, session, parts, parts.reading)
    content, name = gr.Textbox(visible=False), gr.Textbox(visible=False)
    for conversation in (parts.past, parts.live):
        saved = conversation.markdown(save, session, [content, name], **QUICK)
        saved.then(None, [content, name], None, js=looks.saving_as(), **QUICK)


def _why(handlers: Handlers, session: Any, parts: Talk) -> None:
    """The drawer that says why, and its file."""

    def why(session: Session, event: gr.EventData) -> str:
        return handlers.why(event._data, session)

    for conversation in (parts.past, parts.live):
        conversation.why(why, session, parts.reading, **QUICK)
    content, name = gr.Textbox(visible=False), gr.Textbox(visible=False)
    saved = parts.reading.trace(handlers.trace_file, session, [content, name], **QUICK)
    saved.then(None, [content, name], None, js=looks.saving_as(), **QUICK)


def _changes(turns: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for changes in turns:
        yield tuple(gr.skip() if change is None else change for change in changes)


def _talks(handlers: Handlers, session: Any, parts: Talk, new: Any) -> None:
    """Kept conversations."""

    def resume(session: Session, event: gr.EventData) -> tuple[str, str, str, Session]:
        return handlers.resume(event._data.get("talk"), session)

    def rename(words: str, session: Session, event: gr.EventData) -> str:
        return handlers.rename(event._data, words, session)

    def delete(words: str, session: Session, event: gr.EventData) -> tuple[str, str, str, Session]:
        return handlers.delete(event._data, words, session)

    listed = [parts.words, session]
    shown = [parts.past, parts.live, parts.reading, session]
    parts.words.input(handlers.talks, listed, parts.talks, **QUICK)
    opened = parts.talks.talk(resume, session, shown, **QUICK)
    cleared = new.click(handlers.clear, session, shown, **QUICK)
    for one in (opened, cleared):
        one.then(handlers.talks, listed, parts.talks, **QUICK)
    parts.talks.rename(rename, listed, parts.talks, **QUICK)
    parts.talks.forget(delete, listed, [parts.talks, parts.past, parts.live, session], **QUICK)


def _judge(handlers: Handlers, session: Any, parts: Talk) -> None:
    """What a person thinks of an answer."""

    def rate(session: Session, event: gr.EventData) -> tuple[str, str, str]:
        return handlers.rate(event._data, session)

    def keep(session: Session, event: gr.EventData) -> tuple[str, str, str]:
        return handlers.keep(event._data, session)

    for conversation in (parts.past, parts.live):
        conversation.rate(rate, session, [parts.past, parts.live, parts.notice], **QUICK)
        conversation.keep(keep, session, [parts.past, parts.live, parts.notice], **QUICK)
