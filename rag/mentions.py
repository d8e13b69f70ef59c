"""Names in a question, told by their capitals alone, and questions in which one takes another's place."""

import re

from index.lexical import STOP_WORDS

OPENERS = STOP_WORDS | frozenset(
    "after all another because before besides compare despite describe during each every except "
    "explain find first give hello hi how if list many most name no not now ok okay once only or "
    "other please same several show since some still summarise summarize tell thanks then though "
    "through under until was well while without yes according anything did does are were".split()
)
_NAMED = re.compile(
    r"(?:[A-Z][\w’'.&+-]*|\d+[A-Z][\w-]*)"
    r"(?: (?:of|the|and|de|la|von|van|&) (?=[A-Z0-9])| (?=[A-Z0-9])|[\w’'.&+-])*"
)
_TIME = re.compile(
    r"(?:(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"[12]\d{3}|[0-3]?\d)\b[ ,]*)+",
    re.I,
)
_YEAR = re.compile(r"\b[12]\d{3}\b")
_PLACED = re.compile(
    r"(?:(?P<before>about|at|by|for|from|in|of|on|to|under|with) )?(?:the )?(?P<name>.+)", re.I
)
_ARTICLE = r"(?:\bthe )?$"


def names_in(turn: str) -> list[str]:
    """Runs of capitalised words; the first word of a sentence only if it is no common one."""
    names = []
    for match in _NAMED.finditer(turn):
        words = match.group().strip(" .'’").split()
        # "Notable people": a capital that opens the sentence; "OpenAI" or "H20" is a name anywhere.
        opens = not match.start() and len(words) == 1 and words[0][1:].islower()
        while words and words[0].lower() in OPENERS:
            words = words[1:]
        if words and not (opens and turn[match.end() :].lstrip()[:1].islower()):
            names.append(" ".join(words).removesuffix("’s").removesuffix("'s"))
    return list(dict.fromkeys(names))


def exchanged(asked: str, rest: str) -> str:
    """A question with the rest of another in the place of its like.

    "in China" stands for "in the United States", "Microsoft" for "OpenAI", "in May" for "in 2024": the one
    name, or the one time, that the question has after the same preposition; without a preposition, the one
    that it has at all.

    Args:
        asked: a whole question.
        rest: what an elliptic one has behind its "and" or "what about".

    Returns:
        "" where there is no such name, or several.
    """
    rest = rest.strip(" ?.!")
    placed = _PLACED.fullmatch(rest)
    if placed is None or not _is_one(placed["name"]):
        return ""
    is_time = bool(_TIME.fullmatch(placed["name"]))
    lead = rf"\b{placed['before']} (?:the )?$" if placed["before"] else _ARTICLE
    found = [
        (before.start(), end)
        for start, end in _places(asked)
        if bool(_TIME.fullmatch(asked[start:end])) == is_time
        and (before := re.search(lead, asked[:start], re.I))
    ]
    if len(found) != 1:
        return ""
    ((start, end),) = found
    return asked[:start] + rest + asked[end:]


def _is_one(name: str) -> bool:
    """Whether all of it is a name or a time."""
    return bool(_TIME.fullmatch(name)) or names_in(f"x {name}") == [name]


def _places(asked: str) -> list[tuple[int, int]]:
    """Where names and years stand."""
    spans = [
        found.span()
        for name in names_in(asked)
        for found in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", asked)
    ]
    years = [year.span() for year in _YEAR.finditer(asked)]
    alone = [(a, b) for a, b in years if not any(start <= a < end for start, end in spans)]
    return sorted({*spans, *alone})
