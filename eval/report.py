"""The report of an evaluation, and of a comparison, as one HTML file that works offline.

Knows what to show; the frame and the escaping are in `eval.page`, the drawings in `eval.plots`.
"""

from collections.abc import Sequence

from eval.causes import CAUSES, cause_of
from eval.compare import Change, Comparison, short_answer
from eval.evaluate import EvalResult, by_kind, counts
from eval.page import OUTCOMES, badge, definitions, page, quote, table, text
from eval.plots import latency_histogram, outcome_bars, reliability, risk_coverage
from eval.scoring import METRICS
from eval.table import cause_rows, difference_row, kind_rows, metric_cells, step_rows
from eval.types import Evidence, Question, Record
from rag.types import Answer, Citation

_NEAREST = 3
_SHOWN_PASSAGE = 300


def html_report(result: EvalResult, comparison: Comparison | None = None) -> str:
    """The report: metrics, plots, every question; with what changed where runs were compared."""
    run = result.run
    body = [_summary(result), "<h2>Metrics</h2>", _metric_table(result)]
    head, *rows = kind_rows(result)
    body += ["<h2>Kinds of questions</h2>", table(head, rows)]
    head, *rows = [row[:-1] for row in cause_rows(result)]
    if rows:
        body += ["<h2>What went wrong</h2>", table(head, rows)]
    body += ["<h2>Plots</h2>", _plots(result)]
    head, *rows = [row[:-1] for row in step_rows(run.records)]
    if rows:
        body += ["<h2>Time of each step</h2>", table(head, rows)]
    if comparison is not None:
        body += ["<h2>Compared with an earlier run</h2>", *_comparison_parts(comparison)]
    body += ["<h2>Questions</h2>", _filter(run.records)]
    body += [_question(q, r) for q, r in zip(run.questions, run.records, strict=True)]
    if run.settings:
        rows = [[name, str(value)] for name, value in run.settings.items()]
        body += ["<h2>Settings</h2>", table(["setting", "value"], rows, words=True)]
    return page(f"Footnote: {run.name or 'evaluation'}", body)


def html_comparison(comparison: Comparison) -> str:
    """What differs between two runs, alone."""
    return page("Footnote: two runs compared", _comparison_parts(comparison))


def _summary(result: EvalResult) -> str:
    n = counts(result.run)
    answerable = n["questions"] - n["unanswerable"]
    sentence = (
        f"{n['questions']} questions, {answerable} of them answerable: {n['right']} answered "
        f"rightly, {n['wrong']} wrongly, {n['refused']} refused, {n['errors']} failed. "
        "Intervals are 95 % by bootstrap over the questions."
    )
    return f"<p>{text(sentence)}</p>"


def _metric_table(result: EvalResult) -> str:
    baseline = result.baseline_metrics
    head = ["metric", "reader", "95 %"]
    if baseline:
        head += ["best sentence, no reader", "95 %"]
    rows = []
    for name, info in METRICS.items():
        cells = metric_cells(name, result.metrics[name])
        if baseline:
            cells += metric_cells(name, baseline[name])
        meaning = info.meaning + ("; lower is better" if info.lower_is_better else "")
        rows.append([name, *cells, meaning])
    return table([*head, "meaning"], rows, words=True)


def _plots(result: EvalResult) -> str:
    records = result.run.records
    drawings = {
        "Right, wrong and refused by kind": outcome_bars(by_kind(result.run)),
        "Risk and coverage: only the surest answers let through": risk_coverage(records),
        "Confidence: how often it is right": reliability(records),
        "Time a question takes": latency_histogram(records),
    }
    figures = [
        f"<figure><figcaption>{text(caption)}</figcaption>{drawing}</figure>"
        for caption, drawing in drawings.items()
    ]
    return f'<div class="plots">{"".join(figures)}</div>'


def _filter(records: Sequence[Record]) -> str:
    outcomes = [record.outcome for record in records]
    boxes = [
        f'<label><input type="checkbox" id="show-{outcome}" checked> '
        f"{text(label)} ({outcomes.count(outcome)})</label>"
        for outcome, label in OUTCOMES.items()
        if outcome in outcomes
    ]
    return f"<fieldset><legend>Show</legend>{''.join(boxes)}</fieldset>"


