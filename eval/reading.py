"""How well the span reader reads, with the gold passage in front of it.

    python -m eval.reading --data DIR [--part test] [--questions N] [--adapter FILE | --plain]
    python -m eval.reading --data DIR --retrieve [--part test] [--questions N]

DIR holds `qa/squad-v1.1.json`, `qa/squad-v2.0.json` and `splits.json`. On v1.1: exact match and F1 of
the most likely span. On v2.0: F1 at the best threshold of the answerability score (an unanswerable
question counts 1 if it is refused, as SQuAD's own script has it), and the AUROC of that score: log
odds of the best span against "not stated". No retrieval, no fitted threshold.

With `--retrieve` the whole program answers v1.1's questions over all passages of `retrieval/squad`, one
document an article: without refusing (`min_confidence` 0), and refusing as it comes.
"""

import argparse
import json
import math
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.metrics import auroc, exact_match, f1
from eval.training.examples import build_library
from eval.training.reader_data import SquadQuestion, squad_questions
from models.protocols import ReadingTask, SpanReader
from models.spans import LlamaSpanReader
from rag.answers import answer_weights
from rag.pipeline import build_pipeline
from rag.prompts import EXTRACT_PROMPT
from rag.readers import reader_adapter, starter_file
from rag.settings import Settings

_BATCH = 4


@dataclass(frozen=True, slots=True)
class Read:
    """What the reader made of a question.

    Attributes:
        question: with its accepted answers; none where it is unanswerable.
        words: the most likely span; empty where the reader found none.
        odds: natural-log odds of that span against "not stated"; minus infinity for none.
        seconds: of reading, its share of the batch.
    """

    question: SquadQuestion
    words: str
    odds: float
    seconds: float


def read_all(reader: SpanReader, questions: Sequence[SquadQuestion]) -> list[Read]:
    """Read every question with its own passage."""
    found: list[Read] = []
    for first in range(0, len(questions), _BATCH):
        group = questions[first : first + _BATCH]
        began = time.perf_counter()
        readings = reader.read([ReadingTask(q.title, q.context, q.question) for q in group])
        seconds = (time.perf_counter() - began) / len(group)
        for question, reading in zip(group, readings, strict=True):
            words, odds = "", -math.inf
            if reading.spans:
                best = reading.spans[0]
                words = question.context[best.start : best.end]
                odds = best.logprob - reading.not_stated_logprob
            found.append(Read(question, words, odds, seconds))
        if sys.stderr.isatty():
            print(f"\r{len(found)} of {len(questions)}", end="", file=sys.stderr)  # noqa: T201
    return found


def figures(read: Sequence[Read]) -> dict[str, float]:
    """The figures of the module's docstring, in percent but for AUROC (0..1) and seconds."""
    old = [r for r in read if r.question.version == "1.1"]
    new = [r for r in read if r.question.version == "2.0"]
    result: dict[str, float] = {"seconds_a_question": float(np.mean([r.seconds for r in read]))}
    if old:
        result["v1.1_questions"] = len(old)
        exact = [exact_match(r.words, r.question.answers) for r in old]
        result["v1.1_exact_match"] = 100 * float(np.mean(exact))
        result["v1.1_f1"] = 100 * float(np.mean([f1(r.words, r.question.answers) for r in old]))
    if new:
        odds = np.array([r.odds for r in new])
        answerable = np.array([bool(r.question.answers) for r in new])
        result["v2.0_questions"] = len(new)
        result["v2.0_best_f1"] = 100 * best_f1(new, odds)
        result["v2.0_auroc"] = auroc(odds, answerable)
    return result


def best_f1(read: Sequence[Read], scores: NDArray[np.float64]) -> float:
    """Mean F1 with every question below a threshold refused, at the best threshold, 0..1."""
    order = np.argsort(-scores)
    answered = np.array([f1(r.words, r.question.answers) for r in read])[order]
    refused = np.array([float(not r.question.answers) for r in read])[order]
    # All refused first, then one more answered at each step.
    gain = np.concatenate([[0.0], np.cumsum(answered - refused)])
    return float((refused.sum() + gain.max()) / len(read))


def retrieved(data: Path, questions: Sequence[SquadQuestion]) -> dict[str, float]:
    """Exact match and F1 of the whole program over all SQuAD passages, in percent."""
    articles: dict[str, list[str]] = defaultdict(list)
    with (data / "retrieval" / "squad" / "corpus.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            articles[row["title"].replace("_", " ")].append(row["text"])
    with tempfile.TemporaryDirectory() as folder:
        build_library(Path(folder), articles).close()
        settings = Settings(library=Path(folder) / "library", min_confidence=0.0)
        pipeline = build_pipeline(settings, create=False)
        answers = [pipeline.ask(question.question) for question in questions]
        pipeline.close()
    result: dict[str, float] = {"questions": len(questions)}
    for name, least in (("", 0.0), ("_as_it_comes", answer_weights().threshold)):
        said = [a.short_answer if a.confidence >= least else None for a in answers]
        pairs = list(zip(said, (q.answers for q in questions), strict=True))
        result[f"exact_match{name}"] = 100 * float(np.mean([exact_match(*x) for x in pairs]))
        result[f"f1{name}"] = 100 * float(np.mean([f1(*x) for x in pairs]))
        result[f"answered{name}"] = 100 * float(np.mean([s is not None for s in said]))
    return result


def sample(data: Path, part: str, n: int | None, seed: int) -> list[SquadQuestion]:
    """Questions of a part, of each version `n` at random, or all."""
    chosen: list[SquadQuestion] = []
    for version in ("1.1", "2.0"):
        own = [q for q in squad_questions(data, part) if q.version == version]
        chosen += own if n is None or n >= len(own) else random.Random(seed).sample(own, n)
    return chosen


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=("train", "calibration", "test"), default="test")
    parser.add_argument("--questions", type=int, help="of each version; all by default")
    parser.add_argument("--adapter", type=Path, help="by default the one that ships")
    parser.add_argument("--plain", action="store_true", help="without any adapter")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, help="every question with what was read, JSON Lines")
    parser.add_argument("--retrieve", action="store_true", help="with the whole program")
    options = parser.parse_args(arguments)
    chosen = sample(options.data, options.part, options.questions, options.seed)
    if options.retrieve:
        show(options.part, retrieved(options.data, [q for q in chosen if q.version == "1.1"]))
        return
    adapter = None if options.plain else options.adapter or reader_adapter()
    reader = LlamaSpanReader(
        starter_file("Q8_0"), prompt=EXTRACT_PROMPT, name="starter", adapter=adapter
    )
    read = read_all(reader, chosen)
    if options.save:
        lines = (
            json.dumps(
                {
                    "id": r.question.id,
                    "version": r.question.version,
                    "words": r.words,
                    "answers": list(r.question.answers),
                    "odds": r.odds,
                }
            )
            for r in read
        )
        options.save.write_text("\n".join(lines) + "\n", encoding="utf-8")
    show(options.part, figures(read))


def show(part: str, values: Mapping[str, float]) -> None:
    """Print figures as JSON."""
    rounded = {name: round(value, 3) for name, value in values.items()}
    print(json.dumps({"part": part, **rounded}, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
