"""Reading files: text, Markdown, HTML, PDF and DOCX, each with a map back to its source.

A loader gives all visible text of a file and what its markup says. It never judges what a stretch
of text is worth; that is the structure analyser's work.
"""

from index.loaders.registry import SUPPORTED_SUFFIXES, load

__all__ = ["SUPPORTED_SUFFIXES", "load"]
