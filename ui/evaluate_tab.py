"""The tab where answers are measured, wired: which click calls which handler."""

import threading
from typing import Any

from ui import looks
from ui.evaluate_choices import choices_html
from ui.evaluate_handlers import EvaluateHandlers
from ui.evaluate_view import Parts, View
from ui.handlers import Handlers
from ui.parts import QUICK, changes, html, numbered, sent
from ui.quiet_gradio import gr
from ui.saving import file_html

_INTRO = (
    '<p class="note">Ask questions whose answers are known, and see how many are answered '
    "rightly, wrongly or not at all. You can go on asking your own questions meanwhile.</p>"
)
_PARTS = ("told", "progress", "sets", "choices", "runs", "result", "questions")
# What is typed stays: this one is never drawn anew.
_FIRST = {"choices": choices_html()}
_CHANGING = tuple(name for name in _PARTS if name not in _FIRST)


def evaluate_tab(talk: Handlers, tab: Any, file: Any) -> EvaluateHandlers:
    """Build it.

    Args:
        talk: answers questions, and looks for some to suggest where nothing else is to be done.
        tab: what this is built in.
        file: the part that gives the browser files.
    """
    handlers = EvaluateHandlers(talk.pipeline, talk.kept_quiet)
    view = gr.State(View())
    with gr.Column(elem_id="evaluate"):
        gr.HTML(_INTRO, js_on_load=None, apply_default_css=False)
        parts = {
            name: html(_FIRST.get(name, ""), f"evaluate-{name}", looks.jobs_script())
            for name in _PARTS
        }
    shown = [*(parts[name] for name in _CHANGING), view]

    # One after the other, so that what is numbered later was seen later.
    one_by_one = threading.Lock()

    def arrive(view: View) -> list[Any]:
        with one_by_one:
            return _outputs(handlers.arrive(view))

    def click(event: gr.EventData) -> list[Any]:
        with one_by_one:
            return _outputs(handlers.click(sent(event)))

    def tick(view: View, event: gr.EventData) -> list[Any]:
        with one_by_one:
            return _outputs(handlers.tick(view, sent(event)))

    def export(view: View, event: gr.EventData) -> list[Any]:
        with one_by_one:
            made, parts = handlers.export(view, sent(event))
            return [file_html(made["content"], made["name"]), *_outputs(parts)]

    tab.select(arrive, view, shown, **QUICK)
    parts["progress"].tick(tick, view, shown, **QUICK)
    for name in _PARTS[1:]:
        # A file that is handed over while a path is looked at is not forgotten.
        mode = "multiple" if name == "choices" else "once"
        parts[name].act(click, None, shown, trigger_mode=mode, **QUICK)
    parts["result"].export(export, view, [file, *shown], **QUICK)
    return handlers


def _outputs(parts: Parts) -> list[Any]:
    """For each part of the tab its new content, or that it stays."""
    shown = (getattr(parts, name) for name in _CHANGING)
    return changes([*numbered(shown), parts.view])
