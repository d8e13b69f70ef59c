"""Calibration questions with the passages they find, and a judge of what comes of them.

Three sources: SQuAD and Natural Questions (`eval.training.examples`), which ask for a span, and the
project's own questions (`eval/everyday`), which are of the kinds that people ask of their documents:
who said it, yes or no, lists, comparisons, comments, false premises, and much that no document says.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import eval.types
from eval.evidence import Gold, PathDocuments, resolve_all
from eval.metrics import RIGHT_F1, f1, says_right
from eval.normalize import occurs
from eval.questions import load_questions
from eval.training.examples import (
    Example,
    Kind,
    build_library,
    file_of,
    read_examples,
    sample,
)
from index.library import Library
from index.sentences import sentence_spans
from index.types import Hit, Role
from models.embedder import SentenceTransformerEmbedder
from models.protocols import Embedder, FloatMatrix, Prover
from rag.evidence import Candidate
from rag.pipeline import as_searched
from rag.questions import Question, analyse_question
from rag.retriever import Retriever
from rag.roles import BlockRoles

_EVAL = Path(__file__).resolve().parent.parent
EVERYDAY = _EVAL / "everyday" / "questions.jsonl"
EVERYDAY_DOCUMENTS = (
    _EVAL / "everyday" / "documents",
    *(_EVAL / "structure" / name for name in ("dev", "dev2", "train")),
)
_TOP_K = 10


class Judge(Protocol):
    """Knows what is right for one question."""

    def proves(self, candidate: Candidate) -> bool:
        """Whether a sentence is (part of) the evidence."""

    def answers(self, words: str) -> bool:
        """Whether marked words are the answer."""

    def counts(self, short: str | None, shown: Sequence[Candidate]) -> bool:
        """Whether short answer and sentences together would count as right in an evaluation."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question, what it finds, and its judge.

    Attributes:
        vector: of the question, shape (1, dim).
    """

    question: Question
    source: Literal["squad", "nq", "everyday"]
    kind: str
    answerable: bool
    hits: tuple[Hit, ...]
    vector: FloatMatrix
    role_at: Callable[[Hit, int, int], Role]
    judge: Judge


def all_cases(
    data: Path,
    work: Path,
    prover: Prover,
    *,
    n_public: int,
    n_own: int | None = None,
    seed: int,
) -> tuple[tuple[Library, Iterator[Case]], ...]:
    """Public and own cases, each with its library.

    Args:
        data: folder of the public data.
        work: where the libraries are made, and kept for another run.
        prover: gives its opinion of the passages.
        n_public: how many of the public questions.
        n_own: how many of the project's own; None for all.
        seed: chooses them.
    """
    examples, articles = read_examples(data)
    chosen = sample(examples, n_public, random.Random(seed))
    public = build_library(work, articles)
    own = everyday_library(work / "everyday")
    return (
        (public, public_cases(chosen, public, prover)),
        (own, everyday_cases(own, prover, n=n_own, seed=seed)),
    )


# -- public questions -------------------------------------------------------------------------


def public_cases(
    chosen: Sequence[tuple[Example, Kind]], library: Library, prover: Prover
) -> Iterator[Case]:
    """Cases of SQuAD and Natural Questions, what their kind hides taken out of what they find."""
    for example, kind in chosen:
        question = analyse_question(example.question)
        hits, vector = _find_hits(example, kind, library, prover, question.text)
        yield Case(
            question,
            example.source,
            kind,
            kind == "answerable",
            tuple(hits),
            vector,
            lambda *_: Role.BODY,
            _ExampleJudge(example, kind),
        )


@dataclass(frozen=True, slots=True)
class _ExampleJudge:
    """Where the paragraph was taken out nothing is right, even if the same words stand elsewhere."""

    example: Example
    kind: Kind

    def proves(self, candidate: Candidate) -> bool:
        held = any(a in candidate.text for a in self.example.answers)
        return self._in_own_paragraph(candidate) and held

    def answers(self, words: str) -> bool:
        return self.kind == "answerable" and f1(words, self.example.answers) >= RIGHT_F1

    def counts(self, short: str | None, shown: Sequence[Candidate]) -> bool:
        if short is not None and self.answers(short):
            return True
        return self.kind == "answerable" and any(
            self._in_own_paragraph(c) and any(occurs(a, c.text) for a in self.example.answers)
            for c in shown
        )

    def _in_own_paragraph(self, candidate: Candidate) -> bool:
        return candidate.text in self.example.context


def _find_hits(
    example: Example, kind: Kind, library: Library, prover: Prover, text: str
) -> tuple[list[Hit], FloatMatrix]:
    hides = kind in ("no article", "no paragraph")
    retriever = Retriever(library, prover)
    hits, vector = retriever.retrieve_with_vector(text, _TOP_K + 20 if hides else _TOP_K)
    article = library.store.document_at(
        str(library.folder.parent / "texts" / file_of(example.article))
    )
    own = article.id if article is not None else 0
    if kind == "no article":
        hits = [h for h in hits if h.passage.document_id != own]
    if kind == "no paragraph":
        hits = [h for h in hits if not _touches(h, example)]
    return [replace(hit, rank=rank) for rank, hit in enumerate(hits[:_TOP_K], start=1)], vector


def _touches(hit: Hit, example: Example) -> bool:
    text = hit.passage.text
    return any(text[a:b] in example.context for a, b in sentence_spans(text))


# -- the project's own questions --------------------------------------------------------------


def everyday_library(folder: Path, embedder: Embedder | None = None) -> Library:
    """The documents of the project's own questions; by default with the starter's embedder."""
    library = Library(folder, embedder or SentenceTransformerEmbedder.starter(), target_tokens=128)
    paths = [
        path
        for documents in EVERYDAY_DOCUMENTS
        for path in sorted(documents.iterdir())
        if path.name not in ("README.md", "labels.jsonl")
    ]
    library.add(paths)
    return library


def everyday_cases(
    library: Library, prover: Prover, *, n: int | None = None, seed: int = 0
) -> Iterator[Case]:
    """Cases of the project's own calibration questions, found as the program finds them."""
    store = library.store
    questions = list(load_questions(EVERYDAY))
    if n is not None:
        questions = random.Random(seed).sample(questions, n)
    documents = PathDocuments.of(store)
    gold = resolve_all(questions, documents)
    retriever = Retriever(library, prover)
    for asked in questions:
        question = analyse_question(as_searched(asked.question, asked.history, library))
        hits, vector = retriever.retrieve_with_vector(question.text, _TOP_K)
        yield Case(
            question,
            "everyday",
            asked.kind,
            not asked.unanswerable,
            tuple(hits),
            vector,
            BlockRoles(store),
            _QuestionJudge(asked, gold[asked.id]),
        )


@dataclass(frozen=True, slots=True)
class _QuestionJudge:
    question: eval.types.Question
    gold: tuple[Gold, ...]

    def proves(self, candidate: Candidate) -> bool:
        document = str(candidate.hit.passage.document_id)
        return any(g.overlaps(document, candidate.start, candidate.end) for g in self.gold)

    def answers(self, words: str) -> bool:
        return f1(words, self.question.answers) >= RIGHT_F1

    def counts(self, short: str | None, shown: Sequence[Candidate]) -> bool:
        if self.question.unanswerable:
            return False
        if says_right(self.question, short, " ".join(c.text for c in shown)):
            return True
        # An open question has no words that must occur: one of its sentences will do.
        return not self.question.must_include and any(self.proves(c) for c in shown)
