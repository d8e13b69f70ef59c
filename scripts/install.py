"""Makes `.venv` with everything Footnote needs, at locked versions (`make install`, `make run`).

Run it with any Python: it looks for one that fits and says what is missing. It uses the standard
library only and is readable by Python 3.8, so that an old Python gets a sentence, not a traceback.

    python3 scripts/install.py [--tests]

The order: torch alone, llama-cpp-python alone (it is compiled), the rest of requirements.lock
without dependency resolution, then Footnote itself. Running it again continues where it stopped;
when nothing has changed it ends at once.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from install_checks import (
    InstallError,
    check_compiler,
    check_disk,
    check_machine,
    find_python,
    python_problem,
    python_remedy,
    system_name,
)
from install_errors import explain
from install_progress import Progress, clock, run, spoken

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "footnote-installed.json"
LOG = VENV / "install.log"
LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-test.lock"
HOOK = ROOT / "scripts" / "llama-cpp.cmake"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"

# CPU seconds of the compilation on the machine of docs/decisions.md; the wall time is this over
# the number of processors.
COMPILE_CPU_S = 210
PROBE = "import torch, llama_cpp, faiss"


def main(arguments: list[str] | None = None) -> int:
    """Installs what is missing; returns the exit status."""
    parser = argparse.ArgumentParser(description="Install Footnote into .venv")
    parser.add_argument("--tests", action="store_true", help="also install what the tests need")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Held until this process ends. The script's own file serves as the lock: it always exists.
    with open(__file__, encoding="utf-8") as held:
        try:
            wait_for_others(held.fileno())
            install(tests=options.tests)
        except InstallError as error:
            return fail(error.problem, error.remedy)
        except KeyboardInterrupt:
            say("\nStopped. Run the same command again to go on from here.")
            return 130
        except OSError as error:
            return fail(*explain(str(error)))
    return 0


def say(text: str) -> None:
    """Tells the user something; the output of `make run` itself stays clean."""
    print(text, file=sys.stderr, flush=True)


def fail(problem: str, remedy: str) -> int:
    """Says what is wrong and what to do, and where the log is if there is one."""
    say(f"\nCannot install: {problem}\n  {remedy}")
    if LOG.exists():
        say(f"  The whole log: {LOG}")
    return 1


def wait_for_others(descriptor: int) -> None:
    """Lets one installation at a time into this folder."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another installation is running in this folder; waiting for it to end.")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def install(*, tests: bool) -> None:
    """Runs the steps that are not done yet."""
    stamp = read_stamp()
    program_key = key_of(LOCK, HOOK, ROOT / "pyproject.toml")
    test_key = key_of(LOCK, TEST_LOCK)
    need_program = stamp.get("program") != program_key
    need_tests = tests and stamp.get("tests") != test_key
    if not need_program and not need_tests:
        return
    began = time.monotonic()
    if need_program:
        install_program(stamp)
        write_stamp(program=program_key)
    if need_tests:
        install_tests()
        write_stamp(tests=test_key)
    size = sum(f.lstat().st_size for f in VENV.rglob("*") if not f.is_dir()) / 1e9
    say(f"Installed in {clock(time.monotonic() - began)} (.venv: {size:.1f} GB).\n")


