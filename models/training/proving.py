"""What the training loop needs to train the prover: rows, batches, the losses of its heads."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.func import functional_call
from torch.nn import functional

from models.pairs import Pair, as_arrays
from models.prover_net import Judged, ProverNet
from models.training.loop import TrainingSettings

# Not known, so nothing is learned from it.
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class ProverRow:
    """A pair and what is known of it.

    Attributes:
        pair: token ids.
        answerable: 1 where the passage holds the answer, 0 where not, or UNKNOWN.
        span: first and last token of the answer, places in `pair.ids`, or None.
        support: index into SUPPORT_CLASSES, or UNKNOWN.
        sentences: (first token, one past the last, whether it is evidence) of the passage's sentences,
            places in `pair.ids`; none where that is not known.
    """

    pair: Pair
    answerable: int = UNKNOWN
    span: tuple[int, int] | None = None
    support: int = UNKNOWN
    sentences: tuple[tuple[int, int, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class ProverItem:
    """Rows that belong together; `ranked`: the first passage is more relevant than the others."""

    rows: tuple[ProverRow, ...]
    ranked: bool = False

    def __len__(self) -> int:
        return max(len(row.pair.ids) for row in self.rows)


class ProverLearner:
    """A prover as the loop trains it (`models.training.loop.Learner`)."""

    def __init__(self, net: ProverNet) -> None:
        self.net = net
        self._device = "cpu"
        self._type = torch.float32

    def prepare(self, device: str, *, bf16: bool) -> None:
        """Move there; the shared embedding table stays as it is.

        Attention is computed plainly: on a CPU the fused kernel's backward pass took half of a step.
        """
        self._device, self._type = device, torch.bfloat16 if bf16 else torch.float32
        self.net.to(device).train()
        self.net.bert.set_attn_implementation("eager")
        table = self.net.bert.embeddings.word_embeddings.requires_grad_(False)
        table.to(self._type)

    def parameters(self) -> list[nn.Parameter]:
        """All but the embedding table."""
        return list(self.net.trained_parameters().values())

    def state(self) -> dict[str, torch.Tensor]:
        """Copies of the trained weights."""
        return {n: p.detach().clone() for n, p in self.net.trained_parameters().items()}

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Take weights that `state` gave."""
        with torch.no_grad():
            for name, parameter in self.net.trained_parameters().items():
                parameter.copy_(state[name])

    def loss(self, batch: Sequence[ProverItem]) -> torch.Tensor:
        """Sum of what each head has to learn from the batch, for one item."""
        rows = [row for item in batch for row in item.rows]
        ids, types, mask = (torch.from_numpy(a).to(self._device) for a in as_arrays_of(rows))
        # Cast once a step, matrices stay float32 where they are updated: autocast was a third slower.
        cast = {n: p.to(self._type) for n, p in self.net.trained_parameters().items()}
        judged: Judged = functional_call(self.net, cast, (ids, types, mask))
        total = _answerable_loss(judged.answerable, rows) + _span_loss(judged.spans, rows)
        total = total + _support_loss(judged.support, rows)
        sentences = _sentence_logits(judged.evidence, rows)
        at = 0
        for item in batch:
            n = len(item.rows)
            if item.ranked:
                # The first passage against the others (listwise softmax).
                total = total - torch.log_softmax(judged.relevance[at : at + n], dim=0)[0]
            total = total + _evidence_loss(sentences[at : at + n], item.rows)
            at += n
        return total / len(batch)

    def finish(self) -> None:
        """Back to the CPU and to float32, dropout off."""
        self.net.to("cpu", torch.float32).eval()


def as_arrays_of(rows: Sequence[ProverRow]) -> tuple[np.ndarray, ...]:
    """Ids, types and mask of the rows' pairs, each of shape (rows, longest)."""
    return as_arrays([row.pair for row in rows])


def item_batches(
    items: Sequence[ProverItem], settings: TrainingSettings
) -> Iterator[list[ProverItem]]:
    """Batches without end: items of like length together, batches in random order."""
    rng = random.Random(settings.seed)
    while True:
        yield from one_pass(items, settings.tokens_per_batch, rng)


def one_pass(
    items: Sequence[ProverItem], tokens_per_batch: int, rng: random.Random
) -> list[list[ProverItem]]:
    """Every item once, in batches of at most so many tokens, padding included."""
    batches: list[list[ProverItem]] = [[]]
    held = longest = 0
    for item in sorted(items, key=lambda item: len(item) + rng.uniform(0, 16)):
        longest_then = max(longest, len(item))
        if batches[-1] and (held + len(item.rows)) * longest_then > tokens_per_batch:
            batches.append([])
            held, longest_then = 0, len(item)
        batches[-1].append(item)
        held, longest = held + len(item.rows), longest_then
    rng.shuffle(batches)
    return [batch for batch in batches if batch]


def _answerable_loss(logits: torch.Tensor, rows: Sequence[ProverRow]) -> torch.Tensor:
    known = [i for i, row in enumerate(rows) if row.answerable != UNKNOWN]
    wanted = torch.tensor([float(rows[i].answerable) for i in known], device=logits.device)
    return functional.binary_cross_entropy_with_logits(logits[known], wanted, reduction="sum")


def _span_loss(logits: torch.Tensor, rows: Sequence[ProverRow]) -> torch.Tensor:
    """Mean of the losses of the two ends, summed over the rows that have a span."""
    known = [(i, row.span) for i, row in enumerate(rows) if row.span is not None]
    if not known:
        return logits.new_zeros(())
    wanted = torch.tensor([span for _, span in known], device=logits.device)
    chosen = logits[[i for i, _ in known]]
    return functional.cross_entropy(chosen, wanted, reduction="sum") / 2


def _sentence_logits(logits: torch.Tensor, rows: Sequence[ProverRow]) -> list[torch.Tensor]:
    """Mean logit of each sentence: for every row a tensor of shape (its sentences,)."""
    sums = functional.pad(logits.cumsum(dim=1), (1, 0))
    found = []
    for i, row in enumerate(rows):
        first = torch.tensor([a for a, _, _ in row.sentences], dtype=torch.long).to(logits.device)
        stop = torch.tensor([b for _, b, _ in row.sentences], dtype=torch.long).to(logits.device)
        found.append((sums[i, stop] - sums[i, first]) / (stop - first))
    return found


def _evidence_loss(logits: Sequence[torch.Tensor], rows: Sequence[ProverRow]) -> torch.Tensor:
    """Whether a sentence is evidence (a row's mean), and which one of all the item's passages.

    Args:
        logits: of the sentences of each row of one item.
        rows: the item's.
    """
    all_logits = torch.cat(list(logits))
    total = all_logits.new_zeros(())
    for own, row in zip(logits, rows, strict=True):
        if row.sentences:
            wanted = torch.tensor([float(e) for _, _, e in row.sentences], device=own.device)
            total = total + functional.binary_cross_entropy_with_logits(own, wanted)
    proves = torch.tensor(
        [e for row in rows for _, _, e in row.sentences], dtype=torch.bool, device=total.device
    )
    if proves.any():
        total = total + all_logits.logsumexp(0) - all_logits[proves].logsumexp(0)
    return total


def _support_loss(logits: torch.Tensor, rows: Sequence[ProverRow]) -> torch.Tensor:
    wanted = torch.tensor([row.support for row in rows], device=logits.device)
    return functional.cross_entropy(logits, wanted, ignore_index=UNKNOWN, reduction="sum")
