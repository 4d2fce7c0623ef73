"""Staff sign-in, by browser requests: password, lockout, second factor, logoff."""

import base64
import hashlib
import hmac
import re
import struct
import time
from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from goldseam_web.accounts.adapters import SecondFactorAdapter
from goldseam_web.accounts.lockout import pause_after
from goldseam_web.accounts.mails import queue_account_mail, send_next_account_mail
from goldseam_web.accounts.models import AccountMail, AccountMailKind, Role, WrongCodes
from goldseam_web.accounts.sessions import SessionStore, stored_key
from goldseam_web.audit.models import AuditEntry
from tests.web import people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _calm_rate_limits(settings, tmp_path):
    """Every test starts with an empty count of requests: the library keeps it in the cache."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(tmp_path)}
    }


@pytest.fixture
def ines():
    at = timezone.now()
    clinic = people.open_clinic(name="Larkfield", time_zone="America/Chicago", at=at)
    return people.staff(clinic, "Ines Okafor", [Role.THERAPIST], at)


def sign_in(client, email, password=people.PASSWORD, **headers):
    return client.post(reverse("account_login"), {"login": email, "password": password}, **headers)


def is_signed_in(client):
    return "_auth_user_id" in client.session


def rfc6238(secret, at):
    """The six-digit code of RFC 6238 (SHA-1, 30 seconds), written from the RFC, not from the library."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def shown_key(response):
    return re.search(r"<code>([A-Z2-7]{16,})</code>", response.content.decode()).group(1)


def enrol(client):
    """Set up an authenticator app as the page says; gives the key."""
    key = shown_key(client.get(reverse("mfa_activate_totp")))
    done = client.post(reverse("mfa_activate_totp"), {"code": rfc6238(key, time.time())})
    assert done.headers["Location"] == reverse("mfa_view_recovery_codes")
    return key


def confirm(client):
    """Give the password once more."""
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})


def send_mails():
    """What the worker does."""
    while send_next_account_mail(worker="test", at=timezone.now()):
        pass


def test_our_code_generator_gives_the_published_values():
    # RFC 6238, appendix B, SHA-1 with the ASCII secret 12345678901234567890: last six of the eight digits.
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert [rfc6238(secret, at) for at in (59, 1111111109, 2000000000)] == ["287082", "081804", "279037"]


class TestPassword:
    def test_opens_the_door_and_is_recorded(self, client, ines):
        response = sign_in(client, ines.user.email)
        assert response.status_code == 302
        assert response.headers["Location"] == "/"
        entry = AuditEntry.objects.get(action="staff.sign_in")
        assert (entry.clinic_id, entry.actor_id) == (ines.clinic_id, ines.id)

    def test_address_may_be_typed_in_capitals(self, client, ines):
        sign_in(client, ines.user.email.upper())
        assert is_signed_in(client)

    def test_wrong_one_stays_outside_says_nothing_about_the_address_and_is_recorded(self, client, ines):
        wrong = sign_in(client, ines.user.email, "not the password at all")
        unknown = sign_in(Client(), "nobody@larkfield.example", "not the password at all")
        assert not is_signed_in(client)
        texts = [re.sub(r'value="[^"]*"', "", page.content.decode()) for page in (wrong, unknown)]
        assert texts[0] == texts[1]
        entry = AuditEntry.objects.get(action="staff.sign_in_failed")
        assert entry.object_id == str(ines.user.pk)

    def test_someone_who_no_longer_works_here_is_told_so(self, client, ines):
        ines.active = False
        ines.save()
        response = sign_in(client, ines.user.email)
        assert response.headers["Location"] == reverse("account_inactive")
        assert not is_signed_in(client)
        assert "This sign-in is closed." in client.get(reverse("account_inactive")).content.decode()

    def test_form_helps_password_managers_and_allows_pasting(self, client):
        page = client.get(reverse("account_login")).content.decode()
        assert 'autocomplete="username"' in page
        assert 'autocomplete="current-password"' in page
        assert "onpaste" not in page
        assert "placeholder" not in page

    def test_nobody_can_sign_up(self, client):
        assert client.get("/account/sign-up/").status_code == 404

    def test_never_redirects_to_another_site(self, client, ines):
        url = reverse("account_login") + "?next=https://evil.example/"
        response = client.post(
            url, {"login": ines.user.email, "password": people.PASSWORD, "next": "https://evil.example/"}
        )
        assert response.headers["Location"] == "/"

    def test_signing_out_needs_a_click_and_is_recorded(self, client, ines):
        sign_in(client, ines.user.email)
        client.get(reverse("account_logout"))
        assert is_signed_in(client)
        client.post(reverse("account_logout"))
        assert not is_signed_in(client)
        assert AuditEntry.objects.filter(action="staff.sign_out", actor_id=ines.id).count() == 1


