"""What can be asked of a library: documents, text, blocks, passages, vectors, words."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from index.database import Database
from index.rows import (
    DOCUMENT_COLUMNS,
    PASSAGE_COLUMNS,
    document_of,
    find_locator,
    passage_of,
    unpack_sources,
)
from index.types import Document, LoadedText, Locator, Passage, Role, SourceRange
from models.protocols import FloatMatrix

_BATCH = 500
_NO_END = 2**62


class StoreReader(Database):
    """Everything that reads. Changes are made by `Store`."""

    # -- documents ----------------------------------------------------------------------------

    def documents(self) -> list[Document]:
        """All documents, by path."""
        rows = self._connection.execute(
            f"SELECT {DOCUMENT_COLUMNS} FROM documents ORDER BY path"  # noqa: S608
        )
        return [document_of(row) for row in rows]

    def document(self, document_id: int) -> Document | None:
        """One document by its id."""
        return self._one_document("id = ?", document_id)

    def document_at(self, path: str) -> Document | None:
        """The document last seen at `path`."""
        return self._one_document("path = ?", path)

    def documents_with(self, sha256: str) -> list[Document]:
        """Documents whose file has these bytes."""
        rows = self._connection.execute(
            f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE sha256 = ? ORDER BY id",  # noqa: S608
            (sha256,),
        )
        return [document_of(row) for row in rows]

    def _one_document(self, where: str, value: object) -> Document | None:
        try:
            row = self._connection.execute(
                f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE {where}",  # noqa: S608
                (value,),
            ).fetchone()
        except (OverflowError, UnicodeEncodeError):
            return None  # no number or text that SQLite can hold, so no document has it
        return None if row is None else document_of(row)

    def passage_counts(self) -> dict[int, int]:
        """Number of passages of each document that has any, by document id."""
        return dict(
            self._connection.execute(
                "SELECT document_id, count(*) FROM passages GROUP BY document_id"
            )
        )

    def notes(self, document_id: int) -> list[str]:
        """What the loader had to say about a document."""
        row = self._connection.execute(
            "SELECT notes FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        return [] if row is None else list(json.loads(row[0]))

    # -- text ---------------------------------------------------------------------------------

    def text(self, document_id: int, start: int = 0, end: int | None = None) -> str:
        """`document_text[start:end]`."""
        stop = _NO_END if end is None else end
        rows = self._connection.execute(
            "SELECT start, text FROM texts WHERE document_id = ? AND start < ? AND end > ? "
            "ORDER BY start",
            (document_id, stop, start),
        )
        return "".join(text[max(0, start - at) : max(0, stop - at)] for at, text in rows)

    def pieces(self, document_id: int) -> list[tuple[int, int]]:
        """(start, end) of the pieces in which a document's text is kept, in order."""
        return self._connection.execute(
            "SELECT start, end FROM texts WHERE document_id = ? ORDER BY start", (document_id,)
        ).fetchall()

    def loaded(self, document_id: int) -> Iterator[LoadedText]:
        """A document's text as its loader gave it, piece by piece, without what its markup said."""
        rows = self._connection.execute(
            "SELECT start, text, sources FROM texts WHERE document_id = ? ORDER BY start",
            (document_id,),
        ).fetchall()
        for start, text, sources in rows:
            yield LoadedText(text, unpack_sources(sources), start=start)

    def size(self, document_id: int) -> int:
        """Bytes of a document's file when it was added."""
        row = self._connection.execute(
            "SELECT size FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def n_bytes(self, document_id: int) -> int:
        """Length of a document's text so far, in UTF-8."""
        row = self._connection.execute(
            "SELECT sum(length(CAST(text AS BLOB))) FROM texts WHERE document_id = ?",
            (document_id,),
        ).fetchone()
        return int(row[0] or 0)

    def locator(self, document_id: int, start: int, end: int) -> Locator | None:
        """Where `[start, end)` stands in the original file, as far as the loader knew."""
        row = self._connection.execute(
            "SELECT start, sources FROM texts WHERE document_id = ? AND start <= ? AND end > ?",
            (document_id, start, start),
        ).fetchone()
        return None if row is None else find_locator(row[1], start - row[0], end - row[0])

    def sources(self, document_id: int, start: int, end: int) -> list[SourceRange]:
        """The ranges of the source map that touch `[start, end)`, with offsets of the document."""
        rows = self._connection.execute(
            "SELECT start, sources FROM texts WHERE document_id = ? AND start < ? AND end > ? "
            "ORDER BY start",
            (document_id, end, start),
        )
        return [
            SourceRange(piece + source.start, piece + source.end, source.locator)
            for piece, packed in rows
            for source in unpack_sources(packed)
            if piece + source.start < end and piece + source.end > start
        ]

    def blocks(
        self, document_id: int, start: int = 0, end: int | None = None
    ) -> list[tuple[int, int, Role, int, str]]:
        """(start, end, role, heading level, reason) of the blocks that touch `[start, end)`."""
        rows = self._connection.execute(
            "SELECT start, end, role, level, reason FROM blocks "
            "WHERE document_id = ? AND end > ? AND start < ? ORDER BY start",
            (document_id, start, _NO_END if end is None else end),
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
        for batch in _batches(ids):
            marks = ",".join("?" * len(batch))
            rows = self._connection.execute(
                f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE id IN ({marks})",  # noqa: S608
                batch,
            )
            found.update((row[0], passage_of(row)) for row in rows)
        return [found[i] for i in ids if i in found]

    def document_passages(
        self, document_id: int, start: int = 0, end: int | None = None
    ) -> list[Passage]:
        """The passages of a document that begin in `[start, end)`, in order."""
        rows = self._connection.execute(
            f"SELECT {PASSAGE_COLUMNS} FROM passages "  # noqa: S608
            "WHERE document_id = ? AND start >= ? AND start < ? ORDER BY start",
            (document_id, start, _NO_END if end is None else end),
        )
        return [passage_of(row) for row in rows]

    def distinct(self, column: Literal["speaker", "date"]) -> list[str]:
        """The different values that passages have, in order."""
        rows = self._connection.execute(
            f"SELECT DISTINCT {column} FROM passages WHERE {column} IS NOT NULL ORDER BY 1"  # noqa: S608
        )
        return [str(row[0]) for row in rows]

    def select_passages(
        self,
        *,
        documents: Sequence[int] | None = None,
        speakers: Sequence[str] | None = None,
        dates: Sequence[str] | None = None,
        roles: Sequence[str] | None = None,
    ) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Ids of the passages with one of each of these, ascending, shape (n,); None asks for nothing."""
        wanted = {"document_id": documents, "speaker": speakers, "date": dates, "role": roles}
        conditions = {name: values for name, values in wanted.items() if values is not None}
        where = " AND ".join(
            f"{name} IN (SELECT value FROM json_each(?))"  # noqa: S608
            for name in conditions
        )
        rows = self._connection.execute(
            f"SELECT id FROM passages WHERE {where or 1} ORDER BY id",  # noqa: S608
            [json.dumps(list(values)) for values in conditions.values()],
        )
        return np.fromiter((row[0] for row in rows), dtype=np.int64)

    def documents_of(self, passages: Sequence[int]) -> set[int]:
        """Ids of the documents that some passages stand in."""
        rows = self._connection.execute(
            "SELECT DISTINCT document_id FROM passages WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps([int(i) for i in passages]),),
        )
        return {int(row[0]) for row in rows}

    def match(
        self, query: str, limit: int, within: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """(passage id, BM25 score, higher is better) of an FTS5 query, best first, ties by id.

        Args:
            query: in FTS5's language.
            limit: at most so many.
            within: ids of the only passages that count; None for all.
        """
        condition = "" if within is None else "AND rowid IN (SELECT value FROM json_each(?)) "
        only = () if within is None else (json.dumps([int(i) for i in within]),)
        rows = self._connection.execute(
            "SELECT rowid, -bm25(passages_fts, 1.0, 1.0) AS score FROM passages_fts "  # noqa: S608
            f"WHERE passages_fts MATCH ? {condition}ORDER BY score DESC, rowid LIMIT ?",
            (query, *only, limit),
        )
        return [(int(row[0]), float(row[1])) for row in rows]

    def match_all(self, query: str) -> list[int]:
        """Ids of every passage that an FTS5 query finds, ascending."""
        rows = self._connection.execute(
            "SELECT rowid FROM passages_fts WHERE passages_fts MATCH ? ORDER BY rowid", (query,)
        )
        return [int(row[0]) for row in rows]

    def passages_after(self, passage_id: int, limit: int) -> list[int]:
        """The next ids after one, at most `limit`, ascending; a later passage has a higher id."""
        rows = self._connection.execute(
            "SELECT id FROM passages WHERE id > ? ORDER BY id LIMIT ?", (passage_id, limit)
        )
        return [int(row[0]) for row in rows]

    @property
    def facts_until(self) -> int:
        """Id of the last passage that the evidence table has read."""
        return int(self.meta("facts_until") or 0)

    def facts(
        self,
        kind: str,
        *,
        documents: Sequence[int] | None = None,
        norm: str | None = None,
        limit: int | None = None,
    ) -> list[tuple[Any, ...]]:
        """(passage id, document id, kind, start, end, value, norm) in the order of their places."""
        wanted: list[object] = [kind]
        where = "kind = ?"
        if norm is not None:
            where += " AND norm = ?"
            wanted.append(norm)
        if documents is not None:
            where += " AND document_id IN (SELECT value FROM json_each(?))"
            wanted.append(json.dumps([int(i) for i in documents]))
        return self._connection.execute(
            "SELECT passage_id, document_id, kind, start, end, value, norm FROM facts "  # noqa: S608
            f"WHERE {where} ORDER BY document_id, start LIMIT ?",
            [*wanted, -1 if limit is None else limit],
        ).fetchall()

    def facts_in(self, passages: Sequence[int]) -> list[tuple[Any, ...]]:
        """As `facts`, of every kind, of these passages."""
        return self._connection.execute(
            "SELECT passage_id, document_id, kind, start, end, value, norm FROM facts "
            "WHERE passage_id IN (SELECT value FROM json_each(?)) ORDER BY document_id, start",
            (json.dumps([int(i) for i in passages]),),
        ).fetchall()

    def document_frequency(self, stem: str) -> int:
        """In how many passages (breadcrumb included) a stem occurs."""
        _ = self._vocabulary
        return self._counted(
            f"passages with {stem}", "SELECT doc FROM temp.vocabulary WHERE term = ?", stem
        )

    def words_like(self, first: str, shortest: int, longest: int) -> list[tuple[str, int]]:
        """(stem, passages it occurs in) of the stems that begin with `first`, by their lengths."""
        return self._vocabulary.execute(
            "SELECT term, doc FROM temp.vocabulary WHERE term >= ? AND term < ? "
            "AND length(term) BETWEEN ? AND ?",
            (first, chr(ord(first) + 1), shortest, longest),
        ).fetchall()

    def passage_with(self, stem: str) -> Passage | None:
        """A passage in which a stem of `words_like` occurs."""
        self._connection.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.occurrences "
            "USING fts5vocab(main, passages_fts, instance)"
        )
        row = self._connection.execute(
            "SELECT doc FROM temp.occurrences WHERE term = ? LIMIT 1", (stem,)
        ).fetchone()
        found = [] if row is None else self.passages([int(row[0])])
        return found[0] if found else None

    @property
    def _vocabulary(self) -> sqlite3.Connection:
        """A connection on which the lexical index shows its words as a table."""
        self._connection.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary "
            "USING fts5vocab(main, passages_fts, row)"
        )
        return self._connection

    def vector_ids(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Ids of all embedded passages, ascending, shape (n,)."""
        rows = self._connection.execute("SELECT passage_id FROM vectors ORDER BY passage_id")
        return np.fromiter((row[0] for row in rows), dtype=np.int64)

    def vectors(self, ids: Sequence[int]) -> FloatMatrix:
        """Vectors of these passages, shape (n, dim), in order.

        Raises:
            KeyError: a passage is gone; read its id and its vector inside one `snapshot()`.
        """
        found: dict[int, bytes] = {}
        for batch in _batches(ids):
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


def _batches(ids: Sequence[int]) -> Iterator[list[int]]:
    """As many as SQLite takes in one statement, as plain integers."""
    for first in range(0, len(ids), _BATCH):
        yield [int(i) for i in ids[first : first + _BATCH]]
