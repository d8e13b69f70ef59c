"""Words as the lexical index knows them: folded, split and stemmed alike."""

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"[^\W_]+")  # FTS5 parts words at underscores
# A vowel and a consonant behind it: what Porter calls m > 0. A y is a vowel after a consonant.
_SYLLABLE = re.compile(r"(?:[aeiou]|(?<=[^aeiou])y)(?:[^aeiouy]|(?<=[aeiou])y)")
_LONGEST_STEMMED = 64
_STEMMER = snowballstemmer.stemmer("porter")


def fold(text: str) -> str:
    """Lower case without diacritics, as FTS5's unicode61 tokenizer makes it."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Porter stem of a folded word, as FTS5 makes it.

    FTS5 has two rules that Porter added after his paper, -bli to -ble and -logi to -log
    ("possibly", "technology"), and leaves very short and very long words alone.
    """
    if not 3 <= len(word.encode(errors="replace")) <= _LONGEST_STEMMED:
        return word
    found = str(_STEMMER.stemWord(word))
    if found.endswith("logi") and _SYLLABLE.search(found[:-4]):
        return found[:-1]
    if found.endswith("bli") and _SYLLABLE.search(found[:-3]):
        return str(_STEMMER.stemWord(found[:-1] + "e"))
    return found


def stems(text: str) -> list[str]:
    """Stems of all words of a text, in order."""
    return [stem(word) for word in _WORD.findall(fold(text))]
