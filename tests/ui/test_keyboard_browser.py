"""Evaluate and Models by keyboard alone, in a real headless Chromium: Tab, Enter, Space, Escape."""

import hashlib
import json
import random
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from eval.available import FOLDER
from index.library import Library
from models.catalog import CatalogEntry
from models.errors import ModelError
from models.fake import FakeEmbedder
from models.measured import Speed
from rag.modelling import Used

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TIDES = "The tide came in at noon and covered the beach.\n\nIt left the harbour at dusk.\n"
QUESTIONS = (
    {"question": "When did the tide come in?", "answers": ["at noon"], "must_include": ["noon"]}
    | {"evidence": [{"source": "tides.txt", "quote": "came in at noon"}]},
    {"question": "What did it leave at dusk?", "answers": [], "must_include": ["harbour"]},
    {"question": "Where was the tide?", "answers": ["nowhere"]},
    {"question": "Is nothing known about the tide?", "unanswerable": True},
)
STARTER = "SmolLM2-135M-Instruct"
WEIGHTS = random.Random(5).randbytes(400_000)
ENTRY = CatalogEntry(
    name="tiny-1",
    kind="generator",
    licence="MIT",
    repo="someone/tiny-1",
    file="tiny-1.gguf",
    sha256=hashlib.sha256(WEIGHTS).hexdigest(),
    size_gb=0.0004,
)
# What can be worked with, as the browser shows it now.
_CONTROLS = """
(tab) => [...document.querySelectorAll(
  ["button", "input", "select", "textarea", "summary", "a[href]"].map((s) => `#${tab} ${s}`).join()
)].filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true }))
"""
# How it is drawn, or where it is a field within its label, how that is.
_LOOKS = """
(one) => {
  const drawn = getComputedStyle(one.closest("label.button") ?? one);
  const outline = drawn.outlineStyle === "none" || drawn.outlineWidth === "0px"
    ? "" : `${drawn.outlineStyle} ${drawn.outlineWidth} ${drawn.outlineColor}`;
  return `${outline} | ${drawn.boxShadow}`;
}
"""


