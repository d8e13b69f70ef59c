"""What the learned model is told about one block: its form, its words and its markup."""

import re

from index.structure import cues
from index.structure.dates import find_dates
from index.structure.drafts import Draft, is_bulleted
from index.structure.lines import BYLINE, NAME
from index.structure.phrases import CHROME
from index.structure.wording import COMMENT_MARK, EPISODE_CUES, SECTION_NAMES
from index.types import Role

Features = dict[str, float]

_LOOK = 700
_HEAD = 160
_ONE_LINE = 120
_WORD = re.compile(r"[\w'’]+")
_LENGTHS = (3, 15, 30, 60, 100, 160, 260, 420, 800)
_WORDS = (1, 2, 3, 5, 8, 12, 20, 40)
_SENTENCE_END = re.compile(r"[.!?…](?:[\"'”’)\]*_]|\[\d+\])*$")
_INNER_END = re.compile(r"[a-z\d)\"”’][.!?]\s+[\"“A-Z]")
_URL = re.compile(r"https?://|www\.|\b[\w.+-]+@[\w-]+\.\w+|\b\w+\.(?:com|org|net|example|io|co)\b")
_SEPARATORS = re.compile(r"\s[|·•›»>/‹<–]\s|\s{3,}|\t|[›»]")
_NAME_LIKE = re.compile(
    rf"(?:(?:Dr|Prof|Mr|Mrs|Ms|Sir|Sister|Cllr|Rev)\.? )?(?:{NAME}"
    rf"|[A-Z][\w'’-]+(?: [A-Z]\.?)?)(?:, .{{1,50}}| \([^)]+\))?$"
)
_HANDLE = re.compile(r"@?(?=.*[\d_.a-z])[a-z][\w.-]{2,30}$")
_STAMP = re.compile(r"\W?\d{1,2}:\d\d(?::\d\d)?\b")
_COLON = re.compile(
    r"\W{0,4}([A-Za-z][\w .'’/&-]{1,40}?)(?:\s*\([^)]{1,40}\))?\W{0,3}:\W{0,3}(?:\s|$)"
)
_MARKED = re.compile(r"(\*\*|__|\*|_)(?=\S).+?\1$", re.S)
_QUOTED = re.compile(r"\W{0,3}[\"“'‘«]")
_BRACKETED = re.compile(r"[\[(<{].*[\])>}]$", re.S)
_RUNS = re.compile(r"[*#=~_>-]{2,}")
_COUNTED = re.compile(r"\W?\d[\d,.]*[kKmM]?\b")
_YEARS = re.compile(r"\b(?:1[89]|20)\d\d\b")
_MASK_TYPES = (
    "navigation",
    "header",
    "footer",
    "aside",
    "dialog",
    "comment",
    "quote",
    "title",
    "date",
)
_KINDS = (*_MASK_TYPES, "author", "list item", "table", "code", "paragraph", "heading", "hidden")


def own_features(draft: Draft, repeats: int, rule: Role | None) -> Features:
    """Signs within one block.

    Args:
        draft: the block.
        repeats: how many blocks of the document have the same words.
        rule: what the rules took it for; None where they only guess.
    """
    text = draft.text[:_LOOK]
    words = _WORD.findall(text)
    found: Features = {f"rule {rule.value}": 1.0} if rule else {"rule none": 1.0}
    found |= _size(draft, len(words))
    found |= _shape(draft, text, words)
    found |= _vocabulary(draft, text, words)
    found |= _cues(draft, text)
    found |= _people(draft, text)
    for kind in _KINDS:
        if kind in draft.kinds:
            found[f"markup {kind}"] = 1.0
    if draft.level:
        found[f"level {min(draft.level, 4)}"] = 1.0
    if repeats > 1:
        found["stands twice"] = 1.0
        found["stands often"] = float(repeats > 2)
    return found


def _size(draft: Draft, n_words: int) -> Features:
    length = next((n for n in _LENGTHS if draft.n <= n), "long")
    count = next((n for n in _WORDS if n_words <= n), "many")
    found: Features = {f"length {length}": 1.0, f"words {count}": 1.0}
    found["length"] = min(draft.n, 600) / 600
    if draft.gap:
        found["set apart"] = 1.0
    return found


