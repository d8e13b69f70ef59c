"""The whole way: ask a set, ask the baseline, make the metrics, keep the run.

`evaluate` is what `footnote eval` calls; everything it gives back can be shown as JSON, as text
(`eval.table`) or as a page (`eval.report`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.baseline import Describe, Retrieve, baseline_ask
from eval.causes import cause_of
from eval.errors import RunError
from eval.evidence import Documents
from eval.intervals import Metric, summarise
from eval.runner import Ask, OnRecord, Progress, journal_head, journal_path, run
from eval.saved import Journal, load_runs, plain, save_runs
from eval.types import Question, Record, Run
from rag.types import Answer

VERSION = 1


@dataclass(frozen=True, slots=True)
class EvalResult:
    """A run with its metrics, and the baseline's beside it.

    Attributes:
        run: the reader's.
        metrics: every metric by name.
        per_kind: the same for the questions of each kind, kinds in the order of the set.
        baseline: None where it was left out.
        baseline_metrics: empty where it was left out.
    """

    run: Run
    metrics: Mapping[str, Metric]
    per_kind: Mapping[str, Mapping[str, Metric]]
    baseline: Run | None = None
    baseline_metrics: Mapping[str, Metric] | None = None

    def as_json(self) -> dict[str, Any]:
        """`footnote eval --json`: each metric by name, then `per_kind` and `questions`.

        The metrics stand together under `metrics` too, for programs that want no other key there.
        """
        data: dict[str, Any] = {"version": VERSION, "set": self.run.name}
        metrics = _metrics_as_json(self.metrics)
        data |= metrics
        data["metrics"] = metrics
        data["per_kind"] = {kind: _metrics_as_json(m) for kind, m in self.per_kind.items()}
        data["questions"] = [
            _question_result(question, record)
            for question, record in zip(self.run.questions, self.run.records, strict=True)
        ]
        data["counts"] = counts(self.run)
        if self.baseline_metrics is not None:
            data["baseline"] = _metrics_as_json(self.baseline_metrics)
        data["settings"] = dict(self.run.settings)
        data["fingerprint"] = self.run.fingerprint
        return data


def evaluate(
    ask: Ask,
    retrieve: Retrieve | None,
    documents: Documents,
    questions: Sequence[Question],
    *,
    name: str = "",
    describe: Describe | None = None,
    settings: Mapping[str, object] | None = None,
    save: Path | None = None,
    resume: bool = False,
    stands: Callable[[Answer], bool] | None = None,
    progress: Progress | None = None,
    baseline_progress: Progress | None = None,
    on_record: OnRecord | None = None,
) -> EvalResult:
    """Ask all questions, score the answers, and score the baseline beside them.

    Args:
        ask: the pipeline, (question, earlier questions) -> Answer.
        retrieve: finds passages for the baseline; None leaves the baseline out.
        documents: the library's texts by path.
        questions: of one set.
        name: of the set, for people.
        describe: document of an id, for the baseline's citations.
        settings: what the answers are made with, saved and fingerprinted.
        save: file for the run; while it goes on, `FILE.partial` keeps the answers given so far.
        resume: go on with `FILE.partial`, or ask again what failed in a finished FILE.
        stands: whether an answer stands without the words it cites, for `necessity`, which is left
            out without it: every answer is read a second time.
        progress: told about the reader's questions.
        baseline_progress: told about the baseline's.
        on_record: told what became of each of the reader's questions.

    Raises:
        EvidenceError: the set does not fit the library.
        RunError: the run cannot be saved or resumed.
    """
    journal = journal_path(save) if save is not None else None
    if save is not None and resume:
        _reopen(save, questions, settings)
    asked = run(
        questions,
        ask,
        documents,
        progress=progress,
        on_record=on_record,
        name=name,
        settings=settings,
        journal=journal,
        resume=resume,
    )
    if stands is not None:
        asked = with_necessity(asked, stands)
    baseline = None
    if retrieve is not None:
        sentence = baseline_ask(retrieve, describe)
        baseline = run(questions, sentence, documents, progress=baseline_progress, name=name)
    if save is not None and journal is not None:
        save_runs(save, asked, baseline)
        journal.unlink(missing_ok=True)
    return result_of(asked, baseline)


def with_necessity(asked: Run, stands: Callable[[Answer], bool]) -> Run:
    """The run with `necessity` measured for each answer given."""
    records = []
    for record in asked.records:
        if record.answered and record.answer is not None:
            needed = float(not stands(record.answer))
            record = replace(record, scores={**record.scores, "necessity": (needed, 1.0)})
        records.append(record)
    return replace(asked, records=tuple(records))


def load_result(path: Path | str) -> EvalResult:
    """The result of a saved run.

    Raises:
        RunError: the file cannot be read or is no saved run.
    """
    return result_of(*load_runs(path))


def result_of(asked: Run, baseline: Run | None = None) -> EvalResult:
    """The metrics of a run."""
    return EvalResult(
        run=asked,
        metrics=summarise(asked.records),
        per_kind={kind: summarise(rows) for kind, rows in by_kind(asked).items()},
        baseline=baseline,
        baseline_metrics=summarise(baseline.records) if baseline is not None else None,
    )


def by_kind(asked: Run) -> dict[str, list[Record]]:
    """Records by kind of question, kinds in the order of the set."""
    kinds: dict[str, list[Record]] = {}
    for question, record in zip(asked.questions, asked.records, strict=True):
        kinds.setdefault(question.kind, []).append(record)
    return kinds


def counts(asked: Run) -> dict[str, Any]:
    """How many questions there are, and how many ended how."""
    outcomes = [record.outcome for record in asked.records]
    return {
        "questions": len(outcomes),
        "unanswerable": sum(question.unanswerable for question in asked.questions),
        "right": outcomes.count("right"),
        "wrong": outcomes.count("wrong"),
        "refused": outcomes.count("refused"),
        "errors": outcomes.count("error"),
        "per_kind": {kind: len(rows) for kind, rows in by_kind(asked).items()},
    }


def _reopen(
    save: Path, questions: Sequence[Question], settings: Mapping[str, object] | None
) -> None:
    """Go on from a finished run where there is no journal: only its errors are asked again."""
    journal = journal_path(save)
    if not save.exists() or journal.exists():
        return
    before, _ = load_runs(save)
    head = journal_head(questions, plain(settings or {}))
    if journal_head(before.questions, before.settings) != head:
        raise RunError(
            f"{save} was made with other settings or another question set; "
            "run without --resume to begin anew"
        )
    Journal(journal, head).begin(before.records)


def _metrics_as_json(metrics: Mapping[str, Metric]) -> dict[str, dict[str, float | None]]:
    return {name: metric.as_json() for name, metric in metrics.items()}


def _question_result(question: Question, record: Record) -> dict[str, Any]:
    answer = record.answer
    cited = [c for sentence in answer.sentences for c in sentence.citations] if answer else []
    return {
        "id": question.id,
        "kind": question.kind,
        "status": record.status,
        "short_answer": answer.short_answer if answer else None,
        "right": record.right,
        "cause": cause_of(question, record),
        "citations": [
            {"n": c.n, "document": c.document, "path": c.path, "start": c.start, "end": c.end}
            | {"quote": c.quote}
            for c in cited
        ],
        "timings": {"latency_ms": record.latency_ms} | dict(answer.timings_ms if answer else {}),
        "error": record.error,
    }
