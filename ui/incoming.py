"""Adding to the library as HTML: handing in files and texts, progress, failures, watched folders, news."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from index.journal import Change, Incoming, Watched, What
from index.library import AddProgress, FileReport
from index.loaders import SUPPORTED_SUFFIXES
from ui.keeper import Run
from ui.markup import Markup, el, isolate, join
from ui.shelf import act, counted, place

NEWS_SHOWN = 50
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
# Takes no room (`page.css`).
NOTHING = el("div", class_="nothing")
_CHANGES: dict[What, str] = {"added": "added", "changed": "changed", "removed": "removed"}


def adding_html() -> Markup:
    """Where files, folders and texts are handed in, and folders to watch are named."""
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
            _field(
                "paste-title", "Title", "input", type="text", autocomplete="off", data_empties=True
            ),
            _field("paste-text", "Text", "textarea", rows=8, data_empties=True),
            act("Add this text", "paste", class_="primary"),
            class_="form",
        ),
        data_keep="paste",
        data_number=number,
    )


def watched_html(folders: Sequence[Watched], n_missing: int, library: Path) -> Markup:
    """The folders whose files are added by themselves, and where one more is named."""
    rows = [_watched(folder, library) for folder in folders]
    missing = None
    if n_missing:
        words = f"{counted(n_missing, 'document')} whose file has vanished"
        show = act("Show", "show-missing", aria_label=f"Show the {words}")
        missing = el("p", f"{words}; nothing was removed. ", show, class_="note warned")
    label = f"Watched folders ({len(folders)})" if folders else "Watch a folder"
    return el(
        "details",
        el("summary", label),
        el(
            "div",
            el(
                "p",
                "New and changed files in a watched folder are added by themselves while this "
                "page's server runs. Documents whose file vanishes are marked, never removed.",
                class_="note",
            ),
            el("ul", *rows, class_="watched") if rows else None,
            missing,
            _field(
                "watch-folder",
                "Folder",
                "input",
                type="text",
                placeholder="~/Documents/notes",
                autocomplete="off",
                spellcheck="false",
                data_enter="watch",
                data_empties=True,
            ),
            el(
                "span",
                act("Watch this folder", "watch", class_="primary"),
                act("Look now", "look") if rows else None,
                class_="buttons",
            ),
            class_="form",
        ),
        data_keep="watched",
        data_number=len(folders),
    )


def news_html(counts: Mapping[What, int], changes: Sequence[Change]) -> Markup:
    """What changed since the last visit."""
    if not counts:
        return NOTHING
    told = ", ".join(
        f"{counts[what]:,} {words}" for what, words in _CHANGES.items() if counts.get(what)
    )
    more = sum(counts.values()) - len(changes)
    return el(
        "details",
        el("summary", f"Since your last visit: {told}"),
        el("ul", *(_change(change) for change in changes), class_="files"),
        el("p", f"And {more:,} more.", class_="note") if more > 0 else None,
        act("Seen", "seen", aria_label="Seen: hide what changed since your last visit"),
        class_="news",
        data_keep="news",
    )


def run_html(run: Run) -> Markup:
    """How far the adding is, or what came of the last files."""
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


def failures_html(failures: Sequence[Incoming], n_failures: int) -> Markup:
    """The files that could not be added, each with why and what can be done."""
    if not failures:
        return NOTHING
    several = n_failures > 1
    more = n_failures - len(failures)
    return el(
        "details",
        el("summary", f"{counted(n_failures, 'file')} could not be added"),
        el("ul", *(_failure(failure) for failure in failures), class_="files"),
        el("p", f"And {more:,} more.", class_="note") if more > 0 else None,
        el(
            "p",
            act("Try all again", "again", data_key="all"),
            act("Dismiss all", "dismiss", data_key="all"),
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


def _failure(failure: Incoming) -> Markup:
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
            act("Dismiss", "dismiss", data_key=key, aria_label=f"Dismiss {name}"),
            class_="buttons",
        ),
        class_="skipped",
    )


def _watched(folder: Watched, library: Path) -> Markup:
    name, there = place(folder.path, library), os.path.isdir(folder.path)
    words = counted(folder.n_files, "file") if there else "not there now; it is looked for again"
    return el(
        "li",
        el(
            "span",
            el("span", isolate(name), class_="title"),
            " ",
            el("span", words, class_="details" if there else "details warned"),
        ),
        act(
            "Stop watching",
            "unwatch",
            data_key=key_of(folder.path),
            aria_label=f"Stop watching {name}",
        ),
    )


def _change(change: Change) -> Markup:
    return el(
        "li",
        el("span", isolate(change.title), class_="title"),
        " ",
        el(
            "span",
            isolate(f"{_CHANGES[change.what]} · {PurePath(change.path).name}"),
            class_="details",
        ),
        class_=change.what,
    )


def _field(ident: str, label: str, tag: str, **attributes: str | int | bool | None) -> Markup:
    return el(
        "span",
        el("label", label, for_=ident),
        el(tag, id=ident, **attributes),
        class_="field",
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min"
