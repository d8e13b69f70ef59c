"""Tells the names of people and of organisations apart, by what stands in them and around them.

Signs are added up (`rag.brief_signs`), over all places where a name stands. What they do not settle is left
undecided: a wrong word about somebody is worse than none.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Literal

from index.words import fold
from rag.brief_names import Named
from rag.brief_nouns import (
    BODIES,
    BODIES_FIRST,
    BODIES_OF,
    COUNTRIES,
    HOUSES,
    PLACES_FIRST,
    ROLE,
    THINGS,
    TITLE,
)
from rag.brief_sentences import Told
from rag.brief_signs import SIGNS

NameKind = Literal["person", "organisation", "other"]
_LEAST, _LEAST_OF_ONE_WORD = 2.0, 2.5
_APART = 1.0
_HOPELESS = 6.0
_REPEATED = 0.25
_MOST_REPEATED = 2
_LOOKED_AT = 20
_NEAR = 90
_BESIDE = 2.0
_FIRST_NAME, _SHORT_NAME = 2.5, 1.0
_ROLE = re.compile(
    rf"(?:the |an? )?(?:{ROLE}|panel|intro|host|court|speaker|caller|staff)"
    r"|(?:audience|unidentified|county|health|sports|news) (?:member|caller|speaker|staff|desk|engineer)",
    re.I,
)
# What parts the names of a list: "Ferrand (chair), Brandt 2 and Feld".
_PARTED = re.compile(r" ?(?:\([^()]{1,40}\)|\d\*?)?(?:, and|,| and| or| &) (?=[A-ZÀ-Þ])")
_LONGEST_LIST = 12
_HE = re.compile(r"(?:He|She|His|Her)\b")
_PERSON_WORD = re.compile(r"[^\W\d_][^\W\d_’'.-]*(?:[’'-][^\W\d_]+)*\.?\d?$")
_MOST_WORDS = 4
_OF = frozenset("of for on de des du".split())

Score = tuple[float, float]
Place = tuple[str, str]
"""What stands before a name and behind it, as far as it is looked at."""


def place_in(text: str, start: int, end: int) -> Place:
    """The place of the name `text[start:end]`."""
    return text[max(0, start - _NEAR) : max(0, start)], text[end : end + _NEAR]


class Kinds:
    """The kinds of a document's names.

    Args:
        names: all of them; one may tell of another ("Ferrand" of "Odile Ferrand").
        sentences: they were found in, in order.
        elsewhere: where a name stands in other documents; asked where this one does not settle it.
    """

    def __init__(
        self,
        names: Sequence[Named],
        sentences: Sequence[Told],
        elsewhere: Callable[[Named], Iterable[Place]] = lambda one: (),
    ) -> None:
        self._elsewhere = elsewhere
        self._named = {fold(word): one for one in names for word in (*one.written, one.name)}
        self._names = names
        self._after = {
            one.order: two
            for one, two in pairwise(sentences)
            if one.passage.document_id == two.passage.document_id
        }
        self._own: dict[str, Score] = {}

    def kind(self, one: Named) -> NameKind:
        """What a name is the name of; "other" for what is neither or is not clear."""
        score = self._score(one)
        kind = self._kind_of(one, score)
        if kind != "other" or min(score) <= -_HOPELESS:
            return kind
        return self._kind_of(one, _sum(score, _weighed(self._elsewhere(one))))

    def _kind_of(self, one: Named, score: Score) -> NameKind:
        person, organisation = score
        if organisation >= _LEAST and organisation - person >= _APART:
            return "organisation"
        least = _LEAST if " " in one.name else _LEAST_OF_ONE_WORD
        if person >= least and person - organisation >= _APART and _may_be_person(one.name):
            return "person"
        return "other"

    def _score(self, one: Named) -> Score:
        """What speaks for it itself, and then what its neighbours in lists and longer names are."""
        own = self._own_score(one)
        if self._own_kind(one) != "other" or min(own) <= -_HOPELESS:
            return own
        person, organisation = own
        beside: Counter[NameKind] = Counter()
        for told, start, end in self._places(one):
            beside.update(map(self._own_kind, self._listed_with(told.text, start, end)))
        if not beside["organisation"] and beside["person"]:
            person += _BESIDE
        elif not beside["person"] and beside["organisation"] >= 2 - (organisation > 0):
            organisation += _BESIDE * (" " not in one.name)
        key = fold(one.name)
        whole = [(fold(other.name), other) for other in self._names if other is not one]
        begun = {self._own_kind(other) for name, other in whole if name.startswith(f"{key} ")}
        ended = {self._own_kind(other) for name, other in whole if name.endswith(f" {key}")}
        person += _FIRST_NAME * ("person" in begun | ended)
        # Or it is the place that the organisation is named after.
        organisation += _SHORT_NAME * ("organisation" in begun)
        return person, organisation

    def _own_kind(self, one: Named) -> NameKind:
        return self._kind_of(one, self._own_score(one))

    def _own_score(self, one: Named) -> Score:
        if one.name not in self._own:
            places = self._places(one)
            around = (place_in(told.text, start, end) for told, start, end in places)
            he = any(self._goes_on_with_he(told, start) for told, start, _ in places)
            body = any(_stands_for_body(told.text, start, end) for told, start, end in places)
            rest = ((2.0 * he, 0.0), (-1.0 * body, 3.0 * body))
            self._own[one.name] = _sum(_inside(one), _weighed(around), *rest)
        return self._own[one.name]

    def _places(self, one: Named) -> list[tuple[Told, int, int]]:
        """Where it stands in the first sentences that name it."""
        words = sorted({*one.written, one.name}, key=len, reverse=True)
        pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-])")
        return [
            (told, match.start(), match.end())
            for told in one.mentions[:_LOOKED_AT]
            for match in pattern.finditer(told.text)
        ]

    def _goes_on_with_he(self, told: Told, start: int) -> bool:
        """Whether the next sentence begins with "He", and no other person could be meant."""
        after = self._after.get(told.order)
        alone = start < 3 and "," not in told.text[: start + 1]
        return alone and after is not None and bool(_HE.match(after.text))

    def _listed_with(self, text: str, start: int, end: int) -> list[Named]:
        """The other names of a list it stands in: "SoftBank, OpenAI and Oracle"."""
        found: list[Named] = []
        at = end
        while len(found) < _LONGEST_LIST and (parted := _PARTED.match(text, at)):
            words = re.split(r"[ ,.;:()]", text[parted.end() : parted.end() + _NEAR])
            name, other = self._longest(words[:size] for size in range(_MOST_WORDS, 0, -1))
            if other is None:
                break
            found.append(other)
            at = parted.end() + len(name)
        at = start
        while len(found) < _LONGEST_LIST and (before := self._parted_before(text, at)) is not None:
            words = text[max(0, before - _NEAR) : before].split(" ")
            name, other = self._longest(words[-size:] for size in range(_MOST_WORDS, 0, -1))
            if other is None:
                break
            found.append(other)
            at = before - len(name)
        return found

    def _parted_before(self, text: str, start: int) -> int | None:
        """Where the name ends that is parted from what begins at `start` as in a list."""
        near = max(0, start - _NEAR)
        ends = (m.start() for m in _PARTED.finditer(text, near, start + 1) if m.end() == start)
        return next(ends, None)

    def _longest(self, tried: Iterable[Sequence[str]]) -> tuple[str, Named | None]:
        """The first of some runs of words that is a name."""
        for words in tried:
            name = " ".join(words)
            if other := self._named.get(fold(name)):
                return name, other
        return "", None


_COURT = re.compile(
    r"\b(?:High|County|Supreme|District|Federal|Constitutional|Crown|International)\b.* Court$"
)
_OWN_TITLE = re.compile(rf"^(?!(?:Editor|Director) ){TITLE} (?!of\b)", re.I)
# "J. Achebe", "John F. Kennedy"; and, as lists of literature write it, "Thiel J".
_INITIALS = re.compile(r"^(?:[A-Z]\. ?)+[A-Z][a-zà-ÿ]|^[A-Z][a-zà-ÿ]+ [A-Z]\. [A-Z][a-zà-ÿ]")
_SURNAME_FIRST = re.compile(r"^[A-Z][a-zà-ÿ’'-]+ [A-HJ-KM-UWY-Z]$")
_ACRONYM = re.compile(r"^[A-Z][A-Z&.]{1,6}$")
_NEITHER, _BODY, _THING, _PLACE = (-9.0, -9.0), (-3.0, 4.0), (-4.0, -4.0), (-3.0, -1.0)
# Somebody is named in full first, and then by the last word.
_SURNAME = (2.0, -0.5)
_FORMS: tuple[tuple[re.Pattern[str], Score], ...] = (
    (_OWN_TITLE, (4.0, 0.0)),
    (_INITIALS, (2.0, 0.0)),
    (_SURNAME_FIRST, (1.0, 0.0)),
    # An author with the number of an affiliation, "Yara Lindholm1"; other digits are those of products.
    (re.compile(r" [A-Z][a-zà-ÿ]+\d$"), (7.0, 2.0)),
    (re.compile(r"\d"), (-4.0, -3.0)),
    (re.compile(r" & "), (-3.0, 1.5)),
    (_ACRONYM, (-3.0, 0.5)),
    (re.compile(r"^[A-Z][a-z]+[A-Z]\w+$"), (0.0, 0.7)),
)


def _weighed(places: Iterable[Place]) -> Score:
    """What stands around a name, in all its places; what comes again counts little more."""
    times = Counter(
        i
        for before, behind in places
        for i, sign in enumerate(SIGNS)
        if sign.stands(before, behind)
    )
    person = organisation = 0.0
    for i, n in times.items():
        more = 1 + _REPEATED * min(n - 1, _MOST_REPEATED)
        person += more * SIGNS[i].person
        organisation += more * SIGNS[i].organisation
    return person, organisation


def _stands_for_body(text: str, start: int, end: int) -> bool:
    """Whether it is the acronym, in brackets, of an organisation's name."""
    if text[max(0, start - 2) : start] != " (" or text[end : end + 1] != ")":
        return False
    words = re.findall(r"[A-ZÀ-Þ][\w’'-]*", text[max(0, start - _NEAR) : start])
    spelled = "".join(word[0] for word in words)
    letters = re.sub(r"[^A-Z]", "", text[start:end])
    meant = words[-len(letters) :] if letters and spelled.endswith(letters) else []
    return any(fold(word) in BODIES | BODIES_OF for word in meant)


