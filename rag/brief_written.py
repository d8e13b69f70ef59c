"""Parts of a brief in a capable model's own words: written from the passages they quote, and held to them.

The quoted brief is there first, and is what everything falls back to. The model is given the passages that a
part quotes, numbered. A sentence it writes takes the place of the quotes it is made of if those passages hold
it, and says so where they hold it by half. One that they do not hold, or that cannot be checked, is dropped
and its quotes stay: unlike an answer, a brief has proven words at hand for everything it says. Names, dates,
figures and quotes are not rewritten at all.
"""

import logging
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

from index.library import Library
from models.errors import FootnoteError
from rag.brief import Brief, BriefLine, BriefSection, renumbered
from rag.brief_next import question_part
from rag.brief_parts import Part, statement_part
from rag.citing import Citer
from rag.compose import ComposeReader
from rag.drafts import Draft, Reader
from rag.prompts import BRIEF_TASKS
from rag.settings import Settings

_LOG = logging.getLogger(__name__)
_BUDGET_S = 240.0
_LONGEST_REASON = 200
_QUESTIONS = "next"
# Whose passages questions are made from, besides those they have themselves.
_ASKED_ABOUT = ("sources", "happened")


@dataclass(frozen=True, slots=True)
class BriefDraft:
    """A brief while it is being written; what is not written yet is quoted.

    Attributes:
        step: what is being done, for people.
    """

    brief: Brief
    step: str


def write_brief(
    brief: Brief, library: Library, reader: Reader, *, budget_s: float = _BUDGET_S
) -> Iterator[BriefDraft | Brief]:
    """The brief as it grows, the whole at last; the same brief at once where the reader only extracts.

    Never fails for the model: where that cannot write, breaks off, takes too long or writes nothing that its
    passages hold, the quoted lines stand and the note says so. Closing the iterator stops.

    Args:
        brief: a quoted one.
        library: it was made from.
        reader: of the pipeline.
        budget_s: seconds after which nothing more is written.
    """
    if not isinstance(reader, ComposeReader) or not any(map(_is_writable, brief.sections)):
        yield brief
        return
    began = time.monotonic()
    writing = _Writing(brief, library, reader, began + budget_s)
    problem = ""
    try:
        yield from writing.parts()
    except FootnoteError as error:
        problem = _shortened(str(error))
    except Exception:
        # The brief is made; what was to make it better must not take it away.
        _LOG.exception("%s failed while it wrote a brief", reader.generator)
        problem = "it failed; the log says how"
    spent = (time.monotonic() - began) * 1e3
    note = _note(writing.brief, reader.generator, problem, late=spent >= budget_s * 1e3)
    yield replace(
        writing.brief,
        note=f"{brief.note} {note}".strip(),
        timings_ms={
            **brief.timings_ms,
            "write": spent,
            "total": brief.timings_ms.get("total", 0.0) + spent,
        },
    )


def write_with(
    settings: Settings, library: Library, brief: Brief, *, budget_s: float = _BUDGET_S
) -> Iterator[BriefDraft | Brief]:
    """As `write_brief`, with the reader that the settings name, opened for this brief alone."""
    from rag.readers import build_judge, build_prover, build_reader, reader_kind

    try:
        if reader_kind(settings) != "compose":
            yield brief
            return
        reader = build_reader(settings, library, build_judge(build_prover(settings), library))
    except FootnoteError as error:
        told = f"The model could not be used ({_shortened(str(error))}), so every line is quoted."
        yield replace(brief, note=f"{brief.note} {told}".strip())
        return
    try:
        yield from write_brief(brief, library, reader, budget_s=budget_s)
    finally:
        reader.close()


def _is_writable(section: BriefSection) -> bool:
    return section.key in BRIEF_TASKS


def _shortened(words: str) -> str:
    line = " ".join(words.split()).rstrip(".")
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}…"


def _note(brief: Brief, name: str, problem: str, *, late: bool) -> str:
    """Who wrote it, what is quoted instead, and why."""
    reason = f" ({problem})" if problem else ""
    if not brief.is_written:
        failed = "could not write" if problem else "wrote nothing in time" if late else ""
        words = f"{failed}{reason}" if failed else "wrote nothing that could take a quote's place"
        return f"{name} {words}, so every statement is quoted."
    told = f"Written by {name}, each sentence checked against its passages."
    sections = (s for s in brief.sections if _is_writable(s) and s.key != _QUESTIONS)
    lines = [line for section in sections for line in section.lines]
    n_quoted = sum(line.sentence.kind == "quote" for line in lines)
    if not n_quoted:
        return told
    if problem or late:
        why = f"It broke off{reason}" if problem else "It took too long"
        return f"{told} {why}; what was not written by then is quoted."
    return (
        f"{told} Where none was proven the documents are quoted: {n_quoted} of {len(lines)} lines."
    )


class _Writing:
    """A brief that is being written, part by part.

    Attributes:
        brief: as far as it has come.
    """

    def __init__(
        self, brief: Brief, library: Library, reader: ComposeReader, deadline: float
    ) -> None:
        self.brief = brief
        self._library = library
        self._reader = reader
        self._citer = Citer(library)
        self._deadline = deadline

    def parts(self) -> Iterator[BriefDraft]:
        """Write one part after the other."""
        sections = [section for section in self.brief.sections if _is_writable(section)]
        for nth, section in enumerate(sections, start=1):
            if time.monotonic() >= self._deadline:
                return
            step = f"Writing “{section.heading}”, part {nth} of {len(sections)}"
            yield BriefDraft(self.brief, step)
            lines = yield from self._written(self._part(section), step)
            made = tuple(
                replace(one, lines=lines) if one.key == section.key else one
                for one in self.brief.sections
            )
            self.brief = renumbered(replace(self.brief, sections=made))

    def _part(self, section: BriefSection) -> Part:
        if section.key != _QUESTIONS:
            return statement_part(
                section, self.brief.title, self._library.store, self._reader.judge
            )
        more = [s for key in _ASKED_ABOUT for s in self.brief.sections if s.key == key]
        lines = [line for other in more for line in other.lines]
        return question_part(
            section, lines, self.brief.title, self._library.store, self._reader.judge
        )

    def _written(self, part: Part, step: str) -> Generator[BriefDraft, None, tuple[BriefLine, ...]]:
        """A part's lines; a draft is given out at every word, so that it can be stopped there."""
        draft = BriefDraft(self.brief, step)
        for batch in part.batches(self._reader.fits):
            if time.monotonic() >= self._deadline:
                break
            said = Draft()
            for _ in self._reader.write(
                part.messages(batch),
                [item.numbered for item in batch],
                self._citer,
                said,
                check=part.check,
                asking=part.wants_questions,
                deadline=self._deadline,
            ):
                yield draft
            part.take(said.sentences, batch)
        return part.lines()
