"""Questions that a sentence answers: good English, and understandable by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.asking import asked_by
from rag.statements import is_well_formed


def questions(sentence: str, *names: str) -> dict[str, str]:
    return {asked.question: asked.words for asked in asked_by(sentence, names.__contains__)}


@pytest.mark.parametrize(
    ("sentence", "question", "words"),
    [
        (
            "ChatGPT was opened to the public on 30 November 2022, and Baidu showed its Ernie Bot later.",
            "When was ChatGPT opened to the public?",
            "30 November 2022",
        ),
        (
            "On 25 March the Commerce Department placed 80 firms on the Entity List.",
            "When did the Commerce Department place 80 firms on the Entity List?",
            "25 March",
        ),
        (
            "The third AI workshop was held in Shanghai in September 2024.",
            "Where was the third AI workshop held?",
            "Shanghai",
        ),
        (
            "Then investors woke up, and Nvidia lost nearly 600 billion dollars of market value in a day.",
            "How much market value did Nvidia lose in a day?",
            "600 billion dollars",
        ),
        (
            "Nvidia booked a charge of $4.5 billion for the H20 in the quarter that ended on 27 April.",
            "How large a charge did Nvidia book for the H20?",
            "$4.5 billion",
        ),
        (
            "China installed 276,300 industrial robots in 2023.",
            "How many industrial robots did China install in 2023?",
            "276,300",
        ),
        (
            "47 percent of top researchers come from China.",
            "What percentage of top researchers come from China?",
            "47 percent",
        ),
        (
            "38 countries took part in the Shanghai workshop.",
            "How many countries took part in the Shanghai workshop?",
            "38",
        ),
        (
            "Paul Triolo, a partner at the DGA Group, wrote to us.",
            "Who is Paul Triolo?",
            "a partner at the DGA Group",
        ),
        (
            "They met Ana Holm, a lawyer, who directs the trade programme of the Northgate Institute.",
            "Who directs the trade programme of the Northgate Institute?",
            "Ana Holm",
        ),
        (
            "The paper quotes Yoshua Bengio, warning about the risks of systems with goals of their own.",
            "What does Yoshua Bengio warn about?",
            "the risks of systems with goals of their own",
        ),
        ("BIS is an agency of the Department of Commerce.", "What is BIS?", "an agency of the"),
    ],
)
def test_a_sentence_asks(sentence: str, question: str, words: str) -> None:
    found = questions(sentence, "Nvidia", "Baidu", "China", "ChatGPT")
    assert question in found
    assert words in found[question]


@pytest.mark.parametrize(
    "sentence",
    [
        "The company was founded in 2019.",  # which company?
        "It lost 600 billion dollars in a day.",
        "He was born in Oslo in 1950.",
        "This was announced on 4 May 2020.",
        "Talent is the column with the poorest data.",
        "Companies paid 5 million dollars.",
        "The directors of the firm and Nvidia said that they lost 5 million dollars.",
        "“Nvidia lost 5 million dollars,” she said.",
        "lower case lost 5 million dollars",
        "Nvidia",
        "",
    ],
)
def test_what_cannot_be_understood_alone_is_not_asked(sentence: str) -> None:
    assert questions(sentence) == {}


def test_us_is_a_country_and_us_is_we() -> None:
    assert is_well_formed("Should the US beat China in AI?")
    assert not is_well_formed("Should Nvidia tell us about China?")


@given(
    st.text(
        alphabet="ABab Nvidia lost$5.,;:—()“”'’\n*#\u202e<>{}1000million in on May was held",
        max_size=200,
    )
)
def test_whatever_stands_there_questions_are_questions(sentence: str) -> None:
    for asked in asked_by(sentence):
        assert is_well_formed(asked.question)
        assert asked.question.endswith("?")
        assert not set("<>{}*\n\u202e") & set(asked.question)
