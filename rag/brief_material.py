"""What a document's brief is made of: its sentences, how much each says of the whole, its facts.

The cost is bounded: of a very long document passages from all over it are looked at, and of those the
sentences that have a chance are embedded.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from index.evidence_table import Fact
from index.library import Library
from index.numbers import ORDINAL, VAGUE
from index.types import Document, Passage, Role
from models.protocols import FloatMatrix
from rag.brief_ranking import lexrank, standardised
from rag.brief_sentences import (
    Told,
    awkwardness,
    first_of_each,
    is_content,
    is_question,
    is_whole,
    sentences_of,
)

MOST_PASSAGES = 1200
MOST_EMBEDDED = 160
# The beginning of a document says what it is about.
_BEGINNING = 40
_LEAD = 0.8
_TITLE = 12
_SUMMARY = 0.4
_EXACT = 0.15


@dataclass(frozen=True, slots=True)
class Material:
    """A document taken apart.

    Attributes:
        n_passages: how many the document has.
        n_looked_at: how many of them were read.
        sentences: of the passages looked at, in order, menus and comments included.
        ranked: those that can be quoted and were embedded, in order.
        vectors: of `ranked`, shape (n, dim).
        salience: of `ranked`: how much each says of the whole, less what speaks against quoting it.
        facts: of all passages.
    """

    document: Document
    n_passages: int
    n_looked_at: int
    sentences: tuple[Told, ...]
    ranked: tuple[Told, ...]
    vectors: FloatMatrix
    salience: tuple[float, ...]
    facts: tuple[Fact, ...]

    @property
    def salience_at(self) -> Mapping[tuple[int, int], float]:
        """Salience by a sentence's place."""
        return {told.place: score for told, score in zip(self.ranked, self.salience, strict=True)}


def read_material(library: Library, document: Document) -> Material:
    """Take a document apart; call it within one snapshot of the store."""
    passages = library.store.document_passages(document.id)
    looked_at = spread(passages, MOST_PASSAGES)
    facts = library.evidence.facts_in(passages)
    sentences = sentences_of(library.store, looked_at)
    exact = _exact_places(facts)
    title = document.title if len(document.title) >= _TITLE else None
    fit = first_of_each(
        told
        for told in sentences
        if is_content(told)
        and is_whole(told)
        and not is_question(told)
        # A page may run its title into its first sentence.
        and not (title and told.text.startswith(title))
    )
    ranked = _worth_embedding(library, looked_at, fit, exact)
    vectors = library.embedder.embed_passages([told.text for told in ranked])
    return Material(
        document,
        len(passages),
        len(looked_at),
        tuple(sentences),
        tuple(ranked),
        vectors,
        tuple(_salience(ranked, vectors, exact)),
        tuple(facts),
    )


def spread(passages: Sequence[Passage], limit: int) -> list[Passage]:
    """At most `limit` passages, the beginning whole and the rest at even distances."""
    if len(passages) <= limit:
        return list(passages)
    first, rest = passages[:_BEGINNING], passages[_BEGINNING:]
    step = len(rest) / (limit - len(first))
    return [*first, *(rest[math.floor(i * step)] for i in range(limit - len(first)))]


def _exact_places(facts: Sequence[Fact]) -> dict[int, list[int]]:
    """Where amounts and dates begin, by passage."""
    found: dict[int, list[int]] = {}
    for fact in facts:
        if fact.kind == "date" or (fact.kind == "amount" and fact.norm not in (ORDINAL, VAGUE)):
            found.setdefault(fact.passage_id, []).append(fact.start)
    return found


def _is_exact(told: Told, exact: Mapping[int, Sequence[int]]) -> bool:
    return any(told.start <= at < told.end for at in exact.get(told.passage.id, ()))


def _worth_embedding(
    library: Library,
    passages: Sequence[Passage],
    sentences: Sequence[Told],
    exact: Mapping[int, Sequence[int]],
) -> list[Told]:
    """The sentences with a chance, from each section in turn, in order."""
    if len(sentences) <= MOST_EMBEDDED:
        return list(sentences)
    vectors = library.store.vectors([passage.id for passage in passages])
    near = dict(
        zip((p.id for p in passages), (vectors @ vectors.mean(axis=0)).tolist(), strict=True)
    )

    def promise(told: Told) -> float:
        opens = told.start - told.block < 5
        hint = 0.1 * opens + 0.1 * _is_exact(told, exact) + 0.1 * (told.role is Role.SUMMARY)
        return float(near[told.passage.id]) + hint - 0.3 * awkwardness(told)

    sections: dict[str | None, list[Told]] = {}
    for told in sorted(sentences, key=lambda told: (-promise(told), told.order)):
        sections.setdefault(told.passage.section, []).append(told)
    in_turn = (told for turn in zip_longest(*sections.values()) for told in turn if told)
    kept = [told for told, _ in zip(in_turn, range(MOST_EMBEDDED), strict=False)]
    return sorted(kept, key=lambda told: told.order)


def _salience(
    ranked: Sequence[Told], vectors: FloatMatrix, exact: Mapping[int, Sequence[int]]
) -> Iterator[float]:
    central = np.clip(standardised(lexrank(vectors)), -2.0, 2.0)
    for i, told in enumerate(ranked):
        lead = _LEAD * math.exp(-i / 4)
        more = _SUMMARY * (told.role is Role.SUMMARY) + _EXACT * _is_exact(told, exact)
        yield float(central[i]) + lead + more - awkwardness(told)
