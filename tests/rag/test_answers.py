"""Spans as they were read become answers: whole words, their sentences, their features."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.types import Hit
from models.protocols import Reading, SpanCandidate
from rag.answers import (
    ANSWER_FEATURES,
    CERTAINTY_FEATURES,
    SpanAnswer,
    answer_weights,
    spans_of,
)
from rag.evidence import Candidate, LogisticModel
from rag.questions import analyse_question

AnswerOf = Callable[..., SpanAnswer]
SpansIn = Callable[..., list[SpanAnswer]]

FIRST = "The station in Arlen opened on 29 August 2023."
SECOND = "It cost about $5.5 billion."
TEXT = f"{FIRST} {SECOND}"


@pytest.fixture
def odds_model(model_on: Callable[..., LogisticModel]) -> LogisticModel:
    return model_on(ANSWER_FEATURES, "odds")


@pytest.fixture
def spans_in(
    hits_of: Callable[[Sequence[str]], list[Hit]],
    candidate_of: Callable[..., Candidate],
    odds_model: LogisticModel,
) -> SpansIn:
    """Reads spans, given as words with their likelihoods, in a passage that starts at 100."""

    def read(
        question: str,
        *spans: tuple[str, float],
        text: str = TEXT,
        sentences: Sequence[str] = (FIRST, SECOND),
    ) -> list[SpanAnswer]:
        (hit,) = hits_of([text])
        hit = replace(hit, passage=replace(hit.passage, start=100, end=100 + len(text)))
        own = [candidate_of(hit, s, score=1.0 - i) for i, s in enumerate(sentences)]
        marked = [(text.index(words), words, logprob) for words, logprob in spans]
        found = tuple(SpanCandidate(at, at + len(words), p, 2) for at, words, p in marked)
        reading = Reading(found, -3.0, 10)
        return spans_of(analyse_question(question), hit, reading, own, odds_model)

    return read


def test_the_shipped_weights_fit_the_features() -> None:
    shipped = answer_weights()
    for model, names in ((shipped.span, ANSWER_FEATURES), (shipped.certainty, CERTAINTY_FEATURES)):
        assert model.weights.shape == model.mean.shape == model.scale.shape == (len(names),)
        assert (model.scale > 0).all()
    assert 0 < shipped.threshold < 1


@pytest.mark.parametrize("names", ["ANSWER_FEATURES", "CERTAINTY_FEATURES"])
def test_weights_of_other_features_are_not_used(
    monkeypatch: pytest.MonkeyPatch, names: str
) -> None:
    monkeypatch.setattr(f"rag.answers.{names}", ("odds",))
    with pytest.raises(ValueError, match="fit it again"):
        answer_weights.__wrapped__()


# -- spans ------------------------------------------------------------------------------------


def test_a_span_stands_in_its_sentence(spans_in: SpansIn) -> None:
    (answer,) = spans_in("Where is the station?", ("Arlen", -0.1))
    assert answer.words == "Arlen"
    (sentence,) = answer.sentences
    assert sentence.text == FIRST
    assert (sentence.start, sentence.end) == (100, 100 + len(FIRST))


@pytest.mark.parametrize("best", [(FIRST, SECOND), (SECOND, FIRST)])
def test_a_span_may_touch_two_sentences(spans_in: SpansIn, best: tuple[str, str]) -> None:
    (answer,) = spans_in("What is known of it?", ("station in Arlen", -1.0), sentences=best)
    assert [s.text for s in answer.sentences] == [FIRST]
    (answer,) = spans_in("What of it?", ("2023. It cost", -1.0), sentences=best)
    assert [s.text for s in answer.sentences] == [FIRST, SECOND], "in the order of the text"
    assert answer.words == "2023. It cost"


def test_a_span_touches_no_sentence_at_whose_border_it_ends(spans_in: SpansIn) -> None:
    (answer,) = spans_in("When did it open?", ("August 2023. ", -1.0))
    assert [s.text for s in answer.sentences] == [FIRST]
    (answer,) = spans_in("What of it?", (" It cost", -1.0))
    assert [s.text for s in answer.sentences] == [SECOND]


@pytest.mark.parametrize(
    ("question", "span", "words"),
    [
        ("When did it open?", "2023", "29 August 2023"),
        ("In which year did it open?", "2023", "2023"),
        ("How much did it cost?", "5.5", "$5.5 billion"),
        ("How much did it cost?", "cost about $5.5", "cost about $5.5"),
    ],
)
def test_a_span_is_completed_to_the_whole_date_or_amount(
    spans_in: SpansIn, question: str, span: str, words: str
) -> None:
    (answer,) = spans_in(question, (span, -0.1))
    assert answer.words == words


def test_a_span_outside_every_sentence_is_no_answer(spans_in: SpansIn) -> None:
    found = spans_in("Where is it?", ("$5.5 billion", -0.1), ("Arlen", -2.0), sentences=(FIRST,))
    assert [answer.words for answer in found] == ["Arlen"]
    assert spans_in("Where is it?", ("Arlen", -0.1), sentences=()) == []


def test_sentences_of_another_passage_do_not_count(
    hits_of: Callable[[Sequence[str]], list[Hit]],
    candidate_of: Callable[..., Candidate],
    odds_model: LogisticModel,
) -> None:
    hit, other = hits_of([TEXT, TEXT])
    question = analyse_question("Where is the station?")
    reading = Reading((SpanCandidate(0, 11, -0.1, 2),), -3.0, 10)
    assert spans_of(question, hit, reading, [candidate_of(other, FIRST)], odds_model) == []
    both = [candidate_of(other, FIRST), candidate_of(hit, FIRST)]
    (answer,) = spans_of(question, hit, reading, both, odds_model)
    assert answer.sentences == (both[1],)


def test_the_most_probable_comes_first(spans_in: SpansIn) -> None:
    found = spans_in("Where is it?", ("station", -4.0), ("Arlen", -1.0), ("cost", -4.0))
    assert [answer.words for answer in found] == ["Arlen", "station", "cost"]
    # The model is the log odds against "not stated", which has -3.
    assert found[0].probability == pytest.approx(1 / (1 + math.exp(-2.0)))
    assert found[1].probability == found[2].probability == pytest.approx(1 / (1 + math.exp(1.0)))


def test_nothing_marked_nothing_found(spans_in: SpansIn) -> None:
    assert spans_in("Where is it?") == []


# -- features ---------------------------------------------------------------------------------


def test_features_are_in_the_documented_order(spans_in: SpansIn) -> None:
    (answer,) = spans_in("How much did the station cost?", ("cost about $5.5 billion", -1.0))
    assert answer.features.shape == (len(ANSWER_FEATURES),)
    assert answer.features.dtype == np.float64
    assert dict(zip(ANSWER_FEATURES, answer.features.tolist(), strict=True)) == pytest.approx(
        {
            "odds": 2.0,
            "not_stated": -3.0,
            "logprob": -1.0,
            "mean_logprob": -0.5,
            "sentence_score": 0.0,
            "sentence_gap": 1.0,
            "reciprocal_rank": 1.0,
            "similarity": 0.5,
            "type_fits": 1.0,
            "type_misses": 0.0,
            "length": math.log1p(4),
            "repeats": 1 / 5,  # "cost" of cost, about, 5, 5, billion
            "prover_relevance_gap": 0.0,
            "prover_answerable": 0.0,
            "prover_agrees": 0.0,
        }
    )


def test_the_better_of_two_sentences_counts(spans_in: SpansIn) -> None:
    (answer,) = spans_in("What of it?", ("2023. It cost", -1.0), sentences=(SECOND, FIRST))
    named = dict(zip(ANSWER_FEATURES, answer.features.tolist(), strict=True))
    assert (named["sentence_score"], named["sentence_gap"]) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("question", "words", "fits"),
    [
        ("How many took part?", "38 countries", (1, 0)),
        ("How many took part?", "Twelve delegates", (1, 0)),
        ("How many took part?", "a crowd", (0, 1)),
        ("When was it?", "last Thursday", (1, 0)),
        ("When was it?", "the 19th century", (1, 0)),
        ("When was it?", "in Geneva", (0, 1)),
        ("Who leads it?", "Anton Reyes", (1, 0)),
        ("Who leads it?", "the chair", (0, 1)),
        ("Why was it delayed?", "heavy rain", (0, 0)),
    ],
)
def test_a_span_looks_like_what_is_asked_for_or_not(
    spans_in: SpansIn, question: str, words: str, fits: tuple[int, int]
) -> None:
    (answer,) = spans_in(question, (words, -1.0), text=words, sentences=(words,))
    named = dict(zip(ANSWER_FEATURES, answer.features.tolist(), strict=True))
    assert (named["type_fits"], named["type_misses"]) == fits


@pytest.mark.parametrize(
    ("logprob", "not_stated", "odds"),
    [
        (-1e9, -0.01, -20.0),
        (float("-inf"), -0.01, -20.0),
        (-0.01, float("-inf"), 20.0),
        (-1e9, -1e9, 0.0),
    ],
)
def test_very_low_likelihoods_stop_at_the_floor(
    answer_of: AnswerOf, odds_model: LogisticModel, logprob: float, not_stated: float, odds: float
) -> None:
    hit = answer_of("Arlen").hit
    reading = Reading((SpanCandidate(0, 5, logprob, 1),), not_stated, 1)
    sentences = answer_of("Arlen").sentences
    (answer,) = spans_of(analyse_question("Where?"), hit, reading, sentences, odds_model)
    named = dict(zip(ANSWER_FEATURES, answer.features.tolist(), strict=True))
    assert named["odds"] == odds
    assert min(named["not_stated"], named["logprob"], named["mean_logprob"]) >= -20


_logprobs = st.floats(min_value=-1e300, max_value=0.0)


@settings(deadline=None)
@given(
    logprob=_logprobs,
    not_stated=_logprobs,
    n_tokens=st.integers(1, 500),
    similarity=st.none() | st.floats(-1, 1),
    rank=st.integers(1, 100),
    words=st.text(min_size=1, max_size=30),
)
def test_features_are_finite(
    answer_of: AnswerOf,
    model_on: Callable[..., LogisticModel],
    logprob: float,
    not_stated: float,
    n_tokens: int,
    similarity: float | None,
    rank: int,
    words: str,
) -> None:
    made = answer_of(words)
    hit = replace(made.hit, similarity=similarity, rank=rank)
    reading = Reading((SpanCandidate(0, len(words), logprob, n_tokens),), not_stated, 1)
    model = model_on(ANSWER_FEATURES, "odds")
    found = spans_of(analyse_question("How many?"), hit, reading, made.sentences, model)
    (answer,) = found
    assert np.isfinite(answer.features).all()
    assert 0 < answer.probability < 1
    assert answer.words in words
