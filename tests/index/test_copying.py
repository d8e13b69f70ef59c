"""A library's documents in another one, cut and embedded anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.copying import copy_documents
from index.library import Library
from models.fake import FakeEmbedder

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "documents"


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "first", FakeEmbedder())
    library.add([SAMPLES])
    yield library
    library.close()


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "second", FakeEmbedder(name="other", dim=32, max_tokens=90))
    yield library
    library.close()


def held(library: Library) -> set[tuple[str, str]]:
    return {(d.path, d.sha256) for d in library.store.documents() if d.status == "complete"}


def shape(library: Library, path: str) -> object:
    """Everything of a document that no embedder changes."""
    store = library.store
    document = store.document_at(path)
    assert document is not None
    ends = [stop for _, stop in store.pieces(document.id)]
    places = range(0, ends[-1], 97)
    return (
        (document.title, document.date, document.title_span, document.date_span, document.status),
        (document.sha256, document.n_chars, store.notes(document.id), store.size(document.id)),
        store.text(document.id),
        store.blocks(document.id),
        store.speakers(document.id),
        [store.locator(document.id, at, at + 1) for at in places],
    )


def owners(library: Library, path: str) -> list[object]:
    """Role, section, speaker and date that each 50th character's passage has."""
    document = library.store.document_at(path)
    assert document is not None
    passages = library.store.document_passages(document.id)
    return [
        next(
            ((p.role, p.section, p.speaker, p.date) for p in passages if p.start <= at < p.end),
            None,
        )
        for at in range(0, document.n_chars, 50)
    ]


def test_a_copy_says_the_same_in_other_passages(first: Library, second: Library) -> None:
    report = copy_documents(first.store, second)
    documents = first.store.documents()
    assert report.n_copied == len(documents) > 10
    assert held(second) == held(first)
    for document in documents:
        assert shape(second, document.path) == shape(first, document.path)
        wanted, found = owners(first, document.path), owners(second, document.path)
        pairs = [(a, b) for a, b in zip(wanted, found, strict=True) if a and b]
        assert sum(a == b for a, b in pairs) > 0.97 * len(pairs), document.path
    assert second.store.count("passages") > first.store.count("passages")
    assert second.store.vectors(second.store.vector_ids()[:3].tolist()).shape == (3, 32)
    counted = second.embedder.count_tokens(
        [f"{p.breadcrumb}\n{p.text}" for p in second.store.document_passages(1)]
    )
    assert max(counted) <= 90


def test_it_needs_no_files_and_goes_on_where_it_stopped(
    first: Library, second: Library, tmp_path: Path
) -> None:
    path = tmp_path / "gone.txt"
    path.write_text("A note on rents.\n\nThey rose by 4 %.", encoding="utf-8")
    first.add([path])
    path.unlink()
    copy_documents(first.store, second)
    assert second.store.document_at(str(path)) is not None
    again = copy_documents(first.store, second)
    assert (again.n_copied, again.n_passages, again.n_removed) == (0, 0, 0)
    assert again.n_same == len(first.store.documents())


def test_what_was_removed_or_changed_is_so_in_the_copy(
    first: Library, second: Library, tmp_path: Path
) -> None:
    path = tmp_path / "note.txt"
    path.write_text("The old words.", encoding="utf-8")
    first.add([path])
    copy_documents(first.store, second)
    path.write_text("The new words.", encoding="utf-8")
    first.add([path])
    first.remove(next(d.id for d in first.store.documents() if d.path != str(path)))
    report = copy_documents(first.store, second)
    assert (report.n_copied, report.n_removed) == (1, 1)
    copied = second.store.document_at(str(path))
    assert copied is not None
    assert second.store.text(copied.id) == "The new words."
    assert held(second) == held(first)
