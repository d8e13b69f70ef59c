"""Libraries in a temporary folder, with the stand-in embedder, closed after each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.library import Library
from index.store import Store
from models.fake import FakeEmbedder

OpenLibrary = Callable[..., Library]


@pytest.fixture
def open_library(tmp_path: Path) -> Iterator[OpenLibrary]:
    """Opens `tmp_path/library`, as often as wanted, or another folder."""
    opened: list[Library] = []

    def open_one(folder: Path | None = None, embedder: FakeEmbedder | None = None) -> Library:
        library = Library(folder or tmp_path / "library", embedder or FakeEmbedder())
        opened.append(library)
        return library

    yield open_one
    for library in opened:
        library.close()


@pytest.fixture
def library(open_library: OpenLibrary) -> Library:
    return open_library()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "library")
    store.use_embedder("fake", 64)
    yield store
    store.close_all()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder with two documents."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "harbour.txt").write_text(
        "The harbour in winter\n\nThe harbour froze early. Nobody minded the cold.\n"
    )
    (folder / "bridge.txt").write_text(
        "The new bridge\n\nThe bridge was opened in May. It cost 40 million crowns.\n"
    )
    return folder
