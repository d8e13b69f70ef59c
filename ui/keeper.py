"""Takes into a library what is handed over, one file after the other, and looks at its watched folders.

One for each library: the page's tabs and its server share it. What waits is kept in the library, so that
nothing is lost when the server ends; so is what could not be read, until it can, or is dismissed.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from weakref import WeakKeyDictionary

from index.errors import LabelError, LibraryError
from index.journal import Incoming
from index.library import AddProgress, FileReport
from index.watching import look
from models.errors import FootnoteError
from ui.protocols import DocumentLibrary

_log = logging.getLogger(__name__)

# Between two looks at the watched folders; longer where a look itself takes long.
_INTERVAL_S = 10.0
_SHARE = 0.05
_MOST_RECENT = 200
_PATIENCE_S = 5.0
# Between two tries at a library that cannot be written.
_RETRY_S = 20.0
_UNEXPECTED = (
    "something went wrong inside Footnote; the terminal it runs in shows what. Try again, or "
    "dismiss it"
)


@dataclass(frozen=True, slots=True)
class Run:
    """How far the adding is: one run is from idle to idle.

    Attributes:
        n_done: files that are through.
        n_waiting: files still to come, the one at work included.
        file: what is being read; None where nothing is.
        recent: the last files that are through, oldest first.
        n_added: documents added or replaced.
        n_failed: files that could not be read.
        number: of runs that have ended.
        held: why nothing can be added at present, though files wait; it is tried again by itself.
    """

    n_done: int = 0
    n_waiting: int = 0
    file: AddProgress | None = None
    recent: tuple[FileReport, ...] = ()
    n_added: int = 0
    n_failed: int = 0
    number: int = 0
    held: str = ""

    @property
    def busy(self) -> bool:
        """Whether files are on their way in."""
        return self.n_waiting > 0


class Keeper:
    """Adds files and looks at watched folders, in threads of its own while it runs.

    Args:
        library: where to.
        interval_s: between two looks at the watched folders.
    """

    def __init__(self, library: DocumentLibrary, *, interval_s: float = _INTERVAL_S) -> None:
        self._library = library
        self.folder = library.folder
        self.interval_s = interval_s
        self.retry_s = _RETRY_S
        self._changed = threading.Lock()
        self._looking = threading.Lock()
        self._recent: deque[FileReport] = deque(maxlen=_MOST_RECENT)
        self._run = Run()
        self._stop = threading.Event()
        self._work_there, self._look_wanted = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []

    # -- running --------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin; what an earlier server left waiting is taken up."""
        self._stop.clear()
        self._work_there.set()
        self._look_wanted.set()
        for name, work in (("footnote-add", self._add_all), ("footnote-watch", self._look_on)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End after the file at work, or soon; what is left is taken up by the next start."""
        self._stop.set()
        self._work_there.set()
        self._look_wanted.set()
        for thread in self._threads:
            # A very large file goes on from where it was.
            thread.join(_PATIENCE_S)
        self._threads.clear()

    # -- what the page asks for -----------------------------------------------------------------

    @property
    def run(self) -> Run:
        """How far the adding is."""
        with self._changed:
            return self._run

    def take(self, files: Sequence[Path], titles: Sequence[str] = ()) -> None:
        """Add files as soon as those before them are through.

        Args:
            files: absolute paths.
            titles: what the documents are to be called; empty for the titles found in them.
        """
        named = titles or [""] * len(files)
        self._library.store.hand_in(
            (str(path), title) for path, title in zip(files, named, strict=True)
        )
        self._go_on()

    def again(self, paths: Sequence[str]) -> int:
        """Try files again that could not be added; how many there were."""
        store = self._library.store
        failed = {file.path for file in store.failures(-1)[0]}
        chosen = [path for path in paths if path in failed]
        store.hand_in((path, "") for path in chosen)
        self._go_on()
        return len(chosen)

    def dismiss(self, paths: Sequence[str]) -> list[str]:
        """Forget that files could not be added; which there were."""
        store = self._library.store
        failed = {file.path for file in store.failures(-1)[0]}
        chosen = [path for path in paths if path in failed]
        store.taken(chosen)
        return chosen

    def look(self, folders: Sequence[str] | None = None, *, settled_s: float = 0.0) -> int:
        """Look at watched folders now; how many files wait to be added because of it."""
        store, n_new = self._library.store, 0
        with self._looking:
            for watched in store.watched():
                if folders is None or watched.path in folders:
                    found = look(
                        store, watched.path, library=self._library.folder, settled_s=settled_s
                    )
                    n_new += len(found.new)
        if n_new:
            self._go_on()
        return n_new

    def unwatch(self, folder: str) -> bool:
        """Watch a folder no more, after a look in progress; False where it was not watched."""
        with self._looking:
            was_watched = self._library.store.unwatch(folder)
        self._go_on()
        return was_watched

    def _go_on(self) -> None:
        with self._changed:
            self._run = replace(self._run, n_waiting=self._library.store.n_waiting())
        self._work_there.set()

    # -- adding ---------------------------------------------------------------------------------

    def _add_all(self) -> None:
        store = self._library.store
        try:
            while not self._stop.is_set():
                self._work_there.clear()
                again_in = None
                try:
                    self._add_waiting()
                except Exception as error:
                    # Of the library, not of the file: what waits keeps waiting.
                    _log.exception("what waits could not be added")
                    known = isinstance(error, FootnoteError)
                    self._hold(str(error) if known else f"Now {_UNEXPECTED}.")
                    again_in = self.retry_s
                self._work_there.wait(again_in)
        finally:
            store.close()

    def _add_waiting(self) -> None:
        store = self._library.store
        run = Run(number=self.run.number)
        while not self._stop.is_set() and (file := store.next_in()) is not None:
            if run.n_done == 0:
                self._recent.clear()
            self._show(replace(run, n_waiting=store.n_waiting()))
            report = self._add_one(file)
            self._recent.append(report)
            run = replace(
                run,
                n_done=run.n_done + 1,
                recent=tuple(self._recent),
                n_added=run.n_added + (report.outcome in ("added", "replaced")),
                n_failed=run.n_failed + (report.outcome == "skipped"),
            )
        if run.n_done or self.run.held:
            self._show(replace(run, number=run.number + 1))

    def _hold(self, reason: str) -> None:
        run = self.run
        # It waits, even where the library cannot be asked how many do.
        n_waiting = max(run.n_waiting, 1)
        number = run.number if run.held else run.number + 1
        self._show(replace(run, n_waiting=n_waiting, file=None, number=number, held=reason))

    def _add_one(self, file: Incoming) -> FileReport:
        store, path = self._library.store, Path(file.path)
        try:
            if not os.path.lexists(path):
                report = FileReport(file.path, "skipped", "the file is no longer there")
            else:
                report = self._library.add([path], on_progress=self._tell).files[0]
        except LibraryError as error:
            if os.path.lexists(path):
                raise  # a full disk or the like: no file is to blame
            report = FileReport(file.path, "skipped", str(error))
        except FootnoteError as error:
            report = FileReport(file.path, "skipped", str(error))
        except Exception:
            _log.exception("%s could not be added", file.path)
            report = FileReport(file.path, "skipped", _UNEXPECTED)
        if report.outcome == "skipped":
            store.done(file, report.reason or "it could not be read")
        else:
            self._name(file)
            store.done(file)
        return report

    def _name(self, file: Incoming) -> None:
        document = self._library.store.document_at(file.path)
        if file.title and document is not None and document.title != file.title:
            try:
                self._library.store.set_title(document.id, file.title)
            except LabelError:
                _log.info("%s keeps the title found in it", file.path)

    def _tell(self, progress: AddProgress) -> None:
        with self._changed:
            self._run = replace(self._run, file=progress)

    def _show(self, run: Run) -> None:
        with self._changed:
            self._run = run

    # -- watching -------------------------------------------------------------------------------

    def _look_on(self) -> None:
        try:
            while not self._stop.is_set():
                begun = time.monotonic()
                try:
                    self.look(settled_s=1.5)
                except FootnoteError as error:
                    _log.warning("the watched folders could not be looked at: %s", error)
                except Exception:
                    _log.exception("the watched folders could not be looked at")
                took = time.monotonic() - begun
                self._look_wanted.clear()
                if not self._stop.is_set():
                    self._look_wanted.wait(max(self.interval_s, took / _SHARE))
        finally:
            self._library.store.close()


_keepers: WeakKeyDictionary[DocumentLibrary, Keeper] = WeakKeyDictionary()


def keeper_of(library: DocumentLibrary) -> Keeper:
    """The library's one keeper; it works while it is within `keeping`."""
    return _keepers.setdefault(library, Keeper(library))


@contextmanager
def keeping(library: DocumentLibrary) -> Iterator[None]:
    """Its keeper works for a while."""
    keeper = keeper_of(library)
    keeper.start()
    try:
        yield
    finally:
        keeper.stop()
