"""Fitting the confidences: on fakes, so only that it does what it says, not how well."""

import json

import numpy as np
import pytest

from eval.training.cases import everyday_cases, everyday_library
from eval.training.fit_answers import scored
from eval.training.fit_confidence import _BY_RELEVANCE, collect, write
from eval.training.fit_evidence import fit_both
from eval.training.logistic import THRESHOLD, cross_validated, fit
from models.fake import FakeEmbedder, FakeProver, FakeSpanReader
from rag.answers import ANSWER_FEATURES, CERTAINTY_FEATURES
from rag.evidence import CONFIDENCE_FEATURES, EvidenceFinder, sentence_features
from rag.logistic import read_model
from rag.sentence_features import FEATURES


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    library = everyday_library(tmp_path_factory.mktemp("fit"), FakeEmbedder())
    finder = EvidenceFinder(sentence_features(library), _BY_RELEVANCE)
    cases = everyday_cases(library, FakeProver(), n=60, seed=1)
    found = collect(cases, finder, FakeSpanReader())
    library.close()
    return found


def test_every_question_has_its_sentences_and_spans(collected):
    assert len(collected) == 60
    for measured, asked in collected:
        n = len(measured.features)
        assert measured.features.shape == (n, len(FEATURES))
        assert measured.proves.shape == measured.counts.shape == (n,)
        assert asked.answers.shape == asked.counts.shape == (len(asked.spans),)
        if not measured.answerable:
            assert not measured.counts.any()
            assert not asked.counts.any()
    assert any(measured.proves.any() for measured, _ in collected)


def test_spans_get_what_the_new_weights_say_of_their_sentences(collected):
    sentence, confidence = fit_both([measured for measured, _ in collected])
    gap = ANSWER_FEATURES.index("sentence_gap")
    score = ANSWER_FEATURES.index("sentence_score")
    for measured, asked in collected:
        new = scored(asked, measured, sentence, confidence)
        top = sentence.log_odds(measured.features).max()
        assert 0 < new.evidence < 1
        for span in new.spans:
            assert span.features[gap] >= -1e-9
            assert span.features[score] + span.features[gap] == pytest.approx(top)


def test_weights_are_written_as_they_are_read(collected, tmp_path):
    write(collected, tmp_path)
    for name, part, features in (
        ("evidence_weights.json", "confidence", (FEATURES, CONFIDENCE_FEATURES)),
        ("answer_weights.json", "certainty", (ANSWER_FEATURES, CERTAINTY_FEATURES)),
    ):
        data = json.loads((tmp_path / name).read_text())
        for holder, names in zip((data, data[part]), features, strict=True):
            assert holder["features"] == list(names)
            assert read_model(holder).weights.shape == (len(names),)
        assert data["threshold"] == pytest.approx(THRESHOLD)
        assert data["figures"]["questions"] > 0
    assert "points" in json.loads((tmp_path / "promise.json").read_text())


def test_a_fold_is_judged_by_weights_of_the_others():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 2))
    items = [(row, bool(row[0] + rng.normal() > 0)) for row in rows]

    def both(part):
        model = fit(np.array([row for row, _ in part]), np.array([right for _, right in part]))
        seen.append(len(part))
        return model, model

    def best(part, _):
        return np.array([row for row, _ in part]), np.array([right for _, right in part])

    seen: list[int] = []
    sure, correct = cross_validated(items, both, best)
    assert seen == [160] * 5
    assert correct.tolist() == [right for _, right in items]
    assert sure[correct].mean() > sure[~correct].mean() + 0.2
