"""Metrics as pure functions: answers against what is accepted, rankings against what is relevant.

Knows nothing of runs, files or documents. Scores are 0..1, higher is better.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from eval.normalize import occurs, squad_normalize
from eval.types import Question
from rag.types import Answer, Sentence

RIGHT_F1 = 0.6
"""From this F1 with an accepted answer on, a short answer is right."""


def exact_match(prediction: str | None, answers: Iterable[str]) -> float:
    """1.0 where the prediction equals some accepted answer after SQuAD normalisation, else 0.0."""
    if prediction is None:
        return 0.0
    return float(any(squad_normalize(prediction) == squad_normalize(gold) for gold in answers))


def f1(prediction: str | None, answers: Iterable[str]) -> float:
    """Best word overlap (F1 of SQuAD's tokens) with some accepted answer; 0.0 for no prediction."""
    if prediction is None:
        return 0.0
    return max((_f1_of_two(prediction, gold) for gold in answers), default=0.0)


def _f1_of_two(prediction: str, gold: str) -> float:
    said, wanted = squad_normalize(prediction).split(), squad_normalize(gold).split()
    if not said or not wanted:
        # As SQuAD v2.0 has it: nothing equals nothing only.
        return float(said == wanted)
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted))


def auroc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Probability that a positive scores above a negative, ties half, 0..1.

    Args:
        scores: shape (n,).
        positive: shape (n,); both kinds must occur.
    """
    above, below = scores[positive][:, None], scores[~positive][None, :]
    return float((above > below).mean() + 0.5 * (above == below).mean())


def is_answered(answer: Answer) -> bool:
    """Whether the reader committed itself; a disputed answer is an answer."""
    return answer.status in ("answered", "disputed")


def is_right(question: Question, answer: Answer) -> bool:
    """Whether an answer is right.

    It is answered; its short answer has F1 >= 0.6 with some accepted answer, or every
    `must_include` occurs in its sentences (there must be one); and no `must_not_include` does.
    """
    said = " ".join(sentence.text for sentence in answer.sentences)
    return is_answered(answer) and says_right(question, answer.short_answer, said)


def says_right(question: Question, short_answer: str | None, said: str) -> bool:
    """`is_right` of the words of an answer: the short one, and its sentences in one string."""
    if any(occurs(phrase, said) for phrase in question.must_not_include):
        return False
    if f1(short_answer, question.answers) >= RIGHT_F1:
        return True
    wanted = question.must_include
    return bool(wanted) and all(occurs(phrase, said) for phrase in wanted)


def support_recall(sentences: Sequence[Sentence]) -> float | None:
    """Citation recall of ALCE (Gao et al. 2023): share of sentences that their citations prove.

    A sentence counts 1 where it has citations and, taken together, they support it fully. The
    verdict is the checker's `support`; "partly" is not full support. None where no sentence was
    checked: an unchecked sentence is no evidence either way.
    """
    checked = [sentence for sentence in sentences if sentence.support != "unchecked"]
    if not checked:
        return None
    return sum(_proven(sentence) for sentence in checked) / len(checked)


def support_precision(sentences: Sequence[Sentence]) -> float | None:
    """Citation precision of ALCE: share of citations that help to prove their sentence.

    ALCE counts a citation where its sentence is fully supported and the citation is not irrelevant
    (proves nothing alone and is not missed when taken away). The checker judges a sentence with all
    its citations at once, so that irrelevance cannot be told: every citation of a supported
    sentence counts. Exact for sentences with one citation, an upper bound for those with several.
    As in ALCE, an answer without citations has precision 0; None where no sentence was checked.
    """
    checked = [sentence for sentence in sentences if sentence.support != "unchecked"]
    if not checked:
        return None
    total = sum(len(sentence.citations) for sentence in checked)
    good = sum(len(sentence.citations) for sentence in checked if _proven(sentence))
    return good / total if total else 0.0


def _proven(sentence: Sentence) -> bool:
    return sentence.support == "supported" and bool(sentence.citations)


def ranking(scores: Mapping[str, float]) -> list[str]:
    """Ids by falling score; ties by rising id, so that no order of insertion decides."""
    return sorted(scores, key=lambda item: (-scores[item], item))


def recall_at(ranked: Sequence[str], grades: Mapping[str, float], k: int) -> float:
    """Share of the relevant ids (grade > 0) among the first k; 0.0 where none is relevant."""
    relevant = {item for item, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranked[:k])) / len(relevant) if relevant else 0.0


def mrr_at(ranked: Sequence[str], grades: Mapping[str, float], k: int) -> float:
    """1 / rank of the first relevant id among the first k, else 0.0."""
    for rank, item in enumerate(ranked[:k], start=1):
        if grades.get(item, 0) > 0:
            return 1 / rank
    return 0.0


def ndcg_at(ranked: Sequence[str], grades: Mapping[str, float], k: int) -> float:
    """Discounted gain of the first k over that of the best order; the gain is the grade itself.

    Linear gain and log2(rank + 1), as trec_eval and BEIR have it. 0.0 where nothing is relevant.
    """
    best = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    ideal = _discounted(best[:k])
    gained = _discounted([max(grades.get(item, 0.0), 0.0) for item in ranked[:k]])
    return gained / ideal if ideal else 0.0


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def evaluate_run(
    run: Mapping[str, Mapping[str, float]], qrels: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """`recall@5`, `mrr@10` and `ndcg@10` of a TREC-shaped run, divided by all judged questions.

    A judged question that the run leaves out counts 0: leaving out the hard ones must not pay.
    """
    totals = {"recall@5": 0.0, "mrr@10": 0.0, "ndcg@10": 0.0}
    for query, grades in qrels.items():
        ranked = ranking(run.get(query, {}))
        totals["recall@5"] += recall_at(ranked, grades, 5)
        totals["mrr@10"] += mrr_at(ranked, grades, 10)
        totals["ndcg@10"] += ndcg_at(ranked, grades, 10)
    return {name: total / len(qrels) if qrels else 0.0 for name, total in totals.items()}
