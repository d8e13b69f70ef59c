"""The analyser: the order in which the rules speak, and what they say put together."""

import re

from index.structure.carry import Carry
from index.structure.chrome import mark_chrome
from index.structure.dates import find_dates, iso_prefix
from index.structure.drafts import Draft, cut
from index.structure.facts import mark_head, mark_rows
from index.structure.headings import mark_headings
from index.structure.learned import Model, default_model
from index.structure.lines import is_date_line
from index.structure.menus import mark_menus
from index.structure.parts import mark_corrected_sections, mark_corrections, mark_summaries
from index.structure.people import find_people
from index.structure.speakers import mark_turns
from index.structure.titles import find_title, front_title
from index.structure.weighing import weigh
from index.structure.zones import mark_zones, name_commenters
from index.types import Analysis, Block, Hint, LoadedText, Role, Span

_MARKS = "#*_= \t\r\n"
_LABEL = re.compile(r"(?:subject|betreff|title)\s*:\s+", re.I)
_DATED_TOP = 40
_SAYS_DATE = re.compile(r"[*_]{0,2}(?:date|sent)\s?:", re.I)
_STATED = 20.0
_DATE_WORDS = re.compile(
    r"\b(?:published|posted|updated?|date|released?|recorded|compiled|held|last revised|issued|"
    r"created|written|dated|aired|as of)\b",
    re.I,
)
_SAYS_PUBLISHED = re.compile(r"\b(?:published|posted|released|issued)\W{1,3}(?:on |in )?$", re.I)
# A day by which or from which something else is to happen.
_OTHER_DAY = re.compile(
    r"\b(?:due|payable|deadline|valid|expires?|expiry|until|by|no later than|delivery|starts?|begins?|born)"
    r"(?: (?:date|on|by|until|before|from))?\W{1,3}$",
    re.I,
)


def analyse(
    loaded: LoadedText,
    *,
    fallback_year: int | None = None,
    carry: Carry | None = None,
    model: Model | None = None,
) -> Analysis:
    """Label every block of a text and find its title, date and speakers.

    Args:
        loaded: a text, or one piece of a large one.
        fallback_year: the year of dates that name none, e.g. that of the file.
        carry: what `carry_after` gave for the piece before.
        model: another model than the one that comes with the package.

    Returns:
        Blocks in order with offsets in the document; every character that is not white space lies
        in exactly one of them.
    """
    before = carry or Carry()
    is_first = carry is None and loaded.start == 0
    drafts = cut(loaded)
    front = front_title(drafts, loaded.hints) if is_first else None
    title = mark_by_rules(drafts, loaded, before, has_title=not is_first or front is not None)
    title = weigh(
        drafts,
        title,
        is_first=is_first,
        has_title=front is None,
        model=model or default_model(),
    )
    name_commenters(drafts, loaded.start)
    _spread_sections(drafts, loaded.start, before.section)
    date, date_iso = _document_date(drafts, loaded, title, fallback_year)
    return Analysis(
        blocks=tuple(_block(draft, loaded.start) for draft in drafts),
        title=_title_span(title, front, loaded) or before.title,
        date=before.date or date,
        date_iso=before.date_iso or date_iso,
        speakers=find_people(drafts, loaded),
    )


def mark_by_rules(
    drafts: list[Draft], loaded: LoadedText, before: Carry, *, has_title: bool
) -> Draft | None:
    """Label every block by the rules alone; gives the title, if one was looked for and found."""
    is_first = before == Carry() and loaded.start == 0
    mark_chrome(drafts)
    mark_rows(drafts)
    if is_first:
        mark_head(drafts)
    mark_zones(drafts, in_comments=before.in_comments)
    title = None if has_title else find_title(drafts)
    mark_corrections(drafts)
    mark_turns(drafts, loaded.start, known=before.labels, speaking=before.speaker)
    if is_first:
        mark_menus(drafts, title)
    mark_headings(drafts)
    mark_corrected_sections(drafts)
    if is_first:
        mark_summaries(drafts, title)
    _fill_body(drafts)
    return title


