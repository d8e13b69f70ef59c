"""What is handed in is added, one file after the other; what cannot be read is kept in mind."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.errors import LibraryError
from index.library import Library
from models.fake import FakeEmbedder
from ui import uploads
from ui.incoming import run_html
from ui.keeper import Keeper, keeper_of

TIDES = "Tides of the shore\n\nThe tide came in at noon.\n"


def wait(until: Callable[[], object]) -> None:
    ends = time.monotonic() + 10
    while not until():
        assert time.monotonic() < ends
        time.sleep(0.01)


@pytest.fixture
def keeper(library: Library) -> Iterator[Keeper]:
    made = Keeper(library, interval_s=0.05)
    yield made
    made.stop()
    library.close()


def write(folder: Path, **texts: str) -> list[Path]:
    paths = [folder / f"{name}.txt" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text)
    return paths


def test_files_are_added_and_failures_kept(keeper, library, tmp_path):
    keeper.start()
    keeper.take(write(tmp_path, tides=TIDES, empty="", other="Another one, of boats."))
    wait(lambda: keeper.run.number == 1)
    run = keeper.run
    assert (run.n_done, run.n_added, run.n_failed, run.busy) == (3, 2, 1, False)
    (failure,), _ = library.store.failures(5)
    assert "is empty" in failure.reason
    # Mended and tried again; the list of failures is empty then.
    write(tmp_path, empty="Not any more, it has words.")
    assert keeper.again(["/unknown", failure.path]) == 1
    wait(lambda: keeper.run.number == 2)
    assert library.store.failures(5) == ([], 0)
    assert library.store.count("documents") == 3


def test_what_waits_outlives_the_server(library, tmp_path):
    first = Keeper(library)
    first.take(write(tmp_path, tides=TIDES), ["Own title"])
    # Not started, as if it had been killed.
    second = Keeper(library)
    second.start()
    wait(lambda: second.run.number == 1)
    second.stop()
    (document,) = library.store.documents()
    assert document.title == "Own title"
    library.close()


def test_a_watched_folder_is_added_by_itself(keeper, library, tmp_path):
    folder = tmp_path / "watched"
    folder.mkdir()
    library.store.watch(str(folder))
    keeper.start()
    (path,) = write(folder, tides=TIDES)
    wait(lambda: library.store.document_at(str(path)))
    path.unlink()
    wait(lambda: library.store.missing() == [str(path)])
    assert library.store.count("documents") == 1


def test_a_file_saved_again_while_it_is_added_is_added_again(keeper, library, tmp_path):
    folder = tmp_path / "watched"
    folder.mkdir()
    (path,) = write(folder, tides=TIDES)
    library.store.watch(str(folder))
    saved = []

    def added(ident):
        if not saved:
            saved.append(path.write_text(f"{TIDES}It went out at six.\n"))
            keeper.look()
        return ()

    library.on_added = added
    keeper.look()
    keeper.start()
    wait(lambda: keeper.run.number == 1)
    (document,) = library.store.documents()
    assert "It went out at six." in library.store.text(document.id)
    assert library.store.n_waiting() == 0


def test_a_defect_in_one_file_stops_no_other(keeper, library, tmp_path, monkeypatch):
    real = library.add

    def add(paths, **options):
        if paths[0].stem == "tides":
            raise ZeroDivisionError("secret detail")
        return real(paths, **options)

    monkeypatch.setattr(library, "add", add)
    keeper.start()
    keeper.take(write(tmp_path, tides=TIDES, other="Another one, of boats."))
    wait(lambda: keeper.run.number == 1)
    (failure,), _ = library.store.failures(5)
    assert "something went wrong inside Footnote" in failure.reason
    assert "secret" not in failure.reason
    assert library.store.count("documents") == 1


def test_a_library_that_cannot_be_written_keeps_what_waits(keeper, library, tmp_path, monkeypatch):
    def done(file, reason=None):
        raise LibraryError("The disk is full.")

    keeper.take(write(tmp_path, empty=""))
    with monkeypatch.context() as patch:
        patch.setattr(library.store, "done", done)
        keeper.start()
        wait(lambda: keeper.run.number == 1)
    assert library.store.n_waiting() == 1
    keeper._go_on()
    wait(lambda: library.store.failures(1)[1] == 1)


def test_a_full_disk_fails_no_file(keeper, library, tmp_path, monkeypatch):
    def add(paths, **options):
        raise LibraryError("The disk is full.")

    keeper.retry_s = 0.1
    with monkeypatch.context() as patch:
        patch.setattr(library, "add", add)
        keeper.take(write(tmp_path, tides=TIDES, other="Another one, of boats."))
        keeper.start()
        wait(lambda: keeper.run.held)
        assert keeper.run.held == "The disk is full."
        assert (library.store.n_waiting(), library.store.failures(5)) == (2, ([], 0))
        assert "The disk is full." in run_html(keeper.run)
        assert "2 files not added yet" in run_html(keeper.run)
    # Nobody clicks: it goes on by itself once there is room.
    wait(lambda: library.store.count("documents") == 2)
    wait(lambda: not keeper.run.busy)
    assert keeper.run.held == ""
    assert library.store.failures(5) == ([], 0)


def test_nothing_is_held_once_nothing_waits(keeper, library, tmp_path, monkeypatch):
    def add(paths, **options):
        raise LibraryError("The disk is full.")

    monkeypatch.setattr(library, "add", add)
    folder = tmp_path / "wrong"
    folder.mkdir()
    write(folder, tides=TIDES)
    library.store.watch(str(folder))
    keeper.look()
    keeper.start()
    wait(lambda: keeper.run.held)
    assert keeper.unwatch(str(folder))
    wait(lambda: not keeper.run.held)
    assert not keeper.run.busy
    assert not keeper.unwatch(str(folder))


def test_there_is_one_keeper_a_library(library, tmp_path):
    other = Library(tmp_path / "other", FakeEmbedder())
    assert keeper_of(library) is keeper_of(library)
    assert keeper_of(library) is not keeper_of(other)
    for each in (library, other):
        each.close()


def test_stopping_ends_the_threads(library):
    before = set(threading.enumerate())
    keeper = Keeper(library)
    keeper.start()
    keeper.stop()
    assert set(threading.enumerate()) == before
    library.close()


# -- uploads --------------------------------------------------------------------------------------


def temporary(library: Library, name: str, content: str) -> Path:
    folder = library.folder / "page-1-x" / "abc"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content)
    return folder / name


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("notes.txt", "notes.txt"),
        ("a/b/notes.txt", "a/b/notes.txt"),
        ("../../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("..\\..\\x.txt", "x.txt"),
        (".bashrc", "bashrc"),
        ("a\x00\n\x1b[2Jb.txt", "a___[2Jb.txt"),
        ("", "file"),
        ("//.//..", "file"),
        ("é" * 200 + ".txt", "é" * 73 + ".txt"),
        ("\udcff.txt", "?.txt"),
    ],
)
def test_a_name_never_leads_out_of_the_library(library, name, kept):
    (path,) = uploads.keep([temporary(library, "x", "words")], library.folder, [name])
    assert path.relative_to(library.folder.absolute() / "uploads") == Path(kept)
    assert path.read_text() == "words"
    library.close()


def test_only_what_was_uploaded_can_be_handed_over(library, tmp_path):
    (tmp_path / "private.txt").write_text("secret")
    link = temporary(library, "real.txt", "x").with_name("link.txt")
    link.symlink_to(tmp_path / "private.txt")
    for path in (
        str(tmp_path / "private.txt"),
        "/etc/passwd",
        str(library.folder / "page-1-x" / ".." / "library.sqlite"),
        str(library.folder / "library.sqlite"),
        str(link),
        "page-1-x",
        "\x00",
    ):
        with pytest.raises(LibraryError, match="did not arrive whole"):
            uploads.handed_over({"files": [{"path": path, "name": "x.txt"}]}, library.folder)
    real = str(temporary(library, "real.txt", "x"))
    click = {"files": [{"path": real, "name": "x.txt"}, {"path": 7}, "x"]}
    assert uploads.handed_over(click, library.folder) == ([Path(real)], ["x.txt"])
    assert uploads.handed_over({}, library.folder) == ([], [])
    library.close()


@pytest.mark.parametrize(
    ("title", "text", "name", "content"),
    [
        ("My notes", "Some words.", "My notes.txt", "My notes\n\nSome words.\n"),
        ("", "First line\nsecond", "First line.txt", "First line\nsecond\n"),
        ("Plan", "## Head\n\nx\r\ny", "Plan.md", "# Plan\n\n## Head\n\nx\ny\n"),
        ("a/../b", "x", "b.txt", "a/../b\n\nx\n"),
        ("", "\n\n***\n", "pasted text.txt", "***\n"),
    ],
)
def test_pasted_text_is_kept_as_it_is(library, title, text, name, content):
    path = uploads.keep_text(title, text, library.folder)
    assert (path.name, path.read_text()) == (name, content)
    # The same once more is the same file; other words get another.
    assert uploads.keep_text(title, text, library.folder) == path
    assert uploads.keep_text(title, f"{text} more", library.folder) != path
    assert not list(path.parent.glob(".*"))
    library.close()


def test_texts_pasted_at_once_stay_apart(library, monkeypatch):
    # Each thread writes its own text before any of them gives it a name.
    all_written, real = threading.Barrier(8, timeout=10), uploads._keep_one

    def keep_one(file, wanted):
        all_written.wait()
        return real(file, wanted)

    monkeypatch.setattr(uploads, "_keep_one", keep_one)
    with ThreadPoolExecutor(8) as threads:
        paths = list(
            threads.map(lambda n: uploads.keep_text("Note", f"Text {n}.", library.folder), range(8))
        )
    assert [path.read_text() for path in paths] == [f"Note\n\nText {n}.\n" for n in range(8)]
    assert len(list((library.folder / "uploads").iterdir())) == 8
    library.close()


def test_nothing_pasted_is_said(library):
    with pytest.raises(LibraryError, match="no text"):
        uploads.keep_text("Title", " \n", library.folder)
    library.close()


def test_only_kept_files_are_deleted(library, tmp_path):
    (tmp_path / "own.txt").write_text("x")
    uploads.drop(tmp_path / "own.txt", library.folder)
    uploads.drop(library.folder / "uploads" / ".." / "library.sqlite", library.folder)
    assert (tmp_path / "own.txt").exists()
    assert (library.folder / "library.sqlite").exists()
    (path,) = uploads.keep([temporary(library, "x", "y")], library.folder, ["a/b/c.txt"])
    uploads.drop(path, library.folder)
    assert list((library.folder / "uploads").iterdir()) == []
    library.close()
