"""Plots of a run as SVG text for the report; matplotlib draws, without a window and without pyplot.

Text and axes take the page's own colour (`currentColor`), so that a plot is readable in light and
in dark mode. Outcomes differ by hatching as well as by colour.
"""

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from html import escape
from io import StringIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.types import Record

COLOURS = {"right": "#2e8b57", "wrong": "#d1495b", "refused": "#8a8fa3", "error": "#c98a1b"}
_HATCHES = {"right": "", "wrong": "///", "refused": "---", "error": "xx"}
_INK = "#010203"  # Stands for the page's text colour; replaced in the finished SVG.
_ACCENT = "#4c7fd0"
_BINS = 10
_MAX_LABEL = 32
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Draw = Callable[[Any], None]


def outcome_bars(kinds: Mapping[str, Sequence[Record]]) -> str:
    """Share of right, wrong, refused and failed questions of each kind."""

    def draw(axes: Any) -> None:
        names = list(kinds)[::-1]
        left = np.zeros(len(names))
        for outcome, colour in COLOURS.items():
            shares = np.array(
                [
                    100
                    * sum(record.outcome == outcome for record in kinds[name])
                    / len(kinds[name])
                    for name in names
                ]
            )
            if shares.any():
                axes.barh(
                    range(len(names)),
                    shares,
                    tick_label=[f"{_plain(name)} ({len(kinds[name])})" for name in names],
                    left=left,
                    color=colour,
                    hatch=_HATCHES[outcome],
                    edgecolor=_INK,
                    linewidth=0.5,
                    label=outcome,
                )
            left += shares
        axes.set_xlim(0, 100)
        axes.set_xlabel("share of the questions, %")
        # Over the whole drawing, as names may leave the bars little room.
        axes.figure.legend(loc="outside upper right", ncols=4, frameon=False)

    title = "Right, wrong and refused questions of each kind"
    return _svg(draw, title, height=1.0 + 0.24 * max(len(kinds), 1))


def risk_coverage(records: Sequence[Record]) -> str:
    """Share of wrong answers among the questions answered, if only the surest were answered."""
    return _svg(
        _risk_curves({"": risk_coverage_points(records)}), "Risk and coverage by confidence"
    )


def risk_coverage_curves(
    parts: Mapping[str, tuple[NDArray[np.float64], NDArray[np.bool_]]],
) -> str:
    """The same for several sets of questions, each given by confidences and outcomes, shape (questions,)."""
    curves = {
        name: _curve(list(zip(sure.tolist(), (~right).tolist(), strict=True)), len(sure))
        for name, (sure, right) in parts.items()
    }
    return _svg(_risk_curves(curves), "Risk and coverage by confidence")


