"""Stretches that belong together: readers' comments, related links, what follows a copyright line."""

import re

from index.structure.dates import find_dates
from index.structure.drafts import Draft
from index.structure.phrases import RELATED_PREFIX
from index.structure.wording import (
    COMMENT_MARK,
    CORRECTION,
    SECTION_NAMES,
    says_what_was_wrong,
)
from index.types import Role, Span

_LONG = 200
_PROSE = 60
_ENOUGH = 100
_REST = 0.25
_SENTENCE = 25
_STOPS = frozenset('.!"”’')
_BULLETS = frozenset("-*•")
_SENTENCE_END = re.compile(r"[.!?…](?:[\"'”’)\]]|\[\d+\])*$")
_ENDS_COMMENTS = frozenset(
    {"player", "legal", "related", "form", "pager", "subscribe", "consent", "tag", "link"}
)
_SAYS = re.compile(r"(?P<name>\S.{0,60}?)\s+(?:says|said|replies|replied|wrote|writes)\s*:?$")
_HANDLE = re.compile(
    r"(?P<name>@?[\w.\-' ]{2,40}?)\s*(?:[·•|,–-]\s*|\s{2,})?"
    r"(?:\d+|an?|one)\s+(?:second|minute|hour|day|week|month|year|min|hr|yr)s?\s+ago(?: \(edited\))?$",
    re.I,
)
_AGO = re.compile(r"(?:(?:\d+|an?|one)\s+\w+\s+ago|\d+\s?[smhdwy]|today|yesterday)\b.{0,20}$", re.I)
_NAME = re.compile(r"[\w@][\w.@'’\- ]{1,39}$")
_MADE = re.compile(
    r"(?:compiled|written|edited|prepared|recorded|published|produced|(?:last )?updated)\b", re.I
)


def is_prose(draft: Draft) -> bool:
    """A block that says something in sentences."""
    return draft.n >= _LONG or (draft.n >= _PROSE and bool(_SENTENCE_END.search(draft.text)))


def prose_before(drafts: list[Draft]) -> list[int]:
    """For each draft, how many characters of prose stand before it."""
    counts, total = [], 0
    for draft in drafts:
        counts.append(total)
        if draft.role is None and is_prose(draft):
            total += draft.n
    return counts


def mark_zones(drafts: list[Draft], *, in_comments: bool = False) -> None:
    """Label comments, what comes under a "related" heading, and the tail of a page."""
    before = prose_before(drafts)
    total = before[-1] if before else 0
    zone = "comments" if in_comments else ""
    for i, draft in enumerate(drafts):
        if _ends_page(draft, before[i], total):
            zone = "tail"
            continue
        if opens := _opens(drafts, i, before[i], zone):
            zone = opens
            if zone == "comments" and _counts_comments(draft):
                draft.label(Role.COMMENT, "counts the readers' comments", "comment mark")
            elif zone == "comments":
                draft.label(Role.COMMENT, "markup says comment")
            elif draft.role is None:
                draft.label(Role.FURNITURE, "heading of related links", "related")
            continue
        zone = _still(zone, drafts, i)
        if zone == "comments" and draft.role is None:
            draft.label(Role.COMMENT, "among the readers' comments")
        elif zone in ("related", "tail") and draft.role is None:
            draft.label(Role.FURNITURE, f"in the {zone} part of the page", zone)


def _opens(drafts: list[Draft], i: int, prose: int, zone: str) -> str:
    """The zone that begins with this draft, or ""."""
    draft = drafts[i]
    if "comment" in draft.kinds and draft.role is None and zone != "comments":
        return "comments"
    if draft.n > _LONG or draft.kinds & {"code", "table"}:
        return ""
    if _counts_comments(draft) and (prose >= _ENOUGH or zone):
        return "comments" if _has_comments(drafts, i) else ""
    if _is_related(draft) and (prose >= _LONG or zone in ("related", "tail", "comments")):
        return "related"
    return ""


def _ends_page(draft: Draft, before: int, total: int) -> bool:
    """A copyright line, a privacy notice or a player with little text below it."""
    if draft.role is not Role.FURNITURE or before < _ENOUGH or total - before > _REST * total:
        return False
    return draft.category in ("legal", "consent") or draft.key == "sleep timer"


