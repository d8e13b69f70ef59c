"""What of a text is exact: amounts, dates, names, quotations, negations, each with its span.

Whoever compares texts word by word has to know that "16 January 2025" and "2025-01-16" are one day
and that "May" may be a month. Rules, no model: it runs over every document at adding, so every pattern
is searched for once from left to right, and no length of input is looked at twice.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from index.numbers import Amount, find_amounts, unit_after
from index.words import fold


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


@dataclass(frozen=True, slots=True)
class Name:
    """A run of capitalised words, "University of Oxford", or an acronym.

    Attributes:
        start: first character in the text.
        end: one past the last.
        certain: whether it is a name for sure; a lone first word of a sentence may be any word.
    """

    start: int
    end: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words in quotation marks; `start` and `end` leave the marks out."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Negation:
    """A word, or an ending ("n't"), that makes a statement its opposite."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Facts:
    """All of a text, each kind in order. No amount and no name overlaps a date."""

    amounts: tuple[Amount, ...]
    dates: tuple[Date, ...]
    names: tuple[Name, ...]
    quotations: tuple[Quotation, ...]
    negations: tuple[Negation, ...]


_Found = TypeVar("_Found", Amount, Name)


def find_facts(text: str) -> Facts:
    """Everything exact that a text says."""
    dates = find_dates(text)
    return Facts(
        amounts=tuple(_apart(find_amounts(text), dates)),
        dates=tuple(dates),
        names=tuple(_apart(list(_names(text)), dates)),
        quotations=tuple(Quotation(*m.span(m.lastindex or 0)) for m in _QUOTED.finditer(text)),
        negations=tuple(Negation(*m.span()) for m in _NEGATION.finditer(text)),
    )


def _apart(found: Sequence[_Found], dates: Sequence[Date]) -> Iterator[_Found]:
    """What is no part of a date; both lists are in order."""
    i = 0
    for item in found:
        while i < len(dates) and dates[i].end <= item.start:
            i += 1
        if i == len(dates) or item.end <= dates[i].start:
            yield item


# -- dates ----------------------------------------------------------------------------------------

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:1\d|20|21)\d\d"
_CENTURIES = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first"
).split()
_CENTURY = "|".join(f"{c}|{c.capitalize()}" for c in reversed(_CENTURIES))
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
    rf"|\b(?P<century>\d{{1,2}}(?:st|nd|rd|th)|{_CENTURY})"
    r"[\s-]century\b(?P<before>\s(?:BCE?|B\.C\.))?"
    r"|(?<![\w.,$€£-])(?P<era>\d{1,4}(?:,\d{3})?)\s(?P<bc>BCE?\b|B\.C\.|AD\b|CE\b|A\.D\.)"
    r"|\b(?:AD|A\.D\.)\s(?P<anno>\d{1,4})\b"
    rf"|(?<![\w.,$€£^])(?<![A-Z]-)(?P<lone>{_YEAR})(?:[-–—/](?P<span>\d\d))?(?![\w%°]|[.,]\d)"
)  # fmt: skip


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
            not _begins_sentence(text, start) and text[start - 1] == " "
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


# -- names ----------------------------------------------------------------------------------------

_RANGES = ((0x41, 0x5B), (0xC0, 0xDF), (0x100, 0x250), (0x370, 0x530), (0x1E00, 0x1F00))
_UPPER = "".join(chr(c) for low, high in _RANGES for c in range(low, high) if chr(c).isupper())
_CAPITALISED = rf"[{_UPPER}](?:\.(?:[{_UPPER}]\.)++|[\w’'&-]*+)"
_PARTICLE = r"(?:of|de|del|della|du|la|le|von|van|der|den|bin|ibn|al|el|da|di|do|dos|y|&)"
_NAME = re.compile(rf"(?<![\w’'-]){_CAPITALISED}(?:[ ](?:{_PARTICLE}[ ])?{_CAPITALISED})*+")
# Words that begin sentences or stand in capitals everywhere and name nothing.
_ORDINARY = frozenset(
    """a about above according accordingly across additionally after afterwards again against all
    almost along already also alternatively although altogether always among an and another any
    anyone apart are around as aside at away back based because before behind being below besides
    between beyond both but by can certain clearly compared consequently contrary could critics
    currently depending despite did do does due during each earlier early either else elsewhere
    especially even eventually ever every everyone except exactly examples experts few final finally
    first five following for former formerly found four from fortunately founded further
    furthermore generally given had has have having he hence her here hers herself him himself his
    historically how however i if important in including indeed initially inside instead into is it
    its itself just known large largely last late later latter least less like likewise located long
    made mainly major man many may me meanwhile men might mine moreover more most mostly much must my
    near nearly neither never nevertheless new next nine no nobody none nonetheless nor normally not
    notably nothing now nowadays of off often officials old on once one ones only opposite or
    originally other others otherwise our ours out outside over overall own part particularly people
    perhaps possibly prior probably rather recent recently regarding research researchers scholars
    scientists second see seen several shall she should shortly similar similarly since six small so
    some somebody someone something sometimes soon starting still studies subsequently such
    supporters ten than that the their them themselves then there thereafter therefore these they
    thing things third this those though thousands three through throughout thus time to today
    together too toward towards traditionally two typically ultimately under unfortunately unlike
    until up upon us used using usually various very was we well were what whatever when whenever
    where whereas wherever whether which while who whoever whom whose why will with within without
    women would year years yes yet you young your critics additional modern common current
    """.split()
)
_ENDINGS = ("ly", "ing", "ness", "ments", "tions")
_LOWER_WORD = re.compile(r"(?<![\w’'-])[a-z][\w’'-]*")


