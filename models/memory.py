"""Memory: what a model needs, and what is free on this machine.

What is needed is a sum of what can be computed and an allowance for the rest; where a model's file is
not here, it is an estimate from its size.
"""

import contextlib
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from models.catalog import CatalogEntry
from models.gguf_header import GgufHeader

# Footnote itself: Python, PyTorch, the embedder, the prover, a library. Measured while it answers.
OWN_BYTES = 900_000_000
# llama.cpp reads so many tokens at once, and keeps a number for each word of the vocabulary for each.
_BATCH = 512
_FLOAT = 4
# Tables of the vocabulary, buffers of the runtime.
_REST = 100_000_000
# Of the models in the catalogue, 0.6 to 14 B parameters, at most.
_KV_GUESS, _COMPUTE_GUESS = 150_000, 350_000_000
_MEMINFO, _CGROUP = Path("/proc/meminfo"), Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Need:
    """Memory that a model needs.

    Attributes:
        n_bytes: weights, context and buffers.
        estimated: from the size in the catalogue alone.
    """

    n_bytes: int
    estimated: bool = False


def need_of_file(header: GgufHeader, context_tokens: int) -> Need:
    """What a GGUF file needs with a context of so many tokens."""
    n_tokens = min(context_tokens, header.context or context_tokens)
    return Need(
        header.size_bytes
        + header.kv_bytes_per_token * n_tokens
        + _BATCH * header.n_vocab * _FLOAT
        + _REST
    )


def need_of_entry(entry: CatalogEntry, context_tokens: int) -> Need | None:
    """What a model of the catalogue will need; None where not even its size is known."""
    if entry.size_gb is None:
        return None
    size = int(entry.size_gb * 1e9)
    if entry.kind != "generator":
        # Weights are computed with at 32 bits, whatever they are stored with.
        return Need(2 * size + _REST, estimated=True)
    share = min(1.0, (entry.params_b or 1.0) / 0.6)
    kv = _KV_GUESS * min(context_tokens, entry.context or context_tokens)
    return Need(size + int(share * (kv + _COMPUTE_GUESS)) + _REST, estimated=True)


def free_bytes() -> int | None:
    """Memory that a new program could have now; None where the system does not say."""
    free = _free_on_mac() if sys.platform == "darwin" else _free_on_linux()
    left = _left_in_group()
    known = [n_bytes for n_bytes in (free, left) if n_bytes is not None]
    return min(known) if known else None


def _free_on_linux() -> int | None:
    with contextlib.suppress(OSError):
        found = re.search(r"^MemAvailable:\s+(\d+) kB", _MEMINFO.read_text("ascii"), re.MULTILINE)
        return int(found[1]) * 1024 if found else None
    return None


def _left_in_group() -> int | None:
    """What a container's limit leaves; files in memory can be dropped and do not count as used."""
    try:
        limit = (_CGROUP / "memory.max").read_text("ascii").strip()
        used = int((_CGROUP / "memory.current").read_text("ascii"))
        stat = (_CGROUP / "memory.stat").read_text("ascii")
        if limit == "max":
            return None
        found = re.search(r"^inactive_file (\d+)$", stat, re.MULTILINE)
        return max(0, int(limit) - used + (int(found[1]) if found else 0))
    except (OSError, ValueError):
        return None


def _free_on_mac() -> int | None:
    """Pages that are free or can be dropped at once."""
    try:
        said = subprocess.run(
            ["/usr/bin/vm_stat"], capture_output=True, text=True, timeout=5, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    size = re.search(r"page size of (\d+) bytes", said)
    pages = re.findall(
        r"^Pages (?:free|inactive|speculative|purgeable):\s+(\d+)\.", said, re.MULTILINE
    )
    return int(size[1]) * sum(map(int, pages)) if size and pages else None
