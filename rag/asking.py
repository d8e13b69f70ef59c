"""Questions that a sentence of a document answers, by patterns that always give good English.

Each pattern takes the question's words from the sentence as they stand and moves as little as it can:
"ChatGPT was opened to the public on 30 November 2022" asks when ChatGPT was opened to the public. What is
not surely a whole question by itself, with a name that says what it is about, is not asked at all. Rules,
no model.
"""

import re
from collections.abc import Iterator

from index.dates import Date, find_dates
from index.numbers import ORDINAL, VAGUE, find_amounts
from rag.asking_amounts import amounts_asked
from rag.asking_verbs import PASSIVE, PAST, PRESENT
from rag.statements import (
    CLAUSE_END,
    Asked,
    IsName,
    Statement,
    clause,
    has_name,
    is_well_formed,
    is_whole,
    subject_and_past,
    subject_of,
)

_MOST_SENTENCE = 400
_PERSON = r"[A-Z][a-zà-öø-ÿ’'-]+(?: [A-Z]\.)?(?: (?:de|van|von|der|al|bin) )?(?: [A-Z][\w’'à-öø-ÿ-]+){1,2}"
_CALLING = (
    r"(?:academic|activist|adviser|advisor|analyst|architect|artist|attorney|author|barrister|biologist|CEO|"
    r"chairman|chairwoman|chair|chemist|chief|coach|columnist|commissioner|composer|consultant|counsel|critic|"
    r"dean|designer|developer|diplomat|director|doctor|economist|editor|engineer|entrepreneur|executive|expert|"
    r"farmer|fellow|founder|cofounder|co-founder|governor|historian|host|inspector|investor|journalist|judge|"
    r"lawyer|lecturer|librarian|linguist|manager|mathematician|mayor|minister|musician|novelist|nurse|officer|"
    r"partner|philosopher|physician|physicist|pioneer|poet|policymaker|politician|president|principal|producer|"
    r"professor|programmer|psychologist|reporter|representative|researcher|scholar|scientist|secretary|senator|"
    r"sociologist|solicitor|spokesman|spokesperson|spokeswoman|strategist|surgeon|teacher|technologist|trader|"
    r"treasurer|trustee|writer)"
)
_APPOSITION = re.compile(
    rf"(?P<name>{_PERSON}), (?P<what>(?:an?|the|former) [^,;:.()]{{0,70}}?\b{_CALLING}\b"
    r"[^,;:.()]{0,60})(?=[,.;])"
)
_CALLED = re.compile(
    rf"(?P<what>\b(?:[a-z][\w-]+ ){{0,3}}{_CALLING}) (?P<name>{_PERSON})(?=[ ,.;])"
)
_WHO = re.compile(
    rf"(?:{_PERSON})(?:, (?:an?|the|former) [^,;:()]{{3,80}}?,|,)? who (?P<does>[a-z]+ [^,;:.()]{{8,90}})"
)
_WARNED = re.compile(
    rf"(?P<name>{_PERSON})(?:,| has| also)? warn(?:s|ed|ing) (?P<of>about|against|of) "
    r"(?P<what>[^,;:.()]{12,90})"
)
_DEFINED = re.compile(r"(?P<be>is|are) (?:an?|the|one of the) [a-z]")
_BE = re.compile(r"\b(?P<be>was|were) (?P<part>[a-z]+)\b")
_JOINT = re.compile(r"(?:, (?:and|but|while) |; )(?=[A-Z]|the [\w-]*[A-Z])")
# Marks of Markdown and of lists, and who speaks: "- ", "## ", "**Lindqvist:** ".
_MARKS = re.compile(r"^[-–•*#>\s]+|\*\*|__")
_LABEL = re.compile(r"^[*_]*[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*){0,3}:[*_]*\s+")


def asked_by(sentence: str, is_name: IsName = lambda _: False) -> Iterator[Asked]:
    """Questions that a sentence answers, each once, well formed and understandable by itself.

    Args:
        sentence: one whole sentence.
        is_name: whether a word that may only be capitalised because it comes first is a name.
    """
    plain = " ".join(_MARKS.sub("", _LABEL.sub("", " ".join(sentence.split()))).split())
    if len(plain) > _MOST_SENTENCE or not (plain[:1].isupper() or plain[:1].isdigit()):
        return
    seen = set()
    for part in (plain, *_parts(plain)):
        for asked in _all(Statement(part, is_name)):
            if asked.question not in seen and is_well_formed(asked.question):
                seen.add(asked.question)
                yield asked


def _parts(sentence: str) -> list[str]:
    """What follows "…, and Nvidia": statements with a subject of their own."""
    cuts = [match.end() for match in _JOINT.finditer(sentence)]
    parts = [sentence[cut:] for cut in cuts]
    return [part[:1].upper() + part[1:] for part in parts if len(part.split()) > 4]


