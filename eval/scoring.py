"""What one answered question adds to each metric.

A metric is a sum over questions divided by another sum over the same questions. `score` gives both
parts for one question; a question a metric says nothing about is left out of it. From these pairs
`eval.intervals` makes values and intervals, without documents or answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.evidence import Gold
from eval.metrics import (
    exact_match,
    f1,
    is_answered,
    is_right,
    mrr_at,
    ndcg_at,
    recall_at,
    support_precision,
    support_recall,
)
from eval.types import Question
from rag.types import Answer, Citation

Scores = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """What a metric says, for tables, gates and comparisons.

    Attributes:
        ratio: the value lies between 0 and 1; latencies are milliseconds.
    """

    name: str
    meaning: str
    lower_is_better: bool = False
    ratio: bool = True


METRICS: Mapping[str, MetricInfo] = {
    info.name: info
    for info in (
        MetricInfo("recall@5", "gold passages among the first 5"),
        MetricInfo("mrr@10", "1 / rank of the first gold passage among the first 10"),
        MetricInfo("ndcg@10", "order of the first 10 passages against the best order"),
        MetricInfo("exact_match", "short answer equals an accepted one (SQuAD)"),
        MetricInfo("f1", "word overlap of the short answer with an accepted one (SQuAD)"),
        MetricInfo("right", "right answers among all questions"),
        MetricInfo("wrong", "wrong answers among all questions", lower_is_better=True),
        MetricInfo("precision", "right answers among the answered"),
        MetricInfo("wrong_refusal", "refused among the answerable", lower_is_better=True),
        MetricInfo("refusal", "refused among the unanswerable"),
        MetricInfo("citation_gold_precision", "citations that touch gold evidence"),
        MetricInfo("citation_gold_recall", "gold evidence that is cited"),
        MetricInfo("citation_support_precision", "citations of proven sentences (ALCE)"),
        MetricInfo("citation_support_recall", "sentences that their citations prove (ALCE)"),
        MetricInfo("necessity", "answers that fall when the words they cite are blanked"),
        MetricInfo("latency_ms_p50", "half of the questions are faster", True, ratio=False),
        MetricInfo("latency_ms_p95", "19 of 20 questions are faster", True, ratio=False),
    )
}
"""Every metric by name, in the order in which they are shown."""


def score(question: Question, answer: Answer | None, gold: Sequence[Gold]) -> Scores:
    """What a question adds to numerator and denominator of each metric it counts for.

    `right` and `wrong` are divided by all questions, so that with refusals and errors they make up
    the whole; an unanswerable question is therefore never right, and `refusal` says how it went.
    A question that raised an error (`answer` None) is neither right nor wrong nor refused, but
    counts in the denominators, and as found nothing where retrieval is judged.
    """
    scores: Scores = {}
    if question.says_what_is_right:
        scores |= _answer_scores(question, answer)
    if gold:
        scores |= _retrieval_scores(answer, gold)
    if answer is not None and is_answered(answer):
        scores |= _citation_scores(answer, gold)
    return scores


def _answer_scores(question: Question, answer: Answer | None) -> Scores:
    answered = answer is not None and is_answered(answer)
    refused = answer is not None and not answered
    right = answer is not None and is_right(question, answer)
    scores: Scores = {
        "right": (float(right), 1.0),
        "wrong": (float(answered and not right), 1.0),
    }
    if answered:
        scores["precision"] = (float(right), 1.0)
    scores["refusal" if question.unanswerable else "wrong_refusal"] = (float(refused), 1.0)
    if question.answers and not question.unanswerable:
        said = answer.short_answer if answer is not None and answered else None
        scores["exact_match"] = (exact_match(said, question.answers), 1.0)
        scores["f1"] = (f1(said, question.answers), 1.0)
    return scores


def _retrieval_scores(answer: Answer | None, gold: Sequence[Gold]) -> Scores:
    judge = _judge_documents if all(piece.whole for piece in gold) else _judge_passages
    ranked, grades = judge(answer, gold)
    return {
        "recall@5": (recall_at(ranked, grades, 5), 1.0),
        "mrr@10": (mrr_at(ranked, grades, 10), 1.0),
        "ndcg@10": (ndcg_at(ranked, grades, 10), 1.0),
    }


def _judge_passages(
    answer: Answer | None, gold: Sequence[Gold]
) -> tuple[list[str], dict[str, float]]:
    """Passages in the answer's order; relevant are those that overlap gold evidence.

    Evidence that no listed passage overlaps counts as one relevant passage that was not found.
    """
    ranked: list[str] = []
    grades: dict[str, float] = {}
    missed = dict(enumerate(gold))
    for passage in answer.passages if answer is not None else ():
        name = f"{passage.document}:{passage.start}-{passage.end}"
        if name in ranked:
            continue
        ranked.append(name)
        for number, piece in enumerate(gold):
            if piece.overlaps(passage.document, passage.start, passage.end):
                grades[name] = max(grades.get(name, 0.0), piece.grade)
                missed.pop(number, None)
    grades |= {f"not found: {number}": piece.grade for number, piece in missed.items()}
    return ranked, grades


def _judge_documents(
    answer: Answer | None, gold: Sequence[Gold]
) -> tuple[list[str], dict[str, float]]:
    """Documents in the order of their best passage; relevant are those the set names."""
    passages = answer.passages if answer is not None else ()
    ranked = list(dict.fromkeys(passage.document for passage in passages))
    return ranked, {piece.spans[0].document: piece.grade for piece in gold}


def _citation_scores(answer: Answer, gold: Sequence[Gold]) -> Scores:
    """Citation metrics of an answer; refusals cite nothing and are measured elsewhere."""
    scores: Scores = {}
    if gold:
        cited = _distinct([c for sentence in answer.sentences for c in sentence.citations])
        touching = sum(any(_touches(citation, piece) for piece in gold) for citation in cited)
        reached = sum(any(_touches(citation, piece) for citation in cited) for piece in gold)
        # As in ALCE, an answer without citations has precision 0.
        precision = touching / len(cited) if cited else 0.0
        scores["citation_gold_precision"] = (precision, 1.0)
        scores["citation_gold_recall"] = (reached / len(gold), 1.0)
    support = {
        "citation_support_precision": support_precision(answer.sentences),
        "citation_support_recall": support_recall(answer.sentences),
    }
    return scores | {name: (value, 1.0) for name, value in support.items() if value is not None}


def _distinct(citations: Sequence[Citation]) -> list[Citation]:
    """Each cited span once: a footnote used by three sentences is still one footnote."""
    return list({(c.document, c.start, c.end): c for c in citations}.values())


def _touches(citation: Citation, piece: Gold) -> bool:
    return piece.overlaps(citation.document, citation.start, citation.end)
