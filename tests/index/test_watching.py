"""Looks at watched folders: new, changed, vanished, and back again."""

import os
import time
from pathlib import Path

import pytest

from index.errors import LibraryError
from index.library import Library
from index.listing import Wanted
from index.watching import look, watchable


@pytest.fixture
def folder(library: Library, docs: Path) -> str:
    path = watchable(docs, library.folder)
    library.store.watch(path)
    return path


def settle(library: Library, folder: str) -> list[str]:
    """Look, add what is new, and give its names."""
    found = look(library.store, folder, settled_s=0)
    if found.new:
        library.add([Path(path) for path in found.new])
        library.store.taken(found.new)
    return sorted(Path(path).name for path in found.new)


def test_new_and_changed_files_wait_to_be_added(library: Library, folder: str, docs: Path) -> None:
    assert settle(library, folder) == ["bridge.txt", "harbour.txt"]
    assert settle(library, folder) == []
    (docs / "deeper").mkdir()
    (docs / "deeper" / "new.md").write_text("# New\n\nA new one.\n")
    (docs / "bridge.txt").write_text("The old bridge\n\nIt fell.\n")
    (docs / "photo.jpg").write_bytes(b"x")
    assert settle(library, folder) == ["bridge.txt", "new.md"]
    assert [w.n_files for w in library.store.watched()] == [3]


def test_a_vanished_file_is_marked_and_its_document_stays(
    library: Library, folder: str, docs: Path
) -> None:
    settle(library, folder)
    (docs / "bridge.txt").rename(docs.parent / "bridge.txt")
    found = look(library.store, folder, settled_s=0)
    assert [Path(path).name for path in found.gone] == ["bridge.txt"]
    page = library.store.list_page(Wanted(status="missing"))
    assert [row.document.title for row in page.rows] == ["The new bridge"]
    assert library.store.n_missing() == 1
    (docs.parent / "bridge.txt").rename(docs / "bridge.txt")
    found = look(library.store, folder, settled_s=0)
    assert [Path(path).name for path in found.back] == ["bridge.txt"]
    assert library.store.n_missing() == 0


def test_a_renamed_file_is_not_missing(library: Library, folder: str, docs: Path) -> None:
    settle(library, folder)
    (docs / "bridge.txt").rename(docs / "viaduct.txt")
    assert settle(library, folder) == ["viaduct.txt"]
    assert library.store.n_missing() == 0
    assert library.store.count("documents") == 2


def test_a_folder_that_is_away_has_lost_nothing(library: Library, folder: str, docs: Path) -> None:
    settle(library, folder)
    docs.rename(docs.with_name("away"))
    assert not look(library.store, folder, settled_s=0).there
    assert library.store.n_missing() == 0
    docs.with_name("away").rename(docs)
    assert settle(library, folder) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_that_may_not_be_entered_has_lost_nothing(
    library: Library, folder: str, docs: Path
) -> None:
    inner = docs / "inner"
    inner.mkdir()
    (inner / "x.txt").write_text("Some words here.\n")
    settle(library, folder)
    inner.chmod(0)
    try:
        assert look(library.store, folder, settled_s=0).gone == ()
    finally:
        inner.chmod(0o700)


def test_a_file_that_is_being_written_is_left_to_the_next_look(
    library: Library, folder: str, docs: Path
) -> None:
    settle(library, folder)
    (docs / "growing.txt").write_text("half of")
    assert look(library.store, folder, settled_s=60).new == ()
    old = time.time() - 100
    os.utime(docs / "growing.txt", (old, old))
    assert [Path(p).name for p in look(library.store, folder, settled_s=60).new] == ["growing.txt"]


def test_a_removed_document_is_not_added_again_until_its_file_changes(
    library: Library, folder: str, docs: Path
) -> None:
    settle(library, folder)
    library.remove(library.store.document_at(str(docs / "bridge.txt")).id)
    assert settle(library, folder) == []
    (docs / "bridge.txt").write_text("Another bridge\n\nIt stands.\n")
    assert settle(library, folder) == ["bridge.txt"]


def test_watched_no_more_leaves_the_documents(library: Library, folder: str, docs: Path) -> None:
    settle(library, folder)
    (docs / "bridge.txt").unlink()
    look(library.store, folder, settled_s=0)
    assert library.store.unwatch(folder)
    assert not library.store.unwatch(folder)
    assert library.store.count("documents") == 2
    assert library.store.n_missing() == 0
    assert library.store.watched_files(folder) == {}


def test_only_folders_outside_the_library_can_be_watched(library: Library, docs: Path) -> None:
    for path, words in (
        (docs / "none", "does not exist"),
        (docs / "bridge.txt", "is a file"),
        (library.folder, "in the library itself"),
    ):
        with pytest.raises(LibraryError, match=words):
            watchable(path, library.folder)


def test_what_waits_because_of_a_folder_goes_with_it(library: Library, tmp_path: Path) -> None:
    store = library.store
    inner = tmp_path / "home" / "notes"
    inner.mkdir(parents=True)
    (inner / "note.txt").write_text("A note\n\nOf words.\n")
    (tmp_path / "home" / "stray.txt").write_text("A stray\n\nOf words.\n")
    for folder in (inner, inner.parent):
        store.watch(str(folder))
        look(store, str(folder), settled_s=0)
    own = str(inner.parent / "library" / "uploads" / "handed-in.txt")
    store.hand_in([(own, "")])
    assert store.n_waiting() == 3
    assert store.unwatch(str(inner.parent))
    # What was handed in by hand waits on, and so does what another watched folder covers.
    assert store.n_waiting() == 2
    assert store.unwatch(str(inner))
    assert store.next_in().path == own
    assert store.n_waiting() == 1
    # A look that began before hands nothing in.
    store.keep_look(str(inner), seen=[(str(inner / "note.txt"), 1, 1)])
    assert store.n_waiting() == 1
