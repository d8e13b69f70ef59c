"""Threads that wait patiently, so that models stay fast while other programs run."""

import os


def wait_patiently() -> None:
    """Let OpenMP's threads sleep while they wait for each other, unless the user decided otherwise.

    By default they spin. On a laptop that does something else too, a spinning thread takes the core
    that the awaited one needs: with both cores busy, a passage was read in 2 s instead of 34 s
    (docs/decisions.md). Must be called before torch or llama.cpp is loaded, and does nothing after.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
