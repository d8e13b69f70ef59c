"""Answers questions about the whole library by looking at every document, not at the nearest passages.

Counts, lists, first and last mentions, extremes (`rag.census_questions`); what stands where is the task of
`rag.survey`. The answer says how many documents were looked at.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePath

from index.evidence_table import Fact
from index.filters import EVERYTHING, Filter
from index.library import Library
from index.numbers import ORDINAL, VAGUE
from index.sentences import sentence_spans
from index.types import Document, Passage
from index.units import CURRENCIES
from index.words import fold, stems
from rag.census_phrases import Bound, Party
from rag.census_questions import Census, CensusReader
from rag.census_tagged import TaggedReader, Tagger
from rag.checker import check_quote
from rag.citing import Citer
from rag.drafts import Draft
from rag.metadata import line_around
from rag.survey import Catalogue, Mention, Survey
from rag.types import Citation, Sentence

READER = "census"
# It looks at everything, but words are words: who mentions "the crossing" may mean the ferry.
_CONFIDENCE = 0.9
_MOST_COUNTED = 5
_MOST_LISTED = 100
_BEFORE_TOTAL = 80
_BESIDE_NUMBER = 40
_CLAUSE_END = re.compile(r"[.;,](?:\s|$)|\n")
_TOTAL = re.compile(
    r"\b(?:total|amount (?:due|payable)|sum (?:due|payable)|balance(?: due)?|to pay|payable|to be paid|"
    r"invoice amount|contract (?:sum|price|value)|sum of)\b",
    re.I,
)
# They ask, and their names are those of their task.
_ASKERS = frozenset("interviewer host moderator reporter q question interview".split())
_CURRENCIES = frozenset((*CURRENCIES.values(), "CHF", "pound"))
_FIRM_FORM = re.compile(
    r",? \b(?:Ltd|Limited|Inc|LLC|GmbH|AG|SA|SE|Co|Corp|PLC|BV|KG)\b\.?(?: & Co\b\.?)?$", re.I
)


@dataclass(frozen=True, slots=True)
class Found:
    """A document that meets the conditions, with the words that show it, if there are any."""

    document: Document
    mentions: tuple[Mention, ...] = ()


class CensusTaker:
    """Answers questions about a library as a whole.

    Args:
        library: the documents.
        tagger: reads questions that the rules do not know; None for rules alone.
    """

    def __init__(self, library: Library, tagger: Tagger | None = None) -> None:
        self._library = library
        self._tagger = tagger
        self._catalogue: tuple[int, Catalogue] | None = None

    def answer(
        self, question: str, citer: Citer, within: Filter = EVERYTHING, *, mended: str = ""
    ) -> tuple[Draft, str] | None:
        """A draft and what was looked at, in words; None where it is no such question.

        Args:
            question: a standalone question.
            citer: numbers the footnotes.
            within: what documents must be to count.
            mended: the question with its misspellings mended. It is read where the question itself is not
                understood or names what no document mentions: words of the question that the library does
                not hold, "undated", are not always misspelt.
        """
        survey = Survey(self._library, within, self._known())
        census = self._read(question, survey)
        if mended and mended != question and (census is None or _names_nothing(census, survey)):
            census = self._read(mended, survey) or census
        if census is None:
            return None
        # A library from before the evidence table is read once, and only when it is counted in.
        self._library.evidence.catch_up()
        # In one snapshot: a document may be removed between a fact and its passage.
        with self._library.store.snapshot():
            survey = Survey(self._library, within, self._known())
            return _Telling(survey, census, citer).draft()

    def _read(self, question: str, survey: Survey) -> Census | None:
        census = CensusReader(survey.is_kind, survey.occurs).read(question)
        if census is None and self._tagger is not None:
            census = TaggedReader(self._tagger, survey.is_kind, survey.occurs).read(question)
        return census

    def _known(self) -> Catalogue:
        """The catalogue, made anew when the library has changed."""
        store = self._library.store
        generation = store.generation
        if self._catalogue is None or self._catalogue[0] != generation:
            self._catalogue = (generation, Catalogue(store.documents()))
        return self._catalogue[1]


class _Telling:
    """Makes an answer of what a survey finds."""

    def __init__(self, survey: Survey, census: Census, citer: Citer) -> None:
        self._survey = survey
        self._census = census
        self._citer = citer
        considered = dict(survey.documents)
        if census.kinds:
            considered = {i: d for kind in census.kinds for i, d in survey.of_kind(kind).items()}
        left_out = {ident for kinds in census.other_than for ident in survey.of_kind(kinds)}
        self._considered = {i: d for i, d in considered.items() if i not in left_out}

    def draft(self) -> tuple[Draft, str]:
        """The answer, and what was looked at."""
        found = self._found()
        draft = Draft(confidence=_CONFIDENCE)
        how = {
            "count": self._count,
            "list": self._list,
            "first": self._first,
            "last": self._first,
            "most": self._most,
            "times": self._times,
            "highest": self._extreme,
            "lowest": self._extreme,
            "speakers": self._speakers,
            "author": self._author,
        }[self._census.asks]
        how(draft, found)
        return draft, self._looked_at(found)

    # -- which documents ----------------------------------------------------------------------

    def _found(self) -> list[Found]:
        """The documents that meet all conditions, by date and path, those without a date last."""
        census = self._census
        documents = {
            i: d
            for i, d in self._considered.items()
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
            kept = self._totals(kept)
        kept = [
            fact
            for fact in kept
            if fact.value is not None and all(_within(fact.value, bound) for bound in bounds)
        ]
        beside = shown if self._census.wanted and not self._census.counted else None
        return self._mentions_of(kept, beside)

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

    def _totals(self, facts: Sequence[Fact]) -> list[Fact]:
        """Of documents that state a total, these amounts alone; of the others all."""
        totals: dict[int, list[Fact]] = {}
        for fact in facts:
            before = self._survey.store.text(
                fact.document_id, max(0, fact.start - _BEFORE_TOTAL), fact.start
            )
            if _TOTAL.search(before.rsplit("\n", 1)[-1]):
                totals.setdefault(fact.document_id, []).append(fact)
        return [f for f in facts if f.document_id not in totals or f in totals[f.document_id]]

    def _mentions_of(
        self, facts: Sequence[Fact], beside: Mapping[int, Sequence[Mention]] | None
    ) -> dict[int, list[Mention]]:
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

    # -- what is told -------------------------------------------------------------------------

    def _count(self, draft: Draft, found: Sequence[Found]) -> None:
        draft.status = "answered"
        draft.short_answer = f"{len(found):,}"
        self._show(draft, found[:_MOST_COUNTED])

    def _list(self, draft: Draft, found: Sequence[Found]) -> None:
        if not found:
            return
        draft.status = "answered"
        draft.n_documents = len(found)
        names = [self._name(f.document) for f in found[:_MOST_LISTED]]
        more = len(found) - len(names)
        draft.short_answer = "; ".join(names) + (f"; and {more:,} more" if more else "")
        self._show(draft, found[:_MOST_LISTED])

    def _first(self, draft: Draft, found: Sequence[Found]) -> None:
        dated = [f for f in found if f.document.date]
        if not dated:
            return
        first = dated[0] if self._census.asks == "first" else dated[-1]
        # Of one day there may be several; all that are known to be as early count.
        same = [f for f in dated if f.document.date == first.document.date]
        draft.status = "answered"
        date, name = first.document.date or "", self._name(first.document)
        author = self._survey.author(first.document.id) if self._census.who else None
        draft.short_answer = f"{date} ({name})" if self._census.wanted else f"{name} ({date})"
        if author is not None:
            draft.short_answer = f"{_bare_name(author[0])} ({name}, {date})"
            self._show(draft, [Found(first.document, (author[1],))])
        for one in same[:_MOST_COUNTED]:
            self._show_dated(draft, one)

    def _most(self, draft: Draft, found: Sequence[Found]) -> None:
        if not found:
            return
        most = max(len(f.mentions) for f in found)
        best = [f for f in found if len(f.mentions) == most]
        draft.status = "answered"
        draft.short_answer = "; ".join(self._name(f.document) for f in best[:_MOST_COUNTED])
        for one in best[:_MOST_COUNTED]:
            self._show(draft, [replace(one, mentions=(mention,)) for mention in one.mentions])

    def _times(self, draft: Draft, found: Sequence[Found]) -> None:
        draft.status = "answered"
        draft.short_answer = f"{sum(len(f.mentions) for f in found):,}"
        self._show(draft, found[:_MOST_COUNTED])

    def _extreme(self, draft: Draft, found: Sequence[Found]) -> None:
        documents = {f.document.id: f.document for f in found}
        facts = self._survey.facts(
            "amount", documents=list(documents), norm=self._census.unit or None
        )
        if self._census.measured:
            facts = self._measures(facts)
        elif self._census.kinds and not self._census.wanted:
            facts = self._totals(facts)
        facts = _comparable(
            facts, percent=self._census.percent, any_unit=bool(self._census.measured)
        )
        shown = {f.document.id: f.mentions for f in found} if self._census.wanted else None
        mentions = self._mentions_of(facts, shown)
        kept = [
            f for f in facts if any(m.start == f.start for m in mentions.get(f.document_id, ()))
        ]
        if not kept:
            return
        chosen = max if self._census.asks == "highest" else min
        value = chosen(f.value for f in kept if f.value is not None)
        best = [f for f in kept if f.value == value]
        first = best[0]
        draft.status = "answered"
        words = self._survey.store.text(first.document_id, first.start, first.end)
        draft.short_answer = f"{words} ({self._name(documents[first.document_id])})"
        proving = {f.document_id: f.start for f in best}
        self._show(
            draft,
            [
                Found(documents[i], tuple(m for m in mentions[i] if m.start == start))
                for i, start in proving.items()
            ][:_MOST_COUNTED],
        )

    def _measures(self, facts: Sequence[Fact]) -> list[Fact]:
        """Amounts in whose sentence all words asked for stand, or else the first of them."""
        for n in range(len(self._census.measured), 0, -1):
            found = [f for f in facts if self._is_measure(f, set(self._census.measured[:n]))]
            if found:
                return found
        return []

    def _is_measure(self, fact: Fact, measured: set[str]) -> bool:
        """Whether words stand in an amount's sentence."""
        passage = self._survey.passage(fact.passage_id)
        span = _sentence_at(passage, fact.start)
        if span is None:
            return False
        words = passage.text[span[0] - passage.start : span[1] - passage.start]
        return measured <= set(stems(words))

    def _author(self, draft: Draft, found: Sequence[Found]) -> None:
        counts: dict[str, list[Found]] = {}
        for one in found:
            author = self._survey.author(one.document.id)
            if author is not None:
                counts.setdefault(_bare_name(author[0]), []).append(
                    replace(one, mentions=(author[1],))
                )
        if not counts:
            return
        most = max(len(of_one) for of_one in counts.values())
        best = sorted(name for name, of_one in counts.items() if len(of_one) == most)
        draft.status = "answered"
        draft.short_answer = "; ".join(f"{name} ({most:,})" for name in best)
        for name in best:
            self._show(draft, counts[name][:_MOST_COUNTED])

    def _speakers(self, draft: Draft, found: Sequence[Found]) -> None:
        """Who says it, each with a sentence of every document they say it in."""
        said: dict[str, list[Found]] = {}
        for one in found:
            for name in dict.fromkeys(m.passage.speaker for m in one.mentions):
                if name:
                    own = next(m for m in one.mentions if m.passage.speaker == name)
                    said.setdefault(name, []).append(replace(one, mentions=(own,)))
        said = {name: own for name, own in said.items() if fold(name) not in _ASKERS} or said
        if not said:
            return
        names = sorted(said)[:_MOST_LISTED]
        draft.status = "answered"
        draft.short_answer = "; ".join(names)
        self._show(draft, [one for name in names for one in said[name]][:_MOST_LISTED])

    # -- footnotes ----------------------------------------------------------------------------

    def _show(self, draft: Draft, found: Sequence[Found]) -> None:
        """A quoted sentence for each, with its footnote."""
        for one in found:
            mention = one.mentions[0] if one.mentions else None
            citation = self._sentence(mention) if mention else self._opening(one.document)
            if mention is not None:
                draft.read.add(mention.passage.id)
            if citation is not None and all(
                citation.n != c.n for s in draft.sentences for c in s.citations
            ):
                draft.sentences.append(_quoted(citation))

    def _show_dated(self, draft: Draft, one: Found) -> None:
        """The mention, and the line that dates the document."""
        if one.mentions:
            self._show(draft, [one])
        span = one.document.date_span
        if span is not None:
            line = line_around(self._survey.store, one.document.id, *span)
            citation = self._citer.cite_document(one.document.id, *line)
            draft.sentences.append(_quoted(citation))

    def _sentence(self, mention: Mention) -> Citation:
        start, end = _sentence_at(mention.passage, mention.start) or (mention.start, mention.end)
        return self._citer.cite(mention.passage, start, max(end, mention.end))

    def _opening(self, document: Document) -> Citation | None:
        """What stands for a document of which no word was asked: its date, its title, or how it begins."""
        if self._census.dates and document.date_span is not None:
            line = line_around(self._survey.store, document.id, *document.date_span)
            return self._citer.cite_document(document.id, *line)
        if document.title_span is not None:
            return self._citer.cite_document(document.id, *document.title_span)
        passages = self._survey.store.document_passages(document.id)
        if not passages:
            return None
        start, end = next(iter(sentence_spans(passages[0].text)), (0, len(passages[0].text)))
        first = passages[0]
        return self._citer.cite(first, first.start + start, first.start + end)

    def _name(self, document: Document) -> str:
        """The title, and the file's name where others have the same title."""
        name = PurePath(document.path).name
        alike = self._title_counts.get(document.title, 0) > 1
        return f"{document.title} ({name})" if alike else document.title

    @cached_property
    def _title_counts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for document in self._survey.documents.values():
            counts[document.title] = counts.get(document.title, 0) + 1
        return counts

    def _looked_at(self, found: Sequence[Found]) -> str:
        """How many documents were looked at, and how many met the conditions."""
        n, considered = len(self._survey.documents), len(self._considered)
        census = self._census
        kind = f", {considered:,} of the kind asked for" if census.kinds else ""
        said = [" or ".join(f"“{words}”" for words in group) for group in census.wanted]
        without = [f"“{words}”" for words in census.unwanted]
        one = len(found) == 1
        mentions, not_so = ("mentions", "does not") if one else ("mention", "do not")
        parts = [
            *([f"{mentions} {' and '.join(said)}"] if said else []),
            *([f"{not_so} mention {' or '.join(without)}"] if without else []),
        ]
        whole = parts and not (census.dates or census.bounds or census.parties or census.undated)
        matter = " and ".join(parts) if whole else f"meet{'s' if one else ''} what was asked"
        undated = sum(d.date is None for d in self._considered.values()) if census.dates else 0
        left_out = f" {undated:,} without a date were left out." if undated else ""
        unnamed = (
            census.asks == "speakers"
            and found
            and not any(mention.passage.speaker for f in found for mention in f.mentions)
        )
        nobody = " Nobody is known to say it." if unnamed else ""
        return f"Looked at all {n:,} documents{kind}: {len(found):,} {matter}.{left_out}{nobody}"


