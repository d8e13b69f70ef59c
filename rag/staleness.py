"""Whether an old answer still rests on the documents as they are now."""

from dataclasses import dataclass
from typing import Literal

from index.store import Store
from rag.types import Answer, Citation


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


def _change(store: Store, citation: Citation) -> Literal["changed", "edited", "gone"] | None:
    ident = citation.document
    document = store.document(int(ident)) if ident.isdecimal() else None
    if document is None:
        return "gone"
    if document.sha256 == citation.sha256:
        return None
    stands = store.text(document.id, citation.start, citation.end) == citation.quote
    return "edited" if stands else "changed"
