"""Whether an old answer still rests on the documents as they are now."""

from dataclasses import dataclass
from typing import Literal

from index.store import Store
from index.types import Document
from rag.types import Answer, Citation

_LONGEST_ID = 18


@dataclass(frozen=True, slots=True)
class Stale:
    """A document that an answer cites and that is not what it was.

    Attributes:
        change: "changed" where the cited words no longer stand there, "edited" where the file is another
            one but the words stand, "gone" where the document is not in the library.
    """

    title: str
    change: Literal["changed", "edited", "gone"]


def stale_documents(store: Store, answer: Answer) -> tuple[Stale, ...]:
    """The cited documents that have changed since, each once, in the order of the footnotes."""
    found: dict[str, Stale] = {}
    worse = {"edited": 0, "changed": 1, "gone": 2}
    for sentence in answer.sentences:
        for citation in sentence.citations:
            now = _change(store, citation)
            if now is None:
                continue
            before = found.get(citation.document)
            if before is None or worse[now] > worse[before.change]:
                found[citation.document] = Stale(citation.title, now)
    return tuple(found.values())


def document_of(store: Store, path: str, sha256: str) -> Document | None:
    """The document at a path; where there is none now, one with this content; None where there is neither."""
    there = store.document_at(path)
    same = store.documents_with(sha256)
    return there or min(same, key=lambda document: document.path, default=None)


def cited_document(store: Store, ident: str, path: str, sha256: str) -> Document | None:
    """The document that a footnote of before means, whatever its number is in this index.

    Another index numbers its documents anew, and so does one that was removed and added again: what counts
    is the path, then the content.

    Args:
        store: the documents as they are now.
        ident: the number that the footnote has.
        path: of the document then.
        sha256: of its file then; "" where it is not known.
    """
    known = ident.isascii() and ident.isdecimal() and len(ident) < _LONGEST_ID
    found = store.document(int(ident)) if known else None
    if found is not None and (found.path == path or (sha256 and found.sha256 == sha256)):
        return found
    return document_of(store, path, sha256)


def _change(store: Store, citation: Citation) -> Literal["changed", "edited", "gone"] | None:
    document = cited_document(store, citation.document, citation.path, citation.sha256)
    if document is None:
        return "gone"
    if document.sha256 == citation.sha256:
        return None
    stands = store.text(document.id, citation.start, citation.end) == citation.quote
    return "edited" if stands else "changed"
