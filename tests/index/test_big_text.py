"""A very large text: bounded memory, resumable, time left shown.

FOOTNOTE_BIG_MB sets its size (10 by default, 200 for the promise in full); run with `-s` for figures.
"""

import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.coverage import coverage
from index.store import Store

# The environment is cleared for each test, so it is read here.
MEGABYTES = int(os.environ.get("FOOTNOTE_BIG_MB", "10"))
MAX_RSS_MB = 700

ADD = """
import os, resource, signal, sys
from pathlib import Path
from index.library import Library
from models.fake import FakeEmbedder

folder, path, kill_at = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])

def watch(progress):
    global eta
    if progress.eta_s is not None:
        eta += 1
    if progress.bytes_done > kill_at * progress.n_bytes:
        os.kill(os.getpid(), signal.SIGKILL)

eta = 0
library = Library(folder, FakeEmbedder())
report = library.add([path], on_progress=watch)
unit = 1024 if sys.platform == "linux" else 1024 * 1024
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
if Path("/proc/self/status").exists():
    # Linux's ru_maxrss begins with what the parent held when it started this process.
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1e3
print(report.files[0].outcome, report.n_passages, round(report.seconds, 1), round(peak), eta)
library.close()
"""

WORDS = (
    "the harbour froze early and nobody minded it except for the ferry captain who said that ice "
    "was a matter of policy while export controls on chips took effect in October ministers met in "
    "Shanghai to speak about capacity building models training compute data energy research talent"
).split()
SPEAKERS = ("Ann Reyes", "Bo Lindqvist", "Wei Chen")


def write_book(path: Path, n_bytes: int) -> None:
    """Chapters, paragraphs, speakers and dates, always the same."""
    dice = random.Random(7)
    with path.open("w") as file:
        written = n = 0
        while written < n_bytes:
            n += 1
            sentences = []
            for _ in range(dice.randint(2, 7)):
                words = " ".join(dice.choices(WORDS, k=dice.randint(6, 24)))
                sentences.append(f"{words.capitalize()}.")
            paragraph = " ".join(sentences)
            if n % 5 == 0:
                paragraph = f"{dice.choice(SPEAKERS)}: {paragraph}"
            if n % 12 == 1:
                paragraph = f"Chapter {n // 12 + 1}: On {dice.choice(WORDS)}\n\n{paragraph}"
            if n % 17 == 0:
                paragraph += f" It was 14 May {dice.randint(1990, 2025)}, café time 中文."
            written += file.write(paragraph + "\n\n")


def add(folder: Path, path: Path, *, kill_at: float = 2.0) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", ADD, str(folder), str(path), str(kill_at)],
        capture_output=True,
        text=True,
        timeout=1800,
    )


def digest(store: Store) -> str:
    """All that was made of the one document, without ids."""
    found = hashlib.sha256()
    (document,) = store.documents()
    found.update(repr((document.title, document.date, document.n_chars, document.status)).encode())
    for start, end in store.pieces(document.id):
        found.update(store.text(document.id, start, end).encode())
        found.update(repr(store.blocks(document.id, start, end)).encode())
        for p in store.document_passages(document.id, start, end):
            row = (p.start, p.end, p.text, p.breadcrumb, p.role, p.section, p.speaker, p.date)
            found.update(repr((*row, p.n_tokens, p.speaker_span)).encode())
    return found.hexdigest()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_streamed_bounded_and_resumable(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    write_book(path, MEGABYTES * 1_000_000)
    whole = add(tmp_path / "whole", path)
    assert whole.returncode == 0, whole.stderr
    outcome, n_passages, seconds, peak, n_eta = whole.stdout.split()
    sys.stdout.write(
        f"\n{MEGABYTES} MB: {n_passages} passages in {seconds} s, "
        f"{MEGABYTES / float(seconds):.1f} MB/s, peak {peak} MB\n"
    )
    assert outcome == "added"
    assert int(peak) < MAX_RSS_MB
    assert int(n_eta) > MEGABYTES, "the time left is shown again and again"

    broken = tmp_path / "broken"
    assert add(broken, path, kill_at=0.6).returncode == -9
    store = Store(broken)
    (partial,) = store.documents()
    kept = partial.n_chars
    store.close_all()
    assert partial.status == "partial"
    assert kept > 0.4 * path.stat().st_size

    before = time.monotonic()
    resumed = add(broken, path)
    assert resumed.returncode == 0, resumed.stderr
    seconds = f"{time.monotonic() - before:.1f}"
    sys.stdout.write(f"resumed at {kept / path.stat().st_size:.0%}: {seconds} s\n")
    assert int(resumed.stdout.split()[1]) < 0.6 * int(n_passages), "only the rest was embedded"

    stores = [Store(tmp_path / "whole"), Store(broken)]
    assert digest(stores[0]) == digest(stores[1])
    (document,) = stores[1].documents()
    found = coverage(stores[1], document)
    assert found.complete
    assert found.n_passages == int(n_passages) == stores[1].count("vectors")
    for opened in stores:
        opened.close_all()
    assert add(broken, path).stdout.startswith("unchanged 0")
