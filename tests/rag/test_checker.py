import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.checker import check_quote, check_written

EVIDENCE = [
    "Workshops › 2025\nThe third workshop was held in Shanghai in September 2024, and 38 countries "
    "took part. Travel cost 1,250,000 dollars."
]


@pytest.mark.parametrize(
    ("sentence", "support"),
    [
        ("The third workshop was held in Shanghai.", "supported"),
        ("In Shanghai, 38 countries took part in the workshop.", "supported"),
        ("Travel cost 1250000 dollars.", "supported"),
        ("In Shanghai, 39 countries took part in the workshop.", "unsupported"),
        ("The third workshop was held in Geneva.", "unsupported"),
        ("Bananas grow in warm and wet places.", "unsupported"),
        ("The third workshop was not held in Shanghai.", "partly"),
        ("A workshop took place and everybody there enjoyed Shanghai.", "partly"),
        # Another language cannot be judged by its words; figures can, but "3" may be "third" there.
        ("Der dritte Workshop fand in Shanghai statt.", "unchecked"),
        ("第3次研讨会于2024年9月在上海举行，38个国家参加。", "unchecked"),
        ("Am dritten Workshop nahmen 91 Länder und ihre Leute teil.", "unsupported"),
    ],
)
def test_written_sentences(sentence: str, support: str) -> None:
    assert check_written(sentence, EVIDENCE) == support


@pytest.mark.parametrize(
    ("sentence", "support"),
    [
        ("研讨会在上海举行。", "supported"),
        ("研讨会在日内瓦召开，三百人出席。", "unsupported"),
        ("研讨会有91个国家参加。", "unsupported"),
    ],
)
def test_scripts_without_spaces(sentence: str, support: str) -> None:
    assert (
        check_written(sentence, ["第三次研讨会于2024年9月在上海举行，共有38个国家参加。"])
        == support
    )


def test_nothing_cited_proves_nothing() -> None:
    assert check_written("The third workshop was held in Shanghai.", []) == "unsupported"
    assert check_written("", EVIDENCE) == "unsupported"
    assert check_written("Der dritte Workshop fand in Shanghai statt.", []) == "unsupported"


def test_evidence_adds_up_over_passages() -> None:
    parts = ["The workshop was held in Shanghai.", "Delegates of 38 countries came."]
    sentence = "Delegates of 38 countries came to the workshop in Shanghai."
    assert check_written(sentence, parts) == "supported"
    assert check_written(sentence, parts[:1]) == "unsupported"


def test_quotes_are_compared_character_by_character() -> None:
    assert check_quote("38 countries", "38 countries") == "supported"
    assert check_quote("38 countries", "38  countries") == "unsupported"


@given(st.text(max_size=80))
def test_a_number_that_is_nowhere_is_never_supported(text: str) -> None:
    assert check_written(f"{text} 987654321", EVIDENCE) == "unsupported"
