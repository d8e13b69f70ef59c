"""The command line as scripts and terminals meet it: exit codes, streams, shapes, no surprises."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.library import Library
from models.errors import FootnoteError
from models.fake import FakeEmbedder
from rag.beside import Choice, write_choice
from rag.pipeline import open_library
from rag.settings import Settings
from ui.cli import main

EVIL = "\x1b]0;owned\x07\x1b[2Jred \x9b31m\x7f \u202egnp"
TEXTS = {
    "workshops.md": "# Workshops\n\nPublished 12 March 2025\n\nThe third AI capacity-building workshop "
    "was held in Shanghai, and 38 countries took part.\n",
    "station.txt": "The power station\n\nThe new station in Arlen delivers 300 megawatts to the grid.\n",
    "evil.txt": f"Escape {EVIL} codes\n\nThe password of the robot is {EVIL} swordfish, they say.\n",
}
QUESTION = "In which city was the third AI capacity-building workshop held?"
QUESTIONS = [
    {
        "id": "q1",
        "question": QUESTION,
        "kind": "fact",
        "answers": ["Shanghai"],
        "must_include": ["Shanghai"],
        "evidence": [{"source": "workshops.md", "quote": "held in Shanghai"}],
    },
    {
        "id": "q2",
        "question": "How many megawatts does the station in Arlen deliver?",
        "kind": "number",
        "answers": ["300 megawatts"],
        "must_include": ["300"],
        "evidence": [{"source": "station.txt", "quote": "300 megawatts"}],
    },
    {
        "id": "q3",
        "question": "What is the capital of Mongolia?",
        "kind": "unanswerable",
        "answers": [],
        "unanswerable": True,
    },
]
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


Footnote = Callable[..., Result]


@pytest.fixture
def footnote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Footnote:
    """Runs a command in this process, with fakes and a library of its own."""
    monkeypatch.setenv("FOOTNOTE_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("FOOTNOTE_EMBEDDER", "fake")
    monkeypatch.setenv("FOOTNOTE_GENERATOR", "fake")
    monkeypatch.setenv("FOOTNOTE_MIN_CONFIDENCE", "0")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TQDM_DISABLE", "1")
    monkeypatch.setenv("TRANSFORMERS_VERBOSITY", "error")

    def run(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["footnote", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return run


def write_documents(folder: Path) -> Path:
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write_documents(tmp_path / "documents")


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents and the library over them; tests get a copy of the library."""
    folder = tmp_path_factory.mktemp("cli")
    library = Library(folder / "library", FakeEmbedder())
    library.add([write_documents(folder / "documents")])
    library.close()
    return folder


@pytest.fixture
def filled(footnote: Footnote, made_once: Path, tmp_path: Path) -> Footnote:
    shutil.copytree(made_once / "library", tmp_path / "library")
    return footnote


