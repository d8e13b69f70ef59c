"""Who speaks: labels in front of turns, the paragraphs that go on, and names in full."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from index.structure.drafts import Draft
from index.types import Role, Span

_TURN = re.compile(
    r"[*_>\s]{0,6}(?:[\[(]?(?:\d{1,4}[./-]\d{1,2}[./-]\d{2,4},?\s)?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?[\])]?\s*[-–]?\s*)?[*_]{0,3}"
    r"(?P<name>[^\W\d_][\w.'’\- ]{0,38}?)\s*(?:\([^()]{1,60}\)|\[[^\[\]]{1,60}\])?"
    r"\s*[*_]{0,3}\s*[:：][*_]{0,3}(?=\s|$)"
)
STAMPED = re.compile(
    r"(?P<name>[^\W\d_][\w.'’\- ]{1,38}?)(?:\s*\([^()]{1,40}\))?\s{1,4}"
    r"[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?[\])]?$"
)
# "Mr. FINCH. We think so.", as parliaments print it.
_PRINTED = re.compile(
    r"(?P<name>(?:Mr|Mrs|Ms|Dr|The|Senator|Chairman)\.? [A-Z][A-Z'’ -]{1,30})\.\s+(?=[A-Z])"
)
# "(12:05) BR - We did a count", "<ann> hello", "[Ann] Hello".
_DASHED = re.compile(
    r"[\[(]?\d{1,2}:\d{2}(?::\d{2})?[\])]?\s*[-–—|]?\s*(?P<name>[A-Z][\w.'’ ]{0,30}?)\s*[-–—|>]\s+(?=\S)"
    r"|[A-Z]{2,4}\s[-–—]\s(?=\S)|<(?P<nick>[\w.-]{2,20})>\s(?=\S)|\[(?P<in>[A-Z][\w. ]{1,24})\]:?\s(?=\S)"
    r"|(?P<qa>Q|A)\.\s+(?=[A-Z])"
)
_STAMP_FIRST = re.compile(
    r"[\[(]?\d{1,2}:\d{2}(?::\d{2})?[\])]?\s+(?P<name>[^\W\d_][\w.'’\- ]{1,38})$"
)
_NOT_NAMES = frozenset(
    """speakers participants attendees note notes update updates correction corrections source sources
    background methods results conclusion conclusions objective objectives abstract summary tags tag
    keywords published posted recorded photo image figure table chart caption disclaimer warning
    example examples answer-key step tip tips author authors date time location where when what why
    how who price address phone email e-mail website url subject from to cc bcc re fw fwd sent
    attachments present apologies agenda item items total subtotal version license released updated
    created modified edited editor producer music production design copyright contact tel fax isbn doi
    issn volume issue pages page chapter section part verdict pros cons ingredients method serves
    makes prep cook instructions directions todo fixme error info debug trace warn fatal exception
    status result input output usage return returns args raises yields more previous next related see
    also read watch listen follow share filed category categories words text reporting interview
    transcription translation illustration illustrations photographs video audio key points hint
    caution important remember first second third finally however therefore in short tl;dr spoiler
    clarification erratum corrigendum amendment question-and-answer""".split()
)
_ARTICLES = frozenset("the a an this that these our my your his her their".split())
_DIGIT = re.compile(r"\d")
_TIME = re.compile(r"\d{1,2}:\d{2}")
_ENDS = frozenset('.!?…"”’)')
_SMALL = frozenset("of the and de da di du van von der den la le el al bin ibn y e".split())
_QA = frozenset(
    {"q", "a", "question", "answer", "interviewer", "host", "moderator", "i", "narrator"}
)
_THIRD_PERSON = re.compile(
    r"Whereupon\b"
    r"|(?:She|He|They|It|With that|Afterwards|Then (?:she|he|they)) (?:\w+ed|was|were|got|put|took|went"
    r"|stood|left|rose|had|smiles?|laughs?|nods?|looks?|sits?|pauses?)\b"
)
_MINUTES = re.compile(r"\b(?:AGREED|RESOLVED|NOTED|CARRIED|ADJOURNED)\b")
_CONTINUES_FOR = 12
_NAME_LINE = 60
_INITIALED = 25  # "Hugo B." ends like a sentence; a longer line that does so is one
_ENDS_SPEECH = frozenset('.!?…"”’)')
_ONLY_NAME = re.compile(r"[^\W\d_][\w.'’\- ]{0,38}(?:\s*\([^()]{1,40}\))?$")
_NEAR = 5
_HANDLE = re.compile(r"[a-z][\w.-]{2,30}")


def turn_of(draft: Draft) -> tuple[str, int, int] | None:
    """Name in front of a turn with its bounds in the draft's text, if it has the form of one."""
    head = draft.text[:140]
    if match := _PRINTED.match(head):
        return match.group("name"), *match.span("name")
    if dashed := _DASHED.match(head):
        group = dashed.lastgroup
        if group is not None:
            return dashed.group(group), *dashed.span(group)
        return head[: dashed.end()].strip(" -–—"), 0, len(head[: dashed.end()].rstrip(" -–—"))
    match = _TURN.match(head)
    if match is None and draft.n <= 60:
        match = STAMPED.match(head) or _STAMP_FIRST.match(head)
        if match and _HANDLE.fullmatch(match.group("name")):
            return match.group("name"), *match.span("name")
    if match is None:
        return None
    name = match.group("name").strip()
    return (name, match.start("name"), match.start("name") + len(name)) if _is_name(name) else None


