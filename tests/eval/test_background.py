import re
import threading
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

from eval.background import Evaluations
from eval.errors import RunError
from eval.types import Evidence
from index.library import Library
from models.errors import ModelError
from models.fake import FakeEmbedder
from rag.settings import Settings
from rag.types import Event


class Pipeline:
    """Answers "London" step by step; waits in a question that says so until it is let on."""

    def __init__(self, library, make):
        self.library, self.make = library, make
        self.settings = Settings(library=library.folder, embedder="fake", generator="fake")
        self.asked = []
        self.waiting, self.go_on = threading.Event(), threading.Event()
        self.n_closed = 0

    def ask_stream(self, question, history=()):
        self.asked.append(question)
        try:
            yield Event("step", "Searching")
            if "fail" in question:
                raise ModelError("the model is gone")
            if "crash" in question:
                raise ZeroDivisionError("a defect")
            if "wait" in question:
                self.waiting.set()
                while not self.go_on.wait(0.01):
                    yield Event("step", "Reading")
            status = "refused" if "nothing" in question else "answered"
            yield Event("answer", answer=self.make.answer(status=status))
        finally:
            self.n_closed += 1

    def retrieve(self, question, history=()):
        return []


@pytest.fixture
def world(tmp_path, make):
    (tmp_path / "a.txt").write_text(make.text)
    library = Library(tmp_path / "library", FakeEmbedder())
    library.add([tmp_path / "a.txt"])
    pipeline = Pipeline(library, make)
    yield SimpleNamespace(pipeline=pipeline, evaluations=Evaluations(pipeline))
    pipeline.go_on.set()
    library.close()


def questions(make, *texts):
    return [
        make.question(str(n), question=text, answers=("Rome",) if "wrong" in text else ("London",))
        for n, text in enumerate(texts)
    ]


def test_a_set_is_run_counted_and_kept(world, make):
    texts = ("one", "two wrong", "three fail", "four nothing")
    world.evaluations.start("my.jsonl", questions(make, *texts))
    end = world.evaluations.wait(20)
    assert (end.state, end.set_name, end.done, end.total) == ("finished", "my.jsonl", 4, 4)
    assert (end.right, end.wrong, end.refused, end.errors) == (1, 1, 1, 1)
    (kept,) = world.evaluations.runs()
    assert (kept.name, kept.state, kept.right) == (end.name, "finished", 1)
    assert world.evaluations.kept.result(end.name).baseline is not None
    assert world.pipeline.n_closed == 4


def test_what_can_wait_rests_for_as_long_as_questions_are_asked(world, make):
    told = []

    @contextmanager
    def alone():
        told.append(("begins", len(world.pipeline.asked)))
        yield
        told.append(("ends", len(world.pipeline.asked)))

    evaluations = Evaluations(world.pipeline, alone)
    evaluations.start("my.jsonl", questions(make, "one", "two wrong"))
    assert evaluations.wait(20).state == "finished"
    assert told == [("begins", 0), ("ends", 2)]


def test_one_at_a_time_followed_stopped_and_gone_on_with(world, make):
    evaluations, pipeline = world.evaluations, world.pipeline
    evaluations.start("my.jsonl", questions(make, "one", "two wait", "three wrong"))
    assert pipeline.waiting.wait(20)
    now = evaluations.standing
    assert (now.state, now.done, now.right, now.question) == ("running", 1, 1, "two wait")
    assert evaluations.runs() == ()
    with pytest.raises(RunError, match=r"my\.jsonl is being asked"):
        evaluations.start("other.jsonl", questions(make, "one"))
    with pytest.raises(RunError, match="stop it first"):
        evaluations.delete(now.name)
    evaluations.stop()
    stopped = evaluations.wait(20)
    assert (stopped.state, stopped.done, stopped.question) == ("stopped", 1, "")
    (kept,) = evaluations.runs()
    assert (kept.state, kept.n_done, kept.n_questions) == ("stopped", 1, 3)

    pipeline.go_on.set()
    evaluations.resume(kept.name)
    end = evaluations.wait(20)
    assert (end.state, end.name, end.done) == ("finished", kept.name, 3)
    assert (end.right, end.wrong) == (2, 1)
    assert pipeline.asked == ["one", "two wait", "two wait", "three wrong"]
    assert pipeline.n_closed == 4
    assert [run.state for run in evaluations.runs()] == ["finished"]


def test_a_stopped_run_goes_on_after_the_program_was_closed(world, make):
    world.evaluations.start("my.jsonl", questions(make, "one", "two wait"))
    assert world.pipeline.waiting.wait(20)
    world.evaluations.stop()
    name = world.evaluations.wait(20).name
    world.pipeline.go_on.set()
    again = Evaluations(world.pipeline)
    again.resume(name)
    assert again.wait(20).right == 2


