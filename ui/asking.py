"""Questions from the page and their answers as they grow, in one streamed response.

Gradio's queue takes three requests for it, and twice the time; all else that is clicked goes through Gradio.
"""

import json
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from weakref import WeakValueDictionary

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.conversation import Session
from ui.handlers import Asked, Handlers

PATH = "/footnote/ask"
# Far more than a question has; what was pasted by mistake is told before it is taken up.
_LONGEST = 1_000_000
_TOO_LONG = (
    "This is longer than a question can be. Shorten it; a long text can be added to the library."
)
_SHORTEST_KEY = 16
_CLOSING_S = 30.0
_PARTS = ("past", "live", "talks")


class Sessions:
    """Which browser tab holds which session, by a random key that the tab has chosen."""

    def __init__(self) -> None:
        # A session lives as long as Gradio keeps the state of its tab.
        self._sessions: WeakValueDictionary[str, Session] = WeakValueDictionary()

    def keep(self, key: object, session: Session) -> None:
        """Remember a session; a key that could be guessed is not taken."""
        if isinstance(key, str) and len(key) >= _SHORTEST_KEY:
            self._sessions[key] = session

    def find(self, key: object) -> Session | None:
        """The session with this key."""
        return self._sessions.get(key) if isinstance(key, str) else None


class Asking:
    """ASGI middleware that answers POST to `PATH`.

    The body is a JSON object: `key` of the session, `task` ("ask", "topic" or "document"), and the question
    or topic as `text`, or the `document`'s number. The response is a line of JSON for each change: an object
    with new HTML for "past", "live" or "talks". Nothing comes where the question cannot be taken up now.
    When the browser goes away, the answer is stopped.

    Args:
        app: the page's server.
        handlers: answers.
        sessions: of the browser tabs.
    """

    def __init__(self, app: ASGIApp, handlers: Handlers, sessions: Sessions) -> None:
        self._app = app
        self._handlers = handlers
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a question; everything else goes through."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        try:
            response = await self._respond(Request(scope, receive))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        asked = await _read(request)
        if asked is None:
            return PlainTextResponse(_TOO_LONG, status_code=413)
        session = self._sessions.find(asked.get("key"))
        if session is None:
            return PlainTextResponse("This page is not known; load it again.\n", status_code=404)
        changes = self._changes(asked, session)
        lines = _streamed(changes, session)
        return StreamingResponse(lines, media_type="application/x-ndjson")

    def _changes(self, asked: Mapping[str, Any], session: Session) -> Iterator[Asked]:
        text = str(asked.get("text") or "")
        if asked.get("task") == "document":
            return self._handlers.brief_of(asked.get("document"), session)
        return self._handlers.ask(
            text, session, task="topic" if asked.get("task") == "topic" else "ask"
        )


async def _read(request: Request) -> dict[str, Any] | None:
    """What was sent; nothing where it is no JSON object, None where it is longer than any question."""
    if request.method != "POST":
        return {}
    received = bytearray()
    n_bytes = 0
    async for piece in request.stream():
        n_bytes += len(piece)
        # Read to its end all the same: a browser hears nothing while it still sends.
        if n_bytes <= _LONGEST:
            received += piece
    if n_bytes > _LONGEST:
        return None
    try:
        asked = json.loads(received)
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}


async def _streamed(changes: Iterator[Asked], session: Session) -> AsyncIterator[bytes]:
    """The changes as lines, made in other threads."""
    stopped: threading.Event | None = None
    try:
        while (change := await _next(changes)) is not None:
            # This answer's own, which another question or conversation does not share.
            stopped = stopped or session.stopped
            parts = {
                name: html for name, html in zip(_PARTS, change, strict=True) if html is not None
            }
            yield json.dumps(parts).encode() + b"\n"
    except anyio.get_cancelled_exc_class():
        # The thread may be within a step that takes minutes; told to stop, it comes back at once.
        (stopped or session.stopped).set()
        threading.Thread(target=_close, args=(changes,), daemon=True).start()
        raise


async def _next(changes: Iterator[Asked]) -> Asked | None:
    return await anyio.to_thread.run_sync(next, changes, None, abandon_on_cancel=True)


def _close(changes: Iterator[Asked]) -> None:
    """Close a generator that may still be at work in another thread."""
    close = getattr(changes, "close", None)
    ends = time.monotonic() + _CLOSING_S
    while close is not None and time.monotonic() < ends:
        try:
            close()
        except ValueError:
            time.sleep(0.05)
        else:
            return
