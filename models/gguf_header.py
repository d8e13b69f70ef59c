"""What a GGUF file says about its model, read from its header; the weights stay on disk.

llama.cpp can say this too, but only of files whose architecture it knows, and not how many parameters
there are before it has loaded them. A file may be anything: every length is checked before it is used.
"""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import ModelError
from models.packaged import check_gguf

_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _ARRAY = 8, 9
# A header of more entries than any model has is damage.
_MOST_ENTRIES, _MOST_DIMS = 1 << 20, 8
# Longer arrays (a vocabulary) are counted, not kept.
_KEPT_ITEMS = 1024


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What is known of a model file.

    Attributes:
        architecture: llama.cpp's name of it, such as "llama" or "qwen3".
        name: what the file calls its model; may be empty.
        params: number of weights.
        context: the context it was trained for; None where the file does not say.
        n_vocab: number of tokens; 0 where the file does not say.
        kv_bytes_per_token: memory of one token's keys and values at 16 bits, at most.
        chat_template: whether the file brings one.
        licence: as the file states it.
        kind: "model", or what else the file holds: "adapter", "mmproj".
        size_bytes: of the file.
    """

    architecture: str
    name: str
    params: int
    context: int | None
    n_vocab: int
    kv_bytes_per_token: int
    chat_template: bool
    licence: str | None
    kind: str
    size_bytes: int


def read_header(path: Path) -> GgufHeader:
    """Read the header of a GGUF file.

    Raises:
        ModelError: it is no GGUF file, is cut short, or is of a version that is not known.
    """
    check_gguf(path)
    try:
        with (
            path.open("rb") as stream,
            mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            return _Reader(data).header()
    except (OSError, ValueError, struct.error, UnicodeDecodeError, KeyError) as error:
        raise ModelError(
            f"{path} cannot be read as a GGUF model file ({error or type(error).__name__}). It may be cut "
            "short: fetch it again."
        ) from error


class _Reader:
    """Goes through a header from its first byte to its last."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 4

    def header(self) -> GgufHeader:
        version = self._scalar("I")
        if version not in (2, 3):
            raise ValueError(f"version {version}, known are 2 and 3")
        n_tensors, n_entries = self._count(), self._count()
        values: dict[str, Any] = {}
        for _ in range(n_entries):
            key = self._text()
            values[key] = self._value(self._scalar("I"))
        params = sum(self._tensor_size() for _ in range(n_tensors))
        return _described(values, params, len(self._data))

    def _scalar(self, kind: str) -> Any:
        (value,) = struct.unpack_from("<" + kind, self._data, self._at)
        self._at += struct.calcsize("<" + kind)
        return value

    def _count(self) -> int:
        number = int(self._scalar("Q"))
        if number > _MOST_ENTRIES:
            raise ValueError(f"{number} entries")
        return number

    def _skip(self, n_bytes: int) -> int:
        """Go on by so many bytes; returns where they began."""
        start = self._at
        if n_bytes > len(self._data) - start:
            raise ValueError("the file ends too early")
        self._at += n_bytes
        return start

    def _text(self) -> str:
        length = int(self._scalar("Q"))
        start = self._skip(length)
        return self._data[start : start + length].decode("utf-8", "replace")

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._text()
        if kind == _ARRAY:
            return self._array()
        return self._scalar(_SCALARS[kind])

    def _array(self) -> Any:
        """The items of a short array of numbers; of any other, how many there are."""
        kind, length = int(self._scalar("I")), int(self._scalar("Q"))
        if kind in _SCALARS:
            size = struct.calcsize("<" + _SCALARS[kind])
            start = self._skip(size * length)
            if length > _KEPT_ITEMS:
                return length
            return list(struct.unpack_from(f"<{length}{_SCALARS[kind]}", self._data, start))
        if kind != _STRING:
            raise ValueError(f"an array of kind {kind}")
        for _ in range(length):
            self._skip(int(self._scalar("Q")))
        return length

    def _tensor_size(self) -> int:
        self._text()
        n_dims = int(self._scalar("I"))
        if n_dims > _MOST_DIMS:
            raise ValueError(f"a tensor of {n_dims} dimensions")
        size = 1
        for _ in range(n_dims):
            size *= int(self._scalar("Q"))
        self._skip(4 + 8)  # its type, its place in the file
        return size


def _described(values: dict[str, Any], params: int, size_bytes: int) -> GgufHeader:
    architecture = str(values.get("general.architecture", ""))
    if not architecture or not params:
        raise ValueError("no architecture or no weights in it")
    n_parts = values.get("split.count", 0)
    if isinstance(n_parts, int) and n_parts > 1:
        raise ValueError(
            f"it is one of {n_parts} parts of a model; join them with llama-gguf-split --merge"
        )

    def number(key: str) -> int:
        value = values.get(f"{architecture}.{key}", 0)
        return int(value) if isinstance(value, int | float) else 0

    context, n_vocab = number("context_length"), values.get("tokenizer.ggml.tokens", 0)
    licence = values.get("general.license")
    return GgufHeader(
        architecture=architecture,
        name=str(values.get("general.name", "")),
        params=params,
        context=context or None,
        n_vocab=n_vocab if isinstance(n_vocab, int) else number("vocab_size"),
        kv_bytes_per_token=_kv_bytes(values, architecture, number),
        chat_template=bool(values.get("tokenizer.chat_template")),
        licence=str(licence) if licence else None,
        kind=str(values.get("general.type", "model")),
        size_bytes=size_bytes,
    )


def _kv_bytes(values: dict[str, Any], architecture: str, number: Any) -> int:
    """Two bytes for each key and value of each layer; a layer without attention has none."""
    n_layers, n_heads = number("block_count"), number("attention.head_count") or 1
    head = number("embedding_length") // n_heads
    both = (number("attention.key_length") or head) + (number("attention.value_length") or head)
    per_layer = values.get(f"{architecture}.attention.head_count_kv", n_heads)
    heads = sum(per_layer) if isinstance(per_layer, list) else int(per_layer) * n_layers
    return int(2 * heads * both)
