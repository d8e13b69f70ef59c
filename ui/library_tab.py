"""The tab with the library, wired: which click calls which handler."""

from collections.abc import Iterator
from typing import Any

from ui.handlers import Handlers
from ui.library_handlers import LibraryHandlers
from ui.parts import LONG, QUICK, html
from ui.quiet_gradio import gr


def library_tab(talk: Handlers, session: Any, tab: Any, live: Any) -> None:
    """Build it; `live` is the newest turn or the welcome, which changes with the library."""
    handlers = LibraryHandlers(talk.pipeline)
    with gr.Column(elem_id="library"):
        drop = gr.File(label="Add documents", file_count="multiple", elem_id="drop", height=150)
        status = html(handlers.hint(), "library-status")
        table = html("", "shelf")

    def upload(paths: list[str]) -> Iterator[tuple[str, Any]]:
        for words, rows in handlers.upload(paths):
            yield words, gr.skip() if rows is None else rows

    def remove(event: gr.EventData) -> tuple[str, str]:
        return handlers.remove(event._data)

    def leaf(event: gr.EventData) -> str:
        return handlers.shelf(event._data.get("page"))

    added = drop.upload(upload, drop, [status, table], concurrency_limit=1, **LONG)
    added.then(lambda: None, None, drop, **QUICK).then(talk.live, session, live, **QUICK)
    removed = table.remove(remove, None, [status, table], **QUICK)
    removed.then(talk.live, session, live, **QUICK)
    table.turn(leaf, None, table, **QUICK)
    tab.select(handlers.shelf, None, table, **QUICK)
