import contextlib
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ModelError
from models.gguf_header import GgufHeader, read_header
from models.packaged import starter_gguf


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def entry(key: str, value: object) -> bytes:
    """A key with a number, a text, a list of numbers or a list of texts."""
    if isinstance(value, str):
        return text(key) + struct.pack("<I", 8) + text(value)
    if isinstance(value, int):
        return text(key) + struct.pack("<II", 4, value)
    assert isinstance(value, list)
    if all(isinstance(item, int) for item in value):
        items = struct.pack(f"<{len(value)}i", *value)
        return text(key) + struct.pack("<IIQ", 9, 5, len(value)) + items
    return (
        text(key) + struct.pack("<IIQ", 9, 8, len(value)) + b"".join(text(item) for item in value)
    )


def gguf(values: dict[str, object], tensors: list[tuple[int, ...]]) -> bytes:
    made = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(values))
    made += b"".join(entry(key, value) for key, value in values.items())
    for n, shape in enumerate(tensors):
        made += text(f"blk.{n}.weight") + struct.pack("<I", len(shape))
        made += struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", 0, 0)
    return made + bytes(64)


VALUES: dict[str, object] = {
    "general.architecture": "mixed",
    "general.name": "A mixed one",
    "general.license": "mit",
    "mixed.context_length": 4096,
    "mixed.block_count": 3,
    "mixed.embedding_length": 64,
    "mixed.attention.head_count": 8,
    "mixed.attention.head_count_kv": [2, 0, 4],
    "tokenizer.ggml.tokens": ["a", "bc", ""],
    "tokenizer.chat_template": "{{ messages }}",
}


def header_of(tmp_path: Path, values: dict[str, object]) -> GgufHeader:
    path = tmp_path / "made.gguf"
    path.write_bytes(gguf(values, [(64, 3), (10,)]))
    return read_header(path)


def test_the_starter() -> None:
    header = read_header(starter_gguf())
    assert header.architecture == "llama"
    assert header.params == 134_515_008
    assert header.context == 8192
    assert header.n_vocab == 49_152
    # 30 layers, 3 heads of 64 for keys and for values, two bytes each.
    assert header.kv_bytes_per_token == 30 * 3 * (64 + 64) * 2
    assert header.chat_template
    assert header.licence == "apache-2.0"
    assert header.size_bytes == starter_gguf().stat().st_size


def test_what_a_header_says(tmp_path: Path) -> None:
    assert header_of(tmp_path, VALUES) == GgufHeader(
        architecture="mixed",
        name="A mixed one",
        params=64 * 3 + 10,
        context=4096,
        n_vocab=3,
        # Layers without attention keep nothing.
        kv_bytes_per_token=(2 + 0 + 4) * (8 + 8) * 2,
        chat_template=True,
        licence="mit",
        kind="model",
        size_bytes=(tmp_path / "made.gguf").stat().st_size,
    )


def test_what_a_header_leaves_out(tmp_path: Path) -> None:
    header = header_of(tmp_path, {"general.architecture": "bare", "general.type": "adapter"})
    assert header.context is None
    assert header.licence is None
    assert header.kv_bytes_per_token == 0
    assert header.kind == "adapter"
    assert not header.chat_template


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"general.architecture": ""}, "no architecture"),
        ({"split.count": 3}, "one of 3 parts .* llama-gguf-split --merge"),
    ],
)
def test_files_that_are_no_whole_model(
    tmp_path: Path, change: dict[str, object], expected: str
) -> None:
    with pytest.raises(ModelError, match=expected):
        header_of(tmp_path, VALUES | change)


def test_a_file_cut_short_anywhere_is_an_error(tmp_path: Path) -> None:
    whole = gguf(VALUES, [(64, 3), (10,)])[:-64]
    path = tmp_path / "cut.gguf"
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(ModelError):
            read_header(path)


@settings(max_examples=300, deadline=None)
@given(at=st.integers(4, 700), patch=st.binary(min_size=1, max_size=12))
def test_damage_never_does_more_than_fail(
    tmp_path_factory: pytest.TempPathFactory, at: int, patch: bytes
) -> None:
    whole = bytearray(gguf(VALUES, [(64, 3), (10,)]))
    whole[at : at + len(patch)] = patch
    path = tmp_path_factory.getbasetemp() / "damaged.gguf"
    path.write_bytes(whole)
    # Anything but an error for a person is a failure here.
    with contextlib.suppress(ModelError):
        assert read_header(path).size_bytes == len(whole)
