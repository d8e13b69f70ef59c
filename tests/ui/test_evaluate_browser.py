"""The tab for measuring in a real headless Chromium."""

import json
import threading
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from eval.available import FOLDER
from index.library import Library
from models.fake import FakeEmbedder

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

TIDES = "The tide came in at noon and covered the beach.\n\nIt left the harbour at dusk.\n"
HOSTILE = "<script>window.hacked=1</script> ${window.hacked=2} {{7*7}} <img src=x onerror='window.hacked=3'>"
SET_NAME = "<b>kept ${1+1} {{7*7}}.jsonl"
QUESTIONS = (
    {"question": "When did the tide come in?", "answers": ["at noon"], "must_include": ["noon"]}
    | {"evidence": [{"source": "tides.txt", "quote": "came in at noon"}]},
    {"question": "What did it leave at dusk?", "answers": [], "must_include": ["harbour"]},
    {"question": f"Where was the tide {HOSTILE}?", "answers": [HOSTILE], "kind": HOSTILE},
    {"question": "Is nothing known about the tide?", "unanswerable": True},
)


@pytest.fixture
def world(scripted, served, tmp_path):
    """A page over a library with a set of four questions; the pipeline waits where it is told to."""

    class Steered(scripted):
        wait_at = ""
        gate = threading.Event()
        silent: tuple[str, ...] = ()

        def _events(self, question):
            refused = any(part in question for part in self.silent)
            for event in super()._events(question + (" nothing" if refused else "")):
                yield event
                while self.wait_at and self.wait_at in question and not self.gate.wait(0.02):
                    yield event

    (tmp_path / "tides.txt").write_text(TIDES)
    library = Library(tmp_path / "library", FakeEmbedder())
    library.add([tmp_path / "tides.txt"])
    (library.folder / FOLDER).mkdir()
    lines = [
        json.dumps({"id": f"q-{n}", "kind": "fact"} | question)
        for n, question in enumerate(QUESTIONS, start=1)
    ]
    (library.folder / FOLDER / SET_NAME).write_text("\n".join(lines))
    pipeline = Steered(library)
    with served(pipeline) as pipeline.address:
        yield pipeline
        pipeline.gate.set()
    library.close()


