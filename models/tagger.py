"""The tagger: reads a question about a whole library and says what is asked and what each word is.

One small network (`models.tagger_net`) trained by the project on annotated questions
(`eval/library_questions`). Its labels are marks for `rag.census_tagged`; what they mean is told there.
"""

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import ModelError
from models.packaged import starter_embedder_dir
from models.surrogates import without_surrogates
from models.threads import wait_patiently

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from models.tagger_net import TaggerNet

ASKS = (
    "none",
    "count",
    "list",
    "first",
    "last",
    "times",
    "most",
    "author",
    "speakers",
    "highest",
    "lowest",
)
"""What a question asks of a library; "none" for a question that one passage answers."""

LABELS = (
    "",
    "kind",
    "notkind",
    "want",
    "not",
    "in",
    "from",
    "until",
    "after",
    "before",
    "by",
    "to",
    "with",
    "over",
    "least",
    "under",
    "most",
    "exactly",
    "measure",
    "undated",
)
"""What a word of a question is; "" for one that names nothing."""

WEIGHTS = "weights/tagger.safetensors"
TRAINED_LAYERS = 4
MAX_TOKENS = 128
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Tagged:
    """A question read.

    Attributes:
        asks: one of `ASKS`.
        probability: of `asks`, 0..1.
        spans: (label, start, end) of neighbouring words with one label, characters, in order.
        least_sure: probability of the label that is least sure, 0..1.
    """

    asks: str
    probability: float
    spans: tuple[tuple[str, int, int], ...]
    least_sure: float


@dataclass(frozen=True, slots=True)
class Words:
    """A question as the network reads it.

    Attributes:
        ids: token ids with `[CLS]` and `[SEP]`.
        first: place in `ids` of each word's first token.
        spans: characters of each word.
    """

    ids: tuple[int, ...]
    first: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


class QuestionTagger:
    """The project's tagger; safe to share between threads.

    Args:
        weights: what the training wrote; by default what ships with the project.
        embedder: folder of the packaged embedder.
    """

    def __init__(self, weights: Path | None = None, embedder: Path | None = None) -> None:
        self._weights = weights or Path(str(files("models").joinpath(WEIGHTS)))
        self._folder = embedder
        self._lock = threading.Lock()

    def read(self, question: str) -> Tagged:
        """What a question asks and what its words are; of a very long one the end is not read."""
        import torch

        with self._lock, torch.inference_mode():
            words = split_words(self._tokenizer, question)
            ids = torch.tensor([words.ids])
            asks, labels = self._net(ids, torch.ones_like(ids))
            asked = torch.softmax(asks[0], dim=0).numpy()
            of_words = torch.softmax(labels[0, list(words.first)], dim=1).numpy()
        best = int(asked.argmax())
        chosen = of_words.argmax(axis=1)
        sure = float(of_words.max(axis=1).min()) if len(of_words) else 1.0
        return Tagged(ASKS[best], float(asked[best]), _spans(words, chosen.tolist()), sure)

    @cached_property
    def _net(self) -> "TaggerNet":
        wait_patiently()
        from models.tagger_net import TaggerNet

        net = TaggerNet(self._embedder, len(ASKS), len(LABELS), trained_layers=TRAINED_LAYERS)
        try:
            net.load_trained(self._weights)
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"cannot load the tagger's weights {self._weights}: {error}; install Footnote anew"
            ) from error
        return net.eval()

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return word_tokenizer(self._embedder)

    @cached_property
    def _embedder(self) -> Path:
        return self._folder or starter_embedder_dir()


def word_tokenizer(folder: Path) -> "Tokenizer":
    """Word pieces of the embedder in a folder, uncut by its own settings."""
    from tokenizers import Tokenizer

    state = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    state["truncation"] = state["padding"] = None
    return Tokenizer.from_str(json.dumps(state))


def split_words(tokenizer: "Tokenizer", question: str) -> Words:
    """A question as words and signs, each in its word pieces."""
    begin, end = tokenizer.encode("").ids
    ids, first, spans = [begin], [], []
    for match in _WORD.finditer(without_surrogates(question)):
        pieces = tokenizer.encode(match.group(), add_special_tokens=False).ids
        if len(ids) + len(pieces) >= MAX_TOKENS:
            break
        if pieces:
            first.append(len(ids))
            spans.append(match.span())
            ids += pieces
    return Words((*ids, end), tuple(first), tuple(spans))


def _spans(words: Words, chosen: Sequence[int]) -> tuple[tuple[str, int, int], ...]:
    """Neighbouring words with one label as one span."""
    found: list[tuple[str, int, int]] = []
    before = 0
    for (start, end), label in zip(words.spans, chosen, strict=True):
        if label and label == before:
            name, began, _ = found[-1]
            found[-1] = (name, began, end)
        elif label:
            found.append((LABELS[label], start, end))
        before = label
    return tuple(found)
