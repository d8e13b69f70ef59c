"""What the tab for measuring does when something is clicked; plain values in, HTML out, no Gradio."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.available import AvailableSet, available_sets, check_readable, take_in
from eval.background import Evaluations
from eval.compare import Comparison, compare
from eval.errors import QuestionSetError, RunError
from eval.evidence import PathDocuments, words_of
from eval.kept_runs import KeptRun
from eval.questions import load_questions
from eval.report import html_report
from eval.types import Evidence
from ui import evaluate_html, uploads
from ui.clicks import guarded, word
from ui.evaluate_questions import first_choice, questions_html
from ui.evaluate_result import compared_html, result_html
from ui.evaluate_view import Parts, View
from ui.markup import Markup
from ui.pieces import failure_html, message_html
from ui.protocols import Pipeline

_UNEXPECTED = (
    "Something went wrong inside Footnote; the terminal it runs in shows what. Kept runs and "
    "question sets are as they were."
)


class EvaluateHandlers:
    """Answers the events of the tab, for all browsers.

    Args:
        pipeline: whose answers are measured.
        alone: is entered for as long as a set is asked (`Evaluations`).
    """

    def __init__(
        self, pipeline: Pipeline, alone: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._pipeline = pipeline
        self.evaluations = Evaluations(pipeline, alone)
        self._named: list[Path] = []
        # Tell the page that something is new, though it may read as before.
        self._news = itertools.count(1)

    def arrive(self, view: View) -> Parts:
        """The tab is opened, perhaps after the page was loaded anew."""
        now = self.evaluations.standing
        parts = Parts(
            told=evaluate_html.told_html(now, arriving=True),
            progress=evaluate_html.progress_html(now),
            sets=self._sets(),
            runs=self._runs(),
        )
        if now.state == "finished" and not view.run:
            return self._joined(parts, self._last_result)
        return parts

    def tick(self, view: View, click: Mapping[str, Any]) -> Parts:
        """A second later: how far the run is; once it has ended, what came of it.

        Args:
            view: what the browser has open.
            click: what it was told last of the run, `heard`, and whether it shows one, `running`. Only
                the browser knows: answers may arrive in another order than they were given.
        """
        now = self.evaluations.standing
        shown = now.state == "running" or word(click, "running")
        parts = Parts(progress=evaluate_html.progress_html(now) if shown else None)
        if word(click, "heard") == evaluate_html.heard(now):
            return parts
        parts = replace(parts, told=evaluate_html.told_html(now))
        if now.state == "running":
            return parts
        parts = replace(parts, runs=self._runs())
        if now.state == "finished" and not view.run:
            # What somebody is reading is not taken away.
            return self._joined(parts, self._last_result)
        return parts

    def click(self, click: Mapping[str, Any]) -> Parts:
        """Do what a button or a form says."""
        acts: dict[str, Callable[[Mapping[str, Any]], Parts]] = {
            "start": self._start,
            "resume": lambda data: self._resume(word(data, "run")),
            "stop": lambda data: self._stop(),
            "open": lambda data: self._open(word(data, "run"), next(self._news)),
            "close": lambda data: Parts(result="", questions="", view=View()),
            "show": self._show,
            "compare": lambda data: self._compare(word(data, "run"), word(data, "other")),
            "delete": lambda data: self._delete(word(data, "run")),
            "name": lambda data: self._name(word(data, "where").strip()),
            "drop": self._drop,
        }
        act = acts.get(word(click, "do"))
        return Parts() if act is None else self._guarded(lambda: act(click))

    def export(self, view: View, click: Mapping[str, Any]) -> tuple[dict[str, str], Parts]:
        """A file with what is open, its name and content.

        Args:
            view: what is open.
            click: its `ending` says which: ".html" for a report, ".json" for figures.
        """
        file = {"name": "", "content": ""}

        def make() -> Parts:
            file["name"], file["content"] = self._file(view, word(click, "ending"))
            return Parts()

        return file, self._guarded(make)

    def _file(self, view: View, ending: str) -> tuple[str, str]:
        result = self.evaluations.kept.result(view.run)
        comparison = self._comparison(view) if view.other else None
        if ending == ".html":
            return f"footnote-{view.run}.html", html_report(result, comparison)
        data = comparison.as_json() if comparison is not None else result.as_json()
        kind = "comparison" if comparison is not None else "figures"
        return f"footnote-{view.run}-{kind}.json", json.dumps(data, indent=2)

    def _start(self, click: Mapping[str, Any]) -> Parts:
        """Ask the questions of a set, so many as `limit` says, or all."""
        path, limit = word(click, "set"), word(click, "limit")
        chosen = next((s for s in self._available() if str(s.path) == path), None)
        if chosen is None or not chosen.fits:
            raise QuestionSetError(
                "This question set has changed or is gone; look at the list again."
            )
        self.evaluations.start(chosen.name, load_questions(chosen.path)[: _count(limit)])
        return self._begun()

    def _resume(self, name: str) -> Parts:
        self.evaluations.resume(name)
        return self._begun()

    def _stop(self) -> Parts:
        self.evaluations.stop()
        return Parts(progress=evaluate_html.progress_html(self.evaluations.standing))

    def _begun(self) -> Parts:
        now = self.evaluations.standing
        return Parts(
            told=evaluate_html.told_html(now),
            progress=evaluate_html.progress_html(now),
            runs=self._runs(),
            result="",
            questions="",
            view=View(),
        )

    def _open(self, name: str, opening: int = 0) -> Parts:
        kept = self.evaluations.kept
        result, place = kept.result(name), kept.path(name)
        run, others = self._with_others(name)
        return Parts(
            told="",
            result=result_html(result, run, others, place, opening=opening),
            questions=questions_html(
                result.run, name, self._words(), show=first_choice(result.run)
            ),
            view=View(name),
        )

    def _show(self, click: Mapping[str, Any]) -> Parts:
        name, show = word(click, "run"), word(click, "show")
        run = self.evaluations.kept.result(name).run
        page = _number(word(click, "page")) or 1
        return Parts(questions=questions_html(run, name, self._words(), show=show, page=page))

    def _compare(self, name: str, other: str) -> Parts:
        view = View(name, other)
        comparison = self._comparison(view)
        shown = compared_html(
            comparison, self._in_order(view), self._words(), name, opening=next(self._news)
        )
        return Parts(told="", result=shown, questions="", view=view)

    def _comparison(self, view: View) -> Comparison:
        before, after = self._in_order(view)
        kept = self.evaluations.kept
        return compare(kept.result(before.name).run, kept.result(after.name).run)

    def _in_order(self, view: View) -> tuple[KeptRun, KeptRun]:
        """Both runs, the older first."""
        both = [run for run in self.evaluations.runs() if run.name in (view.run, view.other)]
        if len(both) != 2:
            raise RunError("One of the two runs is no longer there.")
        return both[1], both[0]

    def _delete(self, name: str) -> Parts:
        self.evaluations.delete(name)
        return Parts(
            told=message_html("The run was deleted."),
            runs=self._runs(),
            result="",
            questions="",
            view=View(),
        )

    def _drop(self, click: Mapping[str, Any]) -> Parts:
        """Keep a question set that was handed over."""
        folder = self._pipeline.library.folder
        paths, _ = uploads.handed_over(click, folder)
        if not paths:
            raise QuestionSetError("No file has arrived. Choose it again.")
        return Parts(told=_added(take_in(paths[0], folder)), sets=self._sets())

    def _name(self, words: str) -> Parts:
        """Offer a question set that lies somewhere else."""
        if not words:
            raise QuestionSetError("Type the path of a question set first.")
        path = Path(words).expanduser().absolute()
        check_readable(path)
        load_questions(path)
        if path not in self._named and all(path != item.path for item in self._available()):
            self._named.append(path)
        told = _added(path, data_form="name", data_added=next(self._news))
        return Parts(told=told, sets=self._sets())

    def _last_result(self) -> Parts:
        parts = self._open(self.evaluations.standing.name)
        return replace(parts, told=evaluate_html.told_html(self.evaluations.standing, opened=True))

    def _with_others(self, name: str) -> tuple[KeptRun, tuple[KeptRun, ...]]:
        """A finished run, and the finished runs of the same set."""
        runs = [run for run in self.evaluations.runs() if run.state == "finished"]
        own = next((run for run in runs if run.name == name), None)
        if own is None:
            raise RunError(f"The run {name} is no longer there.")
        same = (run for run in runs if run.name != name and run.set_name == own.set_name)
        return own, tuple(same)

    def _available(self) -> Sequence[AvailableSet]:
        library = self._pipeline.library
        return available_sets(library.store, library.folder, self._named)

    def _words(self) -> Callable[[Evidence], str | None]:
        """The words of a piece of evidence, looked up in the library."""
        documents = PathDocuments.of(self._pipeline.library.store)
        return lambda piece: words_of(piece, documents)

    def _sets(self) -> str:
        return evaluate_html.sets_html(self._available())

    def _runs(self) -> str:
        return evaluate_html.runs_html(self.evaluations.runs())

    def _joined(self, parts: Parts, more: Callable[[], Parts]) -> Parts:
        added = self._guarded(more)
        names = ("told", "result", "questions", "view")
        return replace(parts, **{name: getattr(added, name) for name in names})

    def _guarded(self, act: Callable[[], Parts]) -> Parts:
        """What came of it; where it failed, one sentence why."""

        def failed(message: str) -> Parts:
            told = failure_html(message, role=None, data_n=next(self._news))
            return Parts(told=told, runs=self._runs())

        return guarded(act, failed, _UNEXPECTED)


def _count(words: str) -> int | None:
    """How many questions are wanted; None for all."""
    words = words.strip()
    if not words or words.casefold() == "all":
        return None
    number = _number(words)
    if not number:
        raise QuestionSetError(
            f"“{words[:20]}” is no number of questions; type one from 1 on, or nothing for all."
        )
    return number


def _number(words: str) -> int | None:
    return int(words) if words.isdecimal() and len(words) < 10 else None


def _added(path: Path, **attributes: str | int) -> Markup:
    return message_html("", path.name, " can be run now, if its documents are there.", **attributes)
