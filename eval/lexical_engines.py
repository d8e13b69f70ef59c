"""Lexical engines side by side: SQLite's FTS5, tantivy, bm25s.

    python -m eval.lexical_engines [--data DIR] --libraries DIR --questions FILE --work DIR [--sizes N,N]

Ranking (nDCG@10) on the BEIR folders in DATA; time of a question, of adding, memory, disk, a change of 500
passages and being killed while adding on the made-up libraries that `eval.scale` keeps in LIBRARIES. Every
engine runs in a process of its own, the ones that are not Python's in a virtual environment in WORK.
"""

import argparse
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.errors import QuestionSetError
from eval.metrics import ndcg_at
from eval.questions import load_questions
from eval.ranking_sets import load_set
from eval.side_by_side import environment
from index.lexical import terms

ENGINES = ("fts5", "fts5, rarer words", "tantivy", "bm25s")
RANKED = ("squad", "scifact", "hotpotqa_pooled")
_WORKER = Path(__file__).resolve().parent / "frameworks" / "lexical_worker.py"


def write(folder: Path, passages: Iterable[str], queries: Sequence[str]) -> None:
    """The folder that the worker reads."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as out:
        for text in passages:
            out.write(json.dumps(text) + "\n")
    asked = [terms(query) for query in queries]
    (folder / "queries.json").write_text(json.dumps(asked), encoding="utf-8")


def run_engine(engine: str, folder: Path, work: Path, *, changes: bool) -> dict[str, Any]:
    """What the worker measured.

    Raises:
        QuestionSetError: it broke off.
    """
    out = folder / "out.json"
    out.unlink(missing_ok=True)
    python = environment("lexical", work)
    command = [str(python), str(_WORKER), engine, str(folder), str(out)]
    ended = subprocess.run(
        [*command, *(["--changes"] if changes else [])], capture_output=True, text=True
    )
    if not out.is_file():
        raise QuestionSetError(f"{engine} broke off: {ended.stderr.strip()[-900:]}")
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return result


def ranking(data: Path, work: Path) -> None:
    """Print nDCG@10 of every engine on every set."""
    for name in RANKED:
        rows = load_set(data, name)
        queries = list(rows.queries)[:1000]
        write(work / name, rows.passages(), [rows.queries[q] for q in queries])
        for engine in ENGINES:
            found = run_engine(engine, work / name, work, changes=False)["found"]
            values = [
                ndcg_at([rows.ids[i - 1] for i in hits], rows.qrels[q], 10)
                for q, hits in zip(queries, found, strict=True)
            ]
            _tell({"set": name, "engine": engine, "ndcg@10": round(float(np.mean(values)), 4)})


def growth(libraries: Path, questions: Path, work: Path, sizes: Sequence[int]) -> None:
    """Print times, memory and disk of every engine at every size."""
    asked = [question.question for question in load_questions(questions)]
    for size in sizes:
        folder = work / str(size)
        with sqlite3.connect(libraries / str(size) / "library.sqlite") as store:
            texts = (row[0] for row in store.execute("SELECT text FROM passages ORDER BY id"))
            write(folder, texts, asked)
        for engine in ENGINES:
            result = run_engine(engine, folder, work, changes=True)
            p50, p95 = np.percentile(result.pop("times_ms"), [50, 95])
            del result["found"]
            figures = {k: round(v, 1) if isinstance(v, float) else v for k, v in result.items()}
            _tell({"passages": size, **figures, "p50_ms": round(p50, 1), "p95_ms": round(p95, 1)})


def _tell(figures: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare and print a line of JSON for each engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="left out: no ranking")
    parser.add_argument("--libraries", type=Path, required=True, help="work folder of eval.scale")
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    options = parser.parse_args(arguments)
    try:
        if options.data is not None:
            ranking(options.data, options.work)
        sizes = [int(size) for size in options.sizes.split(",")]
        growth(options.libraries, options.questions, options.work, sizes)
    except QuestionSetError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
