"""`footnote models add`: a download with progress, a file of one's own, or the address of a server."""

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import FootnoteError

if TYPE_CHECKING:
    from models.catalog import CatalogEntry
    from models.gguf_header import GgufHeader
    from models.registered import Address, OwnFile


def download(name: str) -> None:
    """Fetch a model of the catalogue, with progress on stderr."""
    from models.catalog import lookup
    from models.downloaded import downloaded, is_downloaded
    from models.hub import check_downloadable, endpoint
    from rag.modelling import download as download_named
    from ui.model_table import gigabytes
    from ui.terminal import DownloadBar

    entry = lookup(name)
    check_downloadable(entry)
    if is_downloaded(entry):
        print(f"{entry.name} is here already: {downloaded(entry)}")
        return
    size = f"{gigabytes(int(entry.size_gb * 1e9))}, " if entry.size_gb else ""
    sys.stderr.write(
        f"{entry.name}: {size}licence {entry.licence}, from {endpoint()}/{entry.repo}\n"
    )
    with DownloadBar(entry.name) as bar:
        path = download_named(entry.name, bar)
    print(f"{entry.name} is here: {path}")
    sys.stderr.write(_next_step(entry) + "\n")


def _next_step(entry: "CatalogEntry") -> str:
    command = "embedder try" if entry.kind == "embedder" else "models use"
    return f"{hash_words(entry)} Next: footnote {command} {entry.name}"


def hash_words(entry: "CatalogEntry") -> str:
    """What the hash of a download was compared with."""
    return (
        "Its hash is the one in the catalogue."
        if entry.sha256
        else "The catalogue has no hash of it; what arrived is what the hub states, and its hash is kept."
    )


def add_file(path: Path, name: str | None) -> None:
    """Register a GGUF file and say what it is."""
    from models.registered import register_file
    from ui.terminal import safe

    model, header = register_file(path, name)
    print(safe(file_words(model, header)))
    sys.stderr.write(f"Next: footnote models use {model.name}\n")


def file_words(model: "OwnFile", header: "GgufHeader") -> str:
    """What a file of one's own is."""
    from models.locate import profile_of_file
    from ui.model_table import gigabytes

    context = f"context {header.context}, " if header.context else ""
    template = "" if header.chat_template else ", no chat template (a plain one is used)"
    reader = profile_of_file(model.path).reader
    return (
        f"{model.name}: {header.architecture}, {header.params / 1e9:.2f} B parameters, "
        f"{gigabytes(header.size_bytes)}, {context}reader {reader}{template}. "
        f"The file stays where it is: {model.path}"
    )


def add_address(
    url: str, name: str | None, model: str | None, key_env: str | None, *, anyway: bool
) -> None:
    """Ask a server for its models and register one of them."""
    from models.addresses import warning
    from ui.terminal import one_line, safe

    address, note = register_server(url, name, model, key_env, anyway=anyway)
    if note:
        sys.stderr.write(one_line(note) + "\n")
    print(safe(f"{address.name}: {address.model} at {address.url}"))
    sys.stderr.write(one_line(warning(address)) + "\n")
    sys.stderr.write(f"Next: footnote models use {address.name}\n")


def register_server(
    url: str, name: str | None, model: str | None, key_env: str | None, *, anyway: bool
) -> tuple["Address", str]:
    """Ask a server for its models and register one of them; what is odd about it, if anything.

    Raises:
        FootnoteError: it cannot be reached or used, or no model was named where there are several.
    """
    from models.addresses import check_url
    from models.registered import Address, plain_name, register_address
    from models.remote import RemoteGenerator

    asked = Address(name or "", check_url(url, anyway=anyway), model or "", key_env, None, anyway)
    server = RemoteGenerator(asked)
    try:
        listed = server.models()
    finally:
        server.close()
    chosen, context, note = _chosen_model(asked, listed)
    address = dataclasses.replace(
        asked, name=name or plain_name(chosen.split("/")[-1]), model=chosen, context_tokens=context
    )
    return register_address(address), note


def _chosen_model(asked: "Address", listed: list[dict[str, object]]) -> tuple[str, int | None, str]:
    """The model's name at the server, its context where the server states one, and what is odd.

    Raises:
        FootnoteError: none was named, and the server does not have exactly one.
    """
    known = {str(entry.get("id", "")): entry for entry in listed if entry.get("id")}
    names = ", ".join(list(known)[:10])
    if not asked.model and len(known) != 1:
        hint = "" if known or asked.url.endswith("/v1") else " The address mostly ends in /v1."
        raise FootnoteError(
            f"{asked.url} lists {len(known) or 'no'} models{f' ({names})' if known else ''}; name one: "
            f"--model NAME.{hint}"
        )
    chosen = asked.model or next(iter(known))
    odd = f"{asked.url} does not list {chosen!r}, but: {names}"
    note = odd if known and chosen not in known else ""
    entry = known.get(chosen, {})
    meta = entry.get("meta")
    stated = entry.get("max_model_len") or (
        meta.get("n_ctx_train") if isinstance(meta, dict) else None
    )
    return chosen, stated if isinstance(stated, int) and stated > 0 else None, note
