"""Which encoding a text file has, and its characters exactly as they stand.

Order of belief: a byte-order mark; strict UTF-8; UTF-16 and UTF-32 by the pattern of their zero
bytes; Windows-1252 where it makes plausible Western text; charset-normalizer for the rest. Knows
nothing about lines, markup or pieces.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from charset_normalizer import from_bytes

from index.errors import DamagedFileError

READ_BYTES = 1 << 20
_SAMPLE_BYTES = 1 << 16
# Bytes that no text holds: C0 controls other than backspace, tab, line feed, vertical tab, form
# feed, carriage return, substitute (end of file under DOS) and escape (coloured logs).
_CONTROLS = bytes(b for b in range(32) if b not in (8, 9, 10, 11, 12, 13, 26, 27))
_MAX_CONTROL_SHARE = 0.001
_MAX_BROKEN_SHARE = 0.05
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\0", "a SQLite database"),
)
_CANDIDATES = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("iso8859_2", "koi8_r", "gb18030", "big5", "cp932", "euc_jp", "euc_kr", "mac_roman"),
]
_CENTRAL = {"Polish", "Czech", "Slovak", "Hungarian", "Croatian", "Slovene", "Romanian"}
# In real Western text these never stand between two letters; in misread text they do.
_MISREAD = re.compile("[A-Za-zÀ-ÿ][¿¡³¹²¼½¾¤¦¨¬¯±¸\x80-\x9f][A-Za-zÀ-ÿ]")
_CYRILLIC = re.compile("[а-яё]")
_CYRILLIC_CAPITAL = re.compile("[А-ЯЁ]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to decode a file.

    Attributes:
        name: Python's name of the codec.
        mark: length of the byte-order mark, which is dropped.
        errors: "strict", or "replace" where a few broken bytes stand in good UTF-8.
        note: what a person should know about the choice, or "".
    """

    name: str
    mark: int = 0
    errors: str = "strict"
    note: str = ""


