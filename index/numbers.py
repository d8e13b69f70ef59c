"""Amounts in a text: their value and unit, however they are written.

"47 %", "47 per cent" and "forty-seven percent" are one amount, "1,250,000" and "1.25 million" another.
Units of one dimension are brought to a common one, so that 5 km is 5,000 m and is not 5 miles. Rules,
no model; knows nothing of dates, which `index.facts` takes out first.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

ORDINAL = "ordinal"
VAGUE = "vague"
_MOST_DIGITS = 40  # a longer one is an identifier, and no number is reckoned with it
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


# -- words and units ------------------------------------------------------------------------------

_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_SHORT_SCALES = {"k": 3, "m": 6, "mn": 6, "bn": 9, "b": 9, "tn": 12}
_VALUES = {
    "zero": 0,
    **{word: n for n, word in enumerate(_ONES, 1)},
    **{word: n for n, word in enumerate(_TEENS, 10)},
    **{word: 10 * n for n, word in enumerate(_TENS, 2)},
}
_ORDINALS = {
    word: n
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        1,
    )
} | {word[:-1] + "ieth": 10 * n for n, word in enumerate(_TENS, 2)}
_PARTS = {"half": 2, "halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6}
_PARTS |= {"seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
_VULGAR = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "0.3333333333", "⅔": "0.6666666667"}

# (spellings, base unit, how many base units it is); of two that begin alike the longer comes first.
_UNITS: tuple[tuple[str, str, str], ...] = (
    ("percentage points?|percent points?|pp", "points", "1"),
    ("basis points?", "points", "0.01"),
    ("%|percent|per cent|pct", "%", "1"),
    ("km/h|kph|kilomet(?:re|er)s? (?:per|an) hour", "km/h", "1"),
    ("mph|miles (?:per|an) hour", "km/h", "1.609344"),
    ("m/s|met(?:re|er)s per second", "km/h", "3.6"),
    ("knots?", "km/h", "1.852"),
    ("millimet(?:re|er)s?|mm", "m", "0.001"),
    ("centimet(?:re|er)s?|cm", "m", "0.01"),
    ("met(?:re|er)s?|m", "m", "1"),
    ("kilomet(?:re|er)s?|km", "m", "1000"),
    ("nanomet(?:re|er)s?|nm", "m", "1e-9"),
    ("inch(?:es)?", "m", "0.0254"),
    ("foot|feet|ft", "m", "0.3048"),
    ("yards?|yd", "m", "0.9144"),
    ("nautical miles?|nmi", "m", "1852"),
    ("miles?|mi", "m", "1609.344"),
    ("light[ -]years?", "light-year", "1"),
    (r"km²|km2|sq\.? km|square kilomet(?:re|er)s?", "m²", "1000000"),
    (r"m²|m2|sq\.? m|square met(?:re|er)s?", "m²", "1"),
    (r"sq\.? mi|square miles?", "m²", "2589988.110336"),
    (r"sq\.? ft|square (?:foot|feet)", "m²", "0.09290304"),
    ("hectares?|ha", "m²", "10000"),
    ("acres?", "m²", "4046.8564224"),
    ("m³|m3|cubic met(?:re|er)s?", "l", "1000"),
    ("millilit(?:re|er)s?|ml", "l", "0.001"),
    ("lit(?:re|er)s?|l", "l", "1"),
    ("gallons?", "gallon", "1"),
    ("barrels?", "barrel", "1"),
    ("milligrams?|mg", "g", "0.001"),
    ("kilograms?|kilos?|kg", "g", "1000"),
    ("grams?|g", "g", "1"),
    ("metric tons?|tonnes?|t", "g", "1000000"),
    ("tons?", "ton", "1"),
    ("lbs?", "g", "453.59237"),
    ("ounces?|oz", "g", "28.349523125"),
    ("GBP|£|pounds? sterling", "GBP", "1"),
    ("pounds?", "pound", "1"),
    ("milliseconds?|ms", "s", "0.001"),
    ("seconds?|secs?|s", "s", "1"),
    ("minutes?|mins?", "s", "60"),
    ("hours?|hrs?|h", "s", "3600"),
    ("days?", "s", "86400"),
    ("weeks?", "s", "604800"),
    ("months?", "month", "1"),
    ("years?|yrs?", "month", "12"),
    ("decades?", "month", "120"),
    ("centur(?:y|ies)", "month", "1200"),
    ("bits?", "bit", "1"),
    ("bytes?|B", "byte", "1"),
    *((f"{sign}B|{name}bytes?", "byte", f"1e{e}") for sign, name, e in (
        ("[kK]", "kilo", 3), ("M", "mega", 6), ("G", "giga", 9), ("T", "tera", 12))),
    *((f"{sign}Wh|{name}watt[- ]hours?", "Wh", f"1e{e}") for sign, name, e in (
        ("", "", 0), ("k", "kilo", 3), ("M", "mega", 6), ("G", "giga", 9), ("T", "tera", 12))),
    *((f"{sign}W|{name}watts?", "W", f"1e{e}") for sign, name, e in (
        ("", "", 0), ("k", "kilo", 3), ("M", "mega", 6), ("G", "giga", 9), ("T", "tera", 12))),
    *((f"{sign}Hz|{name}hertz", "Hz", f"1e{e}") for sign, name, e in (
        ("", "", 0), ("k", "kilo", 3), ("M", "mega", 6), ("G", "giga", 9))),
    ("hp|horsepower", "hp", "1"),
    ("volts?|V", "V", "1"),
    (r"°\s?C|degrees? (?:Celsius|centigrade|C)", "°C", "1"),
    (r"°\s?F|degrees? (?:Fahrenheit|F)", "°F", "1"),
    ("kelvins?|K", "K", "1"),
    ("°|degrees?", "°", "1"),
    (r"(?:US )?dollars?|USD|US\$|\$", "USD", "1"),
    ("euros?|EUR|€", "EUR", "1"),
    ("yen|JPY|¥", "JPY", "1"),
    ("yuan|renminbi|RMB|CNY", "CNY", "1"),
    ("rupees?|INR|₹", "INR", "1"),
    ("francs?|CHF", "CHF", "1"),
    ("cents?", "USD", "0.01"),
)  # fmt: skip
_CURRENCIES = {
    "$": "USD", "US$": "USD", "USD": "USD", "€": "EUR", "EUR": "EUR", "£": "GBP", "GBP": "GBP",
    "¥": "JPY", "₹": "INR", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "HK$": "HKD", "RMB": "CNY",
}  # fmt: skip

# -- patterns -------------------------------------------------------------------------------------


def _any(words: Iterable[str]) -> str:
    # Both cases written out: a pattern that ignores case is searched for far more slowly.
    return "|".join(f"{w}|{w.capitalize()}" for w in sorted(words, key=len, reverse=True))


_WORD = _any([*_VALUES, "hundred", "dozen", *_SCALES])
_START = re.compile(
    r"(?P<money>(?:US|AU|A|C|HK)?[$€£¥₹]\s?|\b(?:USD|EUR|GBP|RMB) )?"
    r"(?P<sign>(?<![\w.,)\]])[-−])?"
    r"(?P<digits>(?<![0-9A-Za-zÀ-ɏ_^])(?<![A-Z]-)\d++(?:[.,\u00a0\u202f]\d++)*+)(?P<vulgar>[½¼¾⅓⅔])?"
    r"|(?P<glyph>[½¼¾⅓⅔])"
    rf"|\b(?P<words>(?:[Aa] (?=[hdmtb]))?(?:{_WORD})(?:(?:-|\s+(?:and\s+)?)(?:{_WORD})){{0,12}})\b"
    r"|\b(?P<half>[Hh]alf)\b|\b(?P<of>[Aa] (?:third|quarter|fifth|tenth))(?= of\b)"
    rf"|\b(?P<ordinal>{_any(_ORDINALS)})\b"
    r"|\b(?P<vague>(?:[Hh]undred|[Tt]housand|[Mm]illion|[Bb]illion|[Tt]rillion|[Dd]ozen)s)\b"
)
_ORDINAL_END = re.compile(r"(?:st|nd|rd|th)\b")
_SPELLED_END = re.compile(
    r"[\s-](?P<part>thirds|quarters|halves|fourths|fifths|sixths|sevenths|eighths|ninths|tenths)\b"
    r"|[\s-](?P<one>third|quarter|half|fifth|tenth)\b(?= of\b)"
    rf"|-(?P<ordinal>{'|'.join(_ORDINALS)})\b"
)
_SCALE = re.compile(r"[\s-]?(?:(thousand|million|billion|trillion|[BbMmTt]n)|([kKmMbB]))\b")
_UNIT = re.compile(
    r"[\s\u00a0\u202f-]?(?:" + "|".join(f"({u[0]})" for u in _UNITS) + r")(?![\w/²³])"
)
_RANGE = re.compile(r"\s?(?:[-–—/]|to|or|and)\s?")
_PARTS_OF_NUMBER = re.compile(r"[^.,\u00a0\u202f]+")

# -- reading --------------------------------------------------------------------------------------


def unit_after(text: str, at: int) -> bool:
    """Whether a unit of measure stands behind a number that ends there."""
    return _UNIT.match(text, at) is not None


def _amounts(text: str) -> Iterator[Amount]:
    at = 0
    while match := _START.search(text, at):
        at = match.end()
        for amount in _READERS[match.lastgroup or ""](text, match):
            at = max(at, amount.end) if match.lastgroup != "words" else amount.end
            yield amount


def _digits(text: str, match: re.Match[str]) -> Iterator[Amount]:
    run, begin = match.group("digits"), match.start("digits")
    money = _CURRENCIES.get((match.group("money") or "").strip(), "")
    numbers = list(_numbers(run))
    for offset, length, number in numbers:
        start, end = begin + offset, begin + offset + length
        if len(numbers) == 1:
            start = match.start()
            number = -number if match.group("sign") else number
            if match.group("vulgar"):
                number, end = number + Decimal(_VULGAR[match.group("vulgar")]), match.end()
        if end < match.end():  # one of several: the unit stands behind the last
            yield Amount(start, end, number, money, number, spelled=False)
        elif ordinal := _ORDINAL_END.match(text, end):
            yield Amount(start, ordinal.end(), number, ORDINAL, number, spelled=False)
        else:
            yield _measured(text, (start, end), number, money=money, spelled=False)


def _numbers(run: str) -> Iterator[tuple[int, int, Decimal]]:
    """(offset, length, value) of the numbers in digits, points and commas: "1,250.5", "3,4,5"."""
    whole, _, decimals = run.rpartition(".") if run.count(".") == 1 else (run, "", "")
    groups = re.split(r"[,\u00a0\u202f]", whole or run)
    if "." not in "".join(groups) and len(run) <= _MOST_DIGITS:
        grouped = len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
        if grouped or len(groups) == 1:
            yield 0, len(run), Decimal("".join(groups) + (f".{decimals}" if decimals else ""))
            return
        if len(groups) == 2 and not decimals and len(groups[1]) <= 2:  # a decimal comma
            yield 0, len(run), Decimal(".".join(groups))
            return
    for part in _PARTS_OF_NUMBER.finditer(run):
        if len(part.group()) <= _MOST_DIGITS:
            yield part.start(), len(part.group()), Decimal(part.group())


def _glyph(text: str, match: re.Match[str]) -> Iterator[Amount]:
    number = Decimal(_VULGAR[match.group()])
    yield _measured(text, match.span(), number, spelled=False)


def _spelled(text: str, match: re.Match[str]) -> Iterator[Amount]:
    words = list(re.finditer(r"[A-Za-z]+", match.group("words")))
    number, used = _value([word.group().lower() for word in words])
    end = match.start() + words[used - 1].end()
    tail = _SPELLED_END.match(text, end)
    if tail is None:
        yield _measured(text, (match.start(), end), number, spelled=True)
    elif tail.lastgroup == "ordinal":
        number += _ORDINALS[tail.group("ordinal")]
        yield Amount(match.start(), tail.end(), number, ORDINAL, number, spelled=True)
    else:
        part = (tail.group("part") or tail.group("one")).rstrip("s").replace("halve", "half")
        number /= _PARTS[part]
        yield Amount(match.start(), tail.end(), number, "", number, spelled=True)


def _value(words: list[str]) -> tuple[Decimal, int]:
    """The number that the words spell, and how many of them do: "one two" is one, and one word."""
    total, current, last, used = 0, 0, "", 0
    for position, word in enumerate(words):
        kind = _kind(word)
        if kind not in _MAY_FOLLOW[last]:
            break
        if kind == "scale":
            total, current = total + max(current, 1) * 10 ** _SCALES[word], 0
        elif kind in ("hundred", "dozen"):
            current = max(current, 1) * (100 if kind == "hundred" else 12)
        elif kind in ("one", "teen", "tens"):
            current += _VALUES[word]
        if kind != "and":
            used = position + 1
        last = kind
    return Decimal(total + current), max(used, 1)


def _kind(word: str) -> str:
    if word in _VALUES:
        value = _VALUES[word]
        return "one" if value < 10 else "teen" if value < 20 else "tens"
    return "scale" if word in _SCALES else word


_MAY_FOLLOW = {
    "": {"a", "one", "teen", "tens", "hundred", "dozen", "scale"},
    "a": {"hundred", "dozen", "scale"},
    "one": {"hundred", "dozen", "scale"},
    "teen": {"hundred", "scale"},
    "tens": {"one", "scale", "dozen"},
    "hundred": {"and", "one", "teen", "tens", "scale"},
    "scale": {"and", "one", "teen", "tens"},
    "and": {"one", "teen", "tens"},
    "dozen": {"scale"},
}


def _half(text: str, match: re.Match[str]) -> Iterator[Amount]:
    yield Amount(*match.span(), Decimal("0.5"), "", Decimal("0.5"), spelled=True)


def _part_of(text: str, match: re.Match[str]) -> Iterator[Amount]:
    number = 1 / Decimal(_PARTS[match.group("of").split()[1]])
    yield Amount(*match.span(), number, "", number, spelled=True)


def _ordinal(text: str, match: re.Match[str]) -> Iterator[Amount]:
    number = Decimal(_ORDINALS[match.group().lower()])
    yield Amount(*match.span(), number, ORDINAL, number, spelled=True)


def _vague(text: str, match: re.Match[str]) -> Iterator[Amount]:
    number = _value([match.group().lower().rstrip("s")])[0]
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
        number *= 10 ** (_SCALES.get(word) or _SHORT_SCALES[word])
        end = scale.end()
    unit = _UNIT.match(text, end)
    if unit is None or unit.lastindex is None:
        return Amount(start, end, number, money, number, spelled=spelled)
    _, base, factor = _UNITS[unit.lastindex - 1]
    if money and base != money:  # "$5 a day" does not come here, "$5 days" is two things
        return Amount(start, end, number, money, number, spelled=spelled)
    return Amount(start, unit.end(), number * Decimal(factor), base, number, spelled=spelled)


def _share_units(text: str, found: list[Amount]) -> list[Amount]:
    """A number without a unit gets that of the next one, where the two are a range or a pair."""
    for i in range(len(found) - 2, -1, -1):
        one, other = found[i], found[i + 1]
        joined = _RANGE.fullmatch(text, one.end, other.start) is not None
        if joined and not one.unit and other.unit not in ("", ORDINAL, VAGUE) and other.number:
            factor = other.value / other.number
            found[i] = replace(one, value=one.number * factor, unit=other.unit)
    return found
