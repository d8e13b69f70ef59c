"""Results as plain text for a terminal. Returns strings; whoever prints them is in `ui`."""

from collections.abc import Sequence

import numpy as np

from eval.causes import CAUSES, causes
from eval.compare import Comparison, Difference, short_answer
from eval.evaluate import EvalResult, by_kind, counts
from eval.intervals import Metric
from eval.scoring import METRICS
from eval.types import Record

_SHOWN_ANSWER = 90


def result_table(result: EvalResult) -> str:
    """Metrics with intervals, the reader beside the baseline, then each kind of question."""
    n = counts(result.run)
    heading = (
        f"{result.run.name or 'questions'}: {n['questions']} questions "
        f"({n['unanswerable']} unanswerable): {n['right']} right, {n['wrong']} wrong, "
        f"{n['refused']} refused, {n['errors']} errors"
    )
    baseline = result.baseline_metrics
    rows = [["", "reader", "95 %", *(["best sentence", "95 %"] if baseline else []), ""]]
    for name, info in METRICS.items():
        cells = [name, *metric_cells(name, result.metrics[name])]
        if baseline:
            cells += metric_cells(name, baseline[name])
        arrow = "lower is better" if info.lower_is_better else ""
        rows.append([*cells, arrow])
    parts = [[heading], _columns(rows), _columns(kind_rows(result))]
    went_wrong = cause_rows(result)
    if len(went_wrong) > 1:
        parts.append(_columns(went_wrong))
    steps = step_rows(result.run.records)
    if len(steps) > 1:
        parts.append(_columns(steps))
    return "\n\n".join("\n".join(part) for part in parts)


def wrong_list(result: EvalResult) -> str:
    """Every question that went wrong, by cause, with what was answered and how sure it was."""
    lines: list[str] = []
    for name, pairs in causes(result.run).items():
        lines += ["", f"{CAUSES[name]} ({len(pairs)})"]
        for question, record in pairs:
            lines.append(f"  {question.id}: {question.question}")
            if record.answered and record.answer is not None:
                sure = f"{record.answer.confidence:.2f}"
                lines.append(f"      answered ({sure}): {_cut(short_answer(record))}")
    return "\n".join(lines[1:])


def comparison_table(comparison: Comparison) -> str:
    """What differs between two runs, then the questions that ended otherwise."""
    lines = [
        f"{comparison.n_common} questions in both runs"
        + (f", {comparison.n_left_out} left out" if comparison.n_left_out else "")
    ]
    lines += [f"  {k}: {old!r} -> {new!r}" for k, (old, new) in comparison.settings.items()]
    rows = [["", "before", "after", "change", "95 %", ""]]
    rows += [difference_row(difference) for difference in comparison.metrics]
    lines += ["", *_columns(rows)]
    for kind, changes in comparison.by_change().items():
        lines += ["", f"{kind} ({len(changes)})"]
        for change in changes:
            old, new = _cut(short_answer(change.before)), _cut(short_answer(change.after))
            lines += [f"  {change.question.id}: {change.question.question}"]
            lines += [f"      before: {old}", f"      after:  {new}"]
    if not comparison.changes:
        lines += ["", "every question ended as before"]
    return "\n".join(lines)


def metric_cells(name: str, metric: Metric) -> list[str]:
    """Value and interval as they are shown: ratios as per cent, latencies in milliseconds."""
    return [show(name, metric.value), show_between(name, metric)]


def show_between(name: str, metric: Metric, *, sign: bool = False) -> str:
    """The interval of a metric for people, the unit once; empty where it is undefined."""
    if metric.low is None or metric.high is None:
        return ""
    low = show(name, metric.low, sign=sign).rpartition(" ")[0]
    return f"{low} to {show(name, metric.high, sign=sign)}"


def show(name: str, value: float | None, *, sign: bool = False) -> str:
    """A value of a metric for people."""
    if value is None:
        return "-"
    plus = "+" if sign else ""
    if not METRICS[name].ratio:
        return f"{value:{plus}.0f} ms"
    return f"{100 * value:{plus}.1f} %"


def difference_row(difference: Difference) -> list[str]:
    """A metric before and after, the change with its interval, and the verdict."""
    name, change = difference.name, difference.change
    return [
        name,
        show(name, difference.before),
        show(name, difference.after),
        show(name, change.value, sign=True),
        show_between(name, change, sign=True),
        difference.verdict,
    ]


def kind_rows(result: EvalResult) -> list[list[str]]:
    """A heading, then for each kind of question how many ended how."""
    rows = [["kind", "questions", "right", "wrong", "refused", "errors", "recall@5"]]
    for kind, records in by_kind(result.run).items():
        outcomes = [record.outcome for record in records]
        found = result.per_kind[kind]["recall@5"].value
        numbers = [len(records), *(outcomes.count(o) for o in ("right", "wrong", "refused"))]
        numbers.append(outcomes.count("error"))
        rows.append([kind, *map(str, numbers), show("recall@5", found)])
    return rows


def cause_rows(result: EvalResult) -> list[list[str]]:
    """A heading, then how many questions went wrong for each cause."""
    rows = [["what went wrong", "questions", ""]]
    rows += [[CAUSES[name], str(len(pairs)), ""] for name, pairs in causes(result.run).items()]
    return rows


def step_rows(records: Sequence[Record]) -> list[list[str]]:
    """A heading, then the median and the 95th percentile of each step's time.

    A question without a step, such as a refusal before anything was read, counts as 0 ms there.
    """
    answers = [record.answer for record in records if record.answer is not None]
    names = list(dict.fromkeys(name for answer in answers for name in answer.timings_ms))
    rows = [["step", "p50", "p95", ""]]
    for name in names:
        spent = [answer.timings_ms.get(name, 0.0) for answer in answers]
        cells = [f"{value:.0f} ms" for value in np.percentile(spent, [50, 95])]
        rows.append([name, *cells, ""])
    return rows


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines: the first column to the left, numbers to the right, the last as it comes."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        middle = [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
        lines.append("  ".join([row[0].ljust(widths[0]), *middle, row[-1]]).rstrip())
    return lines


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_ANSWER else text[: _SHOWN_ANSWER - 1] + "…"
