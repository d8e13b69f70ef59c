"""Promises made on one set of questions and tried on another."""

import random

import numpy as np
import pytest

from eval.plots import risk_coverage_curves
from eval.promising import Outcomes, kept, lines, outcomes, tried
from eval.training.cases import everyday_cases, everyday_library
from eval.training.examples import read_examples, sample
from eval.training.fit_confidence import _BY_RELEVANCE, collect
from models.fake import FakeEmbedder, FakeProver, FakeSpanReader
from rag.evidence import EvidenceFinder, sentence_features
from rag.promise import OperatingPoint


def draw(n: int, seed: int) -> Outcomes:
    """Outcomes whose confidence is the probability to be right."""
    rng = np.random.default_rng(seed)
    sure = rng.beta(2, 1, n)
    return Outcomes(sure, rng.random(n) < sure)


def test_a_promise_that_can_be_made_is_kept_on_questions_of_the_same_kind():
    rows = {row["limit"]: row for row in tried(draw(2000, 1), draw(4000, 2))}
    made = [row for row in rows.values() if row["threshold"] is not None]
    assert len(made) >= 3
    for row in made:
        assert row["calibration"]["percent"] <= 100 * row["limit"]
        assert row["test"]["percent"] <= 100 * row["limit"] + 1
        assert row["test"]["low"] <= row["test"]["percent"] <= row["test"]["high"]
        assert 0 < row["coverage"] <= 1
    thresholds = [row["threshold"] for row in made]
    assert thresholds == sorted(thresholds, reverse=True)


def test_a_promise_made_elsewhere_is_tried_too():
    point = OperatingPoint(0.3, 0.8, 57, 11, 374)
    row = kept(
        point, Outcomes(np.array([0.9, 0.85, 0.8, 0.7]), np.array([True, False, True, False]))
    )
    assert row["test"]["n"] == 3
    assert row["test"]["percent"] == pytest.approx(33.33)
    assert row["coverage"] == 0.75
    assert lines([row])[0].startswith(
        "at most 30 % wrong: threshold 0.80, calibration 19.3 % of 57"
    )


def test_where_nothing_can_be_promised_it_is_said():
    few = Outcomes(np.linspace(0, 1, 20), np.zeros(20, dtype=bool))
    rows = tried(few, few)
    assert all(row["threshold"] is None for row in rows)
    assert lines(rows)[1] == "at most 5 % wrong: cannot be promised"


def test_lines_say_what_came_of_a_promise():
    text = "\n".join(lines(tried(draw(2000, 1), draw(4000, 2))))
    assert "at most 20 % wrong: threshold 0." in text
    assert "% of the questions answered" in text


def test_every_question_has_an_outcome(tmp_path):
    library = everyday_library(tmp_path, FakeEmbedder())
    finder = EvidenceFinder(sentence_features(library), _BY_RELEVANCE)
    found = collect(everyday_cases(library, FakeProver(), n=20, seed=3), finder, FakeSpanReader())
    library.close()
    made = outcomes(found)
    assert made.confidence.shape == made.right.shape == (20,)
    assert ((made.confidence > 0) & (made.confidence < 1)).all()
    answerable = np.array([measured.answerable for measured, _ in found])
    assert not (made.right & ~answerable).any()


def test_parts_are_kept_apart(tiny_data):
    examples, _ = read_examples(tiny_data, ("calibration", "test"))
    for part in ("calibration", "test"):
        chosen = sample(examples, 20, random.Random(0), part)
        assert chosen
        assert {example.split for example, _ in chosen} == {part}
    assert {e.split for e in read_examples(tiny_data)[0]} <= {"train", "calibration"}


def test_the_curves_of_both_parts_are_drawn():
    parts = {name: draw(50, seed) for seed, name in enumerate(("calibration", "test"))}
    svg = risk_coverage_curves({k: (v.confidence, v.right) for k, v in parts.items()})
    assert svg.startswith("<svg")
    assert svg.count(">calibration<") == 1
    assert svg.count(">test<") == 1
