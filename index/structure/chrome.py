"""Which single blocks are furniture by their own words or markup, wherever they stand."""

import re
from collections import Counter

from index.structure.dates import find_dates
from index.structure.drafts import Draft
from index.structure.phrases import (
    CHROME,
    COOKIES,
    CREDITS,
    FORM,
    ICON,
    OPENING,
    SITE_VOICE,
    TEMPLATE,
)
from index.structure.speakers import name_lines
from index.types import Role

_MARKUP_FURNITURE = ("navigation", "dialog", "aside", "footer", "header")
_PARTS = re.compile(r"\s+[|·•/»›>–—]+\s+|\s{2,}|\t|\s*\|\s*|\n|\]\([^)]*\)")
_CRUMBS = re.compile(r"[^>»›]{1,60}(?:\s*(?:>{1,2}|»|›)\s*[^>»›]{1,60})+$")
_MD_LINK = re.compile(r"\[([^\]]{0,200})\]\([^)]{0,500}\)")
_ARROW_END = re.compile(r"[›»→]\s*$")
_SENTENCE_END = re.compile(r"[.!?…](?:[\"'”’)\]]|\[\d+\])*$")
_STAMPED = re.compile(r"\D{2,60}\d{1,2}:\d\d(?::\d\d)?\W?$")
_DIGITS = re.compile(r"\d+")
_PAGED = re.compile(r"\b(?:page|seite|slide|p\.)\s*\d+", re.I)
_OPENING_LENGTH = 220
_MAX_COOKIE = 1600
_REPEATS = 3
# Parts of words that every cookie notice and every line of credits holds: cheap to look for.
_CONSENT_WORDS = ("ookie", "rivacy", "onsent", "COOKIE", "PRIVACY")
_CREDIT_WORDS = (" by ", " of ", "roducer")
_MENU_WORDS = "words of a menu line"


def mark_chrome(drafts: list[Draft]) -> None:
    """Label what markup or wording shows to be furniture."""
    for draft in drafts:
        if kind := next((k for k in _MARKUP_FURNITURE if k in draft.kinds), None):
            draft.label(Role.FURNITURE, f"markup says {kind}", _category_of_markup(kind, draft))
        elif found := chrome_of(draft):
            draft.label(Role.FURNITURE, found[1], found[0])
    _free_headings(drafts)
    _mark_repeats(drafts)


def _free_headings(drafts: list[Draft]) -> None:
    """A menu's word on its own between text may well be a heading: "Technology", "History"."""
    for i in range(1, len(drafts) - 1):
        draft, above, below = drafts[i], drafts[i - 1], drafts[i + 1]
        between_text = above.role is None and below.role is None and below.n > _OPENING_LENGTH // 2
        if draft.reason == _MENU_WORDS and between_text and _SENTENCE_END.search(below.text):
            draft.role, draft.reason, draft.category = None, "", ""


def _category_of_markup(kind: str, draft: Draft) -> str:
    found = chrome_of(draft)
    return found[0] if found else kind


def chrome_of(draft: Draft) -> tuple[str, str] | None:
    """Category and reason where a block's own words are those of furniture."""
    if draft.n > _OPENING_LENGTH:
        consent = _consent(draft.text) if draft.n <= _MAX_COOKIE else None
        return consent or _legal(draft.text)
    if "code" in draft.kinds or "table" in draft.kinds:
        return None
    if category := CHROME.get(draft.key):
        # A heading in the markup may be called "News" or "Events".
        return None if draft.level == 1 else (category, f"words of a {category} line")
    return _by_form(draft) or _by_parts(draft) or _consent(draft.text)


def _by_form(draft: Draft) -> tuple[str, str] | None:
    text = draft.text
    if ("{" in text or "<%" in text) and TEMPLATE.match(text):
        return "template", "a template that was never filled"
    if form := FORM.match(text):
        category = str(form.lastgroup)
        return category, f"form of a {category} line"
    if opening := OPENING.match(text.lstrip("-*•>#_ \t[(") if text[0] != "(" else text):
        category = str(opening.lastgroup)
        return category, f"opens like a {category} line"
    if "_" in text and ICON.match(text):
        return "icon", "the name of an icon"
    may_credit = any(word in text for word in _CREDIT_WORDS)
    return ("credits", "credits of a production") if may_credit and CREDITS.search(text) else None


def _by_parts(draft: Draft) -> tuple[str, str] | None:
    """Menus in one line, breadcrumbs, link lists."""
    text = _MD_LINK.sub(r" | \1 | ", draft.text)
    if _ARROW_END.search(text) and not _SENTENCE_END.search(text[:-1].strip()):
        return "link", "ends with an arrow, as links do"
    if _SENTENCE_END.search(text) or _STAMPED.match(text):
        return None
    if (
        _CRUMBS.match(draft.text)
        and not find_dates(draft.text)
        and not draft.text.startswith((">", "»"))
    ):
        return "menu", "breadcrumbs"
    parts = [p for p in _PARTS.split(text) if p and p.strip(" |/›»")]
    if len(parts) < 2 or max(map(len, parts)) > 40:
        return None
    known = sum(p.strip(" :|→←").casefold() in CHROME for p in parts)
    known += sum(FORM.match(p) is not None for p in parts)
    links = len(_MD_LINK.findall(draft.text))
    if known * 2 >= len(parts) or (links >= 2 and links * 2 >= len(parts)):
        return "menu", "a menu in one line"
    return None


def _consent(text: str) -> tuple[str, str] | None:
    """Cookie and privacy notices: several of their words, in the site's own voice."""
    if not any(word in text for word in _CONSENT_WORDS):
        return None
    found = {match.casefold() for match in COOKIES.findall(text)}
    if len(found) >= 2 and len(SITE_VOICE.findall(text)) >= 2:
        return "consent", "cookie or privacy notice"
    return None


def _legal(text: str) -> tuple[str, str] | None:
    return ("legal", "disclaimer") if text[:12].casefold().startswith("disclaimer:") else None


def _mark_repeats(drafts: list[Draft]) -> None:
    """Running headers and the like: short lines that stand several times, numbers aside."""
    speakers = name_lines(drafts)
    short = [
        d
        for i, d in enumerate(drafts)
        if d.role is None and 3 <= d.n <= 120 and not d.kinds & _KEPT and i not in speakers
    ]
    exact = Counter(d.key for d in short)
    paged = Counter(_DIGITS.sub("#", d.key) for d in short if _PAGED.search(d.text))
    repeated = [
        d
        for d in short
        if (exact[d.key] >= _REPEATS and not _SENTENCE_END.search(d.text) and ":" not in d.text)
        or paged.get(_DIGITS.sub("#", d.key), 0) >= 2
    ]
    # Where most lines repeat, it is a log, a list or a song, not a page.
    if len(repeated) * 3 > len(drafts):
        return
    for draft in repeated:
        is_paged = _PAGED.search(draft.text) is not None
        category = "running head" if is_paged else "repeat"
        draft.label(Role.FURNITURE, "a short line that repeats", category)


_KEPT = frozenset({"code", "table", "list item"})
