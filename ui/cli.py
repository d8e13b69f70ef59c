"""The command line: results on stdout, progress and logs on stderr.

What they share, and the exit codes, are in `ui.command_line`.
"""

import errno
import io
import os
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import FootnoteError
from ui.command_line import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_REFUSED,
    EXIT_SKIPPED,
    EmbedderOption,
    JsonOption,
    LibraryOption,
    ModelOption,
    ReaderOption,
    add_paths,
    app,
    print_json,
    settings_of,
    write_file,
)

if TYPE_CHECKING:
    from index.library import AddReport

# Each adds its commands to `app` when it is imported.
_COMMANDS = (
    "ui.listing",
    "ui.evaluating",
    "ui.verifying",
    "ui.changing",
    "ui.labelling",
    "ui.watching",
    "ui.briefing",
    "ui.tracing",
    "ui.suggesting",
    "ui.modelling",
)


@app.command()
def add(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.", metavar="PATH…")],
    sync: Annotated[
        bool, typer.Option("--sync", help="Forget documents under PATH whose file is gone.")
    ] = False,
    library: LibraryOption = None,
    embedder: EmbedderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add files and folders to the library, or bring it up to date with them."""
    from rag.pipeline import open_library

    opened = open_library(settings_of(context, library, embedder=embedder))
    context.call_on_close(opened.close)
    report = add_paths(opened, paths, sync=sync)
    if as_json:
        print_json({"version": 1, **asdict(report)})
    else:
        from ui.terminal import report_lines

        print("\n".join(report_lines(report)))
    if report.skipped:
        raise typer.Exit(EXIT_SKIPPED)


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="What you want to know; - reads stdin.")],
    history: Annotated[
        list[str] | None,
        typer.Option("--history", help="An earlier question; may be given several times."),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", help="Part of a path or title, or a pattern: 'interview*'."),
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="Ending of the file: pdf, html, md.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="Only documents with this tag.")
    ] = None,
    speaker: Annotated[
        list[str] | None, typer.Option("--speaker", help="Only what this person says.")
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option("--role", help="Body, summary, correction, comment, speaker, furniture."),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="Documents of this date and later.", metavar="DATE")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", help="Documents up to this date.", metavar="DATE")
    ] = None,
    library: LibraryOption = None,
    model: ModelOption = None,
    embedder: EmbedderOption = None,
    reader: ReaderOption = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", help="Also keep it as a proof: .html, .md or .json."),
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option("--trace", help="Also keep all that it came from, for footnote replay."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Ask a question and print the answer with its footnotes.

    The filters may be typed in the question too: source:interview* from:2025-01 role:comment.
    """
    from index.filters import make_filter
    from rag.pipeline import build_pipeline
    from rag.proof import check_suffix
    from rag.questions import tidy
    from rag.recording import Recorder
    from rag.rendering import answer_json
    from rag.trace_file import trace_text
    from rag.tracer import NO_TRACE
    from ui.terminal import answer_text

    if export is not None:
        check_suffix(export.suffix.lower())
    words = tidy(_standard_input() if question == "-" else question)
    given = {"source": source, "kind": kind, "tag": tag, "speaker": speaker, "role": role}
    pairs = [(key, value) for key, values in given.items() for value in values or ()]
    dates = [(key, value) for key, value in (("from", first), ("to", last)) if value is not None]
    within = make_filter(pairs + dates)
    settings = settings_of(context, library, embedder=embedder, generator=model, reader=reader)
    pipeline = build_pipeline(settings, create=False)
    context.call_on_close(pipeline.close)
    tracer = NO_TRACE if trace is None else Recorder(pipeline.library, pipeline.settings)
    for event in pipeline.ask_stream(words, history or [], within, tracer=tracer):
        if event.kind == "step" and sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{event.text}…")
        if event.answer is not None:
            answer = event.answer
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if as_json:
        print_json(answer_json(answer))
    else:
        print(answer_text(answer, style=sys.stdout.isatty()))
    if export is not None:
        from rag.proof import proof

        write_file(export, proof([answer], export.suffix.lower()))
    if trace is not None and isinstance(tracer, Recorder):
        write_file(trace, trace_text(tracer.trace(answer)))
    if answer.status == "refused":
        raise typer.Exit(EXIT_REFUSED)


@app.command()
def chat(
    context: typer.Context,
    port: Annotated[int | None, typer.Option("--port", help="Port on 127.0.0.1.")] = None,
    samples: Annotated[
        Path | None,
        typer.Option("--samples", help="Added first if the library is empty.", show_default=False),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it.")] = True,
    library: LibraryOption = None,
    model: ModelOption = None,
    embedder: EmbedderOption = None,
    reader: ReaderOption = None,
) -> None:
    """Open the page for asking, on this machine only."""
    from rag.pipeline import build_pipeline
    from ui.chat import serve

    settings = settings_of(context, library, embedder=embedder, generator=model, reader=reader)
    pipeline = build_pipeline(settings)
    if samples is not None and pipeline.library.store.count("documents") == 0:
        sys.stderr.write(f"The library is empty; adding the sample documents in {samples}\n")
        _report(add_paths(pipeline.library, [samples], sync=False))
    serve(pipeline, host="127.0.0.1", port=port, open_browser=browser and _has_display())


def _standard_input() -> str:
    """The question from a pipe; bytes that are no text become replacement characters."""
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def _report(report: "AddReport") -> None:
    from ui.terminal import report_lines

    sys.stderr.write("\n".join(report_lines(report)) + "\n")


def _has_display() -> bool:
    """Whether a browser can be opened here."""
    return sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def main() -> None:
    """Entry point of the console script."""
    for module in _COMMANDS:
        import_module(module)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows few characters shows a question mark for the others.
            stream.reconfigure(errors="replace")
    try:
        app()
    except FootnoteError as error:
        from ui.terminal import one_line

        sys.stderr.write(f"footnote: {one_line(str(error))}\n")
        raise SystemExit(EXIT_FAILED) from None
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.stderr.write(
            "footnote: the disk is full, or the output cannot be written there. What was finished "
            "before is kept; free some space and run the same command again.\n"
        )
        raise SystemExit(EXIT_FAILED) from None
    except SystemExit as stop:
        if stop.code == EXIT_INTERRUPTED:
            sys.stderr.write("\nfootnote: stopped; everything finished so far is kept.\n")
        raise
    finally:
        _flush()


def _flush() -> None:
    """Write out what is left; the reader of a pipe may have gone (`footnote list | head`)."""
    try:
        sys.stdout.flush()
    except OSError as error:
        # What is left must not be tried again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"footnote: the output could not be written: {error.strerror}.\n")
            raise SystemExit(EXIT_FAILED) from None


if __name__ == "__main__":
    # Run as `python -m ui.cli` this module is a second one beside `ui.cli`, which has the commands.
    import_module("ui.cli").main()
