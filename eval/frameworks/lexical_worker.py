"""One lexical engine over one set of passages (`eval.lexical_engines`).

    python lexical_worker.py ENGINE MATERIAL OUT.json

Needs only the standard library and the engine. MATERIAL holds `passages.jsonl` (a JSON string a line),
`queries.json` (a list of lists of words, stop words left out) and is where the engine keeps its files.
"""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

_FOUND = 40
_MORE = 500


class Engine(Protocol):
    """A search over passages that are numbered from 1."""

    def add(self, passages: Iterator[str]) -> None:
        """Make passages findable, numbered on from the last; they stay when the program ends."""

    def remove(self, numbers: Sequence[int]) -> None:
        """Make passages unfindable."""

    def search(self, words: Sequence[str]) -> list[int]:
        """Numbers of the best passages with any of the words, best first."""


class Fts5:
    """SQLite's FTS5, as Footnote's schema declares it."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "fts5.sqlite", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS p (id INTEGER PRIMARY KEY, text TEXT)")
        self._db.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS f USING fts5(text, content='p', content_rowid='id', "
            'tokenize="porter unicode61 remove_diacritics 2")'
        )

    def add(self, passages: Iterator[str]) -> None:
        """In one transaction."""
        self._db.execute("BEGIN")
        (number,) = self._db.execute("SELECT coalesce(max(id), 0) FROM p").fetchone()
        for number, text in enumerate(passages, number + 1):  # noqa: B020
            self._db.execute("INSERT INTO p VALUES (?, ?)", (number, text))
            self._db.execute("INSERT INTO f (rowid, text) VALUES (?, ?)", (number, text))
        self._db.execute("COMMIT")

    def remove(self, numbers: Sequence[int]) -> None:
        """In one transaction."""
        self._db.execute("BEGIN")
        for number in numbers:
            (text,) = self._db.execute("SELECT text FROM p WHERE id = ?", (number,)).fetchone()
            self._db.execute(
                "INSERT INTO f (f, rowid, text) VALUES ('delete', ?, ?)", (number, text)
            )
            self._db.execute("DELETE FROM p WHERE id = ?", (number,))
        self._db.execute("COMMIT")

    def search(self, words: Sequence[str]) -> list[int]:
        """By BM25."""
        query = " OR ".join(f'"{word}"' for word in words)
        rows = self._db.execute(
            "SELECT rowid FROM f WHERE f MATCH ? ORDER BY rank LIMIT ?", (query, _FOUND)
        )
        return [row[0] for row in rows]


class Fts5Rare(Fts5):
    """FTS5 as Footnote asks it: the commonest words left out where 30,000 passages hold them."""

    _POSTINGS = 30_000

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.v USING fts5vocab(main, f, row)")
        # Porter's stems of words, as the index makes them itself.
        self._db.execute(
            "CREATE VIRTUAL TABLE temp.s USING fts5(t, tokenize='porter unicode61 remove_diacritics 2')"
        )
        self._db.execute("CREATE VIRTUAL TABLE temp.sv USING fts5vocab(temp, s, row)")
        self._counts: dict[str, int] = {}

    def _count(self, word: str) -> int:
        if word not in self._counts:
            self._db.execute("DELETE FROM temp.s")
            self._db.execute("INSERT INTO temp.s VALUES (?)", (word,))
            stems = [row[0] for row in self._db.execute("SELECT term FROM temp.sv")]
            counts = [
                row[0]
                for stem in stems
                for row in self._db.execute("SELECT doc FROM temp.v WHERE term = ?", (stem,))
            ]
            self._counts[word] = min(counts, default=0)
        return self._counts[word]

    def search(self, words: Sequence[str]) -> list[int]:
        """By BM25 over the rarer words."""
        kept: list[str] = []
        budget = self._POSTINGS
        for word in sorted(words, key=self._count):
            budget -= self._count(word)
            if budget < 0 and kept:
                break
            kept.append(word)
        return super().search(kept)


class Tantivy:
    """Tantivy with English stems, an index on disk."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        schema = tantivy.SchemaBuilder()
        schema.add_integer_field("id", stored=True, indexed=True)
        schema.add_text_field("text", stored=False, tokenizer_name="en_stem")
        self._tantivy = tantivy
        path = folder / "tantivy"
        path.mkdir(exist_ok=True)
        self._index = tantivy.Index(schema.build(), path=str(path), reuse=True)
        self._index.reload()
        self._writer = self._index.writer(heap_size=128 << 20, num_threads=1)

    def add(self, passages: Iterator[str]) -> None:
        """With one commit."""
        number = self._index.searcher().num_docs
        for number, text in enumerate(passages, number + 1):  # noqa: B020
            self._writer.add_document(self._tantivy.Document(id=number, text=text))
        self._writer.commit()
        self._index.reload()

    def remove(self, numbers: Sequence[int]) -> None:
        """With one commit."""
        for number in numbers:
            self._writer.delete_documents("id", number)
        self._writer.commit()
        self._index.reload()

    def search(self, words: Sequence[str]) -> list[int]:
        """By BM25."""
        query = self._index.parse_query(" ".join(words), ["text"])
        searcher = self._index.searcher()
        hits = searcher.search(query, _FOUND, count=False).hits
        return [searcher.doc(address)["id"][0] for _, address in hits]


