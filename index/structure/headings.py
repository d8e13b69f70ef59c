"""The title, section headings, bylines and date lines."""

import re
from collections import Counter

from index.structure.dates import find_dates
from index.structure.drafts import Draft, is_bulleted
from index.structure.phrases import SECTION_NAMES
from index.structure.zones import is_prose
from index.types import Role

_NUMBERED = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVXLC]{1,6}\.|[A-Z]\.|§\s?\d+|(?:Chapter|Part|Section|Appendix|Annex) [\dIVXA-Z]+[.:]?)\s+\S"
)
_BYLINE = re.compile(
    r"(?:by|words|text|author|authors|written by|reported by|edited by|story by|hosts?|hosted by|guests?|interview|transcription|producer)\s*:?\s+[*_]?[A-Z]|(?:first )?published (?:by|on|in)\b|posted (?:by|on|in)\b",
    re.I,
)
_NAMES = re.compile(
    r"(?:[A-Z][\w.’'-]+(?: [A-Z][\w.’'-]*){1,3})(?:, [A-Z][\w.’'-]+(?: [A-Z][\w.’'-]*){1,3})*(?:,? (?:and|&) [A-Z][\w.’'-]+(?: [A-Z][\w.’'-]*){1,3})?$"
)
_MARKS = "#*_ =\t"
_SMALL = frozenset(
    "a an and as at but by for from in into of on or the to vs with is are not over under".split()
)
_MAX_TITLE = 200
_MAX_HEADING = 130
_TOP = 60


def find_title(drafts: list[Draft]) -> Draft | None:
    """The block that is the document's title, already labelled, or None."""
    counts = Counter(d.key for d in drafts if d.key)
    best, best_score = None, 1.9
    for i, draft in enumerate(drafts[:_TOP]):
        score = _title_score(drafts, i, counts)
        if score > best_score:
            best, best_score = draft, score
        if draft.role is None and draft.n >= 250 and not draft.level:
            break
    if best is not None:
        best.label(Role.HEADING, f"title (score {best_score:g})", "title")
        _mark_title_copies(drafts, best)
    return best


def _title_score(drafts: list[Draft], i: int, counts: Counter[str]) -> float:
    draft = drafts[i]
    repeated = draft.category == "repeat"
    if (draft.role is not None and not repeated) or draft.n > _MAX_TITLE or not draft.key:
        return 0.0
    plain_key = draft.key
    if (
        plain_key in SECTION_NAMES
        or is_date_line(draft)
        or _BYLINE.match(draft.text)
        or _NUMBERED.match(draft.text)
    ):
        return 0.0
    if draft.text[-1] in ".,;:" and not draft.level and "title" not in draft.kinds:
        return 0.0
    score = 2.0 if 25 <= draft.n <= 150 else 1.0 if draft.n >= 12 else 0.0
    score += {0: 0.0, 1: 6.0, 2: 3.0}.get(draft.level, 1.0)
    score += 5.0 if "title" in draft.kinds and draft.level == 0 else 0.0
    score += 3.0 if counts[draft.key] >= 2 else 0.0
    score += (
        3.0 if i and drafts[i - 1].text.endswith(draft.text) and drafts[i - 1].n > draft.n else 0.0
    )
    following = next(
        (d for d in drafts[i + 1 : i + 4] if d.role is None and d.key != draft.key), None
    )
    if following is None:
        return 0.0 if score < 5 else score
    if is_date_line(following) or is_byline(following) or is_prose(following):
        score += 1.0
    if draft.text[0].islower() or draft.text[0] in "-•[{(" or is_bulleted(draft.text):
        score -= 3.0
    if " | " in draft.text and draft.level == 0:
        score -= 3.0
    return score


def _mark_title_copies(drafts: list[Draft], title: Draft) -> None:
    """The same words again, or glued to a menu, are furniture."""
    for draft in drafts:
        if draft is title or draft.n > 4 * title.n + 200:
            continue
        if draft.key == title.key:
            draft.label(Role.FURNITURE, "the title again", "title copy")
        elif draft.start < title.start and title.key in draft.key:
            draft.label(Role.FURNITURE, "the title glued to a menu or site name", "title copy")


def is_date_line(draft: Draft) -> bool:
    """A short line that says when, and little else."""
    if draft.n > 120:
        return False
    dates = find_dates(draft.text)
    if not dates:
        return False
    n_date = sum(date.end - date.start for date in dates)
    rest = draft.n - n_date
    return (
        rest <= 25
        or (rest <= 60 and draft.text[-1] not in ".!?")
        or bool(_BYLINE.match(draft.text))
    )


def is_byline(draft: Draft) -> bool:
    """A short line that says who wrote."""
    if draft.n > 160 or draft.text[-1] in "!?":
        return False
    return bool(_BYLINE.match(draft.text.lstrip("*_"))) or (
        "," in draft.text and bool(_NAMES.match(draft.text))
    )


