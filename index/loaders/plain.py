"""Plain text, kept exactly: no newline is translated, only a byte-order mark is dropped.

A large file comes in pieces, cut where a reader would pause, in constant memory. A piece depends
on nothing but the text from its own start, so that reading may be resumed at the end of any piece.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from index.errors import EmptyFileError, LoadError, VanishedError
from index.loaders.decoding import Encoding, decode_bytes, decode_stream, detect
from index.types import LoadedText, Locator, SourceRange

LARGE_BYTES = 4_000_000
PIECE_CHARACTERS = 1_000_000
# One locator for about this much text of a large file; smaller files have one for each line.
_COARSE_CHARACTERS = 1_000
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SPACE = re.compile(r"\s")


def load_plain(path: Path, *, resume_at: int = 0) -> Iterator[LoadedText]:
    """The text of a file, in one piece or, from 4 MB on, in pieces of about a million characters.

    Args:
        path: the file.
        resume_at: the end of an earlier piece; reading goes on from there.

    Yields:
        Pieces in order; they are the same as in a run from the beginning.

    Raises:
        LoadError: the file is empty, binary, unreadable, or changed while it was being read.
    """
    with open_checked(path) as file:
        before = os.fstat(file.fileno())
        encoding = detect(file, path)
        notes = (encoding.note,) if encoding.note else ()
        if before.st_size <= LARGE_BYTES:
            file.seek(0)
            pieces = _rest_of(decode_bytes(file.read(), encoding), resume_at)
        else:
            pieces = _pieces(file, encoding, resume_at)
        any_text = resume_at > 0
        for piece in pieces:
            _check_unchanged(path, file, before)
            any_text = any_text or bool(piece.text.strip())
            yield replace(piece, notes=notes)
    if not any_text:
        raise EmptyFileError(f"{path.name} is empty: it holds white space only; leave it out")


@contextmanager
def open_checked(path: Path) -> Iterator[BinaryIO]:
    """Open a file that is there and not empty; the system's errors become a `LoadError`."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                raise EmptyFileError(f"{path.name} is empty (0 bytes); leave it out")
            yield file
    except FileNotFoundError as error:
        raise VanishedError(
            f"{path.name} is no longer there; add it again from where it is now"
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise LoadError(
            f"{path.name} cannot be read ({reason}); check that it is a file you may open"
        ) from error


def line_sources(
    text: str, *, coarse: bool = False, first_line: int = 1
) -> tuple[SourceRange, ...]:
    """One locator for each line that is not empty, or for each paragraph of a large text."""
    found: list[SourceRange] = []
    start, line, pending = 0, first_line, first_line
    for match in chain(_LINE_END.finditer(text), (None,)):
        end, after = (match.start(), match.end()) if match else (len(text), len(text))
        line += 1
        is_blank_next = match is None or text[after : after + 1] in ("\n", "\r")
        begun = end > start and not (coarse and text[start:end].isspace())
        if coarse and begun and not is_blank_next and end - start < _COARSE_CHARACTERS:
            continue
        if end > start and not text[start:end].isspace():
            found.append(SourceRange(start, end, Locator(line=pending)))
        start, pending = after, line
    return tuple(found)


def _rest_of(text: str, resume_at: int) -> Iterator[LoadedText]:
    if resume_at == 0 or resume_at < len(text):
        rest = text[resume_at:]
        first_line = 1 + _count_lines(text[:resume_at])
        yield LoadedText(rest, line_sources(rest, first_line=first_line), start=resume_at)


def _pieces(file: BinaryIO, encoding: Encoding, resume_at: int) -> Iterator[LoadedText]:
    start, line, buffer = 0, 1, ""
    to_skip = resume_at
    for chunk in decode_stream(file, encoding):
        buffer += chunk
        if to_skip:
            skipped = buffer[:to_skip]
            if skipped.endswith("\r") and len(skipped) < to_skip:
                skipped = skipped[:-1]  # its line feed may come with the next chunk
            line += _count_lines(skipped)
            start, to_skip = start + len(skipped), to_skip - len(skipped)
            buffer = buffer[len(skipped) :]
        while not to_skip and len(buffer) > PIECE_CHARACTERS:
            cut = _cut_at(buffer)
            yield _piece(buffer[:cut], start, line)
            start, line = start + cut, line + _count_lines(buffer[:cut])
            buffer = buffer[cut:]
    if buffer and not to_skip:
        yield _piece(buffer, start, line)


def _piece(text: str, start: int, line: int) -> LoadedText:
    return LoadedText(text, line_sources(text, coarse=True, first_line=line), start=start)


def _cut_at(buffer: str) -> int:
    """Where to end a piece: the last blank line, else line end, else white space, else anywhere."""
    earliest = PIECE_CHARACTERS // 2
    window = buffer[earliest:PIECE_CHARACTERS]
    for pattern in (_BLANK_LINE, _LINE_END, _SPACE):
        ends = [match.end() for match in pattern.finditer(window)]
        if ends:
            end = earliest + ends[-1]
            # A carriage return at the very edge may belong to a line feed behind it.
            return end - 1 if buffer[end - 1] == "\r" and end == PIECE_CHARACTERS else end
    return PIECE_CHARACTERS


def _count_lines(text: str) -> int:
    """Line ends, with a carriage return and its line feed counted once."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _check_unchanged(path: Path, file: BinaryIO, before: os.stat_result) -> None:
    """A file replaced, removed or edited under the reader would give text of two versions."""
    now = os.fstat(file.fileno())
    try:
        there = path.stat()
    except FileNotFoundError as error:
        raise VanishedError(
            f"{path.name} was removed while it was being read; add it again when it is back"
        ) from error
    versions = {(s.st_size, s.st_mtime_ns, s.st_ino) for s in (before, now, there)}
    if len(versions) > 1:
        raise VanishedError(
            f"{path.name} was changed while it was being read (from {before.st_size} to "
            f"{there.st_size} bytes); add it again when nothing writes to it"
        )
