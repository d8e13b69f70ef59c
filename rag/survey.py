"""What stands where in a library: documents by kind, every mention of words, who wrote what.

Nothing here looks for what is near or likely: the lexical index finds every passage that may hold a word, and
each is read to make sure. Words count in all their forms, names as they are written.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from index.dates import Date
from index.evidence_table import Fact, FactKind, facts_of
from index.facts import find_facts
from index.filters import Filter, passages_within
from index.lexical import STOP_WORDS
from index.library import Library
from index.numbers import ORDINAL, VAGUE, Amount
from index.sentences import sentence_spans
from index.types import Document, Passage
from index.words import fold, stem, stems
from rag.census_types import Party
from rag.kinds import ALSO_CALLED, KNOWN_KINDS, SAME_KIND, Catalogue, kind_stems
from rag.parties import named_parties
from rag.phrase_matching import WORD, either_form, phrase_finder

_LEAST_NAMED = 2
# What so many documents of a kind are called does not tell some of them from others.
_NEARLY_ALL = 0.6
_OPENING_CHARS = 400


@dataclass(frozen=True, slots=True)
class Mention:
    """Words in a passage: `start` and `end` count in the document's text."""

    passage: Passage
    start: int
    end: int


# Words for what something is, which its name does without.
_CLASSES = frozenset(
    "chip chips company firm ship vessel ferry think tank model agency brand newspaper town city village "
    "word name term phrase person supplier product".split()
)


