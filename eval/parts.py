"""What each part of an answer buys: the same questions with one part more at a time.

    python -m eval.parts SET --library DIR --work DIR [--questions N] [--json OUT]

From the reader alone to the whole program: the prover's say in the order of passages, its second opinion
on sentences and spans, the features made by rules (names, numbers, roles, the question's shape), and the
strictest promise that ships. For every stage the confidences are fitted anew without what it lacks, on the
calibration questions that `python -m eval.training.fit_confidence --work DIR` left in DIR; a part left
out of weights that were fitted with it would look better than it is. A passage that a stage before has
read is not read again, but its time counts.
"""

import argparse
import json
import pickle
import random
import sys
import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from eval.evidence import PathDocuments
from eval.intervals import summarise
from eval.questions import load_questions
from eval.runner import run
from eval.training import fit_answers, fit_evidence
from eval.training.fit_confidence import answered
from eval.training.logistic import THRESHOLD
from eval.training.masking import PROVER, Collected, masked
from eval.types import Question, Run
from index.filters import EVERYTHING, Filter
from index.library import Library
from index.types import Hit
from models.protocols import FloatMatrix, Judgement, Prover, Reading, ReadingTask, SpanReader
from models.prover import MiniLMProver
from rag.answers import AnswerWeights
from rag.evidence import EvidenceFinder, EvidenceWeights, sentence_features
from rag.extract import ExtractReader, ExtractWeights
from rag.pipeline import Pipeline, open_library
from rag.promise import shipped_points
from rag.readers import build_span_reader
from rag.retriever import Retriever
from rag.settings import Settings
from rag.tracer import NO_TRACE, Tracer
from rag.types import Answer

RULES = frozenset(
    (
        "type_number type_date type_name names_missing numbers_missing other_ordinal furniture heading "
        "comment correction asks adds_nothing asked_speaker other_speaker "
        "type_fits type_misses length repeats"
    ).split()
)
"""Features that are made by rules about questions and documents."""

SHOWN = ("precision", "wrong_refusal", "refusal", "f1", "citation_gold_precision", "recall@5")


@dataclass(frozen=True, slots=True)
class Stage:
    """A program with some of its parts.

    Attributes:
        ordered: the prover has its say in the order of passages.
        opinions: its relevance, spans and evidence are features.
        rules: features made by rules are there, and the shape of the question.
        promise: silent below the threshold of the strictest promise that ships.
    """

    name: str
    ordered: bool
    opinions: bool
    rules: bool
    promise: bool = False


STAGES = (
    Stage("reader alone", ordered=False, opinions=False, rules=False),
    Stage("+ order by the prover", ordered=True, opinions=False, rules=False),
    Stage("+ second opinion", ordered=True, opinions=True, rules=False),
    Stage("+ rules", ordered=True, opinions=True, rules=True),
    Stage("+ promise", ordered=True, opinions=True, rules=True, promise=True),
)


ItemT = TypeVar("ItemT", bound=Hashable)
ResultT = TypeVar("ResultT")


class Remembered(Generic[ItemT, ResultT]):
    """Works every item out once.

    Args:
        work: results of items, in order.

    Attributes:
        seconds_saved: that the known results would have taken again.
    """

    def __init__(self, work: Callable[[Sequence[ItemT]], list[ResultT]]) -> None:
        self.seconds_saved = 0.0
        self._work = work
        self._known: dict[ItemT, tuple[ResultT, float]] = {}

    def of(self, items: Sequence[ItemT]) -> list[ResultT]:
        """Results of the items, in order."""
        new = [item for item in items if item not in self._known]
        self.seconds_saved += sum(self._known[item][1] for item in items if item in self._known)
        began = time.perf_counter()
        results = self._work(new) if new else []
        seconds = (time.perf_counter() - began) / max(1, len(new))
        for item, result in zip(new, results, strict=True):
            self._known[item] = (result, seconds)
        return [self._known[item][0] for item in items]


class RememberedReader(Remembered[ReadingTask, Reading]):
    """A span reader that reads a passage once for a question."""

    def __init__(self, reader: SpanReader) -> None:
        super().__init__(reader.read)
        self.name = reader.name

    def read(self, tasks: Sequence[ReadingTask]) -> list[Reading]:
        """See `models.protocols.SpanReader`."""
        return self.of(tasks)


class RememberedProver(Remembered[tuple[str, str], Judgement]):
    """A prover that judges a pair once."""

    def __init__(self, prover: Prover) -> None:
        super().__init__(prover.judge)
        self.name = prover.name

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Judgement]:
        """See `models.protocols.Prover`."""
        return self.of(pairs)


class _Unjudged(Retriever):
    """Finds passages in the prover's order and keeps its opinions to itself."""

    def retrieve_with_vector(
        self,
        question: str,
        top_k: int,
        within: Filter = EVERYTHING,
        *,
        tracer: Tracer = NO_TRACE,
    ) -> tuple[list[Hit], FloatMatrix]:
        hits, vector = super().retrieve_with_vector(question, top_k, within, tracer=tracer)
        return [replace(hit, opinion=None) for hit in hits], vector


