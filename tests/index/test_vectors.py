import json
import logging
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.store import Store
from index.types import Analysis, LoadedText, Passage, Role
from index.vectors import VectorIndex
from models.protocols import FloatMatrix

DIM = 8


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "library")
    store.use_embedder("fake", DIM)
    yield store
    store.close_all()


def unit(rows: FloatMatrix) -> FloatMatrix:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def rows(n: int, seed: int = 0) -> FloatMatrix:
    return unit(np.random.default_rng(seed).normal(size=(n, DIM)).astype(np.float32))


def put(store: Store, vectors: FloatMatrix, path: str = "/a") -> int:
    text = "x" * len(vectors)
    passages = [Passage(0, 0, i, i + 1, "x", "", Role.BODY) for i in range(len(vectors))]
    with store.transaction():
        document = store.begin_document(path, sha256=path, size=1, title="a")
        store.append(document.id, LoadedText(text), Analysis(()), passages, vectors)
        store.finish_document(document.id)
    return document.id


def brute_force(store: Store, vector: FloatMatrix, limit: int) -> list[tuple[int, float]]:
    ids = store.vector_ids().tolist()
    scores = (store.vectors(ids) @ vector[0]).tolist()
    return sorted(zip(ids, scores, strict=True), key=lambda pair: (-pair[1], pair[0]))[:limit]


def check(store: Store, index: VectorIndex, limit: int = 10) -> None:
    for seed in range(3):
        query = rows(1, seed + 100)
        found, expected = index.search(query, limit), brute_force(store, query, limit)
        assert [i for i, _ in found] == [i for i, _ in expected]
        assert [s for _, s in found] == pytest.approx([s for _, s in expected], abs=1e-6)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None
)
@given(st.integers(0, 300), st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_like_brute_force(store: Store, n: int, limit: int, seed: int) -> None:
    if n:
        put(store, rows(n, seed))
    check(store, VectorIndex(store, DIM), limit)


def test_ties_go_by_id_and_limits_are_prefixes(store: Store) -> None:
    same = np.repeat(rows(1, 5), 40, axis=0)
    put(store, np.concatenate([rows(10), same]))
    index = VectorIndex(store, DIM)
    whole = index.search(rows(1, 5), 50)
    assert [i for i, _ in whole[:40]] == list(range(11, 51))
    for limit in (1, 2, 7, 39, 40, 41):
        assert index.search(rows(1, 5), limit) == whole[:limit]


def test_nothing_in_it(store: Store) -> None:
    assert VectorIndex(store, DIM).search(rows(1), 5) == []


def test_adding_and_removing_is_caught_up_with(store: Store) -> None:
    first = put(store, rows(30), "/a")
    index = VectorIndex(store, DIM)
    check(store, index)
    second = put(store, rows(20, 1), "/b")
    check(store, index)
    store.remove_document(first)
    check(store, index)
    put(store, rows(25, 2), "/b")
    check(store, index)
    store.remove_document(second)
    assert index.search(rows(1), 5) == []
    put(store, rows(5, 3), "/c")
    check(store, VectorIndex(store, DIM))


def test_the_file_saves_rebuilding(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, rows(50))
    check(store, VectorIndex(store, DIM))
    asked: list[int] = []
    read = store.vectors
    monkeypatch.setattr(store, "vectors", lambda ids: asked.append(len(ids)) or read(ids))
    VectorIndex(store, DIM).search(rows(1), 5)
    assert sum(asked) <= 16, "only a few are compared"


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) * 2 // 3] ^= 4
    path.write_bytes(data)


def edit(path: Path, **values: object) -> None:
    described = json.loads(path.read_text())
    path.write_text(json.dumps({**described, **values}))


DAMAGE = {
    "missing": lambda path, side: path.unlink(),
    "missing description": lambda path, side: side.unlink(),
    "both missing": lambda path, side: (path.unlink(), side.unlink()),
    "empty": lambda path, side: path.write_bytes(b""),
    "empty description": lambda path, side: side.write_bytes(b""),
    "truncated": lambda path, side: path.write_bytes(path.read_bytes()[:-40]),
    "one bit": lambda path, side: flip(path),
    "no index": lambda path, side: path.write_bytes(b"hello"),
    "a list": lambda path, side: side.write_text("[]"),
    "a number": lambda path, side: side.write_text("7"),
    "not text": lambda path, side: side.write_bytes(b"\xff\xfe\x00"),
    "foreign": lambda path, side: edit(side, library="other:fake"),
    "other size": lambda path, side: edit(side, dim=3),
    "a folder": lambda path, side: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_is_rebuilt(
    store: Store, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    put(store, rows(50))
    index = VectorIndex(store, DIM)
    check(store, index)
    DAMAGE[name](index.path, index.path.with_suffix(".json"))
    with caplog.at_level(logging.WARNING):
        check(store, VectorIndex(store, DIM))
    if name == "a folder":
        return
    caplog.clear()
    check(store, VectorIndex(store, DIM))
    assert not caplog.records, "it was written anew"


def test_an_older_file_is_caught_up(store: Store, tmp_path: Path) -> None:
    put(store, rows(20), "/a")
    index = VectorIndex(store, DIM)
    check(store, index)
    for path in (index.path, index.path.with_suffix(".json")):
        shutil.copy(path, tmp_path)
    store.remove_document(put(store, rows(20, 1), "/b"))
    put(store, rows(30, 2), "/a")
    check(store, index)
    for path in (index.path, index.path.with_suffix(".json")):
        shutil.copy(tmp_path / path.name, path)
    check(store, VectorIndex(store, DIM))


def test_a_library_put_back_from_a_copy(store: Store, tmp_path: Path) -> None:
    """Its ids are given away again; the file must not stand for the wrong passages."""
    put(store, rows(20), "/a")
    store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(store.path, tmp_path / "copy.sqlite")
    put(store, rows(20, 1), "/b")
    check(store, VectorIndex(store, DIM))
    store.close_all()
    for path in store.folder.glob("library.sqlite*"):
        path.unlink()
    shutil.copy(tmp_path / "copy.sqlite", store.path)
    put(store, rows(20, 2), "/c")
    check(store, VectorIndex(store, DIM))


def test_a_folder_that_cannot_be_written_only_costs_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("index.vectors.os.fsync", full)
    put(store, rows(20))
    index = VectorIndex(store, DIM)
    check(store, index)
    assert not list(store.folder.glob("*.tmp"))
    assert not index.path.exists()


def test_files_are_private(store: Store) -> None:
    put(store, rows(3))
    index = VectorIndex(store, DIM)
    index.search(rows(1), 1)
    assert index.path.stat().st_mode & 0o077 == 0


def test_removing_while_searching(store: Store) -> None:
    """Searches in threads while another connection removes and adds; none may fail."""
    put(store, rows(200), "/keep")
    index = VectorIndex(store, DIM)
    errors: list[BaseException] = []
    done = threading.Event()

    def search() -> None:
        try:
            while not done.is_set():
                index.search(rows(1), 5)
        except BaseException as error:
            errors.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    other = Store(store.folder)
    for i in range(15):
        other.remove_document(put(other, rows(50, i), "/b"))
    done.set()
    for thread in threads:
        thread.join()
    other.close_all()
    assert errors == []
    check(store, index)
