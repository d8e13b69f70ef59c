import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from eval.compare import compare
from eval.evaluate import evaluate, result_of
from eval.plots import reliability_bins, risk_coverage_points
from eval.report import html_comparison, html_report
from eval.table import result_table
from eval.types import Evidence
from models.errors import ModelError

EVIL = '<script>alert("x")</script>'
VOID = {"meta", "input", "br"}


class Checker(HTMLParser):
    """Checks that tags match, and keeps ids and attributes."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.tags, self.links = [], [], set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("src", "href", "xlink:href"):
                self.links.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parse(page):
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    return checker


@pytest.fixture
def result(make):
    run = make.run(["right", "wrong", "refused", "error"] * 3, confidences=[0.9, 0.4, 0, 0] * 3)
    return result_of(run, make.run(["wrong"] * 12))


def test_report_is_one_whole_file_that_loads_nothing(result):
    page = html_report(result)
    checker = parse(page)
    assert "http" not in page.replace("http-equiv", "")
    assert "url(#" in page or checker.links
    assert all(link.startswith("#") for link in checker.links)
    assert not {"script", "link", "img", "iframe"} & checker.tags
    assert "prefers-color-scheme: dark" in page
    assert page.count("<svg") == 4


def test_report_says_outcomes_in_words(result):
    page = html_report(result)
    for words in ("✓ right", "✗ wrong", "– refused", "! error", "it broke", "Nearest passages"):
        assert words in page
    assert page.count("<details") == 12


def test_names_inside_the_drawings_do_not_clash(result):
    page = html_report(result)
    targets = set(re.findall(r"url\(#(\w+)\)|href=\"#(\w+)\"", page))
    ids = parse(page).ids
    assert {a or b for a, b in targets} <= set(ids)
    shown = [name for name in ids if name.startswith("show-")]
    assert len(shown) == len(set(shown)) == 4


def test_everything_is_escaped(make):
    asked = make.question(
        EVIL, (EVIL,), kind=EVIL, question=EVIL, history=(EVIL,), must_include=(EVIL,),
        must_not_include=(EVIL,), evidence=(Evidence("a.txt", quote="born in London"),),
    )  # fmt: skip
    other = make.question("2", kind="a$b$ 中文")
    broken = make.question("3", question="Broken?")
    cited = [make.citation(quote=EVIL)]
    given = make.answer(EVIL, text=EVIL, cited=[replace(cited[0], path=EVIL)])

    def ask(question, history):
        if question == "Broken?":
            raise ModelError(EVIL)
        return given if question == EVIL else make.answer(status="refused", passages=[])

    settings = {EVIL: EVIL}
    found = evaluate(
        ask, None, make.documents(), [asked, other, broken], name=EVIL, settings=settings
    )
    before = replace(found.run, settings={}, records=found.run.records[::-1])
    page = html_report(found, compare(before, found.run))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    parse(page)
    parse(html_comparison(compare(before, found.run)))


def test_report_of_nothing_but_errors(make):
    parse(html_report(result_of(make.run(["error"]))))


def test_matplotlib_is_not_loaded_before_it_is_needed():
    import subprocess

    code = "import eval.report, sys; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_table(result):
    text = result_table(result)
    assert re.search(r"^retrieve +2 ms +2 ms$", text, re.MULTILINE)
    assert "12 questions (0 unanswerable): 3 right, 3 wrong, 3 refused, 3 errors" in text
    line = next(line for line in text.split("\n") if line.startswith("right"))
    assert "25.0 %" in line
    assert "0.0 %" in line
    assert re.search(r"^refusal +- +- *$", text, re.MULTILINE)
    assert re.search(r"^fact +6 +3 +0 +3 +0 +-$", text, re.MULTILINE)


def test_risk_and_coverage_by_hand(make):
    outcomes = ["right", "wrong", "right", "refused", "right"]
    run = make.run(outcomes, confidences=[0.9, 0.5, 0.5, 0, 0.7])
    coverage, risk = risk_coverage_points(run.records)
    assert coverage.tolist() == pytest.approx([1 / 5, 2 / 5, 4 / 5])
    assert risk.tolist() == pytest.approx([0, 0, 1 / 4])


def test_reliability_by_hand(make):
    run = make.run(["right", "wrong", "right", "refused"], confidences=[1.0, 0.95, 0.05, 0.5])
    assert reliability_bins(run.records) == [(0, 1.0, 1), (9, 0.5, 2)]
