"""What a model writes, made fit to be shown: thinking, control tokens, footnote styles, sentences.

Models stray from what they were asked for in many ways. Everything here works on a stream: text that
may turn out to be the beginning of a mark is held back until it is known. Knows no documents.
"""

import re
from collections.abc import Sequence

from index.sentences import sentence_spans

# Spelled-out marks of chat templates. An end of turn ends the answer: what follows is a made-up
# conversation.
_END = re.compile(
    r"<[|｜](?:im_end|eot_id|end|endoftext|end_of_text|end▁of▁sentence|return|eom_id)[|｜]>|</s>|"
    r"<end_of_turn>|<eos>"
)
_CONTROL = re.compile(
    r"<[|｜][^<>|｜]{1,40}[|｜]>(?:(?:assistant|user|system)\b)?|<s>|\[/?INST\]|"
    r"<(?:start_of_turn|bos|pad|unk)>"
)
_UNFINISHED = re.compile(
    r"(?:<(?:[|｜/a-z][^<>\n]{0,48})?|<[|｜][^<>|｜]{1,40}[|｜]>[a-z]{0,9}|\[/?(?:I(?:N(?:ST?)?)?)?)\Z"
)

# [1], [1, 2], [1-3], [[1]], (1), 【1†source】, [^1], [passage 1], [Source 1 and 2]; a round bracket
# holds two digits at most, since "(2024)" is a year.
_WORD = r"(?:(?:passage|source|document|doc|ref|reference|footnote|note)s?\.?\s*)?[#^]?"
_LIST = r"{word}\d{{1,{n}}}(?:\s*(?:,|;|&|–|-|and)\s*{word}\d{{1,{n}}})*"
_MARK_TEXT = (
    r"\s*(?:\[{1,2}(" + _LIST.format(word=_WORD, n=4) + r")\]{1,2}(?:\((?:https?:|#)[^)\s]*\))?|"
    r"【(" + _LIST.format(word=_WORD, n=4) + r")(?:†[^】]*)?】|"
    r"\((" + _LIST.format(word=_WORD, n=2) + r")\))"
)
_MARK = re.compile(_MARK_TEXT, re.I)
_MARKS = re.compile(rf"(?:{_MARK_TEXT})+[.;,]*", re.I)
_RANGE = re.compile(r"(\d+)\s*[–-]\s*(\d+)")
_LONGEST_RANGE = 20
_LONGEST_MARK = 40
_RAISED = re.compile(r"(?<=[.!?”\"])([¹²³⁰⁴-⁹]+)")
_MARKDOWN = re.compile(r"^\s*(?:[-*•–]\s+|#{1,6}\s+|>\s+|\d{1,2}[.)]\s+)|\*\*|__")


class Cleaner:
    """Takes thinking text and control tokens out of a stream.

    Args:
        strip: (start, end) marks of thinking text.

    Attributes:
        restarted: all text so far was thinking after all: its end mark came without a start, as
            happens where the chat template has opened the thinking already.
        ended: the model has spelled out the end of its turn; nothing more is to be shown.
    """

    def __init__(self, strip: Sequence[tuple[str, str]]) -> None:
        self._strip = tuple(strip)
        self._marks = tuple(mark for pair in strip for mark in pair)
        self._held = ""
        self._inside: str | None = None
        self._begun = False
        self.restarted = False
        self.ended = False

    def feed(self, piece: str) -> str:
        """Text that can be shown now."""
        self.restarted = False
        self._held += piece
        ready = self._without_thoughts()
        if self._inside is None and not self.ended:
            keep = self._undecided()
            cut = len(self._held) - keep
            ready, self._held = ready + self._held[:cut], self._held[cut:]
        return self._without_control(ready)

    def finish(self) -> str:
        """What was held back; thinking that was never ended is not shown."""
        rest, self._held = self._held, ""
        return "" if self._inside is not None or self.ended else self._without_control(rest)

    def _without_thoughts(self) -> str:
        ready = ""
        while True:
            if self._inside is not None:
                at = self._held.find(self._inside)
                if at < 0:
                    self._held = self._held[-len(self._inside) :]
                    return ready
                self._held = self._held[at + len(self._inside) :]
                self._inside = None
            found = [
                (at, -len(mark), mark) for mark in self._marks if (at := self._held.find(mark)) >= 0
            ]
            end = self._end_of_turn(ready)
            if end is not None and (not found or end < min(found)[0]):
                ready, self._held, self.ended = ready + self._held[:end], "", True
                return ready
            if not found:
                return ready
            at, _, mark = min(found)
            before, self._held = self._held[:at], self._held[at + len(mark) :]
            ends = dict(self._strip)
            if mark in ends:
                ready += before
                self._inside = ends[mark]
            else:
                ready, self.restarted, self._begun = "", True, False

    def _undecided(self) -> int:
        """How many characters at the end may be the beginning of a mark."""
        unfinished = _UNFINISHED.search(self._held)
        longest = len(unfinished.group()) if unfinished else 0
        for mark in self._marks:
            for size in range(min(len(mark) - 1, len(self._held)), longest, -1):
                if mark.startswith(self._held[-size:]):
                    longest = size
                    break
        return longest

    def _end_of_turn(self, ready: str) -> int | None:
        """Where in the held text the turn ends; an end in front of all words is no end."""
        for match in _END.finditer(self._held):
            before = _CONTROL.sub("", _END.sub("", ready + self._held[: match.start()]))
            if self._begun or before.strip():
                return match.start()
        return None

    def _without_control(self, text: str) -> str:
        text = _CONTROL.sub("", _END.sub("", text))
        self._begun = self._begun or bool(text.strip())
        return text


