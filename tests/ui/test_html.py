import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library import Library
from rag.types import Event
from ui.conversation import Session
from ui.html import confidence_words, turn_html, welcome_html
from ui.markup import Markup, el, isolate, join, text
from ui.opened import Opened
from ui.reading import opened_html
from ui.turns import Turn

HOSTILE = (
    "<script>window.hacked = 1</script> ${1+1} {{7*7}} `x` \\u0024 "
    "![x](http://evil.example/x.png) <img src=x onerror=alert(1)> &amp; \"quoted\" 'single' "
    "javascript:alert(1) \u202egnp.exe\u202c end"
)
DOCUMENT = (
    "A report on tides\n\n2024-05-01\n\nThe tide came in at noon and covered the whole of the "
    "northern\nbeach. It left again at dusk.\n\nNobody measured it."
)


class _Reader(HTMLParser):
    """The tags, attributes and text of a piece of HTML, as a browser would read them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.marked = ""
        self._in_mark = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._in_mark += tag == "mark"

    def handle_endtag(self, tag: str) -> None:
        self._in_mark -= tag == "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_mark:
            self.marked += data


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


@pytest.fixture
def store(library: Library, tmp_path: Path):
    path = tmp_path / "tides.txt"
    path.write_text(DOCUMENT)
    library.add([path])
    return library.store


def opened(start: int, end: int, **changes) -> Opened:
    shown = Opened(
        label="Footnote 1",
        document="1",
        path="/tides.txt",
        title="Tides",
        start=start,
        end=end,
        quote=DOCUMENT[start:end],
        section=None,
        speaker="Ada",
        date="2024-05-01",
        role="body",
        locator={"page": 3},
    )
    return replace(shown, **changes)


def placed(store, shown: Opened) -> Opened:
    return replace(shown, path=store.document(1).path)


def answered(pipeline, question: str) -> Turn:
    session = Session()
    assert session.begin(question)
    return list(session.stream(pipeline))[-1]


# -- markup ---------------------------------------------------------------------------------------


def test_text_becomes_neither_tag_nor_template():
    shown = text(HOSTILE)
    assert not set("$`{}\\\"'") & set(re.sub(r"<span class=\"control\".*?</span>", "", shown))
    reader = read(shown)
    assert set(reader.tags) == {"span"}
    assert reader.text == HOSTILE.replace("\u202e", "").replace("\u202c", "")


def test_controls_that_turn_or_hide_text_are_shown():
    shown = text("a\u202eb\u2066c\x1bd\U000e0041")
    assert re.findall(r'data-code="(.*?)"', shown) == ["U+202E", "U+2066", "U+001B", "U+E0041"]
    assert "\u202e" not in shown
    assert "\u202e" not in el("p", title="\u202e")


def test_attributes_cannot_be_broken_out_of():
    reader = read(el("p", title='"><script>${1}', hidden=True, lang=None, aria_busy=False))
    assert reader.tags == ["p"]
    assert reader.attributes == [("title", '"><script>${1}'), ("hidden", None)]


def test_children_are_escaped_unless_they_are_markup():
    assert el("p", "<b>", el("i", "x"), None) == "<p>&#60;b&#62;<i>x</i></p>"
    assert join(["<", Markup("<br>")]) == "&#60;<br>"
    assert isolate("x") == "<bdi>x</bdi>"


@given(st.text())
def test_any_text_comes_back_as_it_was(value: str):
    plain = re.sub(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", value
    )
    plain = re.sub(r"[\U000e0000-\U000e007f]", "", plain)
    reader = read(text(plain))
    assert reader.text == plain
    assert not reader.tags
    text(value).encode()


def test_lone_surrogates_can_be_sent():
    assert text("a\ud800b") == "a\ufffdb"


# -- turns ----------------------------------------------------------------------------------------


def test_answer_has_short_answer_sentences_and_footnotes(pipeline, store):
    turn = answered(pipeline, "When did the tide come in?")
    html = turn_html(turn)
    reader = read(html)
    assert "Answered from your documents" in reader.text
    assert "High confidence" in reader.text
    assert reader.tags.index("p") < reader.tags.index("ol")
    first = turn.sentences[0].citations[0]
    labels = [value for name, value in reader.attributes if name == "aria-label"]
    assert any(str(label).startswith(f"Footnote {first.n}: {first.title}") for label in labels)
    assert ("data-turn", "1") in reader.attributes
    assert 'class="notes"' in html
    assert reader.text.count(first.quote) >= 2


def test_refusal_names_the_nearest_passages(pipeline, store):
    turn = answered(pipeline, "Is nothing known of the tide at noon?")
    reader = read(turn_html(turn))
    assert "The documents do not say." in reader.text
    assert "Nearest passages" in reader.text
    assert ("data-act", "passage") in reader.attributes


def test_disagreement_stands_side_by_side_with_dates(pipeline, store):
    html = turn_html(answered(pipeline, "Do they disagree about the tide?"))
    assert "Your documents disagree" in html
    assert html.count('<section class="side">') == 1
    assert "2024-05-01" in html


def test_doubtful_sentences_say_so(pipeline, store):
    turn = answered(pipeline, "When did the tide come in?")
    doubtful = replace(turn.sentences[0], support="unsupported", kind="written")
    assert "not supported" not in turn_html(turn)
    assert "not supported by its passage" in turn_html(replace(turn, sentences=(doubtful,)))


@pytest.mark.parametrize("state", ["working", "stopped", "failed"])
def test_hostile_words_stay_words_in_every_state(pipeline, state):
    turn = Turn(1, HOSTILE, state=state, step=HOSTILE, draft=HOSTILE, error=HOSTILE)
    reader = read(turn_html(turn))
    assert not {"script", "img", "a"} & set(reader.tags)
    assert not any(name.startswith("on") for name, _ in reader.attributes)


def test_hostile_document_stays_text_in_an_answer(pipeline, library, tmp_path):
    path = tmp_path / "<b>${2}.txt"
    path.write_text(f"{HOSTILE}\n\nThe harbour {HOSTILE} froze.")
    library.add([path])
    html = turn_html(answered(pipeline, "When did the harbour freeze?"))
    assert not {"script", "img", "b", "a"} & set(read(html).tags)
    assert "${" not in html
    assert "{{" not in html


def test_a_question_without_end_is_cut_for_show():
    html = turn_html(Turn(1, "x" * 100_000))
    assert len(html) < 10_000
    assert "(100,000 characters)" in html


def test_steps_and_waiting_are_shown():
    html = turn_html(Turn(1, "q", step="Reading passage 2 of 4", seconds=7))
    assert "Reading passage 2 of 4" in html
    assert " · 7 s" in html
    assert 'data-state="working"' in html


def test_confidence_in_words():
    words = [confidence_words(value) for value in (1.0, 0.7, 0.69, 0.4, 0.39, 0.0)]
    assert [word.split()[0] for word in words] == ["High", "High", "Fair", "Fair", "Low", "Low"]
    assert words[-1].endswith("check the passage")


def test_a_question_read_otherwise_is_said_as_in_the_terminal(pipeline, store):
    turn = answered(pipeline, "When did the tide come in?")
    assert "Understood as:" not in turn_html(turn)
    answer = replace(turn.answer, standalone_question="When did the tide of May come in?")
    words = read(turn_html(replace(turn, answer=answer))).text
    assert "Understood as: When did the tide of May come in?" in words


@pytest.mark.parametrize(
    ("short", "n"), [("AT  dusk", 2), ("in Noon's light", 3), ("the beach", 1), ("nowhere", 1)]
)
def test_the_short_answer_has_the_footnote_of_its_sentence(short, n, pipeline, store):
    turn = answered(pipeline, "When did the tide come in?")
    (citation,) = turn.sentences[0].citations
    texts = ("The tide covered the beach.", "It left at dusk.", "Seen in noon's light at dusk.")
    sentences = tuple(
        replace(turn.sentences[0], text=text, citations=(replace(citation, n=number),))
        for number, text in enumerate(texts, start=1)
    )
    answer = replace(turn.answer, short_answer=short, sentences=sentences)
    html = turn_html(replace(turn, answer=answer, sentences=sentences))
    shown = html.partition('class="short"')[2].partition("</p>")[0]
    assert re.findall(r'data-n="(\d+)"', shown) == [str(n)]


def test_what_was_searched_and_looked_at_is_said(pipeline, store):
    turn = answered(pipeline, "When did the tide come in?")
    note = "Looked at all 9 documents: 2 mention “tide”."
    answer = replace(turn.answer, within="source:<b>tide*", note=note)
    words = read(turn_html(replace(turn, answer=answer))).text
    assert "Searched only: source:<b>tide*" in words
    assert note in words
    refused = replace(answer, status="refused", short_answer=None, sentences=(), passages=())
    assert note in read(turn_html(replace(turn, answer=refused, sentences=()))).text


def test_a_long_list_of_documents_is_counted_instead(pipeline, store):
    turn = answered(pipeline, "When did the tide come in?")
    long = replace(turn.answer, note="Looked at all 9.", short_answer="; ".join(["Title"] * 40))
    html = turn_html(replace(turn, answer=replace(long, n_documents=1_040)))
    assert "Title; Title" not in html
    assert "1,040 documents" in html
    # An amount with a long title is no list.
    assert "Title; Title" in turn_html(replace(turn, answer=long))


def test_welcome_of_an_empty_library_offers_to_add():
    assert ("data-act", "library") in read(welcome_html(0)).attributes
    html = welcome_html(12, ["What <i>is</i> it?"])
    assert "12 documents" in html
    assert "i" not in read(html).tags


# -- reading column -------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "end"), [(0, 8), (31, 60), (80, 130), (0, len(DOCUMENT))])
def test_what_is_marked_is_what_the_library_holds(store, start, end):
    reader = read(opened_html(store, placed(store, opened(start, end)), opening=1))
    assert reader.marked == store.text(1, start, end)
    assert DOCUMENT in reader.text


def test_head_of_the_reading_column(store):
    text_shown = read(opened_html(store, opened(31, 60), opening=1)).text
    for words in ("Footnote 1", "Tides", "2024-05-01", "Ada", "page 3", "/tides.txt"):
        assert words in text_shown


def test_long_documents_are_shown_around_the_span(library, tmp_path):
    words = "".join(f"Line {number} of a long text.\n" for number in range(12_000))
    path = tmp_path / "long.txt"
    path.write_text(words)
    library.add([path])
    start = words.index("Line 6000")
    shown = placed(library.store, opened(start, start + 9, quote="Line 6000"))
    near = opened_html(library.store, shown, opening=1)
    wide = opened_html(library.store, replace(shown, whole=True), opening=2)
    assert read(near).marked == read(wide).marked == "Line 6000"
    assert "Show more of the document" in near
    assert len(near) < 8_000 < len(wide) < 60_000
    assert "Characters" in wide


def test_a_changed_or_removed_document_shows_the_quote(store, library):
    other = placed(store, opened(31, 60, quote="other words"))
    changed = opened_html(store, other, opening=1)
    assert "<mark>" not in changed
    assert "other words" in changed
    library.remove(1)
    gone = opened_html(store, opened(31, 60), opening=1)
    assert DOCUMENT[31:60] in read(gone).text
    assert "no longer holds" in gone


def test_an_unknown_footnote_is_said(store):
    assert "no longer known" in opened_html(store, None, opening=1)


def test_event_kinds_are_those_the_page_knows():
    assert set(Event.__annotations__) == {"kind", "text", "sentence", "answer"}
