"""Asks a question that a document offers, and sees whether the answer is what it was made from."""

import logging
import threading
import time
from collections.abc import Sequence

from index.dates import find_dates, same_date
from index.numbers import find_amounts, same_amount
from index.types import Hit
from index.words import fold, stems
from models.errors import FootnoteError
from rag.answers import is_same_answer
from rag.drafts import close_model
from rag.pipeline import Pipeline
from rag.suggestion_file import Suggestion
from rag.suggestion_headings import Place, Suggestible
from rag.tracer import Tracer
from rag.types import Answer, Citation

_LOG = logging.getLogger(__name__)
_SURE = 0.5
# Among so many passages found the place must be, or reading them is not worth the time.
_AMONG = 5
_LONGEST_ANSWER = 200


def tried(
    pipeline: Pipeline, one: Suggestible, stop: threading.Event, deadline: float
) -> Suggestion | None:
    """The question as a suggestion, if the pipeline answers it as it should; None too where it is left.

    Args:
        pipeline: is asked.
        one: the question, with what should answer it.
        stop: set to leave it.
        deadline: by `time.monotonic()`; then it is left too.
    """
    watch = _Watch(one)
    events = pipeline.unlogged().ask_stream(one.question, tracer=watch)
    try:
        for event in events:
            if event.answer is not None:
                return agreed(one, event.answer)
            if watch.is_hopeless or stop.is_set() or time.monotonic() >= deadline:
                return None
    except FootnoteError as error:
        _LOG.info("%r could not be tried: %s", one.question, error)
    finally:
        close_model(events)
    return None


class _Watch(Tracer):
    """Sees early whether the place that a question was made from is found at all."""

    def __init__(self, one: Suggestible) -> None:
        self._places = one.places
        self.is_hopeless = False

    def found(self, hits: Sequence[Hit], within: object) -> None:
        """See `Tracer`."""
        self.is_hopeless = bool(self._places) and not any(
            overlaps(passage.document_id, passage.start, passage.end, self._places)
            for hit in hits[:_AMONG]
            for passage in (hit.passage, *hit.duplicates)
        )


def overlaps(document: int, start: int, end: int, places: Sequence[Place]) -> bool:
    """Whether a stretch of a document touches one of some places."""
    return any(d == document and s < end and start < e for d, s, e in places)


def agreed(one: Suggestible, answer: Answer) -> Suggestion | None:
    """The suggestion, if the answer is sure, cites the place and says what stands there."""
    first = answer.sentences[0] if answer.sentences else None
    if answer.status != "answered" or answer.confidence < _SURE or first is None:
        return None
    if not one.places:  # about the whole library: counted by the words of every document
        return _suggestion(one, answer.short_answer or first.text, None, answer)
    # What stands behind the first sentence is not what the question will be judged by.
    cited = next((c for c in first.citations if stands_in(c, one.places)), None)
    if cited is None or not (answer.short_answer is None or _says(answer.short_answer, one.words)):
        return None
    return _suggestion(one, answer.short_answer or first.text, cited, answer)


def stands_in(citation: Citation, places: Sequence[Place]) -> bool:
    """Whether cited words stand in one of some places."""
    return overlaps(int(citation.document), citation.start, citation.end, places)


def _suggestion(one: Suggestible, words: str, cited: Citation | None, answer: Answer) -> Suggestion:
    return Suggestion(
        question=one.question,
        answer=" ".join(words.split())[:_LONGEST_ANSWER],
        kind=one.kind,
        document=None if cited is None else int(cited.document),
        start=0 if cited is None else cited.start,
        end=0 if cited is None else cited.end,
        quote="" if cited is None else cited.quote,
        confidence=round(answer.confidence, 4),
    )


def _says(short: str, words: str) -> bool:
    """Whether a short answer is the fact: the same date or amount, or mostly the same words."""
    if not words:
        return True
    dates = find_dates(short), find_dates(words)
    if all(dates):
        return any(same_date(a, b) or same_date(b, a) for a in dates[0] for b in dates[1])
    amounts = find_amounts(short), find_amounts(words)
    if amounts[1]:
        return any(same_amount(a, b) for a in amounts[0] for b in amounts[1])
    if is_same_answer(short, words):
        return True
    one, other = set(stems(fold(short))), set(stems(fold(words)))
    return 2 * len(one & other) >= min(len(one), len(other)) > 0
