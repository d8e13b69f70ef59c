"""What the library holds, in the terminal: `footnote list`, `remove` and `status`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from models.errors import FootnoteError
from ui.command_line import (
    JsonOption,
    LibraryOption,
    app,
    named_documents,
    open_store,
    print_json,
)


@app.command("list")
def list_documents(
    context: typer.Context,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="Only documents with this tag.")
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the documents of the library."""
    from ui.terminal import table

    store = open_store(context, library)
    documents = store.documents()
    if tag:
        tagged = store.tagged(tag)
        documents = [document for document in documents if document.id in tagged]
    tags = store.tags_of([document.id for document in documents])
    if as_json:
        described = [{**asdict(d), "tags": list(tags.get(d.id, ()))} for d in documents]
        print_json({"version": 1, "documents": described})
        return
    rows = [
        (d.id, d.date or "-", d.status, d.title[:60], ", ".join(tags.get(d.id, ())), d.path)
        for d in documents
    ]
    if tags:
        print(table(rows, ("id", "date", "status", "title", "tags", "path")))
    else:
        print(
            table([(*row[:4], row[5]) for row in rows], ("id", "date", "status", "title", "path"))
        )


@app.command()
def remove(
    context: typer.Context,
    documents: Annotated[list[str], typer.Argument(help="Ids or paths.", metavar="DOCUMENT…")],
    library: LibraryOption = None,
) -> None:
    """Forget documents; their files stay where they are."""
    from ui.terminal import safe

    store = open_store(context, library)
    for document in named_documents(store, documents):
        store.remove_document(document.id)
        print(safe(f"forgotten: {document.path}"))


@app.command()
def status(
    context: typer.Context,
    library: LibraryOption = None,
    structure: Annotated[
        str | None, typer.Option("--structure", help="Show the labelled blocks of a document.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the library holds, and prove that every character of it can be found."""
    from index.coverage import coverage
    from ui.terminal import safe, table

    store = open_store(context, library)
    if structure is not None:
        _print_structure(store, structure)
        return
    rows = [coverage(store, document) for document in store.documents()]
    described: dict[str, Any] = {
        "library": str(store.folder),
        "format": store.meta("format_version"),
        "embedder": store.meta("embedder"),
        "documents": len(rows),
        "passages": store.count("passages"),
        "characters": sum(row.n_chars for row in rows),
        "covered": sum(row.n_covered for row in rows),
        "furniture": sum(row.n_furniture for row in rows),
        "longest_passage_tokens": max((row.max_tokens for row in rows), default=0),
    }
    if as_json:
        print_json({"version": 1, **described, "coverage": [asdict(row) for row in rows]})
        return
    for name, value in described.items():
        print(safe(f"{name.replace('_', ' ')}: {value}"))
    print()
    print(
        table(
            [
                (
                    f"{row.n_covered / row.n_chars:.1%}" if row.n_chars else "-",
                    f"{row.n_furniture / row.n_chars:.0%}" if row.n_chars else "-",
                    row.n_passages,
                    row.max_tokens,
                    Path(row.document.path).name,
                )
                for row in rows
            ],
            ("covered", "furniture", "passages", "longest", "document"),
        )
    )


def _print_structure(store: Any, name: str) -> None:
    from ui.terminal import safe

    matches = [d for d in store.documents() if name in (str(d.id), d.path) or name in d.path]
    if not matches:
        raise FootnoteError(f"There is no document {name!r}. See: footnote list")
    for start, end, role, _level, reason in store.blocks(matches[0].id):
        words = safe(" ".join(store.text(matches[0].id, start, end).split())[:70])
        print(f"{start:>7} {role:<13} {words}  ({reason})")
