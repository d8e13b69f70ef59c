"""Fits the weights by which the extract reader ranks sentences and tells how sure it is.

    python -m eval.training.fit_evidence --data DIR [--questions N]

DIR holds `qa/squad-v1.1.json`, `qa/squad-v2.0.json`, `qa/nq-open-gold.jsonl` and `splits.json`. Two
thirds of the questions are SQuAD's, whose words are close to the text; the others are real searches
(Natural Questions). A library is made of all their documents. Calibration questions give the weights of
the sentence model (a sentence is positive if it stands in the question's own paragraph and holds an
accepted answer) and of the confidence that the best sentence is right, and by five-fold cross-validation
the figures; the prover knows the training questions by heart. Nothing of
the test parts is asked. Of ten questions six have
their answer in the library, two had their article taken out, one its paragraph, and one is of SQuAD 2's
unanswerable ones, which were written to look answerable.
"""

import argparse
import json
import logging
import random
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from eval.metrics import auroc
from eval.training.reader_data import calibrates
from index.library import Library
from index.sentences import sentence_spans
from index.types import Hit
from models.embedder import SentenceTransformerEmbedder
from models.protocols import FloatMatrix, Prover
from models.prover import MiniLMProver
from rag.evidence import (
    CONFIDENCE_FEATURES,
    FEATURES,
    EvidenceFinder,
    Features,
    LogisticModel,
    confidence_features,
)
from rag.questions import analyse_question
from rag.retriever import Retriever

_log = logging.getLogger(__name__)
ItemT = TypeVar("ItemT")
Kind = Literal["answerable", "no article", "no paragraph", "unanswerable"]
Source = Literal["squad", "nq"]
SOURCE_SHARES: tuple[tuple[Source, float], ...] = (("squad", 2 / 3), ("nq", 1 / 3))
# Of ten questions, so many of each kind.
KIND_SHARES: tuple[tuple[Kind, int], ...] = (
    ("answerable", 6),
    ("no article", 2),
    ("no paragraph", 1),
    ("unanswerable", 1),
)
# A wrong answer costs half of what a right one gains: it is a quotation with its place, which the
# reader can judge, where silence tells nothing.
WRONG_COSTS = 0.5
# So an answer is worth giving where p - WRONG_COSTS * (1 - p) > 0. Confidences are probabilities, so this
# need not be searched for; the best threshold on a few hundred questions moved between .28 and .45.
THRESHOLD = WRONG_COSTS / (1 + WRONG_COSTS)
_TOP_K = 10
_L2 = 1.0
FOLDS = 5
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its gold passage and accepted answers; none where it has no answer."""

    question: str
    context: str
    answers: tuple[str, ...]
    split: str
    article: str
    source: Source


@dataclass(frozen=True, slots=True)
class Measured:
    """Features of all candidate sentences of one question, and which of them are right."""

    features: Features
    right: NDArray[np.bool_]
    example: Example
    kind: Kind

    @property
    def answerable(self) -> bool:
        """Whether any sentence found is right."""
        return bool(self.right.any())


def read_examples(data: Path) -> tuple[list[Example], dict[str, list[str]]]:
    """Examples of training and calibration parts, and the passages of all articles by title."""
    splits = json.loads((data / "splits.json").read_text())["squad"]
    articles: dict[str, list[str]] = {}
    examples: list[Example] = []
    for name in ("squad-v1.1.json", "squad-v2.0.json"):
        for article in json.loads((data / "qa" / name).read_text())["data"]:
            title = article["title"]
            split = next((s for s in ("test", "calibration") if title in splits[s]), "train")
            examples += _paragraphs(article, split, "squad", articles)
    examples += _searches(data / "qa" / "nq-open-gold.jsonl", articles)
    return [e for e in examples if e.split != "test"], articles


def _paragraphs(
    article: dict[str, Any], split: str, source: Source, articles: dict[str, list[str]]
) -> Iterator[Example]:
    """Questions of an article in SQuAD's layout; its paragraphs are put into `articles`."""
    title = article["title"].replace("_", " ")
    known = articles.setdefault(title, [])
    for paragraph in article["paragraphs"]:
        if paragraph["context"] not in known:
            known.append(paragraph["context"])
        for item in paragraph["qas"]:
            impossible = item.get("is_impossible", False)
            answers = () if impossible else tuple({a["text"] for a in item["answers"]})
            yield Example(item["question"], paragraph["context"], answers, split, title, source)


