"""Settings and the guards around them. Expected values are those written in docs/operate/settings.md."""

import json
import logging
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.core.checks import run_checks
from django.test import override_settings

from goldseam_web.config.environment import secret
from goldseam_web.config.logs import masked
from goldseam_web.lib.addresses import host_of, is_loopback, origin_of
from goldseam_web.management.serving import refusals_for_host

EVERYWHERE = "0.0.0.0"  # noqa: S104  to be refused
TOKEN = "QxJ3-kk_9ZlAbCdEfGhIjK.17~s1gnature-of_the.link"


def fresh(folder: Path, program: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a program against the settings in a process of its own, with nothing set but what is given."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GOLDSEAM_")}
    given = {"GOLDSEAM_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "goldseam_web.config.settings"}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**plain, **given, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def values_of(folder: Path, *names: str, **environment: str) -> list[Any]:
    """Give settings as JSON reads them."""
    asked = ", ".join(f"settings.{name}" for name in names)
    program = f"from django.conf import settings; import json; print(json.dumps([{asked}], default=str))"
    done = fresh(folder, program, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def value_of(folder: Path, name: str, **environment: str) -> Any:
    return values_of(folder, name, **environment)[0]


class TestWhenNothingIsSet:
    def test_it_is_safe(self, tmp_path):
        expected = {
            "DEBUG": False,
            "GOLDSEAM_DEMO": False,
            "GOLDSEAM_RECORD_ONLY": False,
            "GOLDSEAM_REQUIRE_TOTP": True,
            "GOLDSEAM_SEVERAL_HOSTS": False,
            "GOLDSEAM_IDLE_MINUTES": 60,
            "GOLDSEAM_BASE_URL": "http://127.0.0.1:8000",
            "SECURE_PROXY_SSL_HEADER": None,
            "TIME_ZONE": "UTC",
        }
        assert values_of(tmp_path, *expected) == list(expected.values())

    def test_answers_survive_a_power_cut_and_writers_wait_for_each_other(self, tmp_path):
        options = value_of(tmp_path, "DATABASES")["default"]["OPTIONS"]
        assert options["transaction_mode"] == "IMMEDIATE"
        assert "journal_mode=WAL" in options["init_command"]
        assert "synchronous=FULL" in options["init_command"]

    def test_secrets_are_made_once_and_readable_for_their_owner_alone(self, tmp_path):
        keys = {value_of(tmp_path, "SECRET_KEY") for _ in range(2)}
        assert len(keys) == 1
        made = tmp_path / "data" / "secret-key"
        assert stat.S_IMODE(made.stat().st_mode) == 0o600
        assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700
        assert len(keys.pop()) >= 32

    def test_database_is_its_owners_alone_whatever_the_folder_and_the_file_allow(self, tmp_path):
        data = tmp_path / "data"
        data.mkdir(mode=0o755)
        (data / "goldseam.sqlite3-wal").touch(mode=0o666)
        (data / "goldseam.sqlite3-wal").chmod(0o666)
        # The files are made with the first table; which tables come after it changes nothing of their rights.
        program = (
            "from goldseam_web.config.cli import main; main(['migrate', 'contenttypes', '--verbosity', '0'])"
        )
        assert fresh(tmp_path, program).returncode == 0
        made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data.iterdir()}
        assert {name: oct(mode) for name, mode in made.items() if mode & 0o077} == {}
        assert "goldseam.sqlite3" in made
        (data / "goldseam.sqlite3").chmod(0o664)
        value_of(tmp_path, "DATABASES")
        assert stat.S_IMODE((data / "goldseam.sqlite3").stat().st_mode) == 0o600

    def test_no_other_site_is_named_in_what_pages_may_load(self, tmp_path):
        for values in value_of(tmp_path, "CONTENT_SECURITY_POLICY")["DIRECTIVES"].values():
            assert set(values) <= {"'self'", "'none'", "data:"}


class TestWhenSet:
    def test_secret_comes_from_a_file(self, tmp_path):
        (tmp_path / "key").write_text("k" * 20 + "0123456789abcdef" + "\n", encoding="utf-8")
        value = value_of(tmp_path, "SECRET_KEY", GOLDSEAM_SECRET_KEY_FILE=str(tmp_path / "key"))
        assert value == "k" * 20 + "0123456789abcdef"

    def test_https_address_makes_cookies_secure_and_browsers_insist(self, tmp_path):
        names = ("SESSION_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS")
        more = ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS")
        secure, seconds, subdomains, hosts, origins = values_of(
            tmp_path, *names, *more, GOLDSEAM_BASE_URL="https://goldseam.example.org"
        )
        assert (secure, seconds, subdomains) == (True, 365 * 24 * 60 * 60, True)
        assert hosts[0] == "goldseam.example.org"
        assert origins == ["https://goldseam.example.org"]

    def test_cookies_over_https_are_bound_to_this_host(self, tmp_path):
        names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "GOLDSEAM_DEVICE_COOKIE", "GOLDSEAM_POLL_COOKIE")
        bound = values_of(tmp_path, *names, GOLDSEAM_BASE_URL="https://goldseam.example.org")
        own = ["goldseam_session", "csrftoken", "goldseam_device", "goldseam_poll"]
        assert bound == [f"__Host-{name}" for name in own]
        # The prefix asks for the whole site, no other host, and https.
        facts = ("SESSION_COOKIE_PATH", "CSRF_COOKIE_PATH", "SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN")
        assert values_of(tmp_path, *facts) == ["/", "/", None, None]
        assert values_of(tmp_path, *names) == own

    def test_a_clients_cookie_is_of_one_link_and_has_a_name_of_its_own(self, tmp_path):
        """Of one name with a cookie of staff, the browser they signed in with kept nothing of a client."""
        name = ("GOLDSEAM_PHONE_COOKIE",)
        https = {"GOLDSEAM_BASE_URL": "https://goldseam.example.org"}
        assert values_of(tmp_path, *name, **https) == ["__Secure-goldseam_phone"]
        assert values_of(tmp_path, *name) == ["goldseam_phone"]

    def test_postgresql_keeps_its_connections_a_minute(self, tmp_path):
        database = value_of(tmp_path, "DATABASES", GOLDSEAM_DATABASE="postgres://g:p@db.example.org/goldseam")
        assert database["default"]["ENGINE"] == "django.db.backends.postgresql"
        assert database["default"]["CONN_MAX_AGE"] == 60

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("smtp+tls://user:pa%40ss@mail.example.org:587", ["mail.example.org", 587, "pa@ss", True, False]),
            ("smtp+ssl://user:pa%40ss@mail.example.org:465", ["mail.example.org", 465, "pa@ss", False, True]),
            ("smtp://localhost:25", ["localhost", 25, None, False, False]),
        ],
    )
    def test_any_mail_server(self, tmp_path, url, expected):
        names = ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "EMAIL_USE_SSL")
        assert values_of(tmp_path, *names, GOLDSEAM_EMAIL_URL=url) == expected

    def test_demo_keeps_its_mail_in_files(self, tmp_path):
        path = value_of(tmp_path, "EMAIL_FILE_PATH", GOLDSEAM_DEMO="on")
        assert path == str((tmp_path / "data" / "outbox").resolve())


