"""Which sentence of the passages found proves an answer: features and a small fitted model.

Every sentence of the hits gets features (`rag.sentence_features`); a logistic regression turns them
into the probability that it holds the answer, and a second one tells how sure the best one is. Both are
fitted on calibration questions (`eval/training/fit_confidence.py`) and never on the sets that results are
reported on.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from index.library import Library
from index.sentences import sentence_spans
from index.types import Hit, Role
from models.protocols import FloatMatrix
from rag.logistic import Features, LogisticModel, read_model
from rag.opinions import judged
from rag.questions import Question, Shape
from rag.sentence_features import FEATURES, Place, SentenceFeatures

SHAPES: tuple[Shape, ...] = ("yes-no", "either-or", "list", "compare", "open", "who-said")
CONFIDENCE_FEATURES = (
    "score",
    "margin",
    "coverage",
    "coverage_passage",
    "cosine",
    "uncovered",
    "prover_answerable",
    *SHAPES,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may prove an answer.

    Attributes:
        hit: the passage it stands in.
        start: first character in the document's text.
        end: one past the last.
        text: the sentence.
        role: label of its block.
        features: shape (len(FEATURES),), float64.
        score: log odds that it holds the answer.
    """

    hit: Hit
    start: int
    end: int
    text: str
    role: Role
    features: Features
    score: float


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """What ranks sentences, what tells how sure the best one is, and when to be silent."""

    sentence: LogisticModel
    confidence: LogisticModel
    threshold: float


@lru_cache(maxsize=2)
def fitted_weights(*, with_prover: bool = True) -> EvidenceWeights:
    """The weights that ship with the project.

    Args:
        with_prover: those for passages that a prover judged; weights that lean on its opinions rank badly
            where there are none.
    """
    data = json.loads(files("rag").joinpath("evidence_weights.json").read_text(encoding="utf-8"))
    known = (list(FEATURES), list(CONFIDENCE_FEATURES))
    if (data["features"], data["confidence"]["features"]) != known:
        raise ValueError("evidence_weights.json was fitted for other features; fit it again")
    fitted = data if with_prover else data["without_prover"]
    return EvidenceWeights(
        read_model(fitted), read_model(fitted["confidence"]), float(data["threshold"])
    )


def shape_flags(shape: Shape) -> list[float]:
    """1 for the question's shape, 0 for the others, in the order of SHAPES; all 0 for a span."""
    return [float(shape == other) for other in SHAPES]


def confidence_features(shape: Shape, scores: Features, best: Features) -> list[float]:
    """What tells whether the best sentence is right, in the order of CONFIDENCE_FEATURES.

    Args:
        shape: how the question wants to be answered.
        scores: log odds of all sentences, shape (n,), n >= 1.
        best: features of the best one, in the order of FEATURES.
    """
    ordered = np.sort(scores)[::-1]
    margin = float(ordered[0] - ordered[1]) if len(ordered) > 1 else 5.0
    named = dict(zip(FEATURES, best.tolist(), strict=True))
    return [
        float(ordered[0]),
        margin,
        named["coverage"],
        named["coverage_passage"],
        named["cosine_sentence"],
        named["uncovered"],
        named["prover_answerable"],
        *shape_flags(shape),
    ]


def confidence(
    shape: Shape, candidates: Sequence[Candidate], model: LogisticModel | None = None
) -> float:
    """Probability that the first candidate proves the answer, 0..1; 0 where there is none.

    Args:
        shape: how the question wants to be answered.
        candidates: sentences, best first.
        model: of `CONFIDENCE_FEATURES`; by default what ships with the project.
    """
    if not candidates:
        return 0.0
    scores = np.array([candidate.score for candidate in candidates])
    row = np.array(confidence_features(shape, scores, candidates[0].features))
    return (model or fitted_weights().confidence).probability(row)


def hits_to_read(candidates: Sequence[Candidate], n: int) -> list[Hit]:
    """The first `n` passages, in the order of their best sentences.

    Args:
        candidates: sentences, best first.
        n: passages at most.
    """
    return list({c.hit.passage.id: c.hit for c in candidates}.values())[:n]


class EvidenceFinder:
    """Ranks the sentences of retrieved passages.

    Args:
        features: what it looks at.
        weights: scores the features; by default what ships with the project.
    """

    def __init__(self, features: SentenceFeatures, weights: LogisticModel | None = None) -> None:
        self.features = features
        self._weights = weights

    def find(
        self,
        question: Question,
        hits: Sequence[Hit],
        vector: FloatMatrix,
        role_at: Callable[[Hit, int, int], Role],
    ) -> list[Candidate]:
        """Every sentence of the hits, most probable first, ties by rank and place.

        Args:
            question: the question taken apart.
            hits: passages, best first.
            vector: the question's vector, shape (1, dim).
            role_at: label of the block at a span of a hit's document.
        """
        places = sentences_of(hits, role_at)
        if not places:
            return []
        features = self.features.of(question, places, vector)
        model = self._weights or fitted_weights(with_prover=judged(hits)).sentence
        scores = model.log_odds(features).tolist()
        candidates = [
            Candidate(
                place.hit,
                place.hit.passage.start + place.start,
                place.hit.passage.start + place.end,
                place.text,
                place.role,
                row,
                score,
            )
            for place, row, score in zip(places, features, scores, strict=True)
        ]
        return sorted(candidates, key=lambda c: (-c.score, c.hit.rank, c.start))


def sentence_features(library: Library) -> SentenceFeatures:
    """What the finder looks at, with the words and the embedder of a library."""
    return SentenceFeatures(
        library.embedder,
        library.store.document_frequency,
        lambda: library.store.count("passages"),
    )


def sentences_of(hits: Sequence[Hit], role_at: Callable[[Hit, int, int], Role]) -> list[Place]:
    """The sentences of passages in their order; `role_at` takes a span of the document."""
    return [
        Place(hit, start, end, role_at(hit, hit.passage.start + start, hit.passage.start + end))
        for hit in hits
        for start, end in sentence_spans(hit.passage.text)
    ]