def _shape(draft: Draft, text: str, words: list[str]) -> Features:
    found: Features = {}
    letters = [word for word in words if word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in letters)
    share = capitals / len(letters) if letters else 0.0
    digits = sum(map(str.isdigit, text)) / len(text)
    ends = bool(_SENTENCE_END.search(draft.text[-6:]))
    is_short = draft.n <= _ONE_LINE
    flags = {
        "ends a sentence": ends,
        "no end": not ends and text[-1] not in ":,;",
        "short without end": is_short and not ends,
        "ends with a colon": draft.text[-1] == ":",
        "a question": text.rstrip('*_"”’')[-1:] == "?",
        "several sentences": bool(_INNER_END.search(text)),
        "all capitals": text.isupper() and len(text) > 3,
        "capitalised": share >= 0.7 and 2 <= len(letters) <= 16,
        "sentence case": is_short and bool(letters) and text[:1].isupper() and share < 0.5,
        "small letter first": text[:1].islower(),
        "no letters": not letters,
        "many digits": digits > 0.15,
        "a digit": digits > 0,
        "opens with a number": bool(_COUNTED.match(text)),
        "a web address": bool(_URL.search(text)),
        "set with separators": bool(_SEPARATORS.search(text)) and draft.n <= 2 * _ONE_LINE,
        "several separators": len(_SEPARATORS.findall(text)) >= 2 and draft.n <= 2 * _ONE_LINE,
        "in brackets": bool(_BRACKETED.match(draft.text)) if draft.n <= _LOOK else False,
        "marked whole": draft.n <= _LOOK and bool(_MARKED.match(draft.text)),
        "opens in bold": text.startswith(("**", "__")),
        "a list item": is_bulleted(text),
        "quoted": bool(_QUOTED.match(text)),
        "an indented quote": text.startswith(">"),
        "rows of marks": bool(_RUNS.search(text)),
        "a link": "](" in text,
        "several years": len(_YEARS.findall(text)) >= 3,
    }
    found.update({name: 1.0 for name, flag in flags.items() if flag})
    return found


def _vocabulary(draft: Draft, text: str, words: list[str]) -> Features:
    found: Features = {}
    small = [word.casefold().strip("'’") for word in words[:60]]
    if not small:
        return found
    n_ui = sum(w in cues.UI_WORDS or w in cues.UI_VERBS for w in small)
    n_small = sum(w in cues.SMALL_WORDS or w[:1].isdigit() for w in small)
    share = n_ui / max(1, len(small) - n_small)
    is_line = draft.n <= _ONE_LINE
    n_legal, n_invites = len(cues.LEGAL.findall(text)), len(cues.INVITES.findall(text))
    flags = {
        "words of a site": is_line and n_ui >= 1,
        "half words of a site": is_line and n_ui >= 1 and share >= 0.5,
        "only words of a site": is_line and n_ui >= 1 and share >= 0.95,
        "opens like a button": is_line and small[0] in cues.UI_VERBS,
        "a button": draft.n <= 60 and small[0] in cues.UI_VERBS and draft.text[-1] not in ".!?:,",
        "known from menus": bool(draft.key) and draft.key in CHROME,
        "name of a section": bool(draft.key) and draft.key in SECTION_NAMES,
        "first person": any(w in cues.FIRST_PERSON for w in small),
        "second person": any(w in cues.SECOND_PERSON for w in small),
        "legal words": n_legal > 0,
        "several legal words": n_legal >= 2,
        "invites": n_invites > 0,
        "invites again": n_invites >= 2,
        "credits a picture": is_line and bool(cues.CREDIT.search(text)),
        "episode words": bool(EPISODE_CUES.search(text)),
        "legal or invites, short": draft.n <= 300 and n_legal + n_invites > 0,
    }
    found.update({name: 1.0 for name, flag in flags.items() if flag})
    return found


