import json

import pytest

from eval.errors import EvidenceError, RunError
from eval.evaluate import evaluate, load_result
from eval.evidence import PathDocuments
from eval.report import html_report
from eval.runner import journal_path, rescore, run
from eval.saved import fingerprint, load_runs, save_runs
from eval.scoring import METRICS
from eval.types import Evidence
from index.types import Hit, Passage, Role
from models.errors import ModelError


@pytest.fixture
def questions(make):
    return [
        make.question("1", evidence=(Evidence("a.txt", quote="born in London"),)),
        make.question("2", answers=("Rome",), kind="number", history=("Who?",)),
        make.question("3", unanswerable=True, kind="unanswerable"),
    ]


class Asker:
    """Answers "London", keeps what it was asked, and breaks where it is told to."""

    def __init__(self, make, fails=(), stop_at=None):
        self.make, self.fails, self.stop_at = make, fails, stop_at
        self.asked = []

    def __call__(self, question, history):
        if question == self.stop_at:
            raise KeyboardInterrupt
        self.asked.append((question, tuple(history)))
        if question in self.fails:
            raise ModelError("the model is gone")
        if question == "Question 3?":
            return self.make.answer(status="refused")
        return self.make.answer()


def test_asks_in_order_with_history_and_tells_progress(make, questions):
    told = []
    asker = Asker(make)
    done = run(questions, asker, make.documents(), progress=lambda *args: told.append(args))
    assert asker.asked == [("Question 1?", ()), ("Question 2?", ("Who?",)), ("Question 3?", ())]
    assert [record.outcome for record in done.records] == ["right", "wrong", "refused"]
    assert [(n, total, right) for n, total, _, right in told] == [
        (0, 3, 0),
        (1, 3, 1),
        (2, 3, 1),
        (3, 3, 1),
    ]
    assert told[0][2] is None
    assert told[3][2] == 0


def test_goes_on_after_an_error(make, questions):
    done = run(questions, Asker(make, fails={"Question 1?"}), make.documents())
    assert done.records[0].status == done.records[0].outcome == "error"
    assert done.records[0].error == "the model is gone"
    assert done.records[1].status == "answered"


def test_a_defect_is_not_hidden(make, questions):
    def broken(question, history):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(questions, broken, make.documents())


def test_a_set_that_does_not_fit_asks_nothing(make):
    asker = Asker(make)
    bad = make.question(evidence=(Evidence("a.txt", quote="born in Paris"),))
    with pytest.raises(EvidenceError):
        run([bad], asker, make.documents())
    assert asker.asked == []


def test_resume_asks_only_what_is_left(make, questions, tmp_path):
    save = tmp_path / "runs" / "run.json"
    settings = {"reader": "extract", "top_k": 8}

    def go(asker, **more):
        options = {"save": save, "settings": settings} | more
        return evaluate(asker, None, make.documents(), questions, **options)

    first = Asker(make, fails={"Question 1?"}, stop_at="Question 3?")
    with pytest.raises(KeyboardInterrupt):
        go(first)
    assert not save.exists()
    # Cut off in the middle of a line.
    with journal_path(save).open("a") as file:
        file.write('{"id": "3", "sta')

    with pytest.raises(RunError, match="other settings or another question set"):
        go(Asker(make), resume=True, settings={"reader": "compose"})

    second = Asker(make)
    result = go(second, resume=True)
    assert [text for text, _ in second.asked] == ["Question 1?", "Question 3?"]  # the error again
    assert [r.outcome for r in result.run.records] == ["right", "wrong", "refused"]
    assert result.run.fingerprint == fingerprint({"top_k": 8, "reader": "extract"})
    assert not journal_path(save).exists()
    assert load_result(save) == result


def test_resume_without_a_journal_begins(make, questions, tmp_path):
    asker = Asker(make)
    evaluate(asker, None, make.documents(), questions, save=tmp_path / "r.json", resume=True)
    assert len(asker.asked) == 3
    with pytest.raises(RunError, match="--save"):
        evaluate(asker, None, make.documents(), questions, resume=True)


def test_resuming_a_finished_run_asks_only_its_errors(make, questions, tmp_path):
    save = tmp_path / "r.json"
    first = Asker(make, fails={"Question 2?"})
    evaluate(first, None, make.documents(), questions, save=save)
    second = Asker(make)
    result = evaluate(second, None, make.documents(), questions, save=save, resume=True)
    assert [text for text, _ in second.asked] == ["Question 2?"]
    assert [record.outcome for record in result.run.records] == ["right", "wrong", "refused"]
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


