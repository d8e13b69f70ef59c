"""Made-up libraries for growth curves: as many passages as asked, with neighbours worth finding."""

from pathlib import Path

import numpy as np
import pytest

from eval.scale import KnownQuestions, MadeUp, draw_vectors, fill, measure, model_of
from index.evidence_table import EvidenceTable
from index.lexical import LexicalIndex
from index.library import Library
from index.store import Store
from index.vectors import VectorIndex
from models.fake import FakeEmbedder

QUESTIONS = ["Which pump floods the cellar?", "When does the ferry leave?"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("like")
    for i in range(30):
        text = (
            f"Note {i}\n\nThe pump number {i} floods the cellar. The ferry leaves at {i} past ten."
        )
        (folder / f"{i}.txt").write_text(text)
    library = Library(folder / "library", FakeEmbedder())
    library.add([folder])
    made = model_of(library.store)
    library.close()
    return made


def test_vectors_lie_near_real_ones(model):
    rows = draw_vectors(model, 200, np.random.default_rng(0))
    assert rows.shape == (200, model.vectors.shape[1])
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    nearest = (rows @ model.vectors.T).max(axis=1)
    noise = np.random.default_rng(1).normal(size=rows.shape)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    assert nearest.mean() > (noise @ model.vectors.T).max(axis=1).mean() + 0.3


def test_a_made_up_library_is_measured(model, tmp_path: Path):
    store = Store(tmp_path)
    embedder = KnownQuestions(FakeEmbedder(), QUESTIONS)
    store.use_embedder(embedder.name, embedder.dim)
    fill(store, model, 700)
    assert store.count("passages") == 700
    assert store.count("documents") == 2
    vectors = VectorIndex(store, embedder.dim)
    library = MadeUp(store, embedder, vectors, LexicalIndex(store), EvidenceTable(store))
    found = measure(library, QUESTIONS)
    assert found["passages"] == 700
    assert found["recall@10"] == 1.0
    assert found["retrieve_ms_p95"] >= found["retrieve_ms_p50"] > 0
    store.close_all()


def test_the_same_seed_makes_the_same_library(model, tmp_path: Path):
    texts = []
    for name in ("a", "b"):
        store = Store(tmp_path / name)
        store.use_embedder("fake", model.vectors.shape[1])
        fill(store, model, 20, seed=3)
        texts.append([p.text for p in store.passages(store.vector_ids().tolist())])
        store.close_all()
    assert texts[0] == texts[1]
