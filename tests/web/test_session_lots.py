"""The question by lot: on which sessions it falls, who answers it and until when, and what the answers say together."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from goldseam_web.accounts.lot_share import set_lot_share
from goldseam_web.accounts.models import Clinic, Role
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.lot_queries import own_rates, pooled_rates, questions_in_case, questions_waiting
from goldseam_web.alerts.lot_tables import LotAnswer, LotOutcome, SessionLot
from goldseam_web.alerts.models import AlertSignal, Episode
from goldseam_web.alerts.services import say_strain
from goldseam_web.alerts.services.session_lots import answer_lot, cast_lots, falls_on
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentRecord, ConsentWay, Purpose
from goldseam_web.cases.models import CaseKind, CaseTherapist, Encounter, EncounterState, TherapistPart
from goldseam_web.cases.services import NewMember
from goldseam_web.measures.models import EvaluationJob, JobState, Occasion
from tests.web import histories, people
from tests.web.kept_rows import kept
from tests.web.staff_pages import confirmed, signed_in, words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
@kept
def ruth(cast, now):
    """Ruth, seen alone: eight steady sessions, all rated and judged, the last of which ended an hour ago."""
    who = people.member(cast.individual, "Ruth")
    histories.history(cast.individual, cast.ines, who, [*histories.STEADY, 8.0], now)
    return cast.individual


@pytest.fixture
def asked(cast, ruth, now):
    """Ines, who has made her guess, is asked about the last session."""
    last = ruth.encounters.latest("starts_at")
    last.occasions.filter(respondent=None).update(state="answered")
    everywhere(cast)
    cast_lots(at=now)
    return SessionLot.objects.order_by("encounter__starts_at").last()


def everywhere(cast, percent=100):
    Clinic.objects.filter(pk=cast.clinic.pk).update(lot_percent=percent)


def viewer(staff, at):
    found = viewer_of(staff.user, at=at)
    assert found is not None
    return found


class TestOnWhich:
    def test_it_falls_on_judged_sessions_of_the_last_two_weeks_once(self, cast, ruth, now):
        everywhere(cast)
        assert cast_lots(at=now) == 2
        assert cast_lots(at=now + timedelta(hours=1)) == 0
        held = ruth.encounters.order_by("-starts_at")[:2]
        lots = {lot.encounter_id: lot for lot in SessionLot.objects.all()}
        assert set(lots) == {encounter.pk for encounter in held}
        assert {(lot.outcome, lot.share, lot.therapist_id) for lot in lots.values()} == {
            (LotOutcome.ASKED, 1.0, cast.ines.pk)
        }
        asked_about = AuditEntry.objects.filter(action="lot.ask").values_list("object_id", flat=True)
        assert set(asked_about) == {str(lot.pk) for lot in lots.values()}

    def test_where_it_does_not_fall_the_session_is_kept_with_its_share(self, cast, ruth, now, monkeypatch):
        monkeypatch.setattr("goldseam_web.alerts.services.session_lots.falls_on", lambda *_: False)
        everywhere(cast, 5)
        cast_lots(at=now)
        kept_lots = set(SessionLot.objects.values_list("outcome", "share"))
        assert kept_lots == {(LotOutcome.NOT_ASKED, 0.05)}
        assert not AuditEntry.objects.filter(action="lot.ask").exists()

    def test_a_strain_that_was_found_is_in_with_certainty(self, cast, now):
        ruth = people.member(cast.individual, "Ruth")
        histories.history(cast.individual, cast.ines, ruth, [*histories.STEADY, 3.0], now)
        everywhere(cast)
        cast_lots(at=now)
        found = SessionLot.objects.order_by("encounter__starts_at").values_list("outcome", "share")
        assert list(found) == [(LotOutcome.ASKED, 1.0), (LotOutcome.FLAGGED, 1.0)]

    def test_sessions_with_another_finding_or_in_a_running_strain_are_outside(self, cast, now):
        """Falls at the eighth, still low at the ninth: that is no new strain, and no calm session either."""
        ruth = people.member(cast.individual, "Ruth")
        histories.history(cast.individual, cast.ines, ruth, [*histories.STEADY, 3.0, 5.0], now)
        everywhere(cast)
        cast_lots(at=now)
        found = SessionLot.objects.order_by("encounter__starts_at").values_list("outcome", "share")
        assert list(found) == [(LotOutcome.FLAGGED, 1.0), (LotOutcome.OUTSIDE, None)]

    @pytest.mark.parametrize(
        "what", ["a form is open", "a form is being judged", "too few ratings", "called off"]
    )
    def test_not_before_everything_about_it_was_judged(self, cast, ruth, now, what):
        last = ruth.encounters.latest("starts_at")
        if what == "a form is open":
            last.occasions.filter(respondent__isnull=False).update(state="waiting")
        elif what == "a form is being judged":
            EvaluationJob.objects.filter(response__occasion__encounter=last).update(state=JobState.PENDING)
        elif what == "too few ratings":
            last.evaluations.update(verdict="not_enough_data")
        else:
            Encounter.objects.filter(pk=last.pk).update(state=EncounterState.CANCELLED)
        everywhere(cast)
        assert cast_lots(at=now) == 1
        assert not SessionLot.objects.filter(encounter=last).exists()

    def test_a_window_that_is_over_keeps_nobody_waiting(self, cast, ruth, now):
        last = ruth.encounters.latest("starts_at")
        requests = Occasion.objects.filter(encounter=last, respondent__isnull=False)
        requests.update(state="waiting", closes_at=now - timedelta(minutes=1))
        everywhere(cast)
        assert cast_lots(at=now) == 2

    def test_none_where_the_clinic_asks_about_none_or_only_records(self, cast, ruth, now, settings):
        everywhere(cast, 0)
        assert cast_lots(at=now) == 0
        everywhere(cast)
        settings.GOLDSEAM_RECORD_ONLY = True
        assert cast_lots(at=now) == 0

    def test_the_same_session_falls_the_same_way_and_as_often_as_it_should(self):
        """10,000 sessions by number; three standard errors around one in twenty."""
        ids = [uuid.UUID(int=number) for number in range(10_000)]
        fallen = [falls_on(each, 5) for each in ids]
        assert fallen == [falls_on(each, 5) for each in ids]
        assert abs(sum(fallen) - 500) < 3 * (10_000 * 0.05 * 0.95) ** 0.5
        assert all(falls_on(each, 20) for each, fell in zip(ids, fallen, strict=True) if fell)

    def test_another_key_gives_another_lot(self, settings):
        ids = [uuid.UUID(int=number) for number in range(200)]
        before = [falls_on(each, 20) for each in ids]
        settings.SECRET_KEY = "another key of as many letters as are needed here"
        assert [falls_on(each, 20) for each in ids] != before


class TestTheAnswer:
    def test_whoever_held_the_session_answers_and_puts_it_right_within_a_day(self, cast, asked, now):
        ines = viewer(cast.ines, now)
        answer_lot(viewer=ines, lot=asked, answer=LotAnswer.NO, at=now)
        answer_lot(viewer=ines, lot=asked, answer=LotAnswer.NO, at=now)
        answer_lot(viewer=ines, lot=asked, answer=LotAnswer.YES, at=now + timedelta(hours=23))
        asked.refresh_from_db()
        assert (asked.answer, asked.answered_at) == (LotAnswer.YES, now)
        with pytest.raises(ValidationError):
            answer_lot(viewer=ines, lot=asked, answer=LotAnswer.NO, at=now + DAY)
        entries = AuditEntry.objects.filter(action="lot.answer", object_id=str(asked.pk))
        assert [entry.details for entry in entries] == [{}, {}]

    def test_after_two_weeks_it_is_missing(self, cast, asked, now):
        late = now + 14 * DAY
        with pytest.raises(ValidationError):
            answer_lot(viewer=viewer(cast.ines, late), lot=asked, answer=LotAnswer.NO, at=late)

    def test_nobody_else_answers_it_nor_a_therapist_whose_case_it_is_no_more(self, cast, asked, now):
        today = viewer(cast.ines, now).today
        CaseTherapist.objects.create(
            clinic=cast.clinic,
            case=cast.individual,
            therapist=cast.colleague,
            part=TherapistPart.COVER,
            starts_on=today,
        )
        for other in (cast.colleague, cast.supervisor):
            with pytest.raises(PermissionDenied):
                answer_lot(viewer=viewer(other, now), lot=asked, answer=LotAnswer.NO, at=now)
        cast.individual.therapists.filter(therapist=cast.ines).update(ends_on=today - DAY)
        with pytest.raises(PermissionDenied):
            answer_lot(viewer=viewer(cast.ines, now), lot=asked, answer=LotAnswer.NO, at=now)

    def test_once_a_finding_comes_after_all_it_is_not_asked_any_more(self, cast, asked, now):
        AlertSignal.objects.bulk_create([a_signal_of(asked, now)])
        ines = viewer(cast.ines, now)
        assert asked not in questions_in_case(ines, asked.case_id, at=now)
        with pytest.raises(ValidationError):
            answer_lot(viewer=ines, lot=asked, answer=LotAnswer.NO, at=now)


def a_signal_of(lot, now):
    said = lot.encounter.evaluations.filter(superseded_by=None, series__scale="self_therapist").first()
    response = lot.encounter.occasions.get(respondent__isnull=False, phase="post").responses.get()
    return AlertSignal(
        clinic_id=lot.clinic_id,
        case_id=lot.case_id,
        series=said.series,
        member=said.series.rater,
        encounter=lot.encounter,
        response=response,
        evaluation=said,
        kind="low",
        evidence={},
        raised_at=now,
    )


class TestThePages:
    def test_the_case_asks_and_one_tap_answers(self, cast, asked, now):
        page, client = reverse("dashboard:case", args=[asked.case_id]), signed_in(cast.ines)
        shown = words(client.get(page))
        assert "A question by lot" in shown
        assert "Session 8 was picked by lot among those in which nothing was found" in shown
        client.post(reverse("dashboard:answer_lot", args=[asked.pk]), {"answer": "cannot_say"})
        asked.refresh_from_db()
        assert asked.answer == LotAnswer.CANNOT_SAY
        assert "You can change it until" in words(client.get(page))

    def test_an_answer_that_is_none_keeps_nothing(self, cast, asked, now):
        reply = signed_in(cast.ines).post(reverse("dashboard:answer_lot", args=[asked.pk]), {"answer": "x"})
        assert reply.status_code == 302
        asked.refresh_from_db()
        assert asked.answer == ""

    def test_a_question_that_is_over_says_so(self, cast, asked, now):
        SessionLot.objects.update(cast_at=now - 15 * DAY)
        reply = signed_in(cast.ines).post(
            reverse("dashboard:answer_lot", args=[asked.pk]), {"answer": "no"}, follow=True
        )
        assert "This question is over" in words(reply)

    def test_nobody_else_is_shown_it(self, cast, asked, now):
        page = reverse("dashboard:case", args=[asked.case_id])
        assert "A question by lot" not in words(signed_in(cast.supervisor).get(page))

    def test_it_does_not_tell_before_the_guess_that_nothing_was_found(self, cast, ruth, now):
        """As long as Ines may guess, what was answered about the last session is kept back."""
        last = ruth.encounters.latest("starts_at")
        assert people.asked_therapist(last).state == "waiting"
        everywhere(cast)
        cast_lots(at=now)
        shown = words(signed_in(cast.ines).get(reverse("dashboard:case", args=[ruth.pk])))
        assert "Before you look" in shown
        assert "Session 8 was picked" not in shown
        assert "Session 7 was picked" in shown
        waiting = questions_waiting(viewer(cast.ines, now), at=now)
        assert last.pk not in {lot.encounter_id for lot in waiting}
        assert len(waiting) == 1

    def test_her_own_figures_list_what_waits_and_say_that_there_is_not_enough(self, cast, asked, now):
        shown = words(signed_in(cast.ines).get(reverse("dashboard:own_figures")))
        assert "Not enough data" in shown
        assert shown.count("Ruth Osei , session of") == 2
        SessionLot.objects.update(answer="no", answered_at=now)
        assert not questions_waiting(viewer(cast.ines, now), at=now).exists()
        assert "None waits for you" in words(signed_in(cast.ines).get(reverse("dashboard:own_figures")))

    def test_the_administrator_sets_the_share(self, cast):
        client, page = confirmed(signed_in(cast.administrator)), reverse("office:rules")
        assert client.post(page, {"lot_percent": "10"}).status_code == 302
        cast.clinic.refresh_from_db()
        assert cast.clinic.lot_percent == 10
        assert client.post(page, {"lot_percent": "11"}).status_code == 400
        cast.clinic.refresh_from_db()
        assert cast.clinic.lot_percent == 10
        with pytest.raises(ValidationError):
            set_lot_share(clinic=cast.clinic, percent=11, at=cast.clinic.created_at, actor=SYSTEM)


@pytest.fixture
@kept
def pool(cast, now):
    """Twelve cases of Ines and twelve of Ben: in each, two strains found and answered about, and twenty calm sessions.

    Of those a lot of one in ten fell on two, of which one had strain in four cases of each. Everybody agreed to
    research; Ines alone has a case in which nobody did.
    """
    for therapist in (cast.ines, cast.colleague):
        for number in range(12):
            with_answers(cast, therapist, now, strained=number < 4, agrees=True)
    with_answers(cast, cast.ines, now, strained=True, agrees=False)


def with_answers(cast, therapist, now, *, strained, agrees):
    [who] = (
        case := people.case(therapist, CaseKind.INDIVIDUAL, [NewMember("Client", "Of")], now)
    ).members.all()
    if agrees:
        ConsentRecord.objects.create(
            clinic=cast.clinic,
            member=who,
            purpose=Purpose.RESEARCH,
            answer=ConsentAnswer.GIVEN,
            way=ConsentWay.PHONE,
            said_on=now.date(),
            at=now,
            position=99,
        )
    ends = [now - DAY * (number + 1) for number in range(22)]
    held = Encounter.objects.bulk_create(
        Encounter(
            clinic=cast.clinic,
            case=case,
            therapist=therapist,
            state=EncounterState.HELD,
            starts_at=end - timedelta(minutes=50),
            ends_at=end,
            local_date=end.date(),
        )
        for end in ends
    )
    outcomes = [("flagged", 1.0, "")] * 2 + [("asked", 0.1, "no")] * 2 + [("not_asked", 0.1, "")] * 18
    if strained:
        outcomes[2] = ("asked", 0.1, "yes")
    SessionLot.objects.bulk_create(
        SessionLot(
            clinic=cast.clinic,
            case=case,
            encounter=encounter,
            therapist=therapist,
            outcome=outcome,
            share=share,
            cast_at=encounter.ends_at,
            answer=answer,
            answered_at=encounter.ends_at if answer else None,
        )
        for encounter, (outcome, share, answer) in zip(held, outcomes, strict=True)
    )
    for number, encounter in enumerate(held[:2]):
        Episode.objects.create(
            clinic=cast.clinic,
            case=case,
            series=case.series.create(**a_series(case, who, therapist, now))
            if number == 0
            else case.series.get(),
            member=who,
            number=number + 1,
            onset=encounter,
            onset_kind="precipitous",
            onset_grade="marked",
            opened_at=now,
            therapist_confirmed_at=now if number == 0 else None,
            therapist_denied_at=None if number == 0 else now,
        )


def a_series(case, who, therapist, now):
    return {
        "clinic_id": case.clinic_id,
        "key": f"made up {case.pk}",
        "rater": who,
        "subject": who,
        "therapist": therapist,
        "measure_key": "goldseam-alliance",
        "major": 1,
        "scale": "self_therapist",
        "phase": "post",
        "created_at": now,
    }


class TestTogether:
    def test_of_the_clinic_where_everybody_agreed(self, cast, pool, now, django_assert_num_queries):
        """48 findings, half of them right; 8 of 48 by lot with strain, which stand for 80 of 480 sessions."""
        administrator = viewer(cast.administrator, now)
        with django_assert_num_queries(1):
            found = pooled_rates(administrator, at=now)
        assert found.cases == 24
        assert (found.rates.flagged.sessions, found.rates.flagged.answered, found.rates.flagged.strained) == (
            48,
            48,
            24,
        )
        assert (found.rates.others.sessions, found.rates.others.answered, found.rates.others.strained) == (
            480,
            48,
            8,
        )
        assert found.rates.predictive_value.value == pytest.approx(0.5)
        assert found.rates.sensitivity is None, "50 answers by lot are needed"
        SessionLot.objects.filter(outcome="not_asked", case__in=own(cast.colleague)[:2]).update(
            outcome="asked", answer="no", answered_at=now
        )
        more = pooled_rates(administrator, at=now).rates
        assert more.others.answered == 84
        assert more.missed.value == pytest.approx(8 / 84)
        assert more.sensitivity.value == pytest.approx(24 / (24 + 480 * 8 / 84))

    def test_a_client_who_says_so_counts_where_the_therapist_says_no(self, cast, ruth, now):
        """Ines says of both sessions that there was none; Ruth says *a little* of the last."""
        people.agree(people.member(ruth, "Ruth"), now, research=True)
        everywhere(cast)
        cast_lots(at=now)
        SessionLot.objects.update(answer="no", answered_at=now)
        assert own_rates(viewer(cast.ines, now), at=now).others.strained == 0
        last = ruth.encounters.latest("starts_at")
        answers = last.occasions.get(phase="post", respondent__isnull=False).responses.get().answers
        answers.filter(item="tension").update(choice="little")
        assert own_rates(viewer(cast.ines, now), at=now).others.strained == 1
        SessionLot.objects.filter(encounter=last).update(answer="cannot_say")
        found = own_rates(viewer(cast.ines, now), at=now).others
        assert (found.answered, found.strained) == (1, 0)

    def test_what_was_said_of_a_finding_is_read_where_it_is_said(self, cast, now):
        ruth = people.member(cast.individual, "Ruth")
        histories.history(cast.individual, cast.ines, ruth, [*histories.STEADY, 3.0], now)
        everywhere(cast)
        cast_lots(at=now)
        ines = viewer(cast.ines, now)
        assert own_rates(ines, at=now).flagged.answered == 0
        episode = Episode.objects.get(case=cast.individual)
        for there_was, strained in ((True, 1), (False, 0)):
            say_strain(viewer=ines, episode=episode, there_was=there_was, at=now)
            about = own_rates(ines, at=now).flagged
            assert (about.sessions, about.answered, about.strained) == (1, 1, strained)

    def test_a_therapists_own_are_theirs_alone_whoever_agreed(self, cast, pool, now):
        assert own_rates(viewer(cast.ines, now), at=now).flagged.sessions == 26
        assert own_rates(viewer(cast.colleague, now), at=now).flagged.sessions == 24
        assert own_rates(viewer(cast.supervisor, now), at=now).flagged.sessions == 0

    def test_nothing_is_said_of_one_therapist_or_of_few_cases(self, cast, pool, now):
        """To Ines, who runs the clinic as well, the rest would be Ben's alone."""
        cast.ines.roles.create(clinic=cast.clinic, role=Role.ADMINISTRATOR, starts_on=now.date() - 3 * DAY)
        found = pooled_rates(viewer(cast.ines, now), at=now)
        assert (found.rates, found.has_one_therapist) == (None, True)
        SessionLot.objects.exclude(case__in=[*own(cast.ines)[:2], *own(cast.colleague)[:2]]).delete()
        found = pooled_rates(viewer(cast.administrator, now), at=now)
        assert (found.rates, found.cases) == (None, 4)
        shown = words(signed_in(cast.administrator).get(reverse("office:rules")))
        assert "Of fewer than 5 cases in which everybody agreed to research" in shown

    def test_the_page_of_the_clinic_has_the_figures(self, cast, pool):
        shown = words(signed_in(cast.administrator).get(reverse("office:rules")))
        assert "Sessions with a finding in which there was strain 50% (" in shown
        assert "48 of 480" in shown


def own(therapist):
    lots = SessionLot.objects.filter(therapist=therapist, case__members__consents__purpose="research")
    return sorted(set(lots.values_list("case", flat=True)))
