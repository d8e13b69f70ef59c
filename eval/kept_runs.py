"""The runs kept with a library: `runs/NAME-DATE.json` in its folder, finished or stopped.

A run that is going on, or was stopped, has its answers in `NAME-DATE.json.partial` and its
questions in `NAME-DATE.json.questions`, so that it can go on even if its set has changed since.
Whoever works on it holds a lock on its questions, so that no other Footnote does.
"""

import fcntl
import json
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Literal

from eval.errors import RunError
from eval.evaluate import EvalResult, counts, load_result
from eval.questions import parse_question, question_as_json
from eval.runner import journal_head, journal_path
from eval.saved import load_runs, plain
from eval.types import Question
from models.errors import FootnoteError

FOLDER = "runs"
_STARTED = re.compile(r"-(\d{8}-\d{6})(-\d+)?$")
_STAMP = "%Y%m%d-%H%M%S"
_MAX_STEM = 60
_ENDING = ".json.questions"
# Whoever lists the runs looks at the lock for a moment, which is no reason to be refused.
_LOCK_TRIES = 5
_LOCK_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run in the library's folder.

    Attributes:
        name: of its file, without the ending; by it a run is asked for.
        set_name: of the question set; empty where the file cannot be read.
        state: "other settings" for a stopped run that was begun with other models or settings than
            those in use, so that it cannot go on; "elsewhere" for one that is going on, here or in
            another Footnote.
        n_done: questions answered, of `n_questions`.
        error: why it cannot be read.
    """

    name: str
    set_name: str
    started: datetime
    state: Literal["finished", "stopped", "other settings", "elsewhere", "damaged"]
    n_questions: int = 0
    n_done: int = 0
    right: int = 0
    wrong: int = 0
    refused: int = 0
    errors: int = 0
    error: str = ""


class KeptRuns:
    """The runs of one library.

    Args:
        folder: the library's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def new(self, set_name: str, questions: Sequence[Question], now: datetime) -> Path:
        """Where a new run is to be saved; its questions are kept there already.

        Raises:
            RunError: the folder cannot be written.
        """
        stem = re.sub(r"[^\w.-]+", "-", Path(set_name).stem)[:_MAX_STEM].strip(".-") or "set"
        stamped = f"{stem}-{now.strftime(_STAMP)}"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            save = self._path(stamped)
            number = 2
            while save.exists() or _questions_path(save).exists():
                save = self._path(f"{stamped}-{number}")
                number += 1
            kept = {"set": set_name, "questions": [question_as_json(q) for q in questions]}
            with _questions_path(save).open("x", encoding="utf-8") as file:
                file.write(json.dumps(kept))
        except OSError as error:
            raise RunError(
                f"The run cannot be kept in {self._folder}: {error.strerror or error}. "
                "Free some space or check the folder's rights."
            ) from error
        return save

    def path(self, name: str) -> Path:
        """The file of a run.

        Raises:
            RunError: there is no such run.
        """
        if name not in self._names():
            raise RunError(f"The run {name} is no longer there.")
        return self._path(name)

    def hold(self, save: Path) -> BinaryIO:
        """Keep others off an unfinished run until what is returned is closed.

        Raises:
            RunError: it is going on already, here or in another Footnote, or has ended.
        """
        path = _questions_path(save)
        try:
            held = path.open("r+b")
        except OSError as error:
            why = f"{path}: {error.strerror or error}. It may have been finished or deleted"
            raise RunError(f"{why}; look at the list again.") from error
        # A file that was removed while it was being locked is locked in vain.
        if _locked(held) and path.exists():
            return held
        held.close()
        raise RunError(
            f"The run {_name(save)} is going on in another window of Footnote; stop it there first."
        )

    def questions(self, name: str) -> tuple[str, tuple[Question, ...]]:
        """The set's name and the questions of a stopped run.

        Raises:
            RunError: they are not there, or damaged.
        """
        return _stopped_questions(_questions_path(self.path(name)))

    def result(self, name: str) -> EvalResult:
        """A finished run with its metrics.

        Raises:
            RunError: it is not there, or cannot be read.
        """
        path = self.path(name)
        if not path.exists():
            raise RunError(f"The run {name} is not finished yet.")
        return _result(path, _written(path))

    def all(self, settings: Mapping[str, object]) -> tuple[KeptRun, ...]:
        """Every run, the newest first.

        Args:
            settings: in use now; a run stopped under others cannot go on.
        """
        runs = [self._look_at(self._path(name), settings) for name in self._names()]
        return tuple(sorted(runs, key=lambda run: (run.started, run.name), reverse=True))

    def delete(self, name: str) -> None:
        """Remove a run and all that belongs to it.

        Raises:
            RunError: there is no such run, it is going on, or its file cannot be removed.
        """
        path = self.path(name)
        with self.hold(path) if _questions_path(path).exists() else nullcontext():
            try:
                for part in (path, journal_path(path), _questions_path(path)):
                    part.unlink(missing_ok=True)
            except OSError as error:
                raise RunError(
                    f"{path} could not be removed: {error.strerror or error}."
                ) from error

    def finish(self, path: Path) -> None:
        """Forget what only a run in progress needs, where the run is saved or never began."""
        if path.exists() or not journal_path(path).exists():
            _questions_path(path).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _names(self) -> set[str]:
        finished = {_name(path) for path in self._folder.glob("*.json")}
        stopped = {path.name.removesuffix(_ENDING) for path in self._folder.glob(f"*{_ENDING}")}
        return finished | stopped

    def _look_at(self, path: Path, settings: Mapping[str, object]) -> KeptRun:
        started = _started(path)
        try:
            if path.exists():
                return replace(_finished(path, _written(path)), started=started)
            return _stopped(path, started, settings)
        except FootnoteError as error:
            return KeptRun(_name(path), "", started, "damaged", error=str(error))


