"""llama.cpp behind two small things: a session that decodes many sequences, and a generator.

`LlamaSession` is the only place that touches the C interface: tokens in, logits out. The span
reader (`models/spans.py`) and the generator below both stand on it. llama.cpp's context is not
thread-safe, so a session is locked while it is used.
"""

import ctypes
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.llama_log import route_llama_log
from models.threads import wait_patiently
from models.tokens import without_surrogates

Logits = NDArray[np.float32]


class SessionLock:
    """One user of a session at a time; any thread may give it back.

    An answer that is being streamed holds it between two words, and the iterator may be closed in
    another thread than the one that began. A reentrant lock would let the same thread begin a second
    answer in the middle of the first, and both would be nonsense.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: int | None = None

    def __enter__(self) -> None:
        """Wait for the session.

        Raises:
            ModelError: this very thread holds it, so that waiting would never end.
        """
        here = threading.get_ident()
        if not self._lock.acquire(blocking=self._owner != here):
            raise ModelError(
                "This model is still writing another answer for the same caller; finish or close "
                "that one first."
            )
        self._owner = here

    def __exit__(self, *_: object) -> None:
        self._owner = None
        self._lock.release()

    def locked(self) -> bool:
        """Whether somebody holds it."""
        return self._lock.locked()


class LlamaSession:
    """A model and one context with room for many sequences.

    Args:
        path: a GGUF file.
        n_ctx: cells for all sequences together.
        n_seq: sequences at once.
        adapter: a LoRA adapter in GGUF, or None.
        n_threads: threads; all cores by default.

    Raises:
        ModelError: the file or the adapter cannot be loaded.
    """

    def __init__(
        self,
        path: Path,
        *,
        n_ctx: int,
        n_seq: int = 1,
        adapter: Path | None = None,
        n_threads: int | None = None,
    ) -> None:
        wait_patiently()
        import llama_cpp  # slow to import, and not needed for `--help`

        route_llama_log()
        self._c = llama_cpp
        self.path = path
        self.lock = SessionLock()
        self.n_batch = min(n_ctx, 1024)
        llama_cpp.llama_backend_init()
        parameters = llama_cpp.llama_model_default_params()
        parameters.n_gpu_layers = 0
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
        if not self._model:
            raise ModelError(f"llama.cpp cannot load {path}. Is it a whole GGUF model file?")
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self.n_vocab = int(llama_cpp.llama_vocab_n_tokens(self._vocab))
        self.n_ctx = n_ctx
        self._context: Any = None
        try:
            self._context = self._new_context(n_ctx, n_seq, n_threads or os.cpu_count() or 1)
            self._memory = llama_cpp.llama_get_memory(self._context)
            self._batch = llama_cpp.llama_batch_init(self.n_batch, 0, 1)
            self._adapter = self._set_adapter(adapter) if adapter is not None else None
        except ModelError:
            self.close()
            raise

    def _new_context(self, n_ctx: int, n_seq: int, n_threads: int) -> Any:
        parameters = self._c.llama_context_default_params()
        parameters.n_ctx = n_ctx
        parameters.n_batch = self.n_batch
        parameters.n_ubatch = min(self.n_batch, 512)
        parameters.n_seq_max = n_seq
        parameters.n_threads = n_threads
        parameters.n_threads_batch = n_threads
        # One pool of cells for all sequences: copying a shared prefix then costs nothing.
        parameters.kv_unified = True
        context = self._c.llama_init_from_model(self._model, parameters)
        if not context:
            raise ModelError(
                f"llama.cpp has no memory for a context of {n_ctx} tokens of {self.path.name}. "
                "Close other programs, or choose a smaller model."
            )
        return context

    def _set_adapter(self, path: Path) -> Any:
        adapter = self._c.llama_adapter_lora_init(self._model, str(path).encode())
        if not adapter:
            raise ModelError(f"llama.cpp cannot load the adapter {path} over {self.path.name}.")
        adapters = (type(adapter) * 1)(adapter)
        self._c.llama_set_adapters_lora(self._context, adapters, 1, (ctypes.c_float * 1)(1.0))
        return adapter

    # -- text and tokens ----------------------------------------------------------------------

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Tokens of a text.

        Document text always goes through with `special` off, so that a mark such as `<|im_end|>`
        in a file is text and not an order to the model.
        """
        data = without_surrogates(text).encode()
        room = len(data) + 8
        tokens = (self._c.llama_token * room)()
        n = self._c.llama_tokenize(self._vocab, data, len(data), tokens, room, False, special)
        if n < 0:
            raise ModelError(f"{self.path.name}: {len(data)} bytes could not be tokenised.")
        return list(tokens[:n])

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """The bytes a token stands for; empty for control tokens unless `special`."""
        room = 256
        buffer = ctypes.create_string_buffer(room)
        n = self._c.llama_token_to_piece(self._vocab, token, buffer, room, 0, special)
        return buffer.raw[: max(n, 0)]

    def is_end(self, token: int) -> bool:
        """Whether a token ends generation."""
        return bool(self._c.llama_vocab_is_eog(self._vocab, token))

    def token_text(self, token: int) -> str:
        """A token as the vocabulary writes it, control tokens included; empty for no token."""
        if token < 0:
            return ""
        text: bytes = self._c.llama_vocab_get_text(self._vocab, token)
        return text.decode("utf-8", "replace")

    @property
    def begin_token(self) -> int:
        """The mark that stands before every text; -1 where the model has none."""
        return int(self._c.llama_vocab_bos(self._vocab))

    @property
    def end_token(self) -> int:
        """The mark that ends a text; -1 where the model has none."""
        return int(self._c.llama_vocab_eos(self._vocab))

    @property
    def wants_begin_token(self) -> bool:
        """Whether the model was trained with its begin mark before every prompt."""
        return bool(self._c.llama_vocab_get_add_bos(self._vocab))

    def metadata(self, key: str) -> str | None:
        """A value of the model file's header."""
        room = 1 << 16
        buffer = ctypes.create_string_buffer(room)
        n = self._c.llama_model_meta_val_str(self._model, key.encode(), buffer, room)
        return None if n < 0 else buffer.value.decode("utf-8", "replace")

    @property
    def n_ctx_train(self) -> int:
        """The context the model was trained for."""
        return int(self._c.llama_model_n_ctx_train(self._model))

    # -- decoding -----------------------------------------------------------------------------

    def decode(self, rows: Sequence[tuple[int, int, int, bool]]) -> list[Logits]:
        """Run tokens through the model.

        Args:
            rows: (token, position, sequence, wants logits) each.

        Returns:
            Logits, shape (n_vocab,), float32, of the rows that want them, in order.

        Raises:
            ModelError: the cells are used up.
        """
        wanted: list[Logits] = []
        for first in range(0, len(rows), self.n_batch):
            chunk = rows[first : first + self.n_batch]
            self._fill(chunk)
            status = self._c.llama_decode(self._context, self._batch)
            if status != 0:
                raise ModelError(
                    f"llama.cpp could not decode {len(chunk)} tokens (status {status}); the "
                    f"context holds {self.n_ctx} tokens."
                )
            for i, row in enumerate(chunk):
                if row[3]:
                    pointer = self._c.llama_get_logits_ith(self._context, i)
                    wanted.append(np.ctypeslib.as_array(pointer, shape=(self.n_vocab,)).copy())
        return wanted

    def _fill(self, rows: Sequence[tuple[int, int, int, bool]]) -> None:
        batch = self._batch
        batch.n_tokens = len(rows)
        for i, (token, position, sequence, wants) in enumerate(rows):
            batch.token[i] = token
            batch.pos[i] = position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = sequence
            batch.logits[i] = wants

    def copy_sequence(self, source: int, target: int) -> None:
        """Let `target` begin with all that `source` holds; costs no computation."""
        self._c.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def drop_sequence(self, sequence: int, *, start: int = 0) -> None:
        """Forget a sequence from position `start` on."""
        self._c.llama_memory_seq_rm(self._memory, sequence, start, -1)

    def clear(self) -> None:
        """Forget all sequences."""
        self._c.llama_memory_clear(self._memory, False)

    def close(self) -> None:
        """Give the memory back; a second call does nothing."""
        with self.lock:
            if self._context is not None:
                self._c.llama_batch_free(self._batch)
                self._c.llama_free(self._context)
            if self._model is not None:
                self._c.llama_model_free(self._model)
            self._context = self._model = None


def prompt_rows(
    tokens: Sequence[int], sequence: int, *, start: int = 0
) -> Iterator[tuple[int, int, int, bool]]:
    """Rows for `LlamaSession.decode`: all tokens of a prompt, logits for the last one."""
    last = len(tokens) - 1
    for i, token in enumerate(tokens):
        yield token, start + i, sequence, i == last


def log_softmax(logits: Logits) -> Logits:
    """Natural-log probabilities, shape as given, float32."""
    shifted = logits - logits.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()), dtype=np.float32)
