"""Lists of documents: what is found, in which order, and how quickly in a library of ten thousand."""

import random
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.listing import Wanted
from index.store import Store
from index.words import fold

N = 10_000
KINDS = ("pdf", "md", "txt", "docx")
TITLES = ("Minutes of the Göteborg council", "Invoice", "étude No. 7", "zebra", "Apple_pie 100%")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Ten thousand documents with ten passages each, written straight into the tables."""
    store = Store(tmp_path_factory.mktemp("large") / "library")
    chance = random.Random(3)
    rows = [
        (
            f"/files/{chance.choice('abc')}/{i:05}.{KINDS[i % 4]}",
            f"{TITLES[i % 5]} {chance.randrange(10**6)}",
            str(i),
            chance.randrange(10**7),
            chance.choice((None, "2024", "2025-03-01", "2023-11")),
            "partial" if i % 100 == 0 else "complete",
            f"2026-01-{1 + i % 28:02}T00:00:00+00:00",
        )
        for i in range(N)
    ]
    with store.transaction():
        write = store._connection.executemany
        write(
            "INSERT INTO documents (path, title, sha256, size, n_chars, date, status, added_at) "
            "VALUES (?, ?, ?, ?, 9, ?, ?, ?)",
            rows,
        )
        write(
            "INSERT INTO passages (document_id, start, end, text, breadcrumb, role, n_tokens) "
            "VALUES (?, ?, ?, 'x', '', 'body', 1)",
            [(1 + i % N, i // N, 1 + i // N) for i in range(10 * N)],
        )
    store.tag_documents(range(1, N, 3), "Tax 2025")
    yield store
    store.close_all()


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(sort="date"),
        Wanted(sort="added", backwards=True),
        Wanted(sort="size"),
        Wanted(words="goteborg 77"),
        Wanted(words="nothing has this"),
        Wanted(kind="pdf", tag="tax 2025", status="partial", words="a"),
    ],
)
def test_ten_thousand_documents_are_listed_within_50_ms(large: Store, wanted: Wanted) -> None:
    large.list_page(wanted)  # what is searched is caught up with once
    best = 1.0  # of this thread alone: tests share the cores with other work
    for number in (1, 100, 200):
        begun = time.thread_time()
        page = large.list_page(wanted, number)
        best = min(best, time.thread_time() - begun)
        assert len(page.rows) <= 50
    assert best < 0.05


def test_a_page_holds_fifty_and_all_pages_hold_everything(large: Store) -> None:
    first, second = large.list_page(Wanted(), 1), large.list_page(Wanted(), 2)
    assert (first.n_pages, first.n_found, len(first.rows)) == (200, N, 50)
    assert {r.document.id for r in first.rows}.isdisjoint(r.document.id for r in second.rows)
    assert large.list_page(Wanted(), 10**9).number == 200
    assert large.list_page(Wanted(), -5).number == 1
    assert {row.n_passages for row in first.rows} == {10}


@pytest.mark.parametrize("backwards", [False, True])
def test_lists_are_sorted(large: Store, backwards: bool) -> None:
    def listed(sort: str) -> list[object]:
        rows = [
            row
            for number in (1, 100, 200)
            for row in large.list_page(Wanted(sort=sort, backwards=backwards), number).rows  # type: ignore[arg-type]
        ]
        keys = {
            "title": [fold(row.document.title) for row in rows],
            "date": [row.document.date for row in rows if row.document.date],
            "added": [row.added_at for row in rows],
            "size": [row.size for row in rows],
        }
        return list(keys[sort])

    assert listed("title") == sorted(listed("title"), reverse=backwards)
    for sort in ("date", "added", "size"):
        assert listed(sort) == sorted(listed(sort), reverse=not backwards)
    # What has no date comes last either way.
    last = large.list_page(Wanted(sort="date", backwards=backwards), 200)
    assert {row.document.date for row in last.rows} == {None}


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        (Wanted(words="GOTEBORG minutes"), lambda r: "Göteborg" in r.document.title),
        (Wanted(words="ETUDE"), lambda r: "étude" in r.document.title),
        (Wanted(words="100%"), lambda r: "100%" in r.document.title),
        (Wanted(words="e_p"), lambda r: "Apple_pie" in r.document.title),
        (Wanted(words="/files/a/"), lambda r: r.document.path.startswith("/files/a/")),
        (Wanted(words="tax 20"), lambda r: True),
        (Wanted(kind="md"), lambda r: r.document.path.endswith(".md")),
        (Wanted(tag="TAX 2025"), lambda r: r.tags == ("Tax 2025",)),
        (Wanted(status="partial"), lambda r: r.document.status == "partial"),
    ],
)
def test_what_is_listed_is_what_was_wanted(large: Store, wanted: Wanted, holds) -> None:
    page = large.list_page(wanted)
    assert page.n_found == len(large.list_ids(wanted))
    assert 0 < page.n_found < N
    assert all(holds(row) for row in page.rows)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.text(alphabet="aeöéG 7_%'\"*\\\x00", max_size=6))
def test_words_find_the_same_as_looking_at_each_document(large: Store, words: str) -> None:
    found = set(large.list_ids(Wanted(words=words)))
    tagged = large.tagged(["tax 2025"])
    for document in large.documents()[::500]:
        places = f"{fold(document.title)}\n{fold(document.path)}"
        expected = all(
            word in places or (document.id in tagged and word in "tax 2025")
            for word in fold(words).split()
        )
        assert (document.id in found) == expected


def test_a_new_title_and_a_removed_document_are_known_at_once(store: Store) -> None:
    with store.transaction():
        for name in ("one", "two"):
            store.begin_document(f"/{name}.txt", sha256=name, size=1, title=name)
    assert [row.document.title for row in store.list_page(Wanted()).rows] == ["one", "two"]
    store.set_title(1, "Zwölf")
    page = store.list_page(Wanted(words="zwolf"))
    assert [row.document.id for row in page.rows] == [1]
    assert store.list_page(Wanted(words="one.txt")).n_found == 1
    store.remove_document(1)
    assert store.list_page(Wanted()).n_found == 1
    assert store.kinds() == [("txt", 1)]
    assert store.listed(1) is None


def test_an_empty_library_has_one_empty_page(store: Store) -> None:
    page = store.list_page(Wanted(words="x"))
    assert (page.rows, page.number, page.n_pages, page.n_found) == ((), 1, 1, 0)
