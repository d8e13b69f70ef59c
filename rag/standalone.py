"""Makes a follow-up standalone before retrieval: "And when was it founded?" needs its "it".

Rules, no model, nothing of the library. A question stays as it is unless its words show that they
lean on what was asked before. Then it gets the topic of the conversation: in place of its pronoun
where the topic has one name, otherwise behind it in brackets, its own words untouched. The topic is
what the latest question that stood by itself was about, so a new subject ends the old one.
`python -m eval.followups` measures what that finds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from index.lexical import terms
from rag.mentions import OPENERS, exchanged, names_in

_LEAD = re.compile(
    r"^(?:(?:and|but|so|also|then|or|ok|okay|well|what about|how about)\b[ ,]*)+", re.I
)
# "And the notice period?" asks for something else about the same thing; "And in May?" does not.
_NEW_ASPECT = re.compile(r"(?:the|its|his|her|their) \w", re.I)
# Questions about one name and nothing else: "Where is OpenAI based?"
_FRAME = re.compile(
    r"(?i:tell me (?:more )?about|(?:who|what|where|when|how) (?:is|are|was|were|do|does|did|has|"
    r"have)|(?:is|was) (?:it|that|this|he|she)) (?:the )?(\w[^?:,;]*?)(?: [a-z]+)?[ ?.!]*"
)
_PERSON = frozenset({"he", "him", "his", "she", "her", "hers"})
_POSSESSIVE = frozenset({"its", "his", "their", "theirs", "hers"})
_PRONOUN = re.compile(r"\b(?:it|its|he|him|his|she|her|hers|they|them|their|theirs)\b", re.I)
# "How long does it take?" and "Was it price or quality that ...?" refer to nothing.
_EMPTY_IT = re.compile(
    r"\b(?:is|was) it (?:true|possible|likely|clear|known)\b|\bit (?:takes?|took)\b|"
    r"\bdo(?:es)? it take\b|\bdid it take\b|\b(?:is|was) it\b(?=.* (?:that|who|which|or) )",
    re.I,
)
# What a pronoun further to the right can stand for, unless it is the subject that the question
# asks about: "What fee does the library charge for its course?", but "What songs did they play?".
_OWN_NOUN = re.compile(r"\b(?:the|an?|every|each|some) \w+", re.I)
_OWN_PLURAL = re.compile(
    r"\b(?!(?:is|was|does|has|this|always|besides|his|its|hers|theirs|years)\b)\w{3,}s\b", re.I
)
_INVERTED = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should) $", re.I
)
_POINTING = re.compile(
    r"\b(?:this|these)\b(?! (?:year|month|week|article|document|page)\b)|"
    r"\bthose\b(?! (?:who|that|which|of|in|with|whose))|"
    r"\b(?:did|does|do|is|was|were|are|would|will|could|can|has|had|about|after|before|since|of|in|"
    r"at|on|for|with|by|to|from|like|than|during|all|why|how|but|and) that\b|\bthat(?=\W*$)|"
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere(?=\W*$)|\bthe (?:latter|former|same)\b",
    re.I,
)
# "Besides his first book, what did Adam Reyes write?"
_BESIDES = re.compile(r"(?:besides|aside from|apart from|other than|in addition to)\b", re.I)
_QUOTED = re.compile(r"[\"“”][^\"“”]+[\"“”]")
_MORE = re.compile(r"\b(?:else|others?|another)\b", re.I)
_ASKS = re.compile(
    r"\b(?:who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|did|can|could|has|"
    r"have|had|will|would|should|tell|list|name|any)\b",
    re.I,
)
# What was asked for is not what the conversation is about: "In which city was the workshop held?".
_ASKED_FOR = re.compile(
    r"^(?:how (?:big|far|fast|high|large|long|many|much|often|old|tall|well)|"
    r"(?:(?:in|at|on|from|to|by|for|with|under) (?:which|what) \w+(?: \w+)?|"
    r"(?:which|what) (?:city|town|country|place|year|month|day|date|time)) "
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)|"
    r"what (?:happened|happens) (?:to|with|in|at))\b ?",
    re.I,
)
_FEW_TERMS = 3
_MORE_TERMS = 6
_NEW_TERMS = 6
_ANSWER_WORDS = 12


@dataclass(slots=True)
class _Topic:
    """A stretch of the conversation: a question that stood by itself, and what leaned on it."""

    head: str
    names: list[str]
    words: set[str]
    last: str = ""
    added: list[str] = field(default_factory=list)


def make_standalone(question: str, history: Sequence[str]) -> str:
    """The question with what it silently refers to put in.

    Args:
        question: the follow-up.
        history: what was asked before, oldest first (answers may stand between).

    Returns:
        The question as it is where there is no history or it stands by itself.
    """
    topics = _topics(history)
    if not topics or not any(char.isalnum() for char in question) or not _leans(question):
        return question
    topic = topics[-1]
    if _is_elliptic(question):
        rest = _LEAD.sub("", question).strip(" ?")
        if not _NEW_ASPECT.match(rest):
            return _asked_again(topic, _LEAD.sub("", question).strip())
        question = f"What is {rest}?"
    return _put_in(question, topic)


def _leans(question: str) -> bool:
    """Whether the words show that something from before is meant."""
    if _open_pronouns(question) or _is_elliptic(question):
        return True
    if names_in(question) or _QUOTED.search(question):
        return False
    n_terms = len(terms(_LEAD.sub("", question)))
    if _POINTING.search(question) or (_MORE.search(question) and n_terms <= _MORE_TERMS):
        return True
    # "How long did the band play?" leans on something; "chip export licence" is a search.
    return n_terms <= _FEW_TERMS and bool(_ASKS.search(question))


def _is_elliptic(question: str) -> bool:
    """Whether it is no question without the one before: "And in May?", "What about the cost?"."""
    lead = _LEAD.match(question)
    if lead is None:
        return False
    rest = question[lead.end() :]
    return not _ASKS.match(rest) and not (_ASKS.search(rest) and len(rest.split()) > 2)


def _open_pronouns(question: str) -> list[re.Match[str]]:
    """Pronouns with nothing in front of them in the question that they could stand for."""
    if _BESIDES.match(question) and names_in(question):
        return []
    empty = [match.span() for match in _EMPTY_IT.finditer(question)]
    found = []
    for match in _PRONOUN.finditer(question):
        before = question[: match.start()]
        if any(start <= match.start() < end for start, end in empty) or names_in(before):
            continue
        if not _bound(match.group().lower(), before):
            found.append(match)
    return found


def _bound(pronoun: str, before: str) -> bool:
    """Whether a common noun in front of a pronoun is what it stands for."""
    if pronoun in _PERSON or (_INVERTED.search(before) and "," not in before):
        return False
    plural = pronoun.startswith("the") and bool(_OWN_PLURAL.search(before))
    return plural or bool(_OWN_NOUN.search(before))


def _topics(history: Sequence[str]) -> list[_Topic]:
    """What the conversation has been about, the latest last."""
    topics: list[_Topic] = []
    for before, turn in pairwise(("", *history)):
        if not terms(turn) or (topics and _is_answer(turn, before)):
            continue
        names = names_in(turn)
        if topics and _goes_on(turn, names, topics[-1]):
            topic = topics[-1]
            topic.added += [n for n in names if n not in topic.names + topic.added]
        else:
            topic = _Topic(turn, names, set())
            topics.append(topic)
        topic.words.update(terms(turn))
        if not _is_elliptic(turn):
            topic.last = turn
    return topics


def _is_answer(turn: str, before: str) -> bool:
    """Whether an earlier turn is what was answered: it asks nothing, though the one before did.

    Keywords are no answer: who searches with them puts no question mark.
    """
    if "?" in turn or _ASKS.match(turn):
        return False
    asked = before.rstrip().endswith("?") and not _ASKS.search(turn)
    return asked or turn.rstrip().endswith(".") or len(turn.split()) > _ANSWER_WORDS


def _goes_on(turn: str, names: Sequence[str], topic: _Topic) -> bool:
    """Whether an earlier turn is about what was being talked about already."""
    if _leans(turn):
        return True
    words = terms(turn)
    if names:
        return all(word in topic.words for word in terms(names[0]))
    if not _ASKS.search(turn):
        return False
    # Without a name a subject is seldom new; with many words of its own it is.
    return len(words) < _NEW_TERMS or bool(_PRONOUN.search(turn) or _POINTING.search(turn))


def _asked_again(topic: _Topic, rest: str) -> str:
    """The latest whole question of a topic, made standalone, with the rest of another behind it."""
    leans = topic.last != topic.head and _leans(topic.last)
    # "Then" is a lead and nothing behind it.
    asked = (_put_in(topic.last, topic) if leans else topic.last) or topic.head
    if swapped := exchanged(asked, rest):
        return swapped
    return f"{asked.rstrip(' ?.!')}, {rest}" if terms(rest) else asked


def _put_in(question: str, topic: _Topic) -> str:
    """The question with the topic's name for its pronoun, or with the topic behind it."""
    pronouns = _open_pronouns(question)
    name = _name_for(pronouns[0].group().lower(), topic) if pronouns else ""
    if name:
        question = _replace(question, pronouns[0], name)
    whole = _LEAD.sub("", question).strip()
    whole = whole[:1].upper() + whole[1:]
    gist = _gist(topic)
    if name or set(terms(gist)) <= set(terms(question)):
        return whole
    return f"{whole.rstrip(' ?')} ({gist})?"


