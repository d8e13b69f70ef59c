"""What is kept of a conversation: its place in the list, its questions with what became of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from rag.brief import Brief, read_brief
from rag.errors import AnswerFileError
from rag.types import Answer, PassageUse, Sentence
from rag.verifying import read_sentence

TurnState = Literal["done", "stopped", "failed"]
Rating = Literal["up", "down"]
COLUMNS = (
    "id, question, state, sentences, answer, error, generation, asked_at, rating, reason, case_id, "
    "brief"
)
"""Of the table of turns, in the order that `kept_turn` takes them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation in the list.

    Attributes:
        title: its first question, or the name that a person gave it.
        changed_at: when it was last added to, ISO 8601 in UTC.
    """

    id: int
    title: str
    n_turns: int
    begun_at: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question with what became of it.

    Attributes:
        id: of the turn, among all conversations.
        state: "stopped" also for one that was cut off by the end of the program.
        sentences: what was shown, also where the answer was stopped.
        answer: None unless it is "done".
        brief: instead of an answer, where that was asked for.
        generation: of the library when it was answered; a later one means that documents changed.
        rating: what the person thought of it; None where nothing was said.
        reason: why, in their words or one of those offered.
        case_id: the question of a question set that was made of it.
    """

    id: int
    question: str
    state: TurnState
    sentences: tuple[Sentence, ...] = ()
    answer: Answer | None = None
    error: str = ""
    generation: int = 0
    asked_at: str = ""
    rating: Rating | None = None
    reason: str = ""
    case_id: str | None = None
    brief: Brief | None = None


def answer_data(answer: Answer) -> dict[str, Any]:
    """A whole answer as plain data, passages included; `answer_of` gives it back."""
    return {
        **asdict(answer),
        "timings_ms": dict(answer.timings_ms),
        "tokens": dict(answer.tokens),
    }


def answer_of(data: Mapping[str, Any]) -> Answer:
    """The answer of `answer_data`; what a newer version added is passed over.

    Raises:
        KeyError, TypeError: it is no such data.
    """
    known = _known(Answer, data)
    known["sentences"] = tuple(read_sentence(one) for one in data["sentences"])
    known["passages"] = tuple(PassageUse(**_known(PassageUse, one)) for one in data["passages"])
    known["missing"] = tuple(data.get("missing", ()))
    return Answer(**known)


def _known(kind: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: data[field.name] for field in fields(kind) if field.name in data}


def kept_turn(row: Sequence[Any]) -> KeptTurn:
    """A turn of its row, `COLUMNS`."""
    ident, question, state, sentences, answer, error, generation, asked_at, *said = row
    rating, reason, case_id, brief = said
    try:
        shown = tuple(read_sentence(one) for one in json.loads(sentences))
        whole = answer_of(json.loads(answer)) if answer else None
        briefed = read_brief(json.loads(brief)) if brief else None
    except (ValueError, KeyError, TypeError, AnswerFileError):
        # Kept by another version; the question is worth more than an answer that cannot be read.
        shown, whole, briefed, state = (), None, None, "stopped"
    return KeptTurn(
        ident,
        question,
        "stopped" if state == "done" and whole is None and briefed is None else state,
        shown,
        whole,
        error,
        generation,
        asked_at,
        rating,
        reason,
        case_id,
        briefed,
    )
