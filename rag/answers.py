"""From what the span reader read in each passage to answers in order of probability.

A span is scored by the model's own likelihoods (the span against "not stated"), by its sentence's
evidence and by retrieval; a small fitted model turns these into the probability that it is right. Equal
answers of several passages add up. Weights are fitted on questions that the reader's adapter was never
trained on (`eval/training/fit_confidence.py`), and never on the sets that results are reported on.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from index.types import Hit
from index.words import fold, stems
from models.protocols import Reading
from rag.evidence import SHAPES, Candidate, shape_flags
from rag.logistic import Features, LogisticModel, read_model
from rag.opinions import agreement, log_odds, opinion_of
from rag.questions import Question, Shape
from rag.sentence_features import FEATURES
from rag.whole import complete_span

ANSWER_FEATURES = (
    "odds",
    "not_stated",
    "logprob",
    "mean_logprob",
    "sentence_score",
    "sentence_gap",
    "reciprocal_rank",
    "similarity",
    "type_fits",
    "type_misses",
    "length",
    "repeats",
    "prover_relevance_gap",
    "prover_answerable",
    "prover_agrees",
)
CERTAINTY_FEATURES = (
    "pooled",
    "margin",
    "odds",
    "sentence_score",
    "uncovered",
    "n_passages",
    "prover_answerable",
    "evidence",
    "best_sentence",
    *SHAPES,
)
_ODDS = ANSWER_FEATURES.index("odds")
_SENTENCE_SCORE = ANSWER_FEATURES.index("sentence_score")
_UNCOVERED = FEATURES.index("uncovered")
_SENTENCE_GAP = ANSWER_FEATURES.index("sentence_gap")
_ANSWERABLE = ANSWER_FEATURES.index("prover_answerable")
# Likelihoods below this differ by the tail of the vocabulary only.
_FLOOR = -20.0
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_THOUSANDS_COMMA = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# "5 million" is not 5.
_SCALES = frozenset("dozen hundred thousand million billion trillion".split())
_DIGIT = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|"
    r"thousands?|millions?|billions?|half|third|quarter|none|zero|once|twice)\b",
    re.I,
)
_TIME = re.compile(
    r"\d{4}|\b(?:\d{1,2}(?:st|nd|rd|th)?|January|February|March|April|May|June|July|August|"
    r"September|October|November|December|\w+day|spring|summer|autumn|winter|century|year|years|"
    r"month|week|today|yesterday|morning|evening|night|noon)\b",
    re.I,
)
_CAPITAL = re.compile(r"\b[A-Z]")
_MONTHS = frozenset(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)


@dataclass(frozen=True, slots=True)
class SpanAnswer:
    """A span that may be the answer.

    Attributes:
        sentences: the sentences of the passage that it touches, in order, at least one.
        words: the span, completed to the whole date or amount it is part of.
        features: shape (len(ANSWER_FEATURES),), float64.
        probability: that it is right, by itself, 0..1.
    """

    hit: Hit
    sentences: tuple[Candidate, ...]
    words: str
    features: Features
    probability: float


@dataclass(frozen=True, slots=True)
class PooledAnswer:
    """Equal answers of several passages.

    Attributes:
        members: the best span of each passage that gives it, most probable first.
        probability: that at least one of them is right, were they independent, 0..1.
    """

    members: tuple[SpanAnswer, ...]
    probability: float

    @property
    def best(self) -> SpanAnswer:
        """The most probable member."""
        return self.members[0]


@dataclass(frozen=True, slots=True)
class AnswerWeights:
    """What scores a span, what tells how sure the best answer is, and when to be silent."""

    span: LogisticModel
    certainty: LogisticModel
    threshold: float


@lru_cache(maxsize=2)
def answer_weights(*, with_prover: bool = True) -> AnswerWeights:
    """The weights that ship with the project; see `rag.evidence.fitted_weights`."""
    data = json.loads(files("rag").joinpath("answer_weights.json").read_text(encoding="utf-8"))
    known = (list(ANSWER_FEATURES), list(CERTAINTY_FEATURES))
    if (data["features"], data["certainty"]["features"]) != known:
        raise ValueError("answer_weights.json was fitted for other features; fit it again")
    fitted = data if with_prover else data["without_prover"]
    return AnswerWeights(
        read_model(fitted), read_model(fitted["certainty"]), float(data["threshold"])
    )


def spans_of(
    question: Question,
    hit: Hit,
    reading: Reading,
    candidates: Sequence[Candidate],
    model: LogisticModel | None = None,
) -> list[SpanAnswer]:
    """The spans read in a passage, most probable first.

    Args:
        question: the question taken apart.
        hit: the passage.
        reading: what the span reader made of it.
        candidates: the sentences of all passages, best first.
        model: scores the features; by default what ships with the project.
    """
    own = [c for c in candidates if c.hit.passage.id == hit.passage.id]
    top = candidates[0].score if candidates else 0.0
    model = model or answer_weights().span
    found = []
    text = hit.passage.text
    opinion = opinion_of(hit)
    most_relevant = max((opinion_of(c.hit).relevance for c in candidates), default=0.0)
    for span in reading.spans:
        start, end = complete_span(question.text, text, span.start, span.end)
        begin, stop = hit.passage.start + start, hit.passage.start + end
        touched = sorted(
            (c for c in own if c.start < stop and begin < c.end), key=lambda c: c.start
        )
        if not touched:
            continue
        words = text[start:end]
        score = max(c.score for c in touched)
        fits, misses = _type_fit(question, words)
        row = np.array(
            [
                max(_FLOOR, min(-_FLOOR, span.logprob - reading.not_stated_logprob)),
                max(_FLOOR, reading.not_stated_logprob),
                max(_FLOOR, span.logprob),
                max(_FLOOR, span.logprob / span.n_tokens),
                score,
                top - score,
                1.0 / hit.rank,
                hit.similarity if hit.similarity is not None else 0.0,
                fits,
                misses,
                math.log1p(len(words.split())),
                _repeated(question, words),
                opinion.relevance - most_relevant,
                opinion.answerable,
                agreement(opinion, start, end),
            ]
        )
        found.append(SpanAnswer(hit, tuple(touched), words, row, model.probability(row)))
    return sorted(found, key=lambda a: -a.probability)


def pool(answers: Sequence[SpanAnswer]) -> list[PooledAnswer]:
    """Equal answers together, most probable first.

    Spans of one passage are guesses of one reading, so only the best of those that agree counts;
    passages are taken as independent witnesses, and the certainty model, fitted on the outcome,
    takes back what that claims too much.
    """
    groups: list[list[SpanAnswer]] = []
    for answer in sorted(answers, key=lambda a: -a.probability):
        same = next((g for g in groups if is_same_answer(g[0].words, answer.words)), None)
        if same is None:
            groups.append([answer])
        elif all(member.hit.passage.id != answer.hit.passage.id for member in same):
            same.append(answer)
    pooled = []
    for group in groups:
        missed = math.prod(1.0 - member.probability for member in group)
        pooled.append(PooledAnswer(tuple(group), 1.0 - missed))
    return sorted(pooled, key=lambda p: (-p.probability, p.best.hit.rank))


def is_same_answer(a: str, b: str) -> bool:
    """Whether one says nothing that the other does not: "Grewal" and "Alvin Grewal"."""
    one, other = _content(a), _content(b)
    if not one or not other:
        return False
    # In their order: 4.5 is not 5.4.
    numbers = [[w for w in words if w[0].isdigit() or w in _SCALES] for words in (one, other)]
    shorter, longer = sorted((one, other), key=len)
    # A date may be given in part: March 2025 is no other answer than 12 March 2025.
    in_part = any(word in _MONTHS for word in longer)
    if all(numbers) and numbers[0] != numbers[1] and not in_part:
        return False
    return set(shorter) <= set(longer)


def certainty_features(
    shape: Shape, pooled: Sequence[PooledAnswer], evidence: float
) -> list[float]:
    """What tells whether the first answer is right, in the order of CERTAINTY_FEATURES.

    Args:
        shape: how the question wants to be answered.
        pooled: the answers, most probable first, at least one.
        evidence: how sure the best sentence of all is (`rag.evidence.confidence`), 0..1.
    """
    first = pooled[0]
    best = first.best
    second = pooled[1].probability if len(pooled) > 1 else 0.01
    return [
        log_odds(first.probability),
        log_odds(first.probability) - log_odds(second),
        float(best.features[_ODDS]),
        float(best.features[_SENTENCE_SCORE]),
        float(best.sentences[0].features[_UNCOVERED]),
        math.log(len(first.members)),
        float(best.features[_ANSWERABLE]),
        log_odds(evidence),
        float(best.features[_SENTENCE_GAP] == 0.0),
        *shape_flags(shape),
    ]


def certainty(
    shape: Shape,
    pooled: Sequence[PooledAnswer],
    evidence: float,
    model: LogisticModel | None = None,
) -> float:
    """Probability that the first answer is right, 0..1; 0 where there is none.

    Args:
        shape: how the question wants to be answered.
        pooled: the answers, most probable first; may be empty.
        evidence: how sure the best sentence of all is, 0..1.
        model: of `CERTAINTY_FEATURES`; by default what ships with the project.
    """
    if not pooled:
        return 0.0
    row = np.array(certainty_features(shape, pooled, evidence))
    return (model or answer_weights().certainty).probability(row)


def _content(words: str) -> list[str]:
    """Folded words in order, without articles; 1,000 is 1000."""
    plain = _THOUSANDS_COMMA.sub("", fold(words))
    return re.findall(r"\w+", _ARTICLE.sub(" ", plain))


def _repeated(question: Question, words: str) -> float:
    """Share of a span's words that the question says itself, 0..1."""
    own, said = set(stems(question.text)), stems(words)
    return sum(word in own for word in said) / len(said) if said else 1.0


def _type_fit(question: Question, words: str) -> tuple[float, float]:
    """(1, 0) where the span looks like what is asked for, (0, 1) where it does not."""
    patterns = {"number": _DIGIT, "date": _TIME, "name": _CAPITAL}
    pattern = patterns.get(question.expected)
    if pattern is None:
        return 0.0, 0.0
    fits = bool(pattern.search(words))
    return float(fits), float(not fits)
