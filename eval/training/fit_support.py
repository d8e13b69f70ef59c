"""Fits when the checker calls a written sentence supported.

    python -m eval.training.fit_support [--work DIR] [--out DIR]

Every claim of `eval/everyday/claims.jsonl` is held against the passages that its evidence stands in, as
the program cut them. Their documents calibrate and report nothing; the prover was not trained on them.
These claims are hard: the wrong ones share more words with the text than the right ones. A model also
copies and strays, so there are as many plain ones: sentences of a passage, held against it or against
another passage of their document. Figures come from cross-validation by document: no claim is judged by
weights that saw its text.
"""

import argparse
import json
import logging
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.metrics import auroc
from eval.training.cases import EVERYDAY, everyday_library
from eval.training.logistic import FOLDS, fit
from eval.training.own_data import own_claims
from index.library import Library
from index.sentences import sentence_spans
from index.types import Passage, Role
from models.prover import MiniLMProver
from rag.checker import LIKELY, LIKELY_NOT
from rag.logistic import Features
from rag.opinions import passage_text
from rag.support import SUPPORT_FEATURES, SupportJudge

_log = logging.getLogger(__name__)
CLAIMS = EVERYDAY.with_name("claims.jsonl")
_SHORTEST = 6


@dataclass(frozen=True, slots=True)
class Judged:
    """Claims in their order.

    Attributes:
        rows: shape (claims, len(SUPPORT_FEATURES)).
        supported: shape (claims,).
        documents: of each claim, shape (claims,).
        hard: whether it was written by hand, shape (claims,).
    """

    rows: Features
    supported: NDArray[np.bool_]
    documents: NDArray[np.int64]
    hard: NDArray[np.bool_]


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge, fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, help="keeps the library for another run")
    parser.add_argument("--out", type=Path, default=Path("rag"), help="folder of the weights")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory() as temporary:
        library = everyday_library((options.work or Path(temporary)) / "everyday")
        judged = judge(library, SupportJudge(MiniLMProver(), library.embedder))
        library.close()
    weights = {
        "features": list(SUPPORT_FEATURES),
        **fit(judged.rows, judged.supported).as_json(),
        "figures": figures(judged),
    }
    file = options.out / "support_weights.json"
    file.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
    _log.info("%s", json.dumps(weights["figures"], indent=1))


def judge(library: Library, judge: SupportJudge) -> Judged:
    """Features and labels of all claims, the hard ones first."""
    rows, supported, documents = [], [], []
    for claim, same in groupby(own_claims(library, [CLAIMS]), key=lambda c: (c.claim, c.question)):
        held = list(same)
        rows.append(judge.features(claim[0], [passage_text(c.passage) for c in held], claim[1]))
        supported.append(held[0].holds)
        documents.append(held[0].passage.document_id)
    n_hard = len(rows)
    plain = list(plain_claims(library))
    for sentence, passage, holds in random.Random(0).sample(plain, min(n_hard, len(plain))):
        rows.append(judge.features(sentence, [passage_text(passage)]))
        supported.append(holds)
        documents.append(passage.document_id)
    hard = np.arange(len(rows)) < n_hard
    return Judged(np.array(rows), np.array(supported), np.array(documents), hard)


def plain_claims(library: Library) -> Iterator[tuple[str, Passage, bool]]:
    """A sentence of every passage, held against it (true) and against the passage before (not so)."""
    rng = random.Random(0)
    for document in library.store.documents():
        body = [p for p in library.store.document_passages(document.id) if p.role is Role.BODY]
        for before, passage in pairwise(body):
            spans = sentence_spans(passage.text)
            whole = [(a, b) for a, b in spans if len(passage.text[a:b].split()) >= _SHORTEST]
            if whole:
                start, end = rng.choice(whole)
                sentence = " ".join(passage.text[start:end].split())
                yield sentence, passage, True
                yield sentence, before, False


def figures(judged: Judged) -> dict[str, dict[str, float]]:
    """AUROC of the fitted mix and of its parts, and how right its probabilities are."""
    names = sorted(set(judged.documents.tolist()))
    fold = np.array([names.index(d) % FOLDS for d in judged.documents.tolist()])
    p = np.zeros(len(judged.rows))
    for i in range(FOLDS):
        own = fold == i
        odds = fit(judged.rows[~own], judged.supported[~own]).log_odds(judged.rows[own])
        p[own] = 1 / (1 + np.exp(-odds))
    hard = judged.hard
    return {
        "hard": _figures(judged.rows[hard], judged.supported[hard], p[hard]),
        "plain": _figures(judged.rows[~hard], judged.supported[~hard], p[~hard]),
    }


def _figures(rows: Features, supported: NDArray[np.bool_], p: Features) -> dict[str, float]:
    """Shares 0..1 of claims with the cross-validated probability `p`, shape (claims,)."""
    likely, unlikely = p >= LIKELY, p < LIKELY_NOT
    return {
        "claims": len(p),
        "supported": int(supported.sum()),
        "auroc": round(auroc(p, supported), 4),
        **{
            f"auroc_{name}": round(auroc(rows[:, i], supported), 4)
            for i, name in enumerate(SUPPORT_FEATURES[:-1])
        },
        "brier": round(float(np.mean((p - supported) ** 2)), 4),
        "called_supported": round(float(likely.mean()), 4),
        "right_among_them": round(float(supported[likely].mean()), 4),
        "called_unsupported": round(float(unlikely.mean()), 4),
        "wrong_among_them": round(float(supported[unlikely].mean()), 4),
    }


if __name__ == "__main__":
    main()
