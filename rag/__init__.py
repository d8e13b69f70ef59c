"""Question in, proven answer out: settings, retriever, readers, checker, pipeline."""
