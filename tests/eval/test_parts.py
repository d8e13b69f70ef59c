"""What each part buys: on fakes, so only that every stage has what it should and is timed in full."""

import numpy as np
import pytest

from eval.parts import RULES, STAGES, Remembered, Stages, figures, table, weights_for
from eval.questions import load_questions
from eval.training.cases import EVERYDAY, everyday_cases, everyday_library
from eval.training.fit_confidence import _BY_RELEVANCE, collect
from eval.training.masking import PROVER, masked
from models.fake import FakeEmbedder, FakeProver, FakeSpanReader
from rag.answers import ANSWER_FEATURES
from rag.evidence import EvidenceFinder, sentence_features
from rag.sentence_features import FEATURES
from rag.settings import Settings


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    library = everyday_library(tmp_path_factory.mktemp("parts"), FakeEmbedder())
    yield library
    library.close()


@pytest.fixture(scope="module")
def collected(library):
    finder = EvidenceFinder(sentence_features(library), _BY_RELEVANCE)
    return collect(everyday_cases(library, FakeProver(), n=60, seed=2), finder, FakeSpanReader())


def test_hidden_features_are_zero_and_the_rest_is_as_it_was(collected):
    part = masked(collected, PROVER, shapes=False)
    hidden = np.array([name in PROVER for name in FEATURES])
    for (measured, asked), (before, asked_before) in zip(part, collected, strict=True):
        assert not measured.features[:, hidden].any()
        assert (measured.features[:, ~hidden] == before.features[:, ~hidden]).all()
        assert measured.shape == asked.shape == "span"
        for span, span_before in zip(asked.spans, asked_before.spans, strict=True):
            assert not span.sentences[0].features[hidden].any()
            agrees = ANSWER_FEATURES.index("prover_agrees")
            assert span.features[agrees] == 0.0
            assert span.features[0] == span_before.features[0]
    assert any(before.features[:, hidden].any() for before, _ in collected)


def test_an_unknown_feature_is_named(collected):
    with pytest.raises(ValueError, match="no such features: cosines"):
        masked(collected, {"cosines"})


def test_a_stage_has_no_weight_on_what_it_lacks(collected):
    for stage in STAGES:
        weights = weights_for(stage, collected)
        lacks = (set() if stage.opinions else PROVER) | (set() if stage.rules else RULES)
        for model, names in (
            (weights.sentences.sentence, FEATURES),
            (weights.answers.span, ANSWER_FEATURES),
        ):
            for name, weight in zip(names, model.weights.tolist(), strict=True):
                assert weight == pytest.approx(0.0) or name not in lacks


def test_stages_answer_the_same_questions(library, collected):
    questions = list(load_questions(EVERYDAY))[:12]
    settings = Settings(embedder="fake", generator="fake", prover="none")
    stages = Stages(library, collected, FakeProver(), FakeSpanReader(), settings)
    runs = [stages.run(stage, questions) for stage in STAGES]
    assert [len(run.records) for run in runs] == [12] * 5
    answered = [sum(record.answered for record in run.records) for run in runs]
    # The promise only takes answers away.
    assert answered[4] <= answered[3]
    shown = table({stage.name: figures(run) for stage, run in zip(STAGES, runs, strict=True)})
    assert all(line.endswith(" s") for line in shown.splitlines()[1:])
    assert figures(runs[0])["answerable"] == sum(not q.unanswerable for q in questions)


def test_what_is_remembered_counts_its_time():
    asked: list[list[str]] = []

    def work(items):
        asked.append(list(items))
        return [item.upper() for item in items]

    remembered = Remembered(work)
    assert remembered.of(["a", "b"]) == ["A", "B"]
    assert remembered.seconds_saved == 0.0
    assert remembered.of(["b", "c"]) == ["B", "C"]
    assert asked == [["a", "b"], ["c"]]
    first = remembered.seconds_saved
    assert first > 0.0
    remembered.of(["a", "b", "c"])
    assert remembered.seconds_saved > 2 * first
