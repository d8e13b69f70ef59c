"""Furniture that shows only by its neighbours: menus, tabs and runs of teasers."""

import re

from index.structure.drafts import Draft, is_bulleted
from index.structure.headings import NUMBERED
from index.structure.lines import says_when_or_who
from index.structure.wording import SECTION_NAMES
from index.structure.zones import is_prose
from index.types import Role

_SMALL_WORDS = frozenset(
    "a an and as at but by for from in into of on or the to vs with is are not over under".split()
)
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_CONTENTS = frozenset(
    """contents|table of contents|on this page|in this article|in this issue|in today's edition
    |in this edition|inhalt|inhaltsverzeichnis""".replace("\n    ", "").split("|")
)
_ABOVE_TITLE = 60
_TAB = 30
_TEASERS = 3
_TAB_KINDS = frozenset(
    {"menu", "player", "share", "consent", "widget", "ad", "form", "subscribe", "icon", "pager"}
)
_LABEL = re.compile(r"[A-Z][\w -]{1,20}:\s")


def mark_menus(drafts: list[Draft], title: Draft | None) -> None:
    """Label short lines above the title, tabs among tabs, and titles without text."""
    first = drafts.index(title) if title is not None else 0
    for draft in drafts[:first]:
        is_free = draft.role is None and draft.n <= _ABOVE_TITLE and not draft.level
        is_kept = draft.text[-1] in ".!?" or _LABEL.match(draft.text) or says_when_or_who(draft)
        if is_free and not is_kept:
            draft.label(Role.FURNITURE, "a short line above the title", "menu")
    _mark_contents(drafts)
    _mark_tabs(drafts)
    _mark_teasers(drafts[first:])


def _mark_contents(drafts: list[Draft]) -> None:
    """A list of contents: lines that come again below, as headings of their own."""
    for i, head in enumerate(drafts):
        if head.key not in _CONTENTS or head.role not in (None, Role.FURNITURE):
            continue
        later = {_bare(d): k for k, d in enumerate(drafts) if k > i and d.key}
        entries = []
        for k in range(i + 1, len(drafts)):
            if later.get(_bare(drafts[k]), 0) <= k or drafts[k].role is not None:
                break
            entries.append(drafts[k])
        if len(entries) >= 2:
            for draft in (head, *entries):
                draft.label(Role.FURNITURE, "a list of contents", "contents")


def _bare(draft: Draft) -> str:
    return draft.key.lstrip("0123456789.) ")


def _mark_tabs(drafts: list[Draft]) -> None:
    """Several short lines in a row, some of them known from menus, are a menu."""
    run: list[Draft] = []
    for draft in [*drafts, None]:
        if draft is not None and _may_be_tab(draft):
            run.append(draft)
            continue
        follows_text = draft is not None and draft.role is None and is_prose(draft)
        free = [d for d in (run[:-1] if follows_text else run) if d.role is None]
        n_known = sum(d.role is Role.FURNITURE for d in run)
        if n_known and len(run) >= 3 and n_known * 4 >= len(run):
            for tab in free:
                tab.label(Role.FURNITURE, "a short line among menu lines", "menu")
        run = []


def _may_be_tab(draft: Draft) -> bool:
    if draft.role is Role.FURNITURE:
        return draft.n <= 2 * _TAB and draft.category in _TAB_KINDS
    is_plain = draft.role is None and not draft.kinds and draft.n <= _TAB
    if not is_plain or draft.text[-1] in ".!?:;," or is_bulleted(draft.text):
        return False
    return len(draft.text.split()) <= 4 and not says_when_or_who(draft)


def _mark_teasers(drafts: list[Draft]) -> None:
    run: list[Draft] = []
    for draft in drafts:
        if _is_title_like(draft):
            run.append(draft)
        else:
            _settle(run, draft)
            run = []
    _settle(run, None)


def _is_title_like(draft: Draft) -> bool:
    if draft.role is not None or draft.kinds or not 6 <= draft.n <= 90:
        return False
    text = draft.text
    if text[-1] in ".,;:!" or text.isupper() or draft.key in SECTION_NAMES:
        return False
    return not (is_bulleted(text) or NUMBERED.match(text) or says_when_or_who(draft))


def _settle(run: list[Draft], following: Draft | None) -> None:
    """Three capitalised titles in a row are teasers; a line in small letters describes its title."""
    titles: list[Draft] = []
    for draft in run:
        if _is_capitalised(draft.text):
            titles.append(draft)
            continue
        _label_teasers(titles[:-1])
        titles = []
    if titles and following is not None and following.role is None and is_prose(following):
        titles.pop()
    _label_teasers(titles)


def _label_teasers(titles: list[Draft]) -> None:
    if len(titles) >= _TEASERS:
        for draft in titles:
            draft.label(Role.FURNITURE, "one of several titles without text", "teaser")


def _is_capitalised(text: str) -> bool:
    words = [word for word in _WORD.findall(text) if word.casefold() not in _SMALL_WORDS]
    return bool(words) and sum(word[0].isupper() for word in words) >= 0.6 * len(words)
