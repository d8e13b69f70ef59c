"""A model hub on this machine: it speaks the hub's protocol and serves real, small files."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class FakeHub(ThreadingHTTPServer):
    """Repositories by name, files by path; every request is remembered.

    Attributes:
        repos: content of each file of each repository; large ones are known by their sha256.
        cut_after: so many bytes of a file are sent, then the connection ends; used up from the front.
        statuses: answers to be given before the right one; used up from the front.
        ignores_range: a request for the rest of a file gets the whole.
        spoils: what is sent differs from what is stated.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repos: dict[str, dict[str, bytes]] = {}
        self.commits = {COMMIT, "main"}
        self.cut_after: list[int] = []
        self.statuses: list[int] = []
        self.ignores_range = False
        self.spoils = False
        self.requests: list[tuple[str, str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def ranges(self) -> list[str | None]:
        """The range that each request for content asked for."""
        return [head.get("range") for method, path, head in self.requests if method == "GET"]


class _Handler(BaseHTTPRequestHandler):
    server: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
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
    server = FakeHub()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    yield server
    close_session()
    server.shutdown()
    thread.join()
    server.server_close()
