from datetime import datetime

import pytest

from eval.errors import RunError
from eval.kept_runs import KeptRuns
from eval.runner import journal_head, journal_path
from eval.saved import Journal, save_runs
from eval.types import Evidence

NOON = datetime(2026, 3, 4, 12, 0, 5)
SETTINGS = {"generator": "fake"}


@pytest.fixture
def kept(tmp_path):
    return KeptRuns(tmp_path)


def finished(kept, run, when=NOON):
    save = kept.new("my set.jsonl", run.questions, when)
    save_runs(save, run)
    kept.finish(save)
    return save


def test_a_finished_run_is_listed_with_its_counts(kept, make):
    run = make.run(["right", "wrong", "refused", "error", "right"], name="my set.jsonl")
    save = finished(kept, run)
    assert save.name == "my-set-20260304-120005.json"
    (found,) = kept.all(SETTINGS)
    assert (found.name, found.state) == ("my-set-20260304-120005", "finished")
    assert (found.set_name, found.started) == ("my set.jsonl", NOON)
    assert (found.right, found.wrong, found.refused, found.errors) == (2, 1, 1, 1)
    assert kept.result(found.name).run == run
    assert [path.name for path in save.parent.iterdir()] == [save.name]


def test_the_newest_comes_first_and_names_never_clash(kept, make):
    run = make.run(["right"])
    names = [finished(kept, run, NOON.replace(hour=hour)).stem for hour in (10, 11, 11)]
    assert len(set(names)) == 3
    assert [r.name for r in kept.all(SETTINGS)] == [names[2], names[1], names[0]]


def test_a_stopped_run_goes_on_with_its_own_questions(kept, make):
    questions = (
        make.question("1", evidence=(Evidence("a.txt", quote="born"),), history=("Who?",)),
        make.question("2", unanswerable=True),
        make.question("3", evidence=(Evidence("a.txt", 0, 3, "0" * 64),)),
    )
    save = kept.new("kept.jsonl", questions, NOON)
    journal = Journal(journal_path(save), journal_head(questions, SETTINGS))
    journal.begin([make.record(questions[0], make.answer())])
    (found,) = kept.all(SETTINGS)
    assert (found.state, found.n_done, found.n_questions) == ("stopped", 1, 3)
    assert kept.questions(found.name) == ("kept.jsonl", questions)
    assert kept.all({"generator": "another"})[0].state == "other settings"
    kept.finish(save)
    assert kept.questions(found.name)[1] == questions


def test_a_run_that_never_began_leaves_nothing(kept, make):
    save = kept.new("kept.jsonl", [make.question()], NOON)
    kept.finish(save)
    assert kept.all(SETTINGS) == ()


def test_deleting_takes_all_parts(kept, make):
    run = make.run(["right"])
    save = kept.new("kept.jsonl", run.questions, NOON)
    journal_path(save).write_text("{}\n")
    kept.delete(save.stem)
    assert list(save.parent.iterdir()) == []
    with pytest.raises(RunError, match="no longer there"):
        kept.delete(save.stem)


def test_a_name_from_outside_never_leaves_the_folder(kept, make, tmp_path):
    finished(kept, make.run(["right"]))
    (tmp_path / "secret.json").write_text("{}")
    for name in ("../secret", "/etc/passwd", "", "x\0y"):
        with pytest.raises(RunError, match="no longer there"):
            kept.delete(name)
    assert (tmp_path / "secret.json").exists()


def test_damaged_files_are_named_and_hide_nothing(kept, make):
    save = finished(kept, make.run(["right"]))
    (save.parent / "torn-20260304-130000.json").write_text("{")
    (save.parent / "odd-20260304-140000.json.questions").write_text("[1]")
    odd, torn, good = kept.all(SETTINGS)
    assert (odd.state, torn.state, good.state) == ("damaged", "damaged", "finished")
    assert "damaged" in odd.error
    assert "not a saved run" in torn.error


def test_a_file_changed_from_outside_is_read_anew(kept, make):
    save = finished(kept, make.run(["right"]))
    assert kept.all(SETTINGS)[0].right == 1
    save_runs(save, make.run(["wrong", "wrong"]))
    assert kept.all(SETTINGS)[0].wrong == 2
    assert len(kept.result(save.stem).run.records) == 2


def test_a_run_is_held_by_one_at_a_time(kept, make):
    save = kept.new("kept.jsonl", [make.question()], NOON)
    with kept.hold(save):
        assert kept.all(SETTINGS)[0].state == "elsewhere"
        for act in (lambda: kept.hold(save), lambda: kept.delete(save.stem)):
            with pytest.raises(RunError, match="going on in another window"):
                act()
    assert kept.all(SETTINGS)[0].state == "stopped"
    kept.delete(save.stem)
    assert list(save.parent.iterdir()) == []
    with pytest.raises(RunError, match="finished or deleted"):
        kept.hold(save)
