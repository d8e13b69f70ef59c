"""Footnotes as HTML: numbers as buttons, the list under an answer, nearest passages.

Buttons carry `data-act` and numbers; `assets/page.js` turns a click into an event, and the numbers
are looked up in the session, never trusted.
"""

from collections.abc import Sequence

from rag.rendering import doubt, shown
from rag.types import Citation, PassageUse, Sentence
from ui.markup import Markup, el, isolate, join
from ui.turns import Turn

_NEAREST_SHOWN = 3
_PLAIN_ROLES = ("", "body", "heading")


def marks(turn: Turn, citations: Sequence[Citation]) -> Markup | None:
    """Footnote numbers as buttons."""
    if not citations:
        return None
    buttons = (
        button(
            str(citation.n),
            "footnote",
            class_="mark",
            data_turn=turn.number,
            data_n=citation.n,
            aria_label=f"Footnote {citation.n}: {_source_words(citation)}",
        )
        for citation in citations
    )
    return el("sup", *buttons, class_="marks")


def support(sentence: Sentence) -> Markup | None:
    """What stands beside a sentence that its passages do not prove."""
    words = doubt(sentence)
    return el("span", words, class_=f"support {sentence.support}") if words else None


def notes(turn: Turn) -> Markup | None:
    """The footnotes under an answer, each number once."""
    known: dict[int, Citation] = {}
    for sentence in turn.sentences:
        for citation in sentence.citations:
            known.setdefault(citation.n, citation)
    if not known:
        return None
    items = (
        el(
            "li",
            button(
                join(
                    (
                        el("span", str(n), class_="n", aria_hidden="true"),
                        el("span", isolate(citation.title), class_="title"),
                        _details(citation),
                        el("span", isolate(shown(citation.quote)), class_="quote", dir="auto"),
                    )
                ),
                "footnote",
                class_="note-button",
                data_turn=turn.number,
                data_n=n,
            ),
            value=n,
        )
        for n, citation in sorted(known.items())
    )
    return el("ol", *items, class_="notes", aria_label="Footnotes")


def nearest(turn: int, passages: Sequence[PassageUse]) -> tuple[Markup, ...]:
    """The passages that came nearest, the first few in sight."""
    if not passages:
        return ()
    items = [_passage(turn, passage) for passage in passages]
    first, more = items[:_NEAREST_SHOWN], items[_NEAREST_SHOWN:]
    shown = (el("h3", "Nearest passages"), el("ul", *first, class_="notes nearest"))
    if not more:
        return shown
    summary = el("summary", f"{len(more)} more")
    return (*shown, el("details", summary, el("ul", *more, class_="notes nearest")))


def button(label: str, act: str, **attributes: str | int) -> Markup:
    """A button whose click `assets/page.js` knows by `act`."""
    return el("button", label, type="button", data_act=act, **attributes)


def locator_words(locator: object) -> str | None:
    """Where in the file, e.g. "page 3"; None where unknown."""
    if not isinstance(locator, dict):
        return None
    for name in ("page", "table", "paragraph", "line"):
        if locator.get(name) is not None:
            return f"{name} {locator[name]}"
    return None


def _passage(turn: int, passage: PassageUse) -> Markup:
    label = (
        el("span", isolate(passage.title), class_="title"),
        _details(passage),
        el("span", isolate(shown(passage.text)), class_="quote", dir="auto"),
    )
    numbers = {"data_turn": turn, "data_n": passage.n}
    return el("li", button(join(label), "passage", class_="note-button", **numbers))


def _details(source: Citation | PassageUse) -> Markup | None:
    """Date, speaker, section, page and role in one quiet line."""
    locator = source.locator if isinstance(source, Citation) else None
    parts = [source.date, source.speaker, source.section, locator_words(locator)]
    parts.append(None if source.role in _PLAIN_ROLES else source.role)
    shown = [part for part in parts if part]
    if not shown:
        return None
    pieces = join(
        piece for part in shown for piece in (el("span", " · ", class_="dot"), isolate(part))
    )
    return el("span", pieces, class_="details")


def _source_words(citation: Citation) -> str:
    words = [citation.title, citation.date, citation.speaker, locator_words(citation.locator)]
    return " · ".join(part for part in words if part)
