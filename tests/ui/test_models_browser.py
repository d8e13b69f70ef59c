"""The tab of the models in a real headless Chromium."""

import hashlib
import random
import shutil
from typing import Any
from urllib.parse import urlsplit

import pytest

from models.catalog import CatalogEntry
from models.measured import Speed
from models.packaged import starter_gguf
from rag.pipeline import build_pipeline
from rag.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

WEIGHTS = random.Random(5).randbytes(400_000)
HOSTILE = "<img src=x onerror='window.hacked=1'> ${window.hacked=2} {{7*7}}"
ENTRY = CatalogEntry(
    name="tiny-1",
    kind="generator",
    licence="MIT",
    repo="someone/tiny-1",
    file="tiny-1.gguf",
    sha256=hashlib.sha256(WEIGHTS).hexdigest(),
    size_gb=0.0004,
    params_b=3.0,
    tier="laptop",
    reader="compose",
    notes=HOSTILE,
)


@pytest.fixture
def world(served, hub, tmp_path, monkeypatch):
    """A page over a real pipeline whose models are fakes at first, and a hub with one tiny file."""
    from models import catalog

    known = (*(one for one in catalog.entries() if one.kind != "generator" or one.package), ENTRY)
    for where in ("models.catalog", "rag.model_rows", "models.registered"):
        monkeypatch.setattr(f"{where}.entries", lambda: known)
    hub.repos = {"someone/tiny-1": {"tiny-1.gguf": WEIGHTS}}
    (tmp_path / "tides.txt").write_text("The tide came in at noon and covered the beach.\n")
    settings = Settings(
        library=tmp_path / "library", embedder="fake", generator="fake", prover="fake", threads=1
    )
    pipeline = build_pipeline(settings)
    pipeline.library.add([tmp_path / "tides.txt"])
    with served(pipeline) as pipeline.address:
        yield pipeline
    pipeline.close()


