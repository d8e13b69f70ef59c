"""How OpenMP's threads are told to wait."""

import os

import pytest

from models.threads import wait_patiently

_NAMES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")


@pytest.mark.parametrize(
    ("platform", "given", "expected"),
    [
        ("linux", (None, None), ("ACTIVE", "300")),
        ("darwin", (None, None), ("PASSIVE", None)),
        ("linux", ("PASSIVE", None), ("PASSIVE", None)),
        ("linux", (None, "20000"), (None, "20000")),
    ],
)
def test_threads_wait_shortly_unless_told_otherwise(monkeypatch, platform, given, expected) -> None:
    for name, value in zip(_NAMES, given, strict=True):
        # Set first, so that what is set by the function is taken back too.
        monkeypatch.setenv(name, value or "")
        if value is None:
            monkeypatch.delenv(name)
    monkeypatch.setattr("sys.platform", platform)
    wait_patiently()
    assert tuple(os.environ.get(name) for name in _NAMES) == expected
