"""The page's looks: theme, style sheet, script and icon, all from this machine."""

from importlib.resources import files
from typing import Any

from ui.quiet_gradio import gr

_ASSETS = files("ui") / "assets"


def style() -> str:
    """The style sheet."""
    return (_ASSETS / "page.css").read_text(encoding="utf-8")


def script() -> str:
    """What runs once in each HTML part."""
    return (_ASSETS / "page.js").read_text(encoding="utf-8")


def library_script() -> str:
    """What runs once in each HTML part of the library's tab."""
    return (_ASSETS / "library.js").read_text(encoding="utf-8")


def saving() -> str:
    """What gives the browser the proof that a handler made, as a file to keep."""
    return (_ASSETS / "save.js").read_text(encoding="utf-8")


def icon() -> str:
    """Path of the icon in the browser's tab."""
    return str(_ASSETS / "favicon.svg")


def theme() -> Any:
    """Gradio's plainest theme with a font that is there."""
    # This font lies whole in Gradio's package, in these two weights, and comes from this server;
    # others would be asked of a font host or hold a few letters only.
    plain = gr.themes.Base(
        font=[
            gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)),
            gr.themes.Font("sans-serif"),
        ],
        font_mono=[gr.themes.Font("monospace")],
    )
    # As in the style sheet; set here as well, since they are painted before it is there.
    return plain.set(
        body_background_fill="#faf8f4",
        body_background_fill_dark="#15181a",
        body_text_color="#1f2426",
        body_text_color_dark="#e8e6e1",
    )