def test_other_settings_do_not_go_on_and_lose_nothing(world, make):
    world.evaluations.start("my.jsonl", questions(make, "one", "two wait"))
    assert world.pipeline.waiting.wait(20)
    world.evaluations.stop()
    name = world.evaluations.wait(20).name
    world.pipeline.settings = Settings(embedder="fake", generator="fake", top_k=3)
    world.evaluations.resume(name)
    end = world.evaluations.wait(20)
    assert end.state == "failed"
    assert "other settings" in end.error
    (kept,) = world.evaluations.runs()
    assert (kept.state, kept.n_done) == ("other settings", 1)


def test_a_set_that_does_not_fit_fails_before_the_first_question(world, make):
    missing = make.question("1", evidence=(Evidence("b.pdf", quote="x"),))
    world.evaluations.start("my.jsonl", [missing])
    end = world.evaluations.wait(20)
    assert end.state == "failed"
    assert "'b.pdf'" in end.error
    assert world.evaluations.runs() == ()
    assert world.pipeline.asked == []


def test_a_defect_keeps_the_answers_and_says_no_secret(world, make, caplog):
    world.evaluations.start("my.jsonl", questions(make, "one", "two crash"))
    end = world.evaluations.wait(20)
    assert end.state == "failed"
    assert "a defect" not in end.error
    assert "a defect" in caplog.text
    assert world.evaluations.runs()[0].n_done == 1


def test_stopping_what_has_ended_changes_nothing(world, make):
    assert world.evaluations.standing.state == "idle"
    world.evaluations.stop()
    world.evaluations.start("my.jsonl", questions(make, "one"))
    assert world.evaluations.wait(20).state == "finished"
    world.evaluations.stop()
    assert world.evaluations.standing.state == "finished"
    assert not world.evaluations.standing.stopping


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"generator": "another"}, "The model changed while my.jsonl .* the model fake is in use"),
        ({"top_k": 3}, "The settings changed .* its settings are in use"),
    ],
)
def test_a_run_ends_where_the_model_changes_and_goes_on_with_the_first(world, make, change, words):
    evaluations, pipeline = world.evaluations, world.pipeline
    first = pipeline.settings
    evaluations.start("my.jsonl", questions(make, "one", "two wait", "three"))
    assert pipeline.waiting.wait(20)
    pipeline.settings = replace(first, **change)
    pipeline.go_on.set()
    end = evaluations.wait(20)
    assert (end.state, end.done, end.errors) == ("failed", 1, 0)
    assert re.search(words, end.error)
    assert pipeline.asked == ["one", "two wait"]
    assert [run.state for run in evaluations.runs()] == ["other settings"]

    pipeline.settings = first
    evaluations.resume(end.name)
    assert evaluations.wait(20).state == "finished"
    assert pipeline.asked == ["one", "two wait", "two wait", "three"]


def test_an_answer_during_which_the_model_changed_is_not_kept(world, make):
    pipeline = world.pipeline
    answers = pipeline.ask_stream

    def changing(question, history=()):
        for event in answers(question, history):
            if event.answer is not None:
                pipeline.settings = replace(pipeline.settings, generator="another")
            yield event

    pipeline.ask_stream = changing
    world.evaluations.start("my.jsonl", questions(make, "one"))
    end = world.evaluations.wait(20)
    assert (end.state, end.done) == ("failed", 0)
    assert [run.n_done for run in world.evaluations.runs()] == [0]


def test_a_run_that_goes_on_elsewhere_is_left_alone(world, make):
    """Two servers of one library, each with its own list of runs."""
    here, elsewhere = world.evaluations, Evaluations(world.pipeline)
    here.start("my.jsonl", questions(make, "one", "two wait"))
    assert world.pipeline.waiting.wait(20)
    (seen,) = elsewhere.runs()
    assert (seen.state, seen.n_done, seen.n_questions) == ("elsewhere", 1, 2)
    with pytest.raises(RunError, match="going on in another window"):
        elsewhere.resume(seen.name)
    with pytest.raises(RunError, match="going on in another window"):
        elsewhere.delete(seen.name)
    assert elsewhere.standing.state == "idle"
    here.stop()
    assert here.wait(20).state == "stopped"

    world.pipeline.go_on.set()
    elsewhere.resume(seen.name)
    assert elsewhere.wait(20).state == "finished"
    with pytest.raises(RunError, match="cannot be read"):
        here.resume(seen.name)
    here.delete(seen.name)
    assert here.runs() == ()
