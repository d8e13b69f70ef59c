"""Dates as they stand in a text, and the same in figures."""

import re
from dataclasses import dataclass

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("january jan", "february feb", "march mar", "april apr", "may", "june jun"),
            *("july jul", "august aug", "september sept sep", "october oct", "november nov"),
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_GERMAN = {
    **{"januar": 1, "februar": 2, "märz": 3, "mai": 5, "juni": 6, "juli": 7},
    **{"oktober": 10, "dezember": 12},
}
# Capitals only: "may" and "march" are mostly verbs.
_NAMES = sorted(_MONTHS, key=len, reverse=True)
_MONTH = "(?P<{0}>" + "|".join([*map(str.title, _NAMES), *map(str.upper, _NAMES)]) + ")"
_YEAR = r"(?P<{0}>(?:1[89]|20)\d\d)"
_DAY = r"(?P<{0}>[0-3]?\d)(?:st|nd|rd|th)?"


def _fill(pattern: str, group: str) -> str:
    return pattern.replace("{0}", group)


# The trailing digit of an ISO date is not checked: pages glue a count of comments to it.
_DATE = re.compile(
    rf"(?<!\d){_fill(_YEAR, 'y1')}[-/.](?P<m1>0\d|1[0-2])[-/.](?P<d1>[0-2]\d|3[01])"
    rf"|\b{_fill(_DAY, 'd2')}\s+(?:of\s+)?{_fill(_MONTH, 'm2')}\b\.?,?\s+{_fill(_YEAR, 'y2')}\b"
    rf"|\b{_fill(_MONTH, 'm3')}\b\.?\s+{_fill(_DAY, 'd3')}\b,?\s+{_fill(_YEAR, 'y3')}\b"
    rf"|\b{_fill(_MONTH, 'm4')}\b\.?,?\s+{_fill(_YEAR, 'y4')}\b"
    rf"|\b{_fill(_DAY, 'd5')}\s+{_fill(_MONTH, 'm5')}\b"
    rf"|\b{_fill(_MONTH, 'm6')}\b\.?\s+{_fill(_DAY, 'd6')}\b"
    r"|\b(?P<d7>[0-3]?\d)[./](?P<m7>[0-3]?\d)[./](?P<y7>(?:19|20)\d\d)\b"
    rf"|\b(?P<d9>[0-3]?\d)\.\s?(?P<m9>{'|'.join(map(str.title, _GERMAN))})\s+(?P<y9>(?:19|20)\d\d)\b"
    r"|\b(?:am|vom|den) (?P<da>[0-3]?\d)\. (?P<ma>April|August|September|November) (?P<ya>(?:19|20)\d\d)\b"
    r"|(?P<y8>(?:19|20)\d\d)年(?P<m8>1[0-2]|0?[1-9])月(?:(?P<d8>[0-3]?\d)日)?"
)


# Cheap to look for: most lines hold no date.
_HINT = re.compile(
    r"\d[./-]\d\d?[./-]\d|\d年|\d(?:st|nd|rd|th)?\.?,? (?:of )?(?P<m>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep"
    r"|Oct|Nov|Dec|Mai|Mär|Okt|Dez|JA|FE|MA|AP|JU|AU|SE|OC|NO|DE)"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|[A-Z]{3})[a-zA-Z]{0,6}\.?,?\s+\d"
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text. `iso` is YYYY-MM-DD or YYYY-MM; None without a year."""

    start: int
    end: int
    iso: str | None


def find_dates(text: str, *, fallback_year: int | None = None) -> list[FoundDate]:
    """All dates in `text`, in order. Only days that exist in their month's shape are taken."""
    found: list[FoundDate] = []
    if not _HINT.search(text):
        return found
    for match in _DATE.finditer(text):
        parts = {name[0]: value for name, value in match.groupdict().items() if value}
        name = parts["m"].lower()
        month = _MONTHS.get(name) or _GERMAN.get(name) or int(name)
        day = int(parts["d"]) if "d" in parts else None
        if day is not None and month > 12 >= day:
            month, day = day, month  # 3/25/2024: month first
        year = parts.get("y") or (str(fallback_year) if fallback_year else None)
        if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
            continue
        iso = None
        if year:
            iso = f"{year}-{month:02d}" + (f"-{day:02d}" if day else "")
        found.append(FoundDate(match.start(), match.end(), iso))
    return found


def iso_prefix(value: str) -> str | None:
    """The date in a machine-readable value such as `2025-01-16T15:48:54+01:00`."""
    found = find_dates(value)
    return found[0].iso if found else None
