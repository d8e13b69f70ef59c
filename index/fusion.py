"""One order from several: fusions of dense and lexical search, the prover's word, near-duplicates.

Reciprocal-rank fusion looks at ranks only, and loses where one search is much better than the other.
`evidence_fusion` looks at what both know of a passage: how near its vector is, and which words of the
question stand in it, how close together.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from index.lexical import terms
from index.types import Passage
from index.words import stems

RRF_K = 60
_NEAR = 0.8
_SHINGLE = 3

WINDOW_WORDS = 16
_PAIR_SPAN = 2
# Of the cosine, which weighs 1: a listwise softmax fitted on 250 training questions each of squad and
# Natural Questions, rounded. Fitted on one set alone it ranks the other nearly as well: nDCG@10 0.950 in
# the mean of both against 0.952.
_COVERAGE_WEIGHT = 0.4
_WINDOW_WEIGHT = 0.45
_PAIR_WEIGHT = 0.2

PROVER_DEPTH = 20
# What one standard deviation of the prover's relevance weighs against one of the fused score; chosen on
# calibration questions, see docs/decisions.md.
PROVER_WEIGHT = 0.5


def reciprocal_rank_fusion(
    rankings: Mapping[str, Sequence[int]], *, k: int = RRF_K
) -> list[tuple[int, float]]:
    """(id, score) of every id in any ranking, best first, ties by id.

    Score: sum over rankings of 1 / (k + rank), rank from 1 (Cormack, Clarke, Buettcher 2009).
    """
    scores: dict[int, float] = {}
    for ranking in rankings.values():
        for rank, ident in enumerate(ranking, start=1):
            scores[ident] = scores.get(ident, 0.0) + 1.0 / (k + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """What a question's words weigh in a library.

    Attributes:
        order: stems as they follow each other in the question, stop words left out.
        weights: inverse document frequency of each stem that the library knows, > 0.
    """

    order: tuple[str, ...]
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """Shares of a question's words, by weight, that stand in a passage; each 0..1.

    Attributes:
        coverage: anywhere in breadcrumb or text.
        window: in the breadcrumb, or in the best `WINDOW_WORDS` words in a row of the text.
        pairs: neighbours of the question that follow each other, one word between them at most.
    """

    coverage: float
    window: float
    pairs: float


NO_EVIDENCE = WordEvidence(0.0, 0.0, 0.0)


def question_words(
    question: str, n_passages: int, document_frequency: Callable[[str], int]
) -> QuestionWords:
    """The stems of a question with their weights, ln(1 + (N - n + 0.5) / (n + 0.5)) as in Lucene's BM25.

    Args:
        question: a standalone question.
        n_passages: N, in the library.
        document_frequency: n, in how many passages a stem occurs; 0 for an unknown one, which is
            left out of the weights: a word that no passage has tells nothing about any.
    """
    order = tuple(stem for term in terms(question) for stem in stems(term))
    found = {stem: document_frequency(stem) for stem in dict.fromkeys(order)}
    weights = {
        stem: math.log1p((max(n_passages - n, 0) + 0.5) / (n + 0.5))
        for stem, n in found.items()
        if n > 0
    }
    return QuestionWords(order, weights)


def word_evidence(words: QuestionWords, breadcrumb: str, text: str) -> WordEvidence:
    """How much of a question stands in a passage, together and in order.

    After the term proximity of Rasolofo and Savoy (2003) and Metzler and Croft (2005), as shares, so
    that they can be added to a cosine. `NO_EVIDENCE` where the library knows no word of the question.
    """
    total = sum(words.weights.values())
    if not total:
        return NO_EVIDENCE
    heading = [(at, stem) for at, stem in enumerate(stems(breadcrumb)) if stem in words.weights]
    body = [(at, stem) for at, stem in enumerate(stems(text)) if stem in words.weights]
    held = {stem for _, stem in heading}
    everywhere = held | {stem for _, stem in body}
    base = _weight(words, held)
    rest = [(at, stem) for at, stem in body if stem not in held]
    return WordEvidence(
        coverage=_weight(words, everywhere) / total,
        window=(base + _best_window(words, rest)) / total,
        pairs=_pair_share(words, _close_pairs(heading) | _close_pairs(body)),
    )


def _weight(words: QuestionWords, held: set[str]) -> float:
    # In the question's order: sums in another order differ in the last digits.
    return sum(weight for stem, weight in words.weights.items() if stem in held)


def _best_window(words: QuestionWords, places: Sequence[tuple[int, str]]) -> float:
    """The most weight that stands within `WINDOW_WORDS`; `places` are (position, stem) in order."""
    inside: Counter[str] = Counter()
    best = held = 0.0
    first = 0
    for at, stem in places:
        held += words.weights[stem] if not inside[stem] else 0.0
        inside[stem] += 1
        while places[first][0] <= at - WINDOW_WORDS:
            gone = places[first][1]
            inside[gone] -= 1
            held -= words.weights[gone] if not inside[gone] else 0.0
            first += 1
        best = max(best, held)
    return best


def _close_pairs(places: Sequence[tuple[int, str]]) -> set[tuple[str, str]]:
    """Stems that follow each other within `_PAIR_SPAN` words."""
    return {
        (stem, other)
        for i, (at, stem) in enumerate(places)
        for later, other in places[i + 1 : i + 1 + _PAIR_SPAN]
        if later - at <= _PAIR_SPAN
    }


def _pair_share(words: QuestionWords, found: set[tuple[str, str]]) -> float:
    """Share, by weight, of the question's neighbouring known stems that are among the `found`."""
    known = words.weights
    weights = {
        (a, b): known[a] + known[b]
        for a, b in zip(words.order, words.order[1:], strict=False)
        if a in known and b in known
    }
    total = sum(weights.values())
    return sum(w for pair, w in weights.items() if pair in found) / total if total else 0.0


