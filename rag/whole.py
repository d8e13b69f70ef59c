"""Completes a span to the whole date or amount it is part of: "2023" of "29 August 2023"."""

import re

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = re.compile(
    rf"\b\d{{4}}-\d{{2}}(?:-\d{{2}})?\b|"
    rf"\b{_DAY} {_MONTH},? \d{{4}}\b|\b{_MONTH} {_DAY}(?:,? \d{{4}})?\b|"
    rf"\b{_DAY} {_MONTH}|\b{_MONTH},? \d{{4}}\b"
)
_AMOUNT = re.compile(
    r"(?:(?:US|A|C|HK)?[$€£¥]\s?|\b(?:USD|EUR|GBP|RMB|CNY) )?\b\d[\d,.]*\d?"
    r"(?:\s?(?:%|percent\b|per cent\b|thousand\b|million\b|billion\b|trillion\b|bn\b|km\b|kg\b|"
    r"nm\b|[kMGT]Wh?\b|[kMGT]B\b))*(?:\s(?:dollars|euros|pounds|yuan|years|months|weeks|days|hours)\b)?",
)
# "100" of "fewer than 100" says something else.
_BOUND = re.compile(
    r"\b(?:fewer than|less than|more than|no more than|at least|at most|up to|not even)\s+$", re.I
)
_BOUND_CHARS = 16
_ASKS_FOR_PART = re.compile(r"\b(?:year|month|day|decade|century)\b", re.I)


def complete_span(question: str, sentence: str, start: int, end: int) -> tuple[int, int]:
    """The date or amount that holds `sentence[start:end]`, or the span itself.

    A question for a year, month or day gets that part alone.
    """
    patterns = (_AMOUNT,) if _ASKS_FOR_PART.search(question) else (_DATE, _AMOUNT)
    for pattern in patterns:
        for match in pattern.finditer(sentence):
            if match.start() <= start and end <= match.end():
                stop = match.start() + len(match.group().rstrip(" .,"))
                return _with_bound(sentence, match.start()), stop
    return start, end


def _with_bound(sentence: str, start: int) -> int:
    """Where the words before an amount begin that make it a bound; `start` if there are none."""
    bound = _BOUND.search(sentence, max(0, start - _BOUND_CHARS), start)
    return bound.start() if bound else start
