import math

import numpy as np
import pytest

from eval import reading
from eval.reading import Read, best_f1, figures, read_all, sample
from eval.training.reader_data import SquadQuestion
from models.protocols import Reading, SpanCandidate


class ScriptedReader:
    """Finds the scripted words in the passage, with the scripted log probabilities."""

    name = "scripted"

    def __init__(self, script):
        self.script = script
        self.groups = []

    def read(self, tasks):
        self.groups.append(tuple(tasks))
        return [self._read_one(task) for task in tasks]

    def _read_one(self, task):
        words, logprob, not_stated = self.script[task.question]
        if words is None:
            return Reading((), not_stated, 9)
        start = task.passage.index(words)
        best = SpanCandidate(start, start + len(words), logprob, 2)
        worse = SpanCandidate(0, 1, logprob - 1, 1)
        return Reading((best, worse), not_stated, 9)


def question(text, *answers, version="2.0", context="The tram opened in 1875 in Oslo."):
    return SquadQuestion(f"id {text}", "Oslo tram", context, text, answers, version)


def read(words, odds, *answers, version="2.0", seconds=0.5):
    return Read(question("q", *answers, version=version), words, odds, seconds)


def scores(found):
    return np.array([r.odds for r in found])


def test_every_question_is_read_with_its_own_passage_in_order():
    questions = [question(str(n), context=f"Line {n} opened in 19{n}0.") for n in range(6)]
    reader = ScriptedReader({str(n): (f"19{n}0", -0.5 * n, -1.0) for n in range(6)})
    found = read_all(reader, questions)
    assert [r.question for r in found] == questions
    assert [r.words for r in found] == [f"19{n}0" for n in range(6)]
    assert [r.odds for r in found] == pytest.approx([1.0 - 0.5 * n for n in range(6)])
    assert all(r.seconds >= 0 for r in found)
    tasks = [task for group in reader.groups for task in group]
    assert max(map(len, reader.groups)) == reading._BATCH
    assert [(t.breadcrumb, t.passage, t.question) for t in tasks] == [
        (q.title, q.context, q.question) for q in questions
    ]
    assert read_all(reader, []) == []


def test_a_passage_without_any_span_counts_as_not_stated():
    reader = ScriptedReader({"a": (None, 0.0, -0.1), "b": ("1875", -0.2, -3.0)})
    empty, full = read_all(reader, [question("a"), question("b", "1875")])
    assert (empty.words, empty.odds) == ("", -math.inf)
    assert best_f1([empty, full], scores([empty, full])) == 1.0


def test_best_f1_by_hand():
    found = [
        read("1875", 3.0, "1875"),  # right: 1
        read("the tram", 2.0),  # to be refused
        read("in Oslo", 1.0, "Oslo", "Oslo city"),  # {in, oslo}, {oslo}: F1 2/3
        read("Oslo", 0.5, "1875"),  # wrong
        read("opened", -1.0),  # to be refused
        read("in 1875", -2.0, "in 1875"),  # right, but below everything
    ]
    # Refusing all: 2 of 6. Answering one after another, from the highest odds on, adds
    # 1, -1, 2/3, 0, -1, 1: the sums are 1, 0, 2/3, 2/3, -1/3, 2/3; the first is the best.
    assert best_f1(found, scores(found)) == pytest.approx((2 + 1) / 6)
    # Without the first unanswerable question: 1, 5/3, 5/3, 2/3, 5/3 over one refused.
    rest = [found[0], *found[2:]]
    assert best_f1(rest, scores(rest)) == pytest.approx((1 + 5 / 3) / 5)
    # The order of the questions does not matter, their scores do.
    assert best_f1(found[::-1], scores(found[::-1])) == pytest.approx(0.5)
    # Two unanswerable ones on top cost more than the answers below them bring.
    worst = [found[1], found[4], found[2]]
    assert best_f1(worst, np.array([3.0, 2.0, 1.0])) == pytest.approx(2 / 3)


def test_best_f1_may_refuse_or_answer_everything():
    assert best_f1([read("x", 1.0), read("y", 2.0)], np.array([1.0, 2.0])) == 1.0
    right = [read("1875", -5.0, "1875"), read("Oslo", -9.0, "Oslo")]
    assert best_f1(right, scores(right)) == 1.0


def test_figures_of_both_versions():
    found = [
        read("1875", 0.0, "1875", version="1.1", seconds=1.0),
        read("in Oslo", 0.0, "Oslo", version="1.1", seconds=0.0),
        read("1875", 2.0, "1875"),
        read("tram", 1.0),
        read("Oslo", 0.0, "Oslo"),
    ]
    assert figures(found) == pytest.approx(
        {
            "seconds_a_question": 0.5,
            "v1.1_questions": 2,
            "v1.1_exact_match": 50.0,
            "v1.1_f1": 100 * (1 + 2 / 3) / 2,
            "v2.0_questions": 3,
            "v2.0_best_f1": 200 / 3,
            "v2.0_auroc": 0.5,
        }
    )
    assert set(figures(found[:2])) == {
        "seconds_a_question", "v1.1_questions", "v1.1_exact_match", "v1.1_f1",
    }  # fmt: skip
    assert not any(name.startswith("v1.1") for name in figures(found[2:]))


def test_a_sample_is_of_the_part_and_of_each_version(tiny_data):
    whole = sample(tiny_data, "train", None, 0)
    assert [q.version for q in whole] == ["1.1"] * 9 + ["2.0"] * 2
    assert sample(tiny_data, "train", 99, 0) == whole
    few = sample(tiny_data, "train", 2, 7)
    assert [q.version for q in few] == ["1.1", "1.1", "2.0", "2.0"]
    assert len({(q.version, q.id) for q in few}) == 4
    assert sample(tiny_data, "train", 2, 7) == few
    assert len({tuple(sample(tiny_data, "train", 2, seed)) for seed in range(9)}) > 1
    assert {q.title for q in sample(tiny_data, "test", 5, 0)} == {"Zembla Castle"}
