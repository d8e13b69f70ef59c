"""Whatever a folder holds: the rest is added, each bad file has one sentence, nothing is lost.

What each loader refuses is proven beside it; here it meets the library.
"""

import importlib.util
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index import library as library_module
from index.discover import discover
from index.errors import LibraryError
from index.library import AddProgress, AddReport, Library
from index.loaders import plain
from models.fake import FakeEmbedder

OpenLibrary = Callable[..., Library]
GOOD = "The harbour froze early. Nobody minded the cold."


def reasons(report: AddReport) -> dict[str, str]:
    return {Path(file.path).name: file.reason or "" for file in report.skipped}


@pytest.fixture(scope="module")
def make_pdf() -> Callable[..., bytes]:
    """The builder of the loader's own tests."""
    path = Path(__file__).with_name("test_loaders_pdf.py")
    spec = importlib.util.spec_from_file_location("_pdf_builder", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pdf  # type: ignore[no-any-return]


def test_a_folder_of_everything_bad(
    library: Library, tmp_path: Path, make_pdf: Callable[..., bytes]
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    noise = random.Random(1).randbytes(5000)
    page: list[Any] = [(72, 700, 11, "Words.")]
    bad = {
        "empty.txt": b"",
        "blank.md": b" \n\t\n",
        "zero.pdf": b"",
        "zero.html": b"",
        "zero.docx": b"",
        "locked.pdf": make_pdf([page], password=b"secret"),
        "scan.pdf": make_pdf([[], []]),
        "broken.pdf": b"%PDF-1.4 nothing more",
        "broken.docx": b"PK\x03\x04 nothing more",
        "binary.txt": noise,
        "picture.jpg": b"\xff\xd8\xff" + noise,
        "none": b"no ending",
    }
    good = {
        "utf8.txt": GOOD.encode(),
        "utf16.txt": GOOD.encode("utf-16"),
        "latin.txt": "Grüße aus Köln. Der Hafen war früh zugefroren.".encode("latin-1"),
    }
    for name, data in {**bad, **good}.items():
        (folder / name).write_bytes(data)
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "dangling.txt").symlink_to("nowhere.txt")
    (folder / "again").symlink_to(".")
    (folder / "up").symlink_to("..")
    os.mkfifo(folder / "pipe.txt")
    report = library.add([folder])
    found = reasons(report)
    assert set(found) == {*bad, "loop.txt", "dangling.txt", "pipe.txt"}
    for name, reason in found.items():
        assert reason, name
        assert "\n" not in reason
        assert str(folder) not in reason, "the report names the file already"
        # What is wrong, and what to do.
        assert any(mark in reason for mark in (";", ": ", ". ")), (name, reason)
    assert {Path(d.path).name for d in library.store.documents()} == set(good)
    texts = [library.store.text(d.id) for d in library.store.documents()]
    assert texts == [
        "Grüße aus Köln. Der Hafen war früh zugefroren.",
        GOOD,
        GOOD,
    ]
    assert reasons(library.add([folder])) == found


def test_a_loop_of_folders_ends_and_each_file_comes_once(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "one.txt").write_text("x")
    (deep / "back").symlink_to(tmp_path / "a")
    (tmp_path / "c").symlink_to(deep)
    (tmp_path / "same.txt").symlink_to(deep / "one.txt")
    found = [item.path.name for item in discover([tmp_path, tmp_path, deep / "one.txt"])]
    assert found == ["one.txt"]


def test_very_deep_folders(tmp_path: Path) -> None:
    """Deeper than Python calls itself."""
    here = os.getcwd()
    os.chdir(tmp_path)
    try:
        for _ in range(1200):
            os.mkdir("d")
            os.chdir("d")
        os.chdir(tmp_path)
        assert list(discover([Path("d")])) == []
        Path("d", *["d"] * 1100, "a.txt").write_text("x")
        assert len(list(discover([Path("d")]))) == 1
    finally:
        os.chdir(tmp_path)
        subprocess.run(["rm", "-rf", "d"], check=True)
        os.chdir(here)


def test_names_that_are_no_text_and_names_that_play_tricks(library: Library, docs: Path) -> None:
    try:
        Path(os.fsdecode(bytes(docs) + b"/caf\xe9.txt")).write_text(GOOD)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (docs / "new\nline.txt").write_text(GOOD)
    (docs / "-rf.txt").write_text(GOOD)
    (docs / "' OR 1=1 --.txt").write_text(GOOD)
    (docs / ("x" * 240 + ".txt")).write_text(GOOD)
    report = library.add([docs])
    assert reasons(report) == {
        "caf\ufffd.txt": "its name is not valid UTF-8; rename it, then add it again"
    }
    assert library.store.count("documents") == 6
    assert library.store.document_at(os.fsdecode(b"/caf\xe9.txt")) is None
    with pytest.raises(LibraryError, match="nothing at"):
        library.add([docs / "a\0b.txt"])


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError(5, "I/O error")]
)
def test_a_file_that_may_not_be_read(
    library: Library, docs: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    real = Path.open

    def refuse(self: Path, *args: Any, **options: Any) -> Any:
        if self.name == "bridge.txt":
            raise error
        return real(self, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        report = library.add([docs])
    assert str(error.strerror) in reasons(report)["bridge.txt"]
    assert [Path(d.path).name for d in library.store.documents()] == ["harbour.txt"]


def test_a_folder_that_may_not_be_opened(
    library: Library, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docs / "locked").mkdir()
    real = Path.iterdir

    def refuse(self: Path) -> Any:
        if self.name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(self)

    monkeypatch.setattr(Path, "iterdir", refuse)
    report = library.add([docs])
    assert reasons(report) == {"locked": "cannot be opened: Permission denied"}
    assert report.count("added") == 2


def test_a_file_that_vanishes_or_changes_before_it_is_read(library: Library, docs: Path) -> None:
    library.add([docs])
    (docs / "bridge.txt").write_text("Changed since.")
    (docs / "harbour.txt").write_text("Changed since, too.")
    before = [library.store.text(d.id) for d in library.store.documents()]

    def interfere(progress: AddProgress) -> None:
        if progress.path.endswith("bridge.txt"):
            (docs / "bridge.txt").unlink(missing_ok=True)

    report = library.add([docs], on_progress=interfere)
    assert "Add it again" in reasons(report)["bridge.txt"]
    after = [library.store.text(d.id) for d in library.store.documents()]
    assert after == [before[0], "Changed since, too."]


@pytest.mark.parametrize("change", ["remove", "edit", "grow", "replace"])
def test_a_large_file_that_changes_while_it_is_read(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(plain, "LARGE_BYTES", 2_000)
    monkeypatch.setattr(plain, "PIECE_CHARACTERS", 1_500)
    path = tmp_path / "large.txt"
    path.write_text(GOOD * 400)
    other = tmp_path / "other"
    other.write_text("Other words. " * 400)
    done: list[str] = []

    def interfere(progress: AddProgress) -> None:
        if progress.n_passages < 10 or done:
            return
        done.append(change)
        if change == "remove":
            path.unlink()
        elif change == "edit":
            path.write_text("Other words. " * 400)
        elif change == "grow":
            with path.open("a") as file:
                file.write("One more line.")
        else:
            other.rename(path)

    report = library.add([path], on_progress=interfere)
    assert done
    assert "while it was being read" in reasons(report)["large.txt"]
    if change == "remove":
        return
    assert library.add([path]).count("replaced") == 1
    (document,) = library.store.documents()
    assert document.status == "complete"
    assert library.store.text(document.id) == path.read_text()


def test_a_file_that_trips_its_loader_does_not_stop_the_others(
    library: Library, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(path: Path, *, resume_at: int = 0) -> Any:
        if path.name == "bridge.txt":
            raise RecursionError("maximum recursion depth exceeded")
        return plain.load_plain(path, resume_at=resume_at)

    monkeypatch.setattr(library_module, "load", trip)
    report = library.add([docs])
    assert "RecursionError" in reasons(report)["bridge.txt"]
    assert report.count("added") == 1


# -- the library ----------------------------------------------------------------------------------


def test_disk_full_while_adding(library: Library, docs: Path, tmp_path: Path) -> None:
    library.add([docs])
    (tmp_path / "more.txt").write_text(GOOD * 5_000)
    connection = library.store._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LibraryError, match=r"disk is full.*kept; free some space"):
        library.add([tmp_path / "more.txt"])
    assert library.store.count("documents") == 2
    connection.execute("PRAGMA max_page_count = 1000000")
    assert library.add([tmp_path / "more.txt"]).count("added") == 1
    assert len(library.lexical.search("bridge", 5)) == 1


def test_disk_full_before_the_first_write(
    library: Library, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("builtins.open", full)
    with pytest.raises(LibraryError, match=r"No space left on device.*[Ff]ree some space"):
        library.add([docs])


def test_a_library_damaged_in_the_middle(open_library: OpenLibrary, docs: Path) -> None:
    library = open_library()
    for i in range(60):
        (docs / f"{i}.txt").write_text(f"{GOOD} Number {i}. " * 40)
    library.add([docs])
    library.store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    library.close()
    data = bytearray(library.store.path.read_bytes())
    for at in range(20 * 4096, len(data), 4096):
        data[at : at + 512] = b"\x5a" * 512
    library.store.path.write_bytes(data)
    with pytest.raises(LibraryError, match=r"not a readable library .* add the documents again"):
        _use(open_library, docs)


def _use(open_library: OpenLibrary, docs: Path) -> None:
    library = open_library()
    library.lexical.search("number", 100)
    for document in library.store.documents():
        library.store.document_passages(document.id)
    library.add([docs], sync=True)


def test_a_foreign_library_is_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "library.sqlite")
    other.execute("CREATE TABLE meta (key TEXT, value TEXT)")
    other.commit()
    other.close()
    before = (tmp_path / "library.sqlite").read_bytes()
    with pytest.raises(LibraryError, match="not a Footnote library"):
        Library(tmp_path, FakeEmbedder())
    assert (tmp_path / "library.sqlite").read_bytes() == before


ADD = """
import sys
from pathlib import Path
from index.library import Library
from models.fake import FakeEmbedder

library = Library(Path(sys.argv[1]), FakeEmbedder())
sys.stdin.readline()
report = library.add([Path(path) for path in sys.argv[2:]])
print(report.count("added"), report.count("unchanged"), len(report.skipped))
library.close()
"""


@pytest.mark.slow
def test_three_processes_at_once(open_library: OpenLibrary, tmp_path: Path) -> None:
    """All make the library, all add the same files."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for i in range(12):
        (folder / f"{i}.txt").write_text(f"Document {i}. {GOOD * 50}")
    runs = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", ADD, str(tmp_path / "library"), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("\n")
        run.stdin.flush()
    ended = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], ended
    assert sorted(out.strip() for out, _ in ended) == ["0 12 0"] * 2 + ["12 0 0"]
    library = open_library()
    alone = open_library(tmp_path / "alone")
    alone.add([folder])
    for table in ("documents", "passages", "vectors", "blocks"):
        assert library.store.count(table) == alone.store.count(table)
    texts = [[s.text(d.id) for d in s.documents()] for s in (library.store, alone.store)]
    assert texts[0] == texts[1]