class Bm25s:
    """bm25s in memory, saved to disk; a change means making it anew."""

    def __init__(self, folder: Path) -> None:
        import bm25s
        import Stemmer

        self._bm25s, self._stemmer = bm25s, Stemmer.Stemmer("english")
        self._path = folder / "bm25s"
        self._texts: list[str] = []
        self._index: Any = None
        if self._path.is_dir():
            self._index = bm25s.BM25.load(str(self._path))

    def _make(self) -> None:
        tokens = self._bm25s.tokenize(
            self._texts, stopwords="en", stemmer=self._stemmer, show_progress=False
        )
        self._index = self._bm25s.BM25()
        self._index.index(tokens, show_progress=False)
        self._index.save(str(self._path))

    def add(self, passages: Iterator[str]) -> None:
        """Everything anew."""
        self._texts += passages
        self._make()

    def remove(self, numbers: Sequence[int]) -> None:
        """Everything anew."""
        left_out = set(numbers)
        self._texts = [t for i, t in enumerate(self._texts, 1) if i not in left_out]
        self._make()

    def search(self, words: Sequence[str]) -> list[int]:
        """By BM25 (Lucene's)."""
        tokens = self._bm25s.tokenize(
            [" ".join(words)], stopwords="en", stemmer=self._stemmer, show_progress=False
        )
        found, _ = self._index.retrieve(tokens, k=_FOUND, show_progress=False)
        return [int(i) + 1 for i in found[0]]


ENGINES: dict[str, Callable[[Path], Engine]] = {
    "fts5": Fts5,
    "fts5, rarer words": Fts5Rare,
    "tantivy": Tantivy,
    "bm25s": Bm25s,
}


def _texts(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _survives(name: str, material: Path) -> bool:
    """Whether everything is found again after the program was killed while it added."""
    folder = material / "killed"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    few = [text for text, _ in zip(_texts(material / "passages.jsonl"), range(2_000), strict=False)]
    word = "footnoteword"
    engine = ENGINES[name](folder)
    engine.add(iter([*few, word]))
    del engine
    child = subprocess.Popen(
        [sys.executable, __file__, name, str(material), "--add-forever", str(folder)]
    )
    time.sleep(3)
    child.send_signal(signal.SIGKILL)
    child.wait()
    for lock in folder.glob("tantivy/.tantivy-writer.lock"):
        lock.unlink()
    try:
        return ENGINES[name](folder).search([word]) == [len(few) + 1]
    except Exception as error:
        sys.stderr.write(f"{name} after being killed: {error!r}\n")
        return False


def main() -> None:
    """Measure and write what came out."""
    name, material = sys.argv[1], Path(sys.argv[2])
    if sys.argv[3] == "--add-forever":
        engine = ENGINES[name](Path(sys.argv[4]))
        while True:
            engine.add(
                text
                for text, _ in zip(_texts(material / "passages.jsonl"), range(300), strict=False)
            )
    out = Path(sys.argv[3])
    folder = material / "engine"
    if name != "fts5, rarer words":
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    queries: list[list[str]] = json.loads((material / "queries.json").read_text(encoding="utf-8"))
    engine = ENGINES[name](folder)
    result: dict[str, Any] = {"engine": name}
    if name != "fts5, rarer words":
        result["adding_s"] = _seconds(lambda: engine.add(_texts(material / "passages.jsonl")))
    for query in queries[:20]:
        engine.search(query)
    found, times = [], []
    for query in queries:
        began = time.perf_counter()
        found.append(engine.search(query))
        times.append(1e3 * (time.perf_counter() - began))
    result["times_ms"], result["found"] = times, found
    result["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result["disk_mib"] = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / (1 << 20)
    if "--changes" in sys.argv and name != "fts5, rarer words":
        more = [
            text for text, _ in zip(_texts(material / "passages.jsonl"), range(_MORE), strict=False)
        ]
        result["add_500_s"] = _seconds(lambda: engine.add(iter(more)))
        result["remove_500_s"] = _seconds(lambda: engine.remove(range(1, _MORE + 1)))
        result["survives_kill"] = _survives(name, material)
    out.write_text(json.dumps(result), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
