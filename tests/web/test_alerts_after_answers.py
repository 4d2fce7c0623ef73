"""What comes after a therapist's answer: a further fall, a word, a plan nobody kept, a handover, new questions."""

from datetime import timedelta

import pytest
from django.urls import reverse

from goldseam_web.accounts.models import Role
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.accounts.services import add_supervision
from goldseam_web.alerts.models import (
    AcknowledgeChoice,
    Acknowledgement,
    AlertSignal,
    Episode,
    EpisodeStatus,
    RepairDoubt,
)
from goldseam_web.alerts.services import acknowledge, open_alert, tidy
from goldseam_web.cases.models import CaseTherapist
from goldseam_web.measures.models import Answer, Series
from goldseam_web.outbox.models import Message
from tests.web import people
from tests.web.histories import STEADY, history, judge, rate
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(ruth, now):
    """Ruth rated 8 or so seven times, then 4; Ines has said something about it; then comes what a test adds."""
    ines, case, who = ruth
    ratings = history(case, ines, who, (*STEADY, 4.0), now - timedelta(weeks=1))
    said_at = ratings[-1].rated_at + timedelta(hours=1)

    def answer(choice: AcknowledgeChoice) -> None:
        viewer = viewer_of(ines.user, at=now)
        for signal in AlertSignal.objects.filter(case=case):
            open_alert(viewer=viewer, findings=[signal], at=said_at)
            acknowledge(viewer=viewer, signal=signal, choice=choice, at=said_at)

    return answer


def next_session(ruth, now, level, given=None):
    ines, case, who = ruth
    encounter = people.meet(case, ines, now - timedelta(hours=1))
    response = rate(encounter, who, level, given)
    judge([response], notify=True)
    return encounter


def raised_again(encounter):
    found = AlertSignal.objects.filter(encounter=encounter, evidence__has_key="again")
    return sorted((signal.kind, signal.evidence["again"]) for signal in found)


class TestFurtherFalls:
    @pytest.mark.parametrize("choice", ["different", "talked", "no_longer"])
    def test_a_point_below_what_was_known_is_told_again(self, ruth, answered, now, choice):
        answered(AcknowledgeChoice(choice))
        encounter = next_session(ruth, now, 3.0)
        assert raised_again(encounter) == [("low", "fell"), ("strain", "fell")]
        [sent] = Message.objects.filter(subject__in=encounter.signals.values("pk"))
        assert sent.purpose == "raised"

    def test_less_than_a_point_is_not(self, ruth, answered, now):
        answered(AcknowledgeChoice.DIFFERENT)
        encounter = next_session(ruth, now, 4.0, {"goal": 3.0, "task": 3.0, "bond": 3.0, "safety": 4.0})
        assert raised_again(encounter) == []

    @pytest.mark.parametrize("choice", ["take_up", "wait"])
    def test_what_is_open_needs_no_opening(self, ruth, answered, now, choice):
        answered(AcknowledgeChoice(choice))
        assert raised_again(next_session(ruth, now, 2.0)) == []

    @pytest.mark.parametrize(
        ("word", "raised"), [("little", [("strain", "said")]), ("no", []), ("unsure", [])]
    )
    def test_so_is_the_clients_own_word(self, ruth, answered, now, word, raised):
        answered(AcknowledgeChoice.DIFFERENT)
        assert raised_again(next_session(ruth, now, 4.0, {"tension": word})) == raised

    def test_not_where_the_same_form_says_that_it_was_worked_out(self, ruth, answered, now):
        answered(AcknowledgeChoice.DIFFERENT)
        encounter = next_session(ruth, now, 4.0, {"tension": "little", "worked_out": "yes"})
        assert raised_again(encounter) == []

    def test_judging_twice_tells_once(self, ruth, answered, now):
        answered(AcknowledgeChoice.DIFFERENT)
        encounter = next_session(ruth, now, 2.0)
        before = AlertSignal.objects.count()
        judge([s.response for s in AlertSignal.objects.filter(encounter=encounter)])
        assert AlertSignal.objects.count() == before

    def test_it_stands_first_again_and_says_why(self, ruth, answered, now):
        answered(AcknowledgeChoice.DIFFERENT)
        client = signed_in(ruth[0])
        assert "Worth a word 0" in words(client.get("/"))
        next_session(ruth, now, 2.0)
        page = words(client.get("/"))
        assert "Worth a word 1" in page
        assert "Ruth’s rating of the work with you fell further, to 2.0." in page


