"""Finds words one after the other in a text, in their forms."""

import re
from collections.abc import Callable, Sequence

from index.words import fold, stem

WORD = re.compile(r"[^\W_]+")
# What Porter's rules do not bring together.
_PLURALS = {
    "mice": "mouse",
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "wolves": "wolf",
    "knives": "knife",
    "leaves": "leaf",
    "shelves": "shelf",
    "thieves": "thief",
    "halves": "half",
}
_SINGULARS = {one: many for many, one in _PLURALS.items()}


def either_form(words: Sequence[str]) -> str:
    """An FTS5 query for words one after the other; where a plural is irregular, in any order."""
    if not any(word in _PLURALS or word in _SINGULARS for word in words):
        return f'"{" ".join(words)}"' if words else ""
    groups = []
    for word in words:
        other = _PLURALS.get(word) or _SINGULARS.get(word)
        groups.append(f'("{word}" OR "{other}")' if other else f'"{word}"')
    return f"({' AND '.join(groups)})"


def _root(word: str) -> str:
    """The stem of a folded word, or of its singular."""
    return stem(_PLURALS.get(word, word))


def phrase_finder(words: str) -> Callable[[str], list[tuple[int, int]]]:
    """Finds words one after the other: names as they are written, other words in all their forms."""
    parts = WORD.findall(words)
    if not any(fold(part) for part in parts):
        return lambda _: []  # signs alone are no words
    named = {i for i, part in enumerate(parts) if part[0].isupper() or part[0].isdigit()}
    wanted = [fold(part) if i in named else _root(fold(part)) for i, part in enumerate(parts)]

    def find(text: str) -> list[tuple[int, int]]:
        places = [(m.start(), m.end(), fold(m.group())) for m in WORD.finditer(text)]
        said = [word for *_, word in places]
        found = []
        at = 0
        while at + len(wanted) <= len(said):
            same = all(
                (said[at + i] if i in named else _root(said[at + i])) == word
                for i, word in enumerate(wanted)
            )
            if same:
                found.append((places[at][0], places[at + len(wanted) - 1][1]))
                at += len(wanted)
            else:
                at += 1
        return found

    return find
