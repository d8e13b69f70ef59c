"""Ports and temporary folders of the page's server."""

import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.errors import FootnoteError
from ui.guard import LOOPBACK

FIRST_PORT = 7860
_N_PORTS = 100
TEMPORARY = "page-"


class PageError(FootnoteError):
    """The page cannot be served."""


def choose_port(host: str, port: int | None) -> int:
    """The port to listen on: the one asked for, or the first free one from 7860.

    Raises:
        PageError: the port is taken, or the host is not this machine alone.
    """
    if host not in LOOPBACK[:2]:
        raise PageError(
            f"The page shows your documents to whoever reaches it, so it listens on "
            f"{LOOPBACK[0]} only, not on {host}."
        )
    if port is not None:
        if not 0 < port < 65_536:
            raise PageError(f"{port} is no port; name one from 1024 to 65535 with --port.")
        if not _is_free(host, port):
            raise PageError(
                f"Port {port} is taken or not allowed. Name another with --port, or leave "
                "--port out to take the next free one."
            )
        return port
    for candidate in range(FIRST_PORT, FIRST_PORT + _N_PORTS):
        if _is_free(host, candidate):
            return candidate
    raise PageError(
        f"No port from {FIRST_PORT} to {FIRST_PORT + _N_PORTS - 1} is free. "
        "Name another with --port."
    )


@contextmanager
def temporary_folder(library: Path) -> Iterator[Path]:
    """A folder in the library for uploads on their way in; gone afterwards.

    It stands beside where the files are kept, so that moving them copies nothing. Those of page
    servers that were killed are cleared away.
    """
    for left in library.glob(f"{TEMPORARY}*-*"):
        if left.is_dir() and not _is_running(left.name.split("-")[1]):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{TEMPORARY}{os.getpid()}-", dir=library))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def terminable() -> Iterator[None]:
    """Being asked to terminate is like Ctrl-C for a while: what is open is closed.

    Only the main thread can arrange for that; in another one nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Environment variables that hold for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def without_proxy() -> dict[str, str]:
    """Variables that keep a proxy out of what the server asks of itself while it starts."""
    value = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    hosts = ",".join(part for part in (value, *LOOPBACK[:2]) if part)
    return {"NO_PROXY": hosts, "no_proxy": hosts}


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _is_running(pid: str) -> bool:
    if not pid.isdecimal():
        return False
    with suppress(PermissionError):
        try:
            os.kill(int(pid), 0)
        except (ProcessLookupError, OverflowError):
            return False
    return True
