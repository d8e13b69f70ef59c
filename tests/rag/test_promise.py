import numpy as np
import pytest

from rag.promise import (
    OperatingPoint,
    binomial_tail,
    least_answers,
    operating_point,
    point_for,
    points_for,
    read_points,
    write_points,
)


def drawn(rng, n, *, skill):
    """Confidences, and outcomes of which the confident ones are more often right."""
    confidence = rng.uniform(0, 1, n)
    right = rng.uniform(0, 1, n) < confidence**skill
    return confidence, right


def test_the_binomial_tail_is_exact():
    assert binomial_tail(0, 59, 0.05) == pytest.approx(0.95**59)
    assert binomial_tail(1, 3, 0.5) == pytest.approx(0.5)
    assert binomial_tail(10, 10, 0.2) == pytest.approx(1.0)


def test_fifty_nine_right_answers_are_the_least_for_five_percent():
    assert least_answers(0.05) == 59
    assert least_answers(0.1) == 29


def test_too_few_questions_promise_nothing():
    confidence = np.full(50, 0.9)
    assert operating_point(confidence, np.ones(50, dtype=bool), 0.05) is None


def test_enough_right_answers_promise():
    confidence = np.full(200, 0.9)
    point = operating_point(confidence, np.ones(200, dtype=bool), 0.05)
    assert point is not None
    assert (point.answers, point.wrong, point.questions) == (200, 0, 200)
    assert point.threshold <= 0.9


def test_a_model_that_is_often_wrong_promises_nothing():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0, 1, 2000)
    right = rng.uniform(0, 1, 2000) < 0.7  # whatever its confidence
    assert operating_point(confidence, right, 0.05) is None
    assert operating_point(confidence, right, 0.4) is not None


@pytest.mark.parametrize("limit", [0.05, 0.1, 0.2])
def test_the_promise_is_kept_on_new_questions(limit):
    """In at most one of twenty calibrations may the true risk be above the limit."""
    rng = np.random.default_rng(1)
    fresh_confidence, fresh_right = drawn(rng, 200_000, skill=0.2)
    broken = made = 0
    for _ in range(200):
        point = operating_point(*drawn(rng, 500, skill=0.2), limit)
        if point is not None:
            made += 1
            given = fresh_confidence >= point.threshold
            broken += float((~fresh_right[given]).mean()) > limit
    assert made > 20
    assert broken / 200 <= 0.05


def test_a_lenient_limit_gives_more_answers():
    points = points_for(*drawn(np.random.default_rng(2), 3000, skill=0.2))
    assert len(points) >= 3
    assert [p.limit for p in points] == sorted(p.limit for p in points)
    assert [p.answers for p in points] == sorted(p.answers for p in points)


def test_points_are_kept_and_chosen(tmp_path):
    import json

    points = [OperatingPoint(0.05, 0.8, 70, 0, 200), OperatingPoint(0.2, 0.4, 120, 15, 200)]
    write_points(points, tmp_path / "p.json", set="mine")
    data = json.loads((tmp_path / "p.json").read_text())
    assert data["set"] == "mine"
    assert read_points(data) == points
    assert point_for(0.05, points) == points[0]
    assert point_for(0.1, points) == points[0]
    assert point_for(0.3, points) == points[1]
    assert point_for(0.01, points) is None
    assert "5 %" in points[0].in_words()
    assert "70 answers" in points[0].in_words()
