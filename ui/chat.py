"""The web page, wired: which click calls which handler. Nothing is decided here."""

import asyncio
import threading
import webbrowser
from collections.abc import Iterator, Sequence
from typing import Any

from starlette.middleware import Middleware

from ui import looks
from ui.conversation import Session
from ui.guard import LOOPBACK, Guard
from ui.handlers import Handlers
from ui.protocols import Pipeline
from ui.quiet_gradio import gr
from ui.serving import (
    PageError,
    choose_port,
    environment,
    temporary_folder,
    terminable,
    without_proxy,
)

_BRAND = (
    '<div class="brand"><h1>Footnote</h1>'
    "<p>Answers from your documents, with the passage that proves them.</p></div>"
)
# Handlers that are called by this page alone, and answer at once beside a long answer.
_QUICK: dict[str, Any] = {
    "queue": False,
    "show_progress": "hidden",
    "api_visibility": "private",
}
_LONG: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def serve(
    pipeline: Pipeline,
    *,
    host: str = LOOPBACK[0],
    port: int | None = None,
    open_browser: bool = True,
    examples: Sequence[str] = (),
    ready: threading.Event | None = None,
    ended: threading.Event | None = None,
) -> None:
    """Serve the page until interrupted or terminated; prints its address as a line.

    Args:
        pipeline: who answers.
        host: a loopback address.
        port: None takes the first free one from 7860 on.
        open_browser: whether the address is opened in the browser.
        examples: questions offered before the first one.
        ready: set when the page can be opened.
        ended: ends the server when set; for tests.

    Raises:
        PageError: the port is taken, or the host is not this machine.
    """
    chosen = choose_port(host, port)
    end = ended or threading.Event()
    with (
        terminable(),
        temporary_folder(pipeline.library.folder) as folder,
        environment(GRADIO_TEMP_DIR=str(folder), GRADIO_ALLOWED_PATHS="", **without_proxy()),
    ):
        try:
            app, address = asyncio.run(_start(pipeline, examples, host, chosen))
        except OSError as error:
            raise PageError(
                f"The page could not listen on port {chosen}: {error}. Name another with --port."
            ) from error
        try:
            print(f"Footnote is at {address}", flush=True)
            if open_browser:
                webbrowser.open(address)
            if ready is not None:
                ready.set()
            end.wait()
        except KeyboardInterrupt:
            pass
        finally:
            app.close(verbose=False)


async def _start(
    pipeline: Pipeline, examples: Sequence[str], host: str, port: int
) -> tuple[Any, str]:
    # Not that anything is awaited: without a running loop Gradio makes several and closes none.
    app = build_app(pipeline, examples=examples)
    _, address, _ = app.launch(**launch_options(host, port))
    return app, address


def launch_options(host: str, port: int) -> dict[str, Any]:
    """How the server is started: quiet, for this machine, with the project's own looks."""
    return {
        "server_name": host,
        "server_port": port,
        "prevent_thread_lock": True,
        "quiet": True,
        "share": False,
        "root_path": "",
        "inbrowser": False,
        "ssr_mode": False,
        "num_workers": 0,
        "pwa": False,
        "mcp_server": False,
        "enable_monitoring": False,
        "run_history": False,
        "footer_links": [],
        "show_error": False,
        "favicon_path": looks.icon(),
        "theme": looks.theme(),
        "css": looks.style(),
        "app_kwargs": {"middleware": [Middleware(Guard)], "docs_url": None, "redoc_url": None},
    }


def build_app(pipeline: Pipeline, *, examples: Sequence[str] = ()) -> Any:
    """The page as `gr.Blocks`, not launched."""
    handlers = Handlers(pipeline, examples)
    with gr.Blocks(analytics_enabled=False, title="Footnote", fill_width=True) as app:
        session = gr.State(Session(), delete_callback=Session.stop)
        _html(_BRAND, "brand")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Ask", id="ask", elem_id="ask-tab"):
                live = _ask_tab(handlers, session)
            with gr.Tab("Library", id="library", elem_id="library-tab") as tab:
                _library_tab(handlers, session, tab, live)
        app.load(handlers.live, session, live, **_QUICK)
    app.queue(default_concurrency_limit=8)
    return app


def _ask_tab(handlers: Handlers, session: Any) -> Any:
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="talk"):
            past = _html("", "past")
            live = _html(handlers.welcome(), "live")
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
                clear = gr.Button("New conversation", size="sm", elem_id="clear")
                save = gr.Button("Save with proof", size="sm", elem_id="save")
            proof = gr.Textbox(visible=False)
        with gr.Column(elem_id="side"):
            reading = _html(handlers.closed(), "reading")

    def example(session: Session, event: gr.EventData) -> tuple[str, str, str, Session]:
        return handlers.begin(str(event._data.get("text", "")), session)

    def cite(session: Session, event: gr.EventData) -> str:
        return handlers.open(session, event._data)

    shown = [box, past, live, session]
    begun = gr.on([box.submit, send.click], handlers.begin, [box, session], shown, **_QUICK)
    begun.then(handlers.stream, session, live, **_LONG)
    offered = live.example(example, session, shown, **_QUICK)
    offered.then(handlers.stream, session, live, **_LONG)
    stop.click(handlers.stop, session, None, **_QUICK)
    clear.click(handlers.clear, session, [past, live, reading, session], **_QUICK)
    kept = save.click(handlers.proof, session, proof, **_QUICK)
    kept.then(None, proof, None, js=looks.saving(), **_QUICK)
    for conversation in (past, live):
        conversation.cite(cite, session, reading, **_QUICK)
    reading.more(handlers.more, session, reading, **_QUICK)
    return live


def _library_tab(handlers: Handlers, session: Any, tab: Any, live: Any) -> None:
    with gr.Column(elem_id="library"):
        drop = gr.File(label="Add documents", file_count="multiple", elem_id="drop", height=150)
        status = _html(handlers.hint(), "library-status")
        table = _html("", "shelf")

    def upload(paths: list[str]) -> Iterator[tuple[str, Any]]:
        for words, rows in handlers.upload(paths):
            yield words, gr.skip() if rows is None else rows

    def remove(event: gr.EventData) -> tuple[str, str]:
        return handlers.remove(event._data)

    def leaf(event: gr.EventData) -> str:
        return handlers.shelf(event._data.get("page"))

    added = drop.upload(upload, drop, [status, table], concurrency_limit=1, **_LONG)
    added.then(lambda: None, None, drop, **_QUICK).then(handlers.live, session, live, **_QUICK)
    removed = table.remove(remove, None, [status, table], **_QUICK)
    removed.then(handlers.live, session, live, **_QUICK)
    table.turn(leaf, None, table, **_QUICK)
    tab.select(handlers.shelf, None, table, **_QUICK)


def _html(value: str, elem_id: str) -> Any:
    return gr.HTML(value, elem_id=elem_id, js_on_load=looks.script(), apply_default_css=False)
