"""A page of documents: searched, sorted and filtered by SQLite, so that 10,000 are listed as quickly as ten.

Only the documents of the page asked for are made into objects, and only their passages are counted.
What is searched and sorted by, without capitals and accents, is kept in a table of its own.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from index.labels import Labels
from index.rows import DOCUMENT_COLUMNS, document_of
from index.types import Document, Role
from index.words import fold

Sort = Literal["title", "date", "added", "size"]
Status = Literal["", "complete", "partial", "missing"]

PAGE_SIZE = 50
_ORDERS = {
    ("title", False): "s.sorted_by, s.path",
    ("title", True): "s.sorted_by DESC, s.path DESC",
    ("date", False): "d.date IS NULL, d.date DESC, s.sorted_by, s.path",
    ("date", True): "d.date IS NULL, d.date, s.sorted_by, s.path",
    ("added", False): "d.added_at DESC, d.id DESC",
    ("added", True): "d.added_at, d.id",
    ("size", False): "d.size DESC, s.path",
    ("size", True): "d.size, s.path",
}
_FROM = "FROM shelf s JOIN documents d ON d.id = s.document_id"
_COLUMNS = ", ".join(f"d.{column}" for column in DOCUMENT_COLUMNS.split(", "))
_HAS_TAG = "EXISTS (SELECT 1 FROM tags t WHERE t.document_id = d.id AND t.folded = ?)"
_IN_TAGS = "d.id IN (SELECT document_id FROM tags WHERE instr(folded, ?) > 0)"
_MISSING = "EXISTS (SELECT 1 FROM missing m WHERE m.document_id = d.id)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents, in which order.

    Attributes:
        words: each must stand in the title, path or a tag, whatever the case.
        kind: the ending of the file's name without its dot, lower case; empty for all.
        tag: empty for all.
        status: "missing" are those whose file has vanished; empty for all.
        sort: "title" from A, "date" and "added" from the newest, "size" from the largest.
        backwards: the other way round; documents without a date come last either way.
    """

    words: str = ""
    kind: str = ""
    tag: str = ""
    status: Status = ""
    sort: Sort = "title"
    backwards: bool = False

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.words.strip() or self.kind or self.tag or self.status)


