"""The figures of a run as HTML: what they say in words, tables with intervals, plots."""

import threading
from collections.abc import Mapping, Sequence

from eval.causes import CAUSES, causes
from eval.evaluate import EvalResult, by_kind, counts
from eval.intervals import Metric
from eval.plots import latency_histogram, outcome_bars, risk_coverage
from eval.scoring import METRICS
from eval.table import kind_rows, show, show_between
from ui.drawing import drawing
from ui.markup import Markup, el, isolate, join

PLAIN: Mapping[str, str] = {
    "right": "Answered rightly, of all questions",
    "wrong": "Answered wrongly, of all questions",
    "precision": "Right, of the answers given",
    "wrong_refusal": "Refused though the documents say it",
    "refusal": "Refused where the documents do not say it",
    "recall@5": "Right passage among the first five found",
    "citation_gold_precision": "Footnotes that point at the right place",
    "latency_ms_p50": "Time: half of the questions are faster",
    "latency_ms_p95": "Time: 19 of 20 questions are faster",
    "mrr@10": "How far up the first right passage is",
    "ndcg@10": "How well the first ten passages are ordered",
    "exact_match": "Short answer exactly as expected",
    "f1": "Words shared with the expected short answer",
    "citation_gold_recall": "Right places that are footnoted",
    "citation_support_precision": "Footnotes that prove their sentence",
    "citation_support_recall": "Sentences that their footnotes prove",
    "necessity": "Answers that fall without the words they cite",
}
"""Every measure in plain words; the first nine are shown at once."""

_HEADLINE = 9
_FEW = 30
# matplotlib's settings are one for the whole program.
_DRAWING = threading.Lock()


def figures_html(result: EvalResult) -> Markup:
    """All figures of a run."""
    return join(
        (
            _in_words(result),
            _measures(result, list(PLAIN)[:_HEADLINE], "The answers, beside search alone"),
            _how_to_read(result),
            el(
                "details",
                el("summary", "All measures"),
                _measures(result, list(PLAIN)[_HEADLINE:], "The other measures"),
            ),
            _kinds(result),
            _causes(result),
            _plots(result),
        )
    )


def _in_words(result: EvalResult) -> Markup:
    n = counts(result.run)
    failed = f", {n['errors']:,} failed" if n["errors"] else ""
    without = f", {n['unanswerable']:,} of them without an answer in the documents"
    words = (
        f"{n['questions']:,} questions{without if n['unanswerable'] else ''}: {n['right']:,} "
        f"answered rightly, {n['wrong']:,} wrongly, {n['refused']:,} refused{failed}."
    )
    return el("p", words, class_="summary")


def _how_to_read(result: EvalResult) -> Markup:
    right = result.metrics["right"]
    parts: list[Markup] = []
    if right.value is not None:
        parts.append(
            el(
                "p",
                f"Of these questions, {show('right', right.value)} were answered rightly. Of other "
                "questions of the same kinds it would most likely be from "
                f"{show_between('right', right)}: the likely range, which holds 19 times out of 20.",
            )
        )
    if result.baseline_metrics is not None:
        alone = show("right", result.baseline_metrics["right"].value)
        parts.append(
            el(
                "p",
                f"“Search alone” takes the best sentence that search finds, and reads nothing: it "
                f"is right for {alone}. Where two likely ranges do not overlap, the difference is "
                "more than chance.",
            )
        )
    if len(result.run.records) < _FEW:
        parts.append(
            el("p", f"With fewer than {_FEW} questions, one question more or less changes much.")
        )
    return el("div", el("h3", "How to read this"), *parts, class_="reading-help")


def _measures(result: EvalResult, names: Sequence[str], caption: str) -> Markup | None:
    """Measures with intervals, the baseline beside; those that nothing was measured for left out."""
    rows = [_measure(name, result) for name in names if result.metrics[name].value is not None]
    if not rows:
        return el("p", "Nothing here was measured by this set.", class_="note")
    heads = ["Measure", "Footnote", "Likely range"]
    if result.baseline_metrics is not None:
        heads += ["Search alone", "Likely range"]
    return table(caption, heads, rows)


def _measure(name: str, result: EvalResult) -> Markup:
    cells = [_value(name, result.metrics[name], "Footnote")]
    if result.baseline_metrics is not None:
        cells.append(_value(name, result.baseline_metrics[name], "Search alone"))
    aim = "lower is better" if METRICS[name].lower_is_better else ""
    return el("tr", measure_head(name, aim), *cells)


def measure_head(name: str, more: str = "") -> Markup:
    """A measure in plain words, with the name it has in files."""
    code = join((el("code", name), more and f", {more}"))
    return el(
        "th", el("span", PLAIN[name], class_="plain"), el("span", code, class_="path"), scope="row"
    )


def _value(name: str, metric: Metric, label: str) -> Markup:
    return join(
        (
            el("td", show(name, metric.value), class_="number", data_label=label),
            el("td", show_between(name, metric), class_="number range", data_label="likely range"),
        )
    )


def table(
    caption: str, heads: Sequence[str], rows: Sequence[Markup], *, cells: str = "number"
) -> Markup:
    """A table with its caption; what stands in its cells is numbers or words."""
    first, *rest = heads
    head = [
        el("th", first, scope="col"),
        *(el("th", name, scope="col", class_=cells) for name in rest),
    ]
    return el(
        "div",
        el("table", el("caption", caption), el("thead", el("tr", *head)), el("tbody", *rows)),
        class_="figures",
    )


def _kinds(result: EvalResult) -> Markup:
    _, *rows = kind_rows(result)
    names = [
        "Kind of question",
        "Questions",
        "Right",
        "Wrong",
        "Refused",
        "Failed",
        "Passage found",
    ]
    shown = [
        el(
            "tr",
            el("th", isolate(kind), scope="row"),
            *(
                el("td", cell, class_="number", data_label=label)
                for cell, label in zip(cells, names[1:], strict=True)
            ),
        )
        for kind, *cells in rows
    ]
    return table("Each kind of question", names, shown)


def _causes(result: EvalResult) -> Markup | None:
    rows = [
        el(
            "tr",
            el("th", CAUSES[name], scope="row"),
            el("td", f"{len(pairs):,}", class_="number", data_label="Questions"),
        )
        for name, pairs in causes(result.run).items()
    ]
    return table("What went wrong", ("Cause", "Questions"), rows) if rows else None


def _plots(result: EvalResult) -> Markup:
    records = result.run.records
    with _DRAWING:
        drawings = {
            "Right, wrong and refused, by kind of question": outcome_bars(by_kind(result.run)),
            "If only the surest answers were given: how many would be wrong": risk_coverage(
                records
            ),
            "How long a question takes": latency_histogram(records),
        }
    return el(
        "div",
        *(
            el(
                "figure",
                el("figcaption", caption),
                drawing(svg) or el("p", "This drawing could not be made.", class_="note"),
            )
            for caption, svg in drawings.items()
        ),
        class_="plots",
    )
