"""Filters that a question states in its own words: "in the articles from 2025", "of posts before May".

Only where the words are about documents; "in 2025" alone may mean what happened then.
"""

import re

from index.filters import Filter, date_of

_DOCUMENTS = (
    r"(?:documents?|articles?|reports?|interviews?|posts?|papers?|memos?|letters?|notes|minutes|files|"
    r"e-?mails?|pages|stories|messages|episodes?|transcripts?|newsletters?|digests?|bulletins?)"
)
_DATED = r"(?:dated|published|written|posted|sent|released|recorded)"
_DATE = (
    r"(\d{4}-\d\d(?:-\d\d)?|(?:\d{1,2}(?:st|nd|rd|th)? )?(?:January|February|March|April|May|June|July|"
    r"August|September|October|November|December)(?: \d{1,2}(?:st|nd|rd|th)?,?)? (?:19|20)\d\d|"
    r"(?:19|20)\d\d)\b"
)
_STATED = re.compile(
    rf"\b(?:in|from|of|among|across|according to) (?:the |all |all the |any |only )?{_DOCUMENTS} "
    rf"(?:(?:(?:that|which) (?:are|were) )?{_DATED} )?"
    rf"(?:(from|of|in|on|since|after|before|until|up to) |(?<=dated )){_DATE}"
    # Not "from 2020 to 2022", and not "on 2025 elections".
    r"(?=\s*(?:[,.;:?!]|$)|\s+(?:that|which|who|what|how|when|is|are|was|were|do|does|did|say|says|mention|mentions)\b)",
    re.I,
)
_FIRST = frozenset(("since", "after"))
_LAST = frozenset(("before", "until", "up to"))


def stated_filter(question: str) -> Filter:
    """The dates of the documents that a question asks about; an empty filter where it says none.

    "After" and "before" include the day or year named: a document of that day says of itself what it is.
    """
    match = _STATED.search(question)
    date = date_of(match[2]) if match else None
    if match is None or date is None:
        return Filter()
    word = (match[1] or "of").lower()
    first = None if word in _LAST else date
    last = None if word in _FIRST else date
    return Filter(first=first, last=last)
