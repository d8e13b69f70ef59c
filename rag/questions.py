"""What kind of answer a question asks for, from its words alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from index.lexical import terms
from index.words import stems
from rag.errors import QuestionError

MAX_QUESTION_CHARS = 2_000

Expected = Literal["number", "date", "name", "other"]
Shape = Literal["span", "yes-no", "either-or", "list", "compare", "open", "who-said", "published"]

_AUXILIARY_WORDS = (
    r"(?:(?:is|are|was|were|do|does|did|could|has|have|had|would|should|must|ca|wo)n['’]?t|"
    r"am|is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might|must)\b"
)
# At the beginning, or behind what sets the scene: "In the talk on canals, did ...".
_AUXILIARY = re.compile(
    rf"^(?:and |but |so )?{_AUXILIARY_WORDS}|"
    rf"^(?!\w+ly\b)(?!(?:who|whom|whose|what|which|where|why|how)\b)[^?]{{3,90}}[,:] {_AUXILIARY_WORDS}",
    re.I,
)
# Where a question word asks, and does not merely join: "Who founded it and when?", "By when ...".
_ASKING = r"(?:^|[.,:;!?)–—-] |\b(?:and|so|but|by|to|from|with|in|of|for|on|at|under|until|since|before) )"
_DATE = re.compile(
    rf"{_ASKING}when\b|\bwhen\W*$|\b(?:what|which)(?:['’]s| is| was)? (?:the )?(?:\w+ )?"
    r"(?:year|month|day|date|deadline)\b|\bhow long ago\b|\bwhat time(?! limit)\b",
    re.I,
)
_NUMBER = re.compile(
    r"\b(?:how (?:many|much|long|large|big|high|far|old|fast|tall)|what (?:percentage|share|number|"
    r"amount|fraction|proportion|percent)|percentage|how often|at what (?:price|rate)|"
    r"what(?:['’]s| is| was| are| were) (?:the |its |his |her |their )?(?:[\w’'-]+ ){0,3}?"
    r"(?:price|costs?|fee|fine|revenue|profits?|population|rate|salary|budget|total|toll))\b",
    re.I,
)
_NAME = re.compile(
    rf"{_ASKING}(?:who|whom|whose|where)\b|\b(?:who|where)\W*$|"
    r"\b(?:which (?:company|companies|person|people|city|country|university|firm|lab|"
    r"organi[sz]ation|model|state|paper|outlet|agency|institute|man|woman|doctor|author|minister|"
    r"judge|official|bank|museum|town|village)|what (?:company|city|country|firm|organi[sz]ation)|"
    r"what(?:['’]s| is| was| are| were) the names?)\b",
    re.I,
)
_COUNT = r"(?:two|three|four|five|six|seven|eight|nine|ten|other|all|both)"
# "Which guests", but neither "which process" nor "which electronics company".
_PLURAL = (
    r"(?!\w*(?:ss|us|is|ics)\b|(?:species|series|lens|gas|news|goods)\b)\w+s\b"
    r"(?! (?:company|firm|office|agency|provider|team|department|group|club|union|shop|school|museum|"
    r"town|bank|train|manager|director|minister)\b)"
)
# "What were the profits in 2021?" asks for one sum.
_SUMS = (
    r"(?:[\w’'-]+ ){0,2}(?:odds|chances|costs|profits|losses|sales|earnings|revenues|wages|damages|"
    r"emissions|hours)(?: (?:in|for|of|on|at)\b|\W*$)"
)
_LIST = re.compile(
    rf"^(?:list|name|enumerate)\b|\b(?:which|what) (?:\w+ )?{_COUNT}\b|\bwhich {_PLURAL}|"
    rf"\bwhat (?:are|were) the\b(?! {_SUMS})|\bwho are\b|\b(?:which|what) people\b|\bwho else\b|"
    r"^give (?:me )?a list\b|\bwhich .* and which\b|\bwhat (?:goes|went) into\b|"
    r"\bwhat (?:do|does|did) .* (?:consist of|include|contain|need to buy|have to buy)\b",
    re.I,
)
_COMPARE = re.compile(
    r"\w,? (?:and|but) (?:how|what|which|where|when)\b|\bcompared?\b|\bcomparison\b|"
    r"\bas opposed to\b|\bversus\b|\bvs\b|\bhow (?:much|many|far|long)\b[^?]*\bthan\b|"
    r"\bhow (?:has|have|had|did|does|do)\b[^?]*\b(?:change|changed|differ|differed)\b|"
    r"\bdifferences? between\b|\bthen and now\b",
    re.I,
)
_OPEN = re.compile(
    r"\bwhat (?:do|does|did) .* (?:say|think|report|argue)\b|\bwhat (?:is|was) said\b|"
    r"\bwhat is known\b|^tell me\b|"
    r"(?:^|, |^briefly )(?:summari[sz]e|explain|describe)\b",
    re.I,
)
# "In 2019 the firm lost its main client. Did it recover?": the last sentence asks.
_CONTEXT = re.compile(
    r"(?<=[.!]) +(?=(?:And |But |So )?(?:Who|Whom|Whose|What|Which|Where|When|Why|How|Is|Are|Was|Were|"
    r"Do|Does|Did|Can|Could|Has|Have|Had|Will|Would|Should|May|Must)\b[^?]*\?\W*$)"
)
_WHETHER = re.compile(r"^(?:if|whether) ", re.I)
# What stands before the question proper: "Could you please tell me when ...".
_POLITE = re.compile(
    r"^(?:(?:please|hi|hello)[,!.]? |(?:can|could|would|will) you (?:please )?(?=(?:briefly )?"
    r"(?:tell|list|name|give|show|find|explain|describe|summari[sz]e|compare)\b))+|"
    r"^(?:do(?:es)? (?:you|anyone) (?:happen to )?know|(?:(?:can|could) (?:you|anyone) )?tell me|"
    r"can i ask|i was wondering|i(?: would|['’]d) like to know|i want to know) "
    r"(?=(?:who|whom|whose|what|which|where|when|why|how|if|whether)\b)",
    re.I,
)
_SPEECH = (
    "says?|said|argues?|argued|claims?|claimed|thinks?|thought|believes?|believed|warns?|warned|"
    "mentions?|mentioned|calls?|called|suggests?|suggested|recommends?|recommended|points? out|"
    # "Who wrote under the article that ...", but "Who wrote the memo?" asks for an author.
    "pointed out|(?:wrote|writes)(?= (?:in\\b|(?:(?:back|in|under|below|beneath|after|to|from) "
    "[^?]*)?(?:that|how|why|to say|of)\\b))|"
    "stated|testified|maintained|accused|blamed|complains?|complained|describes?|described|expects?|expected|"
    "compares?|compared|doubts?|doubted|spoke|speaks|prefers?|preferred|told|tells|admits?|admitted|"
    "grumbles?|grumbled|reckons?|reckoned|insists?|insisted|objects?|objected|apologi[sz]e[sd]?|"
    "wish(?:es|ed)?|wanted|wants|asks?|asked|remembers?|remembered|recalls?|recalled|denie[sd]|"
    "confirm(?:s|ed)?|explain(?:s|ed)?|criticis(?:es|ed)|praise[sd]?|predict(?:s|ed)?|found|finds|"
    "regret(?:s|ted)?|agree[sd]?|disagree[sd]?|interrupted|demand(?:s|ed)?|promise[sd]?|"
    "hope[sd]?|worrie[sd]|fear(?:s|ed)|defend(?:s|ed)?|dismiss(?:es|ed)"
)
_SPEAKER = (
    "one|speaker|guest|host|author|interviewee|man|woman|person|expert|commenter|reader|member|"
    "panellist|panelist|scientist|researcher|lawyer|counsel|witness|trader|councillor|resident|"
    "minister|official|listener|critic|reporter|journalist|doctor|professor|economist|teacher"
)
# What may stand between "who" and what was said: "who in the panel first said".
_BETWEEN = (
    r"(?:(?!(?:did|does|do|is|was|were|are|gets?|must|may|can|could|should|when|where|if)\b)"
    r"[\w’'-]+ ){0,5}"
)
_WHO_SAID = re.compile(
    rf"(?:^|[.,:;!?)–—-] |\b(?:and|so|but|it|know|me) )who {_BETWEEN}(?:{_SPEECH})\b|"
    rf"\bwho (?:was|is) (?:it that |quoted (?:as )?)(?:\w+ )?(?:{_SPEECH}|saying)\b|"
    r"\bwho (?:does|did|do)(?:n['’]t| not)? (?:\w+ )?(?:say|think|believe|expect|agree|want|mind)\b|"
    r"^according to whom\b|\bwhose (?:view|opinion|idea|claim|suggestion|advice)\b|"
    rf"\bwhich of\b[^?]*\b(?:{_SPEECH}|would)\b|"
    rf"\b(?:which|what) (?!{_AUXILIARY_WORDS})(?:[\w’'-]+ ){{0,2}}(?:{_SPEAKER})\b[^?]*"
    rf"\b(?:{_SPEECH}|would)\b|"
    r"\b(?:which|what) (?:speaker|guest|host|commenter|reader)\b",
    re.I,
)
_DOCUMENT = (
    r"(?:[\w’'-]+ ){0,4}?(?:article|report|memo|paper|study|interview|podcast|episode|newsletter|"
    r"digest|bulletin|page|document|post|blog|letter|story|piece|summary|transcript|glossary|timeline|"
    r"briefing|edition|version|minutes|notice|text|guide|booklet|leaflet|review|column|conversation|"
    r"talk|programme|findings|handbook|manual|contract|entry|thread|file)s?\b"
)
_OUT = r"(?:published|posted|released|come out|came out|updated|written|dated)"
_PUBLISHED = re.compile(
    rf"\bwhen (?:was|were|did) (?![^?]*\bsaid to\b){_DOCUMENT}[^?]*\b{_OUT}\b|"
    rf"^when (?:the|this) {_DOCUMENT} (?:was |were )?{_OUT}\b|"
    # "When was it published?": of what was talked about.
    rf"\bwhen (?:was|were|did) (?:it|this|that|they) {_OUT}\b|"
    rf"\bpublication date\b|\bdate of (?:publication\b|(?:the |this )?{_DOCUMENT})|"
    rf"\bpublished on (?:what|which)\b|"
    rf"\b(?:what|which) (?:date|day|year) (?:was|is|does|did) {_DOCUMENT}[^?]*\b(?:{_OUT}|carry|bear)\b",
    re.I,
)
_OPTIONS = re.compile(
    r"([\w$€£%'’.-]+(?: [\w$€£%'’.-]+){0,3}?),? or (?:did |was |is |the |an? )?"
    r"([\w$€£%'’.-]+(?: [\w$€£%'’.-]+){0,3})",
    re.I,
)
# Behind a question word "or" offers a choice only where it stands apart: "Which came first, A or B?".
_QUESTION_WORD = re.compile(
    r"^(?:and |but |so )?(?:who|whom|whose|what|which|where|when|why|how)\b", re.I
)
_CHOICE_APART = re.compile(
    r"[,:–—-] ?(?:is it |was it )?[^,:?]{1,60},? or [^,?]*\??$|^[^?]{1,60} or [^?]{1,60}[:,–—-] |"
    r"\b(?:whether|it)\b[^?]* or ",
    re.I,
)
# "Was anyone hurt or killed?", "Did he resign or not?" offer none.
_NO_CHOICE = re.compile(
    r"\b(?:any|anyone|anybody|anything|ever)\b[^?,]* or |(?<!,) or not\W*$|\d[^?]{0,12} or (?:more|less)\W*$|"
    r"\bor (?:so|otherwise|anything)\b|\bwith or without\b|\bwhether or not\b",
    re.I,
)
_SAYING = frozenset(
    "say said says saying argue argued claim claimed think thought told tell".split()
)
# Their absence from a passage tells nobody anything.
_EMPTY_WORDS = frozenset("all any each ever every some such sure really actually exactly".split())


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart.

    Attributes:
        text: the standalone question, white space tidied.
        shape: how it wants to be answered.
        expected: what the answer looks like.
        options: what an either-or question offers, lower case words.
    """

    text: str
    shape: Shape
    expected: Expected
    options: tuple[str, ...] = ()


