"""A trace: everything that one answer came from, complete in itself.

It holds the question as it was understood, what each search found, the exact text each model was given and
what it made of it, how sure each step was, and the answer, so that a person can follow it without the
library, and `rag.replaying` can ask again and say where the two part. `rag.trace_file` keeps it.
"""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that computed something; `sha256` is None where the model has no file of its own here."""

    part: str
    name: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What was made of a question.

    Attributes:
        asked: without the filters typed in it.
        referenced: with what it refers to put in ("it" of a follow-up).
        standalone: the same with misspellings mended; this is what was searched for.
        mended: (as typed, as searched for) of each word that was mended.
        within: everything that a passage had to be, as it is typed; "" for no filter.
        shape: how it wants to be answered (`rag.questions.Shape`).
        expected: what the answer looks like.
    """

    asked: str
    referenced: str
    standalone: str
    mended: tuple[tuple[str, str], ...]
    within: str
    shape: str
    expected: str


@dataclass(frozen=True, slots=True)
class TracedDocument:
    """A document that a passage of the trace stands in."""

    id: int
    path: str
    title: str
    sha256: str
    date: str | None


@dataclass(frozen=True, slots=True)
class TracedPassage:
    """A passage that was compared with the question. What a search did not say is None.

    Attributes:
        document: id of its `TracedDocument`.
        fused_rank: in the order of both searches together.
        prover_relevance: the prover's logit; only its order means something.
        rank: among the passages handed to the reader, from 1; None where it was none of them.
        folded_into: id of the passage that says nearly the same and stands for it.
        read: whether it was read in full or is quoted.
        left_out: why it was not read.
    """

    id: int
    document: int
    start: int
    end: int
    text: str
    breadcrumb: str
    role: str
    n_tokens: int
    dense_rank: int | None
    cosine: float | None
    lexical_rank: int | None
    bm25: float | None
    coverage: float
    window: float
    pairs: float
    fused_rank: int
    fused_score: float
    prover_relevance: float | None
    prover_answerable: float | None
    rank: int | None
    score: float | None
    folded_into: int | None
    read: bool
    left_out: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Words of a passage that the reader proposed; offsets count in the passage's text.

    `logprob` is the natural-log probability of the words and their end mark, over `n_tokens` tokens.
    """

    start: int
    end: int
    words: str
    logprob: float
    n_tokens: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model was given, and what it made of it.

    Attributes:
        passages: ids of the passages that stand in it.
        text: exactly as given; "" where the model cannot show it.
        n_tokens: of the text, the header that all prompts share left out.
        proposals: of a reader that marks words, best first.
        not_stated: natural-log probability of its answer "not stated".
        wrote: of a reader that writes, all that it wrote, unchecked.
    """

    passages: tuple[int, ...]
    text: str
    n_tokens: int
    proposals: tuple[Proposal, ...] = ()
    not_stated: float | None = None
    wrote: str | None = None


@dataclass(frozen=True, slots=True)
class TracedSentence:
    """A sentence that was weighed; `score` is its log odds to hold the answer."""

    passage: int
    start: int
    end: int
    text: str
    role: str
    score: float
    features: dict[str, float]


@dataclass(frozen=True, slots=True)
class Member:
    """Words of one passage that give an answer, and how likely they are right by themselves."""

    passage: int
    words: str
    probability: float
    features: dict[str, float]


@dataclass(frozen=True, slots=True)
class Answerable:
    """Equal answers of several passages, and how likely it is that one of them is right."""

    probability: float
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Weighing:
    """A way to an answer that was tried: "words", "sentence", "date" or "writing".

    The answer is given where `confidence` is at least `threshold`.
    """

    way: str
    confidence: float
    threshold: float
    answers: tuple[Answerable, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that one answer came from.

    Attributes:
        made: when, as ISO 8601 in UTC.
        programs: version of each program that computes.
        settings: those that bear on an answer.
        library: `documents`, `passages` and `generation` when it was asked.
        question: as it was typed.
        history: earlier questions, oldest first.
        filters: given beside the question, as they are typed.
        passages: all that were compared, in the order of both searches together.
        prompts: in the order in which they were read.
        sentences: the best ones, best first.
        sentence_confidence: how sure the best sentence was; None where none was weighed.
        weighings: in the order in which they were tried.
        answer: as `footnote ask --json` prints it.
    """

    made: str
    programs: dict[str, str]
    models: tuple[ModelFile, ...]
    settings: dict[str, str | bool | int | float]
    library: dict[str, int]
    question: str
    history: tuple[str, ...]
    filters: str
    understood: Understood
    documents: tuple[TracedDocument, ...]
    passages: tuple[TracedPassage, ...]
    prompts: tuple[Prompt, ...]
    sentences: tuple[TracedSentence, ...]
    sentence_confidence: float | None
    weighings: tuple[Weighing, ...]
    answer: dict[str, Any]
    kind: Literal["footnote-trace"] = "footnote-trace"
    version: Literal[1] = 1

    def passage(self, ident: int) -> TracedPassage | None:
        """The passage with this id."""
        return next((passage for passage in self.passages if passage.id == ident), None)

    def document(self, ident: int) -> TracedDocument | None:
        """The document with this id."""
        return next((document for document in self.documents if document.id == ident), None)
