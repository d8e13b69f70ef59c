"""A document's page in the library: what is known of it, what was made of it, and its text."""

from itertools import pairwise
from pathlib import PurePath

from index.listing import Listed
from index.store import Store
from index.types import Role
from ui.markup import Markup, el, isolate, join
from ui.pieces import act, counted
from ui.shelf import day, place, removal, sized, state

PART_CHARS = 12_000
_MOST_SECTIONS = 200
_MOST_SPEAKERS = 100
_MOST_FURNITURE = 60
_LONGEST_LINE = 160


def document_html(store: Store, document_id: int, *, part: int | None = None) -> Markup:
    """The page of one document; with a part, its text as well.

    Args:
        store: where it is.
        document_id: the document.
        part: which stretch of its text is shown, from 0; None shows none.
    """
    row = store.listed(document_id)
    if row is None:
        return el(
            "section",
            act("Back to the list", "close", class_="back-to-list"),
            el("p", "This document is no longer in the library.", class_="placeholder"),
            class_="document-page",
        )
    document = row.document
    return el(
        "section",
        act("Back to the list", "close", class_="back-to-list"),
        el("h2", isolate(document.title), tabindex="-1"),
        _facts(store, row),
        _buttons(row, reading=part is not None),
        _labels(store, row),
        None if part is None else _text(store, row, part),
        _notes(store, document_id),
        _sections(store, document_id),
        _speakers(store, document_id),
        _furniture(store, document_id),
        class_="document-page",
        aria_label=f"Document: {document.title}",
        data_document=document.id,
        data_tags=len(row.tags),
    )


def _facts(store: Store, row: Listed) -> Markup:
    document = row.document
    found = store.found_title(document.id)
    facts: list[tuple[str, Markup | str | None]] = [
        ("File", isolate(place(document.path, store.folder))),
        ("Date", document.date),
        ("Kind", isolate(PurePath(document.path).suffix.lstrip(".").lower())),
        ("Size", f"{sized(row.size)}, {counted(document.n_chars, 'character')}"),
        ("Passages", f"{row.n_passages:,}"),
        ("Added", day(row.added_at)),
        ("Status", state(row)),
        ("Title found", None if found in (None, document.title) else isolate(found or "")),
    ]
    rows = (
        el("div", el("dt", name), el("dd", value), class_="fact") for name, value in facts if value
    )
    return el("dl", *rows, class_="facts")


def _buttons(row: Listed, *, reading: bool) -> Markup:
    document = row.document
    opened = (
        act("Close the text", "close-text", data_document=document.id)
        if reading
        else act("Open the text", "open-text", data_document=document.id, class_="primary")
    )
    return el(
        "div",
        opened,
        # What it shows is filled in elsewhere.
        act("Brief", "brief", data_document=document.id),
        act("Ask only this", "ask-source", data_name=PurePath(document.path).name),
        removal(document.title, document.id),
        class_="buttons",
    )


def _labels(store: Store, row: Listed) -> Markup:
    document = row.document
    tags = (
        el(
            "li",
            isolate(tag),
            act(
                "×", "untag", data_tag=tag, data_document=document.id, aria_label=f"Take {tag} off"
            ),
            class_="tag",
        )
        for tag in row.tags
    )
    renamed = store.found_title(document.id) != document.title
    return el(
        "div",
        el(
            "span",
            el("label", "Title", for_="own-title"),
            el(
                "input",
                type="text",
                id="own-title",
                value=document.title,
                data_enter="rename",
                data_document=document.id,
            ),
            act("Rename", "rename", data_document=document.id),
            act("Use the title found", "untitle", data_document=document.id) if renamed else None,
            class_="field",
        ),
        el(
            "span",
            el("label", "Tags", for_="new-tag"),
            el("ul", *tags, class_="tags") if row.tags else None,
            el(
                "input",
                type="text",
                id="new-tag",
                list="known-tags",
                placeholder="New tag",
                autocomplete="off",
                data_enter="tag",
                data_empties=True,
                data_document=document.id,
            ),
            act("Add tag", "tag", data_document=document.id),
            class_="field",
        ),
        class_="labels",
    )


def _notes(store: Store, document_id: int) -> Markup | None:
    notes, noticed = store.notes(document_id), store.noticed(document_id)
    if not notes and not noticed:
        return None
    return el(
        "section",
        el("h3", "Noted when it was added"),
        el("ul", *(el("li", isolate(note)) for note in (*notes, *noticed)), class_="notes-on"),
    )


