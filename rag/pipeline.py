"""Question in, proven answer out. `build_pipeline` is where the concrete classes meet."""

import json
import logging
import time
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path

from index.errors import FilterError, LibraryError
from index.filters import EVERYTHING, Filter, passages_within, take_filters
from index.library import Library
from index.types import Hit
from models.protocols import Embedder
from rag.beside import in_use
from rag.census import READER as CENSUS
from rag.census import CensusTaker
from rag.census_tagged import Tagger
from rag.citing import Citer
from rag.contradictions import notice
from rag.drafts import Draft, Reader, Reading
from rag.filtering import stated_filter
from rag.lending import ReaderPlace
from rag.necessity import blanked, cited_spans, stands
from rag.questions import MAX_QUESTION_CHARS, analyse_question, missing_words, tidy
from rag.recording import Recorder
from rag.rendering import answer_json
from rag.retriever import Retriever
from rag.settings import Settings
from rag.spelling import mend_spelling
from rag.standalone import make_standalone
from rag.support import SupportJudge
from rag.trace import Trace
from rag.tracer import NO_TRACE, Tracer
from rag.types import Answer, Event, PassageUse
from rag.verifying import Verdict, verify

_LOG = logging.getLogger(__name__)
_NOT_READ = "enough was read before it"


class Pipeline:
    """Answers questions over one library.

    Args:
        library: the documents.
        retriever: finds passages.
        reader: reads them.
        settings: how many passages, and so on.
        judge: of the sentences that a model wrote; without one their words alone are compared.
        tagger: reads questions about the whole library that the rules do not know.

    Attributes:
        readers: where the reader can be exchanged while questions are answered (`rag.switching`).
    """

    def __init__(
        self,
        library: Library,
        retriever: Retriever,
        reader: Reader,
        settings: Settings,
        judge: SupportJudge | None = None,
        tagger: Tagger | None = None,
    ) -> None:
        self.library = library
        self.judge = judge
        self.settings = settings
        self._retriever = retriever
        self.readers = ReaderPlace(reader)
        self._census = CensusTaker(library, tagger)

    def ask(
        self, question: str, history: Sequence[str] = (), within: Filter = EVERYTHING
    ) -> Answer:
        """The whole answer at once; see `ask_stream`."""
        for event in self.ask_stream(question, history, within):
            if event.answer is not None:
                return event.answer
        raise AssertionError("the stream of events ended without an answer")

    def ask_traced(
        self, question: str, history: Sequence[str] = (), within: Filter = EVERYTHING
    ) -> Trace:
        """The whole answer with all that it came from; see `ask_stream`."""
        recorder = Recorder(self.library, self.settings)
        for event in self.ask_stream(question, history, within, tracer=recorder):
            if event.answer is not None:
                return recorder.trace(event.answer)
        raise AssertionError("the stream of events ended without an answer")

    def ask_stream(
        self,
        question: str,
        history: Sequence[str] = (),
        within: Filter = EVERYTHING,
        *,
        tracer: Tracer = NO_TRACE,
    ) -> Iterator[Event]:
        """Answer step by step; the last event holds the answer. Closing the iterator stops.

        Args:
            question: as the person typed it; filters may be typed in it (`index.filters`).
            history: earlier questions of the conversation, oldest first.
            within: what a passage must be to be found, besides what the question says itself.
            tracer: told what happens (`rag.recording.Recorder`).

        Raises:
            QuestionError: the question is empty or far too long.
            LibraryError: the library holds no documents.
            FilterError: a filter cannot be understood, or nothing in the library matches it.
        """
        started = time.perf_counter()
        tracer.asked(question, history, within)
        asked, within = self._taken_apart(question, within)
        standalone = as_searched(asked, history, self.library)
        analysed = analyse_question(standalone)
        n_passages = self.library.store.count("passages")
        if n_passages == 0:
            raise LibraryError(
                f"The library {self.library.folder} holds no documents yet. "
                "Add some first: footnote add PATH"
            )
        searching = time.perf_counter()
        citer = Citer(self.library)
        # A census reads the dates that a question states by itself.
        as_typed = standalone_question(asked, history)
        tracer.understood(asked, as_typed, analysed, within)
        taken = self._census.answer(as_typed, citer, within, mended=standalone)
        if taken is not None:
            answer = self._counted(asked, standalone, within, taken, started)
            yield from (Event("sentence", sentence=sentence) for sentence in answer.sentences)
            self._log(answer)
            yield Event("answer", answer=answer)
            return
        within = self._with_stated(standalone, within)
        where = f" for {within.typed()}" if within else ""
        yield Event("step", f"Searching {n_passages:,} passages{where}")
        hits, vector = self._retriever.retrieve_with_vector(
            standalone, self.settings.top_k, within, tracer=tracer
        )
        tracer.found(hits, within)
        found = time.perf_counter()
        draft = Draft()
        reading = Reading(analysed, tuple(hits), vector, citer, bool(within), tracer)
        with self.readers.borrowed() as reader:
            reader_name, generator = reader.name, reader.generator
            yield from reader.answer(reading, draft)
        done = time.perf_counter()
        answer = Answer(
            question=asked,
            standalone_question=standalone,
            status=draft.status,
            short_answer=draft.short_answer,
            confidence=draft.confidence,
            sentences=tuple(draft.sentences),
            passages=tuple(self._use(hit, draft, citer) for hit in hits),
            reader=reader_name,
            generator=generator,
            embedder=self.library.embedder.name,
            timings_ms={
                "understand": (searching - started) * 1e3,
                "retrieve": (found - searching) * 1e3,
                **draft.timings_ms,
                "read": (done - found) * 1e3,
                "total": (done - started) * 1e3,
            },
            tokens=dict(draft.tokens),
            missing=self._missing(draft, standalone, hits),
            within=within.typed(),
        )
        self._log(answer)
        yield Event("answer", answer=answer)

    def _counted(
        self,
        asked: str,
        standalone: str,
        within: Filter,
        taken: tuple[Draft, str],
        started: float,
    ) -> Answer:
        """The answer to a question about the whole library."""
        draft, note = taken
        return Answer(
            question=asked,
            standalone_question=standalone,
            status=draft.status,
            short_answer=draft.short_answer,
            confidence=draft.confidence,
            sentences=tuple(draft.sentences),
            passages=(),
            reader=CENSUS,
            generator="none",
            embedder=self.library.embedder.name,
            timings_ms={"total": (time.perf_counter() - started) * 1e3},
            within=within.typed(),
            note=note,
            n_documents=draft.n_documents,
        )

    def unlogged(self) -> "Pipeline":
        """The same pipeline, whose questions are not a person's and not kept in the log."""
        other = copy(self)
        other.settings = replace(self.settings, log_questions=False)
        return other

    def stands_without_citations(self, answer: Answer) -> bool:
        """Whether the same answer comes back when the words it cites are blanked (`rag.necessity`)."""
        if answer.reader == CENSUS:
            return False  # every document was counted by its own words
        question = answer.standalone_question
        within = take_filters(answer.within)[1]
        hits, vector = self._retriever.retrieve_with_vector(question, self.settings.top_k, within)
        hits = self._retriever.judged(question, blanked(hits, cited_spans(answer)))
        draft = Draft()
        reading = Reading(
            analyse_question(question),
            tuple(hits),
            vector,
            Citer(self.library),
            filtered=bool(within),
        )
        with self.readers.borrowed() as reader:
            for _ in reader.answer(reading, draft):
                pass
        return stands(answer, draft)

    def verify(self, answer: Answer) -> list[Verdict]:
        """A verdict for each sentence of a saved answer; see `rag.verifying.verify`."""
        return verify(answer, self.library.store, self.judge)

    def retrieve(self, question: str, history: Sequence[str] = ()) -> list[Hit]:
        """The passages a question finds, without reading them."""
        asked, within = self._taken_apart(question, EVERYTHING)
        standalone = as_searched(asked, history, self.library)
        within = self._with_stated(standalone, within)
        return self._retriever.retrieve(standalone, self.settings.top_k, within)

    def close(self) -> None:
        """Close the library and the model; call it when no question is being answered any more."""
        self.readers.reader.close()
        self.library.close()

    def _taken_apart(self, question: str, within: Filter) -> tuple[str, Filter]:
        """The question without typed filters, and all filters, given or typed."""
        words, typed = take_filters(tidy(question))
        return tidy(words), within.joined(typed)

    def _with_stated(self, question: str, within: Filter) -> Filter:
        """With what a question says in its own words, if that leaves something.

        "The report of 2019" may be the name of one; and what was typed counts, whatever the words say.
        """
        stated = stated_filter(question)
        if not stated or within.first or within.last:
            return within
        both = within.joined(stated)
        try:
            passages_within(self.library.store, both)
        except FilterError:
            return within
        return both

    def _missing(self, draft: Draft, question: str, hits: Sequence[Hit]) -> tuple[str, ...]:
        if draft.status != "refused":
            return ()
        return missing_words(question, (f"{h.passage.breadcrumb} {h.passage.text}" for h in hits))

    def _use(self, hit: Hit, draft: Draft, citer: Citer) -> PassageUse:
        read = hit.passage.id in draft.read
        reason = draft.left_out.get(hit.passage.id, _NOT_READ)
        return citer.use(hit, read=read, left_out=reason)

    def _log(self, answer: Answer) -> None:
        """One line a question in the library's folder, only where the settings ask for it."""
        if not self.settings.log_questions:
            return
        path = self.library.folder / "questions.jsonl"
        line = json.dumps(answer_json(answer), ensure_ascii=False) + "\n"
        try:
            with path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(line)
        except OSError as error:
            # The answer is worth more than its line in the log.
            _LOG.warning("%s could not be written: %s", path, error)


