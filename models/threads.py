"""Threads that do not wait in each other's way, so that models stay fast while other programs run."""

import os
import sys

# So often a thread of GNU's OpenMP looks before it sleeps: long enough for the short waits between two
# operations of a model, too short to keep others off the core.
_SPINS = "300"


def wait_patiently() -> None:
    """Let OpenMP's threads sleep soon while they wait for each other, unless the user decided otherwise.

    By default they spin. On a laptop that does something else too, a spinning thread takes the core
    that the awaited one needs: with both cores busy, a passage was read in 2 s instead of 34 s
    (docs/decisions.md). Must be called before torch or llama.cpp is loaded, and does nothing after.
    """
    if "OMP_WAIT_POLICY" in os.environ or "GOMP_SPINCOUNT" in os.environ:
        return
    if sys.platform == "linux":
        # Passive threads of GNU's OpenMP would sleep at once as soon as there are more of them than cores,
        # which is so when a question is asked in another thread than documents were added in.
        os.environ.update(OMP_WAIT_POLICY="ACTIVE", GOMP_SPINCOUNT=_SPINS)
    else:
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
