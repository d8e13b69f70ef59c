"""How words are compared: SQuAD's normalisation, and whether a phrase occurs in a text.

Pure functions on strings.
"""

import re
import string
import unicodedata

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
# Typesetting, not meaning: documents print curly quotes and long dashes, people type straight ones.
_TYPOGRAPHY = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"'}
    | dict.fromkeys("‐‑‒–—−", "-")
    | {"\u00ad": "", "\u200b": ""}
)
_FIRST_CJK = 0x2E80
_SHORT_WORD = 3


def squad_normalize(text: str) -> str:
    """Lower case, no ASCII punctuation, no articles, single spaces: exactly SQuAD's own."""
    text = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", text).split())


def fold(text: str) -> str:
    """The same words in one spelling: case, white space and typography do not count."""
    text = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY).casefold()
    # "47 %" and "47%" are set differently by different houses.
    return re.sub(r"\s+%", "%", " ".join(text.split()))


def occurs(phrase: str, text: str) -> bool:
    """Whether a phrase occurs in a text.

    Case, white space, curly quotes and kinds of dashes do not count. A phrase begins where a word
    begins. Its last word may go on ("export control" occurs in "export controls") unless it has
    three letters or fewer, for otherwise "no" would occur in "now" and "US" in "used"; numbers are
    whole ("47" occurs neither in "2047" nor in "47.5").
    """
    phrase, text = fold(phrase), fold(text)
    if not phrase:
        return False
    at = text.find(phrase)
    while at >= 0:
        if _begins(phrase, text, at) and _ends(phrase, text, at + len(phrase)):
            return True
        at = text.find(phrase, at + 1)
    return False


def _begins(phrase: str, text: str, at: int) -> bool:
    if not _is_word(phrase[0]) or at == 0:
        return True
    if phrase[0].isdigit() and at > 1 and text[at - 1] in ".," and text[at - 2].isdigit():
        return False
    return not _is_word(text[at - 1])


def _ends(phrase: str, text: str, end: int) -> bool:
    if not _is_word(phrase[-1]) or end == len(text):
        return True
    following = text[end : end + 2]
    if phrase[-1].isdigit():
        in_number = len(following) == 2 and following[0] in ".," and following[1].isdigit()
        return not following[0].isdigit() and not in_number
    last_word = re.split(r"[^\w]", phrase)[-1]
    return len(last_word) > _SHORT_WORD or not _is_word(following[0])


def _is_word(character: str) -> bool:
    # Chinese and its neighbours are written without spaces, so words have no edges to respect.
    return character.isalnum() and ord(character) < _FIRST_CJK
