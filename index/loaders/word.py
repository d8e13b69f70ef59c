"""DOCX: paragraphs and tables in the order of the body, then notes, headers and footers.

All visible text is kept, also where it stands in content controls, text boxes and tracked
insertions, which python-docx's own `paragraph.text` leaves out.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from index.errors import DamagedFileError, EncryptedError, NoTextError
from index.loaders.plain import open_checked
from index.types import Hint, LoadedText, Locator, SourceRange

MAX_UNPACKED_BYTES = 500_000_000
_TEXTBOX, _FALLBACK = (
    qn("w:txbxContent"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
)
_SKIPPED = {_TEXTBOX, _FALLBACK, qn("w:moveFrom"), qn("w:del"), qn("w:instrText")}
_CHARACTERS = {
    **{qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n"},
    **{qn("w:noBreakHyphen"): "-", qn("w:softHyphen"): "\u00ad"},
}
_NOTE_KINDS = ("footnotes", "endnotes")


def load_word(path: Path, *, resume_at: int = 0) -> Iterator[LoadedText]:
    """The text of a DOCX file, in one piece.

    Raises:
        LoadError: the file is empty, damaged, encrypted, or holds no text.
    """
    document = _open(path)
    writer = _Writer(_style_names(document))
    writer.body(document.element.body)
    writer.notes(document)
    writer.edges(document)
    loaded = writer.loaded(document.core_properties)
    if not loaded.text.strip():
        raise NoTextError(f"{path.name} holds no text (pictures only, or empty); leave it out")
    if resume_at < len(loaded.text):
        yield loaded


def _open(path: Path) -> Any:
    with open_checked(path) as file:
        if file.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            raise EncryptedError(
                f"{path.name} is encrypted, or an old .doc file under a new name; "
                "save it as .docx without a password"
            )
        try:
            with zipfile.ZipFile(file) as archive:
                n_bytes = sum(entry.file_size for entry in archive.infolist())
            if n_bytes > MAX_UNPACKED_BYTES:
                raise DamagedFileError(
                    f"{path.name} unpacks to {n_bytes:,} bytes, more than the "
                    f"{MAX_UNPACKED_BYTES:,} that are read; remove its pictures"
                )
            file.seek(0)
            return docx.Document(file)
        except (
            zipfile.BadZipFile,
            PackageNotFoundError,
            KeyError,
            ValueError,
            SyntaxError,
        ) as error:
            raise DamagedFileError(
                f"{path.name} is damaged or no DOCX file ({error}); "
                "open it in a word processor and save it again"
            ) from error


def _style_names(document: Any) -> dict[str, str]:
    return {style.style_id: (style.name or "") for style in document.styles}


class _Writer:
    """Puts the text together and remembers where each part came from."""

    def __init__(self, style_names: dict[str, str]) -> None:
        self._style_names = style_names
        self._parts: list[str] = []
        self._length = 0
        self._paragraph = 0
        self._table = 0
        self._sources: list[SourceRange] = []
        self._hints: list[Hint] = []

    def body(self, container: Any) -> None:
        """Paragraphs, tables and what content controls hold, in order."""
        for element in container.iterchildren():
            if element.tag == qn("w:p"):
                self._paragraph += 1
                self._add_paragraph(element, Locator(paragraph=self._paragraph))
                for box in _textboxes(element):
                    self.body(box)
            elif element.tag == qn("w:tbl"):
                self._table += 1
                self._add_table(element, Locator(table=self._table))
            elif element.tag == qn("w:sdt"):
                for content in element.iterchildren(qn("w:sdtContent")):
                    self.body(content)

    def notes(self, document: Any) -> None:
        """Footnotes and endnotes, which python-docx does not know."""
        for relation in document.part.rels.values():
            if relation.is_external or not relation.reltype.endswith(_NOTE_KINDS):
                continue
            for note in parse_xml(relation.target_part.blob).iterchildren():
                if note.get(qn("w:type")) in (None, "normal"):
                    for paragraph in note.iter(qn("w:p")):
                        self._add(_text(paragraph), Locator(), "\n")

    def edges(self, document: Any) -> None:
        """Headers and footers, each text once."""
        seen: set[str] = set()
        for section in document.sections:
            for kind, part in (("header", section.header), ("footer", section.footer)):
                if part.is_linked_to_previous:
                    continue
                for paragraph in part._element.iter(qn("w:p")):
                    text = _text(paragraph)
                    if text.strip() and text not in seen:
                        seen.add(text)
                        start, end = self._add(text, Locator(), "\n\n")
                        self._hints.append(Hint(start, end, kind))

    def loaded(self, properties: Any) -> LoadedText:
        """The whole text; properties become hints where the text holds their words."""
        text = "".join(self._parts)
        for kind, value in (("title", properties.title), ("author", properties.author)):
            at = text.find(value) if value else -1
            if at >= 0:
                self._hints.append(Hint(at, at + len(value), kind, value=value))
        hints = sorted(self._hints, key=lambda hint: (hint.start, -hint.end))
        return LoadedText(text, tuple(self._sources), tuple(hints))

    def _add(self, text: str, locator: Locator, separator: str) -> tuple[int, int]:
        text = text.strip()
        if not text:
            return self._length, self._length
        if self._parts:
            self._write(separator)
        start = self._length
        self._write(text)
        if locator != Locator():
            self._sources.append(SourceRange(start, self._length, locator))
        return start, self._length

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def _add_paragraph(self, element: Any, locator: Locator) -> None:
        start, end = self._add(_text(element), locator, "\n\n")
        if end == start:
            return
        kind, level = self._meaning(element)
        self._hints.append(Hint(start, end, kind, level))

    def _meaning(self, element: Any) -> tuple[str, int]:
        properties = element.find(qn("w:pPr"))
        style = properties.find(qn("w:pStyle")) if properties is not None else None
        name = self._style_names.get(style.get(qn("w:val")), "") if style is not None else ""
        name = name.lower()
        if name == "title":
            return "title", 0
        if name.startswith("heading"):
            digits = "".join(filter(str.isdigit, name))
            return "heading", int(digits[:1] or 1)
        if "quote" in name:
            return "quote", 0
        numbered = properties is not None and properties.find(qn("w:numPr")) is not None
        return ("list item" if numbered or name.startswith("list") else "paragraph"), 0

    def _add_table(self, table: Any, locator: Locator) -> None:
        rows = []
        for row in table.iter(qn("w:tr")):
            if next(row.iterancestors(qn("w:tbl"))) is not table:
                continue  # a table within a cell is part of that cell's text
            cells = [
                " ".join(_text(p) for p in cell.iter(qn("w:p")))
                for cell in row.iter(qn("w:tc"))
                if next(cell.iterancestors(qn("w:tr"))) is row
            ]
            rows.append(" | ".join(" ".join(cell.split()) for cell in cells))
        start, end = self._add("\n".join(rows), locator, "\n\n")
        if end > start:
            self._hints.append(Hint(start, end, "table"))


def _text(paragraph: Any) -> str:
    """Visible text of a paragraph, without text boxes, deletions and field codes."""
    parts: list[str] = []
    pending = [paragraph]
    while pending:
        element = pending.pop()
        if element.tag == qn("w:t"):
            parts.append(element.text or "")
        elif element.tag in _CHARACTERS and element.getparent().tag == qn("w:r"):
            parts.append(_CHARACTERS[element.tag])
        elif element.tag not in _SKIPPED:
            pending.extend(reversed(element))
    return "".join(parts)


def _textboxes(paragraph: Any) -> Iterator[Any]:
    for box in paragraph.iter(_TEXTBOX):
        if not any(outer.tag in (_TEXTBOX, _FALLBACK) for outer in box.iterancestors()):
            yield box