def _questions_path(save: Path) -> Path:
    return save.with_name(save.name + ".questions")


@lru_cache(maxsize=500)
def _finished(path: Path, _when: int) -> KeptRun:
    asked, _ = load_runs(path)
    n = counts(asked)
    return KeptRun(
        name=_name(path),
        set_name=asked.name,
        started=datetime.min,
        state="finished",
        n_questions=n["questions"],
        n_done=n["questions"],
        right=n["right"],
        wrong=n["wrong"],
        refused=n["refused"],
        errors=n["errors"],
    )


def _stopped(path: Path, started: datetime, settings: Mapping[str, object]) -> KeptRun:
    set_name, questions = _stopped_questions(_questions_path(path))
    try:
        lines = journal_path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    same = not lines or _parsed(lines[0]) == journal_head(questions, plain(settings))
    state: Literal["stopped", "other settings"] = "stopped" if same else "other settings"
    return KeptRun(
        name=_name(path),
        set_name=set_name,
        started=started,
        state="elsewhere" if _is_held(path) else state,
        n_questions=len(questions),
        n_done=max(0, len(lines) - 1),
    )


def _locked(file: BinaryIO) -> bool:
    """Lock a file, which lasts until it is closed or the process dies; whether that worked."""
    for _ in range(_LOCK_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_LOCK_PAUSE_S)
    return False


def _is_held(save: Path) -> bool:
    try:
        with _questions_path(save).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return isinstance(error, BlockingIOError)
    return False


def _stopped_questions(path: Path) -> tuple[str, tuple[Question, ...]]:
    try:
        data = _parsed(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        name, entries = str(data["set"]), list(data["questions"])
        return name, tuple(parse_question(entry, str(path)) for entry in entries)
    except (KeyError, TypeError) as error:
        raise RunError(f"{path} is damaged; delete this run and start it anew.") from error


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _started(path: Path) -> datetime:
    """When a run was begun, from its name; for a file of another name, when it was written."""
    found = _STARTED.search(_name(path))
    if found is not None:
        with suppress(ValueError):
            return datetime.strptime(found[1], _STAMP)
    return datetime.fromtimestamp(_written(path) / 1e9)


def _name(path: Path) -> str:
    return path.name.removesuffix(".json")


def _written(path: Path) -> int:
    """When the file was last written, in nanoseconds; 0 where it is gone."""
    for there in (path, _questions_path(path)):
        with suppress(OSError):
            return there.stat().st_mtime_ns
    return 0


@lru_cache(maxsize=4)
def _result(path: Path, _when: int) -> EvalResult:
    # Intervals of a large run take a second.
    return load_result(path)
