"""What must be in place before anything is installed, each with one sentence and a next step.

Standard library only, and readable by Python 3.8: it has to run where Footnote cannot.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
NEWEST = (3, 14)

# Measured with Python 3.11 on x86-64 Linux: 2.0 GB in .venv once done, 0.1 GB of test tools, and
# at the worst moment 0.5 GB of downloads and object files; pip may keep another 0.5 GB in its
# cache. Where the package index gives only the CUDA build of torch, gigabytes come on top.
NEEDED_MB = 3000

CPP_PROBE = (
    "#include <vector>\n#include <string>\nint main() { return (int)std::vector<int>{}.size(); }\n"
)


class InstallError(Exception):
    """Something the user can put right: what is wrong, and what to do about it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}\n  {remedy}")
        self.problem = problem
        self.remedy = remedy


def system_name() -> str:
    """Which words to use for installing a system package: macos, debian, fedora or other."""
    if sys.platform == "darwin":
        return "macos"
    try:
        text = Path("/etc/os-release").read_text("utf-8").lower()
    except OSError:
        return "other"
    if "debian" in text or "ubuntu" in text:
        return "debian"
    return "fedora" if "fedora" in text or "rhel" in text else "other"


def python_problem(version: tuple[int, ...]) -> str | None:
    """Why a Python of this version cannot run Footnote; None if it can."""
    shown = ".".join(map(str, version[:3]))
    if tuple(version[:2]) < OLDEST:
        return f"Footnote needs Python {dotted(OLDEST)} or later; this is {shown}."
    if tuple(version[:2]) > NEWEST:
        return (
            f"Footnote's libraries are locked to versions built for Python {dotted(OLDEST)} to "
            f"{dotted(NEWEST)}; this is {shown}."
        )
    return None


def dotted(version: tuple[int, ...]) -> str:
    """(3, 11) as 3.11."""
    return ".".join(map(str, version))


def python_remedy(system: str) -> str:
    """How to get a Python that fits."""
    how = {
        "macos": "Install one with `brew install python@3.13`",
        "debian": "Install one with `sudo apt install python3.11 python3.11-venv` (or a later one)",
        "fedora": "Install one with `sudo dnf install python3.13`",
        "other": f"Install Python {dotted(OLDEST)} to {dotted(NEWEST)} (python.org has it)",
    }[system]
    return (
        f"{how}, then run the same command again, with PYTHON=/path/to/python if it is not on PATH."
    )


def describe_python(command: str) -> tuple[tuple[int, ...], bool] | None:
    """Version of a Python command and whether it can make virtual environments; None if no Python."""
    code = (
        "import sys\n"
        "try:\n    import venv, ensurepip; able = 1\n"
        "except ImportError: able = 0\n"
        "print(*sys.version_info[:3], able)"
    )
    try:
        # From the root folder, so that a package named `venv` where we stand is not imported.
        done = subprocess.run(
            [command, "-c", code], capture_output=True, text=True, timeout=60, cwd="/", check=False
        )
        *version, able = map(int, done.stdout.split())
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return tuple(version), bool(able)


def find_python(asked_for: str = "", system: str | None = None) -> str:
    """The Python to make `.venv` with.

    Args:
        asked_for: what PYTHON names; if it is given, nothing else is tried.
        system: as `system_name` gives it.

    Raises:
        InstallError: no Python fits, or none that does can make a virtual environment.
    """
    system = system or system_name()
    names = [asked_for] if asked_for else ["python3", *newest_first(), sys.executable]
    too_old = without_venv = None
    for name in names:
        path = shutil.which(name)
        seen = describe_python(path) if path else None
        if path is None or seen is None:
            continue
        version, able = seen
        problem = python_problem(version)
        if problem is None and able:
            return path
        if problem is None:
            without_venv = without_venv or version
        else:
            too_old = too_old or problem
    if without_venv:
        raise InstallError(*venv_missing(without_venv, system))
    missing = f"PYTHON={asked_for} is not a Python that runs." if asked_for else "No Python found."
    raise InstallError(too_old or missing, python_remedy(system))


def newest_first() -> list[str]:
    """python3.14, python3.13, ... down to the oldest that fits."""
    return [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]


def venv_missing(version: tuple[int, ...], system: str) -> tuple[str, str]:
    """Problem and remedy for a Python whose venv module was split off, as Debian does."""
    short = dotted(version[:2])
    problem = f"Python {short} is here, but the part of it that makes virtual environments is not."
    if system == "debian":
        return problem, f"Install it with `sudo apt install python{short}-venv` and run this again."
    return problem, f"Install the venv module of Python {short} and run this again."


def check_machine(platform_name: str = sys.platform, machine: str | None = None) -> None:
    """Refuses where torch has no build at all.

    Raises:
        InstallError: an Intel Mac, or neither Linux nor macOS.
    """
    machine = machine or platform.machine()
    if platform_name == "darwin" and machine == "x86_64":
        raise InstallError(
            "PyTorch 2.13 has no build for Macs with an Intel processor.",
            "If this Mac has an Apple processor, the Python found is an Intel one run through "
            "Rosetta: install an arm64 Python and name it with PYTHON=. Otherwise use Linux.",
        )
    if platform_name not in ("linux", "darwin"):
        raise InstallError(
            f"Footnote runs on Linux and macOS; this is {platform_name}.",
            "On Windows, run the same command inside WSL (`wsl --install`).",
        )


def check_compiler(system: str | None = None) -> None:
    """Compiles three lines of C and C++, since llama.cpp is compiled here.

    Raises:
        InstallError: no compiler on PATH, or one that cannot find its own headers.
    """
    remedy = {
        "macos": "Install Apple's command line tools with `xcode-select --install` and run this again.",
        "debian": "Install it with `sudo apt install build-essential` and run this again.",
        "fedora": "Install it with `sudo dnf install gcc-c++` and run this again.",
        "other": "Install gcc with g++, or clang, and run this again.",
    }[system or system_name()]
    cpp = first_on_path(os.environ.get("CXX", ""), "c++", "g++", "clang++")
    c = first_on_path(os.environ.get("CC", ""), "cc", "gcc", "clang")
    if not cpp or not c:
        what = "C++" if not cpp else "C"
        raise InstallError(
            f"There is no {what} compiler on this machine, and llama.cpp is compiled here.", remedy
        )
    command = [*cpp, "-x", "c++", "-std=c++17", "-fsyntax-only", "-"]
    done = subprocess.run(command, input=CPP_PROBE, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        first = next((line for line in done.stderr.splitlines() if line.strip()), "no message")
        raise InstallError(
            f"The C++ compiler {cpp[0]} does not compile a three-line program: {first.strip()}",
            remedy,
        )


def first_on_path(*commands: str) -> list[str] | None:
    """The first command found, split into words; CXX may hold `ccache g++`."""
    for command in commands:
        words = command.split()
        if words and shutil.which(words[0]):
            return words
    return None


def check_disk(folder: Path, needed_mb: int = NEEDED_MB, free_mb: int | None = None) -> None:
    """Looks whether what is installed fits.

    Raises:
        InstallError: less is free where `.venv` goes than is needed.
    """
    if free_mb is None:
        free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < needed_mb:
        raise InstallError(
            f"Installing needs about {needed_mb / 1000:.1f} GB in {folder}; "
            f"{free_mb / 1000:.1f} GB are free there.",
            f"Free another {(needed_mb - free_mb) / 1000:.1f} GB and run this again.",
        )
