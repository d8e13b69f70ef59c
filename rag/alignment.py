"""Lays a claim beside the evidence sentence nearest to it, word by word."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from index.sentences import sentence_spans
from rag.tokens import Side, Token, one_class, same

LONGEST = 240  # tokens of a claim or sentence; laying out takes their product
VERBATIM = 0.8  # of the claim's content: it runs like its evidence
_NEAREST = 3
_MERGED_GAIN = 0.15


@dataclass(slots=True)
class Layout:
    """A claim beside evidence.

    Attributes:
        claim: its tokens.
        evidence: tokens of the nearest sentence, or of two.
        pairs: places in both that stand beside each other, in order.
        equal: of these, where both say the same: claim's place to evidence's.
        coverage: share of the claim's content that is equal, 0 to 1.
    """

    claim: Sequence[Token]
    evidence: Sequence[Token]
    pairs: list[tuple[int, int]]
    equal: dict[int, int] = field(default_factory=dict)
    coverage: float = 0.0

    def __post_init__(self) -> None:
        self.equal = {i: j for i, j in self.pairs if same(self.claim[i], self.evidence[j])}
        content = [i for i, token in enumerate(self.claim) if token.content]
        self.coverage = sum(i in self.equal for i in content) / max(1, len(content))


def nearest(claim: Side, evidence: Side) -> Layout | None:
    """The claim beside the sentence, or the two, that hold most of it; None where there is none."""
    wanted = {token.key for token in claim.tokens}
    sentences = [
        tokens
        for span in sentence_spans(evidence.text)
        if 0 < len(tokens := _within(evidence.tokens, *span)) <= LONGEST
    ]
    ranked = sorted(
        range(len(sentences)),
        key=lambda i: (len(wanted & {t.key for t in sentences[i]}), -len(sentences[i])),
        reverse=True,
    )[:_NEAREST]
    layouts = [_lay_out(claim.tokens, sentences[i]) for i in ranked]
    best = max(layouts, key=lambda layout: layout.coverage, default=None)
    if best is None or best.coverage >= VERBATIM:
        return best
    # The claim may put two sentences together.
    for one, other in ((0, 1), (0, 2)):
        if other < len(ranked):
            first, second = sorted((ranked[one], ranked[other]))
            both = [*sentences[first], *sentences[second]]
            layout = _lay_out(claim.tokens, both[: 2 * LONGEST])
            if layout.coverage >= best.coverage + _MERGED_GAIN:
                best = layout
    return best


def _within(tokens: Sequence[Token], start: int, end: int) -> list[Token]:
    first = bisect_left(tokens, start, key=lambda token: token.start)
    last = bisect_left(tokens, end, key=lambda token: token.start)
    return list(tokens[first:last])


def _lay_out(claim: Sequence[Token], evidence: Sequence[Token]) -> Layout:
    """Needleman and Wunsch's alignment of least cost.

    Facts of one kind take each other's place cheaply, so that in "France beat Germany" against
    "Germany beat France" both names are replaced, instead of one of them moved.
    """
    rows, columns = len(claim), len(evidence)
    costs = [[float(i + j) for j in range(columns + 1)] for i in range(rows + 1)]
    for i in range(1, rows + 1):
        above, row, token = costs[i - 1], costs[i], claim[i - 1]
        for j in range(1, columns + 1):
            change = above[j - 1] + _cost(token, evidence[j - 1])
            row[j] = min(change, above[j] + 1, row[j - 1] + 1)
    pairs: list[tuple[int, int]] = []
    i, j = rows, columns
    while i and j:
        if costs[i][j] == costs[i - 1][j - 1] + _cost(claim[i - 1], evidence[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return Layout(claim, evidence, pairs[::-1])


def _cost(claim: Token, evidence: Token) -> float:
    if claim.kind == "word" == evidence.kind:
        other = 0.75 if claim.quoted and evidence.quoted else 1.25
        return 0.0 if claim.key == evidence.key else other
    if same(claim, evidence):
        return 0.0
    if one_class(claim, evidence):
        return 0.75
    return 2.5 if "negation" in (claim.kind, evidence.kind) else 1.75
