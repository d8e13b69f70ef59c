"""The particulars of a document for its brief: whom it names, when, how much, what is said."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from index.evidence_table import Fact
from index.numbers import ORDINAL, VAGUE
from rag.brief import BriefLine
from rag.brief_attribution import same_person, who_says
from rag.brief_choosing import Chooser
from rag.brief_dates import when
from rag.brief_kinds import Kinds, NameKind, Place
from rag.brief_material import Material
from rag.brief_names import Named, names_of
from rag.brief_sentences import (
    Told,
    awkwardness,
    first_of_each,
    is_content,
    is_question,
    is_whole,
)

_AWKWARD = 1.2
_LONGEST_ABOUT = 480
_LEAST_NAMES = 5
_LONG_DOCUMENT = 20
_PITHY = (35, 170)
_LIKED = re.compile(
    r"\b(?:not|never|but|than|only|cannot|nobody|nothing|must|should)\b|n['’]t\b", re.I
)
_NUMBER_ALONE = 12
_NUMBERED = frozenset(
    "year years season episode chapter section page number no. article level room".split()
)
_MONEY_OR_SHARE = re.compile(r"[$€£¥₹%]|percent|per cent|million|billion|trillion|dollar|euro|yuan")
# What a number counts: words up to the first plural.
_COUNTED = re.compile(
    r"(?:[ -](?!(?:and|or|but|of|in|to|the|a|is|are|was|were|on|by|for|from|at)\b)[^\W\d][\w-]*){0,3}?"
    r"[ -][^\W\d][\w-]*[^\Ws]s\b"
)


def whole_sentences(material: Material) -> list[Told]:
    """Every statement of the document's own text that can be quoted, each once."""
    return first_of_each(
        t for t in material.sentences if is_content(t) and is_whole(t) and not is_question(t)
    )


def name_lines(
    chooser: Chooser,
    material: Material,
    speakers: Sequence[str],
    limit: int,
    elsewhere: Callable[[Named], Iterable[Place]],
) -> dict[NameKind, list[BriefLine]]:
    """Who and what is named, by kind, speakers first, with how often and what is best said of them.

    Args:
        chooser: of the brief.
        material: of the document.
        speakers: of the document, by their whole names.
        limit: at most so many names of all kinds.
        elsewhere: where a name stands in other documents.
    """
    own = [told for told in material.sentences if is_content(told)]
    names = names_of(own, material.facts, speakers)
    often = [one for one in names if one.speaks or one.n > 1]
    if len(own) <= _LONG_DOCUMENT or len(often) < _LEAST_NAMES:
        often = names[: max(_LEAST_NAMES, len(often))]
    kinds = Kinds(names, own, elsewhere)
    # Two names of a kind may best be told of by one sentence, which is then quoted once.
    chosen: dict[tuple[NameKind, tuple[int, int]], tuple[list[str], Told]] = {}
    for one in often[:limit]:
        best = _best_about(chooser, material, one, {place for _, place in chosen})
        if best is not None:
            group = chosen.setdefault((kinds.kind(one), best.place), ([], best))
            group[0].append(_name_label(one, own))
            chooser.use(best)
    lines: dict[NameKind, list[BriefLine]] = {}
    for (kind, _), (labels, told) in chosen.items():
        lines.setdefault(kind, []).extend(chooser.lines("; ".join(labels), [told]))
    return lines


def _name_label(one: Named, sentences: Sequence[Told]) -> str:
    turns = {
        t.block for t in sentences if one.speaks and t.speaker and same_person(t.speaker, one.name)
    }
    parts = [one.name]
    if one.speaks:
        parts.append(f"speaker, {len(turns)} turns" if len(turns) > 1 else "speaker")
    if one.n:
        parts.append(f"named {one.n}×")
    return " · ".join(parts)


def _best_about(
    chooser: Chooser, material: Material, one: Named, quoted: Collection[tuple[int, int]]
) -> Told | None:
    """What tells who it is, else what is best said of it, else what it says itself.

    Where there is a choice it is none of what was `quoted` for another name.
    """
    name = re.escape(one.name)
    who = re.compile(
        rf"{name},? (?:an?|the|who|which|is an?|is the|was an?)\b|, {name},|\b[a-z]+ {name},"
    )
    mentions = [told for told in one.mentions if is_whole(told, _LONGEST_ABOUT)]
    mentions = [told for told in mentions if not is_question(told)]
    telling = [told for told in mentions if who.search(told.text)]
    if telling and one.speaks:
        return telling[0]
    mentions = [told for told in mentions if told.place not in quoted] or mentions
    short = [told for told in telling if is_whole(told) and told in mentions]
    said = [
        told for told in material.ranked if told.speaker and same_person(told.speaker, one.name)
    ]
    return chooser.best(short[:3]) or chooser.best(mentions) or chooser.best(said)


