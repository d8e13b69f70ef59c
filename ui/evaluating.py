"""`footnote eval`: run a question set, print the table, write the report, check the gates."""

import dataclasses
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from models.errors import FootnoteError
from ui.command_line import (
    EXIT_GATE,
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
    from eval.compare import Comparison
    from eval.evaluate import EvalResult
    from eval.gates import Gate
    from rag.pipeline import Pipeline

_FORMATS = ("footnote", "squad", "beir")


@app.command("eval")
def evaluate_set(
    context: typer.Context,
    question_set: Annotated[Path, typer.Argument(help="A question set.", metavar="SET")],
    set_format: Annotated[
        str, typer.Option("--format", help="footnote, squad or beir.")
    ] = "footnote",
    own_documents: Annotated[
        bool,
        typer.Option("--add-documents", help="Add the documents that a squad or beir set carries."),
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only the first questions.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a report.")] = None,
    save: Annotated[Path | None, typer.Option("--save", help="Keep the run.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run kept in --save.")
    ] = False,
    compare_with: Annotated[
        Path | None, typer.Option("--compare", help="A kept run to compare with.", metavar="RUN")
    ] = None,
    fail_under: Annotated[
        list[str] | None, typer.Option("--fail-under", help="metric=value; may be repeated.")
    ] = None,
    baseline: Annotated[
        bool, typer.Option("--baseline/--no-baseline", help="Also the best sentence, no reader.")
    ] = True,
    calibrate: Annotated[
        bool,
        typer.Option("--calibrate", help="Refuse nothing, fit the promise on this set, keep it."),
    ] = False,
    necessity: Annotated[
        bool,
        typer.Option("--necessity", help="Read each answer again without the words it cites."),
    ] = False,
    list_wrong: Annotated[
        bool, typer.Option("--list-wrong", help="Name every question that went wrong, by cause.")
    ] = False,
    library: LibraryOption = None,
    model: ModelOption = None,
    embedder: EmbedderOption = None,
    reader: ReaderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask every question of a set and measure the answers."""
    from eval.compare import compare
    from eval.evaluate import load_result
    from eval.gates import parse_gate
    from eval.questions import load_questions
    from rag.pipeline import build_pipeline

    if set_format not in _FORMATS:
        raise typer.BadParameter(f"{set_format!r}; known: {', '.join(_FORMATS)}")
    gates = [parse_gate(text) for text in fail_under or []]
    before = load_result(compare_with) if compare_with is not None else None
    for target in (html, save):
        _check_writable(target)
    kind = cast(Literal["footnote", "squad", "beir"], set_format)
    questions = load_questions(question_set, kind)[:limit]
    settings = settings_of(context, library, embedder=embedder, generator=model, reader=reader)
    if calibrate:
        settings = dataclasses.replace(settings, min_confidence=0.0)
    pipeline = build_pipeline(settings, create=own_documents)
    context.call_on_close(pipeline.close)
    if own_documents:
        _add_documents(pipeline, question_set, set_format)
    result = run_set(
        pipeline,
        questions,
        question_set.name,
        save=save,
        resume=resume,
        baseline=baseline,
        necessity=necessity,
    )
    comparison = compare(before.run, result.run) if before is not None else None
    _show(result, comparison, html=html, as_json=as_json, list_wrong=list_wrong)
    if calibrate:
        _keep_promise(result, pipeline.library.folder)
    _check(gates, result)


def _show(
    result: "EvalResult",
    comparison: "Comparison | None",
    *,
    html: Path | None,
    as_json: bool,
    list_wrong: bool,
) -> None:
    """The report if it is wanted, then the figures on stdout."""
    from eval.report import html_report
    from eval.table import comparison_table, result_table, wrong_list

    if html is not None:
        write_file(html, html_report(result, comparison))
        sys.stderr.write(f"report: {html}\n")
    if as_json:
        data = result.as_json()
        print_json(data | ({"comparison": comparison.as_json()} if comparison else {}))
        return
    print(result_table(result))
    if list_wrong:
        print("\n" + wrong_list(result))
    if comparison is not None:
        print("\n" + comparison_table(comparison))


def _check(gates: Sequence["Gate"], result: "EvalResult") -> None:
    """Say how each gate came out; the exit code says whether one was missed."""
    from eval.gates import check_gates

    outcomes = check_gates(gates, result.metrics)
    for outcome in outcomes:
        sys.stderr.write(f"{outcome}\n")
    if not all(outcome.passed for outcome in outcomes):
        raise typer.Exit(EXIT_GATE)


def _keep_promise(result: "EvalResult", library: Path) -> None:
    """Fit operating points on the run and keep them with the library."""
    from eval.calibration import calibrate, calibration_lines
    from rag.promise import POINTS_FILE, write_points

    points = calibrate(result.run)
    for line in calibration_lines(points, len(result.run.records)):
        sys.stderr.write(f"{line}\n")
    if not points:
        return
    path = library / POINTS_FILE
    try:
        write_points(points, path, set=result.run.name, fingerprint=result.run.fingerprint)
    except OSError as error:
        raise FootnoteError(f"{path} could not be written: {error.strerror or error}.") from error
    sys.stderr.write(f"kept in {path}; delete it to go back to what ships\n")


def _check_writable(target: Path | None) -> None:
    """Say at once, not after an hour of questions, that a file cannot be written."""
    if target is None:
        return
    folder = target.absolute().parent
    if target.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise FootnoteError(
            f"{target} cannot be written: its folder must exist and be writable, and the name must "
            "be that of a file. Name another."
        )


def run_set(
    pipeline: "Pipeline",
    questions: Sequence[Any],
    name: str,
    *,
    save: Path | None = None,
    resume: bool = False,
    baseline: bool = False,
    necessity: bool = False,
) -> "EvalResult":
    """Ask a set's questions and measure, with progress on stderr.

    Raises:
        FootnoteError: every question failed.
    """
    from eval.evaluate import evaluate
    from eval.evidence import PathDocuments
    from eval.saved import described

    store = pipeline.library.store
    documents = PathDocuments.of(store)
    result = evaluate(
        pipeline.ask,
        pipeline.retrieve if baseline else None,
        documents,
        questions,
        name=name,
        describe=store.document,
        settings=described(pipeline.settings),
        save=save,
        resume=resume,
        stands=pipeline.stands_without_citations if necessity else None,
        progress=_teller("questions"),
        baseline_progress=_teller("baseline"),
    )
    failed = sum(record.answer is None for record in result.run.records)
    if questions and failed == len(questions):
        raise FootnoteError(
            f"All {failed} questions failed; the first: {result.run.records[0].error}"
        )
    return result


def _teller(what: str) -> Callable[[int, int, float | None, int], None]:
    """Progress on stderr: one moving line in a terminal, every tenth of the way in a log."""
    from ui.terminal import duration

    moving = sys.stderr.isatty()

    def tell(done: int, total: int, eta: float | None, right: int) -> None:
        if not moving and done != total and done % max(1, total // 10):
            return
        line = f"{what}: {done}/{total}, {right} right, left {duration(eta)}"
        sys.stderr.write(
            f"\r\x1b[K{line}" + ("\n" if done == total else "") if moving else line + "\n"
        )

    return tell


def _add_documents(pipeline: "Pipeline", question_set: Path, set_format: str) -> None:
    """Write the texts that come with the set into the library's folder, and add them."""
    from eval.formats import beir_documents, squad_documents

    if set_format == "footnote":
        raise FootnoteError(
            "A set in Footnote's own format brings no documents; add them: footnote add PATH"
        )
    documents: Iterator[tuple[str, str]] = (
        squad_documents(question_set) if set_format == "squad" else beir_documents(question_set)
    )
    folder = pipeline.library.folder / "sets" / question_set.stem
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents:
        target = folder / name
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
    add_paths(pipeline.library, [folder], sync=False)