def refused(**settings) -> set[str]:
    with override_settings(**settings):
        return {message.id for message in run_checks() if message.id and message.id.startswith("goldseam.E")}


class TestDangerousCombinations:
    def test_the_settings_of_the_tests_are_not_among_them(self):
        assert refused() == set()

    @pytest.mark.parametrize(
        ("settings", "refusal"),
        [
            ({"DEBUG": True, "GOLDSEAM_BASE_URL": "https://goldseam.example.org"}, "goldseam.E001"),
            ({"SECRET_KEY": "short"}, "goldseam.E002"),
            ({"SECRET_KEY": "a" * 64}, "goldseam.E002"),
            ({"SECRET_KEY": "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz"}, "goldseam.E002"),
            ({"GOLDSEAM_ENCRYPTION_KEYS": ["x" * 40, "short"]}, "goldseam.E003"),
            ({"GOLDSEAM_AUDIT_KEYS": ["short"]}, "goldseam.E008"),
            ({"GOLDSEAM_BASE_URL": "goldseam.example.org"}, "goldseam.E004"),
            ({"GOLDSEAM_BASE_URL": "http://goldseam.example.org"}, "goldseam.E005"),
            ({"GOLDSEAM_RECORD_ONLY": True, "GOLDSEAM_DEMO": True}, "goldseam.E007"),
        ],
    )
    def test_is_refused(self, settings, refusal):
        assert refused(**settings) == {refusal}

    def test_a_proxy_that_is_not_declared_is_told(self, settings):
        settings.GOLDSEAM_BASE_URL = "https://goldseam.example.org"
        assert "goldseam.W002" in {message.id for message in run_checks()}
        settings.GOLDSEAM_BEHIND_PROXY = True
        assert "goldseam.W002" not in {message.id for message in run_checks()}

    def test_one_file_for_several_machines_is_refused(self, monkeypatch, settings):
        settings.GOLDSEAM_SEVERAL_HOSTS = True
        monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
        assert refused() == {"goldseam.E006"}
        monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
        assert refused() == set()

    @pytest.mark.django_db
    def test_demo_over_a_real_clinic_is_refused(self, clinic):
        with override_settings(GOLDSEAM_DEMO=True):
            assert "goldseam.E010" in {message.id for message in run_checks(databases=["default"])}
        clinic.is_demo = True
        clinic.save()
        with override_settings(GOLDSEAM_DEMO=True):
            assert "goldseam.E010" not in {message.id for message in run_checks(databases=["default"])}

    def test_refusing_ends_the_command_before_it_does_anything(self, tmp_path):
        program = "from goldseam_web.config.cli import main; main(['migrate'])"
        done = fresh(tmp_path, program, GOLDSEAM_BASE_URL="http://goldseam.example.org")
        assert done.returncode != 0
        assert "goldseam.E005" in done.stderr
        assert "Applying" not in done.stdout

    def test_listening_everywhere_while_links_lead_to_this_machine_is_refused(self, settings):
        settings.GOLDSEAM_BASE_URL = "http://127.0.0.1:8000"
        (refusal,) = refusals_for_host(EVERYWHERE)
        assert "GOLDSEAM_BASE_URL" in refusal
        settings.GOLDSEAM_BASE_URL = "https://goldseam.example.org"
        assert refusals_for_host(EVERYWHERE) == []

    def test_debugging_on_an_open_address_is_refused(self, settings):
        settings.DEBUG = True
        assert refusals_for_host("127.0.0.1") == []
        assert len(refusals_for_host("192.0.2.7")) == 1


