"""Values and 95 % intervals of metrics by the percentile bootstrap over questions.

Questions are drawn with replacement, 2,000 times, with a fixed seed: the same records give the same
numbers everywhere, and two runs over the same questions are drawn alike (paired). An interval says
how far the value depends on which questions happen to be in the set; it cannot say more than the
questions do: where all of them agree it has no width.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.scoring import METRICS
from eval.types import Record

RESAMPLES = 2000
SEED = 20250116
PERCENTILES = {"latency_ms_p50": 50.0, "latency_ms_p95": 95.0}
RATIOS = tuple(name for name, info in METRICS.items() if info.ratio)
# Draws are made in pieces of about this many numbers, 32 MB, whatever the size of the set.
_PIECE = 4_000_000

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Metric:
    """A value with its 95 % interval; all None where no question of the set measures it."""

    value: float | None
    low: float | None
    high: float | None

    def as_json(self) -> dict[str, float | None]:
        """As `footnote eval --json` shows it."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a run, one row a question.

    Attributes:
        numerators: (n, ratios); 0 where a question does not count.
        denominators: (n, ratios).
        latencies: (n,) milliseconds, NaN after an error: failing fast is not being fast.
    """

    numerators: FloatArray
    denominators: FloatArray
    latencies: FloatArray


def table_of(records: Sequence[Record]) -> Table:
    """The numbers of a run's records."""
    pairs = np.zeros((len(records), len(RATIOS), 2))
    for row, record in enumerate(records):
        for column, name in enumerate(RATIOS):
            pairs[row, column] = record.scores.get(name, (0.0, 0.0))
    latencies = [r.latency_ms if r.status != "error" else np.nan for r in records]
    return Table(pairs[:, :, 0], pairs[:, :, 1], np.array(latencies, dtype=np.float64))


def summarise(records: Sequence[Record]) -> dict[str, Metric]:
    """Every metric of a run."""
    table = table_of(records)
    names = [*RATIOS, *PERCENTILES]
    samples = bootstrap(table)
    return {
        name: interval(value, samples[:, column])
        for column, (name, value) in enumerate(zip(names, values(table), strict=True))
    }


def values(table: Table) -> FloatArray:
    """Each ratio, then each percentile; NaN where undefined."""
    everything = np.arange(len(table.latencies))[None, :]
    return np.asarray(_statistics(table, everything)[0])


def bootstrap(table: Table, resamples: int = RESAMPLES, seed: int = SEED) -> FloatArray:
    """`values` of each resample, shape (resamples, metrics); the same draws for the same n."""
    n = len(table.latencies)
    if n == 0:
        return np.full((resamples, len(METRICS)), np.nan)
    return np.concatenate([_statistics(table, draws) for draws in _draws(n, resamples, seed)])


def interval(value: float, samples: FloatArray) -> Metric:
    """The middle 95 % of the samples; resamples in which nothing counted are left out."""
    usable = samples[~np.isnan(samples)]
    if np.isnan(value) or not len(usable):
        return Metric(None, None, None)
    low, high = np.percentile(usable, [2.5, 97.5])
    return Metric(float(value), float(low), float(high))


def _draws(n: int, resamples: int, seed: int) -> Iterator[IntArray]:
    rng = np.random.default_rng(seed)
    rows = max(1, _PIECE // n)
    for first in range(0, resamples, rows):
        yield rng.integers(0, n, size=(min(rows, resamples - first), n))


def _statistics(table: Table, draws: IntArray) -> FloatArray:
    """All metrics of each row of `draws` (row numbers of the table)."""
    rows, n = draws.shape[0], len(table.latencies)
    # How often each question was drawn: then every sum is one matrix product.
    flat = (draws + n * np.arange(rows)[:, None]).ravel()
    counts = np.bincount(flat, minlength=rows * n).reshape(rows, n).astype(np.float64)
    below = counts @ table.denominators
    ratios = np.divide(
        counts @ table.numerators, below, out=np.full_like(below, np.nan), where=below > 0
    )
    latencies = np.sort(table.latencies[draws], axis=1)
    percentiles = [_percentile(latencies, q) for q in PERCENTILES.values()]
    return np.column_stack([ratios, *percentiles])


def _percentile(ordered: FloatArray, q: float) -> FloatArray:
    """Percentile of each sorted row, linear between neighbours, NaNs (sorted last) left out.

    np.nanpercentile does the same one row at a time, which takes minutes for a large set.
    """
    usable = np.count_nonzero(~np.isnan(ordered), axis=1)
    if not ordered.shape[1]:
        return np.full(ordered.shape[0], np.nan)
    position = np.maximum(usable - 1, 0) * (q / 100)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(usable - 1, 0))
    rows = np.arange(ordered.shape[0])
    low, high = ordered[rows, below], ordered[rows, above]
    return np.asarray(low + (high - low) * (position - below))


def wilson(hits: int, n: int) -> dict[str, float | int | None]:
    """A share in percent with Wilson's 95 % interval."""
    if not n:
        return {"n": 0, "percent": None, "low": None, "high": None}
    z, p = 1.959964, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return {
        "n": n,
        "percent": round(100 * p, 2),
        "low": round(100 * low, 2),
        "high": round(100 * high, 2),
    }
