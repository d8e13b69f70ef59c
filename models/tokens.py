"""Counting a generator's tokens without loading its weights.

`tiktoken` fetches its vocabularies from the web; a GGUF file of a byte-level BPE model holds one
already, its ids in merge order, which is all that tiktoken needs. llama.cpp reads the vocabulary
(0.2 s), tiktoken counts (several times as fast as llama.cpp). Tokenizers of another make are
counted by llama.cpp itself. This module knows text and numbers of tokens, nothing of prompts.
"""

import ctypes
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tiktoken

from models.errors import ModelError
from models.llama_log import route_llama_log
from models.packaged import check_gguf
from models.protocols import TokenCounter
from models.surrogates import without_surrogates

__all__ = [
    "LlamaTokenCounter",
    "TiktokenCounter",
    "TokenizerError",
    "Vocabulary",
    "read_vocabulary",
    "tiktoken_from_gguf",
    "token_counter",
    "without_surrogates",
]

# llama.cpp splits SmolLM2's text twice: each digit for itself first, then what lies between by
# GPT-2's pattern. In one pattern that is: a digit alone, and white space before a digit whole.
_SMOLLM = r"'s|'t|'re|'ve|'m|'ll|'d|\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?=\p{N})|\s+(?!\S)|\s+"
_PATTERNS = {"smollm": _SMOLLM}
_BPE_TYPE = 2
_ATTR_CONTROL_OR_UNUSED = 1 | 2 | 8  # LLAMA_TOKEN_ATTR_UNKNOWN, _UNUSED, _CONTROL
_ATTR_USER_DEFINED = 16


class TokenizerError(ModelError):
    """The model's tokenizer is not of the kind that can be rebuilt exactly."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a GGUF file says about its tokenizer.

    Attributes:
        pre: name of the rule that splits text before merging.
        ranks: id of each token that text can produce, by its bytes.
        special: id of each token that text never produces.
        n_tokens: number of ids.
    """

    pre: str
    ranks: dict[bytes, int]
    special: dict[str, int]
    n_tokens: int

    @property
    def missing_bytes(self) -> tuple[int, ...]:
        """Bytes that no token stands for; llama.cpp drops them from a text."""
        return tuple(byte for byte in range(256) if bytes([byte]) not in self.ranks)


def read_vocabulary(path: Path) -> Vocabulary:
    """Read the vocabulary of a byte-level BPE model; its weights stay on disk.

    Raises:
        TokenizerError: the model's tokenizer is not byte-level BPE, or has tokens of its own
            that are cut out of plain text before merging.
        ModelError: the file is no readable GGUF.
    """
    import llama_cpp

    model = _load_vocabulary_only(path)
    try:
        vocab = llama_cpp.llama_model_get_vocab(model)
        if llama_cpp.llama_vocab_type(vocab) != _BPE_TYPE:
            raise TokenizerError(f"the tokenizer of {path.name} is not byte-level BPE")
        ranks: dict[bytes, int] = {}
        special: dict[str, int] = {}
        n_tokens = llama_cpp.llama_vocab_n_tokens(vocab)
        for token in range(n_tokens):
            text = llama_cpp.llama_vocab_get_text(vocab, token).decode("utf-8")
            attr = llama_cpp.llama_vocab_get_attr(vocab, token)
            if attr & _ATTR_USER_DEFINED:
                raise TokenizerError(f"{path.name} cuts {text!r} out of plain text")
            if attr & _ATTR_CONTROL_OR_UNUSED:
                special[text] = token
            else:
                ranks[_to_bytes(text, path)] = token
        return Vocabulary(_metadata(model, b"tokenizer.ggml.pre"), ranks, special, n_tokens)
    finally:
        llama_cpp.llama_model_free(model)


def tiktoken_from_gguf(path: Path) -> tiktoken.Encoding:
    """Build a tiktoken encoding from the vocabulary in a GGUF file, ids as in the model.

    Where the vocabulary lacks a byte (SmolLM2 lacks 21), tiktoken would panic on it. The encoding
    gives such a byte an id past the model's own: `TiktokenCounter` does not count those, as
    llama.cpp drops the byte, though only after it has parted the text around it.

    Raises:
        TokenizerError: how the model splits text is not known here; count with llama.cpp.
        ModelError: the file is no readable GGUF.
    """
    return _encoding(read_vocabulary(path), path)


