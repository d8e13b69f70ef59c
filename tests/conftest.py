"""Every test has a home of its own, no network, and no settings of the person who runs it."""

import os
import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_cache_dir

# Read before HOME is changed. Tests marked slow share the converted starter, which takes seconds to
# make; everything in this folder is derived and verified by hash.
_MODEL_CACHE = os.environ.get("FOOTNOTE_CACHE") or user_cache_dir("footnote", appauthor=False)
_BROWSERS = Path.home() / ".cache" / "ms-playwright"
_FONT_CACHE = user_cache_dir("matplotlib", appauthor=False)
_KEPT = {"FOOTNOTE_CACHE", "FOOTNOTE_DATA", "FOOTNOTE_REQUIRE_ALL"}
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
# Libraries read these when they are imported, which may be while tests are collected.
# As the command line sets it: tests share the cores with each other and with other work.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
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
