"""Planted lies: how many the checker catches, and how many true sentences it takes for lies.

    python -m eval.lies --data DIR [--part test] [--n 1000] [--seed 0] [--show K]

DIR holds `qa/squad-*.json`, `entailment/pairs.jsonl` and `splits.json`. True sentences are those of
SQuAD's paragraphs, the same lightly rewritten (a clause dropped or moved, a number or date written
otherwise), and the supported ones of the entailment pairs, which are free paraphrases and counted apart.
A lie is one of them with a number, unit, date, name, quoted word or negation changed. Nothing here uses
the checker's own patterns: what they cannot see has to be lied about too.
"""

import argparse
import json
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.training.reader_data import json_lines, squad_questions
from index.sentences import sentence_spans
from rag.checker import check_written
from rag.types import Support

KINDS = ("number", "unit", "date", "name", "quotation", "negation")
_SHORTEST, _LONGEST = 40, 350
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_MONTH = "|".join(_MONTHS)
_COUNTED = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty".split()
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence with the passage that proves it, or did before it was changed.

    Attributes:
        text: the sentence.
        evidence: breadcrumb and passage.
        source: "verbatim", "rewritten" or "paraphrase".
        others: names of other articles, to lie with.
        lie: which kind of lie it is; None where it is true.
    """

    text: str
    evidence: str
    source: str
    others: tuple[str, ...] = ()
    lie: str | None = None


# -- true sentences -------------------------------------------------------------------------------


def verbatim_claims(data: Path, part: str) -> list[Claim]:
    """Sentences of the part's SQuAD paragraphs."""
    contexts = {q.context: q.title for q in squad_questions(data, part)}
    counted = Counter(name for text in contexts for name in _names(text))
    others = tuple(name for name, n in counted.most_common(400) if n > 1)
    return [
        Claim(text[start:end], f"{title}\n{text}", "verbatim", others)
        for text, title in contexts.items()
        for start, end in sentence_spans(text)
        if _SHORTEST <= end - start <= _LONGEST and text[end - 1] == "."
    ]


def rewritten_claims(claims: Sequence[Claim], rng: random.Random) -> list[Claim]:
    """Each sentence that some rewriting fits, once, with one of those."""
    found = []
    for claim in claims:
        texts = [t for change in _REWRITINGS if (t := change(claim.text)) and t != claim.text]
        if texts:
            found.append(replace(claim, text=rng.choice(texts), source="rewritten"))
    return found


