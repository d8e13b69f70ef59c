"""The span reader: one passage, one question, a verbatim span or "not stated", with likelihoods.

The model may only write what stands in the passage, so nothing can be invented. Passages are read
in parallel sequences of one batch; a fixed header is read once and shared by all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from models.errors import ModelError
from models.llama import LlamaSession, Logits, log_softmax, prompt_rows
from models.protocols import Reading, ReadingTask, SpanCandidate
from models.span_search import PassageBytes, PieceTable, Places, finished

NOT_STATED = " not stated"
# Ends an answer in training; in reading, any line break or end mark does.
ANSWER_END = "\n"


@dataclass(frozen=True, slots=True)
class SpanPrompt:
    """The wording a reader was made for.

    `header` stands before every prompt and is read once. `source` has {breadcrumb} and {passage},
    `ask` has {question}. The passage comes before the question, so that its state does not depend
    on it, and the two are turned into tokens apart, so that its tokens do not either.
    """

    header: str = ""
    source: str = "Passage from {breadcrumb}:\n{passage}"
    ask: str = "\n\nQuestion: {question}\nAnswer:"

    def parts(self, task: ReadingTask) -> tuple[str, str]:
        """The two parts of a task's prompt, without the header."""
        values = {
            "breadcrumb": task.breadcrumb or "a document",
            "passage": task.passage,
            "question": task.question,
        }
        return self.source.format(**values), self.ask.format(**values)

    def render(self, task: ReadingTask) -> str:
        """The prompt of a task without the header."""
        return "".join(self.parts(task))


@dataclass(slots=True)
class _Hypothesis:
    """An answer begun: its sequence in the context, its places, its log probability."""

    sequence: int
    places: Places
    logprob: float
    n_tokens: int
    logprobs: Logits


@dataclass(slots=True)
class _Search:
    """The beam of one task."""

    passage: PassageBytes
    position: int
    n_prompt: int
    beam: list[_Hypothesis] = field(default_factory=list)
    done: list[SpanCandidate] = field(default_factory=list)
    not_stated: float = 0.0