def weights_for(stage: Stage, collected: Collected) -> ExtractWeights:
    """Fitted without what a stage lacks."""
    hidden = (frozenset() if stage.opinions else PROVER) | (frozenset() if stage.rules else RULES)
    part = masked(collected, hidden, shapes=stage.rules)
    sentence, confidence = fit_evidence.fit_both([m for m, _ in part])
    span, certainty = fit_answers.fit_both(answered(part))
    return ExtractWeights(
        EvidenceWeights(sentence, confidence, THRESHOLD), AnswerWeights(span, certainty, THRESHOLD)
    )


class Stages:
    """The program in its stages over one library.

    Args:
        library: the documents of the set.
        collected: calibration questions, see `eval.training.fit_confidence`.
        prover: reads question and passage together.
        spans: marks the words that answer.
        settings: how many passages, and so on.
    """

    def __init__(
        self,
        library: Library,
        collected: Collected,
        prover: Prover,
        spans: SpanReader,
        settings: Settings,
    ) -> None:
        self._library = library
        self._collected = collected
        self._prover = RememberedProver(prover)
        self._spans = RememberedReader(spans)
        self._settings = settings

    def run(self, stage: Stage, questions: Sequence[Question]) -> Run:
        """Ask all questions; `latency_ms` counts what was remembered as if it were done again."""
        ask = self._pipeline(stage).ask
        spent: list[float] = []

        def timed(question: str, history: Sequence[str]) -> Answer:
            before = self._seconds_saved
            try:
                return ask(question, history)
            finally:
                spent.append((self._seconds_saved - before) * 1e3)

        done = run(questions, timed, PathDocuments.of(self._library.store), name=stage.name)
        records = tuple(
            replace(record, latency_ms=record.latency_ms + more)
            for record, more in zip(done.records, spent, strict=True)
        )
        return replace(done, records=records)

    @property
    def _seconds_saved(self) -> float:
        return self._prover.seconds_saved + self._spans.seconds_saved

    def _pipeline(self, stage: Stage) -> Pipeline:
        weights = weights_for(stage, self._collected)
        retriever = Retriever(self._library, self._prover if stage.ordered else None)
        if stage.ordered and not stage.opinions:
            retriever = _Unjudged(self._library, self._prover)
        reader = ExtractReader(
            self._spans,
            EvidenceFinder(sentence_features(self._library), weights.sentences.sentence),
            self._library.store,
            n_read=self._settings.n_read,
            min_confidence=shipped_points()[0].threshold if stage.promise else None,
            weights=weights,
        )
        return Pipeline(self._library, retriever, reader, self._settings)


def figures(done: Run) -> dict[str, Any]:
    """Right answers among the answerable questions, the metrics shown with intervals, and the time."""
    answerable = [not question.unanswerable for question in done.questions]
    metrics = summarise(done.records)
    return {
        "questions": len(done.records),
        "answerable": sum(answerable),
        "right": sum(record.right for record in done.records),
        **{name: metrics[name].as_json() for name in SHOWN},
        "latency_ms_p50": metrics["latency_ms_p50"].value,
    }


def table(stages: dict[str, dict[str, Any]]) -> str:
    """The stages as lines of text."""
    short = {"citation_gold_precision": "gold"}
    lines = [
        f"{'':24}{'right':>10}" + "".join(f"{short.get(n, n):>15}" for n in SHOWN) + f"{'p50':>9}"
    ]
    for name, row in stages.items():
        cells = "".join(_percent(row[metric]["value"]) for metric in SHOWN)
        right = f"{row['right']}/{row['answerable']}"
        lines.append(f"{name:24}{right:>10}{cells}{row['latency_ms_p50'] / 1e3:>7.1f} s")
    return "\n".join(lines)


def _percent(value: float | None) -> str:
    return f"{'-' if value is None else f'{100 * value:.1f}':>15}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the stages over a set and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="holds collected.pkl")
    parser.add_argument("--questions", type=int, help="so many, drawn by chance; all by default")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    questions = list(load_questions(options.set))
    if options.questions is not None:
        questions = random.Random(0).sample(questions, min(options.questions, len(questions)))
    collected = pickle.loads((options.work / "collected.pkl").read_bytes())  # noqa: S301 - our own
    settings = Settings(library=options.library)
    found = {}
    with closing(open_library(settings, create=False)) as library:
        spans = build_span_reader(settings)
        stages = Stages(library, collected, MiniLMProver(), spans, settings)
        for stage in STAGES:
            found[stage.name] = figures(stages.run(stage, questions))
            sys.stderr.write(f"{stage.name}\n")
    sys.stdout.write(f"{table(found)}\n")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
