"""The extract reader: verbatim answers, for small models.

The evidence finder ranks the sentences of the passages found; the span reader reads the best passages
and marks the words that answer, or finds that they are not stated. What is shown is always a sentence
of a document, with the marked words as the short answer; nothing is written, so nothing can be invented.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from index.store import Store
from index.types import Hit, Role
from models.protocols import ReadingTask, ShowsPrompt, SpanReader
from rag.answers import (
    AnswerWeights,
    PooledAnswer,
    SpanAnswer,
    answer_weights,
    certainty,
    pool,
    spans_of,
)
from rag.checker import check_quote
from rag.citing import Citer
from rag.disputes import Dispute, find_dispute
from rag.drafts import Draft, Reading, close_model, open_model
from rag.evidence import (
    Candidate,
    EvidenceFinder,
    EvidenceWeights,
    confidence,
    fitted_weights,
    hits_to_read,
)
from rag.metadata import dated_document, line_around
from rag.opinions import judged
from rag.options import named_option, says_more
from rag.questions import Question
from rag.roles import BlockRoles
from rag.tracer import Tracer
from rag.types import Citation, Event, Sentence

_FIRST_LOOK = 8
_SUPPORTING = {"open": 4, "yes-no": 2, "either-or": 2, "compare": 2, "list": 2}
# A further sentence must come this near to the best one, in log odds.
_NEAR = 1.5
_MAX_BLOCK_CHARS = 600
_MAX_BLOCK_SENTENCES = 3
_AT_ONCE = 2
# So sure of an answer, no further passage is read.
_SURE = 0.9
# A speaker's name so many characters before a sentence is quoted with it.
_NAME_WITHIN = 240
_MAX_LISTED = 4
_LISTED_PROBABILITY = 0.5
# These ask for a sentence, not for words in one.
BY_SENTENCE = frozenset(("yes-no", "open"))


@dataclass(frozen=True, slots=True)
class ExtractWeights:
    """By what spans and sentences are weighed.

    Attributes:
        sentences: ranks them, and tells how sure the best one is.
        answers: the same of spans.
    """

    sentences: EvidenceWeights
    answers: AnswerWeights

    @classmethod
    def shipped(cls, hits: Sequence[Hit]) -> "ExtractWeights":
        """Those that suit the hits: a prover judged some of them, or none."""
        with_prover = judged(hits)
        return cls(fitted_weights(with_prover=with_prover), answer_weights(with_prover=with_prover))


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found for a question.

    Attributes:
        candidates: sentences, best first, at least one.
        evidence: how sure the best one is, 0..1.
    """

    question: Question
    candidates: Sequence[Candidate]
    evidence: float
    weights: ExtractWeights
    citer: Citer
    tracer: Tracer


