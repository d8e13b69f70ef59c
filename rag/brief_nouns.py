"""Nouns that tell what a name is of: of people, of organisations, of places and things. English.

No names are listed but those of countries, which stand where organisations do ("China said") and are none.
"""

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
AGENTS = "maker|operator|publisher|supplier|auditors?|landowner|lender|insurer|regulator|sponsor"
TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame|Lady|Lord|President|Premier|Chancellor|Minister|Senator"
    r"|Sen|Rep|Representative|Congressman|Congresswoman|Secretary|Governor|Gov|Judge|Justice|Councillor|Cllr"
    r"|Captain|Capt|Colonel|Col|General|Gen|Sergeant|Sgt|Lieutenant|Lt|Inspector|Commissioner|Ambassador"
    r"|Mayor|King|Queen|Prince|Princess|Emperor|Pope|Bishop|Archbishop|Father|Sister|Brother|Rev|Reverend"
    r"|Chairman|Chairwoman|CEO|Director|Editor|Host|Commander)\.?"
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
# "Port Marrow", "San José": what places begin with.
PLACES_FIRST = frozenset(
    "new old port san santa saint st mount lake fort cape north south east west upper lower nether great "
    "little los las el bay".split()
)
HOUSES = frozenset(
    {"white house", "pentagon", "kremlin", "politburo", "european union", "united nations", "nato"}
)
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
