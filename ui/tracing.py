"""`footnote replay`: ask the question of a trace again and say what differs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    from rag.replaying import Replay
    from rag.trace import Trace

_LONGEST = 160


@app.command("replay")
def replay_answer(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A trace of `footnote ask --trace`.")],
    library: LibraryOption = None,
    model: ModelOption = None,
    embedder: EmbedderOption = None,
    reader: ReaderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the question of a trace again and say what differs, first step first.

    The exit code is 0 where the same answer comes, 1 where another one does.
    """
    from rag.pipeline import build_pipeline
    from rag.replaying import replay
    from rag.trace_file import read_trace

    before = read_trace(file)
    settings = settings_of(context, library, embedder=embedder, generator=model, reader=reader)
    pipeline = build_pipeline(settings, create=False)
    context.call_on_close(pipeline.close)
    made = replay(pipeline, before)
    if as_json:
        print_json(_as_json(made))
    else:
        print(_as_text(before, made))
    if not made.same_answer:
        raise typer.Exit(EXIT_FAILED)


def _as_json(made: "Replay") -> dict[str, Any]:
    return {
        "version": 1,
        "same_answer": made.same_answer,
        "first": made.first,
        "differences": [
            {"step": d.step, "what": d.what, "before": d.before, "after": d.after}
            for d in made.differences
        ],
        "answer": made.trace.answer,
    }


def _as_text(before: "Trace", made: "Replay") -> str:
    from rag.trace_differences import STEPS
    from ui.terminal import safe

    lines = [f"Question: {before.question}", f"Asked:    {before.made}", ""]
    for step in STEPS:
        differing = [d for d in made.differences if d.step == step]
        lines.append(f"{step:<10}{_count(len(differing)) if differing else 'the same'}")
        for difference in differing:
            lines.append(f"  - {difference.what}")
            lines.append(f"      then: {_shortened(difference.before)}")
            lines.append(f"      now:  {_shortened(difference.after)}")
    lines.append("")
    if not made.differences:
        lines.append("The same answer came back, by the same steps.")
    elif made.same_answer:
        lines.append(f"The same answer came back; the first step that differs is: {made.first}.")
    else:
        lines.append(f"Another answer came back; the first step that differs is: {made.first}.")
    return "\n".join(safe(line) for line in lines)


def _count(n: int) -> str:
    return "1 difference" if n == 1 else f"{n} differences"


def _shortened(words: str) -> str:
    plain = " ".join(words.split()) or "-"
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}…"
