"""Tells the browser at once what the page will need, so that it does not find out piece by piece.

Gradio's page loads some sixty small files, most of them only after the first ones have run and ask for more.
Which they are depends on the parts a page has and on Gradio's version, so they are learned from the
first time a page is opened and remembered; from then on the page's own response names them in its Link
header (https://html.spec.whatwg.org/multipage/links.html#link-type-modulepreload).
"""

import json
import logging
import time
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from zlib import crc32

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.cache import model_cache_dir

_log = logging.getLogger(__name__)

_FOLDER = "/assets/"
_KINDS = {".js": "rel=modulepreload", ".css": "rel=preload; as=style; crossorigin"}
# What is asked for later belongs to something that a person opened.
_OPENING_S = 10.0
_MOST = 100


def default_memory(kinds: Iterable[str]) -> Path:
    """Where it is remembered: one file for each version of Gradio, and for each choice of its parts.

    Args:
        kinds: names of the parts that the page is made of.
    """
    mark = crc32(" ".join(sorted(set(kinds))).encode())
    return model_cache_dir() / f"page-files-{version('gradio')}-{mark:08x}.json"


class Preload:
    """ASGI middleware.

    Args:
        app: the page's server.
        memory: where what was learned is kept; it can be deleted at any time.
    """

    def __init__(self, app: ASGIApp, memory: Path) -> None:
        self._app = app
        self._memory = memory
        self._files: dict[str, None] = dict.fromkeys(_read(memory))
        self._n_kept = len(self._files)
        self._opened = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Learn from what is asked for; name it where the page itself is asked for."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"])
        if path != "/":
            self._learn(path)
            await self._app(scope, receive, send)
            return
        self._keep()
        self._opened = time.monotonic()
        links = ", ".join(f"<{name}>; {_KINDS[Path(name).suffix]}" for name in self._files)

        async def send_linked(message: Message) -> None:
            if message["type"] == "http.response.start" and links:
                message["headers"] = [*message.get("headers", ()), (b"link", links.encode())]
            await send(message)

        await self._app(scope, receive, send_linked)

    def _learn(self, path: str) -> None:
        name = path.removeprefix(_FOLDER)
        known = path == name or Path(name).suffix not in _KINDS or path in self._files
        plain = _is_plain(name)
        late = time.monotonic() - self._opened > _OPENING_S
        if not known and plain and not late and len(self._files) < _MOST:
            self._files[path] = None

    def _keep(self) -> None:
        if len(self._files) == self._n_kept:
            return
        self._n_kept = len(self._files)
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            self._memory.write_text(json.dumps(list(self._files)), encoding="utf-8")
        except OSError as error:
            _log.info("%s could not be written: %s", self._memory, error)


def _read(memory: Path) -> list[str]:
    """What was learned; nothing where there is no such file or it holds something else."""
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if not isinstance(found, list):
        return []
    return [
        name
        for name in found[:_MOST]
        if isinstance(name, str)
        and name.startswith(_FOLDER)
        and Path(name).suffix in _KINDS
        and _is_plain(name.removeprefix(_FOLDER))
    ]


def _is_plain(name: str) -> bool:
    """Whether a name can stand in a header as it is."""
    return name.isascii() and all(c.isalnum() or c in "-_." for c in name)
