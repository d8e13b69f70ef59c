"""What the models tab does when something is clicked; plain values in, HTML out, no Gradio."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import FootnoteError, ModelError
from models.memory import free_bytes
from rag.model_rows import describe_models
from rag.settings import Settings
from ui import models_html, models_said
from ui.clicks import guarded, word
from ui.markup import Markup
from ui.models_words import for_the_page
from ui.models_work import ModelWork
from ui.pieces import failure_html

_UNEXPECTED = "Something went wrong inside Footnote; the terminal it runs in shows what."


@dataclass(frozen=True, slots=True)
class Parts:
    """New content for the parts of the tab; None for what stays.

    Attributes:
        told: read aloud, too.
    """

    told: str | None = None
    progress: str | None = None
    models: str | None = None


class ModelsHandlers:
    """Answers the events of the tab, for all browsers.

    Args:
        pipeline: whose generator can be changed, if it has settings and readers.
    """

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self.work = ModelWork()
        self._later = ""
        # Tell the page that something is new, though it may read as before.
        self._news = itertools.count(1)

    @property
    def _settings(self) -> Settings:
        return getattr(self._pipeline, "settings", None) or Settings()

    @property
    def _can_use(self) -> bool:
        return all(hasattr(self._pipeline, name) for name in ("settings", "readers"))

    def arrive(self) -> Parts:
        """The tab is opened, perhaps after the page was loaded anew."""
        n_ended, jobs = self.work.now()
        told = models_said.told_html(jobs, arriving=True)
        return Parts(told, models_said.progress_html(jobs), self._list(n_ended))

    def tick(self, click: Mapping[str, Any]) -> Parts:
        """A second later: how far everything is; what was not told, and the list if it has changed.

        Args:
            click: what the browser was told last, `heard`, the number its list has, `seen`, and what it
                shows as going on, `running`. Only it knows: answers may arrive in another order than
                they were given.
        """
        n_ended, jobs = self.work.now()
        told = word(click, "heard") == models_said.heard(jobs)
        progress = models_said.progress_html(jobs)
        return Parts(
            told=None if told else models_said.told_html(jobs),
            progress=progress if progress or word(click, "running") else None,
            models=None if click.get("seen") == n_ended else self._list(n_ended),
        )

    def click(self, click: Mapping[str, Any]) -> Parts:
        """Do what a button or a form says."""
        name, anyway = word(click, "name"), word(click, "anyway") == "yes"
        acts: dict[str, Callable[[], Parts]] = {
            "download": lambda: self._download(name),
            "stop": self._stop,
            "use": lambda: self._use(name, anyway),
            "measure": lambda: self._measure(name, anyway),
            "remove": lambda: self._remove(name),
            "order": self._order_as_packaged,
            "add-file": lambda: self._add_file(click),
            "add-address": lambda: self._add_address(click),
        }
        act = acts.get(word(click, "do"))
        return Parts() if act is None else self._guarded(act)

    def _stop(self) -> Parts:
        """Stop the download."""
        self.work.stop()
        return Parts(progress=models_said.progress_html(self.work.jobs))

    def _download(self, name: str) -> Parts:
        from models.catalog import lookup
        from models.hub import check_downloadable
        from rag.modelling import download
        from ui.model_adding import hash_words

        entry = lookup(name)
        check_downloadable(entry)

        def fetch(
            progress: Callable[[int, int], None], stopped: Callable[[], bool]
        ) -> tuple[str, ...]:
            download(entry.name, progress, stopped)
            step = "Use it, or measure it first."
            if entry.kind == "embedder":
                step = f"Next, in a terminal: footnote embedder try {entry.name}"
            if entry.kind == "reranker":
                step = "Use it from the list."
            return (f"{entry.name} is here. {hash_words(entry)} {step}",)

        self.work.download(entry.name, fetch)
        return self._begun()

    def _use(self, name: str, anyway: bool) -> Parts:
        if not self._can_use:
            raise ModelError("This page cannot change the model it answers with.")
        self.work.work("use", name, lambda: self._switch(name, anyway))
        return self._begun()

    def _switch(self, name: str, anyway: bool) -> tuple[str, ...]:
        from rag.switching import use_now

        before, store = self._settings, self._pipeline.library.store
        try:
            used = use_now(self._pipeline, name, anyway=anyway)
        finally:
            # This thread's own connection.
            store.close()
        now = self._settings
        if used.settings.prover != now.prover:
            self._later = used.settings.prover
            if now.generator == before.generator:
                return (f"{used.name} is chosen (kept in {used.path}).", *used.notes)
        elif name == now.prover:
            self._later = ""
        return (f"Now in use: {used.name} (kept in {used.path}).", *used.notes)

    def _order_as_packaged(self) -> Parts:
        from rag.modelling import ModelChoice, keep_choice

        if not self._can_use:
            raise ModelError("This page cannot change the model it orders with.")
        name = "What comes with Footnote"
        used = keep_choice(ModelChoice(name, {"prover": "starter"}), self._settings)
        self._later = "" if self._settings.prover == "starter" else "starter"
        when = "from the next start on" if self._later else "now"
        said = [f"{name} orders passages {when} (kept in {used.path}).", *used.notes]
        return self._said(models_said.said_html(said))

    def _measure(self, name: str, anyway: bool) -> Parts:
        settings = self._settings

        def act() -> tuple[str, ...]:
            from rag.measuring import measure_model

            speed = measure_model(name, settings, anyway=anyway, running=True)
            return (f"{name} {models_html.measured_words(speed)}; loaded in {speed.load_s:.1f} s.",)

        self.work.work("measure", name, act)
        return self._begun()

    def _remove(self, name: str) -> Parts:
        from rag.modelling import remove_model
        from ui.model_table import gigabytes

        if any(job.name == name and job.state == "running" for job in self.work.jobs):
            raise ModelError(f"{name} is at work; wait for its end, or stop it first.")
        known, n_bytes = remove_model(name, self._settings)
        said = f"{known} is off the list; nothing of yours was deleted."
        if n_bytes:
            said = f"{known} was deleted, {gigabytes(n_bytes)} are free again."
        return self._said(models_said.said_html([said]))

    def _add_file(self, click: Mapping[str, Any]) -> Parts:
        """Make a GGUF file known."""
        from models.registered import register_file
        from ui.model_adding import file_words

        path, name = word(click, "where").strip(), word(click, "name").strip()
        if not path:
            raise ModelError("Type the path of a GGUF file first.")
        said = file_words(*register_file(Path(path), name or None))
        return self._added("add-file", [f"{said} Use it from the list."])

    def _add_address(self, click: Mapping[str, Any]) -> Parts:
        """Make a server known, after asking it which models it has."""
        from models.addresses import warning
        from ui.model_adding import register_server

        url, name, model, key_env = (
            word(click, key).strip() for key in ("url", "name", "model", "key_env")
        )
        if not url:
            raise ModelError("Type the address of a server first: http://localhost:8080/v1")
        address, note = register_server(
            url, name or None, model or None, key_env or None, anyway=word(click, "trusted") == "on"
        )
        said = [f"{address.name}: {address.model} at {address.url}. Use it from the list.", note]
        said.append(warning(address))
        return self._added("add-address", [for_the_page(one) for one in said if one])

    def _added(self, form: str, said: list[str]) -> Parts:
        """What was added with a form, so that what was typed for it may go."""
        told = models_said.said_html(said, data_form=form, data_added=next(self._news))
        return self._said(told)

    def _begun(self) -> Parts:
        """What has begun, or has ended already; the list follows with the next tick."""
        jobs = self.work.jobs
        return Parts(models_said.told_html(jobs), models_said.progress_html(jobs))

    def _said(self, told: Markup) -> Parts:
        """What came of a click at once, and the list as it is then."""
        n_ended, jobs = self.work.now()
        return Parts(told, models_said.progress_html(jobs), self._list(n_ended))

    def _list(self, n_ended: int) -> Markup:
        """The list as it is after so many jobs."""
        try:
            rows = describe_models(self._settings, running=True)
        except FootnoteError as error:
            return failure_html(for_the_page(str(error)), role=None)
        can_use, prover = self._can_use, self._settings.prover
        view = models_html.ListView(can_use, prover, self._later, n_ended)
        return models_html.list_html(rows, free_bytes(), view)

    def _guarded(self, act: Callable[[], Parts]) -> Parts:
        """What came of it; where it failed, one sentence why."""

        def failed(message: str) -> Parts:
            shown = for_the_page(message)
            return Parts(told=failure_html(shown, role=None, data_n=next(self._news)))

        return guarded(act, failed, _UNEXPECTED)
