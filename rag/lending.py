"""One reader for everybody, exchanged while it is in use: each answer ends with the reader it began with."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from models.errors import FootnoteError, ModelError
from rag.drafts import Reader

_LOG = logging.getLogger(__name__)


class _Lent:
    """A reader, and how many answers are being made with it."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.n_users = 0
        self.retired = False


class ReaderPlace:
    """Holds the reader that answers from now on; older ones are closed when nobody uses them."""

    def __init__(self, reader: Reader) -> None:
        self._lock = threading.Lock()
        self._exchanging = threading.Lock()
        self._current = _Lent(reader)

    @contextmanager
    def exchanging(self) -> Iterator[None]:
        """One exchange at a time, loading included.

        Raises:
            ModelError: another one is going on; two large models at once would fill the memory.
        """
        if not self._exchanging.acquire(blocking=False):
            raise ModelError("Another model is being loaded; wait until it is in use.")
        try:
            yield
        finally:
            self._exchanging.release()

    @property
    def reader(self) -> Reader:
        """The reader that the next answer begins with."""
        return self._current.reader

    @contextmanager
    def borrowed(self) -> Iterator[Reader]:
        """The reader, which stays open for as long as the block runs, whatever is put in its place."""
        with self._lock:
            lent = self._current
            lent.n_users += 1
        try:
            yield lent.reader
        finally:
            with self._lock:
                lent.n_users -= 1
                last = lent.retired and lent.n_users == 0
            if last:
                _close(lent.reader)

    def put(self, reader: Reader) -> None:
        """Answer with another reader from now on; the one before is closed when it is idle."""
        with self._lock:
            before, self._current = self._current, _Lent(reader)
            before.retired = True
            idle = before.n_users == 0
        if idle:
            _close(before.reader)


def _close(reader: Reader) -> None:
    """Close a reader nobody asks any more; an answer that just ended must not fail by it."""
    try:
        reader.close()
    except FootnoteError as error:
        _LOG.warning("%s could not be closed: %s", reader.generator, error)
