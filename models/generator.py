"""A writing language model on llama.cpp: chat template, streaming, budget, lock."""

import codecs
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from models.errors import ModelError
from models.llama import LlamaSession, prompt_rows
from models.protocols import GeneratorProfile, Message

# Stands for a message's content while the template is rendered, so that content and marks can be
# tokenised apart. Private-use characters do not occur in templates.
_SLOT = "\ue000{}\ue001"
_FALLBACK_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "assistant:"
)


class LlamaGenerator:
    """Writes answers with a GGUF model, always the most probable token.

    Args:
        path: a GGUF file.
        name: shown with the answer.
        profile: how to use this model.
        context_tokens: the most tokens of prompt and answer together.
        n_threads: threads; all cores by default.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        profile: GeneratorProfile | None = None,
        context_tokens: int = 4096,
        n_threads: int | None = None,
    ) -> None:
        self._name = name
        self._profile = profile or GeneratorProfile()
        self._path = path
        self._wanted_context = context_tokens
        self._n_threads = n_threads
        self._opened: LlamaSession | None = None
        self._opening = threading.Lock()

    @property
    def name(self) -> str:
        """Name shown with the answer."""
        return self._name

    @property
    def profile(self) -> GeneratorProfile:
        """How to use this model."""
        return self._profile

    @property
    def context_tokens(self) -> int:
        """The most tokens of prompt and answer together; never more than the model was trained for."""
        return min(self._wanted_context, self._session.n_ctx_train)

    def count(self, text: str) -> int:
        """Number of tokens of `text` as plain text."""
        return len(self._session.tokenize(text))

    def count_messages(self, messages: Sequence[Message]) -> int:
        """Tokens of the rendered chat prompt, marks of the template included."""
        return len(self._prompt(messages))

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()
    ) -> Iterator[str]:
        """Write an answer piece by piece; closing the iterator stops the model.

        Raises:
            ModelError: prompt and `max_tokens` do not fit into `context_tokens`.
        """
        tokens = self._prompt(messages)
        if len(tokens) + max_tokens > self.context_tokens:
            raise ModelError(
                f"The prompt has {len(tokens)} tokens and the answer may have {max_tokens}; "
                f"{self._name} holds {self.context_tokens}. Use fewer passages or a shorter answer."
            )
        return self._write(tokens, max_tokens, tuple(stop))

    @property
    def _session(self) -> LlamaSession:
        with self._opening:
            if self._opened is None:
                self._opened = LlamaSession(
                    self._path, n_ctx=self._wanted_context, n_threads=self._n_threads
                )
            return self._opened

    def _write(self, tokens: list[int], max_tokens: int, stop: tuple[str, ...]) -> Iterator[str]:
        session = self._session
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        held = ""
        with session.lock:
            session.clear()
            logits = session.decode(list(prompt_rows(tokens, 0)))[0]
            for step in range(max_tokens):
                token = int(logits.argmax())
                if session.is_end(token):
                    break
                held += decoder.decode(session.piece(token))
                held, ready, stopped = _cut_at_stop(held, stop)
                if ready:
                    yield ready
                if stopped:
                    return
                if step + 1 < max_tokens:
                    logits = session.decode([(token, len(tokens) + step, 0, True)])[0]
        if held:
            yield held

    def _prompt(self, messages: Sequence[Message]) -> list[int]:
        """Tokens of the prompt: the template's marks as marks, the content as plain text."""
        session = self._session
        rendered = self._render([_SLOT.format(i) for i in range(len(messages))], messages)
        tokens: list[int] = []
        rest = rendered
        for i, message in enumerate(messages):
            before, _, rest = rest.partition(_SLOT.format(i))
            tokens += session.tokenize(before, special=True)
            tokens += session.tokenize(message.content)
        return tokens + session.tokenize(rest, special=True)

    def _render(self, contents: Sequence[str], messages: Sequence[Message]) -> str:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        session = self._session
        formatter = Jinja2ChatFormatter(
            template=session.metadata("tokenizer.chat_template") or _FALLBACK_TEMPLATE,
            eos_token="",
            bos_token="",
        )
        turns = [
            {"role": message.role, "content": content}
            for message, content in zip(messages, contents, strict=True)
        ]
        return str(formatter(messages=turns, enable_thinking=False).prompt)


def _cut_at_stop(held: str, stop: Sequence[str]) -> tuple[str, str, bool]:
    """(still held back, ready to be shown, stopped): text that may begin a stop word is held."""
    for word in stop:
        if word in held:
            return "", held[: held.index(word)], True
    longest = max((len(word) for word in stop), default=1) - 1
    for size in range(min(longest, len(held)), 0, -1):
        if any(word.startswith(held[-size:]) for word in stop):
            return held[-size:], held[:-size], False
    return "", held, False
