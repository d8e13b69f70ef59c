"""Where a saved web page came from, and a link that opens it in any browser at the cited words.

A saved page often says itself where it came from: browsers write a comment, sites a canonical link. What is
found is only ever shown as a link for a person to follow; nothing is fetched.
"""

import html
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

_HEAD_BYTES = 200_000
_SUFFIXES = {".html", ".htm", ".xhtml", ".md", ".txt"}
_SAVED = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->", re.I)
_TAG = re.compile(r"<(?:link|meta)\b[^>]{0,2000}>", re.I)
# A name begins where no other goes on, and ends soon: a tag made of nothing else must not be tried from each
# of its letters.
_ATTRIBUTE = re.compile(
    r"""(?<![a-z:_-])([a-z:_-]{1,40})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I
)
_TELLING = re.compile("canonical|og:url", re.I)
_FRONT_MATTER = re.compile(
    r"\A---\s*\n(?:.*\n){0,40}?(?:source|url|link):\s*[\"']?(https?://\S+?)[\"']?\s*\n", re.I
)
_MAX_ADDRESS = 2_000
_WHOLE_QUOTE = 120
_EDGE_WORDS = 6


def web_address(path: str, sha256: str) -> str | None:
    """Where a saved page came from; None where it does not say so, or is no longer there.

    Args:
        path: of the file.
        sha256: of the document, so that another version of the file is looked at anew.
    """
    return _address(path, sha256)


@lru_cache(maxsize=4_096)
def _address(path: str, sha256: str) -> str | None:
    if Path(path).suffix.lower() not in _SUFFIXES:
        return None
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
    return next(filter(None, map(_checked, _stated(head))), None)


def _stated(head: str) -> list[str]:
    """Addresses that a page gives as its own, the surest first."""
    found: dict[str, str] = {}
    for tag in _TAG.findall(head):
        if not _TELLING.search(tag):
            continue
        parts = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(tag)}
        if parts.get("rel", "").lower() == "canonical":
            found.setdefault("canonical", parts.get("href", ""))
        elif (parts.get("property") or parts.get("name", "")).lower() == "og:url":
            found.setdefault("og", parts.get("content", ""))
    saved = _SAVED.search(head)
    noted = _FRONT_MATTER.match(head)
    return [
        saved[1] if saved else "",
        found.get("canonical", ""),
        found.get("og", ""),
        noted[1] if noted else "",
    ]


def _checked(address: str) -> str | None:
    """A plain http address that can be shown as a link; None for anything else."""
    address = html.unescape(address).strip()
    if not 0 < len(address) <= _MAX_ADDRESS:
        return None
    if any(c.isspace() or not c.isprintable() or c in "<>\"'`\\{}" for c in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    return address


def cited_at(locator: Mapping[str, Any] | None, words: str) -> str | None:
    """A link to the cited words on the web; None where the footnote's place names no plain address."""
    stated = (locator or {}).get("url")
    address = _checked(stated) if isinstance(stated, str) else None
    return at_words(address, words) if address else None


def at_words(address: str, words: str) -> str:
    """The address with a text fragment, so that a browser scrolls to the words and marks them.

    Long stretches are given by their first and last words
    (https://wicg.github.io/scroll-to-text-fragment/).
    """
    parts = words.split()
    base = address.partition("#")[0]
    if not parts:
        return base
    if len(" ".join(parts)) <= _WHOLE_QUOTE or len(parts) <= 2 * _EDGE_WORDS:
        return f"{base}#:~:text={_fragment(parts)}"
    return f"{base}#:~:text={_fragment(parts[:_EDGE_WORDS])},{_fragment(parts[-_EDGE_WORDS:])}"


def _fragment(words: list[str]) -> str:
    """Percent-encoded; a hyphen, comma or ampersand would be read as part of the syntax."""
    return quote(" ".join(words), safe="", errors="replace").replace("-", "%2D")
