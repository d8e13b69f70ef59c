"""The weights by which the extract reader ranks sentences and tells how sure it is.

A sentence is positive if it stands in the question's evidence. The confidence learns whether the best
sentence would count as right in an evaluation. `eval.training.fit_confidence` is the command.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.metrics import auroc
from eval.training.cases import Case
from eval.training.logistic import THRESHOLD, cross_validated, fit
from rag.evidence import (
    CONFIDENCE_FEATURES,
    Candidate,
    confidence_features,
)
from rag.logistic import Features, LogisticModel
from rag.options import named_option
from rag.questions import Question, Shape
from rag.sentence_features import FEATURES

DATA = (
    "calibration parts of SQuAD v1.1, SQuAD v2.0 (CC BY-SA 4.0) and Natural Questions (CC BY-SA 3.0), "
    "the project's own questions (eval/everyday); five-fold cross-validation"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """The sentences found for one question.

    Attributes:
        features: shape (sentences, len(FEATURES)).
        proves: which are evidence, shape (sentences,).
        counts: which would count as right if they were the answer, shape (sentences,).
    """

    source: str
    kind: str
    shape: Shape
    answerable: bool
    features: Features
    proves: NDArray[np.bool_]
    counts: NDArray[np.bool_]


def measured_of(case: Case, candidates: Sequence[Candidate]) -> Measured:
    """Features and labels of the sentences found for a question, at least one."""
    return Measured(
        case.source,
        case.kind,
        case.question.shape,
        case.answerable,
        np.array([c.features for c in candidates]),
        np.array([case.judge.proves(c) for c in candidates]),
        np.array([case.judge.counts(short_of(case.question, c), [c]) for c in candidates]),
    )


def short_of(question: Question, candidate: Candidate) -> str | None:
    """The short answer that a sentence gives by itself, as `rag.extract` shows it."""
    if question.shape == "either-or":
        return named_option(question, candidate)
    return candidate.hit.passage.speaker if question.shape == "who-said" else None


def conclude(measured: Sequence[Measured], unjudged: Sequence[Measured]) -> dict[str, Any]:
    """Weights from all questions, figures from cross-validation.

    Args:
        measured: with the prover's opinions.
        unjudged: the same without.
    """
    return {
        "features": list(FEATURES),
        **_as_json(*fit_both(measured)),
        "without_prover": {
            **_as_json(*fit_both(unjudged)),
            "figures": figures(unjudged, *cross_validated(unjudged, fit_both, best_of)),
        },
        "threshold": THRESHOLD,
        "figures": figures(measured, *cross_validated(measured, fit_both, best_of)),
    }


def _as_json(sentence: LogisticModel, sure: LogisticModel) -> dict[str, Any]:
    return {
        **sentence.as_json(),
        "confidence": {"features": list(CONFIDENCE_FEATURES), **sure.as_json()},
    }


def fit_both(measured: Sequence[Measured]) -> tuple[LogisticModel, LogisticModel]:
    """What ranks the sentences, and what tells whether the first one is right."""
    rows = np.vstack([m.features for m in measured])
    sentence = fit(rows, np.concatenate([m.proves for m in measured]))
    return sentence, fit(*best_of(measured, sentence))


def best_of(
    group: Sequence[Measured], sentence: LogisticModel
) -> tuple[Features, NDArray[np.bool_]]:
    """Confidence features of each question's best sentence, and whether it is right."""
    found = [confidence_row(m, sentence) for m in group]
    return np.array([row for row, _ in found]), np.array(
        [m.counts[i] for m, (_, i) in zip(group, found, strict=True)]
    )


def confidence_row(measured: Measured, sentence: LogisticModel) -> tuple[list[float], int]:
    """Confidence features of a question's best sentence, and which one that is."""
    scores = sentence.log_odds(measured.features)
    best = int(scores.argmax())
    return confidence_features(measured.shape, scores, measured.features[best]), best


def figures(
    measured: Sequence[Measured], confidence: Features, correct: NDArray[np.bool_]
) -> dict[str, Any]:
    """What the cross-validated confidence is worth, in all and by source."""
    sources = np.array([m.source for m in measured])
    found = np.array([bool(m.counts.any()) for m in measured])
    answerable = np.array([m.answerable for m in measured])
    return {
        "data": DATA,
        **outcome_figures(answerable, found, confidence, correct),
        "by_source": {
            source: outcome_figures(
                answerable[own := sources == source], found[own], confidence[own], correct[own]
            )
            for source in sorted(set(sources.tolist()))
        },
    }


def outcome_figures(
    answerable: NDArray[np.bool_],
    found: NDArray[np.bool_],
    confidence: Features,
    correct: NDArray[np.bool_],
) -> dict[str, float]:
    """Shares 0..1 of questions, each array of shape (questions,); nan where there are none."""
    answered = confidence >= THRESHOLD

    def share(values: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
        return round(float(values[among].mean()), 4) if among.any() else float("nan")

    return {
        "questions": len(confidence),
        "found": share(found, answerable),
        "best_right_where_found": share(correct, found),
        "right": share(correct & answered, answerable),
        "precision": share(correct, answered),
        "wrong_refusal": share(~answered, answerable),
        "refusal": share(~answered, ~answerable),
        "auroc_right": round(auroc(confidence, correct), 4),
    }
