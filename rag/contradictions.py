"""Noticed when a document arrives: a sentence of it that another document says with another amount.

The evidence table tells which sentences hold an amount, the lexical index finds sentences elsewhere that run
alike and share a name. Noticed is what differs in an amount of the same unit, or of the same things counted,
and in no date; not what differs by rounding or in documents of other years, what people say of themselves,
or a form that many documents fill in.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath

from index.dates import Date
from index.facts import find_facts
from index.lexical import STOP_WORDS
from index.library import Library
from index.numbers import ORDINAL, VAGUE, Amount, find_amounts, same_amount
from index.sentences import sentence_spans
from index.types import Passage, Role
from index.words import fold, stem

_MOST_SENTENCES = 200
_MOST_NOTICED = 10
_CANDIDATES = 20
_RAREST = 3
_LEAST_WORDS = 5
# Share of the words of the shorter sentence that both have.
_ALIKE = 0.6
# What so many other documents say in the same words, each with a number of its own, is a form.
_FORM = 3
_WORD = re.compile(r"[^\W\d_]+")
_NAME = re.compile(r"(?<=[\w,;:] )(?=[^\W\d_])[\w’'-]{2,}|\b[A-Z]{2,}\w*")
_ROUNDED = Decimal("0.05")
_OWN = re.compile(r"\b(?:I|we|my|our|you|your)\b", re.I)
_ITEM = re.compile(r"^\W*(?:§+\s*|No\.?\s*)?\d+[.):]?\s+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sentences of two documents that differ in an amount.

    Attributes:
        sentence: of the document that arrived, as it stands.
        words: what it says.
        other: the sentence of the other document.
        instead: what that one says.
        document_id: of the other document.
        start: of the other sentence in its document.
        end: one past its last character.
    """

    sentence: str
    words: str
    other: str
    instead: str
    document_id: int
    start: int
    end: int


def notice(library: Library, document_id: int) -> list[str]:
    """What a document contradicts, a line for people each."""
    lines = []
    for found in contradictions(library, document_id):
        document = library.store.document(found.document_id)
        if document is not None:
            name = PurePath(document.path).name
            lines.append(
                f"Differs from {name}: “{found.words}” here, “{found.instead}” there. "
                f"Here: “{found.sentence}” There: “{found.other}”"
            )
    return lines


def contradictions(library: Library, document_id: int) -> list[Contradiction]:
    """Sentences of a document that another document says with another amount, at most ten."""
    return contradicted(library, document_id, _exact_sentences(library, document_id))


def contradicted(
    library: Library, document_id: int, sentences: Sequence[str]
) -> list[Contradiction]:
    """Those of some sentences of a document that another document says with another amount, at most ten."""
    found: list[Contradiction] = []
    for sentence in sentences:
        matches = list(_against(library, document_id, sentence))
        if 0 < len({match.document_id for match in matches}) < _FORM:
            found.append(matches[0])
        if len(found) == _MOST_NOTICED:
            break
    return found


def _exact_sentences(library: Library, document_id: int) -> list[str]:
    """Sentences of a document's own text that hold an amount, each once."""
    facts = library.evidence.facts("amount", documents=[document_id])
    places: dict[int, list[int]] = {}
    for fact in facts:
        if fact.norm not in (ORDINAL, VAGUE):
            places.setdefault(fact.passage_id, []).append(fact.start)
    sentences: dict[str, None] = {}
    # Of a very large document the beginning is looked at.
    for passage in library.store.passages(sorted(places)[:_MOST_SENTENCES]):
        if _counts(passage):
            own = [place - passage.start for place in places[passage.id]]
            for start, end in sentence_spans(passage.text):
                if any(start <= place < end for place in own):
                    sentences[passage.text[start:end]] = None
    return list(sentences)[:_MOST_SENTENCES]


def _counts(passage: Passage) -> bool:
    return passage.role not in (Role.FURNITURE, Role.COMMENT)


