"""The library's tab without a browser: what clicks do, and that what comes from outside stays text."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from index.journal import Incoming
from index.library import AddProgress, FileReport, Library
from index.listing import Wanted
from ui import incoming
from ui.document_page import document_html
from ui.finder import finder_html
from ui.keeper import Keeper, Run, keeper_of
from ui.library_handlers import LibraryHandlers
from ui.library_view import NOTHING, PARTS, View
from ui.shelf import sized, table_html

HOSTILE = (
    "<script>window.hacked = 1</script>",
    "<img src=x onerror=alert(1)>",
    "${1+1} {{7*7}} `${4}`",
    '" onclick="alert(1)',
    "\u202etxt.exe\u202c",
    "&lt;i&gt;",
)


class Reader(HTMLParser):
    """The text, tags and attributes of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags, self.attributes = "", set(), []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def filled(library: Library, tmp_path: Path) -> Iterator[Library]:
    for name in ("tides", "boats", "ferries"):
        (tmp_path / f"{name}.txt").write_text(f"On {name}\n\nMuch can be said of {name} here.\n")
    library.add(sorted(tmp_path.glob("*.txt")))
    yield library
    keeper_of(library).stop()
    library.close()


@pytest.fixture
def handlers(pipeline: Any, filled: Library) -> LibraryHandlers:
    return LibraryHandlers(pipeline)


@pytest.fixture
def view(handlers: LibraryHandlers) -> View:
    view = View()
    handlers.opened(view)
    return view


def part(shown: tuple[str | None, ...], name: str) -> str:
    words = shown[PARTS.index(name)]
    assert words is not None, f"{name} was not drawn anew"
    return words


def everything(n_shown: int, **find: str) -> dict[str, Any]:
    """What the browser sends when all that are found are selected."""
    return {"all": True, "find": find, "n_shown": n_shown}


# -- what comes from outside ----------------------------------------------------------------------


@pytest.mark.parametrize("words", HOSTILE)
def test_titles_tags_and_names_are_text(filled: Library, words: str) -> None:
    store = filled.store
    tag = words.replace('"', "'")
    store.tag_documents([1], tag)
    store.set_title(1, words)
    failure = Incoming(f"/x/{words}.txt", "", f"is damaged: {words}", "2026-01-01T00:00:00+00:00")
    progress = AddProgress(f"/x/{words}", 1, 1, 1, 2, 1, 1.0, None)
    drawn = (
        table_html(store),
        finder_html(store),
        document_html(store, 1, part=0),
        incoming.failures_html([failure], 1),
        incoming.run_html(Run(1, 1, progress, (FileReport(f"/x/{words}", "added"),))),
    )
    for html in drawn:
        read = Reader(html)
        assert not {"script", "img", "i", "b", "a"} & read.tags
        assert not {name for name, _ in read.attributes if name.startswith("on")}
        # Gradio runs what it shows through two template languages.
        assert not set(html) & set("${}`\\")
        assert "\u202e" not in html
    shown = Reader(drawn[0]).text
    for visible in (words, tag):
        assert "".join(c for c in " ".join(visible.split()) if c.isprintable()) in shown


def test_clicks_with_nonsense_do_no_harm(
    handlers: LibraryHandlers, view: View, filled: Library
) -> None:
    nonsense: tuple[Any, ...] = (
        {},
        None,
        "x",
        {"document": "1; DROP TABLE", "documents": "all", "all": "yes", "page": "9", "key": 3},
        {"document": True, "documents": [True, None, -1, 9**30], "page": 10**12, "part": -7},
        {
            "files": [{"path": "/etc/passwd", "name": "x"}],
            "folder": "\x00",
            "text": None,
            "tag": [],
        },
        {"sort": {}, "status": ["x"], "words": 5, "kind": None},
    )
    for click in nonsense:
        for act in handlers.acts.values():
            assert len(act(view, click)) == len(PARTS)
        assert len(handlers.tick(view, click or {})) == len(PARTS)
    assert filled.store.count("documents") == 3
    assert filled.store.tags() == []
    assert filled.store.watched() == []


# -- what clicks do -------------------------------------------------------------------------------


def test_the_list_is_found_sorted_and_turned(handlers, view, filled):
    found = handlers.acts["find"](view, {"words": "boats", "sort": "size-back"})
    assert "1 of 3 documents" in part(found, "shelf")
    assert view.wanted == Wanted(words="boats", sort="size", backwards=True)
    assert "No document matches" in part(handlers.acts["find"](view, {"words": "zzz"}), "shelf")
    assert "3 documents" in part(handlers.acts["find"](view, {}), "shelf")


def test_tags_go_to_many_documents_at_once(handlers, view, filled):
    told = handlers.acts["tag"](view, {"documents": [1, 2, 99], "tag": "sea"})
    assert "2 documents have the tag" in part(told, "said")
    assert "sea" in part(told, "finder")
    handlers.acts["find"](view, {"tag": "SEA"})
    told = handlers.acts["untag"](view, {**everything(2, tag="SEA"), "tag": "sea"})
    assert "2 documents have no longer the tag" in part(told, "said")
    assert filled.store.tags() == []
    assert "quotation mark" in part(
        handlers.acts["tag"](view, {"documents": [1], "tag": 'a "b"'}), "said"
    )
    assert "Select documents first" in part(handlers.acts["tag"](view, {"tag": "x"}), "said")


