"""Footnote's retrieval beside LlamaIndex, LangChain, Haystack and txtai, in one run.

    python -m eval.side_by_side --data DIR --work DIR [--sets squad,scifact] [--questions N] [--json OUT]

Every framework gets a virtual environment of its own in WORK (made at the first run, with the same
PyTorch, sentence-transformers and packaged embedder as Footnote) and a process of its own, one after the
other. Each adds the same documents and answers the same questions with the pipeline of its own first
tutorial and its own defaults (`eval.frameworks.worker`).

`squad`: every article is one document; a question is answered by a result that holds the answer's words with
40 characters around them. Pieces differ in size, so besides the first five results the first 2,000
characters of all results are looked at: what a small model would be given. `scifact`: every abstract is one
document, and the results' documents are ranked. Only test questions are asked.

`characters/s` counts the characters of the sources that the embedder has read to the end, each once:
a piece longer than the embedder reads is cut, and what was cut is found by nobody.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from eval.errors import QuestionSetError
from eval.metrics import mrr_at, ndcg_at, recall_at
from eval.ranking_figures import Scores, compare_scores, mean_metric
from eval.ranking_sets import load_set
from models.packaged import EMBEDDER_PACKAGE, starter_embedder_dir

FRAMEWORKS = ("llamaindex", "langchain", "haystack", "txtai")
OURS = ("footnote", "footnote+prover")
BUDGET = 2_000
"""Characters of the results that are looked at, best first."""

_AROUND = 40
_HERE = Path(__file__).resolve().parent / "frameworks"
_ROOT = Path(__file__).resolve().parent.parent
_SAME = ("torch", "sentence-transformers", EMBEDDER_PACKAGE)

Results = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Material:
    """Documents and questions.

    Attributes:
        documents: text by name.
        queries: the questions.
        metrics: names of what `scores` gives.
        scores: metrics of one question by its place, from (document, text) of its results, best first.
    """

    documents: Mapping[str, str]
    queries: Sequence[str]
    metrics: tuple[str, ...]
    scores: Callable[[int, Results], tuple[float, ...]]


def articles(data: Path, n_questions: int) -> Material:
    """All articles of SQuAD, with questions of the test articles."""
    squad = json.loads((data / "qa" / "squad-v1.1.json").read_text(encoding="utf-8"))["data"]
    documents = {
        a["title"]: "\n\n".join(
            [a["title"].replace("_", " "), *(p["context"].strip() for p in a["paragraphs"])]
        )
        for a in squad
    }
    test = json.loads((data / "splits.json").read_text(encoding="utf-8"))["squad"]["test"]
    asked = [
        (item["question"], _squeezed(_window(paragraph["context"], item["answers"][0])))
        for article in squad
        if article["title"] in test
        for paragraph in article["paragraphs"]
        for item in paragraph["qas"]
    ]
    random.Random(0).shuffle(asked)
    queries = [question for question, _ in asked[:n_questions]]
    wanted = [words for _, words in asked[:n_questions]]

    def scores(place: int, results: Results) -> tuple[float, ...]:
        texts = [text for _, text in results]
        hits = [wanted[place] in _squeezed(text) for text in texts[:10]]
        first = next((1 / rank for rank, hit in enumerate(hits, 1) if hit), 0.0)
        return float(_within_budget(wanted[place], texts)), float(any(hits[:5])), first

    names = (f"answer in {BUDGET:,} characters", "answer in 5 results", "mrr@10")
    return Material(documents, queries, names, scores)


def abstracts(data: Path, n_questions: int) -> Material:
    """All abstracts of scifact, with its test questions."""
    rows = load_set(data, "scifact")
    documents = {
        ident: f"{title}\n\n{text}"
        for ident, title, text in zip(rows.ids, rows.titles, rows.texts, strict=True)
    }
    kept = list(rows.queries)[:n_questions]

    def scores(place: int, results: Results) -> tuple[float, ...]:
        ranked = list(dict.fromkeys(name for name, _ in results))
        grades = rows.qrels[kept[place]]
        return ndcg_at(ranked, grades, 10), recall_at(ranked, grades, 5), mrr_at(ranked, grades, 10)

    return Material(
        documents, [rows.queries[q] for q in kept], ("ndcg@10", "recall@5", "mrr@10"), scores
    )


SETS: Mapping[str, Callable[[Path, int], Material]] = {"squad": articles, "scifact": abstracts}


def _window(passage: str, answer: Mapping[str, Any]) -> str:
    start = int(answer["answer_start"])
    return passage[max(0, start - _AROUND) : start + len(answer["text"]) + _AROUND]


def _within_budget(wanted: str, texts: Sequence[str]) -> bool:
    left = BUDGET
    for text in texts:
        if wanted in _squeezed(text[:left]):
            return True
        left -= len(text)
        if left <= 0:
            return False
    return False


def _squeezed(text: str) -> str:
    """Without white space, which splitters change."""
    return "".join(text.split())


def environment(name: str, work: Path) -> Path:
    """The Python of a framework's virtual environment, made if it is not there yet.

    Raises:
        QuestionSetError: pip cannot install it.
    """
    if name in OURS:
        return Path(sys.executable)
    folder = work / "environments" / name
    python = folder / "bin" / "python"
    done = folder / "installed.txt"
    wanted = [f"{package}=={version(package)}" for package in _SAME]
    wanted += (_HERE / f"{name}.txt").read_text(encoding="utf-8").split()
    if done.is_file() and done.read_text(encoding="utf-8").split() == wanted:
        return python
    sys.stderr.write(f"Making the environment of {name}\n")
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    made = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *wanted], capture_output=True, text=True
    )
    if made.returncode:
        raise QuestionSetError(f"cannot install {name}: {made.stderr.strip()[-600:]}")
    done.write_text("\n".join(wanted), encoding="utf-8")
    return python


def run_framework(name: str, material: Path, work: Path) -> dict[str, Any]:
    """Let one framework add the documents and answer the questions; what its worker wrote.

    Raises:
        QuestionSetError: it broke off.
    """
    out = work / f"{name}.json"
    out.unlink(missing_ok=True)
    worker = str(_HERE / "worker.py")
    command = [str(environment(name, work)), worker, name, str(material), str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=_ROOT)
    if not out.is_file():
        raise QuestionSetError(f"{name} broke off: {ended.stderr.strip()[-900:]}")
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return result


def write_material(material: Material, folder: Path) -> None:
    """The folder that every worker reads."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "documents").mkdir(parents=True)
    for name, text in material.documents.items():
        (folder / "documents" / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / "queries.json").write_text(json.dumps(material.queries), encoding="utf-8")
    (folder / "model.txt").write_text(str(starter_embedder_dir()), encoding="utf-8")


