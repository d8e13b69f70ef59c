import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.checker import check_quote, check_written, combine
from rag.differences import Finding, find_differences

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
        ("The third workshop was not held in Shanghai.", "unsupported"),
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


TOWN = [
    "Ardel\nIn 1990, the town of Ardel had 5,000 inhabitants and covered 12 km of the coast. Anna "
    'Berg, its mayor, called it "a quiet place by the sea" on 16 January 2025. The harbour was not '
    "closed in the storm. Some 47 % of the houses were built by Tom Reed before 1970, and the bridge "
    "cost $49.7 million. Lena Holt painted the church."
]


@pytest.mark.parametrize(
    "sentence",
    [
        "The town of Ardel had 5000 inhabitants in 1990.",
        "Forty-seven percent of the houses were built before 1970.",
        "Berg called Ardel \u201ca quiet place by the sea\u201d on 2025-01-16.",
        "In January 2025, Anna Berg called it a quiet place.",
        "Ardel covered 12,000 metres of the coast.",
        "The harbour was never closed in the storm.",
        "The church was painted by Lena Holt.",
        "Tom Reed built 47 percent of the houses before 1970.",
        "The bridge cost 49.7 million dollars.",
    ],
)
def test_other_ways_to_say_the_same_are_supported(sentence: str) -> None:
    assert find_differences(sentence, TOWN) == ()
    assert check_written(sentence, TOWN) == "supported"


@pytest.mark.parametrize(
    ("sentence", "kind", "instead"),
    [
        # What is said stands elsewhere in the passage, but not at this place.
        ("In 1970, the town of Ardel had 5,000 inhabitants.", "date", "1990"),
        ("The town of Ardel had 5,000 inhabitants in 1970.", "date", "1990"),
        ("In 1990, the town of Ardel had 47 inhabitants.", "number", "5,000"),
        ("Tom Reed, its mayor, called it a quiet place by the sea.", "name", "Berg"),
        ("Some 47 % of the houses were built by Lena Holt before 1970.", "name", "Tom"),
        # What is said stands nowhere.
        ("In 1990, the town covered 12 miles of the coast.", "unit", "12 km"),
        ("The bridge cost \u20ac49.7 million.", "unit", "$49.7 million"),
        ("The bridge cost $49.7 billion.", "number", "$49.7 million"),
        ("The harbour was closed in the storm.", "negation", "not"),
        ("Lena Holt never painted the church.", "negation", None),
        ('Anna Berg called it "a lively place by the sea".', "quotation", None),
        ("Anna Berg called it a quiet place on 17 January 2025.", "date", "16 January 2025"),
    ],
)
def test_lies_are_found_and_named(sentence: str, kind: str, instead: str | None) -> None:
    findings = find_differences(sentence, TOWN)
    assert (kind, instead) in {(finding.kind, finding.instead) for finding in findings}
    assert check_written(sentence, TOWN) == "unsupported"


def test_rounding_is_in_doubt_and_a_wrong_digit_is_not() -> None:
    assert check_written("The bridge cost about 50 million dollars.", TOWN) == "partly"
    assert check_written("The bridge cost 49.6 million dollars.", TOWN) == "unsupported"
    # More digits than the passage has are no rounding.
    assert check_written("Ardel had more than 5,010 inhabitants.", TOWN) == "unsupported"


def test_foreign_names_do_not_hide_a_lie() -> None:
    evidence = ["Steam\nJerónimo de Ayanz y Beaumont received patents in 1606."]
    assert check_written("Jerónimo de Ayanz y Beaumont received patents in 1551.", evidence) == (
        "unsupported"
    )


def test_a_name_may_end_as_a_common_word_does() -> None:
    evidence = [
        "Robots\nThe paper was in Shanghai and counted more than 60 robots in a single hall."
    ]
    for place in ("Beijing", "Sicily"):
        sentence = f"The paper counted more than 60 robots in a single hall in {place}."
        assert check_written(sentence, evidence) == "unsupported"
    # Where a sentence begins anything has a capital.
    begins = "Finally the paper counted more than 60 robots in a single hall in Shanghai."
    assert check_written(begins, evidence) == "supported"


def test_names_with_a_sign_in_them_are_known() -> None:
    evidence = ["Stations include ABC O&O KFSN and the AT&T tower."]
    assert check_written("Stations include ABC O&O KFSN.", evidence) == "supported"


def test_names_that_change_places_are_found_unless_the_voice_or_a_list_turned() -> None:
    evidence = ["Cup\nGermany beat France in the final of 1996 in London."]
    assert check_written("France beat Germany in the final of 1996 in London.", evidence) == (
        "unsupported"
    )
    assert check_written("France was beaten by Germany in the final.", evidence) != "unsupported"
    met = ["The ministers of Germany, France and Spain met in London."]
    assert check_written("The ministers of Spain, Germany and France met in London.", met) == (
        "supported"
    )


def test_a_day_may_take_its_year_from_the_heading() -> None:
    evidence = ["Report 2025\nThe bridge was opened on 16 January."]
    assert check_written("The bridge was opened on 16 January 2025.", evidence) == "supported"
    assert check_written("The bridge was opened on 16 January 2024.", evidence) == "unsupported"


WRONG = Finding("number", "5", "6", certain=True)
DOUBT = Finding("number", "about 5", None, certain=False)


@pytest.mark.parametrize(
    ("findings", "lexical", "p", "support"),
    [
        ((), "supported", None, "supported"),
        ((DOUBT,), "supported", None, "partly"),
        ((WRONG,), "supported", 0.99, "unsupported"),
        ((), "unsupported", 0.95, "supported"),
        ((), "supported", 0.05, "unsupported"),
        ((), "supported", 0.5, "partly"),
        ((DOUBT,), "partly", 0.95, "partly"),
        ((DOUBT,), "unsupported", None, "unsupported"),
        ((WRONG,), "unchecked", None, "unchecked"),
    ],
)
def test_rules_words_and_model_make_one_verdict(findings, lexical, p, support) -> None:
    assert combine(findings, lexical, p) == support
