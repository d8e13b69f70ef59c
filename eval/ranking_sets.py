"""Question sets for comparing rankings: one BEIR document is one passage, as the set gives it.

Which questions may be looked at when is decided here: `retrieval/squad` is split by article title and
scifact by its own qrels, Natural Questions has training rows only, every other folder is for tests.
"""

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from eval.errors import QuestionSetError
from eval.training.reader_data import calibrates, json_lines
from models.protocols import Embedder, FloatMatrix

Part = Literal["test", "calibration", "train"]
NATURAL_QUESTIONS = "nq"


@dataclass(frozen=True, slots=True)
class RankingSet:
    """Passages, questions and which passage is relevant to which question.

    Attributes:
        name: the folder's name.
        ids: of the passages, in the corpus's order; a passage's row is its place here.
        titles: of the passages; "" where there is none.
        texts: of the passages.
        queries: question by id, only those of the part that are judged.
        qrels: grade by passage id by question id; 0 and less is not relevant.
    """

    name: str
    ids: tuple[str, ...]
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, float]]

    def passages(self) -> list[str]:
        """Title and text of each passage, as the embedder and the prover read them."""
        return [
            f"{title}\n{text}" if title else text
            for title, text in zip(self.titles, self.texts, strict=True)
        ]


def set_names(data: Path, part: Part) -> list[str]:
    """Every set that has questions of this part."""
    if part == "test":
        return sorted(path.parent.name for path in (data / "retrieval").glob("*/corpus.jsonl"))
    names = {"train": ("squad", "scifact"), "calibration": ("squad",)}[part]
    return [*names, NATURAL_QUESTIONS]


def load_set(data: Path, name: str, part: Part = "test") -> RankingSet:
    """Read a set.

    Args:
        data: holds `retrieval/`, `qa/` and `splits.json`.
        name: of a folder in `retrieval/`, or "nq".
        part: "test" by default; only squad, scifact and nq have others, and nq has no test.

    Raises:
        QuestionSetError: the set is not there or has no questions of this part.
    """
    searches = name == NATURAL_QUESTIONS
    found = _natural_questions(data, part) if searches else _beir(data, name, part)
    if not found.queries:
        raise QuestionSetError(f"{data}: the set {name} has no {part} questions")
    return found


def _beir(data: Path, name: str, part: Part) -> RankingSet:
    folder = data / "retrieval" / name
    if not (folder / "corpus.jsonl").is_file():
        raise QuestionSetError(
            f"{folder}: no corpus.jsonl; the sets here are {', '.join(set_names(data, 'test'))}"
        )
    rows = list(json_lines(folder / "corpus.jsonl"))
    titles = {str(row["_id"]): str(row.get("title") or "") for row in rows}
    suffix = ".train" if (name, part) == ("scifact", "train") else ""
    queries = {str(q["_id"]): str(q["text"]) for q in json_lines(folder / f"queries{suffix}.jsonl")}
    qrels = _read_qrels(folder / "qrels" / ("train.tsv" if suffix else "test.tsv"))
    wanted = _part_filter(data, name, part, titles)
    qrels = {q: grades for q, grades in qrels.items() if q in queries and wanted(_relevant(grades))}
    return RankingSet(
        name=name,
        ids=tuple(titles),
        titles=tuple(titles.values()),
        texts=tuple(str(row["text"]) for row in rows),
        queries={query: queries[query] for query in qrels},
        qrels=qrels,
    )


def _part_filter(
    data: Path, name: str, part: Part, titles: Mapping[str, str]
) -> Callable[[Iterable[str]], bool]:
    """Whether a question belongs to the part, told by its relevant passages.

    Without `splits.json` the data is someone else's, and nothing of it has been trained on.
    """
    path = data / "splits.json"
    if name != "squad" or not path.is_file():
        allowed = part == "test" or (name, part) == ("scifact", "train")
        return lambda _: allowed
    splits = json.loads(path.read_text(encoding="utf-8"))["squad"]
    part_of = {t.replace("_", " "): p for p in ("test", "calibration") for t in splits[p]}
    return lambda relevant: {part_of.get(titles[i], "train") for i in relevant} == {part}


def _relevant(grades: Mapping[str, float]) -> list[str]:
    return [passage for passage, grade in grades.items() if grade > 0]


def _read_qrels(path: Path) -> dict[str, dict[str, float]]:
    qrels: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            qrels.setdefault(row["query-id"], {})[row["corpus-id"]] = float(row["score"])
    return qrels


def _natural_questions(data: Path, part: Part) -> RankingSet:
    """Training rows: their gold passages and distractors are the corpus.

    The third of the articles that no model was trained on are the calibration questions.
    """
    rows = list(json_lines(data / "qa" / "nq-open-gold.jsonl"))
    rows = [row for row in rows if row["use"] == "train"]
    passages: dict[tuple[str, str], str] = {}
    for row in rows:
        for context in row["ctxs"]:
            key = (str(context["title"]), " ".join(context["text"].split()))
            passages.setdefault(key, f"n{len(passages)}")
    queries, qrels = {}, {}
    for number, row in enumerate(rows):
        gold = next((c for c in row["ctxs"] if c.get("isgold")), None)
        if gold is None or part == "test" or calibrates(gold["title"]) != (part == "calibration"):
            continue
        queries[f"q{number}"] = str(row["question"])
        qrels[f"q{number}"] = {passages[gold["title"], " ".join(gold["text"].split())]: 1.0}
    return RankingSet(
        name=NATURAL_QUESTIONS,
        ids=tuple(passages.values()),
        titles=tuple(title for title, _ in passages),
        texts=tuple(text for _, text in passages),
        queries=queries,
        qrels=qrels,
    )


def passage_vectors(
    passages: Sequence[str], embedder: Embedder, *, name: str, cache: Path | None = None
) -> FloatMatrix:
    """Vectors of all passages, shape (n, dim), float32, L2-normalised.

    Args:
        passages: what is embedded.
        embedder: makes the vectors that the cache does not hold.
        name: of the set, for the file's name.
        cache: a folder; the file in it is named by set, embedder and the passages' hash.
    """
    if cache is None:
        return embedder.embed_passages(passages)
    digest = hashlib.sha256(json.dumps(list(passages)).encode()).hexdigest()[:16]
    model = "".join(c if c.isalnum() or c in "-." else "_" for c in embedder.name)
    path = cache / f"{name}-{model}-{digest}.npz"
    if path.is_file():
        with np.load(path) as stored:
            return np.asarray(stored["vectors"], dtype=np.float32)
    vectors = embedder.embed_passages(passages)
    cache.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        np.savez(file, vectors=vectors)
    temporary.replace(path)
    return vectors