def _inside(one: Named) -> Score:
    """What a name itself says."""
    key = fold(one.name)
    if key in COUNTRIES or _ROLE.fullmatch(one.name):
        return _NEITHER
    speaks = (4.0, 0.0) if one.speaks else (0.0, 0.0)
    if (body := _names_body(one.name, key)) is not None:
        return _sum(speaks, body)
    signs = [weights for pattern, weights in _FORMS if pattern.search(one.name)]
    words = key.split(" ")
    if words[0] in PLACES_FIRST and len(words) > 1:
        signs.append(_PLACE)
    elif len(words) > 1 and words[-1] in map(fold, one.written):
        signs.append(_SURNAME)
    if one.speaks:
        signs = [(max(0.0, person), organisation) for person, organisation in signs]
    return _sum(speaks, *signs)


def _names_body(name: str, key: str) -> Score | None:
    """What a name's nouns say: "Ministry of Finance", "Kessel Bridge"; None where they say nothing."""
    words = [word.strip(".") for word in key.split(" ")]
    if words[0] in BODIES_FIRST and len(words) > 1:
        return _BODY
    if words[-1] in THINGS:
        return _THING
    of = any(word in BODIES_OF and two in _OF for word, two in pairwise(words))
    named = words[-1] in BODIES or of or key in HOUSES or _COURT.search(name)
    return _BODY if named else None


def _sum(*scores: Score) -> Score:
    return sum(person for person, _ in scores), sum(organisation for _, organisation in scores)


def _may_be_person(name: str) -> bool:
    words = name.split(" ")
    return len(words) <= _MOST_WORDS and all(_PERSON_WORD.match(word) for word in words)
