"""Does a sentence say no more than its passages? Exact for quotes, by rules for written sentences.

A quote is checked against the document, character by character. For a written sentence the rules look
for amounts, dates, names and quoted words that its passages do not hold, and for words that were put
in the place of others: the sentence is laid beside the evidence sentence nearest to it, and where the
two run alike, a number, unit, date, name or negation that differs is a finding even if it stands
elsewhere in the passage. What is left is judged by the share of its words that the passages hold.
Rules cannot judge meaning; `combine` takes a model's probability for that.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from index.facts import Date, Facts, Name, dates_clash, find_facts, is_ordinary, same_date
from index.lexical import STOP_WORDS
from index.numbers import ORDINAL, VAGUE, Amount, same_amount
from index.sentences import sentence_spans
from index.words import fold, stem, stems
from rag.types import Support
from rag.wording import content_words, is_other_language, known_words

FindingKind = Literal["number", "unit", "date", "name", "quotation", "negation"]
_TokenKind = Literal["word", "amount", "date", "name", "negation"]
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Up to twelve, one language writes a word where another has the number: "third", "9月".
_OFTEN_WORDS = frozenset(map(str, range(13)))
_MOST = 0.6
_SOME = 0.35
_LIKELY = 0.7
_LIKELY_NOT = 0.3
_ROUNDED = Decimal("0.05")
_LONGEST_ACRONYM = 6
_LONGEST_ABBREVIATION = 3
_MARKS = re.compile("[\"“”„«»‘’`´']+")
_DASHES = str.maketrans("–—−", "---")
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 240  # tokens of a claim or sentence; laying out takes their product
_NEAREST = 3
_SUFFIXES = frozenset("s y n an ian ns ans ians ese ish ic i al er ers es".split())
_TITLES = frozenset(
    "president king queen prince princess sir lord lady saint st pope general captain dr doctor "
    "professor prof mr mrs ms emperor senator governor chancellor minister bishop cardinal".split()
)
_CLOSE = 2
_ALIKE = 0.6
_VERBATIM = 0.8
_MERGED_GAIN = 0.15


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


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, or a fact of several words.

    Attributes:
        kind: what it is.
        key: stem of a word; the text of a fact.
        start: first character in its text.
        end: one past the last.
        fact: of an amount, date or name.
        content: whether it carries meaning.
        quoted: whether it stands in quotation marks.
    """

    kind: _TokenKind
    key: str
    start: int
    end: int
    fact: Amount | Date | Name | None = None
    content: bool = True
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class _Replaced:
    """A token of the claim that stands where the evidence has another.

    Either is None where a negation was added or dropped.
    """

    claim: _Token | None
    evidence: _Token | None
    instead: str | None


@dataclass(frozen=True, slots=True)
class _Side:
    """A text with its tokens; `names` are the words of names that are so for certain."""

    text: str
    tokens: tuple[_Token, ...]
    names: frozenset[str]


@dataclass(slots=True)
class _Layout:
    claim: Sequence[_Token]
    evidence: Sequence[_Token]
    pairs: list[tuple[int, int]]
    equal: dict[int, int] = field(default_factory=dict)
    coverage: float = 0.0

    def __post_init__(self) -> None:
        self.equal = {i: j for i, j in self.pairs if _same(self.claim[i], self.evidence[j])}
        content = [i for i, token in enumerate(self.claim) if token.content]
        self.coverage = sum(i in self.equal for i in content) / max(1, len(content))


# -- verdicts -------------------------------------------------------------------------------------


def check_quote(quote: str, document_words: str) -> Support:
    """Whether the words stand in the document as they are quoted."""
    return "supported" if quote == document_words else "unsupported"


