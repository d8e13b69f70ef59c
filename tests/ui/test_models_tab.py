"""The handlers of the models tab, with fakes in place of what takes long."""

import threading
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from models.catalog import CatalogEntry
from models.errors import ModelError
from models.measured import Speed
from rag.errors import DoesNotFitError
from rag.model_rows import ModelRow
from rag.modelling import Used
from ui import models_html
from ui.models_handlers import ModelsHandlers, Parts
from ui.models_html import ListView
from ui.models_words import for_the_page
from ui.models_work import ModelWork

HOSTILE = "<script>window.hacked=1</script> ${1+1} {{7*7}} <img src=x onerror=alert(1)>"
STARTER = "SmolLM2-135M-Instruct"


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def does(self, name: str) -> list[str | None]:
        """What the buttons of a model do."""
        return [a["data-do"] for _, a in self.tags if "data-do" in a and a["data-name"] == name]


@pytest.fixture
def handlers(pipeline: Any, models_folder: Any) -> ModelsHandlers:
    return ModelsHandlers(pipeline)


@pytest.fixture
def switchable(pipeline: Any, models_folder: Any) -> ModelsHandlers:
    pipeline.readers = object()
    return ModelsHandlers(pipeline)


def row(**changes: Any) -> ModelRow:
    return replace(ModelRow("m-1", "generator", "catalogue", here=True), **changes)


def told_after(handlers: ModelsHandlers) -> _Reader:
    handlers.work.wait(20)
    return _Reader(handlers.tick({}).told or "")


def test_a_pipeline_that_cannot_change_its_model_still_lists_them(handlers):
    parts = handlers.arrive()
    shown = _Reader(parts.models)
    assert parts.progress == ""
    assert [t for t, _ in shown.tags].count("h2") == 3
    assert "cannot change the model" in shown.text
    (use,) = [a for _, a in shown.tags if a.get("data-do") == "use" and a["data-name"] == STARTER]
    assert "disabled" in use
    refused = handlers.click({"do": "use", "name": STARTER})
    assert "cannot change the model" in refused.told
    assert handlers.work.jobs == ()


def test_a_pipeline_without_settings(library, models_folder):
    class Bare:
        pass

    bare = Bare()
    bare.library = library
    assert STARTER in ModelsHandlers(bare).arrive().models


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["use", "measure", "remove"]),
        ({"in_use": True}, ["measure"]),
        ({"here": False, "can_download": True}, ["download"]),
        ({"here": False, "can_download": True, "bytes_here": 5}, ["download", "remove"]),
        ({"source": "starter"}, ["use", "measure"]),
        ({"source": "file"}, ["use", "measure", "remove"]),
        ({"source": "file", "here": False}, ["remove"]),
        ({"kind": "embedder"}, ["remove"]),
        ({"kind": "reranker"}, ["use", "remove"]),
        ({"here": False}, []),
    ],
)
def test_what_can_be_done_with_a_model(changes, expected):
    shown = _Reader(models_html.list_html([row(**changes)], None, ListView()))
    assert shown.does("m-1") == expected


def test_what_is_known_of_a_model_is_shown_and_stays_text():
    known = row(
        name=HOSTILE,
        notes=HOSTILE,
        licence=HOSTILE,
        size_bytes=2_000_000_000,
        need_bytes=3_000_000_000,
        need_estimated=True,
        fits=False,
        reader="compose",
        tier="laptop",
        params_b=4.0,
        speed=Speed(1.0, 100.4, 9.6, 500, 60, "2026-03-02"),
    )
    shown = _Reader(models_html.list_html([known], 1_500_000_000, ListView()))
    assert not {"script", "img"} & {tag for tag, _ in shown.tags}
    assert HOSTILE in shown.text
    for words in (
        "1.5 GB of memory are free",
        "2.0 GB",
        "~3.0 GB, does not fit now",
        "4 billion parameters, for a good laptop.",
        "writes sentences",
        "reads 100 and writes 10 tokens a second, 2026-03-02",
    ):
        assert words in shown.text