def test_a_finished_run_with_other_settings_is_not_resumed(make, questions, tmp_path):
    save = tmp_path / "r.json"
    evaluate(Asker(make), None, make.documents(), questions, save=save, settings={"k": 1})
    with pytest.raises(RunError, match="other settings"):
        evaluate(Asker(make), None, make.documents(), questions, save=save, resume=True)
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


def test_odd_settings_and_half_characters_are_saved(make, questions, tmp_path):
    save = tmp_path / "r.json"
    settings = {"library": tmp_path, "sizes": (1, 2)}

    def ask(question, history):
        return make.answer("London \ud800")

    result = evaluate(ask, None, make.documents(), questions, save=save, settings=settings)
    assert result.run.settings == {"library": str(tmp_path), "sizes": [1, 2]}
    again = evaluate(
        Asker(make), None, make.documents(), questions, save=save, settings=settings, resume=True
    )
    assert again.run == result.run
    assert load_result(save) == again
    html_report(again).encode()


def test_answers_taken_up_again_are_scored_anew(make, questions, tmp_path):
    save = tmp_path / "r.json"
    evaluate(Asker(make), None, make.documents(), questions, save=save)
    longer = PathDocuments({"1": "docs/a.txt"}, lambda _: "x" * 40 + make.text)
    result = evaluate(Asker(make), None, longer, questions, save=save, resume=True)
    assert result.metrics["recall@5"].value == 0.0


def test_without_resume_a_journal_is_begun_anew(make, questions, tmp_path):
    save = tmp_path / "r.json"
    with pytest.raises(KeyboardInterrupt):
        evaluate(Asker(make, stop_at="Question 2?"), None, make.documents(), questions, save=save)
    asker = Asker(make)
    evaluate(asker, None, make.documents(), questions, save=save)
    assert len(asker.asked) == 3


def test_a_damaged_head_of_the_journal_is_a_clear_error(make, questions, tmp_path):
    save = tmp_path / "r.json"
    journal_path(save).write_text("not json\n")
    with pytest.raises(RunError, match="without --resume"):
        evaluate(Asker(make), None, make.documents(), questions, save=save, resume=True)


def test_saved_runs_come_back_whole(make, questions, tmp_path):
    done = run(questions, Asker(make, fails={"Question 2?"}), make.documents(), settings={"a": 1})
    save_runs(tmp_path / "r.json", done)
    assert load_runs(tmp_path / "r.json") == (done, None)
    assert rescore(done, make.documents()) == done
    assert [p.name for p in tmp_path.iterdir()] == ["r.json"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not a saved run"),
        ("[]", "is not a saved run; make one with"),
        ('{"format": "footnote-eval-run", "version": 9}', "has version 9"),
        ('{"format": "footnote-eval-run", "version": 1, "baseline": null}', "is damaged"),
    ],
)
def test_bad_saved_runs(tmp_path, content, message):
    path = tmp_path / "r.json"
    path.write_text(content)
    with pytest.raises(RunError, match=message):
        load_runs(path)
    with pytest.raises(RunError, match="cannot read"):
        load_runs(tmp_path / "none.json")


def test_nowhere_to_save(make, questions, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot write"):
        evaluate(Asker(make), None, make.documents(), questions, save=tmp_path / "file" / "r.json")


def test_json_has_the_promised_shape(make, questions):
    passage = Passage(1, 1, 0, len(make.text), make.text, "", Role.BODY)

    def retrieve(question, history):
        return [Hit(passage, 0.9, 1, "fused")]

    result = evaluate(Asker(make), retrieve, make.documents(), questions, name="samples")
    data = json.loads(json.dumps(result.as_json()))
    for name in METRICS:
        assert set(data[name]) == {"value", "low", "high"}
        assert set(data["per_kind"]["unanswerable"][name]) == {"value", "low", "high"}
        assert set(data["baseline"][name]) == {"value", "low", "high"}
    assert list(data["per_kind"]) == ["fact", "number", "unanswerable"]
    assert data["refusal"]["value"] == 1.0
    assert data["per_kind"]["fact"]["refusal"]["value"] is None
    first = data["questions"][0]
    assert {"id", "status", "short_answer", "right", "citations", "timings"} <= set(first)
    assert (first["id"], first["status"], first["right"]) == ("1", "answered", True)
    assert first["citations"][0]["quote"] == make.text[0:23]
    assert first["timings"]["retrieve"] == 1.5
    assert data["counts"]["per_kind"] == {"fact": 1, "number": 1, "unanswerable": 1}
    assert data["baseline"]["recall@5"]["value"] == 1.0
