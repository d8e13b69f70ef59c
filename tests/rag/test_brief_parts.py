"""What briefs are made with: sentences that read well alone, their rank, dates, who says them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Passage, Role
from rag.brief import BriefLine
from rag.brief_attribution import same_person, who_says
from rag.brief_dates import day_label, when
from rag.brief_names import bare_name, is_name
from rag.brief_ranking import choose, lexrank
from rag.brief_rendering import line_text
from rag.brief_sentences import Told, awkwardness, is_whole, leans
from rag.rendering import shown
from rag.types import Sentence


def told(text: str, *, section: str | None = None, date: str | None = "2025-05-30", **more) -> Told:
    passage = Passage(
        1, 1, 0, len(text), text, "Title", Role.BODY, section=section, date=date, **more
    )
    return Told(passage, 0, len(text), " ".join(text.split()), Role.BODY, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "He said it was the largest plant in the country.",
        "This was the largest plant in the country.",
        "And the plant was the largest in the country.",
        "In May it was the largest plant in the country.",
        "After this the plant was closed for many years.",
        "Their plant was the largest one in the country.",
        'The plant is the largest in the country, he said."',
    ],
)
def test_what_needs_its_context_leans(text: str) -> None:
    assert leans(told(text))


@pytest.mark.parametrize(
    "text",
    [
        "It is not known who built the plant in Arlen.",
        "This report counts the plants of the country.",
        "In May the plant in Arlen was closed.",
        "Those who built the plant in Arlen have left.",
        "“We built it,” said Anton Reyes of the plant.",
    ],
)
def test_what_stands_alone_does_not(text: str) -> None:
    assert not leans(told(text))


@pytest.mark.parametrize(
    "text",
    [
        "Read more",
        "Country | Models | Money | People and so on.",
        "of the plant that was closed for many years.",
        "THE PLANT IN ARLEN WAS CLOSED IN MAY 2024.",
        "02:41 How much power does the plant in Arlen need?",
        "See https://example.org for all plants of the country.",
        "A heading without a mark at its end and some words",
        "x" * 20 + " word" * 100 + ".",
    ],
)
def test_what_is_no_sentence_is_not_quoted(text: str) -> None:
    assert not is_whole(told(text))


def test_sentences_without_spaces_are_whole() -> None:
    assert is_whole(told("美国限制了先进芯片的出口。"))


def test_boilerplate_and_pointing_are_awkward() -> None:
    plain = awkwardness(told("The plant in Arlen delivers power to three data centres."))
    assert plain == 0
    for text in (
        "Subscribe to our newsletter for news about the plant in Arlen.",
        "Companies have to comply with most of it from May 2025.",
        "However, the plant in Arlen delivers power to three data centres.",
    ):
        assert awkwardness(told(text)) > plain


@pytest.mark.parametrize(
    ("text", "section", "iso", "label"),
    [
        ("On 13 May the plant was closed.", None, "2025-05-13", "13 May [2025]"),
        ("On 20 December the plant was closed.", None, "2024-12-20", "20 December [2024]"),
        ("14 July - the plant was closed.", "2023", "2023-07-14", "14 July [2023]"),
        ("In 2019 a plan of 3 May 2018 was dropped.", None, "2018-05-03", "3 May 2018"),
        ("The plant was closed in March 2024.", None, "2024-03", "March 2024"),
        ("In 2024 the plant was closed.", None, "2024", "2024"),
    ],
)
def test_the_date_of_a_sentence(text: str, section: str | None, iso: str, label: str) -> None:
    found = when(told(text, section=section))
    assert found is not None
    assert (found.iso, found.label) == (iso, label)
    assert found.end <= len(text)


@pytest.mark.parametrize(
    "text",
    ["The plant will be closed by 2030.", "More than in 2023.", "In the 1990s it was closed."],
)
def test_what_is_no_event_has_no_date(text: str) -> None:
    assert when(told(text)) is None


def test_a_day_without_any_year_has_no_date() -> None:
    assert when(told("On 13 May the plant was closed.", date=None)) is None
    assert when(told("On 29 February the plant was closed.", date="2025-03-01")) is not None


def test_labels_of_dates() -> None:
    dates = ("2024", "2024-03", "2024-03-09")
    assert [day_label(iso) for iso in dates] == ["2024", "March 2024", "9 March 2024"]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("“We do not build plants for nothing,” said Anton Reyes, who runs one.", "Anton Reyes"),
        ('Anton Reyes, the head of the plant, says "we do not build for nothing".', "Anton Reyes"),
        ("The builders said that “we do not build plants for nothing” in Arlen.", None),
        ("Anton Reyes runs the plant in Arlen.", None),
    ],
)
def test_who_is_quoted(text: str, who: str | None) -> None:
    assert who_says(told(text), []) == who


def test_a_speaker_has_the_whole_name() -> None:
    turn = told("I think the plant is too large.", speaker="Reyes")
    assert who_says(turn, ["Mara Lindqvist", "Anton Reyes"]) == "Anton Reyes"
    assert who_says(told("What do you think?", speaker="Q"), []) is None
    assert not same_person("Reyes", "Mara Lindqvist")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Chinese Premier Li Qiang", "Li Qiang"),
        ("China's AI", "China"),
        ("Nvidia’s", "Nvidia"),
        ("US AI", "US"),
    ],
)
def test_names_without_what_belongs_to_them(written: str, name: str) -> None:
    assert bare_name(written) == name


def test_what_has_a_capital_and_names_nothing() -> None:
    assert not any(is_name(word) for word in ("Chinese", "AI", "Monday", "However", "Table"))
    assert all(is_name(word) for word in ("Nvidia", "US", "H20", "Anton Reyes"))
    assert not is_name("Brücke", english=False)


unit_vectors = st.integers(1, 30).map(
    lambda n: np.random.default_rng(n).normal(size=(n, 8)).astype(np.float32)
)


@given(unit_vectors, st.integers(1, 10))
def test_ranks_are_shares_and_choices_differ(vectors: np.ndarray, limit: int) -> None:
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    ranks = lexrank(vectors)
    assert ranks.sum() == pytest.approx(len(vectors))
    assert (ranks > 0).all()
    chosen = choose(ranks.tolist(), vectors, limit, groups=[0] * len(vectors))
    assert len(chosen) == len(set(chosen)) <= limit
    assert chosen[0] == int(np.argmax(ranks))


def test_the_same_is_not_chosen_twice() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    assert choose([3.0, 2.9, -1.0], vectors, 3) == [0, 2]
    assert choose([3.0, 2.9, -1.0], vectors, 3, least=0.0) == [0]
    assert len(lexrank(np.zeros((0, 2), dtype=np.float32))) == 0


@given(st.text(alphabet="ab *_.5"))
def test_shown_words_lose_only_marks(text: str) -> None:
    assert shown(text).replace("*", "").replace("_", "") == text.replace("*", "").replace("_", "")


def test_emphasis_is_not_shown_and_names_in_code_are() -> None:
    assert shown("**July 2017** - the *first* plan of snake_case") == (
        "July 2017 - the first plan of snake_case"
    )


@pytest.mark.parametrize(
    ("label", "words", "expected"),
    [
        ("3 May 2025", "3 May 2025 - The plant opened.", "The plant opened."),
        ("3 May 2025", "**3 May 2025**: The plant opened.", "The plant opened."),
        ("Anna Berg", "Anna Berg: I have seen it.", "I have seen it."),
        ("3 May 2025", "3 May 2025 was the day.", "3 May 2025 was the day."),
        ("May 2025", "In May 2025 - late - it opened.", "In May 2025 - late - it opened."),
        ("3 May", "3 May-day parades were held.", "3 May-day parades were held."),
        ("", "- The plant opened.", "- The plant opened."),
    ],
)
def test_a_label_is_not_quoted_once_more(label: str, words: str, expected: str) -> None:
    assert line_text(BriefLine(label, Sentence(words, "quote", "supported", ()))) == expected
    written = BriefLine(label, Sentence(words, "written", "supported", ()))
    assert line_text(written) == shown(words)
