"""Fits the weights by which the extract reader ranks spans and decides on silence.

    python -m eval.training.fit_answers --data DIR [--questions N] [--work DIR]

The library, the questions and their kinds are those of `fit_evidence`; only calibration questions are
asked, for the reader's adapter knows the training ones by heart. Every question is retrieved and read
as the program does it. The span model learns which spans are right, the certainty model whether the best
pooled answer is. The figures come from five-fold cross-validation over those questions.
"""

import argparse
import json
import logging
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.metrics import RIGHT_F1, auroc, f1
from eval.normalize import occurs
from eval.training.fit_evidence import (
    KIND_SHARES,
    SOURCE_SHARES,
    THRESHOLD,
    Example,
    Kind,
    build_library,
    cross_validated,
    find_hits,
    fit,
    in_own_paragraph,
    read_examples,
    sample,
)
from index.library import Library
from index.types import Role
from models.protocols import Prover, ReadingTask, SpanReader
from models.prover import MiniLMProver
from rag.answers import (
    ANSWER_FEATURES,
    CERTAINTY_FEATURES,
    SpanAnswer,
    certainty_features,
    pool,
    spans_of,
)
from rag.evidence import EvidenceFinder, Features, LogisticModel, hits_to_read
from rag.promise import POINTS_FILE, points_for, write_points
from rag.questions import analyse_question
from rag.readers import build_span_reader
from rag.settings import Settings

