"""Answers, records and questions in a few words."""

from types import SimpleNamespace

import pytest

from eval.evidence import PathDocuments
from eval.scoring import score
from eval.types import Question, Record, Run
from rag.types import Answer, Citation, PassageUse, Sentence

TEXT = "Ada was born in London. Bob was born in Rome. Eve was born in Oslo."


def citation(start=0, end=23, document="1", n=1, quote=None):
    words = TEXT[start:end] if quote is None else quote
    return Citation(
        n, document, "docs/a.txt", "A", "0" * 64, start, end, words, {"line": 1}, None, None, None,
        "body",
    )  # fmt: skip


def passage(start, end, document="1", n=1):
    return PassageUse(
        n, document, "docs/a.txt", "A", start, end, 1 / n, n == 1, None, TEXT[start:end]
    )


def answer(
    short="London", *, status="answered", cited=None, passages=None, confidence=0.5, **parts
):
    cited = [citation()] if cited is None else cited
    text = parts.pop("text", short or "")
    support = parts.pop("support", "supported")
    sentences = (Sentence(text, "written", support, tuple(cited)),) if text else ()
    if status == "refused":
        short, sentences = None, ()
    return Answer(
        question="q",
        standalone_question="q",
        status=status,
        short_answer=short,
        confidence=confidence,
        sentences=sentences,
        passages=tuple([passage(0, 23)] if passages is None else passages),
        reader="fake",
        generator="fake",
        embedder="fake",
        timings_ms={"retrieve": 1.5},
        tokens={"prompt": 7},
        **parts,
    )


def question(id="1", answers=("London",), kind="fact", **parts):  # noqa: A002
    if parts.get("unanswerable"):
        answers = ()
    parts.setdefault("question", f"Question {id}?")
    return Question(id=id, kind=kind, answers=answers, **parts)


def record(asked, given=None, gold=(), latency=10.0, error=None):
    status = "error" if given is None else given.status
    return Record(asked.id, status, latency, given, error, score(asked, given, gold))


def make_run(outcomes, name="set", confidences=None, **settings):
    """A run from a word for each question: right, wrong, refused, error; kinds alternate."""
    questions, records = [], []
    for number, outcome in enumerate(outcomes):
        asked = question(str(number), kind=("fact", "number")[number % 2])
        confidence = confidences[number] if confidences else 0.5
        given = {
            "right": answer("London", confidence=confidence),
            "wrong": answer("Rome", confidence=confidence),
            "refused": answer(status="refused"),
            "error": None,
        }[outcome]
        questions.append(asked)
        error = "it broke" if outcome == "error" else None
        records.append(record(asked, given, latency=100.0 * (number + 1), error=error))
    return Run(name, tuple(questions), tuple(records), settings, "f")


@pytest.fixture
def make():
    """Factories, as attributes."""
    return SimpleNamespace(
        text=TEXT,
        answer=answer,
        citation=citation,
        passage=passage,
        question=question,
        record=record,
        run=make_run,
        documents=lambda: PathDocuments({"1": "docs/a.txt"}, lambda _: TEXT),
    )