def paraphrases(data: Path, part: str) -> list[Claim]:
    """Supported sentences of the entailment pairs; those of the same use as the part."""
    rows = [r for r in json_lines(data / "entailment" / "pairs.jsonl") if r["use"] == part]
    rows = [row for row in rows if row["label"] == "supported"]
    others = tuple({name for row in rows for name in _names(row["hypothesis"])})
    return [
        Claim(row["hypothesis"], row["premise"], "paraphrase", tuple(sorted(others)))
        for row in rows
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _drop_clause(text: str) -> str | None:
    match = re.match(
        r"(?:In|During|After|Before|On|At|By|Since|While|Although|As|When|From|Under|Despite|However)"
        r"\b[^,;:\"“()]{0,80}, (?=(?:the|a|he|she|it|they|there|this|his|her|its|[A-Z])\b)(?!.{0,40}, and)",
        text,
    )
    return _capital(text[match.end() :]) if match else None


def _drop_parenthesis(text: str) -> str | None:
    return re.sub(r" \([^()]*\)", "", text, count=1)


def _other_digits(text: str) -> str | None:
    """Number words as digits, or digits as words."""
    word = re.search(rf"\b({'|'.join(_COUNTED)}) (?=[a-z]+s\b)", text)
    if word:
        return text[: word.start()] + str(_COUNTED.index(word[1]) + 2) + text[word.end() - 1 :]
    digits = re.search(r"(?<= )([2-9]|1\d|20) (?=[a-z]+s\b)", text)
    if digits:
        return text[: digits.start()] + _COUNTED[int(digits[1]) - 2] + text[digits.end() - 1 :]
    percent = re.search(r"(\d)(?:%| percent\b| per cent\b)", text)
    if percent:
        spelled = " percent" if "%" in percent.group() else "%"
        return text[: percent.start() + 1] + spelled + text[percent.end() :]
    thousands = re.search(r"(?<![\w,.])(\d{1,3}),(\d{3})\b(?!,\d)", text)
    return text.replace(thousands.group(), thousands[1] + thousands[2]) if thousands else None


def _other_date(text: str) -> str | None:
    match = re.search(rf"\b({_MONTH}) (\d{{1,2}}), (\d{{4}})", text)
    if match:
        return text[: match.start()] + f"{match[2]} {match[1]} {match[3]}" + text[match.end() :]
    match = re.search(rf"\b(\d{{1,2}}) ({_MONTH}) (\d{{4}})", text)
    if match:
        day = f"{match[3]}-{_MONTHS.index(match[2]) + 1:02}-{int(match[1]):02}"
        return text[: match.start()] + day + text[match.end() :]
    return None


def _move_year(text: str) -> str | None:
    match = re.match(r"In ((?:\w+ )?\d{4}),? ([^,;:\"“]+)\.$", text)
    return f"{_capital(match[2])} in {match[1]}." if match else None


_REWRITINGS = (_drop_clause, _drop_parenthesis, _other_digits, _other_date, _move_year)

# -- lies -----------------------------------------------------------------------------------------


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


# A day of the month is a date, and so is a year.
_FIGURE = re.compile(
    "".join(rf"(?<!{month} )" for month in _MONTHS)
    + rf"(?<![\w.,-])(\d+(?:,\d{{3}})*(?:\.\d+)?)(?!\w|[.,]\d| (?:{_MONTH}))"
)


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
    for match in re.finditer(rf"\b({'|'.join(_COUNTED)})\b(?![ -](?:thirds|hundred))", text):
        word = rng.choice([w for w in _COUNTED if w != match[1] and w not in text.lower()])
        yield _put(text, match, word)


def _is_year(figure: str) -> bool:
    return len(figure) == 4 and figure.isdigit() and 1000 <= int(figure) <= 2100


def _other_figure(figure: str, rng: random.Random) -> str:
    at = rng.choice([i for i, c in enumerate(figure) if c.isdigit()])
    digit = rng.choice([d for d in "123456789" if d != figure[at]])
    return figure[:at] + digit + figure[at + 1 :]


_SWAPPED_UNITS = (
    ("km", "miles"), ("kilometres", "miles"), ("kilometers", "miles"), ("metres", "feet"),
    ("meters", "feet"), ("m", "ft"), ("million", "billion"), ("thousand", "million"),
    ("billion", "trillion"), ("years", "months"), ("days", "weeks"), ("hours", "minutes"),
    ("months", "weeks"), ("minutes", "seconds"), ("kg", "g"), ("tons", "pounds"), ("mph", "km/h"),
    ("acres", "hectares"), ("inches", "cm"), ("percent", "percentage points"), ("centuries", "decades"),
    ("square miles", "acres"), ("sq mi", "km2"), ("°C", "°F"), ("MW", "GW"), ("GB", "MB"),
    ("%", " percentage points"), ("dollars", "euros"), ("km2", "acres"), ("volts", "watts"),
)  # fmt: skip


def _wrong_unit(claim: Claim, rng: random.Random) -> Iterator[str]:
    del rng
    number = rf"(?<![\w.,])(?:\d[\d,.]*|{'|'.join(_COUNTED)})(?: million| billion)?[ -]?"
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
    for match in re.finditer(rf"\b({_MONTH})\b(?= \d)|(?<=\d )({_MONTH})\b", text):
        yield _put(text, match, rng.choice([m for m in _MONTHS if m not in text]))
    for match in re.finditer(rf"(?<=\b)(?:{_MONTH}) (\d\d?)\b(?!\d)", text):
        yield _put(text, match, str(rng.choice([d for d in range(1, 29) if str(d) != match[1]])), 1)


_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+(?: [A-Z][a-z]+)*\b(?!['’]?\w)")


def _names(text: str) -> list[str]:
    return [m.group() for m in _NAME.finditer(text) if not set(m.group().split()) & {*_MONTHS, "I"}]


def _wrong_name(claim: Claim, rng: random.Random) -> Iterator[str]:
    """Another name of its shape: from the passage, but not in the sentence, or from elsewhere."""
    here = _names(claim.evidence)
    stated = set(claim.text.split("\n")[0].lower().replace(",", " ").replace(".", " ").split())
    for match in _NAME.finditer(claim.text):
        if match.group() not in _names(claim.text):
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


_AUXILIARY = re.compile(
    r"\b(is|are|was|were|has|had|have|can|could|will|would|should|may|might|must|does|did)\b"
    r"(?! (?:not|never|no|neither|nor|nothing|without|only)\b|n[’']t)"
)
_DENIAL = re.compile(r"(?<=\w)(?: not(?! only| just)\b| never\b)|(?<=[a-z])n[’']t\b|(?<=can)not\b")


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


def plant(claims: Sequence[Claim], n: int, rng: random.Random) -> list[Claim]:
    """About `n` lies, as many of each kind as there can be; one claim may be lied about in two kinds."""
    found: list[Claim] = []
    for place, kind in enumerate(KINDS):
        order = rng.sample(range(len(claims)), len(claims))
        wanted = n // len(KINDS) + (place < n % len(KINDS))
        lies = (lie for i in order if (lie := lies_of(claims[i], kind, rng)))
        found += [lie for lie, _ in zip(lies, range(wanted), strict=False)]
    return found


# -- measuring ------------------------------------------------------------------------------------


def share(hits: int, n: int) -> dict[str, float | int | None]:
    """A share in percent with Wilson's 95 % interval."""
    if not n:
        return {"n": 0, "percent": None, "low": None, "high": None}
    z, p = 1.959964, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return {
        "n": n,
        "percent": round(100 * p, 2),
        "low": round(100 * low, 2),
        "high": round(100 * high, 2),
    }


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim with the checker's verdict."""

    claim: Claim
    support: Support


def check(claims: Sequence[Claim]) -> list[Checked]:
    """The checker's verdict on each."""
    return [Checked(claim, check_written(claim.text, [claim.evidence])) for claim in claims]


def figures(checked: Sequence[Checked]) -> dict[str, object]:
    """Shares of lies called unsupported, and of true sentences called unsupported or partly so."""

    def of(items: Sequence[Checked], *verdicts: Support) -> dict[str, float | int | None]:
        return share(sum(item.support in verdicts for item in items), len(items))

    true = [item for item in checked if item.claim.lie is None]
    lies = [item for item in checked if item.claim.lie is not None]
    return {
        "untouched_flagged": of(true, "unsupported"),
        "untouched_partly": of(true, "partly"),
        "untouched_unchecked": of(true, "unchecked"),
        "caught": of(lies, "unsupported"),
        "caught_or_doubted": of(lies, "unsupported", "partly"),
        "caught_by_kind": {
            kind: of([i for i in lies if i.claim.lie == kind], "unsupported") for kind in KINDS
        },
    }


def groups(data: Path, part: str, n: int, seed: int) -> dict[str, list[Claim]]:
    """`n` true sentences and about `n` lies each: near to the text, and free paraphrases."""
    rng = random.Random(seed)
    verbatim = verbatim_claims(data, part)
    rng.shuffle(verbatim)
    rewritten = rewritten_claims(verbatim, rng)
    near = verbatim[: n - n // 2] + rewritten[: n // 2]
    free = paraphrases(data, part)
    rng.shuffle(free)
    pool = [*verbatim, *rewritten]
    return {"near": near + plant(pool, n, rng), "paraphrases": free[:n] + plant(free, n, rng)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures as JSON, and with --show what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=("train", "test"), default="test")
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="so many errors of each sort")
    options = parser.parse_args(arguments)
    result: dict[str, object] = {"part": options.part}
    for name, claims in groups(options.data, options.part, options.n, options.seed).items():
        checked = check(claims)
        result[name] = figures(checked)
        if options.show:
            result[f"{name}_errors"] = errors(checked, options.show)
    print(json.dumps(result, indent=1, ensure_ascii=False))  # noqa: T201


def errors(checked: Sequence[Checked], most: int) -> dict[str, list[dict[str, str]]]:
    """Lies that were believed and true sentences that were not, by kind of lie and source."""
    found: dict[str, list[dict[str, str]]] = {}
    for item in checked:
        claim = item.claim
        if (claim.lie is None) == (item.support == "unsupported"):
            rows = found.setdefault(claim.lie or f"true, {claim.source}", [])
            if len(rows) < most:
                rows.append({"claim": claim.text, "evidence": claim.evidence})
    return found


if __name__ == "__main__":
    main()