def check_written(sentence: str, evidence: Sequence[str]) -> Support:
    """Whether the passages hold what a written sentence says.

    Args:
        sentence: one sentence, footnote marks taken off.
        evidence: text of the cited passages, breadcrumbs included.

    Returns:
        "unsupported" where nothing is cited, something exact differs, or hardly a word is found;
        "partly" where something exact is in doubt or only some words are found; else "supported".
        "unchecked" where no large number is missing, and the words are of another language than the
        passages': a translation cannot be judged by its words.
    """
    joined = "\n".join(evidence)
    lexical = lexical_support(sentence, evidence)
    # Foreign names can make a sentence look foreign; one whose words are all there can be compared.
    if evidence and lexical != "supported" and is_other_language(sentence, joined):
        missing = _numbers(sentence) - _numbers(joined)
        return "unchecked" if missing <= _OFTEN_WORDS else "unsupported"
    return combine(find_differences(sentence, evidence), lexical, None)


def combine(findings: Sequence[Finding], lexical: Support, p_supported: float | None) -> Support:
    """One verdict of the rules, the words and, where there is one, a model.

    What the rules are certain of stands, whatever the model says: a model reads over a digit. Where
    they are silent the model's word replaces that of the words, which know no meaning.

    Args:
        findings: what `find_differences` found.
        lexical: what `lexical_support` says.
        p_supported: a model's calibrated probability that the passages prove the sentence.
    """
    if lexical == "unchecked" and p_supported is None:
        return "unchecked"
    if any(finding.certain for finding in findings):
        return "unsupported"
    said: Support = lexical
    if p_supported is not None:
        said = "unsupported" if p_supported < _LIKELY_NOT else "partly"
        said = "supported" if p_supported >= _LIKELY else said
    return "partly" if findings and said == "supported" else said


def lexical_support(sentence: str, evidence: Sequence[str]) -> Support:
    """Whether the passages hold the words of a sentence; knows no meaning."""
    # Amounts and dates have many spellings, and `find_differences` judges them.
    facts = find_facts(sentence)
    exact: list[Amount | Date] = [*facts.amounts, *facts.dates]
    words = "".join(" " if _inside(i, exact) else char for i, char in enumerate(sentence))
    content = content_words(words)
    known = known_words("\n".join(evidence)) if evidence else set()
    share = len(content & known) / len(content) if content else float(bool(exact))
    if not evidence or share < _SOME:
        return "unsupported"
    return "partly" if share < _MOST else "supported"


def _inside(at: int, spans: Sequence[Amount | Date]) -> bool:
    return any(span.start <= at < span.end for span in spans)


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
    claim_side, proof_side = _side(sentence, facts), _side(joined, proof)
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


def _by_place(claim: _Side, evidence: _Side) -> Iterator[Finding]:
    for change in _replacements(claim, evidence):
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
        if not name.certain or _initials_known(parts, words, joined):
            continue
        for part in parts:
            key = stem(fold(part.replace(".", "")))
            missing = key not in known | tight and not any(_akin(key, word) for word in known)
            if missing and key not in _TITLES and not is_ordinary(part):
                yield Finding("name", part, None, certain=True)


def _initials_known(parts: Sequence[str], words: str, joined: str) -> bool:
    """Whether the evidence has a name's initials, or the name whose initials these are."""
    if len(parts) > 1:
        initials = "".join(part[0] for part in parts)
        return re.search(rf"\b{re.escape(initials)}s?\b", joined.replace(".", "")) is not None
    letters = words.replace(".", "")
    if not 2 <= len(letters) <= _LONGEST_ACRONYM or not (letters.isupper() and letters.isalpha()):
        return False
    spelled_out = r"\w+[\s-](?:(?:of|the|and|for)\s)*".join(letters) + r"\w+"
    return re.search(rf"\b{spelled_out}", joined) is not None


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


def _numbers(text: str) -> set[str]:
    """Numbers with thousands separators taken out."""
    return {re.sub(r"(?<=\d),(?=\d{3})", "", m.group()) for m in _NUMBER.finditer(text)}


# -- tokens ---------------------------------------------------------------------------------------