def date_lines(chooser: Chooser, material: Material, limit: int) -> list[BriefLine]:
    """What happened when, in the order of time."""
    found = []
    for told in whole_sentences(material):
        date = when(told) if awkwardness(told) < _AWKWARD else None
        if date is not None:
            found.append((chooser.worth(told) + 0.15 * len(date.iso), date, told))
    found.sort(key=lambda one: -one[0])
    kept = sorted(found[:limit], key=lambda one: (one[1].iso, one[2].order))
    return [line for _, date, told in kept for line in chooser.lines(date.label, [told])]


def figure_lines(chooser: Chooser, material: Material, limit: int) -> list[BriefLine]:
    """Amounts that tell something, in the order of the text."""
    amounts: dict[int, list[Fact]] = {}
    for fact in material.facts:
        if fact.kind == "amount" and fact.norm not in (ORDINAL, VAGUE):
            amounts.setdefault(fact.passage_id, []).append(fact)
    found = []
    for told in whole_sentences(material):
        best = _amount_of(told, amounts) if awkwardness(told) < _AWKWARD else None
        if best is not None:
            found.append((chooser.worth(told) + _weight(best, told), told, best))
    found.sort(key=lambda one: -one[0])
    kept = sorted(found[:limit], key=lambda one: one[1].order)
    return [
        line for _, told, fact in kept for line in chooser.lines(_amount_label(fact, told), [told])
    ]


def _amount_of(told: Told, amounts: Mapping[int, Sequence[Fact]]) -> Fact | None:
    """The amount of a sentence that tells most, the first one of those."""
    own = [
        fact
        for fact in amounts.get(told.passage.id, ())
        if told.start <= fact.start < told.end and _tells(fact, told)
    ]
    return max(own, key=lambda fact: (_weight(fact, told), -fact.start), default=None)


def _tells(fact: Fact, told: Told) -> bool:
    """Whether an amount is worth a line: not "three", not "one year"."""
    words = _words(fact, told)
    digits = any(char.isdigit() for char in words)
    if _MONEY_OR_SHARE.search(words):
        return digits or " " in words
    if not digits or fact.norm:
        return digits
    # "Order 14110" and "Mate 60 Pro" count nothing.
    shift = told.passage.start
    before = told.passage.text[max(0, fact.start - shift - 40) : fact.start - shift].split()
    after = told.passage.text[fact.end - shift : told.end - shift].split()
    numbered = before and before[-1].lower() in _NUMBERED
    named = bool(before and before[-1][:1].isupper() and len(before) > 1) or numbered
    return abs(fact.value or 0) > _NUMBER_ALONE and not (
        named or (after and after[0][:1].isupper())
    )


def _weight(fact: Fact, told: Told) -> float:
    return 0.6 * bool(_MONEY_OR_SHARE.search(_words(fact, told))) + 0.3 * bool(fact.norm)


def _words(fact: Fact, told: Told) -> str:
    shift = told.passage.start
    return " ".join(told.passage.text[fact.start - shift : fact.end - shift].split())


def _amount_label(fact: Fact, told: Told) -> str:
    """The amount, and what it counts where it has no unit: "38 countries"."""
    words = _words(fact, told)
    shift = told.passage.start
    after = _COUNTED.match(told.passage.text, fact.end - shift, told.end - shift)
    return words + " ".join(after.group().split(" ")) if after and not fact.norm else words


def quote_lines(
    chooser: Chooser, material: Material, speakers: Sequence[str], limit: int
) -> list[BriefLine]:
    """Short sentences of people who are named, from each of them, in order."""
    found: dict[str, list[tuple[float, Told]]] = {}
    for told in whole_sentences(material):
        if awkwardness(told) >= _AWKWARD or not _is_pithy(told):
            continue
        who = who_says(told, speakers)
        if who is not None:
            found.setdefault(who, []).append((_pith(chooser, told), told))
    best: list[tuple[float, int, str, Told]] = []
    for who, said in found.items():
        said.sort(key=lambda one: -one[0])
        # The second best of one comes after the best of another.
        best += [(score - rank, rank, who, told) for rank, (score, told) in enumerate(said)]
    best.sort(key=lambda one: -one[0])
    kept = sorted(best[:limit], key=lambda one: one[3].order)
    return [line for *_, who, told in kept for line in chooser.lines(who, [told])]


def _is_pithy(told: Told) -> bool:
    low, high = _PITHY
    return told.speaker is None or low <= len(told.text) <= high


def _pith(chooser: Chooser, told: Told) -> float:
    short = 1.0 - abs(len(told.text) - 90) / 120
    return short + 0.5 * bool(_LIKED.search(told.text)) + 0.2 * chooser.worth(told)
