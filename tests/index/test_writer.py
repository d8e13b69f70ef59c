import dataclasses
import json

import pytest

from index.errors import LibraryError
from index.structure import Carry
from index.types import Span
from index.writer import _pack, _unpack

FULL = Carry(
    title=Span(0, 4, "Ti\ntle"),
    date=Span(5, 9, "2024"),
    date_iso="2024",
    section=Span(10, 12, "Se"),
    speaker=Span(13, 16, "Ann"),
    labels=frozenset({"Bo", "Ann"}),
    in_comments=True,
)


@pytest.mark.parametrize("carry", [Carry(), FULL])
def test_what_the_next_piece_needs_is_kept_whole(carry: Carry) -> None:
    assert _unpack(_pack(carry)) == carry


def test_nothing_is_left_out_of_it() -> None:
    """A new field of `Carry` must be kept as well, else a resumed text comes out otherwise."""
    kept = set(json.loads(_pack(FULL)))
    assert kept == {field.name for field in dataclasses.fields(Carry)}
    default = Carry()
    same = [
        f.name
        for f in dataclasses.fields(Carry)
        if getattr(FULL, f.name) == getattr(default, f.name)
    ]
    assert same == [], "the test itself must know every field"


def test_nothing_kept_and_damaged() -> None:
    assert _unpack(None) is None
    for words in ("", "[]", "{}", '{"title": 3}', "null"):
        with pytest.raises(LibraryError, match="add it again"):
            _unpack(words)
