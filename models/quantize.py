"""The starter generator in a form that this machine's llama.cpp computes fast.

The packaged file is Q4_1, for which llama.cpp has no fast kernel. llama.cpp's own quantiser turns
it into Q8_0 or Q4_0, once, into the model cache. Nothing here knows what the model is used for.
"""

import contextlib
import ctypes
import fcntl
import importlib.metadata
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from models.digests import file_sha256
from models.errors import ModelError
from models.llama_log import route_llama_log
from models.packaged import check_gguf

Kind = Literal["Q8_0", "Q4_0"]

# llama.h, enum llama_ftype
_FTYPES: dict[Kind, int] = {"Q4_0": 2, "Q8_0": 7}


def quantized(path: Path, kind: Kind, cache_dir: Path, *, source_sha256: str | None = None) -> Path:
    """A file with the weights of `path` as `kind`, made on the first call, found on later ones.

    A cached file that was cut short or altered is noticed and made again. Processes that ask at
    the same time wait for the one that works; a file appears under its name only when it is whole.

    Args:
        path: a GGUF file, of a kind that llama.cpp can convert.
        kind: what to convert to.
        cache_dir: folder of derived model files; made if missing.
        source_sha256: hash of `path` where it is known already; computed otherwise.

    Raises:
        ModelError: the source cannot be read, or the result cannot be written.
    """
    check_gguf(path)
    source = source_sha256 or file_sha256(path)
    target = cache_dir / f"{_cached_name(path, kind, source)}.gguf"
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        if _is_whole(target):
            return target
        with _locked(target.with_suffix(".lock")):
            # Another process may have made it while this one waited.
            if not _is_whole(target):
                _make(path, kind, target)
    except OSError as error:
        raise ModelError(
            f"cannot write {target.name} into {cache_dir} ({error.strerror}); free some space, "
            "or name another folder in $FOOTNOTE_CACHE"
        ) from error
    return target


def _cached_name(path: Path, kind: Kind, source: str) -> str:
    """Name by content, kind and version, since each of them changes the bytes that come out."""
    version = importlib.metadata.version("llama-cpp-python")
    stem = path.stem.removesuffix(".Q4_1")
    return f"{stem}.{kind}-{source[:12]}-llama_cpp_python-{version}"


def _is_whole(target: Path) -> bool:
    """Whether the cached file is what was written; hashed only if it looks touched."""
    try:
        note = json.loads(_note_path(target).read_text(encoding="utf-8"))
        stat = target.stat()
        if stat.st_size != note["size"]:
            return False
        if stat.st_mtime_ns == note["mtime_ns"]:
            return True
        return bool(file_sha256(target) == note["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _make(path: Path, kind: Kind, target: Path) -> None:
    """Convert to a temporary name, note size and hash, rename; called under the lock."""
    # Under the lock, a temporary file of this name was left by a process that was killed.
    temporary = target.with_suffix(".part")
    temporary.unlink(missing_ok=True)
    try:
        _convert(path, kind, temporary)
        _flush(temporary)
        stat = temporary.stat()
        note = {
            "size": stat.st_size,
            "mtime_ns": stat.st_mtime_ns,
            "sha256": file_sha256(temporary),
        }
        note_temporary = temporary.with_suffix(".part.json")
        note_temporary.write_text(json.dumps(note), encoding="utf-8")
        # The note goes first: a note without its file, or beside an older file, is no match and
        # leads to a new conversion, never to a file that is trusted without one.
        os.replace(note_temporary, _note_path(target))
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _convert(path: Path, kind: Kind, target: Path) -> None:
    import llama_cpp

    route_llama_log()
    llama_cpp.llama_backend_init()
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = _FTYPES[kind]
    # The source is quantised already; from Q4_1 to Q8_0 next to nothing is lost, to Q4_0 some is.
    params.allow_requantize = True
    params.nthread = os.cpu_count() or 1
    failed = llama_cpp.llama_model_quantize(
        os.fsencode(path), os.fsencode(target), ctypes.byref(params)
    )
    if failed:
        free_mb = shutil.disk_usage(target.parent).free // 1_000_000
        raise ModelError(
            f"llama.cpp could not convert {path.name} to {kind} in {target.parent} "
            f"({free_mb} MB free there); check the file and the space, or set $FOOTNOTE_CACHE"
        )


def _flush(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _note_path(target: Path) -> Path:
    return target.with_suffix(".json")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that the system gives back even if the process dies."""
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
