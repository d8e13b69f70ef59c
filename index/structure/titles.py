"""The document's title, and its copies."""

import re
from collections import Counter

from index.structure.drafts import Draft, is_bulleted, key_of
from index.structure.headings import NUMBERED
from index.structure.lines import BYLINE, is_date_line, says_when_or_who
from index.structure.wording import SECTION_NAMES
from index.structure.zones import is_prose
from index.types import Hint, Role

_MAX_TITLE = 200
_LOOK_AT = 60
_LONG = 250
_LETTERS = 16
_LEAST = 2.0
_LEVELS = {0: 0.0, 1: 6.0, 2: 3.0}
_FACTS = re.compile(
    r"(?:speakers?|participants?|attendees|present|from|to|cc|date|time|duration|location|venue|status"
    r"|hosts?|guests?|tags?|source|author)\s*:",
    re.IGNORECASE,
)
_NEVER_OPENS = re.compile(r"[a-z•({\[–—-]")


def find_title(drafts: list[Draft]) -> Draft | None:
    """The block that is the document's title, already labelled, or None.

    The first of the best candidates before the text proper wins. What counts: markup, a usual
    length, standing again elsewhere, and a date, a byline or text below.
    """
    counts = Counter(d.key for d in drafts if d.key)
    is_marked = any(d.level or "title" in d.kinds for d in drafts)
    tops = [d for d in drafts if d.level == 1 and d.role is None]
    best, best_score = None, _LEAST - 0.1
    for i, draft in enumerate(drafts[:_LOOK_AT]):
        if draft.key in SECTION_NAMES and not is_marked and _has_text_below(drafts, i):
            break  # the text begins with a section: it has no title of its own
        score = _score(drafts, i, counts) if _may_be_title(draft) else 0.0
        score += 3.0 if tops == [draft] else 0.0
        if score > best_score:
            best, best_score = draft, score
        is_text = draft.n >= _LONG or (is_prose(draft) and not is_marked)
        if draft.role is None and is_text and not draft.level:
            break
    if best is not None:
        best.label(Role.HEADING, f"title (score {best_score:g})", "title")
        _mark_copies(drafts, best)
    return best


def front_title(drafts: list[Draft], hints: tuple[Hint, ...]) -> Hint | None:
    """The title in a file's front matter, where no heading repeats it."""
    for hint in hints:
        if hint.kind != "title" or not hint.value or hint.end <= hint.start:
            continue
        holder = next((d for d in drafts if d.start <= hint.start and hint.end <= d.end), None)
        key = key_of(hint.value)
        if holder is not None and "header" in holder.kinds and all(d.key != key for d in drafts):
            return hint
    return None


def _has_text_below(drafts: list[Draft], i: int) -> bool:
    return i + 1 < len(drafts) and drafts[i + 1].role is None and is_prose(drafts[i + 1])


def _may_be_title(draft: Draft) -> bool:
    is_free = draft.role is None or draft.category == "repeat"
    if not is_free or draft.n > _MAX_TITLE or not draft.key or draft.key in SECTION_NAMES:
        return False
    if _FACTS.match(draft.text):
        return False
    if draft.start == 0 and is_date_line(draft) and sum(map(str.isalpha, draft.text)) >= _LETTERS:
        return draft.text[-1] not in ".,;:"  # "Board call, 14 October 2024"
    if is_date_line(draft) or BYLINE.match(draft.text) or NUMBERED.match(draft.text.lstrip("# ")):
        return False
    is_marked = draft.level > 0 or "title" in draft.kinds
    return is_marked or draft.text[-1] not in ".,;:"


def _score(drafts: list[Draft], i: int, counts: Counter[str]) -> float:
    draft = drafts[i]
    score = 2.0 if 25 <= draft.n <= 150 else 1.0 if draft.n >= 12 else 0.0
    if i == 0:
        set_apart = len(drafts) > 1 and drafts[1].gap > 0
        score += 2.0 if set_apart else 0.5
    text = next((d.text for d in drafts[i + 1 : i + 8] if d.role is None and is_prose(d)), "")
    score += 1.5 if " " in draft.key and draft.key in text[:300].casefold() else 0.0
    score += _LEVELS.get(draft.level, 1.0)
    score += 5.0 if "title" in draft.kinds and draft.level == 0 else 0.0
    score += 3.0 if counts[draft.key] >= 2 and " " in draft.key else 0.0
    above = drafts[i - 1] if i else None
    if above is not None and above.n > draft.n and above.text.endswith(draft.text):
        score += 3.0  # a page's title bar: menu, site name and title run together
    following = [d for d in drafts[i + 1 : i + 5] if d.role is None and d.key != draft.key]
    if not following and score < _LEVELS[1]:
        return 0.0
    score += 1.0 if any(says_when_or_who(d) or is_prose(d) for d in following[:3]) else 0.0
    score -= 3.0 if _NEVER_OPENS.match(draft.text) or is_bulleted(draft.text) else 0.0
    score -= 3.0 if " | " in draft.text and draft.level == 0 else 0.0
    return score


def _mark_copies(drafts: list[Draft], title: Draft) -> None:
    """The same words again, or glued to a menu, are furniture."""
    for draft in drafts:
        if draft is title or draft.n > 4 * title.n + 200:
            continue
        if draft.key == title.key:
            draft.label(Role.FURNITURE, "the title again", "title copy")
        elif draft.start < title.start and title.key in draft.key:
            draft.label(Role.FURNITURE, "the title glued to a menu or site name", "title copy")
