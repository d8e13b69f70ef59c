"""The compose reader: prose of a capable model, every sentence held to its passages.

The model is asked to put the number of its passage behind every sentence. Nothing it says is taken
on trust: numbers that were not given are dropped, a sentence without a footnote gets one only if a
passage holds its words, and otherwise it is not shown.
"""

import logging
import math
from collections.abc import Iterator, Sequence
from functools import partial

from index.library import Library
from models.errors import ModelError
from models.protocols import Generator, Message
from rag.checked_writing import Check, CheckedWriter
from rag.citing import Citer
from rag.drafts import Draft, Reading, close_model, open_model
from rag.numbered import Numbered, in_prompt, support_of
from rag.prompts import chat_prompt, compose_messages
from rag.support import SupportJudge
from rag.tracer import NO_TRACE, Tracer
from rag.types import Event

_LOG = logging.getLogger(__name__)
# A model that thinks may write so many times the tokens of an answer.
_THINKING = 4


class ComposeReader:
    """Answers in prose.

    Args:
        generator: the model that writes.
        library: for footnotes.
        answer_tokens: an answer is at most so long.
        judge: of the sentences written; without one their words alone are compared.

    Attributes:
        judge: the same.
    """

    name = "compose"

    def __init__(
        self,
        generator: Generator,
        library: Library,
        *,
        answer_tokens: int = 400,
        judge: SupportJudge | None = None,
    ) -> None:
        self.judge = judge
        self._generator = generator
        self._library = library
        self._answer_tokens = answer_tokens

    @property
    def generator(self) -> str:
        """Name of the model that writes."""
        return self._generator.name

    def answer(self, reading: Reading, draft: Draft) -> Iterator[Event]:
        """Fill the draft; see `rag.drafts.Reader`.

        Raises:
            ModelError: not even one passage fits into the model's context.
        """
        numbered = self._fit(reading, draft)
        if not numbered:
            return
        yield Event("step", f"Reading {len(numbered)} passages")
        question = reading.question.text
        yield from self.write(
            compose_messages(question, in_prompt(numbered)),
            numbered,
            reading.citer,
            draft,
            check=partial(support_of, judge=self.judge, question=question),
            tracer=reading.tracer,
        )
        reading.tracer.weighed("writing", draft.confidence, 0.0)

    def fits(self, messages: Sequence[Message]) -> bool:
        """Whether a prompt leaves room for an answer in the model's context."""
        room = self._generator.context_tokens - self._answer_tokens
        return self._generator.count_messages(messages) <= room

    def write(
        self,
        messages: Sequence[Message],
        numbered: Sequence[Numbered],
        citer: Citer,
        draft: Draft,
        *,
        check: Check,
        asking: bool = False,
        deadline: float = math.inf,
        tracer: Tracer = NO_TRACE,
    ) -> Iterator[Event]:
        """Fill the draft with what the model writes; yields "text" and "sentence" events.

        Args:
            messages: the prompt, one that `fits`.
            numbered: the passages in it; no other is cited.
            citer: makes the footnotes.
            draft: gets the sentences, each checked.
            check: whether the passages that a sentence cites hold it.
            asking: the model writes questions, which are otherwise no sentences.
            deadline: by `time.monotonic`; what comes later is not listened to.
            tracer: told what the model wrote.

        Raises:
            ModelError: the model cannot be used, or breaks off.
        """
        n_prompt = draft.tokens["prompt"] = self._generator.count_messages(messages)
        # Thinking comes on top of the answer, as far as the context goes.
        room = min(self._generator.context_tokens - n_prompt, _THINKING * self._answer_tokens)
        pieces = self._generator.stream(messages, max_tokens=room)
        writer = CheckedWriter(
            draft, numbered, citer, count=self._generator.count, check=check, asking=asking
        )
        try:
            yield from writer.follow(
                pieces,
                self._generator.profile.strip,
                max_tokens=self._answer_tokens,
                room=room,
                deadline=deadline,
            )
        finally:
            # Left early, a model goes on holding its lock until its iterator is closed.
            close_model(pieces)
        draft.tokens["answer"] = self._generator.count(writer.raw)
        tracer.wrote(
            [item.hit for item in numbered],
            lambda: chat_prompt(self._generator, messages),
            n_prompt,
            writer.raw,
        )
        if writer.is_thinking:
            _LOG.warning(
                "%s had not ended its thinking after %d tokens. Set larger answer_tokens, or use a "
                "model that does not think.",
                self._generator.name,
                draft.tokens["answer"],
            )
        writer.conclude()

    def open(self) -> None:
        """Open the model now; see `rag.drafts.Reader`."""
        open_model(self._generator)

    def close(self) -> None:
        """Give the model's memory back."""
        close_model(self._generator)

    def _fit(self, reading: Reading, draft: Draft) -> list[Numbered]:
        """As many passages as the context holds, most relevant first; the others are named."""
        taken: list[Numbered] = []
        for hit in reading.hits:
            tried = [*taken, Numbered(len(taken) + 1, hit)]
            if not self.fits(compose_messages(reading.question.text, in_prompt(tried))):
                draft.left_out[hit.passage.id] = "no room left in the model's context"
                continue
            taken = tried
            draft.read.add(hit.passage.id)
        if reading.hits and not taken:
            raise ModelError(
                f"Not one passage fits into the context of {self._generator.name}: it holds "
                f"{self._generator.context_tokens} tokens, {self._answer_tokens} of them for the "
                "answer. Set a larger context_tokens or smaller answer_tokens."
            )
        return taken
