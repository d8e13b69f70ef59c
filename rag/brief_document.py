"""A brief of one document: what it says, by chapter, whom and what it names, when, what it leaves open.

Every line is a sentence as it stands in the document, with a footnote; nothing is written. What there is
nothing of is left out.
"""

import re
import time
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from index.library import Library
from index.types import Document, Role
from rag.brief import Brief, BriefLine, BriefSection, Length
from rag.brief_asking import answered_questions, open_questions
from rag.brief_attribution import who_says
from rag.brief_choosing import Chooser
from rag.brief_elsewhere import elsewhere
from rag.brief_kinds import NameKind
from rag.brief_material import Material, read_material
from rag.brief_particulars import date_lines, figure_lines, name_lines, quote_lines
from rag.brief_ranking import choose
from rag.brief_sentences import (
    Told,
    first_of_each,
    is_content,
    is_whole,
    leans,
    normal_words,
    whole_blocks,
)
from rag.errors import BriefError

_SIZES: dict[Length, int] = {"short": 0, "normal": 1, "long": 2}
_TAKEAWAYS = (3, 5, 8)
_CHAPTERS = (6, 12, 30)
_NAMES = (5, 9, 16)
_FACTS = (4, 7, 14)
_QUOTES = (3, 5, 8)
_QUESTIONS = (3, 5, 10)
_CORRECTIONS = (2, 3, 6)
_COMMENTS = (0, 0, 3)
_SPEAKERS = 8
_LONGEST_BLOCK = 600
# Salience of a takeaway, and of one where there are too few.
_GOOD, _POOR = -0.5, -1.0
_LEANING = 3.0
# Sections that are no chapter of what a document says.
_SIDE = re.compile(
    r"^\W*(?:\d[\d.]*\s+)?(?:changes to|change ?log|about (?:us|the|this)|related|references|bibliography|"
    r"further reading|recommended|acknowledge?ments?|imprint|footnotes|contents|comments|erratum|contact)\b",
    re.I,
)
# A document of so few sentences is its own brief.
_FEW = 6


def brief_document(library: Library, document: Document, length: Length = "normal") -> Brief:
    """The brief of a document, quoted.

    Raises:
        BriefError: it holds no text to quote.
    """
    started = time.perf_counter()
    with library.store.snapshot():
        material = read_material(library, document)
        read = time.perf_counter()
        if not material.sentences:
            raise BriefError(
                f"{document.path} holds no words to quote, so there is no brief of it. "
                "See what was read: footnote status"
            )
        sections = _Telling(library, material, _SIZES[length]).sections()
    done = time.perf_counter()
    return Brief(
        title=document.title,
        subject=document.path,
        kind="document",
        status="found",
        sections=tuple(sections),
        note=_note(material),
        n_documents=1,
        timings_ms={
            "read": (read - started) * 1e3,
            "choose": (done - read) * 1e3,
            "total": (done - started) * 1e3,
        },
    )


def _note(material: Material) -> str:
    parts = []
    if material.n_looked_at < material.n_passages:
        parts.append(
            f"The document is long: {material.n_looked_at:,} of its {material.n_passages:,} passages were "
            "looked at, from the beginning to the end; names are counted in those."
        )
    if not any(is_content(told) for told in material.sentences):
        parts.append("Nothing but menus, headings, notices or comments was found in it.")
    if material.document.status != "complete":
        parts.append("The document is still being added; this is a brief of what is there.")
    return " ".join(parts)


