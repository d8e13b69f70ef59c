"""True sentences with the passages that prove them: taken over, lightly rewritten, or paraphrased.

Nothing here uses the checker's own patterns: what they cannot see has to be rewritten too.
"""

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.training.reader_data import json_lines, squad_questions
from index.sentences import sentence_spans

_SHORTEST, _LONGEST = 40, 350
MONTHS = (
    "January February March April May June July August September October November December".split()
)
MONTH = "|".join(MONTHS)
COUNTED = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty".split()
)
NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+(?: [A-Z][a-z]+)*\b(?!['’]?\w)")


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


def verbatim_claims(data: Path, part: str) -> list[Claim]:
    """Sentences of the part's SQuAD paragraphs."""
    contexts = {q.context: q.title for q in squad_questions(data, part)}
    counted = Counter(name for text in contexts for name in names_in(text))
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
    others = tuple({name for row in rows for name in names_in(row["hypothesis"])})
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
    word = re.search(rf"\b({'|'.join(COUNTED)}) (?=[a-z]+s\b)", text)
    if word:
        return text[: word.start()] + str(COUNTED.index(word[1]) + 2) + text[word.end() - 1 :]
    digits = re.search(r"(?<= )([2-9]|1\d|20) (?=[a-z]+s\b)", text)
    if digits:
        return text[: digits.start()] + COUNTED[int(digits[1]) - 2] + text[digits.end() - 1 :]
    percent = re.search(r"(\d)(?:%| percent\b| per cent\b)", text)
    if percent:
        spelled = " percent" if "%" in percent.group() else "%"
        return text[: percent.start() + 1] + spelled + text[percent.end() :]
    thousands = re.search(r"(?<![\w,.])(\d{1,3}),(\d{3})\b(?!,\d)", text)
    return text.replace(thousands.group(), thousands[1] + thousands[2]) if thousands else None


def _other_date(text: str) -> str | None:
    match = re.search(rf"\b({MONTH}) (\d{{1,2}}), (\d{{4}})", text)
    if match:
        return text[: match.start()] + f"{match[2]} {match[1]} {match[3]}" + text[match.end() :]
    match = re.search(rf"\b(\d{{1,2}}) ({MONTH}) (\d{{4}})", text)
    if match:
        day = f"{match[3]}-{MONTHS.index(match[2]) + 1:02}-{int(match[1]):02}"
        return text[: match.start()] + day + text[match.end() :]
    return None


def _move_year(text: str) -> str | None:
    match = re.match(r"In ((?:\w+ )?\d{4}),? ([^,;:\"“]+)\.$", text)
    return f"{_capital(match[2])} in {match[1]}." if match else None


_REWRITINGS = (_drop_clause, _drop_parenthesis, _other_digits, _other_date, _move_year)


def names_in(text: str) -> list[str]:
    """Names in the middle of sentences, months left out, each as often as it stands there."""
    return [m.group() for m in NAME.finditer(text) if not set(m.group().split()) & {*MONTHS, "I"}]
