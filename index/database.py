"""The library's SQLite file itself: opening, connections, transactions, and what went wrong.

Knows nothing of documents; `index.reading` and `index.store` do.
"""

import logging
import os
import re
import sqlite3
import threading
import uuid
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.errors import LibraryError
from index.schema import DERIVED, FORMAT_VERSION, KEPT, SCHEMA

_log = logging.getLogger(__name__)
_BUSY_TIMEOUT_MS = 60_000
_MOST_KNOWN = 50_000
_LATER = frozenset(re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", DERIVED + KEPT))


class Database:
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
        self.is_used: Callable[[], bool] = lambda: True
        """Whether this is the index in use; nothing is changed in one that is not."""
        self._local = threading.local()
        self._known: tuple[int, dict[str, int]] = (-1, {})
        self._opened: weakref.WeakSet[_Connection] = weakref.WeakSet()
        # Whoever forgets to close leaves it to this; not at exit, when threads may be at work yet.
        weakref.finalize(self, _close_each, self._opened).atexit = False
        try:
            self._find(create)
            self._prepare()
        except BaseException:
            self.close_all()
            raise

    # -- opening -----------------------------------------------------------------------------

    def _find(self, create: bool) -> None:
        """Make sure that the file is there, readable by its owner only."""
        if os.path.lexists(self.folder) and not os.path.isdir(self.folder):
            raise LibraryError(
                f"{self.folder} is a file, and a library is a folder. Name a folder with "
                "--library DIR."
            )
        if not create and not os.path.lexists(self.path):
            raise LibraryError(
                f"There is no library in {self.folder}. Add documents first: footnote add PATH"
            )
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise LibraryError(
                f"The library folder {self.folder} cannot be used: {error.strerror or error}. "
                "Name another with --library DIR."
            ) from error

    def _prepare(self) -> None:
        """Write the tables of a new library; refuse what is none of ours, before touching it."""
        if not self._tables():
            with self._write():
                # Another process may have been faster.
                if not self._tables():
                    self._create()
        version = self.meta("format_version") if "meta" in self._tables() else None
        if version is None or not version.isdigit():
            raise LibraryError(
                f"{self.path} is a SQLite file but not a Footnote library. "
                "Name another folder with --library DIR."
            )
        if int(version) > FORMAT_VERSION:
            raise LibraryError(
                f"The library {self.folder} has format {version}; this Footnote reads up to "
                f"{FORMAT_VERSION}. Update Footnote, or name another folder with --library DIR."
            )
        self._prepare_derived()
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
        except LibraryError as error:
            # Without it readers wait for writers; who opens the library next tries again.
            _log.info("No write-ahead log for %s yet: %s", self.path, error)

    def _prepare_derived(self) -> None:
        """Tables that an earlier Footnote did not make; a library that cannot be written does without."""
        if self._tables() >= _LATER:
            return
        try:
            with self._write():
                for statement in _statements(DERIVED + KEPT):
                    self._connection.execute(statement)
        except LibraryError as error:
            _log.info("%s has no evidence table, tags or own titles: %s", self.path, error)

    def _tables(self) -> set[str]:
        rows = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {row[0] for row in rows}

    def _create(self) -> None:
        for statement in _statements(SCHEMA):
            self._connection.execute(statement)
        self._set_meta("format_version", str(FORMAT_VERSION))
        self._set_meta("generation", "0")
        self._set_meta("library_id", uuid.uuid4().hex)

    @property
    def _connection(self) -> "_Connection":
        connection: _Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # Each thread uses its own; only `close_all` reaches into those of others.
            connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, factory=_Connection
            )
            connection.folder = self.folder
            self._opened.add(connection)
            self._local.connection = connection
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def close(self) -> None:
        """Close this thread's connection; it is opened again when needed."""
        connection: _Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def close_all(self) -> None:
        """Close the connections of all threads; call it when none of them is at work any more."""
        self._local = threading.local()
        _close_each(self._opened)

    # -- transactions -------------------------------------------------------------------------

    @contextmanager
    def _write(self) -> Iterator[None]:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself; so may a failed COMMIT.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def check_used(self) -> None:
        """Make sure that what is written here is not lost; inside a transaction it holds for that.

        Raises:
            LibraryError: another index of the library is in use since this was opened.
        """
        if not self.is_used():
            raise LibraryError(
                f"The library uses another embedder since {self.folder} was opened. Start again; "
                "nothing was changed."
            )

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read inside comes from one committed state."""
        connection = self._connection
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN")
        try:
            yield
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside become visible together, or not at all."""
        with self._write():
            yield
            self._set_meta("generation", str(self.generation + 1))

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

    def use_embedder(self, name: str, dim: int) -> None:
        """Bind the library to an embedder, or check that it is the one it was made with.

        A library without vectors takes any. Inside `transaction()` the check holds for what is
        written there; another process may have bound the library since it was opened.

        Raises:
            LibraryError: the library holds vectors of another embedder.
        """
        if self._is_bound_to(name, dim):
            return
        if self._connection.in_transaction:
            self._bind(name, dim)
        else:
            with self._write():
                self._bind(name, dim)

    def _is_bound_to(self, name: str, dim: int) -> bool:
        return (self.meta("embedder"), self.meta("dim")) == (name, str(dim))

    def _bind(self, name: str, dim: int) -> None:
        known, known_dim = self.meta("embedder"), self.meta("dim")
        if known is None or self.count("vectors") == 0:
            self._set_meta("embedder", name)
            self._set_meta("dim", str(dim))
        elif not self._is_bound_to(name, dim):
            raise LibraryError(
                f"The library {self.folder} was made with embedder {known} ({known_dim} "
                f"dimensions); the settings ask for {name} ({dim}). Use --embedder {known}, or "
                "name another folder with --library DIR and add the documents there."
            )

    def count(self, table: str) -> int:
        """Rows of "documents", "passages", "vectors" or "blocks"."""
        if table not in ("documents", "passages", "vectors", "blocks"):
            raise ValueError(table)
        return self._counted(
            f"rows of {table}",
            f"SELECT count(*) FROM {table}",  # noqa: S608
        )

    def _counted(self, name: str, query: str, *values: object) -> int:
        """A number from the database, kept until the library changes: counting takes long in a large one.

        Inside a transaction it is counted anew, since what is seen there may never be committed.
        """
        connection = self._connection
        generation = -1 if connection.in_transaction else self.generation
        if generation != self._known[0]:
            self._known = (generation, {})
        known = self._known[1] if generation >= 0 else {}
        number = known.get(name)
        if number is None:
            row = connection.execute(query, values).fetchone()
            number = 0 if row is None else int(row[0])
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known[name] = number
        return number


