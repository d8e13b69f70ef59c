"""Downloading a model of the catalogue: one GGUF file, or the files of a sentence-transformers model.

What arrives is compared with the hash in the catalogue; where the catalogue has none, with the one that
the hub states. The hash of each file is written down beside it, so that later changes are noticed.
`HF_ENDPOINT` names a mirror, `HF_HUB_OFFLINE` forbids all of it, `HF_TOKEN` is sent where it is set.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from models.catalog import CatalogEntry
from models.digests import file_sha256
from models.downloaded import Record, alone_with, folder_of, parts_of, path_of, write_record
from models.errors import ModelError
from models.packaged import remember_verified

if TYPE_CHECKING:
    from models.fetching import Watch

HUB = "https://huggingface.co"
_SHA256, _BLOB = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{40}")
# What sentence-transformers loads. Other formats of the same weights lie beside them, among them
# pickles, which can run code.
_ENDINGS = (".safetensors", ".json", ".txt", ".model")
_OTHER_FORMATS = frozenset({"onnx", "openvino", "coreml", "flax", "gguf", "eval", "results"})
_SPARE_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file of a repository.

    Attributes:
        path: in the repository.
        size: bytes.
        mark: what the hub knows its content by: a sha256, or git's own hash of a small file.
    """

    path: str
    size: int
    mark: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be fetched, of which commit."""

    commit: str
    files: tuple[WantedFile, ...]

    @property
    def n_bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def endpoint() -> str:
    """Where models are fetched from: `$HF_ENDPOINT` as it is now, else the hub itself."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


def _token(source: str) -> bool | None:
    """Whether the person's token may go there: never in plain text; None for what the hub's library does."""
    return None if source.startswith("https://") else False


