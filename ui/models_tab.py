"""The tab of the models, wired: which click calls which handler."""

from typing import Any

from ui import looks
from ui.models_handlers import ModelsHandlers, Parts
from ui.models_own import own_html
from ui.parts import QUICK, changes, html, numbered, sent
from ui.quiet_gradio import gr

_INTRO = (
    '<p class="note">Which models answer, find and order, and what others this machine can run. '
    "Models are downloaded only when you ask for it; a change needs no restart where nothing else is "
    "said.</p>"
)
_CHANGING = ("told", "progress", "list")


def models_tab(pipeline: Any, tab: Any) -> ModelsHandlers:
    """Build it; `tab` is the tab it stands in."""
    handlers = ModelsHandlers(pipeline)
    with gr.Column(elem_id="models"):
        gr.HTML(_INTRO, js_on_load=None, apply_default_css=False)
        changing = [html("", f"models-{name}", looks.jobs_script()) for name in _CHANGING]
        # What is typed stays: this one is never drawn anew.
        own = html(own_html(), "models-own", looks.jobs_script())

    def click(event: gr.EventData) -> list[Any]:
        return _outputs(handlers.click(sent(event)))

    def tick(event: gr.EventData) -> list[Any]:
        return _outputs(handlers.tick(sent(event)))

    tab.select(lambda: _outputs(handlers.arrive()), None, changing, **QUICK)
    _, progress, _ = changing
    progress.tick(tick, None, changing, **QUICK)
    for part in (*changing, own):
        part.act(click, None, changing, **QUICK)
    return handlers


def _outputs(parts: Parts) -> list[Any]:
    """For each part of the tab its new content, or that it stays."""
    return changes(numbered((parts.told, parts.progress, parts.models)))
