"""Does a sentence say no more than its passages? Exact for quotes, lexical for written sentences.

A quote is checked against the document, character by character. For a written sentence, numbers and
names must occur in the cited passages, and most of its content words too; the verdict is a lexical
one until the project's prover judges meaning (issue 4).
"""

import re
from collections.abc import Sequence

from index.words import fold, stem
from rag.types import Support
from rag.wording import content_words, is_other_language, known_words

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w’'-]+|\b[A-Z]{2,}\b")
_NEGATION = frozenset(
    {"not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "without"}
)
# Up to twelve, one language writes a word where another has the number: "third", "9月".
_OFTEN_WORDS = frozenset(map(str, range(13)))
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
        "unchecked" where no large number is missing, and the words are of another language than the
        passages': a translation cannot be judged by its words.
    """
    joined = "\n".join(evidence)
    missing = _numbers(sentence) - _numbers(joined)
    if evidence and missing <= _OFTEN_WORDS and is_other_language(sentence, joined):
        return "unchecked"
    if not evidence or missing:
        return "unsupported"
    known = known_words(joined)
    names = {stem(fold(m.group())) for m in _NAME.finditer(sentence)}
    if not names <= known:
        return "unsupported"
    content = content_words(sentence)
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