def _searches(path: Path, articles: dict[str, list[str]]) -> Iterator[Example]:
    """Natural Questions with the passage that answers them; a third of `train` calibrates."""
    for line in path.read_text().splitlines():
        row = json.loads(line)
        gold = next((c for c in row["ctxs"] if c.get("isgold") and c.get("hasanswer")), None)
        if gold is None or row["use"] == "test":
            continue
        text = " ".join(gold["text"].split())
        articles.setdefault(gold["title"], []).append(text)
        split = "calibration" if calibrates(gold["title"]) else "train"
        yield Example(row["question"], text, tuple(row["answers"]), split, gold["title"], "nq")


def build_library(folder: Path, articles: dict[str, list[str]]) -> Library:
    """A library with one text file an article."""
    texts = folder / "texts"
    texts.mkdir(parents=True, exist_ok=True)
    for title, passages in articles.items():
        (texts / _file(title)).write_text(title + "\n\n" + "\n\n".join(passages) + "\n")
    library = Library(folder / "library", SentenceTransformerEmbedder.starter(), target_tokens=128)
    report = library.add([texts])
    _log.info("%d documents, %d passages", report.count("added"), report.n_passages)
    return library


def _file(title: str) -> str:
    return re.sub(r"\W+", "_", title) + ".txt"


def measure(
    example: Example, kind: Kind, library: Library, finder: EvidenceFinder, prover: Prover
) -> Measured | None:
    """Features of the sentences found for a question, what its kind hides taken out."""
    question = analyse_question(example.question)
    hits, vector = find_hits(example, kind, library, prover, question.text)
    places = [(h, a, b) for h in hits for a, b in sentence_spans(h.passage.text)]
    if not places:
        return None
    features = finder.features(question, hits, places, vector)
    right = np.array([_holds(hit.passage.text[a:b], example) for hit, a, b in places])
    return Measured(features, right, example, kind)


def find_hits(
    example: Example, kind: Kind, library: Library, prover: Prover, text: str
) -> tuple[list[Hit], FloatMatrix]:
    """The passages found for a question, what its kind hides taken out, and the question's vector."""
    hides = kind in ("no article", "no paragraph")
    retriever = Retriever(library, prover)
    hits, vector = retriever.retrieve_with_vector(text, _TOP_K + 20 if hides else _TOP_K)
    article = library.store.document_at(
        str(library.folder.parent / "texts" / _file(example.article))
    )
    own = article.id if article is not None else 0
    if kind == "no article":
        hits = [h for h in hits if h.passage.document_id != own]
    if kind == "no paragraph":
        hits = [h for h in hits if not _touches(h, example)]
    return [replace(hit, rank=rank) for rank, hit in enumerate(hits[:_TOP_K], start=1)], vector


def _holds(sentence: str, example: Example) -> bool:
    """Whether a sentence of the question's paragraph gives an accepted answer."""
    return in_own_paragraph(sentence, example) and any(a in sentence for a in example.answers)


def in_own_paragraph(sentence: str, example: Example) -> bool:
    """Whether a sentence stands in the question's own paragraph."""
    return sentence in example.context


def _touches(hit: Hit, example: Example) -> bool:
    text = hit.passage.text
    return any(text[a:b] in example.context for a, b in sentence_spans(text))


