"""Cuts analysed text into passages: the one unit that is embedded, retrieved, read and cited.

Passages do not overlap, never leave their speaker or section, begin and end at sentences, and
breadcrumb and text together fit into what the embedder reads (architecture, decision 4). Every
character that is not white space lies in exactly one passage.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.sentences import sentence_spans
from index.types import Analysis, Block, Document, Passage, Role

CountTokens = Callable[[Sequence[str]], list[int]]

_BREADCRUMB_PART_CHARS = 90
_BREADCRUMB_SHARE = 0.4
SEPARATOR = " › "


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence (or a piece of one too long) with its token count, special tokens left out."""

    start: int
    end: int
    n_tokens: int
    starts_block: bool


class Splitter:
    """Makes passages of analysed text.

    Args:
        count_tokens: counts by the embedder's own tokenizer, special tokens included.
        max_tokens: what the embedder reads at most, breadcrumb and special tokens included.
        target_tokens: a passage is closed at the next paragraph once it holds this many.
    """

    def __init__(
        self, count_tokens: CountTokens, *, max_tokens: int, target_tokens: int = 160
    ) -> None:
        self._count = count_tokens
        self._max_tokens = max_tokens
        self._n_special = count_tokens([""])[0]
        self._target = min(target_tokens, max_tokens - self._n_special)

    def split(
        self, text: str, analysis: Analysis, document: Document, *, offset: int = 0
    ) -> list[Passage]:
        """Passages of `text`, in order.

        Args:
            text: the text of one piece of the document.
            analysis: its structure, offsets in the document.
            document: gives title and date for the breadcrumb; its `id` is taken over.
            offset: document offset of the first character of `text`.

        Returns:
            Passages with `id` 0; the store gives them theirs.
        """
        passages: list[Passage] = []
        for group in _groups(analysis.blocks):
            lead = next((b for b in group if b.role is not Role.HEADING), group[0])
            crumb = self._fit(breadcrumb(document, lead))
            room = self._max_tokens - self._count([crumb + "\n"])[0]
            units = self._units(text, group, offset, room)
            for start, end in _pack(units, room, min(self._target, room)):
                passages.extend(self._passages(text, offset, start, end, lead, crumb, document))
        return passages

    def _passages(
        self,
        text: str,
        offset: int,
        start: int,
        end: int,
        lead: Block,
        crumb: str,
        document: Document,
    ) -> Iterator[Passage]:
        """One passage, or two halves where the tokenizer counts more for the whole than the parts."""
        words = text[start - offset : end - offset]
        n_tokens = self._count([embedded_text(crumb, words)])[0]
        if n_tokens > self._max_tokens and end - start > 1:
            middle = _cut_near(words, len(words) // 2)
            for left, right in ((0, middle), (middle, len(words))):
                a, b = _trim(words, left, right)
                if a < b:
                    yield from self._passages(
                        text, offset, start + a, start + b, lead, crumb, document
                    )
            return
        yield Passage(
            id=0,
            document_id=document.id,
            start=start,
            end=end,
            text=words,
            breadcrumb=crumb,
            role=lead.role,
            section=lead.section.text if lead.section else None,
            speaker=lead.speaker.text if lead.speaker else None,
            speaker_span=(lead.speaker.start, lead.speaker.end) if lead.speaker else None,
            date=lead.date.text if lead.date else document.date,
            n_tokens=n_tokens,
        )

    def _fit(self, crumb: str) -> str:
        """The breadcrumb, shortened from its end until it leaves most of the room to the text."""
        limit = int(self._max_tokens * _BREADCRUMB_SHARE)
        while crumb and self._count([crumb])[0] > limit:
            crumb = crumb[: max(0, len(crumb) * 3 // 4)].rstrip()
        return crumb

    def _units(self, text: str, group: Sequence[Block], offset: int, room: int) -> list[_Unit]:
        spans: list[tuple[int, int, bool]] = []
        for block in group:
            first = True
            for a, b in sentence_spans(text, start=block.start - offset, end=block.end - offset):
                spans.append((a, b, first))
                first = False
        counts = self._count([text[a:b] for a, b, _ in spans]) if spans else []
        units: list[_Unit] = []
        for (a, b, first), count in zip(spans, counts, strict=True):
            n_tokens = count - self._n_special
            if n_tokens <= room:
                units.append(_Unit(a + offset, b + offset, n_tokens, first))
                continue
            for left, right, n in self._cut(text, a, b, room):
                units.append(_Unit(left + offset, right + offset, n, first))
                first = False
        return units

    def _cut(self, text: str, start: int, end: int, room: int) -> Iterator[tuple[int, int, int]]:
        """Pieces of a sentence that is longer than the room, cut at white space where there is any."""
        while start < end:
            guess = min(end, start + room * 3)
            while True:
                cut = guess if guess == end else start + _cut_near(text[start:guess], guess - start)
                n_tokens = self._count([text[start:cut]])[0] - self._n_special
                if n_tokens <= room or cut - start <= 1:
                    break
                guess = start + max(1, (cut - start) * 2 // 3)
            left, right = _trim(text, start, cut)
            if left < right:
                yield left, right, n_tokens
            start = cut


def breadcrumb(document: Document, block: Block) -> str:
    """Title, section, speaker and date in one line, each only where known and not said twice."""
    parts = [document.title]
    if block.section and block.section.text.strip() != document.title.strip():
        parts.append(block.section.text)
    if block.speaker:
        parts.append(block.speaker.text)
    date = block.date.text if block.date else document.date
    if date:
        parts.append(date)
    if block.role not in (Role.BODY, Role.HEADING, Role.SPEAKER):
        parts.append(block.role.value)
    return SEPARATOR.join(" ".join(part.split())[:_BREADCRUMB_PART_CHARS] for part in parts if part)


def embedded_text(crumb: str, words: str) -> str:
    """What the embedder reads for a passage: breadcrumb, line break, the passage as it stands."""
    return f"{crumb}\n{words}" if crumb else words


def _groups(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Runs of blocks that may share a passage: same role, section, speaker and date.

    Headings open the run that follows them; a heading with nothing under it stands alone.
    """
    group: list[Block] = []
    key: tuple[object, ...] | None = None
    for block in blocks:
        this = None if block.role is Role.HEADING else _key(block)
        starts_run = this is None and key is not None
        differs = this is not None and key is not None and this != key
        if group and (starts_run or differs):
            yield group
            group, key = [], None
        group.append(block)
        key = this if this is not None else key
    if group:
        yield group


def _key(block: Block) -> tuple[object, ...]:
    return (
        block.role,
        block.section.start if block.section else None,
        block.speaker.text if block.speaker else None,
        block.date.text if block.date else None,
    )


def _pack(units: Sequence[_Unit], room: int, target: int) -> Iterator[tuple[int, int]]:
    """Spans of consecutive units that fit the room.

    Closes at the first paragraph border past the target; within a long paragraph, before the
    sentence that would pass the target, unless hardly anything is left to say.
    """
    first = 0
    total = 0
    for i, unit in enumerate(units):
        if i > first:
            rest = sum(u.n_tokens for u in units[i : i + 3])
            too_long = total + unit.n_tokens > room
            past_target = total + unit.n_tokens > target and not (
                len(units) - i <= 2 and total + rest <= room
            )
            paragraph_end = unit.starts_block and total * 4 >= target * 3
            if too_long or past_target or paragraph_end:
                yield units[first].start, units[i - 1].end
                first, total = i, 0
        total += unit.n_tokens
    if first < len(units):
        yield units[first].start, units[-1].end


def _cut_near(words: str, position: int) -> int:
    """The last white space before `position` in the second half of `words`, else `position`."""
    cut = max(words.rfind(mark, position // 2, position) for mark in (" ", "\n", "\t"))
    return cut + 1 if cut > 0 else max(1, position)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
