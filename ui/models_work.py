"""What the models tab has going on: one download, and beside it one model loaded or measured.

Threads of their own; followed from outside. Knows nothing of pages.
"""

import itertools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from models.errors import FootnoteError, ModelError
from rag.errors import DoesNotFitError

_log = logging.getLogger(__name__)
_UNEXPECTED = (
    "Something went wrong inside Footnote; the terminal it runs in shows what. What was in use is "
    "in use still."
)
What = Literal["download", "use", "measure"]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is going on, or has ended.

    Attributes:
        n: later ones have higher numbers.
        what: is done.
        name: of the model.
        done: bytes of a download that are here.
        total: bytes of the whole; 0 before that is known.
        said: sentences that came of it; of a failure one sentence why.
        too_large: it failed because of the memory alone, and may be done nevertheless.
    """

    n: int
    what: What
    name: str
    state: Literal["running", "done", "stopped", "failed"] = "running"
    done: int = 0
    total: int = 0
    stopping: bool = False
    said: tuple[str, ...] = ()
    too_large: bool = False


class ModelWork:
    """Does what takes long, for all browsers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._jobs: dict[str, Job] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._stop = threading.Event()
        self.n_ended = 0

    @property
    def jobs(self) -> tuple[Job, ...]:
        """What is going on, and what ended since the last beginning."""
        return self.now()[1]

    def now(self) -> tuple[int, tuple[Job, ...]]:
        """How many jobs have ended so far, and `jobs`, both of the same moment."""
        with self._lock:
            return self.n_ended, tuple(sorted(self._jobs.values(), key=lambda job: job.n))

    def download(
        self,
        name: str,
        fetch: Callable[[Callable[[int, int], None], Callable[[], bool]], tuple[str, ...]],
    ) -> None:
        """Begin a download; `fetch` gets what to tell its progress to, and what to ask whether to stop.

        Raises:
            ModelError: another one is going on.
        """

        def act() -> tuple[str, ...]:
            return fetch(self._progress, self._stop.is_set)

        self._begin("download", "download", name, act)

    def work(self, what: What, name: str, act: Callable[[], tuple[str, ...]]) -> None:
        """Begin to load or measure a model; `act` returns what is to be said of it.

        Raises:
            ModelError: another one is being loaded or measured.
        """
        self._begin("work", what, name, act)

    def stop(self) -> None:
        """Stop the download."""
        with self._lock:
            job = self._jobs.get("download")
            if job is not None and job.state == "running":
                self._stop.set()
                self._jobs["download"] = replace(job, stopping=True)

    def wait(self, timeout_s: float) -> tuple[Job, ...]:
        """Wait for the end of what is going on, so long at most for each."""
        for thread in list(self._threads.values()):
            thread.join(timeout_s)
        return self.jobs

    def _begin(self, slot: str, what: What, name: str, act: Callable[[], tuple[str, ...]]) -> None:
        with self._lock:
            now = self._jobs.get(slot)
            if now is not None and now.state == "running":
                doing = {"download": "downloaded", "use": "loaded", "measure": "measured"}
                end = ", or stop it first" if slot == "download" else ""
                raise ModelError(f"{now.name} is being {doing[now.what]}; wait for its end{end}.")
            self._jobs = {key: job for key, job in self._jobs.items() if job.state == "running"}
            self._jobs[slot] = Job(next(self._numbers), what, name)
            if slot == "download":
                self._stop.clear()
            thread = threading.Thread(
                target=self._run, args=(slot, act), name=f"footnote-{what}", daemon=True
            )
            self._threads[slot] = thread
            thread.start()

    def _run(self, slot: str, act: Callable[[], tuple[str, ...]]) -> None:
        try:
            said = act()
        except DoesNotFitError as error:
            self._end(slot, state="failed", said=(error.what,), too_large=True)
        except FootnoteError as error:
            stopped = slot == "download" and type(error).__name__ == "DownloadStoppedError"
            self._end(slot, state="stopped" if stopped else "failed", said=(str(error),))
        except Exception:
            _log.exception("the page could not do what was clicked")
            self._end(slot, state="failed", said=(_UNEXPECTED,))
        else:
            self._end(slot, state="done", said=said)

    def _end(self, slot: str, **changes: object) -> None:
        with self._lock:
            self._jobs[slot] = replace(self._jobs[slot], **changes)  # type: ignore[arg-type]
            self.n_ended += 1

    def _progress(self, done: int, total: int) -> None:
        with self._lock:
            self._jobs["download"] = replace(self._jobs["download"], done=done, total=total)
