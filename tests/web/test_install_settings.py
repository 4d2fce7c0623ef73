"""What an administrator sets up in the browser for the whole install: address, certificate, mail server."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult
from allauth.mfa.models import Authenticator
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from goldseam_web.accounts.phone_check import is_reached, new_phone_check
from goldseam_web.audit.models import AuditEntry
from goldseam_web.lib.certificates import certificate_faults
from tests.web import people
from tests.web.postbox import free_port, open_postbox
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
HOST = "goldseam.example.org"
NOW = datetime(2026, 11, 27, tzinfo=UTC)
MAIL, ADDRESS = "/office/mail/", "/office/address/"


@pytest.fixture
def office(cast, settings, tmp_path, monkeypatch):
    """The administrator, who has just given the password again; settings are kept in a folder of the test."""
    settings.GOLDSEAM_DATA = tmp_path
    monkeypatch.setattr("goldseam_web.accounts.install_settings.Clinic.objects.count", lambda: 1)
    for name in [name for name in os.environ if name.startswith("GOLDSEAM_")]:
        monkeypatch.delenv(name)
    client = signed_in(cast.administrator)
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})
    return client


def kept(folder):
    return json.loads((folder / "settings.json").read_text()) if (folder / "settings.json").exists() else {}


def test_the_page_asks_for_the_password_again(cast):
    for page in (MAIL, ADDRESS):
        asked = signed_in(cast.administrator).get(page).headers["Location"]
        assert asked.startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize(("minutes", "asks"), [(4, False), (6, True)])
def test_whoever_has_just_signed_in_is_not_asked_for_the_same_again(cast, monkeypatch, minutes, asks):
    """The new address asks for a sign-in; the page behind it would ask for the password a second time."""
    client = Client()
    given = {"login": cast.administrator.user.email, "password": people.PASSWORD}
    client.post(reverse("account_login"), given)
    yesterday = timezone.now() - timedelta(days=1)
    app = Authenticator.objects.create(user=cast.administrator.user, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.filter(pk=app.pk).update(created_at=yesterday)  # nobody who sets up their first
    later = time.time() + minutes * 60
    monkeypatch.setattr("goldseam_web.accounts.adapters.time.time", lambda: later)
    page = client.get(ADDRESS)
    assert (page.status_code == 302) == asks


class TestMailServer:
    def given(self, port, **more):
        return {"host": "127.0.0.1", "port": port, "scheme": "smtp+tls", "sender": "desk@example.org", **more}

    @pytest.fixture
    def plain(self, monkeypatch):
        """Postboxes speak unencrypted here: a form that says so is not offered to anybody."""
        monkeypatch.setattr("goldseam_web.outbox.channels.email.try_out.STARTTLS", "smtp+never")

    def test_a_server_that_took_the_message_is_kept_and_only_then(self, office, plain, tmp_path, cast):
        with open_postbox() as postbox:
            page = office.post(MAIL, self.given(postbox.port), follow=True)
        assert words(page).startswith("Mail leaves by 127.0.0.1 from now on.")
        assert [m["To"] for m in postbox.messages] == [cast.administrator.user.email]
        assert kept(tmp_path) == {
            "GOLDSEAM_EMAIL_URL": f"smtp+tls://127.0.0.1:{postbox.port}",
            "GOLDSEAM_EMAIL_FROM": "desk@example.org",
        }
        [entry] = AuditEntry.objects.filter(action="clinic.install_settings")
        assert entry.details == {"names": ["GOLDSEAM_EMAIL_FROM", "GOLDSEAM_EMAIL_URL"]}

    def test_what_was_refused_is_said_with_the_servers_words_and_every_other_field_stays(
        self, office, plain, tmp_path
    ):
        def refuse(_server, _session, _envelope, _mechanism, _data):
            return AuthResult(success=False, handled=False, message="535 5.7.8 No such <user>")

        with open_postbox(authenticator=refuse, auth_require_tls=False) as postbox:
            given = self.given(postbox.port, user="desk@example.org", password="s3cret-phrase")
            page = office.post(MAIL, given)
        assert page.status_code == 400
        assert "User or password were refused. The server said: 535 5.7.8 No such <user>" in words(page)
        assert "<user>" not in page.content.decode()
        assert 'value="desk@example.org"' in page.content.decode()
        assert "s3cret-phrase" not in page.content.decode()
        assert kept(tmp_path) == {}

    @pytest.mark.parametrize(
        ("scheme", "says"),
        [
            ("smtp+tls", "does not encrypt or sign in in this way"),
            ("smtp+ssl", "does not speak encrypted in this way"),
        ],
    )
    def test_the_wrong_encryption_is_said(self, office, tmp_path, scheme, says):
        with open_postbox() as postbox:
            page = office.post(MAIL, self.given(postbox.port, scheme=scheme))
        assert says in words(page)
        assert kept(tmp_path) == {}

    @pytest.mark.parametrize("host", ["::1", "mail.example.org/x", "me@mail.example.org", "a b"])
    def test_a_host_that_would_spoil_the_setting_is_refused(self, office, tmp_path, host):
        page = office.post(MAIL, self.given(25, host=host))
        assert "letters, digits, dots and hyphens" in words(page)
        assert kept(tmp_path) == {}

    def test_nobody_there_is_said(self, office):
        port = free_port()
        assert f"Nobody listens at 127.0.0.1, port {port}." in words(office.post(MAIL, self.given(port)))

    def test_a_refused_receiver_is_said(self, office, plain):
        with open_postbox() as postbox:
            postbox.refusal = "550 5.1.1 unknown"
            page = office.post(MAIL, self.given(postbox.port))
        assert "Your address was refused as a receiver. The server said: 550 5.1.1 unknown" in words(page)

    def test_what_the_environment_says_is_tried_and_not_changed(
        self, office, settings, monkeypatch, tmp_path
    ):
        monkeypatch.setenv("GOLDSEAM_EMAIL_URL", "smtp://127.0.0.1:1")
        with open_postbox() as postbox:
            settings.GOLDSEAM_MAIL_CONFIGURED = True
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", postbox.port
            assert "Whoever runs the machine has set GOLDSEAM_EMAIL_URL" in words(office.get(MAIL))
            page = office.post(MAIL, {"host": "evil.example.org"}, follow=True)
        assert "has taken a test message" in words(page)
        assert len(postbox.messages) == 1
        assert kept(tmp_path) == {}
        assert mail.outbox == []

    def test_an_install_of_several_clinics_is_nobodys_to_change(self, office, monkeypatch, tmp_path):
        monkeypatch.setattr("goldseam_web.accounts.install_settings.Clinic.objects.count", lambda: 2)
        assert "Several clinics share this install" in words(office.get(MAIL))
        office.post(ADDRESS, {"address": f"https://{HOST}", "holder": "proxy"})
        assert kept(tmp_path) == {}


def certificate(folder, *, names=(HOST,), days=(-1, 2), key=None):
    """Two files in PEM, signed by themselves."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