class TestLockout:
    def fail(self, client, email, times, **headers):
        for _ in range(times):
            response = sign_in(client, email, "not the password at all", **headers)
        return response

    def test_after_ten_wrong_passwords_even_the_right_one_waits(self, client, ines):
        tenth = self.fail(client, ines.user.email, 10)
        assert tenth.status_code == 429
        assert "A short pause." in tenth.content.decode()
        assert sign_in(client, ines.user.email).status_code == 429
        assert not is_signed_in(client)

    def test_nine_wrong_ones_do_not_lock(self, client, ines):
        self.fail(client, ines.user.email, 9)
        sign_in(client, ines.user.email)
        assert is_signed_in(client)

    def test_capitals_make_no_second_count(self, client, ines):
        self.fail(client, ines.user.email, 5)
        assert self.fail(client, ines.user.email.title(), 5).status_code == 429

    def test_someone_elsewhere_cannot_lock_the_owner_out(self, client, ines):
        self.fail(Client(), ines.user.email, 10, REMOTE_ADDR="198.51.100.7")
        sign_in(client, ines.user.email, REMOTE_ADDR="203.0.113.5")
        assert is_signed_in(client)

    def be_later(self, **by):
        for attempt in AccessAttempt.objects.all():
            attempt.attempt_time -= timedelta(**by)
            attempt.save()

    def test_pause_ends_after_a_minute_and_the_next_is_longer(self, client, ines):
        self.fail(client, ines.user.email, 10)
        self.be_later(seconds=61)
        assert self.fail(client, ines.user.email, 1).status_code == 429
        self.be_later(seconds=61)
        assert sign_in(client, ines.user.email).status_code == 429
        self.be_later(seconds=60)
        sign_in(client, ines.user.email)
        assert is_signed_in(client)

    # Ten are free, then a minute, twice as long each time, an hour at most; by hand.
    @pytest.mark.parametrize(
        ("failures", "minutes"), [(0, 0), (9, 0), (10, 1), (11, 2), (15, 32), (16, 60), (500, 60)]
    )
    def test_pauses_grow(self, failures, minutes):
        assert pause_after(failures, free=10, longest=timedelta(hours=1)) == timedelta(minutes=minutes)

    def test_wrong_passwords_from_everywhere_make_strangers_wait(self, ines):
        for n in range(30):
            self.fail(Client(), ines.user.email, 1, REMOTE_ADDR=f"198.51.100.{n}")
        assert sign_in(Client(), ines.user.email, REMOTE_ADDR="203.0.113.5").status_code == 429

    def test_a_known_device_comes_in_whatever_others_do(self, client, ines):
        """From everywhere, and from the same address: behind one router, or a proxy that is not declared."""
        sign_in(client, ines.user.email)
        client.post(reverse("account_logout"))
        for n in range(30):
            self.fail(Client(), ines.user.email, 1, REMOTE_ADDR=f"198.51.100.{n}")
        self.fail(Client(), ines.user.email, 12)
        sign_in(client, ines.user.email)
        assert is_signed_in(client)

    def test_a_known_device_is_counted_by_itself(self, client, ines):
        sign_in(client, ines.user.email)
        client.post(reverse("account_logout"))
        assert self.fail(client, ines.user.email, 9).status_code == 200
        assert self.fail(client, ines.user.email, 1).status_code == 429
        assert sign_in(client, ines.user.email, REMOTE_ADDR="203.0.113.5").status_code == 429

    def test_a_device_is_known_for_its_own_people_alone(self, client, ines):
        ben = people.staff(ines.clinic, "Ben Adeyemi", [Role.THERAPIST], timezone.now())
        sign_in(client, ines.user.email)
        client.post(reverse("account_logout"))
        assert self.fail(client, ben.user.email, 10).status_code == 429
        sign_in(client, ines.user.email)
        assert is_signed_in(client)

    def test_a_forged_device_is_not_known(self, client, ines, settings):
        client.cookies[settings.GOLDSEAM_DEVICE_COOKIE] = signing.dumps(
            {str(ines.user.pk): "x"}, salt="other"
        )
        self.fail(Client(), ines.user.email, 10)
        assert sign_in(client, ines.user.email).status_code == 429

    def test_the_right_password_forgives_nobody_elses_wrong_ones(self, client, ines):
        self.fail(Client(), ines.user.email, 9, REMOTE_ADDR="198.51.100.7")
        sign_in(client, ines.user.email)
        assert self.fail(Client(), ines.user.email, 1, REMOTE_ADDR="198.51.100.7").status_code == 429


