"""`footnote models`: list them, download or add one, use it, measure it, remove it."""

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.command_line import JsonOption, LibraryOption, app, print_json, settings_of

if TYPE_CHECKING:
    from models.measured import Quality
    from rag.settings import Settings

models_app = typer.Typer(
    name="models",
    help="List the models, download or add one, use it, measure it, remove it.",
    no_args_is_help=True,
)
app.add_typer(models_app)

AnywayOption = Annotated[
    bool, typer.Option("--anyway", help="Also where it does not fit into the memory.")
]


@models_app.command("list")
def list_models(
    context: typer.Context,
    here: Annotated[bool, typer.Option("--here", help="Only those on this machine.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List all models: size, memory, licence, whether it fits, and how it did here."""
    from rag.model_rows import describe_models
    from ui.model_table import models_table

    rows = [
        row
        for row in describe_models(settings_of(context, library))
        if row.here or row.in_use or not here
    ]
    if as_json:
        print_json({"version": 1, "models": [dataclasses.asdict(row) for row in rows]})
        return
    print(models_table(rows))


@models_app.command("add")
def add_model(
    what: Annotated[
        str,
        typer.Argument(
            help="A name from the list (is downloaded), a GGUF file, or the address of an "
            "OpenAI-compatible server (http://localhost:8080/v1).",
            metavar="NAME|FILE|ADDRESS",
        ),
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="What to call a file or an address.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="What the server calls the model.")
    ] = None,
    key_env: Annotated[
        str | None,
        typer.Option("--key-env", help="Environment variable that holds the key.", metavar="NAME"),
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Allow plain http over a network.")
    ] = False,
) -> None:
    """Download a model, or make one of your own known."""
    from models.locate import looks_like_a_path
    from ui.model_adding import add_address, add_file, download

    if "://" in what:
        add_address(what, name, model, key_env, anyway=anyway)
        return
    if model or key_env:
        raise typer.BadParameter("--model and --key-env belong to an address.")
    if Path(what).expanduser().is_file() or looks_like_a_path(what):
        add_file(Path(what), name)
        return
    if name:
        raise typer.BadParameter("--name belongs to a file or an address.")
    download(what)


@models_app.command("use")
def use(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="A name from the list, a GGUF file, or starter to go back.")
    ],
    library: LibraryOption = None,
    anyway: AnywayOption = False,
) -> None:
    """Use a model from now on; kept in the settings file."""
    from rag.modelling import use_model
    from ui.terminal import one_line, safe

    done = use_model(name, settings_of(context, library), anyway=anyway)
    back = "" if name == "starter" else ". Go back: footnote models use starter"
    print(safe(f"Now in use: {done.name} (kept in {done.path}){back}"))
    for note in done.notes:
        sys.stderr.write(one_line(note) + "\n")


@models_app.command("remove")
def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name from the list.")],
    library: LibraryOption = None,
) -> None:
    """Delete what was downloaded of a model; of your own only the name is forgotten."""
    from rag.modelling import remove_model
    from ui.model_table import gigabytes

    known, n_bytes = remove_model(name, settings_of(context, library))
    if n_bytes:
        print(f"{known} was deleted, {gigabytes(n_bytes)} are free again.")
    else:
        print(f"{known} is off the list; nothing of yours was deleted.")


@models_app.command("bench")
def bench(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A model that is here, or starter.")],
    question_set: Annotated[
        Path | None,
        typer.Option(
            "--set", help="Also ask this question set and keep the result.", metavar="SET"
        ),
    ] = None,
    library: LibraryOption = None,
    anyway: AnywayOption = False,
    as_json: JsonOption = False,
) -> None:
    """Measure how fast a model reads and writes on this machine, and how well it answers."""
    from rag.measuring import measure_model
    from rag.model_rows import canonical_name
    from ui.model_table import speed_words

    known = canonical_name(name, "generator")
    settings = dataclasses.replace(settings_of(context, library), generator=name)

    def starting() -> None:
        sys.stderr.write(f"{known}: reading and writing some hundred tokens…\n")

    speed = measure_model(name, settings, anyway=anyway, on_start=starting)
    quality = None if question_set is None else _quality(settings, known, question_set)
    if as_json:
        found = {"speed": dataclasses.asdict(speed)}
        found |= {"quality": dataclasses.asdict(quality)} if quality else {}
        print_json({"version": 1, "model": known, **found})
        return
    print("\n".join(speed_words(speed)))
    if quality is not None:
        print(_told(quality))


def _quality(settings: "Settings", known: str, question_set: Path) -> "Quality":
    """Ask a question set with a model, and keep the headline figures."""
    from eval.questions import load_questions
    from models.measured import Quality, keep_measured, today
    from rag.pipeline import build_pipeline
    from ui.evaluating import run_set

    questions = load_questions(question_set)
    pipeline = build_pipeline(settings, create=False)
    try:
        result = run_set(pipeline, questions, question_set.name)
    finally:
        pipeline.close()

    def value(name: str) -> float | None:
        metric = result.metrics.get(name)
        return None if metric is None else metric.value

    quality = Quality(
        set=question_set.name,
        questions=len(questions),
        right=value("right"),
        wrong=value("wrong"),
        precision=value("precision"),
        refusal=value("refusal"),
        latency_ms=value("latency_ms_p50"),
        measured=today(),
    )
    keep_measured(known, quality)
    return quality


def _told(quality: "Quality") -> str:
    parts = {
        "right": quality.right,
        "wrong": quality.wrong,
        "right of those answered": quality.precision,
        "refused of those without an answer": quality.refusal,
    }
    shares = ", ".join(f"{100 * x:.1f} % {what}" for what, x in parts.items() if x is not None)
    seconds = "" if quality.latency_ms is None else f", {quality.latency_ms / 1e3:.1f} s a question"
    return f"{quality.set}: {quality.questions} questions, {shares}{seconds}"
