"""What the browser shows before Gradio's own scripts have run: the same page, drawn by the server.

Gradio sends an empty page and draws it once its scripts are loaded, most of a second later. Put into that
page, this can be read and typed in at once. What is typed and clicked meanwhile is handed over to the page
itself (`assets/opening.js`), which takes its place without moving anything.
"""

import logging
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui import looks
from ui.ask_html import composer_html, rail_html, under_composer_html
from ui.markup import Markup, el, join

_log = logging.getLogger(__name__)

TABS = (("Ask", "ask"), ("Library", "library"), ("Evaluate", "evaluate"), ("Models", "models"))
BRAND = join(
    (
        el("h1", "Footnote"),
        el("p", "Answers from your documents, with the passage that proves them."),
    )
)


def opening_html(welcome: Markup, reading: Markup) -> Markup:
    """The page as it looks before a question, with the ids and classes that it has when Gradio draws it."""
    tabs = (
        el("button", name, type="button", role="tab", aria_selected=n == 0, data_tab=key)
        for n, (name, key) in enumerate(TABS)
    )
    talk = (
        _part(welcome, "live"),
        _part(composer_html(), "composer"),
        _part(under_composer_html(), "under-composer"),
    )
    desk = el(
        "div",
        el("div", _part(rail_html(), "rail-head"), _part(Markup(""), "talks"), id="rail"),
        el("div", *talk, id="talk"),
        el("div", _part(reading, "reading"), id="side"),
        id="desk",
    )
    main = el(
        "div",
        el("div", BRAND, class_="brand"),
        el("div", *tabs, class_="opening-tabs", role="tablist", aria_label="Parts of the page"),
        desk,
        class_="main",
    )
    return el("div", main, id="opening", class_="gradio-container")


def _part(content: Markup, ident: str) -> Markup:
    return el("div", el("div", el("div", content), class_="html-container"), id=ident)


class Opening:
    """ASGI middleware.

    Args:
        app: the page's server.
        body: makes what is shown first.
    """

    def __init__(self, app: ASGIApp, body: Callable[[], Markup]) -> None:
        self._app = app
        self._body = body
        self._head = looks.head().encode()
        self._script = looks.opening_script().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put it into the page; everything else goes through as it is."""
        if scope["type"] != "http" or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        started: Message = {}
        received = bytearray()

        async def send_opened(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
                return
            received.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            body = self._opened(bytes(received))
            kept = [header for header in started["headers"] if header[0] != b"content-length"]
            started["headers"] = [*kept, (b"content-length", str(len(body)).encode())]
            await send(started)
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, send_opened)

    def _opened(self, page: bytes) -> bytes:
        """The page with its looks, its scripts and what is shown first, where it has a place for them."""
        head, place, rest = page.partition(b"</head>")
        before, tag, after = rest.partition(b"<gradio-app")
        if not tag:
            return page
        try:
            opening = self._body().encode() + self._script
        except Exception:
            # Gradio's page comes as well, a moment later, and can say more.
            _log.exception("the page could not be drawn beforehand")
            return b"".join((head, self._head, place, rest))
        # While both are there, only one can be read and reached.
        hidden = b' inert aria-hidden="true"'
        return b"".join((head, self._head, place, before, opening, tag, hidden, after))
