"""Misspelt words of a question become words of the library, and nothing else changes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library import Library
from models.fake import FakeEmbedder
from rag.spelling import edit_distance, mend_spelling, spellings

COMMON = {"attend", "capital", "world"}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    text = tmp_path / "workshop.txt"
    text.write_text(
        "The third workshop on semiconductor restrictions was held in Shanghai. "
        "Hours of housing: an hour, with attention. A summary."
    )
    made = Library(tmp_path / "library", FakeEmbedder())
    made.add([text])
    yield made
    made.close()


@pytest.mark.parametrize(
    ("asked", "mended"),
    [
        ("where was the thrid wrokshop held", "where was the third workshop held"),
        ("semicondcutor restrictons", "semiconductor restrictions"),
        ("Was it held in Shangai?", "Was it held in Shanghai?"),
        ("What is the capital of Mongolia?", "What is the capital of Mongolia?"),
        ("Who won the 1998 world cup?", "Who won the 1998 world cup?"),
        ("Did they attend the houzing workshop?", "Did they attend the housing workshop?"),
        ("What does it summarise?", "What does it summarise?"),
        ("", ""),
    ],
)
def test_mends_what_is_misspelt_and_nothing_else(library: Library, asked: str, mended: str) -> None:
    assert mend_spelling(asked, library.store, COMMON.__contains__) == mended


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("kitten", "sitting", 3)],
)
def test_edit_distance_of_known_pairs(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == distance


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_edit_distance_is_symmetric_and_bounded(a: str, b: str) -> None:
    assert edit_distance(a, b) == edit_distance(b, a)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


def test_british_spelling_is_no_mistake():
    assert spellings("summarise") == ["summarise", "summarize"]
    assert spellings("organisations") == ["organisations", "organizations"]
    assert spellings("labour") == ["labour", "labor"]
    assert spellings("wise men") == ["wise men"]
