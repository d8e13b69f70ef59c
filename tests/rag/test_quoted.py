"""A quotation is supported only where the document has the very words of the passage."""

import pytest

from rag.extract import _quoted
from rag.types import Citation


@pytest.mark.parametrize(
    ("words", "support"),
    [("The lead is two years.", "supported"), ("The lead is ten years.", "unsupported")],
)
def test_the_passage_is_held_against_the_document(words: str, support: str) -> None:
    quote = "The lead is two years."
    citation = Citation(
        1, "1", "a.txt", "A", "0" * 64, 0, len(quote), quote, None, None, None, None, "body"
    )
    assert _quoted(words, citation).support == support
