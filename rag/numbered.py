"""Passages as a composing model sees them: numbered. And which of them proves a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.sentences import sentence_spans
from index.types import Hit
from rag.checker import check_written
from rag.citing import Citer
from rag.opinions import passage_text
from rag.support import SupportJudge
from rag.types import Citation, Support
from rag.wording import content_words, known_words

_ENOUGH_WORDS = 0.6


@dataclass(frozen=True, slots=True)
class Numbered:
    """A passage as the model saw it."""

    n: int
    hit: Hit

    @property
    def evidence(self) -> str:
        """All that the passage proves: its text, and what the breadcrumb says of it."""
        return passage_text(self.hit.passage)


def in_prompt(numbered: Sequence[Numbered]) -> list[tuple[int, str, str]]:
    """(number, breadcrumb, text) each, as `rag.prompts.compose_messages` takes them."""
    return [(i.n, i.hit.passage.breadcrumb, i.hit.passage.text) for i in numbered]


def support_of(
    claim: str, cited: Sequence[Numbered], judge: SupportJudge | None = None, question: str = ""
) -> Support:
    """Whether the passages together hold what a sentence says; see `rag.checker.check_written`."""
    return check_written(claim, [item.evidence for item in cited], judge, question)


def best_match(claim: str, numbered: Sequence[Numbered]) -> list[Numbered]:
    """The passage that holds most of a sentence's words, if it holds enough of them."""
    content = content_words(claim)
    if not content:
        return []
    scored = [
        (len(content & known_words(item.hit.passage.text)) / len(content), -item.n, item)
        for item in numbered
    ]
    share, _, item = max(scored, key=lambda entry: entry[:2])
    return [item] if share >= _ENOUGH_WORDS else []


def footnote(claim: str, item: Numbered, citer: Citer) -> Citation:
    """The sentence of the cited passage that shares most words with the written one."""
    passage = item.hit.passage
    content = content_words(claim)
    spans = sentence_spans(passage.text) or [(0, len(passage.text))]
    start, end = max(
        spans, key=lambda s: (len(content & known_words(passage.text[s[0] : s[1]])), -s[0])
    )
    return citer.cite(passage, passage.start + start, passage.start + end)
