"""Fingerprints of files."""

import hashlib
from pathlib import Path

from models.cache import model_cache_dir


def file_sha256(path: Path) -> str:
    """Sha256 of a file's content, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def known_sha256(path: Path, *, cache_dir: Path | None = None) -> str | None:
    """Sha256 of a model file, remembered by path, size and time of change; None where it cannot be read.

    The first time costs as long as reading the file.

    Args:
        path: the file.
        cache_dir: where it is remembered; by default `model_cache_dir()`.
    """
    from models.packaged import read_memory, write_memory  # which stands on this module

    memory = (cache_dir or model_cache_dir()) / "digests.json"
    known = read_memory(memory)
    try:
        stat = path.stat()
        mark = [stat.st_size, stat.st_mtime_ns]
        entry = known.get(str(path))
        if isinstance(entry, list) and entry[:2] == mark and isinstance(entry[-1], str):
            return entry[-1]
        found = file_sha256(path)
    except OSError:
        return None
    write_memory(memory, known | {str(path): [*mark, found]})
    return found
