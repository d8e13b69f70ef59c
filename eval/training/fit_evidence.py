"""Fits the weights by which the extract reader ranks sentences and decides on silence.

    python -m eval.training.fit_evidence --data DIR [--questions N]

DIR holds `qa/squad-v1.1.json`, `qa/squad-v2.0.json` and `splits.json`. A library is made of all
articles; questions of training articles give the weights (a sentence is positive if it holds an
accepted answer in the question's own passage), questions of calibration articles give the threshold
of silence, and test articles are not touched. Half of the questions have no answer in the library:
SQuAD 2's unanswerable ones, and answerable ones whose passage is taken out of the hits.
"""

import argparse
import json
import logging
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.library import Library
from index.sentences import sentence_spans
from index.types import Hit
from models.embedder import SentenceTransformerEmbedder
from rag.evidence import FEATURES, EvidenceFinder, Features
from rag.questions import analyse_question
from rag.retriever import Retriever

_log = logging.getLogger(__name__)
_TOP_K = 8
_L2 = 1.0
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its gold passage and accepted answers; none where it has no answer."""

    question: str
    context: str
    answers: tuple[str, ...]
    split: str


@dataclass(frozen=True, slots=True)
class Measured:
    """Features of all candidate sentences of one question, and which of them are right."""

    features: Features
    right: NDArray[np.bool_]
    answerable: bool
    split: str


def read_examples(data: Path) -> tuple[list[Example], dict[str, list[str]]]:
    """Examples of training and calibration articles, and the passages of all articles by title."""
    splits = json.loads((data / "splits.json").read_text())["squad"]
    articles: dict[str, list[str]] = {}
    examples: list[Example] = []
    for name in ("squad-v1.1.json", "squad-v2.0.json"):
        for article in json.loads((data / "qa" / name).read_text())["data"]:
            title = article["title"]
            split = next((s for s in ("test", "calibration") if title in splits[s]), "train")
            for paragraph in article["paragraphs"]:
                known = articles.setdefault(title, [])
                if paragraph["context"] not in known:
                    known.append(paragraph["context"])
                if split != "test":
                    examples.extend(_examples(paragraph, split))
    return examples, articles


def _examples(paragraph: dict[str, Any], split: str) -> Iterator[Example]:
    for item in paragraph["qas"]:
        impossible = item.get("is_impossible", False)
        answers = () if impossible else tuple({a["text"] for a in item["answers"]})
        yield Example(item["question"], paragraph["context"], answers, split)


def build_library(folder: Path, articles: dict[str, list[str]]) -> Library:
    """A library with one text file an article."""
    texts = folder / "texts"
    texts.mkdir(parents=True)
    for title, passages in articles.items():
        name = title.replace("/", "_")
        heading = title.replace("_", " ")
        (texts / f"{name}.txt").write_text(heading + "\n\n" + "\n\n".join(passages) + "\n")
    library = Library(folder / "library", SentenceTransformerEmbedder.starter(), target_tokens=128)
    report = library.add([texts])
    _log.info("%d documents, %d passages", report.count("added"), report.n_passages)
    return library


def measure(
    example: Example, retriever: Retriever, finder: EvidenceFinder, *, hide: bool
) -> Measured | None:
    """Features of the sentences found for a question.

    With `hide`, the passages that hold the answer are taken out of the hits: then nothing is right.
    """
    question = analyse_question(example.question)
    hits, vector = retriever.retrieve_with_vector(question.text, _TOP_K)
    if hide:
        hits = [h for h in hits if not _is_gold(h, example)]
    sentences = [(h, h.passage.text[a:b]) for h in hits for a, b in sentence_spans(h.passage.text)]
    if not sentences:
        return None
    features = finder.features(question, hits, sentences, vector)
    right = np.array(
        [_is_gold(h, example) and any(a in text for a in example.answers) for h, text in sentences]
    )
    return Measured(features, right, bool(right.any()), example.split)


def _is_gold(hit: Hit, example: Example) -> bool:
    return hit.passage.text[:200] in example.context or example.context in hit.passage.text


def fit(rows: Features, right: NDArray[np.bool_]) -> tuple[Features, Features, Features, float]:
    """Logistic regression by Newton's method, L2 on the weights: (weights, mean, scale, bias)."""
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    x = np.hstack([(rows - mean) / scale, np.ones((len(rows), 1))])
    w = np.zeros(x.shape[1])
    penalty = np.diag([_L2] * (x.shape[1] - 1) + [0.0])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (p - right) + penalty @ w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + penalty
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-8:
            break
    return w[:-1], mean, scale, float(w[-1])


