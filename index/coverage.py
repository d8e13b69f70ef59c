"""Proof that nothing of a document is out of reach: every character lies in a passage."""

from dataclasses import dataclass

from index.store import Store
from index.types import Document, Role


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of a document's text lies in embedded passages.

    Attributes:
        n_chars: characters that are not white space.
        n_covered: of these, in a passage.
        n_furniture: of the covered, in passages labelled furniture (searchable, ranked last).
        n_passages: passages of the document.
        max_tokens: the longest passage with its breadcrumb, in the embedder's own tokens.
    """

    document: Document
    n_chars: int
    n_covered: int
    n_furniture: int
    n_passages: int
    max_tokens: int

    @property
    def complete(self) -> bool:
        """Whether no character is left out."""
        return self.n_covered == self.n_chars


def coverage(store: Store, document: Document) -> Coverage:
    """Measure one document, piece by piece, so that a very large one needs no large memory.

    A character that lies in two passages counts once.
    """
    n_chars = covered = furniture = n_passages = longest = 0
    reached = 0
    for start, end in store.pieces(document.id):
        text = store.text(document.id, start, end)
        n_chars += _visible(text)
        for passage in store.document_passages(document.id, start, end):
            first = max(passage.start, reached)
            n = _visible(text[first - start : max(first, passage.end) - start])
            reached = max(reached, passage.end)
            covered += n
            furniture += n if passage.role is Role.FURNITURE else 0
            n_passages += 1
            longest = max(longest, passage.n_tokens)
    return Coverage(
        document=document,
        n_chars=n_chars,
        n_covered=covered,
        n_furniture=furniture,
        n_passages=n_passages,
        max_tokens=longest,
    )


def _visible(text: str) -> int:
    return sum(len(word) for word in text.split())
