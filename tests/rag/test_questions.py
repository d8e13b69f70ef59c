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
        ("Which papers or outlets does the digest summarise?", "list"),
        ("Which electronics company makes it?", "span"),
        ("Which process was used?", "span"),
        ("Could you please tell me when the mill was built?", "span"),
        ("Can you list the guests?", "list"),
        ("Can you freeze the soup?", "yes-no"),
        ("Will you get a refund if the train is late?", "yes-no"),
        ("Can you pay by card or cash?", "either-or"),
        ("Can you tell me if the mill is open?", "yes-no"),
        ("I'd like to know whether the mill is open.", "yes-no"),
        ("Briefly explain the delay.", "open"),
        ("When was Mandela released from prison?", "span"),
        ("What is the date of birth of the applicant?", "span"),
        ("When was the podcast episode 'What They Say' released?", "published"),
        ("When was it published?", "published"),
        ("Who can sign or amend the agreement?", "span"),
        ("Was anyone injured or killed?", "yes-no"),
        ("Which came first, the mill or the bridge?", "either-or"),
        ("Who wrote the memo on overtime?", "span"),
        ("Who wrote that the mill should close?", "who-said"),
        ("Who wrote under the article that the mill should close?", "who-said"),
        ("Whose view is it that the mill should close?", "who-said"),
        ("What did the witness say?", "open"),
        ("What persuaded the people who wanted to quit?", "span"),
        ("In 2019 the firm lost its main client. Did it recover?", "yes-no"),
        ("Dr. Amari runs it. Who owns it?", "span"),
        ("What were the profits in 2021?", "span"),
        ("Which species was found?", "span"),
        ("Hasn't the lease ended?", "yes-no"),
        ("Does anyone know who built the chapel?", "span"),
        ("In two sentences, describe the plan.", "open"),
        ("Would you explain the delay?", "open"),
        ("Do you know who runs it?", "span"),
        ("Do you know if the mill is open?", "yes-no"),
        ("Please summarise the talk.", "open"),
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
