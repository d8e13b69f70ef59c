"""What choosing among sentences needs to know of their words."""

import re
from collections.abc import Sequence

from index.words import fold
from rag.evidence import Candidate
from rag.questions import Question, as_written

_SAME_SHARE = 0.8


def named_option(question: Question, candidate: Candidate, words: str = "") -> str | None:
    """Which of two options the marked words, the speaker or the sentence name, if only one.

    Returns:
        The option as the question writes it, or None.
    """
    speaker = candidate.hit.passage.speaker or ""
    for text in (words, speaker, candidate.text):
        said = _words(text)
        held = [option for option in question.options if fold(option) in said]
        if len(held) == 1:
            return as_written(question.text, held[0])
    return None


def says_more(question: Question, other: Candidate, shown: Sequence[Candidate]) -> bool:
    """Open questions take one sentence a source; others take sentences that add words."""
    if question.shape == "open":
        taken = {candidate.hit.passage.document_id for candidate in shown}
        return other.hit.passage.document_id not in taken
    words = _words(other.text)
    return all(
        len(words & _words(candidate.text)) < _SAME_SHARE * max(1, len(words))
        for candidate in shown
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", fold(text)))
