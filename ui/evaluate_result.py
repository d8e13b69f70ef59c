"""An opened run, or two compared, as HTML: heading, what can be done with it, figures."""

from collections.abc import Sequence
from pathlib import Path

from eval.compare import Comparison
from eval.evaluate import EvalResult
from eval.kept_runs import KeptRun
from ui.evaluate_compare import choice_html, comparison_html
from ui.evaluate_figures import figures_html
from ui.evaluate_html import day_and_time
from ui.evaluate_questions import Words
from ui.markup import Markup, el, isolate
from ui.pieces import act, deed


def result_html(
    result: EvalResult, run: KeptRun, others: Sequence[KeptRun], place: Path, *, opening: int
) -> Markup:
    """A run with its figures.

    Args:
        result: of the run.
        run: where it comes from.
        others: what it can be compared with.
        place: its file.
        opening: counts openings; the page goes to the heading whenever it changes, 0 never.
    """
    return el(
        "section",
        el("h2", isolate(run.set_name), id="result-heading", tabindex=-1),
        el("p", f"Run of {day_and_time(run.started)}", class_="note"),
        el("div", *_savings(), deed("Close", "close"), class_="deeds"),
        choice_html(run, others),
        figures_html(result),
        el(
            "p",
            "The run is kept in ",
            el("code", isolate(str(place))),
            "; “footnote eval … --compare” reads it, too.",
            class_="note",
        ),
        class_="result",
        data_opening=opening or None,
    )


def compared_html(
    comparison: Comparison, runs: tuple[KeptRun, KeptRun], words: Words, name: str, *, opening: int
) -> Markup:
    """Two runs compared.

    Args:
        comparison: of the two.
        runs: the older one and the newer one.
        words: of the evidence.
        name: of the run that was open.
        opening: as for `result_html`.
    """
    before, after = runs
    return el(
        "section",
        el("h2", "Two runs of ", isolate(after.set_name), id="result-heading", tabindex=-1),
        el(
            "p",
            f"Before: {day_and_time(before.started)}. After: {day_and_time(after.started)}.",
            class_="note",
        ),
        el(
            "div",
            *_savings(),
            deed("Back to the run", "open", data_run=name),
            deed("Close", "close"),
            class_="deeds",
        ),
        comparison_html(comparison, words),
        class_="result",
        data_opening=opening or None,
    )


def _savings() -> tuple[Markup, Markup]:
    return (
        act("Save report", "export", data_ending=".html"),
        act("Save figures as JSON", "export", data_ending=".json"),
    )
