"""HTML that cannot be broken out of: every string is text unless it was built here.

Knows nothing of answers or documents. `el` escapes its children and attributes; only what `el` or
`text` returned passes unchanged. Beside the usual characters, `$`, `{`, `}`, `` ` `` and the
backslash are written as entities, since Gradio's HTML component runs what it holds through two
template languages. Characters that turn the reading direction or are invisible controls become
visible marks, so that a text cannot look other than it is.
"""

import unicodedata
from collections.abc import Iterable

_ENTITIES = {character: f"&#{ord(character)};" for character in "&<>\"'`${}\\"}
_VOID = frozenset({"br", "hr", "img", "input", "meta"})
_BIDI = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)
_CONTROLS = (
    *(code for code in range(0x20) if chr(code) not in "\n\t"),
    *range(0x7F, 0xA0),
    *_BIDI,
    # Tag characters are drawn by no font: text in them reaches a model but not an eye.
    *range(0xE0000, 0xE0080),
)
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class Markup(str):
    """HTML that is shown as it stands. Only this module makes it from text."""

    __slots__ = ()


Child = str | None
Attribute = str | int | float | bool | None


def _control_mark(code: int) -> str:
    name = unicodedata.name(chr(code), "control character").lower()
    # The mark is drawn by the style sheet, so that the text itself can still be copied and
    # compared without it.
    return f'<span class="control" data-code="U+{code:04X}" title="U+{code:04X} {name}"></span>'


_TEXT_TABLE = str.maketrans(
    _ENTITIES | {chr(code): _control_mark(code) for code in _CONTROLS}
) | dict(_SURROGATES)
_VISIBLE_TABLE = dict.fromkeys(_CONTROLS, "\ufffd") | dict(_SURROGATES)
_ATTRIBUTE_TABLE = str.maketrans(_ENTITIES) | _VISIBLE_TABLE


def text(value: str) -> Markup:
    """Any text, to be shown as text; carriage returns become line ends."""
    return Markup(value.replace("\r\n", "\n").replace("\r", "\n").translate(_TEXT_TABLE))


def join(parts: Iterable[Child]) -> Markup:
    """Pieces one after another: markup as it is, strings as text, None left out."""
    return Markup(
        "".join(part if isinstance(part, Markup) else text(part) for part in parts if part)
    )


def el(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """An element.

    Args:
        name: its tag.
        *children: strings are escaped, `Markup` stands as it is, None is left out.
        **attributes: `class_` and `for_` lose their underscore, other underscores become hyphens;
            True gives a bare attribute; None and False leave it out.
    """
    shown = "".join(
        _attribute(key, value)
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{shown}>")
    return Markup(f"<{name}{shown}>{join(children)}</{name}>")


def isolate(value: str, **attributes: Attribute) -> Markup:
    """A short text within a line, kept from turning the text around it."""
    return el("bdi", value, **attributes)


def without_controls(value: str) -> str:
    """The text with U+FFFD for what turns the reading direction or is an invisible control."""
    return value.translate(_VISIBLE_TABLE)


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is True and not name.startswith(("aria-", "data-")):
        return f" {name}"
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return f' {name}="{shown.translate(_ATTRIBUTE_TABLE)}"'
