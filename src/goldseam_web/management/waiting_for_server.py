"""Whether a web server on this machine answers; and opening a browser at it. Nothing of the application is loaded."""

import http.client
import os
import ssl
import sys
import time
import webbrowser


def wait_until_answering(port: int, *, seconds: float = 30.0, secure: bool = False) -> bool:
    """Wait until the server on this machine answers its health page; say whether it did."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if _answers(port, secure=secure):
            return True
        time.sleep(0.1)
    return False


def _answers(port: int, *, secure: bool) -> bool:
    connection = _connection(port, secure=secure)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connection(port: int, *, secure: bool) -> http.client.HTTPConnection:
    """To ourselves; whose certificate it is is not the question."""
    if not secure:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=2, context=ssl._create_unverified_context())  # noqa: S323, SLF001


def open_browser(address: str) -> bool:
    """Open the browser where there is a screen; say whether that was tried."""
    has_screen = sys.platform != "linux" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    return has_screen and webbrowser.open(address)
