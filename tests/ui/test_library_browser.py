"""The library's tab in a real headless Chromium: add, watch, find, rename, tag, remove."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.library import Library
from models.fake import FakeEmbedder

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def page(
    open_tab: Any, scripted: Any, served: Any, tmp_path: Path
) -> Iterator[tuple[Any, Library]]:
    """The library's tab over sixty documents."""
    folder = tmp_path / "files"
    folder.mkdir()
    for i in range(60):
        (folder / f"minutes-{i:02}.md").write_text(
            f"# Minutes number {i:02}\n\nWe met on day {i} and spoke of {'boats' if i % 2 else 'ferries'}.\n"
        )
    (folder / "guide.html").write_text("<h1>A guide to harbours</h1><p>Harbours are deep.</p>")
    library = Library(tmp_path / "library", FakeEmbedder())
    library.add([folder])
    with served(scripted(library)) as address:
        tab = open_tab(address, viewport={"width": 1200, "height": 900})
        tab.page.set_default_timeout(15_000)
        tab.open_library()
        tab.page.locator("#shelf table").wait_for()
        yield tab.page, library
    library.close()


def titles(page: Any) -> list[str]:
    return list(page.locator("#shelf button.title").all_inner_texts())


def found(page: Any, words: str) -> None:
    page.locator("#shelf .summary").get_by_text(words).wait_for()


def test_files_are_added_and_a_bad_one_tried_again(page, tmp_path):
    page, library = page
    (tmp_path / "good.txt").write_text("On newts\n\nThey are amphibians.\n")
    (tmp_path / "bad.txt").write_text("")
    files = [str(tmp_path / name) for name in ("good.txt", "bad.txt")]
    page.locator("#drop input[type=file]").set_input_files(files)
    page.get_by_text("1 document added, 1 file not added.").wait_for()
    failed = page.locator(".failures li", has_text="bad.txt")
    assert "is empty" in failed.inner_text()
    # The list of failures outlives the page.
    page.reload()
    page.get_by_role("tab", name="Library").click()
    failed.wait_for()
    (library.folder / "uploads" / "bad.txt").write_text("It is good now, and about toads.\n")
    failed.get_by_role("button", name="Try bad.txt again").click()
    page.get_by_text("1 document added.").wait_for()
    page.wait_for_function("!document.querySelector('#library .failures')")
    assert library.store.count("documents") == 63


def test_a_kept_copy_is_deleted_only_after_a_question(page, tmp_path):
    page, library = page
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text("")
    files = [str(tmp_path / name) for name in ("one.txt", "two.txt")]
    page.locator("#drop input[type=file]").set_input_files(files)
    page.get_by_text("2 files could not be added").wait_for()
    copies = library.folder / "uploads"
    one = page.locator(".failures li", has_text="one.txt")
    one.get_by_role("button", name="Dismiss one.txt").click()
    one.get_by_text("Its copy in your library's folder is deleted").wait_for()
    one.get_by_role("button", name="Keep").click()
    assert (copies / "one.txt").exists()
    one.get_by_role("button", name="Dismiss one.txt").click()
    one.get_by_role("button", name="Dismiss and delete").click()
    page.get_by_text("1 file dismissed.").wait_for()
    assert [path.name for path in copies.iterdir()] == ["two.txt"]
    two = page.locator(".failures li", has_text="two.txt")
    # The next one is not asked about because the one before was.
    assert not two.get_by_role("button", name="Dismiss and delete").is_visible()


