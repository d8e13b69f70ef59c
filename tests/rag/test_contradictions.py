"""What is noticed when a document arrives that says something else than one that is there."""

from pathlib import Path

import pytest

from rag.contradictions import contradictions
from rag.pipeline import open_library
from rag.settings import Settings

OLD = "Published 3 May 2025\n\nThe third workshop in Shanghai brought together delegates from 38 countries."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def added(folder: Path, *texts: str) -> tuple[list[str], int]:
    """Notes on the last of some documents, and how many contradictions it has."""
    library = open_library(Settings(library=folder.parent / "library", embedder="fake"))
    notes: tuple[str, ...] = ()
    for number, text in enumerate(texts):
        path = folder / f"note-{number}.txt"
        path.write_text(text, encoding="utf-8")
        notes = library.add([path]).files[0].notes
    last = library.store.documents()[-1]
    n = len(contradictions(library, last.id))
    library.close()
    return [note for note in notes if note.startswith("Differs")], n


def test_another_number_for_the_same_thing_is_noticed(folder: Path) -> None:
    new = (
        "A digest.\n\nDelegates from 36 countries came together at the third workshop in Shanghai."
    )
    notes, n = added(folder, OLD, new)
    assert n == 1
    assert notes[0].startswith("Differs from note-0.txt: “36” here, “38” there.")
    assert "brought together delegates from 38 countries." in notes[0]


def test_words_of_other_languages_are_words(folder: Path) -> None:
    old = "Die neue Brücke über die Gera bei Arnstadt ist nach Angaben der Gemeinde 40 Meter lang."
    new = "Nach Angaben der Gemeinde ist die neue Brücke über die Gera bei Arnstadt 60 Meter lang."
    assert added(folder, old, new)[1] == 1


@pytest.mark.parametrize(
    "new",
    [
        "Delegates from 38 countries came together at the third workshop in Shanghai.",
        "Delegates from 36 companies came together at the third workshop in Shanghai.",
        "In 2019 delegates from 36 countries came together at the third workshop in Shanghai.",
        "Published 3 May 2021\n\nDelegates from 36 countries came to the third workshop in Shanghai.",
        "We came together with delegates from 36 countries at the third workshop in Shanghai.",
        "Delegates from 36 countries came together at the third workshop in Osaka.",
        "36 countries.",
    ],
    ids=["same", "other things", "other year", "older document", "we", "other place", "nothing"],
)
def test_what_may_both_be_true_is_not(folder: Path, new: str) -> None:
    assert added(folder, OLD, new) == ([], 0)


def test_rounding_is_no_contradiction(folder: Path) -> None:
    old = "The training of DeepSeek V3 cost 5.576 million dollars according to its makers."
    new = "According to its makers the training of DeepSeek V3 cost 5.6 million dollars."
    assert added(folder, old, new) == ([], 0)
    other = "According to its makers the training of DeepSeek V3 cost 6.5 million dollars."
    assert added(folder, other)[1] == 1


def test_a_form_is_no_contradiction(folder: Path) -> None:
    form = "The tenant of Arlen House pays a monthly rent of {} euros to the owner of Arlen House."
    assert added(folder, *(form.format(n) for n in (500, 610, 720, 830, 940)))[1] == 0
