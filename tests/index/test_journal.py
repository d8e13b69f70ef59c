"""What changed since the last visit, and what is on its way in."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from index.library import Library
from index.store import Store

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


def told(store: Store, window: tuple[int, int]) -> dict[str, str]:
    return {Path(change.path).name: change.what for change in store.changes(*window, 99)[1]}


def test_changes_since_the_last_visit(library: Library, docs: Path) -> None:
    store = library.store
    library.add([docs / "harbour.txt"])
    assert told(store, store.visit(MORNING)) == {}  # the first visit knows no earlier one
    library.add([docs / "bridge.txt"])
    (docs / "harbour.txt").write_text("The harbour in spring\n\nThe ice is gone.\n")
    library.add([docs])
    assert told(store, store.visit(MORNING + timedelta(minutes=9))) == {
        "bridge.txt": "added",
        "harbour.txt": "changed",
    }
    # A page that is opened again soon is the same visit; after an hour it is the next.
    evening = MORNING + timedelta(hours=9)
    assert told(store, store.visit(evening)) == {}
    library.remove(1)
    counts, changes = store.changes(*store.visit(evening + timedelta(hours=1)), 99)
    assert counts == {"removed": 1}
    assert changes[0].title == "The harbour in spring"
    store.seen()
    assert told(store, store.visit(evening + timedelta(hours=1))) == {}


def test_what_came_and_went_is_no_change(library: Library, docs: Path) -> None:
    store = library.store
    before = store.visit(MORNING)[1]
    library.add([docs])
    library.remove(1)
    library.add([docs / "bridge.txt"])
    window = (before, 10**9)
    assert told(store, window) == {"harbour.txt": "added", "bridge.txt": "added"}
    library.remove(store.document_at(str(docs / "bridge.txt")).id)
    counts, changes = store.changes(*window, 1)
    assert counts == {"added": 1}
    assert len(changes) == 1


def test_files_wait_in_order_and_failures_are_kept(store: Store) -> None:
    store.hand_in([("/b.txt", ""), ("/a.txt", "Own title")])
    assert store.next_in().path == "/b.txt"
    store.not_taken("/b.txt", "is empty")
    assert store.next_in().title == "Own title"
    store.taken(["/a.txt"])
    assert store.next_in() is None
    failures, n = store.failures(5)
    assert [(f.path, f.reason) for f in failures] == [("/b.txt", "is empty")]
    assert n == 1
    store.hand_in([("/b.txt", "")])
    assert (store.n_waiting(), store.failures(5)) == (1, ([], 0))


def test_a_file_handed_in_since_it_was_begun_waits_on(store: Store) -> None:
    store.hand_in([("/a.txt", ""), ("/b.txt", "")])
    begun = datetime.now(UTC)
    store.hand_in([("/b.txt", "")])
    store.taken(["/a.txt", "/b.txt"], since=begun)
    assert store.next_in().path == "/b.txt"
    assert store.n_waiting() == 1


def test_a_file_handed_in_again_while_it_is_read_waits_on(store: Store) -> None:
    store.hand_in([("/a.txt", "")])
    reading = store.next_in()
    store.hand_in([("/a.txt", "")])
    store.done(reading, "changed while it was being read")
    store.done(reading)
    again = store.next_in()
    assert again.path == "/a.txt"
    store.done(again, "is empty")
    (failure,), _ = store.failures(5)
    assert failure.reason == "is empty"
    store.taken(["/a.txt"])
    # What was taken out of the list meanwhile does not come back as a failure.
    store.done(failure, "is empty")
    assert store.failures(5) == ([], 0)
