"""A model behind an OpenAI-compatible address: llama-server, vLLM, Ollama, LM Studio, or a paid service.

What is sent are questions and passages of the documents: they leave this process, and this machine where
the address is not on it. So redirects are not followed, and a server on this machine is never reached
through a proxy; `models.addresses` says which addresses may be used.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import httpx2

from models.addresses import check_url, is_local
from models.errors import ModelError
from models.packaged import starter_gguf
from models.protocols import GeneratorProfile, Message, TokenCounter
from models.registered import Address

# A server on a laptop reads a long prompt for minutes before its first word.
_TIMEOUT = httpx2.Timeout(10.0, read=600.0)
_MAX_ERROR_CHARS = 300
# Template marks around each message, counted generously.
_MESSAGE_TOKENS = 8


class RemoteGenerator:
    """Writes answers with a model on a server; the most probable word each time.

    Args:
        address: where it is.
        context_tokens: the most tokens of prompt and answer together, unless the server states fewer.
        profile: how to use the model.
        counter: estimates tokens; by default the starter's vocabulary, which is smaller than that of
            most models and so counts rather too many than too few.
    """

    def __init__(
        self,
        address: Address,
        *,
        context_tokens: int = 4096,
        profile: GeneratorProfile | None = None,
        counter: TokenCounter | None = None,
    ) -> None:
        self._address = address
        self._url = check_url(address.url, anyway=address.anyway)
        self._context = min(context_tokens, address.context_tokens or context_tokens)
        self._profile = profile or GeneratorProfile(reader="compose")
        self._given_counter = counter
        self._client: httpx2.Client | None = None

    @property
    def name(self) -> str:
        """Name shown with the answer; it says where the answer was written."""
        return f"{self._address.model} at {httpx2.URL(self._url).netloc.decode('ascii')}"

    @property
    def profile(self) -> GeneratorProfile:
        """How to use this model."""
        return self._profile

    @property
    def context_tokens(self) -> int:
        """The most tokens of prompt and answer together."""
        return self._context

    def count(self, text: str) -> int:
        """Number of tokens of `text`, an estimate."""
        return self._counter.count(text)

    def count_messages(self, messages: Sequence[Message]) -> int:
        """Tokens of the chat prompt, an estimate."""
        return sum(self.count(message.content) + _MESSAGE_TOKENS for message in messages)

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()
    ) -> Iterator[str]:
        """Write an answer piece by piece; closing the iterator ends the connection.

        Raises:
            ModelError: prompt and `max_tokens` do not fit; or, while it is read, the server cannot be
                reached, refuses, or ends in the middle.
        """
        n_prompt = self.count_messages(messages)
        if n_prompt + max_tokens > self.context_tokens:
            raise ModelError(
                f"The prompt has about {n_prompt} tokens and the answer may have {max_tokens}; "
                f"{self._address.name} holds {self.context_tokens}. Use fewer passages or a shorter answer."
            )
        body: dict[str, Any] = {
            "model": self._address.model,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
        }
        return self._write(body | ({"stop": list(stop)[:4]} if stop else {}))

    def open(self) -> None:
        """Ask the server for its models, so that a wrong address or key is noticed now.

        Raises:
            ModelError: it cannot be reached, or refuses.
        """
        self.models()

    def models(self) -> list[dict[str, Any]]:
        """What the server says of its models; empty where it knows no such list.

        Raises:
            ModelError: it cannot be reached, or refuses.
        """
        try:
            answer = self._opened.get(f"{self._url}/models", headers=self._headers(), timeout=20.0)
        except httpx2.TransportError as error:
            raise self._unreachable(error) from error
        if answer.status_code in (404, 405, 501):
            return []
        self._check(answer)
        try:
            listed = answer.json()["data"]
            return [model for model in listed if isinstance(model, dict)]
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{self._url} answers, but not as an OpenAI-compatible server does. The address mostly "
                "ends in /v1."
            ) from error

    def close(self) -> None:
        """End the connections; the next call opens new ones."""
        if self._client is not None:
            self._client.close()
            self._client = None

    @property
    def _opened(self) -> httpx2.Client:
        if self._client is None:
            # The variables that name proxies count for other machines only.
            local = is_local(httpx2.URL(self._url).host)
            self._client = httpx2.Client(
                timeout=_TIMEOUT, follow_redirects=False, trust_env=not local
            )
        return self._client

    @cached_property
    def _counter(self) -> TokenCounter:
        from models.tokens import token_counter

        return self._given_counter or token_counter(starter_gguf())

    def _write(self, body: Mapping[str, Any]) -> Iterator[str]:
        ended = False
        try:
            with self._opened.stream(
                "POST", f"{self._url}/chat/completions", json=body, headers=self._headers()
            ) as answer:
                if answer.status_code != 200:
                    answer.read()
                    self._check(answer)
                for line in answer.iter_lines():
                    piece, ends = self._piece(line)
                    ended = ended or ends
                    if piece:
                        yield piece
        except httpx2.TransportError as error:
            if ended:
                return
            raise self._unreachable(error) from error
        if not ended:
            raise ModelError(
                f"{self._url} ended in the middle of its answer. Ask again; if it stays so, look into "
                "the server's log."
            )

    def _piece(self, line: str) -> tuple[str, bool]:
        """(text to be shown, whether the answer ends here) of one line of the stream.

        Thinking that servers send apart (`reasoning_content`) is left out.
        """
        if not line.startswith("data:"):
            return "", False
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return "", True
        try:
            event = json.loads(data)
            if "error" in event:
                raise ModelError(f"{self._url} failed: {self._told(event)}")
            choices = event.get("choices") or [{}]
            content = (choices[0].get("delta") or {}).get("content")
            return str(content or ""), choices[0].get("finish_reason") is not None
        except (ValueError, AttributeError, TypeError, KeyError, IndexError) as error:
            raise ModelError(
                f"{self._url} sent a line that cannot be understood: {data[:80]!r}."
            ) from error

    def _headers(self) -> dict[str, str]:
        if self._address.key_env is None:
            return {}
        key = os.environ.get(self._address.key_env, "").strip()
        if not key:
            raise ModelError(
                f"{self._url} needs the key in the environment variable {self._address.key_env}, "
                "which is not set."
            )
        return {"Authorization": f"Bearer {key}"}

    def _check(self, answer: httpx2.Response) -> None:
        status = answer.status_code
        if status == 200:
            return
        try:
            told = self._told(answer.json())
        except ValueError:
            told = self._told(answer.text)
        if status in (401, 403):
            name = self._address.key_env
            hint = (
                f"Check the key in {name}."
                if name
                else "It wants a key: add it with --key-env NAME."
            )
        elif status in (404, 405) or answer.is_redirect:
            hint = "Check the address (it mostly ends in /v1) and the model's name."
        elif status == 429:
            hint = "It asks for a pause, or the account is used up."
        else:
            hint = "Look into the server's log."
        raise ModelError(f"{self._url} refuses (status {status}): {told} {hint}")

    def _told(self, said: Any) -> str:
        """What a server says of its failure, in one line, without the key."""
        if isinstance(said, dict):
            said = said.get("error", said.get("detail", said))
            said = said.get("message", said) if isinstance(said, dict) else said
        text = " ".join(str(said).split())
        key = os.environ.get(self._address.key_env or "", "").strip()
        text = text.replace(key, "…") if key else text
        text = text[:_MAX_ERROR_CHARS]
        return f"{text or 'nothing more'}{'' if text.endswith('.') else '.'}"

    def _unreachable(self, error: Exception) -> ModelError:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return ModelError(
            f"{self._url} cannot be reached or broke off ({reason}). Is the server running?"
        )