def as_searched(question: str, history: Sequence[str], library: Library) -> str:
    """The question as it is searched for: its references put in, its misspellings mended."""

    def is_common(word: str) -> bool:
        """Whether a word is one piece to the embedder, whose vocabulary holds the common words."""
        empty, one = library.embedder.count_tokens(["", word])
        return one - empty == 1

    return mend_spelling(standalone_question(question, history), library.store, is_common)


def standalone_question(question: str, history: Sequence[str]) -> str:
    """The question as it is searched for; what it refers to never makes it too long to be asked."""
    standalone = make_standalone(question, [without_filters(turn) for turn in history])
    return standalone if len(standalone) <= MAX_QUESTION_CHARS else question


def without_filters(turn: str) -> str:
    """An earlier turn with white space collapsed and filters taken out; it is never refused."""
    words = " ".join(turn.split())[:MAX_QUESTION_CHARS]
    try:
        return take_filters(words)[0]
    except FilterError:
        return words


def open_library(settings: Settings, *, create: bool = True) -> Library:
    """The library the settings name, with the embedder of the index that is used (`rag.beside`)."""
    used, index = in_use(settings)
    library = library_over(used, index, create=create)
    library.is_used = lambda: in_use(settings)[1] == index
    return library


def library_over(settings: Settings, index: Path, *, create: bool = True) -> Library:
    """A library with the index in exactly this folder, whichever of its indexes is in use."""
    library = Library(
        settings.library,
        build_embedder(settings),
        create=create,
        target_tokens=settings.passage_tokens,
        index_folder=None if index == settings.library else index,
    )
    library.on_added = partial(notice, library)
    return library


