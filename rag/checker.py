"""Does a sentence say no more than its passages? Exact for quotes, lexical for written sentences.

A quote is checked against the document, character by character. For a written sentence, numbers and
names must occur in the cited passages, and most of its content words too; the verdict is a lexical
one until the project's prover judges meaning (issue 4).
"""

import re
from collections.abc import Sequence

from index.lexical import terms
from index.words import fold, stem, stems
from rag.types import Support

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w’'-]+|\b[A-Z]{2,}\b")
_NEGATION = frozenset(
    {"not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "without"}
)
_MOST = 0.6
_SOME = 0.35


def check_quote(quote: str, document_words: str) -> Support:
    """Whether the words stand in the document as they are quoted."""
    return "supported" if quote == document_words else "unsupported"


def check_written(sentence: str, evidence: Sequence[str]) -> Support:
    """Whether the passages hold what a written sentence says.

    Args:
        sentence: one sentence, footnote marks taken off.
        evidence: text of the cited passages, breadcrumbs included.

    Returns:
        "unsupported" where nothing is cited, a number or name is missing, or hardly a word is
        found; "partly" where a negation differs or only some words are found; else "supported".
    """
    joined = "\n".join(evidence)
    if not evidence or not _numbers(sentence) <= _numbers(joined):
        return "unsupported"
    known = set(stems(joined))
    names = {stem(fold(m.group())) for m in _NAME.finditer(sentence)}
    if not names <= known:
        return "unsupported"
    content = {stem(fold(word)) for word in terms(sentence)}
    share = len(content & known) / len(content) if content else 0.0
    if share < _SOME:
        return "unsupported"
    negated = _NEGATION & set(fold(sentence).split())
    if share < _MOST or (negated and not _NEGATION & set(fold(joined).split())):
        return "partly"
    return "supported"


def _numbers(text: str) -> set[str]:
    """Numbers with thousands separators taken out."""
    return {re.sub(r"(?<=\d),(?=\d{3})", "", m.group()) for m in _NUMBER.finditer(text)}