class TestLogs:
    @pytest.mark.parametrize(
        "text",
        [
            f"Not Found: /c/{TOKEN}/",
            f"GET https://goldseam.example.org/c/{TOKEN}?next=1",
            f"KeyError at '/c/{TOKEN}/item/3/'",
        ],
    )
    def test_a_link_loses_its_key(self, text):
        shown = masked(text)
        assert TOKEN not in shown
        assert "/c/…" in shown

    def test_other_paths_stay_readable(self):
        assert masked("/account/sign-in/ and /cases/1/") == "/account/sign-in/ and /cases/1/"

    @pytest.mark.parametrize("style", ["console", "json"])
    def test_neither_message_nor_values_nor_traceback_shows_a_key(self, tmp_path, style):
        program = (
            "import django, logging, structlog; django.setup()\n"
            f"link = '/c/{TOKEN}/'\n"
            "logging.getLogger('django.request').warning('Not Found: %s', link, extra={'request': link})\n"
            "structlog.get_logger('x').warning('opened', path=link)\n"
            "try:\n    raise ValueError(link)\n"
            "except ValueError:\n    logging.getLogger('y').exception('broken')\n"
        )
        done = fresh(tmp_path, program, GOLDSEAM_LOG=style)
        assert done.returncode == 0, done.stderr
        assert "Not Found: /c/…" in done.stderr
        assert "ValueError" in done.stderr
        assert TOKEN not in done.stderr

    def test_json_lines_can_be_read_by_machines(self, tmp_path):
        program = "import django, structlog; django.setup(); structlog.get_logger('x').warning('opened', n=0)"
        done = fresh(tmp_path, program, GOLDSEAM_LOG="json")
        event = json.loads(done.stderr)
        assert (event["event"], event["level"], event["n"]) == ("opened", "warning", 0)


