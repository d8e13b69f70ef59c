"""`footnote embedder`: try another embedder beside the one in use, compare both, switch and go back."""

import dataclasses
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import FootnoteError
from ui.command_line import JsonOption, LibraryOption, app, print_json, settings_of

if TYPE_CHECKING:
    from rag.beside import Choice
    from rag.settings import Settings

embedder_app = typer.Typer(
    name="embedder",
    help="Try another embedder beside the one in use, compare both on a question set, switch, go back.",
    no_args_is_help=True,
)
app.add_typer(embedder_app)


@embedder_app.command("try")
def try_embedder(
    context: typer.Context,
    model: Annotated[
        str, typer.Argument(help="A folder with a sentence-transformers model, or a name.")
    ],
    library: LibraryOption = None,
) -> None:
    """Make a second index of all documents beside the one in use, or bring it up to date."""
    from rag.beside import Choice, index_of, new_folder, read_choice, take_new, write_choice

    settings, model = settings_of(context, library), _absolute(model)
    choice = read_choice(settings.library)
    used = settings.embedder if choice is None else choice.in_use
    if model == used:
        raise FootnoteError(f"{model} is the embedder in use; name another one.")
    if choice is not None and model in (choice.first, choice.second):
        _bring_up_to_date(settings, choice)
    elif choice is not None and choice.uses_second:
        raise FootnoteError(
            f"The index in use is the second one, made with {choice.second}. Switch back first "
            "(footnote embedder switch); the second place is then free for another model."
        )
    else:
        choice = Choice(used, model)
        _check_model(index_of(settings, choice, second=True)[0])
        # What there is stays until the new index is whole.
        _copy(settings, choice, into=new_folder(settings.library, model), then=lambda: None)
        take_new(settings.library)
        write_choice(settings.library, choice)
    print("Compare both: footnote embedder compare SET. Use the other: footnote embedder switch.")


@embedder_app.command("compare")
def compare_embedders(
    context: typer.Context,
    question_set: Annotated[Path, typer.Argument(help="A question set.", metavar="SET")],
    library: LibraryOption = None,
) -> None:
    """Ask a question set with both indexes and say what differs; the one in use is named first."""
    from eval.compare import compare
    from eval.questions import load_questions
    from eval.table import comparison_table
    from rag.beside import index_of
    from rag.pipeline import library_over, pipeline_over
    from ui.evaluating import run_set

    settings, choice = _known(context, library)
    questions = load_questions(question_set)
    # Over the same documents, or the later ones would count against the other embedder.
    _bring_up_to_date(settings, choice)
    results = []
    for second in (choice.uses_second, not choice.uses_second):
        used, index = index_of(settings, choice, second=second)
        sys.stderr.write(f"{used.embedder}\n")
        pipeline = pipeline_over(used, library_over(used, index, create=False))
        try:
            results.append(run_set(pipeline, questions, question_set.name))
        finally:
            pipeline.close()
    print(comparison_table(compare(results[0].run, results[1].run)))


@embedder_app.command("switch")
def switch_embedder(context: typer.Context, library: LibraryOption = None) -> None:
    """Use the other index from now on, brought up to date first; the same command goes back."""
    from rag.beside import write_choice

    settings, choice = _known(context, library)
    new = dataclasses.replace(choice, uses_second=not choice.uses_second)
    _bring_up_to_date(settings, choice, then=lambda: write_choice(settings.library, new))
    print(f"Now in use: {new.in_use}. Go back: the same command.")


@embedder_app.command("status")
def show_embedders(
    context: typer.Context, library: LibraryOption = None, as_json: JsonOption = False
) -> None:
    """Say which embedders a library has an index for, and which one is in use."""
    from rag.beside import read_choice

    settings = settings_of(context, library)
    choice = read_choice(settings.library)
    models = [settings.embedder] if choice is None else [choice.first, choice.second]
    used = settings.embedder if choice is None else choice.in_use
    if as_json:
        print_json({"version": 1, "embedders": models, "in_use": used})
        return
    for model in models:
        print(f"{model}{'  (in use)' if model == used else ''}")


def _known(context: typer.Context, library: Path | None) -> "tuple[Settings, Choice]":
    from rag.beside import read_choice

    settings = settings_of(context, library)
    choice = read_choice(settings.library)
    if choice is None:
        raise FootnoteError(
            f"The library {settings.library} has one index only. Make a second one: "
            "footnote embedder try MODEL"
        )
    return settings, choice


def _bring_up_to_date(
    settings: "Settings", choice: "Choice", *, then: Callable[[], None] = lambda: None
) -> None:
    """Give the index that is not in use the documents of the one that is; `then` before others may add."""
    from rag.beside import index_of

    _, index = index_of(settings, choice, second=not choice.uses_second)
    _copy(settings, choice, into=index, then=then)


def _copy(settings: "Settings", choice: "Choice", *, into: Path, then: Callable[[], None]) -> None:
    """Copy what the index in use holds into another, while nobody adds to the library."""
    from index.copying import copy_documents
    from rag.beside import index_of
    from rag.pipeline import library_over

    used, index = index_of(settings, choice, second=choice.uses_second)
    other, _ = index_of(settings, choice, second=not choice.uses_second)
    with ExitStack() as stack:
        source = library_over(used, index, create=False)
        stack.callback(source.close)
        target = library_over(other, into, create=True)
        stack.callback(target.close)
        stack.enter_context(source.exclusively())
        report = copy_documents(source.store, target, on_document=_tell)
        then()
    print(
        f"{report.n_copied} documents embedded anew ({report.n_passages} passages), {report.n_same} "
        f"were up to date, {report.n_removed} removed."
    )


def _check_model(settings: "Settings") -> None:
    """Load the embedder before anything is made for it.

    Raises:
        FootnoteError: it cannot be loaded.
    """
    from rag.pipeline import build_embedder

    sys.stderr.write(f"{settings.embedder}: {build_embedder(settings).dim} numbers a passage\n")


def _absolute(model: str) -> str:
    """A folder by its whole path, so that it is found from anywhere."""
    path = Path(model).expanduser()
    return str(path.resolve()) if path.is_dir() else model


def _tell(done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[Kdocuments: {done}/{total}" + ("\n" if done == total else ""))