class TestPlans:
    def test_a_plan_is_asked_about_once_its_session_is_over(self, ruth, answered, now):
        answered(AcknowledgeChoice.TAKE_UP)
        next_session(ruth, now, 4.0)
        client = signed_in(ruth[0])
        page = words(client.get("/"))
        assert "Planned, not yet talked about" in page
        assert "Planned once, not yet talked about." in page
        signal = AlertSignal.objects.filter(kind="strain").earliest("raised_at")
        page = words(client.get(reverse("dashboard:signal", args=[signal.id])))
        assert "What became of the plan?" in page
        for choice in ("We talked about it", "Not yet: take it up in session", "It no longer fits"):
            assert choice in page
        assert "I see it differently" not in page

    def test_not_yet_counts_once_a_session_and_after_two_the_supervisor_is_told(self, ruth, answered, now):
        ines, case, _ = ruth
        marta = people.staff(ines.clinic, "Marta Lind", [Role.SUPERVISOR], now)
        add_supervision(supervisor=marta, therapist=ines, starts_on=case.opened_on, at=now)
        answered(AcknowledgeChoice.TAKE_UP)
        people.meet(case, ines, now - timedelta(days=3))
        viewer = viewer_of(ines.user, at=now)
        signal = AlertSignal.objects.get(kind="strain")
        for _ in range(2):  # a double tap
            acknowledge(
                viewer=viewer, signal=signal, choice=AcknowledgeChoice.NOT_YET, at=now - timedelta(days=2)
            )
        assert Acknowledgement.objects.filter(signal=signal).count() == 2
        tidy(at=now - timedelta(days=2))
        assert not Message.objects.filter(purpose="not_taken_up").exists()
        people.meet(case, ines, now - timedelta(hours=1))
        tidy(at=now)
        tidy(at=now)
        # One message an alert, whichever of its findings it leads to: the page shows them all.
        of_alert = AlertSignal.objects.filter(response=signal.response_id).values("pk")
        [told] = Message.objects.filter(purpose="not_taken_up", subject__in=of_alert)
        assert told.staff == marta

    def test_waiting_for_the_next_rating_ends_with_it(self, ruth, answered, now):
        answered(AcknowledgeChoice.WAIT)
        client = signed_in(ruth[0])
        assert "Waits for the next rating" in words(client.get("/"))
        next_session(ruth, now, 4.0)
        assert "Possible strain" in words(client.get("/"))


class TestEndings:
    def test_an_open_episode_ends_when_nobody_goes_on_with_that_work(self, ruth, answered, now):
        answered(AcknowledgeChoice.TAKE_UP)
        ines, case, _ = ruth
        ben = people.staff(ines.clinic, "Ben Adeyemi", [Role.THERAPIST], now)
        tidy(at=now)
        assert Episode.objects.get().status == EpisodeStatus.OPEN
        today = viewer_of(ines.user, at=now).today
        CaseTherapist.objects.filter(case=case).update(ends_on=today - timedelta(days=1))
        CaseTherapist.objects.create(clinic=ines.clinic, case=case, therapist=ben, starts_on=today)
        tidy(at=now)
        episode = Episode.objects.get()
        assert (episode.status, episode.closed_at) == (EpisodeStatus.HANDOVER, now)
        page = words(signed_in(ben).get(reverse("dashboard:case", args=[case.id])))
        assert "Ended by handover" in page
        assert "with you 4.0" not in words(signed_in(ben).get("/"))

    def test_an_open_episode_ends_with_a_new_major_version(self, ruth, answered, now):
        answered(AcknowledgeChoice.TAKE_UP)
        # What a new major version does to the series that come: here the old ones are made older.
        Series.objects.update(major=0)
        for series in Series.objects.all():
            Series.objects.filter(pk=series.pk).update(key=f"old {series.key}")
        next_session(ruth, now, 8.0)
        assert Episode.objects.get().status == EpisodeStatus.MEASURE_CHANGED


class TestDoubts:
    @pytest.mark.parametrize(
        ("before", "given", "doubt"),
        [
            ({"goal": 7.0}, {}, RepairDoubt.ALL_EQUAL),
            ({}, {}, ""),
            ({"goal": 7.0}, {"goal": 7.0}, ""),
            ({"goal": 7.0}, dict.fromkeys(("goal", "task", "bond", "safety"), 10.0), RepairDoubt.CEILING),
        ],
    )
    def test_a_form_unlike_the_earlier_ones_is_in_doubt(self, ruth, now, before, given, doubt):
        self.fall_and_return(ruth, now, before, given)
        assert Episode.objects.get().repair_doubt == doubt

    @pytest.mark.parametrize(("elapsed", "doubt"), [(3_000, RepairDoubt.FAST), (4_000, "")])
    def test_so_is_one_answered_in_less_than_a_third_of_the_usual_time(self, ruth, now, elapsed, doubt):
        responses = self.fall_and_return(ruth, now, {"goal": 7.0}, {"goal": 7.0})
        Answer.objects.update(elapsed_ms=10_000)
        Answer.objects.filter(response=responses[-2]).update(elapsed_ms=elapsed)
        judge(responses[-1:])
        assert Episode.objects.get().repair_doubt == doubt

    def test_a_form_that_asks_one_number_less_is_not_fast_for_that(self, ines, now):
        """The ninth session asks a couple about home, which carries no number, and not about the partner.

        Seven numbers of 3,500 ms are 24.5 s, which is less than a third of eight of 10 s; each is more than a third.
        """
        case = people.couple(ines, now)
        own = {"goal": 7.0}
        responses = self.fall_and_return((ines, case, people.member(case, "Lea")), now, own, own)
        numbers = [one.answers.filter(value__isnull=False).count() for one in responses]
        assert numbers == [8, 8, 8, 8, 7, 8, 8, 8, 7, 8]
        Answer.objects.update(elapsed_ms=10_000)
        Answer.objects.filter(response=responses[-2]).update(elapsed_ms=3_500)
        judge(responses[-1:])
        assert Episode.objects.get(series__scale="self_therapist").repair_doubt == ""

    @staticmethod
    def fall_and_return(ruth, now, before, given):
        """Seven ratings about 8, one of 3, then two that are back, the first of them with what is given."""
        ines, case, who = ruth
        answers = [before] * 7 + [{}, given, given]
        responses = []
        for k, (level, each) in enumerate(zip((*[8.0] * 7, 3.0, 8.0, 8.0), answers, strict=True)):
            encounter = people.meet(case, ines, now - timedelta(hours=1) - timedelta(weeks=9 - k))
            responses.append(rate(encounter, who, level, each))
            judge(responses[-1:])
        return responses
