"""Training of the small adapters that ship with Footnote: PyTorch in, GGUF out.

Needs `gguf` beside what the program itself needs (the group `test` of pyproject.toml).
"""
