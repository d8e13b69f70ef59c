"""Why a question was not answered rightly: where on the way from passage to words it went wrong."""

from collections.abc import Mapping

from eval.types import Question, Record, Run

CAUSES: Mapping[str, str] = {
    "unsaid": "answered though the documents do not say",
    "passage": "right passage not among the first five",
    "unsure": "right passage found, not sure enough to answer",
    "sentence": "right passage found, another sentence preferred",
    "words": "right sentence quoted, wrong or too few words",
    "error": "an error",
}
"""What each cause means, from the first step on the way to the last."""


def cause_of(question: Question, record: Record) -> str | None:
    """A key of CAUSES; None where the question ended well, or nothing tells how it should have.

    Refusing what the documents do not say is right; what is asked without evidence in the set has no
    cause beyond "unsure" and "words".
    """
    if record.outcome == "error":
        return "error"
    if question.unanswerable:
        return "unsaid" if record.answered else None
    if record.outcome in ("right", "answered"):
        return None
    if _share(record, "recall@5") == 0:
        return "passage"
    if record.outcome == "refused":
        return "unsure"
    return "sentence" if _share(record, "citation_gold_recall") == 0 else "words"


def causes(run: Run) -> dict[str, list[tuple[Question, Record]]]:
    """The questions that went wrong by cause, causes in the order of CAUSES."""
    found: dict[str, list[tuple[Question, Record]]] = {name: [] for name in CAUSES}
    for question, record in zip(run.questions, run.records, strict=True):
        cause = cause_of(question, record)
        if cause is not None:
            found[cause].append((question, record))
    return {name: pairs for name, pairs in found.items() if pairs}


def _share(record: Record, metric: str) -> float | None:
    """A metric of one question; None where it does not count for it."""
    numerator, denominator = record.scores.get(metric, (0.0, 0.0))
    return numerator / denominator if denominator else None
