"""Makes a follow-up standalone before retrieval: "And when was it founded?" needs its "it".

Rules, no model: pronouns are replaced by what the earlier questions were about, and a question
with no subject of its own gets the earlier question's words in front.
"""

import re
from collections.abc import Sequence

from index.lexical import STOP_WORDS, terms

_PRONOUN = re.compile(
    r"\b(?:it|its|he|she|him|her|his|they|them|their|theirs|this|that|these|those|there|"
    r"the (?:latter|former|same))\b",
    re.I,
)
_POSSESSIVE = frozenset({"its", "his", "their", "theirs"})
_LEAD = re.compile(r"^(?:and|but|so|also|then|ok|okay|what about|how about)\b[ ,]*", re.I)
_ELLIPSIS = re.compile(r"^(?:and |but |so )?(?:what|how) about\b|^(?:and|or|but)\b", re.I)
# "And the notice period?" asks for something else about the same thing; "And in May?" does not.
_NEW_ASPECT = re.compile(r"(?:the|its|his|her|their) \w", re.I)
_NAMED = re.compile(
    r"(?:[A-Z][\w’'.&+-]*|[A-Z0-9]{2,}[\w-]*)"
    r"(?: (?:of|the|and|for|on|in|de) (?=[A-Z0-9])| (?=[A-Z0-9])|[\w’'.&+-])*"
)
_QUESTION_WORDS = frozenset(
    "who whom whose what when where why which how is are was were do does did can could has have "
    "had will would should in on at by for from according name list and but the a an".split()
)
_VERBS = frozenset(
    "held made said say says think thinks come comes came go goes went give gives gave take takes "
    "took write writes wrote get gets got know knows knew see sees saw find finds found mean means "
    "recommend want wants use uses cost costs rise rises rose fall falls fell begin began start "
    "plan plans own owns run runs ran build builds built buy sell sold spend spent lead leads led "
    "work works hold holds".split()
)
# A demonstrative in front of a noun ("that model") names its thing well enough to search with.
_BARE_THAT = re.compile(
    r"\b(?:this|that|these|those)\b(?= +(?!is|was|were|are|has|have|had)\w)", re.I
)


def make_standalone(question: str, history: Sequence[str]) -> str:
    """The question with what it silently refers to put in.

    Args:
        question: the follow-up.
        history: what was asked before, oldest first (answers may stand between).

    Returns:
        The question as it is where there is no history or it stands by itself.
    """
    if not history:
        return question
    topic = _topic(history)
    if not topic:
        return question
    if _ELLIPSIS.search(question) and not _has_verb_and_subject(question):
        rest = _LEAD.sub("", question).strip(" ?")
        if _NEW_ASPECT.match(rest):
            return f"What is {rest} ({topic})?"
        return f"{history[-1].rstrip(' ?.!')}, {_LEAD.sub('', question).strip()}"
    replaced = _replace_pronoun(question, topic)
    if replaced != question:
        return replaced
    if _names(question) or len(terms(_LEAD.sub("", question))) > 2:
        return question
    return f"{_LEAD.sub('', question).rstrip(' ?')} ({topic})?"


def _replace_pronoun(question: str, topic: str) -> str:
    def put_in(match: re.Match[str]) -> str:
        word = match.group().lower()
        if _BARE_THAT.match(question, match.start()):
            return match.group()
        if word in _POSSESSIVE or (
            word == "her" and question[match.end() :].lstrip()[:1].isalpha()
        ):
            return f"{topic}’s"
        return topic

    first = next((m for m in _PRONOUN.finditer(question) if put_in(m) != m.group()), None)
    if first is None:
        return question
    stripped = question[: first.start()] + put_in(first) + question[first.end() :]
    tidy = _LEAD.sub("", stripped)
    return tidy[:1].upper() + tidy[1:]


def _has_verb_and_subject(question: str) -> bool:
    """Whether the question could be asked by itself, once "and" is taken off."""
    rest = _LEAD.sub("", question)
    words = rest.lower().split()
    return len(words) > 2 and (
        words[0].strip(",") in _QUESTION_WORDS or bool(_PRONOUN.search(rest))
    )


def _topic(history: Sequence[str]) -> str:
    """What the latest of the earlier turns that names something is about."""
    for turn in reversed(history):
        names = _names(turn)
        if names:
            return names[-1] if len(names) == 1 else " and ".join(names[:2])
    for turn in reversed(history):
        words = [word for word in terms(turn) if word not in STOP_WORDS]
        if words:
            return " ".join(words[:4])
    return ""


def _names(turn: str) -> list[str]:
    """Runs of capitalised words, the question word at the front left out."""
    names = []
    for match in _NAMED.finditer(turn):
        words = match.group().strip(" .'’").split()
        while words and words[0].lower() in _QUESTION_WORDS:
            words = words[1:]
        if words:
            name = " ".join(words).removesuffix("’s").removesuffix("'s")
            names.append(name + _noun_after(turn[match.end() :]))
    return list(dict.fromkeys(names))


def _noun_after(rest: str) -> str:
    """Words that go on a name: "AI" in "the AI capacity-building workshop held" is no topic alone."""
    taken = []
    for word in rest.split(" ")[1:4] if rest.startswith(" ") else []:
        bare = word.strip("?,.;:!")
        if (
            not bare.islower()
            or bare in STOP_WORDS
            or bare in _VERBS
            or (bare.endswith(("ed", "ing")) and "-" not in bare)
        ):
            break
        taken.append(bare)
        if bare != word:
            break
    return "".join(f" {word}" for word in taken)
