"""Conversations, kept: every question with what was answered, in a file of their own beside the library.

They are the person's own, not made from the documents: they stay when documents change, when another
embedder is used and when an index is made anew. A question is kept as soon as it is asked, so that no
crash loses it. Knows nothing of the page.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rag.brief import Brief, brief_json
from rag.errors import ConversationError
from rag.kept_turns import COLUMNS, Kept, KeptTurn, Rating, TurnState, answer_data, kept_turn
from rag.types import Answer, Sentence

FILE = "conversations.sqlite"
_TITLE_CHARS = 120
_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS conversations_by_change ON conversations (changed_at);
CREATE TABLE IF NOT EXISTS turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    question TEXT NOT NULL,
    state TEXT NOT NULL,
    sentences TEXT NOT NULL DEFAULT '[]',
    answer TEXT,
    brief TEXT,
    error TEXT NOT NULL DEFAULT '',
    generation INTEGER NOT NULL DEFAULT 0,
    asked_at TEXT NOT NULL,
    rating TEXT,
    reason TEXT NOT NULL DEFAULT '',
    case_id TEXT
);
CREATE INDEX IF NOT EXISTS turns_by_conversation ON turns (conversation_id, id);
CREATE VIRTUAL TABLE IF NOT EXISTS turns_fts USING fts5 (
    words, tokenize="unicode61 remove_diacritics 2"
);
CREATE TRIGGER IF NOT EXISTS turns_deleted AFTER DELETE ON turns BEGIN
    DELETE FROM turns_fts WHERE rowid = old.id;
END;
"""


class Conversations:
    """The conversations of one library; safe to use from several threads and processes.

    Close it when it is no longer needed.

    Args:
        folder: the library's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    # -- while a question is answered ------------------------------------------------------------

    def begin(self, conversation_id: int | None, question: str) -> tuple[int, int]:
        """Keep a question before it is answered.

        Args:
            conversation_id: None begins a new one; so does one that was deleted meanwhile.
            question: as it was typed.

        Returns:
            The ids of conversation and turn.
        """
        now, question = _now(), _whole(question)
        with self._opened() as connection:
            if conversation_id is None or not _touch(connection, conversation_id, now):
                conversation_id = _inserted(
                    connection,
                    "INSERT INTO conversations (title, begun_at, changed_at) VALUES (?, ?, ?)",
                    (_title(question), now, now),
                )
            turn_id = _inserted(
                connection,
                "INSERT INTO turns (conversation_id, question, state, asked_at) "
                "VALUES (?, ?, 'stopped', ?)",
                (conversation_id, question, now),
            )
            _index(connection, turn_id, question)
        return conversation_id, turn_id

    def finish(
        self,
        turn_id: int,
        state: TurnState,
        *,
        sentences: Sequence[Sentence] = (),
        answer: Answer | None = None,
        brief: Brief | None = None,
        error: str = "",
        generation: int = 0,
    ) -> None:
        """Keep what became of a question; nothing happens where its conversation was deleted."""
        shown = [asdict(sentence) for sentence in sentences]
        whole = None if answer is None else json.dumps(answer_data(answer))
        briefed = None if brief is None else json.dumps(brief_json(brief))
        with self._opened() as connection:
            changed = connection.execute(
                "UPDATE turns SET state = ?, sentences = ?, answer = ?, brief = ?, error = ?, "
                "generation = ? WHERE id = ?",
                (state, json.dumps(shown), whole, briefed, _whole(error), generation, turn_id),
            ).rowcount
            if not changed:
                return
            question = connection.execute(
                "SELECT question FROM turns WHERE id = ?", (turn_id,)
            ).fetchone()[0]
            words = [question, *(sentence.text for sentence in sentences)]
            if answer is not None and answer.short_answer:
                words.append(answer.short_answer)
            _index(connection, turn_id, _whole("\n".join(words)))

    # -- afterwards --------------------------------------------------------------------------------

    def listed(self, words: str = "", *, limit: int = 50, offset: int = 0) -> list[Kept]:
        """Conversations, the one last added to first.

        Args:
            words: only those whose title, questions or answers hold all of them; the last may be begun.
            limit: at most so many.
            offset: how many to pass over.
        """
        query, values = _LISTED, [""]
        if wanted := _query(words):
            query = _LISTED.replace("/*where*/", _MATCHING)
            values = [wanted, f"%{_like(words.strip())}%"]
        with self._opened() as connection:
            rows = connection.execute(query, (*values, limit, offset)).fetchall()
        return [Kept(*row) for row in rows]

    def count(self) -> int:
        """How many conversations are kept."""
        with self._opened() as connection:
            return int(connection.execute("SELECT COUNT(*) FROM conversations").fetchone()[0])

    def turns(self, conversation_id: int) -> list[KeptTurn]:
        """The turns of a conversation, oldest first; none where there is no such conversation."""
        with self._opened() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM turns WHERE conversation_id = ? ORDER BY id",  # noqa: S608
                (conversation_id,),
            ).fetchall()
        return [kept_turn(row) for row in rows]

    def title(self, conversation_id: int) -> str | None:
        """The title of a conversation; None where there is no such conversation."""
        with self._opened() as connection:
            row = connection.execute(
                "SELECT title FROM conversations WHERE id = ?", (conversation_id,)
            ).fetchone()
        return None if row is None else str(row[0])

    def rename(self, conversation_id: int, title: str) -> bool:
        """Give a conversation a name; an empty one changes nothing.

        Returns:
            Whether there is such a conversation and a name was given.
        """
        if not title.strip():
            return False
        with self._opened() as connection:
            return bool(
                connection.execute(
                    "UPDATE conversations SET title = ? WHERE id = ?",
                    (_title(_whole(title)), conversation_id),
                ).rowcount
            )

    def delete(self, conversation_id: int) -> bool:
        """Forget a conversation for good; False where there was none."""
        with self._opened() as connection:
            return bool(
                connection.execute(
                    "DELETE FROM conversations WHERE id = ?", (conversation_id,)
                ).rowcount
            )

    def rate(self, turn_id: int, rating: Rating | None, reason: str = "") -> bool:
        """Keep what a person thinks of an answer; False where there is no such turn."""
        with self._opened() as connection:
            return bool(
                connection.execute(
                    "UPDATE turns SET rating = ?, reason = ? WHERE id = ?",
                    (rating, reason.strip(), turn_id),
                ).rowcount
            )

    def made_case(self, turn_id: int, case_id: str) -> None:
        """Note that a question of a question set was made of a turn."""
        with self._opened() as connection:
            connection.execute("UPDATE turns SET case_id = ? WHERE id = ?", (case_id, turn_id))

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        self.close()

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """One transaction on the one connection.

        Raises:
            ConversationError: the file cannot be read or written.
        """
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = _connect(self._file)
                with self._connection as connection:
                    yield connection
            except sqlite3.Error as error:
                self.close()
                raise ConversationError(
                    f"The conversations in {self._file} could not be read or written: {error}. Free "
                    "some space or check the file's rights; if it is damaged, move it away, and a new "
                    "one is made."
                ) from error


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=30, check_same_thread=False)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        # A crash of the machine may cost the last turn, never the file; waiting for the disk would be
        # felt with every question.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


# -- rows ------------------------------------------------------------------------------------------

_LISTED = """
SELECT c.id, c.title, (SELECT COUNT(*) FROM turns t WHERE t.conversation_id = c.id),
       c.begun_at, c.changed_at
