"""Traces as files: JSON that carries the sha256 of its own content.

What was damaged or edited is refused, not believed. The seal tells damage; it is no signature.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.surrogates import without_surrogates
from rag.errors import TraceFileError
from rag.trace import Trace

VERSION = 1
KIND = "footnote-trace"
_HOW = "Make one: footnote ask QUESTION --trace FILE.json"
_MOST_BYTES = 200 * 1024 * 1024


def trace_json(trace: Trace) -> dict[str, Any]:
    """A trace as plain data for `json.dumps`, sealed with the sha256 of its content."""
    data: dict[str, Any] = plain(asdict(trace))
    return {
        "kind": KIND,
        "version": VERSION,
        "sha256": _seal(data),
        **{k: v for k, v in data.items() if k not in ("kind", "version")},
    }


def trace_text(trace: Trace) -> str:
    """A trace as the text of its file."""
    return json.dumps(trace_json(trace), ensure_ascii=True, indent=1, allow_nan=False) + "\n"


def read_trace(path: Path) -> Trace:
    """The trace in a file.

    Raises:
        TraceFileError: the file cannot be read, holds no trace, or was damaged or changed.
    """
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise TraceFileError(
                f"{path} has {size / 1e6:,.0f} MB; no trace of an answer is so long. {_HOW}"
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise TraceFileError(f"{path} cannot be read as a trace: {error}. {_HOW}") from error
    return parse_trace(text, name=str(path))


def parse_trace(text: str, *, name: str = "This") -> Trace:
    """The trace in the text of a file.

    Raises:
        TraceFileError: it holds no trace, or was damaged or changed.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TraceFileError(
            f"{name} holds no trace of an answer: it is no whole JSON ({error}). {_HOW}"
        ) from error
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise TraceFileError(f"{name} holds no trace of an answer. {_HOW}")
    if data.get("version") != VERSION:
        raise TraceFileError(
            f"{name} holds a trace of version {data.get('version')!r}; this Footnote reads version "
            f"{VERSION}. Replay it with the Footnote that made it, or make it anew. {_HOW}"
        )
    if data.get("sha256") != _seal(data):
        raise TraceFileError(
            f"{name} was changed or damaged since it was made: its content has another sha256 than it "
            "says. Get the original file, or make a new trace."
        )
    return _checked({key: value for key, value in data.items() if key != "sha256"}, name)


def _checked(data: dict[str, Any], name: str) -> Trace:
    from pydantic import TypeAdapter, ValidationError  # slow to import, and for files only

    try:
        return TypeAdapter(Trace).validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise TraceFileError(
            f"{name} is no whole trace: {where}: {first['msg']}. {_HOW}"
        ) from error


def _seal(data: Mapping[str, Any]) -> str:
    """Sha256 of the content, whatever its layout and the order of its keys."""
    content = {key: value for key, value in data.items() if key != "sha256"}
    packed = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(packed.encode()).hexdigest()


def plain(value: Any) -> Any:
    """What JSON can hold: tuples as lists, no half characters, no infinite numbers."""
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else math.copysign(1e30, value or 1.0)
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value
