from dataclasses import replace
from pathlib import Path

import pytest

from index.library import Library
from models.fake import FakeEmbedder
from rag.citing import Citer
from rag.staleness import stale_documents
from rag.types import Answer, Sentence

TIDE = "The tide came in at noon and covered the beach."


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library", FakeEmbedder())


def cited(library: Library, file: Path) -> Answer:
    document = library.store.document_at(str(file))
    assert document is not None
    citation = Citer(library).cite_document(document.id, 0, len(TIDE))
    sentence = Sentence(TIDE, "quote", "supported", (citation,))
    return Answer("q", "q", "answered", None, 1.0, (sentence,), (), "r", "g", "e")


@pytest.mark.parametrize(
    ("later", "change"),
    [
        (TIDE + " It left at dusk.", "edited"),
        ("At noon " + TIDE, "changed"),
        (None, "gone"),
    ],
)
def test_what_became_of_the_cited_document(
    library: Library, tmp_path: Path, later: str | None, change: str
) -> None:
    file = tmp_path / "tides.txt"
    file.write_text(TIDE)
    library.add([file])
    answer = cited(library, file)
    assert stale_documents(library.store, answer) == ()
    if later is None:
        file.unlink()
        library.add([tmp_path], sync=True)
    else:
        file.write_text(later)
        library.add([file])
    (stale,) = stale_documents(library.store, answer)
    assert (stale.title, stale.change) == ("tides", change)


def test_a_citation_of_no_known_document_is_gone(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "tides.txt"
    file.write_text(TIDE)
    library.add([file])
    (sentence,) = cited(library, file).sentences
    gone = replace(sentence.citations[0], document="x", path="/gone", sha256="0")
    odd = replace(sentence, citations=(gone,))
    answer = replace(cited(library, file), sentences=(odd,))
    assert [one.change for one in stale_documents(library.store, answer)] == ["gone"]


def test_another_number_is_the_same_document(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "tides.txt"
    file.write_text(TIDE)
    library.add([file])
    answer = cited(library, file)
    (sentence,) = answer.sentences
    for number in ("77", "9" * 40, "٣", "-1"):
        other = replace(sentence, citations=(replace(sentence.citations[0], document=number),))
        assert stale_documents(library.store, replace(answer, sentences=(other,))) == ()