_log = logging.getLogger(__name__)
_BLANK = LogisticModel(
    np.zeros(len(ANSWER_FEATURES)),
    np.zeros(len(ANSWER_FEATURES)),
    np.ones(len(ANSWER_FEATURES)),
    0.0,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all spans read for it, and which of them are its answer (`is_answer`)."""

    example: Example
    kind: Kind
    spans: tuple[SpanAnswer, ...]
    right: NDArray[np.bool_]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and write `rag/answer_weights.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help="keeps the library for another run")
    parser.add_argument("--prover", type=Path, help="its weights; by default what ships")
    parser.add_argument("--out", type=Path, default=Path("rag/answer_weights.json"))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    examples, articles = read_examples(options.data)
    chosen = sample(examples, options.questions, random.Random(options.seed))
    with tempfile.TemporaryDirectory() as temporary:
        library = build_library(options.work or Path(temporary), articles)
        reader = build_span_reader(Settings())
        asked = ask_all(chosen, library, reader, MiniLMProver(options.prover))
    result = conclude(asked)
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    _log.info("%s", json.dumps(result["figures"], indent=1))
    points = points_for(*cross_validated(asked, fit_both, best_of))
    write_points(points, options.out.with_name(POINTS_FILE), data=result["figures"]["data"])
    for point in points:
        _log.info("%s", point.in_words())


def ask_all(
    chosen: Sequence[tuple[Example, Kind]], library: Library, reader: SpanReader, prover: Prover
) -> list[Asked]:
    """Every question retrieved and read; those that find nothing are left out."""
    n = library.store.count("passages")
    finder = EvidenceFinder(library.embedder, library.store.document_frequency, lambda: n)
    asked = []
    for i, (example, kind) in enumerate(chosen, start=1):
        spans = read_spans(example, kind, library, finder, reader, prover)
        if spans:
            right = [is_answer(answer, example, kind) for answer in spans]
            asked.append(Asked(example, kind, tuple(spans), np.array(right)))
        if i % 50 == 0:
            _log.info("%d of %d questions", i, len(chosen))
    return asked


def read_spans(
    example: Example,
    kind: Kind,
    library: Library,
    finder: EvidenceFinder,
    reader: SpanReader,
    prover: Prover,
) -> list[SpanAnswer]:
    """What the reader finds in the passages it would read, not yet scored."""
    question = analyse_question(example.question)
    hits, vector = find_hits(example, kind, library, prover, question.text)
    candidates = finder.find(question, hits, vector, lambda hit, start, end: Role.BODY)
    chosen = hits_to_read(candidates, Settings().n_read)
    tasks = [ReadingTask(h.passage.breadcrumb, h.passage.text, question.text) for h in chosen]
    found: list[SpanAnswer] = []
    for hit, reading in zip(chosen, reader.read(tasks), strict=True):
        found += spans_of(question, hit, reading, candidates, _BLANK)
    return found


def is_answer(answer: SpanAnswer, example: Example, kind: Kind) -> bool:
    """Whether the words have F1 >= 0.6 with an accepted answer.

    Where the paragraph was taken out nothing is right, even if the same words stand elsewhere.
    """
    return kind == "answerable" and f1(answer.words, example.answers) >= RIGHT_F1


def is_right(answer: SpanAnswer, example: Example, kind: Kind) -> bool:
    """Whether the answer would count as right in an evaluation (`eval.metrics.is_right`).

    The words answer, or the sentences shown are of the question's own paragraph and hold an accepted
    answer.
    """
    if is_answer(answer, example, kind):
        return True
    return kind == "answerable" and any(
        in_own_paragraph(sentence.text, example)
        and any(occurs(accepted, sentence.text) for accepted in example.answers)
        for sentence in answer.sentences
    )


def conclude(asked: Sequence[Asked]) -> dict[str, Any]:
    """Weights from all questions, threshold and figures from cross-validation."""
    confidence, correct = cross_validated(asked, fit_both, best_of)
    span, certain = fit_both(asked)
    return {
        "features": list(ANSWER_FEATURES),
        **span.as_json(),
        "certainty": {"features": list(CERTAINTY_FEATURES), **certain.as_json()},
        "threshold": THRESHOLD,
        "figures": _figures(asked, confidence, correct),
    }


def fit_both(asked: Sequence[Asked]) -> tuple[LogisticModel, LogisticModel]:
    """The span model, then the certainty model on what it puts first.

    The span model chooses words among the spans of one question, so it learns from questions with a right
    one, and only right words count; whether there is any is for the certainty model to say, and there
    what an evaluation calls right counts. Tried: one label for both, all questions for both (docs).
    """
    found = [a for a in asked if a.right.any()]
    rows = np.vstack([answer.features for a in found for answer in a.spans])
    span = fit(rows, np.concatenate([a.right for a in found]))
    best, correct = best_of(asked, span)
    return span, fit(best, correct)


def best_of(asked: Sequence[Asked], span: LogisticModel) -> tuple[Features, NDArray[np.bool_]]:
    """Certainty features of each question's best pooled answer, and whether it is right."""
    rows, correct = [], []
    for question in asked:
        pooled = pool(
            [replace(a, probability=span.probability(a.features)) for a in question.spans]
        )
        rows.append(certainty_features(pooled))
        correct.append(is_right(pooled[0].best, question.example, question.kind))
    return np.array(rows), np.array(correct)


def _figures(
    asked: Sequence[Asked],
    confidence: NDArray[np.float64],
    correct: NDArray[np.bool_],
) -> dict[str, Any]:
    kinds = np.array([a.kind for a in asked])
    sources = np.array([a.example.source for a in asked])
    found = np.array([bool(a.right.any()) for a in asked])
    answered = confidence >= THRESHOLD
    answerable = kinds == "answerable"

    def share(values: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
        return round(float(values[among].mean()), 4) if among.any() else float("nan")

    return {
        "data": "calibration parts of SQuAD v1.1, SQuAD v2.0 (CC BY-SA 4.0) and Natural Questions "
        "(CC BY-SA 3.0); five-fold cross-validation",
        "questions": len(asked),
        "right_span_read": share(found, answerable),
        "best_right_where_read": share(correct, found),
        "right": share(correct & answered, answerable),
        "precision": share(correct, answered),
        "wrong_refusal": share(~answered, answerable),
        "refusal": {k: share(~answered, kinds == k) for k, _ in KIND_SHARES if k != "answerable"},
        "auroc_right": round(auroc(confidence, correct), 4),
        "by_source": {
            source: {
                "right": share(correct & answered, answerable & (sources == source)),
                "precision": share(correct, answered & (sources == source)),
            }
            for source, _ in SOURCE_SHARES
        },
    }


if __name__ == "__main__":
    main()
