"""What the analysis of a large text's next piece must know of the pieces before it."""

from dataclasses import dataclass

from index.types import Analysis, Role, Span


@dataclass(frozen=True, slots=True)
class Carry:
    """The state at the end of a piece.

    Attributes:
        title: the document's title, so that later pieces look for none.
        date: its date, and `date_iso` the same in figures.
        section: the heading that still holds.
        speaker: who was speaking.
        labels: names that introduced a turn so far.
        in_comments: whether the piece ended among readers' comments.
    """

    title: Span | None = None
    date: Span | None = None
    date_iso: str | None = None
    section: Span | None = None
    speaker: Span | None = None
    labels: frozenset[str] = frozenset()
    in_comments: bool = False


def carry_after(analysis: Analysis, earlier: Carry | None = None) -> Carry:
    """The state after a piece, to be given to `analyse` with the next one."""
    before = earlier or Carry()
    last = analysis.blocks[-1] if analysis.blocks else None
    turns = {
        block.speaker.text
        for block in analysis.blocks
        if block.speaker and block.role is Role.SPEAKER
    }
    goes_on = last is not None and last.role is Role.SPEAKER
    sections = [b.section for b in analysis.blocks if b.section is not None]
    return Carry(
        title=before.title or analysis.title,
        date=before.date or analysis.date,
        date_iso=before.date_iso or analysis.date_iso,
        section=sections[-1] if sections else before.section,
        speaker=last.speaker if last is not None and goes_on else None,
        labels=before.labels | turns,
        in_comments=last is not None and last.role is Role.COMMENT,
    )
