"""Figures of rankings: means with intervals, and whether two rankings differ by more than chance.

Pure functions over per-question scores; knows nothing of searches, files or how a figure is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.intervals import RESAMPLES, SEED, Metric, interval
from eval.metrics import mrr_at, ndcg_at, recall_at

METRIC_NAMES = ("ndcg@10", "recall@5", "mrr@10")
FLIPS = 10_000
SIGNIFICANT = 0.05
# Draws are made in pieces of about this many numbers, 32 MB, whatever the size of the set.
_PIECE = 4_000_000

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """A paired comparison of two rankings by one metric.

    Attributes:
        change: second minus first with its paired 95 % bootstrap interval.
        p: two-sided, of a randomisation test, 0..1.
    """

    change: Metric
    p: float

    @property
    def verdict(self) -> str:
        """One of "better" and "worse" (p < 0.05), "no clear change"."""
        if self.p >= SIGNIFICANT or not self.change.value:
            return "no clear change"
        return "better" if self.change.value > 0 else "worse"

    def as_json(self) -> dict[str, object]:
        """Change, interval, p and verdict."""
        return {**self.change.as_json(), "p": self.p, "verdict": self.verdict}


def score_rankings(
    rankings: Mapping[str, Sequence[str]], qrels: Mapping[str, Mapping[str, float]]
) -> Scores:
    """Metrics of each question, shape (questions, 3), 0..1, columns as `METRIC_NAMES`.

    Args:
        rankings: passage ids, best first, by question id; a question left out counts 0.
        qrels: all judged questions; their order is that of the rows.
    """
    rows = []
    for query, grades in qrels.items():
        ranked = rankings.get(query, ())
        rows.append(
            (ndcg_at(ranked, grades, 10), recall_at(ranked, grades, 5), mrr_at(ranked, grades, 10))
        )
    return np.array(rows, dtype=np.float64).reshape(-1, len(METRIC_NAMES))


def mean_metric(sets: Sequence[Scores]) -> Metric:
    """Mean over sets of the mean over questions, with its 95 % percentile bootstrap interval.

    Args:
        sets: one metric of every question, shape (questions,), a set each. Questions are drawn anew
            within each set, so that a large set weighs no more than a small one.
    """
    value = float(np.mean([scores.mean() for scores in sets]))
    return interval(value, np.mean([_resampled_means(s, i) for i, s in enumerate(sets)], axis=0))


def compare_scores(first: Sequence[Scores], second: Sequence[Scores]) -> Difference:
    """What the second ranking gains over the first, by sets as in `mean_metric`.

    The test is Fisher's randomisation: under the null hypothesis each question's two scores might as
    well be exchanged (Smucker, Allan and Carterette 2007). p counts the observed order itself, so that
    it is never 0.
    """
    changes = [b - a for a, b in zip(first, second, strict=True)]
    observed = abs(float(np.mean([change.mean() for change in changes])))
    flipped = np.mean([_flipped_means(c, i) for i, c in enumerate(changes)], axis=0)
    # Sums in another order differ in the last digits.
    extreme = int(np.count_nonzero(np.abs(flipped) >= observed - 1e-12))
    return Difference(mean_metric(changes), (extreme + 1) / (FLIPS + 1))


def _resampled_means(scores: Scores, place: int) -> Scores:
    """Means of `RESAMPLES` draws with replacement, shape (RESAMPLES,).

    The draws depend on n and the set's place only: rankings are drawn alike, sets independently.
    """
    rng = np.random.default_rng((SEED, place))
    n = len(scores)
    pieces = [scores[rng.integers(0, n, (rows, n))].mean(axis=1) for rows in _pieces(RESAMPLES, n)]
    return np.concatenate(pieces)


def _flipped_means(change: Scores, place: int) -> Scores:
    """Means with the sign of each question drawn anew, shape (FLIPS,)."""
    rng = np.random.default_rng((SEED, place))
    n = len(change)
    pieces = [
        (rng.integers(0, 2, (rows, n), dtype=np.int8) * 2.0 - 1.0) @ change / n
        for rows in _pieces(FLIPS, n)
    ]
    return np.concatenate(pieces)


def _pieces(total: int, n: int) -> list[int]:
    rows = max(1, _PIECE // n)
    return [min(rows, total - first) for first in range(0, total, rows)]
