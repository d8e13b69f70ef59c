"""Keeps what the steps of one answer tell, and makes a trace of it.

What it is told is kept as it is; text and numbers are only gathered when the trace is made. One recorder
belongs to one question: two questions at once have two.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from index.filters import EVERYTHING, Filter
from index.fusion import NO_EVIDENCE
from index.library import Library
from index.types import Hit, Passage
from models.protocols import Reading, ReadingTask
from rag.answers import ANSWER_FEATURES, PooledAnswer
from rag.evidence import Candidate
from rag.logistic import Features
from rag.model_files import model_files, program_versions
from rag.questions import Question
from rag.rendering import answer_json
from rag.sentence_features import FEATURES
from rag.settings import Settings
from rag.trace import (
    Answerable,
    Member,
    Prompt,
    Proposal,
    Trace,
    TracedDocument,
    TracedPassage,
    TracedSentence,
    Understood,
    Weighing,
)
from rag.trace_file import plain
from rag.tracer import Search, Tracer
from rag.types import Answer, PassageUse

# Settings that decide what an answer is; the others name places, or how it is kept.
_SETTINGS = (
    "embedder",
    "generator",
    "prover",
    "reader",
    "quantisation",
    "threads",
    "passage_tokens",
    "top_k",
    "n_read",
    "context_tokens",
    "answer_tokens",
    "promise",
    "min_confidence",
)
_MOST_SENTENCES = 12
_MOST_ANSWERS = 6
_NOT_AMONG = "others fitted the question better"


class Recorder(Tracer):
    """Keeps what the steps of one answer tell.

    Args:
        library: the documents asked.
        settings: as the question is asked.
    """

    def __init__(self, library: Library, settings: Settings) -> None:
        self._library = library
        self._settings = settings
        store = library.store
        self._counts = {
            "documents": store.count("documents"),
            "passages": store.count("passages"),
            "generation": store.generation,
        }
        self._question = self._filters = ""
        self._history: tuple[str, ...] = ()
        self._understood: tuple[str, str, Question] | None = None
        self._within: Filter = EVERYTHING
        self._search: Search | None = None
        self._judged: Sequence[Hit] = ()
        self._hits: Sequence[Hit] = ()
        self._candidates: Sequence[Candidate] = ()
        self._evidence: float | None = None
        self._prompts: list[Prompt] = []
        self._weighings: list[Weighing] = []

    # -- told -----------------------------------------------------------------------------------

    def asked(self, question: str, history: Sequence[str], within: Filter) -> None:
        """See `Tracer`."""
        self._question, self._history, self._filters = question, tuple(history), within.typed()

    def understood(self, asked: str, referenced: str, question: Question, within: Filter) -> None:
        """See `Tracer`."""
        self._understood, self._within = (asked, referenced, question), within

    def searched(self, search: Search, hits: Sequence[Hit]) -> None:
        """See `Tracer`."""
        self._search, self._judged = search, tuple(hits)

    def found(self, hits: Sequence[Hit], within: Filter) -> None:
        """See `Tracer`."""
        self._hits, self._within = tuple(hits), within

    def compared(self, candidates: Sequence[Candidate], evidence: float) -> None:
        """See `Tracer`."""
        self._candidates, self._evidence = candidates, evidence

    def read(
        self, hit: Hit, task: ReadingTask, reading: Reading, prompt: Callable[[], str]
    ) -> None:
        """See `Tracer`."""
        proposals = tuple(
            Proposal(s.start, s.end, task.passage[s.start : s.end], s.logprob, s.n_tokens)
            for s in reading.spans
        )
        passages, n_tokens = (hit.passage.id,), reading.n_prompt_tokens
        self._prompts.append(
            Prompt(passages, prompt(), n_tokens, proposals, reading.not_stated_logprob)
        )

    def wrote(
        self, hits: Sequence[Hit], prompt: Callable[[], str], n_tokens: int, raw: str
    ) -> None:
        """See `Tracer`."""
        passages = tuple(hit.passage.id for hit in hits)
        self._prompts.append(Prompt(passages, prompt(), n_tokens, wrote=raw))

    def weighed(
        self, way: str, confidence: float, threshold: float, pooled: Sequence[PooledAnswer] = ()
    ) -> None:
        """See `Tracer`."""
        answers = tuple(_answerable(answer) for answer in pooled[:_MOST_ANSWERS])
        self._weighings.append(Weighing(way, float(confidence), float(threshold), answers))

    # -- the trace ------------------------------------------------------------------------------

    def trace(self, answer: Answer) -> Trace:
        """The trace of the answer that these steps led to."""
        passages = tuple(self._passages(answer.passages))
        cited = {int(c.document) for s in answer.sentences for c in s.citations}
        return Trace(
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            programs=dict(program_versions()),
            models=model_files(self._settings),
            settings={name: getattr(self._settings, name) for name in _SETTINGS},
            library=dict(self._counts),
            question=self._question,
            history=self._history,
            filters=self._filters,
            understood=self._as_understood(answer),
            documents=tuple(self._documents({p.document for p in passages} | cited)),
            passages=passages,
            prompts=tuple(self._prompts),
            sentences=tuple(_sentence(c) for c in self._candidates[:_MOST_SENTENCES]),
            sentence_confidence=self._evidence,
            weighings=tuple(self._weighings),
            answer=plain(answer_json(answer)),
        )

    def _as_understood(self, answer: Answer) -> Understood:
        if self._understood is None:  # nothing was told: the answer still says what was asked
            text = answer.standalone_question
            return Understood(answer.question, text, text, (), answer.within, "", "")
        asked, referenced, question = self._understood
        return Understood(
            asked=asked,
            referenced=referenced,
            standalone=question.text,
            mended=_changed_words(referenced, question.text),
            within=self._within.typed(),
            shape=question.shape,
            expected=question.expected,
        )

    def _documents(self, ids: set[int]) -> Iterator[TracedDocument]:
        for ident in sorted(ids):
            found = self._library.store.document(ident)
            if found is not None:
                yield TracedDocument(found.id, found.path, found.title, found.sha256, found.date)

    def _passages(self, uses: Sequence[PassageUse]) -> Iterator[TracedPassage]:
        if self._search is None:
            return
        search = self._search
        dense, lexical = _ranked(search.dense), _ranked(search.lexical)
        bm25 = dict(search.lexical)
        judged = {hit.passage.id: hit for hit in self._judged}
        handed = dict(zip((hit.passage.id for hit in self._hits), uses, strict=False))
        folded = {p.id: hit.passage.id for hit in self._judged for p in hit.duplicates}
        for rank, passage in enumerate(search.passages, start=1):
            ident = passage.id
            words = search.evidence.get(ident, NO_EVIDENCE)
            use, hit = handed.get(ident), judged.get(ident)
            opinion = hit.opinion if hit is not None else None
            yield TracedPassage(
                id=ident,
                document=passage.document_id,
                start=passage.start,
                end=passage.end,
                text=passage.text,
                breadcrumb=passage.breadcrumb,
                role=str(passage.role),
                n_tokens=passage.n_tokens,
                dense_rank=dense.get(ident),
                cosine=search.similarity.get(ident),
                lexical_rank=lexical.get(ident),
                bm25=bm25.get(ident),
                coverage=words.coverage,
                window=words.window,
                pairs=words.pairs,
                fused_rank=rank,
                fused_score=search.scores[ident],
                prover_relevance=None if opinion is None else opinion.relevance,
                prover_answerable=None if opinion is None else opinion.answerable,
                rank=None if use is None else use.n,
                score=None if use is None else use.score,
                folded_into=folded.get(ident),
                read=use is not None and use.read,
                left_out=_left_out(passage, use, folded),
            )


def _left_out(passage: Passage, use: PassageUse | None, folded: Mapping[int, int]) -> str | None:
    if use is not None:
        return use.left_out
    return "it says nearly the same as another one" if passage.id in folded else _NOT_AMONG


def _ranked(found: Sequence[tuple[int, float]]) -> dict[int, int]:
    return {ident: rank for rank, (ident, _) in enumerate(found, start=1)}


def _named(names: Sequence[str], row: Features) -> dict[str, float]:
    return dict(zip(names, row.tolist(), strict=True))


def _sentence(candidate: Candidate) -> TracedSentence:
    return TracedSentence(
        passage=candidate.hit.passage.id,
        start=candidate.start,
        end=candidate.end,
        text=candidate.text,
        role=str(candidate.role),
        score=float(candidate.score),
        features=_named(FEATURES, candidate.features),
    )


def _answerable(pooled: PooledAnswer) -> Answerable:
    members = (
        Member(m.hit.passage.id, m.words, float(m.probability), _named(ANSWER_FEATURES, m.features))
        for m in pooled.members
    )
    return Answerable(float(pooled.probability), tuple(members))


def _changed_words(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """Words that were replaced; mending replaces word by word."""
    pairs = zip(re.findall(r"\w+", before), re.findall(r"\w+", after), strict=False)
    return tuple(pair for pair in pairs if pair[0] != pair[1])
