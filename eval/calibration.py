"""Operating points fitted on a question set: `footnote eval SET --calibrate`."""

from collections.abc import Sequence

import numpy as np

from eval.types import Run
from rag.promise import LIMITS, OperatingPoint, least_answers, points_for

_STRICTEST = 0.05


def calibrate(asked: Run) -> list[OperatingPoint]:
    """Operating points of a run in which nothing was refused for lack of confidence.

    A question that found no answer at all counts as refused at every threshold.
    """
    confidence = [
        record.answer.confidence if record.answer and record.status != "refused" else -1.0
        for record in asked.records
    ]
    right = [bool(record.right) for record in asked.records]
    return points_for(np.array(confidence), np.array(right, dtype=bool))


def calibration_lines(points: Sequence[OperatingPoint], n_questions: int) -> list[str]:
    """What was found, for people."""
    lines = [f"{point.in_words()} Threshold {point.threshold:.2f}." for point in points]
    missing = [limit for limit in LIMITS if all(point.limit != limit for point in points)]
    if missing:
        which = ", ".join(f"{100 * limit:.3g} %" for limit in missing)
        lines.append(
            f"No promise of {which} wrong: on these {n_questions} questions it was not kept surely "
            f"enough. {100 * _STRICTEST:.0f} % takes at least {least_answers(_STRICTEST)} answers "
            "that are all right; more questions prove more."
        )
    return lines