def build_embedder(settings: Settings) -> Embedder:
    """The embedder the settings name."""
    from models.embedder import SentenceTransformerEmbedder
    from models.fake import FakeEmbedder
    from models.locate import locate_folder
    from models.packaged import STARTER_EMBEDDER

    if settings.embedder == "fake":
        return FakeEmbedder()
    if settings.embedder in ("starter", STARTER_EMBEDDER):
        return SentenceTransformerEmbedder.starter()
    folder = locate_folder(settings.embedder, "embedder")
    model = settings.embedder if folder is None else folder
    return SentenceTransformerEmbedder(model, allow_download=settings.allow_download)


def build_pipeline(settings: Settings, *, create: bool = True) -> Pipeline:
    """Everything wired: library, retriever, reader, over the index that is in use.

    Raises:
        FootnoteError: a model or the library cannot be opened; the message says what to do.
    """
    return pipeline_over(in_use(settings)[0], open_library(settings, create=create))


def pipeline_over(settings: Settings, library: Library) -> Pipeline:
    """As `build_pipeline`, over a library that is open."""
    from models.fake import FakeProver
    from models.tagger import QuestionTagger
    from rag.readers import build_judge, build_prover, build_reader

    prover = build_prover(settings)
    judge = build_judge(prover, library)
    reader = build_reader(settings, library, judge)
    tagger = (
        None if settings.prover == "none" or isinstance(prover, FakeProver) else QuestionTagger()
    )
    return Pipeline(library, Retriever(library, prover), reader, settings, judge, tagger)
