"""The tab where answers are measured, wired: which click calls which handler."""

from typing import Any

from ui import looks
from ui.evaluate_handlers import EvaluateHandlers
from ui.evaluate_view import Parts, View
from ui.parts import LONG, QUICK, html
from ui.protocols import Pipeline
from ui.quiet_gradio import gr

_INTRO = (
    '<p class="note">Ask questions whose answers are known, and see how many are answered '
    "rightly, wrongly or not at all. You can go on asking your own questions meanwhile.</p>"
)
_TICK_S = 1.0
_SHOWN = ("told", "progress", "sets", "runs", "result", "questions")


def evaluate_tab(pipeline: Pipeline, tab: Any) -> EvaluateHandlers:
    """Build it; `tab` is the tab it stands in."""
    handlers = EvaluateHandlers(pipeline)
    view = gr.State(View())
    timer = gr.Timer(_TICK_S, active=False)
    with gr.Column(elem_id="evaluate"):
        html(_INTRO, "evaluate-intro")
        told = html("", "evaluate-told")
        progress = html("", "evaluate-progress")
        stop = gr.Button("Stop", elem_id="evaluate-stop")
        sets = html("", "evaluate-sets")
        limit, path, offer, drop = _choices()
        runs = html("", "evaluate-runs")
        result = html("", "evaluate-result")
        questions = html("", "evaluate-questions")
        file_name, content = gr.Textbox(visible=False), gr.Textbox(visible=False)
    shown = [told, progress, sets, runs, result, questions, view, timer]

    def click(limit: str, event: gr.EventData) -> list[Any]:
        return _outputs(handlers.click(event._data, limit))

    def export(view: View, event: gr.EventData) -> list[Any]:
        name, content, parts = handlers.export(view, str(event._data.get("ending", "")))
        return [name, content, *_outputs(parts)]

    tab.select(lambda view: _outputs(handlers.arrive(view)), view, shown, **QUICK)
    timer.tick(lambda view: _outputs(handlers.tick(view)), view, shown, **QUICK)
    stop.click(lambda: _outputs(handlers.stop()), None, shown, **QUICK)
    gr.on([offer.click, path.submit], lambda p: _outputs(handlers.name(p)), path, shown, **QUICK)
    dropped = drop.upload(lambda file: _outputs(handlers.drop(file)), drop, shown, **LONG)
    dropped.then(lambda: None, None, drop, **QUICK)
    for part in (sets, runs, result, questions):
        part.evaluate(click, limit, shown, **QUICK)
    saved = result.export(export, view, [file_name, content, *shown], **QUICK)
    saved.then(None, [content, file_name], None, js=looks.saving_as(), **QUICK)
    return handlers


def _choices() -> tuple[Any, Any, Any, Any]:
    """How many questions, and where another set is."""
    with gr.Row(elem_id="evaluate-limit"):
        limit = gr.Textbox(
            label="How many questions, from the first on",
            placeholder="all",
            max_lines=1,
            elem_id="evaluate-count",
            html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
        )
    with gr.Accordion("Another question set", open=False, elem_id="evaluate-other"):
        with gr.Row(elem_id="evaluate-path"):
            path = gr.Textbox(
                label="Path of a question set on this machine (.jsonl)",
                max_lines=1,
                html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
            )
            offer = gr.Button("Add to the list", elem_id="evaluate-offer")
        drop = gr.File(
            label="Or a file, which is kept with your library",
            file_types=[".jsonl"],
            elem_id="evaluate-drop",
            height=150,
        )
    return limit, path, offer, drop


def _outputs(parts: Parts) -> list[Any]:
    """For each part of the tab its new content, or that it stays."""
    values = [getattr(parts, name) for name in (*_SHOWN, "view")]
    timer = gr.skip() if parts.running is None else gr.Timer(active=parts.running)
    return [*(gr.skip() if value is None else value for value in values), timer]
