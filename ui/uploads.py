"""Files and texts handed to the page, kept in the library's folder and added from there.

Knows nothing of Gradio: it is given paths of temporary files, and the names they are to have.
"""

import filecmp
import itertools
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from index.errors import LibraryError
from index.types import Document
from ui.protocols import DocumentLibrary
from ui.serving import TEMPORARY

FOLDER = "uploads"
_LONGEST_NAME = 150
# Names are given one after the other, so that none is given twice.
_naming = threading.Lock()
_UNTITLED = "pasted text"
_LONGEST_FIRST_LINE = 80
# What a name may not hold, so that it is one on every system and cannot hide itself.
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\:]")
_MARKDOWN = re.compile(r"^(?:#{1,6} +\S|```|[-*] \[[ x]\] )", re.MULTILINE)


def keep(files: Sequence[Path], library: Path, names: Sequence[str] = ()) -> list[Path]:
    """Move temporary files to `uploads/` in the library's folder.

    A name is kept; where another content has it already, `-2` and so on is put before its ending.

    Args:
        files: temporary files.
        library: the library's folder.
        names: what each is to be called, folders included; empty for the files' own names.

    Raises:
        LibraryError: the disk is full or the folder cannot be written.
    """
    wanted = names or [file.name for file in files]
    with _writing(library):
        folder = _folder(library)
        return [
            _keep_one(file, folder.joinpath(*_safe_parts(name)))
            for file, name in zip(files, wanted, strict=True)
        ]


def handed_over(click: Mapping[str, object], library: Path) -> tuple[list[Path], list[str]]:
    """The temporary files and names that a browser sends; nothing else on this machine can be named.

    Raises:
        LibraryError: a path is none of a file that was uploaded to this page.
    """
    sent = click.get("files")
    paths, names = [], []
    for file in sent if isinstance(sent, list) else ():
        path, name = (
            (file.get("path"), file.get("name")) if isinstance(file, dict) else (None, None)
        )
        if not isinstance(path, str) or not isinstance(name, str):
            continue
        if not _is_temporary(path, library):
            raise LibraryError("A file did not arrive whole. Add it again.")
        paths.append(Path(path))
        names.append(name)
    return paths, names


def keep_text(title: str, text: str, library: Path) -> Path:
    """Keep a pasted text as a file in `uploads/`: Markdown where it is written so, else plain text.

    Raises:
        LibraryError: there is no text, the disk is full, or the folder cannot be written.
    """
    if not text.strip():
        raise LibraryError("There is no text to add. Paste some into the box.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    title = " ".join(title.split())
    lines = (line.strip("#*_> \t") for line in text.splitlines())
    name = title or next((line for line in lines if line), _UNTITLED)[:_LONGEST_FIRST_LINE]
    marked = _MARKDOWN.search(text) is not None
    head = (f"# {title}\n\n" if marked else f"{title}\n\n") if title else ""
    with _writing(library):
        folder = _folder(library)
        target = folder / f"{_safe_parts(name)[-1]}{'.md' if marked else '.txt'}"
        # Several tabs may hand in at once: each has a file of its own.
        handle, own = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
        os.close(handle)
        part = Path(own)
        try:
            part.write_text(f"{head}{text.strip()}\n", encoding="utf-8", errors="replace")
            return _keep_one(part, target)
        finally:
            part.unlink(missing_ok=True)


def forget(library: DocumentLibrary, document_id: int) -> Document | None:
    """Remove a document, and its copy where the page had kept one.

    Returns:
        What was removed; None where it was gone already.
    """
    document = library.store.document(document_id)
    if document is None:
        return None
    library.remove(document_id)
    drop(Path(document.path), library.folder)
    return document


def drop(path: Path, library: Path) -> None:
    """Delete a file that the page had kept; any other stays where it is."""
    own = library.absolute() / FOLDER
    if own not in path.parents or ".." in path.parts:
        return
    path.unlink(missing_ok=True)
    for folder in itertools.takewhile(lambda parent: parent != own, path.parents):
        try:
            folder.rmdir()
        except OSError:
            return  # there is more in it


@contextmanager
def _writing(library: Path) -> Iterator[None]:
    """Says in one sentence why the library's folder cannot be written."""
    try:
        yield
    except OSError as error:
        raise LibraryError(
            f"What you added could not be kept in {library / FOLDER}: {error.strerror or error}. "
            "Free some space or check the folder's rights, then add it again."
        ) from error


def _folder(library: Path) -> Path:
    folder = library.absolute() / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _safe_parts(name: str) -> list[str]:
    """A relative path as the names of folders and file: none leads out, hides, or is too long."""
    parts = []
    for part in PurePosixPath(name.replace("\\", "/")).parts:
        words = _NOT_IN_NAMES.sub("_", part.encode(errors="replace").decode()).strip().lstrip(".")
        stem, dot, ending = words.rpartition(".")
        if len(words.encode()) > _LONGEST_NAME:
            short = (stem or ending).encode()[: _LONGEST_NAME - len(ending.encode()) - 1]
            words = short.decode(errors="ignore") + (dot + ending if stem else "")
        if words.strip("_ "):
            parts.append(words)
    return parts or ["file"]


def _is_temporary(path: str, library: Path) -> bool:
    """Whether a path is one of a file in this library's folders for uploads on their way in."""
    try:
        inside = Path(path).resolve(strict=True).relative_to(library.resolve())
    except (OSError, ValueError):
        return False
    return inside.parts[0].startswith(TEMPORARY) and os.path.isfile(path)


def _keep_one(file: Path, wanted: Path) -> Path:
    wanted.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _naming:
        for target in _names(wanted):
            if _claim(target):
                try:
                    shutil.move(file, target)
                except OSError:
                    target.unlink(missing_ok=True)
                    raise
                return target
            if target.is_file() and filecmp.cmp(file, target, shallow=False):
                file.unlink()
                return target
    raise AssertionError("names never end")


def _claim(target: Path) -> bool:
    """Take a name that is free; another server of the same library may be after it too."""
    try:
        target.open("x").close()
    except FileExistsError:
        return False
    return True


def _names(wanted: Path) -> Iterator[Path]:
    yield wanted
    for number in itertools.count(2):
        yield wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