def mark_menus(drafts: list[Draft], title: Draft | None) -> None:
    """Short lines above the title, and runs of title-like lines without text below it."""
    seen_title = title is None
    run: list[Draft] = []
    for i, draft in enumerate(drafts):
        if draft is title:
            seen_title = True
            continue
        if not seen_title and draft.role is None and draft.n <= 60 and not _says_when_or_who(draft):
            if draft.text[-1] not in ".!?" and not draft.level:
                draft.label(Role.FURNITURE, "a short line above the title", "menu")
            continue
        if seen_title and _is_title_like(draft):
            run.append(draft)
        elif run:
            _settle(run, drafts, i)
            run = []
    _settle(run, drafts, len(drafts))


def _says_when_or_who(draft: Draft) -> bool:
    return is_date_line(draft) or is_byline(draft)


def _is_title_like(draft: Draft) -> bool:
    if draft.role is not None or draft.kinds or not 6 <= draft.n <= 90 or is_bulleted(draft.text):
        return False
    if _NUMBERED.match(draft.text) or draft.text[-1] in ".,;:!" or draft.key in SECTION_NAMES:
        return False
    return not _says_when_or_who(draft) and draft.text != draft.text.upper()


def _settle(run: list[Draft], drafts: list[Draft], after: int) -> None:
    """Three titles in a row, mostly capitalised, are teasers, not headings."""
    if len(run) < 3 or sum(_is_capitalised(d.text) for d in run) < 0.6 * len(run):
        return
    following = drafts[after] if after < len(drafts) else None
    if following is not None and following.role is None and is_prose(following):
        run = run[:-1] if following.gap <= run[-1].gap else run
    if len(run) >= 2:
        for draft in run:
            draft.label(Role.FURNITURE, "one of several titles without text", "teaser")


def _is_capitalised(text: str) -> bool:
    words = [w for w in re.findall(r"[^\W\d_][\w’'-]*", text) if w.casefold() not in _SMALL]
    return bool(words) and sum(w[0].isupper() for w in words) >= 0.6 * len(words)


def mark_headings(drafts: list[Draft]) -> None:
    """Section headings, by markup or by standing short above text."""
    for i in range(len(drafts) - 1, -1, -1):  # from below: a heading may stand above a heading
        draft = drafts[i]
        if draft.role is not None:
            continue
        if draft.level or "title" in draft.kinds:
            draft.label(Role.HEADING, "markup says heading")
        elif not draft.kinds - {"paragraph", "quote"} and _may_be_heading(draft):
            if reason := _stands_above_text(drafts, i):
                draft.label(Role.HEADING, reason)


def _may_be_heading(draft: Draft) -> bool:
    text = draft.text.strip(_MARKS)
    if not text or draft.n > _MAX_HEADING or text[-1] in ".,;…" or _says_when_or_who(draft):
        return False
    first = text[0]
    starts_well = first.isupper() or first.isdigit() or first in "\"'“‘¿¡" or not first.isascii()
    if not starts_well or len(text.split()) > 18 or " | " in text or "\t" in text:
        return False
    return any(map(str.isalpha, text)) and (
        not is_bulleted(draft.text) or bool(_NUMBERED.match(text))
    )


def _stands_above_text(drafts: list[Draft], i: int) -> str:
    """Why this short line is a heading, or ""."""
    draft = drafts[i]
    below = next((d for d in drafts[i + 1 : i + 3] if d.role is not Role.FURNITURE), None)
    if below is None:
        return ""
    name = draft.text.strip(_MARKS)
    known = draft.key in SECTION_NAMES
    touches = drafts[i + 1] is below
    if _NUMBERED.match(name) and not _in_numbered_list(drafts, i):
        return "numbered heading"
    if known and (touches or is_prose(below)):
        return "usual name of a section"
    if (
        name.isupper()
        and len(name) >= 4
        and (draft.gap or is_prose(below))
        and name[-1] not in ":?!"
    ):
        return "capitals above text"
    above = drafts[i - 1] if i else None
    if below.role in (Role.SPEAKER,) and draft.gap and draft.n <= 90:
        return "short line above a turn"
    set_apart = above is None or draft.gap > 0 or is_prose(above) or above.role is not None
    is_label = name.endswith(":")
    if below.role is None and is_prose(below) and set_apart and not is_label:
        n_enough = below.n >= max(_TOP, int(1.3 * draft.n))
        return "short line above a paragraph" if n_enough and draft.n <= 110 else ""
    if is_label and draft.gap and below.role is None and is_bulleted(below.text) and draft.n <= 60:
        return ""
    return ""


def _in_numbered_list(drafts: list[Draft], i: int) -> bool:
    """Numbered lines that follow each other directly are list items or references."""
    neighbours = [drafts[k] for k in (i - 1, i + 1) if 0 <= k < len(drafts)]
    return any(
        _NUMBERED.match(d.text) and (d.role is None or d.role is Role.BODY) and d.n > 40
        for d in neighbours
    ) or (i + 1 < len(drafts) and bool(_NUMBERED.match(drafts[i + 1].text)) and drafts[i].n > 60)
