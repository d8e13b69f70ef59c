"""What a model hub's refusals mean, in words for a person."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from models.catalog import CatalogEntry
from models.errors import ModelError


@contextmanager
def told_plainly(entry: CatalogEntry, source: str) -> Iterator[None]:
    """Turn the errors of a download into ModelErrors; nothing about this machine goes out meanwhile.

    Args:
        entry: what is downloaded.
        source: where from.

    Raises:
        ModelError: instead of the hub's own errors, chained to them.
    """
    # Otherwise each request says which libraries are installed here, and a list of programs to look
    # for in the environment is fetched.
    constants.HF_HUB_DISABLE_TELEMETRY = True
    # Its warnings would stand between ours; each failure is told by the error in the end.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        yield
    except OfflineModeIsEnabled as error:
        raise ModelError(
            "Downloads are switched off by HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE). Unset it, or fetch "
            f"the files by hand from {source}/{entry.repo}"
        ) from error
    except HfHubHTTPError as error:
        raise ModelError(_refusal(error, entry, source)) from error
    except (httpx2.TransportError, httpx2.TooManyRedirects, httpx2.InvalidURL) as error:
        raise ModelError(
            f"{source} cannot be reached ({_first_line(error)}). Check the network, or name a mirror in "
            "HF_ENDPOINT; what arrived before is kept."
        ) from error


def _refusal(error: HfHubHTTPError, entry: CatalogEntry, source: str) -> str:
    where = f"{source}/{entry.repo}"
    if isinstance(error, GatedRepoError):
        return (
            f"{entry.name} is given out only to those who accept its licence. Accept it at {where}, make "
            "a token there, and set it as HF_TOKEN."
        )
    if isinstance(error, RevisionNotFoundError):
        return (
            f"{where} does not have the version {entry.revision} that the catalogue names. It may have "
            "been removed; a newer Footnote may know the one that took its place."
        )
    if isinstance(error, RemoteEntryNotFoundError):
        return f"{where} has no file {entry.file}. It may have been renamed or removed there."
    if isinstance(error, RepositoryNotFoundError):
        return (
            f"There is no {where}, or it is not open to everybody. If you have access, set HF_TOKEN; if "
            "HF_ENDPOINT names a mirror, it may not have this model."
        )
    status = error.response.status_code
    if status == 404:
        return f"{where} does not have {entry.file or 'this model'} (status 404)."
    if status == 429:
        return (
            f"{source} asks for a pause (status 429, too many requests). Try again in some minutes."
        )
    if status >= 500:
        return f"{source} has trouble of its own (status {status}). Try again later."
    return f"{source} refuses {entry.repo} (status {status}). Check HF_TOKEN and HF_ENDPOINT."


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
