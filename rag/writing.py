"""Cuts what a model writes into sentences, and knows which of them say nothing.

Works on a stream: a sentence is given out when nothing that may still come can change it. Knows no
documents.
"""

import re

from index.sentences import sentence_spans
from rag.marks import LONGEST_MARK, leading_marks, stop_behind_mark

# A mark behind these has no white space in front, which a sentence's end needs.
_GLUED = re.compile(r"(?<=[.!?”\"])(?=[\[【［^¹²³⁰⁴-⁹]|\(\d{1,2}\)|<sup>|\\\[)")
_MARK_BEGINS = "[【［(（{<\\^¹²³⁰⁴⁵⁶⁷⁸⁹*"
_CLOSES = {"[": r"\]", "【": "】", "［": "］", "(": r"\)", "（": "）", "{": r"\}", "<": ">"}
_FIRST_UNSPACED = "\u2e80"  # from here on: Chinese, Japanese, Korean
_DECIDES_FRONT = 40
# A list of sources is no part of the prose, and nothing but such lists follows it.
_SOURCES = re.compile(
    r"^[\s*_#>-]*(?:(?:cited |used )?(?:sources|references|citations|footnotes|bibliography)(?: used| "
    r"cited)?|quellen(?:angaben?)?|fuentes|références|fonti|bronnen|источники|参考文献|参考资料|来源|出典|"
    r"المصادر)[\s*_]*(?:[:：]|$)",
    re.I,
)
_SOURCE_FOLLOWS = re.compile(r"(?:sources?|quelle|passages?)\b[^.;\n]*\Z", re.I)
_NOTE = re.compile(r"^\s*\[\^?\d{1,2}\]:")
_HEADING = re.compile(r"^\s*(?:#{1,6}\s|(?:\*\*|__)[^*_]+:?(?:\*\*|__):?\s*$)|^\s*`{3}|^\s*~{3}")
_TABLE_RULE = re.compile(r"^\s*\|?[\s:|-]*-{2,}[\s:|-]*$")
_LONGEST_LOOP = 160
_LOOPED = 60
# Longer than any sentence that a reader could check.
LONGEST_SENTENCE = 1_200


class SentenceCutter:
    """Cuts a stream of text into sentences that will not change any more, footnote marks attached.

    A mark behind a full stop belongs to the sentence before it, unless the text puts its marks in
    front: at the very beginning, or at the beginning of a line with words behind it.
    """

    def __init__(self) -> None:
        self._rest = ""
        self._marks_first: bool | None = None

    @property
    def unfinished(self) -> str:
        """What has not become a sentence yet."""
        return self._rest.strip()

    def feed(self, text: str) -> list[str]:
        """Sentences that are finished now."""
        self._rest += text
        return self._cut(is_last=False)

    def finish(self) -> list[str]:
        """The sentences that are left at the end."""
        return self._cut(is_last=True)

    def _cut(self, *, is_last: bool) -> list[str]:
        self._rest = _GLUED.sub(" ", self._rest)
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
        # Models go on in small letters behind a mark; documents do not.
        end = stop_behind_mark(rest, start, end) or end
        if self._marks_first is None and (is_last or len(rest) - start > _DECIDES_FRONT):
            self._marks_first = leading_marks(rest, start) > start
        marks = _marks_behind(rest, end)
        if marks > end and not self._marks_first and not _opens_line(rest, end, marks):
            end = marks
        if is_last:
            return end
        if self._marks_first is None:
            return None
        return end if _is_settled(rest, end) else None


def _marks_behind(text: str, end: int) -> int:
    """Where the marks behind a sentence end, with the stop behind them; `end` if there are none."""
    marks = leading_marks(text, end)
    if marks == end:
        return end
    stop = re.compile(r"(?:\*\*)?[.;,。]*").match(text, marks)
    return stop.end() if stop else marks


def _is_settled(text: str, end: int) -> bool:
    """Whether what follows shows that the sentence has ended there, all its marks with it."""
    following = text[end:].lstrip()
    # Whose the marks are that stand here already may depend on what comes behind them.
    behind = following[leading_marks(following) :].lstrip()
    if not behind:
        return False
    if behind[0] in _MARK_BEGINS:
        # The beginning of a mark, as far as can be seen.
        closer = _CLOSES.get(behind[0], r"\s\S")
        if len(behind) < LONGEST_MARK and not re.search(closer, behind):
            return False
    if len(following) < LONGEST_MARK and _SOURCE_FOLLOWS.match(following):
        return False
    if behind[0] >= _FIRST_UNSPACED:
        return True
    # Whether a sentence has ended may hang on the word behind it.
    return re.match(r"[\W_]*\w\S*\s", following) is not None


def is_source_list(sentence: str) -> bool:
    """Whether a list of sources begins here, after which no prose comes."""
    return _SOURCES.match(sentence) is not None


def says_nothing(sentence: str, *, asking: bool = False) -> bool:
    """Whether it is a heading, a fence of code, a note, a table's rule, "As follows:", or a question.

    Args:
        sentence: with its marks.
        asking: questions were wanted, and say something.
    """
    return (
        _HEADING.match(sentence) is not None
        or _NOTE.match(sentence) is not None
        or _TABLE_RULE.match(sentence) is not None
        or sentence.rstrip("* ").endswith((":", "："))
        or (not asking and asks(sentence))
    )


def asks(sentence: str) -> bool:
    """Whether a sentence, no marks behind it, is a question, which claims nothing."""
    return sentence.rstrip("* ").endswith(("?", "？", "؟"))


def is_row(sentence: str) -> bool:
    """Whether it is a row of a table."""
    return sentence.lstrip().startswith("|")


def is_looping(text: str) -> bool:
    """Whether the text ends in the same words again and again: such a model stops for nothing."""
    tail = text[-4 * _LONGEST_LOOP :]
    for period in range(1, min(_LONGEST_LOOP, len(tail) // 4) + 1):
        unit = tail[-period:]
        times = max(4, -(-_LOOPED // period))
        if any(char.isalnum() for char in unit) and tail.endswith(unit * times):
            return True
    return False


def ends_well(sentence: str) -> bool:
    """Whether a text ends as a sentence does, marks and closing quotes behind it included."""
    bare = re.sub(r"[\s\"'”’»)\]】］）*`]+\Z", "", sentence)
    return bare.endswith((".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।")) or bare != sentence


def _opens_line(text: str, start: int, end: int) -> bool:
    """Whether the marks `[start, end)` stand at the beginning of a line that goes on with words."""
    gap = text[start:end]
    line_break = "\n" in gap[: len(gap) - len(gap.lstrip())]
    behind = text[end:].split("\n", 1)[0]
    return line_break and (behind.startswith(":") or any(char.isalnum() for char in behind))
