"""How exactly networks are computed on this processor."""


def computes_bf16() -> bool:
    """Whether this processor has instructions for bfloat16; emulated it is slower than float32."""
    import torch

    known = torch.cpu.get_capabilities()
    return any(known.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16", "arm_bf16"))
