"""From HTML events to visible text with hints: a parser that remembers where each element began.

Knows nothing about files or encodings.
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from index.types import Hint, LoadedText, Locator, SourceRange

_HIDDEN = {
    *("script", "style", "template", "noscript", "svg", "math", "iframe", "object", "canvas"),
    *("datalist", "audio", "video"),
}
_VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
    *("track", "wbr", "param"),
}
_PARAGRAPHS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "ul", "ol", "dl"),
    *("article", "section", "main", "nav", "header", "footer", "aside", "dialog", "figure"),
    *("form", "details", "address", "fieldset", "title", "body"),
}
_LINES = {
    *("div", "li", "tr", "dt", "dd", "figcaption", "summary", "caption", "option", "legend"),
    *("center", "hgroup", "thead", "tbody", "tfoot", "optgroup", "select", "label", "br", "hr"),
}
_LABELS = frozenset({"a", "span", "time", "cite", "label", "small"})
_TAG_KINDS = {
    **{f"h{level}": "heading" for level in range(1, 7)},
    **{"title": "title", "nav": "navigation", "footer": "footer", "aside": "aside"},
    **{"dialog": "dialog", "li": "list item", "table": "table", "blockquote": "quote"},
    **{
        "pre": "code",
        "dt": "heading",
        "p": "paragraph",
        "header": "header",
        "button": "navigation",
    },
    **{"select": "navigation", "time": "date"},
}
_ROLE_KINDS = {
    **{"navigation": "navigation", "banner": "header", "contentinfo": "footer"},
    **{"complementary": "aside", "dialog": "dialog", "alertdialog": "dialog", "menu": "navigation"},
}
_WORD_KINDS = (
    ("dialog", {"cookie", "cookies", "consent", "gdpr", "cmp", "modal", "popup", "paywall"}),
    ("comment", {"comment", "comments", "commentlist", "respond", "disqus", "replies"}),
    ("navigation", {"breadcrumb", "breadcrumbs", "menu", "navbar", "nav", "pagination", "topnav"}),
    (
        "aside",
        {
            *("related", "recommended", "recommendations", "share", "sharing", "social", "ad"),
            *("newsletter", "subscribe", "promo", "promotion", "advert", "advertisement", "ads"),
            *("sidebar", "sponsored", "teaser", "teasers", "trending", "popular", "player"),
        },
    ),
    ("footer", {"footer", "colophon", "copyright"}),
    ("author", {"byline", "author"}),
)
_CLOSED_BY = {
    **{"li": {"li"}, "tr": {"tr", "td", "th"}, "td": {"td", "th"}, "th": {"td", "th"}},
    **{"dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "option": {"option"}},
}
_META_KINDS = {
    **dict.fromkeys(
        (
            *("article:published_time", "datepublished", "date", "dc.date", "pubdate"),
            *("dc.date.issued", "publish-date", "og:published_time", "parsely-pub-date"),
        ),
        "date",
    ),
    **dict.fromkeys(("author", "article:author", "dc.creator", "parsely-author"), "author"),
    **dict.fromkeys(("og:title", "twitter:title", "dc.title"), "title"),
}
_WORD = re.compile(r"[a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_NOT_SHOWN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_JSON_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')
_MAX_DEPTH = 500

_Attributes = list[tuple[str, str | None]]


@dataclass(slots=True)
class _Open:
    """An element that has not ended yet; `kind` is "" where it says nothing."""

    tag: str
    start: int
    kind: str = ""
    level: int = 0
    value: str | None = None
    hidden: bool = False
    by_class: bool = False
    holds_article: bool = False


class PageText(HTMLParser):
    """Collects the visible text; feed it, close it, then ask for `loaded()`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._length = 0
        self._breaks = 0  # line ends owed before the next text
        self._space = False  # a space owed before the next text
        self._cell = False  # a cell separator owed before the next text
        self._ended = False  # an inline element has just ended, without text since
        self._open: list[_Open] = []
        self._n_hidden = 0
        self._n_pre = 0
        self._hints: list[Hint] = []
        self._sources: list[SourceRange] = []

    def loaded(self) -> LoadedText:
        """The text with its hints and source lines."""
        while self._open:
            self._end(self._open.pop())
        hints = sorted(self._hints, key=lambda hint: (hint.start, -hint.end))
        return LoadedText("".join(self._parts), tuple(self._sources), tuple(hints))

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        """Break lines as the element does and remember what it means."""
        if tag == "meta":
            self._meta({name: value or "" for name, value in attrs})
        self._break_for(tag)
        if tag in _VOID:
            return
        # Neighbouring labels are set apart by styles, not by spaces: a menu must not become a word.
        self._space = self._space or tag == "button" or (self._ended and tag in _LABELS)
        self._close_implied(tag)
        if len(self._open) >= _MAX_DEPTH:
            return
        element = self._describe(tag, dict(attrs))
        self._n_hidden += element.hidden
        self._n_pre += tag == "pre"
        if tag in ("article", "main", "h1"):
            for outer in self._open:
                outer.holds_article = True
        if tag in ("td", "th") and self._parts and not self._breaks:
            self._cell = True
        self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: _Attributes) -> None:
        """`<br/>` is a break; `<div/>` opens, as in HTML."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End the nearest open element of this name and all that it holds."""
        self._break_for(tag)
        self._ended = tag in _LABELS
        self._space = self._space or tag == "button"
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth].tag == tag:
                while len(self._open) > depth:
                    self._end(self._open.pop())
                return

    def handle_data(self, data: str) -> None:
        """Visible text, folded outside of `<pre>`."""
        if self._n_hidden:
            if self._open and self._open[-1].tag == "script":
                self._script(data)
            return
        line, _ = self.getpos()
        self._ended = False
        if self._n_pre:
            self._append(data.replace("\r\n", "\n"), line)
            return
        folded = _SPACES.sub(" ", data)
        words = folded.strip(" ")
        if words:
            self._space = self._space or folded[0] == " "
            leading = len(data) - len(data.lstrip(" \t\r\n\f"))
            self._append(words, line + data.count("\n", 0, leading))
        self._space = bool(folded) and folded[-1] == " "

    def _append(self, text: str, line: int) -> None:
        if self._breaks and self._parts:
            self._write("\n" * self._breaks)
        elif self._cell:
            self._write(" | ")
        elif self._space and self._parts:
            self._write(" ")
        self._breaks, self._space, self._cell = 0, False, False
        start = self._length
        self._write(text)
        self._sources.append(SourceRange(start, self._length, Locator(line=line)))

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def _break_for(self, tag: str) -> None:
        if self._n_hidden:
            return
        if tag in _PARAGRAPHS:
            self._breaks = 2
        elif tag in _LINES:
            self._breaks = max(self._breaks, 1)
        if self._breaks:
            self._space = self._cell = False

    def _close_implied(self, tag: str) -> None:
        """A new list item ends the one before it, a block ends an open paragraph."""
        closing = _CLOSED_BY.get(tag, set())
        last = self._open[-1].tag if self._open else ""
        while self._open and (last in closing or (last == "p" and tag in _PARAGRAPHS)):
            self._end(self._open.pop())
            last = self._open[-1].tag if self._open else ""

    def _describe(self, tag: str, attrs: dict[str, str | None]) -> _Open:
        hidden = tag in _HIDDEN or "hidden" in attrs
        hidden = hidden or bool(_NOT_SHOWN.search(attrs.get("style") or ""))
        element = _Open(tag, self._length, hidden=hidden)
        element.kind = _TAG_KINDS.get(tag) or _ROLE_KINDS.get(attrs.get("role") or "", "")
        if tag == "header" and any(outer.tag in ("article", "main") for outer in self._open):
            element.kind = ""  # the article's own header holds its title, not the site's menu
        is_numbered = element.kind == "heading" and tag != "dt"
        element.level = int(tag[1]) if is_numbered else 6 if tag == "dt" else 0
        element.value = attrs.get("datetime") or attrs.get("content")
        if attrs.get("itemprop") == "datePublished":
            element.kind = "date"
        elif attrs.get("rel") == "author" or attrs.get("itemprop") == "author":
            element.kind = "author"
        if element.kind in ("", "paragraph") and tag not in ("html", "body", "main", "article"):
            kind = _kind_by_class(f"{attrs.get('class') or ''} {attrs.get('id') or ''}")
            element.by_class = bool(kind)
            element.kind = kind or element.kind
        return element

    def _end(self, element: _Open) -> None:
        self._n_hidden -= element.hidden
        self._n_pre -= element.tag == "pre"
        # A wrapper named "has-sidebar" around the whole article says nothing about the article.
        may_wrap = element.by_class or element.kind == "header"
        useless = may_wrap and element.holds_article
        if not element.kind or element.hidden or useless:
            return
        start = self._first_visible(element.start)
        if self._length > start:
            hint = Hint(start, self._length, element.kind, element.level, element.value)
            self._hints.append(hint)

    def _first_visible(self, start: int) -> int:
        """Where text begins behind the separators that were owed when an element opened."""
        for source in reversed(self._sources):
            if source.start < start:
                break
            first = source.start
        else:
            return self._sources[0].start if self._sources else start
        return first if self._sources[-1].start >= start else self._length

    def _meta(self, attrs: dict[str, str]) -> None:
        name = (attrs.get("property") or attrs.get("name") or attrs.get("itemprop") or "").lower()
        kind, value = _META_KINDS.get(name), attrs.get("content", "").strip()
        if kind and value:
            self._hints.append(Hint(0, 0, kind, value=value))

    def _script(self, data: str) -> None:
        """The date of publication in a page's machine-readable description."""
        if match := _JSON_DATE.search(data):
            self._hints.append(Hint(0, 0, "date", value=match.group(1)))


def _kind_by_class(names: str) -> str:
    words = set(_WORD.findall(_CAMEL.sub(" ", names).lower()))
    return next((kind for kind, known in _WORD_KINDS if words & known), "")
