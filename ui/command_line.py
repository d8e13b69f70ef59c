"""What the commands share: the application they belong to, options, settings, exit codes, output.

Exit codes:

0 done or answered, 1 failed, 2 wrong usage, 3 the documents do not say, 4 some files could not be
read, 5 a gate of `eval` was missed.
"""

import json
import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
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


def add_paths(library: "Library", paths: list[Path], *, sync: bool) -> "AddReport":
    """Add with a progress bar on stderr."""
    from ui.terminal import AddBar

    with AddBar() as bar:
        return library.add(paths, sync=sync, on_progress=bar)


def print_json(data: Any) -> None:
    """One JSON document on stdout; what steers a terminal, and half characters, are escaped."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    print(_TO_ESCAPE.sub(lambda match: f"\\u{ord(match.group()):04x}", text))
