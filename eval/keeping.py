"""Test cases kept by people: an answer becomes a question of a question set in the library's folder."""

import fcntl
import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from eval.errors import QuestionSetError
from eval.questions import parse_question
from rag.types import Citation

FOLDER, FILE = "questions", "kept.jsonl"


def kept_set(library: Path) -> Path:
    """Where the kept test cases of a library are."""
    return library / FOLDER / FILE


def keep_case(
    library: Path,
    question: str,
    *,
    history: Sequence[str] = (),
    answers: Sequence[str] = (),
    citations: Sequence[Citation] = (),
    kind: str = "kept",
) -> str:
    """Append a question to the kept set; one with the same words and history takes the old one's place.

    Args:
        library: the library's folder.
        question: as it was typed.
        history: earlier questions of its conversation, oldest first.
        answers: accepted short answers; none says that the documents do not say.
        citations: the footnotes that prove the answer.
        kind: what `footnote eval` reports it under.

    Returns:
        The id of the question.

    Raises:
        QuestionSetError: the set cannot be written, or holds something else.
    """
    wanted = [answer.strip() for answer in answers if answer.strip()]
    key = json.dumps([question, list(history)], ensure_ascii=False)
    data: dict[str, Any] = {
        "id": "kept-" + sha256(key.encode("utf-8", "replace")).hexdigest()[:12],
        "question": question,
        **({"history": list(history)} if history else {}),
        "kind": kind,
        "answers": wanted,
        **({} if wanted else {"unanswerable": True}),
    }
    if wanted and citations:
        data["evidence"] = _evidence(citations)
    parse_question(data, "the new test case")
    target = kept_set(library)
    try:
        _write(target, data)
    except (OSError, ValueError) as error:
        raise QuestionSetError(
            f"The test case could not be kept in {target}: {error}. Nothing in it was changed."
        ) from error
    return str(data["id"])


def _evidence(citations: Sequence[Citation]) -> list[dict[str, str]]:
    """Each cited place once, by its words: they are found again where a document grows around them."""
    pieces = {(c.path, c.quote): {"source": c.path, "quote": c.quote} for c in citations}
    return list(pieces.values())


def _write(target: Path, data: dict[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f"{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = target.read_text(encoding="utf-8") if target.exists() else ""
        lines = [line for line in before.split("\n") if line.strip()]
        others = [line for line in lines if _id(line) != data["id"]]
        new = "\n".join([*others, json.dumps(data, ensure_ascii=False)]) + "\n"
        part = target.with_suffix(".part")
        part.write_text(new, encoding="utf-8", errors="replace")
        part.replace(target)


def _id(line: str) -> object:
    kept = json.loads(line)
    return kept.get("id") if isinstance(kept, dict) else None
