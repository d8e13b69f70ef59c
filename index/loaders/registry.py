"""Which loader reads which kind of file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from index.errors import LoadError, UnsupportedError
from index.loaders.markdown import load_markdown
from index.loaders.pdf import load_pdf
from index.loaders.plain import load_plain
from index.loaders.webpage import load_webpage
from index.loaders.word import load_word
from index.types import LoadedText


class Loader(Protocol):
    """Reads one kind of file."""

    def __call__(self, path: Path, *, resume_at: int = 0) -> Iterator[LoadedText]:
        """Yield the text from `resume_at`, the end of an earlier piece, on."""


_LOADERS: dict[str, Loader] = {
    **dict.fromkeys((".txt", ".text", ".log", ".rst"), load_plain),
    **dict.fromkeys((".md", ".markdown"), load_markdown),
    **dict.fromkeys((".html", ".htm"), load_webpage),
    ".pdf": load_pdf,
    ".docx": load_word,
}
SUPPORTED_SUFFIXES = frozenset(_LOADERS)
"""Endings of the files that can be read, in lower case with their dot."""


def load(path: Path, *, resume_at: int = 0) -> Iterator[LoadedText]:
    """Read a file by its kind.

    Args:
        path: a file whose ending is one of `SUPPORTED_SUFFIXES`.
        resume_at: end of the last piece that is already known, in characters; 0 for all.

    Yields:
        One text; several pieces, in order, for a plain text of more than 4 MB.

    Raises:
        LoadError: the file cannot be read; the message says why and what to do.
    """
    loader = _LOADERS.get(path.suffix.lower())
    if loader is None:
        known = ", ".join(sorted(SUPPORTED_SUFFIXES))
        ending = f"files ending in {path.suffix}" if path.suffix else "files without an ending"
        raise UnsupportedError(f"{path.name}: {ending} are not read; Footnote reads {known}")
    if path.is_dir():
        raise LoadError(f"{path.name} is a folder; give the files in it")
    yield from loader(path, resume_at=resume_at)