def test_the_page_changes_the_model_and_says_what_is_to_be_known(
    switchable, pipeline, monkeypatch, tmp_path
):
    asked = []

    def use_now(_pipeline, name, *, anyway):
        asked.append((name, anyway))
        if not anyway:
            raise DoesNotFitError("It needs 9 GB; 1 GB is free.")
        return Used(name, tmp_path / "c.toml", pipeline.settings, (HOSTILE,))

    monkeypatch.setattr("rag.switching.use_now", use_now)
    switchable.click({"do": "use", "name": "mine"})
    refused = told_after(switchable)
    assert "It needs 9 GB; 1 GB is free." in refused.text
    assert "--anyway" not in refused.text
    (again,) = [a for _, a in refused.tags if "data-do" in a]
    assert again["aria-label"] == "Use anyway: mine"
    switchable.click({"do": again["data-do"], "name": "mine", "anyway": again["data-anyway"]})
    used = told_after(switchable)
    assert "Now in use: mine" in used.text
    assert HOSTILE in used.text
    assert asked == [("mine", False), ("mine", True)]


def test_a_reranker_is_used_from_the_next_start_on(switchable, pipeline, monkeypatch, tmp_path):
    later = replace(pipeline.settings, prover="ettin-reranker-17m-v1")
    used = Used(later.prover, tmp_path / "c.toml", later, ("orders from the next start on",))
    monkeypatch.setattr("rag.switching.use_now", lambda *_, **__: used)
    switchable.click({"do": "use", "name": later.prover})
    assert "is chosen" in told_after(switchable).text
    assert switchable._later == later.prover
    order = {"do": "order", "name": ""}
    # The one that was in use before is what comes with Footnote; here a fake stands for it.
    pipeline.settings = replace(pipeline.settings, prover="starter")
    assert "orders passages now" in switchable.click(order).told
    pipeline.settings = later
    shown = _Reader(switchable.arrive().models)
    assert shown.does("") == ["order"]
    assert "from the next start on (kept in" in switchable.click(order).told
    assert "From the next start on: the one that comes" in switchable.arrive().models


@pytest.mark.parametrize(
    ("view", "in_use", "expected"),
    [
        (ListView(later="m-1"), False, []),
        (ListView(prover="m-1", later="m-2"), True, ["use"]),
        (ListView(prover="m-1"), True, []),
    ],
)
def test_a_choice_for_the_next_start_can_be_taken_back(view, in_use, expected):
    one = row(kind="reranker", source="file", in_use=in_use)
    shown = _Reader(models_html.list_html([one], None, view))
    assert [what for what in shown.does("m-1") if what == "use"] == expected
    assert ("used from the next start on" in shown.text) == (view.later == "m-1")


def test_a_defect_says_no_secret(switchable, monkeypatch):
    def use_now(*_, **__):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("rag.switching.use_now", use_now)
    switchable.click({"do": "use", "name": "mine"})
    said = told_after(switchable).text
    assert "Something went wrong inside Footnote" in said
    assert "secret" not in said


def test_what_ends_at_once_is_told_once_and_listed(handlers, monkeypatch):
    speed = Speed(1.0, 100.0, None, 500, 2, "d")
    monkeypatch.setattr("rag.measuring.measure_model", lambda *_, **__: speed)
    assert 'data-seen="0"' in handlers.arrive().models
    handlers.click({"do": "measure", "name": "x"})
    handlers.work.wait(20)
    # Whatever the click found, or whatever of it arrived: the browser says what it knows.
    for known in ({"heard": "1 running 0", "seen": 0}, {"heard": "", "seen": -1}, {}):
        now = handlers.tick(known)
        assert "reads 100 tokens" in now.told
        assert 'data-heard="1 done 0"' in now.told
        assert 'data-seen="1"' in now.models
    # A sentence on something else is not taken away for what was told before.
    heard = {"heard": "1 done 0", "seen": 1}
    assert handlers.tick(heard) == Parts()
    assert handlers.tick({"running": "measure", **heard}) == Parts(progress="")


