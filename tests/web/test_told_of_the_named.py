"""Everything that tells of one of two therapists tells of the one whom the form named."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from goldseam_web.accounts.models import Phase, Role, Staff
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.case_standing.case_record import records
from goldseam_web.alerts.lot_tables import LotOutcome, SessionLot
from goldseam_web.alerts.models import AlertSignal, SignalKind
from goldseam_web.alerts.services.session_lots import cast_lots
from goldseam_web.audit.services import Actor
from goldseam_web.cases.queries import encounters_of
from goldseam_web.cases.room import begun_sessions
from goldseam_web.cases.services import plan_encounter
from goldseam_web.measures.models import Occasion, OccasionState
from goldseam_web.measures.services import plan_occasions
from goldseam_web.measures.services.occasions import end_encounter
from goldseam_web.research.study_tables import study_tables
from tests.web import people
from tests.web.histories import judge, rate
from tests.web.kept_rows import kept
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
LOW, FINE = 2.0, 9.0


def held_by_two(case, therapist, beside, ended_at):
    """A session of the past that both held, with everybody asked about one of the two."""
    starts_at, actor = ended_at - timedelta(minutes=50), Actor.staff(therapist.id)
    encounter = plan_encounter(
        case=case,
        therapist=therapist,
        beside=beside,
        starts_at=starts_at,
        minutes=50,
        at=starts_at - timedelta(days=1),
        actor=actor,
    )
    plan_occasions(encounter=encounter, at=starts_at - timedelta(days=1), actor=actor)
    held = end_encounter(encounter=encounter, at=ended_at, actor=actor, away=[])
    held.occasions.filter(respondent=None).update(
        state=OccasionState.UNANSWERED
    )  # nobody guesses before they look
    return held


def named(encounter, who):
    return people.asked(encounter, who).therapist


@pytest.fixture
@kept
def two(cast, now):
    """Ben Adeyemi treats Lea and Tomas beside Ines Okafor, since half a year ago."""
    people.treats_beside(cast.couple, cast.colleague, now, days=180)
    return cast


@pytest.fixture
@kept
def three_sessions(two, now):
    """Lea is content with both; Tomas was with Ben, and rates him low about the last session, in which he is named."""
    lea, tomas = people.member(two.couple, "Lea"), people.member(two.couple, "Tomas")
    ends = [now - timedelta(days=2) - timedelta(weeks=2 - k) for k in range(3)]  # read by both by now
    held = [held_by_two(two.couple, two.ines, two.colleague, at) for at in ends]
    assert [named(e, tomas) for e in held] == [two.colleague, two.ines, two.colleague]
    judge([rate(e, who, FINE) for e in held[:2] for who in (lea, tomas)])
    judge([rate(held[2], lea, FINE), rate(held[2], tomas, LOW, {"group_bond": 1.0})])
    return held


def page(staff, name, *args):
    return words(signed_in(staff).get(reverse(f"dashboard:{name}", args=args)))


class TestPages:
    def test_the_case_tells_each_of_the_two_of_whom_it_is(self, two, three_sessions):
        mine, other = (page(staff, "case", two.couple.pk) for staff in (two.colleague, two.ines))
        assert "Tomas rates the work with you 2.0 of 10" in mine
        assert "Tomas rates the work with Ben Adeyemi 2.0 of 10" in other
        assert "with you 2.0" not in other

    def test_the_chart_of_each_draws_the_ratings_that_name_them(self, two, three_sessions):
        response = signed_in(two.ines).get(reverse("dashboard:case", args=[two.couple.pk]))
        shown = response.context["page"]
        [beside] = shown.courses_beside
        assert (shown.course.about, beside.about) == ("With you.", "With Ben Adeyemi.")
        tomas = 1
        values = [row.cells[tomas].value for row in shown.course.table.rows]
        assert values == ["–", "9.0", "–"]
        assert [row.cells[tomas].value for row in beside.table.rows] == ["9.0", "–", "2.0"]
        assert shown.course.table.rows[0].cells[tomas].reason == "about the other therapist"
        assert "went from" not in shown.course.sentence

    def test_the_map_has_a_side_for_each(self, two, three_sessions):
        response = signed_in(two.ines).get(reverse("dashboard:relations", args=[two.couple.pk]))
        card = response.context["page"].relations
        assert card.columns[:2] == ("With you", "With Ben")
        lea, tomas = card.rows
        assert [cell.value for cell in lea.cells[:2]] == ["9.0", "–"]
        assert [cell.value for cell in tomas.cells[:2]] == ["–", "2.0"]
        assert "asked about the other therapist; 9.0 in session" in tomas.cells[0].reason
        assert tomas.cells[3].value == "1.0"  # fair to all of us, whomever the form named

    def test_fairness_is_of_the_named(self, two, three_sessions):
        mine, other = (page(staff, "case", two.couple.pk) for staff in (two.colleague, two.ines))
        assert "Ben Adeyemi" in other.split("Fair to all", 1)[1][:400]
        assert "Ben Adeyemi" not in mine.split("Fair to all", 1)[1][:400]

    def test_the_alert_is_about_the_named(self, two, three_sessions):
        found = AlertSignal.objects.get(case=two.couple, kind=SignalKind.LOW)
        assert "the work with you" in page(two.colleague, "signal", found.pk)
        assert "the work with Ben Adeyemi" in page(two.ines, "signal", found.pk)

    def test_the_list_of_cases_names_them(self, two, three_sessions):
        assert "Tomas rates the work with you 2.0 of 10" in page(two.colleague, "caseload")
        assert "Tomas rates the work with Ben Adeyemi 2.0 of 10" in page(two.ines, "caseload")

    def test_both_are_named_where_a_session_is(self, two, three_sessions):
        assert "with Ines Okafor and Ben Adeyemi" in page(two.ines, "case", two.couple.pk)

    def test_the_session_says_whom_each_form_names(self, two, three_sessions):
        shown = page(two.ines, "encounter", three_sessions[2].pk)
        assert shown.count("the form names Ines Okafor") == shown.count("the form names Ben Adeyemi") == 1

    def test_told_to_nobody_in_particular_it_is_of_whoever_led_last(self, two, three_sessions):
        """So are the words of a list of alerts chosen: the other's ratings are kept apart there, too."""
        viewer = viewer_of(two.ines.user, at=timezone.now())
        assert viewer is not None
        held = encounters_of(viewer, [two.couple])
        [record] = records([two.couple], encounters=held, ratings=[], verdicts=[], signals=[], episodes=[])
        assert (record.therapist_id, record.with_them) == (two.ines.pk, {two.colleague.pk})


