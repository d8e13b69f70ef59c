"""Two runs side by side as HTML: what differs, and which questions ended otherwise."""

from collections.abc import Sequence

from eval.compare import Change, Comparison, Difference
from eval.kept_runs import KeptRun
from eval.table import difference_row
from eval.types import Question, Record
from ui.evaluate_figures import PLAIN, measure_head, table
from ui.evaluate_html import day_and_time
from ui.evaluate_questions import Words, badge, expected_html, given_html
from ui.markup import Markup, el, isolate, join
from ui.pieces import counted, deed

_SHOWN_CHANGES = 100
_DIRECTIONS = {
    "gained": "Gained: well now, not before",
    "lost": "Lost: well before, not now",
    "other": "Changed, neither gained nor lost",
}


def choice_html(run: KeptRun, others: Sequence[KeptRun]) -> Markup:
    """Which runs this one can be compared with."""
    if not others:
        words = "Run the same set again, say with another model, to compare the two."
        return el("p", words, class_="note")
    items = [
        el(
            "li",
            deed(
                f"{other.set_name}, {day_and_time(other.started)}",
                "compare",
                data_run=run.name,
                data_other=other.name,
                aria_label=f"Compare with {other.set_name}, {day_and_time(other.started)}",
            ),
            " ",
            el("span", f"{other.right:,} right, {other.wrong:,} wrong", class_="quiet"),
        )
        for other in others
    ]
    return el(
        "details",
        el("summary", f"Compare with another run ({len(others):,})"),
        el("ul", *items, class_="others"),
        class_="compare-with",
    )


def comparison_html(comparison: Comparison, words: Words) -> Markup:
    """What differs between two runs; `words` gives those of the evidence."""
    return join(
        (
            _in_words(comparison),
            _settings(comparison),
            _differences(comparison),
            *(_changes(comparison, direction, words) for direction in _DIRECTIONS),
        )
    )


def _in_words(comparison: Comparison) -> Markup:
    numbers = {key: len(_of(comparison, key)) for key in _DIRECTIONS}
    left_out = (
        f" {counted(comparison.n_left_out, 'question')} that only one of them has, or that read "
        "differently, are left out."
        if comparison.n_left_out
        else ""
    )
    return join(
        (
            el(
                "p",
                f"{counted(comparison.n_common, 'question')} in both runs: {numbers['gained']:,} "
                f"gained, {numbers['lost']:,} lost, {numbers['other']:,} changed otherwise."
                + left_out,
                class_="summary",
            ),
            el(
                "p",
                "A change is called better or worse where its likely range leaves out zero: then it "
                "is more than chance, 19 times out of 20.",
                class_="note",
            ),
        )
    )


def _settings(comparison: Comparison) -> Markup | None:
    rows = [
        el(
            "tr",
            el("th", isolate(name), scope="row"),
            el("td", isolate(str(before)), class_="words", data_label="before"),
            el("td", isolate(str(after)), class_="words", data_label="after"),
        )
        for name, (before, after) in comparison.settings.items()
    ]
    if not rows:
        return el("p", "Both were made with the same models and settings.", class_="note")
    return table("Settings that differ", ("Setting", "Before", "After"), rows, cells="words")


def _differences(comparison: Comparison) -> Markup:
    order = list(PLAIN)
    known = [d for d in comparison.metrics if d.change.value is not None]
    rows = [_difference(d) for d in sorted(known, key=lambda d: order.index(d.name))]
    heads = ("Measure", "Before", "After", "Change", "Likely range", "Verdict")
    return table("What changed", heads, rows)


def _difference(difference: Difference) -> Markup:
    labels = ("before", "after", "change", "likely range")
    cells = difference_row(difference)[1:-1]
    return el(
        "tr",
        measure_head(difference.name),
        *(
            el("td", cell, class_="number", data_label=label)
            for label, cell in zip(labels, cells, strict=True)
        ),
        el(
            "td",
            difference.verdict,
            class_=f"number verdict {difference.verdict.replace(' ', '-')}",
            data_label="verdict",
        ),
    )


def _of(comparison: Comparison, direction: str) -> list[Change]:
    return [change for change in comparison.changes if change.direction == direction]


def _changes(comparison: Comparison, direction: str, words: Words) -> Markup | None:
    changes = _of(comparison, direction)
    if not changes:
        return None
    more = len(changes) - _SHOWN_CHANGES
    return el(
        "section",
        el("h3", f"{_DIRECTIONS[direction]} ({len(changes):,})"),
        el("div", *(_change(change, words) for change in changes[:_SHOWN_CHANGES]), class_="cases"),
        el("p", f"And {more:,} more; the report has them all.", class_="note")
        if more > 0
        else None,
    )


def _change(change: Change, words: Words) -> Markup:
    question = change.question
    return el(
        "details",
        el(
            "summary",
            badge(question, change.before),
            " → ",
            badge(question, change.after),
            " ",
            el("span", isolate(question.question), class_="asked", dir="auto"),
            " ",
            el("span", isolate(f"{question.kind} · {question.id}"), class_="path"),
        ),
        el(
            "div",
            expected_html(question, words),
            _side("Before", question, change.before),
            _side("After", question, change.after),
            class_="three",
        ),
        class_="case",
    )


def _side(name: str, question: Question, record: Record) -> Markup:
    return el("section", el("h4", name), badge(question, record), given_html(question, record))