def figures(material: Material, result: Mapping[str, Any]) -> tuple[dict[str, Any], Scores]:
    """Everything measured of one framework, and its metrics by question, shape (questions, 3)."""
    scores = np.array([material.scores(i, results) for i, results in enumerate(result["results"])])
    p50, p95 = np.percentile(result["times_ms"], [50, 95])
    return {
        "framework": result["framework"],
        **{
            name: mean_metric([scores[:, column]]).as_json()
            for column, name in enumerate(material.metrics)
        },
        "passages": result["passages"],
        "embedded": round(result["embedded_characters"] / result["characters"], 4),
        "characters_per_s": round(result["embedded_characters"] / result["adding_s"]),
        "adding_s": round(result["adding_s"], 1),
        "query_ms_p50": round(float(p50), 1),
        "query_ms_p95": round(float(p95), 1),
        "peak_mib": round(result["peak_mib"]),
    }, scores


def table(material: Material, rows: Sequence[dict[str, Any]]) -> str:
    """The figures for people, as a Markdown table."""
    heads = [
        "",
        *material.metrics,
        "read by the embedder",
        "characters/s",
        "query p50, p95",
        "peak memory",
    ]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in rows:
        cells = [row["framework"]]
        cells += [
            f"{row[name]['value']:.3f}{row.get(f'{name} differs', '')}" for name in material.metrics
        ]
        cells += [
            f"{100 * row['embedded']:.0f} %",
            f"{row['characters_per_s']:,}",
            f"{row['query_ms_p50']:.0f}, {row['query_ms_p95']:.0f} ms",
            f"{row['peak_mib']:,} MiB",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def compare(name: str, data: Path, work: Path, n_questions: int, names: Sequence[str]) -> Any:
    """Run every framework over one set and print the table; what differs from Footnote is marked."""
    material = SETS[name](data, n_questions)
    folder = work / name
    write_material(material, folder)
    rows, all_scores = [], {}
    for framework in names:
        sys.stderr.write(f"{name}: {framework}\n")
        row, scores = figures(material, run_framework(framework, folder, work))
        rows.append(row)
        all_scores[framework] = scores
    best = next((n for n in reversed(OURS) if n in all_scores), names[0])
    for row in rows:
        for column, metric in enumerate(material.metrics):
            pair = [all_scores[n][:, column] for n in (row["framework"], best)]
            difference = compare_scores([pair[0]], [pair[1]])
            row[f"{metric} against {best}"] = difference.as_json()
            if difference.verdict != "no clear change":
                row[f"{metric} differs"] = {"better": " ↓", "worse": " ↑"}[difference.verdict]
    n_characters = sum(map(len, material.documents.values()))
    sys.stdout.write(
        f"\n{name}: {len(material.documents)} documents, {n_characters:,} characters, "
        f"{len(material.queries)} questions; ↓ significantly below {best}, ↑ above\n\n"
        f"{table(material, rows)}\n"
    )
    return {"set": name, "documents": len(material.documents), "rows": rows}


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--frameworks", default=",".join([*FRAMEWORKS, *OURS]))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    names = options.frameworks.split(",")
    try:
        for name in names:
            environment(name, options.work)
        results = [
            compare(name, options.data, options.work.resolve(), options.questions, names)
            for name in options.sets.split(",")
        ]
    except QuestionSetError as error:
        sys.exit(str(error))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