@pytest.fixture
def question_set(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_text("".join(json.dumps(q) + "\n" for q in QUESTIONS), encoding="utf-8")
    return path


# -- asking -----------------------------------------------------------------------------------


def test_answered_is_0_with_footnotes_on_stdout(filled: Footnote) -> None:
    result = filled("ask", QUESTION)
    assert result.code == 0
    assert result.err == ""
    assert "[1]" in result.out
    assert "Shanghai" in result.out
    assert re.search(r"^\[1\] .*workshops\.md$", result.out, re.M)


def test_refused_is_3_with_the_nearest_passages(
    filled: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_MIN_CONFIDENCE", "1")
    result = filled("ask", "What is the capital of Mongolia?")
    assert result.code == 3
    assert result.out.startswith("The documents do not say.")
    assert "None of the nearest passages mentions" in result.out
    assert "“Mongolia”" in result.out
    assert "Nearest passages:" in result.out
    as_json = filled("ask", "--json", "What is the capital of Mongolia?")
    assert as_json.code == 3
    assert as_json.json["status"] == "refused"


def test_ask_as_json(filled: Footnote) -> None:
    data = filled("ask", QUESTION, "--json").json
    assert list(data) == [
        *("version", "question", "standalone_question", "status", "short_answer", "confidence"),
        *("sentences", "passages", "reader", "generator", "embedder", "timings_ms", "tokens"),
    ]
    assert data["sentences"][0]["citations"][0]["quote"] in TEXTS["workshops.md"]


def test_history_makes_a_follow_up_standalone(filled: Footnote) -> None:
    question = "And how many megawatts does it deliver?"
    data = filled("ask", question, "--history", "Where is the Arlen station?", "--json").json
    assert "Arlen" in data["standalone_question"]
    assert "Understood as: " in filled("ask", question, "--history", "Where is Arlen?").out


def test_the_question_may_come_from_a_pipe(
    filled: Footnote, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "question.txt"
    path.write_bytes(QUESTION.encode() + b" \xff\n")
    with path.open(encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        assert filled("ask", "-").code == 0


def test_the_composing_reader(filled: Footnote) -> None:
    assert filled("ask", QUESTION, "--reader", "compose", "--json").json["reader"] == "compose"


@pytest.mark.parametrize("question", ["", "   ", "???", "a" * 100_000])
def test_questions_that_cannot_be_asked(filled: Footnote, question: str) -> None:
    result = filled("ask", question)
    assert result.code == 1
    assert_one_line(result)


def assert_one_line(result: Result) -> None:
    """A failure is one sentence on stderr and nothing else."""
    assert result.out == ""
    assert result.err.startswith("footnote: ")
    assert result.err.count("\n") == 1
    assert "Traceback" not in result.err


# -- the library ------------------------------------------------------------------------------


def test_library_before_and_after_the_command(
    footnote: Footnote, documents: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert footnote("--library", one, "add", documents / "station.txt").code == 0
    assert footnote("add", documents / "workshops.md", "--library", two).code == 0
    assert len(footnote("--library", one, "list", "--json").json["documents"]) == 1
    # Nearer to the command wins.
    both = footnote("--library", one, "status", "--library", two, "--json").json
    assert both["library"] == str(two)
    assert footnote("ask", "--library", two, QUESTION).code == 0
    assert not (tmp_path / "library").exists()


def test_add_as_json(footnote: Footnote, documents: Path) -> None:
    result = footnote("add", documents, "--json")
    assert result.code == 0
    assert result.json["version"] == 1
    assert {file["outcome"] for file in result.json["files"]} == {"added"}
    assert len(result.json["files"]) == len(TEXTS)
    again = footnote("add", documents)
    assert again.out == f"{len(TEXTS)} unchanged\n"


def test_files_that_cannot_be_read_are_named_with_4(footnote: Footnote, documents: Path) -> None:
    (documents / "empty.txt").write_bytes(b"")
    (documents / "broken.pdf").write_bytes(b"")
    result = footnote("add", documents)
    assert result.code == 4
    assert "skipped" in result.out
    assert "empty.txt" in result.out
    assert "broken.pdf" in result.out
    as_json = footnote("add", documents, "--json")
    assert as_json.code == 4
    skipped = [file for file in as_json.json["files"] if file["outcome"] == "skipped"]
    assert all(file["reason"] for file in skipped)
    assert len(skipped) == 2


def test_sync_forgets_what_is_gone(footnote: Footnote, documents: Path) -> None:
    footnote("add", documents)
    (documents / "evil.txt").unlink()
    assert "1 removed" in footnote("add", "--sync", documents).out
    assert len(footnote("list", "--json").json["documents"]) == len(TEXTS) - 1


def test_list_status_and_remove(filled: Footnote, made_once: Path) -> None:
    listed = filled("list", "--json").json
    assert listed["version"] == 1
    assert {Path(d["path"]).name for d in listed["documents"]} == set(TEXTS)
    assert "workshops.md" in filled("list").out
    status = filled("status", "--json").json
    assert status["documents"] == len(TEXTS)
    assert status["covered"] == status["characters"] > 0
    assert len(status["coverage"]) == len(TEXTS)
    assert "100.0%" in filled("status").out
    assert "heading" in filled("status", "--structure", "workshops").out
    first = listed["documents"][0]
    assert filled("remove", str(first["id"])).out == f"forgotten: {first['path']}\n"
    assert filled("remove", made_once / "documents" / "workshops.md").code == 0
    assert len(filled("list", "--json").json["documents"]) == len(TEXTS) - 2
    assert_one_line(filled("remove", "no-such-document"))
    assert_one_line(filled("status", "--structure", "no-such-document"))


def test_progress_is_not_on_stdout(footnote: Footnote, documents: Path) -> None:
    (documents / "more.txt").write_text("More of it was said there.\n" * 400, encoding="utf-8")
    result = footnote("add", documents)
    assert len(result.out.splitlines()) == 1
    assert result.code == 0


# -- failing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", QUESTION),
        ("list",),
        ("status",),
        ("remove", "1"),
        ("eval", "no-such-set.jsonl"),
        ("add", "no-such-file.txt"),
        ("ask", QUESTION, "--embedder", "/no/such/folder"),
    ],
)
def test_failures_are_1_and_one_line(footnote: Footnote, arguments: tuple[str, ...]) -> None:
    result = footnote(*arguments)
    assert result.code == 1
    assert_one_line(result)


def test_settings_from_the_environment_that_are_wrong(
    filled: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_TOP_K", "many")
    result = filled("list")
    assert result.code == 1
    assert_one_line(result)
    assert "FOOTNOTE_TOP_K" in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("ask",),
        ("add",),
        ("ask", QUESTION, "--no-such-option"),
        ("ask", QUESTION, "--reader", "poet"),
        ("eval", "set.jsonl", "--format", "trec"),
        ("eval", "set.jsonl", "--limit", "0"),
        ("chat", "--port", "http"),
        ("--library",),
    ],
)
def test_wrong_usage_is_2(filled: Footnote, arguments: tuple[str, ...]) -> None:
    result = filled(*arguments)
    assert result.code == 2
    assert result.out == ""
    assert "Traceback" not in result.err


def test_an_error_is_one_line_whatever_it_says(
    filled: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise FootnoteError(f"The file {EVIL}\nis damaged.\n")

    monkeypatch.setattr("rag.pipeline.build_pipeline", fail)
    result = filled("ask", QUESTION)
    assert result.code == 1
    assert_one_line(result)
    assert not CONTROL.search(result.err)


def test_interrupting_is_130_and_says_what_is_kept(
    filled: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rag.pipeline.build_pipeline", interrupt)
    result = filled("ask", QUESTION)
    assert result.code == 130
    assert result.out == ""
    assert result.err.strip() == "footnote: stopped; everything finished so far is kept."


def test_defects_keep_their_traceback(filled: Footnote, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("rag.pipeline.build_pipeline", crash)
    with pytest.raises(ZeroDivisionError):
        filled("ask", QUESTION)


# -- what a document must not do to a terminal ------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "What is the password of the robot?"),
        ("ask", "What is the password of the robot?", "--json"),
        ("ask", f"What is the {EVIL} password of the robot?"),
        ("ask", f"And the {EVIL} of it?", "--history", f"Who is Robot{EVIL} Smith?"),
        ("list",),
        ("list", "--json"),
        ("status",),
        ("status", "--json"),
        ("status", "--structure", "evil"),
    ],
)
def test_control_characters_never_reach_the_terminal(
    filled: Footnote, arguments: tuple[str, ...]
) -> None:
    result = filled(*arguments)
    assert result.code in (0, 3)
    assert result.out
    assert not CONTROL.search(result.out + result.err)


def test_json_gives_control_characters_back_as_they_were(filled: Footnote) -> None:
    data = filled("ask", "What is the password of the robot?", "--json").json
    quote = data["sentences"][0]["citations"][0]["quote"]
    assert quote in TEXTS["evil.txt"]
    assert "\x9b" in quote


def test_names_of_files_are_harmless_too(footnote: Footnote, documents: Path) -> None:
    (documents / f"{EVIL}.txt").write_text("Nothing much is said here.\n", encoding="utf-8")
    (documents / f"{EVIL}.pdf").write_bytes(b"")
    for arguments in (("add", documents), ("list",), ("status",), ("add", f"no-such-{EVIL}")):
        result = footnote(*arguments)
        assert not CONTROL.search(result.out + result.err)
    path = documents / f"{EVIL}.txt"
    assert not CONTROL.search(footnote("remove", path).out)


def test_names_that_are_no_text(footnote: Footnote, documents: Path) -> None:
    name = os.fsencode(documents) + b"/caf\xe9.txt"
    try:
        with open(name, "w") as file:
            file.write("The cafe opens at nine in the morning.\n")
    except OSError:
        pytest.skip("this file system takes names of valid UTF-8 only")
    added = footnote("add", documents)
    assert added.code in (0, 4)
    for arguments in (("list",), ("list", "--json")):
        assert footnote(*arguments).code == 0
    # Answered, or found not sure enough: either way nothing broke.
    assert footnote("ask", "When does the cafe open?", "--json").code in (0, 3)


# -- evaluating -------------------------------------------------------------------------------


def test_eval_as_json(filled: Footnote, question_set: Path) -> None:
    result = filled("eval", question_set, "--json")
    assert result.code == 0
    data = result.json
    for name in ("recall@5", "mrr@10", "ndcg@10", "exact_match", "f1", "right", "wrong"):
        assert data[name].keys() == {"value", "low", "high"}
    for name in ("precision", "wrong_refusal", "refusal", "latency_ms_p50", "latency_ms_p95"):
        assert name in data
    assert [question["id"] for question in data["questions"]] == ["q1", "q2", "q3"]
    assert data["questions"][0].keys() >= {"id", "status", "short_answer", "right", "citations"}
    assert set(data["per_kind"]) == {"fact", "number", "unanswerable"}
    assert data["recall@5"]["value"] == 1.0
    assert "questions: 3/3" in result.err


def test_eval_prints_a_table(filled: Footnote, question_set: Path) -> None:
    result = filled("eval", question_set, "--no-baseline", "--limit", "2")
    assert result.code == 0
    assert "right" in result.out
    assert "questions: 2/2" in result.err
    assert "baseline" not in result.err


def test_calibrating_keeps_a_promise_or_says_why_not(
    filled: Footnote, question_set: Path, tmp_path: Path
) -> None:
    result = filled("eval", question_set, "--no-baseline", "--calibrate", "--json")
    assert result.code == 0
    # Three questions prove nothing, and nothing is written that could be mistaken for a promise.
    assert "No promise of 2 %, 5 %" in result.err
    assert "at least 59 answers" in result.err
    assert not (tmp_path / "library" / "promise.json").exists()


def test_necessity_is_measured_where_it_is_asked_for(filled: Footnote, question_set: Path) -> None:
    plain = filled("eval", question_set, "--no-baseline", "--json")
    assert plain.json["necessity"]["value"] is None
    measured = filled("eval", question_set, "--no-baseline", "--necessity", "--json")
    assert 0 <= measured.json["necessity"]["value"] <= 1


# -- verifying --------------------------------------------------------------------------------


def test_a_saved_answer_is_verified(filled: Footnote, tmp_path: Path) -> None:
    saved = filled("ask", "How many megawatts does the station in Arlen deliver?", "--json")
    file = tmp_path / "answer.json"
    file.write_text(saved.out, encoding="utf-8")
    held = filled("verify", file, "--necessity")
    assert held.code == 0
    assert "holds (supported)" in held.out
    assert "Without the cited words" in held.out
    lie = json.loads(saved.out)
    lie["sentences"][0]["citations"][0]["quote"] = "The station delivers 900 megawatts."
    file.write_text(json.dumps(lie), encoding="utf-8")
    fallen = filled("verify", file, "--json")
    assert fallen.code == 1
    assert fallen.json["holds"] is False
    assert "no longer stand" in fallen.json["sentences"][0]["problems"][0]


def test_what_is_no_answer_is_not_verified(filled: Footnote, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    for content in ("", "[]", '{"question": "x"}'):
        file.write_text(content)
        result = filled("verify", file)
        assert result.code == 1
        assert "footnote ask QUESTION --json" in result.err


def test_gates(filled: Footnote, question_set: Path) -> None:
    met = filled("eval", question_set, "--no-baseline", "--fail-under", "recall@5=0.9")
    assert met.code == 0
    assert "met: recall@5" in met.err
    missed = filled(
        *("eval", question_set, "--no-baseline", "--json"),
        *("--fail-under", "recall@5=0.9", "--fail-under", "right=0.99"),
    )
    assert missed.code == 5
    assert missed.json["right"]["value"] < 0.99
    assert "MISSED: right" in missed.err


def test_a_gate_that_is_none(filled: Footnote, question_set: Path) -> None:
    result = filled("eval", question_set, "--fail-under", "beauty=1")
    assert result.code in (1, 2)
    assert "unknown metric 'beauty'" in " ".join(result.err.split())


def test_save_compare_and_html(filled: Footnote, question_set: Path, tmp_path: Path) -> None:
    run, html = tmp_path / "run.json", tmp_path / "report.html"
    assert filled("eval", question_set, "--save", run).code == 0
    assert run.is_file()
    result = filled("eval", question_set, "--compare", run, "--html", html, "--json")
    assert result.code == 0
    assert "comparison" in result.json
    page = html.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") or page.lower().startswith("<!doctype html>")
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert str(html) in result.err
    assert filled("eval", question_set, "--save", run, "--resume", "--no-baseline").code == 0


@pytest.mark.parametrize("option", ["--html", "--save"])
def test_a_place_that_cannot_be_written_is_said_first(
    filled: Footnote, question_set: Path, tmp_path: Path, option: str
) -> None:
    for target in (tmp_path / "no" / "such" / "report", tmp_path):
        result = filled("eval", question_set, option, target)
        assert result.code == 1
        assert_one_line(result)


def test_a_set_that_does_not_fit_the_library(filled: Footnote, tmp_path: Path) -> None:
    odd = QUESTIONS[0] | {"evidence": [{"source": "workshops.md", "quote": "held in Oslo"}]}
    path = tmp_path / "odd.jsonl"
    path.write_text(json.dumps(odd) + "\n", encoding="utf-8")
    result = filled("eval", path)
    assert result.code == 1
    assert_one_line(result)


# -- a process of its own ---------------------------------------------------------------------

HELPS = """
import contextlib, io, sys, time
from ui.cli import main
for name in ([], ["add"], ["ask"], ["chat"], ["list"], ["remove"], ["status"], ["eval"]):
    sys.argv = ["footnote", *name, "--help"]
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            main()
    except SystemExit as stop:
        assert not stop.code, (name, stop.code)
    assert "--help" in out.getvalue(), name
heavy = {"torch", "sentence_transformers", "transformers", "faiss", "gradio", "llama_cpp", "matplotlib",
         "pypdfium2", "docx", "numpy"}
print(sorted(heavy & set(sys.modules)))
print(time.process_time())
"""


def test_help_of_every_command_is_quick_and_loads_no_model() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELPS], capture_output=True, text=True, check=True, timeout=60
    )
    loaded, seconds = done.stdout.splitlines()
    assert loaded == "[]"
    # All eight, in processor time: other work on the machine does not count.
    assert float(seconds) < 2


def script(*arguments: str, **options: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "ui.cli", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=Path(__file__).resolve().parents[2], **pipes | options)


def test_a_reader_of_a_pipe_may_go_away(filled: Footnote) -> None:
    with script("list", "--json") as process:
        process.stdout.close()
        assert process.stderr.read() == ""


def test_run_as_a_module_it_has_all_commands() -> None:
    with script("eval", "--help") as process:
        assert "--fail-under" in process.stdout.read()


@pytest.mark.slow
def test_another_embedder_beside_compared_switched_to_and_back(
    filled: Footnote, question_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = filled("embedder", "switch")
    assert alone.code == 1
    assert "footnote embedder try" in alone.err
    assert "in use" in filled("embedder", "try", "fake").err
    tried = filled("embedder", "try", "starter")
    assert tried.code == 0, tried.err
    assert tried.out.startswith("3 documents embedded anew")
    assert filled("embedder", "status", "--json").json["in_use"] == "fake"
    compared = filled("embedder", "compare", question_set)
    assert compared.code == 0, compared.err
    assert "3 questions in both runs" in compared.out
    assert "embedder: 'fake' -> 'starter'" in compared.out

    assert "Now in use: starter" in filled("embedder", "switch").out
    assert filled("embedder", "status", "--json").json["in_use"] == "starter"
    assert filled("ask", QUESTION, "--json").json["embedder"] == "all-MiniLM-L6-v2"
    # What is added now is there after going back, too; nothing is lost on the way.
    late = tmp_path / "late.txt"
    late.write_text("The ferry to Ostrand leaves at noon.\n", encoding="utf-8")
    assert filled("add", late).code == 0
    late.unlink()
    back = filled("embedder", "switch")
    assert "1 documents embedded anew" in back.out
    assert "Now in use: fake" in back.out
    # A model that is not there takes nothing from what is there.
    assert filled("embedder", "try", tmp_path / "typo").code == 1
    assert (tmp_path / "library" / "beside" / "library.sqlite").exists()
    assert filled("embedder", "status", "--json").json["embedders"] == ["fake", "starter"]
    answer = filled("ask", "When does the ferry to Ostrand leave?", "--json").json
    assert answer["embedder"] == "fake"
    assert "noon" in json.dumps(answer)
    # A library made with another embedder than the settings' own says which one it is, as ever.
    monkeypatch.setenv("FOOTNOTE_EMBEDDER", str(tmp_path / "nowhere"))
    assert filled("ask", QUESTION).code == 1


def test_a_library_opened_before_a_switch_is_not_added_to(filled: Footnote, tmp_path: Path) -> None:
    opened = open_library(Settings(library=tmp_path / "library", embedder="fake"))
    beside = tmp_path / "library" / "beside"
    shutil.copytree(tmp_path / "library", tmp_path / "copy")
    (tmp_path / "copy").rename(beside)
    write_choice(tmp_path / "library", Choice("fake", "fake", uses_second=True))
    late = tmp_path / "late.txt"
    late.write_text("The ferry leaves at noon.\n", encoding="utf-8")
    with pytest.raises(FootnoteError, match="Start again"):
        opened.add([late])
    with pytest.raises(FootnoteError, match="Start again"):
        opened.remove(1)
    opened.close()
    second = open_library(Settings(library=tmp_path / "library", embedder="fake"))
    assert second.store.folder == beside
    assert second.folder == tmp_path / "library"
    # Neither index takes the library's own folder for documents.
    assert [f.outcome for f in second.add([tmp_path / "library", late]).files] == ["added"]
    second.close()


def test_a_damaged_choice_is_named(filled: Footnote, tmp_path: Path) -> None:
    (tmp_path / "library" / "embedder.json").write_text("{", encoding="utf-8")
    result = filled("list")
    assert result.code == 1
    assert "embedder.json is damaged" in result.err


def test_a_proof_is_kept_and_checked_without_the_library(
    filled: Footnote, made_once: Path, tmp_path: Path
) -> None:
    target = tmp_path / "proof.html"
    assert filled("ask", QUESTION, "--export", target).code == 0
    shutil.rmtree(tmp_path / "library")
    checked = filled("verify", target, "--documents", made_once / "documents")
    assert checked.code == 0, checked.err
    assert "stands in" in checked.out
    data = filled("verify", target, "--documents", made_once / "documents", "--json").json
    assert data["holds"]
    assert data["footnotes"][0]["problem"] == ""
    missing = filled("verify", target, "--documents", tmp_path)
    assert missing.code == 1
    assert "no file has this content" in missing.out
    odd = filled("ask", QUESTION, "--export", tmp_path / "proof.pdf")
    assert odd.code == 1
    assert ".html, .md, .json" in odd.err
