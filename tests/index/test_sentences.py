import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[a:b] for a, b in sentence_spans(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["One.", "Two!", "Three?", "Four…", "Five."],
        ["Mr. Lee met Dr. Wu at 3 p.m. on Monday.", "They left."],
        ["The U.S. economy grew 3.5 percent.", "It slowed in the U.K. later."],
        ["He moved to the U.S.", "The move was quick."],
        ["See No. 7 and Fig. 3.", "He said no.", "Then he went."],
        ["J. K. Rowling wrote it.", "Nobody knew."],
        ["“Is it over?” she asked.", "“Yes.”", "He left (at last.)", "Good."],
        ["It has 1.5 billion users, e.g. in India.", "Really."],
        ["今天举行了会议。", "地点在上海！", "真的吗？"],
        ["Visit example.com for more.", "Thanks."],
    ],
)
def test_prose(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A heading\nThe text begins.", ["A heading", "The text begins."]),
        ("A line that is\nwrapped by hand.", ["A line that is\nwrapped by hand."]),
        ("first\n\nsecond", ["first", "second"]),
        ("- one\n- two\n", ["- one", "- two"]),
        ("1. First thing.\n2. Second thing.", ["1. First thing.", "2. Second thing."]),
        ("one\r\n\r\nTwo", ["one", "Two"]),
        ("", []),
        (" \n\t\n", []),
        ("...", ["..."]),
    ],
)
def test_lines(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_part_of_a_text_is_looked_at_alone() -> None:
    text = "Alpha one. Beta two. Gamma three."
    spans = sentence_spans(text, start=11, end=21)
    assert [text[a:b] for a, b in spans] == ["Beta two."]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from('aB1.!?… \n\r\t\x85\xa0"”)。！”中\U0001f600U.S')))
def test_every_visible_character_lies_in_exactly_one_sentence(text: str) -> None:
    covered = [i for a, b in sentence_spans(text) for i in range(a, b)]
    assert covered == sorted(set(covered))
    assert {i for i, char in enumerate(text) if not char.isspace()} <= set(covered)
    assert all(text[a:b] == text[a:b].strip() for a, b in sentence_spans(text))


@pytest.mark.parametrize("filler", [" ", ".", "\n", " \n", '."', "?! ", "a.", "\r", "。", "’”"])
def test_long_runs_take_no_quadratic_time(filler: str) -> None:
    text = "a" + filler * (200_000 // len(filler)) + "b"
    before = time.perf_counter()
    sentence_spans(text)
    assert time.perf_counter() - before < 3
