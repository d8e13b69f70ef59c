"""Models behind small protocols: embedder, generator, token counter; documents are unknown here."""
