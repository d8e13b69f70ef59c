"""Fits logistic regressions and measures them on questions they were not fitted on."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.logistic import Features, LogisticModel

ItemT = TypeVar("ItemT")
# A wrong answer costs half of what a right one gains: it is a quotation with its place, which the
# reader can judge, where silence tells nothing.
WRONG_COSTS = 0.5
# So an answer is worth giving where p - WRONG_COSTS * (1 - p) > 0. Confidences are probabilities, so this
# need not be searched for; the best threshold on a few hundred questions moved between .28 and .45.
THRESHOLD = WRONG_COSTS / (1 + WRONG_COSTS)
_L2 = 1.0
FOLDS = 5
_STEPS = 60


def fit(rows: Features, right: NDArray[np.bool_]) -> LogisticModel:
    """Logistic regression by Newton's method, L2 on the weights."""
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    x = np.hstack([(rows - mean) / scale, np.ones((len(rows), 1))])
    w = np.zeros(x.shape[1])
    penalty = np.diag([_L2] * (x.shape[1] - 1) + [0.0])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (p - right) + penalty @ w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + penalty
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-8:
            break
    return LogisticModel(w[:-1], mean, scale, float(w[-1]))


def cross_validated(
    items: Sequence[ItemT],
    fit_both: Callable[[Sequence[ItemT]], tuple[LogisticModel, LogisticModel]],
    best_of: Callable[[Sequence[ItemT], LogisticModel], tuple[Features, NDArray[np.bool_]]],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How sure each question's best candidate is and whether it is right, fitted on the other folds.

    Args:
        items: questions with their candidates.
        fit_both: what ranks candidates, and what tells whether the first one is right.
        best_of: features of each question's first candidate, and whether it is right.

    Returns:
        Confidences 0..1 and outcomes, each of shape (questions,).
    """
    odds = np.zeros(len(items))
    correct = np.zeros(len(items), dtype=bool)
    for fold in range(FOLDS):
        own = [i for i in range(len(items)) if i % FOLDS == fold]
        ranks, sure = fit_both([item for i, item in enumerate(items) if i % FOLDS != fold])
        rows, correct[own] = best_of([items[i] for i in own], ranks)
        odds[own] = sure.log_odds(rows)
    return 1 / (1 + np.exp(-odds)), correct
