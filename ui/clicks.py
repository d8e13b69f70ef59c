"""What handlers of clicks share. A click comes from the browser: nothing in it is believed as it is."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from models.errors import FootnoteError

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


def word(click: Mapping[str, Any], key: str) -> str:
    """Text that came with a click; empty where there is none."""
    value = click.get(key)
    return value if isinstance(value, str) else ""


def guarded(act: Callable[[], _T], failed: Callable[[str], _T], unexpected: str) -> _T:
    """What came of it; nothing is thrown.

    Args:
        act: does what was clicked.
        failed: makes of one sentence why it could not be done what is shown then.
        unexpected: that sentence for a defect, whose traceback goes to the log.
    """
    try:
        return act()
    except FootnoteError as error:
        return failed(str(error))
    except Exception:
        _log.exception("the page could not do what was clicked")
        return failed(unexpected)