class LlamaSpanReader:
    """Reads passages with a llama.cpp model.

    Args:
        path: a GGUF file.
        prompt: the wording.
        adapter: a LoRA adapter trained for it, or None.
        name: shown with the answer.
        n_parallel: passages read at once.
        beam: hypotheses kept for each passage.
        max_answer_tokens: an answer is at most so long.
        n_ctx: cells for all passages read at once.
    """

    def __init__(
        self,
        path: Path,
        *,
        prompt: SpanPrompt,
        name: str,
        adapter: Path | None = None,
        n_parallel: int = 4,
        beam: int = 3,
        max_answer_tokens: int = 32,
        n_ctx: int = 4096,
        n_threads: int | None = None,
    ) -> None:
        self._name = name
        self._prompt = prompt
        self._n_parallel = n_parallel
        self._width = beam
        self._max_answer = max_answer_tokens
        # Sequence 0 is the header; each task has one for its prompt, two sets of beams, one for
        # "not stated".
        self._per_task = 2 * beam + 2
        self._session = LlamaSession(
            path,
            n_ctx=n_ctx,
            n_seq=1 + n_parallel * self._per_task,
            adapter=adapter,
            n_threads=n_threads,
        )
        session = self._session
        pieces = [session.piece(token) for token in range(session.n_vocab)]
        self._table = PieceTable(pieces)
        self._ends = np.array(
            [i for i, p in enumerate(pieces) if p.startswith(b"\n") or session.is_end(i)]
        )
        self._not_stated = session.tokenize(NOT_STATED)
        self._header = session.tokenize(prompt.header)
        self._header_read = False

    @property
    def name(self) -> str:
        """Name shown with the answer."""
        return self._name

    def prompt(self, task: ReadingTask) -> str:
        """The exact text of a task's prompt, its fixed header included."""
        return self._prompt.header + self._prompt.render(task)

    def read(self, tasks: Sequence[ReadingTask]) -> list[Reading]:
        """One reading a task, in order.

        Raises:
            ModelError: a passage with its question is too long for the context.
        """
        readings: list[Reading] = []
        with self._session.lock:
            self._read_header()
            for group in self._grouped(tasks):
                readings.extend(self._read_group(group))
        return readings

    def close(self) -> None:
        """Give the memory back."""
        self._session.close()

    # -- preparing ----------------------------------------------------------------------------

    def _read_header(self) -> None:
        if not self._header_read and self._header:
            self._session.clear()
            self._session.decode(list(prompt_rows(self._header, 0)))
        self._header_read = True

    def _grouped(self, tasks: Sequence[ReadingTask]) -> list[list[tuple[ReadingTask, list[int]]]]:
        """Tasks with their tokens, in groups that fit the context together."""
        room = self._session.n_ctx - len(self._header)
        answer = (self._width * 2 + 1) * self._max_answer
        groups: list[list[tuple[ReadingTask, list[int]]]] = [[]]
        used = 0
        for task in tasks:
            tokens = [
                token for part in self._prompt.parts(task) for token in self._session.tokenize(part)
            ]
            need = len(tokens) + answer
            if need > room:
                raise ModelError(
                    f"A passage and its question have {len(tokens)} tokens; the reader has room "
                    f"for {room - answer}. Ask a shorter question."
                )
            if groups[-1] and (used + need > room or len(groups[-1]) == self._n_parallel):
                groups.append([])
                used = 0
            groups[-1].append((task, tokens))
            used += need
        return [group for group in groups if group]

    # -- reading ------------------------------------------------------------------------------

    def _read_group(self, group: Sequence[tuple[ReadingTask, list[int]]]) -> list[Reading]:
        session = self._session
        rows: list[tuple[int, int, int, bool]] = []
        start = len(self._header)
        for slot, (_, tokens) in enumerate(group):
            if start:
                session.copy_sequence(0, self._sequence(slot, 0))
            rows.extend(prompt_rows(tokens, self._sequence(slot, 0), start=start))
        try:
            first = session.decode(rows)
            searches = [
                self._begin(slot, task, start + len(tokens), len(tokens), logits)
                for slot, ((task, tokens), logits) in enumerate(zip(group, first, strict=True))
            ]
            self._search(searches)
        finally:
            for slot in range(len(group)):
                for part in range(self._per_task):
                    session.drop_sequence(self._sequence(slot, part))
        return [
            Reading(
                spans=_best_of_each(s.done),
                not_stated_logprob=s.not_stated,
                n_prompt_tokens=s.n_prompt,
            )
            for s in searches
        ]

    def _sequence(self, slot: int, part: int) -> int:
        return 1 + slot * self._per_task + part

    def _begin(
        self, slot: int, task: ReadingTask, position: int, n_prompt: int, logits: Logits
    ) -> _Search:
        passage = PassageBytes(task.passage)
        whole = self._sequence(slot, 0)
        begun = _Hypothesis(whole, passage.beginning(), 0.0, 0, log_softmax(logits))
        return _Search(passage, position, n_prompt, beam=[begun])

    def _search(self, searches: Sequence[_Search]) -> None:
        """Beam search of all tasks, step by step in common batches."""
        self._score_not_stated(searches)
        for step in range(self._max_answer):
            rows: list[tuple[int, int, int, bool]] = []
            for slot, search in enumerate(searches):
                search.beam = self._grow(slot, search, step, rows)
            if not rows:
                return
            logits = iter(self._session.decode(rows))
            for search in searches:
                for hypothesis in search.beam:
                    hypothesis.logprobs = log_softmax(next(logits))
        for search in searches:
            for hypothesis in search.beam:
                self._finish(search, hypothesis)

    def _score_not_stated(self, searches: Sequence[_Search]) -> None:
        """The likelihood of the refusal, tokens and end mark, for every task in one batch."""
        rows: list[tuple[int, int, int, bool]] = []
        for slot, search in enumerate(searches):
            sequence = self._sequence(slot, self._per_task - 1)
            self._session.copy_sequence(self._sequence(slot, 0), sequence)
            rows.extend(
                (token, search.position + i, sequence, True)
                for i, token in enumerate(self._not_stated)
            )
        logits = iter(self._session.decode(rows))
        for search in searches:
            logprobs = search.beam[0].logprobs
            for token in self._not_stated:
                search.not_stated += float(logprobs[token])
                logprobs = log_softmax(next(logits))
            search.not_stated += self._end_logprob(logprobs)

    def _end_logprob(self, logprobs: Logits) -> float:
        """Natural-log probability that the answer ends here: a line break or an end mark."""
        return float(np.logaddexp.reduce(logprobs[self._ends]))

    def _grow(
        self, slot: int, search: _Search, step: int, rows: list[tuple[int, int, int, bool]]
    ) -> list[_Hypothesis]:
        """End what can end, keep the best continuations, and queue their tokens."""
        session = self._session
        candidates: list[tuple[float, int, Places, _Hypothesis]] = []
        for hypothesis in search.beam:
            self._finish(search, hypothesis)
            for token, places in self._table.followers(search.passage, hypothesis.places).items():
                logprob = hypothesis.logprob + float(hypothesis.logprobs[token])
                candidates.append((logprob, token, places, hypothesis))
        candidates.sort(key=lambda c: (-c[0], c[1]))
        best_done = sorted((c.logprob for c in search.done), reverse=True)[: self._width]
        floor = best_done[-1] if len(best_done) == self._width else float("-inf")
        kept = [c for c in candidates[: self._width] if c[0] > floor]
        # Beams alternate between two sets of sequences, so that one parent may have many children.
        first = 1 + (step % 2) * self._width
        grown = []
        for i, (logprob, token, places, parent) in enumerate(kept):
            sequence = self._sequence(slot, first + i)
            session.drop_sequence(sequence)
            session.copy_sequence(parent.sequence, sequence)
            rows.append((token, search.position + step, sequence, True))
            grown.append(
                _Hypothesis(sequence, places, logprob, parent.n_tokens + 1, parent.logprobs)
            )
        return grown

    def _finish(self, search: _Search, hypothesis: _Hypothesis) -> None:
        span = finished(search.passage, hypothesis.places)
        if span is None:
            return
        logprob = hypothesis.logprob + self._end_logprob(hypothesis.logprobs)
        search.done.append(SpanCandidate(*span, logprob, hypothesis.n_tokens + 1))


def _best_of_each(done: Sequence[SpanCandidate]) -> tuple[SpanCandidate, ...]:
    """Best first, each span once: the same words can be written with different tokens."""
    best: dict[tuple[int, int], SpanCandidate] = {}
    for candidate in sorted(done, key=lambda c: (-c.logprob, c.start)):
        best.setdefault((candidate.start, candidate.end), candidate)
    return tuple(best.values())
