"""Finding a port to listen on, and the addresses under which others reach it."""

import errno
import socket

PORTS_TRIED = 50


class NoFreePortError(Exception):
    """No port could be had, with the range that was tried."""


def check_port(host: str, port: int) -> None:
    """Raise NoFreePortError if somebody listens on this port, or it may not be taken."""
    if not _is_free(host, port):
        raise NoFreePortError(
            f"port {port} on {host} is taken, or this user may not take it; "
            "stop what listens there, or give another with --port"
        )


def free_port(host: str, first: int) -> int:
    """Give the first port from `first` on that nobody listens on."""
    last = min(first + PORTS_TRIED - 1, 65535)
    for port in range(first, last + 1):
        if _is_free(host, port):
            return port
    raise NoFreePortError(f"no free port on {host} from {first} to {last}; give another with --port")


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise NoFreePortError(f"cannot listen on {host}: {error.strerror}") from error
    return True


def lan_address() -> str | None:
    """Give this machine's address in the local network, or None without one. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(
                ("192.0.2.1", 9)
            )  # an address reserved for documentation: only the route is looked up
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address
