"""The page of a PDF that a footnote stands on, as a picture with the cited words boxed, as HTML."""

import base64
import hashlib
import logging
from pathlib import Path

from index.errors import LoadError
from index.pdf_image import PageImage, Place, page_image
from index.store import Store
from index.types import Document
from ui.markup import Markup, el
from ui.opened import Opened

_log = logging.getLogger(__name__)


def pdf_page_html(store: Store, document: Document, opened: Opened) -> Markup | None:
    """The picture of the page; None for what is no PDF, or where its file is not as it was added."""
    path = Path(document.path)
    if path.suffix.lower() != ".pdf" or not opened.locator or not opened.locator.get("page"):
        return None
    number = int(opened.locator["page"])
    try:
        if hashlib.sha256(path.read_bytes()).hexdigest() != document.sha256:
            return el("p", "The PDF was changed since it was added, so its page is not shown.")
        image = page_image(path, number, _places(store, document, opened, number))
    except (OSError, LoadError):
        _log.exception("page %d of %s cannot be shown", number, path)
        return el("p", f"The PDF is no longer at {path}, or cannot be drawn.")
    return _picture(image)


def _places(store: Store, document: Document, opened: Opened, number: int) -> list[Place]:
    places = []
    for source in store.sources(document.id, opened.start, opened.end):
        if source.locator.page != number or source.locator.box is None:
            continue
        start, end = max(source.start, opened.start), min(source.end, opened.end)
        places.append(Place(source.locator.box, store.text(document.id, start, end)))
    return places


def _picture(image: PageImage) -> Markup:
    packed = base64.b64encode(image.webp).decode("ascii")
    boxes = (
        el(
            "span",
            class_="cited",
            style="; ".join(
                f"{name}: {share:.3%}"
                for name, share in zip(("left", "top", "width", "height"), box, strict=True)
            ),
        )
        for box in image.boxes
    )
    return el(
        "div",
        el(
            "img",
            src=f"data:image/webp;base64,{packed}",
            alt=f"Page {image.page} of {image.n_pages} as it looks, with the cited words boxed",
            width=image.width,
            height=image.height,
        ),
        *boxes,
        class_="sheet",
    )
