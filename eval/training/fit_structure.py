"""Fits the weights by which the structure analyser labels blocks, and measures them honestly.

    python -m eval.training.fit_structure [--real DIR] [--folds N]

Reads the labelled documents under `eval/structure`; DIR holds the real documents of `real.jsonl`.
`--folds` measures by leaving documents out of the fitting (one at a time if N is their number). The
rules were written with most of these in view; such a document is fitted twice: as it is, and with
the rules' verdicts hidden.
"""

import argparse
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.structure.measure import Scores, labelled_spans, measure_document, read_labels, table
from index.loaders import load
from index.structure.analyser import mark_by_rules
from index.structure.carry import Carry
from index.structure.context import features_of
from index.structure.drafts import cut
from index.structure.features import Features
from index.structure.learned import ROLES, Layer, Matrix, Model, matrix, with_neighbours
from index.structure.titles import front_title
from index.structure.weighing import rules_of
from index.types import Role

_log = logging.getLogger(__name__)
_HERE = Path("eval/structure")
_FOLDERS = ("dev", "dev2", "train")
_L2 = 2.0
_STEPS = 40
_INNER_FOLDS = 3
_ALSO = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A labelled document: features with and without the rules' verdicts, and true roles."""

    name: str
    path: Path
    entries: list[dict[str, Any]]
    shown: list[Features]
    hidden: list[Features]
    truth: Matrix
    is_seen: bool


def read_examples(real: Path | None) -> Iterator[Example]:
    """All labelled documents."""
    sets = [(_HERE / folder / "labels.jsonl", _HERE / folder) for folder in _FOLDERS]
    sets += [(_HERE / "real.jsonl", real)] if real else []
    for labels, folder in sets:
        if not labels.exists():
            continue
        for path, entries in read_labels(labels, folder):
            yield _example(path, entries, is_seen=folder.name != "train")


def _example(path: Path, entries: list[dict[str, Any]], *, is_seen: bool) -> Example:
    loaded = next(load(path))
    drafts = cut(loaded)
    has_title = front_title(drafts, loaded.hints) is not None
    mark_by_rules(drafts, loaded, Carry(), has_title=has_title)
    shown = features_of(drafts, rules_of(drafts))
    hidden = features_of(drafts, [None] * len(drafts)) if is_seen else []
    for found in hidden:
        # That the rules found nothing is a sign of plain text; that they were not asked is none.
        del found["rule none"]
    truth = np.zeros((len(drafts), len(ROLES)))
    for start, end, label, also in labelled_spans(path, loaded, entries):
        for i, draft in enumerate(drafts):
            shared = min(end, draft.end) - max(start, draft.start)
            if shared > 0:
                truth[i, ROLES.index(Role(label))] += shared
                for other in also:
                    truth[i, ROLES.index(Role(other))] += _ALSO * shared
    truth /= np.maximum(truth.sum(axis=1, keepdims=True), 1e-9)
    return Example(path.name, path, entries, shown, hidden, truth, is_seen)


def fit_layer(features: Sequence[Features], truth: Matrix, l2: float = _L2) -> Layer:
    """Multinomial logistic regression: accelerated steps by a fixed bound of the curvature."""
    names = sorted({name for found in features for name in found})
    rows = np.hstack([matrix(features, names), np.ones((len(features), 1))])
    weights = np.zeros((rows.shape[1], len(ROLES)))
    held = weights.copy()
    penalty = np.append(np.full(len(names), l2), 1e-3)[:, None]
    inverse = np.linalg.inv(0.5 * rows.T @ rows + np.diag(penalty[:, 0]))
    known = truth.sum(axis=1, keepdims=True)
    for step in range(_STEPS):
        chances = Layer((), held, np.zeros(len(ROLES))).probabilities(rows)
        gradient = rows.T @ (known * chances - truth) + penalty * held
        new = held - inverse @ gradient
        held, weights = new + step / (step + 3) * (new - weights), new
    return Layer(tuple(names), weights[:-1], weights[-1])


def fit(examples: Sequence[Example]) -> Model:
    """Both regressions; the second learns from what the first says of documents it has not seen."""
    views = [(e, v) for e in examples for v in (e.shown, e.hidden) if v]
    first = _fit_views(views)
    second_views = []
    for fold in range(_INNER_FOLDS):
        names = {e.name for e in examples[fold::_INNER_FOLDS]}
        layer = _fit_views([(e, v) for e, v in views if e.name not in names])
        for example, view in views:
            if example.name in names:
                chances = layer.probabilities(matrix(view, layer.names))
                second_views.append((example, with_neighbours(view, chances)))
    return Model(first, _fit_views(second_views))


def _fit_views(views: Sequence[tuple[Example, list[Features]]]) -> Layer:
    return fit_layer([f for _, view in views for f in view], np.vstack([e.truth for e, _ in views]))


def leave_out(examples: Sequence[Example], n_folds: int) -> dict[str, Scores]:
    """Scores of each document by a model fitted without it, by the folder it lies in."""
    scores: dict[str, Scores] = {}
    for fold in range(n_folds):
        out = examples[fold::n_folds]
        model = fit([e for e in examples if e not in out])
        for example in out:
            for group in (example.path.parent.name, "all but train"):
                if group != "all but train" or example.is_seen:
                    held = scores.setdefault(group, Scores())
                    measure_document(example.path, example.entries, held, model)
    return scores


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and write `index/structure/weights.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, help="folder of the real documents")
    parser.add_argument("--folds", type=int, default=0, help="leave documents out in so many folds")
    parser.add_argument("--missed", action="store_true", help="list what the folds got wrong")
    parser.add_argument("--out", type=Path, default=Path("index/structure/weights.json"))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    examples = list(read_examples(options.real))
    _log.info("%d documents, %d blocks", len(examples), sum(len(e.shown) for e in examples))
    if options.folds:
        for group, scores in leave_out(examples, options.folds).items():
            _log.info("== %s\n%s", group, table(scores))
            for miss in scores.missed if options.missed and group != "all but train" else ():
                _log.info("%s", json.dumps(miss))
    model = fit(examples)
    result = {"first": model.first.as_json(), "second": model.second.as_json()}
    options.out.write_text(json.dumps(result, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