def _name_for(pronoun: str, topic: _Topic) -> str:
    """The name that a pronoun surely stands for; "" where it may be another or none."""
    framed = _FRAME.fullmatch(topic.head)
    if framed and not topic.added and topic.names == [framed.group(1)]:
        return topic.names[0]
    long_names = [name for name in topic.names + topic.added if " " in name]
    if pronoun in _PERSON and len(long_names) == 1 and long_names[0] in topic.added:
        return long_names[0]
    return ""


def _replace(question: str, pronoun: re.Match[str], name: str) -> str:
    word, rest = pronoun.group().lower(), question[pronoun.end() :]
    owns = word in _POSSESSIVE or (word == "her" and rest.lstrip()[:1].isalpha())
    return question[: pronoun.start()] + (f"{name}’s" if owns else name) + rest


def _gist(topic: _Topic) -> str:
    """The head without the words that only make it a question, and the names that came after."""
    words = _ASKED_FOR.sub("", _LEAD.sub("", topic.head)).strip(" ?.!").split()
    while len(words) > 1 and words[0].lower().strip(",:'’\"") in OPENERS:
        words = words[1:]
    # With its "or" it would offer a choice that this question does not.
    return re.sub(r",? or ", ", ", "; ".join([" ".join(words), *topic.added]))
