"""Markdown: the raw source kept exactly, with hints for what its marks mean.

Marks stay in the text, so that offsets and quotes are those of the file. A line scanner, not a full
parser: it needs to know what a block is, not how it would be drawn.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from index.loaders.plain import load_plain
from index.types import Hint, LoadedText

_LINE = re.compile(r"[^\r\n]+")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|$)")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_LIST = re.compile(r"\s{0,12}(?:[-*+]|\d{1,3}[.)])[ \t]+\S")
_QUOTE = re.compile(r" {0,3}>")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_KEY = re.compile(r"([A-Za-z_][\w-]{0,40})[ \t]*:[ \t]*(.*)$")
_FRONT_KINDS = {
    **dict.fromkeys(("title",), "title"),
    **dict.fromkeys(("date", "published", "pubdate", "created", "published_at"), "date"),
    **dict.fromkeys(("author", "authors", "by"), "author"),
}
_LONGEST_COMMENT = 20_000

_Line = tuple[int, int, str]


def load_markdown(path: Path, *, resume_at: int = 0) -> Iterator[LoadedText]:
    """A Markdown file as `load_plain` gives it, with hints (offsets within each piece)."""
    for piece in load_plain(path, resume_at=resume_at):
        yield replace(piece, hints=markdown_hints(piece.text, at_start=piece.start == 0))


def markdown_hints(text: str, *, at_start: bool = True) -> tuple[Hint, ...]:
    """What the marks in `text` say, in order of their start.

    Args:
        text: Markdown source.
        at_start: whether front matter may open it.
    """
    lines = [(m.start(), m.end(), m.group()) for m in _LINE.finditer(text)]
    hints: list[Hint] = []
    i = _front_matter(lines, hints) if at_start else 0
    while i < len(lines):
        i = _fence(lines, i, hints) or _table(lines, i, hints) or _line(text, lines, i, hints)
    hints += [Hint(start, end, "hidden") for start, end in _comments(text)]
    return tuple(sorted(hints, key=lambda hint: (hint.start, -hint.end)))


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Spans of `<!-- ... -->`; no pattern, which takes minutes where many are never closed."""
    start = text.find("<!--")
    close = -1
    while start >= 0:
        if close < start + 4:
            close = text.find("-->", start + 4)
        if close < 0:
            return
        is_comment = close - start - 4 <= _LONGEST_COMMENT
        if is_comment:
            yield start, close + 3
        start = text.find("<!--", close + 3 if is_comment else start + 4)


def _front_matter(lines: list[_Line], hints: list[Hint]) -> int:
    """YAML between two lines of three hyphens, each value with its kind; the line after it."""
    if not lines or lines[0][2].rstrip() != "---":
        return 0
    closing = next((i for i in range(1, min(len(lines), 80)) if lines[i][2].rstrip() == "---"), 0)
    if not closing or not any(_KEY.match(line[2]) for line in lines[1:closing]):
        return 0
    hints.append(Hint(lines[0][0], lines[closing][1], "header"))
    for start, _, line in lines[1:closing]:
        match = _KEY.match(line)
        kind = _FRONT_KINDS.get(match.group(1).lower()) if match else None
        if match and kind and (value := match.group(2).strip().strip("\"'")):
            at = start + line.index(value, match.start(2))
            hints.append(Hint(at, at + len(value), kind, value=value))
    return closing + 1


def _fence(lines: list[_Line], i: int, hints: list[Hint]) -> int:
    """A fenced block of code; the line after it, or 0 where none opens here."""
    opening = _FENCE.match(lines[i][2])
    if not opening:
        return 0
    fence = opening.group(1)
    for j in range(i + 1, len(lines)):
        closing = _FENCE.match(lines[j][2])
        if closing and closing.group(1).startswith(fence) and not lines[j][2].strip(" `~"):
            break
    else:
        return 0  # never closed: a stray mark must not turn the rest of the file into code
    hints.append(Hint(lines[i][0], lines[j][1], "code"))
    return j + 1


def _table(lines: list[_Line], i: int, hints: list[Hint]) -> int:
    """A pipe table: a row, a rule of hyphens, rows; the line after it, or 0."""
    if i + 1 >= len(lines) or "|" not in lines[i][2] or not _is_rule(lines[i + 1][2]):
        return 0
    j = i + 2
    while j < len(lines) and "|" in lines[j][2] and lines[j][0] - lines[j - 1][1] <= 2:
        j += 1
    hints.append(Hint(lines[i][0], lines[j - 1][1], "table"))
    return j


def _is_rule(line: str) -> bool:
    return "|" in line and len(line) < 500 and _TABLE_RULE.match(line) is not None


def _line(text: str, lines: list[_Line], i: int, hints: list[Hint]) -> int:
    """A heading, list item or quote; the line after it."""
    start, end, line = lines[i]
    if match := _ATX.match(line):
        hints.append(Hint(start, end, "heading", level=len(match.group(1))))
    elif i + 1 < len(lines) and _is_setext(text, lines, i):
        level = 1 if lines[i + 1][2].lstrip().startswith("=") else 2
        hints.append(Hint(start, lines[i + 1][1], "heading", level=level))
        return i + 2
    elif _LIST.match(line):
        hints.append(Hint(start, end, "list item"))
    elif _QUOTE.match(line):
        hints.append(Hint(start, end, "quote"))
    return i + 1


def _is_setext(text: str, lines: list[_Line], i: int) -> bool:
    """A short line underlined by `===` or `---` right below, with a blank line or nothing above."""
    start, end, line = lines[i]
    gap = text[end : lines[i + 1][0]]
    above = text[max(0, start - 4) : start].replace("\r", "")
    stands_apart = start == 0 or above.endswith("\n\n")
    is_plain = not (_LIST.match(line) or _QUOTE.match(line) or _SETEXT.match(line))
    underlined = gap in ("\n", "\r\n", "\r") and _SETEXT.match(lines[i + 1][2]) is not None
    return underlined and stands_apart and is_plain and len(line) <= 200
