"""The extract reader: verbatim answers, for small models.

The evidence finder ranks the sentences of the passages found; the span reader reads the best ones and
marks the words that answer. What is shown is always a sentence of a document, with
the marked words as the short answer; nothing is written, so nothing can be invented.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from index.store import Store
from index.types import Hit, Role
from index.words import fold
from models.protocols import ReadingTask, SpanReader
from rag.checker import check_quote
from rag.citing import Citer
from rag.drafts import Draft, Reading, close_model
from rag.evidence import Candidate, EvidenceFinder, confidence, fitted_weights
from rag.metadata import dated_document
from rag.questions import Question
from rag.types import Citation, Event, Sentence
from rag.whole import complete_span

_FIRST_LOOK = 8
_SUPPORTING = {"list": 3, "open": 4, "either-or": 2, "yes-no": 2}
# A further sentence must come this near to the best one, in log odds.
_NEAR = 1.5
_MAX_BLOCK_CHARS = 600
_MAX_BLOCK_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class _Choice:
    """The sentence that answers and the words in it that do."""

    candidate: Candidate
    short: str | None
    score: float


class _Roles:
    """Labels of the blocks that sentences stand in; a passage's blocks are fetched once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._blocks: dict[int, list[tuple[int, int, Role, int, str]]] = {}

    def __call__(self, hit: Hit, start: int, end: int) -> Role:
        passage = hit.passage
        if passage.id not in self._blocks:
            self._blocks[passage.id] = self._store.blocks(
                passage.document_id, passage.start, passage.end
            )
        touched = (b[2] for b in self._blocks[passage.id] if b[1] > start and b[0] < end)
        return next(touched, passage.role)


