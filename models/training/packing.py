"""Rows for training a reader: one passage, read once, and several questions on it.

The passage stands before the question, so its state does not depend on the question. A row is
therefore the passage followed by all its questions with their answers; each question sees the passage
and itself, never another question, and its positions go on from the passage's end. Nine questions cost
little more than one.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True, slots=True)
class PackedRow:
    """Token ids of a passage's prompt, and of each question's part and answer (end mark included)."""

    passage: tuple[int, ...]
    questions: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]

    def __len__(self) -> int:
        return len(self.passage) + sum(len(q) + len(a) for q, a in self.questions)


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of some rows.

    Attributes:
        tokens: shape (rows, length), int64, padded with 0.
        positions: shape (rows, length), int64.
        mask: shape (rows, 1, length, length), additive: 0 where a token may look, very low elsewhere.
        predicts: shape (targets,), int64, places in the flattened rows whose next token is learned.
        targets: shape (targets,), int64, that next token.
        weights: shape (targets,), float32, sum to 1: every question counts the same.
    """

    tokens: torch.Tensor
    positions: torch.Tensor
    mask: torch.Tensor
    predicts: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor


def split_rows(rows: Sequence[PackedRow], max_tokens: int) -> list[PackedRow]:
    """Rows of at most `max_tokens`; the passage is repeated where its questions need two.

    A passage that is too long even with a single question is left out.
    """
    parts: list[PackedRow] = []
    for row in rows:
        held: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        used = len(row.passage)
        for question in row.questions:
            need = len(question[0]) + len(question[1])
            if len(row.passage) + need > max_tokens:
                continue
            if used + need > max_tokens:
                parts.append(PackedRow(row.passage, tuple(held)))
                held, used = [], len(row.passage)
            held.append(question)
            used += need
        if held:
            parts.append(PackedRow(row.passage, tuple(held)))
    return parts


def batches_of(
    rows: Sequence[PackedRow], tokens_per_batch: int, rng: random.Random
) -> Iterator[list[PackedRow]]:
    """Rows of like length together, so that little is padding; batches in random order."""
    # A little noise, so that the same rows do not always meet.
    ordered = sorted(rows, key=lambda row: len(row) + rng.uniform(0, 24))
    batches: list[list[PackedRow]] = [[]]
    for row in ordered:
        if batches[-1] and (len(batches[-1]) + 1) * len(row) > tokens_per_batch:
            batches.append([])
        batches[-1].append(row)
    rng.shuffle(batches)
    yield from (batch for batch in batches if batch)


def collate(rows: Sequence[PackedRow], dtype: torch.dtype = torch.float32) -> Batch:
    """The tensors of some rows; `dtype` is the mask's."""
    length = max(len(row) for row in rows)
    tokens = np.zeros((len(rows), length), dtype=np.int64)
    positions = np.zeros((len(rows), length), dtype=np.int64)
    part = np.full((len(rows), length), -1, dtype=np.int64)
    predicts: list[int] = []
    targets: list[int] = []
    weights: list[float] = []
    for i, row in enumerate(rows):
        n = len(row.passage)
        tokens[i, :n] = row.passage
        positions[i, :n] = np.arange(n)
        part[i, :n] = 0
        at = n
        for number, (question, answer) in enumerate(row.questions, start=1):
            both = question + answer
            tokens[i, at : at + len(both)] = both
            positions[i, at : at + len(both)] = n + np.arange(len(both))
            part[i, at : at + len(both)] = number
            first = i * length + at + len(question) - 1
            predicts.extend(range(first, first + len(answer)))
            targets.extend(answer)
            weights.extend([1.0 / len(answer)] * len(answer))
            at += len(both)
    same = part[:, :, None] == part[:, None, :]
    sees = (same | (part[:, None, :] == 0)) & (part[:, :, None] >= 0)
    sees &= np.tril(np.ones((length, length), dtype=bool))
    sees |= np.eye(length, dtype=bool)  # padding looks at itself, else its softmax has no sense
    mask = torch.zeros((len(rows), 1, length, length), dtype=dtype)
    mask.masked_fill_(~torch.from_numpy(sees)[:, None], torch.finfo(dtype).min)
    weight = torch.tensor(weights)
    return Batch(
        tokens=torch.from_numpy(tokens),
        positions=torch.from_numpy(positions),
        mask=mask,
        predicts=torch.tensor(predicts),
        targets=torch.tensor(targets),
        weights=weight / weight.sum(),
    )
