"""Questions about the whole library, read by the trained tagger where the rules know a phrase no more.

`rag.census_questions` reads exactly what it knows and leaves the rest; people put things in more ways than
any list of phrases. The tagger says of every word what it is, and this turns its marks into the same
`Census`, or into nothing where they do not fit together.
"""

import re
from collections.abc import Callable, Sequence
from typing import Literal, Protocol, cast

from index.dates import find_dates
from index.filters import date_of
from index.numbers import find_amounts
from index.words import stems
from models.tagger import Tagged
from rag.census_marks import plain_words
from rag.census_phrases import RELATIONS
from rag.census_questions import names_of
from rag.census_sense import MEASURE, PERCENT
from rag.census_types import Asks, Bound, Census, Party
from rag.kinds import GENERIC, normal_kind

_SURE = 0.8
"""Below it a question is not taken for one about the library."""

_PARTIES: tuple[Party, ...] = ("by", "to", "with")
_BOUNDS: tuple[Bound, ...] = ("over", "least", "under", "most", "exactly")
_DATES = ("in", "from", "until", "after", "before")
_OR = re.compile(r"\W*(?:and/)?(?:or|/)\b", re.I)
_COMMA = re.compile(r"\W*,\W*$")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
# What is asked of documents as such: "which documents", "everything on".
_AT_LARGE = re.compile(
    r"\b(?:documents?|files?|texts?|sources?|records?|items?|papers?|pages?|everything|anything|docs?|"
    r"folder|library|archive|collection|pieces?|materials?|ones)\b",
    re.I,
)
_SAID = re.compile(
    r"\b(?:mention|talk|discuss|speak|spoke|rais|br(?:ing|ought) up|c[ao]me up|crop|refer|appear|occur|topic|"
    r"issue|subject|complain|writ|wrote|bring|turn(?:s|ed)? up|word\b|words\b|name\b|phrase|quot|report)",
    re.I,
)
_UNIT = re.compile(
    r"\b(?:euros?|EUR|(?:US )?dollars?|USD|pounds?|GBP|francs?|CHF|percent|per cent)\b|[€$£%]"
)
_BY = re.compile(r"\bby (?:the )?$", re.I)
_WHO = re.compile(r"(?:and )?who\b", re.I)
_NEEDS_WORDS = ("times", "most", "speakers")


class Tagger(Protocol):
    """What reads a question word by word (`models.tagger.QuestionTagger`)."""

    def read(self, question: str) -> Tagged:
        """What is asked, and spans of the question with their labels."""


class TaggedReader:
    """Makes a census of a tagged question.

    Args:
        tagger: reads the question.
        is_kind: whether some stems, all together, name a kind of document of the library.
        occurs: whether the library holds these very words, one after the other.
    """

    def __init__(
        self,
        tagger: Tagger,
        is_kind: Callable[[Sequence[str]], bool],
        occurs: Callable[[str], bool],
    ) -> None:
        self._tagger = tagger
        self._is_kind = is_kind
        self._occurs = occurs

    def read(self, question: str) -> Census | None:
        """The question taken apart; None where it asks nothing of the library or does not fit together."""
        tagged = self._tagger.read(question)
        if tagged.asks == "none" or tagged.probability < _SURE:
            return None
        said = _Said(question, tagged.spans)
        kinds = self._kinds(said.of("kind"))
        dates = [_times(label, words) for label, words in _with_years(said)]
        bounds = [_bound(label, words) for label in _BOUNDS for words in said.of(label)]
        if kinds is None or None in dates or None in bounds:
            return None
        found_kinds, narrower = kinds
        measured = tuple(s for words in said.of("measure") for s in stems(words))
        census = Census(
            asks=cast(Asks, tagged.asks),
            kinds=found_kinds,
            wanted=(*said.groups("want"), *((words,) for words in narrower)),
            unwanted=tuple(plain_words(words) for words in said.of("not", by=False)),
            dates=tuple(pair for pairs in dates if pairs for pair in pairs),
            bounds=tuple(bound for bound in bounds if bound),
            counted=said.counted(),
            parties=tuple(
                (party, name)
                for party in _PARTIES
                for words in said.of(party)
                for name in names_of(words)
            ),
            not_by=tuple(name for words in said.of("not", by=True) for name in names_of(words)),
            who=_WHO.match(question) is not None,
            undated=bool(said.of("undated")),
            measured=tuple(word for word in measured if word not in MEASURE | PERCENT),
            percent=any(word in PERCENT for word in measured),
            other_than=tuple(tuple(stems(normal_kind(words))) for words in said.of("notkind")),
            unit=_unit(question) if tagged.asks in ("highest", "lowest") else "",
        )
        at_large = _AT_LARGE.search(question) is not None
        said_of = _SAID.search(question) is not None
        return census if _makes_sense(census, at_large=at_large, said=said_of) else None

    def _kinds(
        self, names: Sequence[str]
    ) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]] | None:
        """Kinds by their stems, and words before them that no name tells; None for what is no kind here."""
        kinds: list[tuple[str, ...]] = []
        narrower: list[str] = []
        for name in names:
            words = plain_words(name).split()
            if not words or GENERIC.match(words[-1]):
                narrower += [" ".join(words[:-1])] if len(words) > 1 else []
                continue
            whole = tuple(stems(normal_kind(" ".join(words))))
            head = tuple(stems(normal_kind(words[-1])))
            before = " ".join(words[:-1])
            if whole and self._is_kind(whole):
                kinds.append(whole)
            elif before and head and self._is_kind(head) and self._occurs(before):
                kinds.append(head)
                narrower.append(before)
            else:
                return None
        # "On which voyages …? Give me the voyage reports": the narrower name counts.
        kept = [kind for kind in kinds if not any(set(kind) < set(other) for other in kinds)]
        return tuple(dict.fromkeys(kept)), tuple(narrower)