class ExtractReader:
    """Answers with sentences of the documents.

    Args:
        spans: marks the words that answer.
        finder: ranks sentences.
        store: for blocks and dates.
        n_read: sentences the span reader reads at most.
        min_confidence: below it the documents do not say; None for the fitted value.
        span_weight: what a unit of mean log probability of a span counts against a unit of log
            odds of its sentence.
    """

    name = "extract"

    def __init__(
        self,
        spans: SpanReader,
        finder: EvidenceFinder,
        store: Store,
        *,
        n_read: int = 3,
        min_confidence: float | None = None,
        span_weight: float = 0.5,
    ) -> None:
        self._spans = spans
        self._finder = finder
        self._store = store
        self._n_read = n_read
        self._threshold = min_confidence
        self._span_weight = span_weight

    @property
    def generator(self) -> str:
        """Name of the model that reads."""
        return self._spans.name

    @property
    def threshold(self) -> float:
        """Confidence below which the answer is that the documents do not say."""
        return fitted_weights().threshold if self._threshold is None else self._threshold

    def answer(self, reading: Reading, draft: Draft) -> Iterator[Event]:
        """Fill the draft; see `rag.drafts.Reader`."""
        question = reading.question
        if question.shape == "published" and self._from_metadata(reading, draft):
            yield from (Event("sentence", sentence=sentence) for sentence in draft.sentences)
            return
        yield Event("step", f"Comparing the sentences of {len(reading.hits)} passages")
        candidates = self._finder.find(question, reading.hits, reading.vector, _Roles(self._store))
        draft.confidence = confidence(candidates)
        if not candidates or draft.confidence < self.threshold:
            self._leave_out(draft, reading.hits, "no sentence in it answers the question")
            return
        choice = _Choice(candidates[0], None, candidates[0].score)
        unnamed = question.shape == "who-said" and not choice.candidate.hit.passage.speaker
        if question.shape in ("span", "list") or unnamed:
            choice = yield from self._read_spans(question, candidates, draft)
        draft.status = "answered"
        draft.short_answer = choice.short or self._short(question, choice.candidate)
        for sentence in self._sentences(question, choice.candidate, candidates, reading.citer):
            draft.sentences.append(sentence)
            yield Event("sentence", sentence=sentence)
        self._leave_out(draft, reading.hits, "other passages answered better")

    def close(self) -> None:
        """Give the model's memory back."""
        close_model(self._spans)

    # -- parts --------------------------------------------------------------------------------

    def _from_metadata(self, reading: Reading, draft: Draft) -> bool:
        """Answer from the document's date, quoting the words it was read from."""
        document = dated_document(reading.question, reading.hits, self._store)
        if document is None or document.date_span is None:
            return False
        start, end = document.date_span
        line = self._line_around(document.id, start, end)
        citation = reading.citer.cite_document(document.id, *line)
        draft.status = "answered"
        draft.short_answer = self._store.text(document.id, start, end)
        draft.confidence = 0.9
        draft.sentences.append(_quoted(self._store.text(document.id, *line), citation))
        return True

    def _line_around(self, document_id: int, start: int, end: int) -> tuple[int, int]:
        """The line a date stands in, if it is short; else the date alone."""
        before = self._store.text(document_id, max(0, start - 200), start)
        after = self._store.text(document_id, end, end + 200)
        left = start - (len(before) - (before.rfind("\n") + 1))
        right = end + (after.find("\n") if "\n" in after else len(after))
        if right - left > 200:
            return start, end
        words = self._store.text(document_id, left, right)
        return left + len(words) - len(words.lstrip()), right - (len(words) - len(words.rstrip()))

    def _read_spans(
        self, question: Question, candidates: Sequence[Candidate], draft: Draft
    ) -> Generator[Event, None, _Choice]:
        """Let the model mark the answer in each of the best sentences, and take the best fit.

        Each is read alone under its breadcrumb: the starter marks better in one sentence than in a
        whole passage, and eight times as fast (docs/decisions.md).
        """
        first = candidates[0]
        best = _Choice(first, None, float("-inf"))
        read = [c for c in candidates[: self._n_read] if c.score > first.score - _NEAR]
        for i, candidate in enumerate(read, start=1):
            yield Event("step", f"Reading sentence {i} of {len(read)}")
            passage = candidate.hit.passage
            task = ReadingTask(passage.breadcrumb, candidate.text, question.text)
            reading = self._spans.read([task])[0]
            draft.read.add(passage.id)
            draft.tokens["prompt"] = draft.tokens.get("prompt", 0) + reading.n_prompt_tokens
            for span in reading.spans:
                at = complete_span(question.text, candidate.text, span.start, span.end)
                words = candidate.text[slice(*at)]
                score = candidate.score + self._span_weight * span.logprob / span.n_tokens
                if score > best.score and not _repeats(question, words):
                    best = _Choice(candidate, words, score)
        return best

    def _short(self, question: Question, candidate: Candidate) -> str | None:
        """The short answer where it is not a span of the sentence."""
        speaker = candidate.hit.passage.speaker
        if question.shape == "either-or":
            return _option(question, candidate)
        if question.shape == "who-said":
            return speaker
        return None

    def _sentences(
        self,
        question: Question,
        chosen: Candidate,
        candidates: Sequence[Candidate],
        citer: Citer,
    ) -> Iterator[Sentence]:
        """The deciding sentence first, then what belongs to it."""
        shown = [chosen]
        if chosen.role is Role.CORRECTION:
            shown = self._whole_block(chosen, candidates)
        for other in candidates[:_FIRST_LOOK]:
            if len(shown) >= _SUPPORTING.get(question.shape, 1):
                break
            near = other.score > candidates[0].score - _NEAR
            if near and other not in shown and _says_more(question, other, shown):
                shown.append(other)
        for candidate in shown:
            citation = citer.cite(candidate.hit.passage, candidate.start, candidate.end)
            yield _quoted(candidate.text, citation)

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


def _quoted(words: str, citation: Citation) -> Sentence:
    """A sentence with its footnote; the passage's words are held against the document's own."""
    support = check_quote(words, citation.quote)
    return Sentence(" ".join(words.split()), kind="quote", support=support, citations=(citation,))


def _repeats(question: Question, words: str) -> bool:
    """Whether a span only says the question's own words again."""
    own = set(re.findall(r"\w+", fold(question.text)))
    return set(re.findall(r"\w+", fold(words))) <= own


def _option(question: Question, candidate: Candidate) -> str | None:
    """Which of two options the sentence or its speaker is, if it is one of them only."""
    speaker = candidate.hit.passage.speaker or ""
    for text in (speaker, candidate.text):
        words = set(re.findall(r"\w+", fold(text)))
        held = [option for option in question.options if fold(option) in words]
        if len(held) == 1:
            return _as_written(question.text, held[0])
    return None


def _as_written(question: str, option: str) -> str:
    """The option with the question's own capitals."""
    match = re.search(rf"\b{re.escape(option)}\b", question, re.I)
    return match.group() if match else option


def _says_more(question: Question, other: Candidate, shown: Sequence[Candidate]) -> bool:
    """Open questions take one sentence a source; others take sentences that add words."""
    if question.shape == "open":
        taken = {candidate.hit.passage.document_id for candidate in shown}
        return other.hit.passage.document_id not in taken
    words = set(re.findall(r"\w+", fold(other.text)))
    return all(
        len(words & set(re.findall(r"\w+", fold(c.text)))) < 0.8 * max(1, len(words)) for c in shown
    )