def _spoken(mentions: Sequence[Mention], names: Sequence[str]) -> list[Mention]:
    """Mentions in what one of some people says."""
    return [
        m for m in mentions if any(fold(name) in fold(m.passage.speaker or "") for name in names)
    ]


def _names_nothing(census: Census, survey: Survey) -> bool:
    """Whether something is asked for that no document mentions."""
    return any(not any(survey.mentions(words) for words in group) for group in census.wanted)


def _overlap(mention: Mention, other: Mention) -> bool:
    return mention.start < other.end and other.start < mention.end


def _joined(groups: Iterable[Mapping[int, Sequence[Mention]]]) -> dict[int, list[Mention]]:
    found: dict[int, list[Mention]] = {}
    for group in groups:
        for ident, mentions in group.items():
            found.setdefault(ident, []).extend(mentions)
    return found


def _quoted(citation: Citation) -> Sentence:
    words = " ".join(citation.quote.split())
    return Sentence(words, "quote", check_quote(citation.quote, citation.quote), (citation,))


def _share_a_sentence(mention: Mention, others: Iterable[Mention]) -> bool:
    span = _sentence_at(mention.passage, mention.start)
    if span is None:
        return False
    first, last = span
    return any(first <= o.start < last or o.start <= first < o.end for o in others)


