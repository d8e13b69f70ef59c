"""Rows of the library's tables as the nouns of `index.types`, and back."""

import json
import zlib
from collections.abc import Sequence
from typing import Any

from index.types import Document, LoadedText, Locator, Passage, Role, SourceRange

DOCUMENT_COLUMNS = (
    "id, path, title, sha256, n_chars, date, date_start, date_end, title_start, title_end, status"
)
PASSAGE_COLUMNS = (
    "id, document_id, start, end, text, breadcrumb, role, section, speaker, speaker_start, "
    "speaker_end, date, n_tokens"
)


def document_of(row: Sequence[object]) -> Document:
    """A document from its `DOCUMENT_COLUMNS`."""
    (ident, path, title, sha256, n_chars, date, date_start, date_end, *rest) = row
    title_start, title_end, status = rest
    return Document(
        id=int(str(ident)),
        path=str(path),
        title=str(title),
        sha256=str(sha256),
        n_chars=int(str(n_chars)),
        date=None if date is None else str(date),
        date_span=_span(date_start, date_end),
        title_span=_span(title_start, title_end),
        status=str(status),
    )


def passage_of(row: Sequence[object]) -> Passage:
    """A passage from its `PASSAGE_COLUMNS`."""
    values = dict(zip(PASSAGE_COLUMNS.split(", "), row, strict=True))
    speaker_span = _span(values.pop("speaker_start"), values.pop("speaker_end"))
    role = Role(str(values.pop("role")))
    return Passage(**values, role=role, speaker_span=speaker_span)  # type: ignore[arg-type]


def passage_row(ident: int, document_id: int, p: Passage) -> tuple[object, ...]:
    """The `PASSAGE_COLUMNS` of a passage under the ids the store gives it."""
    speaker_start, speaker_end = p.speaker_span or (None, None)
    return (
        *(ident, document_id, p.start, p.end, p.text, p.breadcrumb, p.role, p.section),
        *(p.speaker, speaker_start, speaker_end, p.date, p.n_tokens),
    )


def _span(start: object, end: object) -> tuple[int, int] | None:
    return None if start is None or end is None else (int(str(start)), int(str(end)))


def pack_sources(loaded: LoadedText) -> bytes:
    """A piece's source map, compressed; offsets count from the piece's own start."""
    rows = [(source.start, source.end, source.locator.as_json()) for source in loaded.sources]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode())


def unpack_sources(packed: bytes) -> tuple[SourceRange, ...]:
    """The source map that `pack_sources` made."""
    return tuple(
        SourceRange(start, end, _locator(parts))
        for start, end, parts in json.loads(zlib.decompress(packed))
    )


def _locator(parts: dict[str, Any]) -> Locator:
    box = parts.get("box")
    return Locator(**{**parts, "box": tuple(box) if box else None})


def find_locator(packed: bytes, start: int, end: int) -> Locator | None:
    """The first range's locator; boxes of ranges on the same page are joined.

    Args:
        packed: from `pack_sources`.
        start: first character, counted from the piece's start.
        end: one past the last.
    """
    rows = json.loads(zlib.decompress(packed))
    touched = [row[2] for row in rows if row[0] < end and row[1] > start]
    if not touched:
        return None
    first = dict(touched[0])
    boxes = [p["box"] for p in touched if p.get("box") and p.get("page") == first.get("page")]
    if boxes:
        first["box"] = (
            *(min(box[0] for box in boxes), min(box[1] for box in boxes)),
            *(max(box[2] for box in boxes), max(box[3] for box in boxes)),
        )
    return Locator(**first)
