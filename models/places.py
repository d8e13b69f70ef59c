"""Where models that a person chose live: downloaded files, and small JSON files about them."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_data_dir

from models.errors import ModelError


def models_dir() -> Path:
    """Folder of downloaded models: `$FOOTNOTE_MODELS`, else `models` in the system's data folder.

    The folder is not created here; whoever writes into it does that.
    """
    named = os.environ.get("FOOTNOTE_MODELS")
    return Path(named or Path(user_data_dir("footnote", appauthor=False)) / "models").expanduser()


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty where there is no such file.

    Raises:
        ModelError: the file cannot be read. It is not written anew, since a person may mend it.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}. Mend it, or delete it.") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} holds no JSON object. Mend it, or delete it.")
    return content


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a JSON file in one step.

    Raises:
        ModelError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(content, stream, indent=1, ensure_ascii=False)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ModelError(f"{path} could not be written: {error.strerror or error}.") from error