def choose_threshold(best: NDArray[np.float64], correct: NDArray[np.bool_]) -> float:
    """The confidence at which right answers less wrong answers are most.

    Args:
        best: probability of the best sentence of each calibration question.
        correct: whether that sentence is right.
    """
    order = np.argsort(-best)
    gain = np.cumsum(np.where(correct[order], 1.0, -1.0))
    return float(best[order][int(gain.argmax())])


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and write `rag/evidence_weights.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=1600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("rag/evidence_weights.json"))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    examples, articles = read_examples(options.data)
    chosen = _sample(examples, options.questions, random.Random(options.seed))
    with tempfile.TemporaryDirectory() as folder:
        library = build_library(Path(folder), articles)
        store = library.store
        n = store.count("passages")
        finder = EvidenceFinder(library.embedder, store.document_frequency, lambda: n)
        retriever = Retriever(library)
        measured = []
        for i, example in enumerate(chosen):
            hide = bool(example.answers) and i % 4 == 0
            found = measure(example, retriever, finder, hide=hide)
            if found is not None:
                measured.append(found)
            if i % 100 == 99:
                _log.info("%d of %d questions", i + 1, len(chosen))
    result = conclude(measured)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    _log.info("%s", json.dumps(result["figures"], indent=1))


def _sample(examples: Sequence[Example], n: int, rng: random.Random) -> list[Example]:
    """Two thirds from training, one third from calibration articles, a third unanswerable."""
    chosen: list[Example] = []
    for split, share in (("train", 2 / 3), ("calibration", 1 / 3)):
        pool = [e for e in examples if e.split == split]
        answerable = [e for e in pool if e.answers]
        unanswerable = [e for e in pool if not e.answers]
        size = int(n * share)
        chosen += rng.sample(answerable, min(len(answerable), size * 2 // 3))
        chosen += rng.sample(unanswerable, min(len(unanswerable), size // 3))
    return chosen


def conclude(measured: Sequence[Measured]) -> dict[str, Any]:
    """Weights from training questions, threshold and figures from calibration questions."""
    train = [m for m in measured if m.split == "train"]
    held = [m for m in measured if m.split == "calibration"]
    weights, mean, scale, bias = fit(
        np.vstack([m.features for m in train]), np.concatenate([m.right for m in train])
    )
    probability = [1 / (1 + np.exp(-((m.features - mean) / scale @ weights + bias))) for m in held]
    best = np.array([p.max() for p in probability])
    correct = np.array([bool(m.right[p.argmax()]) for m, p in zip(held, probability, strict=True)])
    answerable = np.array([m.answerable for m in held])
    threshold = choose_threshold(best, correct)
    answered = best >= threshold
    return {
        "features": list(FEATURES),
        "weights": weights.tolist(),
        "mean": mean.tolist(),
        "scale": scale.tolist(),
        "bias": bias,
        "threshold": threshold,
        "figures": {
            "data": "SQuAD v1.1 and v2.0 (CC BY-SA 4.0); training articles fit the weights, "
            "calibration articles the threshold and these figures",
            "questions_train": len(train),
            "questions_calibration": len(held),
            "best_sentence_right_where_found": float(correct[answerable].mean()),
            "precision_answered": float(correct[answered].mean()),
            "wrong_refusal": float((~answered[answerable]).mean()),
            "refusal": float((~answered[~answerable]).mean()),
            "auroc_answerable": _auroc(best, answerable),
        },
    }


def _auroc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Probability that a positive scores above a negative, ties half."""
    a, b = scores[positive], scores[~positive]
    greater = (a[:, None] > b[None, :]).mean() + 0.5 * (a[:, None] == b[None, :]).mean()
    return float(greater)


if __name__ == "__main__":
    main()
