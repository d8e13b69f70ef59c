"""`footnote verify`: hold a saved answer against the library again."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import FootnoteError
from ui.command_line import (
    EXIT_FAILED,
    EmbedderOption,
    JsonOption,
    LibraryOption,
    ModelOption,
    ReaderOption,
    app,
    print_json,
    settings_of,
)

if TYPE_CHECKING:
    from rag.types import Answer
    from rag.verifying import Verdict


@app.command("verify")
def verify_answer(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            help="What `footnote ask` or `brief` kept with --json or --export; - reads stdin."
        ),
    ],
    documents: Annotated[
        list[Path] | None,
        typer.Option(
            "--documents", help="Files and folders to hold it against, without a library or models."
        ),
    ] = None,
    necessity: Annotated[
        bool,
        typer.Option("--necessity", help="Also read again without the words that are cited."),
    ] = False,
    library: LibraryOption = None,
    model: ModelOption = None,
    embedder: EmbedderOption = None,
    reader: ReaderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that every footnote of a saved answer or brief stands, and that it proves its sentence."""
    from rag.brief import BRIEF
    from rag.pipeline import build_pipeline
    from rag.proof_checking import is_as_written, read_proof

    text = _read(file)
    answers = read_proof(text)
    if documents:
        _check_files(answers, documents, as_written=is_as_written(text), as_json=as_json)
        return
    if len(answers) != 1:
        raise FootnoteError(
            f"{file} holds {len(answers)} answers. Hold them against the documents: --documents FOLDER"
        )
    answer = answers[0]
    if necessity and answer.reader == BRIEF:
        raise FootnoteError(
            "--necessity asks the question of an answer again; a brief answers none. Leave it out."
        )
    settings = settings_of(context, library, embedder=embedder, generator=model, reader=reader)
    pipeline = build_pipeline(settings, create=False)
    context.call_on_close(pipeline.close)
    verdicts = pipeline.verify(answer)
    needed = None
    if necessity and answer.status != "refused":
        needed = not pipeline.stands_without_citations(answer)
    if as_json:
        print_json(_as_json(verdicts, needed))
    else:
        print(_as_text(answer, verdicts, needed))
    if not all(verdict.holds for verdict in verdicts):
        raise typer.Exit(EXIT_FAILED)


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise FootnoteError(
            f"{file} cannot be read as an answer: {error}. Make one: footnote ask QUESTION --json"
        ) from error


def _check_files(
    answers: "list[Answer]", documents: list[Path], *, as_written: bool, as_json: bool
) -> None:
    """Hold footnotes against files; exit code 1 where one does not stand or the file was changed."""
    from rag.proof_checking import check
    from ui.terminal import safe

    checks = check(answers, documents)
    holds = as_written and all(one.holds for one in checks)
    if as_json:
        rows = [
            {
                "sentence": one.sentence,
                "n": one.citation.n if one.citation else None,
                "sha256": one.citation.sha256 if one.citation else None,
                "quote": one.citation.quote if one.citation else None,
                "file": None if one.file is None else str(one.file),
                "holds": one.holds,
                "problem": one.problem,
            }
            for one in checks
        ]
        print_json({"version": 1, "holds": holds, "as_written": as_written, "footnotes": rows})
    else:
        for one in checks:
            n = f"[{one.citation.n}] " if one.citation else ""
            words = " ".join((one.citation.quote if one.citation else one.sentence).split())
            state = f"stands in {one.file}" if one.holds else f"does not stand: {one.problem}"
            print(safe(f"{n}{state}"))
            print(safe(f"    “{words}”"))
        if not checks:
            print("There is no footnote to check: the documents did not say.")
        if not as_written:
            print("What this file shows was changed after it was made; only its data was checked.")
    if not holds:
        raise typer.Exit(EXIT_FAILED)


def _as_json(verdicts: "list[Verdict]", needed: bool | None) -> dict[str, Any]:
    return {
        "version": 1,
        "holds": all(verdict.holds for verdict in verdicts),
        "necessary": needed,
        "sentences": [
            {
                "text": verdict.sentence.text,
                "holds": verdict.holds,
                "support": verdict.support,
                "problems": list(verdict.problems),
            }
            for verdict in verdicts
        ],
    }


def _as_text(answer: "Answer", verdicts: "list[Verdict]", needed: bool | None) -> str:
    from ui.terminal import safe

    lines = []
    for verdict in verdicts:
        mark = "holds" if verdict.holds else "does not hold"
        lines.append(f"{mark} ({verdict.support}): {verdict.sentence.text}")
        lines += [f"    {problem}" for problem in verdict.problems]
    if not verdicts:
        lines.append("The answer has no sentences: the documents did not say.")
    if needed is not None:
        lines.append(
            "Without the cited words the answer falls: they are its proof."
            if needed
            else "Without the cited words the same answer comes back: something else says it too."
        )
    return "\n".join(safe(line) for line in lines)
