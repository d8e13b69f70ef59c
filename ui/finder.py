"""What stands above the list of documents: search, filters, order, and what is done with those selected."""

from collections.abc import Sequence

from index.listing import Sort, Status
from index.store import Store
from ui.markup import Markup, el
from ui.pieces import act, asking

STATUSES: dict[Status, str] = {
    "": "Any status",
    "complete": "Complete",
    "partial": "Partly read",
    "missing": "File missing",
}
# What the list is sorted by, as it is chosen: the sort, and whether it is the other way round.
SORTS: dict[str, tuple[str, Sort, bool]] = {
    "title": ("Title, A to Z", "title", False),
    "title-back": ("Title, Z to A", "title", True),
    "date": ("Date, newest first", "date", False),
    "date-back": ("Date, oldest first", "date", True),
    "added": ("Last added first", "added", False),
    "added-back": ("First added first", "added", True),
    "size": ("Largest first", "size", False),
    "size-back": ("Smallest first", "size", True),
}


def finder_html(store: Store) -> Markup:
    """What can be searched for and sorted by, and what can be done with the documents selected.

    What is chosen is no part of it, so that it stays as it is while somebody types.
    """
    if not store.count("documents"):
        return el("div")
    kinds = [("", "All kinds"), *((kind, kind) for kind, _ in store.kinds() if kind)]
    tags = [("", "All tags"), *((tag, tag) for tag, _ in store.tags())]
    sorts = [(key, words) for key, (words, _, _) in SORTS.items()]
    search = el(
        "input",
        type="search",
        id="find-words",
        placeholder="Search titles, paths and tags",
        aria_label="Search titles, paths and tags",
        autocomplete="off",
        data_find="words",
    )
    return el(
        "div",
        el(
            "div",
            search,
            _select("kind", "Kind", kinds),
            _select("tag", "Tag", tags) if len(tags) > 1 else None,
            _select("status", "Status", list(STATUSES.items())),
            _select("sort", "Sort by", sorts),
            class_="finder",
            role="search",
            aria_label="Find documents",
        ),
        _bulk([tag for tag, _ in store.tags()]),
    )


def _select(name: str, label: str, choices: Sequence[tuple[str, str]]) -> Markup:
    options = (el("option", words, value=value) for value, words in choices)
    return el("select", *options, data_find=name, id=f"find-{name}", aria_label=label)


def _bulk(tags: Sequence[str]) -> Markup:
    """What can be done with several documents at once; hidden while none is selected."""
    removal = asking(
        act("Remove", "ask-remove"),
        "Remove them from the library? ",
        act("Remove", "remove-selected", class_="danger"),
        act("Keep", "keep"),
    )
    return el(
        "div",
        el("p", class_="selected", role="status"),
        el(
            "input",
            type="text",
            id="bulk-tag",
            list="known-tags",
            placeholder="Tag",
            aria_label="Tag for the documents selected",
            autocomplete="off",
            data_enter="tag-selected",
        ),
        el("datalist", *(el("option", value=tag) for tag in tags), id="known-tags"),
        act("Add tag", "tag-selected"),
        act("Take tag off", "untag-selected"),
        removal,
        act("Select none", "select-none"),
        class_="bulk",
        role="group",
        aria_label="Documents selected",
        hidden=True,
    )
