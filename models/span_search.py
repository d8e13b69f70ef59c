"""Which tokens may come next when an answer must be a verbatim span: bytes, no model.

The constraint works on bytes, since the tokenizer of the answer need not cut where that of the
passage did. A hypothesis keeps all places of the passage that its bytes may still be a copy of.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_MAX_PIECE = 24
_JOINER = "\u200d"
# Marks inside words: accents written apart, and the vowel signs of Indic scripts.
_VOWEL = ("Mn", "Mc")


@dataclass(frozen=True, slots=True)
class Places:
    """Where an answer written so far may stand: (start, next byte) pairs into the passage's bytes.

    `pending` is true before the space that the model writes in front of its answer.
    """

    pairs: frozenset[tuple[int, int]]
    pending: bool = False


class PassageBytes:
    """A passage as bytes, with the borders an answer may have.

    White space is compared as a single space of the same length in bytes, so that an answer may run
    over a line break. Answers start and end at the border of a word, never inside one.

    Args:
        text: the passage.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._char_at: dict[int, int] = {}
        data = bytearray()
        for i, char in enumerate(text):
            self._char_at[len(data)] = i
            data += b" " if char in "\t\n\r\f\v" else char.encode("utf-8", "replace")
        self._char_at[len(data)] = len(text)
        self.data = bytes(data)
        self.starts = frozenset(b for b, i in self._char_at.items() if _may_start(text, i))
        self.ends = frozenset(b for b, i in self._char_at.items() if _may_end(text, i))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Character offsets of a byte span."""
        return self._char_at[start], self._char_at[end]

    def beginning(self) -> Places:
        """The state before the first token of the answer."""
        return Places(frozenset((b, b) for b in self.starts), pending=True)


class PieceTable:
    """Tokens by the bytes they stand for.

    Args:
        pieces: bytes of each token; tokens with empty bytes are left out.
    """

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._token_of: dict[bytes, int] = {}
        for token, piece in enumerate(pieces):
            if piece and len(piece) <= _MAX_PIECE:
                self._token_of.setdefault(piece, token)

    def followers(self, passage: PassageBytes, places: Places) -> Mapping[int, Places]:
        """Tokens that keep the answer a copy, each with the places that are left then."""
        reached: dict[int, set[tuple[int, int]]] = {}
        space_only = False
        for start, at in places.pairs:
            if places.pending:
                space_only = True
                self._reach(reached, passage, start, at, prefix=b" ")
            else:
                self._reach(reached, passage, start, at, prefix=b"")
        found = {token: Places(frozenset(pairs)) for token, pairs in reached.items()}
        space = self._token_of.get(b" ")
        if space_only and space is not None:
            found[space] = Places(places.pairs)
        return found

    def _reach(
        self,
        reached: dict[int, set[tuple[int, int]]],
        passage: PassageBytes,
        start: int,
        at: int,
        *,
        prefix: bytes,
    ) -> None:
        window = prefix + passage.data[at : at + _MAX_PIECE]
        for length in range(len(prefix) + 1, len(window) + 1):
            token = self._token_of.get(window[:length])
            if token is not None:
                reached.setdefault(token, set()).add((start, at + length - len(prefix)))


def finished(passage: PassageBytes, places: Places) -> tuple[int, int] | None:
    """The first span of the passage that the answer is, if it may end here."""
    if places.pending:
        return None
    complete = [(s, e) for s, e in places.pairs if e in passage.ends and e > s]
    return passage.span(*min(complete)) if complete else None


def _may_start(text: str, i: int) -> bool:
    return i < len(text) and not text[i].isspace() and _is_border(text, i)


def _may_end(text: str, i: int) -> bool:
    return i > 0 and not text[i - 1].isspace() and _is_border(text, i)


def _is_border(text: str, i: int) -> bool:
    """Whether a cut in front of character `i` parts neither a word nor what is seen as one sign."""
    if i in (0, len(text)):
        return True
    before, after = text[i - 1], text[i]
    if _belongs_to_sign_before(after) or before == _JOINER:
        return False
    if _is_cjk(before) or _is_cjk(after):
        return True
    return not (after.isalnum() and (before.isalnum() or unicodedata.category(before) in _VOWEL))


def _belongs_to_sign_before(char: str) -> bool:
    """Accents, vowel signs, variation selectors, joiners, skin tones."""
    if char < "\u0300":
        return False
    is_mark = unicodedata.category(char).startswith("M")
    return is_mark or char == _JOINER or "\U0001f3fb" <= char <= "\U0001f3ff"


def _is_cjk(char: str) -> bool:
    """Scripts without spaces between words: every character is a border."""
    return "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" or char >= "\U00020000"
