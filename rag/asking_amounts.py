"""Questions for amounts that a statement answers: how much, how many, how large, what share."""

import re
from collections.abc import Iterator

from index.dates import find_dates
from index.numbers import Amount, find_amounts
from index.units import CURRENCIES
from rag.asking_verbs import PAST
from rag.statements import BAD_ENDS, LEANS, Asked, Statement, clause, has_name, subject_and_past

_QUANTIFIED = re.compile(r"(?: [a-z][a-z-]+){0,2} [a-z][a-z-]*s(?= )")
_ABOUT = re.compile(
    r"(?:about|around|nearly|almost|roughly|some|over|more than|less than|at least|at most|up to|only|"
    r"an estimated|an additional|as many as|as much as|approximately) $"
)
_LARGE = re.compile(r" (?P<what>an? [a-z]+) of ")
_SHARE = re.compile(r" of (?=[a-z])")
_PLURAL_VERBS = frozenset("are were have come work live use say do did was is has".split())
_MOST_TAIL = 7
_TAIL = re.compile(r" (?:in|for|on|to|from|at|with|by) ")


def amounts_asked(statement: Statement, amount: Amount) -> Iterator[Asked]:
    """Questions that an amount of a statement answers."""
    yield from _how_much(statement, amount)
    yield from _how_many(statement.text, amount)
    yield from _what_share(statement.text, amount)


def _how_much(statement: Statement, amount: Amount) -> Iterator[Asked]:
    """From "Nvidia lost nearly 600 billion dollars of market value": how much it lost."""
    sentence = statement.text
    found = subject_and_past(statement, [])
    if found is None:
        return
    subject, base, at = found
    between = sentence[at : amount.start]
    yield from _how_large(subject, base, between, sentence, amount)
    if amount.start < at or _ABOUT.sub("", between.lstrip() or "").strip():
        return
    after = sentence[amount.end :]
    said = sentence[amount.start : amount.end]
    if amount.unit in set(CURRENCIES.values()):
        what = re.match(r" (?:of|in) (?P<what>[a-z]+(?: [a-z]+)?)(?P<rest>.*)", after)
        if what and what["what"].split()[0] not in LEANS | BAD_ENDS:
            tail = _tail(what["rest"])
            yield Asked(f"How much {what['what']} did {subject} {base}{tail}?", "amount", said)
        else:
            yield Asked(f"How much did {subject} {base}{_tail(after)}?", "amount", said)
    elif not amount.unit and (nouns := _QUANTIFIED.match(f"{after} ")):
        tail = _tail(after[nouns.end() :])
        yield Asked(f"How many{nouns.group()} did {subject} {base}{tail}?", "amount", said)


def _how_large(
    subject: str, base: str, between: str, sentence: str, amount: Amount
) -> Iterator[Asked]:
    """From "Nvidia booked a charge of $4.5 billion": how large a charge it booked."""
    match = _LARGE.fullmatch(_ABOUT.sub("", between))
    if match and amount.unit in set(CURRENCIES.values()):
        tail = _tail(sentence[amount.end :])
        said = sentence[amount.start : amount.end]
        yield Asked(f"How large {match['what']} did {subject} {base}{tail}?", "amount", said)


def _how_many(sentence: str, amount: Amount) -> Iterator[Asked]:
    """From "38 countries took part in the workshop in Shanghai": how many did."""
    before = _ABOUT.sub("", sentence[: amount.start].lower())
    if amount.unit or not re.search(r"(?:^|[,;:] (?:and )?)$", before):
        return
    after = sentence[amount.end :]
    nouns = _QUANTIFIED.match(after)
    if nouns is None:
        return
    verb, _, rest = after[nouns.end() :].lstrip().partition(" ")
    does = clause(rest)
    if (verb in PAST or verb in ("are", "were", "have")) and has_name(does):
        said = sentence[amount.start : amount.end]
        yield Asked(f"How many{nouns.group()} {verb} {does}?", "amount", said)


def _what_share(sentence: str, amount: Amount) -> Iterator[Asked]:
    """From "47 percent of top researchers come from China": what percentage does."""
    match = _SHARE.match(sentence[amount.end :]) if amount.unit == "%" else None
    if match is None or _ABOUT.sub("", sentence[: amount.start].lower()):
        return
    rest = clause(sentence[amount.end + match.end() :])
    verbs = set(rest.split()[1:]) & (PAST | _PLURAL_VERBS)
    if verbs and has_name(rest):
        said = sentence[amount.start : amount.end]
        yield Asked(f"What percentage of {rest}?", "amount", said)


def _tail(after: str) -> str:
    """What belongs to the verb behind an amount: " in a day"; "" where that is not sure."""
    match = _TAIL.match(after)
    words = clause(after) if match else ""
    if len(words.split()) > _MOST_TAIL:
        # "for the H20 in the quarter that ended": the first of the phrases.
        second = _TAIL.search(after, 1)
        words = after[: second.start()].strip() if second else ""
    # With a second amount it may be about something else.
    dates = [(d.start, d.end) for d in find_dates(words)]
    amounts = [a for a in find_amounts(words) if not any(s <= a.start < e for s, e in dates)]
    if not words or len(words.split()) > _MOST_TAIL or amounts:
        return ""
    return f" {words}" if words.split()[-1].lower() not in BAD_ENDS else ""
