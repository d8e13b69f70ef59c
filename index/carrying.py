"""What a library keeps beside its documents' content, taken over into another index of the same documents."""

from collections.abc import Mapping
from typing import Any

from index.database import Database

Rows = list[tuple[Any, ...]]

# Columns behind the path that names the document, by table.
_OF_DOCUMENTS = {
    "own_titles": "title, found",
    "tags": "folded, tag",
    "missing": "since",
    "noticed": "words",
}
# Tables that name files themselves; `watched` before what refers to it.
_OF_FILES = {
    "changes": "path, title, what, at",
    "intake": "path, title, reason, at",
    "watched": "path, since, looked_at",
    "watched_files": "folder, path, mtime_ns, size",
}


class Carrier(Database):
    """Gives and takes tags, own titles, changes, files on their way in and watched folders."""

    def kept(self) -> dict[str, Rows]:
        """Everything, by table; documents are named by their paths. Call inside `snapshot()`."""
        found = {
            table: self._connection.execute(
                f"SELECT d.path, {_of(columns)} FROM {table} t "  # noqa: S608
                "JOIN documents d ON d.id = t.document_id"
            ).fetchall()
            for table, columns in _OF_DOCUMENTS.items()
        }
        for table, columns in _OF_FILES.items():
            found[table] = self._connection.execute(
                f"SELECT {columns} FROM {table} ORDER BY rowid"  # noqa: S608
                if table != "watched_files"
                else f"SELECT {columns} FROM {table}"  # noqa: S608
            ).fetchall()
        found["added"] = self._connection.execute("SELECT path, added_at FROM documents").fetchall()
        return found

    def take_kept(self, kept: Mapping[str, Rows]) -> None:
        """Replace all of it by what another index kept. Call inside `transaction()`."""
        execute, many = self._connection.execute, self._connection.executemany
        execute(
            "UPDATE documents SET title = (SELECT found FROM own_titles WHERE document_id = documents.id) "
            "WHERE id IN (SELECT document_id FROM own_titles)"
        )
        for table in (*_OF_DOCUMENTS, *_OF_FILES):
            execute(f"DELETE FROM {table}")  # noqa: S608
        for table, columns in _OF_DOCUMENTS.items():
            n = len(columns.split(", "))
            many(
                f"INSERT INTO {table} (document_id, {columns}) "  # noqa: S608
                f"SELECT id, {', '.join(f'?{i + 2}' for i in range(n))} FROM documents WHERE path = ?1",
                kept[table],
            )
        for table, columns in _OF_FILES.items():
            marks = ", ".join("?" * len(columns.split(", ")))
            many(f"INSERT INTO {table} ({columns}) VALUES ({marks})", kept[table])  # noqa: S608
        many("UPDATE documents SET added_at = ?2 WHERE path = ?1", kept["added"])
        execute(
            "UPDATE documents SET title = (SELECT title FROM own_titles WHERE document_id = documents.id) "
            "WHERE id IN (SELECT document_id FROM own_titles)"
        )


def _of(columns: str) -> str:
    return ", ".join(f"t.{column}" for column in columns.split(", "))
