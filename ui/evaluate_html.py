"""The tab for measuring as HTML: question sets, kept runs, and how far a run is."""

from collections.abc import Sequence
from datetime import datetime

from eval.available import AvailableSet
from eval.background import Standing
from eval.kept_runs import KeptRun
from ui.markup import Markup, el, isolate, join
from ui.pieces import act, asking, counted, deed, failure_html, message_html

_MISSING_SHOWN = 3
_ORIGINS = {
    "yours": "kept with your library",
    "named": "named by you",
    "shipped": "comes with Footnote",
}


def day_and_time(when: datetime) -> str:
    """A date for people."""
    return f"{when.day} {when:%B %Y, %H:%M}"


# -- question sets ------------------------------------------------------------------------------


def sets_html(sets: Sequence[AvailableSet]) -> Markup:
    """The question sets that can be asked, and what the others lack."""
    if not sets:
        return el(
            "p",
            "No question set fits this library yet. Name a file below, or keep test cases of your "
            "own under “questions” in the library's folder.",
            class_="note",
        )
    head = ("Question set", "Questions", "Documents", "")
    return el(
        "div",
        el(
            "table",
            el("caption", "Question sets", id="question-sets", tabindex=-1),
            _head(head, "Run"),
            el("tbody", *(_set_row(item) for item in sets)),
        ),
        class_="shelf sets",
    )


def _set_row(item: AvailableSet) -> Markup:
    return el(
        "tr",
        el(
            "th",
            el("span", isolate(item.name), class_="title"),
            el("span", _ORIGINS[item.origin], class_="path"),
            scope="row",
        ),
        el(
            "td",
            "" if item.error else f"{item.n_questions:,}",
            class_="number",
            data_label="Questions",
        ),
        el("td", _fit(item), class_="words", data_label="Documents"),
        el("td", _run_button(item), class_="action"),
    )


def _run_button(item: AvailableSet) -> Markup | None:
    if not item.fits:
        return None
    return deed("Run", "start", data_set=str(item.path), aria_label=f"Run {item.name}")


def _fit(item: AvailableSet) -> Markup:
    if item.error:
        return el("span", isolate(item.error), class_="problem")
    if not item.n_sources:
        return el("span", "names no documents")
    n_here = item.n_sources - len(item.missing)
    if not item.missing:
        return el("span", f"all {n_here} in the library" if n_here > 1 else "in the library")
    first, more = item.missing[:_MISSING_SHOWN], item.missing[_MISSING_SHOWN:]
    here = f"{n_here} of {item.n_sources} in the library; missing:"
    rest = None
    if more:
        more_words = el("summary", f"and {len(more)} more")
        rest = el("details", more_words, _names(more), data_keep=f"missing in {item.path}")
    return join((el("span", here, class_="problem"), _names(first), rest))


def _names(names: Sequence[str]) -> Markup:
    return el("ul", *(el("li", isolate(name)) for name in names), class_="missing")


# -- how far a run is ---------------------------------------------------------------------------


def progress_html(now: Standing) -> Markup:
    """What is being asked, how it went so far, and how long it will take."""
    if now.state != "running":
        return Markup("")
    if now.baseline:
        place = "All questions are asked; now the baseline, which only searches"
    elif now.stopping:
        place = "Stopping after this step"
    else:
        place = f"Question {min(now.done + 1, now.total):,} of {now.total:,}"
    tally = [f"{now.right:,} right", f"{now.wrong:,} wrong", f"{now.refused:,} refused"]
    tally += [f"{now.errors:,} failed"] if now.errors else []
    return el(
        "section",
        el("h3", "Running ", isolate(now.set_name)),
        el(
            "progress",
            max=max(now.total, 1),
            value=now.done,
            aria_label="Questions asked",
        ),
        el("p", " · ".join((place, *_left(now))), class_="place"),
        el("p", f"So far: {', '.join(tally)}.", class_="tally"),
        now.question and el("p", isolate(now.question), class_="asking", dir="auto"),
        deed("Stop", "stop", id="evaluate-stop"),
        class_="adding running",
        data_what="run",
    )


def told_html(now: Standing, *, opened: bool = False, arriving: bool = False) -> Markup:
    """What is read aloud about a run: its beginning, each tenth of the way, its end.

    Args:
        now: how far it is.
        opened: whether the result is shown already.
        arriving: whether the tab was opened just now; how it ended was told when it did.
    """
    told = None if arriving and now.state in ("stopped", "finished") else _told(now, opened)
    return el("div", told, data_heard=heard(now))


