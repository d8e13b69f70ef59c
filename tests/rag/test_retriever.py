from pathlib import Path

import numpy as np
import pytest

from index.library import Library
from index.types import Role
from models.fake import FakeEmbedder
from rag.retriever import Retriever


def test_the_right_passage_comes_first(library: Library) -> None:
    hits = Retriever(library).retrieve("In which city was the third workshop held?", 5)
    assert "Shanghai" in hits[0].passage.text


def test_hits_are_ranked_from_one(library: Library) -> None:
    for top_k in (1, 3, 50):
        hits, vector = Retriever(library).retrieve_with_vector("export controls on chips", top_k)
        assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
        assert len(hits) <= top_k
        assert vector.shape == (1, library.embedder.dim)
        assert len({hit.passage.id for hit in hits}) == len(hits)
        for hit in hits:
            assert hit.source == "fused"
            own = library.store.vectors([hit.passage.id])[0]
            assert hit.similarity == pytest.approx(float(own @ vector[0]), abs=1e-5)


def test_a_longer_list_begins_like_a_shorter_one(library: Library) -> None:
    retriever = Retriever(library)

    def texts(top_k: int) -> list[int]:
        hits = retriever.retrieve("controls on chips", top_k)
        return [hit.passage.id for hit in hits if hit.passage.role is not Role.FURNITURE]

    for top_k in range(1, 8):
        shorter = texts(top_k)
        assert texts(8)[: len(shorter)] == shorter


def test_furniture_comes_last(library: Library) -> None:
    hits = Retriever(library).retrieve("Subscribe to our newsletter, share and play", 50)
    roles = [hit.passage.role is Role.FURNITURE for hit in hits]
    assert any(roles)
    assert roles == sorted(roles)


@pytest.mark.parametrize("question", ['C++ "AI+5"?', '"', "export-controls", "AND OR NOT", "e*"])
def test_signs_of_a_query_language_are_only_signs(library: Library, question: str) -> None:
    assert Retriever(library).retrieve(question, 3)


def test_near_duplicates_are_folded_into_one(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    words = (
        "The ministry counted forty-seven percent of all leading researchers in the field, more than "
        "in any other country that was looked at in the survey of last year, and said so {}."
    )
    for n, day in enumerate(("on Monday", "on Tuesday", "on Wednesday")):
        (folder / f"{n}.txt").write_text(words.format(day), encoding="utf-8")
    (folder / "other.txt").write_text("Whip four eggs with sugar until pale.", encoding="utf-8")
    library = Library(tmp_path / "library", FakeEmbedder())
    library.add([folder])
    hits = Retriever(library).retrieve("How many leading researchers did the ministry count?", 10)
    assert len(hits) == 2
    assert len(hits[0].duplicates) == 2
    assert [hit.rank for hit in hits] == [1, 2]
    library.close()


def test_an_empty_library_finds_nothing(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", FakeEmbedder())
    hits, vector = Retriever(library).retrieve_with_vector("anything", 5)
    assert hits == []
    assert np.isclose(np.linalg.norm(vector), 1)
    library.close()
