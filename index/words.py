"""Words as the lexical index knows them: folded, split and stemmed alike."""

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"[^\W_]+")  # FTS5 parts words at underscores
_STEMMER = snowballstemmer.stemmer("porter")


def fold(text: str) -> str:
    """Lower case without diacritics, as FTS5's unicode61 tokenizer makes it."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Porter stem of a folded word; like FTS5, very short and very long words are left alone."""
    return str(_STEMMER.stemWord(word)) if 3 <= len(word.encode(errors="replace")) <= 64 else word


def stems(text: str) -> list[str]:
    """Stems of all words of a text, in order."""
    return [stem(word) for word in _WORD.findall(fold(text))]
