"""The library tab as HTML: table of documents, progress and result of adding."""

from dataclasses import dataclass
from pathlib import PurePath

from index.library import AddProgress, AddReport, FileReport
from index.loaders import SUPPORTED_SUFFIXES
from index.store import Store
from index.types import Document
from ui.markup import Markup, el, isolate, join

PAGE_SIZE = 50
_OUTCOMES = {
    "added": "added",
    "replaced": "replaced by its new content",
    "unchanged": "already in the library",
    "renamed": "known under another name; the new one is kept",
    "removed": "removed",
    "skipped": "not added",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A document with how many passages it has."""

    document: Document
    n_passages: int


def rows(store: Store, page: int) -> tuple[list[Row], int]:
    """The documents on a page (from 1) by title, and how many pages there are."""
    documents = sorted(store.documents(), key=lambda d: (d.title.casefold(), d.path))
    n_pages = max(1, -(-len(documents) // PAGE_SIZE))
    first = (min(max(page, 1), n_pages) - 1) * PAGE_SIZE
    shown = documents[first : first + PAGE_SIZE]
    counts = store.passage_counts()
    return [Row(document, counts.get(document.id, 0)) for document in shown], n_pages


def table_html(store: Store, page: int = 1) -> Markup:
    """The table of documents, one page of it."""
    shown, n_pages = rows(store, page)
    page = min(max(page, 1), n_pages)
    n_documents, n_passages = store.count("documents"), store.count("passages")
    if not n_documents:
        return el("p", "No documents yet.", class_="placeholder")
    summary = f"{_counted(n_documents, 'document')}, {_counted(n_passages, 'passage')}"
    head = ("Title", "Date", "Kind", "Passages", "Status", "")
    return el(
        "div",
        el("p", summary, class_="note", role="status"),
        el(
            "table",
            el("thead", el("tr", *(_column(name) for name in head))),
            el("tbody", *(_row(row) for row in shown)),
            aria_label="Documents",
        ),
        _pager(page, n_pages) if n_pages > 1 else None,
        class_="shelf",
    )


def progress_html(progress: AddProgress) -> Markup:
    """How far the adding is."""
    # Until the first passages are kept, nothing says how far a file has come.
    begun = progress.n_passages > 0
    parts = [
        f"File {max(progress.file, 1)} of {max(progress.n_files, 1)}",
        _counted(progress.n_passages, "passage") if begun else "reading",
        f"{progress.passages_per_s:,.0f} a second" if begun else None,
        None if progress.eta_s is None else f"{_duration(progress.eta_s)} left",
    ]
    words = progress.message or " · ".join(part for part in parts if part)
    name = PurePath(progress.path).name
    return el(
        "div",
        el("p", "Adding ", isolate(name) if name else "documents"),
        el(
            "progress",
            max=max(progress.n_bytes, 1),
            value=progress.bytes_done if begun else None,
            aria_label="Progress of adding",
        ),
        el("p", words, class_="note", role="status"),
        class_="adding",
    )


def report_html(report: AddReport) -> Markup:
    """What became of each file, those that were not added first."""
    files = sorted(report.files, key=lambda file: file.outcome != "skipped")
    n_added = report.count("added") + report.count("replaced")
    words = f"{_counted(n_added, 'document')} added"
    if report.skipped:
        words += f", {_counted(len(report.skipped), 'file')} not added"
    return el(
        "div",
        el("p", f"{words}.", role="status"),
        el("ul", *(_file(file) for file in files), class_="files"),
        class_="report",
    )


def hint_html() -> Markup:
    """What may be added, and where it goes."""
    kinds = ", ".join(sorted(suffix.lstrip(".") for suffix in SUPPORTED_SUFFIXES))
    return el("p", f"Reads {kinds}. Files are kept in your library's folder.", class_="note")


def failure_html(message: str) -> Markup:
    """One sentence that says what went wrong."""
    return el("p", message, class_="failure", role="alert")


def message_html(before: str, name: str, after: str) -> Markup:
    """One sentence around a name from outside."""
    return el("p", before, isolate(name), after, role="status", class_="note")


def _file(file: FileReport) -> Markup:
    reason = f": {file.reason}" if file.reason else ""
    notes = "".join(f" {note}" for note in file.notes)
    return el(
        "li",
        el("span", isolate(PurePath(file.path).name), class_="title"),
        " ",
        el("span", isolate(_OUTCOMES[file.outcome] + reason + notes), class_="details"),
        class_=file.outcome,
    )


def _column(name: str) -> Markup:
    if not name:
        return el("th", el("span", "Remove", class_="unseen"), scope="col")
    return el("th", name, scope="col", class_=f"col-{name.lower()}")


def _row(row: Row) -> Markup:
    document = row.document
    counted = f"{row.n_passages:,}"
    complete = document.status == "complete"
    return el(
        "tr",
        el(
            "th",
            el("span", isolate(document.title), class_="title"),
            el("span", isolate(document.path), class_="path"),
            scope="row",
        ),
        el("td", document.date or "", class_="date"),
        el("td", isolate(PurePath(document.path).suffix.lstrip(".").lower()), class_="kind"),
        el("td", counted, class_="passages"),
        el("td", "complete" if complete else "partly read", class_="state"),
        el("td", _removal(document), class_="action"),
        data_document=document.id,
    )


def _removal(document: Document) -> Markup:
    """A button that asks before it removes."""
    confirm = el(
        "span",
        el("span", "Sure? "),
        el(
            "button",
            "Remove",
            type="button",
            class_="danger",
            data_act="remove",
            data_document=document.id,
        ),
        el("button", "Keep", type="button", data_act="keep"),
        class_="confirm",
        hidden=True,
    )
    ask = el(
        "button",
        "Remove",
        type="button",
        data_act="ask-remove",
        aria_label=f"Remove {document.title} from the library",
    )
    return join((ask, confirm))


def _pager(page: int, n_pages: int) -> Markup:
    return el(
        "nav",
        _turn("Previous", page - 1, page > 1),
        el("span", f"Page {page} of {n_pages}"),
        _turn("Next", page + 1, page < n_pages),
        aria_label="Pages of the library",
        class_="pager",
    )


def _turn(label: str, page: int, possible: bool) -> Markup:
    return el(
        "button", label, type="button", data_act="page", data_page=page, disabled=not possible
    )


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min"
