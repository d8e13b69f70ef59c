import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.structure import Carry, analyse, carry_after
from index.structure.dates import find_dates
from index.types import Analysis, Block, LoadedText, Role

SHOW_NOTES = """Deep ShelfThe Salt Road with Mina Okafor
The Salt Road with Mina Okafor

The Salt Road with Mina Okafor

Update: 2022-05-041

Host Ivo Brandt talks with geographer Mina Okafor about the caravans. They ask who paid for it.

CORRECTION: In the episode Mina Okafor says the road is 900 miles long. It is 900 kilometres long.

Wells and Walls by Mina Okafor

A survey of forty wells between the coast and the lake

Comments (1)

Dora Quist

I walked it in 1991 and half of the wells were dry.

May 9th

Sleep Timer

End of Episode

5 Minutes

10 Minutes

The Salt Road with Mina Okafor

Mina Okafor, Ivo Brandt
"""

INTERVIEW = """Home > Talks > Rivers

Two Views of a Dam

Talks 2021-03-16 09:12:00 Source:

The dam at Korrin is fifty years old this spring. We asked two people who know it well.

I. The water

Q: Is there less water than before?

Okafor: There is less in summer and more in March. The lake is the same.

People forget the silt. It takes a tenth of the lake in ten years.

Q: And the fish?

Brandt: The fish have gone upstream.

II. The price

Q: Was it worth it?

Okafor: Ask me in fifty years. Lena Okafor will be a grandmother then.

Tag: dams, rivers

Copyright @ 2007~2021 All Rights Reserved.

Scan the code

Powered By Damsite
"""

DIGEST = """What happened
The council of Varn has sold its last tram to a museum, which keeps it on the square.
What's behind the story?
The trams had run since 1911 and lost money in every year but two, for the hills are steep.
Critics say that the buses are slower, and that nobody asked the people who ride them.
How we got here
Varn stopped repairing its rails in 1999, when the last workshop closed and was sold.
Go deeper
Common question
-
Why Are Buses Getting Longer?
Cities buy longer buses every year. Below, we explain what that has to do with wages.
-
Can a Museum Run a Tram?
Some museums run lines on Sundays. Below, we look at what it takes to keep a tram safe.
More on these topics
-
Varn is a town of 31,000 people in the hills of the north, known for its cheese.
"""


def run(text: str, **options: object) -> Analysis:
    return analyse(LoadedText(text), **options)  # type: ignore[arg-type]


def block_with(analysis: Analysis, text: str, words: str) -> Block:
    return next(b for b in analysis.blocks if words in text[b.start : b.end])


def role_of(text: str, words: str) -> Role:
    return block_with(run(text), text, words).role


def check_cover(text: str, analysis: Analysis, start: int = 0) -> None:
    """Every character that is not white space lies in exactly one block, in order."""
    last = start
    for block in analysis.blocks:
        assert last <= block.start < block.end
        assert not text[last - start : block.start - start].strip()
        assert block.reason
        last = block.end
    assert not text[last - start :].strip()
    spans = [b.speaker for b in analysis.blocks] + [b.section for b in analysis.blocks]
    spans += [b.date for b in analysis.blocks] + list(analysis.speakers)
    for span in (*spans, analysis.title, analysis.date):
        if span is not None and span.start >= start:
            assert text[span.start - start : span.end - start] == span.text


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=60),
            st.sampled_from(
                [
                    *("Comments (2)", "Q: Why?", "Ann: Because.", "Related", "5 March 2024", "-"),
                    *(
                        "CORRECTION: It was three.",
                        "I. Part",
                        "# Title",
                        "Read more",
                        "©",
                        "{{ x }}",
                    ),
                    *("A long sentence that goes on for a while. " * 6, "SUMMARY", "By Ann Lee"),
                ]
            ),
        ),
        max_size=25,
    ),
    st.sampled_from(["\n", "\n\n", "\r\n", "\r", " ", "\x0b"]),
    st.integers(min_value=0, max_value=10_000),
)
def test_blocks_cover_the_text(lines: list[str], newline: str, start: int) -> None:
    text = newline.join(lines)
    check_cover(text, analyse(LoadedText(text, start=start)), start)


@pytest.mark.parametrize("text", [SHOW_NOTES, INTERVIEW, DIGEST])
def test_samples_are_covered(text: str) -> None:
    check_cover(text, run(text))


