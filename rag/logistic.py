"""A fitted logistic regression, as the project's weight files hold it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LogisticModel:
    """A fitted logistic regression: log odds = weights · (features - mean) / scale + bias."""

    weights: Features
    mean: Features
    scale: Features
    bias: float

    def log_odds(self, features: Features) -> Features:
        """Shape (n, number of features) -> (n,)."""
        return np.asarray((features - self.mean) / self.scale @ self.weights + self.bias)

    def probability(self, row: Features) -> float:
        """Of one row of features, shape (number of features,), 0..1."""
        odds = float(self.log_odds(row))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))

    def as_json(self) -> dict[str, Any]:
        """What `read_model` reads."""
        return {
            "weights": self.weights.tolist(),
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
            "bias": self.bias,
        }


def read_model(data: Mapping[str, Any]) -> LogisticModel:
    """A fitted model as it is written in the project's weight files."""
    return LogisticModel(
        weights=np.array(data["weights"], dtype=np.float64),
        mean=np.array(data["mean"], dtype=np.float64),
        scale=np.array(data["scale"], dtype=np.float64),
        bias=float(data["bias"]),
    )