def install_program(stamp: dict[str, str]) -> None:
    """Checks the machine, makes the environment and fills it."""
    check_machine()
    python = find_python(os.environ.get("PYTHON", ""))
    check_compiler()
    check_disk(ROOT, *([500] if stamp else []))
    packages = locked(LOCK)
    say(
        "Footnote installs its libraries into .venv, once. Nothing is installed outside this\n"
        "folder but pip's cache."
    )
    make_venv(python)
    install_torch(packages)
    compile_llama(packages["llama-cpp-python"])
    step(4, f"the other {len(packages) - 2} packages, about 450 MB: 1 to 3 min")
    pip("packages", ["install", "--no-deps", "-r", str(LOCK)], total=len(packages))
    step(5, "Footnote itself, and a first start of its libraries: about 20 s")
    pip("footnote", ["install", "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    check_start()


def step(number: int, what: str) -> None:
    """Announces a step with how long it may take."""
    say(f"[{number}/5] {what}")


def make_venv(python: str) -> None:
    """Makes `.venv`, keeps a good one, and replaces one that is half made or too old."""
    if VENV.exists() and venv_works():
        remove_half_installed()
        return
    if VENV.exists():
        strangers = {p.name for p in VENV.iterdir()} - VENV_NAMES
        if strangers and not (VENV / "pyvenv.cfg").exists():
            raise InstallError(
                f"{VENV} is in the way; it is not a virtual environment.",
                "Move it elsewhere and run this again.",
            )
        say("      .venv is half made or of another Python; making it anew.")
        shutil.rmtree(VENV)
    step(1, f"a virtual environment with {python}: about 10 s")
    done = subprocess.run(
        [python, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0 or not venv_works():
        shutil.rmtree(VENV, ignore_errors=True)
        raise InstallError(*explain(done.stdout + done.stderr))


VENV_NAMES = {"bin", "include", "lib", "lib64", "share", "install.log", "pyvenv.cfg"}


def venv_python() -> str:
    """The environment's Python."""
    return str(VENV / "bin" / "python")


def venv_works() -> bool:
    """True if the environment's Python starts, fits, and has pip."""
    code = "import sys, pip; print(*sys.version_info[:3])"
    try:
        done = subprocess.run(
            [venv_python(), "-c", code], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and python_problem(tuple(map(int, done.stdout.split()))) is None


def site_packages() -> Path:
    """Where the environment keeps its packages."""
    return next(iter((VENV / "lib").glob("python3*/site-packages")), VENV)


def remove_half_installed() -> None:
    """Makes pip forget packages that it was writing when it was stopped.

    pip writes INSTALLER close to the end, so a package without it may lack files.
    """
    for folder in site_packages().glob("*.dist-info"):
        if not (folder / "INSTALLER").exists():
            shutil.rmtree(folder)
    for folder in site_packages().glob("~*"):
        shutil.rmtree(folder, ignore_errors=True)


def install_torch(packages: dict[str, str]) -> None:
    """Installs torch, the CPU build where there is one.

    PyTorch's own index is asked once. Only a CPU build is taken from that try (`+cpu`), whichever
    index or folder gives it: another build would come without the libraries it needs. The second
    try resolves torch's dependencies, within the lock.
    """
    version = packages["torch"]
    if (site_packages() / f"torch-{version}.dist-info").exists() or list(
        site_packages().glob(f"torch-{version}+*.dist-info")
    ):
        return
    step(2, f"PyTorch {version}, about 200 MB: 1 to 3 min")
    if sys.platform == "linux":
        once = ["--retries", "0", "--timeout", "10", "--index-url", TORCH_CPU_INDEX]
        status, _ = pip_try("torch", ["install", "--no-deps", *once, f"torch=={version}+cpu"])
        if status == 0:
            return
        say("      PyTorch's own index does not give it; asking the package index that pip uses.")
        say("      (It may give the build with CUDA: gigabytes, but it runs here all the same.)")
    pip("torch", ["install", "-c", str(LOCK), f"torch=={version}"])


def compile_llama(version: str) -> None:
    """Compiles llama-cpp-python without the parts that are never loaded.

    A cache of its own: in pip's common one this build, which has no multimodal library and the
    instructions of this processor, could end up in other projects, and theirs here.
    """
    if (site_packages() / f"llama_cpp_python-{version}.dist-info").exists():
        return
    env = dict(os.environ)
    cache = build_cache(env)
    own = ["-DLLAVA_BUILD=OFF", "-DCMAKE_PROJECT_INCLUDE=" + str(HOOK)]
    # What the user sets comes last and so wins.
    env["CMAKE_ARGS"] = " ".join(map(shlex.quote, own)) + " " + env.get("CMAKE_ARGS", "")
    cores = available_cores()
    guess = spoken(COMPILE_CPU_S / cores)
    step(3, f"llama.cpp, compiled for this processor: {guess} on {cores} cores")
    keep = [] if "PIP_NO_CACHE_DIR" in env else ["--cache-dir", str(cache)]
    command = ["install", "-v", "--no-deps", *keep, f"llama-cpp-python=={version}"]
    pip("llama.cpp", command, env=env, compiling=True)
    for downloads in ("http", "http-v2"):  # 76 MB of source; the built wheel is what is kept
        shutil.rmtree(cache / downloads, ignore_errors=True)


def available_cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def build_cache(env: dict[str, str]) -> Path:
    """A cache folder for builds by this hook, with the user's options, for this processor."""
    home = env.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    parts = [HOOK.read_text("utf-8"), processor()]
    parts += [env.get(name, "") for name in ("CMAKE_ARGS", "CC", "CXX", "CFLAGS", "CXXFLAGS")]
    return Path(home) / "footnote" / "llama-cpp" / digest("\0".join(parts).encode())


def processor() -> str:
    """What kind of processor this is: native builds do not run on every other one."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        kinds = [line for line in lines if line.lower().startswith(("flags", "features"))]
        return platform.machine() + "".join(kinds[:1])
    except OSError:
        return platform.machine() + platform.processor()


def install_tests() -> None:
    """Adds the test tools."""
    names = locked(TEST_LOCK)
    say(f"Test tools: {len(names)} packages, about 100 MB, about 30 s")
    pip("test tools", ["install", "--no-deps", "-r", str(TEST_LOCK)], total=len(names))


def check_start() -> None:
    """Loads the compiled libraries once: what cannot start here should show here."""
    # From the root folder, so that nothing in this one is imported by accident.
    done = subprocess.run(
        [venv_python(), "-c", PROBE], capture_output=True, text=True, cwd="/", check=False
    )
    if done.returncode == 0:
        return
    with LOG.open("a", encoding="utf-8") as file:
        file.write(done.stdout + done.stderr)
    last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    raise InstallError(
        f"The libraries are installed but do not start: {last[:200]}",
        "Remove .venv and run this again; if it stays, the log says more.",
    )


def pip_try(
    label: str,
    command: list[str],
    *,
    total: int = 0,
    env: dict[str, str] | None = None,
) -> tuple[int, str]:
    """Runs the environment's pip with progress; returns its status and what it printed last."""
    before = len(list(site_packages().glob("*.dist-info")))

    def arrived() -> int:
        return len(list(site_packages().glob("*.dist-info"))) - before

    whole = [venv_python(), "-u", "-m", "pip", *command, "--no-input", "--progress-bar", "off"]
    progress = Progress(total, arrived)
    env = dict(os.environ if env is None else env, PIP_DISABLE_PIP_VERSION_CHECK="1")
    return run(whole, label=label, log=LOG, progress=progress, env=env, cwd=ROOT)


def pip(
    label: str,
    command: list[str],
    *,
    total: int = 0,
    env: dict[str, str] | None = None,
    compiling: bool = False,
) -> None:
    """Runs the environment's pip.

    Raises:
        InstallError: it failed; says why.
    """
    status, tail = pip_try(label, command, total=total, env=env)
    if status != 0:
        raise InstallError(*explain(tail, compiling=compiling))


def locked(path: Path) -> dict[str, str]:
    """Package names and versions of a lock file."""
    lines = [line.partition(";")[0].strip() for line in path.read_text("utf-8").splitlines()]
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {name.strip(): version.strip() for name, version in pairs}


def digest(data: bytes) -> str:
    """A short name for some bytes."""
    return hashlib.sha256(data).hexdigest()[:16]


def key_of(*files: Path) -> str:
    """Changes when one of the files does, or when the folder has moved.

    An environment holds its own path in its scripts and does not survive a move.
    """
    return digest(b"\0".join([str(ROOT).encode(), *(file.read_bytes() for file in files)]))


def read_stamp() -> dict[str, str]:
    """What was installed last; empty if unknown."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    # A Python that was upgraded or removed takes the environment with it.
    return stamp if isinstance(stamp, dict) and Path(venv_python()).exists() else {}


def write_stamp(**keys: str) -> None:
    """Notes what is installed, in one rename, so that a half-written note never counts."""
    part = STAMP.with_suffix(".part")
    part.write_text(json.dumps({**read_stamp(), **keys}), "utf-8")
    part.replace(STAMP)


if __name__ == "__main__":
    problem = python_problem(tuple(sys.version_info[:3]))
    if problem and os.environ.get("PYTHON"):
        sys.exit(fail(problem, python_remedy(system_name())))
    sys.exit(main())
