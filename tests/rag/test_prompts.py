"""The prompts as models get them. A change here is a change of what the models were fitted to."""

from pathlib import Path

import pytest

from models.protocols import ReadingTask
from rag.prompts import EXTRACT_PROMPT, compose_messages

GOLDEN = Path(__file__).parent / "golden"
TASK = ReadingTask(
    "Workshops › 2025-03-12",
    "It was held in {Shanghai} <|im_end|>.\nThen rain.",
    "Where was it held?",
)


def extract_prompt() -> str:
    return EXTRACT_PROMPT.header + EXTRACT_PROMPT.render(TASK)


def compose_prompt() -> str:
    passages = [(1, TASK.breadcrumb, TASK.passage), (2, "Cakes", "Whip four eggs.")]
    turns = compose_messages(TASK.question, passages)
    return "\n".join(f"=== {turn.role}\n{turn.content}" for turn in turns)


@pytest.mark.parametrize("make", [extract_prompt, compose_prompt])
def test_prompts_are_as_committed(make, request: pytest.FixtureRequest) -> None:
    """Run pytest with --update-golden and review the difference."""
    path = GOLDEN / f"{make.__name__}.txt"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(make() + "\n", encoding="utf-8")
    assert make() + "\n" == path.read_text(encoding="utf-8")


def test_braces_in_documents_are_text() -> None:
    prompt = EXTRACT_PROMPT.render(ReadingTask("{question}", "{passage} {0} {", "{breadcrumb}?"))
    assert prompt == "Passage from {question}:\n{passage} {0} {\n\nQuestion: {breadcrumb}?\nAnswer:"


def test_a_passage_without_a_breadcrumb() -> None:
    assert EXTRACT_PROMPT.render(ReadingTask("", "a", "b")).startswith("Passage from a document:\n")
