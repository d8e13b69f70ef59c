import numpy as np
import pytest

from eval.intervals import (
    PERCENTILES,
    RATIOS,
    Table,
    bootstrap,
    interval,
    summarise,
    table_of,
    values,
)


def column(name):
    return [*RATIOS, *PERCENTILES].index(name)


def test_values_by_hand(make):
    run = make.run(["right", "right", "wrong", "refused", "error"])
    metrics = summarise(run.records)
    assert metrics["right"].value == pytest.approx(2 / 5)
    assert metrics["wrong"].value == pytest.approx(1 / 5)
    assert metrics["precision"].value == pytest.approx(2 / 3)
    assert metrics["wrong_refusal"].value == pytest.approx(1 / 5)
    assert metrics["latency_ms_p50"].value == pytest.approx(250)  # the error does not count
    assert metrics["latency_ms_p95"].value == pytest.approx(385)


def test_undefined_is_none(make):
    metrics = summarise(make.run(["right"]).records)
    assert metrics["refusal"].as_json() == {"value": None, "low": None, "high": None}
    assert metrics["recall@5"].value is None
    assert summarise([])["right"].value is None
    only_errors = summarise(make.run(["error", "error"]).records)
    assert only_errors["latency_ms_p50"].value is None
    assert only_errors["precision"].value is None


def test_the_same_records_give_the_same_numbers(make):
    records = make.run(["right", "wrong", "refused"] * 7).records
    assert summarise(records) == summarise(records)
    metric = summarise(records)["right"]
    assert metric.low <= metric.value <= metric.high
    assert metric.low < metric.high


def test_interval_is_about_that_of_the_normal_approximation(make):
    metric = summarise(make.run(["right", "wrong"] * 50).records)["right"]
    assert metric.low == pytest.approx(0.402, abs=0.02)
    assert metric.high == pytest.approx(0.598, abs=0.02)


def test_bootstrap_against_a_naive_one(make):
    records = make.run(["right", "wrong", "refused", "error", "right", "right"]).records
    fast = bootstrap(table_of(records), resamples=50, seed=3)
    draws = np.random.default_rng(3).integers(0, len(records), size=(50, len(records)))
    for row, draw in enumerate(draws):
        drawn = [records[i] for i in draw]
        answered = [r for r in drawn if r.status == "answered"]
        precision = sum(r.right for r in answered) / len(answered) if answered else np.nan
        np.testing.assert_allclose(fast[row, column("precision")], precision)
        times = [r.latency_ms for r in drawn if r.status != "error"]
        p95 = np.percentile(times, 95) if times else np.nan
        np.testing.assert_allclose(fast[row, column("latency_ms_p95")], p95)


def test_large_sets_are_drawn_in_pieces(monkeypatch, make):
    table = table_of(make.run(["right", "wrong", "refused"] * 3).records)
    whole = bootstrap(table, resamples=100)
    monkeypatch.setattr("eval.intervals._PIECE", 50)
    np.testing.assert_array_equal(bootstrap(table, resamples=100), whole)


def test_interval_leaves_out_resamples_in_which_nothing_counted():
    metric = interval(0.5, np.array([np.nan, 0.5, 0.5]))
    assert (metric.low, metric.high) == (0.5, 0.5)


def test_empty_table():
    table = Table(np.zeros((0, len(RATIOS))), np.zeros((0, len(RATIOS))), np.zeros(0))
    assert np.isnan(values(table)).all()
