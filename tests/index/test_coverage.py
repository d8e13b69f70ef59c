import dataclasses
from pathlib import Path

import numpy as np
import pytest

from index.coverage import coverage
from index.library import Library
from index.loaders import plain
from index.store import Store
from index.types import Analysis, LoadedText, Passage, Role


def passage(text: str, start: int, end: int, role: Role = Role.BODY) -> Passage:
    return Passage(0, 0, start, end, text[start:end], "", role, n_tokens=end - start)


def add(store: Store, text: str, passages: list[Passage]) -> int:
    with store.transaction():
        document = store.begin_document("/a.txt", sha256="a", size=1, title="a")
        vectors = np.ones((len(passages), 64), dtype=np.float32)
        store.append(document.id, LoadedText(text), Analysis(()), passages, vectors)
        store.finish_document(document.id)
    return document.id


def test_gaps_and_overlaps_do_not_make_up_for_each_other(store: Store) -> None:
    text = "aaa bbb ccc"
    ident = add(store, text, [passage(text, 0, 7), passage(text, 4, 7, Role.FURNITURE)])
    document = store.document(ident)
    assert document is not None
    found = coverage(store, document)
    assert (found.n_chars, found.n_covered, found.n_furniture) == (9, 6, 0)
    assert (found.n_passages, found.max_tokens, found.complete) == (2, 7, False)


def test_every_character_of_an_added_document(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain, "LARGE_BYTES", 1000)
    monkeypatch.setattr(plain, "PIECE_CHARACTERS", 700)
    text = (
        "A title\n\n" + "Some words. 中文字。 More of it 😀!\n\n" * 150 + "Share | Print | Menu\n"
    )
    (tmp_path / "a.txt").write_text(text)
    library.add([tmp_path / "a.txt"])
    (document,) = library.store.documents()
    assert len(library.store.pieces(document.id)) > 3
    found = coverage(library.store, document)
    assert found.complete
    assert found.n_chars == sum(not char.isspace() for char in text)
    assert found.n_passages == library.store.count("passages")
    assert found.max_tokens <= library.embedder.max_tokens


def test_nothing_of_an_unknown_document(store: Store) -> None:
    text = "words"
    document = store.document(add(store, text, [passage(text, 0, 5)]))
    assert document is not None
    assert coverage(store, dataclasses.replace(document, id=99)).n_chars == 0
