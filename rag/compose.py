"""The compose reader: prose of a capable model, every sentence held to its passages.

The model is asked to put the number of its passage behind every sentence. Nothing it says is taken
on trust: numbers that were not given are dropped, a sentence without a footnote gets one only if a
passage holds its words, and otherwise it is not shown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.lexical import terms
from index.library import Library
from index.sentences import sentence_spans
from index.types import Hit
from index.words import fold, stem, stems
from models.errors import ModelError
from models.protocols import Generator
from rag.checker import check_written
from rag.citing import Citer
from rag.drafts import Draft, Reading, close_model
from rag.prompts import REFUSAL, compose_messages
from rag.types import Citation, Event, Sentence
from rag.writing import Cleaner, SentenceCutter, marked_numbers, plain_sentence

_REFUSES = re.compile(r"not\s+in\s+the\s+documents?", re.I)
_ENOUGH_WORDS = 0.6
_MAX_SENTENCES = 12
# A model that has said the same so often will not come to an end by itself.
_MAX_REPEATS = 3


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A passage as the model saw it."""

    n: int
    hit: Hit


class ComposeReader:
    """Answers in prose.

    Args:
        generator: the model that writes.
        library: for footnotes.
        answer_tokens: an answer is at most so long.
    """

    name = "compose"

    def __init__(self, generator: Generator, library: Library, *, answer_tokens: int = 400) -> None:
        self._generator = generator
        self._library = library
        self._answer_tokens = answer_tokens

    @property
    def generator(self) -> str:
        """Name of the model that writes."""
        return self._generator.name

    def answer(self, reading: Reading, draft: Draft) -> Iterator[Event]:
        """Fill the draft; see `rag.drafts.Reader`.

        Raises:
            ModelError: not even one passage fits into the model's context.
        """
        numbered = self._fit(reading, draft)
        if not numbered:
            return
        yield Event("step", f"Reading {len(numbered)} passages")
        messages = compose_messages(reading.question.text, _prompt_passages(numbered))
        draft.tokens["prompt"] = self._generator.count_messages(messages)
        pieces = self._generator.stream(messages, max_tokens=self._answer_tokens)
        writer = _Writer(draft, numbered, reading.citer)
        try:
            yield from writer.follow(pieces, self._generator.profile.strip)
        finally:
            # Left early, a model goes on holding its lock until its iterator is closed.
            close_model(pieces)
        draft.tokens["answer"] = self._generator.count(writer.raw)
        writer.conclude()

    def close(self) -> None:
        """Give the model's memory back."""
        close_model(self._generator)

    def _fit(self, reading: Reading, draft: Draft) -> list[_Numbered]:
        """As many passages as the context holds, most relevant first; the others are named."""
        budget = self._generator.context_tokens - self._answer_tokens
        taken: list[_Numbered] = []
        for hit in reading.hits:
            tried = [*taken, _Numbered(len(taken) + 1, hit)]
            messages = compose_messages(reading.question.text, _prompt_passages(tried))
            if self._generator.count_messages(messages) > budget:
                draft.left_out[hit.passage.id] = "no room left in the model's context"
                continue
            taken = tried
            draft.read.add(hit.passage.id)
        if reading.hits and not taken:
            raise ModelError(
                f"Not one passage fits into the context of {self._generator.name}: it holds "
                f"{self._generator.context_tokens} tokens, {self._answer_tokens} of them for the "
                "answer. Set a larger context_tokens or smaller answer_tokens."
            )
        return taken


class _Writer:
    """Turns what the model writes into checked sentences of the draft.

    Attributes:
        raw: all that the model wrote.
    """

    def __init__(self, draft: Draft, numbered: Sequence[_Numbered], citer: Citer) -> None:
        self._draft = draft
        self._numbered = numbered
        self._citer = citer
        self._seen: set[str] = set()
        self._n_repeats = 0
        self._refused = False
        self.raw = ""

    def follow(self, pieces: Iterator[str], strip: Sequence[tuple[str, str]]) -> Iterator[Event]:
        """Events of the pieces; stops where nothing worth having can follow."""
        cleaner, cutter = Cleaner(strip), SentenceCutter()
        for piece in pieces:
            self.raw += piece
            shown = cleaner.feed(piece)
            if cleaner.restarted:
                cutter = SentenceCutter()
                self._seen.clear()
                self._draft.sentences.clear()
            if shown:
                yield Event("text", shown)
            yield from self._take(cutter.feed(shown))
            if cleaner.ended or self._is_enough():
                break
        shown = cleaner.finish()
        if shown:
            yield Event("text", shown)
        if not self._is_enough():
            yield from self._take([*cutter.feed(shown), *cutter.finish()])

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

    def _is_enough(self) -> bool:
        return (
            self._refused
            or self._n_repeats >= _MAX_REPEATS
            or len(self._draft.sentences) >= _MAX_SENTENCES
        )

    def _take(self, texts: Sequence[str]) -> Iterator[Event]:
        for text in texts:
            if self._is_enough():
                return
            plain = plain_sentence(text)
            if not any(char.isalnum() for char in plain):
                continue
            if _REFUSES.search(plain):
                # As told, or as nothing but the refusal. "The cost is not in the documents" among
                # other sentences says nothing that could be proven and is left out.
                rest = _REFUSES.sub("", plain)
                self._refused = REFUSAL in plain or not any(char.isalnum() for char in rest)
                continue
            if fold(plain) in self._seen:
                self._n_repeats += 1
                continue
            self._seen.add(fold(plain))
            sentence = self._sentence(plain, marked_numbers(text))
            if sentence is not None:
                self._draft.sentences.append(sentence)
                yield Event("sentence", sentence=sentence)

    def _sentence(self, plain: str, numbers: set[int]) -> Sentence | None:
        """A checked sentence with its footnotes, or None where nothing proves it."""
        given = [item for item in self._numbered if item.n in numbers]
        cited = given or _best_match(plain, self._numbered)
        if not cited:
            return None
        evidence = [f"{i.hit.passage.breadcrumb}\n{i.hit.passage.text}" for i in cited]
        support = check_written(plain, evidence)
        citations = tuple(_footnote(plain, item, self._citer) for item in cited)
        return Sentence(text=plain, kind="written", support=support, citations=citations)


def _prompt_passages(numbered: Sequence[_Numbered]) -> list[tuple[int, str, str]]:
    return [(i.n, i.hit.passage.breadcrumb, i.hit.passage.text) for i in numbered]


def _best_match(text: str, numbered: Sequence[_Numbered]) -> list[_Numbered]:
    """The passage that holds most of a sentence's words, if it holds enough of them."""
    content = {stem(fold(word)) for word in terms(text)}
    if not content:
        return []
    scored = [
        (len(content & set(stems(item.hit.passage.text))) / len(content), -item.n, item)
        for item in numbered
    ]
    share, _, item = max(scored, key=lambda entry: entry[:2])
    return [item] if share >= _ENOUGH_WORDS else []


def _footnote(text: str, item: _Numbered, citer: Citer) -> Citation:
    """The sentence of the cited passage that shares most words with the written one."""
    passage = item.hit.passage
    content = {stem(fold(word)) for word in terms(text)}
    spans = sentence_spans(passage.text) or [(0, len(passage.text))]
    start, end = max(
        spans, key=lambda s: (len(content & set(stems(passage.text[s[0] : s[1]]))), -s[0])
    )
    return citer.cite(passage, passage.start + start, passage.start + end)
