from collections.abc import Callable, Sequence

import numpy as np
import pytest

from index.library import Library
from index.types import Hit, Role
from models.fake import FakeEmbedder
from rag.drafts import Reading
from rag.evidence import (
    CONFIDENCE_FEATURES,
    FEATURES,
    EvidenceFinder,
    LogisticModel,
    confidence,
    confidence_features,
    fitted_weights,
)
from rag.questions import analyse_question

Reads = Callable[[str], Reading]


def role_of_passage(hit: Hit, _start: int, _end: int) -> Role:
    return hit.passage.role


@pytest.fixture
def finder(library: Library) -> EvidenceFinder:
    store = library.store
    return EvidenceFinder(
        library.embedder, store.document_frequency, lambda: store.count("passages")
    )


def test_the_shipped_weights_fit_the_features() -> None:
    fitted = fitted_weights()
    for model, names in (
        (fitted.sentence, FEATURES),
        (fitted.confidence, CONFIDENCE_FEATURES),
    ):
        assert model.weights.shape == model.mean.shape == model.scale.shape == (len(names),)
        assert (model.scale > 0).all()
    assert 0 < fitted.threshold < 1


def test_log_odds_are_linear() -> None:
    n = len(FEATURES)
    model = LogisticModel(np.ones(n), np.zeros(n), np.full(n, 2.0), bias=1.0)
    assert model.log_odds(np.zeros((3, n))).tolist() == [1.0] * 3
    assert model.log_odds(np.full((1, n), 2.0)).tolist() == [1.0 + n]


def test_confidence_is_a_probability(finder: EvidenceFinder, reading_for: Reads) -> None:
    reading = reading_for("How many countries took part in the workshop?")
    found = finder.find(reading.question, reading.hits, reading.vector, role_of_passage)
    assert 0 < confidence(found) < 1
    assert 0 < confidence(found[:1]) < 1
    assert confidence([]) == 0
    row = confidence_features(np.array([c.score for c in found]), found[0].features)
    assert len(row) == len(CONFIDENCE_FEATURES)
    assert np.isfinite(row).all()


def test_features_have_their_shape_and_range(finder: EvidenceFinder, reading_for: Reads) -> None:
    for text in ("How many countries took part?", "When was it?", "Who spoke?", "xyzzy"):
        reading = reading_for(text)
        sentences = [(hit, 0, len(hit.passage.text)) for hit in reading.hits]
        rows = finder.features(reading.question, reading.hits, sentences, reading.vector)
        assert rows.shape == (len(sentences), len(FEATURES))
        assert rows.dtype == np.float64
        assert np.isfinite(rows).all()
        column = dict(zip(FEATURES, rows.T, strict=True))
        for name in ("coverage", "coverage_passage", "pairs", "uncovered", "reciprocal_rank"):
            assert ((column[name] >= 0) & (column[name] <= 1)).all(), name
        for name in ("cosine_sentence", "cosine_passage"):
            assert (np.abs(column[name]) <= 1 + 1e-5).all(), name
        assert column["best_cosine_sentence_gap"].min() == pytest.approx(0, abs=1e-6)
        assert set(
            np.unique(rows[:, [FEATURES.index(f"type_{t}") for t in ("number", "date", "name")]])
        ) <= {0, 1}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("In which city was the third AI capacity-building workshop held?", "Shanghai"),
        ("How many megawatts does the station in Arlen deliver?", "300 megawatts"),
        ("How much did the organisers spend on travel?", "5.6 million"),
        ("How many eggs are whipped with sugar?", "four eggs"),
    ],
)
def test_the_sentence_that_answers_comes_first(
    finder: EvidenceFinder, reading_for: Reads, question: str, words: str
) -> None:
    reading = reading_for(question)
    found = finder.find(reading.question, reading.hits, reading.vector, role_of_passage)
    assert words in found[0].text


def test_candidates_are_sentences_with_exact_offsets(
    finder: EvidenceFinder, reading_for: Reads, library: Library
) -> None:
    reading = reading_for("How many countries took part in the workshop?")
    found = finder.find(reading.question, reading.hits, reading.vector, role_of_passage)
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    for candidate in found:
        text = library.store.text(candidate.hit.passage.document_id)
        assert candidate.text == text[candidate.start : candidate.end]


def test_no_hits_no_candidates(finder: EvidenceFinder, vector_of: Callable) -> None:
    question = analyse_question("Who?")
    assert finder.find(question, [], vector_of("Who?"), role_of_passage) == []


def test_furniture_and_questions_are_worth_less(
    hits_of: Callable[[Sequence[str]], list[Hit]], vector_of: Callable
) -> None:
    finder = EvidenceFinder(FakeEmbedder(), lambda _: 1, lambda: 10)
    question = analyse_question("Who opened the station?")
    (hit,) = hits_of(["Mara Lindqvist opened the station."])
    (asked,) = hits_of(["Mara Lindqvist opened the station?"])

    def score(of: Hit, role: Role) -> float:
        vector = vector_of(question.text)
        return finder.find(question, [of], vector, lambda *_: role)[0].score

    plain = score(hit, Role.BODY)
    for role in (Role.FURNITURE, Role.HEADING, Role.COMMENT):
        assert score(hit, role) < plain
    assert score(asked, Role.BODY) < plain
