"""What an `add` reports: file by file at the end, and how far it is meanwhile."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["added", "replaced", "unchanged", "renamed", "removed", "skipped"]

# A guess from the first moments would jump about.
_SECONDS_BEFORE_A_GUESS = 0.2


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file; `reason` says why it was skipped, `notes` what a reader should know."""

    path: str
    outcome: Outcome
    reason: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class AddReport:
    """What an `add` did, file by file."""

    files: list[FileReport] = field(default_factory=list)
    n_passages: int = 0
    seconds: float = 0.0

    def count(self, outcome: Outcome) -> int:
        """Files with this outcome."""
        return sum(report.outcome == outcome for report in self.files)

    @property
    def skipped(self) -> list[FileReport]:
        """Files that could not be read, each with its reason."""
        return [report for report in self.files if report.outcome == "skipped"]


@dataclass(frozen=True, slots=True)
class AddProgress:
    """How far an `add` is. Bytes count files that are read through; `eta_s` is None at first."""

    path: str
    file: int
    n_files: int
    bytes_done: int
    n_bytes: int
    n_passages: int
    passages_per_s: float
    eta_s: float | None
    message: str = ""


ProgressCallback = Callable[[AddProgress], None]


class AddRun:
    """Counts, clock and voice of one `add`.

    Args:
        on_progress: told after each step; may be None.
    """

    def __init__(self, on_progress: ProgressCallback | None) -> None:
        self.report = AddReport()
        self.n_files = 0
        self.n_bytes = 0
        self._on_progress = on_progress
        self._started = time.monotonic()
        self._file = 0
        self._n_passages = 0
        # Bytes that took work: what was unchanged or read in an earlier run says nothing of pace.
        self._bytes_worked = 0
        self._bytes_done = 0
        self._bytes_at_file_end = 0

    def start_clock(self) -> None:
        """Waiting for another `add` is over."""
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the clock was started."""
        return time.monotonic() - self._started

    def open_file(self, path: str, size: int) -> None:
        """A file is taken up."""
        self._file += 1
        self._bytes_at_file_end = self._bytes_done + size
        self.tell(path)

    def skip(self, n_bytes: int) -> None:
        """Bytes of the open file that an earlier run has read."""
        self._bytes_done = min(self._bytes_done + n_bytes, self._bytes_at_file_end)

    def work(self, path: str, *, n_bytes: int, n_passages: int) -> None:
        """Bytes of the open file that were read and embedded."""
        before = self._bytes_done
        self.skip(n_bytes)
        self._bytes_worked += self._bytes_done - before
        self._n_passages += n_passages
        self.tell(path)

    def close_file(self) -> None:
        """The open file is through, however it ended."""
        self._bytes_done = self._bytes_at_file_end

    def note(self, file: FileReport) -> None:
        """Remember what became of a file."""
        self.report.files.append(file)
        self.tell(file.path)

    def tell(self, path: str, message: str = "") -> None:
        """Report progress."""
        if self._on_progress is None:
            return
        seconds = max(self.seconds, 1e-6)
        done = min(self._bytes_done, self.n_bytes)
        eta = None
        if self._bytes_worked and seconds > _SECONDS_BEFORE_A_GUESS:
            eta = seconds * (self.n_bytes - done) / self._bytes_worked
        self._on_progress(
            AddProgress(
                path=path,
                file=self._file,
                n_files=self.n_files,
                bytes_done=done,
                n_bytes=self.n_bytes,
                n_passages=self._n_passages,
                passages_per_s=self._n_passages / seconds,
                eta_s=eta,
                message=message,
            )
        )
