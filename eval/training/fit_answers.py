"""The weights by which the extract reader ranks spans and decides on silence.

The span model learns which spans are right, the certainty model whether the best pooled answer is.
`eval.training.fit_confidence` is the command.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.training.cases import Case
from eval.training.fit_evidence import DATA, Measured, confidence_row, outcome_figures
from eval.training.logistic import THRESHOLD, cross_validated, fit
from models.protocols import ReadingTask, SpanReader
from rag.answers import (
    ANSWER_FEATURES,
    CERTAINTY_FEATURES,
    SpanAnswer,
    certainty_features,
    pool,
    spans_of,
)
from rag.evidence import Candidate, hits_to_read
from rag.logistic import Features, LogisticModel
from rag.questions import Shape
from rag.settings import Settings

_BLANK = LogisticModel(
    np.zeros(len(ANSWER_FEATURES)),
    np.zeros(len(ANSWER_FEATURES)),
    np.ones(len(ANSWER_FEATURES)),
    0.0,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The spans read for one question.

    Attributes:
        evidence: how sure the best sentence of all is, 0..1; 0 until `scored` has set it.
        answers: which spans are the answer's words, shape (spans,).
        counts: which would count as right if they were the answer, shape (spans,).
    """

    source: str
    kind: str
    shape: Shape
    answerable: bool
    evidence: float
    spans: tuple[SpanAnswer, ...]
    answers: NDArray[np.bool_]
    counts: NDArray[np.bool_]


def asked_of(case: Case, candidates: Sequence[Candidate], reader: SpanReader) -> Asked:
    """What the reader finds in the passages it would read, not yet scored."""
    question = case.question
    chosen = hits_to_read(candidates, Settings().n_read)
    tasks = [ReadingTask(h.passage.breadcrumb, h.passage.text, question.text) for h in chosen]
    spans: list[SpanAnswer] = []
    for hit, reading in zip(chosen, reader.read(tasks), strict=True):
        spans += spans_of(question, hit, reading, candidates, _BLANK)
    return Asked(
        case.source,
        case.kind,
        question.shape,
        case.answerable,
        0.0,
        tuple(spans),
        np.array([case.judge.answers(span.words) for span in spans], dtype=bool),
        np.array([case.judge.counts(span.words, span.sentences) for span in spans], dtype=bool),
    )


def scored(
    asked: Asked, measured: Measured, sentence: LogisticModel, confidence: LogisticModel
) -> Asked:
    """With what newly fitted weights say of the sentences that the spans stand in."""
    scores = sentence.log_odds(measured.features)
    row, _ = confidence_row(measured, sentence)
    return replace(
        asked,
        evidence=confidence.probability(np.array(row)),
        spans=tuple(_rescored(span, sentence, float(scores.max())) for span in asked.spans),
    )


def _rescored(span: SpanAnswer, sentence: LogisticModel, top: float) -> SpanAnswer:
    features = span.features.copy()
    rows = np.array([candidate.features for candidate in span.sentences])
    own = float(sentence.log_odds(rows).max())
    features[ANSWER_FEATURES.index("sentence_score")] = own
    features[ANSWER_FEATURES.index("sentence_gap")] = top - own
    return replace(span, features=features)


def conclude(asked: Sequence[Asked], unjudged: Sequence[Asked]) -> dict[str, Any]:
    """Weights from all questions, figures from cross-validation.

    Args:
        asked: with the prover's opinions.
        unjudged: the same without.
    """
    return {
        "features": list(ANSWER_FEATURES),
        **_as_json(*fit_both(asked)),
        "without_prover": {
            **_as_json(*fit_both(unjudged)),
            "figures": figures(unjudged, *cross_validated(unjudged, fit_both, best_of)),
        },
        "threshold": THRESHOLD,
        "figures": figures(asked, *cross_validated(asked, fit_both, best_of)),
    }


def _as_json(span: LogisticModel, certain: LogisticModel) -> dict[str, Any]:
    return {
        **span.as_json(),
        "certainty": {"features": list(CERTAINTY_FEATURES), **certain.as_json()},
    }


def fit_both(asked: Sequence[Asked]) -> tuple[LogisticModel, LogisticModel]:
    """The span model, then the certainty model on what it puts first.

    The span model chooses words among the spans of one question, so it learns from questions with a right
    one, and only right words count; whether there is any is for the certainty model to say, and there
    what an evaluation calls right counts. Tried: one label for both, all questions for both (docs).
    """
    found = [a for a in asked if a.answers.any()]
    rows = np.vstack([answer.features for a in found for answer in a.spans])
    span = fit(rows, np.concatenate([a.answers for a in found]))
    return span, fit(*best_of(asked, span))


def best_of(asked: Sequence[Asked], span: LogisticModel) -> tuple[Features, NDArray[np.bool_]]:
    """Certainty features of each question's best pooled answer, and whether it is right."""
    rows, correct = [], []
    for question in asked:
        spans = [replace(a, probability=span.probability(a.features)) for a in question.spans]
        pooled = pool(spans)
        best = next(i for i, answer in enumerate(spans) if answer is pooled[0].best)
        rows.append(certainty_features(question.shape, pooled, question.evidence))
        correct.append(bool(question.counts[best]))
    return np.array(rows), np.array(correct)


def figures(
    asked: Sequence[Asked], sure: NDArray[np.float64], correct: NDArray[np.bool_]
) -> dict[str, Any]:
    """What the cross-validated certainty is worth, in all and by source."""
    sources = np.array([a.source for a in asked])
    found = np.array([bool(a.counts.any()) for a in asked])
    answerable = np.array([a.answerable for a in asked])
    return {
        "data": DATA,
        **outcome_figures(answerable, found, sure, correct),
        "by_source": {
            source: outcome_figures(
                answerable[own := sources == source], found[own], sure[own], correct[own]
            )
            for source in sorted(set(sources.tolist()))
        },
    }
