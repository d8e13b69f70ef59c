"""What a claim has in the place of something else, read off its layout beside the evidence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.dates import Date
from index.names import is_ordinary
from index.numbers import ORDINAL, Amount
from rag.alignment import LONGEST, VERBATIM, Layout, nearest
from rag.naming import TITLES, abbreviates, initials
from rag.tokens import Side, Token, one_class, same

_ALIKE = 0.6
_CLOSE = 2


@dataclass(frozen=True, slots=True)
class Replaced:
    """A token of the claim that stands where the evidence has another.

    Either is None where a negation was added or dropped.
    """

    claim: Token | None
    evidence: Token | None
    instead: str | None


def replacements(claim: Side, evidence: Side) -> list[Replaced]:
    """What stands in the claim instead of the words of the evidence sentence nearest to it.

    Empty where no sentence, and no two together, run like the claim.
    """
    if not claim.tokens or len(claim.tokens) > LONGEST:
        return []
    best = nearest(claim, evidence)
    if best is None or best.coverage < _ALIKE:
        return []
    return [
        *_substituted(best, claim, evidence),
        *_moved(best, evidence),
        *_negated(best, evidence),
    ]


def _substituted(layout: Layout, claim: Side, evidence: Side) -> Iterator[Replaced]:
    for i, j in layout.pairs:
        said, proof = layout.claim[i], layout.evidence[j]
        if i in layout.equal or not one_class(said, proof) or not _runs_alike(layout, i, j):
            continue
        quoted = said.quoted and proof.quoted
        if (
            said.kind == "name"
            and not quoted
            and not _other_name(layout, said, proof, claim, evidence)
        ):
            continue
        if not _listed(layout, said, j):
            yield Replaced(said, proof, evidence.text[proof.start : proof.end])


def _runs_alike(layout: Layout, i: int, j: int) -> bool:
    """Whether the words around are the same, as far as there are any."""
    around = [k for k in range(i - _CLOSE, i + _CLOSE + 1) if 0 <= k < len(layout.claim) and k != i]
    alike = sum(abs(layout.equal.get(k, -99) - j) <= _CLOSE + 1 for k in around)
    # Words of one sentence that change places may have taken their own places along.
    turned = any(same(layout.claim[i], token) for token in layout.evidence)
    return alike >= min(3 if turned else 2, len(around))


def _other_name(layout: Layout, said: Token, proof: Token, claim: Side, evidence: Side) -> bool:
    """Whether two names at one place are of different things, as far as words can tell."""
    if said.key not in evidence.names | claim.names and proof.key not in evidence.names:
        return False
    if is_ordinary(claim.text[said.start : said.end]) or proof.key in TITLES | {said.key}:
        return False
    said_keys, proof_keys = _run(layout.claim, said), _run(layout.evidence, proof)
    if initials(said_keys) == proof.key or initials(proof_keys) == said.key:
        return False
    if abbreviates(said.key, proof.key) or abbreviates(proof.key, said.key):
        return False
    if said.key in proof_keys or proof.key in said_keys:
        return False
    if set(said_keys) & set(proof_keys) and len(said_keys) != len(proof_keys):
        return False
    # Active and passive turn the names round: "by" comes or goes.
    by = [sum(t.key == "by" for t in tokens) for tokens in (layout.claim, layout.evidence)]
    return by[0] == by[1] or said.key not in {t.key for t in layout.evidence}


def _run(tokens: Sequence[Token], token: Token) -> list[str]:
    """All words of the name that a token is part of."""
    return [t.key for t in tokens if t.kind == "name" and t.fact == token.fact]


def _listed(layout: Layout, said: Token, j: int) -> bool:
    """Whether a fact only changed its place within a list: "A, B and C", "C, A and B"."""
    if sum(same(said, t) for t in layout.claim) > sum(same(said, t) for t in layout.evidence):
        return False
    for k, token in enumerate(layout.evidence):
        if token.kind == said.kind and same(said, token):
            between = layout.evidence[min(j, k) : max(j, k) + 1]
            if all(t.kind == said.kind or t.key in ("and", "or") for t in between):
                return True
    return False


def _moved(layout: Layout, evidence: Side) -> Iterator[Replaced]:
    """Facts of the claim without a place of their own, where the sentence has another to spare.

    "X happened in 1985" beside "In 1990, X happened": the words moved, the year did not come along.
    """
    if layout.coverage < VERBATIM:
        return
    taken = set(layout.equal.values())
    spare = [t for j, t in enumerate(layout.evidence) if j not in taken]
    for i, said in enumerate(layout.claim):
        if i in layout.equal or any(same(said, t) for t in layout.evidence):
            continue
        for proof in spare:
            if _comparable(said, proof):
                yield Replaced(said, proof, evidence.text[proof.start : proof.end])
                break


def _comparable(said: Token, proof: Token) -> bool:
    one, other = said.fact, proof.fact
    if isinstance(one, Amount) and isinstance(other, Amount):
        return (one.unit == ORDINAL) == (other.unit == ORDINAL)
    return isinstance(one, Date) and isinstance(other, Date)


def _negated(layout: Layout, evidence: Side) -> Iterator[Replaced]:
    """Negations that one of the two has more, in words that run alike otherwise."""
    theirs = {j: i for i, j in layout.equal.items()}
    for i, token in enumerate(layout.claim):
        if token.kind == "negation" and i not in layout.equal and _kept(layout.equal, i):
            yield Replaced(token, None, None)
    for j, token in enumerate(layout.evidence):
        if token.kind == "negation" and j not in theirs and _kept(theirs, j):
            yield Replaced(None, token, evidence.text[token.start : token.end])


def _kept(matched: dict[int, int], at: int) -> bool:
    """Whether the words on both sides of a place stand together in the other text too."""
    before = [matched[k] for k in range(at - 3, at) if k in matched]
    behind = [matched[k] for k in range(at + 1, at + 4) if k in matched]
    return bool(before and behind) and behind[0] - before[-1] <= 4
