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
    r"(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might|must|"
    r"isn['’]t|aren['’]t|wasn['’]t|don['’]t|doesn['’]t|didn['’]t)\b"
)
# At the beginning, or behind what sets the scene: "In the talk on canals, did ...".
_AUXILIARY = re.compile(
    rf"^(?:and |but |so )?{_AUXILIARY_WORDS}|"
    rf"^(?!\w+ly\b)(?!(?:who|whom|whose|what|which|where|when|why|how)\b)[^?]{{3,90}}[,:] {_AUXILIARY_WORDS}",
    re.I,
)
_DATE = re.compile(
    r"\b(?:when|what (?:year|month|day|date)|which (?:year|month|day|date)|since when|"
    r"how long ago|what time|in (?:what|which) (?:year|month))\b",
    re.I,
)
_NUMBER = re.compile(
    r"\b(?:how (?:many|much|long|large|big|high|far|old|fast|tall)|what (?:percentage|share|number|"
    r"amount|fraction|proportion|percent)|percentage|how often|at what (?:price|rate))\b",
    re.I,
)
_NAME = re.compile(
    r"\b(?:who|whom|whose|where|which (?:company|companies|person|people|city|country|university|"
    r"firm|lab|organi[sz]ation|model|state|paper|outlet|agency|institute)|what (?:company|city|"
    r"country|firm|organi[sz]ation|is the name))\b",
    re.I,
)
_COUNT = r"(?:two|three|four|five|six|seven|eight|nine|ten|other|all|both)"
_LIST = re.compile(
    rf"^(?:list|name|enumerate)\b|\b(?:which|what) (?:\w+ )?{_COUNT}\b|\bwhich \w+s\b|"
    r"\bwhat (?:are|were) the\b|\bwho are\b|\bwhich .* and which\b|\bwhat (?:goes|went) into\b|"
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
    r"\b(?:what (?:do|does|did) .* (?:say|think|report|argue)|what (?:is|was) said|"
    r"summari[sz]e|explain|describe|tell me|what is known)\b",
    re.I,
)
_SPEECH = (
    "says?|said|argues?|argued|claims?|claimed|thinks?|thought|believes?|believed|warns?|warned|"
    "mentions?|mentioned|calls?|called|suggests?|suggested|recommends?|recommended|points? out|"
    "pointed out|wrote|writes|complains?|complained|describes?|described|expects?|expected|"
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
_WHO_SAID = re.compile(
    rf"\bwho (?:(?!did|does|do|is|was|were|are)[\w’'-]+ ){{0,5}}(?:{_SPEECH})\b|"
    rf"\bwhich of\b[^?]*\b(?:{_SPEECH}|would)\b|"
    rf"\b(?:which|what) (?:[\w’'-]+ ){{0,2}}(?:{_SPEAKER})\b[^?]*\b(?:{_SPEECH}|would)\b|"
    r"\b(?:which|what) (?:speaker|guest|host|commenter|reader)\b",
    re.I,
)
_PUBLISHED = re.compile(
    r"\bwhen (?:was|were|did)\b.*\b(?:published|posted|released|come out|updated|written|dated)\b|"
    r"\b(?:publication date|date of (?:the )?(?:publication|\w+))\b|"
    r"\bwhat (?:is|was) the date of\b|\bpublished on (?:what|which)\b|"
    r"\b(?:what|which) date (?:was|is|does|did)\b.*\b(?:published|posted|carry|bear|dated)\b",
    re.I,
)
_OPTIONS = re.compile(
    r"([\w$€£%'’.-]+(?: [\w$€£%'’.-]+){0,3}?),? or (?:did |was |is |the |an? )?"
    r"([\w$€£%'’.-]+(?: [\w$€£%'’.-]+){0,3})",
    re.I,
)
_SAYING = frozenset(
    "say said says saying argue argued claim claimed think thought told tell".split()
)


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
    missing = [w for w in terms(question) if not known.issuperset(stems(w)) and w not in _SAYING]
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
    options = _options(question)
    return Question(question, _shape(question, options), _expected(question), options)


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
    if not (asks and match):
        return ()
    left = [word for word in terms(match.group(1)) if word not in _SAYING]
    right = [word for word in terms(match.group(2)) if word not in _SAYING]
    if not left or not right or left[-1] == right[0]:
        return ()
    return left[-1], right[0]
