"""PDF with a text layer: text page by page, each line with its page and box.

Each line has its own line in the text; paragraphs and pages are set apart by a blank line. Words
broken at a line's end keep their hyphen. Lines that repeat at the top or bottom of pages are hinted
as header or footer, larger ones as headings. Pages without a text layer are noted, not read: there
is no OCR here.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

from index.errors import NoTextError
from index.loaders.pdfpages import Line, read_pages
from index.types import Hint, LoadedText, Locator, SourceRange

_DIGITS = re.compile(r"\d+")
_PAGE = re.compile(r"^\W*\d+\W*$|\b(?:page|seite|p\.)\s*\d", re.I)
_EDGE_LINES = 2
_MAX_REPEATED_CHARACTERS = 200
_HEADING_GROWTH = 1.15
_MAX_HEADING_CHARACTERS = 200
_FULL = 0.85
_MAX_CELL = 60


def load_pdf(path: Path, *, resume_at: int = 0) -> Iterator[LoadedText]:
    """The text layer of a PDF, in one piece.

    Raises:
        LoadError: the file is empty, damaged, encrypted, or has no text layer.
    """
    pages = read_pages(path)
    n_empty = sum(1 for page in pages if not page)
    if n_empty == len(pages):
        raise NoTextError(
            f"{path.name} has no text layer ({len(pages)} pages, all pictures or empty): it is "
            "probably a scan; run it through OCR first (for example `ocrmypdf`) and add the result"
        )
    loaded = _assemble(pages)
    if n_empty:
        note = f"{n_empty} of {len(pages)} pages have no text layer and were not read"
        loaded = LoadedText(loaded.text, loaded.sources, loaded.hints, notes=(note,))
    if resume_at < len(loaded.text):
        yield loaded


def _assemble(pages: list[list[Line]]) -> LoadedText:
    spacing = _usual_spacing(pages)
    body_size = _usual_size(pages)
    edges = _repeated_at_edges(pages)
    parts: list[str] = []
    sources: list[SourceRange] = []
    hints: list[Hint] = []
    length = 0
    for number, page in enumerate(pages, start=1):
        for i, line in enumerate(page):
            previous = page[i - 1] if i else None
            separator = "" if not parts else _separator(previous, line, spacing)
            parts += (separator, line.text)
            start = length + len(separator)
            length = start + len(line.text)
            sources.append(SourceRange(start, length, Locator(page=number, box=line.box)))
            if kind := edges.get((number, i)):
                hints.append(Hint(start, length, kind))
            elif _is_larger(line, body_size):
                hints.append(Hint(start, length, "heading", level=_level(line.size, body_size)))
            elif line.is_row and max(map(len, line.text.split(" | "))) <= _MAX_CELL:
                hints.append(Hint(start, length, "table"))
            elif separator == "\n" and previous and _is_full(previous, page):
                hints.append(Hint(start - 1 - len(previous.text), length, "paragraph"))
    return LoadedText("".join(parts), tuple(sources), tuple(_join(hints, "".join(parts))))


def _separator(previous: Line | None, line: Line, spacing: float) -> str:
    """A blank line where the page leaves a gap, jumps to another column or changes the size."""
    if previous is None:
        return "\n\n"
    gap = previous.baseline - line.baseline
    usual = max(spacing * max(previous.size, line.size), 1.0)
    if previous.is_row and line.is_row and 0 < gap <= 3 * usual:
        return "\n"
    same_size = abs(previous.size - line.size) <= 0.1 * max(previous.size, line.size)
    return "\n" if same_size and -1 < gap <= 1.3 * usual else "\n\n"


def _usual_spacing(pages: list[list[Line]]) -> float:
    """Distance between lines in units of their size, from lines that fill their width."""
    ratios: list[float] = []
    for page in pages:
        right = max((line.box[2] for line in page), default=0.0)
        for above, below in pairwise(page):
            gap = above.baseline - below.baseline
            if above.box[2] > 0.85 * right and 0 < gap < 4 * above.size:
                ratios.append(gap / above.size)
    return min(max(median(ratios), 1.0), 2.5) if ratios else 1.3


def _usual_size(pages: list[list[Line]]) -> float:
    """The size in which most characters are set."""
    weights: Counter[float] = Counter()
    for page in pages:
        for line in page:
            weights[round(line.size, 1)] += len(line.text)
    return weights.most_common(1)[0][0]


def _is_larger(line: Line, body_size: float) -> bool:
    letters = sum(map(str.isalpha, line.text))
    big = line.size >= _HEADING_GROWTH * body_size
    return big and letters >= 3 and len(line.text) <= _MAX_HEADING_CHARACTERS


def _level(size: float, body_size: float) -> int:
    return 1 if size >= 1.5 * body_size else 2


def _is_full(line: Line, page: list[Line]) -> bool:
    """Whether a line reaches the right edge of its column, so that the next one goes on."""
    column = [other.box[2] for other in page if abs(other.box[0] - line.box[0]) < 2 * line.size]
    return line.box[2] >= _FULL * max(column) and line.text[-1] not in ":"


def _join(hints: list[Hint], text: str) -> Iterator[Hint]:
    """Lines of one heading, paragraph or table become one hint."""
    held: Hint | None = None
    for hint in hints:
        is_alike = held is not None and (hint.kind, hint.level) == (held.kind, held.level)
        if held and is_alike and _continues(held, text[held.end : hint.start]):
            held = Hint(held.start, hint.end, held.kind, held.level)
            continue
        if held:
            yield held
        held = hint
    if held:
        yield held


def _continues(held: Hint, gap: str) -> bool:
    """Whether the next hint of the same kind is part of this one; paragraphs' hints overlap."""
    if held.kind == "table":
        return not gap.strip()
    return gap == "" if held.kind == "paragraph" else held.kind == "heading" and gap == "\n"


def _repeated_at_edges(pages: list[list[Line]]) -> dict[tuple[int, int], str]:
    """Lines at the top or bottom that stand on several pages, numbers aside, by (page, line)."""
    seen: dict[str, dict[str, set[int]]] = {"header": {}, "footer": {}}
    places: list[tuple[int, int, str, str]] = []
    for number, page in enumerate(pages, start=1):
        n = len(page)
        for i, line in enumerate(page):
            key = line.text.strip()
            if min(i, n - 1 - i) == 0 or _PAGE.search(key):
                key = _DIGITS.sub("#", key)
            if min(i, n - 1 - i) >= _EDGE_LINES or len(key) > _MAX_REPEATED_CHARACTERS:
                continue
            kind = "header" if i < n - 1 - i else "footer"
            seen[kind].setdefault(key, set()).add(number)
            places.append((number, i, kind, key))
    enough = 2 if len(pages) <= 4 else 3
    return {(number, i): kind for number, i, kind, key in places if len(seen[kind][key]) >= enough}
