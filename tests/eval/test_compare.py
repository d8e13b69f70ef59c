import json
from dataclasses import replace

import pytest

from eval.compare import compare
from eval.errors import RunError
from eval.table import comparison_table
from eval.types import Run


def test_changes_and_differences(make):
    before = make.run(["right", "wrong", "wrong", "refused", "right"], reader="a", k=1)
    after = make.run(["wrong", "right", "refused", "refused", "right"], reader="b", k=1)
    found = compare(before, after)
    kinds = {kind: [c.question.id for c in group] for kind, group in found.by_change().items()}
    assert kinds == {
        "right -> wrong": ["0"],
        "wrong -> right": ["1"],
        "wrong -> refused": ["2"],
    }
    assert found.settings == {"reader": ("a", "b")}
    by_name = {difference.name: difference for difference in found.metrics}
    assert by_name["right"].change.value == 0
    assert by_name["wrong"].before == pytest.approx(0.4)
    assert by_name["wrong"].change.value == pytest.approx(-0.2)
    assert by_name["wrong"].verdict == "no clear change"
    assert by_name["refusal"].verdict == "not measured"
    assert json.loads(json.dumps(found.as_json()))["metrics"]["wrong"]["after"] == 0.2
    text = comparison_table(found)
    assert "wrong -> right (1)" in text
    assert "reader: 'a' -> 'b'" in text


def test_the_same_run_differs_in_nothing(make):
    run = make.run(["right", "wrong", "refused"] * 5)
    found = compare(run, run)
    assert found.changes == ()
    for difference in found.metrics:
        if difference.change.value is not None:
            assert (difference.change.low, difference.change.high) == (0, 0)
    assert "every question ended as before" in comparison_table(found)


def test_a_clear_gain_is_told_whichever_way_is_better(make):
    before, after = make.run(["wrong"] * 30), make.run(["right"] * 29 + ["wrong"])
    verdicts = {d.name: d.verdict for d in compare(before, after).metrics}
    assert verdicts["right"] == verdicts["wrong"] == verdicts["precision"] == "better"
    back = {d.name: d.verdict for d in compare(after, before).metrics}
    assert back["right"] == back["wrong"] == "worse"


def test_pairing_is_narrower_than_two_runs_apart(make):
    # One question changed: the interval of the change knows that all others stayed.
    before = make.run(["right", "wrong"] * 20)
    after = make.run(["right", "wrong"] * 19 + ["right", "right"])
    right = next(d for d in compare(before, after).metrics if d.name == "right")
    assert right.change.low == 0
    assert right.change.high <= 0.1


def test_only_common_questions_are_compared(make):
    before, after = make.run(["right"] * 4), make.run(["right"] * 3)
    other = replace(after.questions[0], question="Something else?")
    after = replace(after, questions=(other, *after.questions[1:]))
    found = compare(before, after)
    assert (found.n_common, found.n_left_out) == (2, 2)


def test_runs_of_different_sets(make):
    before = make.run(["right"])
    after = replace(before, questions=(replace(before.questions[0], id="x"),))
    with pytest.raises(RunError, match="no question in common"):
        compare(before, after)


def test_refusing_what_is_not_said_is_a_gain(make):
    asked = make.question("1", unanswerable=True)
    other = make.question("2")

    def run(first, second):
        records = (make.record(asked, first), make.record(other, second))
        return Run("set", (asked, other), records)

    refusal = make.answer(status="refused")
    changes = compare(run(make.answer("Rome"), make.answer()), run(refusal, refusal)).changes
    assert [(c.kind, c.direction) for c in changes] == [
        ("wrong -> refused", "gained"),
        ("right -> refused", "lost"),
    ]
    (change,) = compare(run(refusal, make.answer("Rome")), run(refusal, refusal)).changes
    assert change.direction == "other"
