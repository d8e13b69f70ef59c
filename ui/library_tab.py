"""The tab with the library, wired: which click calls which handler."""

from typing import Any

from ui import incoming, looks
from ui.handlers import Handlers
from ui.library_handlers import LibraryHandlers, parts_of
from ui.library_view import PARTS, Shown, View
from ui.parts import QUICK
from ui.quiet_gradio import gr

# A click that comes while one like it is being answered waits, or is dropped where the newest counts.
_TRIGGERS = {"find": "always_last", "dropped": "multiple", "turn": "always_last"}


def library_tab(talk: Handlers, session: Any, tab: Any, live: Any) -> None:
    """Build it.

    Args:
        talk: answers questions.
        session: of the browser tab.
        tab: what this is built in.
        live: the newest turn or the welcome, which changes with the library.
    """
    handlers = LibraryHandlers(talk.pipeline)
    view = gr.State(View())
    with gr.Column(elem_id="library"):
        parts = {"adding": _part(incoming.adding_html(), "adding")}
        for name in PARTS:
            parts[name] = _part("", _IDS.get(name, name))
    shown = [parts[name] for name in PARTS]

    def show(made: Shown) -> tuple[object, ...]:
        return parts_of(made, gr.skip())

    def opened(view: View) -> tuple[object, ...]:
        return show(handlers.opened(view))

    def tick(view: View, event: gr.EventData) -> tuple[object, ...]:
        return show(handlers.tick(view, event._data))

    def listen(part: str, event_name: str) -> None:
        def answer(view: View, event: gr.EventData) -> tuple[object, ...]:
            return show(handlers.acts[event_name](view, event._data))

        listener = getattr(parts[part], event_name)
        listener(answer, view, shown, trigger_mode=_TRIGGERS.get(event_name, "once"), **QUICK)

    for part, names in _EVENTS.items():
        for name in names:
            listen(part, name)
    parts["status"].tick(tick, view, shown, **QUICK)
    parts["shelf"].changed(talk.live, session, live, **QUICK)
    tab.select(opened, view, shown, **QUICK)


# What can be clicked where.
_EVENTS = {
    "adding": ("dropped",),
    "paste": ("pasted",),
    "status": ("again", "dismiss"),
    "watched": ("watch", "unwatch", "look", "find"),
    "news": ("seen",),
    "finder": ("find", "remove", "tag", "untag"),
    "shelf": ("find", "turn", "remove", "details"),
    "document": ("find", "remove", "tag", "untag", "rename", "details"),
}
_IDS = {"status": "library-status", "said": "library-said", "document": "library-document"}


def _part(value: str, elem_id: str) -> Any:
    return gr.HTML(
        value, elem_id=elem_id, js_on_load=looks.library_script(), apply_default_css=False
    )