def test_show_notes() -> None:
    analysis = run(SHOW_NOTES)
    assert analysis.title is not None
    assert analysis.title.text == "The Salt Road with Mina Okafor"
    assert analysis.title.start == SHOW_NOTES.index("\n") + 1
    assert analysis.date_iso == "2022-05-04"
    assert analysis.date is not None
    assert analysis.date.text == "2022-05-04"
    assert {span.text for span in analysis.speakers} == {"Mina Okafor", "Ivo Brandt"}
    roles = {
        "Deep Shelf": Role.FURNITURE,
        "Update:": Role.BODY,
        "Host Ivo": Role.SUMMARY,
        "CORRECTION": Role.CORRECTION,
        "Comments (1)": Role.COMMENT,
        "I walked it": Role.COMMENT,
        "May 9th": Role.COMMENT,
        "Sleep Timer": Role.FURNITURE,
        "10 Minutes": Role.FURNITURE,
        "Mina Okafor, Ivo": Role.FURNITURE,
    }
    assert {words: role_of(SHOW_NOTES, words) for words in roles} == roles
    comment = block_with(analysis, SHOW_NOTES, "I walked it")
    assert comment.speaker is not None
    assert comment.speaker.text == "Dora Quist"


def test_interview() -> None:
    analysis = run(INTERVIEW)
    assert analysis.title is not None
    assert analysis.title.text == "Two Views of a Dam"
    assert analysis.date_iso == "2021-03-16"
    assert [span.text for span in analysis.speakers] == ["Lena Okafor", "Brandt"]
    goes_on = block_with(analysis, INTERVIEW, "People forget the silt")
    assert goes_on.role is Role.SPEAKER
    assert goes_on.speaker is not None
    assert INTERVIEW[goes_on.speaker.start : goes_on.speaker.end] == "Okafor"
    assert goes_on.section is not None
    assert goes_on.section.text == "I. The water"
    assert role_of(INTERVIEW, "Home > Talks") is Role.FURNITURE
    assert role_of(INTERVIEW, "The dam at Korrin") is Role.SUMMARY
    assert role_of(INTERVIEW, "II. The price") is Role.HEADING
    for words in ("Tag: dams", "Copyright", "Scan the code", "Powered By"):
        assert role_of(INTERVIEW, words) is Role.FURNITURE


def test_digest_with_teasers() -> None:
    analysis = run(DIGEST)
    assert analysis.title is None
    assert role_of(DIGEST, "What's behind") is Role.HEADING
    assert role_of(DIGEST, "The council of Varn") is Role.SUMMARY
    assert role_of(DIGEST, "Varn stopped repairing") is Role.BODY
    for words in ("Go deeper", "Cities buy longer", "Can a Museum", "Varn is a town of"):
        assert role_of(DIGEST, words) is Role.FURNITURE


@pytest.mark.parametrize(
    ("words", "role"),
    [
        ("Correction: the fee is 3 crowns, not 4 crowns.", Role.CORRECTION),
        ("Editor's note: an earlier version of this article gave the wrong year.", Role.CORRECTION),
        ("Update, 12 May: the bridge has now been opened to carts as well.", Role.CORRECTION),
        (
            "We use cookies and share data with our partners. See our privacy policy.",
            Role.FURNITURE,
        ),
        ("{{ subpage.title }}", Role.FURNITURE),
        ("© 2020 The Quay. All rights reserved.", Role.FURNITURE),
        ("The ministry corrected its figures on Monday after a long night of counting.", Role.BODY),
        ("Cookies were baked in the hall, and the children ate all of them at once.", Role.BODY),
        ("Share prices fell by a tenth after the copyright ruling was read in court.", Role.BODY),
        ("Subscribers paid for the reading room until the library moved in the autumn.", Role.BODY),
    ],
)
def test_single_blocks(words: str, role: Role) -> None:
    story = "It rained on the harbour for a week, and the boats stayed where they were. " * 3
    text = f"A Week of Rain\n\n{story}\n\n{words}\n\n{story}"
    assert role_of(text, words[:20]) is role


def test_wrapped_lines_are_one_block() -> None:
    text = (
        "MINUTES OF THE HARBOUR BOARD\n\n"
        "The board met in the old net loft on the second of May and heard the\n"
        "report of the harbour master, who asked for a new lamp and for two\n"
        "hundred metres of rope before the winter.\n"
        "AGREED that the rope be bought at once and that the lamp wait until\n"
        "the price of glass comes down.\n"
    )
    blocks = [text[b.start : b.end].split()[0] for b in run(text).blocks]
    assert blocks == ["MINUTES", "The", "AGREED"]


