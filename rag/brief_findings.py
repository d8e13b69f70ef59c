"""What a library says near a topic: the passages found, their sentences, how near and how telling each is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.filters import EVERYTHING, Filter, passages_within
from index.fusion import QuestionWords, evidence_score, question_words, word_evidence
from index.library import Library
from index.types import Document, Hit, Passage, Role
from index.words import stems
from models.protocols import FloatMatrix
from rag.brief_ranking import Scores, standardised
from rag.brief_sentences import (
    Told,
    awkwardness,
    first_of_each,
    is_content,
    is_question,
    is_whole,
    normal_words,
    sentences_of,
    whole_blocks,
)
from rag.retriever import Retriever

_PASSAGES = 60
_MOST_EMBEDDED = 90
# Share of a topic's words, by weight, that what is near it holds; or else the cosine with the topic.
_COVERED = 0.75
_SIMILAR = 0.5
# Cosines with the topic as its nearest sentences tell it: of passages, of sentences, and of sentences beside
# the topic's own words.
_LIKE = 0.42
_SENTENCE_LIKE = 0.45
_SENTENCE_BESIDE = 0.3
_FEEDBACK = 6
_EXACT = 0.1
LONGEST_BLOCK = 600


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found.

    Attributes:
        hits: the passages, best first, near or not.
        documents: of the passages, by id.
        sentences: of the near passages, by document and place; headings and corrections included.
        corrections: on the topic, each whole.
        ranked: those that can be quoted and come near the topic themselves.
        vectors: of `ranked`, shape (n, dim).
        salience: of `ranked`: how much each says on the topic, less what speaks against quoting it.
        missing: words of the topic that no document holds.
    """

    hits: tuple[Hit, ...]
    documents: Mapping[int, Document]
    sentences: tuple[Told, ...]
    corrections: tuple[Told, ...]
    ranked: tuple[Told, ...]
    vectors: FloatMatrix
    salience: tuple[float, ...]
    missing: tuple[str, ...]

    @property
    def salience_at(self) -> dict[tuple[int, int], float]:
        """Salience by a sentence's place."""
        return {t.place: score for t, score in zip(self.ranked, self.salience, strict=True)}


def find(
    library: Library, retriever: Retriever, topic: str, within: Filter = EVERYTHING
) -> Findings:
    """Look a topic up in the whole library.

    Raises:
        FilterError: nothing in the library matches the filter.
    """
    hits, vector = retriever.retrieve_with_vector(topic, _PASSAGES, within)
    search = _Search(library, topic, vector)
    near = [hit.passage for hit in hits if search.is_near(hit)]
    search.read(near)
    if near:
        aim = search.aim(near)
        search.read(_like(library, aim, near, within))
    told, vectors, salience = search.best()
    mended = whole_blocks(
        (one for one in search.sentences if one.role is Role.CORRECTION), LONGEST_BLOCK
    )
    ids = {passage.document_id for passage in (*near, *(hit.passage for hit in hits))}
    ids |= {one.passage.document_id for one in search.sentences}
    return Findings(
        hits=tuple(hits),
        documents={i: d for i in sorted(ids) if (d := library.store.document(i)) is not None},
        sentences=tuple(search.sentences),
        corrections=tuple(one for one in mended if search.is_like(one.text)),
        ranked=told,
        vectors=vectors,
        salience=salience,
        missing=tuple(word for word in topic.split() if search.is_missing(word)),
    )


def _like(
    library: Library, aim: FloatMatrix, near: Sequence[Passage], within: Filter
) -> list[Passage]:
    """Passages that need not hold the topic's words but are like those that do, new ones only."""
    only = passages_within(library.store, within).tolist() if within else None
    known = {passage.id for passage in near}
    found = library.vectors.search(aim, _PASSAGES, only)
    ids = [ident for ident, value in found if value >= _LIKE and ident not in known]
    return [p for p in library.store.passages(ids) if p.role is not Role.FURNITURE]


