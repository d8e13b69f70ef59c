"""What a sentence says exactly and its passages do not: amounts, dates, names, quotations, negations.

Two looks: what stands nowhere in the passages, and what stands in the place of something else where
the sentence runs like one of theirs, even if it stands elsewhere in the passage. Rules, no model; for
one language only.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from index.dates import Date, same_date
from index.facts import Facts, find_facts
from index.names import begins_sentence, is_ordinary
from index.numbers import ORDINAL, VAGUE, Amount, same_amount
from index.words import fold, stem, stems
from rag.naming import TITLES, akin, initials_known
from rag.replacements import replacements
from rag.tokens import Side, side_of

FindingKind = Literal["number", "unit", "date", "name", "quotation", "negation"]
_ROUNDED = Decimal("0.05")
_MARKS = re.compile("[\"“”„«»‘’`´']+")
_DASHES = str.maketrans("–—−", "---")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something exact that a sentence says and its passages do not.

    Attributes:
        kind: what differs.
        words: of the sentence; empty where it dropped a negation.
        instead: what the evidence has at that place, where it is known.
        certain: whether it is wrong for sure; else it is in doubt, as "about 50" for 49.7 is.
    """

    kind: FindingKind
    words: str
    instead: str | None
    certain: bool


def find_differences(sentence: str, evidence: Sequence[str]) -> tuple[Finding, ...]:
    """Everything exact of a sentence that the passages do not prove; for one language only.

    Returns:
        Findings in the order of their kinds, each word once; empty where nothing differs, and where
        there is no evidence to differ from.
    """
    if not evidence:
        return ()
    joined = "\n".join(evidence)
    facts, proof = find_facts(sentence), find_facts(joined)
    claim_side, proof_side = side_of(sentence, facts), side_of(joined, proof)
    found = [
        *_by_place(claim_side, proof_side),
        *_amounts_missing(sentence, facts, proof),
        *_dates_missing(sentence, facts, proof),
        *_names_missing(sentence, facts, joined),
        *_quotations_missing(sentence, facts, joined),
    ]
    if facts.negations and not proof.negations:
        denied = facts.negations[0]
        words = sentence[denied.start : denied.end]
        found.append(Finding("negation", words, None, certain=False))
    first = {finding.words: finding for finding in reversed(found)}
    return tuple(finding for finding in found if first[finding.words] is finding)


def _by_place(claim: Side, evidence: Side) -> Iterator[Finding]:
    for change in replacements(claim, evidence):
        token = change.claim
        if token is None or token.kind == "negation":
            words = claim.text[token.start : token.end] if token else ""
            yield Finding("negation", words, change.instead, certain=True)
            continue
        certain = True
        kind: FindingKind = "number"
        if token.quoted and token.kind in ("word", "name"):
            kind = "quotation"
        elif token.kind in ("date", "name"):
            kind = "date" if token.kind == "date" else "name"
        elif change.evidence and isinstance(token.fact, Amount):
            other = change.evidence.fact
            if isinstance(other, Amount):
                certain = not _rounded(token.fact, other)
                kind = "unit" if token.fact.number == other.number else "number"
        yield Finding(kind, claim.text[token.start : token.end], change.instead, certain)


def _amounts_missing(sentence: str, claim: Facts, evidence: Facts) -> Iterator[Finding]:
    years = {date.year for date in evidence.dates}
    for amount in claim.amounts:
        if any(_proves(own, amount) for own in evidence.amounts):
            continue
        if not amount.unit and amount.value in years:
            continue
        words = sentence[amount.start : amount.end]
        near = [own for own in evidence.amounts if _rounded(amount, own)]
        # "One of them", "both ... two": small numbers in letters are often counted, not read.
        counted = amount.spelled and amount.unit in ("", ORDINAL, VAGUE) and amount.value <= 12
        if not near and counted and amount.value <= 2:
            continue
        same_number = any(own.number == amount.number for own in evidence.amounts)
        kind: FindingKind = "unit" if same_number else "number"
        yield Finding(kind, words, None, certain=not near and not counted)


def _proves(evidence: Amount, claim: Amount) -> bool:
    return same_amount(claim, evidence) or (not claim.unit and claim.number == evidence.number)


def _rounded(claim: Amount, evidence: Amount) -> bool:
    """Whether a claim's amount is that of the evidence, rounded: "about 50" for 49.7."""
    if claim.unit != evidence.unit or not evidence.value or claim.value == evidence.value:
        return False
    apart = abs(claim.value - evidence.value) / abs(evidence.value)
    return apart <= _ROUNDED and _digits_of(claim) < _digits_of(evidence)


def _digits_of(amount: Amount) -> int:
    """How many digits an amount is exact to: 2 for 47,000."""
    return len(amount.number.normalize().as_tuple().digits)


def _dates_missing(sentence: str, claim: Facts, evidence: Facts) -> Iterator[Finding]:
    numbers = {amount.value for amount in evidence.amounts if not amount.unit}
    years = {date.year for date in evidence.dates} | numbers
    for date in claim.dates:
        if not any(_proves_date(date, own, years) for own in evidence.dates) and not (
            date.month is None and date.last_year is None and date.year in numbers
        ):
            yield Finding("date", sentence[date.start : date.end], None, certain=True)


def _proves_date(claim: Date, evidence: Date, years: Collection[object]) -> bool:
    """A day may get its year from elsewhere: "16 January" under a heading "2025"."""
    if same_date(claim, evidence):
        return True
    whole = replace(evidence, year=claim.year)
    return evidence.year is None and claim.year in years and same_date(claim, whole)


def _names_missing(sentence: str, claim: Facts, joined: str) -> Iterator[Finding]:
    known = set(stems(joined))
    tight = set(stems(joined.replace(".", "")))  # "U.S." and "US"
    for name in claim.names:
        words = sentence[name.start : name.end]
        parts = [w for w in re.split(r"[\s’'&-]+", words) if w[:1].isupper() and len(w) > 1]
        if not name.certain or initials_known(parts, words, joined):
            continue
        first = begins_sentence(sentence, name.start)
        for part in parts:
            key = stem(fold(part.replace(".", "")))
            missing = key not in known | tight and not any(akin(key, word) for word in known)
            if missing and key not in TITLES and not is_ordinary(part, by_ending=first):
                yield Finding("name", part, None, certain=True)


def _quotations_missing(sentence: str, claim: Facts, joined: str) -> Iterator[Finding]:
    plain = _plain(joined)
    for quotation in claim.quotations:
        words = sentence[quotation.start : quotation.end]
        if _plain(words).strip(" .,;:!?…") not in plain:
            yield Finding("quotation", words, None, certain=True)


def _plain(text: str) -> str:
    """Lower case, one kind of quotation mark, dash and space."""
    one_kind = _MARKS.sub("'", text.lower()).translate(_DASHES)
    return " ".join(one_kind.split())
