"""Tags and own titles: they belong to the document, whatever becomes of its file."""

import sqlite3
from pathlib import Path

import pytest

from index.copying import copy_documents
from index.errors import FilterError, LabelError, LibraryError
from index.filters import Filter, passages_within, take_filters
from index.library import Library
from index.schema import KEPT
from index.store import Store
from models.fake import FakeEmbedder


@pytest.fixture
def filled(library: Library, docs: Path) -> Library:
    library.add([docs])
    return library


def ids(library: Library) -> dict[str, int]:
    return {Path(d.path).stem: d.id for d in library.store.documents()}


def test_an_own_title_survives_a_new_content_and_a_new_name(filled: Library, docs: Path) -> None:
    store, bridge = filled.store, ids(filled)["bridge"]
    assert store.set_title(bridge, "  My\nbridge ") == "My bridge"
    (docs / "bridge.txt").write_text("The newest bridge\n\nIt was opened in June.\n")
    filled.add([docs])
    assert store.document(bridge).title == "My bridge"
    assert store.found_title(bridge) == "The newest bridge"
    (docs / "bridge.txt").rename(docs / "viaduct.txt")
    filled.add([docs])
    assert store.document(bridge).title == "My bridge"
    assert store.document(bridge).path.endswith("viaduct.txt")
    assert store.set_title(bridge, None) == "The newest bridge"
    assert store.document(bridge).title == "The newest bridge"


def test_a_title_from_the_name_of_the_file_follows_it(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "first.txt"
    path.write_text("it has no heading, and goes on like this for a while, and on.\n")
    library.add([path])
    library.store.set_title(1, "Own")
    library.store.move_document(1, str(tmp_path / "second.txt"))
    assert library.store.document(1).title == "Own"
    assert library.store.set_title(1, None) == "second"


def test_tags_are_one_whatever_their_case(filled: Library) -> None:
    store, known = filled.store, list(ids(filled).values())
    assert store.tag_documents(known[:1], " Tax   2025 ") == 1
    assert store.tag_documents(known, "tax 2025") == 1
    assert store.tag_documents([99], "tax 2025") == 0
    assert store.tags() == [("Tax 2025", 2)]
    assert store.tags_of(known) == dict.fromkeys(known, ("Tax 2025",))
    assert store.untag_documents(known[:1], "TAX 2025") == 1
    assert store.tagged(["tAx 2025"]) == {known[1]}
    filled.remove(known[1])
    assert store.tags() == []


@pytest.mark.parametrize("words", ["", " \t", 'a "quoted" one', "x" * 61, "\u202e\u200b"])
def test_a_tag_that_cannot_be_kept_is_refused(filled: Library, words: str) -> None:
    with pytest.raises(LabelError):
        filled.store.tag_documents([1], words)
    assert filled.store.tags() == []


@pytest.mark.parametrize("words", ["", "\n", "x" * 301])
def test_a_title_that_cannot_be_kept_is_refused(filled: Library, words: str) -> None:
    before = filled.store.document(1).title
    with pytest.raises(LabelError):
        filled.store.set_title(1, words)
    assert filled.store.document(1).title == before
    assert filled.store.set_title(99, "x") is None


def test_questions_are_asked_of_a_tag(filled: Library) -> None:
    store, known = filled.store, ids(filled)
    store.tag_documents([known["bridge"]], "Öl 2025")
    words, within = take_filters('tag:"öl 2025" What did it cost?')
    assert words == "What did it cost?"
    assert take_filters(within.typed()) == ("", within)
    found = store.passages(passages_within(store, within).tolist())
    assert {passage.document_id for passage in found} == {known["bridge"]}
    both = passages_within(store, Filter(tags=("öl 2025", "none")))
    assert set(both.tolist()) == {passage.id for passage in found}
    with pytest.raises(
        FilterError, match=r"No document matches tag:none\. The library's tags: Öl 2025"
    ):
        passages_within(store, Filter(tags=("none",)))
    with pytest.raises(FilterError, match="all at once"):
        passages_within(store, Filter(tags=("öl 2025",), sources=("harbour",)))


def test_another_embedder_gets_tags_titles_and_all_that_was_kept(
    filled: Library, open_library, tmp_path: Path
) -> None:
    store, known = filled.store, ids(filled)
    store.tag_documents([known["bridge"]], "Tax")
    store.set_title(known["harbour"], "My harbour")
    store.watch("/somewhere")
    store.not_taken("/bad.pdf", "damaged")
    store.keep_noticed(known["bridge"], ["Differs from harbour.txt"])
    other = open_library(tmp_path / "other", FakeEmbedder(dim=32))
    copy_documents(store, other)
    for _ in range(2):  # the second time nothing is embedded, and later changes come along
        theirs = ids(other)
        assert other.store.tags_of(list(theirs.values())) == {theirs["bridge"]: ("Tax",)}
        assert other.store.document(theirs["harbour"]).title == "My harbour"
        assert other.store.found_title(theirs["harbour"]) == store.found_title(known["harbour"])
        assert [w.path for w in other.store.watched()] == ["/somewhere"]
        assert [f.path for f in other.store.failures(9)[0]] == ["/bad.pdf"]
        assert other.store.noticed(theirs["bridge"]) == ["Differs from harbour.txt"]
        # The copy itself is no change to the library.
        assert other.store.changes(0, 10**9, 9) == store.changes(0, 10**9, 9)
        copy_documents(store, other)
    store.set_title(known["harbour"], None)
    store.untag_documents([known["bridge"]], "tax")
    copy_documents(store, other)
    assert other.store.document(theirs["harbour"]).title == store.document(known["harbour"]).title
    assert other.store.tags() == []


def test_a_library_from_before_tags_opens(filled: Library, tmp_path: Path) -> None:
    filled.close()
    with sqlite3.connect(tmp_path / "library" / "library.sqlite") as old:
        names = [line.split()[5] for line in KEPT.splitlines() if line.startswith("CREATE TABLE")]
        for name in names:
            old.execute(f"DROP TABLE {name}")
    old.close()
    store = Store(tmp_path / "library")
    assert store.tags() == []
    assert store.tag_documents([1], "tax") == 1
    assert store.set_title(1, "Own") == "Own"
    assert store.changes(*store.visit(), 5) == ({}, [])
    store.close_all()


def test_nothing_is_written_where_it_would_be_lost(filled: Library) -> None:
    store, bridge = filled.store, ids(filled)["bridge"]
    store.watch("/watched")
    filled.is_used = lambda: False
    for write in (
        lambda: store.set_title(bridge, "Lost"),
        lambda: store.tag_documents([bridge], "lost"),
        lambda: store.untag_documents([bridge], "lost"),
        lambda: store.hand_in([("/lost.txt", "")]),
        lambda: store.watch("/lost"),
        lambda: store.unwatch("/watched"),
        lambda: filled.remove(bridge),
    ):
        with pytest.raises(LibraryError, match="uses another embedder since"):
            write()
    assert store.document(bridge).title == store.found_title(bridge)
    assert (store.tags(), store.n_waiting()) == ([], 0)
    assert [watched.path for watched in store.watched()] == ["/watched"]
