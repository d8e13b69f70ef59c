import hashlib
from pathlib import Path

import pytest

from index.errors import DamagedFileError, EmptyFileError, EncryptedError, NoTextError
from index.loaders import load
from index.types import LoadedText

Line = tuple[int, int, int, str]  # x, y, size, words
PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def encryption(password: bytes) -> bytes:
    """The standard handler's dictionary (revision 2, 40 bits)."""
    padded = (password + PAD)[:32]
    owner = rc4(hashlib.md5(padded).digest()[:5], padded)
    key = hashlib.md5(padded + owner + b"\xfc\xff\xff\xff" + b"0" * 16).digest()[:5]
    user = rc4(key, PAD)
    return b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >>" % (
        owner.hex().encode(),
        user.hex().encode(),
    )


def pdf(pages: list[list[Line]], *, password: bytes = b"") -> bytes:
    objects = [b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    parent = 2 + 2 * len(pages)
    kids = []
    for lines in pages:
        stream = b"BT\n"
        for x, y, size, words in lines:
            escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            stream += b"/F1 %d Tf 1 0 0 1 %d %d Tm (%s) Tj\n" % (
                *(size, x, y),
                escaped.encode("cp1252"),
            )
        stream += b"ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 1 0 R >> >> >>" % (parent, len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects.append(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids)))
    objects.append(b"<< /Type /Catalog /Pages %d 0 R >>" % parent)
    trailer = b"/Size %d /Root %d 0 R" % (len(objects) + 1, len(objects))
    if password:
        trailer += b" /Encrypt %s /ID [<%s> <%s>]" % (
            *(encryption(password), (b"0" * 16).hex().encode()),
            (b"0" * 16).hex().encode(),
        )
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    xref = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + xref + b"trailer << %s >>\nstartxref\n%d\n%%%%EOF" % (trailer, len(out))


def one(folder: Path, data: bytes) -> LoadedText:
    path = folder / "a.pdf"
    path.write_bytes(data)
    (loaded,) = load(path)
    return loaded


def words_of(loaded: LoadedText, kind: str) -> list[str]:
    return [loaded.text[h.start : h.end] for h in loaded.hints if h.kind == kind]


def test_pages_lines_and_boxes(tmp_path: Path) -> None:
    loaded = one(
        tmp_path,
        pdf([[(72, 700, 11, "First page, (one) line é."), (72, 686, 11, "Below it.")],
             [(72, 700, 11, "Second page.")]]),
    )  # fmt: skip
    assert loaded.text == "First page, (one) line é.\nBelow it.\n\nSecond page."
    located = [(loaded.text[s.start : s.end], s.locator.page) for s in loaded.sources]
    assert located == [("First page, (one) line é.", 1), ("Below it.", 1), ("Second page.", 2)]
    box = loaded.sources[0].locator.box
    assert box is not None
    left, bottom, right, top = box
    assert 70 < left < 75 < right < 250
    assert 695 < bottom < 702 < top < 712


def test_hyphens_at_line_ends_are_kept(tmp_path: Path) -> None:
    loaded = one(tmp_path, pdf([[(72, 700, 11, "A long exam-"), (72, 686, 11, "ple of words.")]]))
    assert loaded.text == "A long exam-\nple of words."
    for source in loaded.sources:
        assert "\n" not in loaded.text[source.start : source.end]


def test_gaps_part_paragraphs_and_full_lines_join(tmp_path: Path) -> None:
    full = "This line of the text goes on to the right edge of the column it"
    page = [
        (72, 760, 18, "A large heading"),
        (72, 720, 11, full),
        (72, 706, 11, "stands in, and 2024"),
        (72, 660, 11, full),
        (72, 646, 11, "is another."),
    ]
    loaded = one(tmp_path, pdf([page]))
    assert loaded.text.split("\n\n") == [
        "A large heading",
        f"{full}\nstands in, and 2024",
        f"{full}\nis another.",
    ]
    assert words_of(loaded, "heading") == ["A large heading"]
    assert words_of(loaded, "paragraph") == loaded.text.split("\n\n")[1:]


def test_running_headers_and_page_numbers(tmp_path: Path) -> None:
    pages = [
        [(72, 800, 9, "The Quay Report"), (72, 700, 11, f"Text number {n} is here."),
         (72, 680, 11, "It differs" + "!" * n), (72, 660, 11, "More" + "?" * n),
         (72, 640, 11, "And more" + "." * n), (300, 30, 9, f"Page {n}")]
        for n in range(1, 5)
    ]  # fmt: skip
    loaded = one(tmp_path, pdf(pages))
    assert words_of(loaded, "header") == ["The Quay Report"] * 4
    assert words_of(loaded, "footer") == [f"Page {n}" for n in range(1, 5)]


def test_rows_of_a_table_keep_their_cells(tmp_path: Path) -> None:
    rows = [("Port", "Boats"), ("East Quay", "12"), ("West", "7")]
    page = [(72, 760, 11, "1."), (110, 760, 11, "Harbours of the coast")]
    for i, cells in enumerate(rows):
        page += [(72 + 150 * k, 700 - 14 * i, 11, words) for k, words in enumerate(cells)]
    loaded = one(tmp_path, pdf([page]))
    assert loaded.text.startswith("1. Harbours of the coast\n")
    assert words_of(loaded, "table") == ["Port | Boats\nEast Quay | 12\nWest | 7"]


def test_a_page_without_text_is_noted(tmp_path: Path) -> None:
    loaded = one(tmp_path, pdf([[(72, 700, 11, "Words.")], []]))
    assert loaded.notes == ("1 of 2 pages have no text layer and were not read",)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EmptyFileError, match="0 bytes"):
        one(tmp_path, b"")
    with pytest.raises(DamagedFileError, match="not a PDF"):
        one(tmp_path, b"plain words")
    with pytest.raises(DamagedFileError, match="damaged"):
        one(tmp_path, b"%PDF-1.4 nothing more")
    with pytest.raises(DamagedFileError, match="damaged"):
        one(tmp_path, pdf([[(72, 700, 11, "Words.")]])[:200])
    with pytest.raises(NoTextError, match=r"no text layer.*OCR"):
        one(tmp_path, pdf([[], []]))
    with pytest.raises(EncryptedError, match="password"):
        one(tmp_path, pdf([[(72, 700, 11, "Words.")]], password=b"secret"))
