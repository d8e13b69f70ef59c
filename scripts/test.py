"""Runs what `make test` and `make check` promise, and says what was left out and how to get it.

With FOOTNOTE_REQUIRE_ALL=1 (as in CI) anything left out is a failure. Words after `--` go to
pytest. Every stage runs, even after one failed, so that one run shows all there is to mend.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
NO_TESTS = 5  # pytest's exit status when it collected nothing
PYTEST_END = re.compile(
    r"^=*\s*(.*\b(?:passed|failed|errors?|skipped|deselected)\b.* in .*?)\s*=*$"
)

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One command of the run."""

    name: str
    command: tuple[str, ...]
    is_pytest: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """How a stage ended; `status` is None where it was left out."""

    name: str
    status: int | None
    text: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the stages; returns 0 if all is well."""
    parser = argparse.ArgumentParser(description="Run Footnote's checks and tests")
    parser.add_argument("--quick", action="store_true", help="leave out real models and browser")
    parser.add_argument("pytest", nargs="*", help="further words for pytest, after --")
    options = parser.parse_args(arguments)
    require_all = os.environ.get("FOOTNOTE_REQUIRE_ALL") == "1"
    chromium = find_chromium()
    env = dict(os.environ)
    if chromium:
        env["FOOTNOTE_CHROMIUM"] = chromium

    results = []
    for stage in stages(quick=options.quick, more=options.pytest):
        if stage.name == "browser tests" and not chromium:
            results.append(Result(stage.name, None, f"left out, no Chromium: {chromium_remedy()}"))
            continue
        results.append(run(stage, env))
    return report(results, require_all=require_all)


def stages(*, quick: bool, more: Sequence[str] = ()) -> list[Stage]:
    """What is run, cheapest first."""
    pytest = (str(BIN / "pytest"), "-rs", *more)
    checks = [
        Stage("ruff", (str(BIN / "ruff"), "check", ".")),
        Stage("mypy", (str(BIN / "mypy"),)),
        Stage("import rules", (str(BIN / "lint-imports"),)),
        Stage("quick tests", (*pytest, "-m", "not slow and not browser"), is_pytest=True),
    ]
    if quick:
        return checks
    return [
        *checks,
        Stage("slow tests", (*pytest, "-m", "slow and not browser"), is_pytest=True),
        Stage("browser tests", (*pytest, "-m", "browser"), is_pytest=True),
    ]


def find_chromium() -> str | None:
    """A Chromium or Chrome of this machine; FOOTNOTE_CHROMIUM names another."""
    named = os.environ.get("FOOTNOTE_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    apps = (app for app in CHROMIUM_APPS if Path(app).exists())
    return next((path for path in found if path), None) or next(apps, None)


def chromium_remedy() -> str:
    """How to get one."""
    if sys.platform == "darwin":
        return "brew install --cask chromium"
    return "sudo apt install chromium (Fedora: sudo dnf install chromium)"


def run(stage: Stage, env: dict[str, str]) -> Result:
    """Runs one stage with its output going through, and keeps pytest's last line."""
    print(f"\n── {stage.name} ──", flush=True)
    began = time.monotonic()
    last = ""
    with subprocess.Popen(
        stage.command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=env,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        # By single characters, pytest's dots would stay in the pipe until the line is full.
        while piece := os.read(process.stdout.fileno(), 65536):
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()
            last = (last + piece.decode("utf-8", "replace"))[-4000:]
    status = process.returncode
    if not stage.is_pytest:
        return Result(stage.name, status, f"{time.monotonic() - began:.0f} s")
    ends = [found.group(1) for line in last.splitlines() if (found := PYTEST_END.match(line))]
    if status == NO_TESTS:
        return Result(stage.name, None, "there are none")
    return Result(stage.name, status, ends[-1] if ends else f"pytest's exit status {status}")


def report(results: Sequence[Result], *, require_all: bool) -> int:
    """Prints one line for each stage; returns the exit status."""
    print("\n── summary ──")
    good = True
    for result in results:
        if result.status is None:
            word = "MISSING" if require_all else "left out"
            good = good and not require_all
        else:
            word = "ok" if result.status == 0 else "FAILED"
            good = good and result.status == 0
        print(f"{word:9}{result.name}: {result.text}")
    print("All is well." if good else "Not all is well: see above.", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
