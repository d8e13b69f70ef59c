"""Whether promises are kept: made on calibration articles, tried on test articles.

    python -m eval.promising --data DIR [--questions N] [--fitted 90] [--work DIR] [--svg OUT] [--json OUT]

DIR holds the public data. The confidences that ship are taken as they are. Thresholds are chosen for every
limit (`rag.promise`) on questions of calibration articles that nothing was fitted on: those of the first
`--fitted` that `eval.training.fit_confidence` asked are left out. Then the share of wrong answers is counted
on questions of test articles, mixed alike: answerable, article taken out, paragraph taken out, made to look
answerable. The curve shows risk and coverage on both. Own questions need no such trial by others: `footnote
eval SET --calibrate` does the same for them.
"""

import argparse
import json
import logging
import pickle
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.intervals import wilson
from eval.plots import risk_coverage_curves
from eval.training.cases import public_cases
from eval.training.examples import build_library, read_examples, sample
from eval.training.fit_answers import Asked, best_of, scored
from eval.training.fit_confidence import collect
from eval.training.fit_evidence import Measured, confidence_row
from eval.training.masking import Collected
from models.prover import MiniLMProver
from rag.answers import answer_weights
from rag.evidence import EvidenceFinder, fitted_weights, sentence_features
from rag.extract import BY_SENTENCE
from rag.promise import LIMITS, OperatingPoint, points_for, shipped_points
from rag.readers import build_span_reader
from rag.settings import Settings

PARTS = ("calibration", "test")


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The best answer to each question, given or not.

    Attributes:
        confidence: shape (questions,), 0..1.
        right: whether it is right, shape (questions,).
    """

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]


def outcomes(collected: Collected) -> Outcomes:
    """What the weights that ship make of questions, each answered by the way that suits it."""
    pairs = [_outcome(measured, asked) for measured, asked in collected]
    return Outcomes(
        np.array([sure for sure, _ in pairs]), np.array([right for _, right in pairs], dtype=bool)
    )


def _outcome(measured: Measured, asked: Asked) -> tuple[float, bool]:
    evidence, answers = fitted_weights(), answer_weights()
    row, best = confidence_row(measured, evidence.sentence)
    if measured.shape in BY_SENTENCE or not asked.spans:
        return evidence.confidence.probability(np.array(row)), bool(measured.counts[best])
    read = scored(asked, measured, evidence.sentence, evidence.confidence)
    rows, correct = best_of([read], answers.span)
    return answers.certainty.probability(rows[0]), bool(correct[0])


def tried(made_on: Outcomes, tried_on: Outcomes) -> list[dict[str, Any]]:
    """For every limit the threshold, and what came of it on both parts; no threshold, no promise."""
    points = {point.limit: point for point in points_for(made_on.confidence, made_on.right)}
    return [
        kept(points[limit], tried_on) if limit in points else {"limit": limit, "threshold": None}
        for limit in LIMITS
    ]


def kept(point: OperatingPoint, tried_on: Outcomes) -> dict[str, Any]:
    """What came of a promise on other questions."""
    given = tried_on.confidence >= point.threshold
    wrong = int((given & ~tried_on.right).sum())
    return {
        "limit": point.limit,
        "threshold": point.threshold,
        "calibration": wilson(point.wrong, point.answers),
        "test": wilson(wrong, int(given.sum())),
        "coverage": round(float(given.mean()), 4),
    }


def lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The rows for people."""
    found = []
    for row in rows:
        limit = f"at most {100 * row['limit']:g} % wrong"
        if row["threshold"] is None:
            found.append(f"{limit}: cannot be promised")
            continue
        test, made = row["test"], row["calibration"]
        found.append(
            f"{limit}: threshold {row['threshold']:.2f}, calibration {made['percent']} % of {made['n']}, "
            f"test {test['percent']} % of {test['n']} ({test['low']} to {test['high']}), "
            f"{100 * row['coverage']:.0f} % of the questions answered"
        )
    return found


def collect_parts(
    data: Path, work: Path, *, n: int, fitted: int, seed: int = 0
) -> dict[str, Collected]:
    """Sentences and spans of `n` questions of each part."""
    examples, articles = read_examples(data, (*PARTS, "train"))
    # By their words: SQuAD 2 repeats the questions of SQuAD 1.
    known = {e.question for e, _ in sample(examples, fitted, random.Random(seed))}
    new = [example for example in examples if example.question not in known]
    library = build_library(work, articles)
    finder = EvidenceFinder(sentence_features(library), fitted_weights().sentence)
    reader = build_span_reader(Settings())
    prover = MiniLMProver()
    found = {}
    for part in PARTS:
        chosen = sample(new, n, random.Random(seed), part)
        found[part] = collect(public_cases(chosen, library, prover), finder, reader)
    library.close()
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask both parts, make promises on one, try them on the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=200, help="of each part")
    parser.add_argument("--fitted", type=int, default=90, help="first questions that are left out")
    parser.add_argument("--work", type=Path, help="keeps library and features for another run")
    parser.add_argument("--svg", type=Path, help="the curve")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        collected = work / "promising.pkl"
        if not collected.exists():
            found = collect_parts(options.data, work, n=options.questions, fitted=options.fitted)
            collected.write_bytes(pickle.dumps(found))
        parts = {k: outcomes(v) for k, v in pickle.loads(collected.read_bytes()).items()}  # noqa: S301
    rows = tried(parts["calibration"], parts["test"])
    shipped = [kept(point, parts["test"]) for point in shipped_points()]
    sys.stdout.write("\n".join(lines(rows)) + "\n")
    sys.stdout.write("as shipped, " + "\nas shipped, ".join(lines(shipped)) + "\n")
    if options.svg:
        curves = {name: (part.confidence, part.right) for name, part in parts.items()}
        options.svg.write_text(risk_coverage_curves(curves), encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
