"""The tagger's network: MiniLM over one question, a label for every word and one for the whole.

`BertModel` of transformers with the packaged embedder's weights, of which the upper layers are the
project's own. Needs PyTorch, so only `models.tagger` and the training import it.
"""

import json
from pathlib import Path

import torch
from safetensors.numpy import load_file
from torch import nn
from transformers import BertConfig, BertModel

from models.prover_net import read_trained


class TaggerNet(nn.Module):
    """Reads `[CLS] question [SEP]`.

    Args:
        embedder: folder with `config.json` and `model.safetensors` of a BERT model.
        n_asks: what a question may ask.
        n_labels: what a word may be.
        trained_layers: the upper layers that are the project's own; the others are the embedder's.
        dropout: share of the heads' inputs set to 0 while training.
    """

    def __init__(
        self,
        embedder: Path,
        n_asks: int,
        n_labels: int,
        *,
        trained_layers: int,
        dropout: float = 0.1,
    ) -> None:
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
        first = config.num_hidden_layers - trained_layers
        self._own = tuple(
            f"bert.encoder.layer.{i}." for i in range(first, config.num_hidden_layers)
        )
        self.asks = nn.Sequential(
            nn.Linear(width, width), nn.Tanh(), nn.Dropout(dropout), nn.Linear(width, n_asks)
        )
        self.labels = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, n_labels))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of what is asked, shape (n, n_asks), and of every token, shape (n, t, n_labels).

        Args:
            ids: token ids, shape (n, t), int64, padded with 0.
            mask: 1 for tokens, 0 for padding, shape (n, t), int64.
        """
        hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask[:, :, None].to(hidden.dtype)
        mean = (hidden * weights).sum(dim=1) / weights.sum(dim=1)
        return self.asks(mean).float(), self.labels(hidden).float()

    def trained_parameters(self) -> dict[str, nn.Parameter]:
        """What is trained and shipped: the upper layers and the heads."""
        return {
            name: parameter
            for name, parameter in self.named_parameters()
            if not name.startswith("bert.") or name.startswith(self._own)
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
