"""HTML: the visible text, its white space folded as a browser folds it, with hints from the markup.

Nothing visible is dropped: menus, banners and comments are kept and hinted. Dates and names that
stand only in invisible metadata become hints of no length with a value, since nothing can be quoted
from them.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from index.errors import DamagedFileError, NoTextError
from index.loaders.decoding import Encoding, decode_bytes, detect_bytes
from index.loaders.pagetext import PageText
from index.loaders.plain import open_checked
from index.types import LoadedText

MAX_BYTES = 100_000_000
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.I)


def load_webpage(path: Path, *, resume_at: int = 0) -> Iterator[LoadedText]:
    """The visible text of an HTML file, in one piece.

    Raises:
        LoadError: the file is empty, too large, not text, or shows no text.
    """
    with open_checked(path) as file:
        n_bytes = os.fstat(file.fileno()).st_size
        if n_bytes > MAX_BYTES:
            raise DamagedFileError(
                f"{path.name}: a page of {n_bytes:,} bytes is more than can be read at once "
                f"({MAX_BYTES:,}); split it, or save it as plain text"
            )
        data = file.read()
    encoding = _encoding(data)
    source = decode_bytes(data, encoding)
    if source.count("\0") > len(source) // 1000 + 1:
        raise DamagedFileError(f"{path.name}: its name says HTML, but it holds binary data")
    page = PageText()
    page.feed(_without_open_ends(source))
    page.close()
    loaded = page.loaded()
    if not loaded.text.strip():
        raise NoTextError(
            f"{path.name} shows no text; a page built by scripts has to be saved "
            "from a browser, after it has loaded"
        )
    if resume_at < len(loaded.text):
        yield loaded


def _without_open_ends(source: str) -> str:
    """Marks that are never closed, made harmless: html.parser tries each to the end of the file.

    A comment without an end hides the rest, as in a browser; a `<` behind the last `>` is text.
    """
    opened = source.find("<!--", source.rfind("-->") + 1)
    if opened >= 0:
        source = source[:opened]
    last = source.rfind(">") + 1
    return source[:last] + source[last:].replace("<", "&lt;")


def _encoding(data: bytes) -> Encoding:
    """A byte-order mark, valid UTF-8, what the page declares, or a guess, in this order.

    UTF-8 comes before the declaration: pages saved again by another program often keep a stale one,
    while text in another encoding is almost never valid UTF-8 by accident.
    """
    found = detect_bytes(data)
    declared = _CHARSET.search(data[:4096])
    if found.mark or found.name.startswith("utf") or declared is None:
        return found
    name = declared.group(1).decode("ascii").lower()
    name = "cp1252" if name in ("iso-8859-1", "latin1", "latin-1", "ascii", "us-ascii") else name
    try:
        data[:4096].decode(name, "replace")
    except (LookupError, ValueError):
        return found
    return found if name.startswith("utf") else Encoding(name, errors="replace")
