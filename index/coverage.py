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
    """Measure one document."""
    text = store.text(document.id)
    passages = store.document_passages(document.id)
    covered = furniture = 0
    for passage in passages:
        n = _visible(text[passage.start : passage.end])
        covered += n
        furniture += n if passage.role is Role.FURNITURE else 0
    return Coverage(
        document=document,
        n_chars=_visible(text),
        n_covered=covered,
        n_furniture=furniture,
        n_passages=len(passages),
        max_tokens=max((p.n_tokens for p in passages), default=0),
    )


def _visible(text: str) -> int:
    return sum(len(word) for word in text.split())
