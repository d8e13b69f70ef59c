"""Cutting a text into blocks: lines, with wrapped lines and marked-up elements put together.

Knows what a block's bounds are, not what it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from index.types import Hint, LoadedText, Role, Span

_LINE = re.compile(r"[^\r\n\f\v]+")
_BULLET = re.compile(r"(?:[-*•‣▪◦·–—]|\d{1,3}[.)]|\(?[a-z]\))(?:\s+|$)")
_STARTS_BLOCK = re.compile(r"(?:[-*•‣▪◦·–—>#|]|\d{1,3}[.)])\s|[A-Z][\w .()'-]{0,40}:\s")
_GAP = re.compile(r"\S(?:\s{4,}|\t)\S")
_LONE_MARKS = frozenset("-*•‣▪◦·–—")
_WHOLE = frozenset({"code", "table", "heading", "paragraph", "list item", "title"})
_MAX_WRAP = 200
_MANY_LINES = 400
_CLOSE_LINES = 60
_PACK = 1500
_ENDS = frozenset('.!?…"”’)')
_LABELLED = re.compile(r"[A-Z][\w .'-]{0,30}:\s")
_MIN_WRAPPED = 40
_NO_KINDS: frozenset[str] = frozenset()
_SHORT = 200
_KEY_MARKS = " \t\u00a0-–—*•·›»←→⟶|#>_:…▶►✓~=\"'“”‘’()[]"
_COUNT = re.compile(r"\s*(?:\(\d[\d,.]*\)|\[edit\])$")


@dataclass(slots=True)
class Draft:
    """A block before and while it is labelled. Offsets are within the piece.

    Attributes:
        gap: blank lines in front of it.
        kinds: what the markup says of most of it.
        key: its words for comparing, "" where it is long.
        is_dated: whether it is a date line, once somebody has asked.
    """

    start: int
    end: int
    text: str
    gap: int = 0
    kinds: frozenset[str] = _NO_KINDS
    level: int = 0
    key: str = ""
    role: Role | None = None
    reason: str = ""
    category: str = ""
    speaker: Span | None = None
    section: Span | None = None
    date: Span | None = None
    is_dated: bool | None = None
    n: int = field(init=False)

    def __post_init__(self) -> None:
        self.n = self.end - self.start
        if self.n <= _SHORT:
            self.key = key_of(self.text)

    def label(self, role: Role, reason: str, category: str = "") -> None:
        """Give it its role; the first label stays unless the caller overrides it on purpose."""
        self.role, self.reason, self.category = role, reason, category or self.category


def key_of(text: str) -> str:
    """Words of a short line without case, marks at its ends and a count in brackets."""
    if text[-1:] in ")]":
        text = _COUNT.sub("", text)
    return " ".join(text.split()).strip(_KEY_MARKS).casefold()


def cut(loaded: LoadedText) -> list[Draft]:
    """All blocks of a text in order; together they hold every character but white space."""
    text = loaded.text
    lines = list(_lines(text))
    spans = _whole_spans(loaded.hints)
    wrap = _wrap_width(lines) if not spans or len(spans) * 4 < len(lines) else 0
    if len(lines) > _MANY_LINES and not spans and not wrap:
        lines = list(_packed(lines, text))
    drafts = [
        Draft(start, end, text[start:end], gap)
        for start, end, gap in _joined(lines, text, spans, wrap)
    ]
    _apply_hints(drafts, loaded.hints)
    return drafts


_Line = tuple[int, int, str, int]


def _lines(text: str) -> Iterator[_Line]:
    """Start, end, words and blank lines before, of each line that is not blank."""
    last = 0
    for match in _LINE.finditer(text):
        line = match.group()
        words = line.strip()
        if not words:
            continue
        start = match.start() + (len(line) - len(line.lstrip()))
        breaks = text.count("\n", last, start) or text.count("\r", last, start)
        yield start, start + len(words), words, max(0, breaks - 1) if last else 0
        last = start + len(words)


def _packed(lines: list[_Line], text: str) -> Iterator[_Line]:
    """Tables, logs and lists of many close lines that are no sentences, packed into larger blocks.

    A reader takes no such line for a paragraph, and a hundred thousand blocks would help nobody.
    """
    i = 0
    while i < len(lines):
        j = i + 1
        while j < len(lines) and lines[j][3] == 0:
            j += 1
        run = lines[i:j]
        i = j
        n_prose = sum(end - start > _MAX_WRAP or words[-1] in _ENDS for start, end, words, _ in run)
        n_labelled = sum(
            _LABELLED.match(words) is not None for _, _, words, _ in run[:_CLOSE_LINES]
        )
        if len(run) < _CLOSE_LINES or n_prose * 3 > len(run) or n_labelled * 4 > _CLOSE_LINES:
            yield from run
            continue
        first = run[0]
        for line in run:
            if line[1] - first[0] > _PACK:
                yield first
                first = line
            else:
                first = (first[0], line[1], first[2] if first is line else "\n", first[3])
        yield first


def _whole_spans(hints: tuple[Hint, ...]) -> list[tuple[int, int]]:
    """Elements that are one block each: those that hold no other such element."""
    marked = [h for h in hints if h.kind in _WHOLE and h.end > h.start]
    return [
        (hint.start, hint.end)
        for i, hint in enumerate(marked)
        if i + 1 == len(marked) or marked[i + 1].start >= hint.end
    ]


def _wrap_width(lines: list[_Line]) -> int:
    """The width at which this text was wrapped by hand or program, or 0 where it was not."""
    n_pairs, widths = 0, []
    for above, below in pairwise(lines):
        if below[3] == 0 and _MIN_WRAPPED <= above[1] - above[0] <= _MAX_WRAP:
            n_pairs += 1
            if below[2][0].islower():
                widths.append(above[1] - above[0])
    share = len(widths) / n_pairs if n_pairs else 0.0
    if not (len(widths) >= 3 and share >= 0.25) and not (widths and share >= 0.6):
        return 0
    return sorted(widths)[int(0.95 * (len(widths) - 1))]


def _joined(
    lines: list[_Line], text: str, spans: list[tuple[int, int]], wrap: int
) -> Iterator[tuple[int, int, int]]:
    """Start, end and gap of each block."""
    span = 0
    current: tuple[int, int, int] | None = None
    last = ""
    for start, end, words, gap in lines:
        while span < len(spans) and spans[span][1] <= start:
            span += 1
        inside = span < len(spans) and spans[span][0] <= start
        if current is not None:
            same_element = inside and spans[span][0] <= current[0]
            free = not inside and (span == 0 or spans[span - 1][1] <= current[0])
            if same_element or (free and gap == 0 and _goes_on(last, words, wrap)):
                current, last = (current[0], end, current[2]), words
                continue
            yield current
        current, last = (start, end, gap), words
    if current is not None:
        yield current


def _goes_on(above: str, below: str, wrap: int) -> bool:
    """Whether a line is the rest of the one above it."""
    if above in _LONE_MARKS:
        return below not in _LONE_MARKS
    if not wrap or _STARTS_BLOCK.match(below):
        return False
    if len(above) > _MAX_WRAP or len(above) < wrap // 2:
        return False
    if (above.isupper() and not below.isupper()) or _GAP.search(above):
        return False  # a heading, or a line set in columns
    first_word = below.split(None, 1)[0]
    return below[0].islower() or len(above) + 1 + len(first_word) > wrap


def _apply_hints(drafts: list[Draft], hints: tuple[Hint, ...]) -> None:
    """Give each draft the kinds of the hints that cover most of it."""
    pending = [hint for hint in hints if hint.end > hint.start]
    active: list[Hint] = []
    i = 0
    for draft in drafts:
        while i < len(pending) and pending[i].start < draft.end:
            active.append(pending[i])
            i += 1
        if not active:
            continue
        active = [hint for hint in active if hint.end > draft.start]
        covering = [
            hint
            for hint in active
            if min(hint.end, draft.end) - max(hint.start, draft.start) >= 0.6 * draft.n
        ]
        if covering:
            draft.kinds = frozenset(hint.kind for hint in covering)
            draft.level = max((h.level for h in covering if h.kind == "heading"), default=0)


def is_bulleted(text: str) -> bool:
    """Whether a block begins with a list mark or number."""
    return _BULLET.match(text) is not None
