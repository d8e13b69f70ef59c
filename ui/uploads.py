"""Files handed to the page, kept in the library's folder and added from there.

Knows nothing of Gradio: it is given paths of temporary files.
"""

import filecmp
import itertools
import queue
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.errors import LibraryError
from index.library import AddProgress, AddReport
from index.types import Document
from ui.protocols import DocumentLibrary

FOLDER = "uploads"


def keep(files: Sequence[Path], library: Path) -> list[Path]:
    """Move temporary files to `uploads/` in the library's folder.

    A name is kept; where another content has it already, `-2` and so on is put before its ending.

    Raises:
        LibraryError: the disk is full or the folder cannot be written.
    """
    folder = library / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        return [_keep_one(file, folder) for file in files]
    except OSError as error:
        raise LibraryError(
            f"The files could not be kept in {folder}: {error.strerror or error}. "
            "Free some space or check the folder's rights, then add them again."
        ) from error


def forget(library: DocumentLibrary, document_id: int) -> Document | None:
    """Remove a document, and its copy where the page had kept one.

    Returns:
        What was removed; None where it was gone already.
    """
    document = library.store.document(document_id)
    if document is None:
        return None
    library.remove(document_id)
    path = Path(document.path)
    if path.parent == library.folder.absolute() / FOLDER:
        path.unlink(missing_ok=True)
    return document


def add(library: DocumentLibrary, paths: Sequence[Path]) -> Iterator[AddProgress | AddReport]:
    """Add files; progress as it comes, at last the report.

    Raises:
        FootnoteError: the library cannot be written.
    """
    # In a thread that nobody stops: what was handed over is added even if the tab is closed.
    for event in _Adding(library, paths).events():
        if isinstance(event, AddReport):
            _drop_unread(library, event)
        yield event


class _Adding:
    """Turns the library's callback into an iterator."""

    def __init__(self, library: DocumentLibrary, paths: Sequence[Path]) -> None:
        self._library = library
        self._paths = paths
        self._events: queue.SimpleQueue[AddProgress | AddReport | Exception] = queue.SimpleQueue()

    def events(self) -> Iterator[AddProgress | AddReport]:
        worker = threading.Thread(target=self._work, name="footnote-add", daemon=True)
        worker.start()
        while True:
            event = self._events.get()
            if isinstance(event, Exception):
                raise event
            yield event
            if isinstance(event, AddReport):
                return

    def _work(self) -> None:
        try:
            self._events.put(self._library.add(self._paths, on_progress=self._events.put))
        except Exception as error:
            self._events.put(error)
        finally:
            self._library.store.close()


def _drop_unread(library: DocumentLibrary, report: AddReport) -> None:
    """A file that could not be read is not kept; the person has it, and is told why."""
    for file in report.skipped:
        path = Path(file.path)
        # A large file that was read in part goes on from there when it is added again.
        if library.store.document_at(file.path) is None and path.parent.name == FOLDER:
            path.unlink(missing_ok=True)


def _keep_one(file: Path, folder: Path) -> Path:
    for target in _names(folder / file.name):
        if not target.exists():
            shutil.move(file, target)
            return target
        if target.is_file() and filecmp.cmp(file, target, shallow=False):
            file.unlink()
            return target
    raise AssertionError("names never end")


def _names(wanted: Path) -> Iterator[Path]:
    yield wanted
    for number in itertools.count(2):
        yield wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
