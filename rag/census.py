"""Answers questions about the whole library by looking at every document, not at the nearest passages.

Counts, lists, first and last mentions, extremes (`rag.census_questions`); what stands where is the task of
`rag.survey`. The answer says how many documents were looked at.
"""

from index.filters import EVERYTHING, Filter
from index.library import Library
from rag.census_questions import CensusReader
from rag.census_tagged import TaggedReader, Tagger
from rag.census_telling import Telling
from rag.census_types import Census
from rag.citing import Citer
from rag.drafts import Draft
from rag.kinds import Catalogue
from rag.survey import Survey

READER = "census"


class CensusTaker:
    """Answers questions about a library as a whole.

    Args:
        library: the documents.
        tagger: reads questions that the rules do not know; None for rules alone.
    """

    def __init__(self, library: Library, tagger: Tagger | None = None) -> None:
        self._library = library
        self._tagger = tagger
        self._catalogue: tuple[int, Catalogue] | None = None

    def answer(
        self, question: str, citer: Citer, within: Filter = EVERYTHING, *, mended: str = ""
    ) -> tuple[Draft, str] | None:
        """A draft and what was looked at, in words; None where it is no such question.

        Args:
            question: a standalone question.
            citer: numbers the footnotes.
            within: what documents must be to count.
            mended: the question with its misspellings mended. It is read where the question itself is not
                understood or names what no document mentions: words of the question that the library does
                not hold, "undated", are not always misspelt.
        """
        survey = Survey(self._library, within, self._known())
        census = self._read(question, survey)
        if mended and mended != question and (census is None or _names_nothing(census, survey)):
            census = self._read(mended, survey) or census
        if census is None:
            return None
        # A library from before the evidence table is read once, and only when it is counted in.
        self._library.evidence.catch_up()
        # In one snapshot: a document may be removed between a fact and its passage.
        with self._library.store.snapshot():
            survey = Survey(self._library, within, self._known())
            return Telling(survey, census, citer).draft()

    def _read(self, question: str, survey: Survey) -> Census | None:
        census = CensusReader(survey.is_kind, survey.occurs).read(question)
        if census is None and self._tagger is not None:
            census = TaggedReader(self._tagger, survey.is_kind, survey.occurs).read(question)
        return census

    def _known(self) -> Catalogue:
        """The catalogue, made anew when the library has changed."""
        store = self._library.store
        generation = store.generation
        if self._catalogue is None or self._catalogue[0] != generation:
            self._catalogue = (generation, Catalogue(store.documents()))
        return self._catalogue[1]


def _names_nothing(census: Census, survey: Survey) -> bool:
    """Whether something is asked for that no document mentions."""
    return any(not any(survey.mentions(words) for words in group) for group in census.wanted)
