"""The clinic by week: figures of everybody together, never of a person."""

from datetime import timedelta

import numpy as np
import pytest

from goldseam_web.accounts.models import FormsMeanwhile, Role
from goldseam_web.accounts.queries import local_day
from goldseam_web.alerts.models import AcknowledgeChoice, Acknowledgement, Seen
from goldseam_web.alerts.services import evaluate
from goldseam_web.alerts.services.absences import go_away
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import CaseKind
from goldseam_web.cases.services import NewMember
from goldseam_web.concerns.queries import CONCERN
from goldseam_web.office.weeks import _how_long, _quartiles
from goldseam_web.outbox.models import Message
from tests.web import people
from tests.web.staff_pages import queries, signed_in, words

pytestmark = pytest.mark.django_db
URL = "/office/weeks/"


def sessions_of_cases(cast, now, number, *, therapists):
    """One session each, an hour ago; every second client answers with a clear word, opened half an hour after it."""
    for one in range(number):
        therapist = therapists[one % len(therapists)]
        who = NewMember(f"Client{one}", "Made", "client", email=f"client{one}@example.org")
        case = people.case(therapist, CaseKind.INDIVIDUAL, [who], now)
        ended = now - timedelta(hours=1)
        encounter = people.meet(case, therapist, ended)
        if one % 2:
            continue
        occasion = people.asked(encounter, case.members.get())
        response = people.answer(occasion, ended + timedelta(minutes=5), given={"tension": "clearly"})
        [signal] = evaluate(response=response, at=ended + timedelta(minutes=6))
        Seen.objects.create(
            clinic=cast.clinic, signal=signal, staff=therapist, at=ended + timedelta(minutes=10 + one)
        )
        if not one:
            Acknowledgement.objects.create(
                clinic=cast.clinic, signal=signal, staff=therapist, choice=AcknowledgeChoice.TALKED, at=now
            )


def two_by_two(cast):
    """Of these every second client, who answers, is now one's, now the other's."""
    return [cast.ines, cast.ines, cast.colleague, cast.colleague]


def page(cast):
    return signed_in(cast.administrator).get(URL).context["page"]


class TestByWeek:
    def totals(self, cast):
        shown = [week.use for week in page(cast).weeks if week.use and week.use.asked]
        return [sum(getattr(use, name) for use in shown) for name in ("asked", "answered", "findings")]

    def test_counts_every_step_of_everybody_together(self, cast, now):
        """Six sessions, asked about before and after; three answered, all with a finding, one of them talked about."""
        sessions_of_cases(cast, now, 6, therapists=[cast.ines, cast.colleague])
        found = page(cast).weeks
        assert self.totals(cast) == [12, 3, 3]
        assert sum(week.use.looked_at for week in found if week.use) == 3
        assert sum(week.use.talked for week in found if week.use) == 1
        assert len(found) == 8

    def test_of_fewer_than_five_cases_no_figure_stands(self, cast, now):
        sessions_of_cases(cast, now, 4, therapists=[cast.ines, cast.colleague])
        assert self.totals(cast) == [0, 0, 0]
        assert "fewer than 5 cases" in words(signed_in(cast.administrator).get(URL))

    def test_of_one_therapist_alone_they_are_shown_to_nobody_else(self, cast, now):
        sessions_of_cases(cast, now, 6, therapists=[cast.ines])
        assert page(cast).weeks == ()
        assert "figures of a person" in words(signed_in(cast.administrator).get(URL))
        cast.ines.roles.create(
            clinic=cast.clinic, role=Role.ADMINISTRATOR, starts_on=now.date() - timedelta(9)
        )
        assert signed_in(cast.ines).get(URL).context["page"].weeks != ()

    def test_one_therapist_s_are_not_found_by_taking_away_one_s_own(self, cast, now):
        """Ines runs the clinic, too, and knows her own figures, or those of whom she supervises."""
        sessions_of_cases(cast, now, 10, therapists=[cast.ines, cast.colleague])
        assert self.totals(cast)[0] == 20
        runs = {"clinic": cast.clinic, "role": Role.ADMINISTRATOR, "starts_on": now.date() - timedelta(9)}
        for who in (cast.ines, cast.supervisor):
            who.roles.create(**runs)
            shown = signed_in(who).get(URL).context["page"]
            assert not any(week.use and week.use.asked for week in shown.weeks), who
            assert not shown.latency.looks
        sessions_of_cases(cast, now, 5, therapists=[cast.supervisor])
        shown = signed_in(cast.ines).get(URL).context["page"]
        assert sum(week.use.asked for week in shown.weeks if week.use) == 30

    def test_nor_by_looking_at_a_week_in_which_the_others_were_away(self, cast, now):
        sessions_of_cases(cast, now, 6, therapists=[cast.ines])
        sessions_of_cases(cast, now - timedelta(weeks=2), 6, therapists=[cast.ines, cast.colleague])
        assert self.totals(cast)[0] == 12

    def test_another_clinic_s_are_not_among_them(self, cast, now):
        sessions_of_cases(cast, now, 6, therapists=[cast.ines, cast.colleague])
        people.meet(cast.stranger_case, cast.stranger, now - timedelta(hours=1))
        assert self.totals(cast)[0] == 12

    def test_no_name_of_anybody_and_no_count_of_a_therapist_stands_there(self, cast, now):
        sessions_of_cases(cast, now, 6, therapists=[cast.ines, cast.colleague])
        said = words(signed_in(cast.administrator).get(URL))
        assert "Client" not in said
        assert "Ines" not in said
        assert "Ben" not in said

    def test_few_queries_however_many_cases(self, cast, now):
        client = signed_in(cast.administrator)
        client.get(URL)
        before = queries(lambda: client.get(URL))
        sessions_of_cases(cast, now, 6, therapists=[cast.ines, cast.colleague])
        assert queries(lambda: client.get(URL)) == before <= 12


