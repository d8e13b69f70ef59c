"""Choosing models: downloading, using, removing. The page and the command call it; nothing is printed."""

import dataclasses
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.catalog import lookup
from models.downloaded import bytes_here, discard, is_downloaded
from models.errors import ModelError
from models.hub import download as download_entry
from models.locate import entry_of, locate_folder, locate_generator
from models.packaged import STARTER_GENERATOR
from models.registered import Address, find_registered, forget
from rag.beside import read_choice
from rag.errors import SettingsError
from rag.fitting import check_fits
from rag.model_rows import canonical_name, names_in_use
from rag.settings import Settings, config_file
from rag.settings_file import write_setting


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that can be used.

    Attributes:
        name: of the model.
        changes: settings that name it.
        notes: what a person must know: where passages go, which reader suits.
    """

    name: str
    changes: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def applied(self, settings: Settings) -> Settings:
        """The settings with this model."""
        return dataclasses.replace(settings, **self.changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Used:
    """What `use_model` did.

    Attributes:
        name: of the model.
        path: of the settings file.
        settings: as they are now, with nothing but this changed.
        notes: what a person must know: where passages go, what overrides the file.
    """

    name: str
    path: Path
    settings: Settings
    notes: tuple[str, ...] = ()


def download(
    name: str,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Path:
    """Fetch a model of the catalogue by its name; see `models.hub.download`."""
    return download_entry(lookup(name), on_progress=on_progress, stopped=stopped)


def use_model(
    name: str, settings: Settings, *, anyway: bool = False, running: bool = False
) -> Used:
    """Write into the settings file that a generator or reranker is to be used from now on.

    Args:
        name: of the list, the path of a GGUF file, or "starter" for what comes with Footnote.
        settings: as they are now.
        anyway: do not look whether it fits into the memory.
        running: Footnote itself is in memory already.

    Raises:
        FootnoteError: it is not here, cannot be used, or does not fit; nothing is written then.
    """
    return keep_choice(find_choice(name, settings, anyway=anyway, running=running), settings)


def find_choice(
    name: str, settings: Settings, *, anyway: bool = False, running: bool = False
) -> ModelChoice:
    """Find a model, verify it and look whether it fits; see `use_model`. Nothing is written."""
    if name.lower() in ("starter", STARTER_GENERATOR.lower()):
        return _starter_choice(settings)
    entry = None if find_registered(name) or Path(name).expanduser().is_file() else entry_of(name)
    if entry is not None and entry.kind == "embedder":
        raise SettingsError(
            f"{entry.name} is an embedder, which needs an index of its own. Make one beside the one in "
            f"use, compare and switch: footnote embedder try {entry.name}"
        )
    if entry is not None and entry.kind == "reranker":
        locate_folder(entry.name, "reranker")
        return ModelChoice(entry.name, {"prover": entry.name})
    return _generator_choice(name, settings, anyway=anyway, running=running)


def keep_choice(choice: ModelChoice, settings: Settings) -> Used:
    """Write a choice into the settings file.

    Raises:
        SettingsError: the file cannot be read or written.
    """
    path = config_file()
    notes = list(choice.notes)
    for key, value in choice.changes.items():
        write_setting(path, key, value, default="starter")
        variable = f"FOOTNOTE_{key.upper()}"
        named = os.environ.get(variable)
        if named and named != value:
            notes.append(
                f"But the environment variable {variable}={named} overrides the settings file; unset it."
            )
    return Used(choice.name, path, choice.applied(settings), tuple(notes))


def remove_model(name: str, settings: Settings) -> tuple[str, int]:
    """Delete what was downloaded of a model, or take one's own off the list.

    Returns:
        The model's name, and the bytes that became free: 0 for one's own, whose file stays.

    Raises:
        FootnoteError: it is in use, comes with Footnote, or is not here.
    """
    name = STARTER_GENERATOR if name.lower() == "starter" else name
    own = find_registered(name)
    if own is None and Path(name).expanduser().is_file():
        raise ModelError(f"{name} is a file of yours; Footnote deletes only what it downloaded.")
    entry = None if own else lookup(name)
    known = own.name if own else entry.name if entry else name
    if entry is not None and entry.package is not None:
        raise ModelError(f"{known} comes with Footnote and stays.")
    if known in _all_in_use(settings):
        raise ModelError(
            f"{known} is in use. Use another one first: footnote models use starter"
            + (" (or footnote embedder switch)" if entry and entry.kind == "embedder" else "")
        )
    if entry is None:
        forget(known)
        return known, 0
    if not is_downloaded(entry) and not bytes_here(entry):
        raise ModelError(f"{known} is not on this machine; there is nothing to remove.")
    return known, discard(entry)


def _all_in_use(settings: Settings) -> set[str]:
    """Names in use, also by the index beside the one that answers."""
    used = set(names_in_use(settings).values())
    choice = read_choice(settings.library)
    if choice is not None:
        used |= {canonical_name(one, "embedder") for one in (choice.first, choice.second)}
    return used


def _starter_choice(settings: Settings) -> ModelChoice:
    """Go back to what comes with Footnote; a prover that is switched off stays so."""
    back = {"generator": "starter"}
    if settings.prover not in ("starter", "none", "fake"):
        back["prover"] = "starter"
    return ModelChoice(STARTER_GENERATOR, back)


def _generator_choice(name: str, settings: Settings, *, anyway: bool, running: bool) -> ModelChoice:
    located = locate_generator(name)
    notes: list[str] = []
    value = name
    if isinstance(located.where, Address):
        from models.addresses import check_url, warning

        check_url(located.where.url, anyway=located.where.anyway)
        if settings.reader == "extract":
            raise SettingsError(
                f"{located.name} is behind an address, and the settings say reader = extract, which needs "
                "a file. Set reader to auto."
            )
        notes.append(warning(located.where))
        value = located.name
    else:
        # A path is kept whole, so that it is found from anywhere.
        is_path = find_registered(name) is None and Path(name).expanduser().is_file()
        value = os.path.abspath(Path(name).expanduser()) if is_path else located.name
        _check_runs(located.where)
        if not anyway:
            check_fits(dataclasses.replace(settings, generator=value), running=running)
        if settings.reader not in ("auto", located.profile.reader):
            notes.append(
                f"This model is best used with reader {located.profile.reader}; the settings say "
                f"{settings.reader}."
            )
    return ModelChoice(located.name, {"generator": value}, tuple(notes))


def _check_runs(path: Path) -> None:
    """Let llama.cpp read the vocabulary: cheap, and it fails for what it does not know.

    Raises:
        ModelError: this llama.cpp cannot load such a model.
    """
    from models.gguf_header import read_header
    from models.registered import check_architecture

    check_architecture(path, read_header(path))
