"""The reading column: a document around a cited span, the span marked.

The text is shown exactly as the library holds it, so that what is marked are the cited characters
and nothing else; its blocks only change how it looks.
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.store import Store
from index.types import Document, Role
from rag.staleness import cited_document
from rag.weblink import cited_at
from ui.footnotes import locator_words
from ui.markup import Markup, el, isolate, join
from ui.opened import Opened
from ui.pdf_page import pdf_page_html

_SURROUNDINGS = 1_500
_WHOLE_LIMIT = 200_000
_WINDOW = 20_000

# A line end behind a long line: where the next line goes on in lower case, the sentence does.
_SOFT_BREAK = re.compile(r"(?<=[^\n]{40})\n(?=\w)")

Block = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a document's text with its blocks (start, end, class of its role)."""

    start: int
    end: int
    text: str
    blocks: tuple[Block, ...]
    n_chars: int


def closed_html(n_documents: int) -> Markup:
    """The column before anything is opened."""
    words = (
        "Choose a footnote to read the passage in its document."
        if n_documents
        else "The passage behind a footnote is shown here, in its document."
    )
    return el("p", words, class_="placeholder")


def opened_html(store: Store, opened: Opened | None, *, opening: int) -> Markup:
    """What is open, with its surroundings.

    Args:
        store: where the text is.
        opened: the stretch; None where a click named something that is not there.
        opening: counts openings; the page scrolls to the mark whenever it changes.
    """
    if opened is None:
        return el("p", "This footnote is no longer known; ask again.", class_="placeholder")
    document = cited_document(store, opened.document, opened.path, opened.sha256)
    excerpt = _excerpt(store, document, opened)
    page = pdf_page_html(store, document, opened) if document and excerpt else None
    return el(
        "section",
        _head(opened, document),
        page and _views(opened),
        page and el("div", page, class_="view page", tabindex="0"),
        el("div", *_text(opened, excerpt), class_="view text", hidden=page is not None),
        class_="reading",
        data_opening=opening,
        aria_label=f"{opened.label}: {opened.title}",
    )


def _views(opened: Opened) -> Markup:
    """The page as it looks, or its text: one of the two is shown."""
    number = (opened.locator or {}).get("page")
    return el(
        "div",
        el("button", f"Page {number}", type="button", data_act="view-page", aria_pressed="true"),
        el("button", "Text", type="button", data_act="view-text", aria_pressed="false"),
        class_="views",
        role="group",
        aria_label="How the document is shown",
    )


def _excerpt(store: Store, document: Document | None, opened: Opened) -> Excerpt | None:
    """The stretch to show; None where the document is gone or says something else there."""
    if document is None or store.text(document.id, opened.start, opened.end) != opened.quote:
        return None
    if opened.whole and document.n_chars < _WHOLE_LIMIT:
        start, end = 0, document.n_chars
    else:
        reach = _WINDOW if opened.whole else _SURROUNDINGS
        start, end = max(0, opened.start - reach), min(document.n_chars, opened.end + reach)
    text = store.text(document.id, start, end)
    cut = _leading_cut(text, opened.start - start) if start else 0
    tail = _trailing_cut(text, opened.end - start) if end < document.n_chars else len(text)
    blocks = tuple(
        (b_start, b_end, role.value.replace(" ", "-"))
        for b_start, b_end, role, _, _ in store.blocks(document.id, start, end)
        if role is not Role.BODY
    )
    return Excerpt(start + cut, start + tail, text[cut:tail], blocks, document.n_chars)


def _leading_cut(text: str, before: int) -> int:
    """Begin at a line, or else at a word, so that no word is cut in half."""
    for break_ in ("\n", " "):
        at = text.find(break_, 0, before)
        if at >= 0:
            return at + 1
    return 0


def _trailing_cut(text: str, after: int) -> int:
    for break_ in ("\n", " "):
        at = text.rfind(break_, after)
        if at >= 0:
            return at
    return len(text)


