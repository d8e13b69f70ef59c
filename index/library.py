"""Adding, replacing, renaming and forgetting documents.

One transaction a document; a very large text is written in pieces, each of which stays when the
work is broken off, and the next `add` goes on where it stopped.
"""

import errno
import fcntl
import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from index.discover import discover
from index.errors import DamagedFileError, LibraryError, LoadError, VanishedError
from index.evidence_table import EvidenceTable
from index.lexical import LexicalIndex
from index.loaders import load
from index.progress import AddProgress, AddReport, AddRun, FileReport, Outcome, ProgressCallback
from index.splitter import Splitter
from index.store import Store
from index.types import Analysis, Document, LoadedText, Passage
from index.vectors import VectorIndex
from index.writer import DocumentWriter
from models.errors import FootnoteError
from models.protocols import Embedder

__all__ = ["AddProgress", "AddReport", "FileReport", "Library", "Outcome", "ProgressCallback"]

_log = logging.getLogger(__name__)
_HASH_BLOCK = 1 << 20


class Library:
    """A folder of documents made searchable.

    Args:
        folder: where it lives.
        embedder: must be the one the library was made with.
        create: whether a missing library is made.
        index_folder: where its database is, if not in `folder` itself (a second index of the same library).
        target_tokens: a passage is closed at the next paragraph once it holds so many.

    Raises:
        LibraryError: as `Store`, or made with another embedder.
    """

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        *,
        create: bool = True,
        target_tokens: int = 160,
        index_folder: Path | None = None,
    ) -> None:
        self.store = Store(index_folder or folder, create=create)
        self._folder = self.store.folder if index_folder is None else folder
        try:
            self.store.use_embedder(embedder.name, embedder.dim)
        except BaseException:
            self.store.close_all()
            raise
        self.embedder = embedder
        self.vectors = VectorIndex(self.store, embedder.dim)
        self.lexical = LexicalIndex(self.store)
        self.evidence = EvidenceTable(self.store)
        self.on_added: Callable[[int], Sequence[str]] | None = None
        """Told the id of each document that has been added; what it returns is noted in the report."""
        self._splitter = Splitter(
            embedder.count_tokens, max_tokens=embedder.max_tokens, target_tokens=target_tokens
        )

    @property
    def folder(self) -> Path:
        """Where the library lives."""
        return self._folder

    def close(self) -> None:
        """Close the file, for all threads; call it when none of them is at work any more."""
        self.store.close_all()

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
        missing = [_shown(path) for path in paths if _is_gone(path)]
        if missing:
            raise LibraryError(
                f"There is nothing at {', '.join(missing)}. Nothing was changed; check the path."
            )
        run = AddRun(on_progress)
        with self._only_one(run):
            self.store.check_used()
            # A new library belongs to whoever adds first, which may have been another process.
            self.store.use_embedder(self.embedder.name, self.embedder.dim)
            found = list(discover(paths, leave_out=self.folder))
            files = [item.path for item in found if item.reason is None]
            run.n_files = len(files)
            run.n_bytes = sum(_size(path) for path in files)
            for item in found:
                if item.reason is not None:
                    run.note(FileReport(_shown(item.path), "skipped", item.reason))
                else:
                    run.note(self._add_file(item.path, run))
            if sync:
                self._forget_missing(paths, run)
        run.report.seconds = run.seconds
        return run.report

    def split(
        self, text: str, analysis: Analysis, document: Document, *, offset: int
    ) -> list[Passage]:
        """Passages of analysed text, as this library's embedder reads them (`Splitter.split`)."""
        return self._splitter.split(text, analysis, document, offset=offset)

    def remove(self, document_id: int) -> None:
        """Forget a document; its file stays where it is."""
        self.store.check_used()
        self.store.remove_document(document_id)

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Let nobody else add to the library meanwhile, to whichever of its indexes."""
        with self._only_one(AddRun(None)):
            yield

    @property
    def is_used(self) -> Callable[[], bool]:
        """Whether this index still is the one in use; nothing is changed in one that is not."""
        return self.store.is_used

    @is_used.setter
    def is_used(self, told: Callable[[], bool]) -> None:
        self.store.is_used = told

    # -- one file -----------------------------------------------------------------------------

    def _add_file(self, path: Path, run: AddRun) -> FileReport:
        run.open_file(str(path), _size(path))
        try:
            outcome, notes = self._read_in(path, run)
            self.evidence.catch_up()
            notes = [*notes, *self._noticed(path, outcome)]
        except LoadError as error:
            return FileReport(str(path), "skipped", _without_path(str(error), path))
        finally:
            run.close_file()
        return FileReport(str(path), outcome, notes=tuple(notes))

    def _noticed(self, path: Path, outcome: Outcome) -> Sequence[str]:
        document = self.store.document_at(str(path))
        if self.on_added is None or document is None or outcome not in ("added", "replaced"):
            return ()
        try:
            words = self.on_added(document.id)
            self.store.keep_noticed(document.id, words)
            return words
        except Exception:
            # What is noticed comes on top; the document has been added.
            _log.exception("%s: what it contradicts could not be found out", path)
            return ()

    def _read_in(self, path: Path, run: AddRun) -> tuple[Outcome, Sequence[str]]:
        before = _fingerprint(path)
        sha256 = _hash(path)
        old = self.store.document_at(str(path))
        if old is not None and old.sha256 == sha256 and old.status == "complete":
            return "unchanged", ()
        if old is None:
            renamed = self._renamed(sha256, path)
            if renamed is not None:
                self.store.move_document(renamed.id, str(path))
                return "renamed", ()
        resume = old is not None and old.sha256 == sha256 and old.status == "partial"
        writer = self._writer(path, run, sha256, resume_from=old if resume else None)
        for piece in _load(path, resume_at=writer.n_chars):
            writer.hold(piece)
        if _fingerprint(path) != before:
            raise VanishedError(f"{path} changed while it was being read. Add it again.")
        writer.finish()
        run.report.n_passages += writer.n_passages
        return ("added" if old is None or resume else "replaced"), writer.notes

    def _writer(
        self, path: Path, run: AddRun, sha256: str, *, resume_from: Document | None
    ) -> DocumentWriter:
        def embedded(piece: LoadedText, share: float, n_passages: int) -> None:
            n_bytes = len(piece.text.encode(errors="replace")) * share
            run.work(str(path), n_bytes=round(n_bytes), n_passages=n_passages)

        if resume_from is not None:
            run.skip(self.store.n_bytes(resume_from.id))
        return DocumentWriter(
            self.store,
            self.embedder,
            self._splitter,
            path,
            sha256=sha256,
            size=_size(path),
            resume_from=resume_from,
            on_embedded=embedded,
        )

    def _renamed(self, sha256: str, path: Path) -> Document | None:
        """A document with these bytes, read by the same loader, whose own file is gone."""
        for document in self.store.documents_with(sha256):
            same_kind = Path(document.path).suffix.lower() == path.suffix.lower()
            if document.status == "complete" and same_kind and _is_gone(Path(document.path)):
                return document
        return None

    def _forget_missing(self, paths: Sequence[Path], run: AddRun) -> None:
        roots = [Path(os.path.abspath(path)) for path in paths]
        for document in self.store.documents():
            path = Path(document.path)
            under = any(path == root or root in path.parents for root in roots)
            if under and _is_gone(path):
                self.store.remove_document(document.id)
                run.note(FileReport(document.path, "removed"))

    @contextmanager
    def _only_one(self, run: AddRun) -> Iterator[None]:
        """Two `add`s at once take turns; the second says that it waits."""
        try:
            lock = open(self.folder / "add.lock", "w")  # noqa: SIM115 - closed by the `with` below
        except OSError as error:
            raise LibraryError(
                f"The library {self.folder} cannot be written ({error.strerror or error}). "
                "Free some space or check whether the folder is yours, then run the same command "
                "again."
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                run.tell("", "another add is at work on this library; waiting for it to finish")
                fcntl.flock(lock, fcntl.LOCK_EX)
            run.start_clock()
            yield


def _load(path: Path, *, resume_at: int) -> Iterator[LoadedText]:
    """The pieces of a file; one that trips its loader must not stop those that come after it."""
    try:
        yield from load(path, resume_at=resume_at)
    except FootnoteError:
        raise
    except OSError as error:
        raise LoadError(
            f"{path} cannot be read ({error.strerror or error}). Check the disk it is on, then add "
            "it again."
        ) from error
    except Exception as error:
        _log.exception("%s could not be read.", path)
        raise DamagedFileError(
            f"{path} could not be read ({type(error).__name__}: {error}). Save it anew in the "
            "program it comes from, or as text, then add it again."
        ) from error


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


def _is_gone(path: Path) -> bool:
    """Whether there is surely nothing: a folder that may not be entered proves no such thing."""
    try:
        os.lstat(path)
    except OSError as error:
        return error.errno in (errno.ENOENT, errno.ENOTDIR)
    except ValueError:  # a NUL in the path
        return True
    return False


def _shown(path: Path) -> str:
    """A path for people; names that are no text are shown as far as they are."""
    return os.fsencode(path).decode(errors="replace")
