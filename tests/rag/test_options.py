"""Which option of "A or B" is named, and which further sentence is worth its place."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from rag.answers import SpanAnswer
from rag.evidence import Candidate
from rag.options import named_option, says_more
from rag.questions import Question, analyse_question

EITHER = analyse_question("Did Lindqvist or Reyes say so?")
OPEN = analyse_question("What do the sources say about chips?")
YES_NO = analyse_question("Is the station open?")
Sentence = Callable[..., Candidate]


@pytest.fixture
def sentence(answer_of: Callable[..., SpanAnswer]) -> Sentence:
    def make(text: str, *, speaker: str | None = None, document: int = 1) -> Candidate:
        (candidate,) = answer_of(text, document=document).sentences
        passage = replace(candidate.hit.passage, speaker=speaker)
        return replace(candidate, hit=replace(candidate.hit, passage=passage))

    return make


@pytest.mark.parametrize(
    ("words", "speaker", "text", "option"),
    [
        ("Anton Reyes", "Mara Lindqvist", "Lindqvist spoke.", "Reyes"),
        ("in Arlen", "Mara Lindqvist", "Reyes is wrong.", "Lindqvist"),
        ("Reyes and Lindqvist", "Mara Lindqvist", "It is so.", "Lindqvist"),
        ("", None, "It was REYES.", "Reyes"),
        ("", "The host", "Lindqvist agreed.", "Lindqvist"),
        ("", None, "Reyes told Lindqvist.", None),
        ("", None, "Nobody said so.", None),
        ("", None, "Reyeson said so.", None),
    ],
)
def test_the_option_that_is_named(
    sentence: Sentence, words: str, speaker: str | None, text: str, option: str | None
) -> None:
    assert named_option(EITHER, sentence(text, speaker=speaker), words) == option


def test_the_option_is_written_as_in_the_question(sentence: Sentence) -> None:
    question = analyse_question("Was the plant built in Zürich or in Arlen?")
    assert question.options == ("zürich", "arlen")
    assert named_option(question, sentence("It was built in Zurich.")) == "Zürich"
    assert named_option(question, sentence("ARLEN it is.")) == "Arlen"


def test_an_option_that_the_question_does_not_write_is_given_as_it_is(sentence: Sentence) -> None:
    question = Question("Which of the two?", "either-or", "name", ("reyes", "lindqvist"))
    assert named_option(question, sentence("Reyes did.")) == "reyes"


def test_without_options_none_is_named(sentence: Sentence) -> None:
    assert named_option(YES_NO, sentence("Reyes did."), "Reyes") is None


def test_open_questions_take_one_sentence_a_source(sentence: Sentence) -> None:
    shown = [sentence("Chips are scarce.", document=1)]
    assert not says_more(OPEN, sentence("Prices have doubled.", document=1), shown)
    assert says_more(OPEN, sentence("Chips are scarce.", document=2), shown)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("The station opened in May.", False),
        ("THE STATION OPENED: in May!", False),
        ("The station in May", False),
        ("The station opened in June.", False),  # four of five words
        ("The mayor opened it in June.", True),
        ("It is still closed.", True),
    ],
)
def test_other_questions_take_sentences_that_add_words(
    sentence: Sentence, text: str, more: bool
) -> None:
    shown = [sentence("Unrelated words stand here."), sentence("The station opened in May.")]
    assert says_more(YES_NO, sentence(text, document=2), shown) is more


def test_the_first_sentence_always_says_more(sentence: Sentence) -> None:
    for question in (OPEN, YES_NO):
        assert says_more(question, sentence("Chips are scarce."), [])
