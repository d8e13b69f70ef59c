"""The prover's network: MiniLM read as a cross-encoder, with heads of the project's own.

`BertModel` of transformers with the packaged embedder's embedding table; encoder layers and heads come
from the project's weights. Needs PyTorch, so only `models.prover` and the training import it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from torch import nn
from transformers import BertConfig, BertModel

SUPPORT_CLASSES = ("supported", "partly", "unsupported")
_SCALE = ".scale"


@dataclass(frozen=True, slots=True)
class Judged:
    """Raw outputs for n pairs of at most t tokens; all logits, float32.

    Attributes:
        relevance: shape (n,); only its order within one question means something.
        answerable: shape (n,).
        spans: shape (n, t, 2), start and end; very low outside the passage.
        evidence: shape (n, t), whether a token stands in a sentence that proves the answer; read as
            the mean over a sentence.
        support: shape (n, len(SUPPORT_CLASSES)).
    """

    relevance: torch.Tensor
    answerable: torch.Tensor
    spans: torch.Tensor
    evidence: torch.Tensor
    support: torch.Tensor


class ProverNet(nn.Module):
    """Reads `[CLS] question or sentence [SEP] passage [SEP]` once and judges it in several ways."""

    def __init__(self, embedder: Path, dropout: float = 0.1) -> None:
        """The packaged embedder with fresh heads.

        Args:
            embedder: folder with `config.json` and `model.safetensors` of a BERT model.
            dropout: share of the heads' inputs set to 0 while training. There is none inside the
                encoder: its random numbers cost more than half of a step on a CPU.
        """
        super().__init__()
        options = json.loads((embedder / "config.json").read_text(encoding="utf-8"))
        config = BertConfig(**options)
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
        self.bert = BertModel(config, add_pooling_layer=False)
        packaged = load_file(embedder / "model.safetensors")
        state = {name: torch.from_numpy(value) for name, value in packaged.items()}
        missing, _ = self.bert.load_state_dict(state, strict=False)
        if missing:
            raise ValueError(f"{embedder} lacks {', '.join(missing[:3])}")
        width = config.hidden_size
        self.pooler = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Dropout(dropout))
        self.relevance = nn.Linear(width, 1)
        self.answerable = nn.Linear(width, 1)
        self.support = nn.Linear(width, len(SUPPORT_CLASSES))
        self.spans = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, 2))
        self.evidence = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, 1))

    def forward(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> Judged:
        """Judge pairs.

        Args:
            ids: token ids, shape (n, t), int64, padded with 0.
            types: 0 for the question or sentence, 1 for the passage, shape (n, t), int64.
            mask: 1 for tokens, 0 for padding, shape (n, t), int64.
        """
        hidden = self.bert(
            input_ids=ids, token_type_ids=types, attention_mask=mask
        ).last_hidden_state
        first = self.pooler(hidden[:, 0])
        outside = (types * mask == 0)[:, :, None]
        spans = self.spans(hidden).float().masked_fill(outside, -1e4)
        return Judged(
            relevance=self.relevance(first).float()[:, 0],
            answerable=self.answerable(first).float()[:, 0],
            spans=spans,
            evidence=self.evidence(hidden).float()[:, :, 0],
            support=self.support(first).float(),
        )

    def trained_parameters(self) -> dict[str, nn.Parameter]:
        """What is trained and shipped: all but the embedding table, which the embedder brings."""
        return {
            name: parameter
            for name, parameter in self.named_parameters()
            if not name.startswith("bert.embeddings.word_embeddings")
        }

    def load_trained(self, path: Path) -> None:
        """Take weights that `save_trained` wrote."""
        state = read_trained(path)
        known = self.trained_parameters()
        if set(state) != set(known):
            raise ValueError(f"{path} holds other weights than this network has")
        with torch.no_grad():
            for name, parameter in known.items():
                parameter.copy_(state[name])


def save_trained(weights: Mapping[str, torch.Tensor], path: Path) -> None:
    """Write weights, matrices as int8 with a scale for each row, the rest as float32."""
    arrays: dict[str, np.ndarray] = {}
    for name, tensor in weights.items():
        array = tensor.detach().float().cpu().numpy()
        if array.ndim < 2:
            arrays[name] = array
            continue
        scale = np.maximum(np.abs(array).max(axis=1, keepdims=True), 1e-12) / 127.0
        arrays[name] = np.round(array / scale).astype(np.int8)
        arrays[name + _SCALE] = scale.astype(np.float32)
    part = path.with_name(path.name + ".part")
    save_file(arrays, part)
    part.replace(path)


def read_trained(path: Path) -> dict[str, torch.Tensor]:
    """Weights that `save_trained` wrote, all float32."""
    return {name: torch.from_numpy(value) for name, value in _widened(load_file(path)).items()}


def _widened(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Float32 again."""
    return {
        name: value.astype(np.float32) * arrays[name + _SCALE] if value.dtype == np.int8 else value
        for name, value in arrays.items()
        if not name.endswith(_SCALE)
    }