def _side(text: str, facts: Facts) -> _Side:
    """A text cut into tokens."""
    taken: list[_Token] = [
        *(_Token("amount", text[a.start : a.end], a.start, a.end, a) for a in facts.amounts),
        *(_Token("date", text[d.start : d.end], d.start, d.end, d) for d in facts.dates),
        *(_Token("negation", "not", n.start, n.end) for n in facts.negations),
    ]
    taken.sort(key=lambda token: (token.start, token.end))
    tokens: list[_Token] = []
    at = 0
    for token in taken:
        tokens += _words(text, at, token.start, facts.names)
        if token.start >= at or token.kind == "date":  # the two dates of "16-18 May" share a span
            tokens.append(token)
        at = max(at, token.end)
    tokens += _words(text, at, len(text), facts.names)
    names = {t.key for t in tokens if isinstance(t.fact, Name) and t.fact.certain}
    marked = tuple(replace(t, quoted=True) if _is_quoted(t, facts) else t for t in tokens)
    return _Side(text, marked, frozenset(names))


def _is_quoted(token: _Token, facts: Facts) -> bool:
    at = bisect_left(facts.quotations, token.end, key=lambda quotation: quotation.end)
    return at < len(facts.quotations) and facts.quotations[at].start <= token.start


def _words(text: str, start: int, end: int, names: Sequence[Name]) -> Iterator[_Token]:
    for match in _WORD.finditer(text, start, max(start, end)):
        word = match.group()
        if word == "s" and text[match.start() - 1 : match.start()] in ("'", "’"):
            continue
        at = bisect_left(names, match.end(), key=lambda name: name.end)
        inside = at < len(names) and names[at].start <= match.start()
        named = inside and not word[0].islower()
        yield _Token(
            "name" if named else "word",
            stem(fold(word)),
            *match.span(),
            names[at] if named else None,
            named or fold(word) not in STOP_WORDS,
        )


def _same(first: _Token, second: _Token) -> bool:
    """Whether two tokens say the same."""
    one, other = first.fact, second.fact
    if isinstance(one, Amount) and isinstance(other, Amount):
        return same_amount(one, other)
    if isinstance(one, Date) and isinstance(other, Date):
        return not dates_clash(one, other)
    if {first.kind, second.kind} == {"date", "amount"}:
        return _year_of(first) == _year_of(second) is not None
    if first.key == second.key:
        return True
    return first.kind == second.kind == "name" and _akin(first.key, second.key)


def _year_of(token: _Token) -> int | None:
    """What a token says if it is a bare number or a year: "1250 people" may look like one."""
    fact = token.fact
    if isinstance(fact, Amount):
        whole = fact.value == fact.value.to_integral_value()
        return int(fact.value) if not fact.unit and whole else None
    bare = isinstance(fact, Date) and fact.month is None and fact.last_year is None
    return fact.year if bare and isinstance(fact, Date) else None


def _akin(first: str, second: str) -> bool:
    """Whether one name is derived from the other: "German" and "Germany"."""
    short, long = sorted((first, second), key=len)
    return len(short) >= 4 and long.startswith(short) and long[len(short) :] in _SUFFIXES


# -- laying out -----------------------------------------------------------------------------------


def _replacements(claim: _Side, evidence: _Side) -> list[_Replaced]:
    """What stands in the claim instead of the words of the evidence sentence nearest to it.

    Empty where no sentence, and no two together, run like the claim.
    """
    if not claim.tokens or len(claim.tokens) > _LONGEST:
        return []
    best = _nearest(claim, evidence)
    if best is None or best.coverage < _ALIKE:
        return []
    return [
        *_substituted(best, claim, evidence),
        *_moved(best, evidence),
        *_negated(best, evidence),
    ]


