"""The handlers of the tab for measuring, with a scripted pipeline."""

import json
import re
import threading
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import pytest

from eval.available import FOLDER
from eval.questions import load_questions
from eval.scoring import METRICS
from ui.evaluate_figures import PLAIN
from ui.evaluate_handlers import EvaluateHandlers
from ui.evaluate_view import Parts, View

TIDES = "The tide came in at noon and covered the beach.\n\nIt left the harbour at dusk.\n"
HOSTILE = "<script>window.hacked=1</script> ${1+1} {{7*7}} <img src=x onerror=alert(1)>"


def as_line(number, question, **parts):
    return json.dumps({"id": f"q-{number}", "question": question, "kind": "fact"} | parts)


NOON = {"source": "tides.txt", "quote": "came in at noon"}
QUESTIONS = (
    as_line(1, "When did the tide come in?", answers=["at noon"], must_include=["noon"], evidence=[NOON]),
    as_line(2, "What did it leave at dusk?", answers=["the harbour"], must_include=["harbour"]),
    as_line(3, f"Where was the tide {HOSTILE}?", answers=[HOSTILE], kind=HOSTILE),
    as_line(4, "Is nothing known about the tide?", unanswerable=True),
)  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def text(html):
    return _Reader(html).text


@pytest.fixture
def world(scripted, library, tmp_path):
    """A library with a set of four questions; the pipeline can be told to wait or to refuse."""

    class Steered(scripted):
        gate = threading.Event()
        silent: tuple[str, ...] = ()

        def ask_stream(self, question, history=()):
            for event in super().ask_stream(question, history):
                yield event
                while not self.gate.wait(0.01):
                    yield event

        def _events(self, question):
            refused = any(part in question for part in self.silent)
            yield from super()._events(question + (" nothing" if refused else ""))

    (tmp_path / "tides.txt").write_text(TIDES)
    library.add([tmp_path / "tides.txt"])
    (library.folder / FOLDER).mkdir()
    (library.folder / FOLDER / "kept.jsonl").write_text("\n".join(QUESTIONS))
    pipeline = Steered(library)
    pipeline.gate.set()
    yield pipeline
    pipeline.gate.set()
    library.close()


@pytest.fixture
def handlers(world):
    return EvaluateHandlers(world)


def set_path(world):
    return str(world.library.folder / FOLDER / "kept.jsonl")


def start(handlers, world, limit=""):
    return handlers.click({"do": "start", "set": set_path(world), "limit": limit})


def run(handlers, world, limit=""):
    """Run the set to its end; the name of the run."""
    start(handlers, world, limit)
    end = handlers.evaluations.wait(30)
    assert end.state == "finished", end.error
    return end.name


def heard(parts):
    """What the browser sends with a tick once it has been told so much."""
    return {"heard": re.search('data-heard="([^"]*)"', parts.told)[1]}


def test_sets_say_whether_they_fit(handlers, world):
    lacking = [{"source": f"{HOSTILE}{n}.pdf", "quote": "x"} for n in range(5)]
    (world.library.folder / FOLDER / f"<b>{'x' * 9}.jsonl").write_text(
        as_line(1, "?", answers=["x"], evidence=lacking)
    )
    parts = handlers.arrive(View())
    assert "kept.jsonlkept with your library4in the library" in text(parts.sets)
    assert f"0 of 5 in the library; missing:{HOSTILE}0.pdf" in text(parts.sets)
    assert "and 2 more" in parts.sets
    assert parts.sets.count('data-do="start"') == 1
    assert {"script", "img", "b"}.isdisjoint(_Reader(parts.sets).tags)
    assert parts.progress == ""
    assert parts.runs == ""


def test_progress_is_told_while_it_runs_and_the_result_at_the_end(handlers, world):
    world.gate.clear()
    parts = start(handlers, world)
    assert parts.result == ""
    assert "0 percent" in text(parts.told)
    now = handlers.tick(View(), heard(parts))
    progress = text(now.progress)
    assert "Running kept.jsonl" in progress
    assert "Question 1 of 4" in progress
    assert "So far: 0 right, 0 wrong, 0 refused." in progress
    # What was told stays until there is something else to tell.
    assert now.told is None
    assert "is being asked" in text(start(handlers, world).told)
    # Another browser, or this one after a reload, finds it.
    found = handlers.arrive(View())
    assert "Question 1 of 4" in text(found.progress)
    assert heard(found) == heard(parts)
    world.gate.set()
    handlers.evaluations.wait(30)
    end = handlers.tick(View(), {"running": "run", **heard(found)})
    assert end.progress == ""
    assert "Finished: kept.jsonl. The result is below." in text(end.told)
    assert end.view == View(handlers.evaluations.standing.name)
    assert "4 questions, 1 of them without an answer in the documents: " in text(end.result)
    assert "2 answered rightly, 1 wrongly, 1 refused." in text(end.result)
    assert "data-opening" not in end.result
    assert handlers.arrive(View()).view == end.view
    # Who closes the result has it closed.
    assert handlers.tick(View(), heard(end)) == Parts()


