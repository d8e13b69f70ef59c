"""A writing language model on llama.cpp: chat template, streaming, budget, lock."""

import codecs
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from models.errors import ModelError
from models.llama import LlamaSession, prompt_rows
from models.protocols import GeneratorProfile, Message

# Stands for a message's content while the template is rendered, so that content and marks can be
# tokenised apart. Private-use characters do not occur in templates.
_SLOT = "\ue000{}\ue001"
_SLOT_PATTERN = re.compile("\ue000(\\d+)\ue001")
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

    def prompt(self, messages: Sequence[Message]) -> str:
        """The rendered chat prompt as text: the template's marks and every message's content."""
        parts = _SLOT_PATTERN.split(self._render_slots(messages))
        return "".join(messages[int(p)].content if i % 2 else p for i, p in enumerate(parts))

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()
    ) -> Iterator[str]:
        """Write an answer piece by piece; closing the iterator stops the model.

        Raises:
            ModelError: prompt and `max_tokens` do not fit into `context_tokens`.
        """
        rendered = self._render_slots(messages)
        tokens = self._tokens(rendered, messages)
        if len(tokens) + max_tokens > self.context_tokens:
            raise ModelError(
                f"The prompt has {len(tokens)} tokens and the answer may have {max_tokens}; "
                f"{self._name} holds {self.context_tokens}. Use fewer passages or a shorter answer."
            )
        opened = _opened_thought(_SLOT_PATTERN.split(rendered)[-1], self._profile.strip)
        return self._write(tokens, max_tokens, tuple(stop), opened)

    def open(self) -> None:
        """Open the model now, so that what is wrong with it or its chat template is known.

        Raises:
            ModelError: it cannot be loaded, or its template cannot be used.
        """
        self.count_messages([Message("system", "Answer."), Message("user", "Hello.")])

    def close(self) -> None:
        """Give the memory back; the next call opens the model again."""
        with self._opening:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    @property
    def _session(self) -> LlamaSession:
        with self._opening:
            if self._opened is None:
                self._opened = LlamaSession(
                    self._path, n_ctx=self._wanted_context, n_threads=self._n_threads
                )
            return self._opened

    def _write(
        self, tokens: list[int], max_tokens: int, stop: tuple[str, ...], opened: str
    ) -> Iterator[str]:
        session = self._session
        if opened:
            yield opened
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        held = ""
        with session.lock:
            session.clear()
            logits = session.decode(list(prompt_rows(tokens, 0)))[0]
            for step in range(max_tokens):
                token = int(logits.argmax())
                if session.is_end(token):
                    break
                held += decoder.decode(session.piece(token, special=self._is_mark(token)))
                held, ready, stopped = _cut_at_stop(held, stop)
                if ready:
                    yield ready
                if stopped:
                    return
                if step + 1 < max_tokens:
                    logits = session.decode([(token, len(tokens) + step, 0, True)])[0]
        if held:
            yield held

    def _is_mark(self, token: int) -> bool:
        """Whether a token belongs to the marks of thinking.

        Some models have control tokens for them (`<|channel|>` of gpt-oss). Written without them,
        the thinking could not be told from the answer.
        """
        text = self._session.token_text(token)
        return bool(text) and any(text in mark for pair in self._profile.strip for mark in pair)

    def _prompt(self, messages: Sequence[Message]) -> list[int]:
        """Tokens of the prompt: the template's marks as marks, the content as plain text."""
        return self._tokens(self._render_slots(messages), messages)

    def _render_slots(self, messages: Sequence[Message]) -> str:
        """The prompt with a slot for the content of each message."""
        return self._render([_SLOT.format(i) for i in range(len(messages))], messages)

    def _tokens(self, rendered: str, messages: Sequence[Message]) -> list[int]:
        session = self._session
        tokens: list[int] = []
        for i, part in enumerate(_SLOT_PATTERN.split(rendered)):
            # Split at a pattern with one group: text and slot numbers in turn.
            if i % 2:
                tokens += session.tokenize(messages[int(part)].content)
            else:
                tokens += session.tokenize(part, special=True)
        if session.wants_begin_token and tokens[:1] != [session.begin_token]:
            tokens.insert(0, session.begin_token)
        return tokens

    def _render(self, contents: Sequence[str], messages: Sequence[Message]) -> str:
        """The chat prompt with `contents` in place of the messages' own.

        Raises:
            ModelError: the template of the model file does not take such a conversation.
        """
        from jinja2 import TemplateError

        turns = [
            {"role": message.role, "content": content}
            for message, content in zip(messages, contents, strict=True)
        ]
        problem = "it leaves messages out"
        for tried in (turns, _without_system(turns)):
            try:
                rendered = self._rendered(tried)
            except (TemplateError, ValueError) as error:
                problem = str(error)
                continue
            if all(content in rendered for content in contents):
                return rendered
        raise ModelError(f"The chat template of {self._name} cannot be used: {problem}.")

    def _rendered(self, turns: Sequence[Mapping[str, str]]) -> str:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        session = self._session
        formatter = Jinja2ChatFormatter(
            template=session.metadata("tokenizer.chat_template") or _FALLBACK_TEMPLATE,
            eos_token=session.token_text(session.end_token),
            bos_token=session.token_text(session.begin_token),
        )
        # Thinking costs minutes on a laptop, and the passages need little of it. Templates that
        # know the one switch (Qwen, SmolLM, Gemma) or the other (gpt-oss) use it; others ignore it.
        prompt = formatter(
            messages=list(turns), enable_thinking=False, reasoning_effort="low"
        ).prompt
        return str(prompt)


def _without_system(turns: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """The system turn's words in the first user turn, for templates that know no system turn."""
    system = [turn["content"] for turn in turns if turn["role"] == "system"]
    others = [dict(turn) for turn in turns if turn["role"] != "system"]
    if system and others:
        others[0]["content"] = "\n\n".join([*system, others[0]["content"]])
    return list(others)


def _opened_thought(tail: str, strip: Sequence[tuple[str, str]]) -> str:
    """The mark of thinking that the prompt's end has opened for the model; empty for none.

    Such a model writes the end mark only, and its thinking would be taken for the answer until then.
    """
    last = max(((tail.rfind(start), start, end) for start, end in strip), default=(-1, "", ""))
    at, start, end = last
    return start if at >= 0 and end not in tail[at:] else ""


def _cut_at_stop(held: str, stop: Sequence[str]) -> tuple[str, str, bool]:
    """(still held back, ready to be shown, stopped): text that may begin a stop word is held."""
    found = [held.index(word) for word in stop if word in held]
    if found:
        return "", held[: min(found)], True
    longest = max((len(word) for word in stop), default=1) - 1
    for size in range(min(longest, len(held)), 0, -1):
        if any(word.startswith(held[-size:]) for word in stop):
            return held[-size:], held[:-size], False
    return "", held, False
