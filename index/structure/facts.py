"""What plain files hold that is no furniture: rows of data, the heads of letters and minutes."""

import re
from itertools import groupby
from operator import itemgetter

from index.structure.cues import CREDIT, INVITES, LEGAL, RELATED_HEAD, UI_VERBS
from index.structure.drafts import Draft
from index.structure.phrases import CHROME
from index.types import Role

_SENTENCE = re.compile(r"[A-Z\"“'‘(].{12,}[.!?][\"'”’)]?$", re.S)
_FACT = re.compile(r"(?:[*_]{0,2})(?P<label>[^\W\d_][\w'’/&. -]{0,30}?)\s?:[*_]{0,2}\s+\S")
_HEAD_LABELS = frozenset(
    """from to cc bcc date sent re ref reference present attendees attending participants apologies
    absent regrets chair chaired minutes minute-taker location place venue time department
    distribution subject von an datum gesendet betreff de à""".split()
)
_MINUTES_LABELS = frozenset(("apologies", "attendees", "absent", "regrets"))
_TITLE_LABELS = frozenset(("subject", "betreff", "title"))
_TOP = 12
_LEAST_FACTS = 2
_MAX_FACT = 300
_SEPARATORS = "\t;|,"
_LEAST_ROWS = 3
_MAX_CELL = 40
_DIGIT = re.compile(r"\d")
_SITE_TALK = re.compile(
    r"\b(?:this (?:page|site|website|e-?mail|newsletter) (?:was|is|uses)|viewing this e-?mail"
    r"|in your browser|last (?:changed|modified))\b",
    re.I,
)
FACT, ROW = "fact", "row"


def mark_rows(drafts: list[Draft]) -> None:
    """Runs of lines with the same number of commas, tabs, semicolons or bars are a table."""
    for separator in _SEPARATORS:
        counted = [(_cells(draft, separator), draft) for draft in drafts]
        for count, group in groupby(counted, itemgetter(0)):
            rows = [draft for _, draft in group]
            lines = [line for row in rows for line in row.text.splitlines()]
            if count < 2 or len(lines) < _LEAST_ROWS:
                continue
            n_figures = sum(_DIGIT.search(line) is not None for line in lines)
            is_tight = separator == "\t" or (separator == "," and ", " not in "".join(lines))
            if is_tight or n_figures * 2 >= len(lines):
                for row in rows:
                    row.label(Role.BODY, "a row of a table", ROW)


def _cells(draft: Draft, separator: str) -> int:
    """How many separators stand in each line of a block that can be rows, or 0."""
    if draft.role is not None and draft.category != "repeat":
        return 0
    if separator not in draft.text or draft.text[-1] in ".!?:" or draft.level:
        return 0
    counts = {line.count(separator) for line in draft.text.splitlines() if line.strip()}
    longest = max(map(len, draft.text.splitlines()))
    count = counts.pop() if len(counts) == 1 else 0
    return count if longest <= _MAX_CELL * (count + 1) else 0


def mark_head(drafts: list[Draft]) -> bool:
    """Label "From: ...", "Apologies: ..." at the top; gives whether it is a letter or minutes."""
    known = [d for d in drafts[:_TOP] if d.role is None and _label(d) in _HEAD_LABELS]
    labels = {_label(d) for d in known}
    if len(labels) < _LEAST_FACTS and not labels & _MINUTES_LABELS:
        return False
    start, end = drafts.index(known[0]), drafts.index(known[-1])
    for draft in drafts[start : end + 1]:
        if draft.role is None and _label(draft) and _label(draft) not in _TITLE_LABELS:
            draft.label(Role.BODY, "a line of a letter's or minutes' head", FACT)
    return True


def _label(draft: Draft) -> str:
    if draft.n > _MAX_FACT or draft.level:
        return ""
    match = _FACT.match(draft.text)
    label = match.group("label").casefold() if match else ""
    return "" if label in CHROME else label


def is_sentence(draft: Draft) -> bool:
    """Several words with a capital in front and a stop behind."""
    return _SENTENCE.match(draft.text) is not None and draft.text.count(" ") >= 3


def has_site_words(draft: Draft) -> bool:
    """Whether a word in it is one that sites put around texts, not one of the text."""
    if draft.key in CHROME or draft.text.split(None, 1)[0].casefold() in UI_VERBS:
        return True
    return any(cue.search(draft.text) for cue in (LEGAL, INVITES, CREDIT, _SITE_TALK)) or bool(
        RELATED_HEAD.match(draft.text)
    )
