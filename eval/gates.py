"""Gates: `--fail-under metric=value` makes an evaluation fail where a metric is not good enough.

The name fits most metrics, where higher is better: the value must not be under the gate. Where
lower is better (`wrong`, `wrong_refusal`, latencies) the gate is the most that is let through. The
value itself is compared, not its interval. A metric that no question of the set measures misses its
gate: a check that could not be made must not pass for one that was.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eval.errors import GateError
from eval.intervals import Metric
from eval.scoring import METRICS


@dataclass(frozen=True, slots=True)
class Gate:
    """A limit for a metric."""

    metric: str
    limit: float

    @property
    def lower_is_better(self) -> bool:
        """Whether the limit is the most, not the least, that passes."""
        return METRICS[self.metric].lower_is_better


@dataclass(frozen=True, slots=True)
class GateResult:
    """A gate with the value that met or missed it."""

    gate: Gate
    value: float | None
    passed: bool

    def __str__(self) -> str:
        """One sentence for people."""
        relation = "at most" if self.gate.lower_is_better else "at least"
        verdict = "met" if self.passed else "MISSED"
        value = "not measured by this set" if self.value is None else f"{self.value:.4g}"
        return f"{verdict}: {self.gate.metric} is {value}, wanted {relation} {self.gate.limit:g}"


def parse_gate(text: str) -> Gate:
    """A gate from `metric=value`.

    Raises:
        GateError: unknown metric (the message lists the known ones), no number, or a number that a
            ratio can never have.
    """
    name, separator, number = text.partition("=")
    name = name.strip()
    if not separator:
        raise GateError(f"a gate is written metric=value, for example right=0.6, not {text!r}")
    if name not in METRICS:
        raise GateError(f"unknown metric {name!r}; known: {', '.join(METRICS)}")
    try:
        limit = float(number)
    except ValueError:
        raise GateError(f"the gate {name} needs a number, not {number.strip()!r}") from None
    if not math.isfinite(limit) or limit < 0:
        raise GateError(f"the gate {name} needs a number from 0 on, not {number.strip()!r}")
    if METRICS[name].ratio and limit > 1:
        raise GateError(f"{name} lies between 0 and 1: write {limit / 100:g} for {limit:g} %")
    return Gate(name, limit)


def check_gates(gates: Iterable[Gate], metrics: Mapping[str, Metric]) -> list[GateResult]:
    """Each gate with its verdict, in order."""
    return [_check(gate, metrics[gate.metric].value) for gate in gates]


def _check(gate: Gate, value: float | None) -> GateResult:
    if value is None:
        return GateResult(gate, None, passed=False)
    passed = value <= gate.limit if gate.lower_is_better else value >= gate.limit
    return GateResult(gate, value, passed)
