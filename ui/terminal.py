"""Answers, tables and progress as they look in a terminal. Results to stdout, the rest to stderr."""

import sys
import textwrap
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from index.library import AddProgress, AddReport
from rag.rendering import shown
from rag.types import Answer, Citation
from ui.wording import what_is_missing

_WIDTH = 88


def answer_text(answer: Answer, *, style: bool = False) -> str:
    """An answer with numbered footnotes under it, or the nearest passages where it is refused.

    Args:
        answer: the answer.
        style: use bold and dim (a terminal shows the text).
    """
    bold, dim, plain = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if style else ("", "", "")
    lines: list[str] = []
    if answer.within:
        lines += [f"{dim}Searched only: {safe(answer.within)}{plain}", ""]
    if answer.standalone_question != answer.question:
        lines += [f"{dim}Understood as: {safe(answer.standalone_question)}{plain}", ""]
    if answer.status == "refused" and answer.note:
        return "\n".join([*lines, f"{bold}Nothing was found.{plain}", "", safe(answer.note)])
    if answer.status == "refused":
        return "\n".join(lines + _refusal_lines(answer, bold, dim, plain))
    if answer.status == "disputed":
        lines += [f"{bold}The documents disagree.{plain}", ""]
    if answer.short_answer:
        lines += [f"{bold}{safe(answer.short_answer)}{plain}", ""]
    if answer.note:
        lines += [textwrap.fill(safe(answer.note), _WIDTH), ""]
    for sentence in answer.sentences:
        marks = "".join(f"[{c.n}]" for c in sentence.citations)
        words = f"“{shown(sentence.text)}”" if sentence.kind == "quote" else sentence.text
        verdict = "" if sentence.support == "supported" else f" ({sentence.support})"
        lines += [textwrap.fill(safe(f"{words} {marks}{verdict}"), _WIDTH), ""]
    for citation in _unique(answer):
        lines.append(f"{dim}[{citation.n}]{plain} {safe(place(citation))}")
    return "\n".join(lines)


def place(citation: Citation) -> str:
    """Where a footnote's words stand, in one line."""
    locator = citation.locator or {}
    spots = [
        f"{name} {locator[name]}"
        for name in ("page", "line", "paragraph", "table")
        if name in locator
    ]
    parts = [
        citation.title,
        citation.section if citation.section != citation.title else None,
        citation.speaker,
        citation.date,
        ", ".join(spots) or None,
        citation.role if citation.role not in ("body", "speaker turn", "heading") else None,
        citation.path,
    ]
    return " · ".join(part for part in parts if part)


def safe(text: str) -> str:
    """Text without control characters: a document must not steer the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)


def one_line(text: str) -> str:
    """An error message as it is printed: one line, no control characters."""
    return " ".join(safe(text).split())


def report_lines(report: AddReport) -> list[str]:
    """What an `add` did, in a few lines; every skipped file by name."""
    counts = [
        f"{report.count(outcome)} {outcome}"
        for outcome in ("added", "replaced", "unchanged", "renamed", "removed", "skipped")
        if report.count(outcome)
    ]
    lines = [", ".join(counts) or "nothing to add"]
    if report.n_passages:
        rate = report.n_passages / max(report.seconds, 1e-6)
        lines[0] += f" · {report.n_passages:,} passages, {rate:,.0f} a second"
    lines += [f"skipped {safe(file.path)}: {safe(file.reason or '')}" for file in report.skipped]
    for file in report.files:
        lines += [f"note on {safe(file.path)}: {safe(note)}" for note in file.notes]
    return lines


def duration(seconds: float | None) -> str:
    """Seconds as people say them: 1 h 05 min, 2 min 10 s, 8 s; - where unknown."""
    if seconds is None:
        return "-"
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 60} min {whole % 60:02d} s" if whole >= 60 else f"{whole} s"


class AddBar:
    """A progress bar on stderr for `add`; in a pipe, nothing but waiting messages."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._quiet = not console.is_terminal
        self._progress = Progress(
            TextColumn("{task.fields[files]}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[rate]}"),
            TextColumn("left {task.fields[left]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[name]}"),
            console=console,
            transient=True,
            disable=self._quiet,
        )
        self._task = self._progress.add_task("add", total=1, files="", rate="", left="-", name="")

    def __enter__(self) -> "AddBar":
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, progress: AddProgress) -> None:
        """Show how far the work is."""
        if progress.message:
            sys.stderr.write(one_line(progress.message) + "\n")
        self._progress.update(
            self._task,
            total=max(1, progress.n_bytes),
            completed=progress.bytes_done,
            files=f"{progress.file}/{progress.n_files} files",
            rate=f"{progress.passages_per_s:,.0f} passages/s",
            left=duration(progress.eta_s),
            name=safe(progress.path[-40:]),
        )


class DownloadBar:
    """A progress bar on stderr for a download; in a pipe, a line at every tenth."""

    def __init__(self, name: str) -> None:
        console = Console(stderr=True)
        self._quiet = not console.is_terminal
        self._tenth = 0
        self._progress = Progress(
            TextColumn(safe(name).replace("[", "(")),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=self._quiet,
        )
        self._task = self._progress.add_task("download", total=None)
        self._began = False

    def __enter__(self) -> "DownloadBar":
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, done: int, total: int) -> None:
        """Show how far the download is."""
        if not self._began:
            # What an earlier download left must not count as speed.
            self._began, self._tenth = True, 10 * done // max(1, total)
            self._progress.reset(self._task, total=total, completed=done)
        self._progress.update(self._task, total=total, completed=done)
        tenth = 10 * done // max(1, total)
        if self._quiet and tenth > self._tenth:
            self._tenth = tenth
            sys.stderr.write(f"{10 * tenth} % of {total / 1e6:,.0f} MB\n")


def table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> str:
    """A plain table, columns as wide as they need."""
    cells = [[safe(str(cell)) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _unique(answer: Answer) -> list[Citation]:
    citations = {c.n: c for sentence in answer.sentences for c in sentence.citations}
    return [citations[n] for n in sorted(citations)]


def _refusal_lines(answer: Answer, bold: str, dim: str, plain: str) -> list[str]:
    lines = [f"{bold}The documents do not say.{plain}"]
    if answer.passages:
        lines += ["", textwrap.fill(safe(what_is_missing(answer)), _WIDTH), "", "Nearest passages:"]
    for passage in answer.passages[:3]:
        where = " · ".join(p for p in (passage.title, passage.section, passage.speaker) if p)
        words = " ".join(passage.text.split())
        shown = textwrap.shorten(safe(words), 200, placeholder=" …")
        lines += [
            "",
            f"{dim}{safe(where)} · {safe(passage.path)}{plain}",
            textwrap.indent(textwrap.fill(shown, _WIDTH - 2), "  "),
        ]
    return lines