def _nearest(claim: _Side, evidence: _Side) -> _Layout | None:
    wanted = {token.key for token in claim.tokens}
    sentences = [
        tokens
        for span in sentence_spans(evidence.text)
        if 0 < len(tokens := _within(evidence.tokens, *span)) <= _LONGEST
    ]
    ranked = sorted(
        range(len(sentences)),
        key=lambda i: (len(wanted & {t.key for t in sentences[i]}), -len(sentences[i])),
        reverse=True,
    )[:_NEAREST]
    layouts = [_lay_out(claim.tokens, sentences[i]) for i in ranked]
    best = max(layouts, key=lambda layout: layout.coverage, default=None)
    if best is None or best.coverage >= _VERBATIM:
        return best
    # The claim may put two sentences together.
    for one, other in ((0, 1), (0, 2)):
        if other < len(ranked):
            first, second = sorted((ranked[one], ranked[other]))
            both = [*sentences[first], *sentences[second]]
            layout = _lay_out(claim.tokens, both[: 2 * _LONGEST])
            if layout.coverage >= best.coverage + _MERGED_GAIN:
                best = layout
    return best


def _within(tokens: Sequence[_Token], start: int, end: int) -> list[_Token]:
    first = bisect_left(tokens, start, key=lambda token: token.start)
    last = bisect_left(tokens, end, key=lambda token: token.start)
    return list(tokens[first:last])


