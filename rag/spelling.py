"""Mends words of a question that no document has, where one letter or two make a known word of them."""

import re

from index.lexical import STOP_WORDS
from index.store import Store
from index.words import fold, stem, stems

_WORD = re.compile(r"[^\W\d_]{5,}")
_LONG = 8


def mend_spelling(question: str, store: Store) -> str:
    """The question with misspelt words replaced by words of the library.

    A word is misspelt if no passage has its stem. It is replaced by the known word that begins with
    the same letter and differs in one letter (two from eight letters on; two neighbours in the wrong
    order count as one), the one in most passages if there are several. Everything else stays.
    """
    return _WORD.sub(lambda match: _mend(match.group(), store), question)


def _mend(word: str, store: Store) -> str:
    folded = fold(word)
    root = stem(folded)
    if folded in STOP_WORDS or store.document_frequency(root) > 0:
        return word
    reach = 2 if len(folded) >= _LONG else 1
    best: tuple[int, int, str] | None = None
    for known, frequency in store.words_like(root[0], len(root) - reach, len(root) + reach):
        distance = min(edit_distance(root, known), edit_distance(folded, known))
        if distance <= reach and (best is None or (distance, -frequency) < best[:2]):
            best = (distance, -frequency, known)
    return word if best is None else _as_written(best[2], store)


def _as_written(root: str, store: Store) -> str:
    """A word of the documents with this stem, since stems are no words."""
    for ident, _ in store.match(f'"{root}"', 1):
        for passage in store.passages([ident]):
            for word in re.findall(r"\w+", f"{passage.text} {passage.breadcrumb}"):
                if stems(word) == [root]:
                    return str(word)
    return root


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
