"""Larger kinds of the vector index: the same neighbours, kept up with the library."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index import nearest
from index.store import Store
from index.types import Analysis, LoadedText, Passage, Role
from index.vectors import VectorIndex
from models.protocols import FloatMatrix

DIM = 24


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "BYTES_FROM", 100)
    monkeypatch.setattr(nearest, "LISTS_FROM", 600)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "library")
    store.use_embedder("fake", DIM)
    yield store
    store.close_all()


def clustered(n: int, seed: int) -> FloatMatrix:
    """Unit vectors around 30 centres, as embeddings lie."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(30, DIM))
    rows = centres[rng.integers(0, 30, n)] + 0.4 * rng.normal(size=(n, DIM))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def put(store: Store, vectors: FloatMatrix, path: str) -> int:
    text = "x" * len(vectors)
    passages = [Passage(0, 0, i, i + 1, "x", "", Role.BODY) for i in range(len(vectors))]
    with store.transaction():
        document = store.begin_document(path, sha256=path, size=1, title="a")
        store.append(document.id, LoadedText(text), Analysis(()), passages, vectors)
        store.finish_document(document.id)
    return document.id


def recall(store: Store, index: VectorIndex, within: list[int] | None = None) -> float:
    """Share of the ten exact neighbours that are found, over 40 questions; cosines must be exact."""
    ids = store.vector_ids() if within is None else np.array(within)
    vectors = store.vectors(ids.tolist())
    hits = 0
    for query in clustered(40, 7):
        cosines = vectors @ query
        best = set(ids[np.argsort(-cosines)[:10]].tolist())
        found = index.search(query[None], 10, within)
        known = dict(zip(ids.tolist(), cosines.tolist(), strict=True))
        for ident, cosine in found:
            assert cosine == pytest.approx(known[ident], abs=1e-5)
        assert [c for _, c in found] == sorted((c for _, c in found), reverse=True)
        hits += len(best & {i for i, _ in found})
    return hits / 400


def grown(store: Store) -> VectorIndex:
    """An index that has become the kind that suits the library."""
    index = VectorIndex(store, DIM)
    index.search(clustered(1, 3), 5)
    index.wait()
    index.search(clustered(1, 3), 5)
    return index


@pytest.mark.parametrize(("n", "kind"), [(80, "full"), (300, "bytes"), (900, "lists")])
def test_the_neighbours_are_those_of_an_exact_search(store: Store, n: int, kind: str) -> None:
    put(store, clustered(n, 1), "/a")
    index = grown(store)
    assert nearest.kind_of(index._index) == kind == nearest.kind_for(n)
    assert recall(store, index) >= 0.98
    assert recall(store, index, store.vector_ids().tolist()[::7]) >= 0.98


@pytest.mark.parametrize("n", [300, 900])
def test_changes_are_caught_up_with(store: Store, n: int) -> None:
    first = put(store, clustered(n, 1), "/a")
    index = grown(store)
    put(store, clustered(60, 2), "/b")
    assert recall(store, index) >= 0.98
    store.remove_document(first)
    assert recall(store, index) >= 0.98
    assert len(index.search(clustered(1, 3), 30)) == 30
    assert len(index.search(clustered(1, 3), 500)) == 60


def test_the_larger_one_is_saved_without_another_search(store: Store) -> None:
    put(store, clustered(300, 1), "/a")
    index = VectorIndex(store, DIM)
    index.search(clustered(1, 3), 5)
    index.wait()
    assert index.path.exists()
    again = VectorIndex(store, DIM)
    again.search(clustered(1, 3), 5)
    assert nearest.kind_of(again._index) == "bytes"


@pytest.mark.parametrize("n", [300, 900])
def test_the_file_is_read_again(store: Store, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, clustered(n, 1), "/a")
    kind = nearest.kind_of(grown(store)._index)
    monkeypatch.setattr(nearest, "build", None)
    again = VectorIndex(store, DIM)
    assert recall(store, again) >= 0.98
    assert nearest.kind_of(again._index) == kind


def test_the_smaller_one_answers_until_the_larger_is_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, clustered(300, 1), "/a")
    build = nearest.build

    def broken(kind, *rest):
        if kind == "full":
            return build(kind, *rest)
        raise MemoryError("no room")

    monkeypatch.setattr(nearest, "build", broken)
    index = grown(store)
    assert nearest.kind_of(index._index) == "full"
    assert recall(store, index) == 1.0
    monkeypatch.undo()


def test_ids_are_those_that_were_added() -> None:
    vectors = clustered(900, 1)
    for kind in ("full", "bytes", "lists"):
        ids = np.arange(5, 905, dtype=np.int64)
        index = nearest.build(kind, DIM, ids, lambda wanted: vectors[np.array(wanted) - 5])
        assert (nearest.ids_of(index) == ids).all()
        index.remove_ids(ids[:100])
        assert (nearest.ids_of(index) == ids[100:]).all()