def _lay_out(claim: Sequence[_Token], evidence: Sequence[_Token]) -> _Layout:
    """Needleman and Wunsch's alignment of least cost.

    Facts of one kind take each other's place cheaply, so that in "France beat Germany" against
    "Germany beat France" both names are replaced, instead of one of them moved.
    """
    rows, columns = len(claim), len(evidence)
    costs = [[float(i + j) for j in range(columns + 1)] for i in range(rows + 1)]
    for i in range(1, rows + 1):
        above, row, token = costs[i - 1], costs[i], claim[i - 1]
        for j in range(1, columns + 1):
            change = above[j - 1] + _cost(token, evidence[j - 1])
            row[j] = min(change, above[j] + 1, row[j - 1] + 1)
    pairs: list[tuple[int, int]] = []
    i, j = rows, columns
    while i and j:
        if costs[i][j] == costs[i - 1][j - 1] + _cost(claim[i - 1], evidence[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return _Layout(claim, evidence, pairs[::-1])


def _cost(claim: _Token, evidence: _Token) -> float:
    if claim.kind == "word" == evidence.kind:
        other = 0.75 if claim.quoted and evidence.quoted else 1.25
        return 0.0 if claim.key == evidence.key else other
    if _same(claim, evidence):
        return 0.0
    if _one_class(claim, evidence):
        return 0.75
    return 2.5 if "negation" in (claim.kind, evidence.kind) else 1.75


def _one_class(first: _Token, second: _Token) -> bool:
    kinds = {first.kind, second.kind}
    if first.quoted and second.quoted and kinds <= {"word", "name"}:
        return True
    return kinds == {"name"} or kinds <= {"amount", "date"}


# -- differences ----------------------------------------------------------------------------------


def _substituted(layout: _Layout, claim: _Side, evidence: _Side) -> Iterator[_Replaced]:
    for i, j in layout.pairs:
        said, proof = layout.claim[i], layout.evidence[j]
        if i in layout.equal or not _one_class(said, proof) or not _runs_alike(layout, i, j):
            continue
        quoted = said.quoted and proof.quoted
        if (
            said.kind == "name"
            and not quoted
            and not _other_name(layout, said, proof, claim, evidence)
        ):
            continue
        if not _listed(layout, said, j):
            yield _Replaced(said, proof, evidence.text[proof.start : proof.end])


def _runs_alike(layout: _Layout, i: int, j: int) -> bool:
    """Whether the words around are the same, as far as there are any."""
    around = [k for k in range(i - _CLOSE, i + _CLOSE + 1) if 0 <= k < len(layout.claim) and k != i]
    alike = sum(abs(layout.equal.get(k, -99) - j) <= _CLOSE + 1 for k in around)
    # Words of one sentence that change places may have taken their own places along.
    turned = any(_same(layout.claim[i], token) for token in layout.evidence)
    return alike >= min(3 if turned else 2, len(around))


def _other_name(
    layout: _Layout, said: _Token, proof: _Token, claim: _Side, evidence: _Side
) -> bool:
    """Whether two names at one place are of different things, as far as words can tell."""
    if said.key not in evidence.names | claim.names and proof.key not in evidence.names:
        return False
    if is_ordinary(claim.text[said.start : said.end]) or proof.key in _TITLES | {said.key}:
        return False
    said_run, proof_run = _run(layout.claim, said), _run(layout.evidence, proof)
    if _initials(said_run) == proof.key or _initials(proof_run) == said.key:
        return False
    if _abbreviates(said.key, proof.key) or _abbreviates(proof.key, said.key):
        return False
    if said.key in {t.key for t in proof_run} or proof.key in {t.key for t in said_run}:
        return False
    if {t.key for t in said_run} & {t.key for t in proof_run} and len(said_run) != len(proof_run):
        return False
    # Active and passive turn the names round: "by" comes or goes.
    by = [sum(t.key == "by" for t in tokens) for tokens in (layout.claim, layout.evidence)]
    return by[0] == by[1] or said.key not in {t.key for t in layout.evidence}


def _run(tokens: Sequence[_Token], token: _Token) -> list[_Token]:
    return [t for t in tokens if t.kind == "name" and t.fact == token.fact]


def _initials(run: Sequence[_Token]) -> str:
    return "".join(token.key[:1] for token in run) if len(run) > 1 else ""


def _abbreviates(short: str, long: str) -> bool:
    """Whether the letters of a short name stand in a long one in order: "TN", "Tennessee"."""
    letters = iter(long)
    fits = len(short) <= _LONGEST_ABBREVIATION < len(long) and short[:1] == long[:1]
    return fits and all(letter in letters for letter in short)


def _listed(layout: _Layout, said: _Token, j: int) -> bool:
    """Whether a fact only changed its place within a list: "A, B and C", "C, A and B"."""
    if sum(_same(said, t) for t in layout.claim) > sum(_same(said, t) for t in layout.evidence):
        return False
    for k, token in enumerate(layout.evidence):
        if token.kind == said.kind and _same(said, token):
            between = layout.evidence[min(j, k) : max(j, k) + 1]
            if all(t.kind == said.kind or t.key in ("and", "or") for t in between):
                return True
    return False


def _moved(layout: _Layout, evidence: _Side) -> Iterator[_Replaced]:
    """Facts of the claim without a place of their own, where the sentence has another to spare.

    "X happened in 1985" beside "In 1990, X happened": the words moved, the year did not come along.
    """
    if layout.coverage < _VERBATIM:
        return
    taken = set(layout.equal.values())
    spare = [t for j, t in enumerate(layout.evidence) if j not in taken]
    for i, said in enumerate(layout.claim):
        if i in layout.equal or any(_same(said, t) for t in layout.evidence):
            continue
        for proof in spare:
            if _comparable(said, proof):
                yield _Replaced(said, proof, evidence.text[proof.start : proof.end])
                break


def _comparable(said: _Token, proof: _Token) -> bool:
    one, other = said.fact, proof.fact
    if isinstance(one, Amount) and isinstance(other, Amount):
        return (one.unit == ORDINAL) == (other.unit == ORDINAL)
    return isinstance(one, Date) and isinstance(other, Date)


def _negated(layout: _Layout, evidence: _Side) -> Iterator[_Replaced]:
    """Negations that one of the two has more, in words that run alike otherwise."""
    theirs = {j: i for i, j in layout.equal.items()}
    for i, token in enumerate(layout.claim):
        if token.kind == "negation" and i not in layout.equal and _kept(layout.equal, i):
            yield _Replaced(token, None, None)
    for j, token in enumerate(layout.evidence):
        if token.kind == "negation" and j not in theirs and _kept(theirs, j):
            yield _Replaced(None, token, evidence.text[token.start : token.end])


def _kept(matched: dict[int, int], at: int) -> bool:
    """Whether the words on both sides of a place stand together in the other text too."""
    before = [matched[k] for k in range(at - 3, at) if k in matched]
    behind = [matched[k] for k in range(at + 1, at + 4) if k in matched]
    return bool(before and behind) and behind[0] - before[-1] <= 4
