"""From a question to the passages worth reading.

Dense and lexical search each give candidates; cosine and the words that both share put them in order,
near-identical passages are folded into one, the prover reads the best of them and has a say in their
order, and furniture comes last.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from index.filters import EVERYTHING, Filter, passages_within
from index.fusion import (
    PROVER_DEPTH,
    evidence_fusion,
    fold_near_duplicates,
    question_words,
    rerank,
    word_evidence,
)
from index.library import Library
from index.types import Hit, Passage, Role
from models.protocols import FloatMatrix, Prover
from rag.opinions import opinion_of, with_opinions
from rag.tracer import NO_TRACE, Search, Tracer

_POOL = 40
# Furniture that matches this well keeps a place, behind everything else: "Who makes this podcast?"
# may be answered nowhere but in the page's foot.
_FURNITURE_RANKS = 5
_FURNITURE_PLACES = 2


class Retriever:
    """Finds passages in a library.

    Args:
        library: where to look.
        prover: reads the best passages; None for an order by fusion alone.
        pool: candidates taken from each search before fusion.
        judged: passages the prover reads.
    """

    def __init__(
        self,
        library: Library,
        prover: Prover | None = None,
        *,
        pool: int = _POOL,
        judged: int = PROVER_DEPTH,
    ) -> None:
        self._library = library
        self._prover = prover
        self._pool = pool
        self._judged = judged

    def retrieve(self, question: str, top_k: int, within: Filter = EVERYTHING) -> list[Hit]:
        """The best passages, furniture behind everything else.

        Args:
            question: a standalone question.
            top_k: at most so many.
            within: what a passage must be to be found.

        Returns:
            Hits with rank from 1, `similarity` the cosine, `score` the fused one, with the prover's share
            where there is a prover, and then `opinion` too.

        Raises:
            FilterError: nothing in the library matches the filter.
        """
        return self.retrieve_with_vector(question, top_k, within)[0]

    def retrieve_with_vector(
        self,
        question: str,
        top_k: int,
        within: Filter = EVERYTHING,
        *,
        tracer: Tracer = NO_TRACE,
    ) -> tuple[list[Hit], FloatMatrix]:
        """As `retrieve`, with the question's vector, shape (1, dim), for later use."""
        only = passages_within(self._library.store, within).tolist() if within else None
        vector = self._library.embedder.embed_queries([question])
        dense = self._library.vectors.search(vector, self._pool, only)
        lexical = self._library.lexical.search(question, self._pool, only)
        similarity = self._similarities(vector, dense, lexical)
        found = self._library.store.passages(list(similarity))
        words = question_words(
            question,
            self._library.store.count("passages"),
            self._library.store.document_frequency,
        )
        evidence = {p.id: word_evidence(words, p.breadcrumb, p.text) for p in found}
        scores = dict(evidence_fusion(similarity, evidence))
        passages = sorted(found, key=lambda p: (-scores[p.id], p.id))
        n_wanted = top_k if self._prover is None else max(top_k, self._judged)
        hits = [
            Hit(
                passage=passage,
                score=scores[passage.id],
                rank=rank,
                source="fused",
                similarity=similarity[passage.id],
                duplicates=repeats,
            )
            for rank, (passage, repeats) in enumerate(_furniture_last(passages, n_wanted), start=1)
        ]
        if self._prover is not None:
            hits = with_opinions(self._prover, question, hits)
        tracer.searched(Search(dense, lexical, similarity, evidence, passages, scores), hits)
        if self._prover is not None:
            hits = proven_first(hits)[:top_k]
        return hits, vector

    def judged(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits with the prover's opinions where they have none yet, order and ranks unchanged."""
        if self._prover is None:
            return list(hits)
        new = [hit for hit in hits if hit.opinion is None]
        known = iter(with_opinions(self._prover, question, new))
        return [next(known) if hit.opinion is None else hit for hit in hits]

    def _similarities(
        self,
        vector: FloatMatrix,
        dense: Sequence[tuple[int, float]],
        lexical: Sequence[tuple[int, float]],
    ) -> dict[int, float]:
        """Cosine of every candidate of either search, by passage id."""
        known = dict(dense)
        missing = [ident for ident, _ in lexical if ident not in known]
        if missing:
            values = self._library.store.vectors(missing) @ np.asarray(vector[0])
            known.update(zip(missing, values.tolist(), strict=True))
        return known


def proven_first(hits: Sequence[Hit]) -> list[Hit]:
    """Hits with opinions, the prover's relevance sharing in their order; furniture last, ranks anew."""
    known = {hit.passage.id: hit for hit in hits}
    order = rerank(
        [(hit.passage.id, hit.score) for hit in hits],
        {hit.passage.id: opinion_of(hit).relevance for hit in hits},
    )
    ordered = [replace(known[ident], score=score) for ident, score in order]
    ordered.sort(key=lambda hit: hit.passage.role is Role.FURNITURE)
    return [replace(hit, rank=rank) for rank, hit in enumerate(ordered, start=1)]


def _furniture_last(
    passages: Sequence[Passage], top_k: int
) -> list[tuple[Passage, tuple[Passage, ...]]]:
    """The best passages with their near-duplicates: furniture behind, with a few places kept for it."""
    strong = {p.id for p in passages[:_FURNITURE_RANKS] if p.role is Role.FURNITURE}
    folded = fold_near_duplicates(sorted(passages, key=lambda p: p.role is Role.FURNITURE))
    plain = [pair for pair in folded if pair[0].role is not Role.FURNITURE]
    furniture = [pair for pair in folded if pair[0].role is Role.FURNITURE]
    kept = [pair for pair in furniture if pair[0].id in strong][: min(_FURNITURE_PLACES, top_k - 1)]
    if len(plain) <= top_k - len(kept):
        return (plain + furniture)[:top_k]
    return plain[: top_k - len(kept)] + kept
