"""What was collected for fitting, with some features hidden: for weights that must do without them."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from eval.training.fit_answers import Asked
from eval.training.fit_evidence import Measured
from rag.answers import ANSWER_FEATURES
from rag.logistic import Features
from rag.sentence_features import FEATURES

Collected = list[tuple[Measured, Asked]]

PROVER = frozenset(name for name in (*FEATURES, *ANSWER_FEATURES) if name.startswith("prover_"))
"""What only a prover knows."""


def masked(
    collected: Sequence[tuple[Measured, Asked]],
    hidden: Collection[str],
    *,
    shapes: bool = True,
) -> Collected:
    """The same questions with features set to 0, so that a fitted weight of theirs is 0 too.

    Args:
        collected: sentences and spans of each question.
        hidden: of `rag.sentence_features.FEATURES` and `rag.answers.ANSWER_FEATURES`.
        shapes: whether the shape of the question is known; else all are questions for a span.

    Raises:
        ValueError: there is no such feature.
    """
    unknown = set(hidden) - {*FEATURES, *ANSWER_FEATURES}
    if unknown:
        raise ValueError(f"no such features: {', '.join(sorted(unknown))}")
    sentences = np.array([name in hidden for name in FEATURES])
    spans = np.array([name in hidden for name in ANSWER_FEATURES])
    found: Collected = []
    for measured, asked in collected:
        measured = replace(measured, features=_blank(measured.features, sentences))
        asked = replace(
            asked,
            spans=tuple(
                replace(
                    span,
                    features=_blank(span.features, spans),
                    sentences=tuple(
                        replace(candidate, features=_blank(candidate.features, sentences))
                        for candidate in span.sentences
                    ),
                )
                for span in asked.spans
            ),
        )
        if not shapes:
            measured, asked = replace(measured, shape="span"), replace(asked, shape="span")
        found.append((measured, asked))
    return found


def _blank(features: Features, hidden: np.ndarray) -> Features:
    """A copy with the hidden columns 0; the last axis is the features'."""
    kept = features.copy()
    kept[..., hidden] = 0.0
    return kept
