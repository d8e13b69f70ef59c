"""Drawings made as SVG text, taken apart and built again from what is known to be harmless.

Whatever made a drawing, and whatever texts it holds: no script, no link and no address outside of
the drawing gets through, and every text is escaped as everywhere (`ui.markup`).
"""

import re
from xml.etree import ElementTree

from ui.markup import Markup, el, without_controls

_TAGS = frozenset(
    {"svg", "g", "defs", "clipPath", "pattern", "use", "path", "rect", "circle", "line"}
    | {"polyline", "polygon", "text", "tspan", "title"}
)
_ATTRIBUTES = frozenset(
    {"id", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height", "points"}
    | {"viewBox", "transform", "clip-path", "role", "aria-label", "patternUnits", "fill", "stroke"}
    | {"stroke-width", "style", "href"}
)
_SIZES = frozenset({"width", "height"})
_INSIDE = re.compile(r"#[\w-]+")
_ADDRESS = re.compile(r"url\((?!#[\w-]+\))|expression|javascript|@import|\\", re.IGNORECASE)


def drawing(svg: str) -> Markup | None:
    """The drawing, safe to stand in the page; None where it is no SVG."""
    try:
        root = ElementTree.fromstring(svg)
    except (ElementTree.ParseError, ValueError):
        return None
    if root.tag != "svg":
        return None
    return _built(root)


def _built(node: ElementTree.Element) -> Markup | None:
    if node.tag not in _TAGS:
        return None
    children: list[str | None] = [_words(node.text)]
    for child in node:
        children += [_built(child), _words(child.tail)]
    attributes = {
        name: value
        for name, value in node.attrib.items()
        if name in _ATTRIBUTES
        and _is_harmless(name, value)
        # The page decides how large a drawing is.
        and not (node.tag == "svg" and name in _SIZES)
    }
    return el(node.tag, *children, **attributes)


def _words(text: str | None) -> str:
    # A mark for an invisible character would be HTML, which ends a drawing.
    return without_controls(text) if text and text.strip() else ""


def _is_harmless(name: str, value: str) -> bool:
    if name == "href":
        return _INSIDE.fullmatch(value) is not None
    return _ADDRESS.search(value) is None