def _all(statement: Statement) -> Iterator[Asked]:
    yield from _who(statement)
    yield from _definition(statement)
    yield from _warning(statement)
    text = statement.text
    dates = [d for d in find_dates(text) if d.year or d.month]
    yield from _passive(statement, dates)
    yield from _when(statement, dates)
    for amount in find_amounts(text):
        inside_date = any(d.start < amount.end and amount.start < d.end for d in dates)
        if amount.unit not in (ORDINAL, VAGUE) and not inside_date:
            yield from amounts_asked(statement, amount)


# -- people and things ----------------------------------------------------------------------------


def _who(statement: Statement) -> Iterator[Asked]:
    sentence = statement.text
    for match in (*_APPOSITION.finditer(sentence), *_CALLED.finditer(sentence)):
        if is_whole(statement, match.start("name"), match.end("name")):
            yield Asked(f"Who is {match['name']}?", "who", match["what"])
    for match in _WHO.finditer(sentence):
        verb, _, rest = match["does"].partition(" ")
        name = re.match(_PERSON, match.group())
        if name and (verb in PAST or verb in PRESENT) and has_name(rest):
            yield Asked(f"Who {verb} {clause(rest)}?", "who", name.group())


def _warning(statement: Statement) -> Iterator[Asked]:
    """From "Yoshua Bengio, warning about the risks of …": what he warns about."""
    for match in _WARNED.finditer(statement.text):
        if is_whole(statement, match.start("name"), match.end("name")):
            question = f"What does {match['name']} warn {match['of']}?"
            yield Asked(question, "speaker", match["what"])


def _definition(statement: Statement) -> Iterator[Asked]:
    """From "EUV is a way of printing chips": what EUV is."""
    sentence = statement.text
    start, end = next(iter(statement.names()), (1, 1))
    words, rest = sentence[:end], sentence[end:]
    match = _DEFINED.match(rest.lstrip())
    if start or match is None or len(words.split()) > 4 or not _is_term(words):
        return
    called = re.search(rf"\b{_CALLING}\b", rest[:60])
    asks = "Who" if called and len(words.split()) > 1 else "What"
    said = clause(rest.lstrip()[match.end("be") :])
    yield Asked(f"{asks} {match['be']} {words}?", "definition", said)


def _is_term(words: str) -> bool:
    """Whether these are surely no common word with a capital: an acronym, two words, or "DeepSeek"."""
    return " " in words or bool(re.search(r"\d|\w[A-Z]", words))


# -- when and where -------------------------------------------------------------------------------


def _passive(statement: Statement, dates: list[Date]) -> Iterator[Asked]:
    """From "The workshop was held in Shanghai in May 2024": when, and where."""
    sentence = statement.text
    match = _BE.search(sentence)
    if match is None or match["part"] not in PASSIVE:
        return
    subject = subject_of(sentence[: match.start()], statement, dates)
    if subject is None:
        return
    asked = f"{match['be']} {subject} {match['part']}"
    rest = sentence[match.end() :]
    for date in dates:
        before = rest[: max(0, date.start - match.end())]
        tail = _before_date(before) if date.start > match.end() else clause(rest)
        if tail is not None and len(tail.split()) <= 7:
            said = sentence[date.start : date.end]
            yield Asked(f"When {asked}{' ' if tail else ''}{tail}?", "date", said)
            break
    place = re.match(r" (?:in|at) (?:the )?(?=[A-Z])", rest)
    if place and match["part"] in {
        "held",
        "founded",
        "built",
        "opened",
        "signed",
        "launched",
        "established",
    }:
        at = match.end() + place.end()
        name = next((n for n in statement.names() if n[0] == at), None)
        if name is not None and not any(d.start <= at < d.end for d in dates):
            yield Asked(f"Where {asked}?", "place", sentence[at : name[1]])


def _when(statement: Statement, dates: list[Date]) -> Iterator[Asked]:
    """From "Baidu showed its Ernie Bot on 16 March 2023": when it did."""
    sentence = statement.text
    found = subject_and_past(statement, dates)
    if found is None or not dates:
        return
    subject, base, at = found
    date = dates[0]
    rest = sentence[at : date.start] if date.start > at else sentence[at:]
    tail = _before_date(rest) if date.start > at else clause(rest)
    if tail and len(tail.split()) <= 8 and not CLAUSE_END.search(f" {tail} "):
        said = sentence[date.start : date.end]
        yield Asked(f"When did {subject} {base} {tail}?", "date", said)


def _before_date(words: str) -> str | None:
    """What stands before " on DATE"; None where the date is no date of the whole."""
    match = re.fullmatch(r"(?P<tail>(?: .*?)?) (?:on|in|since|by)(?: early| late| mid)? ?", words)
    if match is None or CLAUSE_END.search(match["tail"] + " "):
        return None
    return match["tail"].strip()
