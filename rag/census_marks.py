"""The marks of a question about the whole library, and the plain words that stand between them.

Phrases that are known by themselves ("how many", "from 2021", "are not mentioned") become marks; a run of
other words hangs on the mark before or behind it. What such a run means is not decided here, but in
`rag.census_questions`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.filters import date_of
from index.lexical import STOP_WORDS
from index.numbers import find_amounts
from index.words import stem, stems
from rag.census_phrases import BETWEEN, BOUNDS, DAY, LIMIT, PHRASES, RELATIONS, WHEN
from rag.kinds import GENERIC, is_plural, normal_kind

_NO_KIND = frozenset(stem(word) for word in (*STOP_WORDS, "name", "into", "under", "over"))
QUOTED = re.compile(r"[\"“”]([^\"“”]+)[\"“”]|(?<!\w)[‘']([^‘’']+)[’'](?!\w)")
_WORD = re.compile(r"[$€£]?\d[\d.,]*(?<=\d)\w*|[\w§$€£](?:[\w’'./-]*\w)?|&")
_DETERMINER = re.compile(
    r"^(?:(?:the|an?|any|some|our|their|his|her|both|either|neither|all)\s+)+", re.I
)
_JOINS = frozenset(("and", "or", "nor", "both", "either", "neither", "the", "a", "an", "any", "of"))
_DAY_BEFORE = re.compile(rf"({DAY})(?= )", re.I)
_KIND = re.compile(r"[A-Za-z][\w’'-]*(?: [a-z][\w’'-]*){0,2}")
# What stands before one document: "which letter", "the oldest letter", "in a letter".
_ONE = frozenset(("list", "size", "first", "last", "date", "count", "most", "largest", "people"))
_OBJECTS = frozenset(("mention", "never", "no", "party"))
_EXCEPTS = re.compile(r"apart|except|other|not counting|leaving|exclud|outside", re.I)


@dataclass(frozen=True, slots=True)
class Token:
    """A mark, or a plain word: `kind` is "word" then, and "quote" for words in quotation marks.

    Attributes:
        value: stems of a kind of document, (relation, date) pairs, or a bound.
    """

    kind: str
    text: str
    value: object = None


class Marker:
    """Marks the phrases of a question.

    Args:
        is_kind: whether some stems, all together, name a kind of document of the library.
    """

    def __init__(self, is_kind: Callable[[Sequence[str]], bool]) -> None:
        self._is_kind = is_kind

    def marked(self, text: str) -> list[Token]:
        """The question as marks and plain words, from left to right, the longest phrase first."""
        tokens: list[Token] = []
        at = 0
        while at < len(text):
            token, end = self._next(text, at, tokens)
            if token is not None:
                tokens.append(token)
            at = end
        return tokens

    def _next(self, text: str, at: int, before: Sequence[Token]) -> tuple[Token | None, int]:
        if not (text[at].isalnum() or text[at] in "\"“”‘'§&$€£("):
            # A comma parts a list of things as "and" does.
            return (Token("word", ","), at + 1) if text[at] == "," else (None, at + 1)
        quote = QUOTED.match(text, at)
        if quote is not None:
            return Token("quote", (quote[1] or quote[2]).strip(" .,")), quote.end()
        if at and (text[at - 1].isalnum() or text[at - 1] in "’'-"):
            return None, at + 1
        for reader in (self._date, self._bound, self._kind):
            found = reader(text, at, before)
            if found is not None:
                return found
        for name, pattern in PHRASES:
            match = pattern.match(text, at)
            if match is not None:
                return Token(name, match.group().lower()), match.end()
        word = _WORD.match(text, at)
        if word is None:
            return None, at + 1
        return Token("word", word.group()), word.end()

    def _date(self, text: str, at: int, before: Sequence[Token]) -> tuple[Token, int] | None:
        """A time that the documents are of: "from 2021", "dated June 2019", "2023 reports"."""
        match = BETWEEN.match(text, at)
        if match is not None:
            first, last = date_of(match[1]), date_of(match[2])
            if first is None or last is None:
                return None
            span = (("from", first), ("until", last))
            return Token("date", match.group(), span), match.end()
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
            return Token("date", match.group(), pairs), match.end()
        match = _DAY_BEFORE.match(text, at)
        date = date_of(match[1]) if match else None
        if match and date and self._kind(text, match.end() + 1, before) is not None:
            return Token("date", match.group(), (("from", date), ("until", date))), match.end()
        return None

    def _bound(self, text: str, at: int, before: Sequence[Token]) -> tuple[Token, int] | None:
        match = LIMIT.match(text, at)
        amounts = find_amounts(match[2]) if match else []
        if match is None or len(amounts) != 1:
            return None
        amount = amounts[0]
        bound = (BOUNDS[match[1].lower()], float(amount.value), amount.unit)
        # What follows the amount is no part of it: "over 1,000 not from ...".
        end = match.start(2) + amount.end
        return Token("bound", text[at:end], bound), end

    def _kind(self, text: str, at: int, before: Sequence[Token]) -> tuple[Token, int] | None:
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
            if kinds is not None and (is_plural(name) or _asks_for_one(before)):
                return Token("kind", name, kinds), at + len(name)
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


def _may_be_kind(before: Sequence[Token]) -> bool:
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


def _asks_for_one(before: Sequence[Token]) -> bool:
    """Whether a word in the singular may be one of the documents asked about."""
    for token in reversed(before):
        if token.kind in _ONE or token.text.lower() in ("a", "an"):
            return True
        if token.kind not in ("aux", "act"):
            return False
    return not before


def _is_mark(word: str) -> bool:
    return any(pattern.fullmatch(word) for _, pattern in PHRASES)


def runs(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Where plain words follow each other; small words between them belong to the run."""
    found: list[tuple[int, int]] = []
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
        found.append((at, end))
        at = end
    return found


def _is_content(token: Token) -> bool:
    if token.kind == "quote":
        return True
    return token.kind == "word" and token.text.lower() not in (*_JOINS, ",", "&")


def mark_before(tokens: Sequence[Token], at: int) -> str:
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


def mark_after(tokens: Sequence[Token], at: int) -> str:
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


def plain_words(words: str) -> str:
    """Words without quotation marks and determiners."""
    words = QUOTED.sub(lambda match: match[1] or match[2], words.strip())
    return _DETERMINER.sub("", words.strip(' ,.;:?!"“”')).strip()
