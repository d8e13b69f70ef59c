"""The prover's second opinion on the passages found."""

import math
from collections.abc import Sequence
from dataclasses import replace

from index.types import Hit, Passage
from models.protocols import Judgement, Prover

# Where no prover read a passage: neither for it nor against it.
NO_OPINION = Judgement(0.0, 0.0, 0, 0, -10.0, (0.5, 0.0, 0.5))
_MOST_LOG_ODDS = 8.0
UNREAD = -6.0
"""Log odds that a sentence is evidence where no prover read it: about the mean over all that were read."""


def with_opinions(prover: Prover, question: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits, each with the prover's opinion; its span counts in the passage's text."""
    texts = [passage_text(hit.passage) for hit in hits]
    judged = prover.judge([(question, text) for text in texts])
    found = []
    for hit, text, one in zip(hits, texts, judged, strict=True):
        shift = len(text) - len(hit.passage.text)
        start, end = max(0, one.start - shift), max(0, one.end - shift)
        evidence = tuple((a - shift, b - shift, x) for a, b, x in one.evidence if a >= shift)
        opinion = replace(one, start=start, end=end, evidence=evidence)
        found.append(replace(hit, opinion=opinion))
    return found


def evidence_in(opinion: Judgement, start: int, end: int) -> float:
    """Log odds that `text[start:end]` of the passage is evidence: the mean over its word pieces."""
    logits = [logit for a, b, logit in opinion.evidence if a < end and b > start]
    return sum(logits) / len(logits) if logits else UNREAD


def passage_text(passage: Passage) -> str:
    """A passage as it is judged: the breadcrumb in a line of its own, then the text."""
    return f"{passage.breadcrumb}\n{passage.text}"


def opinion_of(hit: Hit) -> Judgement:
    """The prover's opinion of a hit, or none."""
    return hit.opinion or NO_OPINION


def judged(hits: Sequence[Hit]) -> bool:
    """Whether a prover marked evidence in any of the hits; weights are fitted apart for with and without."""
    return any(opinion_of(hit).evidence for hit in hits)


def agreement(opinion: Judgement, start: int, end: int) -> float:
    """Characters shared by a span of a passage and the prover's, divided by those of both, 0..1."""
    shared = min(opinion.end, end) - max(opinion.start, start)
    both = max(opinion.end, end) - min(opinion.start, start)
    return max(0.0, shared / both) if both > 0 and opinion.end > opinion.start else 0.0


def log_odds(probability: float) -> float:
    """Natural-log odds, at most 8 either way."""
    inside = min(max(probability, 1e-6), 1 - 1e-6)
    return max(-_MOST_LOG_ODDS, min(_MOST_LOG_ODDS, math.log(inside / (1 - inside))))