def risk_coverage_points(
    records: Sequence[Record],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coverage and risk after each answer, the most confident first.

    Refused questions were given no answer, so the curve ends at the coverage the run had. Answers
    of equal confidence can only be let through together and share one point.
    """
    answered = [(r.answer.confidence, r.outcome == "wrong") for r in _judged(records) if r.answer]
    return _curve(answered, len(records))


def _curve(
    answers: Sequence[tuple[float, bool]], n_questions: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coverage and risk after each of the (confidence, is wrong), the most confident first."""
    answered = sorted(answers, key=lambda pair: -pair[0])
    points = []
    wrong = 0
    for number, (confidence, is_wrong) in enumerate(answered, start=1):
        wrong += is_wrong
        if number == len(answered) or answered[number][0] != confidence:
            points.append((number / n_questions, wrong / number))
    array = np.array(points, dtype=np.float64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def _risk_curves(
    curves: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> Draw:
    """Draws curves by name; a single one needs none."""

    def draw(axes: Any) -> None:
        styles = ("-", "--", ":", "-.")
        for i, (name, (coverage, risk)) in enumerate(curves.items()):
            style = styles[i % len(styles)]
            axes.plot(
                100 * coverage,
                100 * risk,
                style,
                color=_ACCENT,
                marker=".",
                markersize=4,
                label=name,
            )
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 100)
        axes.set_xlabel("coverage: questions answered, %")
        axes.set_ylabel("risk: wrong among them, %")
        if len(curves) > 1:
            axes.legend(loc="upper left", frameon=False)

    return draw


def reliability(records: Sequence[Record]) -> str:
    """How often answers of a given confidence are right."""

    def draw(axes: Any) -> None:
        rows = reliability_bins(records)
        axes.plot([0, 100], [0, 100], color=_INK, linewidth=0.8, linestyle=":")
        axes.bar(
            [100 * (number + 0.5) / _BINS for number, _, _ in rows],
            [100 * share for _, share, _ in rows],
            width=90 / _BINS,
            color=_ACCENT,
            edgecolor=_INK,
            linewidth=0.5,
        )
        for number, share, n in rows:
            at = (100 * (number + 0.5) / _BINS, 100 * share)
            axes.annotate(str(n), at, ha="center", va="bottom", fontsize=8, color=_INK)
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 110)
        axes.set_xlabel("confidence, % (numbers: answers)")
        axes.set_ylabel("right, %")

    return _svg(draw, "Confidence and how often it is right")


def reliability_bins(records: Sequence[Record]) -> list[tuple[int, float, int]]:
    """(tenth of the confidence, share right, answers) for each tenth that has answers."""
    bins: dict[int, list[bool]] = {}
    for record in _judged(records):
        if record.answer is not None:
            number = min(max(int(record.answer.confidence * _BINS), 0), _BINS - 1)
            bins.setdefault(number, []).append(record.right)
    return [(number, sum(hits) / len(hits), len(hits)) for number, hits in sorted(bins.items())]


def latency_histogram(records: Sequence[Record]) -> str:
    """How long questions took."""

    def draw(axes: Any) -> None:
        seconds = [record.latency_ms / 1000 for record in records if record.status != "error"]
        if seconds:
            axes.hist(seconds, bins=20, color=_ACCENT, edgecolor=_INK, linewidth=0.5)
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.set_xlabel("seconds")
        axes.set_ylabel("questions")

    return _svg(draw, "Time a question takes")


def _plain(text: str) -> str:
    # matplotlib would set what stands between dollar signs as a formula, and writes characters that
    # no SVG may hold as they are.
    shown = _UNPRINTABLE.sub("\ufffd", text)
    shown = shown if len(shown) <= _MAX_LABEL else shown[: _MAX_LABEL - 1] + "…"
    return shown.replace("$", r"\$")


def _judged(records: Sequence[Record]) -> list[Record]:
    return [record for record in records if record.outcome in ("right", "wrong")]


def _svg(draw: Draw, title: str, *, width: float = 4.6, height: float = 2.9) -> str:
    # Imported here: matplotlib takes half a second, and only the report needs it.
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style = {
        "svg.fonttype": "none",
        # Names inside the SVG would otherwise be random, and clash between plots of one page.
        "svg.hashsalt": title,
        "font.family": ["sans-serif"],
        "font.size": 9,
        "hatch.linewidth": 0.5,
        "legend.labelcolor": _INK,
    } | {f"{part}.color": _INK for part in ("text", "xtick", "ytick", "hatch")}
    style |= {"axes.labelcolor": _INK, "axes.edgecolor": _INK}
    out = StringIO()
    with matplotlib.rc_context(style), warnings.catch_warnings():
        # matplotlib's own font lacks many scripts; the browser that shows the text does not.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    return _for_page(out.getvalue(), title)


def _for_page(svg: str, title: str) -> str:
    """The drawing as part of an HTML page: no prologue, no addresses, a name for screen readers."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", svg)
    svg = svg.replace("xlink:href", "href").replace(_INK, "currentColor")
    # A style inside an SVG holds for the whole page, and matplotlib numbers its groups in every
    # drawing anew: in one page the names would clash.
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(title)}"', 1)
