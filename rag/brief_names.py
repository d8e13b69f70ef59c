"""Who and what a text names, how often: from the evidence table, its spellings brought together.

Rules, no model. "Triolo" is Paul Triolo where one person of that surname is named, "Nvidia's" is Nvidia;
words that have a capital for another reason (a sentence begins, a nationality, a month, a German noun) are
left out as far as rules can tell.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index.evidence_table import Fact
from index.names import begins_sentence, is_ordinary
from index.words import fold
from rag.brief_sentences import Told
from rag.wording import is_english

_SHORTEST_SINGLE = 3
_CAPITALS = 0.25
_BARE = 8
_POSSESSIVE = re.compile(r"['’]s?$")
_NOT_NAMED = frozenset(
    """ai it ceo cfo cto gpu gpus cpu pdf faq tv pc ok q a i ii iii iv v vi vii viii ix x am pm us-china
    english internet web table figure chapter section part page appendix note notes update correction summary
    read monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december mr mrs ms dr prof no yes north south east west r&d llm llms
    bulletin report option""".split()
)
_ADJECTIVES = frozenset(
    """american british russian european asian african german indian canadian australian korean italian
    brazilian french dutch greek swiss israeli iranian arab mexican ukrainian polish
    roman christian western eastern     """.split()
)
_NATIONALITY = re.compile(r".{2,}(?:nese|wegian|panish|wedish|innish|urkish|anish)$")
_SAME = {
    "us": "united states",
    "u.s.": "united states",
    "u.s": "united states",
    "usa": "united states",
    "united states of america": "united states",
    "uk": "united kingdom",
    "u.k.": "united kingdom",
    "eu": "european union",
    "un": "united nations",
}
_SMALL = re.compile(r"(?<![\w’'-])[a-zà-ÿ][\w-]*")
_NUMBERED = re.compile(
    r" no$|^(?:option|table|figure|section|chapter|part|step|phase|level|appendix) \w{1,2}$"
)
_OWNER = re.compile(r"['’]s?(?= )")
_PARTICLE = re.compile(r" (?:der|des|die|den|dem) ")
_TITLES = frozenset(
    """the a an of mr. mrs. ms. dr. prof. premier president chancellor minister senator professor secretary
    governor director chairman chairwoman chief general former vice deputy sir lord king queen pope judge
    captain    representative congressman congresswoman prime""".split()
)


@dataclass(frozen=True, slots=True)
class Named:
    """A name of a document.

    Attributes:
        name: as it is written most often.
        n: how often it is named.
        mentions: the sentences that name it, each once, in order.
        speaks: whether it is one of the document's speakers.
        written: the ways in which it is written.
    """

    name: str
    n: int
    mentions: tuple[Told, ...]
    speaks: bool
    written: tuple[str, ...] = ()


def names_of(
    sentences: Sequence[Told], facts: Sequence[Fact], speakers: Sequence[str]
) -> list[Named]:
    """The names in some sentences: speakers first, then by how often, then by place.

    Args:
        sentences: those that count.
        facts: of their passages.
        speakers: of their document.
    """
    small = Counter(word for one in sentences for word in _SMALL.findall(one.text))
    english = is_english(" ".join(told.text for told in sentences[:40]))
    found = _mentions(sentences, facts, small, english=english)
    spoken = {fold(speaker): speaker for speaker in speakers}
    # "Significant Huguenots" is no name where "significant" is a word.
    whole = _whole_names([key for key in (*found, *spoken) if not small[key.split(" ")[0]]])
    merged: dict[str, list[tuple[str, Told]]] = {fold(name): [] for name in speakers}
    for key, mentions in found.items():
        name = whole.get(key, key)
        # Someone is named in full now and then; one "Baja California" does not make all of it Baja.
        if name not in spoken and len(mentions) > _BARE * len(found.get(name, ())):
            name = key
        merged.setdefault(name, []).extend(mentions)
    names = [_named(key, mentions, spoken) for key, mentions in merged.items()]
    return sorted(
        (one for one in names if one.speaks or one.n),
        key=lambda one: (not one.speaks, -one.n, one.mentions[0].order if one.mentions else 0),
    )


def _mentions(
    sentences: Sequence[Told], facts: Sequence[Fact], small: Counter[str], *, english: bool
) -> dict[str, list[tuple[str, Told]]]:
    """(as written, where) of each name by its key; `small` are the words written without a capital."""
    by_passage: dict[int, list[Told]] = {}
    for one in sentences:
        by_passage.setdefault(one.passage.id, []).append(one)
    found: dict[str, list[tuple[str, Told]]] = {}
    inside: Counter[str] = Counter()
    for fact in facts:
        holding = by_passage.get(fact.passage_id, ()) if fact.kind == "name" else ()
        told = next((one for one in holding if one.start <= fact.start < one.end), None)
        if told is None:
            continue
        at = fact.start - told.passage.start
        name = bare_name(told.passage.text[at : fact.end - told.passage.start])
        if is_name(name, english=english):
            found.setdefault(_key(name), []).append((name, told))
            inside[_key(name)] += not begins_sentence(told.passage.text, at)
    for key in [key for key in found if key.endswith("s") and key[:-1] in found]:
        found[key[:-1]] += found.pop(key)  # an apostrophe that was lost
    if not english and _nouns_have_capitals(sentences):
        return {key: mentions for key, mentions in found.items() if len(mentions) > 1}
    return {
        key: mentions
        for key, mentions in found.items()
        if _is_marked(mentions[0][0])
        or inside[key] > small[key]
        or (len(mentions) > 1 and not small[key])
    }


def _nouns_have_capitals(sentences: Sequence[Told]) -> bool:
    """Whether so many words within sentences have a capital as in German."""
    words = [word for told in sentences for word in told.text.split()[1:] if word[:1].isalpha()]
    return sum(word[0].isupper() for word in words) > _CAPITALS * len(words)


def _is_marked(name: str) -> bool:
    """Whether it is a name wherever it stands: several words, a digit, capitals within."""
    return " " in name or any(char.isupper() or char.isdigit() for char in name[1:])


def bare_name(written: str) -> str:
    """A name without titles, nationalities and what belongs to it: "Premier Li Qiang", "China's AI"."""
    words = _OWNER.split(" ".join(written.split()), maxsplit=1)[0].split(" ")
    while len(words) > 1 and _is_adjunct(words[0]):
        words = words[1:]
    while len(words) > 1 and fold(words[-1]) in _NOT_NAMED and fold(words[0]) in _SAME:
        words = words[:-1]
    return _POSSESSIVE.sub("", " ".join(words))


def _is_adjunct(word: str) -> bool:
    lower = fold(word)
    participle = lower.endswith("ed") and len(lower) > 5 and lower != "united"
    return lower in _TITLES or lower == "us-china" or participle or _is_adjective(lower)


def _is_adjective(lower: str) -> bool:
    return lower in _ADJECTIVES or bool(_NATIONALITY.fullmatch(lower))


def _key(name: str) -> str:
    key = fold(name)
    return _SAME.get(key, key)


def is_name(name: str, *, english: bool = True) -> bool:
    """Whether a word or several with capitals name somebody or something, as far as rules can tell."""
    lower = fold(name)
    if lower in _SAME and name.replace(".", "").isupper():
        return True  # "US", but not "us"
    if lower in _NOT_NAMED or _is_adjective(lower) or _NUMBERED.search(lower):
        return False
    if " " in name:
        within = english or not _PARTICLE.search(name)
        return within and not is_ordinary(name.split(" ")[0])
    if not english and not _is_marked(name):
        return False  # every noun has a capital in some languages
    return len(name) >= _SHORTEST_SINGLE and not is_ordinary(name)


def _whole_names(keys: Sequence[str]) -> dict[str, str]:
    """The whole name by its last word, where it is the last of one name only."""
    by_last: dict[str, set[str]] = {}
    for key in keys:
        words = key.split(" ")
        if 2 <= len(words) <= 4 and "of" not in words and words[0] not in _SAME:
            by_last.setdefault(words[-1], set()).add(key)
    return {last: next(iter(whole)) for last, whole in by_last.items() if len(whole) == 1}


def _named(key: str, mentions: Sequence[tuple[str, Told]], spoken: dict[str, str]) -> Named:
    written = Counter(name for name, _ in mentions)
    most = max(written, key=lambda name: (" " in name, written[name]), default=key)
    told = {one.place: one for _, one in mentions}
    ordered = sorted(told.values(), key=lambda one: one.order)
    name = spoken.get(key, most)
    return Named(name, len(mentions), tuple(ordered), key in spoken, tuple(sorted(written)))
