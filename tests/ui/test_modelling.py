"""`footnote models`, from the list to an answer by a model that was just added."""

import hashlib
import json
import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.catalog import CatalogEntry
from models.packaged import starter_gguf
from rag import fitting
from rag.settings import default_config
from ui.cli import main

COMMIT = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = random.Random(3).randbytes(50_000)


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


Footnote = Callable[..., Result]


@pytest.fixture
def footnote(
    tmp_path: Path,
    models_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Footnote:
    """Runs a command in this process; passages are found by fakes, the generator is the settings'."""
    monkeypatch.setenv("FOOTNOTE_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("FOOTNOTE_EMBEDDER", "fake")
    monkeypatch.setenv("FOOTNOTE_PROVER", "fake")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["footnote", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return Result(code, said.out, said.err)

    return run


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "small.gguf"
    shutil.copyfile(starter_gguf(), path)
    return path


def test_the_list(footnote: Footnote) -> None:
    result = footnote("models", "list")
    assert result.code == 0
    (line,) = [line for line in result.out.splitlines() if line.startswith("SmolLM2")]
    assert "in use (comes with Footnote)" in line
    (line,) = [line for line in result.out.splitlines() if line.startswith("phi-4")]
    assert line.split()[:4] == ["phi-4", "9.1", "GB", "~10.1"]
    assert "to be fetched by hand" in result.out
    assert "own set" not in result.out
    here = footnote("models", "list", "--here")
    assert "phi-4" not in here.out
    assert max(map(len, result.out.splitlines())) < 130


def test_the_list_for_programs(footnote: Footnote) -> None:
    data = json.loads(footnote("models", "list", "--json").out)
    assert data["version"] == 1
    first = data["models"][0]
    assert (first["name"], first["in_use"], first["speed"]) == ("SmolLM2-135M-Instruct", True, None)


def test_a_file_of_ones_own(footnote: Footnote, own: Path) -> None:
    added = footnote("models", "add", own, "--name", "mine")
    assert added.code == 0
    assert "mine: llama, 0.13 B parameters, 98 MB, context 8192, reader extract" in added.out
    assert "footnote models use mine" in added.err
    used = footnote("models", "use", "mine")
    assert used.out.startswith(f"Now in use: mine (kept in {default_config()})")
    assert "in use (your file)" in footnote("models", "list").out
    refused = footnote("models", "remove", "mine")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("footnote: mine is in use.")
    assert footnote("models", "use", "starter").out.startswith("Now in use: SmolLM2")
    assert (
        footnote("models", "remove", "mine").out
        == "mine is off the list; nothing of yours was deleted.\n"
    )
    assert own.exists()


def test_too_large_a_model(footnote: Footnote, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "free_bytes", lambda: 500_000_000)
    footnote("models", "add", own, "--name", "mine")
    for command in ("use", "bench"):
        refused = footnote("models", command, "mine")
        assert refused.code == 1
        assert "0.5 GB are free" in refused.err
    assert footnote("models", "use", "mine", "--anyway").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (("add", "no-such-model-9B"), 1, "no model called"),
        (("add", "/no/such.gguf"), 1, "check the path"),
        (("add", "."), 1, "Is a directory"),
        (("add", "phi-4", "--model", "x"), 2, "belong to an address"),
        (("add", "phi-4", "--name", "x"), 2, "belongs to a file or an address"),
        (("add", "http://192.168.1.7:8080/v1"), 1, "plain http"),
        (("add", "SmolLM2-135M-Instruct"), 1, "comes with Footnote"),
        (("bench", "bge-base-en-v1.5"), 1, "no generator called"),
        (("bench", "phi-4"), 1, "footnote models add phi-4"),
        (("use", "bge-base-en-v1.5"), 1, "footnote embedder try"),
        (("remove", "starter"), 1, "comes with Footnote and stays"),
    ],
)
def test_errors_are_one_line(
    footnote: Footnote, arguments: tuple[str, ...], code: int, expected: str
) -> None:
    result = footnote("models", *arguments)
    assert result.code == code
    assert expected in result.err
    assert "Traceback" not in result.err
    if code == 1:
        assert result.err.count("\n") == 1


def test_a_download(
    footnote: Footnote, hub: Any, models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = CatalogEntry(
        name="tiny-1",
        kind="generator",
        licence="MIT",
        repo="someone/tiny-1",
        file="tiny-1.gguf",
        sha256=hashlib.sha256(WEIGHTS).hexdigest(),
        revision=COMMIT,
        size_gb=0.00005,
        params_b=3.0,
        reader="compose",
    )
    monkeypatch.setattr("models.catalog.entries", lambda: (entry,))
    monkeypatch.setattr("rag.model_rows.entries", lambda: (entry,))
    hub.repos = {"someone/tiny-1": {"tiny-1.gguf": WEIGHTS}}
    hub.cut_after = [20_000] + [0] * 10
    monkeypatch.setattr("models.fetching._WAIT_S", 0.0)
    broken = footnote("models", "add", "tiny-1")
    assert broken.code == 1
    assert "What arrived is kept" in broken.err
    assert "40 % downloaded" in footnote("models", "list").out
    hub.cut_after = []
    added = footnote("models", "add", "tiny-1")
    assert added.code == 0
    assert added.out == f"tiny-1 is here: {models_folder / 'tiny-1' / 'tiny-1.gguf'}\n"
    assert f"licence MIT, from {hub.url}/someone/tiny-1" in added.err
    assert "100 % of" in added.err
    assert "Its hash is the one in the catalogue. Next: footnote models use tiny-1" in added.err
    assert "is here already" in footnote("models", "add", "tiny-1").out
    removed = footnote("models", "remove", "tiny-1")
    assert removed.out == "tiny-1 was deleted, 0 MB are free again.\n"
    assert "not downloaded" in footnote("models", "list").out


def test_an_address_from_adding_to_an_answer(
    footnote: Footnote, chat_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_PROVER", "none")
    url = f"{chat_server.url}/v1/"
    added = footnote("models", "add", url)
    assert added.code == 0
    assert added.out == f"tiny-chat: tiny-chat at {url[:-1]}\n"
    assert "the passages found for them are sent to another program on this machine" in added.err
    assert footnote("models", "use", "tiny-chat").code == 0
    (tmp_path / "a.txt").write_text("The third workshop was held in Shanghai, in March.\n")
    footnote("add", tmp_path / "a.txt")
    chat_server.pieces = ["The workshop was held in Shanghai", " [1]."]
    answer = footnote("ask", "Where was the third workshop held?")
    assert answer.code == 0
    assert "The workshop was held in Shanghai [1]" in answer.out.replace(". [1]", " [1]")
    data = json.loads(footnote("ask", "--json", "Where was the third workshop held?").out)
    assert data["generator"].startswith("tiny-chat at 127.0.0.1:")
    assert data["reader"] == "compose"
    measured = footnote("models", "bench", "tiny-chat")
    assert measured.code == 0
    assert "tokens a second" in measured.out
    assert " tok/s" in footnote("models", "list").out
    # Named for one question only, whatever the settings say.
    footnote("models", "use", "starter")
    named = footnote("ask", "--json", "--model", "tiny-chat", "Where was the third workshop held?")
    assert json.loads(named.out)["generator"] == data["generator"]
    chat_server.status, chat_server.error = 500, '{"error": "out of memory"}'
    failed = footnote("ask", "--model", "tiny-chat", "Where was the third workshop held?")
    assert failed.code == 1
    assert "out of memory" in failed.err


def test_which_model_of_a_server(footnote: Footnote, chat_server: Any) -> None:
    url = f"{chat_server.url}/v1"
    chat_server.listed = [{"id": "org/a", "meta": {"n_ctx_train": 1024}}, {"id": "b"}]
    refused = footnote("models", "add", url)
    assert refused.code == 1
    assert "lists 2 models (org/a, b); name one: --model NAME." in refused.err
    assert footnote("models", "add", url, "--model", "org/a").out == f"a: org/a at {url}\n"
    other = footnote("models", "add", url, "--model", "c", "--name", "mine")
    assert other.code == 0
    assert "does not list 'c', but: org/a, b" in other.err
    rows = json.loads(footnote("models", "list", "--json").out)["models"]
    contexts = {row["name"]: row["context"] for row in rows if row["source"] == "address"}
    assert contexts == {"a": 1024, "mine": None}
    chat_server.listed = None
    assert "lists no models; name one: --model NAME.\n" in footnote("models", "add", url).err
    bare = footnote("models", "add", chat_server.url)
    assert bare.err.endswith("The address mostly ends in /v1.\n")


def test_quality_on_a_set_of_ones_own(
    footnote: Footnote, chat_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_PROVER", "none")
    (tmp_path / "a.txt").write_text("The third workshop was held in Shanghai, in March.\n")
    footnote("add", tmp_path / "a.txt")
    question = {
        "id": "q1",
        "question": "Where was the third workshop held?",
        "kind": "fact",
        "answers": ["Shanghai"],
        "must_include": ["Shanghai"],
        "evidence": [{"source": "a.txt", "quote": "held in Shanghai"}],
    }
    (tmp_path / "own.jsonl").write_text(json.dumps(question) + "\n")
    footnote("models", "add", f"{chat_server.url}/v1")
    chat_server.pieces = ["The workshop was held in Shanghai [1]."]
    measured = footnote("models", "bench", "tiny-chat", "--set", tmp_path / "own.jsonl")
    assert measured.code == 0
    assert "own.jsonl: 1 questions, 100.0 % right, 0.0 % wrong" in measured.out
    assert "100 % right, 0 % wrong of 1 (own.jsonl)" in footnote("models", "list").out


@pytest.mark.slow
def test_speed_of_the_starter(footnote: Footnote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_THREADS", "2")
    measured = json.loads(footnote("models", "bench", "starter", "--json").out)
    assert measured["model"] == "SmolLM2-135M-Instruct"
    assert measured["speed"]["generated_tokens_per_s"] > 1
    assert " tok/s" in footnote("models", "list", "--here").out
