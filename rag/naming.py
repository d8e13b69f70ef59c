"""Whether two names may be one: titles, derived forms, initials and abbreviations; by letters only."""

import re
from collections.abc import Sequence

_SUFFIXES = frozenset("s y n an ian ns ans ians ese ish ic i al er ers es".split())
TITLES = frozenset(
    "president king queen prince princess sir lord lady saint st pope general captain dr doctor "
    "professor prof mr mrs ms emperor senator governor chancellor minister bishop cardinal".split()
)
_LONGEST_ACRONYM = 6
_LONGEST_ABBREVIATION = 3


def akin(first: str, second: str) -> bool:
    """Whether one name is derived from the other: "German" and "Germany"."""
    short, long = sorted((first, second), key=len)
    return len(short) >= 4 and long.startswith(short) and long[len(short) :] in _SUFFIXES


def abbreviates(short: str, long: str) -> bool:
    """Whether the letters of a short name stand in a long one in order: "TN", "Tennessee"."""
    letters = iter(long)
    fits = len(short) <= _LONGEST_ABBREVIATION < len(long) and short[:1] == long[:1]
    return fits and all(letter in letters for letter in short)


def initials(parts: Sequence[str]) -> str:
    """First letters of a name of several words; empty for a single one."""
    return "".join(part[:1] for part in parts) if len(parts) > 1 else ""


def initials_known(parts: Sequence[str], words: str, joined: str) -> bool:
    """Whether the evidence has a name's initials, or the name whose initials these are."""
    if letters := initials(parts):
        return re.search(rf"\b{re.escape(letters)}s?\b", joined.replace(".", "")) is not None
    letters = words.replace(".", "")
    if not 2 <= len(letters) <= _LONGEST_ACRONYM or not (letters.isupper() and letters.isalpha()):
        return False
    spelled_out = r"\w+[\s-](?:(?:of|the|and|for)\s)*".join(letters) + r"\w+"
    return re.search(rf"\b{spelled_out}", joined) is not None
