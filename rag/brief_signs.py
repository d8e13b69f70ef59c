"""What speaks for a name being a person's or an organisation's: words before it and behind it. English.

Only the table; `rag.brief_kinds` weighs it.
"""

import re
from dataclasses import dataclass

from rag.brief_nouns import AGENTS, BODY, ROLE, TITLE

_SAYS = (
    r"(?:said|says|adds?|added|argue[sd]?|warn(?:s|ed)|wrote|writes|note[sd]?|asks?|asked|explain(?:s|ed)|"
    r"insist(?:s|ed)|recall(?:s|ed)|claim(?:s|ed)|answer(?:s|ed)|repl(?:ies|ied)|tells?|told)"
)
# Words of an apposition before its noun: "a labour economist", "Nvidia's chief executive".
_WORDS = (
    r"(?:(?!(?:of|in|at|by|for|from|with|to|that|which|and|is|was|has|who|said)\b)[\w’'&.-]+ )"
    r"{0,4}?"
)
_ENDS = r"(?=[ ,.;:)]|$)"
_CORPORATE = (
    r"(?:acquire[sd]?|hire[sd]?|employ(?:s|ed)|book(?:s|ed)|manufacture[sd]?|sells?|sold|reported|"
    r"launch(?:es|ed)|release[sd]?|unveil(?:s|ed)|announce[sd]?|offers?|offered|operate[sd]?|owns?|owned|"
    r"raise[sd]?|invest(?:s|ed)|expects|publish(?:es|ed)|presents|makes|produce[sd]?|issue[sd]?|"
    r"estimate[sd]?|concentrates|counted|believe[sd]|hope[sd]|applied|planned|decided|agreed|refused|"
    r"approved|ruled|voted|warned)"
)
_OF_FIRMS = (
    r"(?:ceo|chief executive|founders?|co-founders?|spokes\w+|shares?|stock|headquarters|head office|"
    r"revenues?|earnings|profits?|board|shareholders?|investors|chair(?:man|woman)?|employees|market value|"
    r"subsidiar(?:y|ies)|share price|parent company|customers)"
)


