"""From what a person calls a model to what can be loaded: a file, a folder or an address."""

from dataclasses import dataclass
from pathlib import Path

from models.catalog import CatalogEntry, Kind, lookup, profile_for
from models.downloaded import downloaded
from models.errors import ModelError
from models.gguf_header import read_header
from models.packaged import check_gguf
from models.protocols import GeneratorProfile
from models.registered import Address, OwnFile, find_registered

# Of the usual quantisations, 4 to 8 bits; a file of 16 bits counts as larger than it is.
_BITS_PER_WEIGHT = 5.5


@dataclass(frozen=True, slots=True)
class Located:
    """A generator that can be used.

    Attributes:
        name: shown with the answer.
        where: a GGUF file, or an address.
        profile: how to use it.
    """

    name: str
    where: Path | Address
    profile: GeneratorProfile


def locate_generator(called: str) -> Located:
    """The generator that a person means by a file's path, or by the name of a model that is here.

    Raises:
        ModelError: there is none; the message says what to do, or which names are like it.
    """
    path = Path(called).expanduser()
    if path.is_file():
        return _file(path, path.stem)
    own = find_registered(called)
    if isinstance(own, OwnFile):
        return _file(own.path, own.name)
    if isinstance(own, Address):
        return Located(own.name, own, GeneratorProfile(reader="compose"))
    if path.exists() or looks_like_a_path(called):
        check_gguf(path)  # says why not
    try:
        entry = lookup(called, kind="generator")
    except ModelError as error:
        raise ModelError(f"{error} Those that are here: footnote models list --here") from error
    return Located(entry.name, downloaded(entry), profile_for(entry.name))


def locate_folder(called: str, kind: Kind) -> Path | None:
    """The folder of a downloaded embedder or reranker; None where the name means something else.

    Raises:
        ModelError: it is a model of the catalogue by its very name, and is not here.
    """
    if Path(called).expanduser().exists():
        return None
    entry = entry_of(called, kind)
    if entry is None or entry.package is not None:
        return None
    try:
        return downloaded(entry)
    except ModelError:
        # By its repository's name it may lie in the hub's own cache.
        if called == entry.repo:
            return None
        raise


def entry_of(called: str, kind: Kind | None = None) -> CatalogEntry | None:
    """The entry of the catalogue, or None."""
    try:
        return lookup(called, kind=kind)
    except ModelError:
        return None


def profile_of_file(path: Path) -> GeneratorProfile:
    """How to use a GGUF file: by the catalogue where its name is known, else by its size.

    Raises:
        ModelError: there is no such file, or it is no GGUF file.
    """
    check_gguf(path)
    if entry_of(path.stem, "generator") is not None:
        return profile_for(path.stem)
    try:
        params = read_header(path).params
    except ModelError:
        # Whether it can be used is for llama.cpp to say.
        params = int(path.stat().st_size * 8 / _BITS_PER_WEIGHT)
    return profile_for(path.stem, params_b=params / 1e9)


def _file(path: Path, name: str) -> Located:
    return Located(name, path, profile_of_file(path))


def looks_like_a_path(called: str) -> bool:
    """Whether a text is meant as the path of a file, and not as a name or repository of the catalogue."""
    like = called.lower().endswith(".gguf") or called.startswith((".", "~")) or "/" in called
    return like and entry_of(called) is None
