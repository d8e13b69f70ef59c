"""A page of a PDF as a picture, with the boxes of cited words. Knows nothing of answers or pages of ours."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

from index.errors import DamagedFileError, LoadError
from index.loaders.pdfpages import PDFIUM

Box = tuple[float, float, float, float]
_WIDTH = 1_000
_MAX_HEIGHT = 3_000
_NEAR = 2.0


@dataclass(frozen=True, slots=True)
class Place:
    """Words on a page: the box of their line, left, bottom, right, top in points, and the words."""

    box: Box
    words: str


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as it looks.

    Attributes:
        page: from 1.
        webp: the picture.
        width: in pixels, as is `height`.
        boxes: left, top, width, height of each stretch of words, as shares of the picture, 0..1.
    """

    page: int
    n_pages: int
    webp: bytes
    width: int
    height: int
    boxes: tuple[Box, ...]


def page_image(path: Path, page: int, places: Sequence[Place]) -> PageImage:
    """Draw a page and find where words stand on it.

    Args:
        path: the PDF.
        page: from 1.
        places: words whose boxes are wanted; where they are not found in their line, its whole box is given.

    Raises:
        LoadError: the file cannot be read, or has no such page.
    """
    with PDFIUM:
        try:
            document = pypdfium2.PdfDocument(path)
        except (OSError, pypdfium2.PdfiumError) as error:
            raise DamagedFileError(f"{path.name} cannot be opened: {error}.") from error
        try:
            if not 1 <= page <= len(document):
                raise LoadError(f"{path.name} has {len(document)} pages, none of number {page}.")
            return _draw(document, page, places)
        except pypdfium2.PdfiumError as error:
            raise DamagedFileError(
                f"Page {page} of {path.name} cannot be drawn: {error}."
            ) from error
        finally:
            document.close()


def _draw(document: "pypdfium2.PdfDocument", number: int, places: Sequence[Place]) -> PageImage:
    page = document[number - 1]
    try:
        width, height = page.get_size()
        scale = min(_WIDTH / max(width, 1), _MAX_HEIGHT / max(height, 1))
        bitmap = page.render(scale=scale)
        try:
            picture = bitmap.to_pil().convert("RGB")
        finally:
            bitmap.close()
        boxes = [_share(page, box) for place in places for box in _boxes(page, place)]
        packed = io.BytesIO()
        picture.save(packed, "WEBP", quality=80, method=2)
        return PageImage(
            number, len(document), packed.getvalue(), picture.width, picture.height, tuple(boxes)
        )
    finally:
        page.close()


def _boxes(page: "pypdfium2.PdfPage", place: Place) -> list[Box]:
    """Where the words stand within their line; the line's box where they are not found there."""
    textpage = page.get_textpage()
    try:
        found = _search(textpage, place)
    finally:
        textpage.close()
    return found or [place.box]


def _search(textpage: "pypdfium2.PdfTextPage", place: Place) -> list[Box]:
    if not place.words.strip():
        return []
    searcher = textpage.search(place.words.strip(), match_case=True)
    try:
        while (hit := searcher.get_next()) is not None:
            index, count = hit
            n_rects = textpage.count_rects(index, count)
            rects = [textpage.get_rect(k) for k in range(n_rects)]
            if rects and all(_within(rect, place.box) for rect in rects):
                return rects
    finally:
        searcher.close()
    return []


def _within(rect: Box, line: Box) -> bool:
    return (
        rect[0] >= line[0] - _NEAR
        and rect[1] >= line[1] - _NEAR
        and rect[2] <= line[2] + _NEAR
        and rect[3] <= line[3] + _NEAR
    )


def _share(page: "pypdfium2.PdfPage", box: Box) -> Box:
    """A box of the page as shares of its picture, whichever way the page is turned or cut."""
    corners = [_device(page, x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    left, right = (pick(x for x, _ in corners) for pick in (min, max))
    top, bottom = (pick(y for _, y in corners) for pick in (min, max))
    return left, top, right - left, bottom - top


_FINE = 100_000


def _device(page: "pypdfium2.PdfPage", x: float, y: float) -> tuple[float, float]:
    across, down = raw.c_int(), raw.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, _FINE, _FINE, 0, x, y, across, down)
    return _clipped(across.value / _FINE), _clipped(down.value / _FINE)


def _clipped(share: float) -> float:
    return min(max(share, 0.0), 1.0)
