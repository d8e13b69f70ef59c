"""The evidence table: what it holds, and that it is never behind or ahead of the passages."""

from pathlib import Path

import pytest

from index.evidence_table import facts_of
from index.library import Library
from models.fake import FakeEmbedder

TEXT = (
    "Harbour report\n\n3 May 2021\n\nThe Kelm yard paid 1,200 euros, forty-seven percent more than in "
    "April 2020. “We are glad”, said Mara Odum.\n"
)


@pytest.fixture
def library(tmp_path: Path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    made = Library(tmp_path / "library", FakeEmbedder())
    made.add([tmp_path / "a.txt"])
    yield made
    made.close()


def told(library: Library, kind: str, **wanted) -> list[tuple[str, float | None, str]]:
    store = library.store
    library.evidence.catch_up()
    return [
        (store.text(fact.document_id, fact.start, fact.end), fact.value, fact.norm)
        for fact in library.evidence.facts(kind, **wanted)
    ]


def test_facts_are_normalised_and_stand_where_they_say(library: Library) -> None:
    assert told(library, "amount") == [
        ("1,200 euros", 1200.0, "EUR"),
        ("forty-seven percent", 47.0, "%"),
    ]
    assert told(library, "date") == [
        ("3 May 2021", None, "2021-05-03"),
        ("April 2020", None, "2020-04"),
    ]
    assert ("Mara Odum", None, "mara odum") in told(library, "name")
    assert told(library, "quotation") == [("We are glad", None, "we are glad")]
    assert told(library, "amount", norm="EUR") == [("1,200 euros", 1200.0, "EUR")]
    assert told(library, "amount", documents=[999]) == []


def test_it_is_made_when_documents_are_added(library: Library) -> None:
    assert library.store.facts_until == max(library.store.vector_ids())
    assert library.evidence.catch_up() == 0


def test_it_goes_with_the_document(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT.replace("1,200", "1,300"), encoding="utf-8")
    library.add([tmp_path / "a.txt"])
    assert [value for _, value, _ in told(library, "amount")] == [1300.0, 47.0]
    library.remove(library.store.documents()[0].id)
    assert told(library, "amount") == []
    assert told(library, "name") == []


def test_an_older_library_gets_its_table_when_it_is_asked(library: Library, tmp_path: Path) -> None:
    before = told(library, "amount")
    connection = library.store._connection
    connection.execute("DROP TABLE facts")
    connection.execute("DELETE FROM meta WHERE key = 'facts_until'")
    library.close()
    again = Library(tmp_path / "library", FakeEmbedder(), create=False)
    assert told(again, "amount") == before
    assert again.evidence.catch_up() == 0
    again.close()


def test_nothing_is_added_twice(library: Library) -> None:
    store = library.store
    ids = store.vector_ids().tolist()
    rows = [(ids[0], 1, "amount", 0, 1, 5.0, "EUR")]
    store.add_facts(0, ids[-1], rows)  # somebody else read them first
    assert len(told(library, "amount")) == 2


def test_the_generation_does_not_change(library: Library) -> None:
    store = library.store
    before = store.generation
    store.add_facts(store.facts_until, store.facts_until + 5, [])
    assert store.generation == before


def test_every_fact_of_a_text_is_given_once() -> None:
    found = list(facts_of("In the 1990s 5 km cost £3; on 2 June 2001 nothing."))
    assert [(kind, norm) for kind, *_, norm in found if kind == "date"] == [
        ("date", "1990"),
        ("date", "2001-06-02"),
    ]
    assert [(value, norm) for kind, _, _, value, norm in found if kind == "amount"] == [
        (5000.0, "m"),
        (3.0, "GBP"),
    ]
