"""Plain files: letters, minutes, rows of data, Word documents."""

import pytest

from index.structure import analyse
from index.types import Analysis, Hint, LoadedText, Role

LETTER = """From: Marta Lind <marta@lab.example>
To: Petra Vance <petra@lab.example>
Date: Thu, 5 Mar 2026 09:12:00 +0100
Subject: Heron housing

Hello Petra,

The housing meets IP54 but does not meet IP67, contrary to what we hoped.

I have not told Jonas yet.

Best,
Marta

> On 4 Mar 2026, Marta wrote:
> Could you check the housing?
"""
MINUTES = """# Heron test meeting

Date: 12 March 2026
Present: Marta Lind, Jonas Okafor
Apologies: Hélène Dubois

## Housing

The housing meets IP54 but does not meet IP67, so the sensor must not be placed under water.

Jonas will ask the supplier for a quote by Friday.
"""
ROWS = [
    f"{region},{product},{units},{units * 300}"
    for region in ("North", "South", "East", "West")
    for product, units in (("Heron One", 412), ("Heron Two", 88))
]


def _analyse(text: str, *hints: Hint) -> Analysis:
    return analyse(LoadedText(text=text, start=0, hints=hints))


def _role(text: str, words: str, analysis: Analysis) -> Role:
    at = text.index(words)
    return next(b.role for b in analysis.blocks if b.start <= at < b.end)


def test_a_title_in_words_style_stays_the_title() -> None:
    parts = (
        ("Supply Agreement", "title", 0),
        ("1. Term", "heading", 1),
        ("This agreement runs for two years from the day on which both sides sign it.", "", 0),
        ("2. Price", "heading", 1),
        ("The buyer pays within thirty days of the day on which the goods arrive.", "", 0),
    )
    text, hints = "", []
    for words, kind, level in parts:
        hints.append(Hint(len(text), len(text) + len(words), kind or "paragraph", level))
        text += words + "\n\n"
    title = _analyse(text, *hints).title
    assert title is not None
    assert title.text == "Supply Agreement"


def test_a_letter_is_body_and_has_its_own_date() -> None:
    found = _analyse(LETTER)
    assert {b.role for b in found.blocks} == {Role.BODY, Role.HEADING}
    assert found.title is not None
    assert found.title.text == "Heron housing"
    assert found.date_iso == "2026-03-05"


def test_a_quoted_reply_gives_no_date() -> None:
    reply = "Hello Petra,\n\nThanks, that is clear.\n\n> On 4 Mar 2026, Marta wrote:\n> Is it?\n"
    assert _analyse(reply).date_iso is None


def test_facts_above_minutes_are_body() -> None:
    found = _analyse(MINUTES)
    for words in ("Present:", "Apologies:", "The housing", "Jonas will"):
        assert _role(MINUTES, words, found) is Role.BODY


@pytest.mark.parametrize("separator", [",", "\t", ";", " | "])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_rows_of_data_are_body_without_a_title(separator: str, gap: str) -> None:
    text = gap.join(row.replace(",", separator) for row in ["Region,Product,Units,Sum", *ROWS])
    found = _analyse(text)
    assert {b.role for b in found.blocks} == {Role.BODY}
    assert found.title is None


def test_many_rows_of_data_are_body() -> None:
    text = "\n".join(f"{row},{i}" for i in range(100) for row in ROWS)
    assert {b.role for b in _analyse(text).blocks} == {Role.BODY}


def test_the_only_line_is_no_furniture() -> None:
    assert _analyse("Heron One\n").blocks[0].role is not Role.FURNITURE


def test_a_menu_stays_furniture() -> None:
    found = _analyse("Home | News | About us\n\nSkip to content\n\nSign in\n\nPrivacy policy\n")
    assert {b.role for b in found.blocks} == {Role.FURNITURE}


def test_prose_is_no_correction_without_a_word_that_says_so() -> None:
    text = (
        "Heron One data sheet\n\nThe housing meets IP54 but does not meet IP67, and not IP68.\n\n"
        "It is 40 mm wide, not 60 mm as in the larger model.\n"
    )
    assert Role.CORRECTION not in {b.role for b in _analyse(text).blocks}
