"""Documents in, passages out: loaders, structure, splitter, store and search. Never calls a generator."""
