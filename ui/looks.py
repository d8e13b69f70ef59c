"""The page's looks: theme, style sheet, script and icon, all from this machine."""

import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from ui.quiet_gradio import gr

_ASSETS = files("ui") / "assets"


def style() -> str:
    """The style sheets as one: those of the frame; those of the page and its parts, by name.

    The latter are nested in a rule that weighs more than Gradio's own rules, which come later.
    """
    sheets = {sheet.name: sheet for sheet in _ASSETS.iterdir() if sheet.name.endswith(".css")}
    frame = [sheets.pop(name) for name in _FRAME]
    nested = [sheets.pop("page.css"), *(sheets[name] for name in sorted(sheets))]
    return f"{_joined(frame)}\n{_HEAVY} {{\n{_joined(nested)}\n}}"


def _joined(sheets: Iterable[Any]) -> str:
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


_FRAME = ("frame.css", "opening.css")
_HEAVY = ".gradio-container.gradio-container.gradio-container"
# They lie whole in Gradio's package, in these two weights; the style sheet names them.
_FONTS = "static/fonts/IBMPlexSans/IBMPlexSans"
_PAGE_SCRIPTS = ("page.js", "ask.js")
_EVENT = re.compile(r"\btrigger\(\"([a-z]+)\"")


def script() -> str:
    """What runs once in each HTML part: the page's script, which is loaded once for all of them.

    Gradio listens to those events alone that it finds named here.
    """
    return f"window.footnotePart(element, trigger, watch, props); // {_events(*_PAGE_SCRIPTS)}"


def library_script() -> str:
    """The same for the parts of the library's tab, which also take files."""
    return (
        f"window.footnoteLibraryPart(element, trigger, watch, upload); // {_events('library.js')}"
    )


def jobs_script() -> str:
    """The same for the parts of the tabs Evaluate and Models."""
    return (
        f"window.footnoteJobsPart(element, trigger, watch, upload, props); // {_events('jobs.js')}"
    )


def head() -> str:
    """What the page's head holds besides: title, looks, the scripts of its parts and what these share."""
    fonts = (
        f'<link rel="preload" href="{_FONTS}-{weight}.woff2" as="font" type="font/woff2" crossorigin>'
        for weight in ("Regular", "Bold")
    )
    return (
        f"<title>Footnote</title>\n{''.join(fonts)}\n<style>\n{style()}\n</style>\n"
        f"<script>(() => {{\n{_script('shared.js')}\n"
        "window.footnotePart = (element, trigger, watch, props) => "
        f"{{\n{_script(*_PAGE_SCRIPTS)}\n}};\n"
        "window.footnoteLibraryPart = (element, trigger, watch, upload) => "
        f"{{\n{_script('library.js')}\n}};\n"
        "window.footnoteJobsPart = (element, trigger, watch, upload, props) => "
        f"{{\n{_script('jobs.js')}\n}};\n}})();</script>\n"
    )


def opening_script() -> str:
    """What is run where the page that is shown first ends."""
    return f"<script>\n{_script('opening.js')}\n</script>"


def _events(*names: str) -> str:
    return " ".join(f"'{event}'" for event in sorted(set(_EVENT.findall(_script(*names)))))


def _script(*names: str) -> str:
    scripts = ((_ASSETS / name).read_text(encoding="utf-8") for name in names)
    return "\n".join(scripts).replace("</", "<\\/")


def icon() -> str:
    """Path of the icon in the browser's tab."""
    return str(_ASSETS / "favicon.svg")


def theme() -> Any:
    """Gradio's plainest theme with a font that is there."""
    # Named only: a font of the theme's own would be asked of a font host, or be loaded twice.
    plain = gr.themes.Base(
        font=[gr.themes.Font("IBM Plex Sans"), gr.themes.Font("sans-serif")],
        font_mono=[gr.themes.Font("monospace")],
    )
    # As in the style sheet; set here as well, since they are painted before it is there.
    return plain.set(
        body_background_fill="#faf8f4",
        body_background_fill_dark="#15181a",
        body_text_color="#1f2426",
        body_text_color_dark="#e8e6e1",
    )
