"""An evaluation that goes on beside everything else: one at a time, followed and stopped from outside.

Knows nothing of pages. Every answer is kept as it comes, so that what was stopped can go on.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from eval.errors import RunError
from eval.evaluate import evaluate
from eval.evidence import PathDocuments
from eval.kept_runs import KeptRun, KeptRuns
from eval.saved import described
from eval.types import Question, Record
from index.store import Store
from index.types import Hit
from models.errors import FootnoteError
from rag.settings import Settings
from rag.types import Answer, Event

_log = logging.getLogger(__name__)
_UNEXPECTED = (
    "Something went wrong inside Footnote; the terminal it runs in shows what. The answers given so "
    "far are kept, and the run can go on."
)


class Documents(Protocol):
    """The library whose answers are measured."""

    @property
    def folder(self) -> Path:
        """Where it lives."""

    @property
    def store(self) -> Store:
        """Documents and their text."""


class Asked(Protocol):
    """The pipeline whose answers are measured."""

    @property
    def library(self) -> Documents:
        """The documents."""

    @property
    def settings(self) -> Settings:
        """What the answers are made with."""

    def ask_stream(self, question: str, history: Sequence[str]) -> Iterator[Event]:
        """Events of an answer; the last one carries the whole answer."""

    def retrieve(self, question: str, history: Sequence[str]) -> Sequence[Hit]:
        """The passages a question finds, without reading them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the evaluation is.

    Attributes:
        state: "idle" before the first one; "stopped" and "failed" leave a run that can go on.
        name: of the run, as `KeptRuns` knows it.
        question: being asked now.
        baseline: whether the questions are all answered, and the baseline is being measured.
        seconds_left: None where it is not known yet.
        error: one sentence, where the state is "failed".
    """

    state: Literal["idle", "running", "stopped", "finished", "failed"] = "idle"
    set_name: str = ""
    name: str = ""
    total: int = 0
    done: int = 0
    right: int = 0
    wrong: int = 0
    refused: int = 0
    errors: int = 0
    question: str = ""
    baseline: bool = False
    seconds_left: float | None = None
    stopping: bool = False
    error: str = ""


class _StoppedError(Exception):
    """The person stopped the run; no error of the question that was being asked."""


class _ChangedError(Exception):
    """Another model or setting is in use than the run was begun with; no error of a question."""


class Evaluations:
    """Runs question sets in a thread of its own, one at a time.

    Args:
        pipeline: who answers.
        alone: is entered for as long as questions are asked, so that what can wait rests meanwhile.
    """

    def __init__(
        self, pipeline: Asked, alone: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._pipeline = pipeline
        self._alone = alone
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._standing = Standing()
        self._stop = threading.Event()
        self._settings: Mapping[str, str] = {}
        self._held: BinaryIO | None = None
        self._thread: threading.Thread | None = None

    @property
    def kept(self) -> KeptRuns:
        """The runs of the library."""
        return KeptRuns(self._pipeline.library.folder)

    @property
    def standing(self) -> Standing:
        """How far it is, at this moment."""
        return self._standing

    def runs(self) -> tuple[KeptRun, ...]:
        """Every kept run but the one that is going on, the newest first."""
        now = self._standing
        going_on = now.name if now.state == "running" else None
        found = self.kept.all(described(self._pipeline.settings))
        return tuple(run for run in found if run.name != going_on)

    def start(self, set_name: str, questions: Sequence[Question]) -> None:
        """Begin a run.

        Raises:
            RunError: another one is going on, or it cannot be kept.
        """
        with self._lock:
            self._check_free()
            save = self.kept.new(set_name, questions, datetime.now())
            self._begin(set_name, questions, save, resume=False)

    def resume(self, name: str) -> None:
        """Go on with a run that was stopped.

        Raises:
            RunError: another one is going on, this one cannot go on, or does so in another Footnote.
        """
        with self._lock:
            self._check_free()
            set_name, questions = self.kept.questions(name)
            self._begin(set_name, questions, self.kept.path(name), resume=True)

    def stop(self) -> None:
        """End the run before the next step of the question that is being asked."""
        self._stop.set()
        self._tell(stopping=True)

    def delete(self, name: str) -> None:
        """Remove a kept run.

        Raises:
            RunError: it is going on, or it is not there.
        """
        with self._lock:
            if self._standing.state == "running" and self._standing.name == name:
                raise RunError("This run is going on; stop it first.")
            self.kept.delete(name)

    def wait(self, timeout_s: float) -> Standing:
        """Wait for the end of the run that is going on, so long at most."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return self._standing

    def _check_free(self) -> None:
        if self._standing.state == "running":
            raise RunError(
                f"{self._standing.set_name} is being asked; wait for its end, or stop it first."
            )

    def _begin(
        self, set_name: str, questions: Sequence[Question], save: Path, *, resume: bool
    ) -> None:
        self._held = self.kept.hold(save)
        self._stop.clear()
        self._settings = described(self._pipeline.settings)
        name = save.name.removesuffix(".json")
        self._standing = Standing("running", set_name, name, total=len(questions))
        self._thread = threading.Thread(
            target=self._work,
            args=(set_name, questions, save, resume),
            name="footnote-evaluate",
            daemon=True,
        )
        self._thread.start()

    def _work(self, set_name: str, questions: Sequence[Question], save: Path, resume: bool) -> None:
        store = self._pipeline.library.store
        try:
            with self._alone():
                evaluate(
                    self._ask,
                    self._retrieve,
                    PathDocuments.of(store),
                    questions,
                    name=set_name,
                    describe=store.document,
                    settings=self._settings,
                    save=save,
                    resume=resume,
                    progress=self._progress,
                    on_record=self._count,
                )
        except _StoppedError:
            self._end("stopped", save)
        except _ChangedError:
            self._end("failed", save, self._changed())
        except FootnoteError as error:
            self._end("failed", save, str(error))
        except Exception:
            _log.exception("the evaluation broke off")
            self._end("failed", save, _UNEXPECTED)
        else:
            self._end("finished", save)
        finally:
            store.close()

    def _end(
        self, state: Literal["stopped", "finished", "failed"], save: Path, error: str = ""
    ) -> None:
        self.kept.finish(save)
        # Before it is told: who reads that it was stopped may go on with it at once.
        if self._held is not None:
            self._held.close()
        self._tell(state=state, error=error, question="", stopping=False)

    def _ask(self, question: str, history: Sequence[str]) -> Answer:
        self._check_goes_on()
        self._tell(question=question)
        events = self._pipeline.ask_stream(question, history)
        try:
            for event in events:
                if event.answer is not None:
                    # Settings change before the model does: where they are the same, it was too.
                    self._check_same()
                    return event.answer
                self._check_goes_on()
        finally:
            close = getattr(events, "close", None)
            if close is not None:
                close()
        raise AssertionError("the stream of events ended without an answer")

    def _retrieve(self, question: str, history: Sequence[str]) -> Sequence[Hit]:
        self._check_goes_on()
        if not self._standing.baseline:
            self._tell(baseline=True, question="")
        return self._pipeline.retrieve(question, history)

    def _check_goes_on(self) -> None:
        if self._stop.is_set():
            raise _StoppedError
        self._check_same()

    def _check_same(self) -> None:
        if described(self._pipeline.settings) != self._settings:
            raise _ChangedError

    def _changed(self) -> str:
        now, before = self._standing, self._settings["generator"]
        same = before == described(self._pipeline.settings)["generator"]
        back = "its settings are" if same else f"the model {before} is"
        return (
            f"{'The settings' if same else 'The model'} changed while {now.set_name} was being asked, "
            f"so the run ended after {now.done:,} of {now.total:,}: a run never mixes the answers of two. "
            f"Nothing is lost; it can go on once {back} in use again."
        )

    def _progress(self, done: int, total: int, seconds_left: float | None, right: int) -> None:
        self._tell(done=done, total=total, seconds_left=seconds_left, right=right)

    def _count(self, _question: Question, record: Record) -> None:
        field = {"wrong": "wrong", "refused": "refused", "error": "errors"}.get(record.outcome)
        if field is not None:
            self._tell(**{field: getattr(self._standing, field) + 1})

    def _tell(self, **changes: object) -> None:
        """Note how far the run is; one that has ended stays as it ended."""
        with self._telling:
            if self._standing.state == "running":
                self._standing = replace(self._standing, **changes)  # type: ignore[arg-type]
