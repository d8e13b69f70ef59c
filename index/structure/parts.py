"""Corrections and summaries."""

from index.structure.drafts import Draft
from index.structure.lines import is_byline, is_date_line
from index.structure.wording import (
    CORRECTION,
    EPISODE_CUES,
    FIRST_SUMMARY_HEADS,
    SUMMARY_HEADS,
    SUMMARY_OPENING,
    UPDATE,
    says_what_was_wrong,
)
from index.structure.zones import is_prose
from index.types import Role

_MARKS = '*_>#[("“ \t'
_TOP_CHARACTERS = 4000
_ENDS_SUMMARY = frozenset({"player", "menu", "related", "tag"})


def mark_corrections(drafts: list[Draft]) -> None:
    """Blocks that say what was wrong or has changed."""
    for draft in drafts:
        if draft.role is not None and draft.category not in ("legal", "aside"):
            continue
        if draft.kinds & {"code", "table"} or draft.level:
            continue
        head = draft.text[:160].lstrip(_MARKS)
        if CORRECTION.match(head) and draft.n >= 30:
            draft.label(Role.CORRECTION, "opens with the word correction")
        elif UPDATE.match(head) and not head.casefold().startswith(("note", "p")):
            draft.label(Role.CORRECTION, "opens as an update or editor's note")
        elif says_what_was_wrong(draft.text):
            draft.label(Role.CORRECTION, "says what was wrong before")


def mark_corrected_sections(drafts: list[Draft]) -> None:
    """What stands under a heading "Correction" is one."""
    under = False
    for draft in drafts:
        if draft.role is Role.HEADING:
            under = CORRECTION.match(draft.text.strip(_MARKS)) is not None
        elif draft.role is Role.FURNITURE:
            under = False
        elif under and draft.role is None:
            draft.label(Role.CORRECTION, "under a heading that says correction")


def mark_summaries(drafts: list[Draft], title: Draft | None) -> None:
    """Abstracts, key points, standfirsts and descriptions of an episode."""
    _under_summary_headings(drafts)
    for draft in drafts:
        if draft.role is not None or not (
            draft.start <= _TOP_CHARACTERS or draft.text[:2].isupper()
        ):
            continue
        if SUMMARY_OPENING.match(draft.text[:200].lstrip(_MARKS)):
            draft.label(Role.SUMMARY, "opens as a summary does")
    if not any(d.role is Role.SUMMARY for d in drafts):
        _standfirst(drafts, title)


def _under_summary_headings(drafts: list[Draft]) -> None:
    active = first_seen = False
    for draft in drafts:
        if draft.role is Role.HEADING:
            key = draft.key.strip("0123456789. ")
            is_first = not first_seen and draft.category != "title"
            active = key in SUMMARY_HEADS or (is_first and key in FIRST_SUMMARY_HEADS)
            first_seen = first_seen or draft.category != "title"
        elif draft.role is Role.SPEAKER or draft.category in _ENDS_SUMMARY:
            active = False
        elif active and draft.role is None:
            draft.label(Role.SUMMARY, "under a heading that announces a summary")


def _standfirst(drafts: list[Draft], title: Draft | None) -> None:
    """What stands between the title and the text proper."""
    start = drafts.index(title) + 1 if title in drafts else 0
    early = drafts[start : start + 14]
    prose = [d for d in early if d.role is None and d.n >= 40 and not _is_line(d)]
    if not prose:
        return
    first = prose[0]
    position = drafts.index(first)
    if first.kinds & {"list item", "code", "table"}:
        return
    between = {d.role for d in drafts[start:position]}
    heading_between = Role.HEADING in between or Role.SPEAKER in between
    glued = first.text[title.n : title.n + 1] if title is not None else ""
    if title is not None and first.text.startswith(title.text) and glued.isalnum():
        first.label(Role.SUMMARY, "title and teaser run together")
        first = prose[1] if len(prose) > 1 else first
        position = drafts.index(first)
    if reason := _standfirst_reason(drafts, position, title, heading_between):
        first.label(Role.SUMMARY, reason)


def _is_line(draft: Draft) -> bool:
    return is_date_line(draft) or is_byline(draft)


def _standfirst_reason(
    drafts: list[Draft], position: int, title: Draft | None, heading_between: bool
) -> str:
    first = drafts[position]
    if heading_between:
        return ""
    later = drafts[position + 1 :]
    if any(d.role is Role.SPEAKER for d in later) and is_prose(first):
        return "opens a conversation"
    next_lines = [d for d in later[:3] if d.role is not Role.FURNITURE][:2]
    if title is not None and first.n <= 320 and any(_is_line(d) for d in next_lines):
        return "between the title and the byline"
    is_episode = any(d.category == "player" for d in drafts) or "podcast" in first.text.casefold()
    cues = len(EPISODE_CUES.findall(first.text))
    if is_prose(first) and (cues >= 2 or (cues and is_episode)):
        return "describes an episode"
    return ""
