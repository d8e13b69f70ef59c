"""Who says a sentence: the speaker of a turn, or whom a report names beside quotation marks.

Rules for English; where they are not sure who it is, nobody says it.
"""

import re
from collections.abc import Sequence

from index.facts import find_facts
from index.words import fold
from rag.brief_names import bare_name, is_name
from rag.brief_sentences import Told

_SHORTEST_QUOTED = 20
_SAYS = (
    r"(?:said|says|told|adds?|added|argue[sd]?|warn(?:s|ed)|wrote|writes|note[sd]?|asked|explain(?:s|ed)|"
    r"calls?|called|put it|puts it|insist(?:s|ed)|believe[sd]?|recall(?:s|ed)|claim(?:s|ed)|answered)"
)
_BEFORE_NAME = re.compile(rf"(?:\b{_SAYS}|\b[Aa]ccording to|^For|^To)[ ]$")
_AFTER_NAME = re.compile(
    rf"(?:,[^,“”\"]{{3,80}},|[ ]\([^()]{{2,60}}\))?[ ](?:has |had |also |later )?{_SAYS}\b"
)


def who_says(told: Told, speakers: Sequence[str]) -> str | None:
    """The name of who says it, None where nobody is named.

    Args:
        told: a sentence.
        speakers: of its document, by their whole names.
    """
    name = told.speaker or _quoted_person(told.text)
    if name is None:
        return None
    return next((whole for whole in speakers if same_person(name, whole)), name)


def same_person(name: str, other: str) -> bool:
    """Whether two names are of one person: the words of the shorter one end the longer one."""
    one, two = sorted((fold(name).split(), fold(other).split()), key=len)
    return bool(one) and two[-len(one) :] == one


def _quoted_person(text: str) -> str | None:
    facts = find_facts(text)
    quotations = [q for q in facts.quotations if q.end - q.start >= _SHORTEST_QUOTED]
    if not quotations:
        return None
    for found in facts.names:
        inside = any(q.start <= found.start < q.end for q in facts.quotations)
        if inside or not is_name(name := bare_name(text[found.start : found.end])):
            continue
        follows = any(0 < found.start - q.end <= 4 for q in quotations)
        if _BEFORE_NAME.search(text[: found.start]) or (
            _AFTER_NAME.match(text, found.end)
            and (follows or text[found.end : found.end + 1] in (" ", ","))
        ):
            return name
    return None
