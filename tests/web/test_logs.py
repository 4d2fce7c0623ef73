"""Whatever opens something is masked by its shape, wherever it stands in a line; words stay readable."""

import base64
import random
import string
import uuid

import pytest
from cryptography.fernet import Fernet
from django.core import signing
from django.utils.crypto import salted_hmac

from goldseam_web.config.logs import mask_event, masked

URL_SAFE = string.ascii_letters + string.digits + "-_"
LOWER = string.ascii_lowercase + string.digits

# Each place a secret has been seen in: addresses, cookies, headers, tracebacks, reprs, other programs' lines.
PLACES = (
    "{}",
    "Not Found: /c/{}/",
    "https://goldseam.example.org/account/password/new/{}/",
    "GET /x?key={}&next=/ HTTP/1.1",
    "Cookie: goldseam_session={}; theme=dark",
    "ValueError: invalid literal for int() with base 10: '{}'",
    "<WSGIRequest: GET '/c/{}/q/2/'>",
    'KeyError: "{}"',
    "b'{}'",
    "(sessionid,{})",
)


def _token(draw: random.Random, alphabet: str, length: int) -> str:
    return "".join(draw.choices(alphabet, k=length))


def _secrets(seed: int) -> dict[str, list[str]]:
    """Twenty shapes: what was made, and the parts of it that must not be readable."""
    draw = random.Random(seed)
    hexadecimal = draw.randbytes(32).hex()
    reset = f"c{_token(draw, LOWER, 5)}-{salted_hmac('x', str(seed), secret='s').hexdigest()[::2]}"
    short_id = base64.urlsafe_b64encode(uuid.UUID(int=draw.getrandbits(128)).bytes).decode().rstrip("=")
    link = f"{short_id}.{_token(draw, URL_SAFE, 16)}~{_token(draw, URL_SAFE, 43)}"
    fernet = Fernet(base64.urlsafe_b64encode(draw.randbytes(32))).encrypt(b"x" * seed).decode()
    dumped = signing.dumps({"n": seed}, key="k")
    session, csrf = _token(draw, LOWER, 32), _token(draw, string.ascii_letters + string.digits, 64)
    password = _token(draw, string.ascii_letters + string.digits, 12)
    return {
        link: link.replace("~", ".").split("."),
        link.replace("~", "%7E"): link.replace("~", ".").split("."),
        f"{link}?from=mail": link.replace("~", ".").split("."),
        f"{uuid.UUID(hexadecimal[:32]).hex}-{reset}": [reset, reset.split("-")[1]],
        reset: [reset.split("-")[1]],
        reset.split("-")[1]: [reset.split("-")[1]],
        session: [session],
        csrf: [csrf],
        fernet: [fernet[:40], fernet[-20:]],
        dumped: [dumped.rsplit(":", 1)[1]],
        hexadecimal: [hexadecimal],
        hexadecimal[:32]: [hexadecimal[:32]],
        hexadecimal.upper(): [hexadecimal.upper()],
        f"Bearer {csrf}": [csrf],
        f"pbkdf2_sha256$1000000${csrf[:22]}${fernet[:44]}": [csrf[:22], fernet[5:44]],
        f"smtp+tls://user:{password}@mail.example.org:587": [password],
        f"postgres://goldseam:{password}@db/goldseam": [password],
        f"password={password}": [password],
        f"/setup/{_token(draw, URL_SAFE, 22)}": [],
        f"token: {password}": [password],
    }


CASES = [
    (place.format(secret), parts)
    for seed, place in enumerate(PLACES, start=1)
    for secret, parts in _secrets(seed).items()
]


def test_there_are_two_hundred() -> None:
    assert len(CASES) == 200


# Fernet and signing put time and chance into what they make: by its place a case has the same name in every process.
@pytest.mark.parametrize(("text", "parts"), CASES, ids=map(str, range(len(CASES))))
def test_a_secret_is_masked_by_its_shape_wherever_it_stands(text: str, parts: list[str]) -> None:
    shown = masked(text)
    assert "…" in shown
    assert [part for part in parts if part in shown] == []


@pytest.mark.parametrize(
    "text",
    [
        "/account/sign-in/ and /cases/1/",
        "job 1b4e28ba-2fa1-41d2-883f-0016d3cca427 done",
        "2026-11-27T05:03:32.123456Z",
        "django.db.utils.OperationalError: could not serialize access due to concurrent update",
        "goldseam_web.alerts.services.rule_upgrade TransactionManagementError ObjectDoesNotExist",
        "/usr/lib/python3.11/site-packages/django/core/handlers/exception.py, line 55, in inner",
        "Applying alerts.0007_signal_state_words_and_counts... OK",
        "worker practice-server.example.org:4711",
        "GOLDSEAM_SECRET_KEY_FALLBACKS",
        "database-unreachable-for-30-seconds",
    ],
)
def test_what_opens_nothing_stays_readable(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "before", ["/c/", "/c/next/", "/c/look/", "/c/card/", "/office/set-up/", "/account/password/new/"]
)
def test_what_stands_behind_an_address_that_opens_something_is_masked_whole(before: str) -> None:
    assert masked(f"Gone: {before}short.Of~Words/") == f"Gone: {before}…/"


@pytest.mark.parametrize("before", ["/c/", "/c/card/"])
def test_that_somebody_asked_for_somebody_else_stands_in_no_line(before: str) -> None:
    assert masked(f"Gone: {before}short.Of~Words/speak/received/") == f"Gone: {before}…"


def test_a_value_makes_no_line_of_its_own_and_steers_no_terminal() -> None:
    event = mask_event(None, "info", {"event": "a\nb\x1b[2J", "n": 0, "exception": "Trace\n  line\x1b"})
    assert event == {"event": "a\\nb\\x1b[2J", "n": 0, "exception": "Trace\n  line\\x1b"}