def decode_stream(file: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """The characters of a file from its beginning, in chunks, newlines untouched."""
    file.seek(encoding.mark)
    decoder = codecs.getincrementaldecoder(encoding.name)(encoding.errors)
    while chunk := file.read(READ_BYTES):
        yield decoder.decode(chunk)
    if rest := decoder.decode(b"", True):
        yield rest


def decode_bytes(data: bytes, encoding: Encoding) -> str:
    """All of `data` as text."""
    return data[encoding.mark :].decode(encoding.name, encoding.errors)


def detect(file: BinaryIO, path: Path) -> Encoding:
    """Choose the encoding by reading the file once in constant memory.

    Raises:
        DamagedFileError: the bytes are not text.
    """
    file.seek(0)
    sample = file.read(_SAMPLE_BYTES)
    wide = _by_mark(sample)
    if wide is None:
        _refuse_known_binary(sample, path)
        wide = _by_zeros(sample)
    if wide and wide.name != "utf-8":
        return wide
    facts = _survey(file, path)
    if facts.broken_at is None:
        return Encoding("utf-8", mark=wide.mark if wide else 0)
    if facts.broken <= _MAX_BROKEN_SHARE * facts.wide_characters:
        note = f"{facts.broken} broken characters in UTF-8 text are shown as \ufffd"
        return Encoding("utf-8", wide.mark if wide else 0, "replace", note)
    file.seek(max(0, facts.broken_at - _SAMPLE_BYTES // 2))
    name = _guess(file.read(_SAMPLE_BYTES))
    return Encoding(name, errors="replace", note=f"read as {name}")


def detect_bytes(data: bytes) -> Encoding:
    """The encoding of a short file already in memory, without the check for binary content."""
    if wide := _by_mark(data) or _by_zeros(data[:_SAMPLE_BYTES]):
        return wide
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        at = max(0, error.start - _SAMPLE_BYTES // 2)
        name = _guess(data[at : at + _SAMPLE_BYTES])
        return Encoding(name, errors="replace", note=f"read as {name}")
    return Encoding("utf-8")


@dataclass(slots=True)
class _Survey:
    """What one pass over the bytes found."""

    broken_at: int | None = None
    broken: int = 0
    wide_characters: int = 0


def _by_mark(sample: bytes) -> Encoding | None:
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return Encoding(name, mark=len(mark))
    return None


def _by_zeros(sample: bytes) -> Encoding | None:
    """UTF-16 or UTF-32 without a mark: ASCII characters leave zeros at fixed positions."""
    usable = len(sample) // 4 * 4
    if usable < 4:
        return None
    zeros = [sample[i:usable:4].count(0) / (usable // 4) for i in range(4)]
    high, low = 0.3, 0.02
    patterns = {
        "utf-32-le": zeros[0] < low and min(zeros[1:]) > high,
        "utf-32-be": zeros[3] < low and min(zeros[:3]) > high,
        "utf-16-le": max(zeros[0], zeros[2]) < low and min(zeros[1], zeros[3]) > high,
        "utf-16-be": max(zeros[1], zeros[3]) < low and min(zeros[0], zeros[2]) > high,
    }
    return next(
        (Encoding(name) for name, fits in patterns.items() if fits and _reads(sample, name)), None
    )


def _reads(sample: bytes, name: str) -> bool:
    """Whether the sample makes text: tables of small numbers have the same zeros."""
    text = sample[: len(sample) // 4 * 4].decode(name, "replace")
    n_odd = sum(not (c.isprintable() or c.isspace()) for c in text) + text.count("\ufffd")
    return n_odd <= 1 + len(text) // 100


def _refuse_known_binary(sample: bytes, path: Path) -> None:
    for signature, kind in _SIGNATURES:
        if sample.startswith(signature):
            raise DamagedFileError(
                f"{path.name}: its name says text, but its first bytes are those of {kind}; "
                "give it the right ending, or leave it out"
            )


def _survey(file: BinaryIO, path: Path) -> _Survey:
    """Find broken UTF-8 and refuse binary content."""
    facts = _Survey()
    decoder = codecs.getincrementaldecoder("utf-8")()
    n_bytes = n_zeros = n_controls = 0
    file.seek(0)
    while chunk := file.read(READ_BYTES):
        n_zeros += chunk.count(0)
        n_controls += len(chunk) - len(chunk.translate(None, _CONTROLS))
        if facts.broken_at is None and not _is_valid(decoder, chunk):
            facts.broken_at = n_bytes
        n_bytes += len(chunk)
    if facts.broken_at is None and not _is_valid(decoder, b"", final=True):
        facts.broken_at = n_bytes
    if n_zeros > 1 + n_bytes // 100_000 or n_controls > 2 + _MAX_CONTROL_SHARE * n_bytes:
        raise DamagedFileError(
            f"{path.name}: not a text file ({n_zeros} zero bytes and {n_controls} control "
            f"characters in {n_bytes} bytes); leave it out, or convert it to text"
        )
    if facts.broken_at is not None:
        for text in decode_stream(file, Encoding("utf-8", errors="replace")):
            facts.broken += text.count("\ufffd")
            facts.wide_characters += len(text) - len(text.encode("ascii", "ignore"))
    return facts


def _is_valid(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    """Whether UTF-8 goes on being valid; plain ASCII is not decoded at all."""
    if chunk.isascii() and not final and decoder.getstate()[0] == b"":
        return True
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _guess(sample: bytes) -> str:
    """A legacy encoding for bytes that are not UTF-8."""
    best = from_bytes(sample, cp_isolation=_CANDIDATES).best()
    if _is_western(sample) and (best is None or best.language not in _CENTRAL):
        return "cp1252" if _decodes(sample, "cp1252") else "latin-1"
    if _decodes(sample, "koi8_r") and _is_russian(sample.decode("koi8_r")):
        return "koi8_r"
    return best.encoding if best is not None else "latin-1"


def _is_western(sample: bytes) -> bool:
    """Whether Windows-1252 gives plausible text: few accents, none in odd places."""
    text = sample.decode("cp1252", "replace")
    n_letters = sum(map(text.count, "aeiounrst")) * 1.6 + 1
    n_wide = len(text) - len(text.encode("ascii", "ignore"))
    return n_wide / n_letters < 0.3 and not _MISREAD.search(text) and "\ufffd" not in text


def _is_russian(text: str) -> bool:
    """KOI8-R read rightly has far more small than capital letters; read wrongly, the reverse."""
    small, capital = len(_CYRILLIC.findall(text)), len(_CYRILLIC_CAPITAL.findall(text))
    return small > 4 * capital and small > 0.4 * len(text)


def _decodes(sample: bytes, name: str) -> bool:
    try:
        sample.decode(name)
    except UnicodeDecodeError:
        return False
    return True
