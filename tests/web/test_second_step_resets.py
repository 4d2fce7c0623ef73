"""Whoever lost the second step gets in again when two people say so, neither of them the one who lost it."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from goldseam_web.accounts.mails import send_next_account_mail
from goldseam_web.accounts.models import AccountMail, AccountMailKind, Role, SecondStepReset
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.accounts.second_step_resets import LASTS, ask_for_reset, confirm_reset, resets_for
from goldseam_web.audit.models import AuditEntry
from tests.web import people
from tests.web.staff_pages import confirmed, signed_in, words

pytestmark = pytest.mark.django_db
URL = "/office/second-step/"


@pytest.fixture
def lost(cast):
    TOTP.activate(cast.ines.user, generate_totp_secret())
    return cast.ines


def has_one(staff):
    return Authenticator.objects.filter(user=staff.user).exists()


class TestAsking:
    def test_alone_takes_nothing_away_and_writes_to_the_second_person(self, cast, lost, now, mailoutbox):
        seconds = ask_for_reset(staff=lost, by=cast.administrator, at=now)
        assert seconds == [cast.supervisor]
        assert has_one(lost)
        assert send_next_account_mail(worker="w", at=now)
        [mail] = mailoutbox
        assert mail.to == [cast.supervisor.user.email]
        assert URL in mail.body
        assert "Ines" not in mail.body

    def test_twice_writes_once(self, cast, lost, now):
        for _ in range(2):
            ask_for_reset(staff=lost, by=cast.administrator, at=now)
        assert SecondStepReset.objects.count() == AccountMail.objects.count() == 1

    def test_not_for_oneself(self, cast, now):
        TOTP.activate(cast.administrator.user, generate_totp_secret())
        with people.refused("Another administrator asks for yours."):
            ask_for_reset(staff=cast.administrator, by=cast.administrator, at=now)

    def test_where_there_is_no_second_person_the_command_is_named(self, cast, lost, now):
        cast.supervisor.active = False
        cast.supervisor.save()
        with pytest.raises(Exception, match="goldseam-web reset-second-step"):
            ask_for_reset(staff=lost, by=cast.administrator, at=now)


class TestTheSecondPerson:
    @pytest.fixture
    def asked(self, cast, lost, now):
        ask_for_reset(staff=lost, by=cast.administrator, at=now)
        return SecondStepReset.objects.get()

    def test_says_yes_and_app_codes_and_sessions_end(self, cast, lost, asked, now):
        there = signed_in(lost)
        assert there.get("/").status_code == 200
        confirm_reset(reset=asked, by=cast.supervisor, at=now)
        assert not has_one(lost)
        assert there.get("/").status_code == 302
        assert AccountMail.objects.filter(kind=AccountMailKind.RESET_DONE, address=lost.user.email).exists()
        assert AuditEntry.objects.filter(action="staff.second_step_reset").count() == 1

    @pytest.mark.parametrize("who", ["administrator", "ines", "colleague", "researcher"])
    def test_is_never_who_asked_who_lost_it_or_who_neither_runs_nor_supervises(
        self, cast, lost, asked, now, who
    ):
        with people.refused("It takes a second person who runs the clinic or supervises in it."):
            confirm_reset(reset=asked, by=getattr(cast, who), at=now)
        assert has_one(lost)

    def test_nor_in_the_database(self, cast, asked, now):
        for who in (cast.administrator, cast.ines):
            with pytest.raises(IntegrityError), transaction.atomic():
                SecondStepReset.objects.update(done_by=who, done_at=now)

    def test_not_after_a_day_and_not_twice(self, cast, lost, asked, now):
        with pytest.raises(Exception, match="more than a day ago"):
            confirm_reset(reset=asked, by=cast.supervisor, at=now + LASTS)
        confirm_reset(reset=asked, by=cast.supervisor, at=now + LASTS - timedelta(minutes=1))
        with pytest.raises(Exception, match="done already"):
            confirm_reset(reset=asked, by=cast.supervisor, at=now + LASTS - timedelta(minutes=1))

    def test_not_when_who_asked_runs_the_clinic_no_more(self, cast, lost, asked, now):
        """Found out and suspended meanwhile, they would still have had their way."""
        cast.administrator.active = False
        cast.administrator.save()
        assert asked not in resets_for(viewer_of(cast.supervisor.user, at=now), lost.clinic, now)
        with people.refused("Whoever asked runs the clinic no more; another administrator can ask."):
            confirm_reset(reset=asked, by=cast.supervisor, at=now)
        assert has_one(lost)

    def test_of_another_clinic_sees_none_of_it(self, cast, asked, now):
        vera = people.staff(cast.stranger.clinic, "Vera Elsewhere", [Role.SUPERVISOR], now)
        page = confirmed(signed_in(vera))
        assert "Ines" not in words(page.get(URL))
        page.post(URL, {"reset": str(asked.pk)})
        assert SecondStepReset.objects.get().done_at is None


def test_by_the_pages(cast, lost):
    office = confirmed(signed_in(cast.administrator))
    page = office.post(
        reverse("office:change_colleague", args=[lost.pk]), {"act": "reset_second_step"}, follow=True
    )
    assert "Marta Lind can say yes within a day" in words(page)
    assert "Nobody needs a second person." in words(office.get(URL))
    second = signed_in(cast.supervisor)
    reset = SecondStepReset.objects.get()
    assert second.post(URL, {"reset": str(reset.pk)}).url.startswith(reverse("account_reauthenticate"))
    assert "Ines Okafor" in words(second.get(URL))
    confirmed(second)
    assert "sets up a second step anew" in words(second.post(URL, {"reset": str(reset.pk)}, follow=True))
    assert not has_one(lost)


def test_by_the_command_for_a_practice_of_one(lost, capsys):
    call_command("reset_second_step", lost.user.email.upper())
    assert not has_one(lost)
    assert AuditEntry.objects.get(action="staff.second_step_reset").actor_kind == "system"
    assert AccountMail.objects.get().kind == AccountMailKind.RESET_DONE
    with pytest.raises(CommandError, match="Nobody signs in"):
        call_command("reset_second_step", "nobody@example.org")


def test_a_refusal_does_not_look_like_a_success(cast):
    page = confirmed(signed_in(cast.administrator)).post(
        reverse("office:change_colleague", args=[cast.ines.pk]), {"act": "reset_second_step"}, follow=True
    )
    assert "Ines Okafor has not set up a second step." in words(page)
    assert '<p class="note" role="alert">' in page.content.decode()