class _Said:
    """The words of a question by their labels."""

    def __init__(self, question: str, spans: Sequence[tuple[str, int, int]]) -> None:
        self._question = question
        self._spans = spans

    def of(self, label: str, *, by: bool | None = None) -> list[str]:
        """Words with a label, from left to right.

        Args:
            label: the label.
            by: only those that "by" stands before, or does not.
        """
        return [
            self._question[start:end]
            for name, start, end in self._spans
            if name == label
            and (by is None or by == (_BY.search(self._question[:start]) is not None))
        ]

    def groups(self, label: str) -> tuple[tuple[str, ...], ...]:
        """Words with a label; those that "or" joins are one group: "rats, mice or moles"."""
        places = [(start, end) for name, start, end in self._spans if name == label]
        groups: list[list[str]] = []
        joined: Literal["or", "comma", ""] = ""
        for i, (start, end) in enumerate(places):
            words = plain_words(self._question[start:end])
            if i and joined and groups:
                groups[-1].append(words)
            else:
                groups.append([words])
            joined = self._join(places, i)
        return tuple(tuple(dict.fromkeys(filter(None, group))) for group in groups if any(group))

    def _join(self, places: Sequence[tuple[int, int]], i: int) -> Literal["or", "comma", ""]:
        """Whether "or" joins a place to the next, or a comma in a list that ends in "or"."""
        if i + 1 >= len(places):
            return ""
        between = self._question[places[i][1] : places[i + 1][0]]
        if _OR.match(between):
            return "or"
        return "comma" if _COMMA.match(between) and self._join(places, i + 1) else ""

    def counted(self) -> tuple[str, ...]:
        """Stems of what a limit without a unit counts: the words with the number, or the next one."""
        for label, start, end in self._spans:
            if label not in _BOUNDS:
                continue
            amounts = find_amounts(self._question[start:end])
            if len(amounts) != 1 or amounts[0].unit:
                continue
            words = self._question[start + amounts[0].end : end].split()
            words = words or self._question[end:].split()[:1]
            plain = [word.strip(" ,.?;:") for word in words]
            if plain and plain[-1].isalpha() and plain[-1].lower().endswith("s"):
                return tuple(s for s in stems(" ".join(plain)) if s not in MEASURE)
        return ()


def _with_years(said: _Said) -> list[tuple[str, str]]:
    """(label, words) of all times; "between January and March 2025" begins in 2025 too."""
    found = [(label, words) for label in _DATES for words in said.of(label)]
    year = next((m.group() for _, words in found if (m := _YEAR.search(words))), "")
    return [
        (label, words if _YEAR.search(words) else f"{words} {year}".strip())
        for label, words in found
    ]


def _times(label: str, words: str) -> tuple[tuple[str, str], ...] | None:
    """(relation, date) pairs; None for a time without a year."""
    dates = find_dates(words)
    if dates and dates[0].year is not None and dates[0].last_year is not None:
        first, last = f"{dates[0].year:04}", f"{dates[0].last_year:04}"
        by_label = {
            "in": (("from", first), ("until", last)),
            "from": (("from", first),),
            "until": (("until", last),),
            "after": (("after", last),),
            "before": (("before", first),),
        }
        return by_label[label]
    date = date_of(words)
    if date is None:
        return None
    relations = {"from": ("from",)}.get(label) or RELATIONS[label]
    return tuple((relation, date) for relation in relations)


def _bound(label: Bound, words: str) -> tuple[Bound, float, str] | None:
    amounts = find_amounts(words)
    if len(amounts) != 1:
        return None
    return label, float(amounts[0].value), amounts[0].unit


def _unit(question: str) -> str:
    """The currency, or per cent, that an extreme is asked for in; "" where none is said."""
    match = _UNIT.search(question)
    amounts = find_amounts(f"1 {match.group()}") if match else []
    return amounts[0].unit if amounts else ""


def _makes_sense(census: Census, *, at_large: bool, said: bool) -> bool:
    """Whether enough is said to answer what is asked.

    Args:
        census: the question taken apart.
        at_large: whether documents as such are spoken of, whatever their kind.
        said: whether something is mentioned, discussed or the like.
    """
    named = bool(census.kinds) or at_large
    if census.asks in _NEEDS_WORDS:
        return bool(census.wanted) and (named or said)
    if census.asks in ("first", "last"):
        return bool(census.kinds) or ((at_large or said) and bool(census.wanted or census.parties))
    if census.asks in ("author", "highest", "lowest"):
        return named
    return named and (bool(census.kinds) or census.is_limited)
