"""The project's own questions: what is learned, what calibrates and what is reported stay apart."""

import random
from pathlib import Path

import pytest

from eval.evidence import PathDocuments, resolve_all
from eval.questions import load_questions
from eval.training.cases import EVERYDAY, EVERYDAY_DOCUMENTS, everyday_cases, everyday_library
from eval.training.fit_support import CLAIMS, figures, judge
from eval.training.own_data import (
    TRAINING,
    own_claims,
    own_groups,
    own_questions,
    own_sources,
    training_library,
    training_questions,
)
from index.library import Library
from models.fake import FakeEmbedder, FakeProver
from models.training.proving import UNKNOWN
from rag.support import SUPPORT_FEATURES, SupportJudge

ROOT = Path(__file__).parents[2]
CHECKED = ROOT / "eval" / "structure" / "blind"


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    library = training_library(tmp_path_factory.mktemp("training"), FakeEmbedder())
    yield library
    library.close()


def some_questions():
    return random.Random(1).sample(training_questions(), 120)


def test_learning_calibrating_and_reporting_use_different_documents():
    names = [
        {path.name for path in (TRAINING / "documents").iterdir()},
        {path.name for folder in EVERYDAY_DOCUMENTS for path in folder.iterdir()}
        - {"README.md", "labels.jsonl"},
        {path.name for path in CHECKED.iterdir()} - {"README.md", "labels.jsonl"},
    ]
    assert all(len(part) >= 12 for part in names)
    assert len(set().union(*names)) == sum(map(len, names))
    asked = {question.question for question in load_questions(EVERYDAY)}
    learned = {question.question for question in training_questions()}
    assert len(learned) > 2_800
    reported = {
        question.question
        for path in (ROOT / "eval" / "sets").glob("*.jsonl")
        for question in load_questions(path)
    }
    assert not asked & learned
    assert not reported & (asked | learned)


def test_the_evidence_of_the_calibration_questions_stands_in_their_documents(tmp_path):
    library = everyday_library(tmp_path / "library", FakeEmbedder())
    cases = list(everyday_cases(library, FakeProver()))
    assert len(cases) == len(load_questions(EVERYDAY))
    assert sum(case.answerable for case in cases) > 400
    case = next(c for c in cases if c.answerable and c.question.shape == "span")
    assert case.hits
    library.close()


def test_the_calibration_claims_stand_on_calibration_documents(tmp_path):
    library = everyday_library(tmp_path / "library", FakeEmbedder())
    judged = judge(library, SupportJudge(FakeProver(), library.embedder))
    library.close()
    # Few are lost: those that quote several cells of a table as one.
    n = len(CLAIMS.read_text(encoding="utf-8").splitlines())
    assert 0.95 * n < judged.hard.sum() <= n
    assert judged.rows.shape == (2 * judged.hard.sum(), len(SUPPORT_FEATURES))
    assert 0.3 < judged.supported[judged.hard].mean() < 0.4
    assert 0.4 < judged.supported[~judged.hard].mean() < 0.6
    found = figures(judged)
    assert found["hard"]["claims"] == found["plain"]["claims"] == judged.hard.sum()
    # Even fakes can tell a sentence that stands there from one that does not.
    assert found["plain"]["auroc"] > 0.9


def test_the_evidence_of_the_reported_questions_stands_in_their_documents(tmp_path):
    library = Library(tmp_path / "library", FakeEmbedder())
    library.add([p for p in CHECKED.iterdir() if p.name not in ("README.md", "labels.jsonl")])
    store = library.store
    documents = PathDocuments.of(store)
    questions = load_questions(ROOT / "eval" / "sets" / "everyday.jsonl")
    gold = resolve_all(questions, documents)
    assert all(gold[q.id] for q in questions if not q.unanswerable)
    library.close()


def test_training_groups_are_right_and_wrong(training):
    questions, claims = own_questions(training, some_questions()), own_claims(training)
    assert len(questions) > 110
    assert len(claims) > 2_300
    for group in own_groups(questions, claims, random.Random(0)):
        assert len({example.query for example in group}) == 1
        first, *others = group
        if first.answer is not None:
            assert first.answerable == 1
            assert first.answer in first.passage
        assert all(example.answerable == 0 and example.answer is None for example in others)
        assert all(example.passage != first.passage for example in others)
    for question in questions:
        right = {held.passage.id for held in question.right}
        assert not right & {p.id for p in question.near}
        assert all(piece in held.passage.text for held in question.right for piece in held.evidence)


def test_a_passage_with_half_of_the_evidence_supports_in_part(training):
    claims = own_claims(training)
    assert {claim.support for claim in claims if claim.holds} == {0, 1}
    assert {claim.support for claim in claims if not claim.holds} == {2}
    # Claims whose label is "not said" have no evidence to point to.
    assert any(not claim.evidence for claim in claims)
    for claim in claims:
        assert all(piece in claim.passage.text for piece in claim.evidence)


def test_yes_and_no_are_what_the_passage_says(training):
    questions = own_questions(training, some_questions())
    assert {question.support for question in questions} == {UNKNOWN, 0, 2}


def test_reader_rows_hold_their_answers(training):
    sources = own_sources(own_questions(training, some_questions()), random.Random(0))
    asked = [(source, one) for source in sources for one in source.asked]
    assert all(one.answer is None or one.answer in source.text for source, one in asked)
    stated = sum(one.answer is not None for _, one in asked)
    assert 0.2 < stated / len(asked) < 0.8
