"""Equal answers of several passages add up, and what comes of it tells how sure the best one is."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answers import (
    ANSWER_FEATURES,
    CERTAINTY_FEATURES,
    PooledAnswer,
    SpanAnswer,
    certainty,
    certainty_features,
    is_same_answer,
    pool,
)
from rag.evidence import SHAPES

AnswerOf = Callable[..., SpanAnswer]


# -- equal answers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Grewal", "Alvin Grewal", True),
        ("Alvin Grewal", "Dr. Alvin Grewal of Arlen", True),
        ("Alvin Grewal", "Maria Grewal", False),
        ("the Wall Street Journal", "Wall Street Journal", True),
        ("ARLEN", "Arlen", True),
        ("Zürich", "Zurich", True),
        ("Arlen.", "“Arlen”", True),
        ("$4.5 billion", "4.5 billion dollars", True),
        ("$4.5 billion", "$4.5 million", False),
        ("$4.5 billion", "$5.4 billion", False),
        ("5", "5 million", False),
        ("3", "3.3", False),
        ("4.5", "45", False),
        ("1,000 people", "1000 people", True),
        ("1,000", "1", False),
        ("March 2025", "12 March 2025", True),
        ("12 March 2025", "13 March 2025", False),
        ("1", "11", False),
        ("38", "38 countries", True),
        ("38 countries", "39 countries", False),
        ("38 countries", "countries", True),
        ("12 March 2025", "March 12, 2025", True),
        ("2024-05-06", "2024-06-05", False),
        ("March 2025", "2025", True),
        ("art", "party", False),
        ("", "Arlen", False),
        ("", "", False),
        ("the", "Arlen", False),
        ("a", "the", False),
        ("…", "–", False),
        ("Москва", "в Москве", False),
        ("Москва", "город МОСКВА", True),
        ("上海", "上海", True),
        ("上海", "北京", False),
        ("Αθήνα", "Αθηνα", True),
        ("القاهرة", "مدينة القاهرة", True),
    ],
)
def test_same_answers(a: str, b: str, same: bool) -> None:
    assert is_same_answer(a, b) is same
    assert is_same_answer(b, a) is same


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_sameness_has_no_direction(a: str, b: str) -> None:
    assert is_same_answer(a, b) == is_same_answer(b, a)
    assert is_same_answer(f"Arlen {a}", f"Arlen {a}")


_numbers = st.decimals(0, 10**7, places=1)


@settings(deadline=None)
@given(_numbers, _numbers, st.sampled_from(["", " percent", " billion dollars"]))
def test_different_numbers_are_never_the_same(a: object, b: object, unit: str) -> None:
    assert is_same_answer(f"{a}{unit}", f"about {b}{unit}") == (a == b)
    assert is_same_answer(f"{a:,}{unit}", f"{b}") == (a == b and "billion" not in unit)


# -- pooling ----------------------------------------------------------------------------------


def test_equal_answers_of_two_passages_add_up(answer_of: AnswerOf) -> None:
    found = [
        answer_of("Maria Odum", 0.7, passage=1),
        answer_of("Grewal", 0.5, passage=2),
        answer_of("Alvin Grewal", 0.6, passage=3),
    ]
    first, second = pool(found)
    assert [a.words for a in first.members] == ["Alvin Grewal", "Grewal"]
    assert first.best is found[2]
    assert first.probability == pytest.approx(1 - 0.4 * 0.5)
    assert second.members == (found[0],)
    assert second.probability == pytest.approx(0.7)


def test_equal_spans_of_one_passage_do_not(answer_of: AnswerOf) -> None:
    found = [answer_of("Grewal", 0.5), answer_of("Alvin Grewal", 0.6)]
    (pooled,) = pool(found)
    assert pooled.members == (found[1],)
    assert pooled.probability == pytest.approx(0.6)
    # Nor does the second span of a passage that is not the first to give the answer.
    found += [answer_of("Grewal", 0.9, passage=2)]
    (pooled,) = pool(found)
    assert [a.probability for a in pooled.members] == [0.9, 0.6]


def test_different_answers_of_one_passage_stay_apart(answer_of: AnswerOf) -> None:
    words = [p.best.words for p in pool([answer_of("1", 0.5), answer_of("11", 0.6)])]
    assert words == ["11", "1"]


def test_ties_go_to_the_better_rank(answer_of: AnswerOf) -> None:
    found = [answer_of("Arlen", 0.5, passage=7), answer_of("Geneva", 0.5, passage=3)]
    for order in (found, found[::-1]):
        assert [p.best.words for p in pool(order)] == ["Geneva", "Arlen"]


def test_nothing_pools_to_nothing() -> None:
    assert pool([]) == []


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Grewal", "Alvin Grewal", "12", "12 people", "13", "the"]),
            st.floats(0, 1),
            st.integers(1, 4),
        ),
        max_size=12,
    )
)
def test_every_answer_has_its_place(
    answer_of: AnswerOf, spans: list[tuple[str, float, int]]
) -> None:
    found = [answer_of(words, p, passage=passage) for words, p, passage in spans]
    pooled = pool(found)
    assert [p.probability for p in pooled] == sorted((p.probability for p in pooled), reverse=True)
    for p in pooled:
        passages = [member.hit.passage.id for member in p.members]
        assert len(passages) == len(set(passages))
        assert p.best.probability == max(member.probability for member in p.members)
        assert p.best.probability - 1e-9 <= p.probability <= 1
    for answer in found:
        placed = any(member is answer for p in pooled for member in p.members)
        assert placed or any(is_same_answer(answer.words, p.best.words) for p in pooled)


# -- certainty --------------------------------------------------------------------------------


def _pooled(*answers: SpanAnswer) -> PooledAnswer:
    missed = math.prod(1 - answer.probability for answer in answers)
    return PooledAnswer(answers, 1 - missed)


def test_certainty_features_are_in_the_documented_order(answer_of: AnswerOf) -> None:
    one, two = (answer_of("Arlen", 0.5, passage=i) for i in (1, 2))
    one.features[ANSWER_FEATURES.index("odds")] = 4.0
    one.features[ANSWER_FEATURES.index("sentence_score")] = -1.5
    one.features[ANSWER_FEATURES.index("prover_answerable")] = 0.1
    one.sentences[0].features[:] = 0.25
    pooled = [_pooled(one, two), _pooled(answer_of("Geneva", 0.5, passage=3))]
    row = certainty_features("list", pooled, 0.5)
    assert dict(zip(CERTAINTY_FEATURES, row, strict=True)) == pytest.approx(
        {
            "pooled": math.log(3),
            "margin": math.log(3),
            "odds": 4.0,
            "sentence_score": -1.5,
            "uncovered": 0.25,
            "n_passages": math.log(2),
            "prover_answerable": 0.1,
            "evidence": 0.0,
            "best_sentence": float(one.features[ANSWER_FEATURES.index("sentence_gap")] == 0),
            **{shape: float(shape == "list") for shape in SHAPES},
        }
    )


@pytest.mark.parametrize("probability", [0.0, 1e-300, 0.5, 1.0])
def test_certainty_features_are_finite(answer_of: AnswerOf, probability: float) -> None:
    for others in ([], [_pooled(answer_of("Geneva", probability, passage=2))]):
        row = certainty_features("span", [_pooled(answer_of("Arlen", probability)), *others], 0.0)
        assert np.isfinite(row).all()


def test_an_answer_without_a_rival_has_a_margin(answer_of: AnswerOf) -> None:
    margin = CERTAINTY_FEATURES.index("margin")
    first = _pooled(answer_of("Arlen", 0.9))
    rival = _pooled(answer_of("Geneva", 0.5, passage=2))
    alone = certainty_features("span", [first], 0.5)[margin]
    assert alone > certainty_features("span", [first, rival], 0.5)[margin] > 0


def test_certainty_of_nothing_is_0() -> None:
    assert certainty("span", [], 0.9) == 0


@pytest.mark.usefixtures("plain_weights")
def test_certainty_is_a_probability(answer_of: AnswerOf) -> None:
    assert certainty("span", [_pooled(answer_of("Arlen", 0.8))], 0.5) == pytest.approx(0.8)
    assert 0 < certainty("span", [_pooled(answer_of("Arlen", 0.0))], 0.5) < 1e-3
    assert 1 - 1e-3 < certainty("span", [_pooled(answer_of("Arlen", 1.0))], 0.5) < 1
