"""Makes footnotes: numbers them, and fetches what the store knows about their place."""

from typing import Any

from index.library import Library
from index.types import Document, Hit, Locator, Passage
from rag.types import Citation, PassageUse
from rag.weblink import web_address


class Citer:
    """Numbers the footnotes of one answer; the same words get the same number.

    Args:
        library: where the words stand.
    """

    def __init__(self, library: Library) -> None:
        self._store = library.store
        self._numbers: dict[tuple[int, int, int], int] = {}

    def cite(self, passage: Passage, start: int, end: int) -> Citation:
        """A footnote to `[start, end)` of the passage's document."""
        return self._make(passage.document_id, start, end, passage)

    def cite_document(self, document_id: int, start: int, end: int) -> Citation:
        """A footnote to a place that need not be a passage's, such as a document's date line."""
        return self._make(document_id, start, end, None)

    def _make(self, document_id: int, start: int, end: int, passage: Passage | None) -> Citation:
        document = self._store.document(document_id)
        locator = self._store.locator(document_id, start, end)
        blocks = self._store.blocks(document_id, start, end)
        key = (document_id, start, end)
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        return Citation(
            n=number,
            document=str(document_id),
            path=document.path if document else "",
            title=document.title if document else "",
            sha256=document.sha256 if document else "",
            start=start,
            end=end,
            quote=self._store.text(document_id, start, end),
            locator=_place(locator, document),
            section=passage.section if passage else None,
            speaker=passage.speaker if passage else None,
            date=(passage.date if passage else None) or (document.date if document else None),
            role=str(blocks[0][2] if blocks else (passage.role if passage else "body")),
        )

    def use(self, hit: Hit, *, read: bool, left_out: str | None) -> PassageUse:
        """How a passage was used, for the trace."""
        passage = hit.passage
        document = self._store.document(passage.document_id)
        return PassageUse(
            n=hit.rank,
            document=str(passage.document_id),
            path=document.path if document else "",
            title=document.title if document else "",
            start=passage.start,
            end=passage.end,
            score=hit.score,
            read=read,
            left_out=None if read else left_out,
            text=passage.text,
            section=passage.section,
            speaker=passage.speaker,
            date=passage.date,
            role=str(passage.role),
        )


def _place(locator: Locator | None, document: Document | None) -> dict[str, Any] | None:
    """Where in the file, and where on the web the file came from."""
    place = locator.as_json() if locator else {}
    address = web_address(document.path, document.sha256) if document else None
    return {**place, **({"url": address} if address else {})} or None