def _cues(draft: Draft, text: str) -> Features:
    found: Features = {}
    n_wrong = sum(pattern.search(text) is not None for pattern in cues.WRONG_CUES)
    opens = bool(cues.WRONG_OPENING.match(text[:_HEAD]))
    found["signs of a correction"] = min(n_wrong, 5) / 2
    is_line = draft.n <= _ONE_LINE
    summary = cues.SUMMARY_HEAD.match(text[:_HEAD])
    announced = summary is not None and re.match(r"\W*(?:[:.\n*]|$)", summary.group("rest"))
    flags = {
        "opens as a correction": opens,
        "opens as a correction and says what": opens and n_wrong >= 1,
        "opens as a correction and says much": opens and n_wrong >= 2,
        "says twice that something changed": n_wrong >= 2,
        "says three times that something changed": n_wrong >= 3,
        "heads corrections": is_line and bool(cues.WRONG_HEADING.match(draft.text)),
        "opens as a summary": bool(announced) and draft.n > 60,
        "heads a summary": bool(announced) and draft.n <= 60,
        "heads comments": is_line and bool(cues.COMMENT_HEAD.match(draft.text)),
        "counts comments": is_line
        and bool(COMMENT_MARK.match(draft.text.strip("#*_ :")))
        and bool(re.search(r"\d", text)),
        "heads links": is_line and bool(cues.RELATED_HEAD.match(draft.text)),
    }
    found.update({name: 1.0 for name, flag in flags.items() if flag})
    return found


def _people(draft: Draft, text: str) -> Features:
    is_line = draft.n <= _ONE_LINE
    dates = find_dates(draft.text[:_ONE_LINE]) if is_line else []
    is_dated = bool(dates) or (is_line and bool(cues.AGO.search(text)))
    colon = _COLON.match(text[:80])
    name = draft.text.strip("*_#: ")
    flags = {
        "a date": bool(dates),
        "a date and little else": bool(dates)
        and draft.n - sum(d.end - d.start for d in dates) <= 14,
        "a time": is_line and bool(cues.TIME.search(text)),
        "opens with a time": bool(_STAMP.match(text)),
        "only a time": draft.n <= 20 and bool(_STAMP.match(text)),
        "some time ago": is_line and bool(cues.AGO.search(text)),
        "a weekday": is_line and bool(cues.WEEKDAY.search(text)),
        "a byline": is_line and bool(BYLINE.match(text.lstrip("*_"))),
        "looks like a name": draft.n <= 60 and bool(_NAME_LIKE.match(name)),
        "looks like a handle": draft.n <= 40 and bool(_HANDLE.match(name)),
        "says, said, wrote": is_line and bool(cues.SAYS.search(text)),
        "a name and a date": is_author_line(draft),
        "signed": draft.n <= _LOOK and bool(cues.SIGNED.search(draft.text[-80:])),
        "words before a colon": colon is not None,
        "capitalised before a colon": colon is not None and _is_title_case(colon.group(1)),
        "a dated line": is_dated,
    }
    return {name: 1.0 for name, flag in flags.items() if flag}


def is_author_line(draft: Draft) -> bool:
    """A short line with a date, a time or an age, and otherwise a few words, as above comments."""
    if draft.n > _ONE_LINE or draft.text[-1] in ".!?" or not draft.text.strip():
        return False
    text = draft.text
    when = find_dates(text)
    rest = "".join(c for i, c in enumerate(text) if not any(d.start <= i < d.end for d in when))
    for pattern in (cues.TIME, cues.AGO, cues.WEEKDAY):
        rest = pattern.sub(" ", rest)
    words = [w for w in _WORD.findall(rest) if w.casefold() not in {"at", "on", "by", "am", "pm"}]
    changed = bool(when) or len(rest) < len(text)
    return changed and 1 <= len(words) <= 6 and bool(re.search(r"[A-Za-z]{2}", rest))


def _is_title_case(words: str) -> bool:
    return all(w[0].isupper() or w in ("of", "the", "de", "van") for w in words.split())
