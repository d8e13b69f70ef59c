"""Sentences cut from a stream: however it comes in pieces, marks stay with their sentences."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.protocols import GeneratorProfile
from rag.cleaning import Cleaner
from rag.prompts import REFUSAL
from rag.writing import SentenceCutter, ends_well, is_looping, is_source_list, says_nothing


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It was in Oslo [1]. It was 38 [2].", ["It was in Oslo [1].", "It was 38 [2]."]),
        ("It was in Oslo. [1] It was 38. [2]", ["It was in Oslo. [1]", "It was 38. [2]"]),
        ("It was in Oslo.[1] It was 38.[2]", ["It was in Oslo. [1]", "It was 38. [2]"]),
        ("It was in Oslo.[1][3], [4] It was 38.", ["It was in Oslo. [1][3], [4]", "It was 38."]),
        ("It was in Oslo.(1) It was 38.(2)", ["It was in Oslo. (1)", "It was 38. (2)"]),
        ("It was in Oslo.¹ It was 38.¹²", ["It was in Oslo. ¹", "It was 38. ¹²"]),
        ("It was in Oslo.^1 It was 38.^2", ["It was in Oslo. ^1", "It was 38. ^2"]),
        ("It was in Oslo. (see [1]) It was 38.", ["It was in Oslo. (see [1])", "It was 38."]),
        (
            "It was in Oslo.\nSource: [1]\nIt was 38.",
            ["It was in Oslo.\nSource: [1]", "It was 38."],
        ),
        ("It was in Oslo.\n\n[1]\n\nIt was 38.", ["It was in Oslo.\n\n[1]", "It was 38."]),
        ("[1] It was in Oslo. [2] It was 38.", ["[1] It was in Oslo.", "[2] It was 38."]),
        ("It was in Oslo.\n[2] It was 38.", ["It was in Oslo.", "[2] It was 38."]),
        ("“It was in Oslo.” [1] It was 38.", ["“It was in Oslo.” [1]", "It was 38."]),
        (
            "The U.S. and Mr. Lee paid 5.6 million [1].",
            ["The U.S. and Mr. Lee paid 5.6 million [1]."],
        ),
        ("It cost approx. 3.5 dollars. Yes [1].", ["It cost approx. 3.5 dollars.", "Yes [1]."]),
        ("1. It was in Oslo [1].\n2. It was 38.", ["1. It was in Oslo [1].", "2. It was 38."]),
        ("在上海举行。[1]共有38国参加。[2]", ["在上海举行。[1]", "共有38国参加。[2]"]),
        ("在上海举行[1]。共有38国参加[2]。", ["在上海举行[1]。", "共有38国参加[2]。"]),
        ("No stop at the end [1]", ["No stop at the end [1]"]),
        ("", []),
        (" .\n; ", []),
    ],
)
def test_borders(text: str, sentences: list[str]) -> None:
    for size in (1, 2, 3, 7, len(text) or 1):
        cutter = SentenceCutter()
        pieces = re.findall(rf".{{1,{size}}}", text, re.S)
        found = [sentence for piece in pieces for sentence in cutter.feed(piece)]
        assert found + cutter.finish() == sentences


@pytest.mark.parametrize("mark", ["[1]", "(1)", "¹", "【1】", "(see [1])", "Source: [1]."])
def test_a_mark_that_comes_late(mark: str) -> None:
    cutter = SentenceCutter()
    first = "It was held in Oslo in September of that year."
    assert cutter.feed(first) == []
    for char in f" {mark}":
        assert cutter.feed(char) == []
    (found,) = cutter.feed("\nAfter that came others to see it. ")
    assert found.split() == f"{first} {mark}".split()


def test_unspaced_text_is_given_out_while_it_comes() -> None:
    cutter = SentenceCutter()
    found = [s for char in "研讨会在上海举行[1]。" * 6 for s in cutter.feed(char)]
    assert len(found) == 5


@pytest.mark.parametrize(
    "sentence",
    [
        "Sources:",
        "**Sources:**",
        "## References",
        "Sources: [1], [2]",
        "References used:",
        "Quellen:",
        "参考文献",
    ],
)
def test_lists_of_sources(sentence: str) -> None:
    assert is_source_list(sentence)


@pytest.mark.parametrize(
    "sentence", ["Sources of money were named [1].", "Source: [1]", "References matter."]
)
def test_no_lists_of_sources(sentence: str) -> None:
    assert not is_source_list(sentence)


@pytest.mark.parametrize(
    "sentence",
    ["## Answer", "**Workshops**", "**Workshops:**", "```", "```json", "[^1]: a.md", "[2]: https://a.org",
     "|---|:--|", "---", "Where was it held?", "どこ？", "The workshops were:"],
)  # fmt: skip
def test_what_says_nothing(sentence: str) -> None:
    assert says_nothing(sentence)


@pytest.mark.parametrize(
    "sentence", ["It was in Oslo [1].", "**It** was [1].", "- **It was** in Oslo"]
)
def test_what_says_something(sentence: str) -> None:
    assert not says_nothing(sentence)


@pytest.mark.parametrize(
    "unit", ["a", "ha ", "so and so ", "It was held in Oslo, in Norway, and then ", "上海"]
)
def test_loops(unit: str) -> None:
    assert is_looping(f"It began so. {unit * 70}")
    assert is_looping(f"It began so. {unit * 70}{unit[: len(unit) // 2]}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no no no",
        "It was in Oslo. It was in Oslo.",
        "-" * 200,
        "|---" * 40,
        ". " * 99,
        "1, 2, 3, 4, 5, 6, 7",
    ],
)
def test_no_loops(text: str) -> None:
    assert not is_looping(text)


@pytest.mark.parametrize(
    ("sentence", "well"),
    [
        ("It was in Oslo.", True),
        ("It was in Oslo. [1]", True),
        ("It was in Oslo [1]", True),
        ("“It was in Oslo.”", True),
        ("在上海。", True),
        ("It was in", False),
        ("", False),
    ],
)
def test_ends(sentence: str, well: bool) -> None:
    assert ends_well(sentence) == well


_FRAGMENTS = [
    "It was in Oslo", "38 countries took part", "[1]", " [2]", "[77]", ". ", ".", "\n", "- ", "**", "<think>",
    "</think>", "<|im_end|>", "<|channel|>analysis", "<", "[", "(1)", "(see [1])", "Source: [2]", "passage 3",
    REFUSAL, "U.S. ", "¹", "^2", "【3】", " Bananas grow", "\x1b[2J", "在上海。", "“", "”", "\nUser: ",
    "| a |", "[^1]: ", "[1]. then ",
]  # fmt: skip


@given(
    script=st.lists(st.sampled_from(_FRAGMENTS), max_size=12),
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5),
)
def test_however_it_is_cut_into_pieces(script: list[str], sizes: list[int]) -> None:
    """The same text in other pieces gives the same sentences, and no mark comes through."""
    text = "".join(script)
    pieces, at, turn = [], 0, 0
    while at < len(text):
        pieces.append(text[at : at + sizes[turn % len(sizes)]])
        at += len(pieces[-1])
        turn += 1
    once, shown_once = _written([text])
    cut, shown_cut = _written(pieces)
    assert cut == once
    assert shown_cut == shown_once
    assert not re.search(r"</?think>|<\|im_end\|>|\x1b", shown_cut)


def _written(pieces: Sequence[str]) -> tuple[list[str], str]:
    cleaner, cutter = Cleaner(GeneratorProfile().strip), SentenceCutter()
    sentences: list[str] = []
    shown = ""
    for piece in pieces:
        ready = cleaner.feed(piece)
        if cleaner.restarted:
            cutter, sentences, shown = SentenceCutter(), [], ""
        shown += ready
        sentences += cutter.feed(ready)
        if cleaner.ended:
            break
    ready = cleaner.finish()
    return sentences + cutter.feed(ready) + cutter.finish(), shown + ready
