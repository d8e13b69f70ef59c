"""From a question to the passages worth reading.

Dense and lexical search each give a ranking; reciprocal-rank fusion joins them, near-identical
passages are folded into one, and furniture comes last.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from index.fusion import fold_near_duplicates, reciprocal_rank_fusion
from index.library import Library
from index.types import Hit, Passage, Role
from models.protocols import FloatMatrix

_POOL = 40
# Furniture that matches this well keeps a place, behind everything else: "Who makes this podcast?"
# may be answered nowhere but in the page's foot.
_FURNITURE_RANKS = 5
_FURNITURE_PLACES = 2


class Retriever:
    """Finds passages in a library.

    Args:
        library: where to look.
        pool: candidates taken from each search before fusion.
    """

    def __init__(self, library: Library, *, pool: int = _POOL) -> None:
        self._library = library
        self._pool = pool

    def retrieve(self, question: str, top_k: int) -> list[Hit]:
        """The best passages, furniture behind everything else.

        Args:
            question: a standalone question.
            top_k: at most so many.

        Returns:
            Hits with rank from 1, `score` the fused one, `similarity` the cosine where known.
        """
        return self.retrieve_with_vector(question, top_k)[0]

    def retrieve_with_vector(self, question: str, top_k: int) -> tuple[list[Hit], FloatMatrix]:
        """As `retrieve`, with the question's vector, shape (1, dim), for later use."""
        vector = self._library.embedder.embed_queries([question])
        dense = self._library.vectors.search(vector, self._pool)
        lexical = self._library.lexical.search(question, self._pool)
        fused = reciprocal_rank_fusion(
            {"dense": [i for i, _ in dense], "lexical": [i for i, _ in lexical]}
        )
        scores = dict(fused)
        similarity = dict(dense)
        passages = self._library.store.passages([i for i, _ in fused])
        folded = _furniture_last(passages, top_k)
        hits = [
            Hit(
                passage=passage,
                score=scores[passage.id],
                rank=rank,
                source="fused",
                similarity=similarity.get(passage.id),
                duplicates=repeats,
            )
            for rank, (passage, repeats) in enumerate(folded, start=1)
        ]
        return self._with_similarities(hits, vector), vector

    def _with_similarities(self, hits: Sequence[Hit], vector: FloatMatrix) -> list[Hit]:
        """Cosines also of passages that only the lexical search found."""
        missing = [hit.passage.id for hit in hits if hit.similarity is None]
        if not missing:
            return list(hits)
        values = self._library.store.vectors(missing) @ np.asarray(vector[0])
        known = dict(zip(missing, values.tolist(), strict=True))
        return [replace(h, similarity=known.get(h.passage.id, h.similarity)) for h in hits]


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
