"""The training loop: linear decay, averaged weights, checkpoints, a log of losses."""

import json
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import torch
from torch import nn

_log = logging.getLogger(__name__)
BatchT = TypeVar("BatchT", contravariant=True)


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How a model is trained.

    Attributes:
        steps: optimiser steps.
        learning_rate: at its highest; it rises over the first `warmup` steps, then falls to 0.
        warmup: steps.
        tokens_per_batch: tokens of a batch at most, padding included.
        averaging: the exported weights are an exponential mean of the last steps with this decay.
        weight_decay: of AdamW, on matrices only.
        seed: of the order of batches and of the first weights.
        bf16: compute in bfloat16; the trained weights stay float32.
    """

    steps: int
    learning_rate: float = 8e-4
    warmup: int = 20
    tokens_per_batch: int = 1024
    averaging: float = 0.98
    weight_decay: float = 0.0
    seed: int = 0
    bf16: bool = True


class Learner(Protocol[BatchT]):
    """What the loop trains."""

    def prepare(self, device: str, *, bf16: bool) -> None:
        """Move to where it is trained, ready to learn."""

    def parameters(self) -> list[nn.Parameter]:
        """What is trained, in a fixed order."""

    def state(self) -> dict[str, torch.Tensor]:
        """Copies of the trained weights by name, float32."""

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Take weights that `state` gave."""

    def loss(self, batch: BatchT) -> torch.Tensor:
        """Mean loss of a batch, nats."""

    def finish(self) -> None:
        """Back to the CPU, ready to be used."""


def train(
    learner: Learner[BatchT],
    batches: Iterator[BatchT],
    settings: TrainingSettings,
    work: Path,
    *,
    checkpoint_every: int = 100,
) -> dict[str, torch.Tensor]:
    """Train, and go on from the last checkpoint if `work` holds one of the same settings.

    Args:
        learner: trained in place, from the weights it has.
        batches: at least `settings.steps`, the same in every run with the same settings.
        settings: see there.
        work: folder of `checkpoint.pt`, `losses.jsonl` and, at the end, `weights.pt`: what is returned.
        checkpoint_every: steps.

    Returns:
        The averaged weights, as the learner's `state` gives them, on the CPU.
    """
    work.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    learner.prepare(device, bf16=settings.bf16)
    optimiser = _optimiser(learner, settings)
    mean = learner.state()
    first = 0
    checkpoint = work / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True, map_location=device)
        if saved["settings"] == asdict(settings):
            learner.load(saved["state"])
            optimiser.load_state_dict(saved["optimiser"])
            mean, first = saved["mean"], saved["step"]
            _log.info("going on from step %d", first)
    began = time.monotonic()
    with (work / "losses.jsonl").open("a") as log:
        for step, batch in zip(range(1, settings.steps + 1), batches, strict=False):
            if step <= first:
                continue
            for group in optimiser.param_groups:
                group["lr"] = settings.learning_rate * _rate(step, settings)
            loss = learner.loss(batch)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            _average(mean, learner.state(), min(settings.averaging, step / (step + 9)))
            log.write(json.dumps({"step": step, "loss": round(float(loss.detach()), 4)}) + "\n")
            if step % 20 == 0:
                log.flush()
                pace = (time.monotonic() - began) / (step - first)
                _log.info("step %d loss %.3f, %.2f s a step", step, float(loss.detach()), pace)
            if step % checkpoint_every == 0:
                _save(checkpoint, settings, learner, optimiser, mean, step)
    learner.finish()
    weights = {name: value.to("cpu", torch.float32) for name, value in mean.items()}
    torch.save(weights, work / "weights.pt")
    return weights


def _optimiser(learner: Learner[BatchT], settings: TrainingSettings) -> torch.optim.AdamW:
    """AdamW; biases and norms do not decay."""
    matrices = [p for p in learner.parameters() if p.ndim > 1]
    others = [p for p in learner.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": settings.weight_decay}]
    if others:
        groups.append({"params": others, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, lr=settings.learning_rate)


def _rate(step: int, settings: TrainingSettings) -> float:
    """Share of the highest learning rate at a step, 0..1."""
    rising = min(1.0, step / max(1, settings.warmup))
    return rising * max(0.0, 1.0 - step / (settings.steps + 1))


def _average(mean: dict[str, torch.Tensor], state: dict[str, torch.Tensor], decay: float) -> None:
    for name, value in state.items():
        mean[name].mul_(decay).add_(value, alpha=1.0 - decay)


def _save(
    path: Path,
    settings: TrainingSettings,
    learner: Learner[BatchT],
    optimiser: torch.optim.Optimizer,
    mean: dict[str, torch.Tensor],
    step: int,
) -> None:
    part = path.with_name(path.name + ".part")
    saved = {
        "settings": asdict(settings),
        "state": learner.state(),
        "mean": mean,
        "optimiser": optimiser.state_dict(),
        "step": step,
    }
    torch.save(saved, part)
    part.replace(path)