class TiktokenCounter:
    """Counts tokens as llama.cpp would, by a tiktoken encoding made from the same vocabulary."""

    def __init__(self, encoding: tiktoken.Encoding, *, n_vocab: int) -> None:
        """Count by `encoding`; ids from `n_vocab` on stand for bytes that the model drops."""
        self._encoding = encoding
        self._n_vocab = n_vocab

    @classmethod
    def from_gguf(cls, path: Path) -> "TiktokenCounter":
        """Counter for the model in a GGUF file; raises as `tiktoken_from_gguf`."""
        vocabulary = read_vocabulary(path)
        return cls(_encoding(vocabulary, path), n_vocab=vocabulary.n_tokens)

    def count(self, text: str) -> int:
        """Number of tokens of `text` as plain text: no begin mark, no special tokens parsed."""
        return len(self.encode(text))

    def encode(self, text: str) -> list[int]:
        """Ids of the tokens of `text` as plain text, as llama.cpp gives them."""
        n_vocab = self._n_vocab
        ids = self._encoding.encode_ordinary(without_surrogates(text))
        return [token for token in ids if token < n_vocab]


class LlamaTokenCounter:
    """Counts by llama.cpp's own tokenizer: for every model, no weights loaded."""

    def __init__(self, path: Path) -> None:
        """Load the vocabulary of a GGUF file; ModelError where that fails."""
        import llama_cpp

        model = _load_vocabulary_only(path)
        self._vocab = llama_cpp.llama_model_get_vocab(model)
        weakref.finalize(self, llama_cpp.llama_model_free, model)

    def count(self, text: str) -> int:
        """Number of tokens of `text` as plain text: no begin mark, no special tokens parsed."""
        import llama_cpp

        data = without_surrogates(text).encode("utf-8")
        if not data:
            return 0
        # With no room for ids llama.cpp answers with minus the number of ids it would give.
        found = llama_cpp.llama_tokenize(self._vocab, data, len(data), None, 0, False, False)
        return abs(int(found))

    def encode(self, text: str) -> list[int]:
        """Ids of the tokens of `text` as plain text."""
        import llama_cpp

        data = without_surrogates(text).encode("utf-8")
        if not data:
            return []
        room = (llama_cpp.llama_token * len(data))()
        found = llama_cpp.llama_tokenize(
            self._vocab, data, len(data), room, len(data), False, False
        )
        return list(room[:found])


def token_counter(path: Path) -> TokenCounter:
    """The fastest exact counter for a GGUF file: tiktoken where that is exact, else llama.cpp."""
    try:
        return TiktokenCounter.from_gguf(path)
    except TokenizerError:
        return LlamaTokenCounter(path)


def _encoding(vocabulary: Vocabulary, path: Path) -> tiktoken.Encoding:
    pattern = _PATTERNS.get(vocabulary.pre)
    if pattern is None:
        raise TokenizerError(
            f"{path.name} splits text by the rule {vocabulary.pre!r}; known here are "
            f"{', '.join(sorted(_PATTERNS))}; count with llama.cpp instead"
        )
    stand_ins = {
        bytes([byte]): vocabulary.n_tokens + place
        for place, byte in enumerate(vocabulary.missing_bytes)
    }
    return tiktoken.Encoding(
        path.stem,
        pat_str=pattern,
        mergeable_ranks=vocabulary.ranks | stand_ins,
        special_tokens=vocabulary.special,
    )


def _load_vocabulary_only(path: Path) -> Any:
    """A llama.cpp model without weights; the caller frees it."""
    import llama_cpp

    check_gguf(path)
    route_llama_log()
    llama_cpp.llama_backend_init()
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise ModelError(
            f"llama.cpp cannot read the model file {path} ({path.stat().st_size} bytes); "
            "it may be cut short: fetch it again"
        )
    return model


def _metadata(model: Any, key: bytes) -> str:
    import llama_cpp

    buffer = ctypes.create_string_buffer(256)
    llama_cpp.llama_model_meta_val_str(model, key, buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace")


def _byte_characters() -> dict[str, int]:
    """GPT-2's way to write each byte as a character that can be seen."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    unseen = [byte for byte in range(256) if byte not in seen]
    places = {chr(byte): byte for byte in seen}
    return places | {chr(0x100 + place): byte for place, byte in enumerate(unseen)}


_BYTE_OF = _byte_characters()


def _to_bytes(text: str, path: Path) -> bytes:
    try:
        return bytes(_BYTE_OF[character] for character in text)
    except KeyError as error:
        raise TokenizerError(f"{path.name} holds the token {text!r}, not byte-level") from error
