"""Sentence boundaries with exact offsets.

A sentence is the smallest thing that is quoted, so its offsets must be exact and its borders must
not fall into "U.S.", "3.5" or "Mr. Lee". Rules, no model: it runs over every document at adding.
"""

import re

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof sen rep gov gen col lt sgt capt st jr sr vs etc inc ltd corp co llc al "
    "ca approx dept est e.g i.e cf viz jan feb mar apr jun jul aug sep sept oct nov dec u.s "
    "u.k u.n u.s.a e.u p.r.c a.m p.m ph.d b.c a.d mt ft".split()
)
# Abbreviations only in front of a number: "No. 7", but "He said no. Then ..."
_NUMBERED = frozenset("no nos vol fig figs eq sec ch p pp art".split())
# Abbreviations that may end a sentence do so in front of a word that begins one.
_STARTERS = frozenset(
    "the a an in on at it he she they we i you this that these those but and so yet however "
    "according as if when while after before there its his her their our".split()
)
# A boundary: end mark, closing quotes or brackets, then white space; or a CJK end mark; or a line end.
_BOUNDARY = re.compile(
    # Each run of marks or spaces is tried from its first character only, else a megabyte of dots or
    # spaces takes hours.
    r"(?<![.!?…])[.!?…]+[\"'”’»)\]]*(?=\s)(?P<gap>\s+)|[。！？]+[」』”’）]*\s*"
    r"|(?<![ \t\r\f])(?P<line>[ \t\r\f]*\n\s*)"
)
_LAST_WORD = re.compile(r"(\S+)\Z")
_LIST_NUMBER = re.compile(r"(?:^|\n)\s*(?:\d{1,3}|[A-Za-z]|[IVXLC]{1,5})\.\Z")
_WORD = re.compile(r"\w+")
_LOOK_BACK = 40


def sentence_spans(text: str, *, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Spans of the sentences of `text[start:end]`, in order, white space at their borders left out.

    A line break ends a sentence where the next line starts a new one (no lower-case start), so
    that headings and list items stay apart and hard-wrapped prose stays together.

    Args:
        text: the whole text.
        start: first character looked at.
        end: one past the last; the end of the text by default.

    Returns:
        `(start, end)` offsets into `text`; together they hold every character that is not space.
    """
    stop = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    begin = start
    for match in _BOUNDARY.finditer(text, start, stop):
        cut = match.end()
        if match.group("line") is not None:
            if not _line_ends_sentence(text, match.start(), cut, stop):
                continue
        elif match.group("gap") is not None and not _mark_ends_sentence(text, begin, match, stop):
            continue
        _append(spans, text, begin, cut)
        begin = cut
    _append(spans, text, begin, stop)
    return spans


def _append(spans: list[tuple[int, int]], text: str, begin: int, end: int) -> None:
    piece = text[begin:end]
    stripped = piece.strip()
    if stripped:
        left = begin + len(piece) - len(piece.lstrip())
        spans.append((left, left + len(stripped)))


def _line_ends_sentence(text: str, line_end: int, next_start: int, stop: int) -> bool:
    if "\n" in text[line_end:next_start].strip(" \t\r\f")[1:]:
        return True
    if next_start >= stop:
        return True
    following = text[next_start]
    return not (following.islower() and line_end > 0 and text[line_end - 1] not in ".!?:")


def _mark_ends_sentence(text: str, begin: int, match: re.Match[str], stop: int) -> bool:
    next_start = match.end()
    if next_start >= stop or "\n" in match.group("gap"):
        return next_start >= stop or _line_ends_sentence(text, match.start("gap"), next_start, stop)
    following = text[next_start]
    if following.islower():
        return False
    if text[match.start()] != ".":
        return True
    before = text[max(begin, match.start() - _LOOK_BACK) : match.start()]
    if _LIST_NUMBER.search(text[max(begin - 1, match.start() - 8, 0) : match.start() + 1]):
        return False
    last = _LAST_WORD.search(before)
    word = last.group(1).strip("\"'“‘([").lower() if last else ""
    if word in _NUMBERED:
        return not following.isdigit()
    if "." in word and _first_word(text, next_start, stop) in _STARTERS:
        return True
    single_initial = len(word) == 1 and word.isalpha() and before[-1:].isupper()
    return word not in _ABBREVIATIONS and not single_initial


def _first_word(text: str, start: int, stop: int) -> str:
    match = _WORD.match(text, start, stop)
    return match.group().lower() if match else ""
