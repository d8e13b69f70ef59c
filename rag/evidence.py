"""Which sentence of the passages found proves an answer: features and a small fitted model.

Every sentence of the hits gets features from the question's words, from vectors and from its place;
a logistic regression turns them into the probability that it holds the answer. Its weights are
fitted on SQuAD training articles (`eval/training/fit_evidence.py`) and never on the sets that
results are reported on. Without a trained prover (issue 4) this is also what decides on silence.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.lexical import STOP_WORDS, terms
from index.sentences import sentence_spans
from index.types import Hit, Role
from index.words import fold, stem, stems
from models.protocols import Embedder, FloatMatrix
from rag.opinions import opinion_of
from rag.questions import Question

FEATURES = (
    "coverage",
    "coverage_passage",
    "pairs",
    "cosine_sentence",
    "cosine_passage",
    "best_cosine_sentence_gap",
    "reciprocal_rank",
    "type_number",
    "type_date",
    "type_name",
    "uncovered",
    "length",
    "prover_relevance_gap",
    "prover_answerable",
    "prover_span",
    "prover_span_probability",
)
# Without the prover's word on answerability: it learned that from questions for a span, and this
# confidence decides on the other kinds.
CONFIDENCE_FEATURES = (
    "score",
    "margin",
    "coverage",
    "coverage_passage",
    "cosine",
    "uncovered",
)
Features = NDArray[np.float64]

_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|"
    r"million|billion|trillion|half|third|quarter|percent)\b",
    re.I,
)
_DATE = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\b(?:January|February|March|April|May|June|July|August|September|"
    r"October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|century)\b"
)
_CAPITAL = re.compile(r"(?<=\s)[A-Z][\w’'-]+|\b[A-Z]{2,}\b")
# What a role takes from the log odds: an answer is seldom meant to come from there. Not learned,
# since SQuAD has no such blocks; the reader of a page can still see and cite them.
_ROLE_PENALTY = {
    Role.FURNITURE: 2.5,
    Role.HEADING: 2.0,
    Role.COMMENT: 1.0,
    Role.CORRECTION: -0.7,
}
_REPEATS_THE_QUESTION = 1.5
_ADDS_NOTHING = 3.0
_ASKED_SPEAKER = 1.0
_ASKS_FOR_COMMENT = re.compile(
    r"\b(?:comment|commenter|commented|reader|readers|listener|reply)", re.I
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
        score: log odds that it holds the answer, role taken into account.
    """

    hit: Hit
    start: int
    end: int
    text: str
    role: Role
    features: Features
    score: float


@dataclass(frozen=True, slots=True)
class LogisticModel:
    """A fitted logistic regression: log odds = weights · (features - mean) / scale + bias."""

    weights: Features
    mean: Features
    scale: Features
    bias: float

    def log_odds(self, features: Features) -> Features:
        """Shape (n, number of features) -> (n,)."""
        return np.asarray((features - self.mean) / self.scale @ self.weights + self.bias)

    def probability(self, row: Features) -> float:
        """Of one row of features, shape (number of features,), 0..1."""
        odds = float(self.log_odds(row))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))

    def as_json(self) -> dict[str, Any]:
        """What `read_model` reads."""
        return {
            "weights": self.weights.tolist(),
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
            "bias": self.bias,
        }


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """What ranks sentences, what tells how sure the best one is, and when to be silent."""

    sentence: LogisticModel
    confidence: LogisticModel
    threshold: float


@lru_cache(maxsize=1)
def fitted_weights() -> EvidenceWeights:
    """The weights that ship with the project."""
    data = json.loads(files("rag").joinpath("evidence_weights.json").read_text(encoding="utf-8"))
    known = (list(FEATURES), list(CONFIDENCE_FEATURES))
    if (data["features"], data["confidence"]["features"]) != known:
        raise ValueError("evidence_weights.json was fitted for other features; fit it again")
    return EvidenceWeights(
        read_model(data), read_model(data["confidence"]), float(data["threshold"])
    )


def read_model(data: Mapping[str, Any]) -> LogisticModel:
    """A fitted model as it is written in the project's weight files."""
    return LogisticModel(
        weights=np.array(data["weights"], dtype=np.float64),
        mean=np.array(data["mean"], dtype=np.float64),
        scale=np.array(data["scale"], dtype=np.float64),
        bias=float(data["bias"]),
    )


