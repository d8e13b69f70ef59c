"""Which document a person means who names one: by its id, its path, or a part of its path or title."""

import os
from collections.abc import Sequence

from index.store import Store
from index.types import Document
from index.words import fold
from rag.errors import BriefError

_MOST_NAMED = 5


def find_document(store: Store, name: str) -> Document:
    """The one document that is meant.

    Raises:
        BriefError: there is none, or there are several; some of them are named.
    """
    name = name.strip()
    exact = store.document(int(name)) if name.isascii() and name.isdecimal() else None
    exact = exact or (store.document_at(os.path.abspath(name)) if name else None)
    if exact is not None:
        return exact
    documents = store.documents()
    wanted = " ".join(fold(name).split())
    found = [d for d in documents if wanted and wanted in (_title(d), fold(d.path))]
    found = found or [
        d for d in documents if wanted and (wanted in _title(d) or wanted in fold(d.path))
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise BriefError(f"There is no document {name!r}. See: footnote list")
    raise BriefError(
        f"{len(found)} documents have {name!r} in their path or title: {_named(found)}. "
        "Name one by its id: footnote brief ID"
    )


def _title(document: Document) -> str:
    return " ".join(fold(document.title).split())


def _named(documents: Sequence[Document]) -> str:
    names = [f"{d.id} ({' '.join(d.title.split())[:60]})" for d in documents[:_MOST_NAMED]]
    more = len(documents) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
