"""Footnote marks in every style that models use, and brackets that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.marks import leading_marks, marked_numbers, plain_sentence, without_naming


@pytest.mark.parametrize(
    ("mark", "numbers"),
    [
        ("[1]", {1}),
        ("[ 1 ]", {1}),
        ("[1, 3]", {1, 3}),
        ("[1;3]", {1, 3}),
        ("[1/3]", {1, 3}),
        ("[1][3]", {1, 3}),
        ("[1] [3]", {1, 3}),
        ("[1], [3]", {1, 3}),
        ("[1] and [3]", {1, 3}),
        ("[1], [2], and [4]", {1, 2, 4}),
        ("[1-3]", {1, 2, 3}),
        ("[1–3]", {1, 2, 3}),
        ("[1]-[3]", {1, 2, 3}),
        ("[9-1]", {1, 9}),
        ("[1-9999]", {1, 9999}),
        ("[[1]]", {1}),
        ("[[1](#ref-1)]", {1}),
        ("[1](https://example.org/1)", {1}),
        ("\\[1\\]", {1}),
        ("**[1]**", {1}),
        ("(1)", {1}),
        ("(1, 3)", {1, 3}),
        ("{1}", {1}),
        ("【1】", {1}),
        ("【1†source】", {1}),
        ("【1†L3-L7】", {1}),
        ("［1］", {1}),
        ("（1）", {1}),
        ("[^1]", {1}),
        ("[^1^]", {1}),
        ("^1", {1}),
        ("^1^", {1}),
        ("¹", {1}),
        ("<sup>1</sup>", {1}),
        ("<sup>[1, 3]</sup>", {1, 3}),
        ("[#1]", {1}),
        ("[passage 1]", {1}),
        ("[Passage 1 and Passage 3]", {1, 3}),
        ("[Source: 1]", {1}),
        ("[Doc. 1]", {1}),
        ("(Passage 1)", {1}),
        ("(see [1])", {1}),
        ("(see passage 1)", {1}),
        ("(Source: [1], [3])", {1, 3}),
        ("(cf. [1])", {1}),
        ("[1, p. 3]", {1}),
        ("[1: Workshops]", {1}),
        ("[Quelle 1]", {1}),
        ("[1 und 3]", {1, 3}),
        ("[Fuente 1]", {1}),
        ("[1 et 3]", {1, 3}),
        ("[段落1]", {1}),
        ("[来源1、3]", {1, 3}),
        ("[المصدر 1]", {1}),
        ("[١]", {1}),
        (", as stated in passage 1", {1}),
        (", according to [1]", {1}),
        (" Passage 1", {1}),
    ],
)
@pytest.mark.parametrize("place", ["in front of the stop", "glued on", "behind the stop"])
def test_styles(mark: str, numbers: set[int], place: str) -> None:
    if place == "glued on" and mark[0] in " ,":
        place = "in front of the stop"
    sentence = {
        "in front of the stop": f"It was in Oslo {mark.strip()}."
        if mark[0] != ","
        else f"It was in Oslo{mark}.",
        "glued on": f"It was in Oslo{mark}.",
        "behind the stop": f"It was in Oslo. {mark.strip(' ,')}",
    }[place]
    assert marked_numbers(sentence) == numbers
    assert plain_sentence(sentence) == "It was in Oslo."


@pytest.mark.parametrize(
    ("sentence", "plain", "numbers"),
    [
        ("[1] It was in Oslo.", "It was in Oslo.", {1}),
        ("[1] Reports were in Oslo.", "Reports were in Oslo.", {1}),
        ("(1) It was in Oslo.", "It was in Oslo.", {1}),
        ("According to [1], it was in Oslo.", "It was in Oslo.", {1}),
        ("According to passage 2, it was in Oslo.", "It was in Oslo.", {2}),
        ("As stated in [1] and [2], it was in Oslo.", "It was in Oslo.", {1, 2}),
        ("Passage 1 states that it was in Oslo.", "It was in Oslo.", {1}),
        ("[2] says that it was in Oslo.", "It was in Oslo.", {2}),
        ("Passage [2] mentions Oslo.", "Oslo.", {2}),
        ("Source 1: It was in Oslo.", "It was in Oslo.", {1}),
        ("Passage 3 - It was in Oslo.", "It was in Oslo.", {3}),
        ("It was [1] in Oslo [2].", "It was in Oslo.", {1, 2}),
        ("It was in Oslo [1], and in Bergen [2].", "It was in Oslo, and in Bergen.", {1, 2}),
        ("Oslo is named in passage 1.", "Oslo is named in passage 1.", {1}),
        ("It is in document 2 of the annex [1].", "It is in document 2 of the annex.", {1}),
        ("在上海举行[1]。", "在上海举行。", {1}),
        ("在上海[1]和北京[2]举行。", "在上海和北京举行。", {1, 2}),
    ],
)
def test_marks_anywhere(sentence: str, plain: str, numbers: set[int]) -> None:
    assert plain_sentence(sentence) == plain
    assert marked_numbers(sentence) == numbers


@pytest.mark.parametrize(
    ("sentence", "plain"),
    [
        ("It was in Oslo (2024) [1].", "It was in Oslo (2024)."),
        # A year in square brackets would pass for a footnote.
        ("In [2024] it was in Oslo [1].", "In (2024) it was in Oslo."),
        ("Two aims: (1) money, (2) time [1].", "Two aims: (1) money, (2) time."),
        ("The first is a[2] here [1].", "The first is a[2] here."),
        ("The first is `rows[2]` here [1].", "The first is `rows[2]` here."),
        ("It is rows[2].name here [1].", "It is rows[2].name here."),
        ("See https://a.org/p[2]/q here [1].", "See https://a.org/p[2]/q here."),
        ("It is 10^2 km² wide [1].", "It is 10^2 km² wide."),
        ("In [the city of] Oslo [1].", "In [the city of] Oslo."),
        ("It costs f(2) [1].", "It costs f(2)."),
    ],
)
def test_brackets_of_the_text_stay(sentence: str, plain: str) -> None:
    assert plain_sentence(sentence) == plain
    assert marked_numbers(sentence) == {1}


@pytest.mark.parametrize(
    ("sentence", "plain"),
    [
        ("- **Bold** [1],  and\nmore (2).", "Bold, and more."),
        ("1. *It* was in __Oslo__ [1]", "It was in Oslo"),
        ("> - It was in Oslo [1].", "It was in Oslo."),
        ("[Oslo](https://a.org) has it [1].", "Oslo has it."),
        ("<b>Oslo</b> has it [1].<br>", "Oslo has it."),
        ("| Third | Oslo [1] |", "Third, Oslo"),
        ("Answer: It was in Oslo [1].", "It was in Oslo."),
        ("**Antwort:** Es war in Oslo [1].", "Es war in Oslo."),
        ("5 * 3 * 2 is snake_case_name [1].", "5 * 3 * 2 is snake_case_name."),
        ("“It was in Oslo.” [1]", "“It was in Oslo.”"),
    ],
)
def test_markdown_is_taken_off(sentence: str, plain: str) -> None:
    assert plain_sentence(sentence) == plain


@pytest.mark.parametrize(
    "sentence", ["[1]", "[1][2].", "Passage 1.", "Source: [1]", "**", "(see [1])"]
)
def test_nothing_but_marks(sentence: str) -> None:
    assert not any(char.isalnum() for char in without_naming(plain_sentence(sentence)))


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (" [1] Next", " [1]"),
        (" [1], [2] and [3] Next", " [1], [2] and [3]"),
        ("\n[1]\nNext", "\n[1]"),
        (" (see [1]) Next", " (see [1])"),
        ("\nSource: [1]\nNext", "\nSource: [1]"),
        (" Source: [1] says", ""),
        (" Next [1]", ""),
        ("", ""),
    ],
)
def test_a_row_of_marks(text: str, row: str) -> None:
    assert text[: leading_marks(text)] == row


def test_enumerations_are_no_figures() -> None:
    assert "2" not in without_naming("Two aims: (1) money, (2) time.")
    # A figure alone in brackets is one.
    assert "20" in without_naming("All members (20) came.")


@given(st.text(alphabet="ab [](){}【】^¹12,.-*_|`<>/\ue000\ue001\n", max_size=60))
def test_no_given_number_is_left_in_square_brackets(text: str) -> None:
    """Whatever is written, what is left reads the same when it is read again."""
    plain = plain_sentence(f"Oslo {text} Oslo [7].")
    assert "[7]" not in plain
    assert "\ue000" not in plain
    assert 7 in marked_numbers(f"Oslo {text} Oslo [7].") or "`" in text
