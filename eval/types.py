"""What an evaluation is made of: questions, evidence, records, runs. No computing here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.types import Answer

KINDS = (
    "fact",
    "number",
    "date",
    "who-said-it",
    "correction",
    "comment-is-not-the-article",
    "yes-no",
    "either-or",
    "compare",
    "list",
    "follow-up",
    "typo",
    "keywords",
    "unanswerable",
    "false-premise",
    "open",
)
"""Kinds of the question sets that come with Footnote; other sets may use their own."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the answer to a question stands.

    With `quote` it is found by its words, with `start` and `end` by its offsets; with neither
    (BEIR) the whole document is meant.

    Attributes:
        source: part of the document's path.
        sha256: of the words between `start` and `end`, UTF-8.
        grade: how relevant, > 0; BEIR sets have grades, the others say 1.
    """

    source: str
    start: int | None = None
    end: int | None = None
    sha256: str | None = None
    quote: str | None = None
    grade: float = 1.0


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is accepted as an answer, as `interfaces.md` draws it."""

    id: str
    question: str
    kind: str
    answers: tuple[str, ...]
    history: tuple[str, ...] = ()
    must_include: tuple[str, ...] = ()
    must_not_include: tuple[str, ...] = ()
    unanswerable: bool = False
    evidence: tuple[Evidence, ...] = ()

    @property
    def says_what_is_right(self) -> bool:
        """Whether an answer can be judged; False for sets that judge retrieval only (BEIR)."""
        return self.unanswerable or bool(self.answers or self.must_include)


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one question.

    Attributes:
        status: the answer's status, or "error" where asking raised a FootnoteError.
        latency_ms: wall time of the asking.
        answer: None after an error.
        error: the error's message, else None.
        scores: for each metric this question counts for, what it adds to numerator and
            denominator; a saved run can be compared without the documents.
    """

    id: str
    status: str
    latency_ms: float
    answer: Answer | None
    error: str | None = None
    scores: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        """Whether the reader committed itself; a disputed answer is an answer."""
        return self.status in ("answered", "disputed")

    @property
    def right(self) -> bool:
        """Whether the answer is right; refusals and errors are not."""
        return self.scores.get("right", (0.0, 0.0))[0] > 0

    @property
    def outcome(self) -> str:
        """One of "right", "wrong", "refused", "answered" (nothing says what is right), "error"."""
        if self.status in ("refused", "error"):
            return self.status
        if "right" not in self.scores:
            return "answered"
        return "right" if self.right else "wrong"


@dataclass(frozen=True, slots=True)
class Run:
    """A question set asked from beginning to end.

    Attributes:
        name: what was asked, for people ("samples.jsonl").
        questions: in the order of the set.
        records: one a question, same order.
        settings: what the answers were made with; strings and numbers.
        fingerprint: hash of `settings`, so that only like is resumed with like.
    """

    name: str
    questions: tuple[Question, ...]
    records: tuple[Record, ...]
    settings: Mapping[str, object] = field(default_factory=dict)
    fingerprint: str = ""
