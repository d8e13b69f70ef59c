"""Models behind small protocols: embedder, generator, token counter. Nothing here knows what a document is."""
