import contextlib
import sqlite3
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from index.errors import LibraryError
from index.rows import find_locator
from index.schema import FORMAT_VERSION
from index.store import Store
from index.types import Analysis, Block, LoadedText, Locator, Passage, Role, SourceRange, Span


def put(
    store: Store, path: str = "/d/a.txt", text: str = "Some words here.", *, fail: bool = False
) -> int:
    passage = Passage(
        *(0, 0, 0, len(text), text, "crumb", Role.SPEAKER, "Section", "Ann"),
        speaker_span=(0, 3),
        date="2024",
        n_tokens=5,
    )
    analysis = Analysis(
        (Block(0, len(text), Role.SPEAKER, reason="why"),),
        title=Span(0, 4, "Some"),
        date=Span(5, 10, "words"),
        date_iso="2024-05",
        speakers=(Span(0, 3, "Ann"),),
    )
    with store.transaction():
        document = store.begin_document(path, sha256=path, size=len(text), title="a")
        loaded = LoadedText(text, (SourceRange(0, 4, Locator(line=1)),))
        store.append(document.id, loaded, analysis, [passage], np.ones((1, 64), dtype=np.float32))
        store.describe(document.id, analysis, ["a note"])
        if fail:
            raise RuntimeError("broken off")
        store.finish_document(document.id)
    return document.id


def counts(store: Store) -> tuple[int, ...]:
    return tuple(store.count(name) for name in ("documents", "passages", "vectors", "blocks"))


def test_what_goes_in_comes_out(store: Store) -> None:
    ident = put(store)
    document = store.document(ident)
    assert document is not None
    assert (document.title, document.title_span, document.date) == ("Some", (0, 4), "2024-05")
    assert (document.date_span, document.status, document.n_chars) == ((5, 10), "complete", 16)
    (passage,) = store.document_passages(ident)
    assert (passage.text, passage.section, passage.speaker) == (
        "Some words here.",
        "Section",
        "Ann",
    )
    assert (passage.speaker_span, passage.document_id, passage.n_tokens) == ((0, 3), ident, 5)
    assert store.passages([99, passage.id]) == [passage]
    assert store.text(ident, 5, 10) == "words"
    assert store.blocks(ident) == [(0, 16, Role.SPEAKER, 0, "why")]
    assert store.speakers(ident) == [("Ann", 0, 3)]
    assert store.notes(ident) == ["a note"]
    assert store.locator(ident, 0, 4) == Locator(line=1)
    assert store.locator(ident, 12, 14) is None
    assert store.vectors([passage.id]).shape == (1, 64)


def test_replacing_keeps_the_id_and_leaves_nothing_behind(store: Store) -> None:
    ident = put(store)
    (before,) = store.document_passages(ident)
    assert put(store, text="Other thing.") == ident
    (after,) = store.document_passages(ident)
    assert after.id > before.id, "an id is never given away twice"
    assert counts(store) == (1, 1, 1, 1)
    assert store.match('"words"', 5) == []
    assert [i for i, _ in store.match('"other"', 5)] == [after.id]
    store.remove_document(ident)
    assert counts(store) == (0, 0, 0, 0)
    assert store.match('"other"', 5) == []
    put(store)
    assert store.document_passages(ident) == []


def test_a_broken_off_transaction_changes_nothing(store: Store) -> None:
    ident = put(store)
    before = (store.generation, store.text(ident), counts(store))
    with pytest.raises(RuntimeError):
        put(store, text="Other thing.", fail=True)
    assert (store.generation, store.text(ident), counts(store)) == before


def test_generation_rises_with_each_change(store: Store) -> None:
    seen = [store.generation]
    ident = put(store)
    seen.append(store.generation)
    store.move_document(ident, "/d/b.txt")
    seen.append(store.generation)
    store.remove_document(ident)
    assert seen == [0, 1, 2]
    assert store.generation == 3


def test_text_and_places_over_pieces(store: Store) -> None:
    with store.transaction():
        document = store.begin_document("/a", sha256="", size=1, title="a")
        for start, line in ((0, 1), (10, 2)):
            loaded = LoadedText("0123456789", (SourceRange(2, 8, Locator(line=line)),), start=start)
            store.append(document.id, loaded, Analysis(()), [], np.zeros((0, 64), np.float32))
    assert store.text(document.id, 8, 12) == "8901"
    assert store.text(document.id) == "0123456789" * 2
    assert store.pieces(document.id) == [(0, 10), (10, 20)]
    assert store.locator(document.id, 3, 4) == Locator(line=1)
    assert store.locator(document.id, 13, 14) == Locator(line=2)
    assert store.locator(document.id, 10, 11) is None
    assert store.n_bytes(document.id) == 20


def test_boxes_on_one_page_are_joined() -> None:
    from index.rows import pack_sources

    ranges = (
        SourceRange(0, 5, Locator(page=3, box=(10, 20, 30, 40))),
        SourceRange(5, 9, Locator(page=3, box=(5, 25, 20, 50))),
        SourceRange(9, 12, Locator(page=4, box=(0, 0, 99, 99))),
    )
    packed = pack_sources(LoadedText("", ranges))
    assert find_locator(packed, 2, 11) == Locator(page=3, box=(5, 20, 30, 50))


