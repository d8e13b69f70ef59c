"""Footnote's retrieval beside the default pipelines of other frameworks, each in a virtual environment."""
