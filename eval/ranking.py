"""BM25, dense search, their fusions and the prover side by side on BEIR folders.

    python -m eval.ranking --data DIR [--sets scifact,squad] [--part test] [--queries N]
                           [--cache DIR] [--weights PROVER_FILE] [--mix 0.5,1] [--json OUT]

DIR holds `retrieval/*` and `splits.json`. One BEIR document is one passage. For every set: nDCG@10,
Recall@5 and MRR@10 with 95 % bootstrap intervals, milliseconds a question, and paired randomisation
tests against the better single retriever, and of the prover against the same ranking without it; then
the same for the mean over the sets. Without `--weights` the prover is left out; with `--mix` it is shown
once for each of these weights, by which `--part calibration` chooses the one that ships.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.ranking_figures import (
    METRIC_NAMES,
    Difference,
    Scores,
    compare_scores,
    mean_metric,
    score_rankings,
)
from eval.ranking_search import Candidates, search_set
from eval.ranking_sets import RankingSet, load_set, passage_vectors, set_names
from index.fusion import (
    PROVER_DEPTH,
    PROVER_WEIGHT,
    evidence_fusion,
    reciprocal_rank_fusion,
    rerank,
    word_evidence,
)
from models.embedder import SentenceTransformerEmbedder
from models.errors import FootnoteError
from models.protocols import Embedder, Prover

BM25, DENSE, RRF, FUSED, PROVED = "BM25", "dense", "RRF", "Footnote", "Footnote + prover"
# As the retriever has it: candidates of each search that are fused.
_POOL = 40


@dataclass(frozen=True, slots=True)
class SetResult:
    """What was measured on one set.

    Attributes:
        name: of the set, or of the mean over sets.
        n_passages: in its corpus.
        n_questions: judged ones that were asked.
        scores: (questions, 3) by method, columns as `METRIC_NAMES`.
        latencies: milliseconds a question by method, shape (questions,); a fusion's include both
            searches, the prover's the fusion's.
    """

    name: str
    n_passages: int
    n_questions: int
    scores: Mapping[str, Scores]
    latencies: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Judge:
    """A prover, and the weights by which its relevance is mixed in."""

    prover: Prover
    mix: tuple[float, ...] = (PROVER_WEIGHT,)


Timed = tuple[list[tuple[int, float]], float]


def rank(
    questions: RankingSet, query: str, found: Candidates, judge: Judge | None
) -> Iterator[tuple[str, Timed]]:
    """(method, ((row, score) best first, milliseconds)) of the question `query`."""
    yield BM25, (found.lexical, found.lexical_ms)
    yield DENSE, (found.dense, found.dense_ms)
    searched = found.lexical_ms + found.dense_ms
    began = time.perf_counter()
    ranked = reciprocal_rank_fusion(
        {"dense": [i for i, _ in found.dense], "lexical": [i for i, _ in found.lexical]}
    )
    yield RRF, (ranked, searched + _milliseconds_since(began))
    began = time.perf_counter()
    pool = {row for row, _ in (*found.lexical[:_POOL], *found.dense[:_POOL])}
    titles, texts = questions.titles, questions.texts
    fused = evidence_fusion(
        {row: found.similarities[row] for row in pool},
        {row: word_evidence(found.words, titles[row], texts[row]) for row in pool},
    )
    searched += found.words_ms + _milliseconds_since(began)
    yield FUSED, (fused, searched)
    if judge is not None:
        began = time.perf_counter()
        first = [row for row, _ in fused[:PROVER_DEPTH]]
        judged = judge.prover.judge(
            [(questions.queries[query], f"{titles[row]}\n{texts[row]}") for row in first]
        )
        relevance = {row: one.relevance for row, one in zip(first, judged, strict=True)}
        took = searched + _milliseconds_since(began)
        for weight in judge.mix:
            name = PROVED if weight == PROVER_WEIGHT else f"{PROVED} x {weight:g}"
            yield name, (rerank(fused, relevance, weight=weight), took)


def measure(
    questions: RankingSet, embedder: Embedder, judge: Judge | None, cache: Path | None
) -> SetResult:
    """Rank every question of a set by every method."""
    vectors = passage_vectors(questions.passages(), embedder, name=questions.name, cache=cache)
    found = search_set(questions, vectors, embedder)
    rankings: dict[str, dict[str, list[str]]] = {}
    latencies: dict[str, list[float]] = {}
    for number, (query, candidates) in enumerate(found.items(), start=1):
        for method, (ranked, took) in rank(questions, query, candidates, judge):
            ids = [questions.ids[row] for row, _ in ranked]
            rankings.setdefault(method, {})[query] = ids
            latencies.setdefault(method, []).append(took)
        _progress(f"{questions.name}: {number} of {len(found)}")
    return SetResult(
        name=questions.name,
        n_passages=len(questions.ids),
        n_questions=len(questions.queries),
        scores={m: score_rankings(r, questions.qrels) for m, r in rankings.items()},
        latencies={m: np.array(took) for m, took in latencies.items()},
    )


def better_single(result: SetResult, column: int) -> str:
    """The one of BM25 and dense that has the higher mean; a judgement after the fact, in their favour."""
    return max((BM25, DENSE), key=lambda m: float(result.scores[m][:, column].mean()))


def tests(results: Sequence[SetResult], column: int) -> dict[str, Difference]:
    """Paired comparisons by one metric; with several sets of the means over them.

    The better single retriever is chosen anew for each set.
    """
    single = [r.scores[better_single(r, column)][:, column] for r in results]
    methods = {m: [r.scores[m][:, column] for r in results] for m in results[0].scores}
    found = {}
    for method, own in methods.items():
        if method not in (BM25, DENSE):
            found[f"{method} - better single"] = compare_scores(single, own)
        if method.startswith(PROVED):
            found[f"{method} - {FUSED}"] = compare_scores(methods[FUSED], own)
    return found


def table(results: Sequence[SetResult], heading: str) -> str:
    """Figures of one set, or of the mean over several, as plain text."""
    lines = [heading, f"  {'':<26}" + "".join(f"{n:<22}" for n in METRIC_NAMES) + "ms p50    p95"]
    for method in results[0].scores:
        cells = [f"  {method:<26}"]
        for column in range(len(METRIC_NAMES)):
            m = mean_metric([r.scores[method][:, column] for r in results])
            cells.append(f"{f'{m.value:.3f} [{m.low:.3f}, {m.high:.3f}]':<22}")
        took = np.concatenate([r.latencies[method] for r in results])
        cells.append(f"{np.median(took):6.1f} {np.percentile(took, 95):6.1f}")
        lines.append("".join(cells))
    for column, name in enumerate(METRIC_NAMES):
        for pair, d in tests(results, column).items():
            change = f"{d.change.value:+.3f} [{d.change.low:+.3f}, {d.change.high:+.3f}]"
            lines.append(f"  {name:<10}{pair:<40}{change}  p = {d.p:.4f}  {d.verdict}")
    return "\n".join(lines)


def as_json(results: Sequence[SetResult]) -> dict[str, Any]:
    """The same figures for `--json`."""
    methods = {
        method: {
            **{
                name: mean_metric([r.scores[method][:, column] for r in results]).as_json()
                for column, name in enumerate(METRIC_NAMES)
            },
            "latency_ms": _percentiles(np.concatenate([r.latencies[method] for r in results])),
        }
        for method in results[0].scores
    }
    return {
        "questions": sum(r.n_questions for r in results),
        "passages": sum(r.n_passages for r in results),
        "methods": methods,
        "tests": {
            name: {pair: d.as_json() for pair, d in tests(results, column).items()}
            for column, name in enumerate(METRIC_NAMES)
        },
    }


def sample(questions: RankingSet, n: int | None) -> RankingSet:
    """At most `n` of a set's questions, the same at every call."""
    if n is None or n >= len(questions.queries):
        return questions
    kept = random.Random(0).sample(sorted(questions.queries), n)
    return replace(
        questions,
        queries={query: questions.queries[query] for query in kept},
        qrels={query: questions.qrels[query] for query in kept},
    )