def test_all_that_are_found_are_removed_and_no_others(handlers, view, filled, tmp_path):
    handlers.acts["find"](view, {"words": "r"})
    assert "ferries" in part(handlers.acts["find"](view, {"words": "ferries"}), "shelf").lower()
    told = handlers.acts["remove"](view, everything(1, words="ferries"))
    assert "On ferries" in part(told, "said")
    assert filled.store.count("documents") == 2
    assert (tmp_path / "ferries.txt").exists()
    told = handlers.acts["remove"](view, {"documents": [1, 2, 3]})
    assert "2 documents are no longer in the library" in part(told, "said")
    assert "No documents yet" in part(told, "shelf")
    assert "Nothing was removed" in part(handlers.acts["remove"](view, {"document": 1}), "said")


def test_after_a_new_start_only_what_was_shown_is_removed(handlers, filled):
    # The page stays open while the server starts anew: it knows nothing of what was searched for.
    for click in (
        {"all": True},
        everything(3, words="ferries"),
        everything(2),
        {**everything(3), "find": None},
    ):
        fresh = View()
        for act in ("remove", "tag", "untag"):
            handlers.acts[act](fresh, {**click, "tag": "sea"})
            assert "The list has changed" in str(fresh.said)
        assert filled.store.count("documents") == 3
        assert filled.store.tags() == []
    fresh = View()
    told = handlers.acts["remove"](fresh, everything(1, words="ferries"))
    assert "On ferries" in part(told, "said")
    assert filled.store.count("documents") == 2
    # And the list is the one that the fields above it show.
    assert "0 of 2 documents" in part(told, "shelf")


def test_a_document_is_renamed_on_its_page(handlers, view, filled):
    opened = handlers.acts["details"](view, {"document": 1})
    assert "On boats" in part(opened, "document")
    told = handlers.acts["rename"](view, {"document": 1, "title": "Of ships"})
    assert "Of ships" in part(told, "document")
    assert "Use the title found" in part(told, "document")
    assert "Of ships" in part(told, "shelf")
    told = handlers.acts["rename"](view, {"document": 1, "title": None})
    assert "Use the title found" not in part(told, "document")
    assert "needs words" in part(
        handlers.acts["rename"](view, {"document": 1, "title": " "}), "said"
    )
    assert "document-page" not in part(handlers.acts["details"](view, {}), "document")


def test_time_passing_draws_only_what_changed(handlers, view, filled, tmp_path):
    assert handlers.tick(view, {}) == NOTHING
    (tmp_path / "new.txt").write_text("On newts\n\nThey are amphibians.\n")
    filled.add([tmp_path / "new.txt"])
    # Somebody is being asked whether to remove: the list must not change under the hand.
    assert handlers.tick(view, {"asking": True}) == NOTHING
    drawn = handlers.tick(view, {"asking": False})
    assert "4 documents" in part(drawn, "shelf")
    assert drawn[PARTS.index("paste")] is None
    assert handlers.tick(view, {}) == NOTHING
    # Answers may overtake each other: the browser says what it shows.
    assert handlers.tick(view, {"drawn": view.numbers}) == NOTHING
    old = handlers.tick(view, {"drawn": {**view.numbers, "shelf": 1}})
    assert [name for name, html in zip(PARTS, old, strict=True) if html] == ["shelf"]
    assert old[PARTS.index("shelf")] == drawn[PARTS.index("shelf")]


def test_failures_are_shown_to_everybody_and_can_be_dismissed(handlers, view, filled):
    kept = filled.folder / "uploads" / "bad.txt"
    kept.parent.mkdir()
    kept.write_text("")
    filled.store.not_taken(str(kept), "is empty; leave it out")
    assert "is empty; leave it out" in part(handlers.tick(view, {}), "status")
    another = View()
    assert "is empty" in part(handlers.opened(another), "status")
    key = incoming.key_of(str(kept))
    told = handlers.acts["dismiss"](view, {"key": key})
    assert "1 file dismissed" in part(told, "said")
    assert "is empty" not in part(told, "status")
    assert not kept.exists()


def test_a_copy_is_deleted_only_after_a_question(handlers, view, filled, tmp_path):
    filled.store.not_taken(str(tmp_path / "elsewhere.txt"), "is empty")
    asked = part(handlers.tick(view, {}), "status")
    assert "deleted" not in asked
    assert 'data-act="dismiss"' in asked
    filled.store.not_taken(str(filled.folder.absolute() / "uploads" / "bad.txt"), "is damaged")
    asked = part(handlers.tick(view, {}), "status")
    assert "Its copy in your library's folder is deleted with it" in Reader(asked).text
    assert "Copies kept in your library's folder are deleted" in Reader(asked).text
    # The file elsewhere at once; the copy and all of them after a question.
    assert asked.count('data-act="ask-remove"') == 2
    assert asked.count('class="confirm" hidden') == 2


