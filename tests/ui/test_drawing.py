from html.parser import HTMLParser
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.plots import latency_histogram, outcome_bars, risk_coverage
from eval.types import Record
from ui.drawing import drawing

HOSTILE = (
    '<svg onload="window.hacked=1" viewBox="0 0 1 1" width="9">'
    "<script>window.hacked=2</script>"
    '<style>@import "http://evil.example"</style>'
    '<a href="javascript:alert(1)"><text>linked</text></a>'
    '<image href="http://evil.example/x.png"/>'
    "<foreignObject><iframe src='http://evil.example'/></foreignObject>"
    '<use href="http://evil.example/#x"/><use href="#mine"/>'
    '<path d="M 0 0" style="fill: url(http://evil.example/)" onclick="alert(1)"/>'
    '<path d="M 1 1" style="fill: url(#mine); stroke: currentColor"/>'
    "<animate attributeName='href' to='javascript:alert(1)'/>"
    "<text>&lt;b&gt; ${1+1} {{7*7}} \u202etxt\u202c</text></svg>"
)


class _Reader(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def test_only_harmless_elements_and_attributes_are_left():
    built = drawing(HOSTILE)
    read = _Reader(built)
    assert read.tags == ["svg", "use", "use", "path", "path", "text"]
    assert {name for name, _ in read.attributes} == {"viewbox", "href", "d", "style"}
    assert [value for name, value in read.attributes if name == "href"] == ["#mine"]
    assert [value for name, value in read.attributes if name == "style"] == [
        "fill: url(#mine); stroke: currentColor"
    ]
    assert read.text == "<b> ${1+1} {{7*7}} \ufffdtxt\ufffd"
    assert "evil" not in built
    assert "hacked" not in built
    assert "${" not in built
    assert "{{" not in built


@pytest.mark.parametrize(
    "text", ["", "no drawing", "<p>x</p>", "<svg>", "<svg>\x00</svg>", "\ud800"]
)
def test_what_is_no_drawing_is_none(text):
    assert drawing(text) is None


@pytest.mark.parametrize("style", ["x: URL( 'http://e' )", "x: u\\72l(#a)", "x: expression(1)"])
def test_styles_that_fetch_or_run_are_left_out(style):
    assert "style" not in drawing(f'<svg><path d="M 0 0" style="{style}"/></svg>')


@given(st.text(max_size=20))
def test_any_text_stays_text(words):
    built = drawing(f"<svg><text>{escape(words)}</text></svg>")
    if built is not None:
        assert set(_Reader(built).tags) == {"svg", "text"}


def test_plots_come_through_whole_whatever_kinds_are_called():
    record = Record("1", "answered", 120.0, None, scores={"right": (1.0, 1.0)})
    kinds = (
        "fact",
        "<script>x</script> $1$",
        "bad \x00\x1b\ufffe\ud800",
        "k" * 300,
        "k" * 299 + "l",
    )
    svg = outcome_bars({kind: [record] for kind in kinds})
    built = drawing(svg)
    read = _Reader(built)
    assert "<script>x</script> $1$ (1)" in read.text
    assert read.text.count("kkk… (1)") == 2
    assert "script" not in read.tags
    # Nothing but the place for descriptions and sizes was left out.
    assert read.tags.count("path") == svg.count("<path")
    assert read.tags.count("use") == svg.count("<use")
    for other in (risk_coverage([record]), latency_histogram([record])):
        assert drawing(other).startswith("<svg")
