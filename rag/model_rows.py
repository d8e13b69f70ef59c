"""The models a person can choose from, each with what it needs and how it did here: data for a table."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from models.catalog import CatalogEntry, Kind, entries
from models.downloaded import bytes_here, is_downloaded, path_of, read_record
from models.errors import ModelError
from models.gguf_header import GgufHeader, read_header
from models.locate import entry_of, profile_of_file
from models.measured import Quality, Speed, read_measured
from models.memory import OWN_BYTES, Need, free_bytes, need_of_entry, need_of_file
from models.packaged import STARTER_EMBEDDER, STARTER_GENERATOR, starter_gguf
from models.registered import Address, OwnFile, find_registered, registered
from rag.beside import in_use
from rag.settings import Settings

_KINDS: tuple[Kind, ...] = ("generator", "embedder", "reranker")
# What settings say instead of a model's name.
_NO_MODELS = frozenset({"starter", "fake", "none"})
Source = Literal["starter", "catalogue", "file", "address"]


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model of the list.

    Attributes:
        name: what a person types.
        kind: generator, embedder or reranker.
        source: comes with Footnote, from the catalogue, or one's own: a file or an address.
        here: it can be used now.
        in_use: the settings name it.
        where: the file, folder or address; None where it is not here.
        size_bytes: of its files; None where unknown, and for an address.
        bytes_here: of an unfinished download.
        can_download: the catalogue says which files to fetch.
        need_bytes: memory; None where unknown, and for an address.
        need_estimated: from its size in the catalogue.
        fits: whether that is free now, with Footnote itself; None where unknown.
        licence: of the weights; None where unknown.
        reader: how a generator is used: extract or compose.
        tier: the machine it suits.
        params_b: parameters in 10^9.
        context: the most tokens it reads at once.
        pinned: the catalogue has a hash of its file.
        speed: as measured here.
        quality: on a question set of one's own.
        notes: a sentence or two for a person.
    """

    name: str
    kind: Kind
    source: Source
    here: bool
    in_use: bool = False
    where: str | None = None
    size_bytes: int | None = None
    bytes_here: int = 0
    can_download: bool = False
    need_bytes: int | None = None
    need_estimated: bool = False
    fits: bool | None = None
    licence: str | None = None
    reader: str | None = None
    tier: str | None = None
    params_b: float | None = None
    context: int | None = None
    pinned: bool = False
    speed: Speed | None = None
    quality: Quality | None = None
    notes: str = ""


def describe_models(settings: Settings, *, running: bool = False) -> tuple[ModelRow, ...]:
    """All models: those in use first, then those that are here, then the catalogue in its order.

    Args:
        settings: say which ones are in use, and the context a generator gets.
        running: Footnote itself is in memory already, with the models in use.

    Raises:
        ModelError: the list of one's own models is damaged.
    """
    used = names_in_use(settings)
    measured, free = read_measured(), free_bytes()
    own = 0 if running else OWN_BYTES
    rows = []
    for row in _all(settings, used):
        speed, quality = measured.get(row.name, (None, None))
        in_use_now = row.in_use and running
        fits = None
        if row.need_bytes is not None and free is not None:
            fits = in_use_now or row.need_bytes + own <= free
        rows.append(replace(row, fits=fits, speed=speed, quality=quality))
    return tuple(
        sorted(rows, key=lambda row: (not row.in_use, not row.here, _KINDS.index(row.kind)))
    )


def names_in_use(settings: Settings) -> dict[Kind, str]:
    """What the settings use, by the names of the list; what is not listed by what they call it."""
    return {
        "generator": canonical_name(settings.generator, "generator"),
        "embedder": canonical_name(in_use(settings)[0].embedder, "embedder"),
        "reranker": canonical_name(settings.prover, "reranker"),
    }


def canonical_name(called: str, kind: Kind) -> str:
    """The name in the list of what the settings call a model."""
    if called == "starter":
        return {"generator": STARTER_GENERATOR, "embedder": STARTER_EMBEDDER}.get(kind, called)
    if Path(called).expanduser().exists():
        return called
    own = find_registered(called) if kind == "generator" else None
    entry = entry_of(called, kind)
    return own.name if own else entry.name if entry else called


def _all(settings: Settings, used: dict[Kind, str]) -> list[ModelRow]:
    rows = [_own(model, settings, used) for model in registered().values()]
    rows += [_of_catalogue(entry, settings, used) for entry in entries()]
    known = {row.name for row in rows}
    rows += [_unlisted(kind, name, settings) for kind, name in used.items() if name not in known]
    return [row for row in rows if row.name not in _NO_MODELS]


def _unlisted(kind: Kind, name: str, settings: Settings) -> ModelRow:
    """A file or folder that the settings name by its path, or a name that only the hub may know."""
    path = Path(name).expanduser()
    if kind == "generator" and name not in _NO_MODELS:
        return replace(_of_path(path, name, settings), in_use=True)
    return ModelRow(name, kind, "file", here=path.exists(), in_use=True, where=str(path))


def _of_catalogue(entry: CatalogEntry, settings: Settings, used: dict[Kind, str]) -> ModelRow:
    here = entry.package is not None or is_downloaded(entry)
    need = need_of_entry(entry, settings.context_tokens)
    where = None if entry.package or not here else path_of(entry)
    size = int(entry.size_gb * 1e9) if entry.size_gb else None
    if where is not None:
        record = read_record(entry)
        size = sum(record.sizes.values()) if record else size
    if entry.kind == "generator" and here:
        header = _header(where or starter_gguf())
        need = need_of_file(header, settings.context_tokens) if header else need
    return ModelRow(
        name=entry.name,
        kind=entry.kind,
        source="starter" if entry.package else "catalogue",
        here=here,
        in_use=used[entry.kind] == entry.name,
        where=str(where) if where else None,
        size_bytes=size,
        bytes_here=0 if here else bytes_here(entry),
        can_download=entry.package is None
        and (entry.kind != "generator" or entry.file is not None),
        need_bytes=need.n_bytes if need else None,
        need_estimated=bool(need and need.estimated),
        licence=entry.licence,
        reader=entry.reader,
        tier=entry.tier,
        params_b=entry.params_b,
        context=entry.context,
        pinned=entry.sha256 is not None,
        notes=entry.notes,
    )


def _own(model: OwnFile | Address, settings: Settings, used: dict[Kind, str]) -> ModelRow:
    in_use_now = used["generator"] == model.name
    if isinstance(model, OwnFile):
        return replace(_of_path(model.path, model.name, settings), in_use=in_use_now)
    return ModelRow(
        name=model.name,
        kind="generator",
        source="address",
        here=True,
        in_use=in_use_now,
        where=model.url,
        reader="compose",
        context=model.context_tokens,
        notes=f"{model.model} at {model.url}: passages are sent there.",
    )


def _of_path(path: Path, name: str, settings: Settings) -> ModelRow:
    header = _header(path)
    if header is None:
        gone = "The file cannot be read as a model." if path.exists() else "There is no such file."
        return ModelRow(name, "generator", "file", here=False, where=str(path), notes=gone)
    need: Need = need_of_file(header, settings.context_tokens)
    return ModelRow(
        name=name,
        kind="generator",
        source="file",
        here=True,
        where=str(path),
        size_bytes=header.size_bytes,
        need_bytes=need.n_bytes,
        licence=header.licence,
        reader=profile_of_file(path).reader,
        params_b=header.params / 1e9,
        context=header.context,
        notes=header.name,
    )


def _header(path: Path) -> GgufHeader | None:
    try:
        return read_header(path)
    except ModelError:
        return None