def _against(library: Library, document_id: int, sentence: str) -> Iterator[Contradiction]:
    """Sentences of other documents that run alike and differ in one amount."""
    own, names = _content(sentence), _names(sentence)
    if len(own) < _LEAST_WORDS or not names or _OWN.search(sentence):
        return
    # A word that stands nowhere else finds nothing.
    frequency = {one: n for one in own if (n := library.store.document_frequency(one)) > 1}
    rarest = sorted(frequency, key=lambda one: (frequency[one], one))[:_RAREST]
    if len(rarest) < _RAREST:
        return
    query = " AND ".join(f'"{own[one]}"' for one in rarest)
    hits = [ident for ident, _ in library.store.match(f"text : ({query})", _CANDIDATES)]
    for passage in library.store.passages(hits):
        if passage.document_id == document_id or not _counts(passage):
            continue
        if _apart(library, document_id, passage.document_id):
            continue
        for start, end in sentence_spans(passage.text):
            other = passage.text[start:end]
            if _OWN.search(other) or not names & _names(other) or not _alike(own, _content(other)):
                continue
            difference = _difference(_ITEM.sub("", sentence), _ITEM.sub("", other))
            if difference is not None:
                yield Contradiction(
                    " ".join(sentence.split()),
                    difference[0],
                    " ".join(other.split()),
                    difference[1],
                    passage.document_id,
                    passage.start + start,
                    passage.start + end,
                )


def _names(sentence: str) -> set[str]:
    """Names of a sentence; units such as Celsius are none."""
    amounts = [(amount.start, amount.end) for amount in find_amounts(sentence)]
    return {
        match.group()
        for match in _NAME.finditer(sentence)
        if match.group()[0].isupper()
        and not any(start <= match.start() < end for start, end in amounts)
    }


def _apart(library: Library, first: int, second: int) -> bool:
    """Whether two documents are more than a year apart: prices and numbers change."""
    dates = [d.date for i in (first, second) if (d := library.store.document(i)) and d.date]
    return len(dates) == 2 and abs(int(dates[0][:4]) - int(dates[1][:4])) > 1


def _content(sentence: str) -> dict[str, str]:
    """Words that say what a sentence is about, by their stems."""
    words = [word.lower() for word in _WORD.findall(sentence)]
    return {stem(fold(word)): word for word in words if word not in STOP_WORDS and len(word) > 1}


def _alike(first: dict[str, str], second: dict[str, str]) -> bool:
    shared = len(first.keys() & second.keys())
    return shared >= _LEAST_WORDS and shared >= _ALIKE * min(len(first), len(second))


def _difference(sentence: str, other: str) -> tuple[str, str] | None:
    """What two sentences say of one quantity, where that differs and no time does."""
    here, there = find_facts(sentence), find_facts(other)
    if _years(here.dates) != _years(there.dates):
        return None
    for amount in here.amounts:
        rivals = [a for a in there.amounts if a.unit == amount.unit]
        own = [a for a in here.amounts if a.unit == amount.unit]
        if len(rivals) != 1 or len(own) != 1 or amount.unit in (ORDINAL, VAGUE):
            continue
        rival = rivals[0]
        counted = _counted(sentence, amount), _counted(other, rival)
        if same_amount(amount, rival) or _rounded(amount, rival) or counted[0] != counted[1]:
            continue
        if amount.unit or counted[0]:
            return sentence[amount.start : amount.end], other[rival.start : rival.end]
    return None


def _years(dates: Sequence[Date]) -> frozenset[object]:
    return frozenset((date.year, date.month, date.day) for date in dates)


def _counted(sentence: str, amount: Amount) -> str:
    """The stem of what a number without a unit counts: the word that follows it."""
    word = None if amount.unit else _WORD.match(sentence[amount.end :].lstrip(" -"))
    return stem(word.group().lower()) if word else ""


def _rounded(first: Amount, second: Amount) -> bool:
    """Whether one may be the other in fewer digits."""
    low, high = sorted((abs(first.value), abs(second.value)))
    return low > 0 and (high - low) / high < _ROUNDED
