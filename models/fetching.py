"""Fetching one large file: what was fetched before is kept, a cut connection is taken up again.

`huggingface_hub` itself begins a file anew in each call, which for gigabytes on a bad line means never
to arrive; its session (proxies, certificates, offline mode) is used, the bytes are written here.
"""

import errno
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import httpx2
from huggingface_hub import constants, get_session
from huggingface_hub.utils import hf_raise_for_status  # type: ignore[attr-defined]

from models.errors import ModelError

_LOG = logging.getLogger(__name__)
# A page that draws every network packet would do little else.
_TELL_EVERY_S = 0.1
# Times to try again without a single byte in between; what arrives resets the count.
_TRIES = 5
_WAIT_S = 1.0

Progress = Callable[[int, int], None]


class DownloadStoppedError(ModelError):
    """The person stopped a download; what arrived is kept."""


@dataclass(slots=True)
class Watch:
    """How far a download of several files has come.

    Attributes:
        total: bytes of all files.
        on_progress: is told (bytes here, bytes in all), also what an earlier download left.
        stopped: is asked whether to stop.
        done: bytes of the files that are whole.
    """

    total: int
    on_progress: Progress = field(default=lambda done, total: None)
    stopped: Callable[[], bool] = field(default=lambda: False)
    done: int = 0
    _told_at: float = float("-inf")

    def tell(self, n_bytes: int, *, always: bool = False) -> None:
        """So many bytes of the file in work are here; passed on a few times a second.

        Raises:
            DownloadStoppedError: the person wants to stop.
        """
        now = time.monotonic()
        if not always and now - self._told_at < _TELL_EVERY_S:
            return
        self._told_at = now
        here = self.done + n_bytes
        self.on_progress(here, self.total)
        if self.stopped():
            raise DownloadStoppedError(
                f"The download was stopped after {here / 1e6:,.1f} of {self.total / 1e6:,.1f} MB. What "
                "arrived is kept: the same download goes on from there."
            )


def fetch(url: str, part: Path, size: int, *, headers: dict[str, str], watch: Watch) -> None:
    """Fetch `url` into `part`, from where an earlier download of it ended.

    Args:
        url: what answers requests for a range of bytes; one that does not is begun anew.
        part: the unfinished file; whole when this returns.
        size: of the whole file.
        headers: of every request.
        watch: is told the progress.

    Raises:
        ModelError: the connection ends again and again, or the disk is full; `part` is kept.
        DownloadStoppedError: see `Watch`.
        HfHubHTTPError: the server refuses.
    """
    if part.exists() and part.stat().st_size > size:
        part.unlink()
    try:
        with part.open("r+b" if part.exists() else "w+b") as stream:
            stream.seek(0, 2)
            _receive_all(url, stream, size, headers=headers, watch=watch)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        here = watch.done + part.stat().st_size
        raise ModelError(
            f"The disk is full: {here / 1e6:,.1f} of {watch.total / 1e6:,.1f} MB are here and kept. Free "
            f"{(watch.total - here) / 1e6:,.0f} MB; the same download then goes on."
        ) from error


def _receive_all(
    url: str, stream: BinaryIO, size: int, *, headers: dict[str, str], watch: Watch
) -> None:
    tries = 0
    here = stream.tell()
    watch.tell(here, always=True)
    while here < size:
        problem = _receive(url, stream, size, headers=headers, watch=watch)
        tries = tries + 1 if stream.tell() <= here else 1
        here = stream.tell()
        if here < size and tries >= _TRIES:
            done = watch.done + here
            raise ModelError(
                f"The connection to {httpx2.URL(url).host} was lost after {done / 1e6:,.1f} of "
                f"{watch.total / 1e6:,.1f} MB ({problem}). What arrived is kept: the same download goes on "
                "from there."
            )
        if here < size:
            _LOG.info("%s; going on at byte %d", problem, here)
            _wait(_WAIT_S * tries, watch, here)
    watch.tell(here, always=True)


def _receive(
    url: str, stream: BinaryIO, size: int, *, headers: dict[str, str], watch: Watch
) -> str:
    """Receive what is missing, as far as the connection holds; returns why it ended."""
    here = stream.tell()
    # Bytes as they are stored: a compressed answer has other offsets.
    wanted = headers | {"Accept-Encoding": "identity", "Range": f"bytes={here}-"}
    try:
        with get_session().stream(
            "GET", url, headers=wanted, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT
        ) as response:
            if response.status_code in (408, 429) or response.status_code >= 500:
                return f"status {response.status_code}"
            hf_raise_for_status(response)
            if not _goes_on_at(response, here):
                here = stream.seek(0)
                stream.truncate()
            for chunk in response.iter_bytes():
                stream.write(chunk)
                here += len(chunk)
                if here > size:
                    stream.truncate(size)
                    stream.seek(size)
                    return f"more than the {size:,} bytes that were announced"
                watch.tell(here)
    except httpx2.TransportError as error:
        return str(error) or type(error).__name__
    return "the server ended the connection early"


def _goes_on_at(response: httpx2.Response, start: int) -> bool:
    """Whether the answer begins at byte `start`; a server may send the whole file instead."""
    if start == 0 and response.status_code == 200:
        return True
    stated = response.headers.get("Content-Range", "")
    return response.status_code == 206 and stated.startswith(f"bytes {start}-")


def _wait(seconds: float, watch: Watch, here: int) -> None:
    """Wait, but not longer than the person wants."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        watch.tell(here)
        time.sleep(min(0.2, seconds))
