"""What of a text is exact: amounts, dates, names, quotations, negations, each with its span.

Whoever compares texts word by word has to know that "16 January 2025" and "2025-01-16" are one day
and that "May" may be a month. Rules, no model: it runs over every document at adding, so every pattern
is searched for once from left to right, and no length of input is looked at twice.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from index.dates import Date, find_dates
from index.names import Name, find_names
from index.numbers import Amount, find_amounts

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
_Found = TypeVar("_Found", Amount, Name)


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


def find_facts(text: str) -> Facts:
    """Everything exact that a text says."""
    dates = find_dates(text)
    return Facts(
        amounts=tuple(_apart(find_amounts(text), dates)),
        dates=tuple(dates),
        names=tuple(_apart(list(find_names(text)), dates)),
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
