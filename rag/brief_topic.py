"""A brief on a topic over the whole library: what happened, who says what, where they differ, background.

Every line is quoted with a footnote, but for the questions to ask next, which are questions and whose
footnotes are where the answer stands. Where nothing comes near the topic, that is what it says.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import PurePath

from index.filters import EVERYTHING, Filter
from index.library import Library
from index.types import Document, Role
from rag.brief import Brief, BriefLine, BriefSection, Length
from rag.brief_background import definition_lines, question_lines
from rag.brief_choosing import Chooser
from rag.brief_dates import When, when
from rag.brief_differences import difference_lines
from rag.brief_findings import Findings, find
from rag.brief_ranking import choose
from rag.brief_sentences import Told, awkwardness, is_whole, sentences_of
from rag.errors import BriefError
from rag.retriever import Retriever

_SIZES: dict[Length, int] = {"short": 0, "normal": 1, "long": 2}
_EVENTS = (5, 10, 18)
_DOCUMENTS = (4, 8, 16)
_EACH = (1, 2, 3)
_DEFINITIONS = (2, 4, 8)
_DIFFERENCES = (2, 4, 8)
_NEXT = (3, 5, 8)
_NEAREST = 3
_LONGEST_TOPIC = 300
_AWKWARD = 1.2
_SAYING = -0.6
# Above this two dated sentences tell of one event.
_SAME_EVENT = 0.7
_REPRINTED = 0.92


def brief_topic(
    library: Library,
    retriever: Retriever,
    topic: str,
    length: Length = "normal",
    within: Filter = EVERYTHING,
) -> Brief:
    """The brief on a topic, quoted; refused, with the nearest documents, where there is nothing.

    Raises:
        BriefError: the topic is empty or far too long.
        FilterError: nothing in the library matches the filter.
    """
    topic = " ".join(topic.split())
    if not any(char.isalnum() for char in topic) or len(topic) > _LONGEST_TOPIC:
        raise BriefError(
            f"A topic is a few words, at most {_LONGEST_TOPIC} characters; this one has {len(topic)}. "
            'Name one: footnote brief --topic "export controls"'
        )
    started = time.perf_counter()
    with library.store.snapshot():
        findings = find(library, retriever, topic, within)
        found = time.perf_counter()
        telling = _Telling(library, findings, topic, _SIZES[length])
        sections = telling.sections() if findings.ranked else telling.nearest()
    done = time.perf_counter()
    status = "found" if findings.ranked else "refused"
    quoted = {c.document for s in sections for line in s.lines for c in line.sentence.citations}
    return Brief(
        title=topic,
        subject=" ".join((topic, within.typed())).strip(),
        kind="topic",
        status="found" if findings.ranked else "refused",
        sections=tuple(sections),
        note=_missing(findings) if status == "refused" else _looked_at(findings),
        n_documents=len(quoted),
        timings_ms={
            "find": (found - started) * 1e3,
            "choose": (done - found) * 1e3,
            "total": (done - started) * 1e3,
        },
    )


def _missing(findings: Findings) -> str:
    if not findings.missing:
        return "No passage comes near this topic."
    words = ", ".join(f"“{word}”" for word in findings.missing)
    return f"No document mentions {words}, and no passage comes near the topic otherwise."


def _looked_at(findings: Findings) -> str:
    documents = {told.passage.document_id for told in findings.sentences}
    passages = {told.passage.id for told in findings.sentences}
    in_words = "1 document" if len(documents) == 1 else f"{len(documents)} documents"
    return (
        f"Made from the {len(passages)} passages nearest to the topic, in {in_words}; "
        "what stands elsewhere was not looked at."
    )


class _Telling:
    """Chooses the lines on a topic."""

    def __init__(self, library: Library, findings: Findings, topic: str, size: int) -> None:
        self._library = library
        self._findings = findings
        self._topic = topic
        self._size = size
        self._chooser = Chooser(library, findings.salience_at)
        self._row = {told.place: i for i, told in enumerate(findings.ranked)}

    def sections(self) -> list[BriefSection]:
        """All parts that have lines, in order."""
        parts: list[tuple[str, str, Callable[[], Sequence[BriefLine]]]] = [
            ("happened", "What happened", self._happened),
            ("sources", "What each source says", self._sources),
            ("differences", "Where they differ", self._differences),
            ("background", "Background", self._background),
            ("next", "Questions to ask next", self._next),
        ]
        made = [(key, heading, tuple(lines())) for key, heading, lines in parts]
        return [BriefSection(*one) for one in made if one[2]]

    def nearest(self) -> list[BriefSection]:
        """The nearest documents, with the words that come nearest."""
        lines: dict[int, BriefLine] = {}
        for hit in self._findings.hits:
            document = self._findings.documents.get(hit.passage.document_id)
            if document is None or document.id in lines or hit.passage.role is Role.FURNITURE:
                continue
            whole = [t for t in sentences_of(self._library.store, [hit.passage]) if is_whole(t)]
            told = next(
                (t for t in whole if awkwardness(t) < _AWKWARD), whole[0] if whole else None
            )
            if told is not None:
                lines[document.id] = self._chooser.lines(source_label(document), [told])[0]
            if len(lines) == _NEAREST:
                break
        made = tuple(lines.values())
        return [BriefSection("nearest", "Nearest documents", made)] if made else []

    # -- what happened ------------------------------------------------------------------------

    def _happened(self) -> list[BriefLine]:
        dated: list[tuple[float, When, Told]] = []
        for told in self._findings.ranked:
            date = when(told) if awkwardness(told) < _AWKWARD else None
            if date is not None:
                worth = self._chooser.worth(told) + 0.15 * len(date.iso)
                dated.append((worth, date, told))
        dated.sort(key=lambda one: (-one[0], one[2].order))
        kept: list[tuple[When, Told]] = []
        for _, date, told in dated:
            if len(kept) < _EVENTS[self._size] and not self._is_told(date, told, kept):
                kept.append((date, told))
        kept.sort(key=lambda one: (one[0].iso, one[1].order))
        return [line for date, told in kept for line in self._chooser.lines(date.label, [told])]

    def _is_told(self, date: When, told: Told, kept: Sequence[tuple[When, Told]]) -> bool:
        """Whether an event of that day has been told in much the same words."""
        vectors = self._findings.vectors
        own = vectors[self._row[told.place]]
        return any(
            (other.iso.startswith(date.iso) or date.iso.startswith(other.iso))
            and float(vectors[self._row[one.place]] @ own) >= _SAME_EVENT
            for other, one in kept
        )

    # -- who says what ------------------------------------------------------------------------

    def _sources(self) -> list[BriefLine]:
        rows: dict[int, list[int]] = {}
        for i, told in enumerate(self._findings.ranked):
            rows.setdefault(told.passage.document_id, []).append(i)
        best = {
            ident: max(self._chooser.worth(self._findings.ranked[i]) for i in own)
            for ident, own in rows.items()
        }
        documents = sorted((i for i in rows if best[i] >= _SAYING), key=lambda i: (-best[i], i))
        lines: list[BriefLine] = []
        said: list[int] = []
        vectors = self._findings.vectors
        for ident in documents[: _DOCUMENTS[self._size]]:
            # What another document has been quoted with is not said twice: articles are reprinted.
            own = [
                i for i in rows[ident] if not said or max(vectors[said] @ vectors[i]) < _REPRINTED
            ]
            worth = [self._chooser.worth(self._findings.ranked[i]) for i in own]
            chosen = [own[i] for i in choose(worth, vectors[own], _EACH[self._size], least=_SAYING)]
            said += chosen
            best_of_it = [self._findings.ranked[i] for i in sorted(chosen)]
            label = source_label(self._findings.documents[ident])
            lines += self._chooser.lines(label, best_of_it)
        return lines

    def _differences(self) -> list[BriefLine]:
        limit = _DIFFERENCES[self._size]
        return difference_lines(self._chooser, self._library, self._findings, limit)

    def _background(self) -> list[BriefLine]:
        return definition_lines(
            self._chooser, self._findings, self._topic, _DEFINITIONS[self._size]
        )

    def _next(self) -> list[BriefLine]:
        limit = _NEXT[self._size]
        return question_lines(self._chooser, self._library, self._findings, self._topic, limit)


def source_label(document: Document) -> str:
    """A document in a few words: title and date."""
    title = " ".join(document.title.split()) or PurePath(document.path).name
    return f"{title} ({document.date})" if document.date else title