def test_what_is_being_read_is_not_taken_away(handlers, world):
    first = run(handlers, world)
    view = handlers.click({"do": "open", "run": first}).view
    start(handlers, world)
    handlers.evaluations.wait(30)
    end = handlers.tick(view, {})
    assert end.result is None
    assert end.view is None
    assert "first of the kept runs" in text(end.told)
    assert end.runs.count('data-do="open"') == 2
    assert handlers.arrive(view).result is None


def test_stop_and_go_on(handlers, world):
    world.gate.clear()
    start(handlers, world)
    assert "Stopping" in text(handlers.click({"do": "stop"}).progress)
    assert handlers.evaluations.wait(30).state == "stopped"
    parts = handlers.tick(View(), {})
    assert "Stopped after 0 of 4 questions" in text(parts.told)
    assert "stopped after 0 of 4 questions" in text(parts.runs)
    name = re.search(r'data-do="resume" data-run="([^"]+)"', parts.runs)[1]
    world.gate.set()
    going_on = handlers.click({"do": "resume", "run": name})
    assert "of the questions asked" in text(going_on.told) or "Finished" in text(going_on.told)
    assert handlers.evaluations.wait(30).state == "finished"


def test_a_run_of_another_server_is_shown_without_buttons(handlers, world):
    kept = handlers.evaluations.kept
    save = kept.new("theirs.jsonl", load_questions(set_path(world)), datetime.now())
    with kept.hold(save):
        runs = handlers.arrive(View()).runs
    assert "going on in another window of Footnote; 0 of 4 questions asked" in text(runs)
    assert "<button" not in runs
    assert "stopped after 0 of 4" in text(handlers.arrive(View()).runs)


def test_only_the_first_questions(handlers, world):
    for words in ("0", "-1", "1.5", "x", "²", "9" * 5000):
        told = start(handlers, world, words).told
        assert "is no number of questions" in text(told)
    assert handlers.evaluations.standing.state == "idle"
    run(handlers, world, " 2 ")
    assert handlers.evaluations.standing.total == 2
    assert run(handlers, world, "all")
    assert handlers.evaluations.standing.total == 4


def test_figures_questions_and_filter(handlers, world):
    name = run(handlers, world)
    parts = handlers.click({"do": "open", "run": name})
    figures = text(parts.result)
    for words in (
        "Answered rightly, of all questions",
        "50.0 %",
        "Search alone",
        "How to read this",
    ):
        assert words in figures
    assert "With fewer than 30 questions" in figures
    assert "right sentence quoted, wrong or too few words" in figures
    assert parts.result.count("<svg") == 3
    assert {"script", "img"}.isdisjoint(_Reader(parts.result + parts.questions).tags)
    assert "Wrong (1)Refused (1)Right (2)All (4)" in text(parts.questions)
    assert parts.questions.count("<details") == 1
    assert f"Where was the tide {HOSTILE}?" in text(parts.questions)

    everything = handlers.click({"do": "show", "run": name, "show": "all", "page": "x"}).questions
    assert everything.count("<details") == 4
    assert "✓ refused, rightly" in everything
    assert "came in at noon" in text(everything)
    refused = handlers.click({"do": "show", "run": name, "show": "refused", "page": "7"}).questions
    assert refused.count("<details") == 1
    assert "that the documents do not say" in refused
    odd = handlers.click({"do": "show", "run": name, "show": "<b>", "page": "1"}).questions
    assert "No question ended like this." in odd


def test_two_runs_compared(handlers, world):
    first = run(handlers, world)
    world.silent = ("dusk",)
    world.settings = replace(world.settings, top_k=3)
    second = run(handlers, world)
    assert f'data-other="{first}"' in handlers.click({"do": "open", "run": second}).result
    for name, other in ((first, second), (second, first)):
        parts = handlers.click({"do": "compare", "run": name, "other": other})
        shown = text(parts.result)
        assert "4 questions in both runs: 0 gained, 1 lost, 0 changed otherwise." in shown
        assert "top_k103" in shown
        assert "Lost: well before, not now (1)" in shown
        assert "✓ right → – refused What did it leave at dusk?" in shown
        assert parts.questions == ""
        assert parts.view == View(name, other)
    file, _ = handlers.export(View(second, first), {"ending": ".json"})
    assert file["name"] == f"footnote-{second}-comparison.json"
    assert json.loads(file["content"])["changes"][0]["change"] == "right -> refused"
    report, _ = handlers.export(View(second, first), {"ending": ".html"})
    assert "Compared with an earlier run" in report["content"]