def _is_name(name: str) -> bool:
    words = name.split()
    if not words or len(words) > 5 or words[0].casefold().strip(".") in _NOT_NAMES:
        return False
    if name.casefold() in _NOT_NAMES or name.casefold() in _QA:
        return name.casefold() in _QA
    if words[0].casefold() in _ARTICLES and not name.isupper():
        return False
    return all(word[0].isupper() or word.casefold() in _SMALL for word in words)


def name_lines(drafts: list[Draft]) -> set[int]:
    """Lines that only name who speaks next: they come back, take turns, and speech stands below."""
    found: dict[str, list[int]] = {}
    for i, draft in enumerate(drafts[:-1]):
        if (
            draft.n > _NAME_LINE
            or draft.level
            or (draft.n > _INITIALED and draft.text[-1] in ".,;?!")
        ):
            continue
        name = draft.text.strip("*_#: ")
        if _ONLY_NAME.match(name) and _is_name(name) and draft.key != drafts[i + 1].key:
            found.setdefault(draft.key, []).append(i)
    names = {key: at for key, at in found.items() if len(at) >= 2 and _are_answered(drafts, at)}
    turns = sorted(i for at in names.values() for i in at)
    owner = {i: key for key, at in names.items() for i in at}
    changes = sum(owner[a] != owner[b] for a, b in pairwise(turns))
    return set(turns) if len(names) >= 2 and changes * 2 >= len(turns) - 1 else set()


def _are_answered(drafts: list[Draft], at: list[int]) -> bool:
    said = sum(drafts[i + 1].text.rstrip("*_")[-1:] in _ENDS_SPEECH for i in at)
    return said * 3 >= len(at) * 2


