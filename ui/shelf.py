"""The list of documents as HTML: what is searched for, the table, and its pages."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path, PurePath

from index.listing import Listed, Page, Sort, Wanted
from index.store import Store
from ui.markup import Markup, el, isolate
from ui.pieces import act, asking, counted

_COLUMNS: tuple[tuple[str, Sort | None], ...] = (
    ("Title", "title"),
    ("Date", "date"),
    ("Kind", None),
    ("Size", "size"),
    ("Added", "added"),
    ("Passages", None),
    ("Status", None),
)


def table_html(store: Store, page: int = 1, wanted: Wanted | None = None) -> Markup:
    """The table of documents, one page of it."""
    wanted = wanted or Wanted()
    n_documents = store.count("documents")
    if not n_documents:
        return el("p", "No documents yet.", class_="placeholder")
    found = store.list_page(wanted, page)
    return el(
        "div",
        _summary(found, wanted, n_documents, store.count("passages")),
        _table(found, wanted, store.folder) if found.rows else _nothing(),
        _pager(found) if found.n_pages > 1 else None,
        class_="shelf",
        data_found=found.n_found,
        data_generation=store.generation,
    )


def removal(title: str, document_id: int) -> Markup:
    """A button that asks before it removes."""
    ask = act(
        "Remove",
        "ask-remove",
        aria_label=f"Remove {title} from the library",
        data_document=document_id,
    )
    return asking(
        ask,
        "Sure? ",
        act("Remove", "remove", class_="danger", data_document=document_id),
        act("Keep", "keep", data_document=document_id),
    )


def tag_buttons(tags: Sequence[str]) -> Markup | None:
    """Tags; each lists the documents that have it."""
    if not tags:
        return None
    each = (
        el("button", isolate(tag), type="button", data_act="by-tag", data_tag=tag, class_="tag")
        for tag in tags
    )
    return el("span", *each, class_="tags")


def sized(n_bytes: int) -> str:
    """A file's size as people say it."""
    size = float(n_bytes)
    for unit in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def day(moment: str) -> str:
    """The day of a moment in the library, where this machine is."""
    return datetime.fromisoformat(moment).astimezone().date().isoformat()


def place(path: str, library: Path) -> str:
    """A path as it is shown: short within the library and the person's home."""
    for folder, sign in ((library.absolute(), ""), (Path.home(), "~/")):
        if folder in PurePath(path).parents:
            return f"{sign}{PurePath(path).relative_to(folder)}"
    return path


def _summary(found: Page, wanted: Wanted, n_documents: int, n_passages: int) -> Markup:
    everything = counted(n_documents, "document")
    if wanted.everything:
        words = f"{everything}, {counted(n_passages, 'passage')}"
    else:
        words = f"{found.n_found:,} of {everything}"
    more = found.n_found > len(found.rows)
    select = act(f"Select all {found.n_found:,}", "select-all") if more else None
    clear = None if wanted.everything else act("Show all documents", "show-all")
    return el("div", el("p", words, class_="note", role="status"), select, clear, class_="summary")


def _nothing() -> Markup:
    return el("p", "No document matches. Try other words or another filter.", class_="placeholder")


def _table(found: Page, wanted: Wanted, library: Path) -> Markup:
    pick = el("input", type="checkbox", data_pick="page", aria_label="Select all on this page")
    head = (
        el("th", el("label", pick, el("span", "All on this page")), scope="col", class_="pick"),
        *(_column(name, sort, wanted) for name, sort in _COLUMNS),
        el("th", el("span", "Remove", class_="unseen"), scope="col"),
    )
    return el(
        "table",
        el("thead", el("tr", *head)),
        el("tbody", *(_row(row, library) for row in found.rows)),
        aria_label="Documents",
    )


def _column(name: str, sort: Sort | None, wanted: Wanted) -> Markup:
    class_ = f"col-{name.lower()}"
    if sort is None:
        return el("th", name, scope="col", class_=class_)
    first, other = sort, f"{sort}-back"
    used = wanted.sort == sort
    rises = (sort == "title") != wanted.backwards
    return el(
        "th",
        act(
            name,
            "sort",
            data_sort=other if used and not wanted.backwards else first,
            title=f"Sort by {name.lower()}",
            class_=f"sorted {'up' if rises else 'down'}" if used else None,
        ),
        scope="col",
        class_=class_,
        aria_sort=("ascending" if rises else "descending") if used else None,
    )


def _row(row: Listed, library: Path) -> Markup:
    document = row.document
    title = el(
        "button",
        isolate(document.title),
        type="button",
        data_act="details",
        data_document=document.id,
        class_="title",
    )
    return el(
        "tr",
        el(
            "td",
            el(
                "input",
                type="checkbox",
                data_pick=document.id,
                aria_label=f"Select {document.title}",
            ),
            class_="pick",
        ),
        el(
            "th",
            title,
            el("span", isolate(place(document.path, library)), class_="path"),
            tag_buttons(row.tags),
            scope="row",
        ),
        el("td", document.date or "", class_="date"),
        el("td", isolate(PurePath(document.path).suffix.lstrip(".").lower()), class_="kind"),
        el("td", sized(row.size), class_="size"),
        el("td", day(row.added_at), class_="added"),
        el("td", f"{row.n_passages:,}", class_="passages"),
        el("td", state(row), class_="state"),
        el("td", removal(document.title, document.id), class_="action"),
        data_document=document.id,
    )


def state(row: Listed) -> Markup:
    """How a document stands, in a word or two."""
    if row.missing:
        return el("span", "file missing", class_="warned")
    if row.document.status != "complete":
        return el("span", "partly read", class_="warned")
    return el("span", "complete")


def _pager(found: Page) -> Markup:
    number = found.number
    return el(
        "nav",
        _turn("Previous", number - 1, number > 1),
        el("span", f"Page {number:,} of {found.n_pages:,}"),
        _turn("Next", number + 1, number < found.n_pages),
        aria_label="Pages of the library",
        class_="pager",
    )


def _turn(label: str, page: int, possible: bool) -> Markup:
    return act(label, "page", data_page=page, disabled=not possible)