def fit(rows: Features, right: NDArray[np.bool_]) -> LogisticModel:
    """Logistic regression by Newton's method, L2 on the weights."""
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
    return LogisticModel(w[:-1], mean, scale, float(w[-1]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and write `rag/evidence_weights.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help="keeps the library for another run")
    parser.add_argument("--prover", type=Path, help="its weights; by default what ships")
    parser.add_argument("--out", type=Path, default=Path("rag/evidence_weights.json"))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    examples, articles = read_examples(options.data)
    chosen = sample(examples, options.questions, random.Random(options.seed))
    with tempfile.TemporaryDirectory() as temporary:
        library = build_library(options.work or Path(temporary), articles)
        measured = _measure_all(chosen, library, MiniLMProver(options.prover))
    result = conclude(measured)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    _log.info("%s", json.dumps(result["figures"], indent=1))


def _measure_all(
    chosen: Sequence[tuple[Example, Kind]], library: Library, prover: Prover
) -> list[Measured]:
    n = library.store.count("passages")
    finder = EvidenceFinder(library.embedder, library.store.document_frequency, lambda: n)
    measured = []
    for i, (example, kind) in enumerate(chosen, start=1):
        found = measure(example, kind, library, finder, prover)
        if found is not None:
            measured.append(found)
        if i % 50 == 0:
            _log.info("%d of %d questions", i, len(chosen))
    return measured


def sample(examples: Sequence[Example], n: int, rng: random.Random) -> list[tuple[Example, Kind]]:
    """Calibration questions, sources and kinds mixed as `SOURCE_SHARES` and `KIND_SHARES` say.

    Only these: the reader's adapter and the prover know the training questions by heart.
    """
    chosen: list[tuple[Example, Kind]] = []
    taken: set[int] = set()
    for (source, part), (kind, share) in product(SOURCE_SHARES, KIND_SHARES):
        pool = [
            e
            for e in examples
            if e.split == "calibration"
            and e.source == source
            and bool(e.answers) is (kind != "unanswerable")
            and id(e) not in taken
        ]
        size = min(len(pool), round(n * part * share / 10))
        drawn = rng.sample(pool, size)
        taken |= {id(e) for e in drawn}
        chosen += [(example, kind) for example in drawn]
    rng.shuffle(chosen)
    return chosen


def conclude(measured: Sequence[Measured]) -> dict[str, Any]:
    """Weights from all questions, figures from cross-validation."""
    confidence, correct = cross_validated(measured, _fit_both, _best_of)
    sentence, sure = _fit_both(measured)
    return {
        "features": list(FEATURES),
        **sentence.as_json(),
        "confidence": {"features": list(CONFIDENCE_FEATURES), **sure.as_json()},
        "threshold": THRESHOLD,
        "figures": _figures(measured, confidence, correct),
    }


def cross_validated(
    items: Sequence[ItemT],
    fit_both: Callable[[Sequence[ItemT]], tuple[LogisticModel, LogisticModel]],
    best_of: Callable[[Sequence[ItemT], LogisticModel], tuple[Features, NDArray[np.bool_]]],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How sure each question's best candidate is and whether it is right, fitted on the other folds.

    Args:
        items: questions with their candidates.
        fit_both: what ranks candidates, and what tells whether the first one is right.
        best_of: features of each question's first candidate, and whether it is right.

    Returns:
        Confidences 0..1 and outcomes, each of shape (questions,).
    """
    odds = np.zeros(len(items))
    correct = np.zeros(len(items), dtype=bool)
    for fold in range(FOLDS):
        own = [i for i in range(len(items)) if i % FOLDS == fold]
        ranks, sure = fit_both([item for i, item in enumerate(items) if i % FOLDS != fold])
        rows, correct[own] = best_of([items[i] for i in own], ranks)
        odds[own] = sure.log_odds(rows)
    return 1 / (1 + np.exp(-odds)), correct


def _fit_both(measured: Sequence[Measured]) -> tuple[LogisticModel, LogisticModel]:
    """What ranks the sentences, and what tells whether the first one is right."""
    rows = np.vstack([m.features for m in measured])
    sentence = fit(rows, np.concatenate([m.right for m in measured]))
    return sentence, fit(*_best_of(measured, sentence))


def _best_of(
    group: Sequence[Measured], sentence: LogisticModel
) -> tuple[Features, NDArray[np.bool_]]:
    """Confidence features of each question's best sentence, and whether it is right."""
    scores = [sentence.log_odds(m.features) for m in group]
    rows = [
        confidence_features(s, m.features[s.argmax()]) for m, s in zip(group, scores, strict=True)
    ]
    right = [bool(m.right[s.argmax()]) for m, s in zip(group, scores, strict=True)]
    return np.array(rows), np.array(right)


def _figures(
    measured: Sequence[Measured],
    confidence: Features,
    correct: NDArray[np.bool_],
) -> dict[str, Any]:
    answerable = np.array([m.answerable for m in measured])
    answered = confidence >= THRESHOLD
    kinds = np.array([m.kind for m in measured])
    return {
        "data": "calibration parts of SQuAD v1.1, SQuAD v2.0 (CC BY-SA 4.0) and Natural Questions "
        "(CC BY-SA 3.0); five-fold cross-validation",
        "questions": len(measured),
        "found": float(answerable[kinds == "answerable"].mean()),
        "best_sentence_right_where_found": float(correct[answerable].mean()),
        "precision_answered": float(correct[answered].mean()),
        "wrong_refusal": float((~answered[kinds == "answerable"]).mean()),
        "refusal": {
            kind: float((~answered[kinds == kind]).mean())
            for kind, _ in KIND_SHARES
            if kind != "answerable"
        },
        "auroc_right": auroc(confidence, correct),
        "by_source": {
            source: _of(source, measured, answered, correct) for source, _ in SOURCE_SHARES
        },
    }


def _of(
    source: Source,
    held: Sequence[Measured],
    answered: NDArray[np.bool_],
    correct: NDArray[np.bool_],
) -> dict[str, float]:
    own = np.array([m.example.source == source for m in held])
    answerable = own & np.array([m.kind == "answerable" for m in held])
    return {
        "questions": int(own.sum()),
        "precision_answered": float(correct[own & answered].mean()),
        "wrong_refusal": float((~answered[answerable]).mean()),
        "refusal": float((~answered[own & ~answerable]).mean()),
    }


if __name__ == "__main__":
    main()
