"""Asks every question of a set, one after the other, and keeps what came of it.

Knows how to ask only through a callable; prints nothing, and tells a progress callback instead.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from eval.errors import RunError
from eval.evidence import Documents, Gold, resolve_all
from eval.saved import Journal, fingerprint, plain, set_fingerprint
from eval.scoring import score
from eval.types import Question, Record, Run
from models.errors import FootnoteError
from rag.types import Answer

logger = logging.getLogger(__name__)

Ask = Callable[[str, Sequence[str]], Answer]
"""Answers (question, earlier questions)."""

Progress = Callable[[int, int, float | None, int], None]
"""Told (questions done, all questions, seconds left or None, right so far)."""

OnRecord = Callable[[Question, Record], None]
"""Told (question, what became of it)."""


def run(
    questions: Sequence[Question],
    ask: Ask,
    documents: Documents,
    *,
    progress: Progress | None = None,
    on_record: OnRecord | None = None,
    name: str = "",
    settings: Mapping[str, object] | None = None,
    journal: Path | None = None,
    resume: bool = False,
) -> Run:
    """Ask all questions and score the answers.

    A question that raises a `FootnoteError` gets the status "error": it is neither right nor wrong
    nor refused, and counts as not right. Anything else that is raised is a defect and stops it all.

    Args:
        questions: of one set.
        ask: answers a question.
        documents: where the gold evidence is looked up, before the first question is asked.
        progress: told before the first question and after each.
        on_record: told what became of each question, those kept from before too.
        name: of the set, for people.
        settings: what the answers are made with; a run is only resumed with the same.
        journal: file that keeps the answers given so far; removed by whoever saves the run.
        resume: go on with what the journal holds, instead of beginning anew.

    Raises:
        EvidenceError: the set does not fit the library.
        RunError: the journal cannot be written, or belongs to another run.
    """
    settings = plain(settings or {})
    gold = resolve_all(questions, documents)
    book, known = _open_journal(journal, questions, settings, resume)
    records: list[Record] = []
    watch = _Watch(len(questions), progress)
    watch.tell(records)
    for question in questions:
        record = known.get(question.id)
        if record is not None:
            # The answer is kept; what it is worth may have changed with the library.
            scores = score(question, record.answer, gold[question.id])
            record = replace(record, scores=scores)
        else:
            record = _ask_one(question, ask, gold[question.id])
            watch.asked(record)
            if book is not None:
                book.add(record)
        records.append(record)
        if on_record is not None:
            on_record(question, record)
        watch.tell(records)
    return Run(name, tuple(questions), tuple(records), settings, fingerprint(settings))


def rescore(finished: Run, documents: Documents) -> Run:
    """The same answers scored again, after the set or a metric has changed."""
    gold = resolve_all(finished.questions, documents)
    records = tuple(
        replace(record, scores=score(question, record.answer, gold[question.id]))
        for question, record in zip(finished.questions, finished.records, strict=True)
    )
    return replace(finished, records=records)


def journal_head(questions: Iterable[Question], settings: Mapping[str, object]) -> dict[str, str]:
    """What a journal must belong to for a run to go on with it."""
    return {"settings": fingerprint(settings), "questions": set_fingerprint(questions)}


def journal_path(save: Path) -> Path:
    """Where the journal of a run lies that will be saved to `save`."""
    return save.with_name(save.name + ".partial")


def _open_journal(
    path: Path | None, questions: Sequence[Question], settings: Mapping[str, object], resume: bool
) -> tuple[Journal | None, dict[str, Record]]:
    if path is None:
        if resume:
            raise RunError("nothing to resume: name the file of the run with --save")
        return None, {}
    book = Journal(path, journal_head(questions, settings))
    known = book.resume() if resume else {}
    book.begin(known.values())
    return book, known


def _ask_one(question: Question, ask: Ask, gold: Sequence[Gold]) -> Record:
    start = time.perf_counter()
    answer: Answer | None = None
    message: str | None = None
    try:
        answer = ask(question.question, question.history)
    except FootnoteError as error:
        message = str(error)
        logger.warning("question %s: %s", question.id, error)
    return Record(
        id=question.id,
        status=answer.status if answer is not None else "error",
        latency_ms=(time.perf_counter() - start) * 1000,
        answer=answer,
        error=message,
        scores=score(question, answer, gold),
    )


class _Watch:
    """Tells how far a run has come; time left goes by the questions asked, not the resumed ones."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total = total
        self._progress = progress
        self._asked = 0
        self._spent_ms = 0.0

    def asked(self, record: Record) -> None:
        self._asked += 1
        self._spent_ms += record.latency_ms

    def tell(self, records: Iterable[Record]) -> None:
        if self._progress is None:
            return
        done = list(records)
        eta = None
        if self._asked:
            eta = (self._total - len(done)) * self._spent_ms / self._asked / 1000
        self._progress(len(done), self._total, eta, sum(record.right for record in done))