class TestAddresses:
    @pytest.mark.parametrize(
        ("url", "host", "loopback"),
        [
            ("https://goldseam.example.org/x", "goldseam.example.org", False),
            ("http://127.0.0.1:8000", "127.0.0.1", True),
            ("http://[::1]:8000", "[::1]", True),
            ("http://localhost", "localhost", True),
            ("http://192.168.1.7:8000", "192.168.1.7", False),
        ],
    )
    def test_host_and_whether_it_is_this_machine(self, url, host, loopback):
        assert host_of(url) == host
        assert is_loopback(host_of(url)) is loopback

    def test_origin_keeps_the_port(self):
        assert origin_of("http://192.168.1.7:8001/demo/") == "http://192.168.1.7:8001"


class TestPages:
    @pytest.mark.django_db
    def test_every_page_carries_the_headers_that_keep_it_private(self, client):
        headers = client.get("/account/sign-in/").headers
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "no-store" in headers["Cache-Control"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "form-action 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]

    @pytest.mark.django_db
    def test_unknown_address_gets_a_kind_page(self, client):
        response = client.get("/there/is/no/such/page/")
        assert response.status_code == 404
        assert "There is nothing here for you." in response.content.decode()

    @pytest.mark.django_db
    def test_oversized_form_gets_a_kind_page(self, client):
        response = client.post("/account/sign-in/", {"login": "x" * 300_000})
        assert response.status_code == 400
        assert "That did not arrive whole." in response.content.decode()

    def test_form_that_was_open_too_long_gets_a_kind_page(self):
        from django.test import Client

        response = Client(enforce_csrf_checks=True).post("/account/sign-in/", {})
        assert response.status_code == 403
        assert "This page could not take that." in response.content.decode()


def test_two_processes_that_start_together_agree_on_one_secret(tmp_path):
    program = (
        "from goldseam_web.config.environment import secret; from pathlib import Path;"
        "print(secret('GOLDSEAM_NOT_SET', kept_in=Path('key')))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in running}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_given_secret_is_taken_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("GOLDSEAM_OF_A_TEST", " spaced ")
    assert secret("GOLDSEAM_OF_A_TEST", kept_in=tmp_path / "key") == "spaced"
    assert not (tmp_path / "key").exists()


def test_root_logger_is_the_only_one_that_writes():
    assert logging.getLogger("django").handlers == []
    assert structlog.is_configured()


def test_nothing_a_command_says_steers_the_terminal_it_runs_in(tmp_path):
    """Names, addresses and files stand in what is said; ESC ] 0 would name the window, U+202E turn the line."""
    program = "from goldseam_web.config.cli import main; main(['migrate', 'Lark\\x1b]0;field\\u202e'])"
    done = fresh(tmp_path, program, PYTHONIOENCODING="utf-8")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "Lark" in said
    assert "\x1b" not in said
    assert "\u202e" not in said
