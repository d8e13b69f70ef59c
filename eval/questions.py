"""Question sets: reads JSON Lines, SQuAD and BEIR into `Question`s, and says exactly what is wrong.

Knows the formats, not the library; whether the evidence stands in the documents is `eval.evidence`.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from eval.errors import QuestionSetError
from eval.formats import load_beir, load_squad
from eval.types import Evidence, Question

Format = Literal["footnote", "squad", "beir"]

_REQUIRED = ("id", "question", "kind", "answers")
_OPTIONAL = ("history", "must_include", "must_not_include", "unanswerable", "evidence")
_BY_QUOTE = ("source", "quote")
_BY_OFFSETS = ("source", "start", "end", "sha256")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def load_questions(path: Path | str, format: Format = "footnote") -> tuple[Question, ...]:  # noqa: A002
    """Questions of a set, in the order of the file.

    Args:
        path: a `.jsonl` file; for "squad" a JSON file, for "beir" a folder.
        format: the layout.

    Raises:
        QuestionSetError: with file, line and what is wrong.
    """
    loaders: dict[str, Callable[[Path], Sequence[Question]]] = {
        "footnote": _load_footnote,
        "squad": load_squad,
        "beir": load_beir,
    }
    if format not in loaders:
        raise QuestionSetError(
            f"unknown question set format {format!r}; known: {', '.join(loaders)}"
        )
    try:
        questions = tuple(loaders[format](Path(path)))
    except OSError as error:
        reason = error.strerror or str(error)
        raise QuestionSetError(f"cannot read the question set {path}: {reason}") from error
    except UnicodeDecodeError as error:
        raise QuestionSetError(f"{path}: not UTF-8 at byte {error.start}") from error
    if not questions:
        raise QuestionSetError(f"{path}: holds no question")
    return questions


def question_as_json(question: Question) -> dict[str, Any]:
    """A question as one line of a set holds it; what is empty is left out."""
    data: dict[str, Any] = {
        "id": question.id,
        "question": question.question,
        "kind": question.kind,
        "answers": list(question.answers),
    }
    for name in ("history", "must_include", "must_not_include"):
        if getattr(question, name):
            data[name] = list(getattr(question, name))
    if question.unanswerable:
        data["unanswerable"] = True
    if question.evidence:
        data["evidence"] = [_evidence_as_json(piece) for piece in question.evidence]
    return data


def _evidence_as_json(piece: Evidence) -> dict[str, Any]:
    parts = {
        "source": piece.source,
        "start": piece.start,
        "end": piece.end,
        "sha256": piece.sha256,
        "quote": piece.quote,
        "grade": None if piece.grade == 1.0 else piece.grade,
    }
    return {name: value for name, value in parts.items() if value is not None}


def _load_footnote(path: Path) -> list[Question]:
    questions: list[Question] = []
    lines: dict[str, int] = {}
    # Splitting on "\n" alone: str.splitlines would also split at U+2028, which JSON allows inside.
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        question = parse_question(_json_object(line, where), where)
        if question.id in lines:
            first = lines[question.id]
            raise QuestionSetError(f"{where}: id {question.id!r} was used before, on line {first}")
        lines[question.id] = number
        questions.append(question)
    return questions


def _json_object(line: str, where: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise QuestionSetError(
            f"{where}: not JSON: {error.msg} at character {error.pos + 1}"
        ) from error
    if not isinstance(data, dict):
        raise QuestionSetError(f"{where}: a question is a JSON object, not {_kind_of(data)}")
    return data


def parse_question(data: dict[str, Any], where: str) -> Question:
    """A question from its JSON object.

    Raises:
        QuestionSetError: beginning with `where`.
    """
    # What has no answer need not say so twice.
    needed = _REQUIRED[:-1] if data.get("unanswerable") is True else _REQUIRED
    _check_keys(data, needed, (*_REQUIRED, *_OPTIONAL), where)
    question = Question(
        id=_string(data, "id", where),
        question=_string(data, "question", where),
        kind=_string(data, "kind", where),
        answers=_strings(data, "answers", where),
        history=_strings(data, "history", where),
        must_include=_strings(data, "must_include", where),
        must_not_include=_strings(data, "must_not_include", where),
        unanswerable=_flag(data, "unanswerable", where),
        evidence=_evidence(data.get("evidence", []), where),
    )
    if not question.says_what_is_right and not question.evidence:
        raise QuestionSetError(
            f"{where}: nothing says what is right: give answers, must_include or evidence, "
            'or "unanswerable": true'
        )
    return question


def _evidence(data: Any, where: str) -> tuple[Evidence, ...]:
    if not isinstance(data, list):
        raise QuestionSetError(f'{where}: "evidence" must be a list, not {_kind_of(data)}')
    return tuple(
        _piece(item, f"{where}, evidence {number}") for number, item in enumerate(data, start=1)
    )


def _piece(data: Any, where: str) -> Evidence:
    if not isinstance(data, dict):
        raise QuestionSetError(f"{where}: must be an object, not {_kind_of(data)}")
    if "quote" in data:
        _check_keys(data, _BY_QUOTE, _BY_QUOTE, where)
        return Evidence(source=_string(data, "source", where), quote=_string(data, "quote", where))
    _check_keys(data, _BY_OFFSETS, _BY_OFFSETS, where)
    start, end = data["start"], data["end"]
    if not (_is_int(start) and _is_int(end) and 0 <= start < end):
        raise QuestionSetError(
            f'{where}: "start" and "end" must be whole numbers with 0 <= start < end, '
            f"not {start!r} and {end!r}"
        )
    digest = _string(data, "sha256", where)
    if not _SHA256.fullmatch(digest):
        raise QuestionSetError(f'{where}: "sha256" must be 64 small hex digits, not {digest!r}')
    return Evidence(source=_string(data, "source", where), start=start, end=end, sha256=digest)


def _check_keys(
    data: dict[str, Any], required: Iterable[str], known: Iterable[str], where: str
) -> None:
    known = tuple(known)
    for key in data:
        if key not in known:
            raise QuestionSetError(f"{where}: unknown key {key!r}; known: {', '.join(known)}")
    for key in required:
        if key not in data:
            raise QuestionSetError(f"{where}: key {key!r} is missing")


def _string(data: dict[str, Any], key: str, where: str) -> str:
    value = data[key]
    if not isinstance(value, str) or not value.strip():
        raise QuestionSetError(f'{where}: "{key}" must be a text that is not empty, not {value!r}')
    return value


def _strings(data: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise QuestionSetError(f'{where}: "{key}" must be a list of texts, not {value!r}')
    return tuple(value)


def _flag(data: dict[str, Any], key: str, where: str) -> bool:
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise QuestionSetError(f'{where}: "{key}" must be true or false, not {value!r}')
    return value


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _kind_of(value: Any) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", dict: "an object"}
    return names.get(type(value), "null" if value is None else "a number")