class TestCertificate:
    def faults(self, files, host=HOST):
        return list(certificate_faults(*files, host=host, at=NOW))

    @pytest.mark.parametrize("names", [(HOST,), ("*.example.org",), ("x.org", HOST.upper())])
    def test_one_that_can_be_served(self, tmp_path, names):
        assert self.faults(certificate(tmp_path, names=names)) == []

    @pytest.mark.parametrize(
        ("more", "says"),
        [
            ({"names": ("other.org", "*.goldseam.example.org")}, f"not for {HOST}."),
            ({"names": ("*.org",)}, f"The certificate is for *.org, not for {HOST}."),
            ({"days": (-9, -1)}, "holds from 2026-11-18 to 2026-11-26, not today."),
        ],
    )
    def test_one_that_cannot(self, tmp_path, more, says):
        [fault] = self.faults(certificate(tmp_path, **more))
        assert fault.endswith(says)

    def test_a_key_of_another(self, tmp_path):
        first = certificate(tmp_path)[0]
        other = tmp_path / "other"
        other.mkdir()
        assert self.faults((first, certificate(other)[1])) == ["The key belongs to another certificate."]

    def test_files_that_are_none(self, tmp_path):
        files = certificate(tmp_path)
        assert self.faults((Path("/nowhere/c.pem"), files[1])) == [
            "/nowhere/c.pem cannot be read: no such file or directory."
        ]
        assert "BEGIN PRIVATE KEY" in self.faults((files[0], files[0]))[0]
        files[0].write_text("nothing")
        assert "are not a certificate and a key in PEM" in self.faults(files)[0]


