import pytest
from hypothesis import example, given
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
        (["What is Option C in the memo?"], "What would that cost?", ["Option C", "memo", "cost"]),
        (["What is Option C in the memo?"], "Who else wrote about prices?", ["Option C", "prices"]),
        (["when was deepseek founded?"], "how many people work there?", ["deepseek", "people"]),
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


def test_a_pronoun_that_may_mean_another_word_stays_and_the_topic_follows() -> None:
    standalone = make_standalone("Why did it stop?", ["Which ferry sails to Port Marrow?"])
    assert standalone == "Why did it stop (ferry sails to Port Marrow)?"


def test_a_bare_and_asks_the_question_before_again() -> None:
    history = ["What part of the power is used in Norway?", "And in Spain?"]
    standalone = make_standalone("And in China?", history)
    assert standalone == "What part of the power is used in China?"


def test_the_topic_lasts_over_questions_that_lean_on_it() -> None:
    history = ["Who is Mara Lindqvist?", "Where was she born?", "Any other jobs she had?"]
    assert make_standalone("When was that?", history) == "When was that (Mara Lindqvist)?"


def test_a_new_topic_ends_the_old_one() -> None:
    history = ["Where is OpenAI based?", "When was it founded?", "Who runs Arlen Power?"]
    standalone = make_standalone("When was it founded?", history)
    assert "Arlen Power" in standalone
    assert "OpenAI" not in standalone


def test_a_name_that_came_later_is_whom_she_means() -> None:
    history = ["Who said that memory gets too little attention?", "Was that Petra Lindqvist?"]
    assert make_standalone("Where does she work?", history) == "Where does Petra Lindqvist work?"


def test_an_answer_between_the_questions_is_no_topic() -> None:
    for answer in ("San Francisco", "OpenAI has its offices in San Francisco, California."):
        history = ["Where is OpenAI based?", answer]
        assert make_standalone("When was it founded?", history) == "When was OpenAI founded?"


def test_keywords_open_a_topic() -> None:
    history = ["openai founder", "Nvidia H20 export charge"]
    assert "H20" in make_standalone("when was it booked?", history)


def test_a_lone_and_asks_the_same_again() -> None:
    assert make_standalone("And?", ["Where is OpenAI based?"]) == "Where is OpenAI based?"


def test_a_choice_in_the_topic_is_not_asked_again() -> None:
    history = ["Is the Arlen station larger or smaller than the Sandhaven one?"]
    assert " or " not in make_standalone("Who says that?", history)


@pytest.mark.parametrize(
    "question",
    [
        "How many delegates did the ministry of trade send?",
        "When was the Arlen power station opened?",
        "What did Anton Reyes say about suppliers?",
        "What did Anton Reyes say about his suppliers?",
        "What fee does the library charge for its evening course?",
        "Whose share price might profit if every country builds its own model?",
        "Are open models usually adapted by their users or taken as they come?",
        "If the computing load moves away from training, what does it move to?",
        "How long does it take to build a power station in Norway?",
        "Was it bandwidth or raw calculation that Nvidia cut to make the chip?",
        "Besides his first book, what did Adam Reyes write?",
        'Who said "We do not recruit"?',
        "chip export licence",
    ],
)
def test_questions_that_stand_by_themselves_stay(question: str) -> None:
    assert make_standalone(question, [WORKSHOP]) == question


@example(question="THEN", history=["THEN"])
@given(question=st.text(max_size=60), history=st.lists(st.text(max_size=60), max_size=3))
def test_any_conversation_gives_a_question(question: str, history: list[str]) -> None:
    standalone = make_standalone(question, history)
    if any(char.isalnum() for char in question):
        assert any(char.isalnum() for char in standalone)


@pytest.mark.parametrize(
    ("asked", "then", "standalone"),
    [
        ("How much came in the United States?", "And in China?", "How much came in China?"),
        ("What holds for the H800?", "What about for the H20?", "What holds for the H20?"),
        ("Where is OpenAI based?", "And Microsoft?", "Where is Microsoft based?"),
        ("What did Triolo say about Huawei?", "And about SMIC?", "What did Triolo say about SMIC?"),
        ("How many came to Rome in 2023?", "And in 2022?", "How many came to Rome in 2022?"),
        ("What was decided in March?", "And in April 2025?", "What was decided in April 2025?"),
        # Nothing of its kind, or several: both are kept.
        ("What happened in Shanghai?", "And in June?", "What happened in Shanghai, in June?"),
        (
            "How many came to Rome in 2023?",
            "And in Spain?",
            "How many came to Rome in 2023, in Spain?",
        ),
        (
            "What did Triolo say about Huawei?",
            "And Grewal?",
            "What did Triolo say about Huawei, Grewal?",
        ),
        ("Did China or Japan sign?", "And in winter?", "Did China or Japan sign, in winter?"),
    ],
)
def test_a_name_takes_the_place_of_its_like(asked: str, then: str, standalone: str) -> None:
    assert make_standalone(then, [asked]) == standalone