def tidy(text: str) -> str:
    """The question with white space collapsed.

    Raises:
        QuestionError: it is empty, or longer than is sensible.
    """
    question = " ".join(text.split())
    if not any(char.isalnum() for char in question):
        raise QuestionError("The question is empty. Type what you want to know.")
    if len(question) > MAX_QUESTION_CHARS:
        raise QuestionError(
            f"The question has {len(question):,} characters; at most {MAX_QUESTION_CHARS:,} are "
            "read. Shorten it, or add the text as a document and ask about it."
        )
    return question


def missing_words(question: str, passages: Iterable[str]) -> tuple[str, ...]:
    """Words of a question, as it writes them, that none of the passages mentions in any form."""
    known: set[str] = set()
    for passage in passages:
        known.update(stems(passage))
    asked = (word for word in terms(question) if word not in _SAYING | _EMPTY_WORDS)
    missing = [word for word in asked if not known.issuperset(stems(word))]
    return tuple(as_written(question, word) for word in missing)


def as_written(question: str, word: str) -> str:
    """A folded word of a question with the question's own capitals."""
    match = re.search(rf"\b{re.escape(word)}\b", question, re.I)
    return match.group() if match else word


def analyse_question(text: str) -> Question:
    """Shape and expected answer of a standalone question.

    Raises:
        QuestionError: as `tidy`.
    """
    question = tidy(text)
    asked = _CONTEXT.split(question)[-1]
    plain = without_politeness(asked) or question
    if plain != asked and _WHETHER.match(plain):
        plain = _WHETHER.sub("is it so that ", plain)
    options = _options(plain)
    return Question(question, _shape(plain, options), _expected(plain), options)


