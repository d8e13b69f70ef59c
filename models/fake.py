"""Stand-ins that behave like the real models without weights: for tests, and `--model fake`.

With `--model fake` the whole product runs on these: `FakeEmbedder` finds passages that share words
with the question, `FakeSpanReader` answers with the best sentence of a passage, `FakeGenerator`
writes from a script. All are deterministic and stable across processes and machines. They show
the way through the house; their answers are not to be trusted.
"""

import math
import re
import threading
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from models.errors import ModelError
from models.protocols import (
    FloatMatrix,
    GeneratorProfile,
    Judgement,
    Message,
    Reading,
    ReadingTask,
    SpanCandidate,
)

_WORD = re.compile(r"\w+|[^\w\s]")
_CONTENT = re.compile(r"\w+")
# A sentence ends at a mark followed by a space, or at a line's end.
_SENTENCE = re.compile(r"\S(?:.*?[.!?…](?=\s|$)|.*)", re.MULTILINE)
_STOP = re.compile(
    r"an?|and|are|as|at|be|by|did|do|does|for|from|had|has|have|how|in|is|it|its|of|on|or|that|the|"
    r"this|to|was|were|what|when|where|which|who|whom|whose|why|will|with"
)
_PIECE_CHARACTERS = 6
_SPECIAL_TOKENS = 2


