"""`footnote watch`: folders whose new and changed files are added by themselves."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import FootnoteError
from ui.command_line import (
    EXIT_SKIPPED,
    JsonOption,
    LibraryOption,
    add_paths,
    app,
    open_store,
    print_json,
    settings_of,
)

if TYPE_CHECKING:
    from index.library import Library
    from index.store import Store


@app.command()
def watch(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="Folder to watch from now on.", metavar="DIR")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the watched folders.")] = False,
    remove: Annotated[
        Path | None,
        typer.Option("--remove", help="Watch this folder no more.", metavar="DIR"),
    ] = None,
    now: Annotated[bool, typer.Option("--now", help="Look at all watched folders now.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Watch a folder: what is new or changed in it is added while the page runs, and with --now.

    Documents whose file vanishes are marked as missing, never removed.
    """
    if remove is not None:
        _unwatch(open_store(context, library), remove)
    elif folder is not None or now:
        _look(context, folder, library)
    elif listed:
        _list(open_store(context, library), as_json)
    else:
        raise typer.BadParameter("Name a folder, or --list, --now or --remove DIR.")


def _list(store: "Store", as_json: bool) -> None:
    from dataclasses import asdict

    from ui.terminal import table

    watched = store.watched()
    if as_json:
        missing = store.missing()
        print_json({"version": 1, "watched": [asdict(w) for w in watched], "missing": missing})
        return
    rows = [(w.n_files, w.looked_at or "-", w.path) for w in watched]
    print(table(rows, ("files", "last change seen", "folder")))


def _unwatch(store: "Store", folder: Path) -> None:
    import os

    from ui.terminal import safe

    path = os.path.abspath(folder.expanduser())
    if not store.unwatch(path):
        raise FootnoteError(f"{path} is not watched. See: footnote watch --list")
    print(safe(f"watched no more: {path}; its documents stay"))


def _look(context: typer.Context, folder: Path | None, library: Path | None) -> None:
    """Look at one folder, watched from now on, or at all; add what is new in it."""
    from index.watching import look, watchable
    from rag.pipeline import open_library
    from ui.terminal import safe

    opened = open_library(settings_of(context, library))
    context.call_on_close(opened.close)
    store = opened.store
    if folder is not None:
        path = watchable(folder, opened.folder)
        store.watch(path)
        folders = [path]
    else:
        folders = [watched.path for watched in store.watched()]
    new: list[str] = []
    for path in folders:
        found = look(store, path, library=opened.folder, settled_s=0)
        if not found.there:
            print(safe(f"not there now: {path}"))
        new += found.new
        for gone in found.gone:
            print(safe(f"missing: {gone}"))
    n_skipped = _add(opened, new) if new else 0
    if not new:
        print("nothing new")
    if n_skipped:
        raise typer.Exit(EXIT_SKIPPED)


def _add(opened: "Library", paths: list[str]) -> int:
    """Add files and keep in mind which could not be; how many that were."""
    from ui.terminal import report_lines

    begun = datetime.now(UTC)
    there = [Path(path) for path in paths if Path(path).exists()]
    report = add_paths(opened, there, sync=False)
    for file in report.skipped:
        opened.store.not_taken(file.path, file.reason or "it could not be read")
    skipped = {file.path for file in report.skipped}
    # One that the page has found changed meanwhile waits for the page to add it again.
    opened.store.taken([path for path in paths if path not in skipped], since=begun)
    print("\n".join(report_lines(report)))
    return len(skipped)
