import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from index.errors import DamagedFileError, EmptyFileError, EncryptedError, NoTextError
from index.loaders import load
from index.types import LoadedText


def one(path: Path) -> LoadedText:
    (loaded,) = load(path)
    return loaded


def hinted(loaded: LoadedText, kind: str) -> list[str]:
    return [loaded.text[h.start : h.end] for h in loaded.hints if h.kind == kind]


@pytest.fixture
def memo(tmp_path: Path) -> Path:
    document = docx.Document()
    document.core_properties.title = "Nets and knots"
    document.core_properties.author = "python-docx"
    document.add_paragraph("Nets and knots", style="Title")
    document.add_heading("Stock", level=2)
    document.add_paragraph("We have forty nets.")
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip(table._cells, ("Net", "Metres", "Drift", "120"), strict=True):
        cell.text = words
    document.add_paragraph("A knot", style="List Bullet")
    tail = document.add_paragraph("Added ")
    tail._p.append(parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>and inserted</w:t></w:r></w:ins>"))
    tail._p.append(
        parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>gone</w:delText></w:r></w:del>")
    )
    control = parse_xml(
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>In a control</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt>"
    )
    tail._p.addnext(control)
    document.sections[0].header.paragraphs[0].text = "Harbour office"
    document.sections[0].footer.paragraphs[0].text = "Memo 7"
    path = tmp_path / "memo.docx"
    document.save(str(path))
    return path


def test_body_in_order_with_all_visible_text(memo: Path) -> None:
    assert one(memo).text.split("\n\n") == [
        "Nets and knots",
        "Stock",
        "We have forty nets.",
        "Net | Metres\nDrift | 120",
        "A knot",
        "Added and inserted",
        "In a control",
        "Harbour office",
        "Memo 7",
    ]


def test_hints_and_places(memo: Path) -> None:
    loaded = one(memo)
    assert hinted(loaded, "heading") == ["Stock"]
    assert set(hinted(loaded, "title")) == {"Nets and knots"}
    assert hinted(loaded, "list item") == ["A knot"]
    assert hinted(loaded, "table") == ["Net | Metres\nDrift | 120"]
    assert hinted(loaded, "header") == ["Harbour office"]
    assert hinted(loaded, "footer") == ["Memo 7"]
    assert hinted(loaded, "author") == []
    places = {loaded.text[s.start : s.end]: s.locator.as_json() for s in loaded.sources}
    assert places["We have forty nets."] == {"paragraph": 3}
    assert places["Net | Metres\nDrift | 120"] == {"table": 1}


def test_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"")
    with pytest.raises(EmptyFileError):
        one(path)
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(DamagedFileError, match="damaged"):
        one(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no document")
    with pytest.raises(DamagedFileError):
        one(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(EncryptedError):
        one(path)
    docx.Document().save(str(path))
    with pytest.raises(NoTextError):
        one(path)