class TestAddress:
    @pytest.mark.parametrize(
        ("address", "says"),
        [
            ("http://goldseam.example.org", "https:// and a host name"),
            ("https://goldseam.example.org/x", "nothing behind it"),
            ("https://ines@goldseam.example.org", "https:// and a host name"),
            ("https://127.0.0.1:8443", "no phone reaches this machine"),
            ("goldseam", "https:// and a host name"),
            ("https://goldseam.example.org:seven", "https:// and a host name"),
            ("https://goldseam.example.org:70000", "https:// and a host name"),
            ("https://gold seam.org", "https:// and a host name"),
        ],
    )
    def test_an_address_no_phone_should_open_is_refused(self, office, tmp_path, address, says):
        page = office.post(ADDRESS, {"address": address, "holder": "proxy"})
        assert page.status_code == 400
        assert says in words(page)
        assert kept(tmp_path) == {}

    def test_behind_a_proxy_the_port_stays(self, office, tmp_path, settings):
        settings.GOLDSEAM_PORT = 8003
        page = office.post(ADDRESS, {"address": f"https://{HOST}/", "holder": "proxy"})
        assert f"Goldseam starts anew at https://{HOST}." in words(page)
        assert kept(tmp_path) == {
            "GOLDSEAM_BASE_URL": f"https://{HOST}",
            "GOLDSEAM_BEHIND_PROXY": "on",
            "GOLDSEAM_PORT": "8003",
        }

    def test_a_certificate_that_cannot_be_served_is_said_before_anything_is_kept(self, office, tmp_path):
        folder = tmp_path / "tls"
        folder.mkdir()
        files = dict(zip(("certificate", "key"), map(str, certificate(folder, days=(-9, -1))), strict=True))
        page = office.post(ADDRESS, {"address": f"https://{HOST}:{free_port()}", "holder": "files", **files})
        assert "not today" in words(page)
        assert kept(tmp_path) == {}

    def test_a_port_that_cannot_be_opened_is_said_before_anything_is_kept(self, office, tmp_path):
        with open_postbox() as postbox:
            given = {
                "address": f"https://{HOST}:{postbox.port}",
                "holder": "files",
                "certificate": "c",
                "key": "k",
            }
            assert f"Port {postbox.port} is taken on this machine" in words(office.post(ADDRESS, given))
        assert kept(tmp_path) == {}


class TestPhone:
    @pytest.fixture
    def check(self, cast, settings):
        settings.GOLDSEAM_BASE_URL = f"https://{HOST}"
        settings.GOLDSEAM_DEMO = False
        return f"{ADDRESS}{new_phone_check(cast.clinic)}/"

    def reached(self, cast):
        cast.clinic.refresh_from_db()
        return is_reached(cast.clinic)

    def test_only_pressing_the_button_counts_and_only_where_nobody_is_signed_in(self, cast, check):
        phone = Client()
        assert "You see this, so the way is open." in words(phone.get(check))
        assert not self.reached(cast)
        signed_in(cast.ines).post(check)
        assert not self.reached(cast)
        assert "This phone reaches it" in words(phone.post(check))
        assert self.reached(cast)

    def test_another_address_has_to_be_opened_anew(self, cast, check, settings):
        Client().post(check)
        settings.GOLDSEAM_BASE_URL = "https://other.example.org"
        assert not self.reached(cast)
        assert Client().post(check).status_code == 404

    def test_the_page_shows_the_code_and_then_that_a_phone_came(self, office, cast, check):
        page = office.get(ADDRESS)
        assert f"Open https://{HOST} on a phone." in words(page)
        assert 'class="qr"' in page.content.decode()
        Client().post(check)
        assert f"A phone has opened https://{HOST}." in words(office.get(ADDRESS))
