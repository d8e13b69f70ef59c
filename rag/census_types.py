"""A question about the whole library, taken apart: what the parts that read and answer it hand on."""

from dataclasses import dataclass
from typing import Literal

Asks = Literal[
    "count", "list", "first", "last", "most", "times", "highest", "lowest", "speakers", "author"
]
Party = Literal["by", "to", "with", "of"]
Bound = Literal["over", "least", "under", "most", "exactly"]


@dataclass(frozen=True, slots=True)
class Census:
    """A question about the whole library.

    Attributes:
        asks: what is wanted of the documents that meet the conditions.
        kinds: stems that a document's name, folder or title must hold, of several kinds those of one; empty
            for all documents.
        wanted: words or names that must occur; of each group one.
        unwanted: words or names that must not occur.
        dates: (relation, date) that the document's date must meet; the relation is "from", "until",
            "after" or "before", the date YYYY, YYYY-MM or YYYY-MM-DD.
        bounds: how an amount is limited, the value and the unit; a document meets them with one amount that
            is within all.
        counted: stems of what the bounds count, beside the amount: passengers.
        parties: (relation, name): who wrote a document, got it, or is a party to it; several names with one
            relation are alternatives.
        undated: only documents without a date.
        measured: of extremes, stems that must stand in the amount's sentence.
        percent: of extremes, whether a share is asked for and not a sum of money.
        other_than: kinds of documents that do not count.
        unit: of extremes, the only unit that counts; "" for any.
        not_by: names of who must not have written a document.
        who: of first and last, whether the person is asked for.
    """

    asks: Asks
    kinds: tuple[tuple[str, ...], ...] = ()
    wanted: tuple[tuple[str, ...], ...] = ()
    unwanted: tuple[str, ...] = ()
    dates: tuple[tuple[str, str], ...] = ()
    bounds: tuple[tuple[Bound, float, str], ...] = ()
    counted: tuple[str, ...] = ()
    parties: tuple[tuple[Party, str], ...] = ()
    undated: bool = False
    measured: tuple[str, ...] = ()
    percent: bool = False
    other_than: tuple[tuple[str, ...], ...] = ()
    unit: str = ""
    not_by: tuple[str, ...] = ()
    who: bool = False

    @property
    def is_limited(self) -> bool:
        """Whether anything but its kind is asked of a document."""
        return any(
            (
                self.wanted,
                self.unwanted,
                self.dates,
                self.bounds,
                self.parties,
                self.undated,
                self.other_than,
            )
        )
