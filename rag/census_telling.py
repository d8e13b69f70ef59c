"""Tells what was found in a whole library: the answer, a footnote for each document, what was looked at."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import PurePath

from index.evidence_table import Fact
from index.numbers import ORDINAL, VAGUE
from index.sentences import sentence_spans
from index.types import Document
from index.words import fold, stems
from rag.census_matching import SUMS, Found, Matcher, sentence_at
from rag.census_types import Census
from rag.checker import check_quote
from rag.citing import Citer
from rag.drafts import Draft
from rag.metadata import line_around
from rag.survey import Mention, Survey
from rag.types import Citation, Sentence

# It looks at everything, but words are words: who mentions "the crossing" may mean the ferry.
_CONFIDENCE = 0.9
_MOST_COUNTED = 5
_MOST_LISTED = 100
# They ask, and their names are those of their task.
_ASKERS = frozenset("interviewer host moderator reporter q question interview".split())
_FIRM_FORM = re.compile(
    r",? \b(?:Ltd|Limited|Inc|LLC|GmbH|AG|SA|SE|Co|Corp|PLC|BV|KG)\b\.?(?: & Co\b\.?)?$", re.I
)


class Telling:
    """Makes an answer of what a survey finds."""

    def __init__(self, survey: Survey, census: Census, citer: Citer) -> None:
        self._survey = survey
        self._census = census
        self._citer = citer
        self._matcher = Matcher(survey, census)

    def draft(self) -> tuple[Draft, str]:
        """The answer, and what was looked at."""
        found = self._matcher.found()
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
            facts = self._matcher.totals(facts)
        facts = _comparable(
            facts, percent=self._census.percent, any_unit=bool(self._census.measured)
        )
        shown = {f.document.id: f.mentions for f in found} if self._census.wanted else None
        mentions = self._matcher.mentions_of(facts, shown)
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
        span = sentence_at(passage, fact.start)
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
        start, end = sentence_at(mention.passage, mention.start) or (mention.start, mention.end)
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
        n, considered = len(self._survey.documents), len(self._matcher.considered)
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
        undated = (
            sum(d.date is None for d in self._matcher.considered.values()) if census.dates else 0
        )
        left_out = f" {undated:,} without a date were left out." if undated else ""
        unnamed = (
            census.asks == "speakers"
            and found
            and not any(mention.passage.speaker for f in found for mention in f.mentions)
        )
        nobody = " Nobody is known to say it." if unnamed else ""
        return f"Looked at all {n:,} documents{kind}: {len(found):,} {matter}.{left_out}{nobody}"


def _quoted(citation: Citation) -> Sentence:
    words = " ".join(citation.quote.split())
    return Sentence(words, "quote", check_quote(citation.quote, citation.quote), (citation,))


def _comparable(facts: Sequence[Fact], *, percent: bool, any_unit: bool) -> list[Fact]:
    """Percentages, or amounts in the unit that most of them have: of money, unless something is measured."""
    if percent:
        return [fact for fact in facts if fact.norm == "%"]
    fit = [fact for fact in facts if fact.norm in SUMS or (any_unit and fact.norm)]
    fit = [fact for fact in fit if fact.norm not in (ORDINAL, VAGUE)]
    if not fit:
        return [fact for fact in facts if any_unit and not fact.norm]
    commonest, _ = Counter(fact.norm for fact in fit).most_common(1)[0]
    return [fact for fact in fit if fact.norm == commonest]


def _bare_name(name: str) -> str:
    """A firm's name without its form."""
    return _FIRM_FORM.sub("", name).strip(" ,.")
