"""What happens to a library over time: changes since the last visit, files on their way in, watched folders.

Entries name documents by their paths, so that they hold for whichever index of a library is in use.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from index.database import Database

What = Literal["added", "changed", "removed"]

# Who comes back sooner has not been away.
_SAME_VISIT = timedelta(minutes=30)
_MOST_CHANGES = 20_000


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a document.

    Attributes:
        at: when, ISO 8601, UTC.
    """

    path: str
    title: str
    what: What
    at: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that waits to be added, or could not be.

    Attributes:
        title: what it is to be called; empty for the title found in it.
        reason: why it could not be added; None while it waits.
        at: when it was handed in or failed last, to the microsecond.
    """

    path: str
    title: str
    reason: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Watched:
    """A folder whose files are added by themselves.

    Attributes:
        n_files: how many are known in it.
        looked_at: when it was looked at last; None before that.
    """

    path: str
    since: str
    looked_at: str | None
    n_files: int


def now() -> str:
    """This moment as the library writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _instant(moment: datetime | None = None) -> str:
    """A moment, or this one, fine enough to tell one handing in of a file from the next."""
    return (moment or datetime.now(UTC)).isoformat(timespec="microseconds")


class Journal(Database):
    """Changes, files on their way in, watched folders."""

    # -- changes ------------------------------------------------------------------------------

    def _note_change(self, path: str, title: str, what: What) -> None:
        """Call inside `transaction()`."""
        self._connection.execute(
            "INSERT INTO changes (path, title, what, at) VALUES (?, ?, ?, ?)",
            (path, title, what, now()),
        )

    def visit(self, at: datetime | None = None) -> tuple[int, int]:
        """Note that somebody looks at the library.

        Args:
            at: when; None for now.

        Returns:
            What changed since the visit before: after the first of these changes, up to the second.
        """
        moment = at or datetime.now(UTC)
        with self._write():
            row = self._connection.execute("SELECT max(id) FROM changes").fetchone()
            latest = int(row[0] or 0)
            before = json.loads(self.meta("visit") or "null")
            if before is None:
                since = latest
            elif moment - datetime.fromisoformat(before["at"]) < _SAME_VISIT:
                since = int(before["since"])
            else:
                since = int(before["latest"])
            self._keep_visit(since, latest, moment)
            self._connection.execute(
                "DELETE FROM changes WHERE id <= ?", (min(since, latest - _MOST_CHANGES),)
            )
        return since, latest

    def seen(self) -> None:
        """All changes so far are known to whoever looks."""
        with self._write():
            row = self._connection.execute("SELECT max(id) FROM changes").fetchone()
            latest = int(row[0] or 0)
            self._keep_visit(latest, latest, datetime.now(UTC))

    def _keep_visit(self, since: int, latest: int, at: datetime) -> None:
        words = json.dumps({"since": since, "latest": latest, "at": at.isoformat()})
        self._set_meta("visit", words)

    def changes(self, since: int, until: int, limit: int) -> tuple[dict[What, int], list[Change]]:
        """How many documents were added, changed and removed after one change up to another, and the newest.

        Each document counts once, by what came of it in the end; one that came and went does not count.
        """
        net = (
            "WITH net AS (SELECT path, min(id) AS first, max(id) AS last FROM changes "
            "WHERE id > ? AND id <= ? GROUP BY path), "
            "told AS (SELECT l.id, l.path, l.title, l.at, CASE WHEN l.what = 'removed' THEN 'removed' "
            "WHEN f.what = 'added' THEN 'added' ELSE 'changed' END AS what FROM net "
            "JOIN changes f ON f.id = net.first JOIN changes l ON l.id = net.last "
            "WHERE NOT (f.what = 'added' AND l.what = 'removed')) "
        )
        counts = self._connection.execute(
            f"{net} SELECT what, count(*) FROM told GROUP BY what",  # noqa: S608
            (since, until),
        ).fetchall()
        rows = self._connection.execute(
            f"{net} SELECT path, coalesce((SELECT title FROM documents d WHERE d.path = told.path), title), "  # noqa: S608
            "what, at FROM told ORDER BY id DESC LIMIT ?",
            (since, until, limit),
        ).fetchall()
        return dict(counts), [Change(*row) for row in rows]

    # -- files on their way in ------------------------------------------------------------------

    def hand_in(self, files: Iterable[tuple[str, str]]) -> None:
        """Files, by path and title, wait to be added; one that failed before waits again."""
        moment = _instant()
        with self._write():
            self.check_used()
            self._connection.executemany(
                "INSERT INTO intake (path, title, reason, at) VALUES (?, ?, NULL, ?) "
                "ON CONFLICT (path) DO UPDATE SET reason = NULL, at = excluded.at, "
                "title = CASE excluded.title WHEN '' THEN title ELSE excluded.title END",
                [(path, title, moment) for path, title in files],
            )

    def next_in(self) -> Incoming | None:
        """The file that has waited longest."""
        row = self._connection.execute(
            "SELECT path, title, reason, at FROM intake WHERE reason IS NULL ORDER BY at, rowid LIMIT 1"
        ).fetchone()
        return None if row is None else Incoming(*row)

    def n_waiting(self) -> int:
        """How many files wait to be added."""
        row = self._connection.execute(
            "SELECT count(*) FROM intake WHERE reason IS NULL"
        ).fetchone()
        return int(row[0])

    def failures(self, limit: int) -> tuple[list[Incoming], int]:
        """The files that could not be added, the newest first, and how many there are."""
        rows = self._connection.execute(
            "SELECT path, title, reason, at FROM intake WHERE reason IS NOT NULL "
            "ORDER BY at DESC, rowid DESC LIMIT ?",
            (limit,),
        ).fetchall()
        n = self._connection.execute("SELECT count(*) FROM intake WHERE reason IS NOT NULL")
        return [Incoming(*row) for row in rows], int(n.fetchone()[0])

    def not_taken(self, path: str, reason: str) -> None:
        """A file could not be added; it is kept in mind until it can, or is dismissed."""
        with self._write():
            self._connection.execute(
                "INSERT INTO intake (path, reason, at) VALUES (?, ?, ?) "
                "ON CONFLICT (path) DO UPDATE SET reason = excluded.reason, at = excluded.at",
                (path, reason, _instant()),
            )

    def done(self, file: Incoming, reason: str | None = None) -> None:
        """A file that waited is through; it waits on where it was handed in again meanwhile.

        Args:
            file: as it came from `next_in`.
            reason: why it could not be added; None where it is in the library.
        """
        with self._write():
            if reason is None:
                self._connection.execute(
                    "DELETE FROM intake WHERE path = ? AND at = ?", (file.path, file.at)
                )
            else:
                self._connection.execute(
                    "UPDATE intake SET reason = ?, at = ? WHERE path = ? AND at = ?",
                    (reason, _instant(), file.path, file.at),
                )

    def taken(self, paths: Sequence[str], *, since: datetime | None = None) -> None:
        """Files are in the library, or need not be any more.

        Args:
            paths: of the files.
            since: when they were begun to be added; one that was handed in again after that waits on.
        """
        begun = _instant(since)
        with self._write():
            self._connection.executemany(
                "DELETE FROM intake WHERE path = ? AND at <= ?", [(path, begun) for path in paths]
            )

    def keep_noticed(self, document_id: int, words: Sequence[str]) -> None:
        """What was noticed about a document when it was added, in place of what was before."""
        with self._write():
            self._connection.execute("DELETE FROM noticed WHERE document_id = ?", (document_id,))
            if words:
                self._connection.execute(
                    "INSERT INTO noticed (document_id, words) SELECT id, ? FROM documents WHERE id = ?",
                    (json.dumps(list(words)), document_id),
                )

    def noticed(self, document_id: int) -> list[str]:
        """What was noticed about a document when it was added."""
        row = self._connection.execute(
            "SELECT words FROM noticed WHERE document_id = ?", (document_id,)
        ).fetchone()
        return [] if row is None else list(json.loads(row[0]))

    # -- watched folders ------------------------------------------------------------------------

    def watch(self, folder: str) -> bool:
        """Watch a folder from now on; False where it is watched already."""
        with self._write():
            self.check_used()
            return bool(
                self._connection.execute(
                    "INSERT OR IGNORE INTO watched (path, since) VALUES (?, ?)", (folder, now())
                ).rowcount
            )

    def unwatch(self, folder: str) -> bool:
        """Watch a folder no more; its documents stay, what waits because of it does not.

        Returns:
            False where it was not watched.
        """
        with self._write():
            self.check_used()
            self._connection.execute(
                "DELETE FROM intake WHERE reason IS NULL "
                "AND path IN (SELECT path FROM watched_files WHERE folder = ?1) "
                "AND path NOT IN (SELECT path FROM watched_files WHERE folder <> ?1)",
                (folder,),
            )
            self._connection.execute(
                "DELETE FROM missing WHERE document_id IN "
                "(SELECT id FROM documents WHERE substr(path, 1, length(?1)) = ?1)",
                (folder.rstrip("/") + "/",),
            )
            return bool(
                self._connection.execute("DELETE FROM watched WHERE path = ?", (folder,)).rowcount
            )

    def watched(self) -> list[Watched]:
        """The folders that are watched, by path."""
        rows = self._connection.execute(
            "SELECT path, since, looked_at, "
            "(SELECT count(*) FROM watched_files f WHERE f.folder = watched.path) "
            "FROM watched ORDER BY path"
        )
        return [Watched(*row) for row in rows]

    def watched_files(self, folder: str) -> dict[str, tuple[int, int]]:
        """(mtime in ns, size) of each file of a watched folder, by path, as it was seen last."""
        rows = self._connection.execute(
            "SELECT path, mtime_ns, size FROM watched_files WHERE folder = ?", (folder,)
        )
        return {path: (mtime_ns, size) for path, mtime_ns, size in rows}

    def keep_look(
        self,
        folder: str,
        *,
        seen: Iterable[tuple[str, int, int]] = (),
        gone: Iterable[str] = (),
        back: Iterable[str] = (),
    ) -> None:
        """What a look at a watched folder found, all at once.

        Args:
            folder: the folder.
            seen: (path, mtime in ns, size) of new and changed files; they wait to be added from now on.
            gone: paths that have vanished; their documents stay and are marked as missing.
            back: paths that are there again.
        """
        files, moment = list(seen), now()
        with self._write():
            if not self._is_watched(folder):
                return  # not any more since the look began
            self._connection.executemany(
                "INSERT OR REPLACE INTO watched_files (folder, path, mtime_ns, size) VALUES (?, ?, ?, ?)",
                [(folder, *file) for file in files],
            )
            self._connection.executemany(
                "INSERT INTO intake (path, at) VALUES (?, ?) "
                "ON CONFLICT (path) DO UPDATE SET reason = NULL, at = excluded.at",
                [(path, _instant()) for path, _, _ in files],
            )
            for path in gone:
                self._connection.execute(
                    "DELETE FROM watched_files WHERE folder = ? AND path = ?", (folder, path)
                )
                self._connection.execute("DELETE FROM intake WHERE path = ?", (path,))
                self._connection.execute(
                    "INSERT OR IGNORE INTO missing (document_id, since) "
                    "SELECT id, ? FROM documents WHERE path = ?",
                    (moment, path),
                )
            self._connection.executemany(
                "DELETE FROM missing WHERE document_id IN (SELECT id FROM documents WHERE path = ?)",
                [(path,) for path in back],
            )
            self._connection.execute(
                "UPDATE watched SET looked_at = ? WHERE path = ?", (moment, folder)
            )

    def _is_watched(self, folder: str) -> bool:
        query = "SELECT 1 FROM watched WHERE path = ?"
        return self._connection.execute(query, (folder,)).fetchone() is not None

    def missing(self) -> list[str]:
        """Paths of the documents whose file has vanished from a watched folder."""
        rows = self._connection.execute(
            "SELECT path FROM documents JOIN missing ON missing.document_id = documents.id ORDER BY path"
        )
        return [str(row[0]) for row in rows]