@pytest.fixture
def open_page(browser, world):
    contexts, requests, errors = [], [], []

    def make(**options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        context.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        return arrive(page, world.address)

    yield make
    assert {urlsplit(url).hostname for url in requests if url.startswith("http")} == {"127.0.0.1"}
    assert errors == []
    for context in contexts:
        assert all(page.evaluate("window.hacked") is None for page in context.pages)
        context.close()


def arrive(page: Any, address: str) -> Any:
    page.goto(address)
    page.get_by_label("Your question").wait_for(timeout=20_000)
    page.get_by_role("tab", name="Evaluate").click()
    page.locator("#evaluate-sets table").wait_for()
    return page


def start(page: Any) -> None:
    page.get_by_role("button", name=f"Run {SET_NAME}").click()


def finished(page: Any) -> Any:
    page.get_by_text("Finished:").wait_for(timeout=30_000)
    page.locator("#evaluate-result h2").wait_for()
    return page.locator("#evaluate-result")


def test_a_set_is_run_with_progress_and_figures(open_page, world):
    world.wait_at = "dusk"
    page = open_page()
    assert "in the library" in page.locator("#evaluate-sets tbody").inner_text()
    start(page)
    running = page.locator("#evaluate-progress")
    running.get_by_text("Question 2 of 4").wait_for()
    assert "So far: 1 right, 0 wrong, 0 refused." in running.inner_text()
    assert "What did it leave at dusk?" in running.inner_text()
    assert page.locator("#evaluate-progress progress").get_attribute("value") == "1"
    assert not page.get_by_role("button", name=f"Run {SET_NAME}").is_visible()
    # Nothing else has to wait for it.
    page.get_by_role("tab", name="Ask").click()
    page.get_by_label("Your question").fill("When did the tide come in?")
    page.get_by_label("Your question").press("Enter")
    page.locator("#turn-1[data-state='done']").wait_for(timeout=15_000)
    page.get_by_role("tab", name="Evaluate").click()
    world.gate.set()
    result = finished(page)
    assert result.get_by_role("heading", level=2).inner_text() == SET_NAME
    assert "2 answered rightly, 1 wrongly, 1 refused" in result.inner_text()
    row = result.get_by_role("row", name="Answered rightly, of all questions")
    assert "50.0 %" in row.inner_text()
    for caption in ("The answers, beside search alone", "Each kind of question", "What went wrong"):
        assert result.get_by_role("table", name=caption).count() == 1
    assert result.locator("figure svg[role=img]").count() == 3
    assert not page.get_by_role("button", name="Stop").is_visible()


def test_stopped_and_gone_on_with(open_page, world):
    world.wait_at = "dusk"
    page = open_page()
    start(page)
    page.get_by_text("Question 2 of 4").wait_for()
    # Who uses the keyboard is at the button that is there now, then at what can go on.
    stop = page.get_by_role("button", name="Stop")
    page.wait_for_function("document.activeElement.id === 'evaluate-stop'")
    stop.press("Enter")
    page.locator("#evaluate-told").get_by_text("Stopped after 1 of 4 questions").wait_for()
    page.wait_for_function("document.activeElement.tagName === 'CAPTION'")
    row = page.locator("#evaluate-runs tbody tr")
    assert "stopped after 1 of 4 questions" in row.inner_text()
    world.gate.set()
    row.get_by_role("button", name="Go on with").click()
    assert "2 answered rightly, 1 wrongly, 1 refused" in finished(page).inner_text()
    # The first question was not asked again.
    assert [q for q, _ in world.asked].count(QUESTIONS[0]["question"]) == 1


def test_a_page_loaded_anew_finds_the_run_and_its_result(open_page, world):
    world.wait_at = "dusk"
    page = open_page()
    start(page)
    page.get_by_text("Question 2 of 4").wait_for()
    arrive(page, world.address)
    page.get_by_text("Question 2 of 4").wait_for()
    other = open_page()
    other.get_by_text("Question 2 of 4").wait_for()
    world.gate.set()
    for tab in (page, other):
        assert "2 answered rightly" in finished(tab).inner_text()
    arrive(page, world.address)
    page.locator("#evaluate-result h2").wait_for()


def test_two_runs_are_compared_and_a_changed_question_opened(open_page, world):
    page = open_page()
    start(page)
    finished(page)
    world.silent = ("dusk",)
    world.settings = replace(world.settings, top_k=3)
    start(page)
    page.locator("#evaluate-result h2").wait_for(state="detached")
    finished(page)
    page.get_by_text("Compare with another run").click()
    page.get_by_role("button", name="Compare with <b>kept").click()
    page.get_by_role("heading", name="Two runs of").wait_for()
    page.wait_for_function("document.activeElement.tagName === 'H2'")
    result = page.locator("#evaluate-result")
    assert "0 gained, 1 lost, 0 changed otherwise" in result.inner_text()
    changed = result.locator("details.case")
    assert changed.count() == 1
    changed.locator("summary").focus()
    page.keyboard.press("Enter")
    before, after = changed.locator("section").all_inner_texts()
    assert "It left the harbour at dusk." in before
    assert "The documents do not say." in after
    assert result.locator(".verdict").count() > 5
    with page.expect_download() as download:
        page.get_by_role("button", name="Save figures as JSON").click()
    assert download.value.suggested_filename.endswith("-comparison.json")


def test_questions_are_filtered_and_stay_text(open_page, world):
    page = open_page()
    start(page)
    finished(page)
    questions = page.locator("#evaluate-questions")
    assert questions.locator("details").count() == 1
    questions.locator("summary").click()
    shown = questions.inner_text()
    assert f"Where was the tide {HOSTILE}?" in shown
    assert "right sentence quoted" in shown or "wrong or too few words" in shown
    every = questions.get_by_role("button", name="All (4)")
    every.press("Enter")
    questions.locator("details").nth(3).wait_for()
    # The list is drawn anew; who uses the keyboard stays where they are.
    page.wait_for_function("document.activeElement.dataset?.show === 'all'")
    assert every.get_attribute("aria-pressed") == "true"
    questions.locator("summary").first.click()
    assert "came in at noon" in questions.inner_text()
    inside = "#evaluate script, #evaluate img, #evaluate b, #evaluate image, #evaluate a[href]"
    assert page.locator(inside).count() == 0
    assert HOSTILE[:20] in page.locator("#evaluate-result svg").first.text_content()


def test_a_report_is_saved_and_a_run_deleted_after_a_second_click(open_page, world, tmp_path):
    page = open_page()
    start(page)
    finished(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save report").click()
    download.value.save_as(tmp_path / "report.html")
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert report.startswith("<!DOCTYPE html>")
    assert "<script" not in report
    row = page.locator("#evaluate-runs tbody tr")
    row.get_by_role("button", name="Delete <b>kept").click()
    row.get_by_role("button", name="Keep").click()
    assert row.count() == 1
    row.get_by_role("button", name="Delete <b>kept").click()
    row.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("The run was deleted.").wait_for()
    assert row.count() == 0
    assert page.locator("#evaluate-result h2").count() == 0
    assert list((world.library.folder / "runs").iterdir()) == []


def test_a_set_is_handed_over_or_named(open_page, world, tmp_path):
    page = open_page()
    page.get_by_text("Another question set").click()
    line = json.dumps({"id": "1", "kind": "x", **QUESTIONS[0]})
    (tmp_path / "dropped.jsonl").write_text(line)
    (tmp_path / "named.jsonl").write_text(line.replace("tides.txt", "absent.pdf"))
    page.locator("#evaluate-drop input[type=file]").set_input_files(str(tmp_path / "dropped.jsonl"))
    page.get_by_role("button", name="Run dropped.jsonl").wait_for()
    assert (world.library.folder / FOLDER / "dropped.jsonl").exists()
    box = page.get_by_label("Path of a question set")
    box.fill(str(tmp_path / "named.jsonl"))
    box.press("Enter")
    page.locator("#evaluate-sets").get_by_text("absent.pdf").wait_for()
    assert page.get_by_role("button", name="Run named.jsonl").count() == 0
    box.fill("/nowhere/x.jsonl")
    page.get_by_role("button", name="Add to the list").click()
    page.get_by_text("There is no file at /nowhere/x.jsonl").wait_for()
    page.get_by_label("How many questions").fill("none")
    page.get_by_role("button", name="Run dropped.jsonl").click()
    page.get_by_text("“none” is no number of questions").wait_for()


DROP = """
([name, content, times]) => {
  const transfer = new DataTransfer();
  for (let n = 0; n < times; n += 1) transfer.items.add(new File([content], name));
  const drop = document.querySelector("#evaluate-drop");
  for (const kind of ["dragover", "drop"]) {
    drop.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }
}
"""


def test_a_set_is_dropped_and_a_failing_upload_says_why(open_page, world):
    page = open_page()
    page.get_by_text("Another question set").click()
    line = json.dumps({"id": "1", "kind": "x", **QUESTIONS[0]})
    page.get_by_label("Path of a question set").fill("half a pa")
    page.get_by_label("How many questions").fill("2")
    page.evaluate(DROP, ["dropped.jsonl", line, 1])
    page.get_by_role("button", name="Run dropped.jsonl").wait_for()
    assert (world.library.folder / FOLDER / "dropped.jsonl").exists()
    status = page.locator("#evaluate-choices [role=status]")
    page.evaluate(DROP, ["two.jsonl", line, 2])
    assert status.inner_text() == "One question set at a time, please."
    page.evaluate(DROP, ["broken.jsonl", '{"id": 1}', 1])
    page.locator("#evaluate-told").get_by_text("line 1").wait_for()
    page.route("**/upload*", lambda route: route.fulfill(status=413, body="It is too large."))
    page.evaluate(DROP, ["large.jsonl", line, 1])
    status.get_by_text("large.jsonl could not be handed over").wait_for()
    assert "It is too large." in status.inner_text()
    assert "Choose it again." in status.inner_text()
    page.unroute("**/upload*")
    page.evaluate(DROP, ["large.jsonl", line, 1])
    page.get_by_role("button", name="Run large.jsonl").wait_for()
    assert status.inner_text() == ""
    # Other parts were drawn anew meanwhile; what was typed is as it was.
    assert page.get_by_label("Path of a question set").input_value() == "half a pa"
    assert page.get_by_label("How many questions").input_value() == "2"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_width_holds_everything(open_page, world, scheme):
    page = open_page(viewport={"width": 375, "height": 700}, color_scheme=scheme)
    start(page)
    finished(page)
    page.locator("#evaluate-questions summary").first.click()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    delete = page.get_by_role("button", name="Delete <b>kept")
    delete.click()
    keep = page.get_by_role("button", name="Keep")
    assert keep.bounding_box()["x"] + keep.bounding_box()["width"] <= 375
    ink = "getComputedStyle(document.querySelector('#evaluate-result svg')).color"
    assert page.evaluate(ink) == page.evaluate(
        "getComputedStyle(document.querySelector('h2')).color"
    )