def test_folders_are_watched_and_no_more(handlers, view, filled, tmp_path):
    told = handlers.acts["watch"](view, {"folder": str(tmp_path / "none")})
    assert "does not exist" in part(told, "said")
    told = handlers.acts["watch"](view, {"folder": str(tmp_path)})
    assert "3 files to add" in part(told, "said")
    assert "Watched folders (1)" in part(told, "watched")
    assert "Nothing new" in part(handlers.acts["look"](view, {}), "said")
    told = handlers.acts["unwatch"](view, {"key": incoming.key_of(str(tmp_path))})
    assert "Its documents stay" in part(told, "said")
    assert filled.store.count("documents") == 3
    assert (filled.store.n_waiting(), keeper_of(filled).run.n_waiting) == (0, 0)


def test_pasted_text_is_kept_and_the_form_emptied(handlers, view, filled):
    told = handlers.acts["pasted"](view, {"title": "", "text": "  "})
    assert "no text" in part(told, "said")
    assert told[PARTS.index("paste")] is None  # what was typed stays
    told = handlers.acts["pasted"](view, {"title": "My note", "text": "Buy rope."})
    assert "My note.txt" in part(told, "said")
    assert part(told, "paste")
    assert filled.store.n_waiting() == 1


def test_a_run_that_ends_while_something_is_clicked_hides_nothing_of_it(
    handlers: LibraryHandlers, view: View, filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = filled.store.documents()[0]
    ended = Run(n_done=1, n_added=1, number=1)
    monkeypatch.setattr(Keeper, "run", property(lambda keeper: ended))
    said = Reader(part(handlers.acts["remove"](view, {"document": document.id}), "said")).text
    assert "1 document added." in said
    assert f"{document.title} is no longer in the library." in said
    # The next word is alone again.
    tag = {"documents": [filled.store.documents()[0].id], "tag": "boats"}
    assert "added" not in part(handlers.acts["tag"](view, tag), "said")


# -- how it looks ---------------------------------------------------------------------------------


def test_a_run_says_where_it_is_and_what_came_of_it():
    progress = AddProgress("/x/a.txt", 1, 1, 10, 100, 40, 20.0, 125.0)
    busy = Reader(incoming.run_html(Run(n_done=1, n_waiting=4, file=progress)))
    for words in ("File 2 of 5", "40 passages", "20 a second", "2 min left", "a.txt"):
        assert words in busy.text
    assert incoming.run_words(Run(3, 0, None, (), 1, 1)) == (
        "1 document added, 1 file already there, 1 file not added."
    )


def test_a_documents_page_tells_what_was_made_of_it(library, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "<html><body><nav><a>Home</a> <a>About</a> <a>Contact</a></nav><h1>Locks</h1>"
        "<p>3 May 2023</p><h2>Stone</h2><p>The canal has twelve locks of stone, and they are old.</p>"
        "<h2>Steel</h2><p>Two gates are of steel.</p></body></html>"
    )
    library.add([page])
    library.store.keep_noticed(1, ["Differs from other.txt: “12” here, “13” there."])
    shown = Reader(document_html(library.store, 1)).text
    for words in ("Locks", "2023-05-03", "Stone", "Steel", "Labelled as furniture", "Home", "13"):
        assert words in shown
    assert ("data-act", "brief") in Reader(document_html(library.store, 1)).attributes
    text = Reader(document_html(library.store, 1, part=0)).text
    assert "The canal has twelve locks" in text
    assert "no longer in the library" in document_html(library.store, 99)
    library.close()


def test_a_long_text_comes_in_parts_that_make_the_whole(library, tmp_path):
    text = "Lines\n\n" + "\n\n".join(f"Line {i} says that {i} is a number." for i in range(1500))
    (tmp_path / "long.txt").write_text(text)
    library.add([tmp_path / "long.txt"])
    read = ""
    for number in range(99):
        html = document_html(library.store, 1, part=number)
        inside = html.split('aria-label="Text">', 1)[1].split("</div>", 1)[0]
        read += Reader(inside).text
        if f"Part {number + 1} of {number + 1}" in html:
            break
    assert read == library.store.text(1)
    library.close()


def test_notes_on_contradictions_are_kept(library, tmp_path):
    (tmp_path / "a.txt").write_text("On tides\n\nThe tide is high.\n")
    library.on_added = lambda ident: ["Differs from b.txt"]
    library.add([tmp_path / "a.txt"])
    assert library.store.noticed(1) == ["Differs from b.txt"]
    library.close()


def test_sizes_are_said_as_people_do():
    assert [sized(n) for n in (0, 999, 1500, 25_000, 3_400_000, 5 * 10**9)] == [
        "0 B",
        "999 B",
        "1.5 KB",
        "25 KB",
        "3.4 MB",
        "5.0 GB",
    ]
