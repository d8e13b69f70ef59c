"""Whether the marks of a question make a question about documents, and what it asks of them."""

from collections.abc import Sequence

from index.words import stem
from rag.census_marks import Token
from rag.census_phrases import SIZE_ASKS
from rag.census_types import Asks, Census
from rag.kinds import is_plural

# These say that an amount is asked for, and not which.
MEASURE = frozenset(
    stem(word)
    for word in "amount sum price cost total value payment figure number money reading level".split()
)
PERCENT = frozenset(stem(word) for word in "percentage percent share proportion".split())
# The first of these marks says what is asked.
_BY_MARK: tuple[tuple[str, Asks], ...] = (
    ("most", "most"),
    ("first", "first"),
    ("last", "last"),
    ("count", "count"),
)


def is_denied(tokens: Sequence[Token]) -> bool:
    """Whether something is denied other than a mention; it would be counted as if it were said."""
    for i, token in enumerate(tokens):
        if token.kind == "not":
            following = (
                t.kind
                for t in tokens[i + 1 :]
                if t.kind not in ("aux", "fill", "act", "word", "quote")
            )
            if next(following, "") != "mentioned":
                return True
    return False


def lacks_object(tokens: Sequence[Token]) -> bool:
    """Whether it is left open what is mentioned: "What does the oldest letter mention?"."""
    for i, token in enumerate(tokens):
        if token.kind in ("mention", "never"):
            following = (t for t in tokens[i + 1 :] if t.kind not in ("aux", "fill", "list", "act"))
            after = next(following, None)
            if after is None or after.kind not in ("word", "quote"):
                return True
    return False


def asks_of(tokens: Sequence[Token]) -> Asks | None:
    """What is wanted; None where nothing says that it is about documents."""
    kinds = {t.kind for t in tokens}
    about_mentions = bool(kinds & {"mentioned", "mention", "quote"})
    if "times" in kinds:
        return "times" if about_mentions else None
    if "kind" not in kinds and not (
        "mentioned" in kinds and kinds & {"first", "last", "list", "size"}
    ):
        people = any(t.kind == "people" and is_plural(t.text) for t in tokens)
        return "speakers" if people and "mention" in kinds else None
    size = next((t.text.replace(" ", "-") for t in tokens if t.kind == "size"), None)
    if size is not None:
        return SIZE_ASKS[size]
    for mark, asks in _BY_MARK:
        if mark in kinds:
            return asks if about_mentions or asks != "most" else None
    if "largest" in kinds:
        return "most" if about_mentions else "author"
    if "people" in kinds and "when" not in kinds:
        return "speakers" if about_mentions else None
    listing = "list" in kinds or tokens[0].kind in ("kind", "date", "undated")
    return "list" if listing and "when" not in kinds else None


def makes_sense(census: Census, tokens: Sequence[Token]) -> bool:
    """Whether something was asked of the documents, and of several where only several can be meant."""
    if any(t.kind == "send" for t in tokens) and not census.parties and census.asks != "author":
        return False
    named = any(t.kind == "kind" for t in tokens)
    if census.asks in ("times", "most", "speakers"):
        return bool(census.wanted)
    if census.asks == "author":
        return named
    if census.asks in ("first", "last"):
        return named or len(census.wanted) == 1
    if census.asks in ("highest", "lowest"):
        amount = named and any(t.kind == "word" and stem(t.text.lower()) in MEASURE for t in tokens)
        return bool(census.measured or census.kinds or census.percent or amount)
    if census.asks == "count":
        return named
    if not named and len(census.wanted) != 1:
        return False
    plural = any(t.kind == "kind" and is_plural(t.text) for t in tokens)
    everything = any(t.text in ("everything", "all", "every", "each", "where") for t in tokens)
    return census.is_limited and (plural or everything)
