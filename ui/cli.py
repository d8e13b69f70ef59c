"""The command line: results on stdout, progress and logs on stderr.

Exit codes:

0 done or answered, 1 failed, 2 wrong usage, 3 the documents do not say, 4 some files could not be
read, 5 a gate of `eval` was missed.
"""

import errno
import io
import json
import logging
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import FootnoteError
from models.threads import wait_patiently

if TYPE_CHECKING:
    from index.library import AddReport, Library
    from index.store import Store
    from index.types import Document
    from rag.settings import Settings

# JSON itself escapes what lies below U+0020 only.
_TO_ESCAPE = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
EXIT_FAILED, EXIT_USAGE, EXIT_REFUSED, EXIT_SKIPPED, EXIT_GATE = 1, 2, 3, 4, 5
EXIT_INTERRUPTED = 130
# Each adds its commands to `app` when it is imported.
_COMMANDS = (
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

app = typer.Typer(
    name="footnote",
    help="Answers from your own documents, on your own machine, with a footnote to the exact "
    "passage that proves every sentence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

LibraryOption = Annotated[
    Path | None,
    typer.Option("--library", help="Folder of the library.", metavar="DIR", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable result on stdout.")]
EmbedderOption = Annotated[
    str | None,
    typer.Option("--embedder", help="starter, fake, a folder or a name.", show_default=False),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="starter, fake, a GGUF file, or a name from: footnote models list.",
        show_default=False,
    ),
]
ReaderOption = Annotated[
    str | None,
    typer.Option("--reader", help="auto, extract or compose.", show_default=False),
]


@dataclass(slots=True)
class _Common:
    """What stands in front of the command."""

    library: Path | None = None


@app.callback()
def common(
    context: typer.Context,
    library: LibraryOption = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what happens.")] = False,
) -> None:
    """Options in front of the command hold for all of them."""
    context.obj = _Common(library)
    wait_patiently()
    logging.basicConfig(
        level=logging.INFO if verbose else logging.ERROR, format="%(name)s: %(message)s"
    )
    if not verbose:
        # Progress bars of libraries underneath would mix with ours.
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
        os.environ.setdefault("TQDM_DISABLE", "1")


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


def named_documents(store: "Store", names: Sequence[str]) -> "list[Document]":
    """The documents that are named by their ids or paths.

    Raises:
        FootnoteError: there is none of a name.
    """
    found = []
    for name in names:
        document = (
            store.document(int(name))
            if name.isdecimal()
            else store.document_at(os.path.abspath(name))
        )
        if document is None:
            raise FootnoteError(f"There is no document {name!r}. See: footnote list")
        found.append(document)
    return found


def _print_structure(store: Any, name: str) -> None:
    from ui.terminal import safe

    matches = [d for d in store.documents() if name in (str(d.id), d.path) or name in d.path]
    if not matches:
        raise FootnoteError(f"There is no document {name!r}. See: footnote list")
    for start, end, role, _level, reason in store.blocks(matches[0].id):
        words = safe(" ".join(store.text(matches[0].id, start, end).split())[:70])
        print(f"{start:>7} {role:<13} {words}  ({reason})")


def settings_of(context: typer.Context, library: Path | None, **flags: Any) -> "Settings":
    """Settings with the flags of this call; `--library` may stand before or after the command."""
    from rag.errors import SettingsError
    from rag.settings import load_settings

    in_front: _Common = context.obj
    places = {"library": library or in_front.library}
    load_settings(places)  # what is wrong already in the file or the environment is no wrong usage
    try:
        return load_settings({**places, **flags})
    except SettingsError as error:
        raise typer.BadParameter(str(error)) from error


def write_file(target: Path, text: str) -> None:
    """Write a file that the person named.

    Raises:
        FootnoteError: it cannot be written.
    """
    try:
        target.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise FootnoteError(f"{target} could not be written: {error.strerror or error}.") from error


def open_store(context: typer.Context, library: Path | None) -> "Store":
    """The library's database, without its embedder; closed when the command is done."""
    from index.store import Store
    from rag.beside import in_use

    store = Store(in_use(settings_of(context, library))[1], create=False)
    context.call_on_close(store.close_all)
    return store


def _standard_input() -> str:
    """The question from a pipe; bytes that are no text become replacement characters."""
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def add_paths(library: "Library", paths: list[Path], *, sync: bool) -> "AddReport":
    """Add with a progress bar on stderr."""
    from ui.terminal import AddBar

    with AddBar() as bar:
        return library.add(paths, sync=sync, on_progress=bar)


def _report(report: "AddReport") -> None:
    from ui.terminal import report_lines

    sys.stderr.write("\n".join(report_lines(report)) + "\n")


def print_json(data: Any) -> None:
    """One JSON document on stdout; what steers a terminal, and half characters, are escaped."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    print(_TO_ESCAPE.sub(lambda match: f"\\u{ord(match.group()):04x}", text))


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
