"""The training loop of an adapter: linear decay, averaged weights, checkpoints, a log of losses."""

import json
import logging
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch.nn import functional

from models.training.lora import Adapter
from models.training.packing import Batch, PackedRow, batches_of, collate

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How an adapter is trained.

    Attributes:
        steps: optimiser steps.
        learning_rate: at its highest; it rises over the first `warmup` steps, then falls to 0.
        warmup: steps.
        tokens_per_batch: tokens of a batch at most, padding included.
        averaging: the exported weights are an exponential mean of the last steps with this decay.
        seed: of the order of batches and of the adapter's first weights.
        bf16: compute in bfloat16; the adapter's own weights stay float32.
    """

    steps: int
    learning_rate: float = 8e-4
    warmup: int = 20
    tokens_per_batch: int = 1024
    averaging: float = 0.98
    seed: int = 0
    bf16: bool = True


def train(
    adapter: Adapter,
    rows: Sequence[PackedRow],
    settings: TrainingSettings,
    work: Path,
    *,
    checkpoint_every: int = 100,
) -> dict[str, torch.Tensor]:
    """Train, and go on from the last checkpoint if `work` holds one of the same settings.

    Args:
        adapter: over the base model; trained in place.
        rows: all training rows; passed over as often as the steps need.
        settings: see there.
        work: folder of `checkpoint.pt` and `losses.jsonl`.
        checkpoint_every: steps.

    Returns:
        The averaged weights, as `Adapter.state` gives them.
    """
    work.mkdir(parents=True, exist_ok=True)
    dtype = torch.bfloat16 if settings.bf16 else torch.float32
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = adapter.model.to(device=device)
    _set_base_type(adapter, dtype)
    optimiser = torch.optim.AdamW(adapter.parameters(), lr=settings.learning_rate, weight_decay=0.0)
    mean = adapter.state()
    first = 0
    checkpoint = work / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True, map_location=device)
        if saved["settings"] == asdict(settings):
            adapter.load(saved["state"])
            optimiser.load_state_dict(saved["optimiser"])
            mean, first = saved["mean"], saved["step"]
            _log.info("going on from step %d", first)
    began, n_tokens = time.monotonic(), 0
    with (work / "losses.jsonl").open("a") as log:
        for step, batch in enumerate(_batches(rows, settings), start=1):
            if step > settings.steps:
                break
            if step <= first:
                continue
            tensors = collate(batch, dtype)
            for group in optimiser.param_groups:
                group["lr"] = settings.learning_rate * _rate(step, settings)
            loss = loss_of(adapter, tensors, device)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(adapter.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            _average(mean, adapter.state(), min(settings.averaging, step / (step + 9)))
            n_tokens += tensors.tokens.numel()
            log.write(json.dumps({"step": step, "loss": round(float(loss.detach()), 4)}) + "\n")
            if step % 20 == 0:
                log.flush()
                rate = n_tokens / (time.monotonic() - began)
                _log.info("step %d loss %.3f, %.0f tokens/s", step, float(loss.detach()), rate)
            if step % checkpoint_every == 0:
                _save(checkpoint, settings, adapter, optimiser, mean, step)
    model.to("cpu")
    return {name: value.to("cpu", torch.float32) for name, value in mean.items()}


def loss_of(adapter: Adapter, batch: Batch, device: str = "cpu") -> torch.Tensor:
    """Mean over the questions of the mean negative log likelihood of their answers' tokens, nats."""
    hidden = adapter.model.model(
        input_ids=batch.tokens.to(device),
        attention_mask=batch.mask.to(device),
        position_ids=batch.positions.to(device),
        use_cache=False,
    ).last_hidden_state
    # The vocabulary is the widest layer of all; only answers need it.
    wanted = hidden.flatten(0, 1)[batch.predicts.to(device)]
    logits = adapter.model.lm_head(wanted).float()
    losses = functional.cross_entropy(logits, batch.targets.to(device), reduction="none")
    return (losses * batch.weights.to(device)).sum()


def _set_base_type(adapter: Adapter, dtype: torch.dtype) -> None:
    """The frozen weights in `dtype`; the adapter's stay float32."""
    for parameter in adapter.model.parameters():
        if not parameter.requires_grad:
            parameter.data = parameter.data.to(dtype)


def _batches(rows: Sequence[PackedRow], settings: TrainingSettings) -> Iterator[list[PackedRow]]:
    rng = random.Random(settings.seed)
    while True:
        yield from batches_of(rows, settings.tokens_per_batch, rng)


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
    adapter: Adapter,
    optimiser: torch.optim.Optimizer,
    mean: dict[str, torch.Tensor],
    step: int,
) -> None:
    part = path.with_name(path.name + ".part")
    saved = {
        "settings": asdict(settings),
        "state": adapter.state(),
        "mean": mean,
        "optimiser": optimiser.state_dict(),
        "step": step,
    }
    torch.save(saved, part)
    part.replace(path)


def steps_for(rows: Sequence[PackedRow], epochs: float, tokens_per_batch: int) -> int:
    """Optimiser steps of so many passes over the rows."""
    one = sum(1 for _ in batches_of(rows, tokens_per_batch, random.Random(0)))
    return math.ceil(one * epochs)
