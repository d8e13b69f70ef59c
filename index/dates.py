"""Dates in a text: days, months, years, decades and centuries, however they are written.

"16 January 2025" and "2025-01-16" are one day, "May" may be a month, and "1500 km" is no year.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.names import begins_sentence
from index.numerals import ORDINALS, any_word
from index.units import unit_after

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:1\d|20|21)\d\d"
_CENTURIES = [*list(ORDINALS)[:20], "twenty-first"]
_TO = r"\s?(?:[-–—]|to|and|or|through|until)\s?"
_DATE = re.compile(
    rf"(?<![\w.,])(?P<iso>\d{{4}}-\d\d(?:-\d\d)?)(?![\w-])"
    rf"|(?<![\w.,])(?:(?P<from>{_DAY}){_TO})?(?P<day>{_DAY})\s(?:of\s)?(?P<month>{_MONTH})"
    rf"(?:,?\s(?P<year>{_YEAR})\b)?"
    rf"|\b(?P<month2>{_MONTH})\s(?P<day2>{_DAY})\b(?!,\d)(?:{_TO}(?P<to>{_DAY})\b)?"
    rf"(?:,?\s(?P<year2>{_YEAR})\b)?"
    rf"|\b(?P<month3>{_MONTH}),?\s(?:of\s)?(?P<year3>{_YEAR})\b"
    rf"|\b(?P<month4>{_MONTH})"
    r"|(?<![\w.,$€£])(?P<decade>\d{3}0)['’]?s\b|(?<!\w)['’](?P<short>[1-9]0)s\b"
    rf"|\b(?P<century>\d{{1,2}}(?:st|nd|rd|th)|{any_word(_CENTURIES)})"
    r"[\s-]century\b(?P<before>\s(?:BCE?|B\.C\.))?"
    r"|(?<![\w.,$€£-])(?P<era>\d{1,4}(?:,\d{3})?)\s(?P<bc>BCE?\b|B\.C\.|AD\b|CE\b|A\.D\.)"
    r"|\b(?:AD|A\.D\.)\s(?P<anno>\d{1,4})\b"
    rf"|(?<![\w.,$€£^])(?<![A-Z]-)(?P<lone>{_YEAR})(?:[-–—/](?P<span>\d\d))?(?![\w%°]|[.,]\d)"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Date:
    """A day, month, year, decade or century; what is not said is None.

    Attributes:
        start: first character in the text.
        end: one past the last.
        year: negative before Christ; the first one of a decade or century.
        month: 1 to 12.
        day: 1 to 31.
        last_year: the last year of a decade or century, else None.
    """

    start: int
    end: int
    year: int | None
    month: int | None = None
    day: int | None = None
    last_year: int | None = None


def same_date(claim: Date, evidence: Date) -> bool:
    """Whether evidence proves a claimed date: all that the claim says of it, it says too."""
    if claim.last_year is not None:
        low, high = evidence.year, evidence.last_year or evidence.year
        return (
            low is not None
            and high is not None
            and (claim.year or 0) <= low
            and high <= claim.last_year
        )
    if evidence.last_year is not None:
        return False
    parts = zip(_parts(claim), _parts(evidence), strict=True)
    return all(said is None or said == proof for said, proof in parts)


def dates_clash(first: Date, second: Date) -> bool:
    """Whether two dates cannot be one: some part that both have differs."""
    if first.last_year is not None or second.last_year is not None:
        return not (same_date(first, second) or same_date(second, first))
    parts = zip(_parts(first), _parts(second), strict=True)
    return any(None not in (one, other) and one != other for one, other in parts)


def _parts(date: Date) -> tuple[int | None, int | None, int | None]:
    return date.year, date.month, date.day


def find_dates(text: str) -> list[Date]:
    """All dates of a text, in order; "16-18 January" are two."""
    return [date for match in _DATE.finditer(text) for date in _dates(text, match)]


def _dates(text: str, match: re.Match[str]) -> Iterator[Date]:
    got = match.groupdict()
    start, end = match.span()
    if got["iso"]:
        yield from _iso(start, end, [int(part) for part in got["iso"].split("-")])
    elif got["day"] or got["day2"]:
        month, year = _month(got["month"] or got["month2"]), _int(got["year"] or got["year2"])
        for day in (got["from"], got["day"] or got["day2"], got["to"]):
            if day:
                yield Date(start, end, year, month, int(re.sub(r"\D", "", day)))
    elif got["month3"]:
        yield Date(start, end, int(got["year3"]), _month(got["month3"]))
    elif got["month4"]:
        # "May I?" and "March on" begin sentences too; elsewhere a capital makes the month.
        if got["month4"] not in ("May", "March", "Mar", "Jan", "Dec", "Sept") or (
            not begins_sentence(text, start) and text[start - 1] == " "
        ):
            yield Date(start, end, None, _month(got["month4"]))
    else:
        yield from _years(text, match)


def _years(text: str, match: re.Match[str]) -> Iterator[Date]:
    got = match.groupdict()
    start, end = match.span()
    if got["decade"] or got["short"]:
        first = int(got["decade"] or 0) or 1900 + int(got["short"])
        # "the 1900s" are the century, and so are 1800s.
        yield Date(start, end, first, last_year=first + (99 if first % 100 == 0 else 9))
    elif got["century"]:
        yield _century(start, end, got["century"].lower(), bool(got["before"]))
    elif got["era"] or got["anno"]:
        year = int((got["era"] or got["anno"]).replace(",", ""))
        yield Date(start, end, -year if (got["bc"] or "").startswith("B") else year)
    elif not (unit_after(text, end) or text[end : end + 7] == " people"):
        year = int(got["lone"])
        yield Date(start, end, year)
        if got["span"] and int(got["span"]) > year % 100:
            yield Date(start, end, year - year % 100 + int(got["span"]))


def _iso(start: int, end: int, parts: list[int]) -> Iterator[Date]:
    if parts[1] <= 12 and parts[1] and (len(parts) == 2 or 1 <= parts[2] <= 31):
        yield Date(start, end, *parts)
    elif len(parts) == 2 and parts[1] > parts[0] % 100:  # "1990-95" are years
        yield Date(start, end, parts[0])
        yield Date(start, end, parts[0] - parts[0] % 100 + parts[1])


def _century(start: int, end: int, word: str, before: bool) -> Date:
    n = _CENTURIES.index(word) + 1 if word in _CENTURIES else int(re.sub(r"\D", "", word))
    if before:
        return Date(start, end, -100 * n, last_year=-100 * n + 99)
    return Date(start, end, 100 * n - 100, last_year=100 * n)


def _month(word: str) -> int:
    return _MONTHS.index(word[:3].lower()) + 1


def _int(digits: str | None) -> int | None:
    return int(digits) if digits else None
