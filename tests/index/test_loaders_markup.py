import time
from pathlib import Path

import pytest

from index.errors import LoadError, NoTextError
from index.loaders import load
from index.loaders.markdown import markdown_hints
from index.types import LoadedText

MARKDOWN = """---
title: "Night trains"
date: 2024-03-05
author: Ada Quill
---

# Night trains

Setext below
------------

* one item
1. another

> quoted words

| a | b |
|---|---|
| 1 | 2 |

```python
# no heading
```

<!-- hidden words -->
"""

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Ferries &amp; tides | The Quay</title>
<meta property="article:published_time" content="2024-04-09T10:00:00Z">
<meta name="author" content="Ada Quill">
<style>p { color: red }</style><script>var hidden = "script words";</script></head>
<body class="has-sidebar">
<div class="cookie-banner">We use cookies. <button>Accept all</button></div>
<nav><a href="/">Home</a> <a href="/n">News</a></nav>
<article><header><h1>Ferries
   &amp;  tides</h1><p class="byline">By Ada Quill</p></header>
<time datetime="2024-04-09">9 April 2024</time>
<p>A ferry&rsquo;s   engine &lt;stops&gt; here.<br>Second line.</p>
<template>unseen</template><p hidden>unseen</p><p style="display: none">unseen</p>
<table><tr><th>Port</th><th>Boats</th></tr><tr><td>East</td><td>12</td></tr></table>
<pre>  kept   as
  it is</pre>