class TestHowLong:
    def test_not_enough_looks_are_said_to_be(self, cast, now):
        sessions_of_cases(cast, now, 6, therapists=two_by_two(cast))
        assert page(cast).latency.looks == 3
        assert "Not enough: 3 looks in the last four weeks, and 10 are needed." in words(
            signed_in(cast.administrator).get(URL)
        )

    def test_looks_of_one_therapist_have_no_figure(self, cast, now):
        """Both were asked about, and only Ines's clients answered."""
        sessions_of_cases(cast, now, 20, therapists=[cast.ines, cast.colleague])
        assert page(cast).latency.looks is None
        assert "were one therapist’s" in words(signed_in(cast.administrator).get(URL))

    def test_quartiles_are_those_of_another_program(self):
        minutes = [3, 8, 15, 40, 41, 90, 200, 1500, 2000, 4000]
        ours = _quartiles([timedelta(minutes=one) for one in minutes])
        assert ours == pytest.approx(np.percentile(minutes, [25, 50, 75]))

    def test_from_ten_on_the_quartiles_stand_in_words(self, cast, now):
        """Looked at 10, 12, 14, … 28 minutes after the session."""
        sessions_of_cases(cast, now, 20, therapists=two_by_two(cast))
        latency = page(cast).latency
        assert (latency.looks, latency.first, latency.median, latency.third) == (
            10,
            "14 min",
            "19 min",
            "24 min",
        )

    @pytest.mark.parametrize(
        ("minutes", "said"), [(59.4, "59 min"), (205, "3 h 25 min"), (1440, "1 d 0 h"), (3130, "2 d 4 h")]
    )
    def test_how_long_in_words(self, minutes, said):
        assert _how_long(minutes) == said


def test_messages_by_their_fate_but_none_about_a_wish_to_be_called(cast, now):
    rows = [("raised", "failed"), ("asked", "uncertain"), ("raised", "pending"), (CONCERN, "failed")]
    Message.objects.bulk_create(
        Message(
            clinic=cast.clinic,
            purpose=purpose,
            subject=cast.clinic.pk,
            staff=cast.ines,
            channel="email",
            key=f"{number}",
            state=state,
            queued_at=now,
            due_at=now,
        )
        for number, (purpose, state) in enumerate(rows)
    )
    counts = page(cast).messages
    assert (counts.sent, counts.waiting, counts.failed, counts.uncertain) == (0, 1, 1, 1)


def test_who_stands_in_today(cast, now):
    go_away(
        staff=cast.ines,
        first=local_day(cast.clinic, now),
        last=None,
        cover=cast.colleague,
        forms=FormsMeanwhile.READER,
        at=now,
        actor=SYSTEM,
    )
    said = words(signed_in(cast.administrator).get(URL))
    assert "Ines Okafor away for now Ben Adeyemi stands in" in said


def test_where_nothing_is_judged_no_finding_has_a_column(cast, now, settings):
    sessions_of_cases(cast, now, 6, therapists=[cast.ines, cast.colleague])
    settings.GOLDSEAM_RECORD_ONLY = True
    said = words(signed_in(cast.administrator).get(URL))
    assert "Findings" not in said
    assert "Answered" in said
