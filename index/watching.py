"""Looks at a watched folder: what is new or changed in it, and what has vanished.

Looking adds nothing: new and changed files wait to be added, in the library's list of files on their way in.
"""

import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from index.discover import discover
from index.errors import LibraryError
from index.store import Store

# A file that was written to this moment may not be whole yet; the next look takes it.
_SETTLED_S = 1.5


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a folder found.

    Attributes:
        folder: the folder.
        there: False where the folder itself is not; nothing is then said of its files.
        new: paths that wait to be added now.
        gone: paths that have vanished.
        back: paths of documents that were missing.
    """

    folder: str
    there: bool
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    back: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything is other than at the look before."""
        return bool(self.new or self.gone or self.back)


def watchable(folder: Path, library: Path) -> str:
    """The absolute path of a folder that can be watched.

    Raises:
        LibraryError: there is no such folder, or it lies within the library.
    """
    path = Path(os.path.abspath(folder.expanduser()))
    if not os.path.isdir(path):
        there = "is a file" if os.path.lexists(path) else "does not exist"
        raise LibraryError(f"{path} {there}; name a folder to watch.")
    own = Path(os.path.abspath(library))
    if path == own or own in path.parents:
        raise LibraryError(f"{path} is in the library itself; name a folder with documents.")
    return str(path)


def look(
    store: Store, folder: str, *, library: Path | None = None, settled_s: float = _SETTLED_S
) -> Look:
    """Compare a watched folder with how it was seen last, and keep what is found.

    Args:
        store: keeps how it was.
        folder: a watched one.
        library: never entered, if it lies in the folder; None for the store's own folder.
        settled_s: files that were written to in the last so many seconds are left to the next look.
    """
    if not os.path.isdir(folder):
        # A disk that is not plugged in has lost nothing.
        return Look(folder, there=False)
    known = store.watched_files(folder)
    present, unsettled, closed = _files(Path(folder), library or store.folder, settled_s)
    new = {path: seen for path, seen in present.items() if known.get(path) != seen}
    gone = [
        path
        for path in known
        if path not in present and path not in unsettled and not _under(path, closed)
    ]
    back = [path for path in store.missing() if path in present or path in unsettled]
    found = Look(folder, True, tuple(new), tuple(gone), tuple(back))
    if found.changed or not any(w.path == folder and w.looked_at for w in store.watched()):
        seen = [(path, mtime_ns, size) for path, (mtime_ns, size) in new.items()]
        store.keep_look(folder, seen=seen, gone=gone, back=back)
    return found


def _files(
    folder: Path, leave_out: Path, settled_s: float
) -> tuple[dict[str, tuple[int, int]], set[str], list[str]]:
    """(mtime, size) of the readable files, those still being written, and folders that cannot be entered."""
    present: dict[str, tuple[int, int]] = {}
    unsettled: set[str] = set()
    closed: list[str] = []
    for found in discover([folder], leave_out=leave_out):
        path = str(found.path)
        try:
            status = os.stat(path)
        except OSError:
            closed.append(path)
            continue
        if found.reason is not None:
            if stat.S_ISDIR(status.st_mode):
                closed.append(path)
        elif abs(time.time() - status.st_mtime) < settled_s:
            unsettled.add(path)
        else:
            present[path] = (status.st_mtime_ns, status.st_size)
    return present, unsettled, closed


def _under(path: str, folders: list[str]) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)