def _names(text: str) -> Iterator[Name]:
    matches = [(m.start(), m.end()) for m in _NAME.finditer(text)]
    starting = [_begins_sentence(text, start) for start, _ in matches]
    # A first word that stands elsewhere in capitals is a name; one in small letters is none.
    seen = {
        text[start:end].split(" ")[0].removesuffix("'s").removesuffix("’s")
        for (start, end), first in zip(matches, starting, strict=True)
        if not first
    }
    small = set(_LOWER_WORD.findall(text)) if any(starting) else set()
    for (start, end), first in zip(matches, starting, strict=True):
        if not first:
            if end - start > 1 or text[start] != "I":
                yield Name(start, end, certain=True)
            continue
        word, _, rest = text[start:end].partition(" ")
        plain = word.removesuffix("'s").removesuffix("’s")
        if is_ordinary(plain) or (plain.lower() in small and not plain.isupper()):
            begin = end - len(rest)
            if rest and rest[0].isupper() and not is_ordinary(rest):
                yield Name(begin, end, certain=True)
            continue
        sure = plain in seen or bool(rest) or (plain.isupper() and len(plain) > 1)
        yield Name(start, end, certain=sure)


def is_ordinary(word: str) -> bool:
    """Whether a word with a capital is none of a name's, as far as can be told without a dictionary."""
    lower = fold(word)
    return lower in _ORDINARY or (lower.endswith(_ENDINGS) and not word.isupper())


def _begins_sentence(text: str, at: int) -> bool:
    before = text[max(0, at - 4) : at].rstrip(" \t\"'“”‘’«»([*_")
    if at and text[at - 1] == "\n":
        return True
    return not before or before[-1] in ".!?:;。\n•–—-|›"


# -- quotations and negations ---------------------------------------------------------------------

_LONGEST_QUOTED = 600
_QUOTED = re.compile(
    rf"“([^“”\n]{{1,{_LONGEST_QUOTED}}})”|„([^„“”\n]{{1,{_LONGEST_QUOTED}}})[“”]"
    rf"|«\s?([^«»\n]{{1,{_LONGEST_QUOTED}}}?)\s?»|「([^「」\n]{{1,{_LONGEST_QUOTED}}})」"
    rf"|\"([^\"\n]{{1,{_LONGEST_QUOTED}}})\""
    rf"|(?<!\w)‘([^‘’\n]{{1,{_LONGEST_QUOTED}}})’(?!\w)|(?<!\w)'([^'\n]{{1,{_LONGEST_QUOTED}}})'(?!\w)"
)
_NEGATION = re.compile(
    # "not only", "no less than" and "No. 5" deny nothing.
    r"\b(?:[Nn]ot(?! (?:only|just|merely|least|to mention)\b)|NOT"
    r"|[Nn]o(?!\.\s?\d|\s(?:doubt|less|fewer|later|sooner|more than|matter)\b)|[Nn]or|[Nn]one"
    r"|[Nn]ever(?!theless)|[Nn]either|[Nn]obody|[Nn]othing|[Nn]owhere|[Ww]ithout)\b"
    r"|(?<=[Cc]an)not\b|n['’]t\b|\bfail(?:s|ed|ing)? to\b|\bno longer\b"
)
