"""What the reading column shows."""

from dataclasses import dataclass
from typing import Any

from rag.types import Citation, PassageUse


@dataclass(frozen=True, slots=True)
class Opened:
    """What the reading column shows: a stretch of a document, and why.

    Attributes:
        label: "Footnote 2" or "Passage 1".
        quote: the words when the answer was given; they show whether the document has changed.
        whole: more than the surroundings was asked for.
    """

    label: str
    document: str
    path: str
    title: str
    start: int
    end: int
    quote: str
    section: str | None
    speaker: str | None
    date: str | None
    role: str
    locator: dict[str, Any] | None = None
    sha256: str = ""
    whole: bool = False


def opened_citation(citation: Citation) -> Opened:
    """The words that a footnote cites."""
    return Opened(
        label=f"Footnote {citation.n}",
        document=citation.document,
        path=citation.path,
        title=citation.title,
        start=citation.start,
        end=citation.end,
        quote=citation.quote,
        section=citation.section,
        speaker=citation.speaker,
        date=citation.date,
        role=citation.role,
        locator=citation.locator,
        sha256=citation.sha256,
    )


def opened_passage(passage: PassageUse) -> Opened:
    """A passage that was considered."""
    return Opened(
        label=f"Passage {passage.n}",
        document=passage.document,
        path=passage.path,
        title=passage.title,
        start=passage.start,
        end=passage.end,
        quote=passage.text,
        section=passage.section,
        speaker=passage.speaker,
        date=passage.date,
        role=passage.role,
    )
