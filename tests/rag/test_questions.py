import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import QuestionError
from rag.questions import MAX_QUESTION_CHARS, analyse_question, missing_words, tidy


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("In which city was the third workshop held?", "span"),
        ("Do the controls apply only to military end-users?", "yes-no"),
        ("isn't the station finished?", "yes-no"),
        ("Did Lindqvist or Reyes say that researchers leave?", "either-or"),
        ("Who said that controls slow China down?", "who-said"),
        ("Which guest recommended the book?", "who-said"),
        ("When was the interview published?", "published"),
        ("What do the sources say about chips?", "open"),
        ("Summarise the memo.", "open"),
        ("List the guests.", "list"),
        ("Which two countries signed?", "list"),
        ("workshop third city", "span"),
    ],
)
def test_shapes(text: str, shape: str) -> None:
    assert analyse_question(text).shape == shape


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When did it open?", "date"),
        ("In which year was it founded?", "date"),
        ("How many countries took part?", "number"),
        ("What percentage of sales is lost?", "number"),
        ("Who leads it?", "name"),
        ("Which company built it?", "name"),
        ("Why was it delayed?", "other"),
    ],
)
def test_what_the_answer_looks_like(text: str, expected: str) -> None:
    assert analyse_question(text).expected == expected


def test_options_of_an_either_or_question() -> None:
    assert analyse_question("Did Lindqvist or Reyes say so?").options == ("lindqvist", "reyes")
    assert analyse_question("Who leads it?").options == ()


def test_white_space_is_tidied() -> None:
    assert tidy("  Who\n\tleads \u00a0it? ") == "Who leads it?"


@pytest.mark.parametrize("text", ["", "  \n", "???", "“”"])
def test_empty_questions(text: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        analyse_question(text)


def test_a_question_of_100_000_characters_is_refused_with_its_length() -> None:
    with pytest.raises(QuestionError, match=f"100,000 characters; at most {MAX_QUESTION_CHARS:,}"):
        tidy("a" * 100_000)
    assert len(tidy("a" * MAX_QUESTION_CHARS)) == MAX_QUESTION_CHARS


@given(st.text(max_size=200))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    try:
        question = analyse_question(text)
    except QuestionError:
        assert not any(char.isalnum() for char in text)
        return
    assert question.text == " ".join(text.split())
    assert len(question.options) in (0, 2)
    assert (question.shape != "either-or") or question.options


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "piece", ["or ", "a or b ", "what does ", "which and which ", "$€-' ", "1"]
)
def test_long_questions_are_taken_apart_quickly(piece: str) -> None:
    analyse_question(("Is x or " + piece * 2_000)[:MAX_QUESTION_CHARS])


@pytest.mark.parametrize(
    ("question", "passages", "missing"),
    [
        ("What is the capital of Mongolia?", ["The capital is big."], ("Mongolia",)),
        ("Who says that Oslo has trams?", ["Oslo's tram runs."], ()),
        ("Did NASA land on Europa?", ["Nothing."], ("NASA", "land", "Europa")),
        ("Was it?", ["Nothing."], ("Was", "it")),
        ("Kosten in Zürich?", ["zurich", "KOSTEN"], ()),
    ],
)
def test_missing_words_are_those_that_no_passage_mentions(question, passages, missing):
    assert missing_words(question, passages) == missing
