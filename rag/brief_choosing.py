"""Chooses sentences for the lines of a brief and quotes them with footnotes.

What one part has quoted, the next ones quote only where they have nothing better.
"""

from collections.abc import Iterable, Mapping, Sequence

from index.library import Library
from rag.brief import BriefLine
from rag.brief_sentences import Told, awkwardness, leans
from rag.checker import check_quote
from rag.citing import Citer
from rag.types import Citation, Sentence

_UNKNOWN = -0.5
_AGAIN = 1.0


class Chooser:
    """The choices of one brief.

    Args:
        library: the documents.
        salience: how much sentences say, by their places; the others count as little.
    """

    def __init__(self, library: Library, salience: Mapping[tuple[int, int], float]) -> None:
        self._citer = Citer(library)
        self._salience = salience
        self._used: set[tuple[int, int]] = set()

    def worth(self, told: Told) -> float:
        """How good a line it makes: higher is better, less where it has been quoted."""
        known = self._salience.get(told.place)
        score = _UNKNOWN - awkwardness(told) if known is None else known
        return score - _AGAIN * (told.place in self._used)

    def best(self, sentences: Sequence[Told]) -> Told | None:
        """The best line, one that reads well alone where there is one; ties by order."""
        fit = [told for told in sentences if not leans(told)] or list(sentences)
        return max(fit, key=lambda told: (self.worth(told), -told.order), default=None)

    def use(self, told: Told) -> None:
        """Take note that it is quoted."""
        self._used.add(told.place)

    def lines(self, label: str, sentences: Iterable[Told]) -> list[BriefLine]:
        """A line each."""
        made = []
        for told in sentences:
            self._used.add(told.place)
            citation = self._citer.cite(told.passage, told.start, told.end)
            made.append(BriefLine(label, quoted(citation)))
        return made

    def place(self, label: str, document_id: int, start: int, end: int) -> BriefLine:
        """A line of words that need be no sentence, such as a title."""
        return BriefLine(label, quoted(self._citer.cite_document(document_id, start, end)))

    def asking(self, label: str, question: str, answers: Iterable[Told]) -> BriefLine:
        """A question of our own; its footnotes are where the answer stands."""
        cited = tuple(self._citer.cite(told.passage, told.start, told.end) for told in answers)
        return BriefLine(label, Sentence(question, "written", "unchecked", cited))


def quoted(citation: Citation) -> Sentence:
    """What a footnote quotes, as a sentence."""
    words = " ".join(citation.quote.split())
    return Sentence(words, "quote", check_quote(citation.quote, citation.quote), (citation,))