class TestSecondFactor:
    @pytest.fixture(autouse=True)
    def _required(self, settings):
        settings.GOLDSEAM_REQUIRE_TOTP = True

    def test_staff_without_one_are_led_to_it_before_anything_else(self, client, ines):
        sign_in(client, ines.user.email)
        for name in ("mfa_index", "account_change_password"):
            assert client.get(reverse(name)).headers["Location"] == reverse("mfa_activate_totp")

    def test_right_after_signing_in_the_password_is_not_asked_again(self, client, ines):
        sign_in(client, ines.user.email)
        page = client.get(reverse("mfa_activate_totp"))
        assert page.status_code == 200
        assert "data:image/svg+xml;base64," in page.content.decode()

    def test_after_it_the_pages_open_and_the_codes_are_shown(self, client, ines):
        sign_in(client, ines.user.email)
        enrol(client)
        codes = client.get(reverse("mfa_view_recovery_codes")).content.decode()
        assert len(re.findall(r"<code>\d{8}</code>", codes)) == 10
        assert client.get(reverse("mfa_index")).status_code == 200
        assert AuditEntry.objects.filter(action="staff.second_factor_on", actor_id=ines.id).count() == 1

    def test_next_sign_in_asks_for_a_code_and_refuses_a_wrong_one(self, client, ines):
        sign_in(client, ines.user.email)
        key = enrol(client)
        other = Client()
        assert sign_in(other, ines.user.email).headers["Location"] == reverse("mfa_authenticate")
        assert not is_signed_in(other)
        refused = other.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert "That code does not fit." in refused.content.decode()
        # The code of the enrolment has been used; the library refuses it a second time, so take the next one.
        other.post(reverse("mfa_authenticate"), {"code": rfc6238(key, time.time() + 30)})
        assert is_signed_in(other)

    def test_recovery_code_opens_once(self, client, ines):
        sign_in(client, ines.user.email)
        enrol(client)
        code = re.search(
            r"<code>(\d{8})</code>", client.get(reverse("mfa_view_recovery_codes")).content.decode()
        ).group(1)
        for opens in (True, False):
            other = Client()
            sign_in(other, ines.user.email)
            other.post(reverse("mfa_authenticate"), {"code": code})
            assert is_signed_in(other) is opens

    def test_without_it_there_is_no_way_around(self, client, ines):
        sign_in(client, ines.user.email)
        enrol(client)
        confirm(client)
        client.post(reverse("mfa_deactivate_totp"))
        assert AuditEntry.objects.filter(action="staff.second_factor_off").count() == 1
        assert client.get(reverse("mfa_index")).headers["Location"] == reverse("mfa_activate_totp")

    @pytest.mark.parametrize("name", ["mfa_deactivate_totp", "mfa_generate_recovery_codes"])
    def test_removing_it_and_new_codes_ask_for_the_password_again_and_are_told_by_mail(
        self, client, ines, mailoutbox, name
    ):
        sign_in(client, ines.user.email)
        enrol(client)
        send_mails()
        codes = Authenticator.objects.get(type="recovery_codes").data
        response = client.post(reverse(name))
        assert response.headers["Location"].startswith(reverse("account_reauthenticate"))
        assert Authenticator.objects.filter(type="totp").exists()
        assert Authenticator.objects.get(type="recovery_codes").data == codes
        confirm(client)
        client.post(reverse(name))
        send_mails()
        told = [mail.body.splitlines()[0] for mail in mailoutbox]
        assert told[0].startswith("An authenticator app was set up.")
        expected = {
            "mfa_deactivate_totp": "The authenticator app was removed.",
            "mfa_generate_recovery_codes": "New rec",
        }
        assert told[1].startswith(expected[name])

    def test_codes_are_not_shown_to_whoever_sits_at_an_open_page(self, client, ines):
        """Shown once after setting the app up; in a later session only after the password."""
        sign_in(client, ines.user.email)
        key = enrol(client)
        later = Client()
        sign_in(later, ines.user.email)
        later.post(reverse("mfa_authenticate"), {"code": rfc6238(key, time.time() + 30)})
        for name in ("mfa_view_recovery_codes", "mfa_download_recovery_codes"):
            assert later.get(reverse(name)).headers["Location"].startswith(reverse("account_reauthenticate"))

    def wrong_codes(self, client, ines, times):
        """Another one knows the password and tries codes."""
        sign_in(client, ines.user.email)
        for n in range(times):
            response = client.post(reverse("mfa_authenticate"), {"code": f"{n:06d}"})
        return response

    def test_wrong_codes_are_counted_recorded_and_told_to_the_owner(self, client, ines, mailoutbox):
        sign_in(client, ines.user.email)
        key = enrol(client)
        send_mails()
        mailoutbox.clear()
        self.wrong_codes(Client(), ines, 2)
        send_mails()
        assert mailoutbox == []
        thief = Client()
        self.wrong_codes(thief, ines, 2)
        send_mails()
        (mail,) = mailoutbox
        assert (mail.to, "several wrong codes" in mail.body) == ([ines.user.email], True)
        assert AuditEntry.objects.filter(action="staff.code_failed", object_id=str(ines.user.pk)).count() == 4
        assert WrongCodes.objects.get().failures == 4
        thief.post(reverse("mfa_authenticate"), {"code": rfc6238(key, time.time() + 30)})
        assert is_signed_in(thief)
        assert not WrongCodes.objects.exists()

    def test_after_five_wrong_codes_even_the_right_one_waits_in_every_process(self, client, ines):
        sign_in(client, ines.user.email)
        key = enrol(client)
        other = Client()
        self.wrong_codes(other, ines, 5)
        refused = other.post(reverse("mfa_authenticate"), {"code": rfc6238(key, time.time() + 30)})
        assert "That was very often." in refused.content.decode()
        WrongCodes.objects.update(last_at=timezone.now() - timedelta(seconds=61))
        other.post(reverse("mfa_authenticate"), {"code": rfc6238(key, time.time() + 30)})
        assert is_signed_in(other)

    def test_secrets_lie_encrypted_in_the_database(self, client, ines):
        sign_in(client, ines.user.email)
        key = enrol(client)
        stored = str(list(Authenticator.objects.values_list("data", flat=True)))
        assert key not in stored
        assert SecondFactorAdapter().decrypt(Authenticator.objects.get(type="totp").data["secret"]) == key

    def test_a_new_encryption_key_in_front_still_opens_what_the_old_one_closed(self, settings):
        old, new = "o" * 40, "n" * 40
        settings.GOLDSEAM_ENCRYPTION_KEYS = [old]
        closed = SecondFactorAdapter().encrypt("secret")
        settings.GOLDSEAM_ENCRYPTION_KEYS = [new, old]
        assert SecondFactorAdapter().decrypt(closed) == "secret"
        closed_anew = SecondFactorAdapter().encrypt("secret")
        settings.GOLDSEAM_ENCRYPTION_KEYS = [new]
        assert SecondFactorAdapter().decrypt(closed_anew) == "secret"