FROM conversations c WHERE ? = '' /*where*/ ORDER BY c.changed_at DESC, c.id DESC LIMIT ? OFFSET ?
"""
_MATCHING = """ OR c.id IN (
    SELECT t.conversation_id FROM turns_fts f JOIN turns t ON t.id = f.rowid
    WHERE turns_fts MATCH ?1
) OR c.title LIKE ?2 ESCAPE '\\'"""


def _touch(connection: sqlite3.Connection, conversation_id: int, now: str) -> bool:
    return bool(
        connection.execute(
            "UPDATE conversations SET changed_at = ? WHERE id = ?", (now, conversation_id)
        ).rowcount
    )


def _inserted(connection: sqlite3.Connection, query: str, values: Sequence[object]) -> int:
    ident = connection.execute(query, values).lastrowid
    assert ident is not None
    return ident


def _index(connection: sqlite3.Connection, turn_id: int, words: str) -> None:
    connection.execute("DELETE FROM turns_fts WHERE rowid = ?", (turn_id,))
    connection.execute("INSERT INTO turns_fts (rowid, words) VALUES (?, ?)", (turn_id, words))


def _query(words: str) -> str:
    """All words, the last of which may be begun only, for FTS5; "" where there are none."""
    parts = ["".join(c for c in word if c != '"') for word in words.split()]
    parts = [part for part in parts if any(c.isalnum() for c in part)]
    return " ".join(f'"{part}"' for part in parts) + "*" if parts else ""


def _like(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _whole(words: str) -> str:
    """Without half characters, which no file of SQLite takes."""
    return words.encode("utf-8", "replace").decode()


def _title(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _TITLE_CHARS else line[: _TITLE_CHARS - 1].rstrip() + "…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
