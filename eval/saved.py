"""Saved runs: JSON in a file, and a journal beside it while a run is going on.

The journal (`FILE.partial`, JSON Lines) gets a line for every question as soon as it is answered,
so that a run that was interrupted goes on where it stopped. It is removed when the run is complete
and the file itself has been written.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from eval.errors import RunError
from eval.questions import question_as_json
from eval.types import Evidence, Question, Record, Run
from rag.settings import Settings
from rag.types import Answer, Citation, PassageUse, Sentence

VERSION = 1
_FORMAT = "footnote-eval-run"


def plain(settings: Mapping[str, object]) -> dict[str, object]:
    """Settings as JSON gives them back: paths and the like as texts, tuples as lists."""
    return dict(json.loads(json.dumps(dict(settings), default=str)))


def described(settings: Settings) -> dict[str, str]:
    """What decides the answers of a run; where the library is, and how fast, does not."""
    return {
        key: str(value)
        for key, value in asdict(settings).items()
        if key not in ("library", "threads", "log_questions")
    }


def fingerprint(settings: Mapping[str, object]) -> str:
    """Hash of settings; equal settings in another order have the same one."""
    return _digest(dict(settings))


def set_fingerprint(questions: Iterable[Question]) -> str:
    """Hash of a question set."""
    return _digest([question_as_json(question) for question in questions])


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """An answer with all its parts."""
    data = {item.name: getattr(answer, item.name) for item in fields(answer)}
    data["sentences"] = [asdict(sentence) for sentence in answer.sentences]
    data["passages"] = [asdict(passage) for passage in answer.passages]
    data["timings_ms"] = dict(answer.timings_ms)
    data["tokens"] = dict(answer.tokens)
    return data


def answer_from_json(data: Mapping[str, Any]) -> Answer:
    """The answer that `answer_as_json` took apart; keys of later versions are left out."""
    sentences = tuple(
        Sentence(
            **_known(Sentence, sentence)
            | {"citations": tuple(Citation(**_known(Citation, c)) for c in sentence["citations"])}
        )
        for sentence in data["sentences"]
    )
    passages = tuple(PassageUse(**_known(PassageUse, passage)) for passage in data["passages"])
    missing = tuple(data.get("missing", ()))
    parts = {"sentences": sentences, "passages": passages, "missing": missing}
    return Answer(**_known(Answer, data) | parts)


def record_as_json(record: Record) -> dict[str, Any]:
    """A record with its answer and scores."""
    return {
        "id": record.id,
        "status": record.status,
        "latency_ms": record.latency_ms,
        "error": record.error,
        "scores": {name: list(pair) for name, pair in record.scores.items()},
        "answer": answer_as_json(record.answer) if record.answer is not None else None,
    }


def record_from_json(data: Mapping[str, Any]) -> Record:
    """The record that `record_as_json` took apart."""
    return Record(
        id=data["id"],
        status=data["status"],
        latency_ms=float(data["latency_ms"]),
        answer=answer_from_json(data["answer"]) if data["answer"] is not None else None,
        error=data["error"],
        scores={name: (float(a), float(b)) for name, (a, b) in data["scores"].items()},
    )


def run_as_json(run: Run) -> dict[str, Any]:
    """A run, questions included, so that it can be reported and compared without the set."""
    return {
        "name": run.name,
        "settings": dict(run.settings),
        "fingerprint": run.fingerprint,
        "questions": [question_as_json(question) for question in run.questions],
        "records": [record_as_json(record) for record in run.records],
    }


def run_from_json(data: Mapping[str, Any]) -> Run:
    """The run that `run_as_json` took apart."""
    return Run(
        name=data["name"],
        questions=tuple(_question(entry) for entry in data["questions"]),
        records=tuple(record_from_json(entry) for entry in data["records"]),
        settings=data["settings"],
        fingerprint=data["fingerprint"],
    )


def save_runs(path: Path, run: Run, baseline: Run | None = None) -> None:
    """Write a run, and the baseline's beside it, whole or not at all."""
    data = {
        "format": _FORMAT,
        "version": VERSION,
        "reader": run_as_json(run),
        "baseline": run_as_json(baseline) if baseline is not None else None,
    }
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(data, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise RunError(f"cannot save the run to {path}: {error.strerror or error}") from error


def load_runs(path: Path | str) -> tuple[Run, Run | None]:
    """The run of a saved file, and its baseline's if it was made.

    Raises:
        RunError: the file cannot be read or is no saved run.
    """
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError(f"cannot read the saved run {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise RunError(f"{path} is not a saved run: {error}") from error
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise RunError(f"{path} is not a saved run; make one with `footnote eval SET --save FILE`")
    if data.get("version") != VERSION:
        raise RunError(
            f"{path} has version {data.get('version')}, this program reads version {VERSION}"
        )
    try:
        baseline = run_from_json(data["baseline"]) if data["baseline"] is not None else None
        return run_from_json(data["reader"]), baseline
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path} is damaged: {error!r}; run the evaluation again") from error


class Journal:
    """The records of a run in progress, on disk as they come."""

    def __init__(self, path: Path, head: Mapping[str, str]) -> None:
        """Keeps the journal at `path`; `head` says which settings and questions it belongs to."""
        self._path = path
        self._head = dict(head)

    def resume(self) -> dict[str, Record]:
        """Records of questions that were answered before, by id; none where there is no journal.

        Questions that ended in an error are left out: they are asked again.

        Raises:
            RunError: the journal belongs to other settings or another question set.
        """
        try:
            lines = self._path.read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return {}
        if self._parse(lines[0]) != self._head:
            raise RunError(
                f"{self._path} was begun with other settings or another question set; "
                "run without --resume to begin anew"
            )
        records = [record_from_json(e) for e in map(self._parse, lines[1:]) if e is not None]
        return {record.id: record for record in records if record.status != "error"}

    def begin(self, records: Iterable[Record]) -> None:
        """Start the file with records kept from before (a torn last line is gone thereby)."""
        lines = [self._line(self._head), *(self._line(record_as_json(r)) for r in records)]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._path.with_name(self._path.name + ".tmp")
            temporary.write_text("".join(lines), encoding="utf-8")
            temporary.replace(self._path)
        except OSError as error:
            raise RunError(f"cannot write {self._path}: {error.strerror or error}") from error

    def add(self, record: Record) -> None:
        """Write a record through to the file."""
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(self._line(record_as_json(record)))
        except OSError as error:
            raise RunError(f"cannot write {self._path}: {error.strerror or error}") from error

    @staticmethod
    def _line(data: Mapping[str, Any]) -> str:
        # ASCII: a PDF may hold half a surrogate pair, which UTF-8 cannot.
        return json.dumps(data) + "\n"

    @staticmethod
    def _parse(line: str) -> Any:
        try:
            return json.loads(line)
        except ValueError:
            # The line that was being written when the run was cut off.
            return None


def _question(data: Mapping[str, Any]) -> Question:
    tuples = ("answers", "history", "must_include", "must_not_include")
    evidence = tuple(Evidence(**_known(Evidence, piece)) for piece in data.get("evidence", ()))
    parts = {name: tuple(data.get(name, ())) for name in tuples} | {"evidence": evidence}
    return Question(**_known(Question, data) | parts)


def _known(kind: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    names = {item.name for item in fields(kind)}
    return {name: value for name, value in data.items() if name in names}


def _digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()
