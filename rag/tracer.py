"""What an answer's steps are told to, while it is made: here to nobody.

`Recorder` (`rag.recording`) keeps what it is told; a question that nobody traces is told to `NO_TRACE`, so
that no step asks whether it is traced. One tracer belongs to one question. What it is told is not to be
changed afterwards, and it changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from index.filters import Filter
    from index.fusion import WordEvidence
    from index.types import Hit, Passage
    from models.protocols import Reading, ReadingTask
    from rag.answers import PooledAnswer
    from rag.evidence import Candidate
    from rag.questions import Question


@dataclass(frozen=True, slots=True)
class Search:
    """What the searches found, before anything is left out.

    Attributes:
        dense: (passage id, cosine), best first.
        lexical: (passage id, BM25), best first.
        similarity: cosine of every candidate, by id.
        evidence: the question's words in every candidate, by id.
        passages: every candidate in the order of the fused scores.
        scores: the fused scores, by id.
    """

    dense: Sequence[tuple[int, float]]
    lexical: Sequence[tuple[int, float]]
    similarity: Mapping[int, float]
    evidence: Mapping[int, WordEvidence]
    passages: Sequence[Passage]
    scores: Mapping[int, float]


class Tracer:
    """Told what happens on the way to an answer; this one forgets it at once."""

    def asked(self, question: str, history: Sequence[str], within: Filter) -> None:
        """A question as it came in, with the filter given beside it."""

    def understood(self, asked: str, referenced: str, question: Question, within: Filter) -> None:
        """What was made of it.

        Args:
            asked: without the filters typed in it.
            referenced: with what it refers to put in.
            question: the same with misspellings mended, taken apart.
            within: everything that a passage must be.
        """

    def searched(self, search: Search, hits: Sequence[Hit]) -> None:
        """What the searches found, and what the prover gave its opinion of."""

    def found(self, hits: Sequence[Hit], within: Filter) -> None:
        """The passages that a reader gets, in order, and the filter they were found under."""

    def compared(self, candidates: Sequence[Candidate], evidence: float) -> None:
        """The sentences of these passages, best first, and how sure the best one is."""

    def read(
        self, hit: Hit, task: ReadingTask, reading: Reading, prompt: Callable[[], str]
    ) -> None:
        """A passage that a span reader read; `prompt` gives the text of its prompt."""

    def wrote(
        self, hits: Sequence[Hit], prompt: Callable[[], str], n_tokens: int, raw: str
    ) -> None:
        """What a model wrote from passages, as it wrote it."""

    def weighed(
        self, way: str, confidence: float, threshold: float, pooled: Sequence[PooledAnswer] = ()
    ) -> None:
        """A way to an answer: how sure it was and how sure it had to be."""


NO_TRACE = Tracer()