def confidence_features(scores: Features, best: Features) -> list[float]:
    """What tells whether the best sentence is right, in the order of CONFIDENCE_FEATURES.

    Args:
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
    ]


def confidence(candidates: Sequence[Candidate]) -> float:
    """Probability that the first candidate proves the answer, 0..1; 0 where there is none."""
    if not candidates:
        return 0.0
    scores = np.array([candidate.score for candidate in candidates])
    row = np.array(confidence_features(scores, candidates[0].features))
    return fitted_weights().confidence.probability(row)


def hits_to_read(candidates: Sequence[Candidate], n: int) -> list[Hit]:
    """The first `n` passages, in the order of their best sentences.

    Args:
        candidates: sentences, best first.
        n: passages at most.
    """
    return list({c.hit.passage.id: c.hit for c in candidates}.values())[:n]


class EvidenceFinder:
    """Scores sentences of retrieved passages.

    Args:
        embedder: embeds the sentences; vectors are compared with the question's.
        document_frequency: passages in which a stem occurs.
        n_passages: passages in the library now.
        weights: ranks the sentences; by default what ships with the project.
    """

    def __init__(
        self,
        embedder: Embedder,
        document_frequency: Callable[[str], int],
        n_passages: Callable[[], int],
        weights: LogisticModel | None = None,
    ) -> None:
        self._embedder = embedder
        self._document_frequency = document_frequency
        self._n_passages = n_passages
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
        spans = [
            (hit, hit.passage.start + a, hit.passage.start + b, hit.passage.text[a:b])
            for hit in hits
            for a, b in sentence_spans(hit.passage.text)
        ]
        if not spans:
            return []
        places = [(h, a - h.passage.start, b - h.passage.start) for h, a, b, _ in spans]
        features = self.features(question, hits, places, vector)
        scores = (self._weights or fitted_weights().sentence).log_odds(features)
        own = set(stems(question.text))
        candidates = []
        for (hit, start, end, text), row, score in zip(spans, features, scores, strict=True):
            role = role_at(hit, start, end)
            shift = _shift(question, own, hit, text, role)
            candidates.append(Candidate(hit, start, end, text, role, row, float(score) + shift))
        return sorted(candidates, key=lambda c: (-c.score, c.hit.rank, c.start))

    def features(
        self,
        question: Question,
        hits: Sequence[Hit],
        sentences: Sequence[tuple[Hit, int, int]],
        vector: FloatMatrix,
    ) -> Features:
        """Shape (n sentences, len(FEATURES)), float64.

        `sentences` are spans of a hit's passage: hit, start, end.
        """
        weights = self._term_weights(question)
        pairs = _pairs(question)
        passages = {
            id(hit): frozenset(stems(f"{hit.passage.breadcrumb} {hit.passage.text}"))
            for hit in hits
        }
        known: set[str] = set().union(*passages.values())
        uncovered = _share(weights, set(weights) - known)
        texts = [hit.passage.text[start:end] for hit, start, end in sentences]
        cosines = self._embedder.embed_passages(texts) @ vector[0]
        best = float(cosines.max())
        most_relevant = max(opinion_of(hit).relevance for hit in hits)
        own_words = set(stems(question.text))
        rows = []
        for (hit, start, end), text, cosine in zip(sentences, texts, cosines.tolist(), strict=True):
            opinion = opinion_of(hit)
            holds_span = float(opinion.start < end and start < opinion.end)
            words = stems(text)
            unique = set(words)
            wants = _type_flags(question, text, own_words)
            rows.append(
                [
                    _share(weights, unique),
                    _share(weights, passages[id(hit)]),
                    _pair_share(pairs, words),
                    cosine,
                    hit.similarity if hit.similarity is not None else 0.0,
                    best - cosine,
                    1.0 / hit.rank,
                    *wants,
                    uncovered,
                    math.log1p(len(words)),
                    opinion.relevance - most_relevant,
                    opinion.answerable,
                    holds_span,
                    holds_span * math.exp(opinion.span_logprob),
                ]
            )
        return np.array(rows, dtype=np.float64)

    def _term_weights(self, question: Question) -> Mapping[str, float]:
        """IDF of the question's stems; the options of an either-or question are left out."""
        n = self._n_passages()
        skipped = set(question.options) if question.shape == "either-or" else set()
        found: dict[str, float] = {}
        for word in terms(question.text):
            if word in skipped or word in _SAYING:
                continue
            root = stem(fold(word))
            frequency = self._document_frequency(root)
            found[root] = math.log(1 + (n - frequency + 0.5) / (frequency + 0.5))
        return found


def _shift(question: Question, own: set[str], hit: Hit, text: str, role: Role) -> float:
    """What is added to the log odds by rule, for what SQuAD has no examples of.

    `own` holds the stems of the question.
    """
    wants_comment = role is Role.COMMENT and _ASKS_FOR_COMMENT.search(question.text)
    shift = 0.0 if wants_comment else -_ROLE_PENALTY.get(role, 0.0)
    if text.rstrip().endswith("?"):
        shift -= _REPEATS_THE_QUESTION  # an interviewer's question proves nothing
    if own.issuperset(stems(text)):
        shift -= _ADDS_NOTHING
    if own & set(stems(hit.passage.speaker or "")):
        shift += _ASKED_SPEAKER  # "What does Triolo think ...": he should be the one who says it
    return shift


_SAYING = frozenset("say says said according tell told exactly mention mentions mentioned".split())


def _share(weights: Mapping[str, float], found: set[str] | frozenset[str]) -> float:
    """Share of the question's IDF mass that is found, 0..1."""
    total = sum(weights.values())
    return sum(w for root, w in weights.items() if root in found) / total if total else 0.0


def _pairs(question: Question) -> list[tuple[str, str]]:
    """Neighbouring content words of the question."""
    content = [stem(fold(word)) for word in terms(question.text) if word not in STOP_WORDS]
    return list(pairwise(content))


def _pair_share(pairs: Sequence[tuple[str, str]], words: Sequence[str]) -> float:
    """Share of the pairs that stand within three words of each other."""
    if not pairs:
        return 0.0
    places: dict[str, list[int]] = {}
    for i, word in enumerate(words):
        places.setdefault(word, []).append(i)
    close = sum(
        any(abs(i - j) <= 3 for i in places.get(a, ()) for j in places.get(b, ())) for a, b in pairs
    )
    return close / len(pairs)


def _type_flags(question: Question, text: str, own_words: set[str]) -> tuple[float, float, float]:
    """Whether the sentence has a number, date or name to answer with; 0 where none is asked for."""
    if question.expected == "number":
        return float(bool(_NUMBER.search(text))), 0.0, 0.0
    if question.expected == "date":
        return 0.0, float(bool(_DATE.search(text))), 0.0
    if question.expected == "name":
        new = [m.group() for m in _CAPITAL.finditer(text) if stem(fold(m.group())) not in own_words]
        return 0.0, 0.0, float(bool(new))
    return 0.0, 0.0, 0.0