class SentenceCutter:
    """Cuts a stream of text into sentences that will not change any more, footnote marks attached.

    A mark behind a full stop belongs to the sentence before it, unless the text puts its marks in
    front: at the very beginning, or at the beginning of a line with words behind it.
    """

    def __init__(self) -> None:
        self._rest = ""
        self._marks_first: bool | None = None

    def feed(self, text: str) -> list[str]:
        """Sentences that are finished now."""
        self._rest += text
        return self._cut(is_last=False)

    def finish(self) -> list[str]:
        """The sentences that are left at the end."""
        return self._cut(is_last=True)

    def _cut(self, *, is_last: bool) -> list[str]:
        # "Said so.[1] Next" has no white space where the sentence ends.
        self._rest = _RAISED.sub(lambda m: f" [{_plain_digits(m.group(1))}]", self._rest)
        self._rest = re.sub(r"(?<=[.!?”\"])(?=[\[【])", " ", self._rest)
        sentences = []
        while (end := self._first_end(is_last)) is not None:
            sentence, self._rest = self._rest[:end].strip(), self._rest[end:]
            if sentence.strip(" .;,"):
                sentences.append(sentence)
        return sentences

    def _first_end(self, is_last: bool) -> int | None:
        rest = self._rest
        spans = sentence_spans(rest)
        if not spans:
            return None
        start, end = spans[0]
        if self._marks_first is None and (is_last or len(rest) - start > _LONGEST_MARK):
            self._marks_first = _MARK.match(rest[start:]) is not None
        marks = _MARKS.match(rest, end)
        if marks and not self._marks_first and not _opens_line(rest, end, marks.end()):
            end = marks.end()
        if is_last:
            return end
        if self._marks_first is None:
            return None
        # Whether a sentence has ended may hang on the word behind it, and a mark may still come.
        following = rest[end:].lstrip()
        if not re.match(r"\S+\s", following):
            return None
        if following[0] in "[【(" and not re.search(r"[\]】)]", following[:_LONGEST_MARK]):
            return None if len(following) < _LONGEST_MARK else end
        return end


def marked_numbers(sentence: str) -> set[int]:
    """Numbers in the footnote marks of a sentence, ranges written out."""
    numbers: set[int] = set()
    for match in _MARK.finditer(sentence):
        inside = next(group for group in match.groups() if group)
        numbers.update(int(n) for n in re.findall(r"\d+", inside))
        for first, last in _RANGE.findall(inside):
            if 0 < int(last) - int(first) <= _LONGEST_RANGE:
                numbers.update(range(int(first), int(last) + 1))
    return numbers


def plain_sentence(sentence: str) -> str:
    """A sentence without footnote marks and Markdown."""
    return " ".join(_MARKDOWN.sub("", _MARK.sub("", sentence)).split())


def _opens_line(text: str, start: int, end: int) -> bool:
    """Whether the marks `[start, end)` stand at the beginning of a line that goes on with words."""
    gap = text[start:end]
    line_break = "\n" in gap[: len(gap) - len(gap.lstrip())]
    behind = text[end:].split("\n", 1)[0]
    return line_break and any(char.isalnum() for char in behind)


def _plain_digits(raised: str) -> str:
    return "".join(str("⁰¹²³⁴⁵⁶⁷⁸⁹".index(char)) for char in raised)
