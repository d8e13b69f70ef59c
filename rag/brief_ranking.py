"""Which sentences of a text say most of it, and which of those to show beside each other.

LexRank (Erkan and Radev 2004) over the embedder's vectors: a sentence is central that is like many central
ones. Maximal marginal relevance (Carbonell and Goldstein 1998) then takes the next one that is good and says
something else. Knows vectors and groups, no documents.
"""

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from models.protocols import FloatMatrix

_DAMPING = 0.85
_MOST_STEPS = 60
_RELEVANCE = 0.65
# A cosine against scores of deviation 1.
_LIKENESS = 3.0
_SAME_GROUP = 0.55
# Above this two sentences say one thing.
_SAME = 0.86

Scores = np.ndarray[tuple[int], np.dtype[np.float64]]


def lexrank(vectors: FloatMatrix) -> Scores:
    """How central each row is, mean 1, shape (n,), float64; (0,) for no rows.

    Args:
        vectors: shape (n, dim), L2-normalised.
    """
    n = len(vectors)
    if n == 0:
        return np.zeros(0)
    similarity = np.asarray(vectors @ vectors.T, dtype=np.float64)
    # Any two sentences of a text are somewhat alike; what is above that tells them apart.
    base = (similarity.sum() - n) / max(1, n * (n - 1))
    weights = np.clip(similarity - base, 0.0, None)
    np.fill_diagonal(weights, 1e-6)
    steps = weights / weights.sum(axis=1, keepdims=True)
    scores = np.full(n, 1.0 / n)
    for _ in range(_MOST_STEPS):
        new = (1 - _DAMPING) / n + _DAMPING * (scores @ steps)
        done = float(np.abs(new - scores).max()) < 1e-9
        scores = new
        if done:
            break
    return np.asarray(scores * n, dtype=np.float64)


def standardised(values: Scores) -> Scores:
    """To mean 0 and deviation 1; all 0 where they are equal."""
    if len(values) == 0:
        return values
    deviation = float(values.std())
    centred = values - values.mean()
    return centred / deviation if deviation > 1e-9 else np.zeros(len(values))


def choose(
    scores: Sequence[float],
    vectors: FloatMatrix,
    limit: int,
    *,
    groups: Sequence[Hashable] = (),
    least: float = -np.inf,
) -> list[int]:
    """Rows by maximal marginal relevance, the first chosen first.

    Args:
        scores: of the rows, higher is better, of deviation about 1.
        vectors: shape (n, dim), L2-normalised.
        limit: at most so many.
        groups: of the rows; a group that has been chosen from has less of a chance.
        least: rows of a lower score are never chosen.

    Returns:
        Rows, ties by number; none that says the same as one chosen before.
    """
    left = [i for i, score in enumerate(scores) if score >= least]
    chosen: list[int] = []
    closest = np.zeros(len(scores))
    used: Counter[Hashable] = Counter()
    while left and len(chosen) < limit:
        best = left[0]
        best_gain = -np.inf
        for i in left:
            again = _SAME_GROUP * used[groups[i]] if groups else 0.0
            like = (1 - _RELEVANCE) * _LIKENESS * float(closest[i])
            gain = _RELEVANCE * scores[i] - like - again
            if gain > best_gain:
                best, best_gain = i, gain
        chosen.append(best)
        if groups:
            used[groups[best]] += 1
        closest = np.maximum(closest, vectors @ vectors[best])
        left = [i for i in left if i != best and closest[i] < _SAME]
    return chosen
