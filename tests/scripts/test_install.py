import importlib.util
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"


def load(name):
    """Loads a script as its own process would: by path, with its neighbours importable."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


errors = load("install_errors")
checks = load("install_checks")
progress = load("install_progress")
install = load("install")


class TestPython:
    @pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (3, 14, 1)])
    def test_versions_that_fit(self, version):
        assert checks.python_problem(version) is None

    def test_too_old_is_said_with_both_versions(self):
        assert checks.python_problem((3, 8, 18)) == (
            "Footnote needs Python 3.11 or later; this is 3.8.18."
        )

    def test_too_new_is_said(self):
        assert "this is 3.15.0" in checks.python_problem((3, 15, 0))

    def test_describes_the_running_python(self):
        version, able = checks.describe_python(sys.executable)
        assert version == sys.version_info[:3]
        assert able

    def test_what_is_no_python_describes_as_none(self):
        assert checks.describe_python("/bin/false") is None

    def test_finds_the_one_asked_for(self):
        assert checks.find_python(sys.executable) == sys.executable

    def test_one_asked_for_that_does_not_run(self):
        with pytest.raises(checks.InstallError, match="PYTHON=/no/such is not a Python"):
            checks.find_python("/no/such", "debian")

    def test_too_old_only(self, monkeypatch):
        monkeypatch.setattr(checks.shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(checks, "describe_python", lambda path: ((3, 9, 2), True))
        with pytest.raises(checks.InstallError, match=r"this is 3\.9\.2") as caught:
            checks.find_python("", "debian")
        assert "apt install" in caught.value.remedy

    def test_debian_without_python3_venv(self, monkeypatch):
        monkeypatch.setattr(checks.shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(checks, "describe_python", lambda path: ((3, 11, 2), False))
        with pytest.raises(checks.InstallError, match="virtual environments") as caught:
            checks.find_python("", "debian")
        assert "sudo apt install python3.11-venv" in caught.value.remedy

    def test_skips_one_without_venv_for_one_with(self, monkeypatch):
        able = {"/usr/bin/python3": False, "/usr/bin/python3.12": True}
        monkeypatch.setattr(checks.shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(
            checks, "describe_python", lambda path: ((3, 12, 0), able.get(path, False))
        )
        assert checks.find_python("", "debian") == "/usr/bin/python3.12"


class TestMachine:
    def test_empty_path_means_no_compiler(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.delenv("CXX", raising=False)
        for system, words in [
            ("debian", "apt install build-essential"),
            ("fedora", "dnf install gcc-c++"),
            ("macos", "xcode-select --install"),
        ]:
            with pytest.raises(checks.InstallError, match=r"no C\+\+ compiler") as caught:
                checks.check_compiler(system)
            assert words in caught.value.remedy

    def test_a_compiler_that_fails_is_named_with_its_first_words(self, monkeypatch, tmp_path):
        for name in ("c++", "cc"):
            (tmp_path / name).write_text("#!/bin/sh\necho 'vector: No such file' >&2\nexit 1\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.delenv("CXX", raising=False)
        monkeypatch.delenv("CC", raising=False)
        with pytest.raises(checks.InstallError, match="vector: No such file"):
            checks.check_compiler("debian")

    def test_disk_names_what_is_needed_and_free(self):
        with pytest.raises(checks.InstallError) as caught:
            checks.check_disk(Path("/x"), needed_mb=3000, free_mb=1200)
        assert "about 3.0 GB in /x; 1.2 GB are free" in caught.value.problem
        assert "1.8 GB" in caught.value.remedy

    def test_disk_with_room(self):
        checks.check_disk(Path("/x"), needed_mb=3000, free_mb=3000)

    def test_intel_mac_and_windows(self):
        with pytest.raises(checks.InstallError, match="Intel"):
            checks.check_machine("darwin", "x86_64")
        with pytest.raises(checks.InstallError, match="win32"):
            checks.check_machine("win32", "AMD64")
        checks.check_machine("darwin", "arm64")
        checks.check_machine("linux", "x86_64")


class TestErrors:
    @pytest.mark.parametrize(
        ("log", "words"),
        [
            (
                "WARNING: Retrying (Retry(total=4)) after connection broken by "
                "'NewConnectionError(...: [Errno -3] Temporary failure in name resolution')'\n"
                "ERROR: No matching distribution found for torch==2.13.0",
                "cannot be reached",
            ),
            ("g++: fatal error: Killed signal terminated program cc1plus", "out of memory"),
            ("error: x.cpp: No space left on device\nERROR: Failed building wheel", "disk is full"),
            ("SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED", "certificate"),
            ("ERROR: No matching distribution found for torch==2.13.0", "has no torch==2.13.0"),
            ("ERROR: Could not install: [Errno 13] Permission denied: '/x'", "cannot be written"),
            ("ERROR: something new", "pip failed: something new"),
            ("", "pip failed."),
        ],
    )
    def test_cause_is_named(self, log, words):
        problem, remedy = errors.explain(log)
        assert words in problem
        assert remedy

    def test_compiler_error_gives_its_first_line(self):
        log = "x\n  /a/llama.cpp:3:1: error: unknown type name 'foo'\nninja: build stopped\n"
        problem, _ = errors.explain(log, compiling=True)
        assert problem.endswith("error: unknown type name 'foo'")

    def test_retries(self):
        line = "  WARNING: Retrying (Retry(total=3, connect=None, read=None)) after connection"
        assert errors.retries_left(line) == 3
        assert errors.retries_left("Collecting torch") is None


class TestProgress:
    def test_ninja_lines_give_steps_and_time_left(self):
        p = progress.Progress()
        p.read("  [1/60] /usr/bin/g++ -c a.cpp", 0.0)
        assert p.describe(1.0) == "compiled 1 of 60"
        p.read("  [30/60] /usr/bin/g++ -c b.cpp", 50.0)
        share = progress.time_share(0.5)
        assert p.describe(50.0) == (f"compiled 30 of 60, {progress.spoken(50 / share - 50)} left")
        p.read("  [60/60] link", 100.0)
        assert p.describe(100.0) == "compiled 60 of 60, packing it up"

    def test_make_percentages_are_read_too(self):
        p = progress.Progress()
        p.read("  [  5%] Building CXX object", 0.0)
        assert p.describe(0.0) == "compiled 5 of 100"

    def test_packages_then_unpacking(self):
        p = progress.Progress(95, lambda: 12)
        p.read("Collecting annotated-doc==0.0.7 (from -r requirements.lock (line 3))", 0.0)
        p.read("Requirement already satisfied: anyio==4.16.0 in ./.venv", 0.0)
        p.read("Collecting scipy==1.17.1", 0.0)
        p.read("  Downloading scipy-1.17.1-cp311-cp311-manylinux.whl (35.6 MB)", 0.0)
        assert p.describe(0.0) == "3 of 95, downloading scipy (35.6 MB)"
        p.read("Installing collected packages: a, b", 0.0)
        assert p.describe(0.0) == "unpacking: 12 of 95 packages in place"

    def test_an_index_that_does_not_answer_is_said(self):
        p = progress.Progress()
        p.read("WARNING: Retrying (Retry(total=4, connect=None)) after connection broken", 0.0)
        assert p.describe(0.0) == "the package index does not answer; 5 more tries"

    def test_time_share_rises_from_0_to_1(self):
        values = [progress.time_share(i / 100) for i in range(101)]
        assert values[0] == 0.0
        assert values[-1] == 1.0
        assert values == sorted(values)

    @pytest.mark.parametrize(
        ("seconds", "words"), [(3, "a few seconds"), (22, "about 20 s"), (130, "about 2 min")]
    )
    def test_spoken(self, seconds, words):
        assert progress.spoken(seconds) == words

    def test_without_a_terminal_a_line_every_15_s(self, monkeypatch):
        now = [0.0]
        monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
        out = io.StringIO()
        line = progress.Line("torch", out)
        for second in range(0, 61, 5):
            now[0] = float(second)
            line.show("downloading")
        assert out.getvalue().splitlines() == [
            f"      torch {stamp}  downloading" for stamp in ("0:15", "0:30", "0:45", "1:00")
        ]

    def test_a_command_is_logged_and_its_end_given_back(self, tmp_path):
        log = tmp_path / "install.log"
        command = [sys.executable, "-c", "print('Collecting x'); raise SystemExit(3)"]
        p = progress.Progress(1)
        status, tail = progress.run(command, label="x", log=log, progress=p)
        assert (status, tail, p.packages) == (3, "Collecting x\n", 1)
        assert "Collecting x" in log.read_text()


class TestFiles:
    def test_locked_reads_names_versions_and_markers(self, tmp_path):
        file = tmp_path / "requirements.lock"
        file.write_text('# note\na-b==1.2\nc==3 ; python_version >= "3.13"\n')
        assert install.locked(file) == {"a-b": "1.2", "c": "3"}

    def test_the_lock_has_each_package_that_the_project_names(self):
        import tomllib

        from packaging.requirements import Requirement
        from packaging.utils import canonicalize_name

        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        for lock, wanted in [
            (install.LOCK, project["project"]["dependencies"]),
            (install.TEST_LOCK, project["dependency-groups"]["test"]),
        ]:
            versions = install.locked(lock)
            for requirement in map(Requirement, wanted):
                version = versions[canonicalize_name(requirement.name)]
                assert requirement.specifier.contains(version), requirement

    def test_the_model_packages_bring_nothing_else(self):
        assert "llm" not in install.locked(install.LOCK)

    def test_third_party_names_every_locked_package(self):
        text = (ROOT / "THIRD_PARTY.md").read_text()
        for lock in (install.LOCK, install.TEST_LOCK):
            missing = [n for n in install.locked(lock) if f"| {n} |" not in text and n not in text]
            assert not missing

    def test_key_changes_with_a_file(self, tmp_path):
        file = tmp_path / "lock"
        file.write_text("a==1\n")
        before = install.key_of(file)
        file.write_text("a==2\n")
        assert install.key_of(file) != before

    def test_half_installed_packages_are_forgotten(self, tmp_path, monkeypatch):
        for name, whole in [("good-1", True), ("half-1", False)]:
            folder = tmp_path / f"{name}.dist-info"
            folder.mkdir()
            (folder / "METADATA").write_text("")
            if whole:
                (folder / "INSTALLER").write_text("pip\n")
        (tmp_path / "~orch").mkdir()
        monkeypatch.setattr(install, "site_packages", lambda: tmp_path)
        install.remove_half_installed()
        assert [p.name for p in tmp_path.iterdir()] == ["good-1.dist-info"]

    def test_a_folder_of_the_users_is_not_removed(self, tmp_path, monkeypatch):
        folder = tmp_path / ".venv"
        folder.mkdir()
        (folder / "thesis.txt").write_text("x")
        monkeypatch.setattr(install, "VENV", folder)
        with pytest.raises(checks.InstallError, match="not a virtual environment"):
            install.make_venv(sys.executable)
        assert (folder / "thesis.txt").exists()

    def test_another_cache_for_other_options_and_processors(self, monkeypatch, tmp_path):
        env = {"XDG_CACHE_HOME": str(tmp_path), "CMAKE_ARGS": "-DA=1"}
        first = install.build_cache(env)
        assert first.is_relative_to(tmp_path)
        assert install.build_cache({**env, "CMAKE_ARGS": "-DA=2"}) != first
        monkeypatch.setattr(install, "processor", lambda: "another")
        assert install.build_cache(env) != first


class TestCommand:
    def test_no_compiler_ends_in_one_sentence_without_a_traceback(self, tmp_path):
        scripts = tmp_path / "scripts"
        scripts.mkdir()
        for file in SCRIPTS.glob("install*.py"):
            (scripts / file.name).write_text(file.read_text())
        (scripts / "llama-cpp.cmake").write_text("")
        for name in ("requirements.lock", "requirements-test.lock", "pyproject.toml"):
            (tmp_path / name).write_text("torch==1\nllama-cpp-python==1\n")
        done = subprocess.run(
            [sys.executable, str(scripts / "install.py")],
            capture_output=True,
            text=True,
            env={"PATH": str(tmp_path), "PYTHON": sys.executable, "HOME": str(tmp_path)},
            check=False,
        )
        assert done.returncode == 1
        assert "There is no C++ compiler on this machine" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / ".venv").exists()

    @pytest.mark.parametrize("name", ["install", "install_checks", "install_errors"])
    def test_scripts_parse_on_python_3_8(self, name):
        import ast

        ast.parse((SCRIPTS / f"{name}.py").read_text(), feature_version=(3, 8))


def test_make_help_lists_the_commands():
    done = subprocess.run(
        ["make", "-s", "-C", str(ROOT), "help"],
        capture_output=True,
        text=True,
        check=True,
        env={k: v for k, v in os.environ.items() if k != "MAKEFLAGS"},
    )
    for command in ("run", "test", "check", "install", "lock"):
        assert f"make {command}" in done.stdout
