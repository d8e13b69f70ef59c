"""The lines of each page of a PDF, through PDFium. Knows nothing about what the lines mean."""

import re
import threading
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

from index.errors import DamagedFileError, EncryptedError, NoTextError
from index.loaders.plain import open_checked

# PDFium keeps global state and must not be entered by two threads at once.
PDFIUM = threading.Lock()
# PDFium's sign for a hyphen at a line's end; it also swallows the line end behind it.
_CELL_GAP = 1.5
_LABEL = re.compile(r"[\W\d.]{1,8}|[IVX]{1,5}\.|\(?[a-z]\)")
_BREAK_HYPHENS = "\ufffe\x02"

_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on a page.

    Attributes:
        box: left, bottom, right, top in points.
        size: size of its first character in points.
        baseline: height of its baseline over the page's lower edge.
        is_row: whether wide gaps part it into cells, set apart by " | ".
    """

    text: str
    box: _Box
    size: float
    baseline: float
    is_row: bool = False


def read_pages(path: Path) -> list[list[Line]]:
    """The lines of every page; an empty list for a page without text.

    Raises:
        LoadError: the file is empty, damaged or encrypted.
    """
    with open_checked(path) as file:
        data = file.read()
    if b"%PDF-" not in data[:1024]:
        raise DamagedFileError(
            f"{path.name} is not a PDF, though its name says so (it begins with {data[:8]!r}); "
            "give it the right ending, or leave it out"
        )
    with PDFIUM:
        return _read(path.name, data)


def _read(name: str, data: bytes) -> list[list[Line]]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise EncryptedError(
                f"{name} is encrypted and opens only with a password; save a copy without one"
            ) from error
        raise DamagedFileError(
            f"{name} is a damaged PDF ({error}); open it in a viewer and save it again"
        ) from error
    try:
        if len(document) == 0:
            raise NoTextError(f"{name} has no pages; leave it out")
        return [_page_lines(name, document, number) for number in range(len(document))]
    finally:
        document.close()


def _page_lines(name: str, document: "pypdfium2.PdfDocument", number: int) -> list[Line]:
    try:
        page = document[number]
    except pypdfium2.PdfiumError as error:
        raise DamagedFileError(
            f"{name}: page {number + 1} is damaged ({error}); open it in a viewer and save it again"
        ) from error
    try:
        textpage = page.get_textpage()
        try:
            return list(_lines(textpage))
        finally:
            textpage.close()
    finally:
        page.close()


def _lines(textpage: "pypdfium2.PdfTextPage") -> list[Line]:
    """Split the page's characters at line ends and at hyphens that end a line."""
    characters = _characters(textpage)
    lines: list[Line] = []
    start = 0
    for i in range(len(characters) + 1):
        at_end = i == len(characters) or characters[i] in "\r\n"
        if not (at_end or characters[i] in _BREAK_HYPHENS):
            continue
        text = "".join(characters[start:i]) + ("" if at_end else "-")
        if text.strip():
            lines.append(_line(textpage, text, start, i))
        start = i + 1
    return lines


def _characters(textpage: "pypdfium2.PdfTextPage") -> list[str]:
    """One entry for each of PDFium's character positions."""
    n = textpage.count_chars()
    text = textpage.get_text_range(0, n) if n else ""
    if len(text) == n:
        return list(text)
    # The two disagree where characters lie outside of the 16-bit range or have no Unicode value.
    codes = (raw.FPDFText_GetUnicode(textpage, i) for i in range(n))
    return [_BREAK_HYPHENS[0] if c == 2 else _printable(c) for c in codes]


def _printable(code: int) -> str:
    return "" if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)


def _line(textpage: "pypdfium2.PdfTextPage", text: str, start: int, end: int) -> Line:
    # Leading spaces made by PDFium itself have neither size nor place.
    first = start + len(text) - len(text.lstrip())
    rects = [textpage.get_rect(k) for k in range(textpage.count_rects(start, end - start))]
    box = (
        (
            round(min(r[0] for r in rects), 1),
            round(min(r[1] for r in rects), 1),
            round(max(r[2] for r in rects), 1),
            round(max(r[3] for r in rects), 1),
        )
        if rects
        else (0.0, 0.0, 0.0, 0.0)
    )
    size = float(raw.FPDFText_GetFontSize(textpage, first)) if first < end else 0.0
    if size <= 1.5:  # scaled by a matrix instead: the height of the box stands in
        size = max(box[3] - box[1], 1.0)
    cells = _cells(text, [cut - start for cut in _cell_starts(textpage, rects, size)])
    text = " | ".join(cells)
    return Line(text, box, size, _baseline(textpage, first, box[1]), len(cells) > 1)


def _cell_starts(textpage: "pypdfium2.PdfTextPage", rects: list[_Box], size: float) -> list[int]:
    """Positions of the characters behind wide gaps in a line: cells of a table, or columns."""
    starts = []
    for left, right in pairwise(rects):
        if right[0] - left[2] > _CELL_GAP * size:
            middle = (right[1] + right[3]) / 2
            index = textpage.get_index(right[0] + 0.1 * size, middle, size, size)
            starts += [index] if index is not None else []
    return starts


def _cells(text: str, cuts: list[int]) -> list[str]:
    """The parts of a line; a number or bullet in front of a single part is no cell."""
    bounds = [0, *(cut for cut in cuts if 0 < cut < len(text)), len(text)]
    parts = [part for a, b in pairwise(bounds) if (part := text[a:b].strip())]
    if len(parts) == 2 and _LABEL.fullmatch(parts[0]):
        return [f"{parts[0]} {parts[1]}"]
    return parts


def _baseline(textpage: "pypdfium2.PdfTextPage", index: int, fallback: float) -> float:
    x, y = raw.c_double(), raw.c_double()
    found = raw.FPDFText_GetCharOrigin(textpage, index, x, y)
    return float(y.value) if found else fallback
