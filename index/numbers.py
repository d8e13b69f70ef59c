"""Amounts in a text: their value and unit, however they are written.

"47 %", "47 per cent" and "forty-seven percent" are one amount, "1,250,000" and "1.25 million" another.
Units of one dimension are brought to a common one, so that 5 km is 5,000 m and is not 5 miles. Rules,
no model; knows nothing of dates, which `index.facts` takes out of what is found here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from index.numerals import (
    NUMERAL,
    ORDINALS,
    PARTS,
    SCALES,
    SHORT_SCALES,
    VULGAR,
    any_word,
    numbers_in,
    value_of,
)
from index.units import CURRENCIES, unit_after

ORDINAL = "ordinal"
VAGUE = "vague"
_CLOSE = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit.

    Attributes:
        start: first character in the text.
        end: one past the last.
        value: in the base unit of its dimension; 0.5 for "half", 3 for "third".
        unit: the base unit ("m", "s", "EUR", "%"), "ordinal", "vague" ("thousands"), "" where there
            is none.
        number: as the number stands, scale included and unit left out: 5 for "5 km".
        spelled: whether it is written in letters.
    """

    start: int
    end: int
    value: Decimal
    unit: str
    number: Decimal
    spelled: bool


def same_amount(first: Amount, second: Amount) -> bool:
    """Whether two amounts are one: value and unit; "half" is 50 %, and pounds are £ or lb."""
    if first.unit == second.unit:
        return _near(first.value, second.value)
    units = {first.unit, second.unit}
    if units == {"", "%"}:
        return first.value != first.value.to_integral() and _near(
            *(a.value if a.unit == "%" else a.value * 100 for a in (first, second))
        )
    if units in ({"pound", "GBP"}, {"pound", "g"}):
        return first.number == second.number
    return False


def _near(first: Decimal, second: Decimal) -> bool:
    return first == second or abs(first - second) <= _CLOSE * max(abs(first), abs(second))


def find_amounts(text: str) -> list[Amount]:
    """All amounts of a text, in order; "5 to 10 km" gives 5 km and 10 km."""
    return _share_units(text, list(_amounts(text)))


# -- patterns -------------------------------------------------------------------------------------

_START = re.compile(
    r"(?P<money>(?:US|AU|A|C|HK)?[$€£¥₹]\s?|\b(?:USD|EUR|GBP|RMB|CHF)[ \n\u00a0])?"
    r"(?P<sign>(?<![\w.,)\]])[-−])?"
    r"(?P<digits>(?<![0-9A-Za-zÀ-ɏ_^])(?<![A-Z]-)\d++(?:[.,\u00a0\u202f]\d++)*+)(?P<vulgar>[½¼¾⅓⅔])?"
    r"|(?P<glyph>[½¼¾⅓⅔])"
    rf"|\b(?P<words>(?:[Aa] (?=[hdmtb]))?(?:{NUMERAL})(?:(?:-|\s+(?:and\s+)?)(?:{NUMERAL})){{0,12}})\b"
    r"|\b(?P<half>[Hh]alf)\b|\b(?P<of>[Aa] (?:third|quarter|fifth|tenth))(?= of\b)"
    rf"|\b(?P<ordinal>{any_word(ORDINALS)})\b"
    r"|\b(?P<vague>(?:[Hh]undred|[Tt]housand|[Mm]illion|[Bb]illion|[Tt]rillion|[Dd]ozen)s)\b"
)
_ORDINAL_END = re.compile(r"(?:st|nd|rd|th)\b")
_SPELLED_END = re.compile(
    r"[\s-](?P<part>thirds|quarters|halves|fourths|fifths|sixths|sevenths|eighths|ninths|tenths)\b"
    r"|[\s-](?P<one>third|quarter|half|fifth|tenth)\b(?= of\b)"
    rf"|-(?P<ordinal>{'|'.join(ORDINALS)})\b"
)
_SCALE = re.compile(r"[\s-]?(?:(thousand|million|billion|trillion|[BbMmTt]n)|([kKmMbB]))\b")
_RANGE = re.compile(r"\s?(?:[-–—/]|to|or|and)\s?")

# -- reading --------------------------------------------------------------------------------------


def _amounts(text: str) -> Iterator[Amount]:
    at = 0
    while match := _START.search(text, at):
        at = match.end()
        for amount in _READERS[match.lastgroup or ""](text, match):
            at = max(at, amount.end) if match.lastgroup != "words" else amount.end
            yield amount


