"""Adding, replacing, renaming and forgetting documents.

One transaction a document; a very large text is written in pieces, each of which stays when the
work is broken off, and the next `add` goes on where it stopped.
"""

import fcntl
import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from index.discover import discover
from index.errors import EmptyFileError, LibraryError, LoadError, VanishedError
from index.lexical import LexicalIndex
from index.loaders import load
from index.splitter import Splitter, embedded_text
from index.store import Store
from index.structure import analyse
from index.types import Document, LoadedText
from index.vectors import VectorIndex
from models.protocols import Embedder

Outcome = Literal["added", "replaced", "unchanged", "renamed", "removed", "skipped"]

_HASH_BLOCK = 1 << 20
_EMBED_BATCH = 256


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file; `reason` says why it was skipped, `notes` what a reader should know."""

    path: str
    outcome: Outcome
    reason: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class AddReport:
    """What an `add` did, file by file."""

    files: list[FileReport] = field(default_factory=list)
    n_passages: int = 0
    seconds: float = 0.0

    def count(self, outcome: Outcome) -> int:
        """Files with this outcome."""
        return sum(report.outcome == outcome for report in self.files)

    @property
    def skipped(self) -> list[FileReport]:
        """Files that could not be read, each with its reason."""
        return [report for report in self.files if report.outcome == "skipped"]


@dataclass(frozen=True, slots=True)
class AddProgress:
    """How far an `add` is. Bytes count files that are read through; `eta_s` is None at first."""

    path: str
    file: int
    n_files: int
    bytes_done: int
    n_bytes: int
    n_passages: int
    passages_per_s: float
    eta_s: float | None
    message: str = ""


ProgressCallback = Callable[[AddProgress], None]


class Library:
    """A folder of documents made searchable.

    Args:
        folder: where it lives.
        embedder: must be the one the library was made with.
        create: whether a missing library is made.
        target_tokens: a passage is closed at the next paragraph once it holds so many.

    Raises:
        LibraryError: as `Store`, or made with another embedder.
    """

    def __init__(
        self, folder: Path, embedder: Embedder, *, create: bool = True, target_tokens: int = 160
    ) -> None:
        self.store = Store(folder, create=create)
        self.store.use_embedder(embedder.name, embedder.dim)
        self.embedder = embedder
        self.vectors = VectorIndex(self.store, embedder.dim)
        self.lexical = LexicalIndex(self.store)
        self._splitter = Splitter(
            embedder.count_tokens, max_tokens=embedder.max_tokens, target_tokens=target_tokens
        )

    @property
    def folder(self) -> Path:
        """Where the library lives."""
        return self.store.folder

    def add(
        self,
        paths: Sequence[Path],
        *,
        sync: bool = False,
        on_progress: ProgressCallback | None = None,
    ) -> AddReport:
        """Add files and folders; with `sync`, forget documents under them whose file is gone.

        Files that cannot be read are skipped with a reason; everything else is done.

        Raises:
            LibraryError: a named path does not exist, or the library cannot be written.
        """
        missing = [str(path) for path in paths if not os.path.lexists(path)]
        if missing:
            raise LibraryError(
                f"There is nothing at {', '.join(missing)}. Nothing was changed; check the path."
            )
        run = _AddRun(self.store, on_progress)
        with self._only_one(run), _disk_errors(self.folder):
            found = list(discover(paths, leave_out=self.folder))
            run.files = [item.path for item in found if item.reason is None]
            run.n_bytes = sum(_size(path) for path in run.files)
            for item in found:
                if item.reason is not None:
                    run.note(FileReport(str(item.path), "skipped", item.reason))
                else:
                    run.note(self._add_file(item.path, run))
            if sync:
                self._forget_missing(paths, run)
        run.report.seconds = time.monotonic() - run.started
        return run.report

    def remove(self, document_id: int) -> None:
        """Forget a document; its file stays where it is."""
        with _disk_errors(self.folder):
            self.store.remove_document(document_id)

    # -- one file -----------------------------------------------------------------------------

    def _add_file(self, path: Path, run: "_AddRun") -> FileReport:
        run.file += 1
        run.tell(str(path))
        size = _size(path)
        done_before = run.bytes_done
        try:
            outcome, notes = self._read_in(path, run)
        except LoadError as error:
            return FileReport(str(path), "skipped", _without_path(str(error), path))
        finally:
            run.bytes_done = done_before + size
        return FileReport(str(path), outcome, notes=tuple(notes))

    def _read_in(self, path: Path, run: "_AddRun") -> tuple[Outcome, Sequence[str]]:
        before = _fingerprint(path)
        sha256 = _hash(path)
        old = self.store.document_at(str(path))
        if old is not None and old.sha256 == sha256 and old.status == "complete":
            return "unchanged", ()
        if old is None:
            renamed = self._renamed(sha256)
            if renamed is not None:
                self.store.move_document(renamed.id, str(path))
                return "renamed", ()
        resume = old is not None and old.sha256 == sha256 and old.status == "partial"
        writer = _DocumentWriter(self, path, sha256, resume_from=old if resume else None)
        for piece in load(path, resume_at=writer.n_chars):
            writer.hold(piece)
            run.advance(str(path), piece, writer)
        if _fingerprint(path) != before:
            raise VanishedError(f"{path} changed while it was being read. Add it again.")
        writer.finish()
        run.report.n_passages += writer.n_unreported
        return ("added" if old is None else "replaced"), writer.notes

    def _renamed(self, sha256: str) -> Document | None:
        """A document with these bytes whose own file is gone."""
        for document in self.store.documents_with(sha256):
            if document.status == "complete" and not os.path.lexists(document.path):
                return document
        return None

    def _forget_missing(self, paths: Sequence[Path], run: "_AddRun") -> None:
        roots = [Path(os.path.abspath(path)) for path in paths]
        for document in self.store.documents():
            path = Path(document.path)
            under = any(path == root or root in path.parents for root in roots)
            if under and not os.path.lexists(path):
                self.store.remove_document(document.id)
                run.note(FileReport(document.path, "removed"))

    @contextmanager
    def _only_one(self, run: "_AddRun") -> Iterator[None]:
        """Two `add`s at once take turns; the second says that it waits."""
        with open(self.folder / "add.lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                run.tell("", "another add is at work on this library; waiting for it to finish")
                fcntl.flock(lock, fcntl.LOCK_EX)
            run.started = time.monotonic()
            yield


class _DocumentWriter:
    """Writes one document: whole in one transaction, or piece by piece when it is large.

    One piece is held back, so that a document of one piece needs no partial state and the last
    piece is committed together with "complete".
    """

    def __init__(
        self, library: Library, path: Path, sha256: str, *, resume_from: Document | None
    ) -> None:
        self._library = library
        self._store = library.store
        self._path = path
        self._sha256 = sha256
        self._document = resume_from
        self._held: LoadedText | None = None
        self.n_chars = resume_from.n_chars if resume_from is not None else 0
        self.n_unreported = 0
        self.notes: list[str] = []

    def hold(self, piece: LoadedText) -> None:
        """Take a piece; write the one before it."""
        if self._held is not None:
            self._write(self._held, last=False)
        self._held = piece

    def finish(self) -> None:
        """Write the last piece and mark the document complete."""
        if self._held is not None:
            self._write(self._held, last=True)
        elif self._document is not None:
            with self._store.transaction():
                self._store.finish_document(self._document.id)
        else:
            raise EmptyFileError(f"{self._path} is empty.")

    def _write(self, piece: LoadedText, *, last: bool) -> None:
        analysis = analyse(piece)
        first = self._document is None
        shown = self._document or _provisional(self._path, self._sha256)
        if first:
            title = analysis.title.text if analysis.title else None
            shown = _described(shown, title, analysis.date_iso)
        passages = self._library._splitter.split(piece.text, analysis, shown, offset=piece.start)
        texts = [embedded_text(p.breadcrumb, p.text) for p in passages]
        vectors = self._library.embedder.embed_passages(texts)
        with self._store.transaction():
            if first:
                self._document = self._store.begin_document(
                    str(self._path),
                    sha256=self._sha256,
                    size=_size(self._path),
                    title=self._path.stem,
                )
            document = self._document
            if document is None:
                raise LibraryError(f"{self._path} has no place in the library.")
            self._store.append(document.id, piece, analysis, passages, vectors)
            if first:
                self.notes.extend(piece.notes)
                self._store.describe(document.id, analysis, piece.notes)
            if last:
                self._store.finish_document(document.id)
        self._document = self._store.document(document.id)
        self.n_unreported += len(passages)


class _AddRun:
    """Counts, clock and voice of one `add`."""

    def __init__(self, store: Store, on_progress: ProgressCallback | None) -> None:
        self.report = AddReport()
        self.started = time.monotonic()
        self.files: list[Path] = []
        self.file = 0
        self.n_bytes = 0
        self.bytes_done = 0
        self._on_progress = on_progress

    def note(self, file: FileReport) -> None:
        """Remember what became of a file."""
        self.report.files.append(file)
        self.tell(file.path)

    def advance(self, path: str, piece: LoadedText, writer: _DocumentWriter) -> None:
        """Count what was written while `piece` was taken."""
        self.report.n_passages += writer.n_unreported
        writer.n_unreported = 0
        self.bytes_done += len(piece.text.encode(errors="replace"))
        self.tell(path)

    def tell(self, path: str, message: str = "") -> None:
        """Report progress."""
        if self._on_progress is None:
            return
        seconds = max(time.monotonic() - self.started, 1e-6)
        done = min(self.bytes_done, self.n_bytes)
        eta = seconds * (self.n_bytes - done) / done if done and seconds > 0.2 else None
        self._on_progress(
            AddProgress(
                path=path,
                file=self.file,
                n_files=len(self.files),
                bytes_done=done,
                n_bytes=self.n_bytes,
                n_passages=self.report.n_passages,
                passages_per_s=self.report.n_passages / seconds,
                eta_s=eta,
                message=message,
            )
        )


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise LibraryError(
            f"The library {folder} could not be written ({error}). What was there before is kept; "
            "free some space or close the program that holds it, then run the same command again."
        ) from error


def _provisional(path: Path, sha256: str) -> Document:
    return Document(id=0, path=str(path), title=path.stem, sha256=sha256, n_chars=0)


def _described(document: Document, title: str | None, date: str | None) -> Document:
    return Document(
        id=document.id,
        path=document.path,
        title=" ".join(title.split()) if title else document.title,
        sha256=document.sha256,
        n_chars=document.n_chars,
        date=date,
    )


def _fingerprint(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise VanishedError(
            f"{path} could not be read to its end: {error.strerror or error}. Add it again."
        ) from error
    return status.st_size, status.st_mtime_ns, status.st_ino


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_HASH_BLOCK):
                digest.update(block)
    except OSError as error:
        raise LoadError(f"{path} cannot be read: {error.strerror or error}.") from error
    return digest.hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _without_path(message: str, path: Path) -> str:
    """The reason alone; the report names the file already."""
    return message.removeprefix(str(path)).removeprefix(path.name).lstrip(" :")
