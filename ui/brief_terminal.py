"""Briefs as they look in a terminal."""

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from rag.brief import Brief, BriefLine
from rag.brief_rendering import REFUSED, about, groups, line_text, parts, said_by, title_line
from rag.rendering import doubt, shown
from ui.terminal import place, safe

_WIDTH = 88


def brief_text(brief: Brief, *, style: bool = False) -> str:
    """A brief with numbered footnotes under it.

    Args:
        brief: the brief.
        style: use bold and dim (a terminal shows the text).
    """
    bold, dim, plain = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if style else ("", "", "")
    first = title_line(brief)
    title = f"{shown(brief.title)}{' ' + _marks([first]) if first else ''}"
    lines = [f"{bold}{line}{plain}" for line in textwrap.wrap(safe(title), _WIDTH)]
    if brief.status == "refused":
        lines += ["", f"{bold}{REFUSED}{plain}"]
    for label, own in about(brief):
        words = ", ".join(f"{shown(line.sentence.text)} {_marks([line])}" for line in own)
        lines += _filled(f"{label}: {words}", "  ")
    lines += ["", *_filled(brief.note, "")] if brief.note else []
    for section in parts(brief):
        lines += ["", f"{bold}{section.heading}{plain}", ""]
        for label, own in groups(section):
            lines += _item(label, own)
    lines.append("")
    citations = brief.citations
    if brief.kind == "document" and citations:
        # One document need not be named at every footnote.
        lines.append(f"{dim}Footnotes, in {safe(citations[0].path)}{plain}")
        citations = tuple(replace(c, title="", date=None, path="") for c in citations)
    lines += [f"{dim}[{c.n}]{plain} {safe(place(c))}" for c in citations]
    return "\n".join(lines)


def _item(label: str, lines: Sequence[BriefLine]) -> list[str]:
    if len(lines) == 1:
        words = _words(lines[0])
        return _filled(f"- {shown(label)}: {words}" if label else f"- {words}", "  ")
    made = _filled(f"- {shown(label)}", "  ")
    for line in lines:
        made += textwrap.wrap(
            safe(_words(line)), _WIDTH, initial_indent="  - ", subsequent_indent="    "
        )
    return made


def _words(line: BriefLine) -> str:
    text = line_text(line)
    who = said_by(line)
    quote = f"“{text}”" if line.sentence.kind == "quote" else text
    unsure = f" ({words})" if (words := doubt(line.sentence)) else ""
    return f"{quote}{f' ({who})' if who else ''} {_marks([line])}{unsure}"


def _marks(lines: Sequence[BriefLine]) -> str:
    return "".join(f"[{c.n}]" for line in lines for c in line.sentence.citations)


def _filled(text: str, indent: str) -> list[str]:
    return textwrap.wrap(safe(text), _WIDTH, subsequent_indent=indent)
