"""The web page, wired: which click calls which handler. Nothing is decided here."""

import asyncio
import threading
import webbrowser
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware

from ui import looks
from ui.ask_tab import ask_tab
from ui.asking import Asking, Sessions
from ui.conversation import Session
from ui.evaluate_tab import evaluate_tab
from ui.guard import LOOPBACK, Guard
from ui.handlers import Handlers
from ui.keeper import keeping
from ui.library_tab import library_tab
from ui.markup import el
from ui.models_tab import models_tab
from ui.opening import BRAND, Opening, opening_html
from ui.parts import html
from ui.preloading import Preload, default_memory
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
    settings = getattr(pipeline, "settings", None)
    keep = settings is None or settings.keep_conversations
    handlers = Handlers(pipeline, examples, keep=keep)
    with (
        closing(handlers),
        terminable(),
        temporary_folder(pipeline.library.folder) as folder,
        keeping(pipeline.library),
        environment(GRADIO_TEMP_DIR=str(folder), GRADIO_ALLOWED_PATHS="", **without_proxy()),
    ):
        try:
            app, address = asyncio.run(_start(handlers, host, chosen))
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


async def _start(handlers: Handlers, host: str, port: int) -> tuple[Any, str]:
    # Not that anything is awaited: without a running loop Gradio makes several and closes none.
    sessions = Sessions()
    app = build_app(handlers, sessions)
    kinds = [block.get_block_name() for block in app.blocks.values()]
    memory = default_memory(kinds)
    _, address, _ = app.launch(**launch_options(handlers, sessions, memory, host, port))
    return app, address


def launch_options(
    handlers: Handlers, sessions: Sessions, memory: Path, host: str, port: int
) -> dict[str, Any]:
    """How the server is started: quiet, for this machine, with the project's own looks."""
    middleware = [
        Middleware(Guard),
        Middleware(Asking, handlers=handlers, sessions=sessions),
        Middleware(Preload, memory=memory),
        Middleware(Opening, body=lambda: opening_html(handlers.welcome(), handlers.closed())),
    ]
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
        "app_kwargs": {
            "middleware": middleware,
            "docs_url": None,
            "redoc_url": None,
        },
    }


def build_app(handlers: Handlers, sessions: Sessions) -> Any:
    """The page as `gr.Blocks`, not launched."""
    with gr.Blocks(analytics_enabled=False, title="Footnote", fill_width=True) as app:
        session = gr.State(Session(), delete_callback=Session.stop)
        html(el("div", BRAND, class_="brand"), "brand")
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Ask", id="ask", elem_id="ask-tab"):
                talk = ask_tab(handlers, session, sessions)
            with gr.Tab("Library", id="library", elem_id="library-tab") as tab:
                library_tab(handlers, session, tab, talk.live)
            with gr.Tab("Evaluate", id="evaluate", elem_id="evaluate-tab") as measuring:
                evaluate_tab(handlers, measuring, talk.file)
            with gr.Tab("Models", id="models", elem_id="models-tab") as choosing:
                models_tab(handlers.pipeline, choosing)
    return app
