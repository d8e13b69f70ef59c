"""The promise: at most so many wrong among the answers given, and how sure that is.

The confidence below which the documents "do not say" is chosen on questions whose answers are known, so
that the share of wrong answers among those given stays below a limit with 95 % certainty: fixed-sequence
testing (Learn then Test, Angelopoulos et al. 2021, arXiv:2110.01052). Thresholds are tried from strict to
lenient; each must reject "the risk is above the limit" by an exact binomial test, and the first that does
not ends the search. Where it begins is chosen by the number of answers alone, never by which are right: a
few answers prove little, and one unlucky among them would end the search before it began.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import SettingsError

POINTS_FILE = "promise.json"
LIMITS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
CERTAINTY = 0.95
_GRID = np.round(np.arange(0.99, -0.001, -0.01), 2)
# The search begins where this share of the questions is answered, or as many as a proof needs.
_FIRST_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold and what it promises.

    Attributes:
        limit: promised share of wrong answers among those given, 0..1.
        threshold: confidence from which on an answer is given, 0..1.
        answers: given at that threshold on the calibration questions.
        wrong: of these.
        questions: asked for calibration.
    """

    limit: float
    threshold: float
    answers: int
    wrong: int
    questions: int

    def in_words(self) -> str:
        """The promise in one sentence."""
        return (
            f"At most {100 * self.limit:.3g} % of the answers given are wrong, {100 * CERTAINTY:.0f} % "
            f"sure: of {self.answers} answers to {self.questions} questions with known answers, "
            f"{self.wrong} were wrong."
        )


def operating_point(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], limit: float
) -> OperatingPoint | None:
    """The most lenient threshold that keeps the limit; None where no promise can be made.

    Args:
        confidence: of the best answer to each question, answered or not, shape (n,), 0..1.
        right: whether that answer is right, shape (n,); never where there is no right one.
        limit: the share of wrong answers among those given, 0..1.
    """
    given = np.array([int((confidence >= t).sum()) for t in _GRID])
    wrong = np.array([int(((confidence >= t) & ~right).sum()) for t in _GRID])
    enough = np.flatnonzero(given >= max(least_answers(limit), _FIRST_SHARE * len(confidence)))
    best: int | None = None
    for i in range(int(enough[0]) if enough.size else len(_GRID), len(_GRID)):
        if binomial_tail(wrong[i], given[i], limit) > 1 - CERTAINTY:
            break
        best = i
    if best is None:
        return None
    return OperatingPoint(
        limit, float(_GRID[best]), int(given[best]), int(wrong[best]), len(confidence)
    )


def least_answers(limit: float) -> int:
    """The fewest answers, all of them right, that can prove a limit: 59 for 5 % at 95 %."""
    return math.ceil(math.log(1 - CERTAINTY) / math.log(1 - limit))


def binomial_tail(wrong: int, answers: int, limit: float) -> float:
    """Probability of at most so many wrong answers if each were wrong with probability `limit`."""
    logs = [
        math.lgamma(answers + 1)
        - math.lgamma(k + 1)
        - math.lgamma(answers - k + 1)
        + k * math.log(limit)
        + (answers - k) * math.log(1 - limit)
        for k in range(int(wrong) + 1)
    ]
    return float(min(1.0, sum(map(math.exp, logs))))


def points_for(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], limits: Sequence[float] = LIMITS
) -> list[OperatingPoint]:
    """Operating points of all limits that can be promised, strictest first."""
    found = (operating_point(confidence, right, limit) for limit in limits)
    return [point for point in found if point is not None]


def write_points(points: Sequence[OperatingPoint], path: Path, **about: Any) -> None:
    """Keep operating points, with what they were measured with."""
    content = {**about, "certainty": CERTAINTY, "points": [asdict(point) for point in points]}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_points(data: Mapping[str, Any]) -> list[OperatingPoint]:
    """What `write_points` wrote."""
    return [OperatingPoint(**point) for point in data["points"]]


def points_of_library(folder: Path) -> list[OperatingPoint] | None:
    """Operating points fitted on a person's own questions; None where there are none.

    Raises:
        SettingsError: the file that holds them cannot be read.
    """
    path = folder / POINTS_FILE
    if not path.exists():
        return None
    try:
        return read_points(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}. Delete it, or fit it anew: footnote eval SET --calibrate"
        ) from error


@lru_cache(maxsize=1)
def shipped_points() -> list[OperatingPoint]:
    """Operating points of the starter, fitted by `eval/training/fit_confidence.py`."""
    text = files("rag").joinpath("promise.json").read_text(encoding="utf-8")
    return read_points(json.loads(text))


def point_for(limit: float, points: Sequence[OperatingPoint]) -> OperatingPoint | None:
    """The point of the largest limit that is not above the wanted one; None where there is none."""
    kept = [point for point in points if point.limit <= limit + 1e-9]
    return max(kept, key=lambda point: point.limit, default=None)
