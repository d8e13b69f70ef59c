"""The tab for asking in a real headless Chromium: what is kept, judged, shown, saved and explained."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from eval.keeping import kept_set
from index.library import Library
from models.fake import FakeEmbedder
from rag.conversations import Conversations
from rag.kept_turns import Kept
from rag.pipeline import Pipeline, build_pipeline
from rag.proof_checking import check, read_proof
from rag.replaying import replay
from rag.settings import Settings
from rag.trace_file import read_trace
from rag.types import Citation

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]

_REPORT = Path(__file__).parents[2] / "samples" / "documents" / "report-compute-ledger-2025.pdf"
_SAVED_PAGE = (
    '<html><head><title>{title}</title><link rel="canonical" href="{address}"></head>'
    "<body><h1>{title}</h1><p>{words}</p></body></html>"
)
_NOON = "When did the tide come in?"
_DUSK = "What did it leave at dusk?"
_MELTED = "When did the glacier melt in summer?"
_LEDGER = "What could we not settle from public data about controlled chips?"


@dataclass(frozen=True)
class World:
    """A page over a library that is answered from by the real pipeline with stand-ins for models."""

    address: str
    pipeline: Pipeline
    files: Path

    def kept(self, words: str = "") -> list[Kept]:
        """The conversations, newest first."""
        with closing(Conversations(self.pipeline.library.folder)) as kept:
            return kept.listed(words)

    def citations(self) -> list[Citation]:
        """Of the last turn of the newest conversation."""
        with closing(Conversations(self.pipeline.library.folder)) as kept:
            turn = kept.turns(kept.listed()[0].id)[-1]
        return [citation for sentence in turn.sentences for citation in sentence.citations]

    def words(self, citation: Citation) -> str:
        """What the database holds where a footnote points."""
        store = self.pipeline.library.store
        return store.text(int(citation.document), citation.start, citation.end)


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, served: Any, tides: str, hostile: str
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("asking")
    files = folder / "files"
    files.mkdir()
    shutil.copy(_REPORT, files)
    (files / "tides.txt").write_text(tides)
    (files / "<b>glacier ${2} {{7*7}}.txt").write_text(hostile)
    (files / "orchard.txt").write_text("The orchard\n\nThe orchard has ninety pear trees.\n")
    pages = (
        ("Harbour news", "https://news.example/harbour?id=7", "The ferry carries forty lorries."),
        ("Bridge news", "javascript:window.hacked=1", "The bridge was painted green in spring."),
    )
    for title, address, words in pages:
        page = _SAVED_PAGE.format(title=title, address=address, words=words)
        (files / f"{title}.html").write_text(page)
    models = {"embedder": "fake", "generator": "fake"}
    pipeline = build_pipeline(Settings(library=folder / "library", min_confidence=0.0, **models))
    pipeline.library.add([files])
    with closing(pipeline), served(pipeline) as address:
        yield World(address, pipeline, files)


@pytest.fixture
def tab(open_tab: Any, world: World) -> Any:
    """A person who has not been here before."""
    made = open_tab(world.address)
    made.page.set_default_timeout(10_000)
    yield made
    assert made.page.evaluate("window.hacked") is None


def again(tab: Any, number: int) -> Any:
    """The page loaded again, with this turn as its last one."""
    tab.page.reload()
    return tab.turn(number)


def talk(tab: Any, words: str) -> Any:
    """A conversation in the list."""
    return tab.page.locator("#talks li[data-talk]", has_text=words)


def button(place: Any, name: str) -> Any:
    return place.get_by_role("button", name=name, exact=True)


def download(tab: Any, button: Any, to: Path) -> Path:
    with tab.page.expect_download() as found:
        button.click()
    path = to / found.value.suggested_filename
    found.value.save_as(path)
    return path


def all_marked_words_are_cited(tab: Any, world: World, turn: Any) -> int:
    """Opens every footnote of the last turn; how many there are."""
    citations = {citation.n: citation for citation in world.citations()}
    for n, citation in citations.items():
        turn.locator(f"ol.notes button[data-n='{n}']").click()
        tab.page.locator("#reading .label", has_text=re.compile(rf"^Footnote {n}$")).wait_for()
        if citation.path.endswith(".pdf"):
            button(tab.page.locator("#reading"), "Text").click()
        assert tab.marked() == world.words(citation) == citation.quote
    return len(citations)


# -- conversations --------------------------------------------------------------------------------


def test_a_conversation_goes_on_after_a_reload(open_tab, tab, world):
    tab.ask(_NOON)
    tab.turn(1)
    tab.ask(_DUSK)
    tab.turn(2)
    again(tab, 2)
    assert _NOON in tab.page.locator("#past #turn-1").inner_text()
    tab.ask("How high did the tide stand?")
    tab.turn(3)
    ours = world.kept()[0]
    # Another person begins with an empty page, and finds what was asked in the list.
    other = open_tab(world.address)
    other.page.get_by_role("heading", name="Ask your documents.").wait_for()
    assert other.page.locator(".turn").count() == 0
    talk(other, _NOON).first.wait_for()
    other.ask(_MELTED)
    other.turn(1)
    assert tab.page.locator(".turn").count() == 3
    theirs = world.kept()[0]
    assert (theirs.title, theirs.n_turns) == (_MELTED, 1)
    assert [one.n_turns for one in world.kept() if one.id == ours.id] == [3]


def test_conversations_are_found_named_and_deleted(tab, world):
    tab.ask("Which trees does the orchard have?")
    tab.turn(1)
    button(tab.page, "New conversation").click()
    tab.ask("Where is the harbour?")
    tab.turn(1)
    search = tab.page.get_by_label("Search conversations")
    search.press_sequentially("ninety pear", delay=20)
    tab.page.wait_for_function("document.querySelectorAll('#talks li[data-talk]').length === 1")
    item = talk(tab, "orchard")
    item.hover()
    button(item, "Rename Which trees does the orchard have?").click()
    name = item.get_by_label("New name")
    assert name.evaluate("field => field === document.activeElement")
    name.fill("Not this")
    name.press("Escape")
    item.locator(".talk").wait_for()
    assert world.kept("ninety pear")[0].title == "Which trees does the orchard have?"
    button(item, "Rename Which trees does the orchard have?").click()
    name.fill("Pears ${1+1} <b>and</b> more")
    name.press("Enter")
    item = talk(tab, "Pears ${1+1} <b>and</b> more")
    item.wait_for()
    button(item, "Delete Pears ${1+1} <b>and</b> more").click()
    button(item, "Keep").click()
    assert world.kept("ninety pear")
    button(item, "Delete Pears ${1+1} <b>and</b> more").click()
    button(item, "Delete").click()
    tab.page.get_by_text("No conversation holds “ninety pear”.").wait_for()
    assert world.kept("ninety pear") == []
    # What is open stays open.
    assert "Where is the harbour?" in tab.page.locator("#turn-1").inner_text()


def test_a_text_too_long_to_ask_is_told_and_stays(tab):
    box = tab.page.get_by_label("Your question")
    box.fill("x" * 1_200_000)
    box.press("Enter")
    tab.page.get_by_role("alert").get_by_text("longer than a question can be").wait_for()
    assert box.evaluate("box => box.value.length") == 1_200_000
    assert tab.page.locator(".turn").count() == 0


def test_what_was_typed_stays_with_its_answer_when_that_is_drawn_anew(tab):
    tab.ask("Where is the harbour?")
    turn = tab.turn(1)
    turn.locator("button.mark").first.click()
    tab.page.locator("#reading mark").first.wait_for()
    button(turn, "Keep as a test case").click()
    turn.locator(".case-form textarea").fill("in the north")
    tab.page.evaluate("window.footnoteDesk.draw.live(`${window.footnoteDesk.newest} `)")
    tab.page.wait_for_timeout(150)
    assert turn.locator(".case-form textarea").is_visible()
    assert turn.locator(".case-form textarea").input_value() == "in the north"
    assert turn.locator("[aria-current='true']").count() == 1
    # Another conversation begins with an empty form.
    button(tab.page, "New conversation").click()
    tab.page.locator(".welcome").wait_for()
    tab.ask("Where is the harbour?")
    turn = tab.turn(1)
    button(turn, "Keep as a test case").click()
    assert turn.locator(".case-form textarea").input_value() != "in the north"


def test_what_comes_late_is_not_drawn_over_what_is_newer(tab):
    tab.ask("Where is the harbour?")
    tab.turn(1)
    newest = tab.page.locator("#live").inner_html()
    late = '<div class="conversation" data-draw="{}"><article class="turn">late</article></div>'
    draw = "html => window.footnoteDesk.draw.live(html)"
    tab.page.evaluate(draw, late.format(1))
    tab.page.wait_for_timeout(100)
    assert tab.page.locator("#live").inner_html() == newest
    tab.page.evaluate(draw, late.format(10**9))
    tab.page.locator("#live").get_by_text("late").wait_for()


def test_an_older_answer_says_that_its_document_was_changed(tab, world):
    file = world.files / "mill.txt"
    file.write_text("The mill\n\nThe mill grinds seven sacks an hour.\n")
    world.pipeline.library.add([file])
    question = "How many sacks an hour does the mill grind?"
    tab.ask(question)
    tab.turn(1)
    button(tab.page, "New conversation").click()
    tab.page.get_by_role("heading", name="Ask your documents.").wait_for()
    file.write_text("The mill\n\nThe mill grinds nine sacks an hour.\n")
    world.pipeline.library.add([file])
    talk(tab, question).locator(".talk").click()
    told = tab.turn(1).locator(".since")
    assert "The mill was changed: the words that are quoted no longer stand there" in (
        told.inner_text()
    )
    assert talk(tab, question).locator(".talk").get_attribute("aria-current") == "true"
    tab.turn(1).locator("button.mark").first.click()
    tab.page.locator("#reading .changed").wait_for()
    assert "seven sacks" in tab.page.locator("#reading blockquote").inner_text()
    button(told, "Ask again").click()
    assert "nine sacks" in tab.turn(2).inner_text()
    assert tab.turn(2).locator(".since").count() == 0


def test_a_saved_conversation_still_proves_itself_after_a_reload(tab, world, tmp_path):
    tab.ask(_NOON)
    tab.turn(1)
    tab.ask(_LEDGER)
    tab.turn(2)
    again(tab, 2)
    file = download(tab, button(tab.page, "Save with proof"), tmp_path)
    answers = read_proof(file.read_text(encoding="utf-8"))
    assert [answer.question for answer in answers] == [_NOON, _LEDGER]
    checks = check(answers, [world.files])
    assert len(checks) >= 2
    assert all(one.holds for one in checks)


# -- what a person thinks of an answer ------------------------------------------------------------


def test_a_rating_and_its_reason_are_kept(tab):
    tab.ask(_NOON)
    turn = tab.turn(1)
    button(turn, "Not right").click()
    button(turn, "The footnote does not prove it").click()
    tab.page.locator("[data-reason='passage'][aria-pressed='true']").wait_for()
    turn = again(tab, 1)
    assert turn.locator(".rate.down").get_attribute("aria-pressed") == "true"
    assert turn.locator(".rate.up").get_attribute("aria-pressed") == "false"
    assert turn.locator("[data-reason='passage']").get_attribute("aria-pressed") == "true"
    button(turn, "Helpful").click()
    tab.page.locator(".rate.up[aria-pressed='true']").wait_for()
    assert turn.locator(".reasons").count() == 0


def test_an_answer_becomes_a_test_case_by_keyboard_alone(tab, world):
    tab.ask(_NOON)
    turn, keys = tab.turn(1), tab.page.keyboard
    button(turn, "Keep as a test case").focus()
    keys.press("Enter")
    field = turn.get_by_label("The right answer, in the shortest words")
    assert field.evaluate("field => field === document.activeElement")
    assert field.input_value() == "The tide came in at noon and covered the beach."
    keys.press("Control+A")
    keys.press("Delete")
    for _ in range(3):
        keys.press("Tab")
    keys.press("Enter")
    told = tab.page.locator("#notice")
    told.get_by_text("Write the right answer, or tick").wait_for()
    assert not kept_set(world.pipeline.library.folder).exists()
    # One goes on in the form, which is still there.
    assert field.is_visible()
    field.focus()
    keys.type("at noon")
    for _ in range(3):
        keys.press("Tab")
    keys.press("Enter")
    file = kept_set(world.pipeline.library.folder)
    told.get_by_text(f"Kept in {file}").wait_for()
    (case,) = [json.loads(line) for line in file.read_text().splitlines()]
    assert (case["question"], case["answers"]) == (_NOON, ["at noon"])
    quotes = [{"source": c.path, "quote": c.quote} for c in world.citations()]
    assert case["evidence"] == quotes
    kept = "button[data-act='case-form'][aria-pressed='true']"
    turn.locator(kept).wait_for()
    assert "Kept as a test case" in again(tab, 1).locator(kept).inner_text()


# -- documents ------------------------------------------------------------------------------------


def test_a_footnote_of_a_pdf_shows_its_page_with_the_words_boxed(tab, world):
    tab.ask(_LEDGER)
    turn = tab.turn(1)
    n = next(c.n for c in world.citations() if c.path.endswith(".pdf"))
    turn.locator(f"ol.notes button[data-n='{n}']").click()
    picture = tab.page.locator("#reading .sheet img")
    picture.wait_for()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
    sheet = picture.bounding_box()
    boxes = [box.bounding_box() for box in tab.page.locator("#reading .sheet .cited").all()]
    assert boxes
    for box in boxes:
        assert box["width"] > 1
        assert box["height"] > 1
        assert sheet["x"] <= box["x"]
        assert box["x"] + box["width"] <= sheet["x"] + sheet["width"] + 1
        assert sheet["y"] <= box["y"]
        assert box["y"] + box["height"] <= sheet["y"] + sheet["height"] + 1
    mark = tab.page.locator("#reading mark").first
    assert not mark.is_visible()
    button(tab.page.locator("#reading"), "Text").click()
    assert mark.is_visible()
    assert not picture.is_visible()
    assert all_marked_words_are_cited(tab, world, turn)


def test_a_saved_web_page_opens_at_the_words(tab):
    tab.ask("How many lorries does the ferry carry?")
    tab.turn(1).locator("button.mark").first.click()
    link = tab.page.get_by_role("link", name="open at these words")
    link.wait_for()
    assert link.get_attribute("href") == (
        "https://news.example/harbour?id=7#:~:text=The%20ferry%20carries%20forty%20lorries."
    )
    assert {"noreferrer", "noopener"} <= set(link.get_attribute("rel").split())


def test_a_saved_web_page_from_a_script_has_no_link(tab):
    tab.ask("When was the bridge painted green?")
    tab.turn(1).locator("button.mark").first.click()
    assert "painted green" in tab.marked()
    assert tab.page.locator("#reading a, #live a").count() == 0


# -- briefs ---------------------------------------------------------------------------------------


def test_a_brief_on_a_topic(tab, world, tmp_path):
    tab.page.get_by_label("Your question").fill("the tide and the harbour")
    button(tab.page, "Brief on this topic").click()
    turn = tab.turn(1)
    assert turn.locator(".brief .brief-part h3").count()
    assert all_marked_words_are_cited(tab, world, turn)
    assert tab.page.get_by_label("Your question").input_value() == ""
    turn = again(tab, 1)
    assert "Brief: the tide and the harbour" in turn.inner_text()
    file = download(tab, button(turn, "Save as Markdown"), tmp_path)
    assert file.name == "footnote-brief.md"
    text = file.read_text(encoding="utf-8")
    for citation in world.citations():
        assert f"[^{citation.n}]:" in text
        assert " ".join(citation.quote.split()) in " ".join(text.split())


def test_briefs_of_a_document_from_both_places(tab, world):
    tab.ask(_NOON)
    tab.turn(1).locator("button.mark").first.click()
    button(tab.page.locator("#reading"), "Brief of this document").click()
    turn = tab.turn(2)
    assert "Tides of the northern shore" in turn.locator("h2").inner_text()
    assert turn.get_by_role("heading", name="Key takeaways").is_visible()
    assert all_marked_words_are_cited(tab, world, turn)
    tab.open_library()
    button(tab.page.locator("#shelf"), "The Compute Ledger 2025").click()
    button(tab.page.locator(".document-page"), "Brief").click()
    turn = tab.turn(3)
    assert turn.is_visible()
    assert turn.locator(".brief-part").count() > 3
    assert turn.locator(".brief-part button.mark").count() > 5
    turn = again(tab, 3)
    assert turn.locator(".brief-part").count() > 3
    first = world.citations()[0]
    turn.locator(f"ol.notes button[data-n='{first.n}']").click()
    button(tab.page.locator("#reading"), "Text").click()
    assert tab.marked() == world.words(first)


# -- why ------------------------------------------------------------------------------------------


def test_why_an_answer_and_the_file_that_repeats_it(tab, world, tmp_path):
    tab.ask(_NOON)
    button(tab.turn(1), "Why this answer").click()
    drawer = tab.page.locator("#reading .why")
    drawer.wait_for()
    tab.page.wait_for_function("document.activeElement.matches('.drawer h2')")
    assert "compared" in drawer.locator(".why-summary").inner_text()
    rows = drawer.locator(".why-candidates").first.locator("tbody tr")
    assert re.search(r"\d\.\d\d", rows.first.inner_text())
    assert "Tides of the northern shore" in rows.first.inner_text()
    drawer.get_by_text("What was read", exact=True).click()
    assert drawer.get_by_text(re.compile(r"^The prompt, \d+ tokens")).first.is_visible()
    file = download(tab, button(drawer, "Save all of this as a file"), tmp_path)
    trace = read_trace(file)
    assert trace.question == _NOON
    repeated = replay(world.pipeline, trace)
    assert repeated.same_answer
    assert repeated.differences == ()
    button(again(tab, 1), "Why this answer").click()
    tab.page.locator("#reading").get_by_text("known only while the page stays open").wait_for()


# -- what is hostile, and what goes wrong -----------------------------------------------------------


_WICKED = (
    "When did the glacier melt <script>window.hacked=9</script> <img src=x onerror='window.hacked=8'> "
    "${window.hacked=7} {{7*7}} \\${1+1} in summer?"
)


def is_only_text(tab: Any, place: str) -> None:
    """Nothing in this part of the page was made by what it shows."""
    inside = ", ".join(
        f"{place} {name}" for name in ("script", "img:not(.sheet img)", "b", "i", "a")
    )
    assert tab.page.locator(inside).count() == 0
    assert tab.page.evaluate("window.hacked") is None


def test_hostile_words_stay_words_in_the_list_of_conversations(tab):
    tab.ask(_WICKED)
    turn = tab.turn(1)
    assert "${window.hacked=7} {{7*7}} \\${1+1}" in turn.locator("h2").inner_text()
    item = talk(tab, "When did the glacier melt <script>").first
    item.wait_for()
    item.locator("[data-act='rename-talk']").click()
    field = item.get_by_label("New name")
    assert "<img src=x onerror='window.hacked=8'>" in field.input_value()
    field.fill("\"><img src=x onerror='window.hacked=6'> ${window.hacked=5} {{1}} \\`")
    field.press("Enter")
    talk(tab, "onerror='window.hacked=6'").wait_for()
    is_only_text(tab, "#talks")
    again(tab, 1)
    talk(tab, "${window.hacked=5} {{1}} \\`").wait_for()
    is_only_text(tab, "#talks")


def test_hostile_words_stay_words_in_the_drawer_and_the_card(tab):
    tab.ask(_WICKED)
    turn = tab.turn(1)
    turn.locator("button.mark").first.hover()
    card = tab.page.locator("#hover-card")
    card.wait_for(state="visible")
    assert "<script>window.hacked = 1</script>" in card.inner_text()
    is_only_text(tab, "#hover-card")
    button(turn, "Why this answer").click()
    drawer = tab.page.locator("#reading .why")
    drawer.wait_for()
    assert "<script>window.hacked=9</script>" in drawer.inner_text()
    drawer.evaluate("all => all.querySelectorAll('details').forEach(one => (one.open = true))")
    assert "<script>window.hacked = 1</script>" in drawer.inner_text()
    is_only_text(tab, "#reading")


def test_hostile_words_stay_words_in_a_brief_and_questions_to_go_on_with(tab, monkeypatch):
    monkeypatch.setattr("ui.desk.follow_ups", lambda pipeline, answer: (_WICKED,))
    tab.ask(_MELTED)
    onward = tab.page.get_by_label("Questions to go on with").get_by_role("button")
    onward.wait_for()
    assert onward.inner_text() == _WICKED
    onward.click()
    assert tab.turn(2).locator("h2").inner_text() == _WICKED
    tab.turn(2).locator("button.mark").first.click()
    button(tab.page.locator("#reading"), "Brief of this document").click()
    turn = tab.turn(3)
    assert "${window.hacked = 3} {{7*7}} `${4}`" in turn.inner_text()
    for place in ("#live", "#past", "#reading"):
        is_only_text(tab, place)


def test_the_page_of_a_hostile_pdf_is_only_a_picture(tab, world):
    library = world.pipeline.library
    file = world.files / "\"><img src=x onerror='window.hacked=4'> ${3}.pdf"
    shutil.copy(_REPORT, file)
    with file.open("ab") as other:
        other.write(b"\n% the same pages in another file\n")
    library.add([file])
    tab.ask(f"source:*onerror* {_LEDGER}")
    tab.turn(1)
    tab.page.locator("ol.notes button, .nearest button").first.click()
    tab.page.locator("#reading .sheet img").wait_for()
    assert tab.page.locator("#reading img").count() == 1
    alt = tab.page.locator("#reading .sheet img").get_attribute("alt")
    assert re.fullmatch(r"Page \d+ of \d+ as it looks, with the cited words boxed", alt)
    is_only_text(tab, "#reading")


def test_a_server_that_has_gone_is_said_and_gone_on_with(
    open_tab, served, scripted, tides, tmp_path
):
    (tmp_path / "tides.txt").write_text(tides)
    library = Library(tmp_path / "library", FakeEmbedder())
    library.add([tmp_path / "tides.txt"])
    with closing(library):
        with served(scripted(library)) as address:
            tab = open_tab(address)
            tab.ask(_NOON)
            tab.turn(1)
        tab.ask(_DUSK)
        told = tab.page.get_by_role("alert").get_by_text("Footnote is not running any more")
        told.wait_for()
        assert "at noon" in tab.page.locator("#turn-1").inner_text()
        box = tab.page.get_by_label("Your question")
        assert box.input_value() == _DUSK
        # It runs again: the page goes on where it was, with what could not be asked.
        with served(scripted(library), port=urlsplit(address).port):
            told.wait_for(state="hidden")
            tab.turn(1)
            tab.page.wait_for_function("document.querySelector('#question-box textarea').value")
            assert box.input_value() == _DUSK
            box.press("Enter")
            assert "harbour" in tab.turn(2).inner_text()
            assert _NOON in tab.page.locator("#turn-1").inner_text()
