"""Fits by what the extract reader ranks sentences and spans, how sure it is, and what can be promised.

    python -m eval.training.fit_confidence --data DIR [--questions N] [--work DIR]

DIR holds the public data. Every calibration question (`eval.training.cases`: public ones, which neither
reader nor prover was trained on, and the project's own) is retrieved and read as the program does it, once;
then four logistic regressions are fitted: which sentence is evidence, whether the best one is right, which
span is right, whether the best one is. The figures come from five-fold cross-validation. Nothing of the test
parts is asked, and nothing of the sets that results are reported on. Writes `rag/evidence_weights.json`,
`rag/answer_weights.json` and the operating points of the promise.
"""

import argparse
import json
import logging
import pickle
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.training import fit_answers, fit_evidence
from eval.training.cases import Case, all_cases
from eval.training.fit_answers import Asked, asked_of, scored
from eval.training.fit_evidence import measured_of
from eval.training.logistic import cross_validated
from eval.training.masking import PROVER, Collected, masked
from models.protocols import SpanReader
from models.prover import MiniLMProver
from rag.evidence import EvidenceFinder, sentence_features
from rag.logistic import LogisticModel
from rag.promise import POINTS_FILE, points_for, write_points
from rag.readers import build_span_reader
from rag.sentence_features import FEATURES
from rag.settings import Settings

_log = logging.getLogger(__name__)
# What is fitted here orders the passages to be read; until then the prover's relevance does.
_BY_RELEVANCE = LogisticModel(
    np.array([float(name == "prover_relevance_gap") for name in FEATURES]),
    np.zeros(len(FEATURES)),
    np.ones(len(FEATURES)),
    0.0,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask, fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=300, help="public ones")
    parser.add_argument("--own", type=int, help="of the project's own ones; by default all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help="keeps libraries and features for another run")
    parser.add_argument("--out", type=Path, default=Path("rag"), help="folder of the weights")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        kept = work / "collected.pkl"
        if not kept.exists():
            collected = collect_all(
                options.data, work, n_public=options.questions, n_own=options.own, seed=options.seed
            )
            kept.write_bytes(pickle.dumps(collected))
        write(pickle.loads(kept.read_bytes()), options.out)  # noqa: S301 - written here


def collect_all(
    data: Path, work: Path, *, n_public: int, n_own: int | None, seed: int
) -> Collected:
    """Features and outcomes of all calibration questions."""
    reader = build_span_reader(Settings())
    found: Collected = []
    parts = all_cases(data, work, MiniLMProver(), n_public=n_public, n_own=n_own, seed=seed)
    for library, cases in parts:
        found += collect(cases, EvidenceFinder(sentence_features(library), _BY_RELEVANCE), reader)
        library.close()
    return found


def collect(cases: Iterable[Case], finder: EvidenceFinder, reader: SpanReader) -> Collected:
    """Features and outcomes of questions; those that find nothing are left out."""
    found: Collected = []
    for i, case in enumerate(cases, start=1):
        candidates = finder.find(case.question, case.hits, case.vector, case.role_at)
        if candidates:
            found.append((measured_of(case, candidates), asked_of(case, candidates, reader)))
        if i % 50 == 0:
            _log.info("%d questions", i)
    return found


def write(collected: Collected, folder: Path) -> None:
    """Fit, and write the weights: those for a library with a prover, and those without."""
    unjudged = masked(collected, PROVER)
    measured = [m for m, _ in collected]
    asked = answered(collected)
    evidence = fit_evidence.conclude(measured, [m for m, _ in unjudged])
    _write(folder / "evidence_weights.json", evidence)
    _write(folder / "answer_weights.json", fit_answers.conclude(asked, answered(unjudged)))
    points = points_for(*cross_validated(asked, fit_answers.fit_both, fit_answers.best_of))
    write_points(points, folder / POINTS_FILE, data=fit_evidence.DATA)
    for point in points:
        _log.info("%s", point.in_words())


def answered(collected: Collected) -> list[Asked]:
    """What was read for each question that has spans, with what newly fitted weights say of its sentences."""
    models = fit_evidence.fit_both([m for m, _ in collected])
    return [a for a in (scored(a, m, *models) for m, a in collected) if a.spans]


def _write(path: Path, weights: dict[str, Any]) -> None:
    path.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
    _log.info("%s %s", path.name, json.dumps(weights["figures"], indent=1))


if __name__ == "__main__":
    main()
