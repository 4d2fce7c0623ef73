"""A therapist's own ratings beside clients', on the page that nobody else can open.

Expected are the sums of a line that was put in: the therapist rates a fixed amount beside the client's rating.
"""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.own_guesses import own_guesses
from goldseam_web.audit.models import AuditEntry
from goldseam_web.cases.models import CaseKind
from goldseam_web.cases.services import NewMember
from tests.web import histories, people
from tests.web.kept_rows import kept
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)
COURSES = ((8, 7, 8, 6), (6, 7, 5, 7), (9, 8, 9, 8), (5, 6, 7, 6), (7, 8, 7, 6))


def rated(case, ines, now, levels, *, own, last=0.0):
    who, given = case.members.get(), []
    held = histories.sessions(case, ines, len(levels), now)
    for place, (encounter, level) in enumerate(zip(held, levels, strict=True), start=1):
        hers = own(level) + (last if place == len(held) else 0.0)
        given.append(histories.rate(encounter, who, level))
        people.answer(people.asked_therapist(encounter), encounter.ends_at + timedelta(minutes=5), hers)
    return given


@pytest.fixture
@kept
def ten(cast, now):
    """Ten clients of four sessions; Ines rates a point lower, at the last one more or less: on average the same."""
    for number in range(10):
        client = NewMember(f"Client{number}", "Made", "client", email=f"client{number}@example.org")
        case = people.case(cast.ines, CaseKind.INDIVIDUAL, [client], now)
        rated(
            case,
            cast.ines,
            now,
            COURSES[number % 5],
            own=lambda level: level - 1.0,
            last=(-1.0, 1.0)[number // 5],
        )
    return cast


def of(staff, now):
    return own_guesses(viewer_of(staff.user, at=now), since=now - YEAR)


def test_a_point_lower_and_followed_fully(ten, now):
    found = of(ten.ines, now)
    assert (found.beside.n_dyads, found.beside.n_sessions) == (10, 40)
    assert found.beside.directional.value == pytest.approx(-1.0)
    assert found.beside.truth.value == pytest.approx(1.0)
    assert found.beside.truth.low < 1 < found.beside.truth.high
    page = words(signed_in(ten.ines).get(reverse("dashboard:own_figures")))
    assert "How much higher you rate the work than they do -1.0 points (-1." in page
    assert "How far your rating moves when theirs moves by a point 1.00 (0." in page


def test_nobody_else_has_them(ten, now):
    for staff in (ten.colleague, ten.supervisor):
        assert of(staff, now).beside is None
        page = signed_in(staff).get(reverse("dashboard:own_figures"))
        assert page.status_code == 404 or "-1.0 points" not in words(page)


class TestShared:
    """With whoever supervises, by the therapist's own word and for as long as it stands."""

    def own(self, staff, word=None):
        client, address = signed_in(staff), reverse("dashboard:own_figures")
        return words(client.post(address, {"share": word}, follow=True) if word else client.get(address))

    def read(self, staff, of_whom):
        reply = signed_in(staff).get(reverse("dashboard:supervisee", args=[of_whom.pk]))
        return words(reply) if reply.status_code == 200 else ""

    def test_not_before_she_says_so_and_no_longer_than_that(self, ten):
        assert "Share it" in self.own(ten.ines)
        line = "How much higher Ines Okafor rates the work than clients do -1.0 points (-1."
        assert "rates the work" not in self.read(ten.supervisor, ten.ines)
        assert "Whoever supervises you reads this table from now on." in self.own(ten.ines, "yes")
        assert line in self.read(ten.supervisor, ten.ines)
        assert line in self.read(ten.ines, ten.ines)
        assert re.search(r"Shared since \d+ \w+, with Marta", self.own(ten.ines))
        assert "Taken back. Nobody but you reads this table." in self.own(ten.ines, "no")
        assert "rates the work" not in self.read(ten.supervisor, ten.ines)

    def test_with_nobody_who_does_not_supervise_her(self, ten):
        self.own(ten.ines, "yes")
        assert self.read(ten.colleague, ten.ines) == ""
        ten.supervisor.supervises.filter(therapist=ten.ines).delete()
        assert self.read(ten.supervisor, ten.ines) == ""
        assert re.search(r"Shared since \d+ \w+: that table alone", self.own(ten.ines))

    def test_a_second_tap_changes_nothing(self, ten):
        self.own(ten.ines, "yes")
        since = Staff.objects.get(pk=ten.ines.pk).ratings_shared_at
        self.own(ten.ines, "yes")
        assert Staff.objects.get(pk=ten.ines.pk).ratings_shared_at == since
        done = AuditEntry.objects.filter(action__startswith="own_ratings.").values_list("action", flat=True)
        assert list(done) == ["own_ratings.shared"]

    def test_nothing_to_share_with_where_nobody_supervises(self, ten):
        ten.supervisor.supervises.filter(therapist=ten.ines).delete()
        assert "Share it" not in self.own(ten.ines)


def test_few_clients_are_not_enough(cast, now):
    rated(cast.individual, cast.ines, now, COURSES[0], own=lambda level: level)
    page = words(signed_in(cast.ines).get(reverse("dashboard:own_figures")))
    assert "How much higher you rate the work than they do Not enough data Not enough data" in page


def test_a_strain_at_which_her_rating_stayed_was_not_seen_and_one_at_which_it_fell_was(cast, now):
    levels = [*histories.STEADY, 2.0]
    seen = people.case(cast.ines, CaseKind.INDIVIDUAL, [NewMember("Ada", "Made", "client")], now)
    histories.judge(rated(cast.individual, cast.ines, now, levels, own=lambda _: 8.0))
    histories.judge(rated(seen, cast.ines, now, levels, own=lambda level: level))
    found = of(cast.ines, now)
    assert (found.strains, found.unseen) == (2, 1)