@dataclass(frozen=True, slots=True)
class Listed:
    """A document with what a list says of it.

    Attributes:
        size: bytes of its file.
        added_at: ISO 8601, UTC.
        missing: its file has vanished from a watched folder.
    """

    document: Document
    size: int
    added_at: str
    missing: bool
    tags: tuple[str, ...]
    n_passages: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Attributes:
        number: from 1.
        n_pages: at least 1.
        n_found: documents on all pages.
    """

    rows: tuple[Listed, ...]
    number: int
    n_pages: int
    n_found: int


class Listing(Labels):
    """Lists documents."""

    # The generation whose titles and paths can be searched.
    _shelved = -1

    def list_page(self, wanted: Wanted, number: int = 1, page_size: int = PAGE_SIZE) -> Page:
        """A page of the documents wanted; a number past the end gives the last page."""
        self._catch_up()
        with self.snapshot():
            condition, values = _condition(wanted)
            n_found = self._n_found(wanted, condition, values)
            n_pages = max(1, -(-n_found // page_size))
            number = min(max(number, 1), n_pages)
            rows = self._connection.execute(
                f"SELECT {_COLUMNS}, d.size, d.added_at, {_MISSING} {_FROM} "
                f"WHERE {condition} ORDER BY {_ORDERS[wanted.sort, wanted.backwards]} "
                "LIMIT ? OFFSET ?",
                (*values, page_size, (number - 1) * page_size),
            ).fetchall()
            return Page(self._listed(rows), number, n_pages, n_found)

    def list_ids(self, wanted: Wanted) -> list[int]:
        """Ids of all documents wanted, ascending."""
        self._catch_up()
        condition, values = _condition(wanted)
        rows = self._connection.execute(
            f"SELECT d.id {_FROM} WHERE {condition} ORDER BY d.id",
            values,
        )
        return [int(row[0]) for row in rows]

    def kinds(self) -> list[tuple[str, int]]:
        """(ending of the file's name, how many documents), the most frequent first."""
        self._catch_up()
        rows = self._connection.execute(
            "SELECT kind, count(*) FROM shelf GROUP BY kind ORDER BY 2 DESC, 1"
        )
        return [(str(kind), int(n)) for kind, n in rows]

    def listed(self, document_id: int) -> Listed | None:
        """One document as a list shows it; None where it is gone."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS}, d.size, d.added_at, {_MISSING} FROM documents d WHERE d.id = ?",  # noqa: S608
            (document_id,),
        ).fetchall()
        found = self._listed(rows)
        return found[0] if found else None

    def n_missing(self) -> int:
        """Documents whose file has vanished from a watched folder."""
        return int(self._connection.execute("SELECT count(*) FROM missing").fetchone()[0])

    def role_counts(self, document_id: int) -> dict[Role, tuple[int, int]]:
        """(blocks, characters) of each role in a document."""
        rows = self._connection.execute(
            "SELECT role, count(*), sum(end - start) FROM blocks WHERE document_id = ? GROUP BY role",
            (document_id,),
        )
        return {Role(role): (int(n), int(chars)) for role, n, chars in rows}

    def blocks_of_role(
        self, document_id: int, role: Role, limit: int
    ) -> list[tuple[int, int, int, str]]:
        """(start, end, heading level, reason) of the first blocks with a role."""
        return self._connection.execute(
            "SELECT start, end, level, reason FROM blocks WHERE document_id = ? AND role = ? "
            "ORDER BY start LIMIT ?",
            (document_id, str(role), limit),
        ).fetchall()

    def _catch_up(self) -> None:
        """Keep what documents are searched and sorted by as their titles and paths are now."""
        generation = self.generation
        if generation == self._shelved:
            return
        changed = self._connection.execute(
            "SELECT d.id, d.title, d.path FROM documents d LEFT JOIN shelf s ON s.document_id = d.id "
            "WHERE s.document_id IS NULL OR s.title != d.title OR s.path != d.path"
        ).fetchall()
        if changed:
            with self._write():
                self._connection.executemany(
                    "INSERT OR REPLACE INTO shelf (document_id, title, path, sorted_by, words, kind) "
                    "SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM documents WHERE id = ?1)",
                    [_key(*row) for row in changed],
                )
        self._shelved = generation

    def _n_found(self, wanted: Wanted, condition: str, values: Sequence[object]) -> int:
        if wanted.everything:
            return self.count("documents")
        row = self._connection.execute(
            f"SELECT count(*) {_FROM} WHERE {condition}",
            values,
        ).fetchone()
        return int(row[0])

    def _listed(self, rows: Sequence[tuple[object, ...]]) -> tuple[Listed, ...]:
        documents = [document_of(row[:-3]) for row in rows]
        ids = json.dumps([document.id for document in documents])
        counts: dict[int, int] = dict(
            self._connection.execute(
                "SELECT document_id, count(*) FROM passages "
                "WHERE document_id IN (SELECT value FROM json_each(?)) GROUP BY document_id",
                (ids,),
            ).fetchall()
        )
        tags = self.tags_of([document.id for document in documents])
        return tuple(
            Listed(
                document=document,
                size=int(str(row[-3])),
                added_at=str(row[-2]),
                missing=bool(row[-1]),
                tags=tags.get(document.id, ()),
                n_passages=counts.get(document.id, 0),
            )
            for document, row in zip(documents, rows, strict=True)
        )


def _key(ident: int, title: str, path: str) -> tuple[int, str, str, str, str, str]:
    kind = PurePath(path).suffix.lower().lstrip(".")
    return ident, title, path, fold(title), f"{fold(title)}\n{fold(path)}", kind


def _condition(wanted: Wanted) -> tuple[str, list[object]]:
    """What follows WHERE, with its values."""
    parts: list[str] = ["1"]
    values: list[object] = []
    for word in fold(wanted.words).split():
        parts.append(f"(instr(s.words, ?) > 0 OR {_IN_TAGS})")
        values += [word, word]
    if wanted.kind:
        parts.append("s.kind = ?")
        values.append(wanted.kind.lower())
    if wanted.tag:
        parts.append(_HAS_TAG)
        values.append(fold(wanted.tag))
    if wanted.status == "missing":
        parts.append(_MISSING)
    elif wanted.status:
        parts.append("d.status = ?")
        values.append(wanted.status)
    return " AND ".join(parts), values
