"""Trains the tagger: `python -m eval.training.train_tagger --data DIR --work DIR`.

Annotated questions of `eval/library_questions`, of which a tenth (by a hash of the line) is kept back to
measure, and ordinary questions of SQuAD's and Natural Questions' training parts and of `eval/everyday`, so
that what is ordinary is left alone. Leaves `checkpoint.pt`, `losses.jsonl` and `tagger.safetensors`.
"""

import argparse
import hashlib
import json
import logging
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from eval.training.reader_data import calibrates, json_lines, squad_questions
from models.packaged import starter_embedder_dir
from models.prover_net import save_trained
from models.tagger import ASKS, LABELS, TRAINED_LAYERS, QuestionTagger, word_tokenizer
from models.tagger_net import TaggerNet
from models.training.loop import TrainingSettings, train
from models.training.tagging import Annotated, Questions, TaggerLearner, annotated, batches

QUESTIONS = Path(__file__).resolve().parent.parent / "library_questions"
EVERYDAY = Path(__file__).resolve().parent.parent / "everyday" / "training"
_log = logging.getLogger(__name__)


def read_annotated(folder: Path = QUESTIONS) -> list[Annotated]:
    """Every annotated question, in the files' order."""
    lines = [
        line
        for path in sorted(folder.glob("*.tsv"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    return [annotated(line) for line in dict.fromkeys(lines)]


def is_kept_back(question: Annotated) -> bool:
    """Whether a question measures and does not train: one in ten."""
    return int(hashlib.sha256(question.text.encode()).hexdigest(), 16) % 10 == 0


def ordinary_questions(data: Path) -> list[str]:
    """Questions that ask nothing of a library, of training parts only."""
    squad = [q.question for q in squad_questions(data, "train")]
    nq = [
        str(row["question"])
        for row in json_lines(data / "qa" / "nq-open-gold.jsonl")
        if row["use"] == "train" and not any(calibrates(c["title"]) for c in row["ctxs"][:1])
    ]
    own = [
        str(row["question"])
        for path in sorted(EVERYDAY.glob("questions_*.jsonl"))
        for row in json_lines(path)
    ]
    return [*squad, *nq, *own]


def measure(tagger: QuestionTagger, questions: Sequence[Annotated]) -> Mapping[str, float]:
    """Shares right: what is asked, the spans (F1), and everything of a question."""
    asked = whole = hits = found = wanted = 0
    for question in questions:
        tagged = tagger.read(question.text)
        gold, at = set(), 0
        for label, words in question.parts:
            if label:
                gold.add((label, at, at + len(words)))
            at += len(words)
        spans = set(tagged.spans)
        hits, found, wanted = hits + len(gold & spans), found + len(spans), wanted + len(gold)
        asked += tagged.asks == question.asks
        whole += tagged.asks == question.asks and spans == gold
    n = len(questions)
    return {
        "questions": n,
        "asks": round(asked / n, 4),
        "span_f1": round(2 * hits / max(1, found + wanted), 4),
        "whole": round(whole / n, 4),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, write, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--batch", type=int, default=32, help="questions")
    parser.add_argument("--learning-rate", type=float, default=2e-4)
    parser.add_argument("--layers", type=int, default=TRAINED_LAYERS)
    parser.add_argument("--ordinary-share", type=float, default=0.5)
    parser.add_argument("--float32", action="store_true", help="instead of bfloat16")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    folder = starter_embedder_dir()
    everything = read_annotated()
    kept = [q for q in everything if is_kept_back(q)]
    rows = [q for q in everything if not is_kept_back(q)]
    questions = Questions(rows, ordinary_questions(options.data), word_tokenizer(folder))
    settings = TrainingSettings(
        steps=options.steps,
        learning_rate=options.learning_rate,
        warmup=60,
        averaging=0.99,
        weight_decay=0.01,
        seed=options.seed,
        bf16=not options.float32,
    )
    _log.info("%d annotated questions, %d kept back, %s", len(rows), len(kept), settings)
    net = TaggerNet(folder, len(ASKS), len(LABELS), trained_layers=options.layers)
    drawn = batches(questions, settings, size=options.batch, ordinary_share=options.ordinary_share)
    weights = train(TaggerLearner(net), drawn, settings, options.work)
    out = options.work / "tagger.safetensors"
    save_trained(weights, out)
    _log.info("wrote %s", out)
    if options.layers == TRAINED_LAYERS:
        _log.info("%s", json.dumps(measure(QuestionTagger(out), kept)))


if __name__ == "__main__":
    main()
