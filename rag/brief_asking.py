"""What a text asks, and what it says is not known."""

import re
from collections.abc import Sequence

from index.types import Role
from rag.brief_sentences import Told, is_content, is_question, is_whole, leans, points

_LEAST_WORDS = 4
_HEDGE = re.compile(
    r"\b(?:remains? (?:to be seen|unclear|unknown|uncertain|unresolved|undecided|open|disputed|"
    r"an open question|a mystery)|"
    r"(?:is|are|was|were|it's) (?:still |as yet |largely |far from )?(?:unclear|unknown|uncertain|undecided|"
    r"unresolved|clear yet|an open question|not (?:yet |entirely |publicly )?(?:known|clear|certain|decided|"
    r"settled|disclosed|public))|"
    r"(?:nobody|no one|no-one) (?:outside \w+ )?(?:knows|can say (?:whether|how|what|when|if|why|who)|"
    r"is (?:yet )?sure)|"
    r"(?:has|have) (?:yet to|not yet)|"
    r"(?:did|do|does|has|have|would|will) not (?:yet )?(?:say|said|comment|commented|know|disclosed?|"
    r"publish|published|announced)|"
    r"(?:we|I) (?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t) (?:know|tell|say|verify|confirm)|"
    r"could not be (?:verified|confirmed|reached|established)|"
    r"(?:cannot|can not) (?:yet )?be (?:known|verified|confirmed|measured|said)|"
    r"no (?:\w+ ){1,3}(?:has|have) been (?:published|named|set|given|announced|found|made)|"
    r"(?:question|whether) (?:is|remains|remained)|too (?:early|soon) to|open questions?|"
    r"impossible to (?:say|know|verify|tell)|the next \w+ will (?:determine|decide|show))\b",
    re.I,
)


def open_questions(sentences: Sequence[Told]) -> list[Told]:
    """Questions that the text leaves standing and hedges ("it is not known"), in order."""
    answered = {told.place for told in answered_questions(sentences)}
    return [
        told
        for told in sentences
        if is_content(told) and told.place not in answered and (_asks(told) or _hedges(told))
    ]


def answered_questions(sentences: Sequence[Told]) -> list[Told]:
    """Questions that somebody else answers, or that head what follows, in order."""
    found = []
    for at, told in enumerate(sentences):
        if is_question(told) and _long_enough(told) and not (leans(told) or points(told)):
            later = (s for s in sentences[at + 1 :] if s.block != told.block and is_content(s))
            follower = next(later, None)
            heads = (
                told.role is Role.HEADING
                and follower is not None
                and follower.passage.section == told.text
                and len(told.text.split()) > _LEAST_WORDS
            )
            if heads or _another_answers(told, follower):
                found.append(told)
    return found


def _another_answers(told: Told, follower: Told | None) -> bool:
    """Whether the next one to speak is somebody else."""
    if follower is None or follower.passage.document_id != told.passage.document_id:
        return False
    here, there = told.passage.speaker, follower.passage.speaker
    return here is not None and there is not None and here != there


def _asks(told: Told) -> bool:
    return is_question(told) and _long_enough(told) and is_whole(told) and not leans(told)


def _hedges(told: Told) -> bool:
    return bool(_HEDGE.search(told.text)) and is_whole(told) and not leans(told)


def _long_enough(told: Told) -> bool:
    return len(told.text.split()) >= _LEAST_WORDS or len(told.text) >= 40