class TestSilence:
    def test_who_answered_about_neither_three_times_is_told_to_both(self, two, now):
        ends = [now - timedelta(days=3) - timedelta(weeks=4 - k) for k in range(5)]
        held = [held_by_two(two.couple, two.ines, two.colleague, at) for at in ends]
        lea, tomas = people.member(two.couple, "Lea"), people.member(two.couple, "Tomas")
        judge([rate(e, lea, FINE) for e in held] + [rate(e, tomas, FINE) for e in held[:2]])
        for staff in (two.ines, two.colleague):
            assert "Tomas has not rated the last three sessions" in page(staff, "case", two.couple.pk)

    def test_who_answers_about_one_only_is_not_called_silent(self, two, now):
        ends = [now - timedelta(days=3) - timedelta(weeks=5 - k) for k in range(6)]
        held = [held_by_two(two.couple, two.ines, two.colleague, at) for at in ends]
        tomas = people.member(two.couple, "Tomas")
        judge([rate(e, tomas, FINE) for e in held if named(e, tomas) == two.colleague])
        for staff in (two.ines, two.colleague):
            assert "Tomas has not rated the last three sessions" not in page(staff, "case", two.couple.pk)


class TestOwnView:
    def test_both_are_asked_for_their_own(self, two, three_sessions):
        own = Occasion.objects.filter(encounter=three_sessions[2], respondent=None, phase=Phase.POST)
        assert set(own.values_list("respondent_staff", "therapist")) == {
            (staff.pk, staff.pk) for staff in (two.ines, two.colleague)
        }


class TestLots:
    def test_what_was_found_with_the_other_leaves_the_session_out(self, two, three_sessions, now):
        two.clinic.lot_percent = 100
        two.clinic.save()
        Occasion.objects.filter(encounter=three_sessions[2]).update(closes_at=now - timedelta(minutes=1))
        cast_lots(at=now + timedelta(days=3))
        found = dict(SessionLot.objects.values_list("encounter", "outcome"))
        assert found.get(three_sessions[2].pk) in (None, LotOutcome.OUTSIDE)


class TestResearch:
    def test_unrated_sessions_are_of_whom_the_form_named(self, two, now):
        lea = people.member(two.couple, "Lea")
        people.agree(lea, now, research=True)
        people.agree(people.member(two.couple, "Tomas"), now, research=True)
        ends = [now - timedelta(days=3) - timedelta(weeks=3 - k) for k in range(4)]
        held = [held_by_two(two.couple, two.ines, two.colleague, at) for at in ends]
        judge([rate(e, lea, FINE) for e in held[:2]])
        tables = study_tables(two.clinic, "one").tables
        rows = [row for row in tables["ratings"].rows if row[2] == "self_therapist"]
        by_rater = {rater: [row[4] for row in rows if row[1] == rater] for rater in {row[1] for row in rows}}
        assert sorted(by_rater.values()) == [[1, 3], [2, 4]]
        assert [row[3] for row in tables["sessions"].rows] == ["no"] * 4


class TestTheRoom:
    def test_who_holds_it_beside_is_in_the_room(self, cast, now):
        """Also the one who treats the case, where the other planned it."""
        other = people.staff(cast.clinic, "Noor Bakker", [Role.THERAPIST], now)
        people.treats_beside(cast.couple, other, now)
        encounter = plan_encounter(
            case=cast.couple,
            therapist=other,
            beside=cast.ines,
            starts_at=now + timedelta(minutes=1),
            minutes=50,
            at=now,
            actor=Actor.staff(other.id),
            encounter_id=uuid.uuid4(),
        )
        at = now + timedelta(minutes=10)
        begun = Staff.objects.annotate(begun=begun_sessions(at, earliest=now).values("pk")[:1]).values_list(
            "pk", "begun"
        )
        assert {who for who, session in begun if session == encounter.pk} == {cast.ines.pk, other.pk}