def _digits(text: str, match: re.Match[str]) -> Iterator[Amount]:
    run, begin = match.group("digits"), match.start("digits")
    money = CURRENCIES.get((match.group("money") or "").strip(), "")
    numbers = list(numbers_in(run))
    for offset, length, number in numbers:
        start, end = begin + offset, begin + offset + length
        if len(numbers) == 1:
            start = match.start()
            number = -number if match.group("sign") else number
            if match.group("vulgar"):
                number, end = number + Decimal(VULGAR[match.group("vulgar")]), match.end()
        if end < match.end():  # one of several: the unit stands behind the last
            yield Amount(start, end, number, money, number, spelled=False)
        elif ordinal := _ORDINAL_END.match(text, end):
            yield Amount(start, ordinal.end(), number, ORDINAL, number, spelled=False)
        else:
            yield _measured(text, (start, end), number, money=money, spelled=False)


def _glyph(text: str, match: re.Match[str]) -> Iterator[Amount]:
    number = Decimal(VULGAR[match.group()])
    yield _measured(text, match.span(), number, spelled=False)


def _spelled(text: str, match: re.Match[str]) -> Iterator[Amount]:
    words = list(re.finditer(r"[A-Za-z]+", match.group("words")))
    number, used = value_of([word.group().lower() for word in words])
    end = match.start() + words[used - 1].end()
    tail = _SPELLED_END.match(text, end)
    if tail is None:
        yield _measured(text, (match.start(), end), number, spelled=True)
    elif tail.lastgroup == "ordinal":
        number += ORDINALS[tail.group("ordinal")]
        yield Amount(match.start(), tail.end(), number, ORDINAL, number, spelled=True)
    else:
        part = (tail.group("part") or tail.group("one")).rstrip("s").replace("halve", "half")
        number /= PARTS[part]
        yield Amount(match.start(), tail.end(), number, "", number, spelled=True)


def _half(text: str, match: re.Match[str]) -> Iterator[Amount]:
    yield Amount(*match.span(), Decimal("0.5"), "", Decimal("0.5"), spelled=True)


def _part_of(text: str, match: re.Match[str]) -> Iterator[Amount]:
    number = 1 / Decimal(PARTS[match.group("of").split()[1]])
    yield Amount(*match.span(), number, "", number, spelled=True)


def _ordinal(text: str, match: re.Match[str]) -> Iterator[Amount]:
    number = Decimal(ORDINALS[match.group().lower()])
    yield Amount(*match.span(), number, ORDINAL, number, spelled=True)


def _vague(text: str, match: re.Match[str]) -> Iterator[Amount]:
    number = value_of([match.group().lower().rstrip("s")])[0]
    yield Amount(*match.span(), number, VAGUE, number, spelled=True)


_READERS = {
    "digits": _digits, "vulgar": _digits, "glyph": _glyph, "words": _spelled, "half": _half,
    "of": _part_of, "ordinal": _ordinal, "vague": _vague,
}  # fmt: skip


def _measured(
    text: str, span: tuple[int, int], number: Decimal, *, spelled: bool, money: str = ""
) -> Amount:
    """The amount with the scale and the unit that stand behind it."""
    start, end = span
    scale = _SCALE.match(text, end)
    # "5 m" and "5 B" are metres and bytes; "$5m" and "5k" are not.
    if scale and (scale.group(1) or money or scale.group(2) in "kK"):
        word = (scale.group(1) or scale.group(2)).lower()
        number *= 10 ** (SCALES.get(word) or SHORT_SCALES[word])
        end = scale.end()
    unit = unit_after(text, end)
    # "$5 a day" has no unit behind it, "$5 days" is two things.
    if unit is None or (money and unit[1] != money):
        return Amount(start, end, number, money, number, spelled=spelled)
    end, base, factor = unit
    return Amount(start, end, number * factor, base, number, spelled=spelled)


def _share_units(text: str, found: list[Amount]) -> list[Amount]:
    """A number without a unit gets that of the next one, where the two are a range or a pair."""
    for i in range(len(found) - 2, -1, -1):
        one, other = found[i], found[i + 1]
        joined = _RANGE.fullmatch(text, one.end, other.start) is not None
        if joined and not one.unit and other.unit not in ("", ORDINAL, VAGUE) and other.number:
            factor = other.value / other.number
            found[i] = replace(one, value=one.number * factor, unit=other.unit)
    return found
