"""A small learned model that weighs what the rules found against everything else about a block.

Two multinomial logistic regressions: the first sees each block's features, the second also what the
first thinks of the neighbours. Weights are fitted by `eval.training.fit_structure`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.structure.features import Features
from index.types import Role

Matrix = NDArray[np.float64]
ROLES = tuple(Role)
_WEIGHTS = Path(__file__).with_name("weights.json")
_NEIGHBOURS = (-3, -2, -1, 1, 2, 3)
_REASONS = 2


@dataclass(frozen=True, slots=True)
class Layer:
    """One regression: a row of weights for each feature, a column for each role."""

    names: tuple[str, ...]
    weights: Matrix
    bias: Matrix

    def probabilities(self, rows: Matrix) -> Matrix:
        """Of each role for each row."""
        scores = rows @ self.weights + self.bias
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        result: Matrix = powers / powers.sum(axis=1, keepdims=True)
        return result

    def as_json(self) -> dict[str, Any]:
        """Weights by feature, without those that say nothing."""
        return {
            "bias": [round(float(b), 3) for b in self.bias],
            "weights": {
                name: [round(float(w), 3) for w in row]
                for name, row in zip(self.names, self.weights, strict=True)
                if np.abs(row).max() >= 0.0005
            },
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Layer":
        """The opposite of `as_json`."""
        weights = data["weights"]
        return cls(tuple(weights), np.array(list(weights.values())), np.array(data["bias"]))


@dataclass(frozen=True, slots=True)
class Model:
    """Both regressions."""

    first: Layer
    second: Layer

    def probabilities(self, features: Sequence[Features]) -> Matrix:
        """Of each role for each block of a document."""
        first = self.first.probabilities(matrix(features, self.first.names))
        return self.second.probabilities(
            matrix(with_neighbours(features, first), self.second.names)
        )

    def reason(self, features: Features, role: Role) -> str:
        """The features that speak most for a role."""
        column = ROLES.index(role)
        weights = dict(zip(self.first.names, self.first.weights[:, column], strict=True))
        pulls = {n: weights[n] * v for n, v in features.items() if n in weights and v > 0}
        best = sorted(pulls, key=lambda name: -pulls[name])
        told = [n for n in best if not n.startswith(("length", "words", "rule", "from the"))]
        return "learned: " + ", ".join(told[:_REASONS]) if told else "learned from similar blocks"


def matrix(features: Sequence[Features], names: Sequence[str]) -> Matrix:
    """Features as rows; names that the model does not know are left out."""
    places = {name: i for i, name in enumerate(names)}
    rows = np.zeros((len(features), len(names)))
    for i, found in enumerate(features):
        for name, value in found.items():
            if (place := places.get(name)) is not None:
                rows[i, place] = value
    return rows


def with_neighbours(features: Sequence[Features], first: Matrix) -> list[Features]:
    """Features and what the first regression thinks of the blocks around."""
    result: list[Features] = []
    overall = first.mean(axis=0)
    n = len(features)
    for i, found in enumerate(features):
        more = dict(found)
        for k, role in enumerate(ROLES):
            more[f"self {role.value}"] = float(first[i, k])
            more[f"document {role.value}"] = float(overall[k])
            more[f"before {role.value}"] = float(first[max(0, i - 6) : i, k].sum()) / 6
            more[f"after {role.value}"] = float(first[i + 1 : i + 7, k].sum()) / 6
            for step in _NEIGHBOURS:
                if 0 <= i + step < n:
                    more[f"{step:+d} {role.value}"] = float(first[i + step, k])
        result.append(more)
    return result


@cache
def default_model() -> Model | None:
    """The fitted model that comes with the package."""
    if not _WEIGHTS.exists():
        return None
    data = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return Model(Layer.from_json(data["first"]), Layer.from_json(data["second"]))
