"""Phrases by which questions about a whole library are recognised, and what they stand for.

Each is known by itself, wherever in a question it stands; `rag.census_questions` reads what is between them.
"""

import re

from rag.census_types import Asks, Bound

_MENTION = (
    r"(?:(?:say|says|have|has|contain|contains|include|includes) (?:something|anything) (?:about|on|of)|"
    r"(?:mak(?:es?|ing)|contains?|with|has|have) (?:a |any )?mentions? of|"
    r"(?:contain|contains|use|uses|have|has|include|includes|with) (?:exactly )?"
    r"(?:the |this |these |those )(?:exact )?(?:words?|phrase|name|term|expression)|"
    r"mention(?:s|ing)?|refer(?:s|red|ring)? to|allud(?:es?|ed|ing) to|"
    r"(?:talk|speak|write|tell)(?:s|ing)? (?:about|of)|spoke (?:about|of)|wrote about|"
    r"discuss(?:es|ed|ing)?|complain(?:s|ed|ing)? (?:about|of)|report(?:s|ed|ing)? (?:on|about)|"
    r"deal(?:s|t|ing)? with|bring(?:s|ing)? up|rais(?:es|ing)|touch(?:es|ed|ing)? (?:on|upon)|"
    r"cover(?:s|ing)|cit(?:es?|ing)|quot(?:es?|ing)|concern(?:s|ing)?|describ(?:es?|ing)|"
    r"contain(?:s|ing)?|includ(?:es?|ing)|nam(?:es|ing)|name(?! of\b)|"
    r"about|on the (?:subject|topic) of|concerning|regarding|to do with|related to|involving)"
)
_MENTIONED = (
    r"(?:(?:been |ever |being |explicitly )*(?:mentioned|named|referred to|discussed|talked about|"
    r"spoken of|brought up|described|cited|quoted|raised|touched on|touched upon|written about)|"
    r"com(?:es?|ing) up|appear(?:s|ed)?|occur(?:s|red)?|turn(?:s|ed)? up|crop(?:s|ped)? up|"
    r"show(?:s|ed)? up|featur(?:es?|ed)|a topic|an issue|(?:the|a) subject|a theme)"
)
_NEVER = r"(?:do not|don['’]t|does not|doesn['’]t|did not|didn['’]t|never|nowhere|fails? to|not)"
_SIZES = {
    "highest": "highest largest biggest greatest maximum longest heaviest tallest loudest deepest widest "
    "steepest hottest most-expensive dearest costliest",
    "lowest": "lowest smallest minimum shortest lightest cheapest quietest shallowest narrowest coldest",
}
SIZE_ASKS: dict[str, Asks] = {
    word: ("highest" if asks == "highest" else "lowest")
    for asks, words in _SIZES.items()
    for word in words.split()
}
_FIRST = r"(?:for the (?:very )?first time|first|earliest|oldest|initially|since when)"
_LAST = r"(?:for the (?:very )?last time|last|latest|most recent(?:ly)?|newest)"
_FILL = (
    r"(?:please|exactly|in total|all told|altogether|overall|all together|together|in all|at all|anywhere|"
    r"somewhere|themselves|himself|herself|itself|ever|actually|by name|(?:at least|only) once|"
    r"as well|too|also|so far|by any chance|any idea|(?:do )?you know|"
    r"of (?:them|these|those)|(?:these|those) (?:very )?words|this phrase|"
    r"the (?:name|word|words|term|phrase)|"
    r"in (?:any|some|one) (?:of (?:its|their) )?forms?|(?:,? ?\(?(?:or|and) both\)?)|"
    r"counting every (?:occurrence|mention|one)|every (?:occurrence|mention)(?: counted)?|"
    r",? ?or both(?: of them)?|at least one(?: of them)?|ones?|come in|over the years|as (?:its|their) own|"
    r"throughout (?:the|this|our|my) (?:whole )?(?:archive|library|collection)|"
    r"i (?:need|want|am looking for|['’]m looking for)|i would like|i['’]d like|"
    r"(?:that )?we (?:have|keep|hold|got|received|own)|you (?:have|can find)|there|can be found|are found|"
    r"to be found|on (?:file|record)|exist|exists|"
    r"(?:in|of|from) (?:the|this|our|my|your) (?:whole |entire )?(?:archive|library|collection))"
)
_ACT = (
    r"(?:dated|written|sent|published|issued|received|held|made|signed|drawn up|authored|addressed|"
    r"concluded|agreed|posted|recorded|found|measured|stated|given|paid|charged|asked|claimed|claims|"
    r"named|mentioned)"
)
_MARKS: tuple[tuple[str, str], ...] = (
    (
        "never",
        rf"(?:{_NEVER} (?:ever )?{_MENTION}|(?:say|says|saying|with) nothing (?:about|of|on)|"
        rf"(?:contain|contains|mak(?:e|es|ing)|with|has|have) no (?:mention|word) (?:of|about)|"
        r"without (?:any |a single |one )?(?:mention of|mentioning|the words?|words? about|a word about)|"
        r"leav(?:e|es|ing) out)",
    ),
    (
        "undated",
        r"(?:(?:have|has|carry|carries|bear|bears|with|are|is|were) (?:no|without a|without any|not a) "
        r"date|without (?:a |any )?date|(?:are |is |were )?undated|(?:are |is |were )?not dated)",
    ),
    (
        "times",
        r"(?:how (?:many times|often|frequently)|(?:what(?: is|['’]s) )?(?:the )?(?:total )?number of "
        r"(?:times|occurrences|mentions)(?: of)?)",
    ),
    (
        "most",
        r"(?:(?:the )?(?:most often|most frequently|most times|(?:greatest|largest|highest) number of times|"
        r"more (?:often|frequently) than (?:any|all)(?: the)? others?|most mentions of|the most(?=\W*$)))",
    ),
    (
        "largest",
        r"(?:(?:in |of )?(?:the )?(?:most|largest number of|greatest number of|highest number of))"
        r"(?= \w)(?! recent| expensive)",
    ),
    (
        "count",
        r"(?:(?:and )?(?:if so,? )?(?:in |of |on |for )?how many|count(?: up)?|"
        r"(?:what(?: is|['’]s) )?(?:the )?(?:exact |total )?(?:number|count|tally) of)",
    ),
    (
        "when",
        r"(?:when|(?:on|from|since|of) (?:what|which) (?:date|day)|(?:what|which) (?:is |was )?(?:the )?"
        r"(?:date|day)(?: of)?)",
    ),
    ("first", _FIRST),
    ("last", _LAST),
    (
        "size",
        rf"(?:{'|'.join(sorted((w.replace('-', ' ') for w in SIZE_ASKS), key=len, reverse=True))})",
    ),
    ("mentioned", _MENTIONED),
    ("mention", _MENTION),
    (
        "people",
        r"(?:who(?! (?:is|are|was|were) the)|(?:which|what) (?:speakers?|people|persons?|interviewees?|"
        r"guests?|participants?|witness(?:es)?|firms?|compan(?:y|ies)|suppliers?|authors?|senders?))",
    ),
    ("fill", _FILL),
    (
        "no",
        r"(?:but (?:not|no)|and (?:not|no)|yet (?:not|no)|without(?: any)?|"
        r"apart from|except(?:ing)?(?: for)?|other than|not counting|leaving aside|excluding|outside)",
    ),
    ("not", r"(?:(?:is|are|was|were|do|does|did|has|have)n['’]t|not|never|nowhere)"),
    ("excepted", r"(?:excepted|excluded|aside|left out|not counted)"),
    ("act", _ACT),
    ("send", r"(?:write|wrote|send|sent|sign|issue)"),
    ("party", r"(?:by|from|to|with|for)"),
    (
        "list",
        r"(?:which|what|where|list|show|find|give|get|search|look up|all|every|each|any|something|me|us|name|"
        r"how (?:high|low|large|small|big|much|long|old)|are there|is there|do we have|have we got|out of|"
        r"in which)",
    ),
    (
        "aux",
        r"(?:is|are|was|were|do|does|did|has|have|had|been|be|being|that|who|whose|whom|it|they|them|her|his|"
        r"their|our|my|the|an?|this|these|those|some|both|in|of|on|at|among|across|and|anybody|anyone|somebody)",
    ),
)
PHRASES = tuple((name, re.compile(rf"{pattern}(?![\w’'-])", re.I)) for name, pattern in _MARKS)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY = (
    rf"(?:\d{{4}}-\d\d(?:-\d\d)?|(?:the )?\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTHS}),? \d{{4}}|"
    rf"(?:{_MONTHS})(?: \d{{1,2}}(?:st|nd|rd|th)?,?)?,? (?:of )?\d{{4}}|(?:the year )?(?:1[6-9]|20)\d\d)\b"
)
_DATED = (
    r"(?:(?:that|which) )?(?:(?:are|were|is|was) )?"
    r"(?:(?:dated|written|sent|published|issued|received|held|made|signed) )?"
)
BETWEEN = re.compile(rf"\b{_DATED}(?:between|from) ({DAY}) (?:and|to|until) ({DAY})", re.I)
WHEN = re.compile(
    rf"(?:{_DATED}(from|in|on|of|since|after|before|until|up to|during|earlier than|later than) |"
    rf"(?:(?:are|were|is|was) )?dated |(?:bear|carry|have)s? the date (?:of )?)({DAY})",
    re.I,
)
_AMOUNT = (
    r"(?:[$€£]\s?|(?:EUR|USD|GBP|CHF) )?\d[\d,. ]*\d?(?:\s?(?:%|[A-Za-z€$£]+))?"
    r"(?: (?:euros|dollars|pounds|crowns))?"
)
BOUNDS: dict[str, Bound] = {
    "over": "over",
    "above": "over",
    "more than": "over",
    "exceeding": "over",
    "exceed": "over",
    "exceeds": "over",
    "greater than": "over",
    "higher than": "over",
    "larger than": "over",
    "at least": "least",
    "under": "under",
    "below": "under",
    "less than": "under",
    "lower than": "under",
    "smaller than": "under",
    "at most": "most",
    "up to": "most",
    "exactly": "exactly",
}
LIMIT = re.compile(
    r"\b(?:(?:that|which) )?"
    r"(?:(?:are|is|were|was|come to|comes to|amount to|have|has|with|for|of|worth|total) )?"
    r"(?:an? )?(?:amounts?|sums?|totals?|values?)? ?(?:of |is |are )?"
    rf"\b({'|'.join(sorted(BOUNDS, key=len, reverse=True))}) ({_AMOUNT})(?![\w%])",
    re.I,
)


RELATIONS: dict[str, tuple[str, ...]] = {
    "from": ("from", "until"),
    "in": ("from", "until"),
    "on": ("from", "until"),
    "of": ("from", "until"),
    "during": ("from", "until"),
    "since": ("from",),
    "after": ("after",),
    "later than": ("after",),
    "before": ("before",),
    "earlier than": ("before",),
    "until": ("until",),
    "up to": ("until",),
}
