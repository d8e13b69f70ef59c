"""`footnote brief`: what a document says, or the library on a topic, with a footnote at each line."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.command_line import (
    EXIT_REFUSED,
    EmbedderOption,
    JsonOption,
    LibraryOption,
    ModelOption,
    ReaderOption,
    app,
    print_json,
    settings_of,
    write_file,
)

if TYPE_CHECKING:
    from index.library import Library
    from rag.brief import Brief, Length
    from rag.settings import Settings


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
    model: ModelOption = None,
    embedder: EmbedderOption = None,
    reader: ReaderOption = None,
    export: Annotated[
        Path | None, typer.Option("--export", help="Also keep it as Markdown: FILE.md.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Brief you on a document, or on a topic: key sentences, dates, names, quotes, each with its footnote.

    A topic may hold the filters of `ask`: --topic "export controls from:2025-01". A model that composes
    answers also writes the brief, from what is quoted, and each sentence is checked; --reader extract quotes.
    """
    from rag.brief import LENGTHS, brief_json
    from rag.pipeline import open_library
    from ui.brief_terminal import brief_text

    if (document is None) == (topic is None):
        raise typer.BadParameter('Name a document, or a topic: --topic "export controls".')
    if length not in LENGTHS:
        raise typer.BadParameter(f"--length is {', '.join(LENGTHS)}, not {length!r}.")
    if export is not None and export.suffix.lower() != ".md":
        raise typer.BadParameter(f"A brief is kept as Markdown: {export.stem or 'brief'}.md")
    settings = settings_of(context, library, embedder=embedder, generator=model, reader=reader)
    opened = open_library(settings, create=False)
    context.call_on_close(opened.close)
    made = _written(make_brief(opened, document, topic, length), opened, settings)
    if as_json:
        print_json(brief_json(made))
    else:
        print(brief_text(made, style=sys.stdout.isatty()))
    if export is not None:
        from rag.proof import brief_proof

        write_file(export, brief_proof(made))
    if made.status == "refused":
        raise typer.Exit(EXIT_REFUSED)


def make_brief(
    library: "Library", document: str | None, topic: str | None, length: "Length"
) -> "Brief":
    """The brief of a document, or on a topic, quoted.

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


def _written(brief: "Brief", library: "Library", settings: "Settings") -> "Brief":
    """The brief, written where the settings name a model that composes; says on a terminal how far it is."""
    from rag.brief_written import BriefDraft, write_with

    shows, step = sys.stderr.isatty(), ""
    for made in write_with(settings, library, brief):
        if not isinstance(made, BriefDraft):
            brief = made
        elif shows and made.step != step:
            step = made.step
            sys.stderr.write(f"\r\x1b[K{step}…")
    if step:
        sys.stderr.write("\r\x1b[K")
    return brief
