"""Hosts and web addresses, as the settings, the checks and the server all read them."""

from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach the host name or address."""
    return host.strip("[]") in {"localhost", "::1"} or host.startswith("127.")


def host_of(url: str) -> str:
    """Give the host of an address, in the form Django's ALLOWED_HOSTS wants it."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host


def origin_of(url: str) -> str:
    """Give scheme, host and port: what browsers send as the origin of a form."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def port_of(url: str) -> int:
    """Give the port of an address: its own, or the usual one of its scheme."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)