def test_one_download_at_a_time_beside_other_work(handlers, monkeypatch):
    entry = CatalogEntry("t", "generator", "MIT", repo="a/t", file="t.gguf", sha256="0" * 64)
    monkeypatch.setattr("models.catalog.lookup", lambda _: entry)
    gate = threading.Event()

    def download(name, progress, stopped):
        progress(30, 100)
        assert gate.wait(20)
        if stopped():
            raise ModelError("stopped")

    monkeypatch.setattr("rag.modelling.download", download)
    handlers.click({"do": "download", "name": "t"})
    for _ in range(200):
        if "30 %" in handlers.tick({"seen": 0}).progress:
            break
        threading.Event().wait(0.01)
    parts = handlers.tick({"seen": 0})
    assert "30 %" in parts.progress
    assert "30 percent" in parts.told
    # Not drawn anew while nothing has ended.
    assert parts.models is None
    assert "or stop it first" in handlers.click({"do": "download", "name": "other"}).told
    assert "is at work" in handlers.click({"do": "remove", "name": "t"}).told
    monkeypatch.setattr(
        "rag.measuring.measure_model", lambda *_, **__: Speed(1.0, 100.0, None, 500, 2, "d")
    )
    handlers.click({"do": "measure", "name": "x"})
    for _ in range(200):
        if handlers.work.n_ended:
            break
        threading.Event().wait(0.01)
    parts = handlers.tick({"seen": 0})
    assert "x reads 100 tokens a second" in parts.told
    assert parts.models
    assert 'data-seen="1"' in parts.models
    gate.set()
    assert "t is here. Its hash is the one in the catalogue." in told_after(handlers).text
    assert handlers.tick({"seen": 2}).models is None


def test_work_of_one_kind_waits_for_the_other():
    work, gate = ModelWork(), threading.Event()
    work.work("measure", "a", lambda: (str(gate.wait(20)),))
    with pytest.raises(ModelError, match="a is being measured; wait for its end"):
        work.work("use", "b", lambda: ())
    gate.set()
    assert [job.state for job in work.wait(20)] == ["done"]


def add_address(handlers: ModelsHandlers, **fields: str) -> Any:
    return handlers.click({"do": "add-address", **fields})


def test_forms_say_what_is_missing(handlers):
    assert "Type the path" in handlers.click({"do": "add-file", "where": " "}).told
    assert "check the path" in handlers.click({"do": "add-file", "where": "/no/such.gguf"}).told
    assert "Type the address" in add_address(handlers).told
    refused = add_address(handlers, url="https://u:p@example.org/v1")
    assert "variable&#39;s name" in refused.told
    assert "data-form" not in refused.told
    # Read again, though it reads the same.
    assert add_address(handlers).told != add_address(handlers).told


def test_an_address_is_added(handlers, chat_server):
    chat_server.listed = [{"id": "a"}, {"id": "b"}]
    url = f"{chat_server.url}/v1"
    assert "type one as the model&#39;s name" in add_address(handlers, url=url).told
    added = add_address(handlers, url=url, model="c", name="own")
    assert 'data-form="add-address"' in added.told
    shown = _Reader(added.told)
    assert "does not list 'c', but: a, b" in shown.text
    assert "are sent to another program on this machine" in shown.text
    assert "own" in added.models


def test_another_machine_without_encryption_is_trusted_on_purpose(handlers, monkeypatch):
    far = {"url": "http://192.168.1.7:1/v1"}
    assert "tick “I trust this network”" in add_address(handlers, **far).told
    trusted = []

    def register_server(*_, anyway):
        trusted.append(anyway)
        raise ModelError("It does not answer.")

    monkeypatch.setattr("ui.model_adding.register_server", register_server)
    for ticked in ({"trusted": "on"}, {}):
        assert "It does not answer." in add_address(handlers, **far, **ticked).told
    assert trusted == [True, False]


def test_a_damaged_list_is_told(handlers, models_folder):
    models_folder.mkdir(exist_ok=True)
    (models_folder / "registered.json").write_text('{"models": {"x": 3}}')
    assert "is damaged" in handlers.arrive().models


def test_advice_of_the_command_line_becomes_that_of_the_page():
    for message in (
        "or add --anyway.",
        "Give another name with --name.",
        "name one: --model NAME.",
    ):
        assert "--" not in for_the_page(message)
