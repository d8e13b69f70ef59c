"""Lexical search: SQLite FTS5 with every question quoted safely.

FTS5's query language gives meaning to quotes, `+`, `-`, `*`, `:`, AND, OR, NEAR. A question is not
a query: its words are taken one by one, quoted, and joined with OR; BM25 does the rest.
"""

import re
import unicodedata
from collections.abc import Sequence

from index.store import Store
from index.words import fold, stem

_TERM = re.compile(r"\w+")
_QUOTED = re.compile(r"[\"“”]([^\"“”]{2,200})[\"“”]")
_MAX_TERMS = 64
_MAX_PHRASES = 16
POSTINGS = 30_000

# Words that carry no topic. Few on purpose: BM25 gives common words little weight by itself.
STOP_WORDS = frozenset(
    "a an and are as at be been but by can could did do does for from had has have how i in "
    "is it its me my of on or our she he say said should so tell than that the their them "
    "there these they this those to was we were what when where which who whom whose why will "
    "with would you your about any".split()
)


def terms(text: str) -> list[str]:
    """Words of a question in order, each once, lower case, stop words left out.

    If only stop words are there, they are all kept ("Who is it?").
    """
    words = list(dict.fromkeys(_TERM.findall(unicodedata.normalize("NFKC", text).lower())))
    content = [word for word in words if word not in STOP_WORDS]
    return (content or words)[:_MAX_TERMS]


def match_expression(question: str, words: Sequence[str] | None = None) -> str | None:
    """An FTS5 query for a question: its words, and its "exact words" as phrases; None if it has none.

    Args:
        question: in words.
        words: those of its terms to search for; by default all.
    """
    quoted = [" ".join(_TERM.findall(phrase)) for phrase in _QUOTED.findall(question)]
    parts = [f'"{phrase}"' for phrase in quoted[:_MAX_PHRASES] if phrase] + [
        f'"{word}"' for word in (terms(question) if words is None else words)
    ]
    return " OR ".join(dict.fromkeys(parts)) or None


class LexicalIndex:
    """BM25 over breadcrumb and text. It lives in the library's own file and is never out of date.

    Args:
        store: holds the index.
        postings: passages that may be scored for a question; past that its commonest words are left out,
            which tell least and cost most. What is found is ranked by all words later.
    """

    def __init__(self, store: Store, *, postings: int = POSTINGS) -> None:
        self._store = store
        self._postings = postings

    def search(
        self, question: str, limit: int, within: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """(passage id, score) best first; higher is better; empty where no word is known.

        Args:
            question: in words.
            limit: at most so many.
            within: ids of the only passages that count; None for all.
        """
        expression = match_expression(question, self._affordable(terms(question)))
        if expression is None or limit < 1:
            return []
        return self._store.match(expression, limit, within)

    def _affordable(self, words: Sequence[str]) -> list[str]:
        """The rarest words, in their order, as far as the passages that hold them are not too many."""
        frequencies = {word: self._store.document_frequency(stem(fold(word))) for word in words}
        kept: set[str] = set()
        n = 0
        for word in sorted(words, key=lambda word: frequencies[word]):
            n += frequencies[word]
            if n > self._postings and any(frequencies[other] for other in kept):
                break
            kept.add(word)
        return [word for word in words if word in kept]
