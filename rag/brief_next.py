"""The questions that a brief ends with, written by a model: each must be answered by the passage it names.

Knows no model: prompts go out, questions that were checked come in.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

from index.store import Store
from models.protocols import Message
from rag.brief import BriefLine, BriefSection
from rag.brief_background import ANSWERED
from rag.brief_parts import MOST_AT_ONCE, Fits, Item, Part, cited_items, passages_of
from rag.brief_sentences import normal_words
from rag.checker import lexical_support
from rag.differences import find_differences
from rag.numbered import Numbered
from rag.prompts import brief_messages
from rag.support import SupportJudge
from rag.types import Sentence, Support
from rag.writing import asks

_LEAST_ASKED = 3


class _Questions(Part):
    """Questions to ask next: those of the documents stay, those of our own may be replaced."""

    wants_questions = True

    def messages(self, batch: Sequence[Item]) -> list[Message]:
        """The prompt for some of the passages."""
        passages = [
            (item.numbered.n, "", item.passage.breadcrumb, item.passage.text, "") for item in batch
        ]
        return brief_messages(self._key, self._subject, passages, self._n_wanted)

    def batches(self, fits: Fits) -> Iterator[list[Item]]:
        """One prompt: more questions than that nobody wants."""
        yield from islice(super().batches(fits), 1)

    def take(self, sentences: Sequence[Sentence], batch: Sequence[Item]) -> None:
        """Take the questions that a passage answers, each once."""
        known = {normal_words(line.sentence.text) for line in self._lines}
        for sentence in sentences:
            words = normal_words(sentence.text)
            fresh = words not in known and asks(sentence.text)
            if fresh and sentence.support == "supported" and cited_items(sentence, batch):
                known.add(words)
                plain = Sentence(sentence.text, "written", "unchecked", sentence.citations)
                self._taken.append((plain, frozenset()))

    def lines(self) -> tuple[BriefLine, ...]:
        """The documents' own questions, then what was written, then as much of what was there before."""
        asked = [line for line in self._lines if line.sentence.kind == "quote"]
        own = [line for line in self._lines if line.sentence.kind == "written"]
        new = [BriefLine(ANSWERED, sentence) for sentence, _ in self._taken[: self._n_wanted]]
        return (*asked, *new, *own[len(new) :])

    @property
    def _n_wanted(self) -> int:
        own = sum(line.sentence.kind == "written" for line in self._lines)
        return max(own, _LEAST_ASKED)


def question_part(
    section: BriefSection,
    others: Sequence[BriefLine],
    subject: str,
    store: Store,
    judge: SupportJudge | None,
) -> Part:
    """Questions to ask next, made from the passages of the section and of some more lines."""
    own = [line for line in section.lines if line.sentence.kind == "written"]
    found = passages_of(enumerate([*own, *others]), store)
    passages = [(passage, ()) for passage, _ in found]
    check = partial(_answered, judge=judge)
    return _Questions(section.key, subject, section.lines, passages[:MOST_AT_ONCE], check)


def _answered(question: str, cited: Sequence[Numbered], *, judge: SupportJudge | None) -> Support:
    """Whether passages answer a question and hold every name, number and date in it."""
    evidence = [item.evidence for item in cited]
    if any(finding.certain for finding in find_differences(question, evidence)):
        return "unsupported"
    if judge is None:
        holds = lexical_support(question, evidence) == "supported"
    else:
        read = judge.prover.judge([(question, text) for text in evidence])
        holds = max(one.answerable for one in read) > 0
    return "supported" if holds else "unsupported"