def _counts_comments(draft: Draft) -> bool:
    words = draft.text.replace("\u00a0", " ").strip("#*_ :")
    return draft.n <= _LONG and COMMENT_MARK.match(words) is not None


def _has_comments(drafts: list[Draft], i: int) -> bool:
    """Whether something that can be a comment follows the mark."""
    following = [d for d in drafts[i + 1 : i + 4] if d.role is None or d.category == "widget"]
    return bool(following) and (
        bool(re.search(r"\d|thoughts", drafts[i].text)) or is_short(following[0])
    )


def is_short(draft: Draft) -> bool:
    """A line too short to be prose."""
    return draft.n <= 60


def _is_related(draft: Draft) -> bool:
    if draft.category == "related" or draft.key in ("go deeper", "common question"):
        return True
    words = draft.key.split()
    if draft.key in SECTION_NAMES:
        return False
    return draft.role is None and len(words) <= 7 and RELATED_PREFIX.match(draft.key) is not None


def _still(zone: str, drafts: list[Draft], i: int) -> str:
    """The zone that holds at this draft."""
    draft = drafts[i]
    if zone == "comments":
        if draft.role is Role.FURNITURE and draft.category in _ENDS_COMMENTS:
            return "tail"
        has_markup = any("comment" in d.kinds for d in drafts[max(0, i - 3) : i])
        return "" if has_markup and draft.kinds and "comment" not in draft.kinds else zone
    if zone and (CORRECTION.match(draft.text.lstrip("*_>#[( ")) or says_what_was_wrong(draft.text)):
        return ""
    if zone == "tail" and is_prose(draft):
        return ""
    if zone == "related" and (_article_resumes(drafts, i) or _signs_off(draft)):
        return ""
    return zone


def _article_resumes(drafts: list[Draft], i: int) -> bool:
    """A heading in the markup, or two paragraphs in a row after a line that is none.

    Teasers alternate: a title, a paragraph, a title, a paragraph.
    """
    draft = drafts[i]
    if "heading" in draft.kinds and draft.level <= 2:
        return True
    below = drafts[i + 1] if i + 1 < len(drafts) else draft
    goes_on = below is not draft and below.n >= _SENTENCE and below.text[-1] in _STOPS
    both_text = is_prose(draft) and goes_on and not {draft.text[0], below.text[0]} & _BULLETS
    return both_text and not is_prose(drafts[i - 1])


def _signs_off(draft: Draft) -> bool:
    """A closing line that says when the page was made."""
    return bool(_MADE.match(draft.text)) and draft.n <= _LONG and bool(find_dates(draft.text))


def name_commenters(drafts: list[Draft], offset: int) -> None:
    """Find who wrote each comment: a name above it, "says:", or a handle with its age."""
    name: Span | None = None
    date: Span | None = None
    comments = [d for d in drafts if d.role is Role.COMMENT]
    for i, draft in enumerate(comments):
        if draft.category == "comment mark":
            name = date = None
            continue
        if found := _commenter(comments, i):
            name, date = Span(draft.start + offset, draft.start + offset + len(found), found), None
        dates = find_dates(draft.text) if draft.n <= 80 else []
        if dates:
            first = dates[0]
            words = draft.text[first.start : first.end]
            at = draft.start + offset
            date = Span(at + first.start, at + first.end, words)
        draft.speaker, draft.date = name, date


def _commenter(comments: list[Draft], i: int) -> str:
    draft = comments[i]
    if draft.n > 80:
        return ""
    for pattern in (_SAYS, _HANDLE):
        if match := pattern.match(draft.text):
            return match.group("name").strip()
    if dates := find_dates(draft.text):
        head = draft.text[: dates[0].start].rstrip(" ,·|-–(")
        return head if 0 < len(head) <= 40 and len(head.split()) <= 4 else ""
    following = comments[i + 1] if i + 1 < len(comments) else None
    looks_like_name = _NAME.match(draft.text) and len(draft.text.split()) <= 4
    if looks_like_name and following is not None and not _AGO.match(draft.text):
        return draft.text
    return ""
