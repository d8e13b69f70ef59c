"""`footnote brief`: what a document says, or what the library says on a topic, in quoted lines."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli import (
    EXIT_REFUSED,
    EmbedderOption,
    JsonOption,
    LibraryOption,
    app,
    print_json,
    settings_of,
    write_file,
)

if TYPE_CHECKING:
    from index.library import Library
    from rag.brief import Brief, Length


@app.command()
def brief(
    context: typer.Context,
    document: Annotated[
        str | None,
        typer.Argument(
            help="Its id, its path, or a part of its path or title that no other has.",
            metavar="[DOCUMENT]",
            show_default=False,
        ),
    ] = None,
    topic: Annotated[
        str | None,
        typer.Option("--topic", help="Brief the whole library on this.", show_default=False),
    ] = None,
    length: Annotated[str, typer.Option("--length", help="short, normal or long.")] = "normal",
    library: LibraryOption = None,
    embedder: EmbedderOption = None,
    export: Annotated[
        Path | None, typer.Option("--export", help="Also keep it as Markdown: FILE.md.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Brief you on a document, or on a topic: key sentences, dates, names, quotes, each with its footnote.

    A topic may hold the filters of `ask`: --topic "export controls from:2025-01".
    """
    import sys

    from rag.brief import LENGTHS, brief_json
    from rag.pipeline import open_library
    from ui.brief_terminal import brief_text

    if (document is None) == (topic is None):
        raise typer.BadParameter('Name a document, or a topic: --topic "export controls".')
    if length not in LENGTHS:
        raise typer.BadParameter(f"--length is {', '.join(LENGTHS)}, not {length!r}.")
    if export is not None and export.suffix.lower() != ".md":
        raise typer.BadParameter(f"A brief is kept as Markdown: {export.stem or 'brief'}.md")
    opened = open_library(settings_of(context, library, embedder=embedder), create=False)
    context.call_on_close(opened.close)
    made = make_brief(opened, document, topic, length)
    if as_json:
        print_json(brief_json(made))
    else:
        print(brief_text(made, style=sys.stdout.isatty()))
    if export is not None:
        from rag.brief_rendering import brief_markdown

        write_file(export, brief_markdown(made))
    if made.status == "refused":
        raise typer.Exit(EXIT_REFUSED)


def make_brief(
    library: "Library", document: str | None, topic: str | None, length: "Length"
) -> "Brief":
    """The brief of a document, or on a topic.

    Raises:
        FootnoteError: there is no such document, or no document at all.
    """
    from index.errors import LibraryError
    from index.filters import take_filters
    from rag.brief_document import brief_document
    from rag.brief_subject import find_document
    from rag.brief_topic import brief_topic
    from rag.retriever import Retriever

    if library.store.count("documents") == 0:
        raise LibraryError(
            f"The library {library.folder} holds no documents yet. "
            "Add some first: footnote add PATH"
        )
    if document is not None:
        return brief_document(library, find_document(library.store, document), length)
    words, within = take_filters(topic or "")
    return brief_topic(library, Retriever(library), words, length, within)