def test_readers_see_the_last_committed_state(store: Store) -> None:
    ident = put(store)
    seen: list[str] = []

    def read() -> None:
        seen.append(store.text(ident))
        store.close()

    with store.transaction():
        store.begin_document("/d/a.txt", sha256="new", size=1, title="a")
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert seen == ["Some words here."]


def test_a_snapshot_does_not_move(store: Store) -> None:
    other = Store(store.folder)
    put(store)
    with store.snapshot():
        before = store.vector_ids().tolist()
        put(other, "/d/b.txt")
        with store.snapshot():
            assert store.vector_ids().tolist() == before
    assert store.count("vectors") == 2
    other.close_all()


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "library")
    store.close_all()
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_opening_needs_no_lock(store: Store) -> None:
    with store.transaction():
        other = Store(store.folder, create=False)
        other.use_embedder("fake", 64)
        other.close_all()


def test_closing_reaches_the_connections_of_other_threads(store: Store) -> None:
    go, ready = threading.Event(), threading.Event()

    def work() -> None:
        store.documents()
        ready.set()
        go.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(10)
    store.close_all()
    go.set()
    thread.join()
    assert store.documents() == [], "it opens again when it is needed"


# -- what is none of ours -----------------------------------------------------------------------


def test_missing_library(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"There is no library .* footnote add PATH"):
        Store(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("create", [True, False])
def test_folder_that_is_a_file(tmp_path: Path, create: bool) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(LibraryError, match=r"is a file, .* --library DIR"):
        Store(tmp_path / "file", create=create)
    with pytest.raises(LibraryError, match=r"--library DIR|footnote add"):
        Store(tmp_path / "file" / "below", create=create)
    assert (tmp_path / "file").read_text() == "mine"


def test_file_that_is_no_database(tmp_path: Path) -> None:
    data = b"This is a letter, not a database. " * 100
    (tmp_path / "library.sqlite").write_bytes(data)
    with pytest.raises(LibraryError, match=r"not a readable library .* add the documents again"):
        Store(tmp_path)
    assert (tmp_path / "library.sqlite").read_bytes() == data


def test_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE books (title)")
    other.commit()
    other.close()
    data = path.read_bytes()
    with pytest.raises(LibraryError, match="not a Footnote library"):
        Store(tmp_path)
    assert path.read_bytes() == data


@pytest.mark.parametrize("version", [str(FORMAT_VERSION + 1), "99999999999999999999", "two"])
def test_newer_format(store: Store, version: str) -> None:
    with store.transaction():
        store._set_meta("format_version", version)
    with pytest.raises(LibraryError, match=r"Update Footnote|not a Footnote library"):
        Store(store.folder)


def test_truncated_database(store: Store) -> None:
    for i in range(40):
        put(store, f"/d/{i}.txt", "Some words here. " * 200)
    store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close_all()
    data = store.path.read_bytes()
    store.path.write_bytes(data[: len(data) // 3])
    with pytest.raises(LibraryError, match="not a readable library"):
        _read_everything(store.folder)


def _read_everything(folder: Path) -> None:
    store = Store(folder)
    try:
        store.match('"words"', 100)
        for document in store.documents():
            store.text(document.id)
    finally:
        store.close_all()


def test_another_embedder(store: Store) -> None:
    store.use_embedder("other", 8)
    store.use_embedder("fake", 64)  # nothing was embedded yet
    put(store)
    for name, dim in (("other", 64), ("fake", 8)):
        with pytest.raises(LibraryError, match=r"made with embedder fake \(64 .*--embedder fake"):
            store.use_embedder(name, dim)
    store.use_embedder("fake", 64)


def test_disk_full_and_busy(store: Store) -> None:
    ident = put(store)
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LibraryError, match=r"disk is full.* free some space"):
        put(store, "/d/b.txt", "x " * 200_000)
    assert counts(store) == (1, 1, 1, 1)
    store._connection.execute("PRAGMA max_page_count = 1000000")
    put(store, "/d/b.txt", "x " * 200_000)
    assert store.text(ident) == "Some words here."
    other = Store(store.folder)
    other._connection.execute("PRAGMA busy_timeout = 10")
    with store.transaction(), pytest.raises(LibraryError, match="Another program holds"):
        put(other)
    other.close_all()


def test_what_is_counted_is_never_old(tmp_path: Path) -> None:
    store, other = Store(tmp_path / "counted"), None
    store.use_embedder("fake", 2)
    try:
        other = Store(tmp_path / "counted")
        assert (store.count("passages"), store.document_frequency("lock")) == (0, 0)
        passage = Passage(0, 0, 0, 4, "lock", "", Role.BODY)
        with store.transaction():
            document = store.begin_document("/a", sha256="a", size=1, title="a")
            vectors = np.zeros((1, 2), dtype=np.float32)
            store.append(document.id, LoadedText("lock"), Analysis(()), [passage], vectors)
            # Seen inside, and by nobody else yet.
            assert (store.count("passages"), store.document_frequency("lock")) == (1, 1)
            assert (other.count("passages"), other.document_frequency("lock")) == (0, 0)
            store.finish_document(document.id)
        for either in (store, other):
            assert (either.count("passages"), either.document_frequency("lock")) == (1, 1)
        with contextlib.suppress(KeyError), store.transaction():
            store._connection.execute("DELETE FROM passages")
            assert store.count("passages") == 0
            raise KeyError  # so that it never happened
        assert store.count("passages") == 1
    finally:
        store.close_all()
        if other is not None:
            other.close_all()
