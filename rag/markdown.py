"""Any text as Markdown that shows it as it is."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$&:@])")
# Marks that turn the direction of writing, and half characters.
_UNSEEN = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def without_unseen(text: str) -> str:
    """A text without marks that turn the direction of writing and without half characters."""
    return _UNSEEN.sub("", text)


def markdown_text(text: str, special: re.Pattern[str] = _SPECIAL) -> str:
    """Text that Markdown shows as it is, on one line.

    Args:
        text: anything.
        special: what is escaped; by default all that means anything anywhere.
    """
    return special.sub(r"\\\1", without_unseen(" ".join(text.split())))
