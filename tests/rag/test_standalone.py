import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.standalone import make_standalone

WORKSHOP = "In which city was the third AI capacity-building workshop held?"


def test_without_history_nothing_changes() -> None:
    for question in ("And when was it founded?", "it", ""):
        assert make_standalone(question, []) == question
        assert make_standalone(question, ["", "  ?"]) == question


@pytest.mark.parametrize(
    ("history", "question", "words"),
    [
        (["Where is OpenAI based?"], "And when was it founded?", ["OpenAI", "when", "founded"]),
        (["Who is Mara Lindqvist?"], "What does she say about chips?", ["Mara Lindqvist", "chips"]),
        (["Who is Mara Lindqvist?"], "What is her view?", ["Mara Lindqvist’s", "view"]),
        (["What does Nvidia sell?"], "What are its prices?", ["Nvidia’s", "prices"]),
        ([WORKSHOP], "How many countries took part in it?", ["workshop", "countries"]),
        ([WORKSHOP, "Shanghai"], "And what about the second?", ["second"]),
        (["How large is the Arlen station?"], "And the cost?", ["Arlen", "cost"]),
    ],
)
def test_what_a_follow_up_silently_refers_to_is_put_in(
    history: list[str], question: str, words: list[str]
) -> None:
    standalone = make_standalone(question, history)
    for word in words:
        assert word.lower() in standalone.lower(), standalone
    assert standalone != question


def test_the_pronoun_is_gone() -> None:
    standalone = make_standalone("And when was it founded?", ["Where is OpenAI based?"])
    assert standalone == "When was OpenAI founded?"


@pytest.mark.parametrize(
    "question",
    [
        "How many delegates did the ministry of trade send?",
        "When was the Arlen power station opened?",
        "What did Anton Reyes say about suppliers?",
    ],
)
def test_questions_that_stand_by_themselves_stay(question: str) -> None:
    assert make_standalone(question, [WORKSHOP]) == question


@given(question=st.text(max_size=60), history=st.lists(st.text(max_size=60), max_size=3))
def test_any_conversation_gives_a_question(question: str, history: list[str]) -> None:
    standalone = make_standalone(question, history)
    if any(char.isalnum() for char in question):
        assert any(char.isalnum() for char in standalone)
