"""When something happened, as a sentence says it: "13 May" gets its year from around it.

The year comes from the sentence, else from the heading it stands under ("2025"), else it is the one that
brings the day nearest to the date of the document; a year that the sentence does not say stands in
brackets.
"""

import datetime
import re
from dataclasses import dataclass, replace

from index.dates import Date, find_dates
from rag.brief_sentences import Told

_FIRST_YEAR, _LAST_YEAR = 1000, 2100
# Dates that are not those of an event: a period's length, a version, a forecast's horizon.
_NO_EVENT = re.compile(
    r"(?:dated?|version|edition|copyright|©|isbn|\bby|until|through|than|than in|"
    r"(?:up|down) from [^,;]{1,20})\s*$",
    re.I,
)
_MONTHS = (
    "January February March April May June July August September October November December".split()
)


@dataclass(frozen=True, slots=True)
class When:
    """A date in a sentence.

    Attributes:
        iso: YYYY, YYYY-MM or YYYY-MM-DD, to sort by.
        label: as people read it; what was concluded stands in brackets.
        start: first character in the document's text.
        end: one past the last.
    """

    iso: str
    label: str
    start: int
    end: int


def when(told: Told) -> When | None:
    """The date that a sentence is about: the most exact one, the first of those; None where it has none."""
    shift = told.passage.start
    text = told.passage.text[told.start - shift : told.end - shift]
    found = [one for one in find_dates(text) if _may_be_event(one, text)]
    dated = [whole for one in found if (whole := _with_year(one, told)) is not None]
    if not dated:
        return None
    best = max(dated, key=lambda one: ((one.month is not None) + (one.day is not None), -one.start))
    own = any(one.start == best.start and one.year is not None for one in found)
    place = (told.start + best.start, told.start + best.end)
    return When(iso_of(best), _label(best, own_year=own), *place)


def iso_of(date: Date) -> str:
    """A date with a year, as far as it is known."""
    parts = [f"{date.year:04}", *(f"{part:02}" for part in (date.month, date.day) if part)]
    return "-".join(parts)


def day_label(iso: str) -> str:
    """An ISO date as people write it: 13 May 2025."""
    parts = [int(part) for part in iso.split("-")[:3]]
    named = [f"{parts[0]:04}", *(_MONTHS[m - 1] for m in parts[1:2] if 1 <= m <= 12)]
    return " ".join([*(str(part) for part in parts[2:3]), *reversed(named)])


def _may_be_event(date: Date, text: str) -> bool:
    in_reach = date.year is None or _FIRST_YEAR <= date.year <= _LAST_YEAR
    period = date.last_year is not None or (date.year is None and date.day is None)
    return in_reach and not period and not _NO_EVENT.search(text[: date.start])


def _with_year(date: Date, told: Told) -> Date | None:
    if date.year is not None:
        return date
    heads = {one.year for one in find_dates(told.passage.section or "") if one.year}
    if len(heads) == 1:
        return replace(date, year=heads.pop())
    return _nearest(date, told.passage.date)


def _nearest(date: Date, published: str | None) -> Date | None:
    """With the year that brings it nearest to the day of publication; None where that is not known."""
    if not published or len(published) < 7 or date.month is None:
        return None
    year, month, *day = (int(part) for part in published.split("-"))
    try:
        there = datetime.date(year, month, *(day or [15]))
        years = [datetime.date(y, date.month, date.day or 15) for y in (year - 1, year, year + 1)]
    except ValueError:  # 29 February
        return replace(date, year=year)
    return replace(date, year=min(years, key=lambda one: abs(one - there)).year)


def _label(date: Date, *, own_year: bool) -> str:
    label = day_label(iso_of(date))
    if own_year:
        return label
    return f"{label.removesuffix(f' {date.year}')} [{date.year}]"
