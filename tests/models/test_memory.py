from pathlib import Path

import pytest

from models import memory
from models.catalog import entries, lookup
from models.gguf_header import read_header
from models.memory import free_bytes, need_of_entry, need_of_file
from models.packaged import starter_gguf

MEMINFO = "MemTotal:       24000000 kB\nMemFree: 1 kB\nMemAvailable:    8000000 kB\n"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose kernel says what stands in files of the test."""
    (tmp_path / "meminfo").write_text(MEMINFO)
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    monkeypatch.setattr(memory.sys, "platform", "linux")
    return tmp_path


def test_what_the_starter_needs() -> None:
    header = read_header(starter_gguf())
    short, long = need_of_file(header, 512), need_of_file(header, 4096)
    assert long.n_bytes - short.n_bytes == (4096 - 512) * header.kv_bytes_per_token
    # Measured: 390 MB more in memory once it has answered.
    assert 0.3e9 < long.n_bytes < 0.5e9
    # A context beyond what it was trained for is not used.
    assert need_of_file(header, 100_000) == need_of_file(header, 8192)


def test_an_estimate_is_more_than_the_file_and_not_absurd() -> None:
    for entry in entries():
        need = need_of_entry(entry, 4096)
        if entry.size_gb is None:
            assert need is None
            continue
        assert need is not None
        assert need.estimated
        assert entry.size_gb * 1e9 < need.n_bytes < entry.size_gb * 2.1e9 + 1.2e9


def test_a_longer_context_needs_more() -> None:
    entry = lookup("granite-4.1-3b")
    short, long = need_of_entry(entry, 2048), need_of_entry(entry, 8192)
    assert short is not None
    assert long is not None
    assert long.n_bytes > short.n_bytes + 0.5e9


def test_free_memory_as_the_kernel_says(machine: Path) -> None:
    assert free_bytes() == 8_000_000 * 1024


def test_a_container_may_have_less(machine: Path) -> None:
    (machine / "memory.max").write_text("3000000000\n")
    (machine / "memory.current").write_text("2500000000\n")
    (machine / "memory.stat").write_text("anon 5\ninactive_file 400000000\nfile 2\n")
    assert free_bytes() == 900_000_000
    (machine / "memory.max").write_text("max\n")
    assert free_bytes() == 8_000_000 * 1024


def test_a_system_that_does_not_say(machine: Path) -> None:
    (machine / "meminfo").unlink()
    assert free_bytes() is None


def test_free_memory_of_a_mac(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = (
        "Mach Virtual Memory Statistics: (page size of 16384 bytes)\n"
        "Pages free:                               10000.\n"
        "Pages active:                             90000.\n"
        "Pages inactive:                           20000.\n"
        "Pages speculative:                         1000.\n"
        "Pages purgeable:                            500.\n"
    )
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    done = memory.subprocess.CompletedProcess([], 0, stdout=said)
    monkeypatch.setattr(memory.subprocess, "run", lambda *a, **k: done)
    assert free_bytes() == 31_500 * 16384
