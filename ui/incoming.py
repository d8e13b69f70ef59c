"""Adding to the library as HTML: handing in files and texts, progress, and what could not be added."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path, PurePath

from index.journal import Incoming
from index.library import AddProgress, FileReport
from index.loaders import SUPPORTED_SUFFIXES
from ui.keeper import Run
from ui.markup import Markup, el, isolate, join
from ui.pieces import act, asking, counted, field

FAILURES_SHOWN = 50
_FILES_SHOWN = 12
_OUTCOMES = {
    "added": "added",
    "replaced": "replaced by its new content",
    "unchanged": "already in the library",
    "renamed": "known under another name; the new one is kept",
    "removed": "removed",
    "skipped": "not added",
}
# Takes no room (`library.css`).
NOTHING = el("div", class_="nothing")


def adding_html() -> Markup:
    """Where files and folders are handed in."""
    kinds = ", ".join(sorted(suffix.lstrip(".") for suffix in SUPPORTED_SUFFIXES))
    endings = ",".join(sorted(SUPPORTED_SUFFIXES))
    return el(
        "div",
        el(
            "div",
            el("p", "Drop files or folders here, or", class_="invitation"),
            el(
                "div",
                el(
                    "label",
                    "Choose files",
                    el("input", type="file", multiple=True, id="drop-files"),
                    class_="button primary",
                ),
                act("Choose a folder", "choose-folder"),
                class_="buttons",
            ),
            el("p", f"Reads {kinds}. Files are kept in your library's folder.", class_="note"),
            id="drop",
            data_endings=endings,
        ),
        # Beside the drop zone: it holds one field for files.
        el(
            "input",
            type="file",
            webkitdirectory=True,
            id="drop-folder",
            hidden=True,
            tabindex=-1,
            aria_label="Choose a folder",
        ),
        el("p", class_="note handing", role="status", hidden=True),
        class_="adding-area",
    )


def paste_html(number: int) -> Markup:
    """Where a text is pasted; a new number gives an empty one."""
    return el(
        "details",
        el("summary", "Paste text"),
        el(
            "div",
            field(
                "paste-title", "Title", "input", type="text", autocomplete="off", data_empties=True
            ),
            field("paste-text", "Text", "textarea", rows=8, data_empties=True),
            act("Add this text", "paste", class_="primary"),
            class_="fill-in",
        ),
        data_keep="paste",
        data_number=number,
    )


def run_html(run: Run) -> Markup:
    """How far the adding is, or what came of the last files."""
    if run.held:
        waiting = f"{counted(run.n_waiting, 'file')} not added yet, and tried again by itself: "
        return join((el("p", waiting, run.held, class_="failure"), _recent(run.recent)))
    if run.busy:
        return join((_progress(run), _recent(run.recent[-3:])))
    return _recent(run.recent) or NOTHING


def run_words(run: Run) -> str:
    """What came of a run, in one sentence."""
    words = f"{counted(run.n_added, 'document')} added"
    known = run.n_done - run.n_added - run.n_failed
    if known:
        words += f", {counted(known, 'file')} already there"
    if run.n_failed:
        words += f", {counted(run.n_failed, 'file')} not added"
    return f"{words}."


def failures_html(
    failures: Sequence[Incoming], n_failures: int, uploads: Path | None = None
) -> Markup:
    """The files that could not be added, each with why and what can be done.

    Args:
        failures: the newest.
        n_failures: all there are.
        uploads: where the page keeps copies; before one is deleted it is asked for.
    """
    if not failures:
        return NOTHING
    several = n_failures > 1
    more = n_failures - len(failures)
    return el(
        "details",
        el("summary", f"{counted(n_failures, 'file')} could not be added"),
        el("ul", *(_failure(failure, uploads) for failure in failures), class_="files"),
        el("p", f"And {more:,} more.", class_="note") if more > 0 else None,
        el(
            "p",
            act("Try all again", "again", data_key="all"),
            _dismissal(
                "Dismiss all",
                "all",
                "Copies kept in your library's folder are deleted with it. "
                if more > 0 or any(_is_copy(failure, uploads) for failure in failures)
                else "",
            ),
            class_="buttons",
        )
        if several
        else None,
        open=True,
        class_="failures",
        data_keep="failures",
    )


def key_of(path: str) -> str:
    """A name for a path that can stand in an attribute, whatever the path holds."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _progress(run: Run) -> Markup:
    progress = run.file
    name = PurePath(progress.path).name if progress else ""
    n_files = run.n_done + run.n_waiting
    begun = progress is not None and progress.n_passages > 0
    parts = [f"File {min(run.n_done + 1, n_files):,} of {n_files:,}"]
    if progress is not None:
        parts += _pace(progress)
    words = (progress.message if progress else "") or " · ".join(parts)
    share = progress.bytes_done / max(progress.n_bytes, 1) if progress and begun else 0.0
    # One file alone says nothing of how far it has come until its first passages are kept.
    known = begun or n_files > 1
    return el(
        "div",
        el("p", "Adding ", isolate(name) if name else "documents"),
        el(
            "progress",
            max=max(n_files * 100, 1),
            value=round((run.n_done + share) * 100) if known else None,
            aria_label="Progress of adding",
        ),
        el("p", words, class_="note"),
        class_="adding",
    )


def _pace(progress: AddProgress) -> list[str]:
    if not progress.n_passages:
        return ["reading"]
    left = None if progress.eta_s is None else f"{_duration(progress.eta_s)} left in this file"
    pace = [counted(progress.n_passages, "passage"), f"{progress.passages_per_s:,.0f} a second"]
    return [*pace, left] if left else pace


def _recent(reports: Sequence[FileReport]) -> Markup | None:
    told = [report for report in reports if report.outcome != "skipped"]
    shown = told[-_FILES_SHOWN:]
    if not shown:
        return None
    more = len(told) - len(shown)
    earlier = el("li", f"and {more:,} before", class_="note") if more else None
    items = (_file(report) for report in reversed(shown))
    return el("ul", *items, earlier, class_="files", aria_label="Files just added")


def _file(file: FileReport) -> Markup:
    notes = "".join(f". {note}" for note in file.notes)
    return el(
        "li",
        el("span", isolate(PurePath(file.path).name), class_="title"),
        " ",
        el("span", isolate(_OUTCOMES[file.outcome] + notes), class_="details"),
        class_=file.outcome,
    )


def _is_copy(failure: Incoming, uploads: Path | None) -> bool:
    return uploads is not None and uploads in PurePath(failure.path).parents


def _dismissal(label: str, key: str, warning: str, **attributes: str) -> Markup:
    """A button that dismisses; with a warning it asks before."""
    if not warning:
        return act(label, "dismiss", data_key=key, **attributes)
    return asking(
        act(label, "ask-remove", data_key=key, **attributes),
        warning,
        act("Dismiss and delete", "dismiss", class_="danger", data_key=key),
        act("Keep", "keep", data_key=key),
    )


def _failure(failure: Incoming, uploads: Path | None) -> Markup:
    name, key = PurePath(failure.path).name, key_of(failure.path)
    return el(
        "li",
        el(
            "span",
            el("span", isolate(name), class_="title"),
            " ",
            el("span", isolate(failure.reason or ""), class_="details"),
        ),
        el(
            "span",
            act("Try again", "again", data_key=key, aria_label=f"Try {name} again"),
            _dismissal(
                "Dismiss",
                key,
                "Its copy in your library's folder is deleted with it. "
                if _is_copy(failure, uploads)
                else "",
                aria_label=f"Dismiss {name}",
            ),
            class_="buttons",
        ),
        class_="skipped",
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min"
