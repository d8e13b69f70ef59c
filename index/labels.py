"""What people say of their documents: a title of their own, and tags.

Both belong to a document, not to its content: they stay when its file changes, is added again or renamed,
and go when the document is removed. Knows nothing of the page.
"""

from collections.abc import Iterable, Sequence

from index.database import Database
from index.errors import LabelError
from index.words import fold

_LONGEST_TAG = 60
_LONGEST_TITLE = 300
# As many as are asked for in one statement.
_BATCH = 500


def tidy_tag(words: str) -> str:
    """A tag as it is kept.

    Raises:
        LabelError: it is empty, too long, or holds a quotation mark, which a filter cannot.
    """
    tag = _one_line(words)
    if not tag:
        raise LabelError("A tag needs a name. For example: tax")
    if len(tag) > _LONGEST_TAG:
        raise LabelError(
            f"The tag has {len(tag)} characters; it may have {_LONGEST_TAG}. Shorten it."
        )
    if any(mark in tag for mark in '"“”'):
        raise LabelError(f"The tag holds a quotation mark, which no filter can: {tag}")
    return tag


def tidy_title(words: str) -> str:
    """A title as it is kept.

    Raises:
        LabelError: it is empty or too long.
    """
    title = _one_line(words)
    if not title:
        raise LabelError("A title needs words. To go back to the one found, reset it.")
    if len(title) > _LONGEST_TITLE:
        raise LabelError(
            f"The title has {len(title)} characters; it may have {_LONGEST_TITLE}. Shorten it."
        )
    return title


class Labels(Database):
    """Own titles and tags of documents."""

    # -- titles -------------------------------------------------------------------------------

    def set_title(self, document_id: int, title: str | None) -> str | None:
        """Give a document a title of one's own, or with None the one found in it back.

        Returns:
            The title it has now; None where there is no such document.

        Raises:
            LabelError: the title is empty or too long.
        """
        own = None if title is None else tidy_title(title)
        with self.transaction():
            self.check_used()
            found = self.found_title(document_id)
            if found is None:
                return None
            self._connection.execute("DELETE FROM own_titles WHERE document_id = ?", (document_id,))
            if own is not None and own != found:
                self._connection.execute(
                    "INSERT INTO own_titles (document_id, title, found) VALUES (?, ?, ?)",
                    (document_id, own, found),
                )
            self._keep_found_title(document_id, found)
            return own or found

    def found_title(self, document_id: int) -> str | None:
        """The title found in a document, whatever it is called now; None where it is gone."""
        row = self._connection.execute(
            "SELECT coalesce(o.found, d.title) FROM documents d "
            "LEFT JOIN own_titles o ON o.document_id = d.id WHERE d.id = ?",
            (document_id,),
        ).fetchone()
        return None if row is None else str(row[0])

    def _keep_found_title(self, document_id: int, found: str) -> None:
        """The title found in a document; one of the person's own stays. Call inside `transaction()`."""
        self._connection.execute(
            "UPDATE own_titles SET found = ? WHERE document_id = ?", (found, document_id)
        )
        self._connection.execute(
            "UPDATE documents SET title = coalesce("
            "(SELECT title FROM own_titles WHERE document_id = documents.id), ?) WHERE id = ?",
            (found, document_id),
        )

    # -- tags ---------------------------------------------------------------------------------

    def tag_documents(self, documents: Iterable[int], tag: str) -> int:
        """Give documents a tag; one that has it in other letters' cases keeps the spelling that is there.

        Returns:
            How many did not have it before.

        Raises:
            LabelError: the tag is empty, too long, or holds a quotation mark.
        """
        kept = tidy_tag(tag)
        with self._write():
            self.check_used()
            known = self._connection.execute(
                "SELECT tag FROM tags WHERE folded = ? LIMIT 1", (fold(kept),)
            ).fetchone()
            words = kept if known is None else str(known[0])
            return sum(
                self._connection.execute(
                    "INSERT OR IGNORE INTO tags (document_id, folded, tag) "
                    "SELECT id, ?, ? FROM documents WHERE id = ?",
                    (fold(kept), words, int(document_id)),
                ).rowcount
                for document_id in documents
            )

    def untag_documents(self, documents: Iterable[int], tag: str) -> int:
        """Take a tag from documents; how many had it."""
        with self._write():
            self.check_used()
            return sum(
                self._connection.execute(
                    "DELETE FROM tags WHERE document_id = ? AND folded = ?",
                    (int(document_id), fold(_one_line(tag))),
                ).rowcount
                for document_id in documents
            )

    def tags(self) -> list[tuple[str, int]]:
        """(tag, how many documents have it), in alphabetical order."""
        if "tags" not in self._tables():
            return []  # a library from before tags that cannot be written
        rows = self._connection.execute(
            "SELECT min(tag), count(*) FROM tags GROUP BY folded ORDER BY folded"
        )
        return [(str(tag), int(n)) for tag, n in rows]

    def tags_of(self, documents: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """The tags of each of these documents that has any, in alphabetical order."""
        if "tags" not in self._tables():
            return {}
        found: dict[int, tuple[str, ...]] = {}
        for first in range(0, len(documents), _BATCH):
            batch = [int(i) for i in documents[first : first + _BATCH]]
            marks = ",".join("?" * len(batch))
            rows = self._connection.execute(
                f"SELECT document_id, tag FROM tags WHERE document_id IN ({marks}) "  # noqa: S608
                "ORDER BY document_id, folded",
                batch,
            )
            for ident, tag in rows:
                found[ident] = (*found.get(ident, ()), str(tag))
        return found

    def tagged(self, tags: Iterable[str]) -> set[int]:
        """Ids of the documents with any of these tags, whatever the case."""
        found: set[int] = set()
        for tag in tags:
            rows = self._connection.execute(
                "SELECT document_id FROM tags WHERE folded = ?", (fold(_one_line(tag)),)
            )
            found.update(int(row[0]) for row in rows)
        return found


def _one_line(words: str) -> str:
    """White space collapsed; what no eye can see is left out, since nobody could type it again."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())