class TestNewPassword:
    def link(self, mail):
        return re.search(r"http://[^/]+(/account/password/new/\S+)", mail.body).group(1)

    def asked(self, client, address):
        page = client.post(reverse("account_reset_password"), {"email": address})
        send_mails()
        return page

    def test_link_by_mail_sets_it_and_that_is_told(self, client, ines, mailoutbox):
        self.asked(client, ines.user.email.title())
        (mail,) = mailoutbox
        assert mail.to == [ines.user.email]
        form = client.get(self.link(mail), follow=True)
        new = "another sentence nobody knows"
        client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
        sign_in(client, ines.user.email, new)
        assert is_signed_in(client)
        send_mails()
        assert "Your password was changed." in mailoutbox[1].body

    def test_link_begins_with_the_configured_address_whatever_host_was_asked(
        self, client, ines, mailoutbox, settings
    ):
        settings.ALLOWED_HOSTS = ["*"]
        settings.GOLDSEAM_BASE_URL = "https://goldseam.example.org"
        client.post(
            reverse("account_reset_password"),
            {"email": ines.user.email},
            headers={"host": "evil.example", "x-forwarded-host": "evil.example"},
        )
        send_mails()
        links = re.findall(r"https?://\S+", mailoutbox[0].body)
        assert [link.split("/account/")[0] for link in links] == ["https://goldseam.example.org"]

    def test_mails_say_nothing_that_a_bystander_may_not_read(self, client, ines, mailoutbox):
        for kind in AccountMailKind:
            queue_account_mail(kind=kind, address=ines.user.email, at=timezone.now())
        send_mails()
        assert len(mailoutbox) == len(AccountMailKind)
        text = " ".join(mail.subject + mail.body for mail in mailoutbox).lower()
        assert not [word for word in ("therap", "client", "clinic", "rupture", "ines") if word in text]

    def test_unknown_address_gets_no_mail_the_same_page_and_the_same_work(self, client, ines, mailoutbox):
        pages, queries = [], []
        for address in (ines.user.email, "nobody@larkfield.example"):
            with CaptureQueriesContext(connection) as asked:
                pages.append(client.post(reverse("account_reset_password"), {"email": address}))
            queries.append([re.sub(r"'[^']*'", "?", query["sql"]) for query in asked])
        assert queries[0] == queries[1]
        assert pages[0].headers["Location"] == pages[1].headers["Location"]
        send_mails()
        assert len(mailoutbox) == 1
        assert [mail.address for mail in AccountMail.objects.all()] == [ines.user.email]

    def test_a_mail_server_that_is_down_is_no_error_and_is_tried_again(
        self, client, ines, monkeypatch, mailoutbox
    ):
        def refuse(*_args, **_kwargs):
            raise ConnectionRefusedError

        with monkeypatch.context() as down:
            down.setattr(EmailMessage, "send", refuse)
            assert self.asked(client, ines.user.email).status_code == 302
        mail = AccountMail.objects.get()
        assert (mail.state, mail.attempts, mail.last_error) == ("pending", 1, "ConnectionRefusedError")
        send_next_account_mail(worker="test", at=timezone.now() + timedelta(seconds=11))
        assert len(mailoutbox) == 1

    def test_somebody_who_no_longer_works_here_gets_none(self, client, ines, mailoutbox):
        ines.active = False
        ines.save()
        self.asked(client, ines.user.email)
        assert mailoutbox == []

    def test_no_key_lies_in_the_database(self, client, ines, mailoutbox):
        self.asked(client, ines.user.email)
        key = self.link(mailoutbox[0]).rstrip("/").rpartition("-")[2]
        client.get(self.link(mailoutbox[0]))  # the page keeps the key in the session
        stored = [str(row) for model in (AccountMail, Session, AuditEntry) for row in model.objects.values()]
        assert [row for row in stored if key in row] == []

    @pytest.mark.parametrize(
        "password",
        ["fourteen chars", "ines.okafor@larkfield.example", "goldseamgoldseam"],
    )
    def test_weak_one_is_refused_and_the_old_one_stays(self, client, ines, password):
        sign_in(client, ines.user.email)
        fields = {"oldpassword": people.PASSWORD, "password1": password, "password2": password}
        response = client.post(reverse("account_change_password"), fields)
        assert response.status_code == 200
        assert authenticate(client.request().wsgi_request, email=ines.user.email, password=people.PASSWORD)

    def test_fifteen_characters_of_any_kind_are_enough(self, client, ines):
        sign_in(client, ines.user.email)
        fields = {
            "oldpassword": people.PASSWORD,
            "password1": "tealeaf harbour",
            "password2": "tealeaf harbour",
        }
        assert client.post(reverse("account_change_password"), fields).headers["Location"] == reverse(
            "mfa_index"
        )