def test_one_line_and_no_line() -> None:
    assert run("").blocks == ()
    assert run(" \n ").blocks == ()
    text = "word " * 5000
    (block,) = run(text).blocks
    assert (block.role, block.start, block.end) == (Role.BODY, 0, len(text) - 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "a b " * 250_000,
        "5 March 2024 " * 80_000,
        "a > " * 250_000,
        "{{" * 500_000,
        "( " * 500_000,
        "Ann: " * 200_000,
        "a" + " " * 1_000_000 + "b",
        "\n" * 1_000_000 + "x",
        "-\n" * 100_000,
        "id,name,12\n" * 60_000,
    ],
)
def test_a_million_characters_of_anything_do_not_hang(text: str) -> None:
    started = time.perf_counter()
    check_cover(text, run(text))
    assert time.perf_counter() - started < 10


def test_later_pieces_carry_on() -> None:
    first = run(INTERVIEW)
    middle = INTERVIEW.index("People forget")
    piece_1 = analyse(LoadedText(INTERVIEW[:middle]))
    carry = carry_after(piece_1)
    piece_2 = analyse(LoadedText(INTERVIEW[middle:], start=middle), carry=carry)
    check_cover(INTERVIEW[middle:], Analysis(piece_2.blocks), middle)
    assert piece_2.title == first.title
    assert piece_2.date_iso == first.date_iso
    goes_on = piece_2.blocks[0]
    assert goes_on.role is Role.SPEAKER
    assert goes_on.speaker is not None
    assert goes_on.speaker.text == "Okafor"
    assert goes_on.section is not None
    assert goes_on.section.text == "I. The water"


def test_a_piece_without_carry_has_no_title() -> None:
    analysis = analyse(LoadedText("A Line of Words\n\nText of the piece.", start=5_000_000))
    assert analysis.title is None
    assert carry_after(analysis, Carry(labels=frozenset({"Ann"}))).labels == {"Ann"}


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025-01-16 15:48:54", "2025-01-16"),
        ("Update: 2023-08-313", "2023-08-31"),
        ("5 March 2024", "2024-03-05"),
        ("March 5, 2024", "2024-03-05"),
        ("the 3rd of June 1999", "1999-06-03"),
        ("OCTOBER 2022", "2022-10"),
        ("Sept. 9, 2021", "2021-09-09"),
        ("16.01.2025", "2025-01-16"),
        ("2025年1月16日", "2025-01-16"),
        ("Oct 23rd", None),
        ("you may 5 times", "none"),
        ("version 12.34.5678", "none"),
        ("31 2024", "none"),
    ],
)
def test_dates(text: str, iso: str | None) -> None:
    found = find_dates(text)
    assert ([date.iso for date in found] or ["none"]) == [iso]
    assert all(text[date.start : date.end].strip() for date in found)


def test_a_year_that_is_not_written() -> None:
    (found,) = find_dates("Oct 23rd", fallback_year=2023)
    assert found.iso == "2023-10-23"


NAMES_ALONE = """The Slow Kiln

Ada Holm
How long does a firing take?

Per Lund
Four days and three nights. You sleep beside it.

The second night is the worst.

Ada Holm
And what burns?

Per Lund
Birch. Only birch.
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (NAMES_ALONE, {"Ada Holm", "Per Lund"}),
        (
            "(1:05) AB - We counted.\n(1:20) CD - And?\n(1:31) AB - Nine.\n(1:40) CD - So.",
            {"AB", "CD"},
        ),
        (
            "THE COURT: Go on.\nMS. ROE: I will.\nTHE COURT: Now.\nMS. ROE: Yes.",
            {"THE COURT", "MS. ROE"},
        ),
        ("Q. Where?\nA. There.\nQ. When?\nA. Then.\nQ. Who?\nA. He.", {"Q", "A"}),
    ],
)
def test_forms_of_turns(text: str, names: set[str]) -> None:
    blocks = [b for b in run(text).blocks if b.role is Role.SPEAKER]
    assert {b.speaker.text for b in blocks if b.speaker} == names


def test_the_model_says_why() -> None:
    text = "Load more episodes\n\nA Line of Words\n\n" + "The boats stayed in. " * 12
    block = block_with(run(text), text, "Load more")
    assert block.role is Role.FURNITURE
    assert block.reason
