"""What one of two therapists reads first: for the other nothing tells it, until it is opened or a day has passed."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from goldseam_web.accounts.models import FormsMeanwhile, Leave, Role
from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import add_supervision
from goldseam_web.alerts.kept_tables import KeptStanding
from goldseam_web.alerts.models import RAISED, AlertSignal, SignalKind
from goldseam_web.alerts.services.alert_messages import tell_the_other
from goldseam_web.alerts.services.keeping import keep_caseloads
from goldseam_web.measures.models import Response
from goldseam_web.outbox.models import Message
from tests.web import people
from tests.web.histories import judge, judge_calm, rate
from tests.web.kept_rows import kept
from tests.web.staff_pages import signed_in, words
from tests.web.test_told_of_the_named import FINE, LOW, held_by_two, named, page, two  # noqa: F401

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


def sessions(cast, now, count):
    """Weekly sessions of both, the last of which ended some hours ago."""
    ends = [now - timedelta(hours=2, minutes=30) - timedelta(weeks=count - 1 - k) for k in range(count)]
    return [held_by_two(cast.couple, cast.ines, cast.colleague, at) for at in ends]


@pytest.fixture
@kept
def asked(two, now):  # noqa: F811
    """Three sessions; about the last one Lea has answered, and Tomas, who is asked about Ben, has not yet."""
    lea, tomas = people.member(two.couple, "Lea"), people.member(two.couple, "Tomas")
    held = sessions(two, now, 3)
    assert named(held[2], tomas) == two.colleague
    judge([rate(e, who, FINE) for e in held[:2] for who in (lea, tomas)])
    judge([rate(held[2], lea, FINE)])
    return held


def finding(cast, held):
    """Tomas rates Ben low; the finding."""
    judge([rate(held[-1], people.member(cast.couple, "Tomas"), LOW, {"group_bond": 1.0})], notify=True)
    return AlertSignal.objects.get(case=cast.couple, kind=SignalKind.LOW)


def told(cast):
    return set(Message.objects.filter(purpose=RAISED).values_list("staff", flat=True))


def pages_of(staff, cast, held):
    """Every page of somebody that tells of the case, without what differs at every showing."""
    client = signed_in(staff)
    of_case = (
        "case",
        "relations",
        "appointments",
        "ending",
        "no_next",
        "members",
        "single_time",
        "joint_view",
        "therapists",
    )
    urls = [
        *(reverse(f"dashboard:{name}", args=[cast.couple.pk]) for name in of_case),
        *(reverse(f"dashboard:{name}", args=[cast.couple.pk]) for name in ("delete_case", "new_episode")),
        reverse("dashboard:encounter", args=[held[-1].pk]),
        reverse("dashboard:supervisee", args=[staff.pk]),
        reverse("dashboard:caseload"),
        reverse("dashboard:alerts"),
    ]
    return {url: shown(client, url) for url in urls}


def shown(client, url):
    response = client.get(url)
    differs = rb'(name="(csrfmiddlewaretoken|form_key)" value|nonce)="[^"]*"'
    return response.status_code, re.sub(differs, b"", response.content)


def differing(one, other):
    """Which pages differ, and whether more was heard of one."""
    return [url for url, page in one[0].items() if page != other[0][url]] + [one[1]] * (one[1] != other[1])


def as_it_would_be(cast, held, level, now):
    """What the other reads if Tomas rates Ben so; and it never was."""
    with transaction.atomic():
        before = people.heard_by(cast.ines)
        given = {"group_bond": level, "within_goal": level}
        given |= {"tension": "clearly", "strain_with": "rated"} if level < FINE else {"tension": "no"}
        judge([rate(held[-1], people.member(cast.couple, "Tomas"), level, given)], notify=True)
        heard = people.heard_by(cast.ines) - before
        pages = pages_of(cast.ines, cast, held)
        keep_caseloads(at=now)
        pages["as it is kept"] = shown(signed_in(cast.ines), reverse("dashboard:caseload"))
        transaction.set_rollback(True)
    return pages, heard


class TestTheOther:
    def test_reads_the_same_whether_something_was_found_or_not(self, two, asked, now):  # noqa: F811
        low, fine = (as_it_would_be(two, asked, level, now) for level in (LOW, FINE))
        assert differing(low, fine) == []
        case = reverse("dashboard:case", args=[two.couple.pk])
        assert b"reads it first" in low[0][case][1]

    def test_reads_the_same_whatever_became_of_an_earlier_strain(self, two, now):  # noqa: F811
        held = sessions(two, now, 11)
        tomas = people.member(two.couple, "Tomas")
        assert named(held[10], tomas) == two.colleague
        judge_calm([rate(e, tomas, FINE) for e in held[:8]])
        judge([rate(held[8], tomas, LOW)])
        judge_calm([rate(held[9], tomas, FINE)])
        strain = AlertSignal.objects.filter(case=two.couple, kind=SignalKind.STRAIN).get()
        signed_in(two.colleague).get(reverse("dashboard:signal", args=[strain.pk]))
        low, fine = (as_it_would_be(two, held, level, now) for level in (LOW, FINE))
        assert differing(low, fine) == []

    def test_is_not_written_to_and_finds_no_page(self, two, asked):  # noqa: F811
        found = finding(two, asked)
        assert told(two) == {two.colleague.pk}
        url = reverse("dashboard:signal", args=[found.pk])
        assert signed_in(two.ines).get(url).status_code == 404
        assert signed_in(two.ines).post(url, {}).status_code == 404

    def test_reads_it_once_the_first_has_opened_it(self, two, asked, now):  # noqa: F811
        found = finding(two, asked)
        keep_caseloads(at=now)
        signed_in(two.colleague).get(reverse("dashboard:signal", args=[found.pk]))
        assert "the work with Ben Adeyemi" in page(two.ines, "signal", found.pk)
        assert "with Ben Adeyemi 2.0" in page(two.ines, "caseload")
        assert told(two) == {two.colleague.pk}

    def test_a_supervisors_look_opens_it_for_nobody(self, two, asked):  # noqa: F811
        found = finding(two, asked)
        assert "Ben Adeyemi" in page(two.supervisor, "signal", found.pk)
        assert signed_in(two.ines).get(reverse("dashboard:signal", args=[found.pk])).status_code == 404

    def test_reads_it_after_a_day_and_is_told(self, two, asked, now):  # noqa: F811
        found = finding(two, asked)
        keep_caseloads(at=now)
        row = KeptStanding.objects.get(case=two.couple, reader=two.ines)
        assert row.next_change_at <= found.form.rated_at + A_DAY
        assert tell_the_other(at=now) == 0
        later = found.form.rated_at + A_DAY
        assert tell_the_other(at=later) > 0
        assert told(two) == {two.colleague.pk, two.ines.pk}
        assert tell_the_other(at=later) == 0
        Response.objects.filter(pk=found.response_id).update(rated_at=now - A_DAY)
        assert "with Ben Adeyemi 2.0" in page(two.ines, "caseload")

    def test_is_told_at_once_while_the_first_is_away(self, two, asked, now):  # noqa: F811
        Leave.objects.create(
            clinic=two.clinic,
            staff=two.colleague,
            starts_on=local_day(two.clinic, now) - A_DAY,
            forms=FormsMeanwhile.READER,
            noted_at=now - A_DAY,
        )
        found = finding(two, asked)
        assert two.ines.pk in told(two)
        assert "with Ben Adeyemi 2.0" in page(two.ines, "signal", found.pk)

    def test_is_told_at_once_who_supervises_the_first(self, two, asked, now):  # noqa: F811
        day = local_day(two.clinic, now) - A_DAY
        two.ines.roles.create(clinic=two.clinic, role=Role.SUPERVISOR, starts_on=day)
        add_supervision(supervisor=two.ines, therapist=two.colleague, starts_on=day, at=now)
        found = finding(two, asked)
        assert two.ines.pk in told(two)
        assert signed_in(two.ines).get(reverse("dashboard:signal", args=[found.pk])).status_code == 200


class TestTheFirst:
    def test_is_told_from_when_the_other_reads_it(self, two, asked):  # noqa: F811
        found = finding(two, asked)
        says = "Ines Okafor reads it once you have opened it, or from t"
        assert says in page(two.colleague, "alerts")
        assert says in page(two.colleague, "case", two.couple.pk)
        client = signed_in(two.colleague)
        url = reverse("dashboard:signal", args=[found.pk])
        assert "You are the first to read this. Ines Okafor, who held the session with you" in words(
            client.get(url)
        )
        assert "Ines Okafor, who held the session with you, reads this too." in words(client.get(url))
        assert says not in page(two.colleague, "alerts")
