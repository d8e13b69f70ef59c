import pytest

from eval.errors import GateError
from eval.gates import check_gates, parse_gate
from eval.intervals import Metric, summarise


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("right", "metric=value"),
        ("rihgt=0.5", "unknown metric 'rihgt'; known: recall@5, mrr@10"),
        ("right=high", "needs a number, not 'high'"),
        ("right=nan", "from 0 on"),
        ("right=-1", "from 0 on"),
        ("right=80", "write 0.8 for 80 %"),
    ],
)
def test_bad_gates(text, message):
    with pytest.raises(GateError, match=message):
        parse_gate(text)


def test_higher_is_better_and_lower_is_better(make):
    metrics = summarise(make.run(["right", "right", "right", "wrong"]).records)
    texts = ["right=0.75", "right=0.76", "wrong=0.25", "wrong=0.2", "latency_ms_p95=100"]
    results = check_gates([parse_gate(text) for text in texts], metrics)
    assert [result.passed for result in results] == [True, False, True, False, False]
    assert str(results[0]) == "met: right is 0.75, wanted at least 0.75"
    assert str(results[3]) == "MISSED: wrong is 0.25, wanted at most 0.2"


def test_what_was_not_measured_misses():
    (result,) = check_gates([parse_gate("refusal=0")], {"refusal": Metric(None, None, None)})
    assert not result.passed
    assert "not measured by this set" in str(result)
