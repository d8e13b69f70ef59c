"""Every test has a home of its own, no network, and no settings of the person who runs it."""

import hashlib
import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from platformdirs import user_cache_dir

from models.threads import wait_patiently

# Read before HOME is changed. Tests marked slow share the converted starter, which takes seconds to
# make; everything in this folder is derived and verified by hash.
_MODEL_CACHE = os.environ.get("FOOTNOTE_CACHE") or user_cache_dir("footnote", appauthor=False)
_BROWSERS = Path.home() / ".cache" / "ms-playwright"
_FONT_CACHE = user_cache_dir("matplotlib", appauthor=False)
_KEPT = {"FOOTNOTE_CACHE", "FOOTNOTE_DATA", "FOOTNOTE_REQUIRE_ALL"}
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
# Libraries read these when they are imported, which may be while tests are collected.
# As the command line does it: tests share the cores with each other and with other work.
wait_patiently()
for _name in _OFFLINE:
    os.environ[_name] = "1"

_LOOPBACK = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "", None}
_homes = count()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Golden files are written anew on demand and reviewed as a difference."""
    parser.addoption("--update-golden", action="store_true", help="write golden files anew")


class NetworkBlockedError(RuntimeError):
    """A test tried to leave this machine."""


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home; nothing of the person's settings, libraries or caches is seen."""
    home = tmp_path_factory.getbasetemp() / f"home-{next(_homes)}"
    home.mkdir()
    for name in list(os.environ):
        if name.startswith(("FOOTNOTE_", "XDG_")) and name not in _KEPT:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / ".local" / "share"))
    monkeypatch.setenv("FOOTNOTE_CACHE", _MODEL_CACHE)
    if "MPLCONFIGDIR" not in os.environ:
        monkeypatch.setenv("MPLCONFIGDIR", _FONT_CACHE)
    if "PLAYWRIGHT_BROWSERS_PATH" not in os.environ and _BROWSERS.is_dir():
        monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(_BROWSERS))
    return home


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Sockets reach this machine only."""
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex
    real_lookup = socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> None:
        _check(address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        _check(address)
        return real_connect_ex(self, address)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _check((host,))
        return real_lookup(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


def _check(address: Any) -> None:
    """Unix sockets have a path for an address, all others a tuple that begins with the host."""
    if not isinstance(address, tuple):
        return
    host = address[0].decode() if isinstance(address[0], bytes) else address[0]
    if host not in _LOOPBACK and not str(host).startswith("127."):
        raise NetworkBlockedError(f"a test tried to reach {host}")


COMMIT = "0123456789abcdef0123456789abcdef01234567"


class LocalServer(ThreadingHTTPServer):
    """A server on this machine, on a port that is free."""

    daemon_threads = True
    handler: type[BaseHTTPRequestHandler]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), self.handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running(server: LocalServer) -> Iterator[Any]:
    """Serve while the block runs."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class FakeHub(LocalServer):
    """Repositories by name, files by path; every request is remembered.

    Attributes:
        repos: content of each file of each repository; large ones are known by their sha256.
        cut_after: so many bytes of a file are sent, then the connection ends; used up from the front.
        statuses: answers to be given before the right one; used up from the front.
        ignores_range: a request for the rest of a file gets the whole.
        spoils: what is sent differs from what is stated.
    """

    def __init__(self) -> None:
        self.handler = _HubHandler
        super().__init__()
        self.repos: dict[str, dict[str, bytes]] = {}
        self.commits = {COMMIT, "main"}
        self.cut_after: list[int] = []
        self.statuses: list[int] = []
        self.ignores_range = False
        self.spoils = False
        self.requests: list[tuple[str, str, dict[str, str]]] = []

    def ranges(self) -> list[str | None]:
        """The range that each request for content asked for."""
        return [head.get("range") for method, path, head in self.requests if method == "GET"]


