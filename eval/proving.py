"""How well the prover judges: spans, answerability, support, time.

    python -m eval.proving --data DIR [--part test] [--questions N] [--weights FILE] [--reader]

On SQuAD with the gold passage: exact match and F1 of the most likely span (v1.1), best F1 and AUROC of
"can be answered" (v2.0). On the test rows of `entailment/pairs.jsonl`: AUROC of support, set by set,
beside word overlap and the embedder's cosine. With `--reader` the span reader reads the same questions,
and the sum of both log odds is measured too.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.metrics import auroc
from eval.reading import Read, figures, read_all, sample, show
from eval.training.reader_data import SquadQuestion, json_lines
from index.sentences import sentence_spans
from index.words import stems
from models.embedder import SentenceTransformerEmbedder
from models.protocols import Prover
from rag.support import SupportJudge

_ENTAILMENT_SETS = {
    "begin_wow": ("begin_wow",),
    "fm2": ("fm2",),
    "wice": ("wice_oracle_chunk_claim", "wice_partial_subclaim"),
    "scifact": ("scifact_rationale", "scifact_nei_abstract"),
}
_PIECE_CHARS = 560
Scores = NDArray[np.float64]


def judge_all(prover: Prover, questions: Sequence[SquadQuestion]) -> list[Read]:
    """Every question with its own passage; `odds` is the answerability logit."""
    began = time.perf_counter()
    judged = prover.judge([(q.question, f"{q.title}\n{q.context}") for q in questions])
    seconds = (time.perf_counter() - began) / len(questions)
    found = []
    for question, one in zip(questions, judged, strict=True):
        shift = len(question.title) + 1
        words = question.context[max(0, one.start - shift) : max(0, one.end - shift)]
        found.append(Read(question, words, one.answerable, seconds))
    return found


def support_figures(prover: Prover, data: Path) -> dict[str, float]:
    """AUROC of support on each set's test rows: judge, prover alone, word overlap, cosine.

    The judge is `rag.support`'s, with the weights that ship, over the premise in pieces as long as passages.
    """
    embedder = SentenceTransformerEmbedder.starter()
    judge = SupportJudge(prover, embedder)
    rows = [r for r in json_lines(data / "entailment" / "pairs.jsonl") if r["use"] == "test"]
    result: dict[str, float] = {}
    for name, members in _ENTAILMENT_SETS.items():
        own = [r for r in rows if r["dataset"] in members]
        positive = np.array([r["label"] == "supported" for r in own])
        scores = {
            "judge": np.array(
                [judge.probability(r["hypothesis"], pieces_of(r["premise"])) for r in own]
            ),
            "prover": _support(prover, own),
            "overlap": np.array([overlap(r["hypothesis"], r["premise"]) for r in own]),
            "cosine": _cosines(embedder, own),
        }
        result[f"{name}_rows"] = len(own)
        result |= {f"{name}_auroc_{way}": auroc(s, positive) for way, s in scores.items()}
    return result


def pieces_of(text: str) -> list[str]:
    """A premise in pieces of whole sentences, about as long as the passages of a library."""
    pieces: list[str] = []
    for start, end in sentence_spans(text):
        if pieces and len(pieces[-1]) + end - start <= _PIECE_CHARS:
            pieces[-1] += " " + text[start:end]
        else:
            pieces.append("\n" + text[start:end])
    return pieces


def overlap(sentence: str, passage: str) -> float:
    """Share of a sentence's word stems that occur in the passage, 0..1."""
    said = set(stems(sentence))
    return len(said & set(stems(passage))) / len(said) if said else 0.0


def _support(prover: Prover, rows: Sequence[dict[str, Any]]) -> Scores:
    judged = prover.judge([(r["hypothesis"], "\n" + r["premise"]) for r in rows])
    return np.array([j.support[0] for j in judged])


def _cosines(embedder: SentenceTransformerEmbedder, rows: Sequence[dict[str, Any]]) -> Scores:
    said = embedder.embed_queries([r["hypothesis"] for r in rows])
    passages = embedder.embed_passages([r["premise"] for r in rows])
    return np.asarray((said * passages).sum(axis=1), dtype=np.float64)


def second_opinion(read: Sequence[Read], judged: Sequence[Read]) -> dict[str, float]:
    """AUROC of answerability on v2.0: the reader, the prover, the sum of their log odds."""
    pairs = [(r, j) for r, j in zip(read, judged, strict=True) if r.question.version == "2.0"]
    answerable = np.array([bool(r.question.answers) for r, _ in pairs])
    first = np.array([max(r.odds, -30.0) for r, _ in pairs])
    second = np.array([j.odds for _, j in pairs])
    return {
        "v2.0_auroc_reader": auroc(first, answerable),
        "v2.0_auroc_prover": auroc(second, answerable),
        "v2.0_auroc_both": auroc(first + second, answerable),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures as JSON."""
    from models.prover import MiniLMProver

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=("train", "calibration", "test"), default="test")
    parser.add_argument("--questions", type=int, help="of each version; all by default")
    parser.add_argument("--weights", type=Path, help="by default what ships")
    parser.add_argument("--reader", action="store_true", help="read with the span reader too")
    parser.add_argument("--adapter", type=Path, help="of the reader; by default what ships")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    prover = MiniLMProver(options.weights)
    questions = sample(options.data, options.part, options.questions, options.seed)
    judged = judge_all(prover, questions)
    result = figures(judged)
    result["milliseconds_a_pair"] = 1000 * result.pop("seconds_a_question")
    if options.reader:
        from models.spans import LlamaSpanReader
        from rag.prompts import EXTRACT_PROMPT
        from rag.readers import reader_adapter, starter_file

        reader = LlamaSpanReader(
            starter_file("Q8_0"),
            prompt=EXTRACT_PROMPT,
            name="starter",
            adapter=options.adapter or reader_adapter(),
        )
        read = read_all(reader, questions)
        result |= {f"reader_{k}": v for k, v in figures(read).items()}
        result |= second_opinion(read, judged)
    result |= support_figures(prover, options.data)
    show(options.part, result)


if __name__ == "__main__":
    main()