def _sentence_at(passage: Passage, at: int) -> tuple[int, int] | None:
    """The sentence of a passage that a character stands in; both count in the document's text."""
    for start, end in sentence_spans(passage.text):
        if passage.start + start <= at < passage.start + end:
            return passage.start + start, passage.start + end
    return None


def _comparable(facts: Sequence[Fact], *, percent: bool, any_unit: bool) -> list[Fact]:
    """Percentages, or amounts in the unit that most of them have: of money, unless something is measured."""
    if percent:
        return [fact for fact in facts if fact.norm == "%"]
    fit = [fact for fact in facts if fact.norm in _CURRENCIES or (any_unit and fact.norm)]
    fit = [fact for fact in fit if fact.norm not in (ORDINAL, VAGUE)]
    if not fit:
        return [fact for fact in facts if any_unit and not fact.norm]
    commonest, _ = Counter(fact.norm for fact in fit).most_common(1)[0]
    return [fact for fact in fit if fact.norm == commonest]


def _bare_name(name: str) -> str:
    """A firm's name without its form."""
    return _FIRM_FORM.sub("", name).strip(" ,.")


def _is_unit(unit: str, wanted: str) -> bool:
    """Whether an amount has the wanted unit; a number without one may be of any currency or none."""
    if not wanted:
        return unit in _CURRENCIES or not unit
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