class TestAutomaticLogoff:
    """After an hour without a click it is locked: test_idle_lock.py."""

    def test_twelve_hours_end_it_in_any_case(self, client, ines):
        sign_in(client, ines.user.email)
        for hours, stays in ((11, True), (12.1, False)):
            session = client.session
            session["signed_in"], session["last_active"] = time.time() - hours * 3600, time.time()
            session.save()
            client.get(reverse("mfa_index"))
            assert is_signed_in(client) is stays
        assert AuditEntry.objects.filter(action="staff.sign_out").count() == 1

    def test_twelve_hours_end_a_locked_one_too(self, client, ines):
        sign_in(client, ines.user.email)
        session = client.session
        session["signed_in"], session["locked"] = time.time() - 12.1 * 3600, True
        session.save()
        assert client.get(reverse("idle_lock")).headers["Location"] == reverse("account_login")
        assert not is_signed_in(client)


class TestSessions:
    """What lies in the database opens nothing and tells nothing."""

    def test_no_cookie_can_be_made_from_a_row(self, client, ines, settings):
        sign_in(client, ines.user.email)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        (row,) = Session.objects.all()
        assert row.session_key not in {cookie, cookie[:40]}
        thief = Client()
        thief.cookies[settings.SESSION_COOKIE_NAME] = row.session_key
        assert thief.get(reverse("mfa_index")).headers["Location"].startswith(reverse("account_login"))

    def test_no_row_tells_whose_it_is_or_what_passes_through_it(self, client, ines):
        sign_in(client, ines.user.email)
        key = shown_key(client.get(reverse("mfa_activate_totp")))
        raw = Session.objects.get().session_data
        assert raw.startswith("gAAAA")  # a Fernet token: version 128 and a time; the rest is encrypted
        assert key in str(SessionStore().decode(raw))
        assert SessionStore().decode(raw)["_auth_user_id"] == str(ines.user.pk)

    def test_a_row_that_no_key_of_ours_opens_is_an_empty_session(self, client, ines, settings):
        sign_in(client, ines.user.email)
        settings.GOLDSEAM_ENCRYPTION_KEYS = ["another key, of thirty-two characters"]
        assert client.get(reverse("mfa_index")).headers["Location"].startswith(reverse("account_login"))

    def test_signing_out_leaves_no_row(self, client, ines):
        sign_in(client, ines.user.email)
        client.post(reverse("account_logout"))
        assert [
            row for row in Session.objects.all() if "_auth_user_id" in SessionStore().decode(row.session_data)
        ] == []

    def test_rows_are_told_apart_and_expire(self, db):
        one, two = SessionStore(), SessionStore()
        one["a"], two["a"] = 1, 2
        one.save()
        two.save()
        assert SessionStore(one.session_key)["a"] == 1
        assert (one.exists(one.session_key), one.exists(stored_key(one.session_key))) == (True, False)
        Session.objects.update(expire_date=timezone.now())
        assert SessionStore(two.session_key).get("a") is None

    def test_a_changed_second_factor_or_password_ends_them_on_other_devices(self, client, ines):
        other = Client()
        for browser in (client, other):
            sign_in(browser, ines.user.email)
        enrol(client)
        assert other.get(reverse("mfa_index")).headers["Location"].startswith(reverse("account_login"))
        assert client.get(reverse("mfa_index")).status_code == 200

    def test_an_operator_ends_those_of_one_or_of_everybody(self, client, ines):
        ben = people.staff(ines.clinic, "Ben Adeyemi", [Role.THERAPIST], timezone.now())
        other = Client()
        sign_in(client, ines.user.email)
        sign_in(other, ben.user.email)
        call_command("sign_out", ines.user.email.upper(), stdout=StringIO())
        assert (is_signed_in(client), is_signed_in(other)) == (False, True)
        call_command("sign_out", everybody=True, stdout=StringIO())
        assert not is_signed_in(other)
        recorded = AuditEntry.objects.filter(action="staff.sessions_ended").order_by("pk")
        assert [(entry.object_id, entry.details) for entry in recorded] == [
            (str(ines.user.pk), {"ended": 1}),
            ("", {"ended": 1}),
        ]

    @pytest.mark.parametrize(
        "asked", [{}, {"email": "a@b.example", "everybody": True}, {"email": "a@b.example"}]
    )
    def test_whom_to_sign_out_must_be_said(self, ines, asked):
        with pytest.raises(CommandError):
            call_command(
                "sign_out", *filter(None, [asked.get("email")]), everybody=asked.get("everybody", False)
            )


class TestHead:
    def test_of_a_page_that_a_sign_in_opens_is_refused_and_leaves_no_trace(self, client, ines):
        sign_in(client, ines.user.email)
        before = AuditEntry.objects.count(), client.session.get("last_active")
        assert client.head("/").status_code == 405
        assert client.head(reverse("mfa_index")).status_code == 405
        assert (AuditEntry.objects.count(), client.session.get("last_active")) == before

    def test_of_pages_before_the_sign_in_works(self, client, db):
        assert client.head(reverse("account_login")).status_code == 200
        assert client.head("/healthz").status_code == 200


class TestHost:
    @pytest.mark.parametrize(
        "host", ["evil.example", "evil.example:8000", "testserver.evil.example", "127.0.0.1@evil.example"]
    )
    @pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
    def test_any_other_host_is_refused(self, client, db, host, name):
        assert client.get(reverse(name), headers={"host": host}).status_code == 400
        assert (
            client.post(reverse(name), {"email": "a@example.org"}, headers={"host": host}).status_code == 400
        )