def _percentiles(took: NDArray[np.float64]) -> dict[str, float]:
    return {"p50": float(np.median(took)), "p95": float(np.percentile(took, 95))}


def _milliseconds_since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)


def _progress(words: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{words}  ", end="", file=sys.stderr)  # noqa: T201


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--sets", help="names with commas; by default all with questions of the part"
    )
    parser.add_argument("--part", choices=("test", "calibration", "train"), default="test")
    parser.add_argument("--queries", type=int, help="of each set; all by default")
    parser.add_argument("--cache", type=Path, help="folder where vectors of passages are kept")
    parser.add_argument("--weights", type=Path, help="of the prover")
    parser.add_argument(
        "--mix", help="weights of the prover, with commas; by default the one it has"
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace, embedder: Embedder, judge: Judge | None) -> None:
    """Measure every set, print its table, then that of the mean over the sets."""
    names = options.sets.split(",") if options.sets else set_names(options.data, options.part)
    results = []
    for name in names:
        questions = sample(load_set(options.data, name, options.part), options.queries)
        results.append(measure(questions, embedder, judge, options.cache))
        heading = f"{name}: {len(questions.ids)} passages, {len(questions.queries)} questions"
        print("\n" + table(results[-1:], heading), flush=True)  # noqa: T201
    if len(results) > 1:
        print("\n" + table(results, f"mean over {len(results)} sets"), flush=True)  # noqa: T201
    if options.json:
        figures = {result.name: as_json([result]) for result in results}
        figures["mean"] = as_json(results)
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    from models.prover import MiniLMProver

    options = _options(arguments)
    mix = tuple(float(w) for w in options.mix.split(",")) if options.mix else (PROVER_WEIGHT,)
    judge = Judge(MiniLMProver(options.weights), mix) if options.weights else None
    try:
        run(options, SentenceTransformerEmbedder.starter(), judge)
    except FootnoteError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
