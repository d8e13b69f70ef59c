"""The five packages are those of this repository, and the wheel holds them whole."""

import importlib
import subprocess
import sys
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("rag", "index", "models", "ui", "eval")
DATA = ("rag/evidence_weights.json", "models/catalog.toml")


@pytest.mark.parametrize("name", PACKAGES)
def test_the_package_is_the_one_of_this_repository(name: str) -> None:
    """Their names are so common that another installed package could hide one of them."""
    assert Path(importlib.import_module(name).__file__) == ROOT / name / "__init__.py"


def test_every_module_says_what_it_is() -> None:
    for name in PACKAGES:
        for path in (ROOT / name).rglob("*.py"):
            assert path.read_text(encoding="utf-8").lstrip().startswith('"""'), path


def test_the_console_script_leads_to_main() -> None:
    scripts = [e for e in entry_points(group="console_scripts") if e.name == "footnote"]
    assert {script.value for script in scripts} == {"ui.cli:main"}


def test_no_package_of_tests_hides_a_real_one() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def sources() -> set[str]:
    """Every file of the packages that is in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        found = {line for line in listed.stdout.splitlines() if (ROOT / line).is_file()}
        return {path for path in found if not path.startswith('"')}
    return {
        str(path.relative_to(ROOT)) for name in PACKAGES for path in (ROOT / name).rglob("*.py")
    }


@pytest.mark.slow
def test_the_wheel_holds_all_packages_and_their_data(tmp_path: Path) -> None:
    pytest.importorskip(
        "hatchling", reason="the wheel is built with hatchling: pip install hatchling"
    )
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = tmp_path.glob("footnote-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for name in PACKAGES:
        assert f"{name}/__init__.py" in names
    for path in DATA:
        assert path in names
    assets = {str(path.relative_to(ROOT)) for path in (ROOT / "ui" / "assets").iterdir()}
    assert assets
    assert assets <= names
    missing = sources() - names
    assert not missing
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == set(PACKAGES)
    entry = next(name for name in names if name.endswith("entry_points.txt"))
    with zipfile.ZipFile(wheel) as archive:
        assert "footnote = ui.cli:main" in archive.read(entry).decode()
