"""The library's one truth: a SQLite file with documents, text, blocks, passages and vectors.

A document becomes visible in one transaction, with everything that belongs to it; a crash leaves the
last committed state. Each change raises `generation`, by which derived files know that they are old.
"""

import json
import os
import sqlite3
import threading
import uuid
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.errors import LibraryError
from index.schema import FORMAT_VERSION, SCHEMA
from index.types import Analysis, Document, LoadedText, Locator, Passage, Role
from models.protocols import FloatMatrix

_DOCUMENT_COLUMNS = (
    "id, path, title, sha256, n_chars, date, date_start, date_end, title_start, title_end, status"
)
_PASSAGE_COLUMNS = (
    "id, document_id, start, end, text, breadcrumb, role, section, speaker, speaker_start, "
    "speaker_end, date, n_tokens"
)
_BUSY_TIMEOUT_MS = 60_000
_BATCH = 500


class Store:
    """Opens or creates `folder/library.sqlite`. Safe to use from several threads and processes.

    Args:
        folder: the library's folder; made with mode 0700 where missing.
        create: whether a missing library is made.

    Raises:
        LibraryError: the folder cannot be used, the file is not a library, or it was written by a
            newer Footnote.
    """

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        self.folder = folder
        self.path = folder / "library.sqlite"
        self._local = threading.local()
        if not self.path.exists() and not create:
            raise LibraryError(
                f"There is no library in {folder}. Add documents first: footnote add PATH"
            )
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._prepare()
        except OSError as error:
            raise LibraryError(
                f"The library folder {folder} cannot be used: {error.strerror or error}. "
                "Name another with --library DIR."
            ) from error
        except sqlite3.DatabaseError as error:
            raise LibraryError(
                f"{self.path} is not a readable library ({error}). Restore it from a copy, or "
                "move it away and add the documents again."
            ) from error

    # -- opening -----------------------------------------------------------------------------

    def _prepare(self) -> None:
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = self._connection
        with self._write():
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if tables == 0:
                for statement in _statements(SCHEMA):
                    connection.execute(statement)
                self._set_meta("format_version", str(FORMAT_VERSION))
                self._set_meta("generation", "0")
                self._set_meta("library_id", uuid.uuid4().hex)
        version = self.meta("format_version")
        if version is None:
            raise LibraryError(
                f"{self.path} is a SQLite file but not a Footnote library. "
                "Name another folder with --library DIR."
            )
        if int(version) > FORMAT_VERSION:
            raise LibraryError(
                f"The library {self.folder} has format {version}; this Footnote reads up to "
                f"{FORMAT_VERSION}. Update Footnote, or name another folder with --library DIR."
            )

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, isolation_level=None)
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
        return connection

    @contextmanager
    def _write(self) -> Iterator[None]:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    # -- what the library is ------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        """A value of the library's description, e.g. "embedder"."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def _set_meta(self, key: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO meta (key, value) VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )

    @property
    def generation(self) -> int:
        """Counts committed changes; derived files carry the generation they were made from."""
        return int(self.meta("generation") or 0)

    def _raise_generation(self) -> None:
        self._set_meta("generation", str(self.generation + 1))

    def use_embedder(self, name: str, dim: int) -> None:
        """Bind the library to an embedder, or check that it is the one it was made with.

        Raises:
            LibraryError: the library holds vectors of another embedder.
        """
        with self._write():
            known, known_dim = self.meta("embedder"), self.meta("dim")
            if known is None or self.count("vectors") == 0:
                self._set_meta("embedder", name)
                self._set_meta("dim", str(dim))
                return
        if (known, known_dim) != (name, str(dim)):
            raise LibraryError(
                f"The library {self.folder} was made with embedder {known} ({known_dim} "
                f"dimensions); the settings ask for {name} ({dim}). Use --embedder {known}, or "
                "name another folder with --library DIR and add the documents there."
            )

    def count(self, table: str) -> int:
        """Rows of "documents", "passages", "vectors" or "blocks"."""
        if table not in ("documents", "passages", "vectors", "blocks"):
            raise ValueError(table)
        row = self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        return int(row[0])

    # -- documents ----------------------------------------------------------------------------

    def documents(self) -> list[Document]:
        """All documents, by path."""
        rows = self._connection.execute(
            f"SELECT {_DOCUMENT_COLUMNS} FROM documents ORDER BY path"  # noqa: S608
        )
        return [_document(row) for row in rows]

    def document(self, document_id: int) -> Document | None:
        """One document by its id."""
        return self._one_document("id = ?", document_id)

    def document_at(self, path: str) -> Document | None:
        """The document last seen at `path`."""
        return self._one_document("path = ?", path)

    def documents_with(self, sha256: str) -> list[Document]:
        """Documents whose file has these bytes."""
        rows = self._connection.execute(
            f"SELECT {_DOCUMENT_COLUMNS} FROM documents WHERE sha256 = ? ORDER BY id",  # noqa: S608
            (sha256,),
        )
        return [_document(row) for row in rows]

    def _one_document(self, where: str, value: object) -> Document | None:
        row = self._connection.execute(
            f"SELECT {_DOCUMENT_COLUMNS} FROM documents WHERE {where}",  # noqa: S608
            (value,),
        ).fetchone()
        return None if row is None else _document(row)

    def begin_document(self, path: str, *, sha256: str, size: int, title: str) -> Document:
        """Make a document `partial` and empty, or take over the one at `path`, its old content gone.

        Call inside `transaction()` with the first `append`, so that the old content stays visible
        until the new one is there.
        """
        old = self.document_at(path)
        if old is not None:
            self._clear(old.id)
            self._connection.execute(
                "UPDATE documents SET sha256 = ?, size = ?, title = ?, n_chars = 0, date = NULL, "
                "date_start = NULL, date_end = NULL, title_start = NULL, title_end = NULL, "
                "status = 'partial', notes = '[]', added_at = ? WHERE id = ?",
                (sha256, size, title, _now(), old.id),
            )
        else:
            self._connection.execute(
                "INSERT INTO documents (path, title, sha256, size, n_chars, status, added_at) "
                "VALUES (?, ?, ?, ?, 0, 'partial', ?)",
                (path, title, sha256, size, _now()),
            )
        found = self.document_at(path)
        if found is None:
            raise LibraryError(f"{path} could not be written to the library {self.folder}.")
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside become visible together, or not at all."""
        with self._write():
            yield
            self._raise_generation()

    def append(
        self,
        document_id: int,
        loaded: LoadedText,
        analysis: Analysis,
        passages: Sequence[Passage],
        vectors: FloatMatrix,
    ) -> None:
        """Add a piece of text with all that was made of it. Call inside `transaction()`.

        Args:
            document_id: a document from `begin_document`.
            loaded: the piece; its `start` is where the document ended so far.
            analysis: blocks with document offsets.
            passages: passages of the piece with document offsets.
            vectors: one row a passage, shape (n, dim), float32.
        """
        end = loaded.start + len(loaded.text)
        connection = self._connection
        connection.execute(
            "INSERT INTO texts (document_id, start, end, text, sources) VALUES (?, ?, ?, ?, ?)",
            (document_id, loaded.start, end, loaded.text, _pack_sources(loaded)),
        )
        connection.executemany(
            "INSERT INTO blocks (document_id, start, end, role, level, reason) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [(document_id, b.start, b.end, b.role, b.level, b.reason) for b in analysis.blocks],
        )
        connection.executemany(
            "INSERT OR IGNORE INTO speakers (document_id, name, start, end) VALUES (?, ?, ?, ?)",
            [(document_id, s.text, s.start, s.end) for s in analysis.speakers],
        )
        for passage, vector in zip(passages, vectors, strict=True):
            self._insert_passage(document_id, passage, vector)
        connection.execute("UPDATE documents SET n_chars = ? WHERE id = ?", (end, document_id))

    def _insert_passage(
        self, document_id: int, p: Passage, vector: np.ndarray[tuple[int], np.dtype[np.float32]]
    ) -> None:
        speaker_start, speaker_end = p.speaker_span or (None, None)
        cursor = self._connection.execute(
            "INSERT INTO passages (document_id, start, end, text, breadcrumb, role, section, "
            "speaker, speaker_start, speaker_end, date, n_tokens) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(document_id, p.start, p.end, p.text, p.breadcrumb, p.role, p.section),
                *(p.speaker, speaker_start, speaker_end, p.date, p.n_tokens),
            ),
        )
        self._connection.execute(
            "INSERT INTO vectors (passage_id, vector) VALUES (?, ?)",
            (cursor.lastrowid, np.ascontiguousarray(vector, dtype=np.float32).tobytes()),
        )

    def finish_document(self, document_id: int) -> None:
        """Mark a document complete. Call inside `transaction()`."""
        self._connection.execute(
            "UPDATE documents SET status = 'complete' WHERE id = ?", (document_id,)
        )

    def describe(self, document_id: int, analysis: Analysis, notes: Iterable[str]) -> None:
        """Record title, date and notes found in a document. Call inside `transaction()`."""
        if analysis.title is not None:
            self._connection.execute(
                "UPDATE documents SET title = ?, title_start = ?, title_end = ? WHERE id = ?",
                (
                    " ".join(analysis.title.text.split()),
                    *(analysis.title.start, analysis.title.end, document_id),
                ),
            )
        if analysis.date is not None:
            self._connection.execute(
                "UPDATE documents SET date = ?, date_start = ?, date_end = ? WHERE id = ?",
                (analysis.date_iso, analysis.date.start, analysis.date.end, document_id),
            )
        self._connection.execute(
            "UPDATE documents SET notes = ? WHERE id = ?", (json.dumps(list(notes)), document_id)
        )

    def notes(self, document_id: int) -> list[str]:
        """What the loader had to say about a document."""
        row = self._connection.execute(
            "SELECT notes FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        return [] if row is None else list(json.loads(row[0]))

    def move_document(self, document_id: int, path: str) -> None:
        """The file was renamed: only its path changes."""
        with self.transaction():
            self._connection.execute(
                "UPDATE documents SET path = ? WHERE id = ?", (path, document_id)
            )

    def remove_document(self, document_id: int) -> None:
        """Forget a document and everything made of it."""
        with self.transaction():
            self._clear(document_id)
            self._connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    def _clear(self, document_id: int) -> None:
        for table in ("passages", "blocks", "texts", "speakers"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE document_id = ?",  # noqa: S608
                (document_id,),
            )

    # -- text ---------------------------------------------------------------------------------

    def text(self, document_id: int, start: int = 0, end: int | None = None) -> str:
        """`document_text[start:end]`."""
        stop = 2**62 if end is None else end
        rows = self._connection.execute(
            "SELECT start, text FROM texts WHERE document_id = ? AND start < ? AND end > ? "
            "ORDER BY start",
            (document_id, stop, start),
        )
        return "".join(text[max(0, start - at) : max(0, stop - at)] for at, text in rows)

    def locator(self, document_id: int, start: int, end: int) -> Locator | None:
        """Where `[start, end)` stands in the original file, as far as the loader knew."""
        row = self._connection.execute(
            "SELECT sources FROM texts WHERE document_id = ? AND start <= ? AND end > ?",
            (document_id, start, start),
        ).fetchone()
        if row is None:
            return None
        return _find_locator(json.loads(zlib.decompress(row[0])), start, end)

    def blocks(
        self, document_id: int, start: int = 0, end: int | None = None
    ) -> list[tuple[int, int, Role, int, str]]:
        """(start, end, role, heading level, reason) of the blocks that touch `[start, end)`."""
        rows = self._connection.execute(
            "SELECT start, end, role, level, reason FROM blocks "
            "WHERE document_id = ? AND end > ? AND start < ? ORDER BY start",
            (document_id, start, 2**62 if end is None else end),
        )
        return [(row[0], row[1], Role(row[2]), row[3], row[4]) for row in rows]

    def speakers(self, document_id: int) -> list[tuple[str, int, int]]:
        """(name, start, end) of each speaker of a document."""
        return self._connection.execute(
            "SELECT name, start, end FROM speakers WHERE document_id = ? ORDER BY start",
            (document_id,),
        ).fetchall()

    # -- passages -----------------------------------------------------------------------------

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Passages by id, in the order asked for; ids that are gone are left out."""
        found: dict[int, Passage] = {}
        for first in range(0, len(ids), _BATCH):
            batch = list(ids[first : first + _BATCH])
            marks = ",".join("?" * len(batch))
            rows = self._connection.execute(
                f"SELECT {_PASSAGE_COLUMNS} FROM passages WHERE id IN ({marks})",  # noqa: S608
                batch,
            )
            found.update((row[0], _passage(row)) for row in rows)
        return [found[i] for i in ids if i in found]

    def document_passages(self, document_id: int) -> list[Passage]:
        """All passages of a document, in order."""
        rows = self._connection.execute(
            f"SELECT {_PASSAGE_COLUMNS} FROM passages WHERE document_id = ? "  # noqa: S608
            "ORDER BY start",
            (document_id,),
        )
        return [_passage(row) for row in rows]

    def match(self, query: str, limit: int) -> list[tuple[int, float]]:
        """(passage id, BM25 score, higher is better) of an FTS5 query, best first, ties by id."""
        rows = self._connection.execute(
            "SELECT rowid, -bm25(passages_fts, 1.0, 1.0) AS score FROM passages_fts "
            "WHERE passages_fts MATCH ? ORDER BY score DESC, rowid LIMIT ?",
            (query, limit),
        )
        return [(int(row[0]), float(row[1])) for row in rows]

    def document_frequency(self, stem: str) -> int:
        """In how many passages (breadcrumb included) a stem occurs."""
        connection = self._connection
        connection.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary "
            "USING fts5vocab(main, passages_fts, row)"
        )
        row = connection.execute(
            "SELECT doc FROM temp.vocabulary WHERE term = ?", (stem,)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def vector_ids(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Ids of all embedded passages, ascending, shape (n,)."""
        rows = self._connection.execute("SELECT passage_id FROM vectors ORDER BY passage_id")
        return np.fromiter((row[0] for row in rows), dtype=np.int64)

    def vectors(self, ids: Sequence[int]) -> FloatMatrix:
        """Vectors of these passages, shape (n, dim), in order."""
        found: dict[int, bytes] = {}
        for first in range(0, len(ids), _BATCH):
            batch = [int(i) for i in ids[first : first + _BATCH]]
            marks = ",".join("?" * len(batch))
            found.update(
                self._connection.execute(
                    f"SELECT passage_id, vector FROM vectors WHERE passage_id IN ({marks})",  # noqa: S608
                    batch,
                )
            )
        dim = int(self.meta("dim") or 0)
        rows = [np.frombuffer(found[int(i)], dtype=np.float32) for i in ids]
        return np.stack(rows) if rows else np.zeros((0, dim), dtype=np.float32)


def _statements(script: str) -> Iterator[str]:
    """The script's statements; a trigger's inner `;` does not end one."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _document(row: Sequence[object]) -> Document:
    (ident, path, title, sha256, n_chars, date, date_start, date_end, *rest) = row
    title_start, title_end, status = rest
    return Document(
        id=int(str(ident)),
        path=str(path),
        title=str(title),
        sha256=str(sha256),
        n_chars=int(str(n_chars)),
        date=None if date is None else str(date),
        date_span=_span(date_start, date_end),
        title_span=_span(title_start, title_end),
        status=str(status),
    )


def _span(start: object, end: object) -> tuple[int, int] | None:
    return None if start is None or end is None else (int(str(start)), int(str(end)))


def _passage(row: Sequence[object]) -> Passage:
    values = dict(zip(_PASSAGE_COLUMNS.split(", "), row, strict=True))
    speaker_span = _span(values.pop("speaker_start"), values.pop("speaker_end"))
    role = Role(str(values.pop("role")))
    return Passage(**values, role=role, speaker_span=speaker_span)  # type: ignore[arg-type]


def _pack_sources(loaded: LoadedText) -> bytes:
    rows = [(source.start, source.end, source.locator.as_json()) for source in loaded.sources]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode())


def _find_locator(rows: list[list[object]], start: int, end: int) -> Locator | None:
    """The first range's locator; boxes of ranges on the same page are joined."""
    touched = [r[2] for r in rows if int(str(r[0])) < end and int(str(r[1])) > start]
    if not touched:
        return None
    first = dict(touched[0])  # type: ignore[call-overload]
    boxes = [
        part["box"]
        for part in touched
        if isinstance(part, dict) and part.get("box") and part.get("page") == first.get("page")
    ]
    if boxes:
        first["box"] = (
            *(min(box[0] for box in boxes), min(box[1] for box in boxes)),
            *(max(box[2] for box in boxes), max(box[3] for box in boxes)),
        )
    return Locator(**first)
