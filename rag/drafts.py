"""What a reader hands to the pipeline: an answer before it gets its bookkeeping."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from index.types import Hit
from models.protocols import FloatMatrix
from rag.citing import Citer
from rag.questions import Question
from rag.tracer import NO_TRACE, Tracer
from rag.types import Event, Sentence, Status


@dataclass(slots=True)
class Draft:
    """The outcome of reading; filled while events stream.

    Attributes:
        read: passage ids that a model or the evidence finder read in full.
        left_out: passage id -> why it was not read.
        timings_ms: milliseconds of the reader's own steps, by name.
        n_documents: of a list of documents, how many there are; they may be more than are cited.
    """

    status: Status = "refused"
    short_answer: str | None = None
    confidence: float = 0.0
    sentences: list[Sentence] = field(default_factory=list)
    read: set[int] = field(default_factory=set)
    left_out: dict[int, str] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    timings_ms: dict[str, float] = field(default_factory=dict)
    n_documents: int | None = None

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the time of the block to a step; only around work, never around a `yield`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - began) * 1e3
            self.timings_ms[step] = self.timings_ms.get(step, 0.0) + spent


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader gets to work with.

    Attributes:
        vector: of the question, shape (1, dim).
        filtered: only documents of the hits may answer.
        tracer: told what the reader does.
    """

    question: Question
    hits: tuple[Hit, ...]
    vector: FloatMatrix
    citer: Citer
    filtered: bool = False
    tracer: Tracer = NO_TRACE


def close_model(model: object) -> None:
    """Close what holds a model, if it can be closed: fakes hold nothing."""
    close = getattr(model, "close", None)
    if close is not None:
        close()


def open_model(model: object) -> None:
    """Open what holds a model, if it can be opened before it is needed."""
    opening = getattr(model, "open", None)
    if opening is not None:
        opening()


class Reader(Protocol):
    """Turns a question and its passages into a draft, telling what happens."""

    @property
    def name(self) -> str:
        """The reader's kind, extract or compose."""

    @property
    def generator(self) -> str:
        """Name of the model that reads."""

    def answer(self, reading: Reading, draft: Draft) -> Iterator[Event]:
        """Fill the draft; yields "step", "text" and "sentence" events."""

    def open(self) -> None:
        """Open the model now instead of at the first question; an error leaves nothing behind."""

    def close(self) -> None:
        """Give the model's memory back."""