def evidence_score(similarity: float, evidence: WordEvidence) -> float:
    """How well a passage fits a question: cosine and weighed shares of words, about 0..2.

    Higher is better. Comparable between the passages of one question only.
    """
    return (
        similarity
        + _COVERAGE_WEIGHT * evidence.coverage
        + _WINDOW_WEIGHT * evidence.window
        + _PAIR_WEIGHT * evidence.pairs
    )


def evidence_fusion(
    similarities: Mapping[int, float], evidence: Mapping[int, WordEvidence]
) -> list[tuple[int, float]]:
    """(id, `evidence_score`) of every candidate of either search, best first, ties by id.

    Args:
        similarities: cosine of the question's vector and each candidate's, by id.
        evidence: of the same candidates; one left out has none.
    """
    scores = {i: evidence_score(s, evidence.get(i, NO_EVIDENCE)) for i, s in similarities.items()}
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def rerank(
    fused: Sequence[tuple[int, float]],
    relevance: Mapping[int, float],
    *,
    weight: float = PROVER_WEIGHT,
) -> list[tuple[int, float]]:
    """The first passages in a new order that the prover's relevance shares in deciding.

    Both scores are brought to mean 0 and deviation 1 over the judged passages, then added: the prover
    cannot shift a passage far where it hardly tells the passages apart from one another.

    Args:
        fused: (id, score), best first.
        relevance: the prover's logit by id, of passages at the head of `fused`.
        weight: of the relevance; 0 leaves the order as it was.

    Returns:
        (id, score): the judged passages by falling sum, ties by id, the others behind them as they
        were. Scores of the others lie below, so that the whole list falls.
    """
    judged = [(ident, score) for ident, score in fused if ident in relevance]
    first = _standardised([score for _, score in judged])
    second = _standardised([relevance[ident] for ident, _ in judged])
    mixed = [
        (ident, a + weight * b) for (ident, _), a, b in zip(judged, first, second, strict=True)
    ]
    mixed.sort(key=lambda pair: (-pair[1], pair[0]))
    others = [(ident, score) for ident, score in fused if ident not in relevance]
    if not mixed or not others:
        return mixed or others
    drop = mixed[-1][1] - max(score for _, score in others)
    return mixed + [(ident, score + min(drop, 0.0)) for ident, score in others]


def _standardised(values: Sequence[float]) -> list[float]:
    """To mean 0 and standard deviation 1; all 0 where they are equal."""
    if not values:
        return []
    mean = math.fsum(values) / len(values)
    deviation = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / len(values))
    # Below this the values differ by rounding only.
    return [(v - mean) / deviation if deviation > 1e-9 else 0.0 for v in values]


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Runs of three words, lower case; all words where there are fewer, the marks where none is."""
    words = re.findall(r"\w+", text.lower()) or text.split()
    if len(words) <= _SHINGLE:
        return frozenset([tuple(words)])
    return frozenset(tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1))


def _nearly_same(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    """Whether two sets share most of what either holds."""
    fewer, more = sorted((len(one), len(other)))
    # Sets of very different sizes cannot; most pairs are told apart by that alone.
    if fewer < _NEAR * more:
        return False
    shared = len(one & other)
    return shared >= _NEAR * (fewer + more - shared)


def fold_near_duplicates(passages: Sequence[Passage]) -> list[tuple[Passage, tuple[Passage, ...]]]:
    """Each passage that says something new, with the later ones that nearly repeat it.

    Nearly: Jaccard similarity of word shingles >= 0.8 (Broder 1997). The first of a family stays,
    so the order of `passages` decides which.
    """
    kept: list[tuple[Passage, list[Passage], frozenset[tuple[str, ...]]]] = []
    for passage in passages:
        own = shingles(passage.text)
        for _, repeats, other in kept:
            if _nearly_same(own, other):
                repeats.append(passage)
                break
        else:
            kept.append((passage, [], own))
    return [(passage, tuple(repeats)) for passage, repeats, _ in kept]
