"""One part of a brief that a model is to write: its passages, its prompts, and which sentences are taken.

Knows no model: prompts go out, sentences that were checked come in.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from index.store import Store
from index.types import Hit, Passage
from models.protocols import Message
from rag.brief import BriefLine, BriefSection
from rag.brief_sentences import normal_words, reads_alone
from rag.checked_writing import Check
from rag.differences import find_differences
from rag.numbered import Numbered, support_of
from rag.prompts import brief_messages
from rag.rendering import shown
from rag.support import SupportJudge
from rag.types import Citation, Sentence
from rag.wording import content_words
from rag.writing import asks

MOST_AT_ONCE = 8
# So large a share of a quote's words makes a sentence one about the same, or one that says it.
_ABOUT, _SAYS = 0.3, 0.7
# So many sentences may be made of one quote.
_MOST_OF_ONE = 2
# What a weak model repeats of its task.
_TASK = re.compile(
    r"\bkey (?:sentence|takeaway)s?\b|\bpassages? (?:say|state|mention|is|are)\b", re.I
)
# A year that was concluded stands in brackets, and would pass for a footnote's number.
_CONCLUDED = re.compile(r"\s*\[[^\]]*\]")
# Lines with one label say one thing together, and nothing apart. A correction, alone under its label, is
# quoted: what it takes back would pass for what it says.
_PAIRED = "differences"

Fits = Callable[[Sequence[Message]], bool]


@dataclass(frozen=True, slots=True)
class Item:
    """A passage of a part.

    Attributes:
        numbered: with the number that it has for the model.
        lines: which lines of the part quote it, from 0.
    """

    numbered: Numbered
    lines: tuple[int, ...]

    @property
    def passage(self) -> Passage:
        """The passage itself."""
        return self.numbered.hit.passage


class Part:
    """Lines that are to be written, and what has been written of them.

    Args:
        key: of the part.
        subject: of the brief.
        lines: quoted ones, which stand where nothing better is written.
        passages: (passage, which lines quote it), in order.
        check: whether the passages that a sentence cites hold it.

    Attributes:
        wants_questions: instead of statements.
    """

    wants_questions = False

    def __init__(
        self,
        key: str,
        subject: str,
        lines: Sequence[BriefLine],
        passages: Sequence[tuple[Passage, Sequence[int]]],
        check: Check,
    ) -> None:
        self.check = check
        self._key = key
        self._subject = subject
        self._lines = tuple(lines)
        self._passages = passages
        self._taken: list[tuple[Sentence, frozenset[int]]] = []
        self._times: Counter[int] = Counter()

    def batches(self, fits: Fits) -> Iterator[list[Item]]:
        """The passages in as many prompts as they need, numbered from 1 in each.

        What does not fit into a prompt even alone is left out.
        """
        batch: list[Item] = []
        for unit in self._units():
            tried = _numbered([*batch, *unit])
            if batch and (len(tried) > MOST_AT_ONCE or not fits(self.messages(tried))):
                yield batch
                tried = _numbered(unit)
            batch = tried if fits(self.messages(tried)) else []
        if batch:
            yield batch

    def messages(self, batch: Sequence[Item]) -> list[Message]:
        """The prompt for some of the passages."""
        passages = [self._given(item) for item in batch]
        return brief_messages(self._key, self._subject, passages, len(batch))

    def take(self, sentences: Sequence[Sentence], batch: Sequence[Item]) -> None:
        """Take what was written from some of the passages, as far as it may stand."""
        for sentence in sentences:
            covered = self._covered(sentence, batch)
            if covered and self._may_stand(sentence, covered):
                self._taken.append((sentence, covered))
                self._times.update(covered)

    def lines(self) -> tuple[BriefLine, ...]:
        """Each sentence taken at the place of the first quote it is made of; the other quotes as they are."""
        written: dict[int, list[BriefLine]] = {}
        for sentence, covered in self._taken:
            labels = dict.fromkeys(self._lines[i].label for i in sorted(covered))
            line = BriefLine("; ".join(labels), sentence)
            written.setdefault(min(covered), []).append(line)
        made: list[BriefLine] = []
        for i, line in enumerate(self._lines):
            made += written.get(i, [])
            made += [] if self._times[i] else [line]
        return tuple(made)

    def _units(self) -> Iterator[list[Item]]:
        """What has to stand in one prompt."""
        items = [
            Item(Numbered(n, Hit(passage, 1 / n, n, "brief")), tuple(lines))
            for n, (passage, lines) in enumerate(self._passages, start=1)
        ]
        if self._key != _PAIRED:
            yield from ([item] for item in items)
            return
        for _, unit in groupby(items, key=lambda item: self._lines[item.lines[0]].label):
            yield list(unit)

    def _given(self, item: Item) -> tuple[int, str, str, str, str]:
        own = [self._lines[i] for i in item.lines]
        label = "; ".join(dict.fromkeys(_CONCLUDED.sub("", line.label) for line in own))
        said = " ".join(shown(line.sentence.text) for line in own)
        return item.numbered.n, label, item.passage.breadcrumb, item.passage.text, said

    def _covered(self, sentence: Sentence, batch: Sequence[Item]) -> frozenset[int]:
        """The lines that a sentence is made of: whose words it cites or says, else the nearest of them."""
        said = content_words(sentence.text)
        covered: set[int] = set()
        for citation, item in cited_items(sentence, batch):
            alike = {i: _alike(said, self._lines[i]) for i in item.lines}
            made = {i for i in alike if alike[i] >= _SAYS or _overlap(citation, self._lines[i])}
            nearest = max(alike, key=lambda i: (alike[i], -i))
            covered |= made or ({nearest} if alike[nearest] >= _ABOUT else set())
        return frozenset(covered)

    def _may_stand(self, sentence: Sentence, covered: frozenset[int]) -> bool:
        if sentence.support not in ("supported", "partly"):
            return False
        # The one before it may have been dropped.
        if asks(sentence.text) or not reads_alone(sentence.text) or _TASK.search(sentence.text):
            return False
        if all(self._times[i] >= _MOST_OF_ONE for i in covered):
            return False
        if self._is_inexact(sentence, covered):
            return False
        words = normal_words(sentence.text)
        if any(normal_words(self._lines[i].sentence.text) == words for i in covered):
            return False  # the quote itself says so, and is proven
        labels = {self._lines[i].label for i in covered}
        if len(labels) > 1 and "" in labels:
            return False  # what nobody is named for would be said by somebody
        together = {i for i, line in enumerate(self._lines) if line.label in labels}
        return self._key != _PAIRED or together <= covered

    def _is_inexact(self, sentence: Sentence, covered: frozenset[int]) -> bool:
        """Whether a number or date is not that of the quotes, though the passage may hold it elsewhere."""
        quotes = [self._lines[i].sentence.text for i in sorted(covered)]
        crumbs = [
            crumb for c in sentence.citations for crumb in (c.title, c.section, c.date) if crumb
        ]
        found = find_differences(sentence.text, ["\n".join([*crumbs, *quotes])])
        return any(one.certain and one.kind in ("number", "unit", "date") for one in found)


def statement_part(
    section: BriefSection, subject: str, store: Store, judge: SupportJudge | None
) -> Part:
    """A part whose quotes a model is to put into words.

    Args:
        section: as it is quoted.
        subject: of the brief.
        store: has the passages.
        judge: of what is written.
    """
    labels = Counter(line.label for line in section.lines)
    given = [
        (i, line)
        for i, line in enumerate(section.lines)
        if section.key != _PAIRED or labels[line.label] > 1
    ]
    passages = passages_of(given, store)
    return Part(section.key, subject, section.lines, passages, partial(support_of, judge=judge))


def passages_of(
    lines: Iterable[tuple[int, BriefLine]], store: Store
) -> list[tuple[Passage, list[int]]]:
    """The passages that numbered lines cite, each once, with the numbers."""
    found: dict[int, tuple[Passage, list[int]]] = {}
    known: dict[str, list[Passage]] = {}
    for i, line in lines:
        for citation in line.sentence.citations:
            document = citation.document
            if document not in known:
                known[document] = store.document_passages(int(document))
            held = (p for p in known[document] if p.start < citation.end and citation.start < p.end)
            passage = next(held, None)
            if passage is not None:
                found.setdefault(passage.id, (passage, []))[1].append(i)
    return list(found.values())


def _numbered(items: Sequence[Item]) -> list[Item]:
    return [
        Item(Numbered(n, item.numbered.hit), item.lines) for n, item in enumerate(items, start=1)
    ]


def cited_items(sentence: Sentence, batch: Sequence[Item]) -> list[tuple[Citation, Item]]:
    """The footnotes of a sentence with their passages.

    None where one does not stand in any passage that the model was given: the document has just been changed.
    """
    found = []
    for citation in sentence.citations:
        item = next((item for item in batch if _stands_in(citation, item.passage)), None)
        if item is None:
            return []
        found.append((citation, item))
    return found


def _stands_in(citation: Citation, passage: Passage) -> bool:
    start, end = citation.start - passage.start, citation.end - passage.start
    inside = citation.document == str(passage.document_id) and 0 <= start < end
    return inside and passage.text[start:end] == citation.quote


def _alike(said: set[str], line: BriefLine) -> float:
    """Share of a quote's words that were said, 0..1."""
    content = content_words(line.sentence.text)
    return len(content & said) / len(content) if content else 0.0


def _overlap(citation: Citation, line: BriefLine) -> bool:
    return any(
        own.document == citation.document and own.start < citation.end and citation.start < own.end
        for own in line.sentence.citations
    )
