import math

import pytest

from eval.evidence import Gold, GoldSpan, resolve_all
from eval.scoring import METRICS, score
from eval.types import Evidence

GOLD = (Gold((GoldSpan("1", 0, 23),)),)


def test_a_right_answer(make):
    scores = score(make.question(), make.answer(), GOLD)
    # Necessity takes a second reading, which `eval.evaluate` does.
    elsewhere = {"refusal", "necessity", "latency_ms_p50", "latency_ms_p95"}
    assert set(scores) == set(METRICS) - elsewhere
    assert scores["wrong"] == (0.0, 1.0)
    assert scores["wrong_refusal"] == (0.0, 1.0)
    ones = set(scores) - {"wrong", "wrong_refusal"}
    assert {scores[name] for name in ones} == {(1.0, 1.0)}


def test_a_refusal_of_an_answerable_question(make):
    scores = score(make.question(), make.answer(status="refused"), GOLD)
    assert scores["wrong_refusal"] == (1.0, 1.0)
    assert scores["right"] == scores["wrong"] == scores["f1"] == (0.0, 1.0)
    assert scores["recall@5"] == (1.0, 1.0)  # found, though not believed
    assert not {"precision", "refusal", "citation_gold_recall"} & set(scores)


def test_unanswerable_questions(make):
    asked = make.question(unanswerable=True)
    refused = score(asked, make.answer(status="refused"), ())
    assert refused["refusal"] == (1.0, 1.0)
    assert refused["wrong"] == (0.0, 1.0)
    answered = score(asked, make.answer(), ())
    assert answered["refusal"] == (0.0, 1.0)
    assert answered["wrong"] == (1.0, 1.0)
    assert answered["precision"] == (0.0, 1.0)
    assert not {"f1", "exact_match", "wrong_refusal"} & set(answered)


def test_disputed_counts_as_answered(make):
    scores = score(make.question(), make.answer(status="disputed"), ())
    assert scores["precision"] == (1.0, 1.0)
    assert scores["wrong_refusal"] == (0.0, 1.0)


def test_an_error_is_neither_right_nor_wrong_nor_refused(make):
    scores = score(make.question(), None, GOLD)
    for name in ("right", "wrong", "wrong_refusal", "f1", "recall@5", "ndcg@10"):
        assert scores[name] == (0.0, 1.0), name
    assert "precision" not in scores


def test_questions_that_only_judge_retrieval(make):
    scores = score(make.question(answers=()), make.answer(), GOLD)
    assert "right" not in scores
    assert "recall@5" in scores


def test_citations_against_gold(make):
    gold = (Gold((GoldSpan("1", 0, 23),)), Gold((GoldSpan("1", 46, 67),)))
    cited = [make.citation(0, 23), make.citation(24, 45, n=2), make.citation(24, 45, n=3)]
    scores = score(make.question(), make.answer(cited=cited), gold)
    assert scores["citation_gold_precision"] == (0.5, 1.0)  # the same span counts once
    assert scores["citation_gold_recall"] == (0.5, 1.0)
    bare = score(make.question(), make.answer(cited=[]), gold)
    assert bare["citation_gold_precision"] == bare["citation_gold_recall"] == (0.0, 1.0)


def test_passages_against_gold(make):
    passages = [make.passage(24, 45), make.passage(0, 23, n=2), make.passage(0, 23, n=3)]
    gold = (*GOLD, Gold((GoldSpan("2", 0, 5),)))
    scores = score(make.question(), make.answer(passages=passages), gold)
    # Two are relevant: the passage at rank 2 and the one that was not found.
    assert scores["recall@5"] == (0.5, 1.0)
    assert scores["mrr@10"] == (0.5, 1.0)
    ideal = 1 + 1 / math.log2(3)
    assert scores["ndcg@10"][0] == pytest.approx((1 / math.log2(3)) / ideal)


def test_two_passages_that_touch_one_piece_are_both_relevant(make):
    passages = [make.passage(0, 10), make.passage(10, 23, n=2)]
    scores = score(make.question(), make.answer(passages=passages), GOLD)
    assert scores["ndcg@10"] == (1.0, 1.0)
    assert scores["recall@5"] == (1.0, 1.0)


def test_whole_documents_are_ranked_by_their_best_passage(make):
    asked = make.question(answers=(), evidence=(Evidence("a.txt", grade=2.0),))
    gold = resolve_all([asked], make.documents())["1"]
    passages = [make.passage(0, 5, "9"), make.passage(5, 9, "9", n=2), make.passage(0, 5, n=3)]
    assert score(asked, make.answer(passages=passages), gold)["mrr@10"] == (0.5, 1.0)
