import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import ModelError
from models.packaged import starter_gguf
from models.surrogates import without_surrogates
from models.tokens import (
    LlamaTokenCounter,
    TiktokenCounter,
    TokenizerError,
    Vocabulary,
    _encoding,
    read_vocabulary,
    tiktoken_from_gguf,
    token_counter,
)

TEXTS = [
    "",
    " ",
    "The third workshop was held in Shanghai; don't they've I'll 'SHE'S'?",
    "def f(x: int) -> int:\n    return x ** 2  # squared\n\n\n\tif True:\r\n\t\tpass\r",
    "In 2024, 47 % of 1,234,567.89 (≈ 12e-3) ½ ² Ⅷ ٣ 一千 0x1F 2025-01-16T10:00",
    "a  b   c    d \t e\t\tf \n g\n\n h \u00a0 i\u2003j\u3000k\u200bl\u2028m\u0085n \x1c o \x0b p",
    "end of line   \n   start   5   6  \n\n  7",
    "😀 👨‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️ ☕5 😀😀",
    "中美人工智能竞赛。第三次研讨会在上海举行！ 日本語のテキスト 한국어 텍스트",
    "Ünïcödé naïve café e\u0301 İstanbul ǅ ß ﬁ Ω ж ख़ ไทย العربية עברית",
    "<|im_start|>system\nignore<|im_end|><|endoftext|><repo_name>",
    "\ufeffbyte order mark \ufffd \ufffe \U0010ffff \U000e0001",
    "-" * 300 + "=" * 301 + "." * 302 + " " * 303 + "x",
    "https://example.org/a?b=c&d=%20e#f me@example.org C++ C# .NET $$\\alpha$$ `x`",
]

# What the patterns part differently when it stands side by side.
MIXTURE = [" ", "  ", "\n", "\t", "\r\n", "'", "'s", "'ll", "1", "23", "word", " The", "é", "中"]
MIXTURE += ["😀", "-", "...", "\x04", "\U00040000", "\u00a0", "e\u0301", "A", "²", "<|im_end|>"]


@pytest.fixture(scope="module")
def gguf() -> Path:
    return starter_gguf()


@pytest.fixture(scope="module")
def fast(gguf: Path) -> TiktokenCounter:
    return TiktokenCounter.from_gguf(gguf)


@pytest.fixture(scope="module")
def exact(gguf: Path) -> LlamaTokenCounter:
    return LlamaTokenCounter(gguf)


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS)
def test_same_ids_as_llama_cpp(text: str, fast: TiktokenCounter, exact: LlamaTokenCounter) -> None:
    assert fast.encode(text) == exact.encode(text)
    assert fast.count(text) == exact.count(text) == len(exact.encode(text))


@pytest.mark.slow
def test_missing_bytes_are_dropped_as_in_llama_cpp(
    gguf: Path, fast: TiktokenCounter, exact: LlamaTokenCounter
) -> None:
    missing = read_vocabulary(gguf).missing_bytes
    assert bytes(missing).hex() == "04061314161dc0c1f1f2f5f6f7f8f9fafbfcfdfeff"
    # In valid UTF-8 only these can stand: six control characters, and what begins with f1 or f2.
    characters = [chr(byte) for byte in missing if byte < 0x80]
    characters += ["\U00040000", "\U0007ffff", "\U00080000", "\U000bffff"]
    for character in characters:
        for text in (character, f"a{character}b", f" {character} 1{character}{character}\n"):
            assert fast.encode(text) == exact.encode(text), repr(text)
    assert fast.count("\x04") == 0
    # The dropped byte still parts the text: it is not the same as leaving it out beforehand.
    assert fast.encode("work\x04shop") != fast.encode("workshop")


@pytest.mark.slow
def test_every_character_in_context(fast: TiktokenCounter, exact: LlamaTokenCounter) -> None:
    points = [*range(0xD800), *range(0xE000, 0x32000, 3), *range(0xE0000, 0xE0200)]
    wrong = [
        hex(point)
        for point in points
        if fast.encode(text := f"a {chr(point)}b{chr(point)} 1{chr(point)}\n") != exact.encode(text)
    ]
    assert wrong == []


@pytest.mark.slow
@settings(
    max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.characters(exclude_categories=("Cs",)), max_size=80))
def test_random_characters(text: str, fast: TiktokenCounter, exact: LlamaTokenCounter) -> None:
    assert fast.encode(text) == exact.encode(text)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(
    text=st.lists(
        st.one_of(st.sampled_from(MIXTURE), st.characters(codec="utf-8")), max_size=30
    ).map("".join)
)
def test_random_mixtures(text: str, fast: TiktokenCounter, exact: LlamaTokenCounter) -> None:
    assert fast.encode(text) == exact.encode(text)


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["a", " ", "\n", "1", "!", "中", "ab "])
def test_long_runs_are_counted_in_time(
    piece: str, fast: TiktokenCounter, exact: LlamaTokenCounter
) -> None:
    text = piece * 100_000
    start = time.monotonic()
    n_tokens = fast.count(text)
    assert time.monotonic() - start < 5
    assert n_tokens == exact.count(text)


@pytest.mark.slow
def test_marks_of_the_prompt_are_text(fast: TiktokenCounter) -> None:
    assert fast.count("<|im_end|>") > 1


@pytest.mark.slow
def test_lone_surrogates_do_not_stop_the_count(
    fast: TiktokenCounter, exact: LlamaTokenCounter
) -> None:
    assert fast.encode("a\ud800b") == exact.encode("a\ud800b") == fast.encode("a\ufffdb")


@pytest.mark.slow
def test_encoding_is_a_tiktoken_encoding(gguf: Path) -> None:
    encoding = tiktoken_from_gguf(gguf)
    assert encoding.decode(encoding.encode_ordinary("a word\x04 of 中 \x00")) == (
        "a word\x04 of 中 \x00"
    )
    assert encoding.encode("<|im_end|>", allowed_special="all") == [2]


@pytest.mark.slow
def test_counter_is_chosen_by_the_file(gguf: Path) -> None:
    assert isinstance(token_counter(gguf), TiktokenCounter)


def test_unknown_rule_is_refused_by_name() -> None:
    vocabulary = Vocabulary("qwen2", {bytes([byte]): byte for byte in range(256)}, {}, 256)
    with pytest.raises(TokenizerError, match=r"'qwen2'.*known here are smollm.*llama\.cpp"):
        _encoding(vocabulary, Path("m.gguf"))


def test_toy_vocabulary_counts_and_drops() -> None:
    ranks = {bytes([byte]): byte for byte in range(255)} | {b"ab": 255}
    counter = TiktokenCounter(
        _encoding(Vocabulary("smollm", ranks, {}, 256), Path("m.gguf")), n_vocab=256
    )
    assert counter.encode("ab a") == [255, 32, 97]
    assert counter.count("\udfff") == 3


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"GGUF\x03\x00\x00\x00"])
def test_no_gguf_is_a_model_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"bad\.gguf"):
        token_counter(path)


def test_missing_file_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.gguf.*check the path"):
        token_counter(tmp_path / "none.gguf")


def test_surrogate_pairs_become_the_character() -> None:
    assert without_surrogates("\ud83d\ude00 ok \udc00") == "😀 ok \ufffd"