class ExtractReader:
    """Answers with sentences of the documents.

    Args:
        spans: marks the words that answer.
        finder: ranks sentences.
        store: for blocks and dates.
        n_read: passages the span reader reads at most.
        min_confidence: below it the documents do not say; None for the fitted values.
        weights: by default what ships with the project.
    """

    name = "extract"

    def __init__(
        self,
        spans: SpanReader,
        finder: EvidenceFinder,
        store: Store,
        *,
        n_read: int = 6,
        min_confidence: float | None = None,
        weights: ExtractWeights | None = None,
    ) -> None:
        self._spans = spans
        self._finder = finder
        self._store = store
        self._n_read = n_read
        self._threshold = min_confidence
        self._weights = weights

    @property
    def generator(self) -> str:
        """Name of the model that reads."""
        return self._spans.name

    def answer(self, reading: Reading, draft: Draft) -> Iterator[Event]:
        """Fill the draft; see `rag.drafts.Reader`."""
        question = reading.question
        if question.shape == "published" and self._from_metadata(reading, draft):
            reading.tracer.weighed("date", draft.confidence, 0.0)
            yield from (Event("sentence", sentence=sentence) for sentence in draft.sentences)
            return
        yield Event("step", f"Comparing the sentences of {len(reading.hits)} passages")
        with draft.timed("read.sentences"):
            candidates = self._finder.find(
                question, reading.hits, reading.vector, BlockRoles(self._store)
            )
        if candidates:
            yield from self._answer_both_ways(reading, candidates, draft)
        if draft.status == "refused":
            self._leave_out(draft, reading.hits, "no sentence in it answers the question")
        else:
            self._leave_out(draft, reading.hits, "other passages answered better")

    def _answer_both_ways(
        self, reading: Reading, candidates: Sequence[Candidate], draft: Draft
    ) -> Iterator[Event]:
        """By the way that suits the question, and of some where that is not sure enough by the other.

        Each way has a confidence and a threshold of its own, fitted apart. A question for a span has no
        other way: of 19 sentences for calibration questions whose spans were not sure enough, 3 were right.
        """
        by_span, by_sentence = self._answer_by_span, self._answer_by_sentence
        question = reading.question
        ways = [by_span]
        if _speaker_asked(question, candidates[0]):
            ways = [by_sentence]
        elif question.shape in BY_SENTENCE:
            ways = [by_sentence, by_span]
        elif question.shape == "either-or":
            ways = [by_span, by_sentence]
        weights = self._weights or ExtractWeights.shipped(reading.hits)
        evidence = confidence(question.shape, candidates, weights.sentences.confidence)
        found = _Found(question, candidates, evidence, weights, reading.citer, reading.tracer)
        reading.tracer.compared(candidates, evidence)
        for way in ways:
            yield from way(found, draft)
            if draft.status != "refused":
                return

    def open(self) -> None:
        """Open the model now; see `rag.drafts.Reader`."""
        open_model(self._spans)

    def close(self) -> None:
        """Give the model's memory back."""
        close_model(self._spans)

    # -- a span that answers ------------------------------------------------------------------

    def _answer_by_span(self, found: _Found, draft: Draft) -> Iterator[Event]:
        """The words that answer, and the sentence that holds them."""
        question, weights = found.question, found.weights.answers
        pooled = yield from self._read(found, draft)
        sure = certainty(question.shape, pooled, found.evidence, weights.certainty)
        draft.confidence = max(draft.confidence, sure)
        threshold = weights.threshold if self._threshold is None else self._threshold
        found.tracer.weighed("words", sure, threshold, pooled)
        if not pooled or sure < threshold:
            return
        draft.confidence = sure
        dispute = find_dispute(question, pooled)
        draft.status = "disputed" if dispute is Dispute.OPEN else "answered"
        shown = pooled[:2] if dispute is not None else pooled[:1]
        if question.shape == "list":
            shown = _listed(pooled)
        if question.shape not in BY_SENTENCE:
            draft.short_answer = self._short(question, shown)
        sentences = self._sentences_of(question, shown, found.candidates)
        yield from self._show(sentences, found.citer, draft)

    def _read(self, found: _Found, draft: Draft) -> Generator[Event, None, list[PooledAnswer]]:
        """Read passages, the most promising first, until one answer is sure."""
        question, weights = found.question, found.weights.answers
        hits = hits_to_read(found.candidates, self._n_read)
        answers: list[SpanAnswer] = []
        pooled: list[PooledAnswer] = []
        for first in range(0, len(hits), _AT_ONCE):
            group = hits[first : first + _AT_ONCE]
            yield Event("step", f"Reading passage {first + len(group)} of {len(hits)}")
            tasks = [
                ReadingTask(hit.passage.breadcrumb, hit.passage.text, question.text)
                for hit in group
            ]
            with draft.timed("read.passages"):
                readings = self._spans.read(tasks)
            for hit, task, read in zip(group, tasks, readings, strict=True):
                found.tracer.read(hit, task, read, partial(prompt_of, self._spans, task))
                draft.read.add(hit.passage.id)
                draft.tokens["prompt"] = draft.tokens.get("prompt", 0) + read.n_prompt_tokens
                answers += spans_of(question, hit, read, found.candidates, weights.span)
            pooled = pool(answers)
            if certainty(question.shape, pooled, found.evidence, weights.certainty) >= _SURE:
                break
        return pooled

    def _short(self, question: Question, shown: Sequence[PooledAnswer]) -> str:
        """The marked words; of an either-or question, the option they name if they name one."""
        first = shown[0].best
        if question.shape == "either-or":
            option = named_option(question, first.sentences[0], first.words)
            if option is not None:
                return option
        if question.shape == "list":
            return "; ".join(" ".join(p.best.words.split()) for p in shown)
        return " ".join(first.words.split())

    def _sentences_of(
        self, question: Question, shown: Sequence[PooledAnswer], candidates: Sequence[Candidate]
    ) -> list[Candidate]:
        """The sentences of the answers shown, each once, a correction with all of its block."""
        sentences: list[Candidate] = []
        for pooled in shown:
            own = list(pooled.best.sentences)
            if own[0].role is Role.CORRECTION:
                own = [*self._whole_block(own[0], candidates), *own[1:]]
            for candidate in own:
                if candidate not in sentences:
                    sentences.append(candidate)
        if question.shape in _SUPPORTING and not (question.shape == "list" and len(shown) > 1):
            self._add_supporting(question, sentences, candidates)
        return sentences

    # -- a sentence that answers --------------------------------------------------------------

    def _answer_by_sentence(self, found: _Found, draft: Draft) -> Iterator[Event]:
        """The sentence that decides, and what belongs to it."""
        question, first = found.question, found.candidates[0]
        draft.confidence = max(draft.confidence, found.evidence)
        fitted = found.weights.sentences.threshold
        threshold = fitted if self._threshold is None else self._threshold
        found.tracer.weighed("sentence", found.evidence, threshold)
        if found.evidence < threshold:
            return
        draft.confidence = found.evidence
        draft.status = "answered"
        sentences = [first]
        if question.shape == "either-or":
            draft.short_answer = named_option(question, first)
        if question.shape == "who-said":
            draft.short_answer = first.hit.passage.speaker
            sentences = [self._with_name(first)]
        if first.role is Role.CORRECTION:
            sentences = self._whole_block(first, found.candidates)
        self._add_supporting(question, sentences, found.candidates)
        yield from self._show(sentences, found.citer, draft)

    def _add_supporting(
        self, question: Question, shown: list[Candidate], candidates: Sequence[Candidate]
    ) -> None:
        """Further sentences that come near to the best one and say more."""
        for other in candidates[:_FIRST_LOOK]:
            if len(shown) >= _SUPPORTING.get(question.shape, 1):
                return
            near = other.score > candidates[0].score - _NEAR
            if near and other not in shown and says_more(question, other, shown):
                shown.append(other)

    def _with_name(self, said: Candidate) -> Candidate:
        """The sentence from its speaker's name on, where that stands close before it.

        The name is the answer, so it belongs to what is quoted.
        """
        passage = said.hit.passage
        name = passage.speaker_span
        if name is None or not 0 <= said.start - name[0] <= _NAME_WITHIN:
            return said
        text = self._store.text(passage.document_id, name[0], said.end)
        return replace(said, start=name[0], text=text)

    # -- what both show -----------------------------------------------------------------------

    def _show(self, sentences: Sequence[Candidate], citer: Citer, draft: Draft) -> Iterator[Event]:
        for candidate in sentences:
            citation = citer.cite(candidate.hit.passage, candidate.start, candidate.end)
            sentence = _quoted(candidate.text, citation)
            draft.sentences.append(sentence)
            draft.read.add(candidate.hit.passage.id)
            yield Event("sentence", sentence=sentence)

    def _from_metadata(self, reading: Reading, draft: Draft) -> bool:
        """Answer from the document's date, quoting the words it was read from."""
        document = dated_document(
            reading.question, reading.hits, self._store, found_only=reading.filtered
        )
        if document is None or document.date_span is None:
            return False
        start, end = document.date_span
        line = line_around(self._store, document.id, start, end)
        citation = reading.citer.cite_document(document.id, *line)
        draft.status = "answered"
        draft.short_answer = self._store.text(document.id, start, end)
        draft.confidence = 0.9
        draft.sentences.append(_quoted(self._store.text(document.id, *line), citation))
        return True

    def _whole_block(self, chosen: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The sentence, then the others of its correction: what was wrong and what is right."""
        document_id = chosen.hit.passage.document_id
        block = next((b for b in self._store.blocks(document_id, chosen.start, chosen.end)), None)
        if block is None or block[1] - block[0] > _MAX_BLOCK_CHARS:
            return [chosen]
        same = [
            c
            for c in candidates
            if c.hit.passage.document_id == document_id
            and block[0] <= c.start
            and c.end <= block[1]
        ]
        if len(same) > _MAX_BLOCK_SENTENCES:
            return [chosen]
        return [chosen, *sorted((c for c in same if c is not chosen), key=lambda c: c.start)]

    def _leave_out(self, draft: Draft, hits: Sequence[Hit], reason: str) -> None:
        for hit in hits:
            if hit.passage.id not in draft.read:
                draft.left_out.setdefault(hit.passage.id, reason)


def prompt_of(spans: SpanReader, task: ReadingTask) -> str:
    """The text that a span reader's model is given for a task; "" where it cannot say."""
    return spans.prompt(task) if isinstance(spans, ShowsPrompt) else ""


def _quoted(words: str, citation: Citation) -> Sentence:
    """A sentence with its footnote; the passage's words are held against the document's own."""
    support = check_quote(words, citation.quote)
    return Sentence(" ".join(words.split()), kind="quote", support=support, citations=(citation,))


def _speaker_asked(question: Question, first: Candidate) -> bool:
    """Whether the answer is the speaker of the passage, which stands in its breadcrumb only."""
    return question.shape == "who-said" and bool(first.hit.passage.speaker)


def _listed(pooled: Sequence[PooledAnswer]) -> list[PooledAnswer]:
    """The answer of a list question: the best span, and others that are likely too."""
    likely = [p for p in pooled[1:_MAX_LISTED] if p.probability >= _LISTED_PROBABILITY]
    return [pooled[0], *likely]
