"""Answers, as `ask --json`, the page, the report and exports show them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["answered", "disputed", "refused"]
Support = Literal["supported", "partly", "unsupported", "unchecked"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A footnote: the exact words of a document that prove a sentence.

    Attributes:
        n: number of the footnote, from 1; the same words have the same number.
        document: the document's id in the library, as a string.
        start: first character in the document's text.
        end: one past the last; `quote == text[start:end]`.
        sha256: of the document's file.
        locator: page, line and so on, or None.
    """

    n: int
    document: str
    path: str
    title: str
    sha256: str
    start: int
    end: int
    quote: str
    locator: dict[str, Any] | None
    section: str | None
    speaker: str | None
    date: str | None
    role: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer with its footnotes.

    `kind` is "quote" for words taken from a document as they stand, "written" for words of a model.
    """

    text: str
    kind: Literal["quote", "written"]
    support: Support
    citations: tuple[Citation, ...]

    @property
    def claims_nothing(self) -> bool:
        """Whether it is a question of our own, as briefs end with; its footnotes hold the answer."""
        is_question = self.text.rstrip().endswith(("?", "？", "؟"))
        return self.kind == "written" and self.support == "unchecked" and is_question


@dataclass(frozen=True, slots=True)
class PassageUse:
    """A passage that was considered, and what became of it.

    `left_out` says why it was not read; None where it was read.
    """

    n: int
    document: str
    path: str
    title: str
    start: int
    end: int
    score: float
    read: bool
    left_out: str | None
    text: str = ""
    section: str | None = None
    speaker: str | None = None
    date: str | None = None
    role: str = "body"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, or the finding that the documents do not say.

    Attributes:
        missing: of a refusal, the question's words that none of the passages mentions.
        within: the filter, as it is typed; empty where everything was searched.
        note: of a question about the whole library, how much of it was looked at.
        n_documents: of a list of documents, how many there are; they may be more than are cited.
    """

    question: str
    standalone_question: str
    status: Status
    short_answer: str | None
    confidence: float
    sentences: tuple[Sentence, ...]
    passages: tuple[PassageUse, ...]
    reader: str
    generator: str
    embedder: str
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    within: str = ""
    note: str = ""
    n_documents: int | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Event:
    """What a streaming answer tells while it is made.

    Attributes:
        kind: "step" (text says what happens), "text" (a piece of prose, shown but not yet
            checked), "sentence" (a finished one), "answer" (the whole; always the last event).
    """

    kind: Literal["step", "text", "sentence", "answer"]
    text: str = ""
    sentence: Sentence | None = None
    answer: Answer | None = None
