"""What happens to the library by itself, as HTML: watched folders, and news since the last visit."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from index.journal import Change, Watched, What
from ui.incoming import NOTHING, key_of
from ui.markup import Markup, el, isolate
from ui.pieces import act, counted, field
from ui.shelf import place

NEWS_SHOWN = 50
_CHANGES: dict[What, str] = {"added": "added", "changed": "changed", "removed": "removed"}


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
            field(
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
            class_="fill-in",
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
