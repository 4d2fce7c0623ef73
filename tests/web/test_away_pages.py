"""The pages of who is away: who may open them, what they say, and what a second tap does."""

from datetime import timedelta

import pytest

from goldseam_web.accounts.leaves import name_cover
from goldseam_web.accounts.models import Clinic, Leave, Role, Staff
from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import name_lead
from goldseam_web.audit.services import SYSTEM
from tests.web import people
from tests.web.leaving import WAIT, away, clear_tension, leaves, told
from tests.web.staff_pages import queries, signed_in, words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def today(cast, now):
    return local_day(cast.clinic, now)


class TestPages:
    URL = "/office/away/"

    def test_an_administrator_does_it_in_two_clicks_and_sees_no_finding(self, cast, now):
        """One on *Who is away*, one on *Away from now*."""
        clear_tension(cast.individual, "Ruth", now - 3 * DAY)
        name_cover(staff=cast.ines, cover=cast.colleague, at=now, actor=SYSTEM)
        client = signed_in(cast.administrator)
        assert f'href="{self.URL}"' in client.get("/office/").content.decode()
        said = words(client.post(self.URL, {"act": "away", "staff": cast.ines.pk}, follow=True))
        assert "Ines Okafor is away from now. Ben Adeyemi stands in." in said
        assert told(cast.colleague) == 1
        assert "Ruth" not in said
        assert "finding" not in said.lower()
        leave = Leave.objects.get()
        said = words(client.post(self.URL, {"act": "back", "leave": leave.pk}, follow=True))
        assert "Ines Okafor is back." in said

    def test_supervisor_lead_and_therapist_may_for_whom_it_is_theirs(self, cast, now):
        una = people.staff(cast.clinic, "Una Lead", [Role.SUPERVISOR], now)
        name_lead(lead=una, at=now)
        for who, staff, status in (
            (cast.supervisor, cast.ines, 302),
            (cast.supervisor, cast.colleague, 404),
            (una, cast.colleague, 302),
            (cast.researcher, cast.ines, 404),
            (cast.stranger, cast.ines, 404),
            (cast.supervisor, cast.supervisor, 302),
        ):
            Leave.objects.all().delete()
            sent = signed_in(who).post(self.URL, {"act": "away", "staff": staff.pk})
            assert sent.status_code == status, (who, staff)

    def test_a_holiday_of_the_cover_in_spring_does_not_stop_who_is_ill_today(self, cast, now, today):
        name_cover(staff=cast.ines, cover=cast.colleague, at=now, actor=SYSTEM)
        away(cast.colleague, now, first=today + 90 * DAY, last=today + 97 * DAY)
        client = signed_in(cast.administrator)
        said = words(client.post(self.URL, {"act": "away", "staff": cast.ines.pk}, follow=True))
        assert "Ines Okafor is away from now. Ben Adeyemi stands in." in said

    def test_two_tabs_and_a_second_tap_change_nothing_and_are_no_error(self, cast, now):
        client = signed_in(cast.administrator)
        for _ in range(2):
            client.post(self.URL, {"act": "away", "staff": cast.ines.pk})
        leave = Leave.objects.get()
        for says in ("Ines Okafor is back.", "That has been noted already."):
            assert says in words(client.post(self.URL, {"act": "back", "leave": leave.pk}, follow=True))
        assert signed_in(cast.stranger).post(self.URL, {"act": "back", "leave": leave.pk}).status_code == 404

    @pytest.mark.parametrize("gone", ["suspended", "away"])
    def test_who_is_not_there_does_not_stand_in_on_any_page(self, cast, now, gone):
        leaves(cast, now)
        if gone == "away":
            away(cast.colleague, now)
        else:
            Staff.objects.filter(pk=cast.colleague.pk).update(active=False)
        client = signed_in(cast.administrator)
        for url in (self.URL, "/office/weeks/"):
            said = words(client.get(url))
            assert "Ben Adeyemi stands in" not in said, url
            assert "obody stands in" in said, url

    def test_a_cover_who_is_none_of_the_clinic_changes_nothing(self, cast, now):
        """One of another clinic, or a colleague who was suspended since the page was opened."""
        name_cover(staff=cast.ines, cover=cast.colleague, at=now, actor=SYSTEM)
        given = {"act": "cover", "staff": cast.ines.pk, "cover": cast.stranger.pk}
        said = words(signed_in(cast.administrator).post(self.URL, given, follow=True))
        assert "Choose one of the colleagues who work here as therapists." in said
        cast.ines.refresh_from_db()
        assert cast.ines.cover == cast.colleague

    def test_a_slip_of_the_year_is_refused(self, cast, now, today):
        given = {"first": today, "last": today.replace(year=today.year + 3), "cover": "", "meanwhile": WAIT}
        refused = signed_in(cast.ines).post(f"{self.URL}{cast.ines.pk}/", given)
        assert refused.status_code == 400
        assert "given as the last day; two years ahead at most" in words(refused)

    def test_what_is_chosen_during_a_leave_is_said_to_be_for_the_next(self, cast, now):
        leaves(cast, now)
        client = signed_in(cast.administrator)
        assert "Next time" in words(client.get(self.URL))

    def test_dates_and_what_forms_do_as_the_clinic_chose(self, cast, now, today):
        Clinic.objects.filter(pk=cast.clinic.pk).update(forms_when_away=WAIT)
        client = signed_in(cast.ines)
        page = client.get(f"{self.URL}{cast.ines.pk}/")
        assert page.context["form"].initial["meanwhile"] == WAIT
        given = {
            "first": today + DAY,
            "last": today + 8 * DAY,
            "cover": str(cast.colleague.pk),
            "meanwhile": WAIT,
        }
        assert client.post(f"{self.URL}{cast.ines.pk}/", given).status_code == 302
        leave = Leave.objects.get()
        assert (leave.starts_on, leave.ends_on, leave.cover) == (
            today + DAY,
            today + 8 * DAY,
            cast.colleague,
        )
        assert client.post(f"{self.URL}{cast.ines.pk}/", {**given, "last": today}).status_code == 400

    def test_the_page_takes_few_queries_however_many_work_here(self, cast, now):
        client = signed_in(cast.administrator)
        client.get(self.URL)
        before = queries(lambda: client.get(self.URL))
        for number in range(3):
            people.staff(cast.clinic, f"Some Body{number}", [Role.THERAPIST], now)
        assert queries(lambda: client.get(self.URL)) == before <= 12
