"""What the names in documents are, and how well each says what something is about."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from index.dates import find_dates
from index.names import find_names
from index.sentences import sentence_spans
from index.types import Passage

_PEOPLE = re.compile(r"(?:ese|ish|ean|ian|[^a]can|ench|utch|eek|wiss)$")
# Shorter words are not counted among those in small letters; no name of a headline is so short.
_SHORT = 3


class Names:
    """What is a name in some documents, and in how many of them.

    Args:
        passages: of these documents.
    """

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._documents: defaultdict[str, set[int]] = defaultdict(set)
        self._all: set[int] = set()
        self._with_article: Counter[str] = Counter()
        self._uses: Counter[str] = Counter()
        self._first: set[str] = set()
        self._small: set[str] = set()
        for passage in passages:
            self._all.add(passage.document_id)
            self._small.update(re.findall(r"\b[a-z]{3,}\b", passage.text))
            for start, end in sentence_spans(passage.text):
                # A headline has capitals that are no names.
                if passage.text[end - 1] in '.?!”"':
                    self._read(passage.text[start:end], passage.document_id)

    def _read(self, sentence: str, document_id: int) -> None:
        for name in find_names(sentence):
            if name.certain:
                words = bare(sentence[name.start : name.end])
                self._documents[words].add(document_id)
                self._uses[words] += 1
                before = sentence[max(0, name.start - 4) : name.start].lower()
                self._with_article[words] += before == "the "
                self._first.add(bare(words.split(" ")[0]))

    def is_name(self, word: str) -> bool:
        """Whether a word that stands at the beginning of a sentence is a name elsewhere, and nothing else."""
        plain = bare(word)
        return plain in self._first and plain.lower() not in self._small

    def in_text(self, word: str) -> str:
        """A word of a headline as it stands within a sentence; "" where that is not sure."""
        lower = word.lower()
        if not re.fullmatch(r"[A-Z]?[a-zà-ÿ’']*(?:-[A-Z]?[a-z]+)*", word):
            return word
        if "-" in word:
            return lower if all(part in self._small for part in lower.split("-")) else ""
        if {lower, f"{lower}s", lower.removesuffix("s")} & self._small or len(word) < _SHORT:
            return lower
        return word if self.n_documents(bare(word)) > 0 else ""

    def n_documents(self, name: str) -> int:
        """In how many documents a name stands."""
        return len(self._documents.get(name, ()))

    def in_words(self, name: str) -> str:
        """A name as it stands in a sentence: "the H20" where the documents often write it so."""
        return f"the {name}" if 4 * self._with_article[name] > self._uses[name] else name

    def shared(self) -> list[str]:
        """Names that stand in several documents, but not in all, those of most documents first."""
        found = [
            (len(documents), name)
            for name, documents in self._documents.items()
            if 1 < len(documents) < len(self._all)
            and is_topic(name)
            and self.in_words(name) == name
        ]
        return [name for _, name in sorted(found, key=lambda pair: (-pair[0], pair[1]))]

    def telling(self, name: str) -> float:
        """How well a name says what something is about: what stands everywhere tells little, 0 and up."""
        n = self.n_documents(name)
        return math.log1p(n) * (1 - 0.7 * n / max(1, len(self._all)))

    def weight(self, question: str) -> float:
        """How much of the documents the names of a question are about."""
        words = [bare(question[n.start : n.end]) for n in find_names(question)]
        return max((self.telling(word) for word in words), default=0.0)


def is_topic(name: str) -> bool:
    """Whether a name is a thing or a place to ask about: no "Chinese", no month, no initial."""
    single = " " not in name
    if (
        len(name) < 2
        or name.endswith(".")
        or "’s " in name
        or "'s " in name
        or (single and _PEOPLE.search(name))
    ):
        return False
    return not find_dates(f"in {name} 2020")[0].month


def bare(word: str) -> str:
    """A name without its ending and the marks around it."""
    return word.strip("*_ ").removesuffix("'s").removesuffix("’s").rstrip("’'")