class FakeEmbedder:
    """Hashed bag of words: texts that share words point the same way.

    Tokens are words and marks; a long word counts one token per six characters begun.
    """

    def __init__(self, *, name: str = "fake", dim: int = 64, max_tokens: int = 256) -> None:
        """Set the shape of the stand-in; `max_tokens` includes two special tokens."""
        self._name = name
        self._dim = dim
        self._max_tokens = max_tokens

    @property
    def name(self) -> str:
        """Name stored with the index."""
        return self._name

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    @property
    def max_tokens(self) -> int:
        """The most tokens read of one text, special tokens included."""
        return self._max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, two special tokens included, uncut."""
        return [_SPECIAL_TOKENS + sum(map(_pieces, _WORD.findall(text))) for text in texts]

    def embed_queries(self, texts: Sequence[str]) -> FloatMatrix:
        """Vectors of questions, shape (n, dim), float32, L2-normalised; (0, dim) for no texts."""
        return self._embed(texts)

    def embed_passages(self, texts: Sequence[str]) -> FloatMatrix:
        """Vectors of passages, shape (n, dim), float32, L2-normalised; (0, dim) for no texts."""
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> FloatMatrix:
        vectors = np.zeros((len(texts), self._dim), dtype=np.float32)
        budget = self._max_tokens - _SPECIAL_TOKENS
        for row, text in enumerate(texts):
            words = _CONTENT.findall(_cut(text, budget).lower())
            buckets = [b for word in words if (b := _bucket(word, self._dim)) >= 0]
            # Empty texts get a direction as well, so that every row has length one.
            counts = np.bincount(buckets or [0], minlength=self._dim)
            vectors[row] = np.sqrt(counts)
        if len(texts):
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class FakeGenerator:
    """Writes from a script and remembers what it was asked; tokens are words and marks.

    Each call to `stream` takes the next script; the last one repeats. Without a script it answers
    with the first sentence of the last message.
    """

    def __init__(
        self,
        scripts: Sequence[Sequence[str]] = (),
        *,
        name: str = "fake",
        context_tokens: int = 2048,
        profile: GeneratorProfile | None = None,
    ) -> None:
        """Take the scripts: for each call the pieces to write."""
        self._scripts = [tuple(script) for script in scripts]
        self._name = name
        self._context_tokens = context_tokens
        self._profile = profile or GeneratorProfile(reader="compose")
        self._lock = threading.Lock()
        self.prompts: list[tuple[Message, ...]] = []

    @property
    def name(self) -> str:
        """Name shown with the answer."""
        return self._name

    @property
    def profile(self) -> GeneratorProfile:
        """How to use this model."""
        return self._profile

    @property
    def context_tokens(self) -> int:
        """The most tokens of prompt and answer together."""
        return self._context_tokens

    def count(self, text: str) -> int:
        """Words and marks of a text."""
        return sum(map(_pieces, _WORD.findall(text)))

    def count_messages(self, messages: Sequence[Message]) -> int:
        """Tokens of all messages and three for the marks around each."""
        return sum(self.count(message.content) + 3 for message in messages)

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()
    ) -> Iterator[str]:
        """Write the next script, at most `max_tokens` of it, up to the first stop string.

        Raises:
            ModelError: prompt and `max_tokens` do not fit into `context_tokens`.
        """
        n_prompt = self.count_messages(messages)
        if n_prompt + max_tokens > self._context_tokens:
            raise ModelError(
                f"the prompt has {n_prompt} tokens and the answer may have {max_tokens}, but the "
                f"context of {self._name} holds {self._context_tokens}; give fewer passages"
            )
        with self._lock:
            turn = len(self.prompts)
            self.prompts.append(tuple(messages))
        return self._write(self._script(turn, messages), max_tokens, stop)

    def _script(self, turn: int, messages: Sequence[Message]) -> tuple[str, ...]:
        if self._scripts:
            return self._scripts[min(turn, len(self._scripts) - 1)]
        first = _SENTENCE.search(messages[-1].content) if messages else None
        return tuple(re.findall(r"\s*\S+", first.group())) if first else ()

    def _write(self, script: Sequence[str], max_tokens: int, stop: Sequence[str]) -> Iterator[str]:
        # The whole text is known beforehand, so a stop string that lies across pieces is found
        # before its first half has been written.
        text = "".join(script)
        ends = [at for mark in stop if mark and (at := text.find(mark)) >= 0]
        room = min(ends, default=len(text))
        for piece in script:
            max_tokens -= self.count(piece)
            shown = piece[:room]
            room -= len(shown)
            if max_tokens < 0 or not shown:
                return
            yield shown


class FakeProver:
    """Judges by shared words; its span is the sentence that shares most with the query."""

    name = "fake"

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Judgement]:
        """One judgement a pair, in order."""
        return [self._judge(query, passage) for query, passage in pairs]

    def _judge(self, query: str, passage: str) -> Judgement:
        said = _content_words(query)
        shared = len(said & _content_words(passage)) / max(1, len(said))
        best = max(
            _SENTENCE.finditer(passage),
            key=lambda s: len(said & _content_words(s.group())),
            default=None,
        )
        start, end = (best.start(), best.end()) if best else (0, 0)
        support = (shared, 0.0, 1 - shared)
        return Judgement(4 * shared, 8 * shared - 4, start, end, -0.5, support)


class FakeSpanReader:
    """Answers with the sentence of the passage that shares most words with the question."""

    def __init__(self, *, name: str = "fake", max_passage_tokens: int = 512) -> None:
        """Set the name, and the longest passage that is read."""
        self._name = name
        self._max_passage_tokens = max_passage_tokens

    @property
    def name(self) -> str:
        """Name shown with the answer."""
        return self._name

    def read(self, tasks: Sequence[ReadingTask]) -> list[Reading]:
        """One reading a task, in order; at most three sentences each, best first.

        Raises:
            ModelError: a passage is too long.
        """
        return [self._read_one(task) for task in tasks]

    def prompt(self, task: ReadingTask) -> str:
        """What is read of a task."""
        return f"{task.breadcrumb} {task.passage} {task.question}"

    def _read_one(self, task: ReadingTask) -> Reading:
        n_passage = sum(map(_pieces, _WORD.findall(task.passage)))
        if n_passage > self._max_passage_tokens:
            raise ModelError(
                f"a passage of {n_passage} tokens does not fit: {self._name} reads "
                f"{self._max_passage_tokens}; split it smaller"
            )
        asked = _content_words(task.question)
        scored = []
        for sentence in _SENTENCE.finditer(task.passage):
            text = sentence.group().rstrip()
            shared = len(asked & _content_words(text)) / max(1, len(asked))
            if shared:
                start = sentence.start()
                scored.append((-shared, start, start + len(text), len(_WORD.findall(text)) + 1))
        scored.sort()
        spans = tuple(
            SpanCandidate(start, end, logprob=math.log(min(-score, 0.99)), n_tokens=n_tokens)
            for score, start, end, n_tokens in scored[:3]
        )
        best = -scored[0][0] if scored else 0.0
        not_stated = math.log(max(1 - best, 0.01)) if scored else -0.01
        n_prompt = sum(map(_pieces, _WORD.findall(self.prompt(task))))
        return Reading(spans, not_stated, n_prompt)


def _pieces(word: str) -> int:
    return -(-len(word) // _PIECE_CHARACTERS)


def _cut(text: str, budget: int) -> str:
    """The text up to the last word that fits into `budget` tokens."""
    # No token is shorter than one character, so short texts need no counting.
    if len(text) <= budget:
        return text
    end = 0
    for word in _WORD.finditer(text):
        budget -= _pieces(word.group())
        if budget < 0:
            return text[:end]
        end = word.end()
    return text


@lru_cache(maxsize=1 << 16)
def _bucket(word: str, dim: int) -> int:
    """Place of a word in the vector, -1 for words that say nothing."""
    if _STOP.fullmatch(word):
        return -1
    # crc32, since hash() of a string differs from process to process.
    return zlib.crc32(word.encode("utf-8", "surrogatepass")) % dim


def _content_words(text: str) -> set[str]:
    return {word for word in _CONTENT.findall(text.lower()) if not _STOP.fullmatch(word)}
