"""Listens to a model and keeps the sentences that its passages hold; marks, loops and refusals are its cares.

Nothing the model says is taken on trust: numbers that were not given are dropped, a sentence without a
footnote gets one only if a passage holds its words, and otherwise it is left out. What holds a sentence is
decided by a check that is passed in.
"""

import time
from collections.abc import Callable, Iterator, Sequence

from index.words import fold
from rag.citing import Citer
from rag.cleaning import Cleaner
from rag.drafts import Draft
from rag.marks import read_marks, without_naming
from rag.numbered import Numbered, best_match, footnote
from rag.refusing import refusal_words, refuses_outright
from rag.types import Event, Sentence, Support
from rag.writing import (
    LONGEST_SENTENCE,
    SentenceCutter,
    ends_well,
    is_looping,
    is_row,
    is_source_list,
    says_nothing,
)

_MAX_SENTENCES = 12
# A model that has said the same so often will not come to an end by itself.
_MAX_REPEATS = 3
# Counted again, a text has a few tokens more or less than the model wrote.
_NEARLY = 8

Check = Callable[[str, Sequence[Numbered]], Support]


class CheckedWriter:
    """Turns what the model writes into checked sentences of the draft.

    Attributes:
        raw: all that the model wrote.
        is_thinking: the model has not come to an end of its thinking.
    """

    def __init__(
        self,
        draft: Draft,
        numbered: Sequence[Numbered],
        citer: Citer,
        *,
        count: Callable[[str], int],
        check: Check,
        asking: bool,
    ) -> None:
        self._draft = draft
        self._numbered = numbered
        self._citer = citer
        self._check = check
        self._asking = asking
        self._count = count
        self._start_again()
        self.raw = ""
        self.is_thinking = False

    def follow(
        self,
        pieces: Iterator[str],
        strip: Sequence[tuple[str, str]],
        *,
        max_tokens: int,
        room: int,
        deadline: float,
    ) -> Iterator[Event]:
        """Events of the pieces; stops where nothing worth having can follow.

        Args:
            pieces: what the model writes.
            strip: (start, end) marks of its thinking.
            max_tokens: the most tokens of the answer, thinking not counted.
            room: the most tokens that the model may write, thinking and all.
            deadline: by `time.monotonic`.
        """
        cleaner, cutter = Cleaner(strip), SentenceCutter()
        n_tokens, was_cut = 0, False
        for piece in pieces:
            self.raw += piece
            shown = cleaner.feed(piece)
            if cleaner.restarted:
                cutter, n_tokens = SentenceCutter(), 0
                self._start_again()
            if shown:
                yield Event("text", shown)
            yield from self._take(cutter.feed(shown))
            n_tokens += 0 if cleaner.thinking else self._count(piece)
            was_cut = n_tokens >= max_tokens or is_looping(self.raw) or time.monotonic() > deadline
            if cleaner.ended or was_cut or self._is_enough():
                break
        self.is_thinking = cleaner.thinking
        shown = cleaner.finish()
        if shown:
            yield Event("text", shown)
        last = [*cutter.feed(shown), *cutter.finish()]
        was_cut = was_cut or self._count(self.raw) > room - _NEARLY
        if last and was_cut and not ends_well(last[-1]):
            # Half a sentence may say the opposite of the whole one.
            last.pop()
        yield from self._take(last)

    def conclude(self) -> None:
        """Refused if the model says so or nothing it said could be proven."""
        draft = self._draft
        proven = sum(sentence.support == "supported" for sentence in draft.sentences)
        if self._refused or all(s.support == "unsupported" for s in draft.sentences):
            draft.sentences.clear()
            draft.status = "refused"
            return
        draft.status = "answered"
        draft.confidence = proven / len(draft.sentences)

    def _start_again(self) -> None:
        self._seen: set[str] = set()
        self._n_repeats = 0
        self._refused = False
        self._ended = False
        self._draft.sentences.clear()

    def _is_enough(self) -> bool:
        return (
            self._refused
            or self._ended
            or self._n_repeats >= _MAX_REPEATS
            or len(self._draft.sentences) >= _MAX_SENTENCES
        )

    def _take(self, texts: Sequence[str]) -> Iterator[Event]:
        for text in texts:
            if self._is_enough():
                return
            self._ended = is_source_list(text)
            is_empty = says_nothing(text, asking=self._asking)
            if self._ended or is_empty or len(text) > LONGEST_SENTENCE:
                continue
            marked = read_marks(text)
            words = without_naming(marked.text)
            if is_looping(words) or not any(char.isalnum() for char in words):
                continue
            if self._refuses(marked.text):
                continue
            if fold(marked.text) in self._seen:
                self._n_repeats += 1
                continue
            self._seen.add(fold(marked.text))
            # A row of a table without a mark is its head, or no sentence.
            given = [item for item in self._numbered if item.n in marked.numbers]
            sentence = self._sentence(marked.text, given) if given or not is_row(text) else None
            if sentence is not None:
                self._draft.sentences.append(sentence)
                yield Event("sentence", sentence=sentence)

    def _refuses(self, plain: str) -> bool:
        """Whether a sentence says that the documents do not say, and is therefore left out.

        The refusal as told, or an answer that begins with one in other words, is a refusal as a
        whole. "The cost is not in the documents" among other sentences says nothing that could be
        proven.
        """
        if refuses_outright(plain):
            self._refused = True
            return True
        words = refusal_words(plain)
        if words is None or any(fold(words) in fold(item.evidence) for item in self._numbered):
            return False
        self._refused = not self._seen
        return True

    def _sentence(self, plain: str, given: Sequence[Numbered]) -> Sentence | None:
        """A checked sentence with its footnotes, or None where nothing proves it."""
        claim = without_naming(plain)
        best = best_match(claim, self._numbered)
        cited = given or best
        if not cited:
            return None
        support = self._check(claim, cited)
        others = best if best != cited else []
        if support == "unsupported" and others and self._check(claim, others) == "supported":
            # The right words with the number of another passage.
            cited, support = best, "supported"
        citations = tuple(footnote(claim, item, self._citer) for item in cited)
        return Sentence(text=plain, kind="written", support=support, citations=citations)
