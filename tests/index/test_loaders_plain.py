import codecs
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import (
    DamagedFileError,
    EmptyFileError,
    LoadError,
    UnsupportedError,
    VanishedError,
)
from index.loaders import SUPPORTED_SUFFIXES, load, plain

PROSE = "The harbour froze early. Nobody minded, except the ferry — “our ferry”.\n\nSpring came."


def write(folder: Path, data: bytes, name: str = "a.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def only(path: Path) -> str:
    (loaded,) = load(path)
    return loaded.text


def test_suffixes_are_known() -> None:
    assert {".txt", ".md", ".html", ".htm", ".pdf", ".docx"} <= SUPPORTED_SUFFIXES


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_newlines_are_kept(tmp_path: Path, newline: str) -> None:
    text = f"one{newline}{newline}two{newline}"
    assert only(write(tmp_path, text.encode())) == text


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (b"", "utf-32-le"),
    ],
)
def test_unicode_encodings(tmp_path: Path, mark: bytes, encoding: str) -> None:
    assert only(write(tmp_path, mark + PROSE.encode(encoding))) == PROSE


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("The minister said “no” — it’s too late.", "cp1252"),
        ("Größe und Maß für über zwanzig Äpfel", "latin-1"),
        ("Le café a été fermé à Noël ; où sont les élèves ?", "latin-1"),
        ("Zażółć gęślą jaźń. Wszyscy ludzie rodzą się wolni i równi w godności", "cp1250"),
        ("中国举办第三届人工智能能力建设研讨会，地点在上海。", "gb18030"),
        ("人工知能の競争は激しくなっています。日本の企業も参加している。", "shift_jis"),
        ("Россия и Китай подписали соглашение о сотрудничестве в области науки.", "cp1251"),
        ("Россия и Китай подписали соглашение о сотрудничестве в области науки.", "koi8-r"),
    ],
)
def test_older_encodings(tmp_path: Path, text: str, encoding: str) -> None:
    (loaded,) = load(write(tmp_path, text.encode(encoding)))
    assert loaded.text == text
    assert "read as" in loaded.notes[0]


def test_few_broken_bytes_do_not_spoil_utf8(tmp_path: Path) -> None:
    text = "Ein schöner Tag über den Dächern. " * 30
    (loaded,) = load(write(tmp_path, text.encode() + b"\xff end"))
    assert loaded.text == text + "\ufffd end"
    assert "1 broken character" in loaded.notes[0]


def test_a_replacement_character_in_the_source_is_no_damage(tmp_path: Path) -> None:
    (loaded,) = load(write(tmp_path, "lost \ufffd found".encode()))
    assert loaded.text == "lost \ufffd found"
    assert loaded.notes == ()


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 40,
        b"%PDF-1.7\n" + b"text" * 100,
        b"PK\x03\x04" + b"\x14\x00" * 200,
        b"\x89PNG\r\n\x1a\n" + b"\0\1\2\3" * 300,
    ],
)
def test_binary_named_txt_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DamagedFileError, match=r"a\.txt"):
        list(load(write(tmp_path, data)))


@pytest.mark.parametrize("data", [b"", b" \r\n\t \n", codecs.BOM_UTF8])
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_empty_is_refused(tmp_path: Path, data: bytes, name: str) -> None:
    with pytest.raises(EmptyFileError, match="is empty"):
        list(load(write(tmp_path, data, name)))


def test_unknown_kind_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"\.xyz.*reads \.docx"):
        list(load(write(tmp_path, b"a", "a.xyz")))
    with pytest.raises(VanishedError, match="no longer there"):
        list(load(tmp_path / "gone.txt"))
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(LoadError, match="folder"):
        list(load(tmp_path / "folder.txt"))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    path = write(tmp_path, b"secret")
    path.chmod(0)
    with pytest.raises(LoadError, match="Permission denied"):
        list(load(path))


def test_lines_are_located(tmp_path: Path) -> None:
    (loaded,) = load(write(tmp_path, b"first\r\n\r\nthird\rfourth\n"))
    found = [(loaded.text[s.start : s.end], s.locator.line) for s in loaded.sources]
    assert found == [("first", 1), ("third", 3), ("fourth", 4)]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "LARGE_BYTES", 100)
    monkeypatch.setattr(plain, "PIECE_CHARACTERS", 60)
    monkeypatch.setattr("index.loaders.decoding.READ_BYTES", 37)


@pytest.mark.usefixtures("small_pieces")
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(st.text(alphabet="ab é文\U0001f600.\r\n ", min_size=101, max_size=600))
def test_pieces_are_the_text_and_resume_alike(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text.encode())
    if path.stat().st_size <= 100 or not text.strip():
        return
    pieces = list(load(path))
    assert "".join(piece.text for piece in pieces) == text
    assert all(len(piece.text) <= 60 for piece in pieces)
    for i, piece in enumerate(pieces):
        assert piece.text == text[piece.start : piece.start + len(piece.text)]
        assert list(load(path, resume_at=piece.start)) == pieces[i:]
    assert list(load(path, resume_at=len(text))) == []


@pytest.mark.usefixtures("small_pieces")
def test_pieces_end_at_blank_lines_and_know_their_lines(tmp_path: Path) -> None:
    text = "".join(f"Paragraph {i} holds words.\n\n" for i in range(20))
    pieces = list(load(write(tmp_path, text.encode())))
    assert all(piece.text.endswith("\n\n") for piece in pieces)
    for piece in pieces:
        for source in piece.sources:
            words = piece.text[source.start : source.end].strip()
            assert source.locator.line == 1 + text[: text.index(words)].count("\n")


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("change", ["remove", "edit"])
def test_a_file_that_changes_while_read(tmp_path: Path, change: str) -> None:
    path = write(tmp_path, b"Some words. " * 50)
    pieces = load(path)
    next(pieces)
    if change == "remove":
        path.unlink()
    else:
        path.write_bytes(b"Other words.")
    with pytest.raises(VanishedError, match="while it was being read"):
        list(pieces)


def test_a_large_file_comes_in_pieces_of_a_million(tmp_path: Path) -> None:
    paragraph = "Every paragraph of this file is the same length. " * 20 + "\n\n"
    text = paragraph * (4_400_000 // len(paragraph))
    starts = [piece.start for piece in load(write(tmp_path, text.encode()))]
    sizes = [b - a for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    assert len(starts) == 5
    assert all(900_000 < size <= 1_000_000 for size in sizes[:-1])