class _HubHandler(BaseHTTPRequestHandler):
    server: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        head = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, path, head))
        if body and self.server.statuses:
            self._refuse(self.server.statuses.pop(0))
            return
        if path.startswith("/api/models/"):
            self._listing(path.removeprefix("/api/models/"))
            return
        repo, _, rest = path.lstrip("/").partition("/resolve/")
        commit, _, name = rest.partition("/")
        files = self.server.repos.get(repo)
        if files is None:
            self._refuse(401, "RepoNotFound")
        elif commit not in self.server.commits:
            self._refuse(404, "RevisionNotFound")
        elif name not in files:
            self._refuse(404, "EntryNotFound")
        else:
            self._send_file(files[name], body=body)

    def _send_file(self, content: bytes, *, body: bool) -> None:
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        if self.server.ignores_range or not body:
            start = 0
        sent = content[start:]
        if self.server.spoils:
            sent = bytes(byte ^ 1 for byte in sent)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("ETag", f'"{_mark(content)}"')
        self.send_header("X-Linked-Size", str(len(content)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        if not body:
            return
        if self.server.cut_after:
            self.wfile.write(sent[: self.server.cut_after.pop(0)])
            self.close_connection = True
            return
        self.wfile.write(sent)

    def _listing(self, path: str) -> None:
        repo, _, commit = path.partition("/revision/")
        files = self.server.repos.get(repo)
        if files is None:
            self._refuse(401, "RepoNotFound")
            return
        if (commit or "main") not in self.server.commits:
            self._refuse(404, "RevisionNotFound")
            return
        siblings = [_sibling(name, content) for name, content in files.items()]
        text = json.dumps({"id": repo, "modelId": repo, "sha": COMMIT, "siblings": siblings})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def _refuse(self, status: int, code: str | None = None) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _mark(content: bytes) -> str:
    """As the hub does: git's hash of a small text, the sha256 of a large file."""
    if len(content) < 1000:
        return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
    return hashlib.sha256(content).hexdigest()


def _sibling(name: str, content: bytes) -> dict[str, object]:
    known: dict[str, object] = {"rfilename": name, "size": len(content)}
    if len(content) < 1000:
        return known | {"blobId": _mark(content)}
    return known | {
        "blobId": hashlib.sha1(content).hexdigest(),
        "lfs": {"sha256": _mark(content), "size": len(content), "pointerSize": 134},
    }


@pytest.fixture
def models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Models and what is remembered of them lie in a folder of the test's own."""
    monkeypatch.setenv("FOOTNOTE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("FOOTNOTE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "models"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, models_folder: Path) -> Iterator[FakeHub]:
    """A hub that HF_ENDPOINT names; downloads are allowed."""
    from huggingface_hub import close_session, constants

    # Read when the library was imported, maybe long before this test.
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with running(FakeHub()) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server
        close_session()


class FakeChat(LocalServer):
    """An OpenAI-compatible server; every request is remembered.

    Attributes:
        pieces: what it writes.
        listed: its models, as it lists them; None for no such list.
        status: of the answer.
        error: the body of an answer whose status is not 200.
        ends: how the stream ends: "done", "finish" (without the last mark), "cut", "error".
    """

    def __init__(self) -> None:
        self.handler = _ChatHandler
        super().__init__()
        self.pieces = ["The workshop was held ", "in Shanghai [1]."]
        self.listed: list[dict[str, Any]] | None = [{"id": "tiny-chat", "max_model_len": 2048}]
        self.status = 200
        self.error = '{"error": {"message": "it failed"}}'
        self.ends = "done"
        self.requests: list[tuple[str, dict[str, str], Any]] = []


class _ChatHandler(BaseHTTPRequestHandler):
    server: FakeChat

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def do_GET(self) -> None:
        self._remember(None)
        if self.server.status != 200:
            self._send(self.server.status, self.server.error)
        elif self.path != "/v1/models" or self.server.listed is None:
            self._send(404, "")
        else:
            self._send(200, json.dumps({"object": "list", "data": self.server.listed}))

    def do_POST(self) -> None:
        self._remember(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if self.server.status != 200:
            self._send(self.server.status, self.server.error)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self._line({"choices": [{"delta": {"role": "assistant", "content": None}}]})
        self._line({"choices": [{"delta": {"reasoning_content": "thinking"}}]})
        for piece in self.server.pieces:
            self.wfile.write(b": a comment\n\n")
            self._line({"choices": [{"delta": {"content": piece}, "finish_reason": None}]})
        if self.server.ends == "error":
            self._line({"error": {"message": "out of memory"}})
        if self.server.ends in ("done", "finish"):
            self._line({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        if self.server.ends == "done":
            self._line({"choices": [], "usage": {"total_tokens": 7}})
            self.wfile.write(b"data: [DONE]\n\n")

    def _remember(self, body: Any) -> None:
        head = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.path, head, body))

    def _line(self, event: dict[str, Any]) -> None:
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())

    def _send(self, status: int, text: str) -> None:
        self.send_response(status)
        if status in (301, 302, 307):
            self.send_header("Location", "http://127.0.0.1:9/v1/elsewhere")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def chat_server(models_folder: Path) -> Iterator[FakeChat]:
    """A server that writes what the test tells it to; models of one's own begin empty."""
    with running(FakeChat()) as server:
        yield server
