"""A text cut into what can be compared: words, and facts of several words. No model's tokens."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.dates import Date, dates_clash
from index.facts import Facts
from index.lexical import STOP_WORDS
from index.names import Name
from index.numbers import Amount, same_amount
from index.words import fold, stem
from rag.naming import akin

TokenKind = Literal["word", "amount", "date", "name", "negation"]
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a fact of several words.

    Attributes:
        kind: what it is.
        key: stem of a word; the text of a fact.
        start: first character in its text.
        end: one past the last.
        fact: of an amount, date or name.
        content: whether it carries meaning.
        quoted: whether it stands in quotation marks.
    """

    kind: TokenKind
    key: str
    start: int
    end: int
    fact: Amount | Date | Name | None = None
    content: bool = True
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """A text with its tokens; `names` are the words of names that are so for certain."""

    text: str
    tokens: tuple[Token, ...]
    names: frozenset[str]


def side_of(text: str, facts: Facts) -> Side:
    """A text cut into tokens."""
    taken: list[Token] = [
        *(Token("amount", text[a.start : a.end], a.start, a.end, a) for a in facts.amounts),
        *(Token("date", text[d.start : d.end], d.start, d.end, d) for d in facts.dates),
        *(Token("negation", "not", n.start, n.end) for n in facts.negations),
    ]
    taken.sort(key=lambda token: (token.start, token.end))
    tokens: list[Token] = []
    at = 0
    for token in taken:
        tokens += _words(text, at, token.start, facts.names)
        if token.start >= at or token.kind == "date":  # the two dates of "16-18 May" share a span
            tokens.append(token)
        at = max(at, token.end)
    tokens += _words(text, at, len(text), facts.names)
    names = {t.key for t in tokens if isinstance(t.fact, Name) and t.fact.certain}
    marked = tuple(replace(t, quoted=True) if _is_quoted(t, facts) else t for t in tokens)
    return Side(text, marked, frozenset(names))


def _is_quoted(token: Token, facts: Facts) -> bool:
    at = bisect_left(facts.quotations, token.end, key=lambda quotation: quotation.end)
    return at < len(facts.quotations) and facts.quotations[at].start <= token.start


def _words(text: str, start: int, end: int, names: Sequence[Name]) -> Iterator[Token]:
    for match in _WORD.finditer(text, start, max(start, end)):
        word = match.group()
        if word == "s" and text[match.start() - 1 : match.start()] in ("'", "’"):
            continue
        at = bisect_left(names, match.end(), key=lambda name: name.end)
        inside = at < len(names) and names[at].start <= match.start()
        named = inside and not word[0].islower()
        yield Token(
            "name" if named else "word",
            stem(fold(word)),
            *match.span(),
            names[at] if named else None,
            named or fold(word) not in STOP_WORDS,
        )


def same(first: Token, second: Token) -> bool:
    """Whether two tokens say the same."""
    one, other = first.fact, second.fact
    if isinstance(one, Amount) and isinstance(other, Amount):
        return same_amount(one, other)
    if isinstance(one, Date) and isinstance(other, Date):
        return not dates_clash(one, other)
    if {first.kind, second.kind} == {"date", "amount"}:
        return _year_of(first) == _year_of(second) is not None
    if first.key == second.key:
        return True
    return first.kind == second.kind == "name" and akin(first.key, second.key)


def _year_of(token: Token) -> int | None:
    """What a token says if it is a bare number or a year: "1250 people" may look like one."""
    fact = token.fact
    if isinstance(fact, Amount):
        whole = fact.value == fact.value.to_integral_value()
        return int(fact.value) if not fact.unit and whole else None
    bare = isinstance(fact, Date) and fact.month is None and fact.last_year is None
    return fact.year if bare and isinstance(fact, Date) else None


def one_class(first: Token, second: Token) -> bool:
    """Whether two tokens are of a kind that can take each other's place."""
    kinds = {first.kind, second.kind}
    if first.quoted and second.quoted and kinds <= {"word", "name"}:
        return True
    return kinds == {"name"} or kinds <= {"amount", "date"}