def heard(now: Standing) -> str:
    """What is told of a run in short; the page sends it back."""
    return " ".join((now.name, now.state, str(_tenth(now)) if now.state == "running" else ""))


def _tenth(now: Standing) -> int:
    return 10 * now.done // max(now.total, 1)


def _told(now: Standing, opened: bool) -> Markup | None:
    if now.state == "running":
        words = f"{now.set_name}: {_tenth(now) * 10} percent of the questions asked"
        return el("p", words, class_="unseen")
    if now.state == "failed":
        return failure_html(now.error, role=None)
    if now.state == "stopped":
        return message_html(
            f"Stopped after {now.done:,} of {counted(now.total, 'question')}; what was answered is "
            "kept. The run can go on below."
        )
    if now.state == "finished":
        where = "The result is below." if opened else "It is the first of the kept runs below."
        return message_html("Finished: ", now.set_name, f". {where}")
    return None


def _left(now: Standing) -> tuple[str, ...]:
    if now.seconds_left is None or now.baseline or now.stopping:
        return ()
    if now.seconds_left < 50:
        return ("less than a minute left",)
    minutes = max(1, round(now.seconds_left / 60))
    if minutes < 90:
        return (f"about {counted(minutes, 'minute')} left",)
    return (f"about {counted(round(minutes / 60), 'hour')} left",)


# -- kept runs ----------------------------------------------------------------------------------


def runs_html(runs: Sequence[KeptRun]) -> Markup:
    """The kept runs, newest first."""
    if not runs:
        return Markup("")
    head = ("Run", "Questions", "Right", "Wrong", "Refused", "")
    return el(
        "div",
        el(
            "table",
            el("caption", "Kept runs", id="kept-runs", tabindex=-1),
            _head(head, "Open or delete"),
            el("tbody", *(_run_row(run) for run in runs)),
        ),
        class_="shelf runs",
    )


def _run_row(run: KeptRun) -> Markup:
    title = run.set_name or run.name
    return el(
        "tr",
        el(
            "th",
            el("span", isolate(title), class_="title"),
            el("span", day_and_time(run.started), class_="path"),
            scope="row",
        ),
        *_run_cells(run),
        el("td", *_run_buttons(run, f"{title}, {day_and_time(run.started)}"), class_="action"),
    )


def _run_cells(run: KeptRun) -> tuple[Markup, ...]:
    if run.state == "finished":
        numbers = (
            ("Questions", run.n_questions),
            ("Right", run.right),
            ("Wrong", run.wrong),
            ("Refused", run.refused),
        )
        return tuple(el("td", f"{n:,}", class_="number", data_label=name) for name, n in numbers)
    if run.state == "damaged":
        words = el("span", isolate(run.error), class_="problem")
    elif run.state == "elsewhere":
        asked = f"{run.n_done:,} of {counted(run.n_questions, 'question')} asked"
        words = el("span", f"going on in another window of Footnote; {asked}")
    else:
        asked = f"stopped after {run.n_done:,} of {counted(run.n_questions, 'question')}"
        other = "; the models or settings have changed since, so it cannot go on"
        words = el("span", asked + (other if run.state == "other settings" else ""))
    return (el("td", words, class_="words", colspan=4),)


def _run_buttons(run: KeptRun, title: str) -> tuple[Markup | None, ...]:
    first = None
    if run.state == "elsewhere":
        return ()
    if run.state == "finished":
        first = deed("Open", "open", data_run=run.name, aria_label=f"Open {title}")
    elif run.state == "stopped":
        first = deed("Go on", "resume", data_run=run.name, aria_label=f"Go on with {title}")
    removal = asking(
        act("Delete", "ask-remove", data_run=run.name, aria_label=f"Delete {title}"),
        "Sure? ",
        deed("Delete", "delete", class_="danger", data_run=run.name),
        act("Keep", "keep", data_run=run.name),
    )
    return first, removal


def _head(names: Sequence[str], unseen: str) -> Markup:
    """Headings of a table; its last column holds buttons."""
    cells = [
        el("th", name, scope="col", class_=None if n in (0, len(names)) else f"col-{name.lower()}")
        if name
        else el("th", el("span", unseen, class_="unseen"), scope="col")
        for n, name in enumerate(names)
    ]
    return el("thead", el("tr", *cells))
