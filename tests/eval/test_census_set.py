"""Counts and lists over 2,000 documents are exact for nine questions in ten of those the rules know."""

import json
from pathlib import Path

import pytest

from eval.census import Outcome, figures, is_right, measure, told
from rag.drafts import Draft

SETS = Path(__file__).resolve().parents[2] / "eval" / "sets" / "census"
pytestmark = pytest.mark.slow


def questions(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (SETS / name).read_text().splitlines()]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    asked = questions("questions.jsonl")
    return measure(SETS / "library.tar.xz", asked, tmp_path_factory.mktemp("census"))


def test_nine_in_ten_are_exact(outcomes: list[Outcome]) -> None:
    found = figures(outcomes)
    assert found["right"]["n"] == 70
    assert found["right"]["percent"] >= 90
    wrong = [told(outcome) for outcome in outcomes if not outcome.right]
    assert len(wrong) <= 7


def test_it_is_said_how_many_documents_were_looked_at(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        assert outcome.note.startswith("Looked at all 2,000 documents") is outcome.understood


def test_a_library_is_looked_through_in_a_second(outcomes: list[Outcome]) -> None:
    times = sorted(outcome.milliseconds for outcome in outcomes)
    assert times[len(times) // 2] < 1000


@pytest.mark.parametrize(
    ("kind", "short", "cited", "right"),
    [
        ("count", "17", {"a"}, True),
        ("count", "117", {"a"}, False),
        ("list", "A; B", {"a", "b"}, True),
        ("list", "A; B", {"a"}, False),
        ("first", "2021-05-03 (A)", {"a"}, True),
        ("first", "2021-05-03 (A)", {"c"}, False),
    ],
)
def test_only_the_exact_answer_is_right(
    kind: str, short: str, cited: set[str], right: bool
) -> None:
    question = {"kind": kind, "answers": ["17", "2021-05-03"], "documents": ["a", "b"]}
    draft = Draft(status="answered", short_answer=short)
    assert is_right(question, draft, frozenset(cited)) is right
