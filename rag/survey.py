"""What stands where in a library: documents by kind, every mention of words, who wrote what.

Nothing here looks for what is near or likely: the lexical index finds every passage that may hold a word, and
each is read to make sure. Words count in all their forms, names as they are written.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

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
from rag.census_phrases import Party
from rag.census_questions import ALSO_CALLED, KNOWN_KINDS, kind_stems

_LEAST_NAMED = 2
# What so many documents of a kind are called does not tell some of them from others.
_NEARLY_ALL = 0.6
_OPENING_CHARS = 400
_HEAD_CHARS = 700
_TAIL_CHARS = 300
_WORD = re.compile(r"[^\W_]+")
# A line may go on in the next one, up to an empty one or one with a label of its own.
_LINE = (
    r"(?:^|\n)[ \t>*_#-]*(?:{})[*_]*[ \t]*:[*_ \t]*"
    r"(?P<name>[^\n<]{{2,120}}(?:\n(?![^\n:]{{1,20}}:|\s*\n|[-*#>|])[^\n<]{{2,120}}){{0,3}})"
)
# What Porter's rules do not bring together.
_PLURALS = {
    "mice": "mouse",
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "wolves": "wolf",
    "knives": "knife",
    "leaves": "leaf",
    "shelves": "shelf",
    "thieves": "thief",
    "halves": "half",
}
_SINGULARS = {one: many for many, one in _PLURALS.items()}
_BY = "from|by|author|sender|written by|prepared by|reporter|inspector|supplier|signed(?: by)?"
_PARTY_LINES: dict[Party, tuple[re.Pattern[str], ...]] = {
    "by": (re.compile(_LINE.format(_BY), re.I),),
    "to": (re.compile(_LINE.format("to|recipient|addressee|bill to|customer|attention"), re.I),),
    "of": (),
    "with": (
        re.compile(r"\bbetween (?P<name>[^.;]{5,300}?)(?=[.;]|\n\n|$)", re.I),
        re.compile(_LINE.format("parties|contractor|supplier|with"), re.I),
    ),
}
_SIGNATURE = re.compile(
    r"\b(?:regards|wishes|greetings|sincerely|faithfully|truly|respectfully|thanks|thank you|yours)\b"
    r"[^\n]{0,20}\n+[ \t*_]*(?P<name>[A-Z][^\n]{1,60})",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Words in a passage: `start` and `end` count in the document's text."""

    passage: Passage
    start: int
    end: int


