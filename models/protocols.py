"""What the rest of the house asks of a model. Strings and arrays only, never documents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

FloatMatrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ReadingTask:
    """One passage to read for one question.

    Attributes:
        breadcrumb: title, section, speaker and date of the passage, one line; may be empty.
        passage: the passage itself; spans are offsets into this string.
        question: a standalone question.
    """

    breadcrumb: str
    passage: str
    question: str


@dataclass(frozen=True, slots=True)
class SpanCandidate:
    """A verbatim span of a passage with the reader's likelihood.

    Attributes:
        start: first character in the passage.
        end: one past the last character; `passage[start:end]` is the answer.
        logprob: sum of the natural-log probabilities of the span's tokens and its end mark, <= 0.
        n_tokens: number of tokens summed over.
    """

    start: int
    end: int
    logprob: float
    n_tokens: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a span reader makes of one passage.

    Attributes:
        spans: candidates, best first; may be empty (an empty passage).
        not_stated_logprob: natural-log probability of the answer "not stated", <= 0.
        n_prompt_tokens: tokens of the prompt that were read.
    """

    spans: tuple[SpanCandidate, ...]
    not_stated_logprob: float
    n_prompt_tokens: int


@runtime_checkable
class Embedder(Protocol):
    """Turns text into vectors."""

    @property
    def name(self) -> str:
        """Name stored with the index; vectors of different names never mix."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def max_tokens(self) -> int:
        """The most tokens read of one text, special tokens included."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by the embedder's own tokenizer, special tokens included, uncut."""

    def embed_queries(self, texts: Sequence[str]) -> FloatMatrix:
        """Vectors of questions, shape (n, dim), float32, L2-normalised; (0, dim) for no texts."""

    def embed_passages(self, texts: Sequence[str]) -> FloatMatrix:
        """Vectors of passages, shape (n, dim), float32, L2-normalised; (0, dim) for no texts."""


@runtime_checkable
class TokenCounter(Protocol):
    """Counts the tokens a generator would see."""

    def count(self, text: str) -> int:
        """Number of tokens of `text` as plain text: no begin mark, no special tokens parsed."""


# How models mark their thinking, whatever family they are of: a model file that nobody has described
# must not show its thinking either. Qwen, DeepSeek, SmolLM; fine-tuned models; Mistral; Gemma; gpt-oss.
_THINKING = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<reflection>", "</reflection>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|channel>thought", "<channel|>"),
    ("<|channel|>analysis", "<|channel|>final<|message|>"),
    ("<|channel|>commentary", "<|channel|>final<|message|>"),
)


@dataclass(frozen=True, slots=True)
class GeneratorProfile:
    """How a generator is to be used.

    Attributes:
        reader: "extract" below about two billion parameters, else "compose".
        strip: (start, end) marks of thinking text that is never shown.
    """

    reader: Literal["extract", "compose"] = "extract"
    strip: tuple[tuple[str, str], ...] = field(default=_THINKING)


@runtime_checkable
class Generator(TokenCounter, Protocol):
    """A local language model that writes."""

    @property
    def name(self) -> str:
        """Name shown with the answer."""

    @property
    def profile(self) -> GeneratorProfile:
        """How to use this model."""

    @property
    def context_tokens(self) -> int:
        """The most tokens of prompt and answer together."""

    def count_messages(self, messages: Sequence[Message]) -> int:
        """Tokens of the rendered chat prompt, marks of the template included."""

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()
    ) -> Iterator[str]:
        """Write an answer piece by piece; closing the iterator stops the model.

        Raises:
            ModelError: prompt and `max_tokens` do not fit into `context_tokens`.
        """


@runtime_checkable
class SpanReader(Protocol):
    """Reads one passage at a time and answers with a verbatim span of it, or "not stated"."""

    @property
    def name(self) -> str:
        """Name shown with the answer."""

    def read(self, tasks: Sequence[ReadingTask]) -> list[Reading]:
        """One reading a task, in order. A passage too long for the context raises ModelError."""


@runtime_checkable
class ShowsPrompt(Protocol):
    """A span reader that can show what its model is given."""

    def prompt(self, task: ReadingTask) -> str:
        """The exact text of a task's prompt, its fixed header included."""


@runtime_checkable
class ShowsChatPrompt(Protocol):
    """A generator that can show what its model is given."""

    def prompt(self, messages: Sequence[Message]) -> str:
        """The chat prompt as text, the template's marks included."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a prover makes of one question (or sentence) and one passage.

    Attributes:
        relevance: a logit; only its order among the passages of one question means something.
        answerable: a logit: whether the passage holds an answer to the question.
        start: first character in the passage of the most likely answer.
        end: one past its last character; equal to `start` in an empty passage.
        span_logprob: natural-log probability of that span among all spans of the passage, <= 0.
        support: probabilities that the passage supports the sentence, supports it in part, or
            does not support it; they sum to 1.
        evidence: (first character, one past the last, logit) of the passage's word pieces in order:
            whether a piece stands in a sentence that proves the answer. Empty where unknown.
    """

    relevance: float
    answerable: float
    start: int
    end: int
    span_logprob: float
    support: tuple[float, float, float]
    evidence: tuple[tuple[int, int, float], ...] = ()


@runtime_checkable
class Prover(Protocol):
    """Reads a question or a sentence and a passage together, once."""

    @property
    def name(self) -> str:
        """Name shown with the answer."""

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Judgement]:
        """One judgement a pair of (question or sentence, passage), in order."""