def test_a_folder_is_handed_over_with_its_folders(page, tmp_path):
    page, library = page
    folder = tmp_path / "trip"
    (folder / "day 1").mkdir(parents=True)
    (folder / "day 2").mkdir()
    (folder / ".hidden").mkdir()
    (folder / "day 1" / "notes.txt").write_text("The first day\n\nIt rained.\n")
    (folder / "day 2" / "notes.txt").write_text("The second day\n\nIt did not.\n")
    (folder / "day 2" / "photo.jpg").write_bytes(b"x")
    (folder / ".hidden" / "secret.txt").write_text("Not this one.\n")
    page.locator("#drop-folder").set_input_files(str(folder))
    page.get_by_text("2 documents added.").wait_for()
    uploads = library.folder / "uploads"
    kept = sorted(str(path.relative_to(uploads)) for path in uploads.rglob("*.*"))
    assert kept == ["trip/day 1/notes.txt", "trip/day 2/notes.txt"]


def test_text_is_pasted(page):
    page, library = page
    page.get_by_text("Paste text", exact=True).click()
    page.get_by_role("button", name="Add this text").click()
    page.get_by_text("There is no text to add").wait_for()
    page.get_by_label("Title", exact=True).fill("Shopping <b>list</b> ${1}")
    page.get_by_label("Text", exact=True).fill("Rope and <script>window.hacked=1</script> tar.")
    page.get_by_role("button", name="Add this text").click()
    page.locator("#shelf .summary").get_by_text("62 documents").wait_for()
    page.locator("#find-words").fill("shopping")
    found(page, "1 of 62 documents")
    assert titles(page) == ["Shopping <b>list</b> ${1}"]
    assert page.get_by_label("Text", exact=True).input_value() == ""
    assert page.evaluate("window.hacked") is None
    (document,) = [d for d in library.store.documents() if d.title.startswith("Shopping")]
    assert "<script>window.hacked=1</script>" in library.store.text(document.id)


def test_a_watched_folder_is_added_by_itself(page, tmp_path):
    page, library = page
    folder = tmp_path / "watched"
    folder.mkdir()
    page.get_by_text("Watch a folder", exact=True).click()
    page.get_by_label("Folder", exact=True).fill(str(folder / "none"))
    page.get_by_label("Folder", exact=True).press("Enter")
    page.locator("#library-said").get_by_text("does not exist").wait_for()
    page.get_by_label("Folder", exact=True).fill(str(folder))
    page.get_by_role("button", name="Watch this folder").click()
    page.get_by_text("Watched folders (1)").wait_for()
    (folder / "arrived.txt").write_text("It arrived by itself\n\nNobody clicked.\n")
    page.locator("#find-words").fill("arrived")
    # Without a click: the folder is looked at every ten seconds.
    page.locator("#shelf").get_by_text("It arrived by itself").wait_for(timeout=40_000)
    (folder / "arrived.txt").unlink()
    page.get_by_role("button", name="Look now").click()
    page.locator("#shelf").get_by_text("file missing").wait_for()
    page.get_by_role("button", name="Show the 1 document whose file has vanished").click()
    found(page, "1 of 62 documents")
    page.get_by_role("button", name="Stop watching").click()
    page.get_by_text("Its documents stay").wait_for()
    assert library.store.count("documents") == 62


def test_the_list_is_searched_sorted_and_turned(page):
    page, _ = page
    assert titles(page)[0] == "A guide to harbours"
    assert len(titles(page)) == 50
    page.get_by_role("button", name="Next").click()
    page.get_by_text("Page 2 of 2").wait_for()
    assert titles(page)[-1] == "Minutes number 59"
    page.get_by_label("Sort by").select_option("title-back")
    page.get_by_text("Page 1 of 2").wait_for()
    page.wait_for_function(
        "document.querySelector('#shelf button.title').innerText === 'Minutes number 59'"
    )
    page.get_by_label("Kind").select_option("html")
    found(page, "1 of 61 documents")
    page.get_by_role("button", name="Show all documents").click()
    found(page, "61 documents")
    search = page.get_by_label("Search titles, paths and tags")
    search.press_sequentially("number 07", delay=30)
    found(page, "1 of 61 documents")
    assert titles(page) == ["Minutes number 07"]
    # One goes on typing where one is.
    assert search.evaluate("field => field === document.activeElement")
    search.fill("nothing has this")
    page.get_by_text("No document matches").wait_for()


