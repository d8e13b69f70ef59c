"""The prover: reads a question or a sentence and a passage together and judges the pair.

One small cross-encoder (`models.prover_net`) trained by the project, over the packaged embedder's
embedding table. PyTorch is imported when the first pair comes.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.packaged import starter_embedder_dir
from models.pairs import Pair, PairTokenizer, as_arrays
from models.precision import computes_bf16
from models.protocols import Judgement, Prover
from models.surrogates import without_surrogates
from models.threads import wait_patiently

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

    from models.prover_net import ProverNet

WEIGHTS = "weights/prover.safetensors"
_BATCH = 8
# Answers are short; a span of more tokens is not looked at.
_MAX_SPAN_TOKENS = 24


class MiniLMProver:
    """The project's prover; safe to share between threads.

    Args:
        weights: what `save_trained` wrote; by default what ships with the project.
        embedder: folder with the embedding table; by default the packaged embedder's.
    """

    name = "footnote-prover"

    def __init__(self, weights: Path | None = None, embedder: Path | None = None) -> None:
        self._weights = weights or Path(str(files("models").joinpath(WEIGHTS)))
        self._folder = embedder
        self._lock = threading.Lock()

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Judgement]:
        """One judgement a pair of (question or sentence, passage), in order.

        A pair beyond `MAX_PAIR_TOKENS` loses the end of its passage.
        """
        clean = [(without_surrogates(query), without_surrogates(text)) for query, text in pairs]
        with self._lock:
            encoded = self._tokenizer.encode(clean)
            found: dict[int, Judgement] = {}
            # Pairs of like length together waste no padding.
            order = sorted(range(len(encoded)), key=lambda i: -len(encoded[i].ids))
            for first in range(0, len(order), _BATCH):
                batch = order[first : first + _BATCH]
                judged = self._judge([encoded[i] for i in batch])
                found.update(zip(batch, judged, strict=True))
        return [found[i] for i in range(len(encoded))]

    def _judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        import torch

        ids, types, mask = (torch.from_numpy(array) for array in as_arrays(pairs))
        with torch.inference_mode():
            out = self._net(ids, types, mask)
            spans = out.spans.numpy()  # float32, whatever was computed with
            support = torch.softmax(out.support, dim=-1).tolist()
            evidence = out.evidence.tolist()
        judged = []
        for i, pair in enumerate(pairs):
            begin, stop = pair.passage_at, pair.passage_at + len(pair.offsets)
            first, last, logprob = best_span(spans[i, begin:stop])
            start, end = (pair.offsets[first][0], pair.offsets[last][1]) if stop > begin else (0, 0)
            logits = evidence[i][begin:stop]
            judged.append(
                Judgement(
                    float(out.relevance[i]),
                    float(out.answerable[i]),
                    start,
                    end,
                    logprob,
                    (support[i][0], support[i][1], support[i][2]),
                    tuple((a, b, x) for (a, b), x in zip(pair.offsets, logits, strict=True)),
                )
            )
        return judged

    @cached_property
    def _net(self) -> "ProverNet":
        wait_patiently()
        import torch

        from models.prover_net import ProverNet

        net = ProverNet(self._embedder_folder)
        try:
            net.load_trained(self._weights)
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"cannot load the prover's weights {self._weights}: {error}; install Footnote anew"
            ) from error
        if computes_bf16():
            # Twice as fast there; relevance moves by a tenth of a unit at most, spans do not.
            net.to(torch.bfloat16).bert.set_attn_implementation("eager")
        return net.eval()

    @cached_property
    def _tokenizer(self) -> PairTokenizer:
        return PairTokenizer(self._embedder_folder)

    @cached_property
    def _embedder_folder(self) -> Path:
        return self._folder or starter_embedder_dir()


class Reranker:
    """A prover whose relevance comes from another cross-encoder, all else from `prover`.

    Args:
        prover: judges answerability, spans and support.
        model: a folder, or a name on the model hub, of a cross-encoder of sentence-transformers.
        allow_download: let a hub name be fetched; otherwise only the local cache is used.
    """

    def __init__(self, prover: Prover, model: str, *, allow_download: bool = False) -> None:
        self.name = Path(model).name
        self.prover = prover
        self._model = model
        self._allow_download = allow_download
        self._lock = threading.Lock()

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Judgement]:
        """One judgement a pair of (question or sentence, passage), in order."""
        judged = self.prover.judge(pairs)
        if not pairs:
            return judged
        with self._lock:
            scores = self._encoder.predict(list(pairs), show_progress_bar=False)
        return [replace(one, relevance=float(s)) for one, s in zip(judged, scores, strict=True)]

    @cached_property
    def _encoder(self) -> "CrossEncoder":
        wait_patiently()
        from sentence_transformers import CrossEncoder
        from torch import nn

        try:
            return CrossEncoder(
                self._model,
                device="cpu",
                local_files_only=not self._allow_download,
                # Logits: their distances mean something also where a probability would be 1.
                activation_fn=nn.Identity(),
            )
        except (OSError, ValueError) as error:
            raise ModelError(
                f"cannot load the cross-encoder {self._model}: {error}; give a folder that holds "
                "the model, or allow its download"
            ) from error


def best_span(logits: NDArray[np.float32]) -> tuple[int, int, float]:
    """The most likely span of at most `_MAX_SPAN_TOKENS` tokens.

    Args:
        logits: start and end of each token, shape (tokens, 2).

    Returns:
        First token, last token, and the natural log of the product of both ends' probabilities.
    """
    n = len(logits)
    if n == 0:
        return 0, 0, 0.0
    shifted = logits - logits.max(axis=0)
    logs = shifted - np.log(np.exp(shifted).sum(axis=0))
    both = logs[:, 0][:, None] + logs[:, 1][None, :]
    inside = np.triu(np.ones((n, n), dtype=bool)) & ~np.triu(
        np.ones((n, n), dtype=bool), _MAX_SPAN_TOKENS
    )
    both = np.where(inside, both, -np.inf)
    first, last = divmod(int(both.argmax()), n)
    return first, last, float(both[first, last])
