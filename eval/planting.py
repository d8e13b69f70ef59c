"""Plants lies: a number, unit, date, name, quoted word or negation of a true sentence is changed.

Nothing here uses the checker's own patterns: what they cannot see has to be lied about too.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from eval.claims import COUNTED, MONTH, MONTHS, NAME, Claim, names_in

KINDS = ("number", "unit", "date", "name", "quotation", "negation")
# A day of the month is a date, and so is a year.
_FIGURE = re.compile(
    "".join(rf"(?<!{month} )" for month in MONTHS)
    + rf"(?<![\w.,-])(\d+(?:,\d{{3}})*(?:\.\d+)?)(?!\w|[.,]\d| (?:{MONTH}))"
)
_SWAPPED_UNITS = (
    ("km", "miles"), ("kilometres", "miles"), ("kilometers", "miles"), ("metres", "feet"),
    ("meters", "feet"), ("m", "ft"), ("million", "billion"), ("thousand", "million"),
    ("billion", "trillion"), ("years", "months"), ("days", "weeks"), ("hours", "minutes"),
    ("months", "weeks"), ("minutes", "seconds"), ("kg", "g"), ("tons", "pounds"), ("mph", "km/h"),
    ("acres", "hectares"), ("inches", "cm"), ("percent", "percentage points"), ("centuries", "decades"),
    ("square miles", "acres"), ("sq mi", "km2"), ("°C", "°F"), ("MW", "GW"), ("GB", "MB"),
    ("%", " percentage points"), ("dollars", "euros"), ("km2", "acres"), ("volts", "watts"),
)  # fmt: skip
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|has|had|have|can|could|will|would|should|may|might|must|does|did)\b"
    r"(?! (?:not|never|no|neither|nor|nothing|without|only)\b|n[’']t)"
)
_DENIAL = re.compile(r"(?<=\w)(?: not(?! only| just)\b| never\b)|(?<=[a-z])n[’']t\b|(?<=can)not\b")


def plant(claims: Sequence[Claim], n: int, rng: random.Random) -> list[Claim]:
    """About `n` lies, as many of each kind as there can be; one claim may be lied about in two kinds."""
    found: list[Claim] = []
    for place, kind in enumerate(KINDS):
        order = rng.sample(range(len(claims)), len(claims))
        wanted = n // len(KINDS) + (place < n % len(KINDS))
        lies = (lie for i in order if (lie := lies_of(claims[i], kind, rng)))
        found += [lie for lie, _ in zip(lies, range(wanted), strict=False)]
    return found


def lies_of(claim: Claim, kind: str, rng: random.Random) -> Claim | None:
    """The claim with one lie of a kind in it; None where it has nothing of that kind."""
    changed = [text for text in _LIARS[kind](claim, rng) if _plain(text) != _plain(claim.text)]
    # A sentence that the passage has too is no lie.
    changed = [text for text in changed if _plain(text) not in _plain(claim.evidence)]
    return replace(claim, text=rng.choice(changed), lie=kind) if changed else None


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w%$€£]+", " ", text.lower()).split())


def _put(text: str, match: re.Match[str], words: str, group: int = 0) -> str:
    return text[: match.start(group)] + words + text[match.end(group) :]


def _wrong_number(claim: Claim, rng: random.Random) -> Iterator[str]:
    text = claim.text
    figures = [m[1] for m in _FIGURE.finditer(claim.evidence) if not _is_year(m[1])]
    own = {_plain(m[1]) for m in _FIGURE.finditer(text)}
    for match in _FIGURE.finditer(text):
        if _is_year(match[1]):
            continue
        others = [f for f in figures if _plain(f) not in own and ("." in f) == ("." in match[1])]
        yield _put(text, match, rng.choice(others) if others and rng.random() < 0.5 else
                   _other_figure(match[1], rng))  # fmt: skip
    for match in re.finditer(rf"\b({'|'.join(COUNTED)})\b(?![ -](?:thirds|hundred))", text):
        word = rng.choice([w for w in COUNTED if w != match[1] and w not in text.lower()])
        yield _put(text, match, word)


def _is_year(figure: str) -> bool:
    return len(figure) == 4 and figure.isdigit() and 1000 <= int(figure) <= 2100


def _other_figure(figure: str, rng: random.Random) -> str:
    at = rng.choice([i for i, c in enumerate(figure) if c.isdigit()])
    digit = rng.choice([d for d in "123456789" if d != figure[at]])
    return figure[:at] + digit + figure[at + 1 :]


def _wrong_unit(claim: Claim, rng: random.Random) -> Iterator[str]:
    del rng
    number = rf"(?<![\w.,])(?:\d[\d,.]*|{'|'.join(COUNTED)})(?: million| billion)?[ -]?"
    for one, other in _SWAPPED_UNITS:
        for unit, swapped in ((one, other), (other.strip(), one)):
            for match in re.finditer(rf"{number}({re.escape(unit)})(?![\w/²]| points)", claim.text):
                spaced = unit != "%" and swapped == "%" and claim.text[match.start(1) - 1] == " "
                yield _put(claim.text, match, " %" if spaced else swapped, 1)
    for match in re.finditer(r"[$€£](?=\d)", claim.text):
        yield _put(claim.text, match, "€" if match.group() != "€" else "$")


def _wrong_date(claim: Claim, rng: random.Random) -> Iterator[str]:
    text = claim.text
    years = re.findall(r"\b1[0-9]\d\d\b|\b20[0-2]\d\b", claim.evidence)
    for match in re.finditer(
        r"(?<![\w,.$£€])(1[0-9]\d\d|20[0-2]\d)(?=\b(?!,\d| \w+s\b)|s\b)", text
    ):
        others = [y for y in years if y not in text]
        moved = str(int(match[1]) + rng.choice([-30, -10, -7, -3, -2, -1, 1, 2, 4, 10]))
        decade = text[match.end() :].startswith("s")
        moved = str(int(match[1]) + rng.choice([-20, -10, 10])) if decade else moved
        yield _put(text, match, rng.choice(others) if others and not decade and rng.random() < 0.5
                   else moved)  # fmt: skip
    for match in re.finditer(rf"\b({MONTH})\b(?= \d)|(?<=\d )({MONTH})\b", text):
        yield _put(text, match, rng.choice([m for m in MONTHS if m not in text]))
    for match in re.finditer(rf"(?<=\b)(?:{MONTH}) (\d\d?)\b(?!\d)", text):
        yield _put(text, match, str(rng.choice([d for d in range(1, 29) if str(d) != match[1]])), 1)


def _wrong_name(claim: Claim, rng: random.Random) -> Iterator[str]:
    """Another name of its shape: from the passage, but not in the sentence, or from elsewhere."""
    here = names_in(claim.evidence)
    stated = set(claim.text.split("\n")[0].lower().replace(",", " ").replace(".", " ").split())
    for match in NAME.finditer(claim.text):
        if match.group() not in names_in(claim.text):
            continue
        near, far = (
            [
                n
                for n in names
                if not set(n.lower().split()) & stated and _shape(n) == _shape(match[0])
            ]
            for names in (here, claim.others)
        )
        # A whole and its part ("Mercury", "Freddie Mercury") may be one.
        near = [n for n in near if not any(w in match[0] or match[0] in n for w in n.split())]
        far = [n for n in far if n.lower() not in claim.evidence.lower()]
        chosen = near if near and (not far or rng.random() < 0.5) else far
        if chosen:
            yield _put(claim.text, match, rng.choice(chosen))


def _shape(name: str) -> tuple[int, bool]:
    """How many words, and whether it looks like an adjective: "German", "Swedish"."""
    return len(name.split()), name.endswith(("an", "ish", "ese", "ch", "ic"))


def _wrong_quotation(claim: Claim, rng: random.Random) -> Iterator[str]:
    words = [w for w in re.findall(r"\b[a-z]{4,12}\b", claim.evidence) if w not in claim.text]
    for match in re.finditer(r"[\"“]([^\"“”]{3,300})[\"”]", claim.text):
        if claim.text[: match.start()].count('"') % 2:
            continue
        inner = list(re.finditer(r"\b[A-Za-z][a-z]{3,}\b", match[1]))
        if inner and words:
            word, start = rng.choice(inner), match.start(1)
            new = rng.choice(words)
            new = new.capitalize() if word.group()[0].isupper() else new
            yield claim.text[: start + word.start()] + new + claim.text[start + word.end() :]


def _wrong_negation(claim: Claim, rng: random.Random) -> Iterator[str]:
    del rng
    denials = [_put(claim.text, m, "") for m in _DENIAL.finditer(claim.text)]
    if denials:
        yield from denials
        return
    if match := _AUXILIARY.search(claim.text):
        yield _put(claim.text, match, f"{match[1]} not")


_LIARS: dict[str, Callable[[Claim, random.Random], Iterator[str]]] = {
    "number": _wrong_number, "unit": _wrong_unit, "date": _wrong_date, "name": _wrong_name,
    "quotation": _wrong_quotation, "negation": _wrong_negation,
}  # fmt: skip
