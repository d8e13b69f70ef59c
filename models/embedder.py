"""Sentence-transformers behind the `Embedder` protocol, on the CPU, from local files.

It knows how a model wants its texts (prefixes, limit); it does not know what the texts are.
Torch and sentence-transformers are imported when the first text comes, so that a command that
embeds nothing starts at once.
"""

import json
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.errors import ModelError
from models.packaged import STARTER_EMBEDDER, starter_embedder_dir
from models.precision import computes_bf16
from models.protocols import FloatMatrix
from models.surrogates import without_surrogates
from models.threads import wait_patiently

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

_BGE = "Represent this sentence for searching relevant passages: "

# (part of the model's name, query prefix, passage prefix), first match wins. Only what the models'
# own pages say; a model that is not named here brings its prompts in its own configuration.
_PREFIXES: tuple[tuple[str, str, str], ...] = (
    ("all-minilm", "", ""),
    ("bge-m3", "", ""),
    ("bge-", _BGE, ""),
    ("snowflake-arctic-embed", _BGE, ""),
    ("e5-", "query: ", "passage: "),
    ("nomic-embed-text", "search_query: ", "search_document: "),
    ("embeddinggemma", "task: search result | query: ", "title: none | text: "),
)


def prefixes_for(name: str) -> tuple[str, str] | None:
    """Query and passage prefix of a known family of models, None for an unknown one."""
    lowered = name.lower()
    for part, query, passage in _PREFIXES:
        if part in lowered:
            return query, passage
    return None


class SentenceTransformerEmbedder:
    """A sentence-transformers model on the CPU; safe to share between threads.

    Vectors are float32 and L2-normalised. Questions are computed in float32, and do not depend (beyond
    1e-6) on what else is in the batch; passages too, except where the processor has instructions for
    bfloat16: there the matrices are multiplied in it, nearly three times as fast, and a passage's vector
    keeps a cosine of 0.9999 and more to the exact one. Texts beyond `max_tokens` are cut by the model;
    `count_tokens` tells beforehand.
    """

    def __init__(
        self,
        model: Path | str,
        *,
        name: str | None = None,
        allow_download: bool = False,
        revision: str | None = None,
        batch_size: int = 16,
    ) -> None:
        """Remember what to load; nothing is read yet.

        Args:
            model: a folder with the model's files, or a name on the model hub.
            name: name stored with the index; by default the folder's or the hub's.
            allow_download: let a hub name be fetched; otherwise only the local cache is used.
            revision: commit of a hub name.
            batch_size: texts computed together.
        """
        self._model_id = str(model)
        self._name = name or Path(model).name
        self._allow_download = allow_download
        self._revision = revision
        self._batch_size = batch_size
        self._load_lock = threading.Lock()
        # The tokenizer of a model is not safe to share between threads ("Already borrowed").
        self._encode_lock = threading.Lock()

    @classmethod
    def starter(
        cls, override: Path | None = None, *, cache_dir: Path | None = None
    ) -> "SentenceTransformerEmbedder":
        """The packaged all-MiniLM-L6-v2, verified; or the model in the folder `override`."""
        folder = starter_embedder_dir(override, cache_dir=cache_dir)
        return cls(folder, name=STARTER_EMBEDDER if override is None else None)

    @property
    def name(self) -> str:
        """Name stored with the index."""
        return self._name

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._loaded.get_embedding_dimension())

    @property
    def max_tokens(self) -> int:
        """The most tokens read of one text, special tokens and prefix included."""
        return int(self._loaded.max_seq_length)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as a passage: prefix and special tokens included, uncut."""
        prefix = self._prefixes[1]
        encodings = self._counter.encode_batch_fast(
            [prefix + without_surrogates(text) for text in texts]
        )
        return [len(encoding) for encoding in encodings]

    def embed_queries(self, texts: Sequence[str]) -> FloatMatrix:
        """Vectors of questions, shape (n, dim), float32, L2-normalised; (0, dim) for no texts."""
        return self._embed(self._prefixes[0], texts)

    def embed_passages(self, texts: Sequence[str]) -> FloatMatrix:
        """Vectors of passages, shape (n, dim), float32, L2-normalised; (0, dim) for no texts."""
        import torch

        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=computes_bf16()):
            return self._embed(self._prefixes[1], texts)

    def _embed(self, prefix: str, texts: Sequence[str]) -> FloatMatrix:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        # Texts of like length together waste no padding. The lock is held for one batch only, so
        # that a question is not kept waiting until a whole library has been embedded.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            with self._encode_lock:
                vectors[batch] = self._loaded.encode(
                    [prefix + without_surrogates(texts[i]) for i in batch],
                    # An empty prompt keeps the model's default prompt from being added on top.
                    prompt="",
                    batch_size=self._batch_size,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
        return vectors

    @property
    def _loaded(self) -> "SentenceTransformer":
        with self._load_lock:
            return self._model

    @cached_property
    def _model(self) -> "SentenceTransformer":
        import transformers.utils.logging as hub_logging

        wait_patiently()
        from sentence_transformers import SentenceTransformer

        # Loading draws a bar for the 103 tensors; progress is the caller's to show.
        hub_logging.disable_progress_bar()
        try:
            model = SentenceTransformer(
                self._model_id,
                device="cpu",
                revision=self._revision,
                local_files_only=not self._allow_download,
            )
        except (OSError, ValueError) as error:
            if not self._allow_download and not Path(self._model_id).exists():
                raise ModelError(
                    f"the embedding model {self._model_id} is not on this machine and downloads "
                    "are off; give a folder that holds the model, or allow its download"
                ) from error
            raise ModelError(
                f"cannot load the embedding model {self._model_id}: {_first_line(error)}; "
                "check its files, or choose another model"
            ) from error
        model.eval()
        return model

    @cached_property
    def _prefixes(self) -> tuple[str, str]:
        known = prefixes_for(self._name) or prefixes_for(self._model_id)
        if known is not None:
            return known
        prompts: dict[str, str] = self._loaded.prompts or {}
        passage = prompts.get("document") or prompts.get("passage") or ""
        return prompts.get("query") or "", passage

    @cached_property
    def _counter(self) -> "Tokenizer":
        """A copy of the model's tokenizer that neither cuts nor pads.

        The packaged tokenizer.json carries truncation and padding at 128; the model's own copy
        must keep cutting at `max_tokens`, so the counter cannot share it.
        """
        from tokenizers import Tokenizer

        state = json.loads(self._loaded.tokenizer.backend_tokenizer.to_str())
        state["truncation"] = state["padding"] = None
        return Tokenizer.from_str(json.dumps(state))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
