"""Bad input at the command line: one clear sentence, the right exit code, no traceback."""

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ui.cli import main

RUN = "from ui.cli import main; main()"
FAKES = ("--embedder", "fake", "--model", "fake")

Footnote = Callable[..., tuple[int, str, str]]


def start(*arguments: str, library: Path) -> "subprocess.Popen[str]":
    """The command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, "--library", str(library), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        # A test run in the background inherits that Ctrl-C is ignored; a person's terminal does not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.fixture
def footnote(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Footnote:
    """The command in this process: exit code, stdout, stderr."""

    def run(*arguments: str, library: Path, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["footnote", "--library", str(library), *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = 0
        capsys.readouterr()
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def sentence(err: str) -> str:
    """The one line that the person reads."""
    (line,) = err.strip().splitlines()
    assert line.startswith("footnote: ")
    return line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "harbour.txt").write_text("The harbour froze early. Nobody minded the cold.")
    return docs


@pytest.fixture
def filled(footnote: Footnote, folder: Path, docs: Path) -> Path:
    code, _, err = footnote("add", str(docs), "--embedder", "fake", library=folder)
    assert code == 0, err
    return folder


def test_files_that_cannot_be_read_are_named_and_give_4(
    footnote: Footnote, folder: Path, docs: Path
) -> None:
    (docs / "empty.txt").write_bytes(b"")
    (docs / "zero.pdf").write_bytes(b"")
    (docs / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (docs / "loop").symlink_to("loop")
    code, out, _ = footnote("add", str(docs), "--embedder", "fake", library=folder)
    assert code == 4
    assert out.startswith("1 added, 4 skipped")
    for name in ("empty.txt", "zero.pdf", "binary.txt", "loop"):
        assert f"{name}: " in out
    code, out, _ = footnote("add", str(docs), "--embedder", "fake", "--json", library=folder)
    assert code == 4
    report = json.loads(out)
    assert [file["outcome"] for file in report["files"]].count("skipped") == 4


def test_nothing_at_the_path(footnote: Footnote, filled: Path) -> None:
    code, out, err = footnote("add", "nowhere.txt", "--embedder", "fake", library=filled)
    assert (code, out) == (1, "")
    assert "nothing at nowhere.txt" in sentence(err)


@pytest.mark.parametrize("question", ["", " \n", '"', "*", "😀"])
def test_empty_question(footnote: Footnote, filled: Path, question: str) -> None:
    code, out, err = footnote("ask", question, *FAKES, library=filled)
    assert (code, out) == (1, "")
    assert "empty" in sentence(err)


def test_question_of_100000_characters(footnote: Footnote, filled: Path) -> None:
    code, out, err = footnote("ask", "-", *FAKES, library=filled, stdin="harbour " * 12_500)
    assert (code, out) == (1, "")
    assert "Shorten it" in sentence(err)


@pytest.mark.parametrize("question", ["NEAR(", "C++ AND OR NOT", "\ta\x01b", "' OR 1=1"])
def test_odd_questions_are_answered_or_refused(
    footnote: Footnote, filled: Path, question: str
) -> None:
    code, out, err = footnote("ask", question, *FAKES, library=filled)
    assert code in (0, 3), err
    assert out


def test_no_library_yet(footnote: Footnote, folder: Path) -> None:
    for command in (["ask", "Hello?", "--embedder", "fake"], ["list"], ["status"]):
        code, _, err = footnote(*command, library=folder)
        assert code == 1
        assert "footnote add PATH" in sentence(err)
    assert not folder.exists()


def test_library_folder_that_is_a_file(footnote: Footnote, docs: Path) -> None:
    code, _, err = footnote("list", library=docs / "harbour.txt")
    assert code == 1
    assert "--library DIR" in sentence(err)


def test_library_that_is_no_database(footnote: Footnote, filled: Path) -> None:
    for side in filled.glob("library.sqlite-*"):
        side.unlink()
    (filled / "library.sqlite").write_text("a letter " * 1000)
    code, _, err = footnote("ask", "Where?", *FAKES, library=filled)
    assert code == 1
    assert "not a readable library" in sentence(err)


def test_library_of_a_newer_format(footnote: Footnote, filled: Path, docs: Path) -> None:
    connection = sqlite3.connect(filled / "library.sqlite")
    connection.execute("UPDATE meta SET value = '99' WHERE key = 'format_version'")
    connection.commit()
    connection.close()
    for command in (["list"], ["add", str(docs), "--embedder", "fake"]):
        code, _, err = footnote(*command, library=filled)
        assert code == 1
        assert "Update Footnote" in sentence(err)


def test_library_made_with_another_embedder(footnote: Footnote, filled: Path) -> None:
    connection = sqlite3.connect(filled / "library.sqlite")
    connection.execute("UPDATE meta SET value = 'other' WHERE key = 'embedder'")
    connection.commit()
    connection.close()
    code, _, err = footnote("ask", "Where?", *FAKES, library=filled)
    assert code == 1
    assert "--embedder other" in sentence(err)


@pytest.mark.parametrize("damage", [b"", b"damaged", None])
def test_vector_file_missing_or_damaged(
    footnote: Footnote, filled: Path, damage: bytes | None
) -> None:
    expected = footnote("ask", "What froze early?", *FAKES, library=filled)
    assert (filled / "vectors.faiss").exists()
    if damage is None:
        (filled / "vectors.faiss").unlink()
    else:
        (filled / "vectors.faiss").write_bytes(damage)
    assert footnote("ask", "What froze early?", *FAKES, library=filled)[:2] == expected[:2]
    assert (filled / "vectors.faiss").stat().st_size > 100


@pytest.mark.slow
def test_two_adds_at_once(footnote: Footnote, folder: Path, docs: Path) -> None:
    for i in range(8):
        (docs / f"{i}.txt").write_text(f"Document {i}. " + "Some words of it. " * 500)
    runs = [start("add", str(docs), "--embedder", "fake", library=folder) for _ in range(2)]
    ended = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], ended
    assert sorted(out.split(" ·")[0].strip() for out, _ in ended) == ["9 added", "9 unchanged"]
    code, out, _ = footnote("status", "--json", library=folder)
    state = json.loads(out)
    assert code == 0
    assert state["documents"] == 9
    assert state["covered"] == state["characters"]


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished(footnote: Footnote, folder: Path, docs: Path) -> None:
    for i in range(400):
        (docs / f"{i:03}.txt").write_text(f"Document {i}. " + "Some words of it. " * 4000)
    run = start("add", str(docs), "--embedder", "fake", library=folder)
    database = folder / "library.sqlite"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and _n_documents(database) < 2:
        time.sleep(0.05)
    os.kill(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "Traceback" not in err
    assert "everything finished so far is kept" in err
    code, out, _ = footnote("list", "--json", library=folder)
    assert code == 0
    documents = json.loads(out)["documents"]
    assert 2 <= len(documents) < 401
    assert {document["status"] for document in documents} == {"complete"}


def _n_documents(database: Path) -> int:
    if not database.exists():
        return 0
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM documents").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()
