"""Section headings, by markup or by how a short line stands above text."""

import re

from index.structure.drafts import Draft, is_bulleted
from index.structure.lines import says_when_or_who
from index.structure.wording import SECTION_NAMES
from index.structure.zones import is_prose
from index.types import Role

NUMBERED = re.compile(
    r"(?:(?P<figures>\d{1,2}(?:\.\d{1,2}){0,3})\.?|[IVXLC]{1,6}\.|[A-Z]\.|§\s?\d+)\s+[^\W\d_a-z]"
    r"|(?i:chapter|part|section|appendix|annex|article|book|schedule)\s+(?:\d+|[IVXLC]+|[A-Z])\b"
)
_CAPTION = re.compile(r"\b(?:credit|photo|photograph|picture|image|illustration)s?\s*[:©]", re.I)
_MARKS = "#*_ =\t"
_MAX_HEADING = 130
_MAX_PLAIN = 110
_MIN_TEXT_BELOW = 60
_OTHER_KINDS = frozenset({"paragraph", "quote", "heading"})


def mark_headings(drafts: list[Draft]) -> None:
    """Label section headings among what is still free.

    Where the markup itself names headings, a short line without markup is not taken for one just
    because it stands above text: table rows and captions do so too.
    """
    n_marked = 0
    for draft in drafts:
        if draft.role is None and (draft.level or "title" in draft.kinds):
            draft.label(Role.HEADING, "markup says heading")
        n_marked += draft.role is Role.HEADING and draft.level > 0
    candidates = [i for i, draft in enumerate(drafts) if _may_be_heading(draft)]
    for i in candidates:
        if reason := _named_or_numbered(drafts, i):
            drafts[i].label(Role.HEADING, reason)
    if n_marked >= 2:
        return
    for i in candidates:
        if drafts[i].role is None and (reason := _stands_above_text(drafts, i)):
            drafts[i].label(Role.HEADING, reason)


def _may_be_heading(draft: Draft) -> bool:
    if draft.role is not None or draft.n > _MAX_HEADING or draft.kinds - _OTHER_KINDS:
        return False
    text = draft.text.strip(_MARKS)
    if not text or text[-1] in ".,;…" or " | " in text or "\t" in text:
        return False
    first = text[0]
    starts_well = first.isupper() or first.isdigit() or first in "\"'“‘¿¡" or not first.isascii()
    if not starts_well or len(text.split()) > 18 or says_when_or_who(draft):
        return False
    if _CAPTION.search(text):
        return False
    is_item = is_bulleted(draft.text) and not NUMBERED.match(text)
    return not is_item and any(map(str.isalpha, text))


def _named_or_numbered(drafts: list[Draft], i: int) -> str:
    draft = drafts[i]
    below = _below(drafts, i)
    if below is None:
        return ""
    text = draft.text.strip(_MARKS)
    if NUMBERED.match(text) and text[-1] != ":" and not _in_numbered_list(drafts, i):
        return "numbered heading"
    if draft.key in SECTION_NAMES and (drafts[i + 1] is below or is_prose(below)):
        return "usual name of a section"
    return ""


def _stands_above_text(drafts: list[Draft], i: int) -> str:
    """Why this short line is a heading, or ""."""
    draft, below = drafts[i], _below(drafts, i)
    text = draft.text.strip(_MARKS)
    if below is None or text[-1] == ":":
        return ""
    if text.isupper() and len(text) >= 4 and text[-1] not in "?!":
        under_heading = i > 0 and drafts[i - 1].role is Role.HEADING
        if draft.gap or is_prose(below) or under_heading:
            return "capitals above text"
    if below.role is Role.SPEAKER:
        return "short line above a turn" if draft.gap and draft.n <= _MAX_PLAIN else ""
    is_text = below.role in (None, Role.SUMMARY) and is_prose(below)
    long_enough = below.n >= max(_MIN_TEXT_BELOW, int(1.3 * draft.n))
    if is_text and long_enough and draft.n <= _MAX_PLAIN and _set_apart(drafts, i):
        return "short line above a paragraph"
    is_answer = below.role is None and below.text[-1] in ".!?" and below.n > draft.n
    if is_answer and draft.gap and not below.gap and drafts[i + 1] is below:
        return "a line set apart, right above a sentence"
    return ""


def _set_apart(drafts: list[Draft], i: int) -> bool:
    """Whether a blank line, text or a heading stands above; a line under the title is its own."""
    if i == 0:
        return True
    draft, above = drafts[i], drafts[i - 1]
    if above.category == "title" and not draft.gap:
        return False
    return draft.gap > 0 or is_prose(above) or above.role is not None


def _below(drafts: list[Draft], i: int) -> Draft | None:
    """The next block that is not furniture, if it is near."""
    return next((d for d in drafts[i + 1 : i + 3] if d.role is not Role.FURNITURE), None)


def _in_numbered_list(drafts: list[Draft], i: int) -> bool:
    """Numbered lines that follow each other are items, references or contents, not headings."""
    depth = _depth(drafts[i])
    if not depth:
        return False  # "Article 2", "IV."
    near = [drafts[k] for k in (i - 1, i + 1) if 0 <= k < len(drafts)]
    numbered = [d for d in near if NUMBERED.match(d.text)]
    if drafts[i].n > 60 and numbered:
        return True
    if any(d.n > 40 and d.role in (None, Role.BODY) for d in numbered):
        return True
    return any(0 < _depth(d) <= depth for d in numbered if d.start > drafts[i].start) or any(
        _depth(d) == depth for d in numbered if d.start < drafts[i].start
    )


def _depth(draft: Draft) -> int:
    """How many figures a numbered line has: "2.1" has two; 0 for other numbers."""
    match = NUMBERED.match(draft.text)
    figures = match.group("figures") if match else None
    return figures.count(".") + 1 if figures else 0
