"""A brief that a model writes, in a real headless Chromium: read, stopped and gone through meanwhile."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index.library import Library
from models.fake import FakeEmbedder, FakeGenerator
from rag.compose import ComposeReader
from rag.pipeline import Pipeline
from rag.retriever import Retriever
from rag.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]

STATION = (
    "# The station in Arlen\n\nPublished 30 May 2025\n\nThe new station in Arlen delivers 300 megawatts to "
    "the grid. Northgrid paid 41 million euros for the station, half of it from a state fund.\n\n"
    "## What is open\n\nIt is not known who will pay for the cables between Arlen and the coast. "
    "Who will run the station in Arlen after the year 2040?\n"
)
SCRIPTS = (
    "The station in Arlen delivers some 300 megawatts to the whole grid of the land [1].",
    "Who is going to pay for the cables to the coast is not known yet [1].",
)


class Waiting(FakeGenerator):
    """Writes a script each time it is told to."""

    def __init__(self) -> None:
        super().__init__([list(script) for script in SCRIPTS])
        self.may_write = threading.Semaphore(0)

    def stream(self, messages, *, max_tokens, stop=()):
        assert self.may_write.acquire(timeout=30)
        yield from super().stream(messages, max_tokens=max_tokens, stop=stop)


@pytest.fixture
def writer() -> Waiting:
    return Waiting()


@pytest.fixture
def tab(
    tmp_path: Path, served: Callable[..., Any], open_tab: Any, writer: Waiting
) -> Iterator[Any]:
    (tmp_path / "station.md").write_text(STATION, encoding="utf-8")
    library = Library(tmp_path / "library", FakeEmbedder())
    library.add([tmp_path / "station.md"])
    settings = Settings(library=library.folder, embedder="fake", generator="fake")
    reader = ComposeReader(writer, library)
    with served(Pipeline(library, Retriever(library), reader, settings)) as address:
        yield open_tab(address)
        writer.may_write.release(50)


def brief(tab: Any) -> Any:
    tab.open_library()
    title = "The station in Arlen"
    tab.page.locator("#shelf").get_by_role("button", name=title, exact=True).click()
    tab.page.locator(".document-page").get_by_role("button", name="Brief", exact=True).click()
    return tab.turn(1, "working")


def test_the_quotes_are_there_while_it_is_written_and_the_focus_stays(tab, writer):
    turn = brief(tab)
    assert turn.locator(".brief q").count() > 3
    assert turn.get_by_role("status").inner_text() == "Writing “Key takeaways”, part 1 of 2"
    mark = turn.locator(".brief-part button.mark").first
    n = mark.get_attribute("data-n")
    mark.focus()
    writer.may_write.release()
    turn.locator(".takeaways .written").first.wait_for()
    assert turn.get_by_role("status").inner_text() == "Writing “Open questions”, part 2 of 2"
    focused = "document.activeElement.dataset.n + ' ' + document.activeElement.className"
    assert tab.page.evaluate(focused) == f"{n} mark"
    # Who has left it keeps what was chosen instead.
    tab.page.get_by_label("Your question").focus()
    writer.may_write.release()
    turn = tab.turn(1)
    assert tab.page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert turn.locator(".open .written").count() == 1
    assert turn.locator(".written + .marks + .support, .written + .marks").count()
    # What was written opens its words as any footnote does.
    turn.locator(".takeaways li", has_text="whole grid").locator("button.mark").click()
    assert "delivers 300 megawatts" in tab.marked()


def test_stopped_the_quotes_stay(tab, writer):
    brief(tab)
    tab.page.get_by_role("button", name="Stop").click()
    turn = tab.turn(1, "stopped")
    assert "Stopped. What was not written yet is quoted." in turn.inner_text()
    assert turn.locator(".brief q").count() > 3
    tab.page.reload()
    turn = tab.turn(1, "stopped")
    assert turn.locator(".brief q").count() > 3
