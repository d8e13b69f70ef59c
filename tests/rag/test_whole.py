"""A span that is part of a date or an amount becomes the whole of it."""

import pytest

from rag.whole import complete_span


@pytest.mark.parametrize(
    ("question", "sentence", "span", "whole"),
    [
        ("When did it open?", "It opened on August 29, 2023, in rain.", "2023", "August 29, 2023"),
        ("When did it open?", "It opened on 29 August 2023.", "August", "29 August 2023"),
        ("In what year did it open?", "It opened on August 29, 2023.", "2023", "2023"),
        ("What is the budget?", "The budget is €184,000 a year.", "184,000", "€184,000"),
        ("How much was it?", "Charges of about $5.5 billion are due.", "5.5", "$5.5 billion"),
        ("What share?", "It rose to 47 per cent in 2022.", "47", "47 per cent"),
        ("How long?", "The notice period is 90 days.", "90", "90 days"),
        ("Who is it?", "It is Karl, who was born in 1890.", "Karl", "Karl"),
        ("How many?", "There are 12, not 13.", "12", "12"),
        ("How many?", "It has fewer than 100 employees.", "100", "fewer than 100"),
        ("How many?", "It has fewer than 100 employees.", "fewer than 100", "fewer than 100"),
        ("How much?", "At least $5 million went there.", "5", "At least $5 million"),
    ],
)
def test_completes_dates_and_amounts(question: str, sentence: str, span: str, whole: str) -> None:
    start = sentence.index(span)
    a, b = complete_span(question, sentence, start, start + len(span))
    assert sentence[a:b] == whole
