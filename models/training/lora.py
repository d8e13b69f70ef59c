"""Low-rank adapters (LoRA, Hu et al. 2021, arXiv:2106.09685) and their way into llama.cpp."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import LlamaForCausalLM

from models.training.base import BLOCK_PARTS, heads_apart

TARGETS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


class LoraLinear(nn.Module):
    """A frozen linear layer plus a trained low-rank one: y = W x + (alpha / rank) B A x.

    `a` has shape (rank, in), `b` shape (out, rank); both are float32 and computed in the type of the
    input. `b` begins at zero, so that training begins at the base model. Dropout falls on the low-rank
    values (B A x's inner vector): on the input, as is usual, it took a quarter of the step on a CPU.
    """

    def __init__(self, base: nn.Linear, rank: int, alpha: float, dropout: float = 0.0) -> None:
        super().__init__()
        self.base = base
        self.scale = alpha / rank
        self.dropout = nn.Dropout(dropout)
        self.a = nn.Parameter(torch.empty(rank, base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))
        nn.init.kaiming_uniform_(self.a, a=5**0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shape (..., in) to shape (..., out)."""
        low = self.dropout(x @ self.a.to(x.dtype).T)
        out: torch.Tensor = self.base(x) + low @ (self.b * self.scale).to(x.dtype).T
        return out


class Adapter:
    """The trained part of a model.

    Args:
        model: the base; its linear layers from `first_layer` on are wrapped in place.
        rank: of every low-rank layer.
        alpha: the low-rank layers count alpha / rank.
        first_layer: layers before it stay as they are, which also saves their backward pass.
        dropout: share of low-rank values set to 0 while training, 0..1.
    """

    def __init__(
        self,
        model: LlamaForCausalLM,
        *,
        rank: int = 16,
        alpha: float = 32.0,
        first_layer: int = 6,
        dropout: float = 0.0,
    ) -> None:
        self.model = model
        self.alpha = alpha
        self._layers: dict[str, LoraLinear] = {}
        for index, block in enumerate(model.model.layers):
            if index < first_layer:
                continue
            for part in TARGETS:
                holder_name, name = BLOCK_PARTS[part].split(".")
                holder = getattr(block, holder_name)
                layer = LoraLinear(getattr(holder, name), rank, alpha, dropout)
                setattr(holder, name, layer)
                self._layers[f"blk.{index}.{part}.weight"] = layer

    def parameters(self) -> list[nn.Parameter]:
        """What is trained, in a fixed order."""
        return [p for layer in self._layers.values() for p in (layer.a, layer.b)]

    def state(self) -> dict[str, torch.Tensor]:
        """Copies of the trained weights by llama.cpp's names, float32."""
        return {
            f"{name}.lora_{part}": getattr(layer, part).detach().clone()
            for name, layer in self._layers.items()
            for part in "ab"
        }

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Take weights that `state` gave."""
        with torch.no_grad():
            for name, layer in self._layers.items():
                layer.a.copy_(state[f"{name}.lora_a"])
                layer.b.copy_(state[f"{name}.lora_b"])

    def export(self, path: Path, state: Mapping[str, torch.Tensor], *, name: str) -> None:
        """Write weights as an adapter for llama.cpp, F16, in one step: whole or not at all.

        Args:
            path: the GGUF file to write.
            state: weights as `state` gives them.
            name: put into the file.
        """
        from gguf import GGUFWriter

        whole = path.with_name(path.name + ".part")
        writer = GGUFWriter(whole, "llama")
        writer.add_type("adapter")
        writer.add_name(name)
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", self.alpha)
        for tensor_name, array in self._arrays(state):
            writer.add_tensor(tensor_name, array.astype(np.float16))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        os.replace(whole, path)

    def _arrays(self, state: Mapping[str, torch.Tensor]) -> Iterator[tuple[str, np.ndarray]]:
        """Tensors in llama.cpp's layout: the rows of q's and k's output permuted as the base's are."""
        config = self.model.config
        for name in self._layers:
            yield f"{name}.lora_a", state[f"{name}.lora_a"].numpy()
            b = state[f"{name}.lora_b"].numpy()
            if ".attn_q." in name:
                b = heads_apart(b, config.num_attention_heads)
            if ".attn_k." in name:
                b = heads_apart(b, config.num_key_value_heads)
            yield f"{name}.lora_b", np.ascontiguousarray(b)
