"""What words of a text can be compared: stems, pieces of unspaced scripts, and the language.

Chinese and Japanese do not part their words, so pairs of characters stand for them. Words of
different languages cannot be compared at all, and whoever compares has to know. Rules, no model.
"""

import re
import unicodedata
from collections import Counter

from index.lexical import terms
from index.words import fold, stem, stems

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
)
# Words that stand in most sentences of their language and mean nothing in the others here.
_FUNCTION_WORDS = {
    "en": "the and of is are were has have had with which this that from by for it not at to on",
    "de": "der das und ist nicht mit von im wurde ein eine dem zu für auf sich hat haben sind nach "
    "bei wird als auch einer fand waren wurden zum zur es sie wir ihre kamen vom",
    "fr": "le les de des une est dans par pour et du sur avec qui au aux ont été sont cette ce à",
    "es": "el los las y de en del por con se fue una para que su es lo están fueron",
    "it": "il lo gli della che di nel è stato sono per una dei delle con alla nella",
    "pt": "os as de do da em um uma foi que não com para são ao pela pelo dos das no na",
    "nl": "de het een van en is niet met voor op zijn werd door aan bij ook naar te",
}
_WORDS = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
_LETTER = re.compile(r"[^\W\d_]")
_MOSTLY = 0.2


def known_words(text: str) -> set[str]:
    """Everything in a text that a word of a sentence can be found as."""
    return set(stems(text)) | _pairs(text)


def content_words(text: str) -> set[str]:
    """What of a sentence has to be found elsewhere: stop words are left out."""
    found: set[str] = set()
    for word in terms(text):
        spaced = _UNSPACED.sub(" ", word)
        found |= {stem(fold(part)) for part in spaced.split()}
    return found | _pairs(text)


def is_other_language(sentence: str, evidence: str) -> bool:
    """Whether two texts are in languages so different that their words cannot be compared."""
    script = _main_script(sentence)
    if script is None:
        return False
    letters = Counter(map(_script, _LETTER.findall(evidence)))
    if letters and letters[script] < _MOSTLY * letters.total():
        return True
    spoken, written = _language(sentence), _language(evidence)
    return script == "LATIN" and None not in (spoken, written) and spoken != written


def is_english(sentence: str) -> bool:
    """Whether nothing in a sentence speaks for another language than English."""
    return _main_script(sentence) in (None, "LATIN") and _language(sentence) in (None, "en")


def _pairs(text: str) -> set[str]:
    pairs: set[str] = set()
    for match in _UNSPACED.finditer(unicodedata.normalize("NFKC", text)):
        run = match.group()
        pairs |= {run[i : i + 2] for i in range(max(1, len(run) - 1))}
    return pairs


def _main_script(text: str) -> str | None:
    counted = Counter(map(_script, _LETTER.findall(text)))
    return counted.most_common(1)[0][0] if counted else None


def _script(letter: str) -> str:
    """LATIN, CYRILLIC and so on; what Japanese and Chinese write counts as one."""
    name = unicodedata.name(letter, "OTHER").split()[0].split("-")[0]
    return "CJK" if name in {"HIRAGANA", "KATAKANA"} else name


def _language(text: str) -> str | None:
    """The language with most function words in a text; None where none stands out."""
    words = set(re.findall(r"[^\W\d_]+", text.lower()))
    counted = {name: len(words & known) for name, known in _WORDS.items()}
    best, second = sorted(counted.values(), reverse=True)[:2]
    return max(counted, key=lambda name: counted[name]) if best > second else None
