"""The tab of the models, wired: which click calls which handler."""

from typing import Any

from ui.models_handlers import ModelsHandlers, Parts
from ui.parts import LONG, QUICK, html
from ui.quiet_gradio import gr

_INTRO = (
    '<p class="note">Which models answer, find and order, and what others this machine can run. '
    "Models are downloaded only when you ask for it; a change needs no restart where nothing else is "
    "said.</p>"
)
_SENT = (
    '<p class="sent"><strong>With an address, your questions and the passages found for them are sent '
    "to that server</strong>, which may keep them. A key is never stored: type the name of the "
    "environment variable that holds it, as it was set when Footnote was started.</p>"
)
_TICK_S = 1.0


def models_tab(pipeline: Any, tab: Any) -> ModelsHandlers:
    """Build it; `tab` is the tab it stands in."""
    handlers = ModelsHandlers(pipeline)
    seen = gr.State(-1)
    timer = gr.Timer(_TICK_S, active=False)
    with gr.Column(elem_id="models"):
        html(_INTRO, "models-intro")
        told = html("", "models-told")
        progress = html("", "models-progress")
        stop = gr.Button("Stop the download", elem_id="models-stop")
        models = html("", "models-list")
        with gr.Accordion("Add a model of your own", open=False, elem_id="models-own"):
            file = _file_form()
            html(_SENT, "models-sent")
            address = _address_form()
    shown = [told, progress, models, seen, timer]
    tab.select(lambda: _outputs(handlers.arrive()), None, shown, **QUICK)
    timer.tick(lambda n: _outputs(handlers.tick(n)), seen, shown, **QUICK)
    stop.click(lambda: _outputs(handlers.stop()), None, shown, **QUICK)

    def click(event: gr.EventData) -> list[Any]:
        return _outputs(handlers.click(event._data))

    for part in (told, models):
        part.models(click, None, shown, **QUICK)
    for form, add in ((file, handlers.add_file), (address, handlers.add_address)):
        fields, button = form

        def run(*values: Any, add: Any = add) -> list[Any]:
            parts = add(*values)
            kept = [_cleared(value) if parts.added else gr.skip() for value in values]
            return [*_outputs(parts), *kept]

        submits = [field.submit for field in fields if hasattr(field, "submit")]
        gr.on([button.click, *submits], run, fields, [*shown, *fields], **LONG)
    return handlers


def _file_form() -> tuple[list[Any], Any]:
    with gr.Row(elem_classes="own-form"):
        path = _line("Path of a GGUF file on this machine; it stays where it is", "models-path")
        name = _line("Name in the list (if left out, the file's)", "models-file-name")
        button = gr.Button("Add the file", elem_id="models-add-file")
    return [path, name], button


def _address_form() -> tuple[list[Any], Any]:
    with gr.Row(elem_classes="own-form"):
        url = _line(
            "Address of an OpenAI-compatible server", "models-url", "http://localhost:8080/v1"
        )
        model = _line("Model's name there (if it has several)", "models-model")
        key_env = _line("Environment variable with the key (if it needs one)", "models-key")
        name = _line("Name in the list (if left out, the model's)", "models-address-name")
        trusted = gr.Checkbox(
            label="I trust this network: allow plain http to another machine",
            elem_id="models-trusted",
        )
        button = gr.Button("Add the address", elem_id="models-add-address")
    return [url, model, key_env, name, trusted], button


def _line(label: str, elem_id: str, placeholder: str | None = None) -> Any:
    return gr.Textbox(
        label=label,
        placeholder=placeholder,
        max_lines=1,
        elem_id=elem_id,
        html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
    )


def _cleared(value: Any) -> Any:
    return False if isinstance(value, bool) else ""


def _outputs(parts: Parts) -> list[Any]:
    """For each part of the tab its new content, or that it stays."""
    values = (parts.told, parts.progress, parts.models, parts.seen)
    timer = gr.skip() if parts.running is None else gr.Timer(active=parts.running)
    return [*(gr.skip() if value is None else value for value in values), timer]