class Catalogue:
    """What the documents of a library are called.

    Args:
        documents: all of them.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents

    @cached_property
    def names(self) -> dict[int, frozenset[str]]:
        """Stems of each document's file name and folders below what all have in common, by id."""
        paths = {d.id: PurePath(d.path) for d in self.documents}
        parents = [path.parent.parts for path in paths.values()]
        common = 0
        while parents and all(len(p) > common and p[common] == parents[0][common] for p in parents):
            common += 1
        # A library of one folder, "letters", holds letters.
        common = max(0, common - 1)
        return {i: kind_stems(" ".join(path.parts[common:])) for i, path in paths.items()}

    @cached_property
    def titles(self) -> dict[int, frozenset[str]]:
        """Stems of each document's title, by id."""
        return {d.id: kind_stems(d.title) for d in self.documents}


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
        for name in names:
            named = {i: d for i, d in self.documents.items() if name in self._catalogue.names[i]}
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
        for known in (self._catalogue.names, self._catalogue.titles):
            found = {i: d for i, d in documents.items() if words <= known[i]}
            if len(found) > _NEARLY_ALL * len(documents):
                return dict(documents)
            if found:
                break
        opening = {i: kind_stems(self.store.text(i, 0, _OPENING_CHARS)) for i in documents}
        said = {i: d for i, d in documents.items() if words <= opening[i]}
        if len(said) > _NEARLY_ALL * len(documents):
            return dict(documents)
        return found or said

    def occurs(self, words: str) -> bool:
        """Whether any document holds these words, one after the other."""
        return bool(self._phrase(words))

    def mentions(self, words: str) -> dict[int, list[Mention]]:
        """Where words are mentioned, by document: one after the other, or else in one sentence.

        An amount or a day is mentioned however it is written.
        """
        if words not in self._mentions:
            exact = self._exact(words)
            if exact is None:
                exact = self._phrase(words) or self._in_one_sentence(words)
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
        finds = _phrase_finder(name)
        known = {i: place for i in documents if (place := self._party(i, relation)) is not None}
        if not known:
            return {i: m[0] for i, m in self.mentions(name).items() if i in documents}
        return {i: place[1] for i, place in known.items() if finds(place[0])}

    def _opening(self, document_id: int) -> Mention:
        passage = self.store.document_passages(document_id)[0]
        start, end = next(iter(sentence_spans(passage.text)), (0, len(passage.text)))
        return Mention(passage, passage.start + start, passage.start + end)

    def author(self, document_id: int) -> tuple[str, Mention] | None:
        """Who wrote a document, as its head or its signature says."""
        return self._party(document_id, "by")

    def _party(self, document_id: int, relation: Party) -> tuple[str, Mention] | None:
        document = self.documents[document_id]
        head = self.store.text(document_id, 0, _HEAD_CHARS)
        matches = (pattern.search(head) for pattern in _PARTY_LINES[relation])
        match = next(filter(None, matches), None)
        shift = 0
        if match is None and relation == "by":
            shift = max(0, document.n_chars - _TAIL_CHARS)
            match = _SIGNATURE.search(self.store.text(document_id, shift))
        if match is None:
            return None
        start, end = match.span("name")
        passages = self.store.document_passages(document_id)
        at = shift + start
        passage = next((p for p in passages if p.start <= at < p.end), None)
        words = " ".join(match["name"].split())
        return None if passage is None else (words, Mention(passage, at, shift + end))

    def _phrase(self, words: str) -> dict[int, list[Mention]]:
        found: dict[int, list[Mention]] = {}
        finds = _phrase_finder(words)
        for passage in self._candidates([words]):
            for start, end in finds(passage.text):
                mention = Mention(passage, passage.start + start, passage.start + end)
                found.setdefault(passage.document_id, []).append(mention)
        return found

    def _in_one_sentence(self, words: str) -> dict[int, list[Mention]]:
        said = [word for word in _WORD.findall(fold(words)) if word not in STOP_WORDS]
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
        quoted = [_either_form(_WORD.findall(fold(phrase))) for phrase in phrases]
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


def _either_form(words: Sequence[str]) -> str:
    """An FTS5 query for words one after the other; where a plural is irregular, in any order."""
    if not any(word in _PLURALS or word in _SINGULARS for word in words):
        return f'"{" ".join(words)}"' if words else ""
    groups = []
    for word in words:
        other = _PLURALS.get(word) or _SINGULARS.get(word)
        groups.append(f'("{word}" OR "{other}")' if other else f'"{word}"')
    return f"({' AND '.join(groups)})"


def _root(word: str) -> str:
    """The stem of a folded word, or of its singular."""
    return stem(_PLURALS.get(word, word))


def _phrase_finder(words: str) -> Callable[[str], list[tuple[int, int]]]:
    """Finds words one after the other: names as they are written, other words in all their forms."""
    parts = _WORD.findall(words)
    if not any(fold(part) for part in parts):
        return lambda _: []  # signs alone are no words
    named = {i for i, part in enumerate(parts) if part[0].isupper() or part[0].isdigit()}
    wanted = [fold(part) if i in named else _root(fold(part)) for i, part in enumerate(parts)]

    def find(text: str) -> list[tuple[int, int]]:
        places = [(m.start(), m.end(), fold(m.group())) for m in _WORD.finditer(text)]
        said = [word for *_, word in places]
        found = []
        at = 0
        while at + len(wanted) <= len(said):
            same = all(
                (said[at + i] if i in named else _root(said[at + i])) == word
                for i, word in enumerate(wanted)
            )
            if same:
                found.append((places[at][0], places[at + len(wanted) - 1][1]))
                at += len(wanted)
            else:
                at += 1
        return found

    return find
