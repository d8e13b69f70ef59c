"""The base model of a GGUF file as a PyTorch model.

So an adapter is trained on the very weights it will run over: what quantisation changed, the adapter
learns to live with.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from models.errors import ModelError

# GGUF's names of the parts of a block, and PyTorch's. An adapter uses the same names.
BLOCK_PARTS = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_OUTER_PARTS = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}
_BLOCK = re.compile(r"blk\.(\d+)\.(\w+)\.weight")


def load_base(path: Path) -> LlamaForCausalLM:
    """The model of a GGUF file with its weights dequantised to float32, frozen, in evaluation mode.

    Args:
        path: a GGUF file of the Llama architecture with tied embeddings.

    Raises:
        ModelError: another architecture, or a tensor that is not known here.
    """
    from gguf import GGUFReader
    from gguf.quants import dequantize

    reader = GGUFReader(path)
    config = _config(reader, path)
    weights: dict[str, torch.Tensor] = {}
    for tensor in reader.tensors:
        # A copy: the reader's own arrays are views of the mapped file.
        values = np.array(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
        name, array = _torch_tensor(tensor.name, values, config, path)
        weights[name] = torch.from_numpy(array)
    weights["lm_head.weight"] = weights["model.embed_tokens.weight"]
    model = LlamaForCausalLM(config)
    model.load_state_dict(weights)
    model.requires_grad_(False)
    return model.eval()


def heads_apart(array: np.ndarray, n_heads: int) -> np.ndarray:
    """Rows of q or k in the order llama.cpp keeps them: each head's two halves interleaved.

    Args:
        array: shape (n_heads * head_dim, n), in PyTorch's order.
        n_heads: heads of the projection.

    Returns:
        The same shape; `heads_together` is the inverse.
    """
    rows, columns = array.shape
    return (
        array.reshape(n_heads, 2, rows // n_heads // 2, columns)
        .swapaxes(1, 2)
        .reshape(rows, columns)
    )


def heads_together(array: np.ndarray, n_heads: int) -> np.ndarray:
    """The inverse of `heads_apart`: from llama.cpp's order of rows to PyTorch's."""
    rows, columns = array.shape
    return (
        array.reshape(n_heads, rows // n_heads // 2, 2, columns)
        .swapaxes(1, 2)
        .reshape(rows, columns)
    )


def _config(reader: Any, path: Path) -> LlamaConfig:
    def value(key: str) -> Any:
        field = reader.fields.get(key)
        if field is None:
            raise ModelError(f"{path.name} has no {key}; only Llama models can be trained here.")
        return field.contents()

    architecture = value("general.architecture")
    if architecture != "llama":
        raise ModelError(
            f"{path.name} is of architecture {architecture}; training knows llama only."
        )
    config = LlamaConfig(
        vocab_size=len(value("tokenizer.ggml.tokens")),
        hidden_size=value("llama.embedding_length"),
        intermediate_size=value("llama.feed_forward_length"),
        num_hidden_layers=value("llama.block_count"),
        num_attention_heads=value("llama.attention.head_count"),
        num_key_value_heads=value("llama.attention.head_count_kv"),
        rms_norm_eps=value("llama.attention.layer_norm_rms_epsilon"),
        rope_theta=value("llama.rope.freq_base"),
        max_position_embeddings=value("llama.context_length"),
        tie_word_embeddings=True,
    )
    # Plain attention: on a CPU with a mask of its own for every row it is faster than the fused kernel
    # (800 against 690 tokens a second at 384 tokens a row).
    config._attn_implementation = "eager"
    return config


def _torch_tensor(
    name: str, values: np.ndarray, config: LlamaConfig, path: Path
) -> tuple[str, np.ndarray]:
    """PyTorch's name and layout of a tensor of the file."""
    match = _BLOCK.fullmatch(name)
    if match is None:
        outer = _OUTER_PARTS.get(name.removesuffix(".weight"))
        if outer is None:
            raise ModelError(f"{path.name} has a tensor {name} that training does not know.")
        return f"{outer}.weight", values
    layer, part = match.groups()
    if part not in BLOCK_PARTS:
        raise ModelError(f"{path.name} has a tensor {name} that training does not know.")
    if part == "attn_q":
        values = heads_together(values, config.num_attention_heads)
    if part == "attn_k":
        values = heads_together(values, config.num_key_value_heads)
    return f"model.layers.{layer}.{BLOCK_PARTS[part]}.weight", values
