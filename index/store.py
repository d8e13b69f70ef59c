"""The library's one truth: a SQLite file with documents, text, blocks, passages and vectors.

A document becomes visible in one transaction, with everything that belongs to it; a crash leaves the
last committed state. Each change raises `generation`, by which derived files know that they are old.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.carrying import Carrier
from index.errors import LibraryError
from index.journal import Journal, now
from index.listing import Listing
from index.reading import StoreReader
from index.rows import PASSAGE_COLUMNS, pack_sources, passage_row
from index.types import Analysis, Document, LoadedText, Passage
from models.protocols import FloatMatrix

_PASSAGE_MARKS = ", ".join("?" * len(PASSAGE_COLUMNS.split(", ")))


class Store(StoreReader, Listing, Journal, Carrier):
    """The library's file, for reading and writing; see `Database` for opening and closing it."""

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
                (sha256, size, title, now(), old.id),
            )
            self._keep_found_title(old.id, title)
        else:
            self._connection.execute(
                "INSERT INTO documents (path, title, sha256, size, n_chars, status, added_at) "
                "VALUES (?, ?, ?, ?, 0, 'partial', ?)",
                (path, title, sha256, size, now()),
            )
        found = self.document_at(path)
        if found is not None:
            self._note_change(found.path, found.title, "added" if old is None else "changed")
        else:
            raise LibraryError(f"{path} could not be written to the library {self.folder}.")
        return found

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
            (document_id, loaded.start, end, loaded.text, pack_sources(loaded)),
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
        self._insert_passages(document_id, passages, vectors)
        connection.execute("UPDATE documents SET n_chars = ? WHERE id = ?", (end, document_id))

    def _insert_passages(
        self, document_id: int, passages: Sequence[Passage], vectors: FloatMatrix
    ) -> None:
        """Ids are counted here, so that passages and vectors go in with one statement each."""
        row = self._connection.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'passages'"
        ).fetchone()
        first = 1 if row is None else int(row[0]) + 1
        self._connection.executemany(
            f"INSERT INTO passages ({PASSAGE_COLUMNS}) VALUES ({_PASSAGE_MARKS})",  # noqa: S608
            (passage_row(i, document_id, p) for i, p in enumerate(passages, start=first)),
        )
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        self._connection.executemany(
            "INSERT INTO vectors (passage_id, vector) VALUES (?, ?)",
            (
                (first + i, row.tobytes())
                for i, (_, row) in enumerate(zip(passages, rows, strict=True))
            ),
        )

    def finish_document(self, document_id: int) -> None:
        """Mark a document complete. Call inside `transaction()`."""
        self._connection.execute(
            "UPDATE documents SET status = 'complete' WHERE id = ?", (document_id,)
        )
        self._drop_note_to_self(document_id)

    def describe(self, document_id: int, analysis: Analysis, notes: Iterable[str]) -> None:
        """Record title, date and notes found in a document. Call inside `transaction()`."""
        if analysis.title is not None:
            self._keep_found_title(document_id, " ".join(analysis.title.text.split()))
            self._connection.execute(
                "UPDATE documents SET title_start = ?, title_end = ? WHERE id = ?",
                (analysis.title.start, analysis.title.end, document_id),
            )
        # A date in the markup alone has no span in the text.
        span = (None, None) if analysis.date is None else (analysis.date.start, analysis.date.end)
        self._connection.execute(
            "UPDATE documents SET date = ?, date_start = ?, date_end = ? WHERE id = ?",
            (analysis.date_iso, *span, document_id),
        )
        self._connection.execute(
            "UPDATE documents SET notes = ? WHERE id = ?", (json.dumps(list(notes)), document_id)
        )

    def add_facts(self, after: int, until: int, rows: Sequence[tuple[Any, ...]]) -> None:
        """What the evidence table found in the passages with ids in `(after, until]`.

        The library itself does not change by it, so its generation stays. Where another process was faster
        nothing is added twice, and what was removed in the meantime is passed over.
        """
        with self._write():
            if self.facts_until != after:
                return
            self._connection.executemany(
                "INSERT INTO facts (passage_id, document_id, kind, start, end, value, norm) "
                "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS "
                "(SELECT 1 FROM passages WHERE id = ?1)",
                rows,
            )
            self._set_meta("facts_until", str(until))

    def move_document(self, document_id: int, path: str) -> None:
        """The file was renamed: its path changes, and its title where the file's name was that."""
        with self.transaction():
            old = self.document(document_id)
            if old is None:
                return
            found = self.found_title(document_id) or old.title
            named = old.title_span is None and found == Path(old.path).stem
            self._connection.execute(
                "UPDATE documents SET path = ? WHERE id = ?", (path, document_id)
            )
            self._keep_found_title(document_id, Path(path).stem if named else found)
            self._connection.execute("DELETE FROM missing WHERE document_id = ?", (document_id,))

    def remove_document(self, document_id: int) -> None:
        """Forget a document and everything made of it."""
        with self.transaction():
            old = self.document(document_id)
            if old is not None:
                self._note_change(old.path, old.title, "removed")
            self._clear(document_id)
            self._connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    def _clear(self, document_id: int) -> None:
        for table in ("passages", "blocks", "texts", "speakers"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE document_id = ?",  # noqa: S608
                (document_id,),
            )
        self._drop_note_to_self(document_id)

    # -- documents that come in pieces -----------------------------------------------------------

    def note_to_self(self, document_id: int, words: str) -> None:
        """Keep what the next piece of a partial document needs. Call inside `transaction()`."""
        self._set_meta(f"resume:{document_id}", words)

    def noted(self, document_id: int) -> str | None:
        """What `note_to_self` kept; None once the document is complete."""
        return self.meta(f"resume:{document_id}")

    def _drop_note_to_self(self, document_id: int) -> None:
        self._connection.execute("DELETE FROM meta WHERE key = ?", (f"resume:{document_id}",))
