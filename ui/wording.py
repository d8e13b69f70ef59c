"""Sentences that the terminal and the page share."""

from rag.types import Answer


def what_is_missing(answer: Answer) -> str:
    """What a library would need to answer, in one sentence."""
    if not answer.missing:
        return "The nearest passages mention all of it, but none states the answer surely enough."
    words = ", ".join(f"“{word}”" for word in answer.missing)
    return f"None of the nearest passages mentions {words}."
