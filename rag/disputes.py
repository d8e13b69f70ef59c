"""Do the documents disagree? Two different answers to one question, both likely."""

import enum
import re
from collections.abc import Sequence

from index.types import Role
from rag.answers import ANSWER_FEATURES, PooledAnswer
from rag.questions import Question
from rag.sentence_features import FEATURES

# Both answers must be this likely by themselves.
_LIKELY = 0.5
# Share of the question's words, by weight, that each sentence must hold: the two speak of one thing.
_COVERED = 0.5
_COVERAGE = FEATURES.index("coverage")
# How a correction tells what was wrong, unless it tells what is right in the same sentence.
_TELLS_MISTAKE = re.compile(
    r"\b(?:earlier|previous|previously|original|originally|misstated|misidentified|incorrect|"
    r"incorrectly|wrong|wrongly|mistaken|mistakenly|erroneous|erroneously)\b",
    re.I,
)
_TELLS_RIGHT = re.compile(r"\b(?:instead of|rather than|in fact|actually|should|not)\b", re.I)
_TYPE_FITS = ANSWER_FEATURES.index("type_fits")


class Dispute(enum.Enum):
    """How two answers stand to each other."""

    OPEN = "the sources disagree"
    CORRECTED = "the first corrects the second"


def find_dispute(question: Question, pooled: list[PooledAnswer]) -> Dispute | None:
    """Whether the first two answers contradict each other; they are then put in order.

    Only numbers, dates and names exclude each other: two reasons may both hold. A correction comes
    before what it corrects, else the newer source before the older one.

    Args:
        question: the question taken apart.
        pooled: answers, most probable first; the first two may change places.
    """
    if len(pooled) < 2 or question.expected == "other" or question.shape == "list":
        return None
    first, second = pooled[:2]
    if second.probability < _LIKELY or first.probability < _LIKELY or not _comparable(pooled[:2]):
        return None
    trusted = [_trust(answer) for answer in (first, second)]
    if any(_is_correction(answer) for answer in (first, second)):
        if trusted[1] > trusted[0]:
            pooled[0], pooled[1] = second, first
        return Dispute.CORRECTED
    if _date(second) > _date(first):
        pooled[0], pooled[1] = second, first
    return Dispute.OPEN


def _comparable(answers: Sequence[PooledAnswer]) -> bool:
    """Two places that speak of what is asked, and give answers of the kind that is asked for."""
    places = {
        (answer.best.hit.passage.document_id, answer.best.sentences[0].role is Role.CORRECTION)
        for answer in answers
    }
    return len(places) == 2 and all(
        answer.best.sentences[0].features[_COVERAGE] >= _COVERED
        and answer.best.features[_TYPE_FITS] > 0
        for answer in answers
    )


def _is_correction(answer: PooledAnswer) -> bool:
    return answer.best.sentences[0].role is Role.CORRECTION


def _trust(answer: PooledAnswer) -> int:
    """2 for what a correction says, 1 for what it may correct, 0 for the mistake that it repeats."""
    text = answer.best.sentences[0].text
    if not _is_correction(answer):
        return 1
    return 0 if _TELLS_MISTAKE.search(text) and not _TELLS_RIGHT.search(text) else 2


def _date(answer: PooledAnswer) -> str:
    """ISO date of the passage, empty where there is none: the oldest."""
    return answer.best.hit.passage.date or ""
