"""Where derived model files live: everything in here can be deleted and is made again."""

import os
from pathlib import Path

from platformdirs import user_cache_dir


def model_cache_dir() -> Path:
    """Folder of derived model files: `$FOOTNOTE_CACHE/models`, else the system's cache folder.

    The folder is not created here; whoever writes into it does that.
    """
    root = os.environ.get("FOOTNOTE_CACHE")
    return Path(root or user_cache_dir("footnote", appauthor=False)).expanduser() / "models"
