"""Models of the catalogue that were downloaded: found, verified, removed. Nothing is fetched here.

Each has a folder of its own in `models_dir()`; `footnote.json` in it says which commit the files are of
and what their sha256 was when they arrived. Without that file a download is unfinished.
"""

import fcntl
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.catalog import CatalogEntry
from models.errors import ModelError
from models.packaged import verify_files
from models.places import models_dir, read_json, write_json

RECORD = "footnote.json"
_PARTS = ".part"


@dataclass(frozen=True, slots=True)
class Record:
    """What was downloaded.

    Attributes:
        revision: the commit of the repository.
        hashes: sha256 of each file, by its path in the folder.
        sizes: bytes of each file.
    """

    revision: str
    hashes: Mapping[str, str]
    sizes: Mapping[str, int]


def folder_of(entry: CatalogEntry) -> Path:
    """Where the files of a model lie, or will lie."""
    return models_dir() / entry.name


def parts_of(entry: CatalogEntry) -> Path:
    """Where unfinished files lie."""
    return folder_of(entry) / _PARTS


def read_record(entry: CatalogEntry) -> Record | None:
    """What is known of a download; None where there is none, or it is not finished.

    Raises:
        ModelError: the record is damaged.
    """
    path = folder_of(entry) / RECORD
    kept = read_json(path)
    if not kept:
        return None
    try:
        files = kept["files"]
        return Record(
            str(kept["revision"]),
            {name: str(file["sha256"]) for name, file in files.items()},
            {name: int(file["size"]) for name, file in files.items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{path} is damaged ({error!r}). Download the model anew: footnote models remove "
            f"{entry.name}, then footnote models add {entry.name}"
        ) from error


def write_record(entry: CatalogEntry, record: Record, *, source: str) -> None:
    """Note that a download is complete, and what it brought.

    Raises:
        ModelError: the record cannot be written.
    """
    files = {
        name: {
            "sha256": digest,
            "size": record.sizes[name],
            "in_catalogue": _pin(entry, name) == digest,
        }
        for name, digest in record.hashes.items()
    }
    content = {"version": 1, "model": entry.name, "repo": entry.repo, "source": source}
    write_json(folder_of(entry) / RECORD, content | {"revision": record.revision, "files": files})


def is_downloaded(entry: CatalogEntry) -> bool:
    """Whether all files of a model are here, whole by their size."""
    try:
        record = read_record(entry)
    except ModelError:
        return False
    folder = folder_of(entry)
    return record is not None and all(
        _size(folder / name) == size for name, size in record.sizes.items()
    )


def downloaded(entry: CatalogEntry, *, cache_dir: Path | None = None) -> Path:
    """The GGUF file of a downloaded generator, or the folder of another model, its hashes checked.

    Only files that changed since they were last checked are read.

    Args:
        entry: of the catalogue.
        cache_dir: where the verification is remembered; by default `model_cache_dir()`.

    Raises:
        ModelError: it is not here, or not what was downloaded.
    """
    record = read_record(entry)
    if record is None:
        size = f" ({entry.size_gb:.2f} GB)" if entry.size_gb else ""
        raise ModelError(
            f"The model {entry.name} is not on this machine. Download it{size}: "
            f"footnote models add {entry.name}"
        )
    pins = {name: _pin(entry, name) or digest for name, digest in record.hashes.items()}
    again = f"footnote models remove {entry.name}, then footnote models add {entry.name}"
    verify_files(
        folder_of(entry),
        pins,
        package=entry.name,
        cache_dir=cache_dir,
        remedy=f"fetch it anew: {again}",
    )
    return path_of(entry)


def path_of(entry: CatalogEntry) -> Path:
    """What is loaded: a generator's file, else the folder."""
    folder = folder_of(entry)
    return folder / entry.file if entry.kind == "generator" and entry.file else folder


def bytes_here(entry: CatalogEntry) -> int:
    """Bytes on disk of a model, unfinished files included; 0 for none."""
    folder = folder_of(entry)
    if not folder.is_dir():
        return 0
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def discard(entry: CatalogEntry) -> int:
    """Delete what was downloaded of a model; returns the bytes that became free.

    Raises:
        ModelError: it cannot be deleted, or is being downloaded.
    """
    folder = folder_of(entry)
    with alone_with(entry):
        n_bytes = bytes_here(entry)
        try:
            # Without the record, what a failure leaves is an unfinished download and no model.
            (folder / RECORD).unlink(missing_ok=True)
            if folder.is_dir():
                shutil.rmtree(folder)
        except OSError as error:
            raise ModelError(
                f"{folder} could not be deleted: {error.strerror or error}."
            ) from error
    return n_bytes


@contextmanager
def alone_with(entry: CatalogEntry) -> Iterator[None]:
    """Let one process change a model's files at a time; the system gives the lock back if it dies.

    Raises:
        ModelError: another one is at it, or the folder cannot be written.
    """
    path = folder_of(entry).parent / f".{entry.name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("w")
    except OSError as error:
        raise ModelError(
            f"{path.parent} cannot be written: {error.strerror or error}. Name another folder in "
            "FOOTNOTE_MODELS."
        ) from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ModelError(
                f"{entry.name} is being downloaded already, by this or another Footnote. Wait for it."
            ) from error
        yield


def _pin(entry: CatalogEntry, name: str) -> str | None:
    return entry.sha256 if name == entry.file else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
