"""Why a question went wrong: the first step on the way where it left the right track."""

import pytest

from eval.causes import CAUSES, cause_of, causes
from eval.evaluate import result_of
from eval.evidence import Gold, GoldSpan
from eval.report import html_report
from eval.table import result_table, wrong_list
from eval.types import Run

GOLD = (Gold((GoldSpan("1", 0, 23),)),)
ELSEWHERE = (24, 45)


def test_each_step_has_its_cause(make):
    asked = make.question()
    far, near = make.passage(*ELSEWHERE), make.passage(0, 23)
    other = make.citation(*ELSEWHERE)
    given = {
        None: make.answer("London"),
        "passage": make.answer("Rome", passages=[far], cited=[other]),
        "unsure": make.answer(status="refused", passages=[near]),
        "sentence": make.answer("Rome", passages=[far, near], cited=[other]),
        "words": make.answer("born in", passages=[near]),
    }
    for cause, answer in given.items():
        assert cause_of(asked, make.record(asked, answer, GOLD)) == cause
    refused_blindly = make.answer(status="refused", passages=[far])
    assert cause_of(asked, make.record(asked, refused_blindly, GOLD)) == "passage"
    assert cause_of(asked, make.record(asked)) == "error"


def test_silence_on_what_is_not_said_is_right(make):
    asked = make.question(unanswerable=True)
    assert cause_of(asked, make.record(asked, make.answer(status="refused"))) is None
    assert cause_of(asked, make.record(asked, make.answer("Rome"))) == "unsaid"


def test_a_set_without_evidence_tells_little(make):
    asked = make.question()
    assert cause_of(asked, make.record(asked, make.answer("Rome"))) == "words"
    assert cause_of(asked, make.record(asked, make.answer(status="refused"))) == "unsure"


@pytest.fixture
def result(make):
    questions = [make.question(str(i)) for i in range(4)]
    answers = ["London", "Rome", "Oslo", None]
    records = [
        make.record(q, make.answer(a) if a else make.answer(status="refused"), GOLD)
        for q, a in zip(questions, answers, strict=True)
    ]
    return result_of(Run("set", tuple(questions), tuple(records), {}, "f"), None)


def test_causes_are_counted_listed_and_shown(result):
    assert {name: len(pairs) for name, pairs in causes(result.run).items()} == {
        "unsure": 1,
        "words": 2,
    }
    table = result_table(result)
    assert f"{CAUSES['words']}" in table
    listed = wrong_list(result)
    assert listed.startswith(f"{CAUSES['unsure']} (1)")
    assert "answered (0.50): Rome" in listed
    assert "Question 0?" not in listed
    page = html_report(result)
    assert page.count(CAUSES["words"]) == 3
    assert [q["cause"] for q in result.as_json()["questions"]] == [None, "words", "words", "unsure"]
