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

from index.lexical import STOP_WORDS
from index.words import stems
from rag.census_marks import QUOTED, Marker, Token, mark_after, mark_before, plain_words, runs
from rag.census_sense import MEASURE, PERCENT, asks_of, is_denied, lacks_object, makes_sense
from rag.census_types import Asks, Census, Party
from rag.questions import without_politeness

_LONGEST_MEASURE = 4
_MONTH = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)\b|\d{4}",
    re.I,
)
# "More than once": how often, which is not what is mentioned.
_HOW_OFTEN = re.compile(r"\b(?:more|less|fewer|least|twice|once|times)\b", re.I)
_MOST_TERMS = 16
_AS_ROLE = re.compile(r" as (?:the |its |their |an? )?\w+$", re.I)
_BY_ROLE = re.compile(r"\b(?:inspector|author|sender|supplier|writer|reporter)$", re.I)
_PARTIES: dict[str, Party] = {"by": "by", "from": "by", "to": "to", "with": "with", "of": "of"}
_THESE_WORDS = re.compile(
    r"\b(?:(?:have|has|contain|contains|use|uses|include|includes|hold|say) )?(?:exactly )?"
    r"(?:(?:these|those) (?:very )?(?:exact )?words|this (?:exact )?phrase|this expression)",
    re.I,
)


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
        self._marker = Marker(is_kind)
        self._occurs = occurs

    def read(self, question: str) -> Census | None:
        """The question taken apart; None where it is no such question, or is not understood."""
        text = _with_its_quotation(without_politeness(" ".join(question.split())))
        tokens = self._marker.marked(re.sub(r"\band/or\b", "or", text, flags=re.I))
        asks = asks_of(tokens)
        if asks is None or is_denied(tokens) or lacks_object(tokens):
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
        return census if makes_sense(census, tokens) else None

    # -- marks --------------------------------------------------------------------------------
    def _kinds(self, tokens: Sequence[Token]) -> tuple[list[object], list[object]]:
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

    def _conditions(self, tokens: Sequence[Token], asks: Asks) -> _Conditions | None:
        """Every run of plain words as what it is; None where one has no place."""
        found = _Conditions()
        for first, last in runs(tokens):
            run = tokens[first:last]
            words = " ".join(f"“{t.text}”" if t.kind == "quote" else t.text for t in run).replace(
                " ,", ","
            )
            before = mark_before(tokens, first)
            after = mark_after(tokens, last)
            asked = first > 0 and tokens[first - 1].text in ("which", "what", "how many")
            if (asked and after) or after == "excepted":
                return None  # "Which dates are mentioned?" asks for them
            if not self._place(words, run, before, after, asks, found):
                return None
        return found

    def _place(
        self,
        words: str,
        run: Sequence[Token],
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
        quoted = [(m[0] or m[1]).strip() for m in QUOTED.findall(words)]
        plain = plain_words(words)
        if not plain or (not quoted and _HOW_OFTEN.search(plain)):
            return False
        several = re.split(r",? (?:and|nor) (?:also )?|, ", words, flags=re.I)
        either = re.split(r",? or (?:an? |the )?|, ", words, flags=re.I)
        groups: list[tuple[str, ...]]
        if len(quoted) == 1 and not plain_words(QUOTED.sub("", words)):
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


def _with_its_quotation(text: str) -> str:
    """A question for "these words" with the words quoted before it, without what else was said."""
    *said, asked = re.split(r"(?<=[.!?][\"”’'])\s+|(?<=[.!?])\s+", text)
    quotes = [match.group() for match in QUOTED.finditer(" ".join(said))]
    if quotes and _THESE_WORDS.search(asked):
        return _THESE_WORDS.sub(lambda _: f"mention {quotes[-1]}", asked)
    return text


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
