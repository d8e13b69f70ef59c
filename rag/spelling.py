"""Mends words of a question that no document has, where one letter or two make a known word of them."""

import re
from collections.abc import Callable

from index.lexical import STOP_WORDS
from index.store import Store
from index.words import fold, stem, stems

_WORD = re.compile(r"[^\W\d_]{5,}")
_BRITISH_ISE = re.compile(r"is(e[ds]?|ing|ations?|ers?)$")
_VERB_IN_ISE = re.compile(r"i[sz](?:e[ds]?|ing|ations?|ers?)$")
_LONG = 8
_LOOKED_AT = 6


def mend_spelling(question: str, store: Store, is_word: Callable[[str], bool]) -> str:
    """The question with misspelt words replaced by words of the library.

    A word is misspelt if no passage has its stem and it is no common word either. It is replaced by
    the word of the library that begins with the same letter and differs in one letter (two from eight
    letters on; two neighbours in the wrong order count as one), the one in most passages if there are
    several. Everything else stays.

    Args:
        question: what was asked.
        store: whose words are known.
        is_word: whether a word the library does not have is common.
    """
    return _WORD.sub(lambda match: _mend(match.group(), store, is_word), question)


def spellings(word: str) -> list[str]:
    """A word as it is written, and as American English writes it: "summarise", "summarize"."""
    return list(dict.fromkeys((word, _BRITISH_ISE.sub(r"iz\1", word), word.replace("our", "or"))))


def _mend(word: str, store: Store, is_word: Callable[[str], bool]) -> str:
    folded = fold(word)
    root = stem(folded)
    if (
        folded in STOP_WORDS
        or store.document_frequency(root) > 0
        or any(map(is_word, spellings(folded)))
    ):
        return word
    reach = 2 if len(folded) >= _LONG else 1
    near: list[tuple[int, int, str]] = []
    for known, frequency in store.words_like(root[0], len(root) - reach, len(root) + reach):
        distance = min(edit_distance(root, known), edit_distance(folded, known))
        if distance <= reach:
            near.append((distance, -frequency, known))
    # Stems decide who is looked at, whole words who is taken: "houzing" is nearer to "housing".
    written = [_as_written(known, store) for _, _, known in sorted(near)[:_LOOKED_AT]]
    if _VERB_IN_ISE.search(folded):
        # "summarise" is no misspelt "summary", though their stems differ in one letter.
        written = [known for known in written if _VERB_IN_ISE.search(fold(known))]
    return min(written, key=lambda known: edit_distance(folded, fold(known)), default=word)


def _as_written(root: str, store: Store) -> str:
    """A word of the documents with this stem, since stems are no words."""
    passage = store.passage_with(root)
    text = f"{passage.text} {passage.breadcrumb}" if passage else ""
    return next((w for w in re.findall(r"\w+", text) if stems(w) == [root]), root)


def edit_distance(a: str, b: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.

    Optimal string alignment (Damerau 1964, without moves inside a swap).
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        last, row = row, [i]
        for j, y in enumerate(b, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = last
    return row[-1]
