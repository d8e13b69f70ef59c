"""Which addresses of servers may be used, and what a person must know of them."""

import ipaddress

import httpx2

from models.errors import ModelError
from models.registered import Address


def check_url(url: str, *, anyway: bool = False) -> str:
    """An address as it is used, without a slash at the end.

    Args:
        url: up to and with its `/v1`.
        anyway: allow plain http over a network.

    Raises:
        ModelError: it is no http address, carries a password, or is plain http over a network.
    """
    try:
        parsed = httpx2.URL(url.strip())
    except (httpx2.InvalidURL, ValueError) as error:
        raise ModelError(f"{url!r} is no address: {error}.") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ModelError(f"{url!r} is no address; it looks like http://localhost:8080/v1")
    if parsed.userinfo or parsed.query:
        raise ModelError(
            "An address with a password or a key in it is not kept. Set the key as an environment "
            "variable, and name that: --key-env NAME"
        )
    if parsed.scheme == "http" and not is_local(parsed.host) and not anyway:
        raise ModelError(
            f"{url} is plain http: whoever is on the way could read your passages. Use https, or if you "
            "trust that network, add --anyway."
        )
    return str(parsed).rstrip("/")


def is_local(host: str) -> bool:
    """Whether a host is this machine."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def warning(address: Address) -> str:
    """What a person must know before an address is used, in one or two sentences."""
    host = httpx2.URL(address.url).host
    where = "another program on this machine" if is_local(host) else f"{host}, outside this machine"
    return (
        f"With {address.name}, your questions and the passages found for them are sent to {where} "
        f"({address.url})."
    )