def download(
    entry: CatalogEntry,
    *,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Path:
    """Fetch a model of the catalogue, or what is missing of it.

    Args:
        entry: of the catalogue.
        on_progress: is told (bytes here, bytes in all).
        stopped: is asked, several times a second, whether to stop.

    Returns:
        The GGUF file, or the folder of a model with several files.

    Raises:
        ModelError: it cannot be fetched, or is not what the catalogue says; nothing wrong is kept.
        DownloadStoppedError: `stopped` said so; what arrived is kept.
    """
    # Half a second to import, and not needed to use what is here.
    from models.fetching import Watch
    from models.hub_errors import told_plainly

    check_downloadable(entry)
    source = endpoint()
    with alone_with(entry), told_plainly(entry, source):
        plan = _one_file(entry, source) if entry.kind == "generator" else _repository(entry, source)
        _check_pin(entry, plan, source)
        _check_space(entry, plan)
        watch = Watch(plan.n_bytes, on_progress, stopped)
        hashes = {}
        for file in plan.files:
            hashes[file.path] = _bring(entry, plan, file, source, watch)
            watch.done += file.size
        sizes = {file.path: file.size for file in plan.files}
        write_record(entry, Record(plan.commit, hashes, sizes), source=source)
        shutil.rmtree(parts_of(entry), ignore_errors=True)
        # Read just now: the first use need not read gigabytes again.
        remember_verified(folder_of(entry), hashes)
    return path_of(entry)


def check_downloadable(entry: CatalogEntry) -> None:
    """Say whether the catalogue knows what to fetch.

    Raises:
        ModelError: it comes with Footnote, or no file is named.
    """
    if entry.repo is None or entry.package is not None:
        raise ModelError(f"{entry.name} comes with Footnote; there is nothing to download.")
    if entry.kind == "generator" and entry.file is None:
        raise ModelError(
            f"The catalogue does not say which file of {entry.repo} is {entry.name}. Fetch a GGUF file "
            "from there by hand, then: footnote models add /path/to/the.gguf"
        )


def _one_file(entry: CatalogEntry, source: str) -> Plan:
    """The file of a generator."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(entry.repo or "", entry.file or "", revision=entry.revision, endpoint=source)
    found = get_hf_file_metadata(
        url, endpoint=source, library_name="footnote", token=_token(source)
    )
    if not found.commit_hash or not found.etag or not found.size:
        raise ModelError(
            f"{source} answers, but not as a model hub does (no commit, mark or size for {entry.file}). "
            "Check HF_ENDPOINT, and whether a proxy or a login page stands in between."
        )
    return Plan(found.commit_hash, (WantedFile(entry.file or "", found.size, found.etag),))


def _repository(entry: CatalogEntry, source: str) -> Plan:
    """The files of a model that sentence-transformers loads.

    Raises:
        ModelError: the repository has no weights in a format that cannot run code.
    """
    from huggingface_hub import HfApi

    found = HfApi(endpoint=source, library_name="footnote", token=_token(source)).model_info(
        entry.repo or "", revision=entry.revision, files_metadata=True
    )
    files = tuple(
        WantedFile(
            file.rfilename,
            int(file.size or 0),
            file.lfs.sha256 if file.lfs is not None else file.blob_id or "",
        )
        for file in found.siblings or ()
        if _is_needed(file.rfilename)
    )
    if not any(file.path.endswith(".safetensors") for file in files):
        raise ModelError(
            f"{entry.repo} holds no weights as safetensors, and Footnote loads no others: they may run "
            "code. Choose another model: footnote models list"
        )
    return Plan(found.sha or entry.revision or "main", files)


def _is_needed(name: str) -> bool:
    """Whether a file is one to fetch, and its name one that stays in the model's own folder."""
    path = PurePosixPath(name)
    if "\\" in name or path.is_absolute() or any(part.startswith(".") for part in path.parts):
        return False
    return name.endswith(_ENDINGS) and not _OTHER_FORMATS & {
        part.lower() for part in path.parts[:-1]
    }


def _check_pin(entry: CatalogEntry, plan: Plan, source: str) -> None:
    """Compare what the hub states with the catalogue before gigabytes are fetched."""
    for file in plan.files:
        stated = file.path == entry.file and _SHA256.fullmatch(file.mark)
        if entry.sha256 and stated and file.mark != entry.sha256:
            raise ModelError(
                f"{source} offers another file as {entry.file}: sha256 {file.mark}, the catalogue expects "
                f"{entry.sha256}. Nothing was fetched. It may have been replaced there; a newer Footnote "
                "may know the new one."
            )


def _check_space(entry: CatalogEntry, plan: Plan) -> None:
    folder = parts_of(entry)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise ModelError(
            f"{folder} cannot be written: {error.strerror or error}. Name another folder in "
            "FOOTNOTE_MODELS."
        ) from error
    here = sum(_here(entry, file) for file in plan.files)
    needed = plan.n_bytes - here + _SPARE_BYTES
    if needed > free:
        raise ModelError(
            f"{entry.name} needs {needed / 1e9:.2f} GB more on the disk of {folder.parent.parent}; "
            f"{free / 1e9:.2f} GB are free there. Free some space, or name another folder in "
            "FOOTNOTE_MODELS."
        )


def _here(entry: CatalogEntry, file: WantedFile) -> int:
    for path in (folder_of(entry) / file.path, _part(entry, file)):
        if path.is_file():
            return min(path.stat().st_size, file.size)
    return 0


def _part(entry: CatalogEntry, file: WantedFile) -> Path:
    """The unfinished file; a new version on the hub has another name, and is begun anew."""
    mark = hashlib.sha256(f"{file.path}\0{file.mark}".encode()).hexdigest()[:16]
    return parts_of(entry) / f"{PurePosixPath(file.path).name}.{mark}"


def _bring(entry: CatalogEntry, plan: Plan, file: WantedFile, source: str, watch: "Watch") -> str:
    """Put a file in its place, fetched or found there; returns its sha256."""
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    from models.fetching import fetch

    target, part = folder_of(entry) / file.path, _part(entry, file)
    if target.is_file() and target.stat().st_size == file.size:
        digest = file_sha256(target)
        if _difference(entry, file, target, digest) is None:
            return digest
    url = f"{source}/{entry.repo}/resolve/{quote(plan.commit, safe='')}/{quote(file.path)}"
    headers = build_hf_headers(library_name="footnote", token=_token(source))
    fetch(url, part, file.size, headers=headers, watch=watch)
    digest = file_sha256(part)
    wrong = _difference(entry, file, part, digest)
    if wrong is not None:
        part.unlink()
        raise ModelError(
            f"What arrived as {file.path} of {entry.repo} is not what it should be: {wrong}. It was "
            "deleted. Download it again; if that fails too, the file at "
            f"{source} is not to be trusted."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(part, target)
    return digest


def _difference(entry: CatalogEntry, file: WantedFile, path: Path, digest: str) -> str | None:
    """What is wrong with a file; None where it is what the catalogue and the hub say."""
    if entry.sha256 and file.path == entry.file and digest != entry.sha256:
        return f"expected sha256 {entry.sha256} (the catalogue), seen {digest}"
    if _SHA256.fullmatch(file.mark) and digest != file.mark:
        return f"expected sha256 {file.mark} (the hub), seen {digest}"
    if _BLOB.fullmatch(file.mark) and _git_blob(path) != file.mark:
        return f"expected git blob {file.mark} (the hub), seen {_git_blob(path)}"
    return None


def _git_blob(path: Path) -> str:
    """The name git gives to a content; the hub knows small files by it."""
    content = path.read_bytes()
    head = f"blob {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()
