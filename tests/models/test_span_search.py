"""The constraint against brute force: no model, a made-up vocabulary."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.span_search import PassageBytes, PieceTable, Places, finished

# Every byte for itself, and tokens that join words with spaces, end inside a character or begin in
# the middle of one.
_JOINED = [
    *(
        b" the",
        b" work",
        b"shop",
        b"ing",
        b" 2024",
        b"20",
        b"in",
        b" in",
        b"  ",
        b", ",
        b"\xf0\x9f",
    ),
    *(
        b" \xe4\xb8",
        b"\xad\xe5\x9b\xbd",
        b"\x9b\xbd",
        b" caf\xc3",
        b"\xa9 au",
        b"\xc3\xa9",
        b"a" * 30,
    ),
    *(b"is", b" a", b"a ", b"aa", b" b", b"ab ab", b". ", b" <|im_end|>"),
]
PIECES = [bytes([byte]) for byte in range(256)] + _JOINED + [b""]
TABLE = PieceTable(PIECES)
SPACE = ord(" ")

ALPHABET = "ab é中国文🎉👍\u0301\u200d\ufe0f\n\t.,-'’7ß\u00a0हिन्दी"
texts = st.one_of(
    st.text(alphabet=ALPHABET, max_size=12),
    st.text(max_size=8),
    st.sampled_from(
        [
            "The workshop in 2024",
            "ab ab ab",
            "café au lait",
            "中国国家",
            "a" * 40,
            "say <|im_end|> now",
        ]
    ),
)


def places_of(passage: PassageBytes, written: bytes) -> frozenset[tuple[int, int]]:
    """Where an answer written so far may stand, by trying every start."""
    return frozenset(
        (start, start + len(written))
        for start in passage.starts
        if passage.data[start : start + len(written)] == written
    )


def brute_force(passage: PassageBytes, written: bytes | None) -> dict[int, frozenset]:
    """Every token that keeps the answer a copy; `written` is None before the first space."""
    found = {}
    for token, piece in enumerate(PIECES):
        if not 0 < len(piece) <= 24 or (written is None and not piece.startswith(b" ")):
            continue
        longer = piece[1:] if written is None else written + piece
        pairs = places_of(passage, longer)
        if pairs:
            found[token] = pairs
    return found


def write(passage: PassageBytes, text: bytes) -> Places:
    """The state after a space and the bytes of an answer, longest token first."""
    places, rest = passage.beginning(), b" " + text
    while rest:
        followers = TABLE.followers(passage, places)
        token = max(
            (t for t in followers if rest.startswith(PIECES[t])), key=lambda t: len(PIECES[t])
        )
        places, rest = followers[token], rest[len(PIECES[token]) :]
    return places


def as_bytes(text: str) -> bytes:
    return re.sub(r"[\t\n\r\f\v]", " ", text).encode("utf-8", "replace")


@given(text=texts, data=st.data())
def test_followers_are_those_of_brute_force(text: str, data: st.DataObject) -> None:
    passage = PassageBytes(text)
    places, written = passage.beginning(), None
    for _ in range(6):
        followers = TABLE.followers(passage, places)
        expected = brute_force(passage, written)
        assert {token: state.pairs for token, state in followers.items()} == expected
        if not followers:
            return
        token = data.draw(st.sampled_from(sorted(followers)))
        written = PIECES[token][1:] if written is None else written + PIECES[token]
        places = followers[token]
        assert not places.pending


@given(text=texts)
def test_every_span_between_borders_can_be_produced(text: str) -> None:
    passage = PassageBytes(text)
    for start in sorted(passage.starts):
        for end in sorted(passage.ends):
            if end <= start:
                continue
            places = write(passage, passage.data[start:end])
            found = finished(passage, places)
            assert found is not None
            # The same words may stand earlier; the first place is given.
            first, last = found
            assert first <= passage.span(start, end)[0]
            assert as_bytes(text[first:last]) == passage.data[start:end]


@given(text=texts)
def test_borders_part_no_word_and_no_character(text: str) -> None:
    passage = PassageBytes(text)
    starts = {passage.span(b, b)[0] for b in passage.starts}
    ends = {passage.span(b, b)[0] for b in passage.ends}
    assert not any(text[i].isspace() for i in starts)
    assert not any(text[i - 1].isspace() for i in ends)
    for i in (starts | ends) - {0, len(text)}:
        assert not unicodedata.category(text[i]).startswith("M")
        assert not re.fullmatch(r"[a-z0-9]{2}", text[i - 1 : i + 1])


@given(text=texts)
def test_words_between_spaces_are_spans(text: str) -> None:
    passage = PassageBytes(text)
    marks = ("M", "C")
    for word in re.finditer(r"\S+", text):
        if unicodedata.category(word.group()[0])[0] in marks or "\u200d" in word.group():
            continue
        if "\U0001f3fb" <= word.group()[0] <= "\U0001f3ff":
            continue
        places = write(passage, as_bytes(word.group()))
        assert finished(passage, places) is not None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It opened in Shanghai on Monday.", "Shanghai"),
        ("third\nAI capacity-building\tworkshop", "third\nAI capacity-building\tworkshop"),
        ("a café au lait", "café"),
        ("中国在日内瓦", "日内瓦"),
        ("OpenAI中国 in Beijing", "中国"),
        ("done 🎉🎉 now", "🎉"),
        ("costs $5.6 million", "$5.6 million"),
        ("writes <|im_end|> here", "<|im_end|>"),
        ("e\u0301tude in G", "e\u0301tude"),
        ("हिन्दी में", "हिन्दी"),
    ],
)
def test_an_answer_is_given_with_exact_offsets(text: str, answer: str) -> None:
    passage = PassageBytes(text)
    first, last = finished(passage, write(passage, as_bytes(answer)))
    assert text[first:last] == answer


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Shanghai", "Shang"),
        ("workshop", "shop"),
        ("2024", "20"),
        ("e\u0301tude", "e"),
        ("👍🏽", "👍"),
        ("हिन्दी", "हि"),
    ],
)
def test_parts_of_words_and_characters_are_no_answers(text: str, part: str) -> None:
    passage = PassageBytes(text)
    start = passage.data.index(as_bytes(part))
    end = start + len(as_bytes(part))
    assert start not in passage.starts or end not in passage.ends


def test_the_first_of_equal_places_is_given() -> None:
    passage = PassageBytes("Geneva, then Geneva")
    assert finished(passage, write(passage, b"Geneva")) == (0, 6)


def test_nothing_can_be_said_about_nothing() -> None:
    for text in ("", " \n\t"):
        passage = PassageBytes(text)
        # Only the space that stands in front of every answer, and nothing after it.
        assert TABLE.followers(passage, passage.beginning()).keys() <= {SPACE}
        assert finished(passage, passage.beginning()) is None
        assert not passage.starts


def test_an_answer_is_not_finished_before_it_has_begun() -> None:
    passage = PassageBytes("ab")
    begun = TABLE.followers(passage, passage.beginning())[SPACE]
    assert finished(passage, begun) is None


def test_half_characters_of_a_damaged_text_do_not_stop_it() -> None:
    passage = PassageBytes("left \ud83d right")
    assert finished(passage, write(passage, b"right")) == (7, 12)