class _Connection(sqlite3.Connection):
    """Says in one sentence what a person can do something about; all else is a defect."""

    folder: Path

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(sql, parameters)
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        try:
            return super().executemany(sql, parameters)
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error

    def _explained(self, error: sqlite3.DatabaseError) -> Exception:
        words = str(error)
        kept = f"What the library {self.folder} held before is kept"
        if "full" in words:
            return LibraryError(
                f"The disk is full ({words}). {kept}; free some space, then run the same command "
                "again."
            )
        if "locked" in words or "busy" in words:
            return LibraryError(
                f"Another program holds the library {self.folder} ({words}). Wait until it is "
                "done or close it, then run the same command again."
            )
        if any(sign in words for sign in ("readonly", "unable to open", "disk I/O")):
            return LibraryError(
                f"The library {self.folder} cannot be read or written ({words}). {kept}; check "
                "the disk and whether the folder is yours, then run the same command again."
            )
        # SQLite's word for a damaged file is the bare class; what has a class of its own is not.
        damaged = type(error) is sqlite3.DatabaseError
        if damaged or any(sign in words for sign in ("malformed", "no such", "vtable")):
            return LibraryError(
                f"{self.folder / 'library.sqlite'} is not a readable library ({words}). Restore "
                "it from a copy, or move it away and add the documents again."
            )
        return error


def _close_each(connections: "weakref.WeakSet[_Connection]") -> None:
    for connection in list(connections):
        connection.close()


def _statements(script: str) -> Iterator[str]:
    """The script's statements; a trigger's inner `;` does not end one."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