class Survey:
    """The documents that count, and where words stand in them.

    Args:
        library: the documents.
        within: what documents must be to count.
        catalogue: of the library as it is now.
    """

    def __init__(
        self, library: Library, within: Filter, catalogue: Catalogue | None = None
    ) -> None:
        self._catalogue = catalogue or Catalogue(library.store.documents())
        self.library = library
        self.store = library.store
        self._passages: dict[int, Passage] = {}
        self._kinds: dict[tuple[str, ...], dict[int, Document]] = {}
        self._mentions: dict[str, dict[int, list[Mention]]] = {}
        self._allowed: frozenset[int] | None = None
        if within:
            self._allowed = frozenset(passages_within(self.store, within).tolist())

    @cached_property
    def documents(self) -> dict[int, Document]:
        """Those that count, by id."""
        documents = {d.id: d for d in self._catalogue.documents if d.status == "complete"}
        if self._allowed is None:
            return documents
        kept = self.store.documents_of(sorted(self._allowed))
        return {ident: document for ident, document in documents.items() if ident in kept}

    def is_kind(self, kinds: Sequence[str]) -> bool:
        """Whether there are documents of a kind."""
        return bool(self.of_kind(kinds))

    def of_kind(self, kinds: Sequence[str]) -> dict[int, Document]:
        """Documents by the stems of their kind: their names tell it, or else their titles.

        A word that is no usual name of a document must at least be shared by two file names. What stands
        before the name narrows it where only some of the documents say so: all "inspection reports" may
        be reports on inspections.
        """
        known = self._kinds.get(tuple(kinds))
        if known is None:
            known = self._kinds[tuple(kinds)] = self._find_kind(kinds)
        return known

    def _find_kind(self, kinds: Sequence[str]) -> dict[int, Document]:
        *narrower, head = kinds
        names = (head, *ALSO_CALLED.get(head, ()))
        narrower = [word for word in narrower if word not in names]
        found = self._named(names)
        if found and narrower:
            found = self._narrowed(found, frozenset(narrower))
        return found

    def _named(self, names: Sequence[str]) -> dict[int, Document]:
        """Documents of which the file name, a folder or else the title says that they are one."""
        known = self._catalogue
        for name in names:
            same = SAME_KIND.get(name, frozenset((name,)))
            usual = name in KNOWN_KINDS
            named = {
                i: d
                for i, d in self.documents.items()
                if same & (known.names[i] | known.called[i] if usual else known.series[i])
            }
            if len(named) >= (1 if name in KNOWN_KINDS else _LEAST_NAMED):
                return named
        for name in names:
            titled = {i: d for i, d in self.documents.items() if name in self._catalogue.titles[i]}
            if titled and name in KNOWN_KINDS:
                return titled
        return {}

    def _narrowed(
        self, documents: Mapping[int, Document], words: frozenset[str]
    ) -> dict[int, Document]:
        found: dict[int, Document] = {}
        for known in (self._catalogue.names, self._catalogue.titles):
            own = {i: d for i, d in documents.items() if words <= known[i]}
            if len(own) > _NEARLY_ALL * len(documents):
                return dict(documents)
            found |= own
        if found:
            return found
        opening = {i: kind_stems(self.store.text(i, 0, _OPENING_CHARS)) for i in documents}
        said = {i: d for i, d in documents.items() if words <= opening[i]}
        if len(said) > _NEARLY_ALL * len(documents):
            return dict(documents)
        return said

    def occurs(self, words: str) -> bool:
        """Whether any document holds these words, one after the other."""
        return bool(self._phrase(words))

    def mentions(self, words: str) -> dict[int, list[Mention]]:
        """Where words are mentioned, by document: one after the other, or else in one sentence.

        An amount or a day is mentioned however it is written, and "the H20 chip" as H20.
        """
        words = _bare_name(words)
        if words not in self._mentions:
            exact = self._exact(words)
            if exact is None:
                exact = self._phrase(words) or self._in_one_sentence(words) or self._shorter(words)
            self._mentions[words] = exact
        return self._mentions[words]

    def _exact(self, words: str) -> dict[int, list[Mention]] | None:
        """Where an amount with a unit, or a date, is mentioned; None where the words are neither."""
        plain = re.sub(r"^(?:amounts?|sums?|prices?|dates?) of ", "", words, flags=re.I)
        facts = find_facts(plain)
        exact: list[Amount | Date] = [*facts.amounts, *facts.dates]
        whole = [f for f in exact if (f.start, f.end) == (0, len(plain))]
        if len(whole) != 1:
            return None
        if isinstance(whole[0], Amount):
            if whole[0].unit in ("", ORDINAL, VAGUE):
                return None
            value = float(whole[0].value)
            found = [
                fact for fact in self.facts("amount", norm=whole[0].unit) if fact.value == value
            ]
        else:
            kind, *_, norm = next(iter(facts_of(plain)), ("", ""))
            if kind != "date":
                return None
            # March 2021 is mentioned where a day of it is.
            found = [
                fact
                for fact in self.facts("date")
                if fact.norm == norm or fact.norm.startswith(f"{norm}-")
            ]
        mentions: dict[int, list[Mention]] = {}
        for fact in found:
            if fact.document_id in self.documents:
                mention = Mention(self.passage(fact.passage_id), fact.start, fact.end)
                mentions.setdefault(fact.document_id, []).append(mention)
        return mentions

    def facts(
        self,
        kind: FactKind,
        *,
        documents: Sequence[int] | None = None,
        norm: str | None = None,
    ) -> list[Fact]:
        """Facts of the evidence table in the passages that count."""
        found = self.library.evidence.facts(kind, documents=documents, norm=norm)
        if self._allowed is None:
            return found
        return [fact for fact in found if fact.passage_id in self._allowed]

    def passage(self, ident: int) -> Passage:
        """A passage by its id, kept for the next time."""
        if ident not in self._passages:
            self._passages[ident] = self.store.passages([ident])[0]
        return self._passages[ident]

    # -- who wrote it, and to whom ------------------------------------------------------------

    def with_party(
        self, documents: Mapping[int, Document], relation: Party, name: str
    ) -> dict[int, Mention]:
        """Documents by, to or with somebody, and where that stands.

        Where none of them says whose it is, any mention counts.
        """
        if relation == "of":
            wanted = kind_stems(name)
            return {
                i: self._opening(i)
                for i in documents
                if wanted <= self._catalogue.names[i] | self._catalogue.titles[i]
            }
        finds = phrase_finder(name)
        known = {i: places for i in documents if (places := self._parties(i, relation))}
        if not known:
            return {i: m[0] for i, m in self.mentions(name).items() if i in documents}
        named = {
            i: next((mention for words, mention in places if finds(words)), None)
            for i, places in known.items()
        }
        return {i: mention for i, mention in named.items() if mention is not None}

    def _opening(self, document_id: int) -> Mention:
        passage = self.store.document_passages(document_id)[0]
        start, end = next(iter(sentence_spans(passage.text)), (0, len(passage.text)))
        return Mention(passage, passage.start + start, passage.start + end)

    def author(self, document_id: int) -> tuple[str, Mention] | None:
        """Who wrote a document, as its head or its signature says."""
        return next(iter(self._parties(document_id, "by")), None)

    def _parties(self, document_id: int, relation: Party) -> list[tuple[str, Mention]]:
        """Names that stand in a document for a relation, as far as a passage holds them."""
        named = named_parties(self.store, self.documents[document_id], relation)
        passages = self.store.document_passages(document_id) if named else []
        found = []
        for name, start, end in named:
            passage = next((p for p in passages if p.start <= start < p.end), None)
            if passage is not None:
                found.append((name, Mention(passage, start, end)))
        return found

    def _phrase(self, words: str) -> dict[int, list[Mention]]:
        found: dict[int, list[Mention]] = {}
        finds = phrase_finder(words)
        for passage in self._candidates([words]):
            for start, end in finds(passage.text):
                mention = Mention(passage, passage.start + start, passage.start + end)
                found.setdefault(passage.document_id, []).append(mention)
        return found

    def _shorter(self, words: str) -> dict[int, list[Mention]]:
        """Where the last words are mentioned, two at least, of a phrase that stands nowhere whole.

        "The American diffusion rule" is mentioned as "the diffusion rule".
        """
        parts = words.split()
        for first in range(1, len(parts) - 1):
            found = self._phrase(" ".join(parts[first:]))
            if found:
                return found
        return {}

    def _in_one_sentence(self, words: str) -> dict[int, list[Mention]]:
        said = [word for word in WORD.findall(fold(words)) if word not in STOP_WORDS]
        wanted = {stem(word) for word in said}
        found: dict[int, list[Mention]] = {}
        if len(wanted) < 2:
            return found
        # The words and not their stems: the index makes stems of what it is asked.
        for passage in self._candidates(dict.fromkeys(said)):
            for start, end in sentence_spans(passage.text):
                if wanted <= set(stems(passage.text[start:end])):
                    mention = Mention(passage, passage.start + start, passage.start + end)
                    found.setdefault(passage.document_id, []).append(mention)
        return found

    def _candidates(self, phrases: Iterable[str]) -> list[Passage]:
        """Passages of the documents that count, in which the index finds all phrases, in order."""
        quoted = [either_form(WORD.findall(fold(phrase))) for phrase in phrases]
        query = " AND ".join(words for words in quoted if words)
        if not query:
            return []
        passages = self.store.passages(self.store.match_all(f"text : ({query})"))
        return sorted(
            (
                p
                for p in passages
                if p.document_id in self.documents
                and (self._allowed is None or p.id in self._allowed)
            ),
            key=lambda p: (p.document_id, p.start),
        )


def _bare_name(words: str) -> str:
    """A name without the word for what it is."""
    parts = words.split()
    names = [part for part in parts if part[:1].isupper() or part[:1].isdigit()]
    others = [part for part in parts if part not in names]
    if names and others and all(fold(part) in _CLASSES for part in others):
        return " ".join(names)
    return words
