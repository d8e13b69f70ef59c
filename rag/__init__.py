"""Question in, proven answer out: settings, retriever, readers, checker and pipeline. Never prints or draws."""
