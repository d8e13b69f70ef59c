"""What the training loop needs to train a reader adapter."""

import math
import random
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import nn
from torch.nn import functional

from models.training.loop import TrainingSettings
from models.training.lora import Adapter
from models.training.packing import Batch, PackedRow, batches_of, collate


class ReaderLearner:
    """An adapter as the loop trains it (`models.training.loop.Learner`)."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter
        self._device = "cpu"
        self._type = torch.float32

    def prepare(self, device: str, *, bf16: bool) -> None:
        """Move there; the frozen weights in bfloat16, the adapter's stay float32."""
        self._device = device
        self._type = torch.bfloat16 if bf16 else torch.float32
        self.adapter.model.to(device=device).train()
        for parameter in self.adapter.model.parameters():
            if not parameter.requires_grad:
                parameter.data = parameter.data.to(self._type)

    def parameters(self) -> list[nn.Parameter]:
        """The adapter's."""
        return self.adapter.parameters()

    def state(self) -> dict[str, torch.Tensor]:
        """The adapter's weights."""
        return self.adapter.state()

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Take weights that `state` gave."""
        self.adapter.load(state)

    def loss(self, batch: Sequence[PackedRow]) -> torch.Tensor:
        """See `loss_of`."""
        return loss_of(self.adapter, collate(batch, self._type), self._device)

    def finish(self) -> None:
        """Back to the CPU, dropout off."""
        self.adapter.model.to("cpu").eval()


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


def row_batches(rows: Sequence[PackedRow], settings: TrainingSettings) -> Iterator[list[PackedRow]]:
    """Batches without end, pass after pass, each in another order."""
    rng = random.Random(settings.seed)
    while True:
        yield from batches_of(rows, settings.tokens_per_batch, rng)


def steps_for(rows: Sequence[PackedRow], epochs: float, tokens_per_batch: int) -> int:
    """Optimiser steps of so many passes over the rows."""
    one = sum(1 for _ in batches_of(rows, tokens_per_batch, random.Random(0)))
    return math.ceil(one * epochs)
