"""Runs a long command, keeps all it prints in a log, and shows one line of how far it is.

Standard library only, and readable by Python 3.8.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from install_errors import retries_left

NINJA = re.compile(r"^\s*\[(\d+)/(\d+)\]")
MAKE = re.compile(r"^\s*\[\s*(\d+)%\]")
DOWNLOADING = re.compile(r"^\s*Downloading (?:\S*/)?([^\s/]+) \(([\d.]+ [kMG]?B)\)")
PACKAGE = re.compile(r"^(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)")
INSTALLING = re.compile(r"^Installing collected packages")

# Share of the time that has gone when this share of the compiler's steps is done (measured: the
# small files come first, the batches last).
COMPILE_CURVE = ((0.0, 0.0), (0.25, 0.18), (0.5, 0.42), (0.83, 0.72), (0.95, 0.9), (1.0, 1.0))

TERMINAL_S = 0.5
PLAIN_S = 15.0


def clock(seconds: float) -> str:
    """75 as 1:15."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes}:{rest:02d}"


def spoken(seconds: float) -> str:
    """75 as "about 1 min", 20 as "about 20 s"; rounded as coarsely as it is known."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 55:
        return f"about {round(seconds / 10) * 10} s"
    return f"about {max(1, round(seconds / 60))} min"


def time_share(step_share: float, curve: tuple[tuple[float, float], ...] = COMPILE_CURVE) -> float:
    """Share of the time gone at a share of the steps, read off a measured curve."""
    # Python 3.8 has neither pairwise() nor zip(strict=).
    for (x0, y0), (x1, y1) in zip(curve, curve[1:]):  # noqa: B905, RUF007
        if step_share <= x1:
            return y0 + (y1 - y0) * (step_share - x0) / (x1 - x0)
    return 1.0


class Progress:
    """Reads a command's lines and says in a few words where it stands."""

    def __init__(self, total_packages: int = 0, counter: Callable[[], int] | None = None) -> None:
        self.total_packages = total_packages
        self.counter = counter
        self.packages = 0
        self.doing = ""
        self.steps: tuple[int, int] | None = None
        self.compile_began: float | None = None
        self.installing = False

    def read(self, line: str, now: float) -> None:
        """Takes one line of output."""
        left = retries_left(line)
        if left is not None:
            self.doing = f"the package index does not answer; {left + 1} more tries"
        elif NINJA.match(line) or MAKE.match(line):
            self._read_compiler(line, now)
        elif PACKAGE.match(line):
            self.packages += 1
            self.doing = ""
        elif DOWNLOADING.match(line):
            name, size = DOWNLOADING.match(line).groups()  # type: ignore[union-attr]
            self.doing = f"downloading {name.split('-')[0]} ({size})"
        elif INSTALLING.match(line):
            self.installing, self.doing = True, ""

    def _read_compiler(self, line: str, now: float) -> None:
        found = NINJA.match(line)
        if found:
            self.steps = int(found.group(1)), int(found.group(2))
        else:
            self.steps = int(MAKE.match(line).group(1)), 100  # type: ignore[union-attr]
        if self.compile_began is None:
            self.compile_began = now

    def describe(self, now: float) -> str:
        """Where it stands, for one line."""
        if self.steps:
            return self._describe_compiler(now)
        if self.installing:
            done = self.counter() if self.counter else 0
            many = f"{min(done, self.total_packages)} of {self.total_packages} packages"
            return f"unpacking: {many} in place" if self.total_packages else "unpacking"
        if self.total_packages and self.packages:
            return ", ".join(
                filter(None, (f"{self.packages} of {self.total_packages}", self.doing))
            )
        return self.doing or "asking the package index"

    def _describe_compiler(self, now: float) -> str:
        done, total = self.steps or (0, 1)
        text = f"compiled {done} of {total}"
        gone = now - (now if self.compile_began is None else self.compile_began)
        share = time_share(done / total)
        if done == total:
            return f"{text}, packing it up"
        # Before a tenth is done the guess would jump about.
        return f"{text}, {spoken(gone / share - gone)} left" if share > 0.1 else text


class Line:
    """One line on the terminal that is rewritten, or a line now and then where there is none."""

    def __init__(self, label: str, out: TextIO) -> None:
        self.label = label
        self.out = out
        self.live = out.isatty()
        self.began = self.shown = time.monotonic()

    def show(self, text: str) -> None:
        """Shows the text if it is time to."""
        now = time.monotonic()
        if now - self.shown < (TERMINAL_S if self.live else PLAIN_S):
            return
        self.shown = now
        whole = f"      {self.label} {clock(now - self.began)}  {text}"
        if self.live:
            width = os.get_terminal_size(self.out.fileno()).columns
            self.out.write("\r\x1b[2K" + whole[: width - 1])
        else:
            self.out.write(whole + "\n")
        self.out.flush()

    def clear(self) -> None:
        """Takes the live line away."""
        if self.live:
            self.out.write("\r\x1b[2K")
            self.out.flush()


def run(
    command: list[str],
    *,
    label: str,
    log: Path,
    progress: Progress,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> tuple[int, str]:
    """Runs the command; returns its exit status and the last 2,000 lines that it printed.

    If the user interrupts, the command is stopped too before KeyboardInterrupt goes on.
    """
    tail: deque[str] = deque(maxlen=2000)
    line = Line(label, sys.stderr)
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env=env,
        cwd=cwd,
        text=True,
        errors="replace",
        bufsize=1,
        # A group of its own: pip starts cmake, ninja and compilers, and all have to go with it.
        start_new_session=True,
    )

    def read() -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write("$ {}\n".format(" ".join(command)))
            for text in process.stdout:  # type: ignore[union-attr]
                file.write(text)
                tail.append(text)
                progress.read(text, time.monotonic())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while reader.is_alive():
            reader.join(0.25)
            line.show(progress.describe(time.monotonic()))
        status = process.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        raise
    finally:
        line.clear()
        reader.join(1.0)
        process.stdout.close()  # type: ignore[union-attr]
    return status, "".join(tail)
