"""Gold evidence: from the words or offsets of a question set to spans of the library's documents.

Everything is resolved before the first question is asked, so that a set that does not fit the
library says so at once and not after an hour.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Protocol

from eval.errors import EvidenceError
from eval.normalize import fold
from eval.types import Evidence, Question
from index.store import Store

_SEARCH_RADIUS = 20_000
# Fewer characters than these may stand near by with another meaning.
_MOVABLE_CHARS = 16
_SHOWN_PROBLEMS = 5


class Documents(Protocol):
    """What evaluation asks of a library."""

    def find(self, source: str) -> Sequence[tuple[str, str, str]]:
        """(document id, path, text) of each document whose path contains `source`."""


class PathDocuments:
    """Documents by part of their path; texts are read when first asked for, and kept."""

    def __init__(self, paths: Mapping[str, str], read: Callable[[str], str]) -> None:
        """Takes `paths`, document id to path, and `read`, document id to text."""
        self._paths = {document: path.replace("\\", "/") for document, path in paths.items()}
        self._by_name: dict[str, list[str]] = {}
        for document, path in self._paths.items():
            self._by_name.setdefault(path.rpartition("/")[2], []).append(document)
        self._read = read
        self._texts: dict[str, str] = {}

    @classmethod
    def of(cls, store: Store) -> "PathDocuments":
        """The documents of a library."""
        paths = {str(document.id): document.path for document in store.documents()}
        return cls(paths, lambda ident: store.text(int(ident)))

    def find(self, source: str) -> list[tuple[str, str, str]]:
        """(document id, path, text) of each document whose path contains `source`.

        Files of exactly that name are taken alone: a set over many documents names files, and
        searching every path for each of its questions would take hours.
        """
        wanted = source.replace("\\", "/")
        found = self._by_name.get(wanted) or [d for d, p in self._paths.items() if wanted in p]
        return [(document, self._paths[document], self._text(document)) for document in found]

    def _text(self, document: str) -> str:
        if document not in self._texts:
            self._texts[document] = self._read(document)
        return self._texts[document]


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A stretch of a document of the library."""

    document: str
    start: int
    end: int

    def overlaps(self, document: str, start: int, end: int) -> bool:
        """Whether a span of that document shares a character with this one."""
        return document == self.document and start < self.end and self.start < end


@dataclass(frozen=True, slots=True)
class Gold:
    """One piece of gold evidence, found.

    Attributes:
        spans: the places where it stands; touching any of them is enough.
        whole: the document as such is meant (BEIR), not a passage of it.
        words: the words, folded; pieces with the same words are one piece.
    """

    spans: tuple[GoldSpan, ...]
    whole: bool = False
    grade: float = 1.0
    words: str = ""

    def overlaps(self, document: str, start: int, end: int) -> bool:
        """Whether a span of a document shares a character with this evidence."""
        return any(span.overlaps(document, start, end) for span in self.spans)


def resolve_all(questions: Iterable[Question], documents: Documents) -> dict[str, tuple[Gold, ...]]:
    """The gold evidence of each question, by question id.

    Raises:
        EvidenceError: naming the first few questions whose evidence was not found, and why.
    """
    gold: dict[str, tuple[Gold, ...]] = {}
    problems = []
    for question in questions:
        found = []
        for number, piece in enumerate(question.evidence, start=1):
            try:
                found.append(resolve(piece, documents))
            except EvidenceError as error:
                problems.append(f"question {question.id}, evidence {number}: {error}")
        gold[question.id] = merge_equal(found)
    if problems:
        more = len(problems) - _SHOWN_PROBLEMS
        tail = f"\n... and {more} more" if more > 0 else ""
        raise EvidenceError("\n".join(problems[:_SHOWN_PROBLEMS]) + tail)
    return gold