<ul><li>first<li>second</ul>
</article>
<section id="comments"><p>Nice photo.</p></section>
<footer>© The Quay</footer></body></html>"""


def one(folder: Path, name: str, source: str | bytes) -> LoadedText:
    path = folder / name
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    (loaded,) = load(path)
    return loaded


def hinted(loaded: LoadedText, kind: str) -> list[str]:
    return [
        loaded.text[h.start : h.end] for h in loaded.hints if h.kind == kind and h.end > h.start
    ]


def test_markdown_is_kept_as_it_is_and_hinted(tmp_path: Path) -> None:
    loaded = one(tmp_path, "a.md", MARKDOWN)
    assert loaded.text == MARKDOWN
    assert hinted(loaded, "heading") == ["# Night trains", "Setext below\n------------"]
    assert hinted(loaded, "title") == ["Night trains"]
    assert hinted(loaded, "date") == ["2024-03-05"]
    assert hinted(loaded, "author") == ["Ada Quill"]
    assert hinted(loaded, "list item") == ["* one item", "1. another"]
    assert hinted(loaded, "quote") == ["> quoted words"]
    assert hinted(loaded, "table") == ["| a | b |\n|---|---|\n| 1 | 2 |"]
    assert hinted(loaded, "code") == ["```python\n# no heading\n```"]
    assert hinted(loaded, "hidden") == ["<!-- hidden words -->"]
    assert [h.level for h in loaded.hints if h.kind == "heading"] == [1, 2]


def test_an_unclosed_fence_is_only_a_line(tmp_path: Path) -> None:
    loaded = one(tmp_path, "a.markdown", "```\ncode?\n\n# Heading\n")
    assert hinted(loaded, "heading") == ["# Heading"]
    assert hinted(loaded, "code") == []


def test_page_shows_visible_text_only(tmp_path: Path) -> None:
    text = one(tmp_path, "a.html", PAGE).text
    assert text.startswith("Ferries & tides | The Quay\n")
    assert "script words" not in text
    assert "unseen" not in text
    assert "color" not in text
    assert "\nFerries & tides\n" in text
    assert "A ferry’s engine <stops> here.\nSecond line." in text
    assert "Port | Boats\nEast | 12" in text
    assert "  kept   as\n  it is" in text
    assert "first\nsecond" in text


def test_page_hints(tmp_path: Path) -> None:
    loaded = one(tmp_path, "a.htm", PAGE)
    assert hinted(loaded, "title") == ["Ferries & tides | The Quay"]
    assert hinted(loaded, "heading") == ["Ferries & tides"]
    assert hinted(loaded, "dialog") == ["We use cookies. Accept all"]
    assert hinted(loaded, "navigation") == ["Accept all", "Home News"]
    assert hinted(loaded, "author") == ["By Ada Quill"]
    assert hinted(loaded, "comment") == ["Nice photo."]
    assert hinted(loaded, "footer") == ["© The Quay"]
    assert hinted(loaded, "list item") == ["first", "second"]
    assert hinted(loaded, "header") == []  # it holds the article's own title
    values = {(h.kind, h.value) for h in loaded.hints if h.value}
    assert ("date", "2024-04-09") in values
    assert ("date", "2024-04-09T10:00:00Z") in values
    assert ("author", "Ada Quill") in values


def test_page_lines_are_those_of_the_source(tmp_path: Path) -> None:
    loaded = one(tmp_path, "a.html", PAGE)
    lines = PAGE.split("\n")
    for words in ("Home", "9 April 2024", "Nice photo."):
        at = loaded.text.index(words)
        source = next(s for s in loaded.sources if s.start <= at < s.end)
        assert source.locator.line is not None
        assert words in lines[source.locator.line - 1]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"\xef\xbb\xbf<p>caf\xc3\xa9", "café"),
        (b'<meta charset="iso-8859-1"><p>caf\xe9 \x93ouvert\x94', "café “ouvert”"),
        ('<meta charset="gb2312"><p>中国举办研讨会'.encode("gb18030"), "中国举办研讨会"),
        ("<p>caf\u00e9 ferm\u00e9".encode("utf-16"), "café fermé"),
        (b'<meta charset="latin1"><p>caf\xc3\xa9', "café"),
        (b'<meta charset="no-such"><p>Un caf\xe9 noir', "Un café noir"),
    ],
)
def test_page_encodings(tmp_path: Path, source: bytes, expected: str) -> None:
    assert one(tmp_path, "a.html", source).text == expected


@pytest.mark.parametrize(
    "source",
    [
        "<p>open <b>never <i>closed",
        "a < b & c &amp d &unknown; &#x41; AT&T",
        "</div></p>stray <!-- comment --> <![CDATA[x]]> end",
        "<div>" * 3000 + "deep",
        "<p" * 2000,
        "<title>only</title>body",
    ],
)
def test_malformed_pages_are_read(tmp_path: Path, source: str) -> None:
    loaded = one(tmp_path, "a.html", source + "<p>last words")
    assert "last words" in loaded.text or source.startswith("<p<p")
    assert all(0 <= h.start <= h.end <= len(loaded.text) for h in loaded.hints)
    assert all(loaded.text[s.start : s.end] for s in loaded.sources)


@pytest.mark.parametrize("mark", ["<!--", "<a ", "<", "</", "<!x ", "<?x ", '<a b="', "&"])
def test_marks_never_closed_do_not_hang(tmp_path: Path, mark: str) -> None:
    started = time.perf_counter()
    loaded = one(tmp_path, "a.html", "<p>first words</p>" + mark * 50_000)
    assert loaded.text.startswith("first words")
    assert time.perf_counter() - started < 5


def test_a_page_without_text_or_with_bytes_only(tmp_path: Path) -> None:
    with pytest.raises(NoTextError, match="no text"):
        one(tmp_path, "a.html", "<html><script>app()</script></html>")
    with pytest.raises(LoadError):
        one(tmp_path, "b.html", bytes(range(256)) * 20)


def test_comments_are_hidden_and_unclosed_ones_take_no_time() -> None:
    text = "a <!-- b --> c <!----> <!-- " + "<!-- " * 100_000 + "x" * 20_001 + "--> <!-- d -->"
    hidden = [text[h.start : h.end] for h in markdown_hints(text) if h.kind == "hidden"]
    assert hidden == ["<!-- b -->", "<!---->", "<!-- d -->"]
