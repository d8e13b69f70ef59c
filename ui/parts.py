"""What every tab of the page is made of: how handlers are called, and HTML that clicks."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from ui import looks
from ui.markup import Markup, el
from ui.quiet_gradio import gr

# Handlers that are called by this page alone, and answer at once beside a long answer.
QUICK: dict[str, Any] = {
    "queue": False,
    "show_progress": "hidden",
    "api_visibility": "private",
}


def html(value: str, elem_id: str, script: str | None = None) -> Any:
    """A part of the page in HTML of our own (`ui.markup`), with the script that makes it click.

    Args:
        value: what it holds at first.
        elem_id: its id on the page.
        script: None for that of the tab in which questions are asked.
    """
    script = looks.script() if script is None else script
    return gr.HTML(value, elem_id=elem_id, js_on_load=script, apply_default_css=False)


def changes(values: Iterable[object | None]) -> list[Any]:
    """What Gradio is given: parts that stay as they are, which are None, become its word for it."""
    return [gr.skip() if value is None else value for value in values]


_draws = itertools.count(1)


def numbered(values: Iterable[str | None]) -> list[Markup | None]:
    """HTML in the order in which it was made, so that the newest is kept (`shared.js`); None stays."""
    return [
        None if value is None else el("div", Markup(value), data_draw=next(_draws))
        for value in values
    ]


def sent(event: Any) -> Mapping[str, Any]:
    """What the browser sent with an event."""
    data = event._data
    return data if isinstance(data, Mapping) else {}
