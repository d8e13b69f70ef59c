"""Thinking and control tokens in every family's spelling, in pieces of every size."""

import re
from collections.abc import Iterator

import pytest

from models.protocols import GeneratorProfile
from rag.cleaning import Cleaner

STRIP = GeneratorProfile().strip


def cut(text: str) -> Iterator[list[str]]:
    """The text whole, character by character, and in pieces between."""
    for size in (len(text) or 1, 1, 2, 5, 11):
        yield re.findall(rf".{{1,{size}}}", text, re.S)


def shown(pieces: list[str], strip: tuple[tuple[str, str], ...] = STRIP) -> str:
    cleaner, text = Cleaner(strip), ""
    for piece in pieces:
        ready = cleaner.feed(piece)
        text = ready if cleaner.restarted else text + ready
        if cleaner.ended:
            break
    return text + cleaner.finish()


@pytest.mark.parametrize(("start", "end"), STRIP)
@pytest.mark.parametrize("change", [str, str.upper, str.title])
def test_every_mark_of_thinking(start: str, end: str, change) -> None:
    text = f"{change(start)}\nIt may be Geneva [1].\n{change(end)}Oslo [1]."
    for pieces in cut(text):
        assert shown(pieces) == "Oslo [1]."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>a<think>b</think>c</think>Oslo.", "Oslo."),
        ("<think>a</think>Oslo.<think>b</think> Yes.", "Oslo. Yes."),
        ("<think></think>Oslo.", "Oslo."),
        ("Geneva, I think.</think>Oslo.", "Oslo."),
        ("Oslo.<think>never ended", "Oslo."),
        ("<think>never ended, <thinking> nor this", ""),
        ("Oslo.<thin", "Oslo.<thin"),
        ("3 < 5, a <b and c", "3 < 5, a <b and c"),
        ("İİ<think>İİİ</think>İ Oslo", "İİİ Oslo"),
        # gpt-oss: only what stands in the final channel.
        (
            "<|channel|>analysis<|message|>Geneva.<|end|><|start|>assistant<|channel|>commentary"
            "<|message|>Wait.<|end|><|start|>assistant<|channel|>final<|message|>Oslo.<|return|>",
            "Oslo.",
        ),
        ("<|channel|>final<|message|>Oslo.<|return|>more", "Oslo."),
        ("<|channel>thought\nGeneva.<channel|>Oslo.<turn|>", "Oslo."),
    ],
)
def test_thinking(text: str, expected: str) -> None:
    for pieces in cut(text):
        assert shown(pieces) == expected


@pytest.mark.parametrize(
    "end",
    [
        "<|im_end|>",
        "<|eot_id|>",
        "<|eot|>",
        "</s>",
        "[/s]",
        "<|end|>",
        "<|endoftext|>",
        "<|end_of_text|>",
        "<end_of_turn>",
        "<turn|>",
        "<eos>",
        "<end_of_utterance>",
        "<|END_OF_TURN_TOKEN|>",
        "<｜end▁of▁sentence｜>",
        # The next turn, opened by the model itself.
        "<|im_start|>user\n",
        "<|user|>\n",
        "<|start_header_id|>user<|end_header_id|>",
        "<start_of_turn>user\n",
        "<|turn>user\n",
        "[INST] ",
        "\nUser: ",
        "\n\nQuestion: ",
        "\n**Question:** ",
        "\nHuman: ",
    ],
)
def test_ends_of_a_turn(end: str) -> None:
    for pieces in cut(f"Oslo [1].{end}Who paid? Bergen."):
        assert shown(pieces).strip() == "Oslo [1]."


@pytest.mark.parametrize(
    "begin",
    [
        "<|im_start|>assistant\n",
        "<|im_end|>\n<|im_start|>assistant\n",
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
        "<start_of_turn>model\n",
        "<|turn>model\n",
        "<|assistant|>\n",
        "<|start_of_role|>assistant<|end_of_role|>",
        "<s>",
        "[/INST] ",
        "<｜Assistant｜>",
    ],
)
def test_control_tokens_in_front(begin: str) -> None:
    for pieces in cut(f"{begin}Oslo [1]."):
        assert shown(pieces).strip() == "Oslo [1]."


@pytest.mark.parametrize(
    "text", ["\x1b[31mOslo\x1b[0m", "O\x07sl\x00o", "\ufeffOs\u200blo", "Oslo\u202e"]
)
def test_what_would_change_the_screen(text: str) -> None:
    for pieces in cut(text):
        assert shown(pieces) == "Oslo"


@pytest.mark.parametrize(
    "text", ["a\n\nb\tc", "می‌خواهم", "38 %", "x|y <5>", "U.S. [1]", "Quest\nion: no"]
)
def test_the_rest_is_left_alone(text: str) -> None:
    for pieces in cut(text):
        assert shown(pieces) == text


def test_nothing_is_held_back_for_long() -> None:
    cleaner = Cleaner(STRIP)
    text = "It was in Oslo, where 38 countries met. " * 3
    given = "".join(cleaner.feed(char) for char in text)
    assert len(text) - len(given) <= 1


def test_without_marks_of_thinking() -> None:
    assert shown(["<think>a</think>"], ()) == "<think>a</think>"