def _question(question: Question, record: Record) -> str:
    head = f'<span class="quiet">{text(question.id)} · {text(question.kind)}</span>'
    parts = [("Asked before", "<br>".join(text(turn) for turn in question.history))]
    parts += _expected(question)
    if record.error is not None:
        parts.append(("Error", text(record.error)))
    if record.answer is not None:
        parts += _given(record.answer, record)
    cause = cause_of(question, record)
    if cause is not None and record.error is None:
        parts.append(("What went wrong", text(CAUSES[cause])))
    parts.append(("Time", f"{record.latency_ms:.0f} ms"))
    return (
        f'<details class="{text(record.outcome)}"><summary>{badge(record.outcome)} '
        f"{text(question.question)} {head}</summary><div>{definitions(parts)}</div></details>"
    )


def _expected(question: Question) -> list[tuple[str, str]]:
    wanted = " <em>or</em> ".join(text(answer) for answer in question.answers)
    if question.unanswerable:
        wanted = "the documents do not say"
    return [
        ("Expected", wanted),
        ("Must include", " <em>and</em> ".join(text(p) for p in question.must_include)),
        ("Must not include", " <em>nor</em> ".join(text(p) for p in question.must_not_include)),
        ("Evidence", "".join(_evidence(piece) for piece in question.evidence)),
    ]


def _evidence(piece: Evidence) -> str:
    if piece.quote is not None:
        return quote(piece.quote, piece.source)
    if piece.start is None:
        return f"<p>{text(piece.source)}</p>"
    return f"<p>{text(f'{piece.source}, characters {piece.start} to {piece.end}')}</p>"


def _given(answer: Answer, record: Record) -> list[tuple[str, str]]:
    status = f"{answer.status}, confidence {answer.confidence:.2f}"
    if not record.answered:
        nearest = [
            quote(passage.text[:_SHOWN_PASSAGE], f"{passage.path or passage.document}")
            for passage in answer.passages[:_NEAREST]
        ]
        return [("Status", text(status)), ("Nearest passages", "".join(nearest))]
    sentences = [
        f"<p>{text(sentence.text)} {_marks(sentence.citations)} "
        f'<span class="quiet">({text(sentence.kind)}, {text(sentence.support)})</span></p>'
        for sentence in answer.sentences
    ]
    cited = {c.n: c for sentence in answer.sentences for c in sentence.citations}
    return [
        ("Status", text(status)),
        ("Short answer", text(answer.short_answer) if answer.short_answer else ""),
        ("Answer", "".join(sentences)),
        ("Citations", "".join(_citation(cited[n]) for n in sorted(cited))),
    ]


def _marks(citations: Sequence[Citation]) -> str:
    return " ".join(f"[{citation.n}]" for citation in citations)


def _citation(citation: Citation) -> str:
    place = [f"[{citation.n}] {citation.path or citation.document}"]
    place += [f"{name} {value}" for name, value in (citation.locator or {}).items()]
    place.append(f"characters {citation.start} to {citation.end}")
    return quote(citation.quote, ", ".join(place))


def _comparison_parts(comparison: Comparison) -> list[str]:
    left_out = f"; {comparison.n_left_out} left out" if comparison.n_left_out else ""
    parts = [f"<p>{comparison.n_common} questions in both runs{left_out}.</p>"]
    if comparison.settings:
        rows = [[name, str(a), str(b)] for name, (a, b) in comparison.settings.items()]
        parts.append(table(["setting", "before", "after"], rows, words=True))
    rows = [difference_row(difference) for difference in comparison.metrics]
    parts.append(
        table(["metric", "before", "after", "change", "95 %", "verdict"], rows, words=True)
    )
    for kind, changes in comparison.by_change().items():
        parts.append(f"<h3>{text(kind)} ({len(changes)})</h3>")
        parts += [_change(change) for change in changes]
    return parts


def _change(change: Change) -> str:
    entries = [
        (f"Before: {OUTCOMES[change.before.outcome]}", text(short_answer(change.before))),
        (f"After: {OUTCOMES[change.after.outcome]}", text(short_answer(change.after))),
        *_expected(change.question),
    ]
    # No class: the filter of the question list is not meant for these.
    return (
        f"<details><summary>{text(change.question.question)} "
        f'<span class="quiet">{text(change.question.id)}</span></summary>'
        f"<div>{definitions(entries)}</div></details>"
    )
