"""A brief as HTML: headings, quoted and written lines, footnote buttons as under an answer."""

from collections.abc import Sequence

from rag.brief import Brief, BriefLine, BriefSection
from rag.brief_rendering import REFUSED, about, groups, line_text, parts, said_by, title_line
from rag.rendering import shown
from ui.footnotes import marks, notes, support
from ui.markup import Markup, el, isolate, join
from ui.turns import Turn


def brief_html(brief: Brief, turn: Turn) -> Markup:
    """A brief; its buttons carry the turn's number and the footnote's.

    Args:
        brief: the brief.
        turn: by whose number the session finds the footnotes; its heading is not repeated.
    """
    return el(
        "div",
        _head(turn, brief),
        *(_section(turn, section) for section in parts(brief)),
        notes(turn),
        class_="brief refused" if brief.status == "refused" else "brief",
        data_kind=brief.kind,
    )


def _head(turn: Turn, brief: Brief) -> Markup:
    first = title_line(brief)
    return join(
        (
            el("p", REFUSED, class_="short") if brief.status == "refused" else None,
            el(
                "dl",
                *(_place(turn, "Title", [first]) for first in (first,) if first),
                *(_place(turn, label, lines) for label, lines in about(brief)),
                class_="about",
            )
            if brief.kind == "document"
            else None,
            el("p", brief.note, class_="note") if brief.note else None,
        )
    )


def _place(turn: Turn, label: str, lines: Sequence[BriefLine]) -> Markup:
    words = (
        join((isolate(shown(line.sentence.text)), marks(turn, line.sentence.citations)))
        for line in lines
    )
    return el("div", el("dt", label), *(el("dd", one) for one in words))


def _section(turn: Turn, section: BriefSection) -> Markup:
    items = (_item(turn, label, lines) for label, lines in groups(section))
    return el(
        "section",
        el("h3", section.heading),
        el("ul", *items, class_="brief-lines"),
        class_=f"brief-part {section.key}",
    )


def _item(turn: Turn, label: str, lines: Sequence[BriefLine]) -> Markup:
    head = el("span", isolate(shown(label)), class_="label") if label else None
    if len(lines) == 1:
        return el("li", head, " " if head else None, _words(turn, lines[0]))
    return el("li", head, el("ul", *(el("li", _words(turn, line)) for line in lines)))


def _words(turn: Turn, line: BriefLine) -> Markup:
    sentence, who = line.sentence, said_by(line)
    is_quote = sentence.kind == "quote"
    body = el("q", line_text(line)) if is_quote else isolate(sentence.text)
    return join(
        (
            el("span", body, class_="quoted" if is_quote else "written", dir="auto"),
            el("span", " ", isolate(who), class_="speaker") if who else None,
            marks(turn, sentence.citations),
            support(sentence),
        )
    )
