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
from models.protocols import Generator
from rag.checker import check_written
from rag.citing import Citer
from rag.drafts import Draft, Reading
from rag.prompts import REFUSAL, compose_messages
from rag.types import Citation, Event, Sentence

# [1], [1, 2], [1][2], (1), 【1】, [passage 1], ^1
_MARK = re.compile(r"\s*(?:\[|【|\()(?:passages?\s*)?(\d+(?:\s*[,;&]\s*\d+)*)(?:\]|】|\))", re.I)
_CONTROL = re.compile(r"<\|[^|<>]{1,40}\|>|</?s>")
_MARKDOWN = re.compile(r"^\s*(?:[-*•]\s+|#{1,6}\s+|\d+[.)]\s+)|\*\*")
_ENOUGH_WORDS = 0.6
_MAX_SENTENCES = 12


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
        """Fill the draft; see `rag.drafts.Reader`."""
        numbered = self._fit(reading, draft)
        if not numbered:
            return
        yield Event("step", f"Reading {len(numbered)} passages")
        messages = compose_messages(reading.question.text, _prompt_passages(numbered))
        draft.tokens["prompt"] = self._generator.count_messages(messages)
        written = ""
        seen: set[str] = set()
        pieces = self._generator.stream(messages, max_tokens=self._answer_tokens)
        for shown, is_last in _visible(pieces, self._generator.profile.strip):
            written += shown
            if shown:
                yield Event("text", shown)
            if REFUSAL.lower() in written.lower():
                break
            for text in _complete_sentences(written, is_last):
                if fold(text) in seen or len(seen) >= _MAX_SENTENCES:
                    continue  # small models repeat themselves
                seen.add(fold(text))
                sentence = self._sentence(text, numbered, reading.citer)
                if sentence is not None:
                    draft.sentences.append(sentence)
                    yield Event("sentence", sentence=sentence)
        draft.tokens["answer"] = self._generator.count(written)
        self._conclude(draft, written)

    def _conclude(self, draft: Draft, written: str) -> None:
        """Refused if the model says so or nothing it said could be proven."""
        if REFUSAL.lower() in written.lower() or not draft.sentences:
            draft.sentences.clear()
            draft.status = "refused"
            return
        draft.status = "answered"
        good = sum(sentence.support == "supported" for sentence in draft.sentences)
        draft.confidence = good / len(draft.sentences)

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
        return taken

    def _sentence(self, text: str, numbered: Sequence[_Numbered], citer: Citer) -> Sentence | None:
        """A checked sentence with its footnotes, or None where nothing proves it."""
        numbers = {int(n) for m in _MARK.finditer(text) for n in re.findall(r"\d+", m.group(1))}
        plain = _MARKDOWN.sub("", _MARK.sub("", text)).strip()
        if not any(char.isalnum() for char in plain):
            return None
        cited = [item for item in numbered if item.n in numbers] or _best_match(plain, numbered)
        if not cited:
            return None
        evidence = [f"{i.hit.passage.breadcrumb}\n{i.hit.passage.text}" for i in cited]
        support = check_written(plain, evidence)
        citations = tuple(_footnote(plain, item, citer) for item in cited)
        return Sentence(text=plain, kind="written", support=support, citations=citations)


def _prompt_passages(numbered: Sequence[_Numbered]) -> list[tuple[int, str, str]]:
    return [(i.n, i.hit.passage.breadcrumb, i.hit.passage.text) for i in numbered]


def _visible(pieces: Iterator[str], strip: Sequence[tuple[str, str]]) -> Iterator[tuple[str, bool]]:
    """(text to show, is last) with thinking text and control tokens taken out.

    Text that may be the beginning of a mark is held back until it is known.
    """
    held = ""
    inside: str | None = None
    for piece in pieces:
        held += piece
        ready = ""
        while True:
            if inside is not None:
                if inside not in held:
                    held = held[-len(inside) :]
                    break
                held, inside = held.split(inside, 1)[1], None
            starts = [(held.index(a), a, b) for a, b in strip if a in held]
            if not starts:
                break
            at, mark, end = min(starts)
            ready += held[:at]
            held, inside = held[at + len(mark) :], end
        if inside is None:
            cut = held.rfind("<")
            keep = cut if cut >= 0 and len(held) - cut < 48 else len(held)
            ready, held = ready + held[:keep], held[keep:]
        yield _CONTROL.sub("", ready), False
    yield ("" if inside is not None else _CONTROL.sub("", held)), True


def _complete_sentences(written: str, is_last: bool) -> Iterator[str]:
    """Sentences that will not change any more, their footnote marks attached."""
    spans = _with_marks(written)
    for start, end in spans if is_last else spans[:-1]:
        yield written[start:end]


def _with_marks(written: str) -> list[tuple[int, int]]:
    """Sentence spans; a mark that stands behind the full stop belongs to the sentence before."""
    spans: list[tuple[int, int]] = []
    for start, end in sentence_spans(written):
        lead = re.match(rf"(?:{_MARK.pattern})+", written[start:end], re.I)
        if lead and spans:
            spans[-1] = (spans[-1][0], start + lead.end())
            start += lead.end()
        if written[start:end].strip(" .;,"):
            spans.append((start, end))
    return spans


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
