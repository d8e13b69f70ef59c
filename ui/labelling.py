"""`footnote tag` and `footnote rename`: what a person calls the documents, and how they belong together."""

from typing import Annotated

import typer

from models.errors import FootnoteError
from ui.command_line import JsonOption, LibraryOption, app, named_documents, open_store, print_json


@app.command()
def tag(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="The tag; none lists the tags there are.", metavar="TAG")
    ] = None,
    documents: Annotated[
        list[str] | None, typer.Argument(help="Ids or paths.", metavar="DOCUMENT…")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag off instead.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give documents a tag, take it off, or list the tags; questions can be asked of one: tag:TAG."""
    from ui.terminal import safe, table

    store = open_store(context, library)
    if name is None:
        if as_json:
            print_json(
                {"version": 1, "tags": [{"tag": t, "documents": n} for t, n in store.tags()]}
            )
        else:
            print(table(store.tags(), ("tag", "documents")))
        return
    if not documents:
        raise FootnoteError(
            f"Name the documents, by id or path: footnote tag {name!r} 1 2. See: footnote list"
        )
    ids = [document.id for document in named_documents(store, documents)]
    n = store.untag_documents(ids, name) if remove else store.tag_documents(ids, name)
    words = "taken off" if remove else "given to"
    count = f"{n} document" if n == 1 else f"{n} documents"
    print(safe(f"{name}: {words} {count}"))


@app.command()
def rename(
    context: typer.Context,
    document: Annotated[str, typer.Argument(help="Id or path.", metavar="DOCUMENT")],
    title: Annotated[
        str | None, typer.Argument(help="Its new title; none goes back to the one found in it.")
    ] = None,
    library: LibraryOption = None,
) -> None:
    """Give a document a title of your own; it stays when the file changes. The file keeps its name."""
    from ui.terminal import safe

    store = open_store(context, library)
    found = named_documents(store, [document])[0]
    print(safe(f"{found.title} is now called {store.set_title(found.id, title)}"))
