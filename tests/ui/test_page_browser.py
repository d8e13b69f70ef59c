"""The page in a real headless Chromium: upload, ask, stop, open a citation, and hostile documents."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from index.library import Library
from models.errors import FootnoteError
from models.fake import FakeEmbedder
from rag.pipeline import build_pipeline
from rag.proof_checking import check, read_proof
from rag.settings import Settings
from ui.serving import choose_port, temporary_folder

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, scripted: Any, served: Any, tides: str, hostile: str
) -> Iterator[tuple[str, Any]]:
    """A page with a scripted pipeline over two documents, one of them hostile."""
    folder = tmp_path_factory.mktemp("shared")
    (folder / "tides.txt").write_text(tides)
    (folder / "<b>glacier ${2} {{7*7}}.txt").write_text(hostile)
    library = Library(folder / "library", FakeEmbedder())
    library.add([folder])
    pipeline = scripted(library)
    examples = ["When did the tide come in?"]
    with served(pipeline, examples=examples) as address:
        yield address, pipeline


def test_upload_ask_and_see_the_cited_words(open_tab, served, tides, tmp_path):
    pipeline = build_pipeline(
        Settings(
            library=tmp_path / "library", embedder="fake", generator="fake", min_confidence=0.0
        )
    )
    (tmp_path / "tides.txt").write_text(tides)
    (tmp_path / "empty.txt").write_text("")
    with served(pipeline) as address:
        tab = open_tab(address)
        tab.page.get_by_role("button", name="Add documents").click()
        files = [str(tmp_path / name) for name in ("tides.txt", "empty.txt")]
        tab.page.locator("#drop input[type=file]").set_input_files(files)
        tab.page.get_by_text("1 document added, 1 file not added.").wait_for()
        assert "Tides of the northern shore" in tab.page.locator("#shelf").inner_text()
        tab.page.get_by_role("tab", name="Ask").click()
        tab.ask("When did the tide come in and cover the beach?")
        tab.turn(1).locator("button.mark").first.click()
        marked = tab.marked()
        document = pipeline.library.store.documents()[0]
        assert "noon" in marked
        assert marked in pipeline.library.store.text(document.id)
        assert tab.page.locator("#reading h2").inner_text() == document.title
    assert (pipeline.library.folder / "uploads" / "tides.txt").exists()
    assert not list(pipeline.library.folder.glob("page-*"))


def test_the_mark_is_the_span_in_the_database_for_every_turn(open_tab, shared):
    address, pipeline = shared
    tab = open_tab(address)
    tab.page.get_by_role("button", name="When did the tide come in?").click()
    tab.turn(1)
    tab.ask("What did it leave at dusk?")
    tab.turn(2)
    store = pipeline.library.store
    (tides,) = (d for d in store.documents() if d.path.endswith("tides.txt"))
    for number, words in ((1, "The tide came in at noon"), (2, "It left the harbour at dusk.")):
        tab.turn(number).locator("ol.notes button").first.click()
        tab.page.locator("#reading mark").filter(has_text=words).wait_for()
        marked = tab.marked()
        start = store.text(tides.id).index(marked)
        assert marked == store.text(tides.id, start, start + len(marked))
    assert store.text(tides.id).strip() in tab.page.locator("#reading .document").text_content()


def test_a_hostile_document_is_text(open_tab, shared):
    address, _ = shared
    tab = open_tab(address)
    tab.ask("When did the glacier melt in ${2+2} {{5*5}} <script>window.hacked=9</script> summer?")
    answer = tab.turn(1)
    answer.locator("ol.notes button").first.click()
    marked = tab.marked()
    for words in (
        "<script>window.hacked = 1</script>",
        "${window.hacked = 3}",
        "{{7*7}}",
        "`${4}`",
    ):
        assert words in marked
        assert words in answer.inner_text()
    assert "![x](http://evil.example/x.png)" in marked
    assert "&lt;i&gt;" in marked
    assert "${2+2} {{5*5}} <script>" in answer.locator("h2").inner_text()
    assert tab.page.locator("#reading .control").first.get_attribute("data-code") == "U+202E"
    tab.open_library()
    tab.page.locator("#shelf table").wait_for()
    shelf = tab.page.locator("#shelf").inner_text()
    assert "<b>glacier ${2} {{7*7}}\n" in shelf
    assert tab.page.evaluate("window.hacked") is None
    inside = "#past img, #live img, #reading img, #shelf img, #live script, #reading a, #shelf b"
    assert tab.page.locator(inside).count() == 0


def test_stop_ends_the_answer_and_the_next_question_is_answered(open_tab, shared):
    address, pipeline = shared
    pipeline.closed.clear()
    tab = open_tab(address)
    tab.ask("slowly: when did the tide come in?")
    tab.page.locator("#live ol.stream li").wait_for()
    assert "Reading passage" in tab.page.locator("#live [role=status]").inner_text()
    # A sentence can be checked while the rest is still being read.
    tab.page.locator("#live button.mark").first.click()
    assert "tide" in tab.marked()
    tab.page.get_by_role("button", name="Stop").click()
    tab.turn(1, "stopped")
    assert pipeline.closed.wait(3)
    assert tab.page.get_by_role("button", name="Ask", exact=True).is_visible()
    tab.ask("When did the tide come in?")
    tab.turn(2)


def test_refusal_disagreement_and_errors(open_tab, shared):
    address, _ = shared
    tab = open_tab(address)
    tab.ask("Is nothing known about the tide?")
    refused = tab.turn(1)
    assert "The documents do not say." in refused.inner_text()
    refused.locator("button[data-act='passage']").first.click()
    assert "tide" in tab.marked()
    tab.ask("Do they disagree about the tide?")
    assert "Your documents disagree" in tab.turn(2).inner_text()
    tab.ask("fail")
    assert "The model file is damaged" in tab.turn(3, "failed").inner_text()
    tab.page.get_by_role("button", name="New conversation").click()
    tab.page.get_by_role("heading", name="Ask your documents.").wait_for()
    assert tab.page.locator(".turn").count() == 0


def test_closing_the_tab_ends_the_answer(open_tab, shared):
    address, pipeline = shared
    tab = open_tab(address)
    pipeline.closed.clear()
    tab.ask("slowly: when did the tide come in?")
    tab.page.locator("#live ol.stream li").wait_for()
    assert not pipeline.closed.is_set()
    tab.page.goto("about:blank")
    assert pipeline.closed.wait(10)


def test_two_browsers_do_not_mix(open_tab, shared):
    address, _ = shared
    first, second = open_tab(address), open_tab(address)
    first.ask("slowly: when did the tide come in?")
    first.page.locator("#live ol.stream li").wait_for()
    second.ask("When did the glacier melt in summer?")
    second.turn(1).locator("button.mark").first.click()
    assert "glacier" in second.marked()
    assert first.page.locator("#reading mark").count() == 0
    assert "glacier" not in first.page.locator("#live").inner_text()
    assert second.page.locator(".turn").count() == 1
    first.page.get_by_role("button", name="Stop").click()
    first.turn(1, "stopped")


def test_keyboard_alone_opens_a_citation_and_comes_back(open_tab, shared):
    address, _ = shared
    tab = open_tab(address)
    tab.ask("When did the tide come in?")
    mark = tab.turn(1).locator("button.mark").first
    mark.focus()
    tab.page.keyboard.press("Enter")
    assert "noon" in tab.marked()
    tab.page.wait_for_function("document.activeElement.tagName === 'H2'")
    tab.page.keyboard.press("Escape")
    assert mark.evaluate("button => button === document.activeElement")
    assert tab.page.evaluate("document.documentElement.lang") == "en"


def test_pointing_at_a_footnote_shows_its_passage(open_tab, shared):
    address, _ = shared
    tab = open_tab(address)
    tab.ask("When did the glacier melt in ${2+2} summer?")
    mark = tab.turn(1).locator("button.mark").first
    card = tab.page.locator("#hover-card")
    assert card.count() == 0
    mark.hover()
    card.wait_for(state="visible")
    assert "<script>window.hacked = 1</script>" in card.inner_text()
    assert card.locator("script, img, a, [id]").count() == 0
    box, place = card.bounding_box(), mark.bounding_box()
    assert box["y"] + box["height"] <= place["y"] or box["y"] >= place["y"] + place["height"]
    tab.page.mouse.move(2, 2)
    card.wait_for(state="hidden")
    mark.focus()
    card.wait_for(state="visible")
    tab.page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    assert tab.page.evaluate("window.hacked") is None


def test_a_conversation_is_saved_and_proves_itself(browser, open_tab, shared, tmp_path):
    address, pipeline = shared
    tab = open_tab(address)
    assert not tab.page.get_by_role("button", name="Save with proof").is_visible()
    tab.ask("When did the tide come in?")
    tab.turn(1)
    tab.ask("When did the glacier melt in summer?")
    tab.turn(2)
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Save with proof").click()
    assert download.value.suggested_filename == "footnote-proof.html"
    download.value.save_as(tmp_path / "proof.html")
    text = (tmp_path / "proof.html").read_text(encoding="utf-8")
    answers = read_proof(text)
    assert [a.question for a in answers] == [
        "When did the tide come in?",
        "When did the glacier melt in summer?",
    ]
    checks = check(answers, [Path(d.path) for d in pipeline.library.store.documents()])
    assert checks
    assert all(one.holds for one in checks)
    # The file alone, in a browser that knows nothing of the page.
    alone = browser.new_context().new_page()
    asked = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto((tmp_path / "proof.html").as_uri())
    quotes = alone.locator("blockquote").all_inner_texts()
    assert any("<script>window.hacked = 1</script>" in quote for quote in quotes)
    assert alone.evaluate("window.hacked") is None
    assert [urlsplit(url).scheme for url in asked] == ["file"]
    alone.context.close()


def test_phone_width_stacks_and_scrolls_to_the_citation(open_tab, shared):
    address, _ = shared
    tab = open_tab(address, viewport={"width": 390, "height": 844})
    tab.ask("When did the tide come in?")
    tab.turn(1).locator("button.mark").first.click()
    tab.marked()
    tab.page.wait_for_function(
        "document.querySelector('#reading mark').getBoundingClientRect().top < innerHeight"
    )
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not tab.page.evaluate(wide)
    tab.page.get_by_role("button", name="Back to the answer").click()
    tab.page.wait_for_function(
        "document.querySelector('button.mark').getBoundingClientRect().top > 0"
    )


def test_phone_width_opens_a_footnote_above_the_question_box(open_tab, shared):
    address, _ = shared
    tab = open_tab(address, viewport={"width": 375, "height": 700})
    tab.ask("When did the tide come in?")
    tab.turn(1).locator("button.mark").first.click()
    tab.marked()
    # In one go, as the page may still be scrolling.
    boxes = (
        "['#live', '#side', '#composer'].map(part => "
        "document.querySelector(part).getBoundingClientRect().toJSON())"
    )
    answer, reading, _ = tab.page.evaluate(boxes)
    assert answer["bottom"] <= reading["top"] + 1
    tab.page.evaluate("scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'})")
    _, reading, box = tab.page.evaluate(boxes)
    assert reading["bottom"] <= box["top"] + 1
    assert box["bottom"] <= 700


def test_phone_width_leaves_room_for_titles_in_the_library(open_tab, shared):
    address, _ = shared
    tab = open_tab(address, viewport={"width": 375, "height": 700})
    tab.open_library()
    row = tab.page.locator("#shelf tbody tr").first
    row.wait_for()
    assert row.locator("th").bounding_box()["width"] >= 0.4 * 375
    row.locator("[data-act='ask-remove']").click()
    keep = row.get_by_role("button", name="Keep")
    assert keep.bounding_box()["x"] + keep.bounding_box()["width"] <= 375
    assert row.locator("th").bounding_box()["width"] >= 0.4 * 375
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not tab.page.evaluate(wide)


def test_a_document_is_removed_after_a_second_click(open_tab, shared, tmp_path):
    address, pipeline = shared
    (tmp_path / "short-lived.txt").write_text("This one will not stay for long.")
    tab = open_tab(address)
    tab.open_library()
    tab.page.locator("#drop input[type=file]").set_input_files(str(tmp_path / "short-lived.txt"))
    row = tab.page.locator("tr", has_text="short-lived")
    row.get_by_role("button", name="Remove short-lived from the library").click()
    assert row.count() == 1
    row.get_by_role("button", name="Remove", exact=True).click()
    tab.page.get_by_text("is no longer in the library").wait_for()
    assert row.count() == 0
    assert not (pipeline.library.folder / "uploads" / "short-lived.txt").exists()


def test_only_loopback_names_are_answered(shared):
    import httpx

    address, _ = shared
    with httpx.Client(trust_env=False) as client:
        response = client.get(address)
        assert response.status_code == 200
        assert "connect-src 'self'" in response.headers["content-security-policy"]
        assert client.get(address, headers={"host": "evil.example"}).status_code == 403


def test_a_taken_port_is_named_and_passed_over(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(FootnoteError, match=f"Port {port} is taken"):
            choose_port("127.0.0.1", port)
    assert choose_port("127.0.0.1", None) >= 7860
    with pytest.raises(FootnoteError, match="listens on"):
        choose_port("0.0.0.0", None)


@pytest.mark.skipif(os.name == "nt", reason="Windows terminates without asking")
def test_a_terminated_server_leaves_no_folder(tmp_path: Path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom rag.pipeline import build_pipeline\n"
        "from rag.settings import Settings\nfrom ui.chat import serve\n"
        "models = {'embedder': 'fake', 'generator': 'fake'}\n"
        "pipeline = build_pipeline(Settings(library=Path(sys.argv[1]), **models))\n"
        "serve(pipeline, open_browser=False)\n"
    )
    library = tmp_path / "library"
    command = [sys.executable, "-c", code, str(library)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert "Footnote is at" in server.stdout.readline()
            assert len(list(library.glob("page-*"))) == 1
            server.terminate()
            assert server.wait(30) == 0
        finally:
            server.kill()
    assert not list(library.glob("page-*"))


def test_folders_of_killed_servers_are_cleared_away(tmp_path: Path):
    left, other = tmp_path / "page-999999999-x", tmp_path / "uploads"
    left.mkdir()
    other.mkdir()
    with temporary_folder(tmp_path) as folder:
        assert folder.parent == tmp_path
        assert not left.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["uploads"]
