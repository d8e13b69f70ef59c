"""Does a sentence say no more than its passages? Exact for quotes, by rules for written sentences.

A quote is checked against the document, character by character. For a written sentence
`rag.differences` looks for what is exact and differs; what is left is judged by the share of its words
that the passages hold. Rules cannot judge meaning; `combine` takes a model's probability for that.
"""

import re
from collections.abc import Sequence

from index.dates import Date
from index.facts import find_facts
from index.numbers import Amount
from index.words import fold
from rag.differences import Finding, find_differences
from rag.support import SupportJudge
from rag.types import Support
from rag.wording import content_words, is_english, is_other_language, known_words

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Up to twelve, one language writes a word where another has the number: "third", "9月".
_OFTEN_WORDS = frozenset(map(str, range(13)))
_MOST = 0.6
_SOME = 0.35
LIKELY = 0.7
LIKELY_NOT = 0.3


def check_quote(quote: str, document_words: str) -> Support:
    """Whether the words stand in the document as they are quoted."""
    return "supported" if quote == document_words else "unsupported"


def check_written(
    sentence: str,
    evidence: Sequence[str],
    judge: SupportJudge | None = None,
    question: str = "",
) -> Support:
    """Whether the passages hold what a written sentence says.

    Args:
        sentence: one sentence, footnote marks taken off.
        evidence: text of the cited passages, breadcrumbs included.
        judge: knows meaning, of English only; else the words alone decide where nothing exact differs.
        question: what the sentence answers, where that is known.

    Returns:
        "unsupported" where nothing is cited, something exact differs, or it is unlikely (without a
        judge: hardly a word is found); "partly" where something is in doubt; else "supported".
        "unchecked" where no large number is missing, and the words are of another language than the
        passages': a translation cannot be judged by its words.
    """
    joined = "\n".join(evidence)
    lexical = lexical_support(sentence, evidence)
    # Foreign names can make a sentence look foreign; one whose words are all there can be compared.
    if evidence and lexical != "supported" and is_other_language(sentence, joined):
        missing = _numbers(sentence) - _numbers(joined)
        return "unchecked" if missing <= _OFTEN_WORDS else "unsupported"
    findings = find_differences(sentence, evidence)
    settled = any(f.certain for f in findings) or _stands_in(sentence, joined)
    if judge is None or settled or not is_english(sentence):
        return combine(findings, lexical, None)
    return combine(findings, lexical, judge.probability(sentence, evidence, question))


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
        said = "unsupported" if p_supported < LIKELY_NOT else "partly"
        said = "supported" if p_supported >= LIKELY else said
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


def _stands_in(sentence: str, text: str) -> bool:
    """Whether a sentence, its end mark left out, stands in a text word for word."""
    words = fold(" ".join(sentence.split())).rstrip(".!? ")
    return words in fold(" ".join(text.split()))


def _inside(at: int, spans: Sequence[Amount | Date]) -> bool:
    return any(span.start <= at < span.end for span in spans)


def _numbers(text: str) -> set[str]:
    """Numbers with thousands separators taken out."""
    return {re.sub(r"(?<=\d),(?=\d{3})", "", m.group()) for m in _NUMBER.finditer(text)}