def merge_equal(found: Iterable[Gold]) -> tuple[Gold, ...]:
    """Pieces with the same words as one piece that stands in several places.

    A set names a fact in an article and in its reprint; search shows one of the two, because it
    folds near-duplicates, and that is all a reader needs.
    """
    merged: dict[object, Gold] = {}
    for number, piece in enumerate(found):
        key: object = number if piece.whole else piece.words
        if key in merged:
            piece = replace(merged[key], spans=(*merged[key].spans, *piece.spans))
        merged[key] = piece
    return tuple(merged.values())


def resolve(piece: Evidence, documents: Documents) -> Gold:
    """Where a piece of evidence stands.

    Where several documents match `source`, those whose path ends with it as a whole name win;
    among the rest, every document that holds the words counts.

    Raises:
        EvidenceError: no document matches, or none holds the words.
    """
    matching = _best_named(piece.source, documents.find(piece.source))
    if not matching:
        raise EvidenceError(
            f"no document of the library has {piece.source!r} in its path; add it first"
        )
    spans: list[GoldSpan] = []
    words = ""
    for document, _, text in matching:
        for start, end in _places(piece, text):
            spans.append(GoldSpan(document, start, end))
            words = words or text[start:end]
    if not spans:
        raise EvidenceError(_why_not(piece, [path for _, path, _ in matching]))
    if piece.quote is None and piece.start is None:
        return Gold(spans=tuple(spans), whole=True, grade=piece.grade)
    return Gold(spans=tuple(spans), grade=piece.grade, words=fold(words))


def words_of(piece: Evidence, documents: Documents) -> str | None:
    """The words that a piece of evidence means; None for whole documents, or where they are gone."""
    if piece.quote is not None or piece.start is None:
        return piece.quote
    try:
        span = resolve(piece, documents).spans[0]
    except EvidenceError:
        return None
    texts = {document: text for document, _, text in documents.find(piece.source)}
    return texts[span.document][span.start : span.end]


def _best_named(
    source: str, found: Sequence[tuple[str, str, str]]
) -> Sequence[tuple[str, str, str]]:
    # "doc1.txt" is part of "xdoc1.txt" as well; a path that ends with it name by name is meant.
    wanted = PurePath(source.replace("\\", "/")).parts
    exact = [
        entry
        for entry in found
        if PurePath(entry[1].replace("\\", "/")).parts[-len(wanted) :] == wanted
    ]
    return exact or found


def _places(piece: Evidence, text: str) -> list[tuple[int, int]]:
    if piece.quote is not None:
        return _quote_places(piece.quote, text)
    if piece.start is None or piece.end is None:
        return [(0, len(text))]
    if piece.sha256 is None or _sha256(text[piece.start : piece.end]) == piece.sha256:
        return [(piece.start, piece.end)] if piece.end <= len(text) else []
    return _moved(piece.start, piece.end - piece.start, piece.sha256, text)


def _quote_places(quote: str, text: str) -> list[tuple[int, int]]:
    pattern = r"\s+".join(re.escape(word) for word in quote.split())
    return [match.span() for match in re.finditer(pattern, text)]


def _moved(start: int, length: int, digest: str, text: str) -> list[tuple[int, int]]:
    """The same words near `start`: a loader that drops a blank line moves all that follows."""
    if length < _MOVABLE_CHARS:
        return []
    first = max(0, start - _SEARCH_RADIUS)
    last = min(len(text) - length, start + _SEARCH_RADIUS)
    for at in sorted(range(first, last + 1), key=lambda at: abs(at - start)):
        if _sha256(text[at : at + length]) == digest:
            return [(at, at + length)]
    return []


def _why_not(piece: Evidence, paths: Sequence[str]) -> str:
    where = ", ".join(paths)
    if piece.quote is not None:
        return f"the words {piece.quote[:80]!r} do not stand in {where}"
    return (
        f"the words at {piece.start}-{piece.end} of {where} are not those the question set means "
        "(sha256 differs): the document is another version"
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