def _block(draft: Draft, offset: int) -> Block:
    assert draft.role is not None
    return Block(
        start=draft.start + offset,
        end=draft.end + offset,
        role=draft.role,
        level=_level(draft),
        speaker=draft.speaker,
        section=draft.section,
        date=draft.date,
        reason=draft.reason,
    )


def _level(draft: Draft) -> int:
    if draft.role is not Role.HEADING:
        return 0
    return draft.level or (1 if draft.category == "title" else 2)


def _fill_body(drafts: list[Draft]) -> None:
    for draft in drafts:
        if draft.role is None:
            draft.label(Role.BODY, "a date line" if is_date_line(draft) else "running text")


def _title_span(title: Draft | None, front: Hint | None, loaded: LoadedText) -> Span | None:
    if front is not None:
        words = loaded.text[front.start : front.end]
        return Span(front.start + loaded.start, front.end + loaded.start, words)
    return _bare_span(title, loaded.start) if title is not None else None


def _bare_span(draft: Draft, offset: int) -> Span:
    """A heading's words without its marks."""
    text = draft.text.split("\n")[0] if draft.level else draft.text
    words = _LABEL.sub("", text.strip(_MARKS))
    at = draft.start + offset + text.find(words)
    return Span(at, at + len(words), words)


def _spread_sections(drafts: list[Draft], offset: int, section: Span | None) -> None:
    """Each block stands under the nearest heading above it; the title is not a section."""
    for draft in drafts:
        if draft.role is Role.HEADING:
            section = None if draft.category == "title" else _bare_span(draft, offset)
        elif draft.role not in (Role.FURNITURE, Role.COMMENT):
            draft.section = section


def _document_date(
    drafts: list[Draft], loaded: LoadedText, title: Draft | None, fallback_year: int | None
) -> tuple[Span | None, str | None]:
    """The date of publication: marked up, in a line of its own near the top, or at the end."""
    stated = [h for h in loaded.hints if h.kind == "date"]
    declared = next((iso for h in stated if h.value and (iso := iso_prefix(h.value))), None)
    best: tuple[float, Span, str | None] | None = None
    start = drafts.index(title) if title is not None else 0
    for i, draft in enumerate(drafts):
        if draft.role in (Role.COMMENT, Role.CORRECTION, Role.SPEAKER) or draft.n > 400:
            continue
        if draft.text.startswith(">"):
            continue  # what somebody else wrote, on another day
        if _DATED_TOP + start < i < len(drafts) - _DATED_TOP:
            continue
        for found in find_dates(draft.text, fallback_year=fallback_year):
            score = _date_score(draft, i - start, len(drafts) - i)
            score += 1.0 if _opens_report(draft.text, found.start, found.end) else 0.0
            score += 1.0 if _SAYS_PUBLISHED.search(draft.text[: found.start]) else 0.0
            score -= 2.0 if _OTHER_DAY.search(draft.text[: found.start]) else 0.0
            score += 3.0 if declared and found.iso == declared else 0.0
            if score >= 2.0 and found.iso and (best is None or score > best[0]):
                at = draft.start + loaded.start
                words = draft.text[found.start : found.end]
                best = (score, Span(at + found.start, at + found.end, words), found.iso)
    if best is None:
        return None, declared
    return best[1], best[2]


def _opens_report(text: str, start: int, end: int) -> bool:
    """Place and date in front of a report: "VARN, 14 May 2024 - The council ..."."""
    return start <= 50 and text[end : end + 4].strip()[:1] in ("–", "—", "-") and start > 0


def _date_score(draft: Draft, below_title: int, from_end: int) -> float:
    if _SAYS_DATE.match(draft.text) and below_title < _DATED_TOP:
        return _STATED
    score = 2.0 if is_date_line(draft) else 0.0
    score += 1.5 if _DATE_WORDS.search(draft.text) else 0.0
    score += 1.0 if "date" in draft.kinds else 0.0
    score += 1.5 if 0 <= below_title <= 6 else 1.0 if 0 <= below_title < _DATED_TOP // 2 else 0.0
    score += 0.5 if from_end <= 8 else 0.0
    signs_off = draft.text[-1] == "." and score >= 1.5
    score -= 1.0 if draft.role is Role.FURNITURE and not signs_off else 0.0
    score -= 1.5 if draft.n > 200 else 0.0
    return score
