"""Short lines that say when, or who wrote, and people's names."""

import re

from index.structure.dates import find_dates
from index.structure.drafts import Draft
from index.structure.phrases import one_of

NAME_WORD = r"[A-Z][\w’'-]+"
NAME = rf"{NAME_WORD}(?: (?:[A-Z]\.|van|von|der|de|di|bin|al|{NAME_WORD})){{0,2}} {NAME_WORD}"
NAMES = rf"{NAME}(?:, {NAME})*(?:,? (?:and|&) {NAME})?"

BYLINE = re.compile(
    one_of(
        r"""
        (?:by|words|text|authors?|written by|reported by|edited by|story by)\s*:?\s+[*_]?[A-Z]
        (?:hosts?|guests?|interview|transcription|producer)\s*:\s+[*_]?[A-Z]
        (?:hosted|produced) by [A-Z]
        (?:first )?(?:published|posted) (?:by|on|in)\b
        """
    ),
    re.IGNORECASE,
)
_ONLY_NAMES = re.compile(rf"{NAMES}$")
_MAX_BYLINE = 160
_MAX_DATE_LINE = 120


def is_date_line(draft: Draft) -> bool:
    """A short line that says when, and little else."""
    if draft.is_dated is None:
        draft.is_dated = draft.n <= _MAX_DATE_LINE and _is_date_line(draft)
    return draft.is_dated


def _is_date_line(draft: Draft) -> bool:
    dates = find_dates(draft.text)
    if not dates:
        return False
    rest = draft.n - sum(date.end - date.start for date in dates)
    is_open = rest <= 60 and draft.text[-1] not in ".!?"
    return rest <= 25 or is_open or BYLINE.match(draft.text) is not None


def is_byline(draft: Draft) -> bool:
    """A short line that says who wrote, or a list of names."""
    if draft.n > _MAX_BYLINE or draft.text[-1] in "!?":
        return False
    if draft.text[-1] == "." and draft.n > _MAX_BYLINE // 2:
        return False  # a sentence
    return BYLINE.match(draft.text.lstrip("*_")) is not None or is_names(draft)


def is_names(draft: Draft) -> bool:
    """A line of two or more people's names and nothing else."""
    return "," in draft.text and _ONLY_NAMES.match(draft.text) is not None


def says_when_or_who(draft: Draft) -> bool:
    """A date line or a byline."""
    return is_date_line(draft) or is_byline(draft)
