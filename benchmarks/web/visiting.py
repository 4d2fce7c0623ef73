"""A client's visit over HTTP as a phone without script makes it: every question answered, one page each."""

import http.client
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
CHOICES = re.compile(r'<input type="radio"[^>]* name="answer" value="([^"]*)"')


@dataclass
class Visit:
    """One visit on one connection; ``seconds`` are what each page took, headers and body included."""

    port: int
    path: str
    seconds: list[float] = field(default_factory=list)
    finished_at: float = 0.0
    last_post_at: float = 0.0
    cookie: str = ""

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def answer(self, level: str, first: int = 1) -> None:
        """Go from the start page to the last one, from which question on."""
        place, page = self._go("GET", self.path)
        place, page = self._go("POST", f"{self.path}1/" if "/1/" in page else self.path, {})
        if first > 1:
            place, page = self._go("GET", f"{self.path}{first}/")
        while "/done/" not in place:
            given = level if 'value="10"' in page else "no"
            fields = {**dict(HIDDEN.findall(page)), "answer": given, "go": "next"}
            self.last_post_at = time.time()
            place, page = self._go("POST", place, fields)
        self.finished_at = time.time()
        self.connection.close()

    def _go(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[str, str]:
        """Send one request and follow where it leads."""
        for _ in range(5):
            status, location, page = self._once(method, path, fields)
            if status not in (301, 302, 303):
                if status != 200:
                    raise RuntimeError(f"{method} {path.rsplit('/', 2)[-2]}: status {status}")
                return path, page
            method, path, fields = "GET", urlsplit(location).path, None
        raise RuntimeError("five redirects in a row")

    def _once(self, method: str, path: str, fields: dict[str, str] | None) -> tuple[int, str, str]:
        headers = {"Origin": f"http://127.0.0.1:{self.port}", "Cookie": self.cookie}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        self.connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
        response = self.connection.getresponse()
        page = response.read().decode()
        self.seconds.append(time.perf_counter() - started)
        set_cookie = response.getheader("Set-Cookie")
        self.cookie = set_cookie.split(";")[0] if set_cookie else self.cookie
        return response.status, response.getheader("Location") or "", page
