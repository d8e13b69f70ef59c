"""A plain statement of a document, and the parts of it that a question takes over."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from index.dates import Date
from index.names import find_names
from rag.asking_verbs import BASE_OF_PAST, PAST

Kind = Literal[
    "heading",
    "definition",
    "who",
    "amount",
    "date",
    "place",
    "speaker",
    "topic",
    "census",
    "published",
]
IsName = Callable[[str], bool]
_LEAST_WORDS, _MOST_WORDS, _MOST_CHARS = 3, 15, 110
# What points at something that a question by itself does not have, and whole sentences of a conversation.
LEANS = frozenset(
    "it they them he him she this that these those we us you your our ours i my me here there such "
    "same former latter above below following aforementioned respectively however therefore thus "
    "instead also too again another other others so more their his her himself itself themselves "
    "today yesterday tomorrow now then later earlier recently last next ago who which whose because "
    "although while if when where whether but".split()
)
BAD_ENDS = frozenset(
    "a an the of in on at to for from with by and or but as than about into over under between after "
    "before per is was were are be been has have had do did not no its very up out nearly about "
    "around some roughly only just more less".split()
)
_ALLOWED = re.compile(r"[\w $€£%.,’'&/+-]+")
_FIRST_DATE = re.compile(r"(?:On|In|By|Since) ")
CLAUSE_END = re.compile(
    r"[,;:.()–—]|\s-\s| (?:and|but|or|because|although|while|which|who|where|when|so) "
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the words that answer it.

    Attributes:
        kind: by which pattern.
        words: of the sentence; the answer must say them, or be said by them.
    """

    question: str
    kind: Kind
    words: str


@dataclass(slots=True)
class Statement:
    """A sentence, or a part of one that could stand by itself."""

    text: str
    is_name: IsName

    def names(self) -> list[tuple[int, int]]:
        """(start, end) of the names that are names for sure, in order."""
        return [
            (n.start, n.end)
            for n in find_names(self.text)
            if n.certain or self.is_name(self.text[n.start : n.end].split(" ")[0])
        ]


def is_well_formed(question: str) -> bool:
    """Whether a question of a pattern is one that a person could have typed."""
    body = question.removesuffix("?")
    words = re.findall(r"[\w’'-]+", body)
    # "US" is a country, "us" leans.
    lower = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    if not _LEAST_WORDS <= len(words) <= _MOST_WORDS or len(question) > _MOST_CHARS:
        return False
    if not _ALLOWED.fullmatch(body.replace("“", "").replace("”", "")) or "  " in body:
        return False
    ends_well = lower[-1] not in BAD_ENDS or lower[-2] == "warn"
    return ends_well and not LEANS & set(lower[1:])


def subject_and_past(statement: Statement, dates: list[Date]) -> tuple[str, str, int] | None:
    """(subject, base form of its verb, end of the verb) of a plain statement in the past."""
    for match in re.finditer(r" (?P<verb>[a-z]+)\b", statement.text[:160]):
        if match["verb"] in PAST:
            subject = subject_of(statement.text[: match.start()], statement, dates)
            return None if subject is None else (subject, BASE_OF_PAST[match["verb"]], match.end())
    return None


def subject_of(words: str, statement: Statement, dates: list[Date]) -> str | None:
    """The subject as it stands inside a question; None where it does not say by itself who or what it is.

    Args:
        words: everything before the verb; a date may stand in front ("On 26 December DeepSeek").
        statement: the whole.
        dates: of the statement.
    """
    at = 0
    if _FIRST_DATE.match(words) and dates and dates[0].start < 4:
        at = dates[0].end
    subject = words[at:].strip(" ,")
    start = words.find(subject)
    if not subject or re.search(r"[,;:()“”\"]|\b(?:and|or|of which|said|says|that)\b", subject):
        return None
    first, _, rest = subject.partition(" ")
    end = start + len(subject)
    names = [(a, b) for a, b in statement.names() if start <= a and b <= end]
    if first.lower() in ("the", "a", "an"):
        named = bool(names) or bool(re.search(r"\d", rest))
        return f"{first.lower()} {rest}" if named and len(subject.split()) <= 8 else None
    return subject if names[:1] == [(start, end)] else None


def clause(words: str) -> str:
    """The words up to where a clause ends."""
    plain = words.strip()
    match = CLAUSE_END.search(f"{plain} ")
    return (plain[: match.start()] if match else plain).strip()


def has_name(words: str) -> bool:
    """Whether some word of a phrase is capitalised."""
    return bool(re.search(r"(?<!^)\b[A-Z][\w-]+", f"x {words}"))


def is_whole(statement: Statement, start: int, end: int) -> bool:
    """Whether a stretch is one name, and not the end of a longer one."""
    return any(a == start and b >= end for a, b in statement.names())
