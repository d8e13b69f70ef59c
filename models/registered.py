"""Models of one's own: GGUF files anywhere on this machine, and addresses of OpenAI-compatible servers.

They are registered by name in `registered.json`, never copied. Of a key only the name of the environment
variable that holds it is kept.
"""

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.catalog import entries
from models.errors import ModelError
from models.gguf_header import GgufHeader, read_header
from models.places import models_dir, read_json, write_json

FILE = "registered.json"
LOCK = ".registered.lock"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# Words that the settings know already.
_TAKEN = frozenset({"starter", "fake", "none", "auto"})
# They turn text into vectors or labels, and write nothing.
_NOT_WRITING = frozenset(
    {"bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "modern-bert", "t5encoder", "clip"}
)


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A GGUF file that stays where it is."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Address:
    """A server that speaks OpenAI's chat interface.

    Attributes:
        name: what a person types.
        url: up to and with its `/v1`.
        model: what the server calls the model.
        key_env: name of the environment variable with the key; None for no key.
        context_tokens: as the server states it; None where it does not.
        anyway: plain http over a network was allowed.
    """

    name: str
    url: str
    model: str
    key_env: str | None = None
    context_tokens: int | None = None
    anyway: bool = False


def registered() -> dict[str, OwnFile | Address]:
    """All models of one's own, by name.

    Raises:
        ModelError: the file that lists them is damaged.
    """
    path = models_dir() / FILE
    kept = read_json(path).get("models", {})
    try:
        return {name: _model(name, entry) for name, entry in kept.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{path} is damaged ({error!r}). Mend it, or delete it.") from error


def find_registered(name: str) -> OwnFile | Address | None:
    """The model of a name, whatever its case."""
    wanted = name.strip().lower()
    return next((model for key, model in registered().items() if key.lower() == wanted), None)


def register_file(path: Path, name: str | None = None) -> tuple[OwnFile, GgufHeader]:
    """Make a GGUF file known by a name; it is read, not copied.

    Args:
        path: the file.
        name: by default the file's name without its ending.

    Raises:
        ModelError: it is no model that llama.cpp can write with, or the name cannot be had.
    """
    whole = Path(os.path.abspath(path.expanduser()))
    header = read_header(whole)
    if header.kind != "model" or header.architecture in _NOT_WRITING:
        what = header.architecture if header.kind == "model" else header.kind
        raise ModelError(
            f"{whole.name} is of the kind {what!r}, no model that writes. A chat model as GGUF is needed."
        )
    check_architecture(whole, header)
    entry = {"path": str(whole)}
    with _changing():
        model = OwnFile(_free_name(name or whole.stem, entry), whole)
        _keep(model.name, entry)
    return model, header


def register_address(address: Address) -> Address:
    """Make a server known by a name; nothing is sent to it here.

    Raises:
        ModelError: the name cannot be had.
    """
    entry = {key: value for key, value in asdict(address).items() if key != "name"}
    with _changing():
        _free_name(address.name, entry)
        _keep(address.name, entry)
    return address


def forget(name: str) -> None:
    """Take a model of one's own off the list; its file stays where it is.

    Raises:
        ModelError: there is no such model.
    """
    with _changing():
        model = find_registered(name)
        if model is None:
            raise ModelError(f"no model called {name!r} was added; see: footnote models list")
        path = models_dir() / FILE
        content = read_json(path)
        del content["models"][model.name]
        write_json(path, content)


def plain_name(text: str) -> str:
    """A text as a name that may be typed: what is not allowed becomes a dash."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:64]
    return name or "model"


@contextlib.contextmanager
def _changing() -> Iterator[None]:
    """Let the list be read and written by one at a time, or what another wrote meanwhile is lost.

    Raises:
        ModelError: the folder cannot be written.
    """
    folder = models_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("w")
    except OSError as error:
        raise ModelError(
            f"{folder} cannot be written: {error.strerror or error}. Name another folder in "
            "FOOTNOTE_MODELS."
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _keep(name: str, entry: Mapping[str, Any]) -> None:
    path = models_dir() / FILE
    content = read_json(path)
    models = content.get("models", {})
    write_json(path, content | {"version": 1, "models": models | {name: dict(entry)}})


def _free_name(name: str, entry: Mapping[str, Any]) -> str:
    """The name, if it can be given to this model.

    Raises:
        ModelError: it is badly formed, or means another model.
    """
    if not _NAME.fullmatch(name):
        raise ModelError(
            f"{name!r} cannot be a name: letters, digits, dots, dashes and underscores, at most 64. Give "
            "another one with --name."
        )
    if name.lower() in _TAKEN or name.lower() in {known.name.lower() for known in entries()}:
        raise ModelError(f"{name!r} means another model already. Give another name with --name.")
    before = find_registered(name)
    if before is None:
        return name
    kept = read_json(models_dir() / FILE)["models"][before.name]
    if kept != dict(entry):
        raise ModelError(
            f"{before.name!r} is the name of another model of yours. Give another name with --name, or "
            f"take that one off the list: footnote models remove {before.name}"
        )
    return before.name


def _model(name: str, entry: Mapping[str, Any]) -> OwnFile | Address:
    if "path" in entry:
        return OwnFile(name, Path(entry["path"]))
    key_env, context = entry.get("key_env"), entry.get("context_tokens")
    return Address(
        name,
        str(entry["url"]),
        str(entry["model"]),
        str(key_env) if key_env else None,
        int(context) if context else None,
        bool(entry.get("anyway", False)),
    )


def check_architecture(path: Path, header: GgufHeader) -> None:
    """Let llama.cpp read the vocabulary, which needs no weights.

    Raises:
        ModelError: it cannot; mostly the model is younger than this llama.cpp.
    """
    from models.tokens import LlamaTokenCounter

    try:
        LlamaTokenCounter(path)
    except ModelError as error:
        raise ModelError(
            f"llama.cpp cannot use {path}: it may not know the architecture {header.architecture!r} yet "
            "(a newer llama-cpp-python may), or the file is damaged."
        ) from error