class Keys:
    """A page and nothing but a keyboard."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def to(self, control: Any, key: str = "Tab", most: int = 80) -> None:
        """Press Tab until it has the focus, which must be seen."""
        control.wait_for(state="attached")
        for _ in range(most):
            if control.evaluate("(one) => one === document.activeElement"):
                self.is_seen()
                return
            self.press(key)
        at = self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        pytest.fail(f"{control} is not reached with {key}; the focus is at {at}")

    def back_to(self, control: Any) -> None:
        self.to(control, "Shift+Tab")

    def is_at(self, selector: str) -> None:
        """Wait until the focus has come to it, where it must be seen."""
        self.page.wait_for_function("(s) => document.activeElement.matches(s)", arg=selector)
        # Where it would be taken from again if anything else were drawn.
        self.page.wait_for_timeout(200)
        assert self.page.evaluate("(s) => document.activeElement.matches(s)", selector)
        self.is_seen()

    def is_seen(self) -> None:
        """The focus is somewhere on the page, and drawn."""
        at = self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        assert not self.page.evaluate("document.activeElement === document.body"), "focus is lost"
        looks = self.page.evaluate(f"({_LOOKS})(document.activeElement)")
        assert looks != " | none", f"the focus is not seen at {at}"


@pytest.fixture
def world(scripted, served, hub, tmp_path, monkeypatch):
    """A page over a set of four questions and a hub with one tiny file; models are switched in name only."""

    class Steered(scripted):
        readers = object()
        wait_at = ""
        gate = threading.Event()
        silent: tuple[str, ...] = ()

        def _events(self, question):
            refused = any(part in question for part in self.silent)
            for event in super()._events(question + (" nothing" if refused else "")):
                yield event
                while self.wait_at and self.wait_at in question and not self.gate.wait(0.02):
                    yield event

    def measure_model(*_, **__):
        # Long enough for the page to show that it goes on.
        time.sleep(0.8)
        return Speed(1.0, 100.0, 10.0, 500, 60, "today")

    def use_now(pipeline, name, **_):
        time.sleep(0.8)
        pipeline.settings = replace(pipeline.settings, generator=name)
        return Used(name, tmp_path / "config.toml", pipeline.settings, ())

    monkeypatch.setattr("rag.switching.use_now", use_now)
    monkeypatch.setattr("rag.measuring.measure_model", measure_model)
    from models import catalog

    known = (*(one for one in catalog.entries() if one.kind != "generator" or one.package), ENTRY)
    for where in ("models.catalog", "rag.model_rows", "models.registered"):
        monkeypatch.setattr(f"{where}.entries", lambda: known)
    hub.repos = {"someone/tiny-1": {"tiny-1.gguf": WEIGHTS}}
    (tmp_path / "tides.txt").write_text(TIDES)
    library = Library(tmp_path / "library", FakeEmbedder())
    library.add([tmp_path / "tides.txt"])
    (library.folder / FOLDER).mkdir()
    lines = [json.dumps({"id": f"q-{n}", "kind": "fact"} | q) for n, q in enumerate(QUESTIONS)]
    (library.folder / FOLDER / "kept.jsonl").write_text("\n".join(lines))
    pipeline = Steered(library)
    with served(pipeline) as pipeline.address:
        yield pipeline
        pipeline.gate.set()
    library.close()


@pytest.fixture
def keys(open_tab, world):
    page = open_tab(world.address, viewport={"width": 1280, "height": 900}).page
    page.set_default_timeout(20_000)
    return Keys(page)


def open_evaluate(keys: Keys) -> Any:
    keys.to(keys.page.get_by_role("tab", name="Evaluate"))
    keys.press("Enter")
    keys.page.locator("#evaluate-sets table").wait_for()
    return keys.page


def open_models(keys: Keys) -> Any:
    keys.to(keys.page.get_by_role("tab", name="Models"))
    keys.press("Enter")
    keys.page.locator("#models-list .model").first.wait_for()
    return keys.page


def run(keys: Keys) -> None:
    """Run the set to its end."""
    number = keys.page.locator("#evaluate-runs tbody tr").count()
    keys.page.locator("#evaluate-tab-button").focus()
    keys.to(keys.page.get_by_role("button", name="Run kept.jsonl"))
    keys.press("Enter")
    keys.page.locator("#evaluate-runs tbody tr").nth(number).wait_for()
    keys.page.get_by_text("Finished:").wait_for()
    keys.is_at("#kept-runs")


# -- every control of both tabs -------------------------------------------------------------------


def open_everything(keys: Keys, world: Any, tab: str) -> Any:
    """Open a tab and all that can be unfolded in it, over two runs that differ."""
    if tab == "evaluate":
        page = open_evaluate(keys)
        for _ in range(2):
            run(keys)
            world.settings = replace(world.settings, top_k=3)
        page.locator("#evaluate-result .compare-with").wait_for()
        page.locator("#evaluate-runs [data-act='ask-remove']").first.click()
    else:
        page = open_models(keys)
    page.evaluate(f"for (const one of document.querySelectorAll('#{tab} details')) one.open = true")
    return page


@pytest.mark.parametrize("tab", ["evaluate", "models"])
def test_tab_reaches_every_control_in_order_and_it_is_seen(keys, world, tab):
    page = open_everything(keys, world, tab)
    # The last of the tabs' own buttons.
    page.locator("#models-tab-button").focus()
    controls = page.evaluate_handle(f"window.controls = ({_CONTROLS})('{tab}')")
    n_controls = page.evaluate("window.controls.length")
    assert n_controls > (20 if tab == "evaluate" else 30)
    before = page.evaluate(f"window.controls.map({_LOOKS})")
    for n in range(n_controls):
        keys.press("Tab")
        at = page.evaluate("window.controls.indexOf(document.activeElement)")
        here = controls.evaluate("(all, n) => all[n].outerHTML.slice(0, 200)", n)
        assert at == n, f"Tab leads to number {at}, not to {n}: {here}"
        keys.is_seen()
        looks = page.evaluate(f"({_LOOKS})(document.activeElement)")
        assert looks != before[n], f"with the focus it looks as before: {here}"
    keys.press("Tab")
    assert page.evaluate("window.controls.includes(document.activeElement)") is False


@pytest.mark.parametrize("tab", ["evaluate", "models"])
def test_what_is_unfolded_has_no_serious_violation(keys, world, tab):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_everything(keys, world, tab)
    violations = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [v for v in violations if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [node["html"][:160] for node in v["nodes"][:3]]) for v in serious] == []


# -- Evaluate -------------------------------------------------------------------------------------


def test_a_set_is_run_stopped_and_gone_on_with(keys, world):
    world.wait_at = "dusk"
    page = open_evaluate(keys)
    keys.to(page.get_by_label("How many questions"))
    page.keyboard.type("3")
    keys.back_to(page.get_by_role("button", name="Run kept.jsonl"))
    keys.press("Enter")
    page.get_by_text("Question 2 of 3").wait_for()
    keys.is_at("#evaluate-stop")
    # What was typed is there still; what cannot be begun meanwhile is no place to be.
    assert page.get_by_label("How many questions").input_value() == "3"
    keys.press("Enter")
    page.locator("#evaluate-told").get_by_text("Stopped after 1 of 3 questions").wait_for()
    keys.is_at("#kept-runs")
    keys.to(page.get_by_role("button", name="Go on with kept.jsonl"))
    keys.press("Space")
    keys.is_at("#evaluate-stop")
    world.gate.set()
    page.get_by_text("Finished:").wait_for()
    page.locator("#evaluate-result h2").wait_for()
    keys.is_at("#kept-runs")


def test_runs_are_opened_compared_saved_and_removed(keys, world):
    page = open_evaluate(keys)
    run(keys)
    world.silent = ("dusk",)
    run(keys)
    keys.to(page.get_by_role("button", name="Open kept.jsonl").first)
    keys.press("Enter")
    keys.is_at("#result-heading")
    for label, key, ending in (
        ("Save report", "Enter", ".html"),
        ("Save figures as JSON", "Space", "-figures.json"),
    ):
        keys.to(page.get_by_role("button", name=label))
        with page.expect_download() as download:
            keys.press(key)
        assert download.value.suggested_filename.endswith(ending)
        keys.is_seen()
    keys.to(page.locator(".compare-with > summary"))
    keys.press("Enter", "Tab")
    assert page.evaluate("document.activeElement.dataset.do") == "compare"
    keys.press("Enter")
    page.get_by_role("heading", name="Two runs of").wait_for()
    keys.is_at("#result-heading")
    changed = page.locator("#evaluate-result details.case")
    keys.to(changed.locator("summary"))
    assert not changed.locator("section").first.is_visible()
    keys.press("Space")
    changed.get_by_text("The documents do not say.").wait_for()
    keys.back_to(page.get_by_role("button", name="Back to the run"))
    keys.press("Enter")
    page.get_by_role("heading", name="Two runs of").wait_for(state="detached")
    keys.is_at("#result-heading")
    keys.to(page.get_by_role("button", name="Close"))
    keys.press("Enter")
    page.locator("#evaluate-result h2").wait_for(state="detached")
    keys.is_at("#kept-runs")
    remove(keys, page.locator("#evaluate-runs tbody tr").first, "Delete")
    page.get_by_text("The run was deleted.").wait_for()
    assert page.locator("#evaluate-runs tbody tr").count() == 1
    keys.is_at("#kept-runs")


def remove(keys: Keys, place: Any, label: str) -> None:
    """Ask, keep twice, and remove then."""
    ask = place.locator("[data-act='ask-remove']")
    keys.to(ask)
    for keep in ("Enter", "Escape"):
        keys.press("Enter")
        keys.is_at("[data-act='keep']")
        keys.press(keep)
        keys.is_at("[data-act='ask-remove']")
        assert not place.locator(".confirm").is_visible()
    keys.press("Space")
    keys.is_at("[data-act='keep']")
    keys.back_to(place.locator(".danger", has_text=label))
    keys.press("Enter")


def test_the_last_run_is_removed(keys):
    page = open_evaluate(keys)
    run(keys)
    remove(keys, page.locator("#evaluate-runs tbody tr"), "Delete")
    page.get_by_text("The run was deleted.").wait_for()
    # The list of runs is no more, and its heading with it.
    keys.is_at("#question-sets")


def test_questions_are_chosen_unfolded_and_turned(keys, monkeypatch):
    monkeypatch.setattr("ui.evaluate_questions.PAGE_SIZE", 2)
    page = open_evaluate(keys)
    run(keys)
    questions = page.locator("#evaluate-questions")
    keys.to(questions.get_by_role("button", name="All (4)"))
    keys.press("Enter")
    questions.get_by_text("Page 1 of 2").wait_for()
    keys.is_at("[data-show='all']")
    keys.to(questions.locator("summary").nth(1))
    keys.press("Enter")
    questions.get_by_text("It left the harbour at dusk.").first.wait_for()
    keys.to(questions.get_by_role("button", name="Next"))
    keys.press("Enter")
    questions.get_by_text("Page 2 of 2").wait_for()
    # There is no next page, so the keyboard is at what was turned.
    keys.is_at("#questions-heading")
    keys.to(questions.get_by_role("button", name="Previous"))
    keys.press("Space")
    questions.get_by_text("Page 1 of 2").wait_for()
    keys.is_at("#questions-heading")


@pytest.mark.parametrize("asked", [False, True])
def test_who_is_at_a_run_stays_there_when_another_one_ends(keys, world, asked):
    page = open_evaluate(keys)
    run(keys)
    name = page.locator("#evaluate-runs [data-do='open']").get_attribute("data-run")
    world.wait_at = "dusk"
    keys.back_to(page.get_by_role("button", name="Run kept.jsonl"))
    keys.press("Enter")
    keys.is_at("#evaluate-stop")
    own = f"[data-run='{name}']"
    keys.to(page.locator(f"[data-act='ask-remove']{own}" if asked else f"[data-do='open']{own}"))
    if asked:
        keys.press("Enter")
    world.gate.set()
    page.locator("#evaluate-runs tbody tr").nth(1).wait_for()
    # Its row is the second one now. A question that was open is open still, and it is the same one.
    keys.is_at(f"[data-act='keep']{own}" if asked else f"[data-do='open']{own}")
    questions = page.locator("#evaluate-runs .confirm")
    assert [one.is_visible() for one in questions.all()] == [False, asked]


def test_a_set_is_named_and_a_file_chosen(keys, world, tmp_path):
    page = open_evaluate(keys)
    line = json.dumps({"id": "1", "kind": "x", **QUESTIONS[0]})
    for name in ("named", "chosen"):
        (tmp_path / f"{name}.jsonl").write_text(line)
    # Listened for from the start: the browser takes a while until it asks the test instead of a person.
    page.on("filechooser", lambda chooser: chooser.set_files(str(tmp_path / "chosen.jsonl")))
    keys.to(page.locator("#evaluate-other > summary"))
    keys.press("Space")
    path = page.get_by_label("Path of a question set")
    keys.to(path)
    page.keyboard.type("/nowhere/x.jsonl")
    keys.press("Enter")
    page.get_by_text("There is no file at /nowhere/x.jsonl").wait_for()
    assert path.input_value() == "/nowhere/x.jsonl"
    keys.is_at("#evaluate-path")
    keys.press("Control+A")
    page.keyboard.type(str(tmp_path / "named.jsonl"))
    keys.to(page.get_by_role("button", name="Add to the list"))
    keys.press("Enter")
    page.get_by_role("button", name="Run named.jsonl").wait_for()
    assert path.input_value() == ""
    keys.is_at("#evaluate-offer")
    keys.to(page.locator("#evaluate-file"))
    keys.press("Enter")
    page.get_by_role("button", name="Run chosen.jsonl").wait_for()
    keys.is_at("#evaluate-file")


# -- Models ---------------------------------------------------------------------------------------


def test_a_model_is_measured_and_used(keys, world):
    page = open_models(keys)
    model = page.locator(f".model[data-name='{STARTER}']")
    keys.to(model.get_by_role("button", name="Measure"))
    keys.press("Space")
    page.locator("#models-told").get_by_text("reads 100 and writes 10 tokens a second").wait_for()
    # Its buttons were hidden meanwhile; from its heading they are the next.
    keys.is_at(f"h3[data-name='{STARTER}']")
    keys.to(model.get_by_role("button", name="Use"), most=2)
    keys.press("Enter")
    page.locator("#models-told").get_by_text(f"Now in use: {STARTER}").wait_for()
    # The button is gone: the model itself says that it is in use.
    keys.is_at(f"h3[data-name='{STARTER}']")
    assert "in use" in page.evaluate("document.activeElement.textContent")


def test_a_model_is_downloaded_stopped_and_removed(keys, hub, monkeypatch, models_folder):
    hub.cut_after = [100_000]
    monkeypatch.setattr("models.fetching._WAIT_S", 60.0)
    page = open_models(keys)
    keys.to(page.locator("details[data-keep='generator'] > summary"))
    keys.press("Enter")
    model = page.locator(".model[data-name='tiny-1']")
    keys.to(model.get_by_role("button", name="Download"))
    keys.press("Enter")
    page.locator("#models-progress").get_by_text("0.1 of 0.4 MB, 25 %").wait_for()
    keys.is_at("#models-stop")
    keys.press("Space")
    page.locator("#models-told").get_by_text("What arrived is kept").wait_for()
    keys.is_at("#models-generator")
    keys.to(model.get_by_role("button", name="Go on with the download"))
    keys.press("Enter")
    page.locator("#models-told").get_by_text("tiny-1 is here.").wait_for()
    keys.is_seen()
    page.locator("#models-tab-button").focus()
    remove(keys, model, "Remove")
    page.locator("#models-told").get_by_text("tiny-1 was deleted").wait_for()
    assert not (models_folder / "tiny-1" / "tiny-1.gguf").exists()
    # It is one of those not here again.
    keys.is_at("h3[data-name='tiny-1']")


def test_what_comes_with_footnote_orders_again(keys, world, monkeypatch, tmp_path):
    monkeypatch.setenv("FOOTNOTE_CONFIG", str(tmp_path / "config.toml"))
    world.settings = replace(world.settings, prover="ettin-reranker-17m-v1")
    page = open_models(keys)
    keys.to(page.get_by_role("button", name="Go back to the one that comes with Footnote"))
    keys.press("Enter")
    page.locator("#models-told").get_by_text("orders passages from the next start on").wait_for()
    keys.is_at("#models-reranker")


def test_models_of_ones_own_are_added(keys, monkeypatch, tmp_path):
    asked = []

    def register_server(*given, anyway):
        asked.append((*given, anyway))
        raise ModelError("It does not answer.")

    monkeypatch.setattr("ui.model_adding.register_server", register_server)
    page = open_models(keys)
    keys.to(page.locator("#models-own summary"))
    keys.press("Space")
    keys.to(page.get_by_label("Path of a GGUF file"))
    page.keyboard.type("/no/such.gguf")
    keys.press("Enter")
    page.locator("#models-told").get_by_text("check the path").wait_for()
    keys.is_at("#models-path")
    keys.to(page.get_by_label("Address of an OpenAI-compatible server"))
    page.keyboard.type("http://192.168.1.7/v1")
    keys.to(page.get_by_label("Model's name there"))
    page.keyboard.type("large")
    keys.to(page.get_by_label("I trust this network"))
    keys.press("Space")
    keys.to(page.get_by_role("button", name="Add the address"))
    keys.press("Enter")
    page.locator("#models-told").get_by_text("It does not answer.").wait_for()
    assert asked == [("http://192.168.1.7/v1", None, "large", None, True)]
    # Nothing was added, so what was typed stays.
    assert page.get_by_label("Path of a GGUF file").input_value() == "/no/such.gguf"
    assert page.get_by_label("Model's name there").input_value() == "large"
    assert page.get_by_label("I trust this network").is_checked()
    keys.is_at("#models-add-address")
