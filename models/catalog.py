"""The models that are known to work, as data: where they are, what they weigh, how to use them.

The entries stand in catalog.toml. Nothing is fetched here. A hash or revision that was not seen is
None, never a guess: a file without a pinned hash cannot be verified, and whoever fetches it has to
say so.
"""

import dataclasses
import difflib
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from models.errors import ModelError
from models.protocols import GeneratorProfile

_FILE = Path(__file__).with_name("catalog.toml")
# Below this, models invent too much when they write freely, so they only point at spans.
_COMPOSE_FROM_B = 2.0

Kind = Literal["generator", "embedder", "reranker"]


@dataclasses.dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One model file and what is known of it; None where something is not known.

    Attributes:
        name: what a person types.
        kind: what it is used for.
        licence: the licence of the weights.
        repo: where it lies on the model hub.
        package: the Python package that carries it, for the starter models.
        file: its file in the repository or package.
        revision: commit of the repository that was seen.
        sha256: hash of `file`, in hex.
        size_gb: size of `file` in 10^9 bytes.
        params_b: parameters in 10^9.
        context: the most tokens it reads at once; None for no limit, too.
        dim: length of an embedder's vectors.
        state: how far a generator's state can go back: "attention" to any token, "recurrent"
            nowhere (save it where it is needed), "sliding" only with a full-size cache.
        tier: the machine it suits: starter, tiny, small, laptop, desktop, station.
        reader: how a generator is used, see `GeneratorProfile`.
        strip: (start, end) marks of text that is never shown, besides the usual ones.
        template_args: what to pass to the model's chat template.
        unconfirmed: names of the fields that come from memory or inference.
        notes: one or two sentences for a person.
    """

    name: str
    kind: Kind
    licence: str
    repo: str | None = None
    package: str | None = None
    file: str | None = None
    revision: str | None = None
    sha256: str | None = None
    size_gb: float | None = None
    params_b: float | None = None
    context: int | None = None
    dim: int | None = None
    state: Literal["attention", "recurrent", "sliding"] | None = None
    tier: str | None = None
    reader: Literal["extract", "compose"] | None = None
    strip: tuple[tuple[str, str], ...] = ()
    template_args: Mapping[str, bool] = dataclasses.field(default_factory=dict)
    unconfirmed: tuple[str, ...] = ()
    notes: str = ""


@cache
def entries() -> tuple[CatalogEntry, ...]:
    """All entries, in the order of the file: starters, generators, embedders, rerankers."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))["model"]
    return tuple(_entry(table) for table in tables)


def lookup(name: str, *, kind: Kind | None = None) -> CatalogEntry:
    """The entry of a name, of a repository or of a file name; case does not matter.

    Args:
        name: for instance "granite-4.1-3b" or "granite-4.1-3b-Q4_K_M.gguf".
        kind: look among these only.

    Raises:
        ModelError: no such entry; the message lists names like it.
    """
    wanted = name.strip().lower()
    known = [entry for entry in entries() if kind in (None, entry.kind)]
    for entry in known:
        if wanted in _names(entry):
            return entry
    names = {entry.name.lower(): entry.name for entry in known}
    # A person often types the family only, which is not "close" by letters.
    near = [low for low in names if wanted and wanted in low]
    near += [low for low in difflib.get_close_matches(wanted, names, cutoff=0.5) if low not in near]
    hint = f"known are {', '.join(names.values())}."
    if near:
        hint = "did you mean " + ", ".join(names[low] for low in near[:5]) + "?"
    raise ModelError(f"no {kind or 'model'} called {name!r} in the catalogue; {hint}")


def profile_for(name: str, *, params_b: float | None = None) -> GeneratorProfile:
    """How to use a generator: by its entry, or by its size for one that is not in the catalogue.

    Args:
        name: as for `lookup`.
        params_b: parameters in 10^9, as the file itself states them; used for unknown names.

    Raises:
        ModelError: the name is unknown and no size is given.
    """
    try:
        entry = lookup(name, kind="generator")
    except ModelError:
        if params_b is None:
            raise
        return GeneratorProfile(reader="extract" if params_b < _COMPOSE_FROM_B else "compose")
    usual = GeneratorProfile()
    return GeneratorProfile(reader=entry.reader or usual.reader, strip=usual.strip + entry.strip)


def _names(entry: CatalogEntry) -> set[str]:
    found = {entry.name, entry.repo}
    # Many embedders lie in a "model.safetensors": only a GGUF's name tells which model it is.
    if entry.file and entry.file.endswith(".gguf"):
        found |= {entry.file, entry.file.removesuffix(".gguf")}
    return {name.lower() for name in found if name}


def _entry(table: dict[str, Any]) -> CatalogEntry:
    strip = tuple((start, end) for start, end in table.get("strip", ()))
    unconfirmed = tuple(table.get("unconfirmed", ()))
    return CatalogEntry(**table | {"strip": strip, "unconfirmed": unconfirmed})
