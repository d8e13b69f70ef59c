"""The question sets that come with Footnote."""

from pathlib import Path

import pytest

from eval.questions import load_questions
from eval.types import KINDS

SETS = Path(__file__).parents[2] / "eval" / "sets"


@pytest.mark.parametrize("path", sorted(SETS.glob("*.jsonl")), ids=lambda path: path.name)
def test_loads_with_known_kinds(path):
    questions = load_questions(path)
    ids = [question.id for question in questions]
    assert len(ids) == len(set(ids))
    assert {question.kind for question in questions} <= set(KINDS)
    for question in questions:
        if question.kind == "follow-up":
            assert question.history, question.id
        if question.kind == "unanswerable":
            assert question.unanswerable, question.id
        if question.unanswerable:
            assert not question.answers, question.id


@pytest.mark.parametrize(
    ("name", "least"), [("samples.jsonl", 120), ("us-china-ai.jsonl", 60), ("everyday.jsonl", 100)]
)
def test_is_as_large_as_promised(name, least):
    questions = load_questions(SETS / name)
    assert len(questions) >= least
    assert {question.kind for question in questions} >= set(KINDS) - {"open"}


def test_words_of_the_real_documents_stay_out():
    for question in load_questions(SETS / "us-china-ai.jsonl"):
        assert all(piece.quote is None for piece in question.evidence), question.id
