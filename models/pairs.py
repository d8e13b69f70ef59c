"""Pairs of a question (or a sentence) and a passage as token ids of the packaged embedder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

MAX_QUERY_TOKENS = 96
MAX_PAIR_TOKENS = 320


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair, `[CLS] query [SEP] passage [SEP]`.

    Attributes:
        ids: token ids.
        passage_at: place of the passage's first token in `ids`.
        offsets: (start, end) characters in the passage of each of its tokens.
    """

    ids: tuple[int, ...]
    passage_at: int
    offsets: tuple[tuple[int, int], ...]


class PairTokenizer:
    """Word pieces of the packaged embedder, uncut by its own settings.

    Args:
        folder: holds `tokenizer.json`.
    """

    def __init__(self, folder: Path) -> None:
        state = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        # The packaged file cuts and pads at 128.
        state["truncation"] = state["padding"] = None
        self._tokenizer = Tokenizer.from_str(json.dumps(state))
        # `[CLS] [SEP]`, whatever their numbers are.
        self._begin, self._mark = self._tokenizer.encode("").ids

    def encode(
        self, pairs: Sequence[tuple[str, str]], max_tokens: int = MAX_PAIR_TOKENS
    ) -> list[Pair]:
        """Pairs of (query, passage); a long passage loses its end, a very long query too."""
        queries = self._tokenizer.encode_batch_fast([q for q, _ in pairs], add_special_tokens=False)
        passages = self._tokenizer.encode_batch([p for _, p in pairs], add_special_tokens=False)
        found = []
        for query, passage in zip(queries, passages, strict=True):
            head = [self._begin, *query.ids[:MAX_QUERY_TOKENS], self._mark]
            room = max_tokens - len(head) - 1
            ids = (*head, *passage.ids[:room], self._mark)
            found.append(Pair(ids, len(head), tuple(passage.offsets[:room])))
        return found


def as_arrays(pairs: Sequence[Pair]) -> tuple[NDArray[np.int64], ...]:
    """Ids, types and mask, each of shape (pairs, longest), padded with 0.

    The mark at the end belongs to neither part of the pair where spans are looked for: type 0.
    """
    longest = max(len(pair.ids) for pair in pairs)
    ids, types, mask = np.zeros((3, len(pairs), longest), dtype=np.int64)
    for i, pair in enumerate(pairs):
        ids[i, : len(pair.ids)] = pair.ids
        types[i, pair.passage_at : pair.passage_at + len(pair.offsets)] = 1
        mask[i, : len(pair.ids)] = 1
    return ids, types, mask
