"""Changing one setting in the settings file; every other line and comment stays as it is."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import tomlkit
from tomlkit.exceptions import ParseError

from rag.errors import SettingsError


def write_setting(path: Path, key: str, value: str, *, default: str) -> None:
    """Set a key of the settings file, in one step; the file is made where there is none.

    Where the key is absent and the default is wanted, nothing is written.

    Args:
        path: of the settings file; where it is a link, the file it leads to is replaced.
        key: of the top level.
        value: a text.
        default: what counts where the key is absent.

    Raises:
        SettingsError: the file cannot be read or written.
    """
    target = path.resolve()
    try:
        # As bytes, so that line ends stay what they are.
        before = target.read_bytes().decode("utf-8") if target.exists() else ""
        document = tomlkit.parse(before)
    except (OSError, UnicodeDecodeError, ParseError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error}.") from error
    if key not in document and value == default:
        return
    if before and not before.endswith("\n") and key not in document:
        document = tomlkit.parse(before + "\n")
    document[key] = value
    try:
        _replace(target, tomlkit.dumps(document))
    except OSError as error:
        raise SettingsError(
            f"The settings file {path} could not be written: {error.strerror or error}."
        ) from error


def _replace(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
