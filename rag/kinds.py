"""What documents are called: which words name a kind of document, and what a library's own names tell."""

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import PurePath

from index.types import Document
from index.words import stem

# Of every library; other kinds are read from names and folders.
GENERIC = re.compile(
    r"(?:documents?|files?|texts?|sources?|records?|items?|papers?|pages?|everything|anything)$",
    re.I,
)
KNOWN_KINDS = frozenset(
    stem(word)
    for word in (
        "letter report memo memorandum interview minutes article email invoice contract transcript note "
        "newsletter bulletin statement agreement review summary digest agenda post message complaint "
        "application permit licence certificate receipt offer order form survey inspection protocol paper "
        "study essay story speech lecture podcast episode chapter press release briefing brochure leaflet "
        "notice guide manual policy proposal plan budget judgment ruling petition"
    ).split()
)
"""Stems of what documents are called; a title that says so tells the kind, other words in it do not."""
# Of one sort of document people use several words; the first that some document is called by is taken.
ALSO_CALLED = {
    stem(word): tuple(stem(other) for other in others.split())
    for word, others in {
        "article": "news newspaper story press",
        "email": "mail message",
        "message": "email mail",
        "bill": "invoice",
        "invoice": "bill",
        "minutes": "meeting",
        "transcript": "interview conversation",
        "interview": "conversation talk",
        "agreement": "contract",
        "memo": "memorandum note",
    }.items()
}
# Two words for one sort of document.
SAME_KIND = {
    word: frozenset(words)
    for words in (("memo", "memorandum"), ("email", "mail"), ("bill", "invoic"))
    for word in words
}
_NUMBERED = re.compile(r"([^\W\d_]+)[-_ ]*(?:\d[\d_-]*)$")
# What stands before these is what a title calls its document.
_TITLE_HEAD = re.compile(r"[:(\d–—]| (?:of|on|about|concerning|regarding|to|from|by|for|-) ", re.I)


class Catalogue:
    """What the documents of a library are called.

    Args:
        documents: all of them.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents

    @cached_property
    def names(self) -> dict[int, frozenset[str]]:
        """Stems of each document's file name and folders below what all have in common, by id."""
        return {
            d.id: kind_stems(" ".join(PurePath(d.path).parts[self._common :]))
            for d in self.documents
        }

    @cached_property
    def _common(self) -> int:
        """How many folders all documents have in common, less one: a library of "letters" holds letters."""
        parents = [PurePath(d.path).parent.parts for d in self.documents]
        common = 0
        while parents and all(len(p) > common and p[common] == parents[0][common] for p in parents):
            common += 1
        return max(0, common - 1)

    @cached_property
    def series(self) -> dict[int, frozenset[str]]:
        """Stems of each document's folders, and of the words before a number in its name, by id.

        "voyages/voy_0141.txt": a sort of document that no other library knows. "New_York_City.txt" is none.
        """
        found = {}
        for document in self.documents:
            path = PurePath(document.path)
            folders = path.parent.parts[self._common :]
            numbered = " ".join(_NUMBERED.findall(path.stem))
            found[document.id] = kind_stems(" ".join((*folders, numbered)))
        return found

    @cached_property
    def called(self) -> dict[int, frozenset[str]]:
        """Stems of what each document calls itself at the beginning of its title, by id.

        Empty where the file's name or folder tells a kind already: a message headed "Report on the dam" in
        the folder of messages is a message.
        """
        return {
            d.id: frozenset()
            if self.names[d.id] & KNOWN_KINDS
            else kind_stems(_TITLE_HEAD.split(d.title, maxsplit=1)[0])
            for d in self.documents
        }

    @cached_property
    def titles(self) -> dict[int, frozenset[str]]:
        """Stems of each document's title, by id."""
        return {d.id: kind_stems(d.title) for d in self.documents}


def is_plural(words: str) -> bool:
    """Whether words name several documents."""
    words = words.lower()
    return words in ("everything", "anything") or (words.endswith("s") and not words.endswith("ss"))


def normal_kind(words: str) -> str:
    """Words that name a kind of document, written one way."""
    words = re.sub(r"\be-mail", "email", words, flags=re.I).replace("_", " ")
    return re.sub(r"\bnewspapers?\b", "news", words, flags=re.I)


def kind_stems(words: str) -> frozenset[str]:
    """Stems of a name, folder or title, as kinds are compared with them."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z’'-]+", " ", normal_kind(words))
    return frozenset(stem(word) for word in re.findall(r"[a-z]+", parted.lower()))
