"""Finds the files behind the paths a person names."""

import os
import stat
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
    # A stack and no recursion: folders may be nested deeper than Python calls may.
    waiting = [Path(os.path.abspath(path)) for path in reversed(paths)]
    while waiting:
        path = waiting.pop()
        # os.path, since Path.is_dir raises where a folder may not be entered.
        if not os.path.isdir(path):
            yield from _file(path, seen)
            continue
        try:
            waiting.extend(reversed(_children(path, seen, leave_out)))
        except OSError as error:
            yield Found(path, f"cannot be opened: {error.strerror or error}")


def _children(folder: Path, seen: set[tuple[int, int]], leave_out: Path | None) -> list[Path]:
    """What is in a folder that was not seen yet, hidden things left out, in order."""
    status = folder.stat()
    if (status.st_dev, status.st_ino) in seen:
        return []
    seen.add((status.st_dev, status.st_ino))
    if leave_out is not None and leave_out.exists() and folder.samefile(leave_out):
        return []
    return sorted(child for child in folder.iterdir() if not child.name.startswith("."))


def _file(path: Path, seen: set[tuple[int, int]]) -> Iterator[Found]:
    try:
        status = path.stat()
    except OSError as error:
        if path.is_symlink():
            yield Found(
                path, "is a link to nothing, or to itself; remove it, or mend what it points to"
            )
        else:
            yield Found(path, f"cannot be opened: {error.strerror or error}")
        return
    if not stat.S_ISREG(status.st_mode):
        yield Found(path, "is not a regular file (a pipe, socket or device); leave it out")
        return
    if (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    if path.suffix.lower() not in SUPPORTED_SUFFIXES:
        kinds = ", ".join(sorted(suffix.lstrip(".") for suffix in SUPPORTED_SUFFIXES))
        shown = path.suffix or "no suffix"
        yield Found(path, f"its kind ({shown}) is not read; save it as one of {kinds}")
        return
    try:
        str(path).encode()
    except UnicodeEncodeError:
        yield Found(path, "its name is not valid UTF-8; rename it, then add it again")
        return
    yield Found(path)
