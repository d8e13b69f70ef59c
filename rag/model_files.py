"""Which model files an answer stands on, each with its fingerprint: what a trace keeps of them."""

from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from models.digests import known_sha256
from models.packaged import (
    EMBEDDER_FILES,
    GENERATOR_FILES,
    STARTER_EMBEDDER,
    STARTER_GENERATOR,
)
from models.prover import WEIGHTS as PROVER_WEIGHTS
from models.tagger import WEIGHTS as TAGGER_WEIGHTS
from rag.readers import reader_adapter
from rag.settings import Settings
from rag.trace import ModelFile

# Programs that compute what an answer hangs on.
_PROGRAMS = (
    "footnote",
    "faiss-cpu",
    "llama-cpp-python",
    "numpy",
    "sentence-transformers",
    "snowballstemmer",
    "torch",
    "transformers",
)
_FITTED = ("evidence_weights.json", "answer_weights.json", "support_weights.json")


@lru_cache(maxsize=1)
def program_versions() -> dict[str, str]:
    """Versions of Footnote and of the programs underneath that compute."""
    found = {}
    for name in _PROGRAMS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed as a package"
    return found


def model_files(settings: Settings) -> tuple[ModelFile, ...]:
    """The files of the models that the settings of a pipeline name, in a fixed order."""
    return tuple(_files(settings))


def _files(settings: Settings) -> Iterator[ModelFile]:
    yield _embedder(settings.embedder)
    yield _generator(settings)
    fake = "fake" in (settings.prover, settings.generator)
    if settings.generator == "starter" and (adapter := reader_adapter()) is not None:
        yield _shipped("reader adapter", adapter)
    if settings.prover != "none" and not fake:
        yield _shipped("prover", _in("models", PROVER_WEIGHTS))
        yield _shipped("tagger", _in("models", TAGGER_WEIGHTS))
    if settings.prover not in ("none", "starter", "fake"):
        yield _own("reranker", settings.prover)
    for name in _FITTED:
        yield _shipped("fitted weights", _in("rag", name))


def _embedder(name: str) -> ModelFile:
    if name == "fake":
        return ModelFile("embedder", "fake")
    if name == "starter":
        return ModelFile("embedder", STARTER_EMBEDDER, EMBEDDER_FILES["model.safetensors"])
    return _own("embedder", name)


def _generator(settings: Settings) -> ModelFile:
    if settings.generator == "fake":
        return ModelFile("reader", "fake")
    if settings.generator == "starter":
        name = f"{STARTER_GENERATOR} {settings.quantisation}"
        return ModelFile("reader", name, next(iter(GENERATOR_FILES.values())))
    return _own("reader", settings.generator)


def _own(part: str, name: str) -> ModelFile:
    """A model that the settings name by file, folder or name; only the last part of a path is kept."""
    path = Path(name).expanduser()
    file = path / "model.safetensors" if path.is_dir() else path
    if not path.exists():
        return ModelFile(part, name)
    return ModelFile(part, path.name, known_sha256(file))


def _shipped(part: str, path: Path) -> ModelFile:
    return ModelFile(part, path.name, known_sha256(path))


def _in(package: str, name: str) -> Path:
    return Path(str(files(package).joinpath(name)))
