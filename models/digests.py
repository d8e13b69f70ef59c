"""Fingerprints of files."""

import hashlib
from pathlib import Path


def file_sha256(path: Path) -> str:
    """Sha256 of a file's content, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
