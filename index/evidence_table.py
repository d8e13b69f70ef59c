"""The evidence table: every amount, date, name and quotation of the library, normalised, with its place.

Derived from the passages and kept beside them: made when documents are added, and caught up with whenever
it is asked, so that a library from before it was there, or one whose adding broke off, needs nothing done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from index.facts import find_facts
from index.store import Store
from index.types import Passage
from index.words import fold

FactKind = Literal["amount", "date", "name", "quotation"]
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Fact:
    """Something exact that a passage says.

    Attributes:
        passage_id: where it stands.
        document_id: the passage's document.
        kind: what it is.
        start: first character in the document's text.
        end: one past the last.
        value: of an amount, in the base unit of its dimension; else None.
        norm: an amount's unit, a date as YYYY, YYYY-MM or YYYY-MM-DD, a name or quotation folded.
    """

    passage_id: int
    document_id: int
    kind: FactKind
    start: int
    end: int
    value: float | None
    norm: str


class EvidenceTable:
    """The facts of a library.

    Args:
        store: holds passages and the table.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def catch_up(self) -> int:
        """Read the passages that are not in the table yet; how many there were."""
        n = 0
        while ids := self._store.passages_after(after := self._store.facts_until, _BATCH):
            rows = [row for passage in self._store.passages(ids) for row in _rows(passage)]
            self._store.add_facts(after, ids[-1], rows)
            n += len(ids)
        return n

    def facts(
        self,
        kind: FactKind,
        *,
        documents: Sequence[int] | None = None,
        norm: str | None = None,
        limit: int | None = None,
    ) -> list[Fact]:
        """Facts of one kind in the order of documents and places, as far as the table is caught up.

        Args:
            kind: of fact.
            documents: ids of the only documents that count; None for all.
            norm: the only unit, date, name or quotation that counts; None for all.
            limit: no more than so many, the first ones; None for all.
        """
        rows = self._store.facts(kind, documents=documents, norm=norm, limit=limit)
        return [Fact(*row) for row in rows]

    def facts_in(self, passages: Sequence[Passage]) -> list[Fact]:
        """Facts of every kind in some passages, in the order of documents and places.

        What the table has not read yet is read on the spot, and not kept.
        """
        until = self._store.facts_until
        known = self._store.facts_in([p.id for p in passages if p.id <= until])
        new = [row for passage in passages if passage.id > until for row in _rows(passage)]
        return sorted(
            (Fact(*row) for row in (*known, *new)), key=lambda f: (f.document_id, f.start)
        )


def _rows(passage: Passage) -> Iterator[tuple[Any, ...]]:
    for kind, start, end, value, norm in facts_of(passage.text):
        place = (passage.start + start, passage.start + end)
        yield passage.id, passage.document_id, kind, *place, value, norm


def facts_of(text: str) -> Iterator[tuple[FactKind, int, int, float | None, str]]:
    """(kind, start, end, value, norm) of everything exact in a text."""
    found = find_facts(text)
    for amount in found.amounts:
        yield "amount", amount.start, amount.end, float(amount.value), amount.unit
    for date in found.dates:
        if date.year is None or date.year < 0:
            continue
        parts = [f"{date.year:04}", *(f"{part:02}" for part in (date.month, date.day) if part)]
        yield "date", date.start, date.end, None, "-".join(parts)
    for name in found.names:
        yield "name", name.start, name.end, None, fold(text[name.start : name.end])
    for quotation in found.quotations:
        words = " ".join(fold(text[quotation.start : quotation.end]).split())
        yield "quotation", quotation.start, quotation.end, None, words