def test_a_document_has_a_page_and_an_own_title(page):
    page, library = page
    page.get_by_role("button", name="A guide to harbours", exact=True).click()
    page.get_by_role("heading", name="A guide to harbours").wait_for()
    page.wait_for_function("document.activeElement.tagName === 'H2'")
    assert not page.locator("#shelf").is_visible()
    assert page.locator("[data-act='brief']").is_visible()
    page.get_by_role("button", name="Open the text").click()
    page.locator(".whole-text").get_by_text("Harbours are deep.").wait_for()
    page.locator("#own-title").fill("A guide of mine")
    page.locator("#own-title").press("Enter")
    page.get_by_role("heading", name="A guide of mine").wait_for()
    page.get_by_role("button", name="Back to the list").click()
    row = page.get_by_role("button", name="A guide of mine", exact=True)
    row.wait_for()
    page.wait_for_function("document.activeElement.matches('button.title')")
    assert row.evaluate("button => button === document.activeElement")
    assert any(d.title == "A guide of mine" for d in library.store.documents())


def test_several_documents_are_tagged_filtered_and_removed(page, tmp_path):
    page, library = page
    page.locator("#find-words").fill("minutes")
    found(page, "60 of 61 documents")
    for number in ("03", "04", "05"):
        page.get_by_label(f"Select Minutes number {number}").check()
    page.get_by_text("3 selected").wait_for()
    page.locator("#bulk-tag").fill("Board 2025")
    page.get_by_role("button", name="Add tag").click()
    page.get_by_text("3 documents have the tag").wait_for()
    assert page.get_by_text("3 selected").is_visible()
    page.get_by_label("Tag", exact=True).select_option("Board 2025")
    found(page, "3 of 61 documents")
    page.get_by_label("Select Minutes number 04").check()
    page.locator("#bulk-tag").fill("board 2025")
    page.get_by_role("button", name="Take tag off").click()
    found(page, "2 of 61 documents")
    page.get_by_label("Select all on this page").check()
    bulk = page.locator("#finder .bulk")
    bulk.get_by_role("button", name="Remove", exact=True).click()
    assert library.store.count("documents") == 61
    bulk.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("2 documents are no longer in the library").wait_for()
    assert library.store.count("documents") == 59
    assert (tmp_path / "files" / "minutes-03.md").exists()


def test_all_that_are_found_are_selected_over_all_pages(page):
    page, library = page
    page.locator("#find-words").fill("minutes")
    found(page, "60 of 61 documents")
    page.get_by_role("button", name="Select all 60").click()
    page.get_by_text("60 selected").wait_for()
    page.locator("#bulk-tag").fill("all minutes")
    page.locator("#bulk-tag").press("Enter")
    page.get_by_text("60 documents have the tag").wait_for()
    assert library.store.tags() == [("all minutes", 60)]


def test_phone_width_shows_the_whole_tab(page):
    page, _ = page
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("Select Minutes number 00").check()
    page.get_by_text("Paste text", exact=True).click()
    page.get_by_text("Watch a folder", exact=True).click()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    page.get_by_role("button", name="Minutes number 00", exact=True).click()
    page.get_by_role("heading", name="Minutes number 00").wait_for()
    assert not page.evaluate(wide)


def test_files_are_dropped_anywhere_in_the_tab(page):
    page, library = page
    dropped = page.evaluate_handle(
        "() => { const all = new DataTransfer();"
        " all.items.add(new File(['On newts\\n\\nThey are amphibians.\\n'], 'newts.txt')); return all; }"
    )
    page.locator("#shelf").dispatch_event("dragenter", {"dataTransfer": dropped})
    assert page.locator("#drop.over").count() == 1
    page.locator("#shelf").dispatch_event("drop", {"dataTransfer": dropped})
    page.get_by_text("1 document added.").wait_for()
    assert page.locator("#drop.over").count() == 0
    assert (library.folder / "uploads" / "newts.txt").exists()
