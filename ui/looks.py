"""The page's looks: theme, style sheet, script and icon, all from this machine."""

import re
from importlib.resources import files
from typing import Any

from ui.quiet_gradio import gr

_ASSETS = files("ui") / "assets"


def style() -> str:
    """The style sheets as one: that of the page, then those of its parts by name."""
    sheets = [sheet for sheet in _ASSETS.iterdir() if sheet.name.endswith(".css")]
    sheets.sort(key=lambda sheet: (sheet.name != "page.css", sheet.name))
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


_EVENT = re.compile(r"\btrigger\(\"([a-z]+)\"")


def script() -> str:
    """What runs once in each HTML part: the page's script, which is loaded once for all of them.

    Gradio listens to those events alone that it finds named here.
    """
    return f"window.footnotePart(element, trigger, watch); // {_events('page.js')}"


def library_script() -> str:
    """The same for the parts of the library's tab, which also take files."""
    return (
        f"window.footnoteLibraryPart(element, trigger, watch, upload); // {_events('library.js')}"
    )


def jobs_script() -> str:
    """The same for the parts of the tabs Evaluate and Models."""
    return f"window.footnoteJobsPart(element, trigger, watch, upload); // {_events('jobs.js')}"


def head() -> str:
    """What the page's head holds besides: the scripts of its parts, and what they share around them."""
    shared, page, library, jobs = (
        _script(name).replace("</", "<\\/")
        for name in ("shared.js", "page.js", "library.js", "jobs.js")
    )
    return (
        f"<script>(() => {{\n{shared}\n"
        f"window.footnotePart = (element, trigger, watch) => {{\n{page}\n}};\n"
        "window.footnoteLibraryPart = (element, trigger, watch, upload) => "
        f"{{\n{library}\n}};\n"
        "window.footnoteJobsPart = (element, trigger, watch, upload) => "
        f"{{\n{jobs}\n}};\n}})();</script>"
    )


def _events(name: str) -> str:
    return " ".join(f"'{event}'" for event in sorted(set(_EVENT.findall(_script(name)))))


def _script(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def remembering() -> str:
    """What tells Python which conversation this browser tab showed before it was loaded again."""
    return "(_, session) => [sessionStorage.getItem('footnote-conversation') ?? '', session]"


def toggling_rail() -> str:
    """What shows and hides the list of conversations."""
    return "() => { document.querySelector('#desk').toggleAttribute('data-rail'); }"


def saving_as() -> str:
    """What gives the browser a file that a handler made: its content and its name."""
    return (_ASSETS / "save-as.js").read_text(encoding="utf-8")


def saving_file() -> str:
    """The same for a file that is the value of one part: its `content` and its `name`."""
    return f"(file) => ({saving_as()})(file.content, file.name)"


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
