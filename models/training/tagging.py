"""What the training loop needs to train the tagger: annotated questions, batches, the losses."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

from models.tagger import ASKS, LABELS, Words, split_words
from models.tagger_net import TaggerNet
from models.training.loop import TrainingSettings

_MARK = re.compile(r"\{(\w+)\|([^{}]+)\}")
# Values that may stand in each other's place: the words around them say what they are.
_EXCHANGED = {"want": "thing", "not": "thing", "by": "name", "to": "name", "with": "name"}
_LABEL_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Annotated:
    """A question whose words are known.

    Attributes:
        asks: one of `ASKS`.
        parts: (label, words) from left to right; put together they are the question.
    """

    asks: str
    parts: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The question as it was typed."""
        return "".join(words for _, words in self.parts)


def annotated(line: str) -> Annotated:
    """A line of `eval/library_questions`: what is asked, a tab, the question with `{label|words}`.

    Raises:
        ValueError: what is asked or a label is not known, or a brace is left over.
    """
    asks, _, text = line.rstrip("\n").partition("\t")
    parts: list[tuple[str, str]] = []
    at = 0
    for match in _MARK.finditer(text):
        parts += [("", text[at : match.start()]), (match[1], match[2])]
        at = match.end()
    parts.append(("", text[at:]))
    unknown = {label for label, _ in parts} - set(LABELS)
    if asks not in ASKS or unknown or any(c in words for _, words in parts for c in "{}|"):
        raise ValueError(f"not an annotated question: {line!r}")
    return Annotated(asks, tuple((label, words) for label, words in parts if words))


@dataclass(frozen=True, slots=True)
class TaggingRow:
    """A question as numbers: `labels` of the words' first tokens."""

    words: Words
    asks: int
    labels: tuple[int, ...]


class Questions:
    """Annotated questions, varied each time they are drawn.

    Args:
        questions: the annotated ones.
        ordinary: questions that ask nothing of a library, as text.
        tokenizer: of the embedder.
    """

    def __init__(
        self, questions: Sequence[Annotated], ordinary: Sequence[str], tokenizer: Tokenizer
    ) -> None:
        self._questions = questions
        self._ordinary = ordinary
        self._tokenizer = tokenizer
        self._values: dict[str, list[str]] = {}
        for question in questions:
            for label, words in question.parts:
                if label in _EXCHANGED:
                    self._values.setdefault(_EXCHANGED[label], []).append(words)

    def one_pass(self, rng: random.Random, *, ordinary_share: float) -> list[TaggingRow]:
        """Every annotated question once, varied, and some ordinary ones."""
        n = min(len(self._ordinary), round(ordinary_share * len(self._questions)))
        rows = [self.row(self._varied(question, rng)) for question in self._questions]
        others = [Annotated("none", (("", text),)) for text in rng.sample(self._ordinary, n)]
        rows += [self.row(_typed(question, rng)) for question in others]
        rng.shuffle(rows)
        return rows

    def row(self, question: Annotated) -> TaggingRow:
        """A question as numbers."""
        words = split_words(self._tokenizer, question.text)
        owners = [label for label, text in question.parts for _ in text]
        labels = tuple(LABELS.index(owners[start]) for start, _ in words.spans)
        return TaggingRow(words, ASKS.index(question.asks), labels)

    def _varied(self, question: Annotated, rng: random.Random) -> Annotated:
        """With other things and names in the same places, half of the time, and typed otherwise."""
        if rng.random() < 0.5:
            return _typed(question, rng)
        parts = [
            (label, rng.choice(self._values[_EXCHANGED[label]]))
            if label in _EXCHANGED and rng.random() < 0.7
            else (label, words)
            for label, words in question.parts
        ]
        return _typed(Annotated(question.asks, tuple(parts)), rng)


def _typed(question: Annotated, rng: random.Random) -> Annotated:
    """Now and then without the mark at the end."""
    if rng.random() < 0.2 and question.parts[-1][1].endswith(("?", ".")):
        label, words = question.parts[-1]
        parts = (*question.parts[:-1], (label, words[:-1]))
        return Annotated(question.asks, tuple(part for part in parts if part[1]))
    return question


class TaggerLearner:
    """A tagger as the loop trains it (`models.training.loop.Learner`)."""

    def __init__(self, net: TaggerNet) -> None:
        self.net = net
        self._device = "cpu"
        self._type = torch.float32

    def prepare(self, device: str, *, bf16: bool) -> None:
        """Move to where it is trained; what is not trained is frozen."""
        self._device, self._type = device, torch.bfloat16 if bf16 else torch.float32
        trained = self.net.trained_parameters()
        for name, parameter in self.net.named_parameters():
            parameter.requires_grad_(name in trained)
        self.net.to(device).train()

    def parameters(self) -> list[nn.Parameter]:
        """What is trained."""
        return list(self.net.trained_parameters().values())

    def state(self) -> dict[str, torch.Tensor]:
        """Copies of the trained weights."""
        return {n: p.detach().clone() for n, p in self.net.trained_parameters().items()}

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Take weights that `state` gave."""
        with torch.no_grad():
            for name, parameter in self.net.trained_parameters().items():
                parameter.copy_(state[name])

    def loss(self, batch: Sequence[TaggingRow]) -> torch.Tensor:
        """Cross entropy of what is asked and of the words' labels, nats."""
        ids, mask = _padded(batch)
        with torch.autocast(
            self._device, dtype=torch.bfloat16, enabled=self._type is torch.bfloat16
        ):
            asks, labels = self.net(ids.to(self._device), mask.to(self._device))
        wanted = torch.tensor([row.asks for row in batch], device=self._device)
        places = [(i, place) for i, row in enumerate(batch) for place in row.words.first]
        rows = torch.tensor([i for i, _ in places], device=self._device)
        columns = torch.tensor([place for _, place in places], device=self._device)
        said = torch.tensor([n for row in batch for n in row.labels], device=self._device)
        of_words = functional.cross_entropy(labels[rows, columns], said, label_smoothing=0.02)
        of_all = functional.cross_entropy(asks, wanted, label_smoothing=0.02)
        return of_all + _LABEL_WEIGHT * of_words

    def finish(self) -> None:
        """Back to the CPU, ready to be used."""
        self.net.to("cpu").eval()


def _padded(batch: Sequence[TaggingRow]) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(len(row.words.ids) for row in batch)
    ids = torch.zeros((len(batch), longest), dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(batch):
        ids[i, : len(row.words.ids)] = torch.tensor(row.words.ids)
        mask[i, : len(row.words.ids)] = 1
    return ids, mask


def batches(
    questions: Questions, settings: TrainingSettings, *, size: int, ordinary_share: float
) -> Iterator[list[TaggingRow]]:
    """Batches without end, of like length each, drawn anew in every pass."""
    rng = random.Random(settings.seed)
    while True:
        rows = questions.one_pass(rng, ordinary_share=ordinary_share)
        rows.sort(key=lambda row: len(row.words.ids) + rng.uniform(0, 6))
        pieces = [rows[at : at + size] for at in range(0, len(rows), size)]
        rng.shuffle(pieces)
        yield from pieces