class _Telling:
    """Chooses the lines. What one part has quoted, the next ones quote only where they must."""

    def __init__(self, library: Library, material: Material, size: int) -> None:
        self._library = library
        self._store = library.store
        self._material = material
        self._size = size
        self._chooser = Chooser(library, material.salience_at)
        self._who = [name for name, *_ in self._speakers()]

    def sections(self) -> list[BriefSection]:
        """All parts that have lines, in order."""
        parts: list[tuple[str, str, Callable[[], Sequence[BriefLine]]]] = [
            ("about", "About this document", self._about),
            ("takeaways", "Key takeaways", self._takeaways),
            ("corrections", "Corrections", self._corrections),
        ]
        if len(self._material.ranked) >= _FEW:
            parts += [
                ("chapters", "Chapters", self._chapters),
                ("people", "People", lambda: self._named.get("person", ())),
                ("organisations", "Organisations", lambda: self._named.get("organisation", ())),
                ("names", "Others that are named", lambda: self._named.get("other", ())),
                ("dates", "Dates", self._dates),
                ("figures", "Figures", self._figures),
                ("quotes", "Quotes", self._quotes),
            ]
        parts += [
            ("open", "Open questions", self._open),
            ("asked", "Questions it takes up", self._asked),
            ("comments", "From the readers' comments", self._comments),
        ]
        made = [(key, heading, tuple(lines())) for key, heading, lines in parts]
        return [BriefSection(*one) for one in made if one[2]]

    # -- the head -----------------------------------------------------------------------------

    def _about(self) -> list[BriefLine]:
        document = self._material.document
        speakers = self._speakers()
        named = "Speaker" if len(speakers) == 1 else "Speakers"
        spans = [("Title", document.title_span), ("Date", document.date_span)]
        spans += [(named, (start, end)) for _, start, end in speakers[:_SPEAKERS]]
        lines = [self._chooser.place(name, document.id, *span) for name, span in spans if span]
        return [line for line in lines if line.sentence.text]

    def _speakers(self) -> list[tuple[str, int, int]]:
        """Each once; those who are only "Q" and "A" are none."""
        known: dict[str, tuple[str, int, int]] = {}
        for name, start, end in self._store.speakers(self._material.document.id):
            if len(name.strip()) > 1:
                known.setdefault(name, (name, start, end))
        return list(known.values())

    # -- what it says -------------------------------------------------------------------------

    def _takeaways(self) -> list[BriefLine]:
        material, limit = self._material, _TAKEAWAYS[self._size]
        if not material.ranked:
            own = [told for told in material.sentences if is_content(told)]
            own.sort(key=lambda told: (-len(told.text), told.order))
            return self._chooser.lines("", own[:1])
        n = min(limit, max(1, (2 * len(material.ranked) + 2) // 3))
        told = [material.ranked[i] for i in sorted(self._central(n))]
        return [
            line
            for one in told
            for line in self._chooser.lines(who_says(one, self._who) or "", [one])
        ]

    def _central(self, n: int) -> list[int]:
        """Rows of the sentences that say most; fewer than `n` rather than poor ones, unless hardly any."""
        material = self._material
        sections = [told.passage.section for told in material.ranked]
        alone = np.array([not leans(told) for told in material.ranked])
        # What cannot be understood alone comes after everything that can.
        salience = np.where(alone, material.salience, np.array(material.salience) - _LEANING)
        chosen: list[int] = []
        for least, enough in ((_GOOD, n), (_POOR, min(n, 3)), (-np.inf, 1)):
            chosen = choose(
                salience.tolist(), material.vectors, enough, groups=sections, least=least
            )
            if len(chosen) >= min(enough, 3):
                break
        return chosen

    def _corrections(self) -> list[BriefLine]:
        told = (t for t in self._material.sentences if t.role is Role.CORRECTION)
        whole = [t for t in whole_blocks(told, _LONGEST_BLOCK) if is_whole(t, _LONGEST_BLOCK)]
        return self._chooser.lines("Correction", whole[: _CORRECTIONS[self._size]])

    def _comments(self) -> list[BriefLine]:
        told = (t for t in self._material.sentences if t.role is Role.COMMENT)
        whole = [t for t in whole_blocks(told, _LONGEST_BLOCK) if is_whole(t, _LONGEST_BLOCK)]
        return self._chooser.lines("Comment", whole[: _COMMENTS[self._size]])

    def _chapters(self) -> list[BriefLine]:
        by_section: dict[str, list[Told]] = {}
        for told in self._material.ranked:
            if told.passage.section and not _SIDE.search(told.passage.section):
                by_section.setdefault(told.passage.section, []).append(told)
        title = " ".join(self._material.document.title.split())
        by_section = {
            name: told for name, told in by_section.items() if " ".join(name.split()) != title
        }
        if len(by_section) < 2:
            return []
        longest = sorted(by_section, key=lambda name: -len(by_section[name]))
        kept = set(longest[: _CHAPTERS[self._size]])
        lines = []
        for name, own in by_section.items():
            if name in kept:
                best = self._chooser.best(own)
                lines += self._chooser.lines(" ".join(name.split()), [best] if best else [])
        return lines

    @cached_property
    def _named(self) -> dict[NameKind, list[BriefLine]]:
        beyond = elsewhere(self._library, self._material.document)
        limit = _NAMES[self._size]
        return name_lines(self._chooser, self._material, self._who, limit, beyond)

    def _dates(self) -> list[BriefLine]:
        return date_lines(self._chooser, self._material, _FACTS[self._size])

    def _figures(self) -> list[BriefLine]:
        return figure_lines(self._chooser, self._material, _FACTS[self._size])

    def _quotes(self) -> list[BriefLine]:
        return quote_lines(self._chooser, self._material, self._who, _QUOTES[self._size])

    def _open(self) -> list[BriefLine]:
        told = first_of_each(open_questions(self._material.sentences))
        return self._chooser.lines("", told[: _QUESTIONS[self._size]])

    def _asked(self) -> list[BriefLine]:
        title = normal_words(self._material.document.title)
        asked = first_of_each(answered_questions(self._material.sentences))
        told = [t for t in asked if normal_words(t.text) != title]
        return self._chooser.lines("", told[: _QUESTIONS[self._size]])