@pytest.fixture
def open_page(browser, world):
    contexts, requests, errors = [], [], []

    def make(**options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        context.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(world.address)
        page.get_by_label("Your question").wait_for(timeout=20_000)
        page.get_by_role("tab", name="Models").click()
        page.locator("#models-list .model").first.wait_for()
        return page

    yield make
    assert {urlsplit(url).hostname for url in requests if url.startswith("http")} == {"127.0.0.1"}
    assert errors == []
    for context in contexts:
        assert all(page.evaluate("window.hacked") is None for page in context.pages)
        context.close()


def model(page: Any, name: str) -> Any:
    return page.locator(f".model[data-name='{name}']")


def unfold(page: Any) -> None:
    page.get_by_text("1 more in the catalogue").click()


def add_file(page: Any, path: Any, name: str) -> None:
    page.get_by_text("Add a model of your own").click()
    page.get_by_label("Path of a GGUF file").fill(str(path))
    page.locator("#models-file-name").fill(name)
    page.get_by_role("button", name="Add the file").click()
    page.locator("#models-told").get_by_text(f"{name}: llama").wait_for(timeout=20_000)


def ask(page: Any, question: str, turn: int) -> None:
    page.get_by_role("tab", name="Ask").click()
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")
    page.locator(f"#turn-{turn}[data-state='done']").wait_for(timeout=60_000)
    page.get_by_role("tab", name="Models").click()


def test_a_download_is_stopped_and_goes_on(open_page, hub, monkeypatch, models_folder):
    hub.cut_after = [100_000]
    monkeypatch.setattr("models.fetching._WAIT_S", 60.0)
    page = open_page()
    unfold(page)
    assert HOSTILE in model(page, "tiny-1").inner_text()
    assert page.locator("#models img, #models script").count() == 0
    model(page, "tiny-1").get_by_role("button", name="Download").press("Enter")
    page.locator("#models-progress").get_by_text("0.1 of 0.4 MB, 25 %").wait_for()
    page.wait_for_function("document.activeElement.id === 'models-stop'")
    assert page.locator("#models-progress progress").get_attribute("value") == "100000"
    page.get_by_role("button", name="Stop the download").press("Enter")
    page.locator("#models-told").get_by_text("What arrived is kept").wait_for()
    assert "25 % downloaded" in model(page, "tiny-1").inner_text()
    page.wait_for_function("document.activeElement.tagName === 'H2'")
    model(page, "tiny-1").get_by_role("button", name="Go on with the download").click()
    page.locator("#models-told").get_by_text("tiny-1 is here.").wait_for()
    assert hub.ranges()[-1] == "bytes=100000-"
    assert (models_folder / "tiny-1" / "tiny-1.gguf").read_bytes() == WEIGHTS
    assert not page.get_by_role("button", name="Stop the download").is_visible()
    # What is no model cannot be used, and what was in use stays.
    model(page, "tiny-1").get_by_role("button", name="Use").click()
    page.locator("#models-told .failure").wait_for(timeout=20_000)
    model(page, "tiny-1").get_by_role("button", name="Remove").press("Enter")
    page.wait_for_function("document.activeElement.textContent === 'Keep'")
    model(page, "tiny-1").locator(".danger").click()
    page.locator("#models-told").get_by_text("tiny-1 was deleted").wait_for()
    assert not (models_folder / "tiny-1" / "tiny-1.gguf").exists()


def test_a_wrong_file_is_told_and_not_kept(open_page, hub):
    hub.spoils = True
    page = open_page()
    unfold(page)
    model(page, "tiny-1").get_by_role("button", name="Download").click()
    told = page.locator("#models-told .failure")
    told.wait_for(timeout=20_000)
    assert "expected sha256" in told.inner_text()
    assert "Download it again" in told.inner_text()
    # What was unfolded stays so when the list is drawn anew.
    assert model(page, "tiny-1").get_by_role("button", name="Download").is_visible()


def test_an_own_model_is_added_used_and_left_while_the_page_runs(open_page, world, tmp_path):
    own = tmp_path / "small.gguf"
    shutil.copyfile(starter_gguf(), own)
    page = open_page()
    add_file(page, own, "mine")
    assert page.get_by_label("Path of a GGUF file").input_value() == ""
    model(page, "mine").get_by_role("button", name="Use").click()
    page.locator("#models-told").get_by_text("Now in use: mine").wait_for(timeout=60_000)
    assert "in use (your file)" in model(page, "mine").inner_text()
    assert model(page, "mine").get_by_role("button", name="Use").count() == 0
    ask(page, "When did the tide come in?", 1)
    assert world.settings.generator == "mine"
    starter = model(page, "SmolLM2-135M-Instruct")
    starter.get_by_role("button", name="Use").click()
    page.locator("#models-told").get_by_text("Now in use: SmolLM2").wait_for(timeout=90_000)
    model(page, "mine").get_by_role("button", name="Take off the list").click()
    model(page, "mine").locator(".danger").click()
    page.locator("#models-told").get_by_text("nothing of yours was deleted").wait_for()
    assert own.exists()


def test_the_memory_alone_does_not_forbid(open_page, tmp_path, monkeypatch):
    own = tmp_path / "small.gguf"
    shutil.copyfile(starter_gguf(), own)
    page = open_page()
    add_file(page, own, "mine")
    monkeypatch.setattr("rag.fitting.free_bytes", lambda: 1_000_000)
    model(page, "mine").get_by_role("button", name="Use").click()
    told = page.locator("#models-told .failure")
    told.wait_for(timeout=20_000)
    assert "GB are free" in told.inner_text()
    assert "--anyway" not in told.inner_text()
    told.get_by_role("button", name="Use anyway").click()
    page.locator("#models-told").get_by_text("Now in use: mine").wait_for(timeout=60_000)


def test_an_address_is_added_with_its_warning(open_page, chat_server):
    page = open_page()
    page.get_by_text("Add a model of your own").click()
    assert "are sent to that server" in page.locator("#models-sent").inner_text()
    box = page.get_by_label("Address of an OpenAI-compatible server")
    box.fill("http://192.168.1.7:8080/v1")
    page.get_by_role("button", name="Add the address").click()
    refused = page.locator("#models-told").get_by_text("tick “I trust this network”")
    refused.wait_for()
    # What is said stands far above the form.
    page.wait_for_function(
        "(top => top >= 0 && top < innerHeight)"
        "(document.querySelector('#models-told .failure').getBoundingClientRect().top)"
    )
    box.fill(f"{chat_server.url}/v1")
    box.press("Enter")
    page.locator("#models-told").get_by_text("are sent to another program").wait_for()
    assert "an address" in model(page, "tiny-chat").inner_text()


def test_an_answer_that_was_overtaken_hides_nothing(open_page, monkeypatch):
    speed = Speed(1.0, 100.0, 10.0, 500, 60, "today")
    monkeypatch.setattr("rag.measuring.measure_model", lambda *_, **__: speed)
    page = open_page()
    page.get_by_role("tab", name="Ask").click()
    held: list[Any] = []

    def hold_the_first(route: Any) -> None:
        if held:
            route.continue_()
        else:
            held.extend((route, route.fetch()))

    page.route("**/gradio_api/run/predict*", hold_the_first)
    page.get_by_role("tab", name="Models").click()
    while not held:
        page.wait_for_timeout(50)
    model(page, "SmolLM2-135M-Instruct").get_by_role("button", name="Measure").click()
    told = page.locator("#models-told").get_by_text("reads 100 and writes 10 tokens a second")
    told.wait_for()
    # What was answered before it was measured arrives only now.
    route, response = held
    route.fulfill(response=response)
    page.wait_for_timeout(500)
    assert told.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_width_holds_everything(open_page, scheme):
    page = open_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    for summary in page.locator("#models-list summary").all():
        summary.click()
    page.get_by_text("Add a model of your own").click()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