def _sections(store: Store, document_id: int) -> Markup | None:
    headings = store.blocks_of_role(document_id, Role.HEADING, _MOST_SECTIONS)
    if not headings:
        return None
    items = (
        el("li", isolate(_line(store, document_id, start, end)), class_=f"level-{min(level, 4)}")
        for start, end, level, _ in headings
    )
    n = store.role_counts(document_id)[Role.HEADING][0]
    return _folded("Sections", n, el("ul", *items, class_="outline"), len(headings))


def _speakers(store: Store, document_id: int) -> Markup | None:
    names = list(dict.fromkeys(name for name, _, _ in store.speakers(document_id)))
    if not names:
        return None
    items = (el("li", isolate(name)) for name in names[:_MOST_SPEAKERS])
    return _folded(
        "Speakers and authors",
        len(names),
        el("ul", *items, class_="outline"),
        min(len(names), _MOST_SPEAKERS),
    )


def _furniture(store: Store, document_id: int) -> Markup | None:
    """What is searched last, since it is no part of what the document says: menus, players, notices."""
    n_blocks, n_chars = store.role_counts(document_id).get(Role.FURNITURE, (0, 0))
    if not n_blocks:
        return None
    blocks = store.blocks_of_role(document_id, Role.FURNITURE, _MOST_FURNITURE)
    items = (
        el(
            "li",
            el("span", isolate(_line(store, document_id, start, end)), class_="words"),
            el("span", isolate(reason), class_="reason"),
        )
        for start, end, _, reason in blocks
    )
    words = (
        f"{counted(n_chars, 'character')} that Footnote takes for menus, players, notices and the "
        "like. They stay searchable and come last."
    )
    inside = join((el("p", words, class_="note"), el("ul", *items, class_="furniture-list")))
    return _folded("Labelled as furniture", n_blocks, inside, len(blocks))


def _folded(label: str, n: int, inside: Markup, n_shown: int) -> Markup:
    more = el("p", f"And {n - n_shown:,} more.", class_="note") if n > n_shown else None
    return el(
        "details",
        el("summary", f"{label} ({n:,})"),
        inside,
        more,
        data_keep=f"document-{label}",
    )


def _line(store: Store, document_id: int, start: int, end: int) -> str:
    words = " ".join(store.text(document_id, start, min(end, start + 4 * _LONGEST_LINE)).split())
    return words if len(words) <= _LONGEST_LINE else f"{words[:_LONGEST_LINE]}…"


def _text(store: Store, row: Listed, part: int) -> Markup:
    """A stretch of the text as the library holds it; its blocks only change how it looks."""
    document = row.document
    n_parts = max(1, -(-document.n_chars // PART_CHARS))
    part = min(max(part, 0), n_parts - 1)
    start, end = part * PART_CHARS, min((part + 1) * PART_CHARS, document.n_chars)
    text = store.text(document.id, start, end)
    roles = {
        b_start: (b_end, role)
        for b_start, b_end, role, _, _ in store.blocks(document.id, start, end)
        if role is not Role.BODY
    }
    cuts = {start, end} | {
        min(max(at, start), end) for b_start, (b_end, _) in roles.items() for at in (b_start, b_end)
    }
    pieces = []
    for first, last in pairwise(sorted(cuts)):
        words = text[first - start : last - start]
        role = next((r for s, (e, r) in roles.items() if s <= first < e), None)
        class_ = f"block {role.value.replace(' ', '-')}" if role else None
        pieces.append(el("span", words, class_=class_) if class_ else words)
    return el(
        "div",
        el(
            "div",
            *pieces,
            class_="document",
            dir="auto",
            tabindex="0",
            role="region",
            aria_label="Text",
        ),
        _parts(document.id, part, n_parts) if n_parts > 1 else None,
        class_="whole-text",
    )


def _parts(document_id: int, part: int, n_parts: int) -> Markup:
    def turn(label: str, to: int) -> Markup:
        return act(
            label,
            "open-text",
            data_document=document_id,
            data_part=to,
            disabled=not 0 <= to < n_parts,
        )

    return el(
        "nav",
        turn("Earlier", part - 1),
        el("span", f"Part {part + 1:,} of {n_parts:,}"),
        turn("Later", part + 1),
        class_="pager",
        aria_label="Parts of the text",
    )
