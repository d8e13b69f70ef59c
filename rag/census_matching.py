"""Which documents of a library meet the conditions of a question, and the words that show it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from index.evidence_table import Fact
from index.sentences import sentence_spans
from index.types import Document, Passage
from index.units import CURRENCIES
from index.words import fold, stems
from rag.census_types import Bound, Census, Party
from rag.survey import Mention, Survey

_BEFORE_TOTAL = 80
_BESIDE_NUMBER = 40
_CLAUSE_END = re.compile(r"[.;,](?:\s|$)|\n")
_TOTAL = re.compile(
    r"\b(?:total|amount (?:due|payable)|sum (?:due|payable)|balance(?: due)?|to pay|payable|to be paid|"
    r"invoice amount|contract (?:sum|price|value)|sum of)\b",
    re.I,
)
SUMS = frozenset((*CURRENCIES.values(), "CHF", "pound"))


@dataclass(frozen=True, slots=True)
class Found:
    """A document that meets the conditions, with the words that show it, if there are any."""

    document: Document
    mentions: tuple[Mention, ...] = ()


class Matcher:
    """Finds the documents that a question is about.

    Args:
        survey: the documents that count.
        census: the question.
    """

    def __init__(self, survey: Survey, census: Census) -> None:
        self._survey = survey
        self._census = census

    @cached_property
    def considered(self) -> dict[int, Document]:
        """The documents of the kind asked for, by id."""
        census = self._census
        considered = dict(self._survey.documents)
        if census.kinds:
            considered = {
                i: d for kind in census.kinds for i, d in self._survey.of_kind(kind).items()
            }
        left_out = {ident for kinds in census.other_than for ident in self._survey.of_kind(kinds)}
        return {i: d for i, d in considered.items() if i not in left_out}

    def found(self) -> list[Found]:
        """The documents that meet all conditions, by date and path, those without a date last."""
        census = self._census
        documents = {
            i: d
            for i, d in self.considered.items()
            if _meets(d, census.dates) and not (census.undated and d.date)
        }
        shown: dict[int, list[Mention]] = {}

        def keep(holding: Mapping[int, Sequence[Mention]]) -> dict[int, Document]:
            for ident, mentions in holding.items():
                shown.setdefault(ident, []).extend(mentions)
            return {i: d for i, d in documents.items() if i in holding}

        for group in census.wanted:
            documents = keep(_joined(self._mentions(words) for words in group))
        for relation in dict.fromkeys(relation for relation, _ in census.parties):
            names = [name for one, name in census.parties if one == relation]
            documents = keep(self._of_party(documents, relation, names, shown))
        left_out = self._ruled_out(documents)
        documents = {i: d for i, d in documents.items() if i not in left_out}
        if census.bounds:
            amounts = self._amounts(documents, census.bounds, shown)
            documents = {i: d for i, d in documents.items() if i in amounts}
            shown = {i: [*m, *shown.get(i, ())] for i, m in amounts.items()}
        found = [Found(d, tuple(shown.get(i, ()))) for i, d in documents.items()]
        return sorted(found, key=lambda f: (f.document.date or "9999", f.document.path))

    def _of_party(
        self,
        documents: Mapping[int, Document],
        relation: Party,
        names: Sequence[str],
        shown: dict[int, list[Mention]],
    ) -> dict[int, list[Mention]]:
        """Documents by, to or with one of some people; by a speaker: in which they say what is wanted."""
        if relation == "by" and self._census.wanted and self._speak(names):
            said = {i: own for i, mentions in shown.items() if (own := _spoken(mentions, names))}
            shown.clear()
            return said
        found: dict[int, list[Mention]] = {}
        for name in names:
            for ident, mention in self._survey.with_party(documents, relation, name).items():
                found.setdefault(ident, [mention])
        return found

    def _ruled_out(self, documents: Mapping[int, Document]) -> set[int]:
        """Documents that mention what must not be mentioned, or are by somebody who must not have written."""
        survey = self._survey
        unwanted = [words for words in self._census.unwanted if words not in self._longer_names]
        return {ident for words in unwanted for ident in survey.mentions(words)} | {
            ident
            for name in self._census.not_by
            for ident in survey.with_party(documents, "by", name)
        }

    def _speak(self, names: Sequence[str]) -> bool:
        """Whether these are speakers of the library, whose own words count."""
        speakers = [fold(name) for name in self._survey.store.distinct("speaker")]
        return all(any(fold(name) in speaker for speaker in speakers) for name in names)

    @cached_property
    def _longer_names(self) -> list[str]:
        """What must not be mentioned and holds a name that must: "the Stella, not the Stella Borealis"."""
        wanted = [fold(words) for group in self._census.wanted for words in group]
        return [
            words
            for words in self._census.unwanted
            if any(f" {one} " in f" {fold(words)} " for one in wanted)
        ]

    def _mentions(self, words: str) -> Mapping[int, Sequence[Mention]]:
        """Where words are mentioned by themselves, not as a part of a longer name that is ruled out."""
        mentions = self._survey.mentions(words)
        for longer in self._longer_names:
            others = self._survey.mentions(longer)
            kept = {
                i: [m for m in found if not any(_overlap(m, o) for o in others.get(i, ()))]
                for i, found in mentions.items()
            }
            mentions = {i: found for i, found in kept.items() if found}
        return mentions

    def _amounts(
        self,
        documents: Mapping[int, Document],
        bounds: Sequence[tuple[Bound, float, str]],
        shown: Mapping[int, Sequence[Mention]],
    ) -> dict[int, list[Mention]]:
        """Amounts within all bounds; where words are wanted too, in a sentence with one of them."""
        facts = self._survey.facts("amount", documents=list(documents))
        unit = next((unit for *_, unit in bounds if unit), "")
        kept = [fact for fact in facts if fact.value is not None and _is_unit(fact.norm, unit)]
        if self._census.counted:
            kept = [fact for fact in kept if not fact.norm and self._counts(fact)]
        if not self._census.wanted and not self._census.counted:
            kept = self.totals(kept)
        kept = [
            fact
            for fact in kept
            if fact.value is not None and all(_within(fact.value, bound) for bound in bounds)
        ]
        beside = shown if self._census.wanted and not self._census.counted else None
        return self.mentions_of(kept, beside)

    def _counts(self, fact: Fact) -> bool:
        """Whether what is counted stands beside a number: "1,301 passengers", "Passengers: 1,301"."""
        store = self._survey.store
        after = store.text(fact.document_id, fact.end, fact.end + _BESIDE_NUMBER)
        before = store.text(fact.document_id, max(0, fact.start - _BESIDE_NUMBER), fact.start)
        wanted = set(self._census.counted)
        behind = _CLAUSE_END.split(after, maxsplit=1)[0]
        ahead = _CLAUSE_END.split(before)[-1]
        return any(
            wanted <= set(stems(" ".join(words)))
            for words in (behind.split()[: len(wanted) + 1], ahead.split()[-len(wanted) - 1 :])
        )

    def totals(self, facts: Sequence[Fact]) -> list[Fact]:
        """Of documents that state a total, these amounts alone; of the others all."""
        totals: dict[int, list[Fact]] = {}
        for fact in facts:
            before = self._survey.store.text(
                fact.document_id, max(0, fact.start - _BEFORE_TOTAL), fact.start
            )
            if _TOTAL.search(before.rsplit("\n", 1)[-1]):
                totals.setdefault(fact.document_id, []).append(fact)
        return [f for f in facts if f.document_id not in totals or f in totals[f.document_id]]

    def mentions_of(
        self, facts: Sequence[Fact], beside: Mapping[int, Sequence[Mention]] | None
    ) -> dict[int, list[Mention]]:
        """Where facts stand, by document; of those only what shares a sentence with other mentions."""
        passages = {p.id: p for p in self._survey.store.passages([f.passage_id for f in facts])}
        found: dict[int, list[Mention]] = {}
        for fact in facts:
            mention = Mention(passages[fact.passage_id], fact.start, fact.end)
            if beside is not None and not _share_a_sentence(
                mention, beside.get(fact.document_id, ())
            ):
                continue
            found.setdefault(fact.document_id, []).append(mention)
        return found


def _spoken(mentions: Sequence[Mention], names: Sequence[str]) -> list[Mention]:
    """Mentions in what one of some people says."""
    return [
        m for m in mentions if any(fold(name) in fold(m.passage.speaker or "") for name in names)
    ]


def _overlap(mention: Mention, other: Mention) -> bool:
    return mention.start < other.end and other.start < mention.end


def _joined(groups: Iterable[Mapping[int, Sequence[Mention]]]) -> dict[int, list[Mention]]:
    found: dict[int, list[Mention]] = {}
    for group in groups:
        for ident, mentions in group.items():
            found.setdefault(ident, []).extend(mentions)
    return found


def _share_a_sentence(mention: Mention, others: Iterable[Mention]) -> bool:
    span = sentence_at(mention.passage, mention.start)
    if span is None:
        return False
    first, last = span
    return any(first <= o.start < last or o.start <= first < o.end for o in others)


def sentence_at(passage: Passage, at: int) -> tuple[int, int] | None:
    """The sentence of a passage that a character stands in; both count in the document's text."""
    for start, end in sentence_spans(passage.text):
        if passage.start + start <= at < passage.start + end:
            return passage.start + start, passage.start + end
    return None


def _is_unit(unit: str, wanted: str) -> bool:
    """Whether an amount has the wanted unit; a number without one may be of any currency or none."""
    if not wanted:
        return unit in SUMS or not unit
    return unit == wanted or {unit, wanted} == {"GBP", "pound"}


def _within(value: float, bound: tuple[Bound, float, str]) -> bool:
    how, limit, _ = bound
    return {
        "over": value > limit,
        "least": value >= limit,
        "under": value < limit,
        "most": value <= limit,
        "exactly": value == limit,
    }[how]


def _meets(document: Document, dates: Sequence[tuple[str, str]]) -> bool:
    """Whether a document's date meets all conditions, as far as both are known."""
    if not dates:
        return True
    date = document.date
    if date is None:
        return False
    for relation, limit in dates:
        own, other = date[: len(limit)], limit[: len(date)]
        meets = {
            "from": own >= other,
            "until": own <= other,
            "after": own > other,
            "before": own < other,
        }[relation]
        if not meets:
            return False
    return True