def _head(opened: Opened, document: Document | None) -> Markup:
    facts = (
        ("Date", opened.date),
        ("Speaker", opened.speaker),
        ("Section", opened.section),
        ("Place", locator_words(opened.locator)),
        ("Part", None if opened.role in ("", "body") else opened.role),
        ("File", opened.path),
    )
    rows = (
        el("div", el("dt", name), el("dd", isolate(value)), class_=f"fact {name.lower()}")
        for name, value in facts
        if value
    )
    return el(
        "header",
        el("p", opened.label, class_="label"),
        el("h2", isolate(opened.title), tabindex="-1"),
        el("dl", *rows, _web(opened)),
        # Shown where the columns are stacked.
        el("button", "Back to the answer", type="button", data_act="back", class_="back"),
        el(
            "button",
            "Brief of this document",
            type="button",
            class_="brief-of",
            data_act="brief",
            data_document=document.id,
        )
        if document
        else None,
    )


def _web(opened: Opened) -> Markup | None:
    """A link that opens the saved page where it came from, at the cited words."""
    address = cited_at(opened.locator, opened.quote)
    if address is None:
        return None
    link = el(
        "a",
        "open at these words",
        href=address,
        target="_blank",
        rel="noreferrer noopener",
        title=address,
    )
    return el("div", el("dt", "On the web"), el("dd", link), class_="fact web")


def _text(opened: Opened, excerpt: Excerpt | None) -> tuple[Markup | None, ...]:
    if excerpt is None:
        words = "The library no longer holds these words in this place: the document was changed "
        words += "or removed after the answer was given. The answer quoted:"
        return (
            el("p", words, class_="changed", role="alert"),
            el("blockquote", opened.quote, class_="document", dir="auto"),
        )
    earlier, later = excerpt.start > 0, excerpt.end < excerpt.n_chars
    class_ = f"document{' begins-earlier' if earlier else ''}{' goes-on' if later else ''}"
    return (
        el("div", *_pieces(opened, excerpt), class_=class_, dir="auto", tabindex="0"),
        _more(opened, excerpt) if earlier or later else None,
    )


def _more(opened: Opened, excerpt: Excerpt) -> Markup:
    if opened.whole:
        words = f"Characters {excerpt.start:,} to {excerpt.end:,} of {excerpt.n_chars:,}."
        return el("p", words, class_="note")
    whole = excerpt.n_chars < _WHOLE_LIMIT
    label = "Show the whole document" if whole else "Show more of the document"
    return el("button", label, type="button", data_act="more", class_="more")


def _pieces(opened: Opened, excerpt: Excerpt) -> Iterable[Markup]:
    """The text cut where a block or the marked span begins or ends."""
    span = (opened.start, opened.end)
    cuts = {excerpt.start, excerpt.end, *_within(span, excerpt)}
    for start, end, _ in excerpt.blocks:
        cuts.update(_within((start, end), excerpt))
    for start, end in itertools.pairwise(sorted(cuts)):
        words = excerpt.text[start - excerpt.start : end - excerpt.start]
        role = _role_at(excerpt.blocks, start)
        marked = span[0] <= start < span[1]
        piece = el("mark", _lines(words)) if marked else _lines(words)
        yield el("span", piece, class_=f"block {role}") if role else piece


def _lines(words: str) -> Markup:
    """Text whose line ends are kept, but drawn as spaces where a file broke its lines."""
    parts: list[str] = []
    at = 0
    for broken in _SOFT_BREAK.finditer(words):
        if words[broken.end()].islower():
            parts += (words[at : broken.start()], el("span", "\n", class_="soft-break"))
            at = broken.end()
    return join((*parts, words[at:]))


def _within(span: tuple[int, int], excerpt: Excerpt) -> Iterable[int]:
    return (at for at in span if excerpt.start < at < excerpt.end)


def _role_at(blocks: Sequence[Block], at: int) -> str | None:
    return next((role for start, end, role in blocks if start <= at < end), None)
