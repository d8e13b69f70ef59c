"""Work in a thread of its own, followed from here: it can be left at any moment, and it ticks.

A model may take seconds between two words. Followed through `relay`, the page stays able to stop,
and to say how long it has been waiting.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

_log = logging.getLogger(__name__)

T = TypeVar("T")


class _Failed:
    def __init__(self, error: BaseException) -> None:
        self.error = error


class _Ended:
    pass


class Relay(Generic[T]):
    """Runs an iterator in a thread and gives its items as they come.

    Args:
        source: makes the iterator; called in the thread.
        stopped: when set, the items end here at once, and the iterator is closed as soon as it
            returns from what it is doing.
        tick_s: after so many seconds without an item, None is given.
        on_end: called last in the thread, e.g. to close its database connection.
    """

    def __init__(
        self,
        source: Callable[[], Iterator[T]],
        *,
        stopped: threading.Event,
        tick_s: float = 0.2,
        on_end: Callable[[], None] | None = None,
    ) -> None:
        self._source = source
        self._stopped = stopped
        self._tick_s = tick_s
        self._on_end = on_end
        self._started = False
        self._items: queue.SimpleQueue[T | _Failed | _Ended] = queue.SimpleQueue()

    @property
    def has_more(self) -> bool:
        """Whether something has come already that was not given yet."""
        return not self._items.empty()

    def start(self) -> None:
        """Begin; what comes before it is asked for is kept."""
        self._started = True
        threading.Thread(target=self._work, name="footnote-page", daemon=True).start()

    def __iter__(self) -> Iterator[T | None]:
        """Items in order, None for a tick.

        Raises:
            Exception: whatever the iterator raised.
        """
        if not self._started:
            self.start()
        try:
            while not self._stopped.is_set():
                try:
                    item = self._items.get(timeout=self._tick_s)
                except queue.Empty:
                    yield None
                    continue
                if isinstance(item, _Ended):
                    return
                if isinstance(item, _Failed):
                    raise item.error
                yield item
        finally:
            # Also when the browser has gone and the generator is thrown away.
            self._stopped.set()

    def _work(self) -> None:
        try:
            items = self._source()
            try:
                for item in items:
                    if self._stopped.is_set():
                        break
                    self._items.put(item)
            finally:
                close = getattr(items, "close", None)
                if close is not None:
                    close()
        except Exception as error:
            if self._stopped.is_set():
                _log.debug("an error after the stop", exc_info=True)
            self._items.put(_Failed(error))
        finally:
            if self._on_end is not None:
                self._on_end()
            self._items.put(_Ended())
