from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from index.library import Library
from index.types import Hit, Role
from models.fake import FakeEmbedder
from rag.drafts import Reading
from rag.evidence import (
    CONFIDENCE_FEATURES,
    SHAPES,
    EvidenceFinder,
    confidence,
    confidence_features,
    fitted_weights,
    sentence_features,
)
from rag.logistic import LogisticModel
from rag.questions import analyse_question
from rag.sentence_features import FEATURES, Place, SentenceFeatures, quantities

Reads = Callable[[str], Reading]


def role_of_passage(hit: Hit, _start: int, _end: int) -> Role:
    return hit.passage.role


@pytest.fixture
def finder(library: Library) -> EvidenceFinder:
    return EvidenceFinder(sentence_features(library))


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
    scores = np.array([c.score for c in found])
    for shape in ("span", *SHAPES):
        assert 0 < confidence(shape, found) < 1
        assert 0 < confidence(shape, found[:1]) < 1
        assert confidence(shape, []) == 0
        row = confidence_features(shape, scores, found[0].features)
        assert len(row) == len(CONFIDENCE_FEATURES)
        assert np.isfinite(row).all()
        assert row[-len(SHAPES) :] == [float(shape == other) for other in SHAPES]


def test_features_have_their_shape_and_range(finder: EvidenceFinder, reading_for: Reads) -> None:
    for text in ("How many countries took part?", "When was it?", "Who spoke?", "xyzzy"):
        reading = reading_for(text)
        sentences = [Place(hit, 0, len(hit.passage.text)) for hit in reading.hits]
        rows = finder.features.of(reading.question, sentences, reading.vector)
        assert rows.shape == (len(sentences), len(FEATURES))
        assert rows.dtype == np.float64
        assert np.isfinite(rows).all()
        column = dict(zip(FEATURES, rows.T, strict=True))
        for name in (
            "coverage",
            "coverage_near",
            "coverage_passage",
            "pairs",
            "uncovered",
            "reciprocal_rank",
            "names_missing",
            "numbers_missing",
        ):
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


def test_roles_and_speakers_are_features(
    hits_of: Callable[[Sequence[str]], list[Hit]], vector_of: Callable
) -> None:
    features = SentenceFeatures(FakeEmbedder(), lambda _: 1, lambda: 10)
    text = "Mara Lindqvist opened the station."
    hits = hits_of([text, "Who opened the station?", "It was opened by a reader."])
    hits[1] = replace(hits[1], passage=replace(hits[1].passage, speaker="Anton Reyes"))
    hits[2] = replace(hits[2], passage=replace(hits[2].passage, speaker="Mara Lindqvist"))

    def row(question: str, place: int, role: Role = Role.BODY) -> dict[str, float]:
        places = [Place(hit, 0, len(hit.passage.text), role) for hit in hits]
        rows = features.of(analyse_question(question), places, vector_of(question))
        return dict(zip(FEATURES, rows[place].tolist(), strict=True))

    who = "Who opened the station?"
    for role, name in (
        (Role.FURNITURE, "furniture"),
        (Role.HEADING, "heading"),
        (Role.COMMENT, "comment"),
        (Role.CORRECTION, "correction"),
    ):
        assert [
            row(who, 0, role)[n] for n in ("furniture", "heading", "comment", "correction")
        ] == [float(n == name) for n in ("furniture", "heading", "comment", "correction")]
    assert row("What does the comment say of the station?", 0, Role.COMMENT)["comment"] == 0
    assert (row(who, 1)["asks"], row(who, 1)["adds_nothing"]) == (1, 1)
    assert (row(who, 0)["asks"], row(who, 0)["adds_nothing"]) == (0, 0)
    mara = "What does Mara Lindqvist think of the station?"
    flags = [(row(mara, i)["asked_speaker"], row(mara, i)["other_speaker"]) for i in range(3)]
    assert flags == [(0, 0), (0, 1), (1, 0)]
    assert row("What did Anton Reyes open?", 0)["names_missing"] == 1
    assert row("What did Mara Lindqvist open?", 0)["names_missing"] == 0


def test_numbers_are_compared_as_numbers(
    hits_of: Callable[[Sequence[str]], list[Hit]], vector_of: Callable
) -> None:
    features = SentenceFeatures(FakeEmbedder(), lambda _: 1, lambda: 10)
    (hit,) = hits_of(["The third workshop cost 1,500 euros for 12 people."])

    def of(question: str) -> tuple[float, float]:
        place = Place(hit, 0, len(hit.passage.text))
        row = features.of(analyse_question(question), [place], vector_of(question))[0]
        return tuple(row[[FEATURES.index(n) for n in ("numbers_missing", "other_ordinal")]])

    assert of("Where was the 3rd workshop?") == (0, 0)
    assert of("Where was the second workshop?") == (1, 1)
    assert of("What cost 1500 euros for twelve people?") == (0, 0)
    assert of("What cost 1500 euros in 2035?") == (0.5, 0)
    assert quantities("Twenty-first, 4.5 million") == {"20", "1th", "4.5"}
