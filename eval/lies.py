"""Planted lies: how many the checker catches, and how many true sentences it takes for lies.

    python -m eval.lies --data DIR [--part test] [--n 1000] [--seed 0] [--rules] [--show K]

DIR holds `qa/squad-*.json`, `entailment/pairs.jsonl` and `splits.json`. True sentences are those of
SQuAD's paragraphs, the same lightly rewritten (a clause dropped or moved, a number or date written
otherwise), and the supported ones of the entailment pairs, which are free paraphrases and counted apart.
A lie is one of them with a number, unit, date, name, quoted word or negation changed. They are made
in `eval.claims` and `eval.planting`.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.claims import Claim, paraphrases, rewritten_claims, verbatim_claims
from eval.intervals import wilson
from eval.planting import KINDS, plant
from models.embedder import SentenceTransformerEmbedder
from models.prover import MiniLMProver
from rag.checker import check_written
from rag.support import SupportJudge
from rag.types import Support


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim with the checker's verdict."""

    claim: Claim
    support: Support


def check(claims: Sequence[Claim], judge: SupportJudge | None = None) -> list[Checked]:
    """The checker's verdict on each, with the rules alone or with a judge of meaning."""
    return [Checked(c, check_written(c.text, [c.evidence], judge)) for c in claims]


def figures(checked: Sequence[Checked]) -> dict[str, object]:
    """Shares of lies called unsupported, and of true sentences called unsupported or partly so."""

    def of(items: Sequence[Checked], *verdicts: Support) -> dict[str, float | int | None]:
        return wilson(sum(item.support in verdicts for item in items), len(items))

    true = [item for item in checked if item.claim.lie is None]
    lies = [item for item in checked if item.claim.lie is not None]
    return {
        "untouched_flagged": of(true, "unsupported"),
        "untouched_partly": of(true, "partly"),
        "untouched_unchecked": of(true, "unchecked"),
        "caught": of(lies, "unsupported"),
        "caught_or_doubted": of(lies, "unsupported", "partly"),
        "caught_by_kind": {
            kind: of([i for i in lies if i.claim.lie == kind], "unsupported") for kind in KINDS
        },
    }


def groups(data: Path, part: str, n: int, seed: int) -> dict[str, list[Claim]]:
    """`n` true sentences and about `n` lies each: near to the text, and free paraphrases."""
    rng = random.Random(seed)
    verbatim = verbatim_claims(data, part)
    rng.shuffle(verbatim)
    rewritten = rewritten_claims(verbatim, rng)
    near = verbatim[: n - n // 2] + rewritten[: n // 2]
    free = paraphrases(data, part)
    rng.shuffle(free)
    pool = [*verbatim, *rewritten]
    return {"near": near + plant(pool, n, rng), "paraphrases": free[:n] + plant(free, n, rng)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures as JSON, and with --show what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=("train", "test"), default="test")
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rules", action="store_true", help="the rules alone, without the judge")
    parser.add_argument("--show", type=int, default=0, help="so many errors of each sort")
    options = parser.parse_args(arguments)
    judge = None
    if not options.rules:
        judge = SupportJudge(MiniLMProver(), SentenceTransformerEmbedder.starter())
    result: dict[str, object] = {"part": options.part}
    for name, claims in groups(options.data, options.part, options.n, options.seed).items():
        checked = check(claims, judge)
        result[name] = figures(checked)
        if options.show:
            result[f"{name}_errors"] = errors(checked, options.show)
    print(json.dumps(result, indent=1, ensure_ascii=False))  # noqa: T201


def errors(checked: Sequence[Checked], most: int) -> dict[str, list[dict[str, str]]]:
    """Lies that were believed and true sentences that were not, by kind of lie and source."""
    found: dict[str, list[dict[str, str]]] = {}
    for item in checked:
        claim = item.claim
        if (claim.lie is None) == (item.support == "unsupported"):
            rows = found.setdefault(claim.lie or f"true, {claim.source}", [])
            if len(rows) < most:
                rows.append({"claim": claim.text, "evidence": claim.evidence})
    return found


if __name__ == "__main__":
    main()
