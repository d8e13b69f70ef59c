"""Questions about the whole library, taken apart: what is counted or listed, and under which conditions.

"How many letters from 2021 mention flooding but not the bridge?" asks for documents of a kind, of a time,
with and without words. People put that in many ways, so the question is read in two steps: phrases that are
known by themselves ("how many", "from 2021", "are not mentioned") become marks, and what is left between
them must be the things that are mentioned. A question of which a word finds no place is none of these and is
answered from passages as any other.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from index.filters import date_of
from index.lexical import STOP_WORDS
from index.numbers import find_amounts
from index.words import stem, stems
from rag.census_phrases import (
    BETWEEN,
    BOUNDS,
    DAY,
    LIMIT,
    PHRASES,
    RELATIONS,
    SIZE_ASKS,
    WHEN,
    Asks,
    Bound,
    Party,
)
from rag.questions import without_politeness

# Of every library; other kinds are read from names and folders.
GENERIC = re.compile(
    r"(?:documents?|files?|texts?|sources?|records?|items?|papers?|pages?|everything|anything)$",
    re.I,
)
KNOWN_KINDS = frozenset(
    stem(word)
    for word in (
        "letter report memo memorandum interview minutes article email invoice contract transcript note "
        "newsletter bulletin statement agreement review summary digest agenda post message complaint "
        "application permit licence certificate receipt offer order form survey inspection protocol paper "
        "study essay story speech lecture podcast episode chapter press release briefing brochure leaflet "
        "notice guide manual policy proposal plan budget judgment ruling petition"
    ).split()
)
"""Stems of what documents are called; a title that says so tells the kind, other words in it do not."""
_NO_KIND = frozenset(stem(word) for word in (*STOP_WORDS, "name", "into", "under", "over"))
# Of one sort of document people use several words; the first that some document is called by is taken.
ALSO_CALLED = {
    stem(word): tuple(stem(other) for other in others.split())
    for word, others in {
        "article": "news newspaper story press",
        "email": "mail message",
        "message": "email mail",
        "bill": "invoice",
        "invoice": "bill",
        "minutes": "meeting",
        "transcript": "interview conversation",
        "interview": "conversation talk",
        "agreement": "contract",
        "memo": "memorandum note",
    }.items()
}

_QUOTED = re.compile(r"[\"“”]([^\"“”]+)[\"“”]|(?<!\w)[‘']([^‘’']+)[’'](?!\w)")
_WORD = re.compile(r"[$€£]?\d[\d.,]*(?<=\d)\w*|[\w§$€£](?:[\w’'./-]*\w)?|&")
_DETERMINER = re.compile(
    r"^(?:(?:the|an?|any|some|our|their|his|her|both|either|neither|all)\s+)+", re.I
)
_JOINS = frozenset(("and", "or", "nor", "both", "either", "neither", "the", "a", "an", "any", "of"))
# These say that an amount is asked for, and not which.
MEASURE = frozenset(
    stem(word)
    for word in "amount sum price cost total value payment figure number money reading level".split()
)
PERCENT = frozenset(stem(word) for word in "percentage percent share proportion".split())
_LONGEST_MEASURE = 4


@dataclass(frozen=True, slots=True)
class Census:
    """A question about the whole library.

    Attributes:
        asks: what is wanted of the documents that meet the conditions.
        kinds: stems that a document's name, folder or title must hold, of several kinds those of one; empty
            for all documents.
        wanted: words or names that must occur; of each group one.
        unwanted: words or names that must not occur.
        dates: (relation, date) that the document's date must meet; the relation is "from", "until",
            "after" or "before", the date YYYY, YYYY-MM or YYYY-MM-DD.
        bounds: how an amount is limited, the value and the unit; a document meets them with one amount that
            is within all.
        counted: stems of what the bounds count, beside the amount: passengers.
        parties: (relation, name): who wrote a document, got it, or is a party to it; several names with one
            relation are alternatives.
        undated: only documents without a date.
        measured: of extremes, stems that must stand in the amount's sentence.
        percent: of extremes, whether a share is asked for and not a sum of money.
        other_than: kinds of documents that do not count.
        unit: of extremes, the only unit that counts; "" for any.
        not_by: names of who must not have written a document.
        who: of first and last, whether the person is asked for.
    """

    asks: Asks
    kinds: tuple[tuple[str, ...], ...] = ()
    wanted: tuple[tuple[str, ...], ...] = ()
    unwanted: tuple[str, ...] = ()
    dates: tuple[tuple[str, str], ...] = ()
    bounds: tuple[tuple[Bound, float, str], ...] = ()
    counted: tuple[str, ...] = ()
    parties: tuple[tuple[Party, str], ...] = ()
    undated: bool = False
    measured: tuple[str, ...] = ()
    percent: bool = False
    other_than: tuple[tuple[str, ...], ...] = ()
    unit: str = ""
    not_by: tuple[str, ...] = ()
    who: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    """A mark, or a plain word: `kind` is "word" then, and "quote" for words in quotation marks.

    Attributes:
        value: stems of a kind of document, (relation, date) pairs, or a bound.
    """

    kind: str
    text: str
    value: object = None


@dataclass(slots=True)
class _Conditions:
    wanted: list[tuple[str, ...]] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)
    parties: list[tuple[Party, str]] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)


class CensusReader:
    """Reads questions about a library.

    Args:
        is_kind: whether some stems, all together, name a kind of document of the library.
        occurs: whether the library holds these very words, one after the other.
    """

    def __init__(
        self, is_kind: Callable[[Sequence[str]], bool], occurs: Callable[[str], bool]
    ) -> None:
        self._is_kind = is_kind
        self._occurs = occurs

    def read(self, question: str) -> Census | None:
        """The question taken apart; None where it is no such question, or is not understood."""
        text = _with_its_quotation(without_politeness(" ".join(question.split())))
        tokens = self._marked(re.sub(r"\band/or\b", "or", text, flags=re.I))
        asks = _asks(tokens)
        if asks is None or _is_denied(tokens) or _lacks_object(tokens):
            return None
        kinds, other_than = self._kinds(tokens)
        conditions = self._conditions(tokens, asks)
        if len(kinds) > 1 or conditions is None:
            return None
        bound = next((t.value for t in tokens if t.kind == "bound"), None)
        dates = [pair for t in tokens if t.kind == "date" for pair in t.value]  # type: ignore[attr-defined]
        census = Census(
            asks,
            tuple(kinds),  # type: ignore[arg-type]
            tuple(conditions.wanted),
            tuple(conditions.unwanted),
            tuple(dates),
            (bound,) if bound else (),  # type: ignore[arg-type]
            (),
            tuple(conditions.parties),
            any(t.kind == "undated" for t in tokens),
            tuple(w for w in conditions.measured if w not in MEASURE | PERCENT),
            any(w in PERCENT for w in conditions.measured),
            tuple(other_than),  # type: ignore[arg-type]
        )
        return census if _makes_sense(census, tokens) else None

    # -- marks --------------------------------------------------------------------------------

    def _marked(self, text: str) -> list[_Token]:
        """The question as marks and plain words, from left to right, the longest phrase first."""
        tokens: list[_Token] = []
        at = 0
        while at < len(text):
            token, end = self._next(text, at, tokens)
            if token is not None:
                tokens.append(token)
            at = end
        return tokens

    def _next(self, text: str, at: int, before: Sequence[_Token]) -> tuple[_Token | None, int]:
        if not (text[at].isalnum() or text[at] in "\"“”‘'§&$€£("):
            # A comma parts a list of things as "and" does.
            return (_Token("word", ","), at + 1) if text[at] == "," else (None, at + 1)
        quote = _QUOTED.match(text, at)
        if quote is not None:
            return _Token("quote", (quote[1] or quote[2]).strip(" .,")), quote.end()
        if at and (text[at - 1].isalnum() or text[at - 1] in "’'-"):
            return None, at + 1
        for reader in (self._date, self._bound, self._kind):
            found = reader(text, at, before)
            if found is not None:
                return found
        for name, pattern in PHRASES:
            match = pattern.match(text, at)
            if match is not None:
                return _Token(name, match.group().lower()), match.end()
        word = _WORD.match(text, at)
        if word is None:
            return None, at + 1
        return _Token("word", word.group()), word.end()

    def _date(self, text: str, at: int, before: Sequence[_Token]) -> tuple[_Token, int] | None:
        """A time that the documents are of: "from 2021", "dated June 2019", "2023 reports"."""
        match = BETWEEN.match(text, at)
        if match is not None:
            first, last = date_of(match[1]), date_of(match[2])
            if first is None or last is None:
                return None
            span = (("from", first), ("until", last))
            return _Token("date", match.group(), span), match.end()
        match = WHEN.match(text, at)
        if match is not None:
            relation = match[1].lower() if match[1] else "in"
            # "The flood of 2019" is a thing, "letters of 2019" are letters.
            beside = before[-1].kind if before else ""
            if relation == "of" and beside not in ("kind", "act"):
                return None
            date = date_of(match[2])
            if date is None:
                return None
            pairs = tuple((one, date) for one in RELATIONS[relation])
            return _Token("date", match.group(), pairs), match.end()
        match = _DAY_BEFORE.match(text, at)
        date = date_of(match[1]) if match else None
        if match and date and self._kind(text, match.end() + 1, before) is not None:
            return _Token("date", match.group(), (("from", date), ("until", date))), match.end()
        return None

    def _bound(self, text: str, at: int, before: Sequence[_Token]) -> tuple[_Token, int] | None:
        match = LIMIT.match(text, at)
        amounts = find_amounts(match[2]) if match else []
        if match is None or len(amounts) != 1:
            return None
        amount = amounts[0]
        bound = (BOUNDS[match[1].lower()], float(amount.value), amount.unit)
        # What follows the amount is no part of it: "over 1,000 not from ...".
        end = match.start(2) + amount.end
        return _Token("bound", text[at:end], bound), end

    def _kind(self, text: str, at: int, before: Sequence[_Token]) -> tuple[_Token, int] | None:
        """The name of a kind of document, of up to three words; the longest counts.

        After "mention" and the like a word is what is mentioned, and one in the singular needs something
        before it that asks for documents: "the budget" is none, "every letter" is one.
        """
        match = _KIND.match(text, at)
        if match is None or not _may_be_kind(before):
            return None
        words = match.group().split()
        for n in range(len(words), 0, -1):
            if any(_is_mark(word) for word in words[:n]):
                continue
            name = " ".join(words[:n])
            kinds = self._kind_of(name)
            if kinds is not None and (_is_plural(name) or _asks_for_one(before)):
                return _Token("kind", name, kinds), at + len(name)
        return None

    def _kind_of(self, words: str) -> tuple[str, ...] | None:
        """Stems of a kind of document; empty for documents at large, None for what is none."""
        if GENERIC.match(words):
            return ()
        *narrower, last = words.split()
        if GENERIC.match(last) and narrower:
            return None
        kinds = tuple(stems(normal_kind(words)))
        if not kinds or _NO_KIND & set(kinds) or not self._is_kind(kinds):
            return None
        return kinds

    def _kinds(self, tokens: Sequence[_Token]) -> tuple[list[object], list[object]]:
        """The kinds of documents asked about, and those that are excepted."""
        asked: list[object] = []
        excepted: list[object] = []
        for i, token in enumerate(tokens):
            if token.kind == "kind" and token.value:
                before = next((t.kind for t in reversed(tokens[:i]) if t.kind != "aux"), "")
                after = next((t.kind for t in tokens[i + 1 :] if t.kind != "aux"), "")
                is_left_out = before == "no" or after == "excepted"
                (excepted if is_left_out else asked).append(token.value)
        return list(dict.fromkeys(asked)), list(dict.fromkeys(excepted))

    # -- what is mentioned --------------------------------------------------------------------

    def _conditions(self, tokens: Sequence[_Token], asks: Asks) -> _Conditions | None:
        """Every run of plain words as what it is; None where one has no place."""
        found = _Conditions()
        for first, last in _runs(tokens):
            run = tokens[first:last]
            words = " ".join(f"“{t.text}”" if t.kind == "quote" else t.text for t in run).replace(
                " ,", ","
            )
            before = _before(tokens, first)
            after = _after(tokens, last)
            asked = first > 0 and tokens[first - 1].text in ("which", "what", "how many")
            if (asked and after) or after == "excepted":
                return None  # "Which dates are mentioned?" asks for them
            if not self._place(words, run, before, after, asks, found):
                return None
        return found

    def _place(
        self,
        words: str,
        run: Sequence[_Token],
        before: str,
        after: str,
        asks: Asks,
        found: _Conditions,
    ) -> bool:
        if before in ("never", "no") and after != "topic":
            return self._read_object(words, found, negative=True)
        if before in ("mention", "mentioned", "times", "most") and asks not in (
            "highest",
            "lowest",
        ):
            return self._read_object(words, found, negative=False)
        if before == "size" and not found.measured:
            asked = [s for s in stems(words) if s not in STOP_WORDS]
            found.measured += asked
            return len(asked) <= _LONGEST_MEASURE
        if after == "not mentioned":
            return self._read_object(words, found, negative=True)
        if after == "mentioned":
            return self._read_object(words, found, negative=False)
        if self._read_party(words, before, after, found):
            return True
        if before in _PARTIES and _MONTH.match(plain_words(words)):
            return False  # a time that is not understood
        # "Weaver's Yard: how many documents name it?"
        topic = before == "" and after == "topic" and not found.wanted
        if (
            topic
            or before in ("by", "from", "to", "with", "for")
            or all(t.kind == "quote" for t in run)
        ):
            return self._read_object(words, found, negative=False)
        return False

    def _read_party(self, words: str, before: str, after: str, found: _Conditions) -> bool:
        """Whether a run names who wrote a document, got it, or is a party to it: then with a capital."""
        name, role = plain_words(_AS_ROLE.sub("", words)), _AS_ROLE.search(words)
        relation = "by" if after == "send" else _PARTIES.get(before)
        if relation is None or not name[:1].isupper() or _MONTH.match(name):
            return False
        if role and _BY_ROLE.search(role.group()):
            relation = "by"
        found.parties += [(relation, one) for one in names_of(name)]
        return True

    def _read_object(self, words: str, found: _Conditions, *, negative: bool) -> bool:
        """What must, or must not, be mentioned: one thing, several, or one of several."""
        words = words.strip(" ,")
        negative = negative or bool(re.match(r"neither\b", words, re.I))
        quoted = [(m[0] or m[1]).strip() for m in _QUOTED.findall(words)]
        plain = plain_words(words)
        if not plain or (not quoted and _HOW_OFTEN.search(plain)):
            return False
        several = re.split(r",? (?:and|nor) (?:also )?|, ", words, flags=re.I)
        either = re.split(r",? or (?:an? |the )?|, ", words, flags=re.I)
        groups: list[tuple[str, ...]]
        if len(quoted) == 1 and not plain_words(_QUOTED.sub("", words)):
            groups = [(quoted[0],)]
        elif (len(several) < 2 and len(either) < 2) or self._occurs(plain):
            groups = [(plain,)]
        elif re.search(r" or ", words, re.I) and re.search(r" (?:and|nor) ", words, re.I):
            return False  # which of them belong together is not said
        elif re.search(r" or ", words, re.I):
            groups = [tuple(dict.fromkeys(plain_words(part) for part in either))]
        else:
            groups = [(part,) for part in dict.fromkeys(map(plain_words, several))]
        terms = [term for group in groups for term in group]
        if not all(terms) or len(terms) > _MOST_TERMS:
            return False
        if negative:
            found.unwanted += [term for group in groups for term in group]
        else:
            found.wanted += groups
        return True


_DAY_BEFORE = re.compile(rf"({DAY})(?= )", re.I)
_KIND = re.compile(r"[A-Za-z][\w’'-]*(?: [a-z][\w’'-]*){0,2}")
# What stands before one document: "which letter", "the oldest letter", "in a letter".
_ONE = frozenset(("list", "size", "first", "last", "date", "count", "most", "largest", "people"))
_OBJECTS = frozenset(("mention", "never", "no", "party"))


_EXCEPTS = re.compile(r"apart|except|other|not counting|leaving|exclud|outside", re.I)
_MONTH = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)\b|\d{4}",
    re.I,
)
# "More than once": how often, which is not what is mentioned.
_HOW_OFTEN = re.compile(r"\b(?:more|less|fewer|least|twice|once|times)\b", re.I)
_MOST_TERMS = 16


def _is_denied(tokens: Sequence[_Token]) -> bool:
    """Whether something is denied other than a mention; it would be counted as if it were said."""
    for i, token in enumerate(tokens):
        if token.kind == "not":
            following = (
                t.kind
                for t in tokens[i + 1 :]
                if t.kind not in ("aux", "fill", "act", "word", "quote")
            )
            if next(following, "") != "mentioned":
                return True
    return False


def _lacks_object(tokens: Sequence[_Token]) -> bool:
    """Whether it is left open what is mentioned: "What does the oldest letter mention?"."""
    for i, token in enumerate(tokens):
        if token.kind in ("mention", "never"):
            following = (t for t in tokens[i + 1 :] if t.kind not in ("aux", "fill", "list", "act"))
            after = next(following, None)
            if after is None or after.kind not in ("word", "quote"):
                return True
    return False


def _may_be_kind(before: Sequence[_Token]) -> bool:
    """Whether a word in this place may name documents, and not what they mention."""
    for token in reversed(before):
        if token.text.lower() in ("in", "of", "among", "across"):
            return True
        if token.kind != "aux":
            joined = token.kind == "word" and token.text.lower() in (",", "or", "nor", "and")
            excepts = token.kind == "no" and _EXCEPTS.match(token.text) is not None
            return excepts or (token.kind not in _OBJECTS and not joined)
        if token.text.lower() == "and":
            return False
    return True


def _asks_for_one(before: Sequence[_Token]) -> bool:
    """Whether a word in the singular may be one of the documents asked about."""
    for token in reversed(before):
        if token.kind in _ONE or token.text.lower() in ("a", "an"):
            return True
        if token.kind not in ("aux", "act"):
            return False
    return not before


def _is_mark(word: str) -> bool:
    return any(pattern.fullmatch(word) for _, pattern in PHRASES)


_AS_ROLE = re.compile(r" as (?:the |its |their |an? )?\w+$", re.I)
_BY_ROLE = re.compile(r"\b(?:inspector|author|sender|supplier|writer|reporter)$", re.I)
_PARTIES: dict[str, Party] = {"by": "by", "from": "by", "to": "to", "with": "with", "of": "of"}


_THESE_WORDS = re.compile(
    r"\b(?:(?:have|has|contain|contains|use|uses|include|includes|hold|say) )?(?:exactly )?"
    r"(?:(?:these|those) (?:very )?(?:exact )?words|this (?:exact )?phrase|this expression)",
    re.I,
)


def _with_its_quotation(text: str) -> str:
    """A question for "these words" with the words quoted before it, without what else was said."""
    *said, asked = re.split(r"(?<=[.!?][\"”’'])\s+|(?<=[.!?])\s+", text)
    quotes = [match.group() for match in _QUOTED.finditer(" ".join(said))]
    if quotes and _THESE_WORDS.search(asked):
        return _THESE_WORDS.sub(lambda _: f"mention {quotes[-1]}", asked)
    return text


def _asks(tokens: Sequence[_Token]) -> Asks | None:
    """What is wanted; None where nothing says that it is about documents."""
    kinds = {t.kind for t in tokens}
    about_mentions = bool(kinds & {"mentioned", "mention", "quote"})
    if "times" in kinds:
        return "times" if about_mentions else None
    if "kind" not in kinds and not (
        "mentioned" in kinds and kinds & {"first", "last", "list", "size"}
    ):
        people = any(t.kind == "people" and _is_plural(t.text) for t in tokens)
        return "speakers" if people and "mention" in kinds else None
    size = next((t.text.replace(" ", "-") for t in tokens if t.kind == "size"), None)
    if size is not None:
        return SIZE_ASKS[size]
    for mark, asks in _BY_MARK:
        if mark in kinds:
            return asks if about_mentions or asks != "most" else None
    if "largest" in kinds:
        return "most" if about_mentions else "author"
    if "people" in kinds and "when" not in kinds:
        return "speakers" if about_mentions else None
    listing = "list" in kinds or tokens[0].kind in ("kind", "date", "undated")
    return "list" if listing and "when" not in kinds else None


# The first of these marks says what is asked.
_BY_MARK: tuple[tuple[str, Asks], ...] = (
    ("most", "most"),
    ("first", "first"),
    ("last", "last"),
    ("count", "count"),
)


def _makes_sense(census: Census, tokens: Sequence[_Token]) -> bool:
    """Whether something was asked of the documents, and of several where only several can be meant."""
    if any(t.kind == "send" for t in tokens) and not census.parties and census.asks != "author":
        return False
    conditions = (
        census.wanted,
        census.unwanted,
        census.dates,
        census.bounds,
        census.parties,
        census.undated,
        census.other_than,
    )
    named = any(t.kind == "kind" for t in tokens)
    if census.asks in ("times", "most", "speakers"):
        return bool(census.wanted)
    if census.asks == "author":
        return named
    if census.asks in ("first", "last"):
        return named or len(census.wanted) == 1
    if census.asks in ("highest", "lowest"):
        amount = named and any(t.kind == "word" and stem(t.text.lower()) in MEASURE for t in tokens)
        return bool(census.measured or census.kinds or census.percent or amount)
    if census.asks == "count":
        return named
    if not named and len(census.wanted) != 1:
        return False
    plural = any(t.kind == "kind" and _is_plural(t.text) for t in tokens)
    everything = any(t.text in ("everything", "all", "every", "each", "where") for t in tokens)
    return any(conditions) and (plural or everything)


def _is_plural(words: str) -> bool:
    words = words.lower()
    return words in ("everything", "anything") or (words.endswith("s") and not words.endswith("ss"))


def _runs(tokens: Sequence[_Token]) -> list[tuple[int, int]]:
    """Where plain words follow each other; small words between them belong to the run."""
    runs: list[tuple[int, int]] = []
    at = 0
    while at < len(tokens):
        if not _is_content(tokens[at]):
            at += 1
            continue
        end = at + 1
        while end < len(tokens):
            after = end
            while after < len(tokens) and tokens[after].text.lower() in (*_JOINS, ",", "&"):
                after += 1
            if after == len(tokens) or not _is_content(tokens[after]):
                break
            end = after + 1
        runs.append((at, end))
        at = end
    return runs


def _is_content(token: _Token) -> bool:
    if token.kind == "quote":
        return True
    return token.kind == "word" and token.text.lower() not in (*_JOINS, ",", "&")


def _before(tokens: Sequence[_Token], at: int) -> str:
    """The mark that a run hangs on, to its left: its kind, or the word itself of a preposition."""
    joined = False
    for i in range(at - 1, -1, -1):
        token = tokens[i]
        word = token.text.lower()
        if word == "neither":
            return "never"
        if word in ("and", "or", "nor", ","):
            joined = True
        # "Everything on the dam", "minutes of the board".
        if word in ("on", "of") and i and tokens[i - 1].kind == "kind":
            return "mention" if word == "on" else "of"
        # "The highest invoice amount".
        if token.kind == "kind" and i and tokens[i - 1].kind == "size":
            continue
        # What follows "and" has the place of what stands before it.
        if joined and token.kind in ("word", "quote"):
            continue
        if token.kind in ("fill", "list", "act", "aux") or word in (*_JOINS, ","):
            continue
        return token.text.split()[0] if token.kind == "party" else token.kind
    return ""


def _after(tokens: Sequence[_Token], at: int) -> str:
    """What is said of a run that ends there, to its right."""
    first = not any(t.kind not in ("aux", "word", "quote") for t in tokens[:at])
    denied = False
    for token in tokens[at:]:
        if token.kind == "not":
            denied = True
        elif token.kind == "excepted":
            return "excepted"
        elif token.kind in ("mentioned", "send"):
            return f"not {token.kind}" if denied else token.kind
        elif token.kind in ("count", "list", "kind") and first:
            return "topic"
        elif token.text != "," and token.kind not in (
            "aux",
            "fill",
            "first",
            "last",
            "most",
            "largest",
        ):
            return ""
    return ""


def names_of(words: str) -> list[str]:
    """Names without what stands around them: "Ann Lee or Bo Ek", "Ann Lee personally"."""
    names = []
    for part in re.split(r",|\bor\b", words):
        plain = plain_words(part).split()
        while len(plain) > 1 and plain[0][:1].isupper() and not plain[-1][:1].isupper():
            plain.pop()
        if plain:
            names.append(" ".join(plain))
    return names


def normal_kind(words: str) -> str:
    """Words that name a kind of document, written one way."""
    words = re.sub(r"\be-mail", "email", words, flags=re.I).replace("_", " ")
    return re.sub(r"\bnewspapers?\b", "news", words, flags=re.I)


def kind_stems(words: str) -> frozenset[str]:
    """Stems of a name, folder or title, as kinds are compared with them."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z’'-]+", " ", normal_kind(words))
    return frozenset(stem(word) for word in re.findall(r"[a-z]+", parted.lower()))


def plain_words(words: str) -> str:
    """Words without quotation marks and determiners."""
    words = _QUOTED.sub(lambda match: match[1] or match[2], words.strip())
    return _DETERMINER.sub("", words.strip(' ,.;:?!"“”')).strip()
