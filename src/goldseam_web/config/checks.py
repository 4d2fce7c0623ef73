"""Combinations of settings that must not run. An error refuses to start; a warning is said and left to people."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from goldseam_web.lib.addresses import host_of, is_loopback

SHORTEST_SECRET = 32


@register(Tags.security)
def check_settings(**_kwargs: Any) -> list[CheckMessage]:
    """Look at the settings alone: no database, no disk."""
    return [
        *_debug(),
        *_secret_key(),
        *_lists_of_keys(),
        *_address(),
        *_certificate(),
        *_several_hosts(),
        *_record_only(),
        *_second_factor(),
        *_undeclared_proxy(),
    ]


@register(Tags.database)
def check_demo_database(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Refuse the demo's open doors over a database that holds a real clinic."""
    if not settings.GOLDSEAM_DEMO or not databases or not _holds_real_clinic():
        return []
    return [
        Error(
            "GOLDSEAM_DEMO is on, but the database holds a clinic that is not fictional.",
            hint="Point GOLDSEAM_DATABASE or GOLDSEAM_DATA elsewhere, or switch GOLDSEAM_DEMO off.",
            id="goldseam.E010",
        )
    ]


def _holds_real_clinic() -> bool:
    from django.db import Error as DatabaseError

    from goldseam_web.accounts.queries import holds_real_clinic

    try:
        return holds_real_clinic()
    except DatabaseError:
        return False  # no such table yet: nothing is held


def _debug() -> Iterable[CheckMessage]:
    if settings.DEBUG and not is_loopback(host_of(settings.GOLDSEAM_BASE_URL)):
        yield Error(
            f"GOLDSEAM_DEBUG is on while GOLDSEAM_BASE_URL is {settings.GOLDSEAM_BASE_URL}.",
            hint="Debugging shows settings and data to anyone; it is allowed on a loopback address alone.",
            id="goldseam.E001",
        )


def _secret_key() -> Iterable[CheckMessage]:
    key = settings.SECRET_KEY
    if len(key) < SHORTEST_SECRET or len(set(key)) < 8 or key.startswith("django-insecure"):
        yield Error(
            f"GOLDSEAM_SECRET_KEY has {len(key)} characters and {len(set(key))} different ones.",
            hint=f"Give at least {SHORTEST_SECRET} random characters, or leave it unset: one is then made and kept.",
            id="goldseam.E002",
        )


def _lists_of_keys() -> Iterable[CheckMessage]:
    for name, check in (
        ("GOLDSEAM_ENCRYPTION_KEYS", "goldseam.E003"),
        ("GOLDSEAM_AUDIT_KEYS", "goldseam.E008"),
    ):
        for place, key in enumerate(getattr(settings, name), start=1):
            if len(key) < SHORTEST_SECRET:
                yield Error(
                    f"Key {place} of {name} has {len(key)} characters.",
                    hint=f"Give at least {SHORTEST_SECRET} random characters for each.",
                    id=check,
                )


def _address() -> Iterable[CheckMessage]:
    url = settings.GOLDSEAM_BASE_URL
    if not url.startswith(("http://", "https://")) or not host_of(url):
        yield Error(
            f"GOLDSEAM_BASE_URL is {url!r}.",
            hint="Give scheme and host, such as https://goldseam.example.org.",
            id="goldseam.E004",
        )
    elif url.startswith("http://") and not is_loopback(host_of(url)) and not settings.GOLDSEAM_DEMO:
        yield Error(
            f"GOLDSEAM_BASE_URL is {url}: answers would cross the network unencrypted.",
            hint="Use https:// behind a proxy that holds the certificate; plain http is for this machine alone.",
            id="goldseam.E005",
        )


def _certificate() -> Iterable[CheckMessage]:
    """Files that are not there are said before the server falls over them."""
    given = {
        "GOLDSEAM_TLS_CERTIFICATE": settings.GOLDSEAM_TLS_CERTIFICATE,
        "GOLDSEAM_TLS_KEY": settings.GOLDSEAM_TLS_KEY,
    }
    for name, path in given.items():
        if any(given.values()) and not Path(path).is_file():
            yield Error(
                f"{name} is {path!r}, and there is no such file.",
                hint="Give certificate and key together: two files that the user who runs Goldseam may read.",
                id="goldseam.E009",
            )


def _several_hosts() -> Iterable[CheckMessage]:
    engine = settings.DATABASES["default"]["ENGINE"]
    if settings.GOLDSEAM_SEVERAL_HOSTS and engine == "django.db.backends.sqlite3":
        yield Error(
            "GOLDSEAM_SEVERAL_HOSTS is on with SQLite, whose file only one machine may open.",
            hint="Set GOLDSEAM_DATABASE to a PostgreSQL that all hosts share.",
            id="goldseam.E006",
        )


def _record_only() -> Iterable[CheckMessage]:
    if settings.GOLDSEAM_RECORD_ONLY and settings.GOLDSEAM_DEMO:
        yield Error(
            "GOLDSEAM_RECORD_ONLY is on in the demo, whose tour is the signals that it switches off.",
            hint="Switch one of the two off.",
            id="goldseam.E007",
        )


def _second_factor() -> Iterable[CheckMessage]:
    if not settings.GOLDSEAM_REQUIRE_TOTP and not settings.GOLDSEAM_DEMO:
        yield checks.Warning(
            "GOLDSEAM_REQUIRE_TOTP is off: a stolen password alone opens clients' answers.",
            hint="Switch it on before real people's data are entered.",
            id="goldseam.W001",
        )


def _undeclared_proxy() -> Iterable[CheckMessage]:
    """Where the address is https and no certificate was given, something in front of us holds it."""
    proxied = settings.GOLDSEAM_BASE_URL.startswith("https://") and not settings.GOLDSEAM_TLS_CERTIFICATE
    if proxied and not settings.GOLDSEAM_BEHIND_PROXY:
        yield checks.Warning(
            "GOLDSEAM_BASE_URL is https, so a proxy stands in front, but GOLDSEAM_BEHIND_PROXY is off: every visitor "
            "counts as one address, and wrong passwords of one make all unknown devices wait.",
            hint="Say GOLDSEAM_BEHIND_PROXY=on if the proxy sets X-Forwarded-For and X-Forwarded-Proto.",
            id="goldseam.W002",
        )
