"""What speaks for a name being a person's or an organisation's: words in it, before it and behind it.

Only the table; `rag.brief_kinds` weighs it. English, and no names are listed but those of countries, which
stand where organisations do ("China said") and are none.
"""

import re
from dataclasses import dataclass

_ROLE_NOUNS = (
    "analyst researcher professor lecturer engineer founder co-founder cofounder executive ceo "
    "cto cfo chair director president premier minister chancellor ambassador senator governor "
    "mayor councillor commissioner judge lawyer attorney solicitor barrister author co-author "
    "writer poet editor reporter correspondent host co-host presenter producer photographer guest "
    "moderator interviewer doctor nurse midwife surgeon teacher student trainer coach captain "
    "champion player actor actress singer painter composer architect designer programmer farmer "
    "baker brewer keeper caretaker cleaner driver pilot officer commander inspector sergeant "
    "colonel treasurer secretary manager fellow expert adviser advisor entrepreneur billionaire "
    "campaigner widow widower husband wife son daughter father mother brother sister uncle aunt "
    "cousin nephew niece grandfather grandmother friend colleague king queen prince princess "
    "emperor pope bishop archbishop monk missionary reformer philosopher inventor explorer "
    "astronaut"
)
_NOUNS_OF_PEOPLE = "|".join(_ROLE_NOUNS.split())
ROLE = (
    rf"(?:{_NOUNS_OF_PEOPLE}|[a-z]{{2,}}(?:ologist|omist|mist|cist|nist|rist|alist|ician|arian|orian|"
    r"logian)|(?!wo|hu)[a-z]{2,}(?:man|woman|person)|(?:board|panel|committee|crew|team|family) member|"
    r"(?i:CEO|CTO|CFO)|chief|head|boss)"
)
_BODY_NOUNS = (
    "company firm start-up startup chipmaker carmaker manufacturer think-tank consultancy fund "
    "bank newspaper magazine lab laboratory university college school agency party club band "
    "charity foundation retailer airline supplier subsidiary broadcaster museum union institute "
    "corporation business brewery bakery hospital watchdog nonprofit non-profit ngo association "
    "federation society league committee council commission ministry department authority "
    "conglomerate brokerage utility co-operative cooperative giant rival"
)
BODY = (
    rf"(?:{'|'.join(_BODY_NOUNS.split())}|think tank|lobby group|hedge fund|law firm|trade union)"
)
# The same words are said of people too, but not right before an organisation's name.
_AGENTS = "maker|operator|publisher|supplier|auditors?|landowner|lender|insurer|regulator|sponsor"
_TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame|Lady|Lord|President|Premier|Chancellor|Minister|Senator"
    r"|Sen|Rep|Representative|Congressman|Congresswoman|Secretary|Governor|Gov|Judge|Justice|Councillor|Cllr"
    r"|Captain|Capt|Colonel|Col|General|Gen|Sergeant|Sgt|Lieutenant|Lt|Inspector|Commissioner|Ambassador"
    r"|Mayor|King|Queen|Prince|Princess|Emperor|Pope|Bishop|Archbishop|Father|Sister|Brother|Rev|Reverend"
    r"|Chairman|Chairwoman|CEO|Director|Editor|Host|Commander)\.?"
)
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
    r"estimate[sd]?|concentrates|counted)"
)
_OF_FIRMS = (
    r"(?:ceo|chief executive|founders?|co-founders?|spokes\w+|shares?|stock|headquarters|head office|"
    r"revenues?|earnings|profits?|board|shareholders?|investors|chair(?:man|woman)?|employees|market value|"
    r"subsidiar(?:y|ies)|share price|parent company|customers)"
)


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that may stand beside a name.

    Attributes:
        before: whether it stands right before the name; else right behind.
        pattern: for what stands there.
        person: how much it speaks for a person, negative against.
        organisation: the same for an organisation.
    """

    before: bool
    pattern: re.Pattern[str]
    person: float
    organisation: float


def _before(pattern: str, person: float, organisation: float) -> Sign:
    return Sign(True, re.compile(rf"{pattern}\Z"), person, organisation)


def _behind(pattern: str, person: float, organisation: float) -> Sign:
    return Sign(False, re.compile(pattern), person, organisation)


_THE = r"(?:the |The |an? )?"
_ITS = r"(?:an?|the|its|their|his|her|our|then|former) "
# What leads to a list, and the names of the list so far.
_LISTED = (
    r"(?:: |among them |such as |like |including |(?:are|were) )"
    r"(?:[\w’'&.-]+(?: [\w’'&.()-]+){0,4}, ){0,8}(?:[\w’' -]+ and )?"
)
SIGNS = (
    # -- people: titles, roles, what only they do
    _before(rf"(?:^|[\s(“\"‘]){_TITLE} ", 3, -1),
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
    _behind(rf"(?:,[^,]{{3,70}},)? (?:has |had |also |later |then )?{_SAYS}\b", 0.8, 0.4),
    _before(rf"\b{_SAYS} ", 0.8, 0.2),
    _behind(
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
        r"[Rr]eviewed|[Tt]ranslated|[Ii]nterview(?:ed)?|[Pp]hoto(?:graph)?s?) by|By|[\w’']+ \d{4}\W{1,3}by)"
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
        r"signed|conceived|moderated) by ",
        2,
        0,
    ),
    # -- organisations: what they are called, who works there, what is done by and to them
    _before(rf"(?:^|[\s(“\"‘’'-])(?:{BODY}|{_AGENTS}),? (?:called |named )?(?:the )?", -1, 3),
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
    _behind(rf" (?:(?:has|had|have|will|would|also|later|itself) ){{0,2}}{_CORPORATE}\b", 0.2, 1.2),
    _behind(
        r" (?:is headquartered|(?:was|were) founded|ha[sd] its (?:seat|headquarters)|has \w+ employees)\b",
        -1,
        2.5,
    ),
    _behind(
        r" (?:booked|employs|manufactures|is hiring|went public|lost \w+ [\w.]* ?[bm]illion)\b",
        -0.5,
        1.5,
    ),
    _behind(
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
    _before(r"(?:^|[\s(“\"‘])[Tt]he ", -3, 0),
    _before(r"(?:^|[\s(])(?:an?|An?|every|each) ", -2, -0.5),
    _before(
        r"(?<!stake )(?<!shares )(?<!share )(?<!invest )(?<!invested )(?<!faith )"
        r"\b(?:[Ii]n|[Nn]ear|[Aa]cross|[Tt]hroughout|[Oo]utside|[Aa]round) (?:the )?",
        -1.5,
        -1.5,
    ),
    _before(r"\bauthor of\W{1,3}", -3, -3),
    _behind(r" (?:Street|Road|Lane|Bridge)\b", -2, -1),
)
# What one calls a place, a thing, a text or an event.
_THINGS = (
    "street road lane avenue square bridge tunnel river valley lake island islands mountain "
    "mountains hill park bay port harbour coast street quay gate dock list act plan index report "
    "tracker treaty award prize conference summit war day week month year forum game games cup "
    "model chip code act law bill amendment provisions order tournament yard row moss fields "
    "landing festival"
)
_BODIES = (
    "inc corp corporation company co ltd limited llc llp gmbh plc holdings group partners capital "
    "ventures technologies labs laboratory laboratories bank foundation institute institution "
    "university college school academy council committee commission agency authority bureau "
    "department dept ministry office association society union organisation organization party "
    "parliament congress senate army navy police press times post journal gazette courier herald "
    "tribune telegraph dispatch ledger sentinel magazine weekly quarterly airlines airways "
    "railways railway systems industries electronics semiconductor semiconductors motors trust "
    "fund board chamber federation alliance coalition consortium observatory museum library "
    "hospital infirmary studios records pictures entertainment broadcasting television radio "
    "media publishing publishers productions films theatres brewery bakery estates research "
    "consulting software pharmaceuticals guild league network works waterworks lines club team "
    "ombudsman service services administration center centre wire "
    "mail hotel hotels review savings audio"
)
THINGS = frozenset(_THINGS.split())
BODIES = frozenset(_BODIES.split())
# "Ministry of Finance", "Technical University of Munich": the word before "of" tells.
BODIES_OF = frozenset(
    (
        "ministry department university bank bureau institute institution office council board "
        "academy commission committee center centre federation association society museum school "
        "court chamber city coalition college journal ministries league"
    ).split()
)
BODIES_FIRST = frozenset("radio team musee banque universitat universite messrs cafe hotel".split())
COURT = re.compile(
    r"\b(?:High|County|Supreme|District|Federal|Constitutional|Crown|International)\b.* Court$"
)
HOUSES = frozenset(
    {"white house", "pentagon", "kremlin", "politburo", "european union", "united nations", "nato"}
)
OWN_TITLE = re.compile(rf"^(?!(?:Editor|Director) ){_TITLE} (?!of\b)", re.I)
# "J. Achebe", "John F. Kennedy"; and, as lists of literature write it, "Thiel J".
INITIALS = re.compile(r"^(?:[A-Z]\. ?)+[A-Z][a-zà-ÿ]|^[A-Z][a-zà-ÿ]+ [A-Z]\. [A-Z][a-zà-ÿ]")
SURNAME_FIRST = re.compile(r"^[A-Z][a-zà-ÿ’'-]+ [A-HJ-KM-UWY-Z]$")
ACRONYM = re.compile(r"^[A-Z][A-Z&.]{1,6}$")
COUNTRIES = frozenset(
    name.strip()
    for name in """afghanistan, africa, america, argentina, asia, australia, austria, bangladesh,
    belgium, brazil, britain, canada, chile, china, colombia, cuba, czech republic, denmark, egypt,
    england, estonia, ethiopia, europe, finland, france, georgia, germany, ghana, great britain,
    greece, hong kong, hungary, iceland, india, indonesia, iran, iraq, ireland, israel, italy,
    japan, kenya, kuwait, latvia, lithuania, luxembourg, macau, malaysia, mexico, mongolia, morocco,
    myanmar, nepal, netherlands, new zealand, nigeria, north korea, norway, pakistan, peru,
    philippines, poland, portugal, qatar, romania, russia, saudi arabia, scotland, serbia,
    singapore, slovakia, slovenia, south africa, south korea, soviet union, spain, sweden,
    switzerland, syria, taiwan, thailand, turkey, ukraine, united arab emirates, united kingdom,
    united states, venezuela, vietnam, wales, yemen, washington, beijing, brussels, london, moscow,
    paris, tokyo""".split(",")
)