def test_files_to_save(handlers, world):
    name = run(handlers, world)
    report, _ = handlers.export(View(name), {"ending": ".html"})
    assert report["name"] == f"footnote-{name}.html"
    assert report["content"].startswith("<!DOCTYPE html>")
    assert "<script" not in report["content"]
    figures, _ = handlers.export(View(name), {"ending": ".json"})
    assert figures["name"] == f"footnote-{name}-figures.json"
    assert json.loads(figures["content"])["counts"]["right"] == 2
    nothing, parts = handlers.export(View("gone"), {"ending": ".html"})
    assert nothing == {"name": "", "content": ""}
    assert "no longer there" in text(parts.told)


def test_a_run_is_deleted(handlers, world):
    name = run(handlers, world)
    parts = handlers.arrive(View())
    assert 'data-act="ask-remove"' in parts.runs
    parts = handlers.click({"do": "delete", "run": name})
    assert parts.runs == ""
    assert parts.result == ""
    assert parts.view == View()
    assert "no longer there" in text(handlers.click({"do": "open", "run": name}).told)
    assert handlers.arrive(View()).view is None


def test_a_set_is_named(handlers, world, tmp_path):
    elsewhere = tmp_path / "<i>else.jsonl"
    elsewhere.write_text("\n".join(QUESTIONS))
    told = []
    for _ in range(2):
        parts = handlers.click({"do": "name", "where": f" {elsewhere} "})
        assert "<i>else.jsonl can be run now" in text(parts.told)
        assert 'data-form="name"' in parts.told
        assert text(parts.sets).count("<i>else.jsonl") == 1
        told.append(parts.told)
    # The page sees that it was added again, though it reads the same.
    assert told[0] != told[1]
    (tmp_path / "bad.jsonl").write_text('{"id": "<b>"}')
    for path, why in (
        ("  ", "Type the path"),
        ("/nowhere", "There is no file"),
        (str(tmp_path / "bad.jsonl"), "key 'question' is missing"),
    ):
        told = handlers.click({"do": "name", "where": path}).told
        assert why in text(told)
        assert "data-form" not in told


def handed_over(path):
    return {"do": "drop", "files": [{"path": str(path), "name": path.name}]}


def test_a_set_is_handed_over(handlers, world, tmp_path):
    arrived = world.library.folder / "page-1-x"
    arrived.mkdir()
    (arrived / "dropped.jsonl").write_text(QUESTIONS[0])
    parts = handlers.click(handed_over(arrived / "dropped.jsonl"))
    assert "dropped.jsonlkept with your library1in the library" in text(parts.sets)
    assert (world.library.folder / FOLDER / "dropped.jsonl").exists()
    (arrived / "bad.jsonl").write_text("no question")
    assert "line 1" in text(handlers.click(handed_over(arrived / "bad.jsonl")).told)
    # Nothing but what was uploaded can be handed over.
    (tmp_path / "own.jsonl").write_text(QUESTIONS[0])
    for path in (tmp_path / "own.jsonl", arrived / "gone.jsonl"):
        assert "did not arrive whole" in text(handlers.click(handed_over(path)).told)
    assert (tmp_path / "own.jsonl").exists()
    assert "No file has arrived" in text(handlers.click({"do": "drop", "files": 7}).told)


@pytest.mark.parametrize(
    "click",
    [
        {},
        {"do": "nonsense"},
        {"do": "start"},
        {"do": "start", "set": "/etc/passwd"},
        {"do": "open", "run": "../library"},
        {"do": "resume", "run": 7},
        {"do": "show"},
        {"do": "compare", "run": "a", "other": "b"},
        {"do": "delete", "run": "/etc/passwd"},
    ],
)
def test_clicks_on_what_is_not_there_do_no_harm(handlers, click):
    parts = handlers.click(click)
    if click.get("do") not in (None, "nonsense"):
        assert 'class="failure"' in parts.told
    assert handlers.evaluations.standing.state == "idle"


def test_a_defect_is_logged_and_not_shown(handlers, world, caplog, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(handlers.evaluations, "start", broken)
    told = start(handlers, world).told
    assert "secret" not in told
    assert "secret detail" in caplog.text


def test_every_measure_has_plain_words():
    assert PLAIN.keys() == METRICS.keys()
