"""Briefs: what a document, or a library on a topic, says, in quoted or written lines with their footnotes.

Only the shape, and JSON out of it and back; `rag.brief_document` and `rag.brief_topic` make them, and
`rag.brief_written` writes some of their parts with a capable model.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from rag.errors import AnswerFileError
from rag.types import Answer, Citation, Sentence
from rag.verifying import read_sentence

BriefKind = Literal["document", "topic"]
BriefStatus = Literal["found", "refused"]
Length = Literal["short", "normal", "long"]
LENGTHS: tuple[Length, ...] = get_args(Length)
VERSION = 1
BRIEF = "brief"
"""What stands for the reader where a brief is held against the documents as an answer is."""


@dataclass(frozen=True, slots=True)
class BriefLine:
    """One line of a brief.

    Attributes:
        label: what stands before it: a heading, a name, a date, "" for nothing. Lines with one label after
            the other belong together.
        sentence: words of a document with their footnote; of kind "written" where a model wrote it and its
            passages hold it, wholly or partly, or where it is a question that its footnotes answer.
    """

    label: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class BriefSection:
    """A part of a brief; one that would be empty is not there.

    Attributes:
        key: which part it is, for programs: "takeaways", "chapters", "names", ...
        heading: the same for people.
        lines: at least one.
    """

    key: str
    heading: str
    lines: tuple[BriefLine, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief of a document or a topic.

    Attributes:
        title: the document's title, or the topic.
        subject: the document's path, or the topic as it was searched for.
        status: "refused" where nothing comes near the topic; its sections then name what is nearest.
        note: how much was looked at, where that is not everything; what is missing, where it is refused;
            who wrote it, where a model did.
        n_documents: how many documents it quotes.
    """

    title: str
    subject: str
    kind: BriefKind
    status: BriefStatus
    sections: tuple[BriefSection, ...]
    note: str = ""
    n_documents: int = 0
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    version: int = VERSION

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Those of all lines, in order."""
        return tuple(line.sentence for section in self.sections for line in section.lines)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The footnotes by number, each once."""
        known = {c.n: c for sentence in self.sentences for c in sentence.citations}
        return tuple(known[n] for n in sorted(known))

    @property
    def is_written(self) -> bool:
        """Whether a model wrote some of its lines."""
        return any(s.kind == "written" and not s.claims_nothing for s in self.sentences)


def renumbered(brief: Brief) -> Brief:
    """With its footnotes numbered in the order in which they come; the same words get the same number."""
    numbers: dict[tuple[str, int, int], int] = {}

    def number(line: BriefLine) -> BriefLine:
        cited = tuple(
            replace(c, n=numbers.setdefault((c.document, c.start, c.end), len(numbers) + 1))
            for c in line.sentence.citations
        )
        return replace(line, sentence=replace(line.sentence, citations=cited))

    sections = tuple(replace(s, lines=tuple(map(number, s.lines))) for s in brief.sections)
    return replace(brief, sections=sections)


def as_answer(brief: Brief) -> Answer:
    """A brief as the answer it is, to be held against the documents like any other (`rag.verifying`)."""
    return Answer(
        question=brief.title,
        standalone_question="",
        status="answered" if brief.status == "found" else "refused",
        short_answer=None,
        confidence=1.0,
        sentences=brief.sentences,
        passages=(),
        reader=BRIEF,
        generator="",
        embedder="",
        note=brief.note,
    )


def brief_json(brief: Brief) -> dict[str, Any]:
    """The brief as plain data for `json.dumps`."""
    return {
        "version": brief.version,
        "title": brief.title,
        "subject": brief.subject,
        "kind": brief.kind,
        "status": brief.status,
        "sections": [dataclasses.asdict(section) for section in brief.sections],
        "note": brief.note,
        "n_documents": brief.n_documents,
        "timings_ms": {name: round(value, 1) for name, value in brief.timings_ms.items()},
    }


def read_brief(data: Mapping[str, Any]) -> Brief:
    """The brief of `brief_json`.

    Raises:
        AnswerFileError: it is none, or one of a newer version.
    """
    try:
        if data["version"] != VERSION:
            raise ValueError(f"version {data['version']!r}, not {VERSION}")
        if data["kind"] not in get_args(BriefKind) or data["status"] not in get_args(BriefStatus):
            raise ValueError(f"a brief of kind {data['kind']!r}, {data['status']!r}")
        return Brief(
            title=str(data["title"]),
            subject=str(data["subject"]),
            kind=data["kind"],
            status=data["status"],
            sections=tuple(_section(section) for section in data["sections"]),
            note=str(data["note"]),
            n_documents=int(data["n_documents"]),
            timings_ms={str(name): float(ms) for name, ms in data["timings_ms"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnswerFileError(
            f"This is no brief of Footnote: {error!r}. Make one: footnote brief DOCUMENT --json > FILE"
        ) from error


def _section(data: Mapping[str, Any]) -> BriefSection:
    lines = tuple(
        BriefLine(str(line["label"]), read_sentence(line["sentence"])) for line in data["lines"]
    )
    return BriefSection(str(data["key"]), str(data["heading"]), lines)
