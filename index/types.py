"""The nouns of the library: documents, blocks, passages, hits.

Every offset is a character (code point) offset into the document's text, `start` included, `end`
excluded, so that `text[start:end]` gives the words back.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from models.protocols import Judgement


class Role(StrEnum):
    """What a block is to its document."""

    BODY = "body"
    HEADING = "heading"
    SPEAKER = "speaker turn"
    SUMMARY = "summary"
    CORRECTION = "correction"
    COMMENT = "comment"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a document's text with the words it holds."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Locator:
    """Where a stretch of text stands in the original file. Unknown parts are None.

    Attributes:
        page: page of a PDF, from 1.
        box: left, bottom, right, top in PDF points on that page.
        line: line of a text, Markdown or HTML source, from 1.
        paragraph: paragraph of a DOCX body, from 1.
        table: table of a DOCX body, from 1.
    """

    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    line: int | None = None
    paragraph: int | None = None
    table: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The parts that are known."""
        parts = {
            "page": self.page,
            "box": list(self.box) if self.box else None,
            "line": self.line,
            "paragraph": self.paragraph,
            "table": self.table,
        }
        return {name: value for name, value in parts.items() if value is not None}


@dataclass(frozen=True, slots=True)
class SourceRange:
    """Text `[start, end)` of the document came from `locator` of the file."""

    start: int
    end: int
    locator: Locator


@dataclass(frozen=True, slots=True)
class Hint:
    """What the file's own markup says about a stretch of text.

    Attributes:
        kind: "heading", "title", "date", "author", "list item", "table", "quote", "code",
            "navigation", "header", "footer", "aside", "dialog", "comment", "paragraph", "hidden".
        level: heading level from 1, else 0.
        value: machine-readable value where the markup gives one (`<time datetime=...>`).
    """

    start: int
    end: int
    kind: str
    level: int = 0
    value: str | None = None


@dataclass(frozen=True, slots=True)
class LoadedText:
    """A file's visible text, whole, with where it came from and what its markup says.

    A very large plain text comes in several of these; `start` is then the offset of this piece.
    """

    text: str
    sources: tuple[SourceRange, ...] = ()
    hints: tuple[Hint, ...] = ()
    start: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A labelled stretch of a document.

    Attributes:
        role: its label.
        level: heading level from 1, else 0.
        speaker: who speaks, with the span the name was read from (it may stand in an earlier block).
        section: the heading it stands under.
        date: the date that holds for this block where it differs from the document's.
        reason: why the analyser chose the label, in a few words.
    """

    start: int
    end: int
    role: Role
    level: int = 0
    speaker: Span | None = None
    section: Span | None = None
    date: Span | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the structure analyser found in a text. Blocks are in order and do not overlap.

    Attributes:
        blocks: every character that is not white space lies in exactly one of them.
        title: the title, with the span it was read from.
        date: the date of publication as it stands in the text.
        date_iso: the same as YYYY-MM-DD, YYYY-MM or YYYY.
        speakers: each speaker or author once, with the first span that names them.
    """

    blocks: tuple[Block, ...]
    title: Span | None = None
    date: Span | None = None
    date_iso: str | None = None
    speakers: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A file in the library.

    Attributes:
        id: stable over re-adding and renaming.
        path: where the file was last seen.
        title: the title, or the file's name where none was found.
        sha256: of the file's bytes.
        n_chars: length of its text.
        date: date of publication as YYYY-MM-DD, YYYY-MM or YYYY.
        date_span: where the date was read from; metadata answers cite it.
        title_span: where the title was read from.
        status: "complete", or "partial" while a large file is still being read.
    """

    id: int
    path: str
    title: str
    sha256: str
    n_chars: int
    date: str | None = None
    date_span: tuple[int, int] | None = None
    title_span: tuple[int, int] | None = None
    status: str = "complete"


@dataclass(frozen=True, slots=True)
class Passage:
    """The one reading unit: embedded, retrieved, read and cited.

    Attributes:
        id: row in the store.
        document_id: the document it stands in.
        start: first character in the document's text.
        end: one past the last.
        text: `document_text[start:end]`, never altered.
        breadcrumb: title, section, speaker and date in one line; embedded and read with the text.
        role: label of its blocks.
        n_tokens: breadcrumb and text in the embedder's own tokens, special tokens included.
    """

    id: int
    document_id: int
    start: int
    end: int
    text: str
    breadcrumb: str
    role: Role
    section: str | None = None
    speaker: str | None = None
    speaker_span: tuple[int, int] | None = None
    date: str | None = None
    n_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question.

    Attributes:
        score: higher is better; comparable only within one `source`.
        rank: from 1.
        source: "dense", "lexical" or "fused".
        similarity: cosine of question and passage where known, -1..1.
        duplicates: passages that say nearly the same and were folded into this one.
        opinion: what the prover makes of question and passage; its span counts in the passage's
            text. None where no prover read it.
    """

    passage: Passage
    score: float
    rank: int
    source: str
    similarity: float | None = None
    duplicates: tuple[Passage, ...] = field(default=())
    opinion: Judgement | None = None