_SUBJECT = re.compile(
    r"(?<!\bin )(?<!\bof )(?<!\bat )(?<!\bto )(?<!\bby )(?<!\bfor )(?<!\bfrom )(?<!\bnear )(?<!\bwith )\Z"
)


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that may stand beside a name.

    Attributes:
        before: for what stands right before the name; None where anything may.
        behind: for what stands right behind it; None where anything may.
        person: how much it speaks for a person, negative against.
        organisation: the same for an organisation.
    """

    before: re.Pattern[str] | None
    behind: re.Pattern[str] | None
    person: float
    organisation: float

    def stands(self, before: str, behind: str) -> bool:
        """Whether it stands between these words."""
        return (self.before is None or self.before.search(before) is not None) and (
            self.behind is None or self.behind.match(behind) is not None
        )


def _before(pattern: str, person: float, organisation: float, behind: str = "") -> Sign:
    follows = re.compile(behind) if behind else None
    return Sign(re.compile(rf"{pattern}\Z"), follows, person, organisation)


def _behind(pattern: str, person: float, organisation: float) -> Sign:
    return Sign(None, re.compile(pattern), person, organisation)


def _does(pattern: str, person: float, organisation: float) -> Sign:
    """What somebody does; in "the mayor of Arlen says" that is not Arlen."""
    return Sign(_SUBJECT, re.compile(pattern), person, organisation)


_THE = r"(?:the |The |an? )?"
_ITS = r"(?:an?|the|its|their|his|her|our|then|former) "
# What follows a name that is no part of a longer one.
_GOES_ON = (
    r" (?:of|in|is|was|were|are|has|had|have|and|or|but|to|for|from|with|at|on|by|as|that|which|would|will|"
    r"could|can|may|did|does|also|into|than|when|where|while|who)\b"
)
# What leads to a list, and the names of the list so far.
_LISTED = (
    r"(?:: |among them |such as |like |including |(?:are|were) )"
    r"(?:[\w’'&.-]+(?: [\w’'&.()-]+){0,4}, ){0,8}(?:[\w’' -]+ and )?"
)
SIGNS = (
    # -- people: titles, roles, what only they do
    _before(rf"(?:^|[\s(“\"‘]){TITLE} ", 3, -1),
    _before(rf"(?:^|[\s(“\"‘’'-]){ROLE},? ", 3, -1),
    _before(
        r"\b(?:hosts|authors|brothers|sisters|economists|researchers|professors|editors|founders) ",
        2,
        -1,
    ),
    _before(rf"\b{ROLE} of [^,.;]{{2,60}}, ", 3, -1),
    _behind(rf"(?:, | \()(?:{_ITS}){{0,2}}{_WORDS}(?i:{ROLE}){_ENDS}", 3, -1),
    _behind(r", (?:owner|member|leader|co-owner) of\b", 1, 0),
    _behind(r"\.?,? (?:et al\b|[A-Z][a-zà-ÿ]+ [A-Z]\.)", 1, 0),
    _behind(r" ?\d\*?(?=,| and |$)", 2, 0),
    _behind(rf" (?:is|was|became) (?:an?|the) {_WORDS}{ROLE}{_ENDS}", 3, -1),
    _behind(r",? who\b", 3, -1),
    _behind(r"(?:, | \()(?:aged )?\d{2}(?=[,).])", 2, 0),
    _does(rf"(?:,[^,]{{3,70}},)? (?:has |had |also |later |then )?{_SAYS}\b", 0.8, 0.4),
    _before(rf"\b{_SAYS} ", 0.8, 0.2),
    _does(
        r" (?:thinks|feels|remembers|recalls|jokes|laugh(?:s|ed)|smile[sd]|was born|died|retired|resigned|"
        r"studied|graduated|grew up|married|teaches|taught|lives|lived|wonders|meets|"
        r"talk(?:s|ed) (?:to|with|about))\b",
        2,
        0,
    ),
    _behind(
        r"['’]s? (?:wife|husband|son|daughter|father|mother|uncle|aunt|death|life|childhood|memoir|men)\b",
        2,
        0,
    ),
    _behind(r" (?:administration|presidency)\b", 7, 0),
    _before(
        r"(?:^|[\s|·*])(?:(?:[Ww]ritten|[Ee]dited|[Hh]osted|[Pp]roduced|[Cc]ompiled|[Pp]repared|[Pp]osted|"
        r"[Rr]eviewed|[Tt]ranslated|[Ii]nterview(?:ed)?|[Pp]hoto(?:graph)?s?) by|By|\d{4}\W{1,3}by)"
        r" \W{0,3}",
        3,
        0,
    ),
    _before(r"(?:[A-Z][\w’']+|[”\"*?!]),? by ", 2, 0),
    _before(
        r"\b(?:[Ee]ditors?|[Aa]uthors?|From|[Hh]osts?|[Ww]ords|[Ii]nterview|[Pp]hoto(?:graph)?s?|[Cc]hair|"
        r"[Gg]uests?|Contact|presence of): \W{0,3}",
        3,
        0,
    ),
    _before(
        r"\b(?:interview with|conversation with|talks? to|talk(?:s|ed) with|spoke (?:to|with)|meets|quotes|"
        r"[Tt]hanks to) ",
        2,
        0,
    ),
    _before(r"\b(?:learned (?:it )?from|introduced by|married|(?:wo)?man (?:named|called)) ", 3, 0),
    _before(
        r"\b(?:reported|found|discovered|suggested|invented|painted|written|composed|directed|chaired|founded|"
        r"signed|conceived|moderated|designed|proposed|patented|introduced|built|played|sung|led|adopted|"
        r"developed|created|portrayed|named after|starring|alongside)(?: in \d{4})?(?: by)? ",
        2,
        0,
    ),
    # -- organisations: what they are called, who works there, what is done by and to them
    _before(rf"(?:^|[\s(“\"‘’'-])(?:{BODY}|{AGENTS}) (?:(?:called|named) )?", -1, 3),
    _before(
        rf"(?:^|[.;:“] )(?:The|Its|Their|Our) (?:[\w’'-]+ ){{0,2}}(?:{BODY}|{AGENTS}), (?:the )?",
        -1,
        3,
        ",",
    ),
    _behind(rf"(?:, | \()(?:{_ITS}){{1,2}}{_WORDS}{BODY}{_ENDS}", -1, 3),
    _before(
        r"\b(?:companies|firms|organi[sz]ations|start-ups|startups|banks|agencies|universities|funders|makers|"
        rf"manufacturers|suppliers|newspapers|rivals|labs)\b[^.;:]{{0,70}}?{_LISTED}",
        -1,
        2.5,
    ),
    _behind(rf" (?:is|was|are|were) (?:an?|the) {_WORDS}{BODY}{_ENDS}", -1, 3),
    _before(
        rf"\b(?:{ROLE}|researchers|engineers|employees|staff|colleagues|scientists|students|analysts|lawyers|"
        rf"workers|team|experts|job|post|career) (?:at|for) {_THE}",
        -1,
        3,
    ),
    _before(
        r"\b(?:CEO|chief executive|co-?founder|founder|chairman|chairwoman|managing director|"
        r"editor(?:-in-chief)?|spokes\w+|employees|engineers|shares|shareholders?|subsidiar(?:y|ies)|"
        rf"acquisition|board|director) of {_THE}",
        -1,
        2.5,
    ),
    _before(
        r"\b(?:(?:who|he|she|they|I|has|had|have|[A-Z]\w+) (?:now )?work(?:s|ed)|working|"
        rf"stud(?:ied|ies|ying)|employed|enrolled|taught|teaches|graduated) (?:at|for|from) {_THE}",
        -1,
        2.5,
    ),
    _before(rf"\b(?:joined|joining|joins) {_THE}", -0.5, 1.5),
    _before(
        r"\b(?:hired|acquired|owned|bought|funded|backed|made|manufactured|developed|published|issued|employed|"
        rf"operated|run|released|maintained|kept|sponsored) by {_THE}",
        0,
        1.5,
    ),
    _before(r"\b(?:stake|shares?|invest(?:ed|s|ment)?) in ", 0, 2),
    _before(r"\b(?:filing|filings|statement|report|lawsuit) (?:by|from|of) ", 0, 1),
    _behind(rf"['’]s? {_WORDS}(?i:{_OF_FIRMS})\b", 0, 2),
    _does(rf" (?:(?:has|had|have|will|would|also|later|itself) ){{0,2}}{_CORPORATE}\b", 0.2, 1.2),
    _does(
        r" (?:is headquartered|(?:was|were) founded|ha[sd] its (?:seat|headquarters)|has \w+ employees)\b",
        -1,
        2.5,
    ),
    _does(
        r" (?:booked|employs|manufactures|is hiring|went public|lost \w+ [\w.]* ?[bm]illion)\b",
        -0.5,
        1.5,
    ),
    _does(
        r"(?:, [^,]{3,60},)? (?:ha[sd] )?(?:said|says|announced|reported|expects|hopes|claims|shows?|"
        r"showed|put) (?:that )?(?:it|its)\b",
        -1,
        2,
    ),
    _behind(r", in (?:a|its) (?:\w+ )?(?:filing|statement)\b", -1, 2.5),
    _behind(r", which\b", -1, 0.5),
    _behind(
        r"['’]s (?:own )?(?:[A-Z][\w-]*\d|[A-Z]\w+ (?:chips?|models?|apps?|phones?|software|products?)\b)",
        -0.5,
        2,
    ),
    _behind(
        r" (?:data cent\w+ |graphics |AI )?(?:chips?|processors|app|software|engineers|shares)\b",
        -1,
        0.8,
    ),
    _behind(r", \d{1,2} [A-Z][a-z]+ \d{4}, (?:by|translated)\b", -2, 2.5),
    _behind(r", (?:19|20)\d\d(?=[;)])", -0.5, 1.5),
    _behind(r",? (?:LLC|Inc|Ltd|Corp|GmbH|plc)\b", -2, 4),
    # -- neither
    # "The Biden administration" and "the Henry Cole wing" are called after people; "the Gulf" is nobody.
    _before(r"(?:^|[\s(“\"‘])[Tt]he ", -2, 0, rf"(?:{_GOES_ON}|[^ ])"),
    _before(r"(?:^|[\s(“\"‘])[Tt]he ", -1, 0),
    _before(r"(?:^|[\s(])(?:an?|An?|every|each) ", -2, -0.5),
    _before(
        r"(?<!stake )(?<!shares )(?<!share )(?<!invest )(?<!invested )(?<!faith )"
        r"\b(?:[Ii]n|[Nn]ear|[Aa]cross|[Tt]hroughout|[Oo]utside|[Aa]round) ",
        -1.5,
        -1.5,
        rf"(?:{_GOES_ON}|[.,;)–—-]|$)",
    ),
    _before(r"\bauthor of\W{1,3}", -3, -3),
    _before(
        r"\b(?:village|town|city|county|island|river|province|state|region|district)s? (?:of )?",
        -3,
        -3,
    ),
    _behind(r" (?:Street|Road|Lane|Bridge)\b", -2, -1),
)
