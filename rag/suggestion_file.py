"""Suggested questions kept with a library: they are there at once, and known to be old when it changes."""

import json
import logging
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from index.library import Library
from index.store import Store

_LOG = logging.getLogger(__name__)
_FILE = "suggestions.json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that Footnote has answered from the place it was made from.

    Attributes:
        answer: the short answer, or the sentence that answers.
        kind: what it was made from (`rag.statements.Kind`).
        document: id of the document cited; None for a question about the whole library.
        start: first character cited.
        end: one past the last.
        quote: the words cited; while they stand there, the question is still worth showing.
        confidence: of the answer, 0..1.
    """

    question: str
    answer: str
    kind: str
    document: int | None
    start: int
    end: int
    quote: str
    confidence: float


@dataclass(slots=True)
class Kept:
    """What was found out so far.

    Attributes:
        generation: of the library when it was found out.
        made_with: the models that answered.
        suggestions: answered as they should be, in the order of trying.
        refused: questions that were tried and were not.
        is_whole: nothing is left to be tried.
    """

    generation: int
    made_with: str
    suggestions: list[Suggestion]
    refused: list[str]
    is_whole: bool = False


def read_kept(library: Library) -> Kept | None:
    """What is kept with a library; None where nothing is, or it is damaged or another library's."""
    try:
        data = json.loads(_path(library).read_text(encoding="utf-8"))
        if (data["version"], data["library"]) != (_VERSION, _library_id(library)):
            return None
        suggestions = [Suggestion(**one) for one in data["suggestions"]]
        refused = [str(question) for question in data["refused"]]
        made_with, whole = str(data["made_with"]), bool(data["is_whole"])
        kept = Kept(int(data["generation"]), made_with, suggestions, refused, whole)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _LOG.info("The suggested questions are made anew: %s", error)
        return None
    return kept if all(_is_sound(one) for one in suggestions) else None


def write_kept(library: Library, kept: Kept) -> None:
    """Keep it, in one step; where nothing can be written it is found out again next time."""
    path = _path(library)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    data = {"version": _VERSION, "library": _library_id(library), **asdict(kept)}
    try:
        temporary.write_text(json.dumps(data, indent=1), encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        _LOG.warning("The suggested questions could not be kept in %s: %s", path, error)
    finally:
        temporary.unlink(missing_ok=True)


def standing(suggestions: Iterable[Suggestion], store: Store) -> list[Suggestion]:
    """Those whose words still stand where they stood."""
    return [
        one
        for one in suggestions
        if one.document is not None and store.text(one.document, one.start, one.end) == one.quote
    ]


def _is_sound(one: Suggestion) -> bool:
    words = (one.question, one.answer, one.kind, one.quote)
    places = (one.start, one.end, 0 if one.document is None else one.document)
    return all(isinstance(w, str) for w in words) and all(type(n) is int for n in places)


def _path(library: Library) -> Path:
    return library.store.folder / _FILE


def _library_id(library: Library) -> str:
    return f"{library.store.meta('library_id')}:{library.embedder.name}"
