"""Reciprocal-rank fusion, and the folding of passages that say nearly the same."""

import re
from collections.abc import Mapping, Sequence

from index.types import Passage

RRF_K = 60
_NEAR = 0.8
_SHINGLE = 3


def reciprocal_rank_fusion(
    rankings: Mapping[str, Sequence[int]], *, k: int = RRF_K
) -> list[tuple[int, float]]:
    """(id, score) of every id in any ranking, best first, ties by id.

    Score: sum over rankings of 1 / (k + rank), rank from 1 (Cormack, Clarke, Buettcher 2009).
    """
    scores: dict[int, float] = {}
    for ranking in rankings.values():
        for rank, ident in enumerate(ranking, start=1):
            scores[ident] = scores.get(ident, 0.0) + 1.0 / (k + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Runs of three words, lower case; all words where there are fewer, the marks where none is."""
    words = re.findall(r"\w+", text.lower()) or text.split()
    if len(words) <= _SHINGLE:
        return frozenset([tuple(words)])
    return frozenset(tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1))


def fold_near_duplicates(passages: Sequence[Passage]) -> list[tuple[Passage, tuple[Passage, ...]]]:
    """Each passage that says something new, with the later ones that nearly repeat it.

    Nearly: Jaccard similarity of word shingles >= 0.8 (Broder 1997). The first of a family stays,
    so the order of `passages` decides which.
    """
    kept: list[tuple[Passage, list[Passage], frozenset[tuple[str, ...]]]] = []
    for passage in passages:
        own = shingles(passage.text)
        for _, repeats, other in kept:
            if len(own & other) >= _NEAR * len(own | other):
                repeats.append(passage)
                break
        else:
            kept.append((passage, [], own))
    return [(passage, tuple(repeats)) for passage, repeats, _ in kept]
