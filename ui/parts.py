"""What every tab of the page is made of: how handlers are called, and HTML that clicks."""

from typing import Any

from ui import looks
from ui.quiet_gradio import gr

# Handlers that are called by this page alone, and answer at once beside a long answer.
QUICK: dict[str, Any] = {
    "queue": False,
    "show_progress": "hidden",
    "api_visibility": "private",
}
LONG: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def html(value: str, elem_id: str) -> Any:
    """A part of the page in HTML of our own (`ui.markup`), with the script that makes it click."""
    return gr.HTML(value, elem_id=elem_id, js_on_load=looks.script(), apply_default_css=False)
