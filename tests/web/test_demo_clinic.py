"""The whole made-up clinic as the demo makes it: what it must hold for a visitor to see everything."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import Count
from django.test import Client, override_settings
from django.utils import timezone

from goldseam_web.accounts.models import Clinic, Staff, User
from goldseam_web.accounts.opening_times import is_open
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.lot_tables import SessionLot
from goldseam_web.alerts.models import AlertSignal, Episode, EpisodeStatus, SignalKind
from goldseam_web.alerts.supervision import for_supervisor
from goldseam_web.cases.models import Attendance, Case, Encounter, EncounterState, Presence
from goldseam_web.cases.queries import case_title
from goldseam_web.demo.queries import looks_back_links, open_links
from goldseam_web.demo.seed import seed
from goldseam_web.measures.links import LinkState, link_state
from goldseam_web.measures.models import EvaluationJob, JobState, Occasion, Score
from goldseam_web.measures.queries import current_response
from goldseam_web.outbox.models import Message
from tests.web.staff_pages import words

# The databases to make are found by this mark; without it the file could not run by itself.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def whole_clinic(django_db_setup, django_db_blocker):
    """The clinic as the demo makes it, made once for the tests that only read it."""
    with django_db_blocker.unblock(), transaction.atomic():
        at = timezone.now()
        if connection.vendor == "postgresql":
            # Tables filled in one transaction are planned for as the empty ones the statistics know.
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
        with override_settings(GOLDSEAM_DEMO=True):
            tour = seed(at=at)
        yield tour
        transaction.set_rollback(True)


@pytest.fixture
def larkfield(whole_clinic, django_db_blocker):
    with django_db_blocker.unblock():
        yield whole_clinic


def case_called(title):
    return next(case for case in Case.objects.all() if case_title(case) == title)


def _in_session(staff, at):
    booked = Encounter.objects.filter(therapist=staff, starts_at__lte=at, ends_at__gt=at)
    return booked.exclude(state=EncounterState.CANCELLED).exists()


class TestWhatItHolds:
    def test_forty_cases_of_four_therapists(self, larkfield):
        by_kind = dict(Case.objects.values_list("kind").annotate(Count("id")))
        assert sum(by_kind.values()) == 40
        assert min(by_kind["couple"], by_kind["individual"]) >= 10
        assert by_kind["family"] >= 3
        assert Case.objects.values("therapists__therapist").distinct().count() == 4

    def test_everybody_it_promises_can_sign_in(self, larkfield):
        for sign_in in larkfield.sign_ins:
            assert User.objects.get(email=sign_in.email).check_password(sign_in.password)
            assert len(sign_in.password) >= 15
        roles = Staff.objects.values_list("roles__role", flat=True)
        assert sorted(roles) == ["administrator", "in_training", "supervisor", *["therapist"] * 4]

    def test_somebody_is_in_training_since_a_day_with_a_supervisor_who_hears_at_once(self, larkfield):
        mira, marta = (Staff.objects.get(full_name=name) for name in ("Mira Castell", "Marta Lind"))
        assert mira.supervised_by.get().supervisor == marta
        role = mira.roles.get(role="in_training")
        assert role.starts_on < larkfield.made_at.date()
        viewer = viewer_of(marta.user, at=larkfield.made_at)
        waiting = AlertSignal.objects.filter(seen=None, case__therapists__therapist=mira)
        assert {signal.case_id for signal in waiting} == {case_called("Zanele Dube").id}
        assert set(for_supervisor(viewer, Case.objects.all()).at_once) == {case_called("Zanele Dube").id}
        assert "Mira Castell, therapist and in training" in {sign_in.who for sign_in in larkfield.sign_ins}

    def test_the_lot_was_cast_and_some_have_answered_it(self, larkfield):
        """On which sessions it falls is another thing in every demo."""
        lots = SessionLot.objects.all()
        assert lots.filter(outcome="flagged").exists()
        assert lots.exclude(outcome__in=("flagged", "outside")).count() >= 10
        assert {lot.outcome for lot in lots if lot.answer} <= {"asked"}
        assert not lots.filter(therapist__full_name="Ines Okafor").exclude(answer="").exists()

    def test_somebody_leads_it_and_it_has_opening_hours(self, larkfield):
        clinic = Clinic.objects.get()
        assert clinic.lead.full_name == "Marta Lind"
        monday = datetime(2026, 11, 30, tzinfo=ZoneInfo(clinic.time_zone))
        at = {hour: is_open(clinic, monday + timedelta(hours=hour)) for hour in (7, 8, 17, 18)}
        assert at == {7: False, 8: True, 17: True, 18: False}
        assert "Marta Lind, supervisor and lead of the clinic" in {one.who for one in larkfield.sign_ins}

    def test_three_to_eighteen_sessions_all_in_the_past(self, larkfield):
        held = Encounter.objects.filter(state=EncounterState.HELD)
        counts = held.values("case").annotate(n=Count("id")).values_list("n", flat=True)
        assert (min(counts), max(counts)) == (3, 18)
        assert not held.filter(ends_at__gt=larkfield.made_at).exists()

    def test_nobody_is_in_a_session_while_the_demo_is_fresh(self, larkfield):
        for hours in range(13):
            at = larkfield.made_at + timedelta(hours=hours)
            for staff in Staff.objects.all():
                assert not _in_session(staff, at)

    def test_missing_answers_and_members_who_were_away(self, larkfield):
        assert Attendance.objects.filter(presence=Presence.AWAY).exists()
        assert Occasion.objects.filter(state="unanswered", respondent__isnull=False).exists()
        assert Score.objects.filter(scale="wellbeing", value__isnull=False).exists()

    def test_nothing_was_sent_and_nothing_waits_but_what_tells_of_who_is_away_or_asks_for_help(
        self, larkfield
    ):
        """Sofia is away today: Ben, who stands in, is told of what is open in her cases. Ines asks Marta to look.

        Of what was found in a case of Mira's, who is in training, Marta is told when she is.
        """
        told = set(Message.objects.values_list("staff__full_name", "purpose", "state"))
        told.remove((None, "outreach", "pending"))  # Petra called off what lay ahead
        told.remove((None, "look_back", "pending"))  # Hana's treatment comes to an end
        away = {(name, "raised", "pending") for name in ("Ben Adeyemi", "Sofia Marchetti")}
        training = {(name, "raised", "pending") for name in ("Mira Castell", "Marta Lind")}
        assert told == away | training | {("Marta Lind", "help_asked", "pending")}
        assert set(EvaluationJob.objects.values_list("state", flat=True)) == {JobState.DONE}

    def test_everything_is_labelled_as_made_up(self, larkfield):
        assert Clinic.objects.get().is_demo
        assert all(user.email.endswith(".example") for user in User.objects.all())


class TestEverythingThePagesCanSay:
    """One case of Ines's for each: the courses were written so that the shipped rules must find this."""

    @pytest.mark.parametrize(
        ("title", "kind", "seen"),
        [
            ("Marcus Hale", SignalKind.STRAIN, False),
            ("Elif & Can Demir", SignalKind.STRAIN, True),
            ("Hana Kovář", SignalKind.STRAIN, True),
            ("Jonas Adler", SignalKind.STRAIN, True),
            ("Finn Weber", SignalKind.LOW, True),
            ("Marguerite Osei", SignalKind.ASKED, False),
            ("The Lindqvist family", SignalKind.STRAIN, True),
            ("Priya Raman", SignalKind.EROSION, True),
            ("Claire & Luc Moreau", SignalKind.STRAIN_BETWEEN, True),
            ("Sanna & Mikael Virtanen", SignalKind.GOALS_APART, True),
        ],
    )
    def test_signals(self, larkfield, title, kind, seen):
        signals = AlertSignal.objects.filter(case=case_called(title), kind=kind)
        assert signals
        for signal in signals:
            assert signal.seen.exists() is seen
            assert signal.acknowledgements.exists() is seen

    @pytest.mark.parametrize(
        ("title", "status", "confirmed", "gold"),
        [
            ("Marcus Hale", EpisodeStatus.OPEN, False, False),
            ("Elif & Can Demir", EpisodeStatus.OPEN, True, False),
            ("Hana Kovář", EpisodeStatus.REPAIRED, True, True),
            ("Jonas Adler", EpisodeStatus.REPAIRED, False, False),
        ],
    )
    def test_episodes(self, larkfield, title, status, confirmed, gold):
        episode = Episode.objects.get(case=case_called(title))
        assert (episode.status, episode.confirmed, episode.mended) == (status, confirmed, gold)

    @pytest.mark.parametrize(
        "title", ["Lea & Tomas Brandt", "Petra Novak", "Rui & Ana Silva", "Ngozi Achebe", "Kenji Tanaka"]
    )
    def test_cases_without_a_signal(self, larkfield, title):
        assert not AlertSignal.objects.filter(case=case_called(title)).exists()

    def test_low_means_from_the_first_session_on(self, larkfield):
        first, *further = AlertSignal.objects.filter(case=case_called("Finn Weber")).order_by("raised_at")
        assert first.evidence["session"] == 1
        assert [signal.evidence["again"] for signal in further] == ["fell"]

    def test_what_pulls_apart_is_goals_and_nothing_else(self, larkfield):
        found = AlertSignal.objects.filter(case=case_called("Sanna & Mikael Virtanen"))
        assert {signal.kind for signal in found} == {SignalKind.GOALS_APART}

    def test_two_hold_the_sessions_of_a_couple_and_each_form_names_one_of_them(self, larkfield):
        case = case_called("Rui & Ana Silva")
        names = {"Ines Okafor", "Ben Adeyemi"}
        held = case.encounters.values_list("therapist__full_name", "beside__full_name")
        assert {frozenset(pair) for pair in held} == {frozenset(names)}
        rated = Score.objects.filter(series__case=case, scale="self_therapist", value__isnull=False)
        by_name = Counter(rated.values_list("series__therapist__full_name", flat=True))
        assert set(by_name) == names
        assert min(by_name.values()) >= 6

    def test_somebody_looks_back_at_what_was_mended(self, larkfield):
        [(who, path)] = looks_back_links()
        assert who == "Hana Kovář"
        browser = Client()
        assert "Would you like to look back?" in words(browser.get(path))
        assert "What was mended" in words(browser.post(path, follow=True))
        assert case_called("Hana Kovář").ended_on is None

    def test_a_family_of_four(self, larkfield):
        assert case_called("The Lindqvist family").members.count() == 4

    def test_two_ratings_are_not_enough(self, larkfield):
        ratings = Score.objects.filter(
            series__case=case_called("Ngozi Achebe"), scale="self_therapist", value__isnull=False
        )
        assert ratings.count() == 2


class TestTheCaseToPlay:
    def test_both_have_a_link_that_works(self, larkfield):
        assert [link.label for link in larkfield.links] == [
            "Lea Brandt, who sees Ines",
            "Tomas Brandt, who sees Ines",
        ]
        for link in open_links(at=larkfield.made_at)[:2]:
            assert link.path in [offered.path for offered in larkfield.links]
        ended = Encounter.objects.filter(case=case_called("Lea & Tomas Brandt"), state="held").latest(
            "starts_at"
        )
        assert larkfield.made_at - ended.ends_at == timedelta(hours=1)
        for occasion in ended.occasions.filter(respondent__isnull=False, phase="post"):
            state = link_state(occasion, current_response(occasion), at=larkfield.made_at)
            assert state == LinkState.OPEN
