"""Who takes part: speakers of turns, hosts, guests and authors, in the fullest form given."""

import re
from collections.abc import Iterator

from index.structure.drafts import Draft
from index.structure.lines import NAME, NAMES, is_names
from index.structure.wording import EPISODE_CUES
from index.types import LoadedText, Role, Span

_QA = frozenset({"q", "a", "question", "answer"})
_WITH = re.compile(rf"\b(?:with|featuring|ft\.?) (?P<names>{NAMES})$")
_BY = re.compile(
    r"(?:^|\|\s*|\b\d{4}\s+)[*_]{0,2}"
    r"(?:[Bb]y|BY|[Ww]ords|[Tt]ext|[Ww]ritten by|[Aa]uthors?|[Ii]nterview|[Rr]eported by)"
    rf"\s*:?\s+[*_]{{0,2}}(?P<names>{NAMES})"
)
_HOST = re.compile(rf"\b[Hh]ost(?:s|ed by)?:? (?P<names>{NAMES})")
_TALKS = re.compile(
    r"\b(?:speaks?|talks?|spoke|talked|sits? down|conversation|interview|joined)\b.{0,40}?\b(?:with|to|by)\b"
)
_NAME = re.compile(NAME)
_BEFORE_OTHERS = re.compile(r"\b(?:of|the|at|from|for|in|on|author of|near)\s+$")
_SENTENCE = re.compile(r"[.!?](?:\s|$)")
_TITLES = "(?:Dr|Prof|Professor|Mr|Mrs|Ms|Miss|Sir|Cllr|Sen|Rep|Gov|President|Minister)"
_NOT_FIRST_NAMES = frozenset(
    """the and but with by for from when while after before as in on at to if so then said says
    because thank thanks""".split()
)
_EARLY = 12
_SEARCHED = 200_000
_MOST = 40


def find_people(drafts: list[Draft], loaded: LoadedText) -> tuple[Span, ...]:
    """Each person once, with the first span that names them in full."""
    found: dict[str, Span] = {}
    for span in (*_turn_speakers(drafts, loaded), *_participants(drafts, loaded)):
        known = any(span.text in name for name in found)
        if not known and len(found) < _MOST:
            found[span.text] = span
    return tuple(found.values())


def _turn_speakers(drafts: list[Draft], loaded: LoadedText) -> Iterator[Span]:
    seen: set[str] = set()
    text = loaded.text[:_SEARCHED]
    for draft in drafts:
        label = draft.speaker
        if draft.role is not Role.SPEAKER or label is None or label.text in seen:
            continue
        if label.text.casefold() in _QA:
            continue
        seen.add(label.text)
        full = _in_full(label.text, text) if " " not in label.text and len(seen) < _MOST else None
        yield (
            Span(full[0] + loaded.start, full[1] + loaded.start, text[slice(*full)])
            if full
            else label
        )


def _in_full(name: str, text: str) -> tuple[int, int] | None:
    """Where a name from a label stands in full ("Triolo" as "Paul Triolo")."""
    pattern = re.compile(
        rf"(?<![\w.])(?!{_TITLES}\b)(?P<name>(?:[A-Z][\w’'-]+|[A-Z]\.)"
        rf"(?: (?:[A-Z]\.|van|von|de|der|bin))? {re.escape(name)})\b"
    )
    for match in pattern.finditer(text):
        if match.group("name").split()[0].casefold() not in _NOT_FIRST_NAMES:
            return match.span("name")
    return None


def _participants(drafts: list[Draft], loaded: LoadedText) -> Iterator[Span]:
    is_talk = any(d.category == "player" for d in drafts) or any(
        len(EPISODE_CUES.findall(d.text)) >= 2 for d in drafts if d.role is Role.SUMMARY
    )
    n_prose = 0
    for draft in drafts[:400]:
        if draft.role is Role.COMMENT:
            continue
        at = draft.start + loaded.start
        for start, end in _named_in(draft, is_talk=is_talk, is_early=n_prose < _EARLY):
            yield Span(at + start, at + end, draft.text[start:end])
        n_prose += draft.role in (Role.BODY, Role.SUMMARY)


def _named_in(draft: Draft, *, is_talk: bool, is_early: bool) -> Iterator[tuple[int, int]]:
    text = draft.text
    if draft.n <= 200:
        if draft.category == "title" and (match := _WITH.search(text)):
            yield from _names(text, *match.span("names"))
        if match := _BY.search(text):
            yield from _names(text, *match.span("names"))
        if is_talk and is_names(draft):
            yield from _names(text, 0, draft.n)
    if draft.role in (Role.BODY, Role.SUMMARY) and is_early:
        if match := _HOST.search(text):
            yield from _names(text, *match.span("names"))
        for match in _TALKS.finditer(text) if is_talk or _is_announcement(text) else ():
            stop = _SENTENCE.search(text, match.end())
            yield from _names(text, match.end(), stop.start() if stop else draft.n)


def _is_announcement(text: str) -> bool:
    return (
        re.search(r"\b(?:episode|podcast|this week|interview)\b", text, re.IGNORECASE) is not None
    )


def _names(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Names in `text[start:end]`, without what they lead or where they work."""
    for match in _NAME.finditer(text, start, end):
        if not _BEFORE_OTHERS.search(text, max(0, match.start() - 20), match.start()):
            yield match.span()