def without_politeness(text: str) -> str:
    """A question without "Could you please tell me" in front of it."""
    return _POLITE.sub("", _POLITE.sub("", text))


def _shape(question: str, options: tuple[str, ...]) -> Shape:
    if _PUBLISHED.search(question):
        return "published"
    if options:
        return "either-or"
    if _WHO_SAID.search(question):
        return "who-said"
    if _AUXILIARY.search(question):
        return "yes-no"
    if _COMPARE.search(question):
        return "compare"
    if _OPEN.search(question):
        return "open"
    if _LIST.search(question):
        return "list"
    return "span"


def _expected(question: str) -> Expected:
    if _DATE.search(question):
        return "date"
    if _NUMBER.search(question):
        return "number"
    if _NAME.search(question):
        return "name"
    return "other"


def _options(question: str) -> tuple[str, ...]:
    """The two things "A or B" offers; only of questions that want one of them."""
    asks = _AUXILIARY.search(question) or re.search(
        r"\b(?:which|who|whose|what|whether|was it)\b", question, re.I
    )
    match = _OPTIONS.search(question)
    if not (asks and match) or _NO_CHOICE.search(question):
        return ()
    if _QUESTION_WORD.match(question) and not _CHOICE_APART.search(question):
        return ()
    left = [word for word in terms(match.group(1)) if word not in _SAYING]
    right = [word for word in terms(match.group(2)) if word not in _SAYING]
    if not left or not right or left[-1] == right[0]:
        return ()
    return left[-1], right[0]
