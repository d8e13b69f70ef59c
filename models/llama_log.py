"""llama.cpp's messages go to Python's logging, not to the terminal."""

import ctypes
import logging
from functools import cache
from typing import Any

_LOG = logging.getLogger("footnote.llama_cpp")
# ggml_log_level: 1 debug, 2 info, 3 warning, 4 error, 5 the last line goes on.
_LEVELS = {1: logging.DEBUG, 2: logging.DEBUG, 3: logging.INFO, 4: logging.WARNING}


@cache
def route_llama_log() -> None:
    """Send what llama.cpp says to the logger `footnote.llama_cpp`; a second call does nothing.

    Loading a model is one debug message a line; what the project itself must say about a failure
    is said by its own errors.
    """
    import llama_cpp

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
    def forward(level: int, text: bytes, _user_data: Any) -> None:
        number = _LEVELS.get(level, logging.DEBUG)
        if _LOG.isEnabledFor(number):
            _LOG.log(number, "%s", text.decode("utf-8", "replace").rstrip())

    # C keeps the pointer for good: without a reference here the callback would be collected.
    route_llama_log.callback = forward  # type: ignore[attr-defined]
    llama_cpp.llama_log_set(forward, ctypes.c_void_p(0))
