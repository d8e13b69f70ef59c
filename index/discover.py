"""Finds the files behind the paths a person names."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.loaders import SUPPORTED_SUFFIXES


@dataclass(frozen=True, slots=True)
class Found:
    """A file, or why it is left out."""

    path: Path
    reason: str | None = None


def discover(paths: Sequence[Path], *, leave_out: Path | None = None) -> Iterator[Found]:
    """Regular files of a supported kind, each once, in a stable order.

    Folders are walked with their links; a folder or file reached twice, through a loop of links or
    otherwise, is taken once. Hidden files and folders are passed over unless they are named.

    Args:
        paths: files and folders.
        leave_out: a folder never entered (the library itself).
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        absolute = Path(os.path.abspath(path))
        if absolute.is_dir():
            yield from _walk(absolute, seen, leave_out)
        else:
            yield from _file(absolute, seen)


def _walk(folder: Path, seen: set[tuple[int, int]], leave_out: Path | None) -> Iterator[Found]:
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            return
        seen.add((status.st_dev, status.st_ino))
        if leave_out is not None and leave_out.exists() and folder.samefile(leave_out):
            return
        children = sorted(folder.iterdir())
    except OSError as error:
        yield Found(folder, f"cannot be opened: {error.strerror or error}")
        return
    for child in children:
        if child.name.startswith("."):
            continue
        if child.is_dir():
            yield from _walk(child, seen, leave_out)
        else:
            yield from _file(child, seen)


def _file(path: Path, seen: set[tuple[int, int]]) -> Iterator[Found]:
    try:
        status = path.stat()
    except OSError as error:
        if path.is_symlink():
            yield Found(path, "is a link to nothing, or to itself")
        else:
            yield Found(path, f"cannot be opened: {error.strerror or error}")
        return
    if not path.is_file():
        yield Found(path, "is not a regular file")
        return
    if (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    if path.suffix.lower() not in SUPPORTED_SUFFIXES:
        kinds = ", ".join(sorted(suffix.lstrip(".") for suffix in SUPPORTED_SUFFIXES))
        shown = path.suffix or "no suffix"
        yield Found(path, f"its kind ({shown}) is not read; Footnote reads {kinds}")
        return
    yield Found(path)
