"""`footnote suggest`: questions that the library is known to answer."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from ui.command_line import (
    EmbedderOption,
    JsonOption,
    LibraryOption,
    ModelOption,
    ReaderOption,
    app,
    print_json,
    settings_of,
)


@app.command("suggest")
def suggest_questions(
    context: typer.Context,
    n: Annotated[int, typer.Option("--n", min=1, max=50, help="At most so many.")] = 6,
    budget: Annotated[
        float, typer.Option("--seconds", min=0, help="Time to spend; 0 shows what is known.")
    ] = 60.0,
    library: LibraryOption = None,
    model: ModelOption = None,
    embedder: EmbedderOption = None,
    reader: ReaderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Suggest questions to begin with; each has been asked and answered from the documents."""
    from rag.pipeline import build_pipeline, open_library
    from rag.suggesting import kept_suggestions, suggest
    from ui.terminal import safe

    settings = settings_of(context, library, embedder=embedder, generator=model, reader=reader)
    if budget:
        pipeline = build_pipeline(settings, create=False)
        context.call_on_close(pipeline.close)
        if sys.stderr.isatty():
            sys.stderr.write("Asking the documents what they answer…")
        found = suggest(pipeline, n=n, budget_s=budget)
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
    else:
        opened = open_library(settings, create=False)
        context.call_on_close(opened.close)
        found = kept_suggestions(opened, n=n)
    if as_json:
        print_json({"version": 1, "suggestions": [asdict(one) for one in found]})
        return
    for one in found:
        print(safe(one.question))
        print(safe(f"    {one.answer}"))
    if not found:
        print("No question has been found yet that the documents surely answer.")