class _Search:
    """What has been read on a topic so far, and how near it is.

    Args:
        library: the documents.
        topic: in words.
        vector: of the topic, shape (1, dim).
    """

    def __init__(self, library: Library, topic: str, vector: FloatMatrix) -> None:
        n_passages = library.store.count("passages")
        self._library = library
        self._words = question_words(topic, n_passages, library.store.document_frequency)
        # What no passage holds weighs most: a topic that is not there is not near.
        most = math.log1p((n_passages + 0.5) / 0.5)
        weights = {word: self._words.weights.get(word, most) for word in self._words.order}
        self._all_words = QuestionWords(self._words.order, weights)
        self._vector = vector
        self._aim = vector
        self._fit: list[Told] = []
        self._vectors: FloatMatrix = np.zeros((0, vector.shape[1]), dtype=np.float32)
        self.sentences: list[Told] = []

    def is_missing(self, word: str) -> bool:
        """Whether no passage holds a word."""
        own = [stem for stem in stems(word) if stem in self._words.order]
        return bool(own) and not any(stem in self._words.weights for stem in own)

    def is_near(self, hit: Hit) -> bool:
        """Whether a passage comes near the topic, by its words and its heading or by its vector."""
        if hit.passage.role is Role.FURNITURE:
            return False
        return (hit.similarity or 0.0) >= _SIMILAR or self._holds_words(hit.passage)

    def _holds_words(self, passage: Passage) -> bool:
        return self._coverage(f"{passage.section or ''}\n{passage.text}") >= _COVERED

    def _coverage(self, text: str) -> float:
        return word_evidence(self._all_words, "", text).coverage

    def read(self, passages: Sequence[Passage]) -> None:
        """Read more passages; of their sentences those with a chance are embedded."""
        ordered = sorted(passages, key=lambda passage: (passage.document_id, passage.start))
        told = sentences_of(self._library.store, ordered)
        self.sentences = [
            replace(one, order=i)
            for i, one in enumerate(
                sorted(
                    [*self.sentences, *told], key=lambda one: (one.passage.document_id, one.start)
                )
            )
        ]
        fit = [one for one in told if is_content(one) and is_whole(one) and not is_question(one)]
        known = {normal_words(one.text) for one in self._fit}
        new = [one for one in first_of_each(fit) if normal_words(one.text) not in known]
        new.sort(key=lambda one: awkwardness(one) - self._coverage(one.text))
        new = new[:_MOST_EMBEDDED]
        self._fit += new
        vectors = self._library.embedder.embed_passages([one.text for one in new])
        self._vectors = np.concatenate([self._vectors, vectors])

    def aim(self, passages: Sequence[Passage]) -> FloatMatrix:
        """The topic's vector moved towards what is nearest to it, shape (1, dim), of length 1.

        Two words say little to an embedder; the sentences and passages that hold them say what they are
        about (Rocchio 1971; with dense vectors Li et al. 2021).

        Args:
            passages: that have been read, nearest first.
        """
        parts = [
            self._vector[0],
            self._library.store.vectors([p.id for p in passages[:_FEEDBACK]]).mean(axis=0),
        ]
        if self._fit:
            near = self._nearness(self._vectors @ self._vector[0])
            parts.append(self._vectors[np.argsort(-near, kind="stable")[:_FEEDBACK]].mean(axis=0))
        moved = np.sum([part / np.linalg.norm(part) for part in parts], axis=0)
        self._aim = np.asarray(moved / np.linalg.norm(moved), dtype=np.float32)[np.newaxis]
        return self._aim

    def is_like(self, text: str) -> bool:
        """Whether a text that was not read as a sentence comes near the topic."""
        value = float((self._library.embedder.embed_passages([text]) @ self._aim[0])[0])
        return value >= _SENTENCE_LIKE or self._coverage(text) >= _COVERED

    def best(self) -> tuple[tuple[Told, ...], FloatMatrix, tuple[float, ...]]:
        """The sentences that come near the topic themselves, in order, their vectors and their salience."""
        similar = self._vectors @ self._aim[0]
        kept = [i for i, one in enumerate(self._fit) if self._is_on_topic(one, float(similar[i]))]
        kept.sort(key=lambda i: (self._fit[i].passage.document_id, self._fit[i].start))
        place = {one.place: one for one in self.sentences}
        told = tuple(place[self._fit[i].place] for i in kept)
        near = np.clip(standardised(self._nearness(similar)[kept]), -2.0, 2.0)
        salience = tuple(
            float(value) + _EXACT * any(char.isdigit() for char in one.text) - awkwardness(one)
            for value, one in zip(near, told, strict=True)
        )
        return told, self._vectors[kept], salience

    def _is_on_topic(self, told: Told, similar: float) -> bool:
        if similar >= _SENTENCE_LIKE or self._coverage(told.text) >= _COVERED:
            return True
        return similar >= _SENTENCE_BESIDE and self._holds_words(told.passage)

    def _nearness(self, similar: Scores) -> Scores:
        evidence = (word_evidence(self._words, "", one.text) for one in self._fit)
        pairs = zip(similar.tolist(), evidence, strict=True)
        return np.array([evidence_score(value, words) for value, words in pairs])
