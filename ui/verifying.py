"""`footnote verify`: hold a saved answer against the library again."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import FootnoteError
from ui.cli import (
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
        Path, typer.Argument(help="An answer of `footnote ask --json`; - reads stdin.")
    ],
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
    """Check that every footnote of a saved answer stands, and that it proves its sentence."""
    from rag.pipeline import build_pipeline
    from rag.verifying import read_answer

    answer = read_answer(_read(file))
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


def _read(file: Path) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        data = json.loads(text)
    except (OSError, ValueError) as error:
        raise FootnoteError(
            f"{file} cannot be read as an answer: {error}. Make one: footnote ask QUESTION --json"
        ) from error
    return data if isinstance(data, dict) else {}


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