def mark_turns(
    drafts: list[Draft], offset: int, *, known: frozenset[str], speaking: Span | None
) -> None:
    """Label turns and the paragraphs that go on, where the text is a conversation at all."""
    alone = name_lines(drafts)
    found = {i: turn for i, d in enumerate(drafts) if _may_speak(d) and (turn := turn_of(d))}
    for i in alone:
        text = drafts[i].text
        name = text.strip("*_#: ").split(" (")[0]
        found[i] = (name, text.index(name), text.index(name) + len(name))
    for i in [i for i in found if i + 1 in found and _is_stamp(drafts[i])]:
        del found[i]  # a list of chapters: time and title, time and title
    n_side_by_side = sum(i - 1 in found or i + 1 in found for i in found)
    is_dense = len(found) >= 4 and n_side_by_side * 4 >= len(found) * 3
    turns = [(turn[0], drafts[i]) for i, turn in found.items()]
    labels = _trusted(turns, known, is_dense=is_dense, n_alone=len(alone))
    often = [i for i, turn in found.items() if turn[0] in labels.often]
    begin, end_of_talk = (often[0] - _NEAR, often[-1] + _NEAR) if often else (0, len(drafts))
    current = speaking if labels.often or known else None
    since, is_label_only = 0, False
    for i, draft in enumerate(drafts):
        turn = found.get(i)
        in_talk = begin <= i <= end_of_talk
        if turn and (turn[0] in labels.often or (in_talk and turn[0] in labels.rare)):
            name, start, end = turn
            current = Span(draft.start + offset + start, draft.start + offset + end, name)
            draft.label(Role.SPEAKER, f"opens with the label “{name}”", "turn")
            draft.speaker, since, is_label_only = current, 0, i in alone or _is_stamp(draft)
        elif current is not None:
            since += 1
            # Below a line that only names the speaker stands what was said, in whatever form.
            is_said = is_label_only and (since == 1 or draft.gap == 0)
            current = _go_on(draft, current, since, is_said=is_said)


def _may_speak(draft: Draft) -> bool:
    return draft.role is None and not draft.kinds & {"code", "table", "title"} and draft.level == 0


def _is_stamp(draft: Draft) -> bool:
    return draft.n <= 60 and draft.text[-1] not in _ENDS and _TIME.search(draft.text) is not None


@dataclass(frozen=True, slots=True)
class _Labels:
    """Names that come back, and others that are trusted only between turns of those."""

    often: frozenset[str] = frozenset()
    rare: frozenset[str] = frozenset()


def _trusted(
    turns: list[tuple[str, Draft]], known: frozenset[str], *, is_dense: bool, n_alone: int
) -> _Labels:
    """Labels that come back, and rare ones in a text that is a conversation without them."""
    counts = Counter(name for name, _ in turns)
    n_stamped = sum(_TIME.search(draft.text[:60]) is not None for _, draft in turns)
    n_spoken = sum(draft.text[-1] in _ENDS for _, draft in turns) + n_alone
    # "Price: 12" again and again is a list of facts; people speak in sentences.
    if not known and n_stamped * 2 < len(turns) and n_spoken * 2 < len(turns):
        return _Labels()
    often = {name for name, n in counts.items() if n >= 2} | (set(counts) & known)
    n_turns = sum(counts[name] for name in often)
    is_conversation = (
        n_turns >= 4
        or (is_dense and n_turns >= 2)
        or (len(often) >= 2 and n_turns >= 3)
        or bool(known)
    )
    # "Q: ... A: ..." once each is a conversation too; one lone label is not.
    asked = {name for name in counts if name.casefold() in _QA}
    if asked and len(counts) >= 2:
        is_conversation, often = True, often | asked
    rare = {name for name in counts if len(name.split()) <= 4 and not _DIGIT.search(name)}
    if not is_conversation and n_stamped < 3:
        return _Labels()
    return _Labels(frozenset(often), frozenset(rare))


def _go_on(draft: Draft, speaker: Span, since: int, *, is_said: bool) -> Span | None:
    """Label a paragraph after a turn as its continuation; None where the conversation rests."""
    if draft.role is Role.FURNITURE:
        return None if draft.category == "marks" else speaker
    if draft.role is not None or draft.level or "heading" in draft.kinds:
        return None if draft.role is not Role.CORRECTION else speaker
    if (_looks_like_break(draft) and not is_said) or since > _CONTINUES_FOR:
        return None
    if _THIRD_PERSON.match(draft.text) or _MINUTES.search(draft.text[:80]):
        return None
    draft.label(Role.SPEAKER, f"goes on after “{speaker.text}”", "turn")
    draft.speaker = speaker
    return speaker


def _looks_like_break(draft: Draft) -> bool:
    """A short line without the end of a sentence: a heading, not speech."""
    return draft.n <= 120 and draft.text[-1] not in ".!?…\"'”’)" and draft.text[0].isascii()
