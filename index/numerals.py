"""Number words, and what they and runs of digits say; knows nothing of units."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

_MOST_DIGITS = 40  # a longer one is an identifier, and no number is reckoned with it
_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
SHORT_SCALES = {"k": 3, "m": 6, "mn": 6, "bn": 9, "b": 9, "tn": 12}
VALUES = {
    "zero": 0,
    **{word: n for n, word in enumerate(_ONES, 1)},
    **{word: n for n, word in enumerate(_TEENS, 10)},
    **{word: 10 * n for n, word in enumerate(_TENS, 2)},
}
ORDINALS = {
    word: n
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        1,
    )
} | {word[:-1] + "ieth": 10 * n for n, word in enumerate(_TENS, 2)}
PARTS = {"half": 2, "halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6}
PARTS |= {"seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
VULGAR = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "0.3333333333", "⅔": "0.6666666667"}
_MAY_FOLLOW = {
    "": {"a", "one", "teen", "tens", "hundred", "dozen", "scale"},
    "a": {"hundred", "dozen", "scale"},
    "one": {"hundred", "dozen", "scale"},
    "teen": {"hundred", "scale"},
    "tens": {"one", "scale", "dozen"},
    "hundred": {"and", "one", "teen", "tens", "scale"},
    "scale": {"and", "one", "teen", "tens"},
    "and": {"one", "teen", "tens"},
    "dozen": {"scale"},
}
_PARTS_OF_NUMBER = re.compile(r"[^.,\u00a0\u202f]+")


def any_word(words: Iterable[str]) -> str:
    """A pattern of any of the words, small or with a capital."""
    # Both cases written out: a pattern that ignores case is searched for far more slowly.
    return "|".join(f"{w}|{w.capitalize()}" for w in sorted(words, key=len, reverse=True))


NUMERAL = any_word([*VALUES, "hundred", "dozen", *SCALES])


_POINTS_GROUP = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+")


def numbers_in(run: str) -> Iterator[tuple[int, int, Decimal]]:
    """(offset, length, value) of the numbers in digits, points and commas: "1,250.5", "3,4,5"."""
    if _POINTS_GROUP.fullmatch(run) and len(run) <= _MOST_DIGITS:  # as German writes: 1.234,56
        yield 0, len(run), Decimal(run.replace(".", "").replace(",", "."))
        return
    whole, _, decimals = run.rpartition(".") if run.count(".") == 1 else (run, "", "")
    groups = re.split(r"[,\u00a0\u202f]", whole or run)
    if (
        "." not in "".join(groups)
        and (not decimals or decimals.isdigit())
        and len(run) <= _MOST_DIGITS
    ):
        grouped = len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
        if grouped or len(groups) == 1:
            yield 0, len(run), Decimal("".join(groups) + (f".{decimals}" if decimals else ""))
            return
        if len(groups) == 2 and not decimals and len(groups[1]) <= 2:  # a decimal comma
            yield 0, len(run), Decimal(".".join(groups))
            return
    for part in _PARTS_OF_NUMBER.finditer(run):
        if len(part.group()) <= _MOST_DIGITS:
            yield part.start(), len(part.group()), Decimal(part.group())


def value_of(words: list[str]) -> tuple[Decimal, int]:
    """The number that the words spell, and how many of them do: "one two" is one, and one word."""
    total, current, last, used = 0, 0, "", 0
    for position, word in enumerate(words):
        kind = _kind(word)
        if kind not in _MAY_FOLLOW[last]:
            break
        if kind == "scale":
            total, current = total + max(current, 1) * 10 ** SCALES[word], 0
        elif kind in ("hundred", "dozen"):
            current = max(current, 1) * (100 if kind == "hundred" else 12)
        elif kind in ("one", "teen", "tens"):
            current += VALUES[word]
        if kind != "and":
            used = position + 1
        last = kind
    return Decimal(total + current), max(used, 1)


def _kind(word: str) -> str:
    if word in VALUES:
        value = VALUES[word]
        return "one" if value < 10 else "teen" if value < 20 else "tens"
    return "scale" if word in SCALES else word
