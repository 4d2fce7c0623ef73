"""From a response to signals and episodes. What is expected follows by hand, or is what the science says of it."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from goldseam import detect
from goldseam_web.accounts.models import Role
from goldseam_web.alerts.models import AlertSignal, Episode, EpisodeStatus, Evaluation, SignalKind, Verdict
from goldseam_web.alerts.services import (
    evaluate,
    store_norms,
    work_once,
)
from goldseam_web.audit.services import SYSTEM
from goldseam_web.measures.models import EvaluationJob, JobState, Response, ResponseState, Score
from goldseam_web.measures.services import close_idle_responses, save_answer, submit_response
from goldseam_web.outbox.models import Message
from tests.core.ratings import T1, T1_NORMS, one_series
from tests.web import histories, people
from tests.web.kept_rows import kept
from tests.web.postbox import messages_of


def evaluations(case, criterion="predictive", scale="self_therapist"):
    """By session number, what is said now."""
    rows = Evaluation.objects.filter(
        series__case=case, series__scale=scale, criterion=criterion, superseded_by=None
    )
    return dict(enumerate(rows.order_by("encounter__starts_at"), start=1))


class TestPublishedVector:
    """Ratings of the methods literature with one dip at session 5, back at 7; figures as `goldseam.detect` gives them.

    Those of version 1 are printed in the literature; `test_alerts_rule_upgrade` holds the application to them.
    """

    @pytest.fixture
    def found(self):
        return detect(one_series(T1, low=0, high=10), norms=T1_NORMS, version=2)

    @pytest.fixture
    @kept
    def judged(self, ruth, now):
        ines, case, who = ruth
        store_norms(clinic=ines.clinic, norms=T1_NORMS, at=now)
        responses = []
        for encounter, value in zip(histories.sessions(case, ines, len(T1), now), T1, strict=True):
            responses.append(histories.rate(encounter, who, 5.0))
            histories.set_score(responses[-1], value)
            histories.judge(responses[-1:])
        return case, responses

    def test_stores_the_expected_course(self, judged, found):
        case, _ = judged
        rows, science = evaluations(case), found.sessions
        for figure in ("expected", "limit", "usual_low", "usual_high", "p"):
            stored = [getattr(rows[k], figure) for k in rows]
            assert stored == pytest.approx(science[figure].to_list(), nan_ok=True), figure
        assert {row.criterion_version for row in rows.values()} == {"2"}

    def test_judges_from_the_fourth_rating_on(self, judged, found):
        case, _ = judged
        rows = evaluations(case)
        assert [rows[k].verdict for k in (1, 2, 3)] == [Verdict.NOT_ENOUGH_DATA] * 3
        assert [row.verdict.replace("_", " ") for row in rows.values()] == found.sessions["verdict"].to_list()
        assert rows[5].verdict == Verdict.MET
        assert rows[7].verdict == Verdict.NOT_MET

    def test_raises_one_strain_at_the_onset(self, judged, found):
        case, responses = judged
        signal = AlertSignal.objects.get(case=case, kind=SignalKind.STRAIN)
        assert (signal.response, signal.grade) == (responses[4], "marked")
        assert signal.raised_at == responses[4].rated_at
        assert signal.evidence["expected"] == pytest.approx(found.sessions["expected"][4])
        assert [row["value"] for row in signal.evidence["earlier"]] == list(T1[:4])
        assert "recent" not in signal.evidence

    def test_follows_the_episode_to_its_repair(self, judged, found):
        case, responses = judged
        episode = Episode.objects.get(case=case)
        assert episode.baseline == pytest.approx(found.sessions["expected"][4])
        assert (episode.nadir, episode.depth) == (3.9, pytest.approx(episode.baseline - 3.9))
        assert (episode.status, episode.shape, episode.duration) == ("repaired", "V", 2)
        assert (episode.onset_kind, episode.onset_grade) == ("precipitous", "marked")
        assert episode.repair_encounter == responses[6].occasion.encounter

    def test_dates_every_change_of_the_episode(self, judged):
        case, responses = judged
        changes = Episode.objects.get(case=case).events.filter(kind="status").values_list("after", "at")
        assert list(changes) == [
            ("open", responses[4].rated_at),
            ("repaired_unconfirmed", responses[6].rated_at),
            ("repaired", responses[7].rated_at),
        ]


class TestSlowDecline:
    """9, 9, 9, 9, 8.5, 8.25, 8, 7.75, 7.25: the last three, 7.67 on average, against the first four, 9."""

    @pytest.fixture
    @kept
    def slid(self, ruth, now):
        ines, case, who = ruth
        return case, histories.slide(case, ines, who, now)

    @pytest.fixture
    def found(self):
        return detect(one_series(histories.SLIDING, low=0, high=10), version=2)

    def test_is_a_signal_of_its_own_kind(self, slid, found):
        case, responses = slid
        [event] = found.events.to_dicts()
        assert (event["onset_session"], event["onset_kind"]) == (9, "erosion")
        signal = AlertSignal.objects.get(case=case)
        assert (signal.kind, signal.response, signal.is_slow) == (SignalKind.EROSION, responses[8], True)

    def test_rests_on_the_earlier_level_and_not_on_what_the_last_rating_was_expected_to_be(self, slid, found):
        case, _ = slid
        signal = AlertSignal.objects.get(case=case)
        assert signal.evidence["expected"] == 9.0
        assert signal.evidence["recent"] == pytest.approx((8 + 7.75 + 7.25) / 3)
        assert signal.evidence["p"] == pytest.approx(found.events["p"][0])
        assert signal.evaluation.expected == pytest.approx(found.sessions["expected"][8])
        assert signal.evaluation.verdict == Verdict.MET
        assert signal.evidence["usual_low"] < 9.0 < signal.evidence["usual_high"] <= 10.0

    def test_opens_an_episode_from_that_level(self, slid):
        case, _ = slid
        episode = Episode.objects.get(case=case)
        assert (episode.onset_kind, episode.baseline, episode.onset_value) == ("erosion", 9.0, 7.25)


class TestExactlyOnce:
    """A fall from 8 to 6: far below what a steady history predicts, and still above the low level of 5."""

    @pytest.fixture
    @kept
    def fallen(self, ruth, now):
        ines, case, who = ruth
        responses = histories.history(case, ines, who, [*histories.STEADY, 6.0], now, judged=7)
        assert not AlertSignal.objects.filter(case=case).exists()
        return case, responses[-1]

    def test_one_response_raises_one_signal_and_one_message(self, fallen, ines, now):
        case, response = fallen
        histories.work_off(now)
        signal = AlertSignal.objects.get(case=case)
        assert (signal.kind, signal.response) == (SignalKind.STRAIN, response)
        assert list(messages_of(signal).values_list("staff", "channel")) == [(ines.id, "email")]

    def test_the_job_is_done_and_the_claim_kept(self, fallen, now):
        _, response = fallen
        histories.work_off(now, worker="one")
        job = EvaluationJob.objects.get(response=response)
        assert (job.state, job.claimed_by, job.attempts) == (JobState.DONE, "one", 1)

    def test_judging_again_adds_nothing(self, fallen, now):
        _, response = fallen
        before = None
        for _ in range(3):
            evaluate(response=response, at=now)
            counts = (AlertSignal.objects.count(), Message.objects.count(), Evaluation.objects.count())
            assert before in (None, counts)
            before = counts

    def test_a_worker_that_died_after_judging_costs_nothing(self, fallen, now):
        """Everything was stored but the job never marked done: another worker takes it over five minutes later."""
        _, response = fallen
        evaluate(response=response, at=now)
        EvaluationJob.objects.filter(response=response).update(
            state=JobState.CLAIMED, claimed_at=now, claimed_by="dead"
        )
        later = now + timedelta(minutes=6)
        histories.work_off(later, worker="other")
        job = EvaluationJob.objects.get(response=response)
        assert (job.state, job.claimed_by) == (JobState.DONE, "other")
        assert (AlertSignal.objects.count(), Message.objects.count()) == (1, 1)

    def test_every_therapist_of_the_case_is_told(self, fallen, ines, now):
        case, _ = fallen
        colleague = people.staff(ines.clinic, "Ben Adeyemi", [Role.THERAPIST], now)
        case.therapists.create(
            clinic=case.clinic, therapist=colleague, part="co_therapist", starts_on=now.date() - timedelta(3)
        )
        gone = people.staff(ines.clinic, "Una Gone", [Role.THERAPIST], now)
        case.therapists.create(
            clinic=case.clinic,
            therapist=gone,
            part="cover",
            starts_on=now.date() - timedelta(30),
            ends_on=now.date() - timedelta(10),
        )
        histories.work_off(now)
        told = Message.objects.values_list("staff__full_name", flat=True)
        assert sorted(told) == ["Ben Adeyemi", "Ines Okafor"]

    def test_open_pages_hear_of_it(self, fallen, ines, now):
        before = people.heard_by(ines)
        histories.work_off(now)
        assert people.heard_by(ines) > before


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_response_raise_one_signal(ines, now):
    case = people.individual(ines, now)
    who = people.member(case, "Ruth")
    responses = histories.history(case, ines, who, [*histories.STEADY, 6.0], now, judged=7)
    _together(4, lambda: evaluate(response=responses[-1], at=now))
    assert AlertSignal.objects.count() == 1
    assert Message.objects.count() == 1
    assert Episode.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_partners_judged_at_the_same_time_get_an_episode_each(ines, now):
    """Their episodes are numbered within one case, so the two workers must not take the same number."""
    case = people.couple(ines, now)
    held = histories.sessions(case, ines, 8, now)
    last = []
    for name in ("Lea", "Tomas"):
        who = people.member(case, name)
        for encounter, level in zip(held, histories.STEADY, strict=False):
            histories.judge([histories.rate(encounter, who, level)])
        last.append(histories.rate(held[-1], who, 6.0))
    _together(2, lambda response: evaluate(response=response, at=now), last)
    assert sorted(Episode.objects.values_list("number", flat=True)) == [1, 2]
    assert AlertSignal.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_workers_share_a_queue_without_doing_anything_twice(ines, now):
    case = people.individual(ines, now)
    histories.history(case, ines, people.member(case, "Ruth"), [*histories.STEADY, 6.0], now, judged=0)

    def work(name):
        while work_once(worker=name, at=now):
            pass

    _together(3, work, ["a", "b", "c"])
    assert set(EvaluationJob.objects.values_list("state", "attempts")) == {(JobState.DONE, 1)}
    assert AlertSignal.objects.count() == 1
    assert list(Message.objects.values_list("state", "attempts")) == [("sent", 1)]


def _together(count, act, arguments=None):
    """Run the act in several threads that start at the same moment; what one raises fails the test."""
    gate, errors = threading.Barrier(count), []

    def run(*given):
        try:
            gate.wait()
            act(*given)
        except Exception as error:  # noqa: BLE001  whatever it is, the test reports it
            errors.append(error)
        finally:
            connections.close_all()

    each = [(argument,) for argument in arguments] if arguments else [()] * count
    threads = [threading.Thread(target=run, args=given) for given in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


class TestStatements:
    def test_a_judgement_costs_the_same_after_many_sessions_as_after_few(
        self, ruth, now, django_assert_max_num_queries
    ):
        """Counted with their savepoints; a hand count of the tables read and written gives 13."""
        ines, case, who = ruth
        for count in (4, 9):
            encounters = histories.sessions(case, ines, count, now - timedelta(days=200 - 10 * count))
            responses = [histories.rate(encounter, who, 8.0) for encounter in encounters]
            histories.judge_calm(responses[:-1])
            with django_assert_max_num_queries(16):  # one marks the case for the kept list
                evaluate(response=responses[-1], at=responses[-1].rated_at)
            assert evaluations(case)


class TestLateAndCorrected:
    def test_a_late_answer_is_kept_and_not_judged(self, ruth, now):
        """Begun within the window and finished a minute after it: stored, scored, marked late, and left out."""
        ines, case, who = ruth
        *steady, last = histories.sessions(case, ines, 8, now - timedelta(days=3))
        for encounter, level in zip(steady, histories.STEADY, strict=True):
            histories.judge([histories.rate(encounter, who, level)])
        occasion = people.asked(last, who)
        closes_at = occasion.closes_at
        save_answer(occasion=occasion, item="goal", given=2, at=closes_at - timedelta(minutes=1))
        response = people.answer(occasion, closes_at + timedelta(minutes=1), 2)
        evaluate(response=response, at=now)
        assert response.late
        assert Score.objects.get(response=response, scale="self_therapist").value == 2.0
        assert not AlertSignal.objects.filter(case=case).exists()
        assert evaluations(case)[8].value is None

    @pytest.fixture
    @kept
    def asked(self, ruth, now):
        """About a session whose window closed an hour ago."""
        ines, case, who = ruth
        return people.asked(people.meet(case, ines, now - timedelta(hours=49)), who)

    @staticmethod
    def answers(occasion, minutes, **given):
        for item, answer in given.items():
            at = occasion.closes_at + timedelta(minutes=minutes)
            save_answer(occasion=occasion, item=item, given=answer, at=at)

    @staticmethod
    def found(occasion, now):
        """Judge it, and say what was raised."""
        response = occasion.responses.get()
        evaluate(response=response, at=now)
        signals = AlertSignal.objects.filter(case=occasion.case, response=response)
        return sorted(signals.values_list("kind", flat=True))

    @pytest.mark.parametrize("finished", [True, False])
    def test_what_was_said_in_time_is_judged_whether_or_not_the_form_is_finished_late(
        self, asked, now, finished
    ):
        """All ratings 1 and a clear yes in time, the follow-up a minute after the window or never."""
        self.answers(asked, -5, goal=1, task=1, bond=1, safety=1, tension="clearly")
        if finished:
            at = asked.closes_at + timedelta(minutes=1)
            submit_response(occasion=asked, at=at, actor=SYSTEM, answers={"worked_out": "yes"})
        else:
            close_idle_responses(at=asked.closes_at + timedelta(hours=2))
        assert asked.responses.get().late is finished
        assert self.found(asked, now) == [SignalKind.ASKED, SignalKind.LOW]

    def test_a_clear_yes_is_heard_however_late_it_is(self, asked, now):
        self.answers(asked, -5, goal=1)
        people.answer(
            asked, asked.closes_at + timedelta(minutes=1), 1, {"tension": "clearly", "worked_out": "partly"}
        )
        assert self.found(asked, now) == [SignalKind.ASKED]

    def test_three_low_answers_in_time_are_not_raised_by_a_fourth_that_is_late(self, asked, now):
        """Three are enough for the mean: 1, by hand; with the fourth it would be 3.25."""
        self.answers(asked, -5, goal=1, task=1, bond=1)
        self.answers(asked, 1, safety=10)
        finished_at = asked.closes_at + timedelta(minutes=2)
        submit_response(occasion=asked, at=finished_at, actor=SYSTEM, answers={"tension": "no"})
        score = Score.objects.get(response__occasion=asked, scale="self_therapist")
        assert (score.value, score.answered, score.late) == (1.0, 3, False)
        assert Score.objects.get(response__occasion=asked, scale="self_safety").late
        assert self.found(asked, now) == [SignalKind.LOW]

    def test_two_in_time_and_two_late_are_shown_and_not_judged(self, asked, now):
        self.answers(asked, -5, goal=1, task=1)
        self.answers(asked, 1, safety=1, bond=1, tension="no")
        submit_response(occasion=asked, at=asked.closes_at + timedelta(minutes=2), actor=SYSTEM)
        score = Score.objects.get(response__occasion=asked, scale="self_therapist")
        assert (score.value, score.late) == (1.0, True)
        assert self.found(asked, now) == []

    def test_what_was_said_in_time_is_not_unsaid_after_the_window(self, asked, now):
        self.answers(asked, -5, goal=1, task=1, bond=1, safety=1, tension="clearly")
        self.answers(asked, 1, goal=9, task=None, tension="no", worked_out="yes")
        submit_response(occasion=asked, at=asked.closes_at + timedelta(minutes=2), actor=SYSTEM)
        assert Score.objects.get(response__occasion=asked, scale="self_therapist").value == 1.0
        assert self.found(asked, now) == [SignalKind.ASKED, SignalKind.LOW]

    def test_a_no_given_in_time_may_become_a_clear_yes_and_a_skipped_item_may_be_answered(self, asked, now):
        self.answers(asked, -5, goal=8, task=8, bond=None, safety=None, tension="no")
        self.answers(asked, 1, bond=8, tension="clearly", worked_out="not_yet")
        submit_response(occasion=asked, at=asked.closes_at + timedelta(minutes=2), actor=SYSTEM)
        assert asked.responses.get().answers.get(item="bond").value == 8.0
        assert self.found(asked, now) == [SignalKind.ASKED]

    def test_a_correction_supersedes_what_was_said_and_keeps_the_signal(self, ruth, now):
        """Session 8 was given as 6 by mistake and is corrected to 8: no strain any more, the signal stays."""
        ines, case, who = ruth
        mistaken = histories.history(case, ines, who, [*histories.STEADY, 6.0], now)[-1]
        corrected = amend(mistaken, 8.0, now)
        evaluate(response=corrected, at=now)
        [episode] = Episode.objects.filter(case=case)
        assert episode.status == EpisodeStatus.WITHDRAWN
        assert AlertSignal.objects.filter(case=case).count() == 1
        old, new = Evaluation.objects.filter(
            encounter=mistaken.occasion.encounter,
            criterion="predictive",
            series__scale="self_therapist",
            value__isnull=False,
        ).order_by("evaluated_at")
        assert (old.verdict, old.superseded_by) == (Verdict.MET, new)
        assert (new.verdict, new.superseded_by) == (Verdict.NOT_MET, None)

    def test_an_earlier_answer_that_comes_in_later_is_taken_into_account(self, ruth, now):
        """Session 8's rating is judged before session 7's arrives: 8 is said anew, with one rating more behind it."""
        ines, case, who = ruth
        held = histories.sessions(case, ines, 8, now)
        levels = dict(zip(held, [*histories.STEADY, 8.0], strict=True))
        responses = {e: histories.rate(e, who, level) for e, level in levels.items()}
        waiting = responses[held[6]]
        Score.objects.filter(response=waiting).update(late=True)
        histories.judge([r for e, r in responses.items() if e != held[6]])
        assert evaluations(case)[8].earlier_ratings == 6
        Score.objects.filter(response=waiting).update(late=False)
        evaluate(response=Response.objects.get(pk=waiting.pk), at=now)
        assert evaluations(case)[8].earlier_ratings == 7


def amend(original, level, at):
    """A correction: a later revision with the scores of the new level; the original is kept as amended."""
    Response.objects.filter(pk=original.pk).update(state=ResponseState.AMENDED)
    corrected = Response.objects.create(
        clinic=original.clinic,
        occasion=original.occasion,
        revision=1,
        amends=original,
        state=ResponseState.COMPLETED,
        started_at=at,
        rated_at=original.rated_at,
    )
    for score in original.scores.all():
        score.pk = None
        score._state.adding = True
        score.id = type(score)._meta.pk.get_default()
        score.response = corrected
        score.value = level if score.scale != "tension" else score.value
        score.save()
    return corrected


def test_nothing_is_judged_where_the_install_only_records(ruth, now, settings):
    ines, case, who = ruth
    settings.GOLDSEAM_RECORD_ONLY = True
    histories.history(case, ines, who, [*histories.STEADY, 2.0], now, judged=0)
    histories.work_off(now)
    assert not Evaluation.objects.exists()
    assert not AlertSignal.objects.exists()
    assert not Episode.objects.exists()
    assert set(EvaluationJob.objects.values_list("state", flat=True)) == {JobState.DONE}
    assert Score.objects.filter(scale="self_therapist", value=2.0).exists()


class TestSeriesStayApart:
    def test_a_partner_s_ratings_never_count(self, brandts, now):
        """Tomas has rated 3 throughout, Lea 8: a 6 of Lea's is low for her alone, and nothing new for him."""
        ines, case, lea, tomas = brandts
        held = histories.sessions(case, ines, 8, now)
        for encounter, level in zip(held, [*histories.STEADY, 6.0], strict=True):
            histories.judge([histories.rate(encounter, tomas, 3.0), histories.rate(encounter, lea, level)])
        strain = AlertSignal.objects.get(case=case, kind=SignalKind.STRAIN)
        assert strain.member == lea
        assert [row["value"] for row in strain.evidence["earlier"]] == list(histories.STEADY)
        low = AlertSignal.objects.get(case=case, kind=SignalKind.LOW)
        assert (low.member, low.evidence["session"]) == (tomas, 1)

    def test_a_fall_between_them_is_not_put_on_the_therapist(self, brandts, now):
        ines, case, lea, _ = brandts
        held = histories.sessions(case, ines, 8, now)
        for encounter, level in zip(held, histories.STEADY, strict=False):
            histories.judge([histories.rate(encounter, lea, level)])
        fallen = {"within_goal": 5.0, "within_safety": 5.0}
        histories.judge([histories.rate(held[-1], lea, 8.0, fallen)])
        signal = AlertSignal.objects.get(case=case)
        assert (signal.kind, signal.series.scale, signal.series.therapist) == (
            SignalKind.STRAIN_BETWEEN,
            "within",
            None,
        )

    def test_another_case_of_the_same_clinic_is_not_looked_at(self, cast, now):
        who = people.member(cast.individual, "Ruth")
        histories.history(cast.couple, cast.ines, people.member(cast.couple, "Lea"), [2.0] * 5, now)
        histories.history(cast.individual, cast.ines, who, histories.STEADY, now)
        assert not AlertSignal.objects.filter(case=cast.individual).exists()


class TestOtherSignals:
    def test_low_from_the_very_first_rating(self, ruth, now):
        """4 is below the shipped cut-off, 5; the first rating is enough, and one spell is one signal."""
        ines, case, who = ruth
        responses = histories.history(case, ines, who, [4.0, 4.0, 4.0], now)
        signal = AlertSignal.objects.get(case=case)
        assert (signal.kind, signal.response) == (SignalKind.LOW, responses[0])

    def test_clearly_is_a_signal_from_the_first_session(self, ruth, now):
        ines, case, who = ruth
        [encounter] = histories.sessions(case, ines, 1, now)
        histories.judge(
            [histories.rate(encounter, who, 8.0, {"tension": "clearly", "worked_out": "not_yet"})]
        )
        assert AlertSignal.objects.get(case=case).kind == SignalKind.ASKED

    @pytest.mark.parametrize("said", ["no", "little", "unsure", None])
    def test_anything_less_than_clearly_is_none(self, ruth, now, said):
        ines, case, who = ruth
        [encounter] = histories.sessions(case, ines, 1, now)
        histories.judge([histories.rate(encounter, who, 8.0, {"tension": said})])
        assert not AlertSignal.objects.exists()

    def test_no_never_cancels_a_fall(self, ruth, now):
        ines, case, who = ruth
        held = histories.sessions(case, ines, 8, now)
        for encounter, level in zip(held, [*histories.STEADY, 6.0], strict=True):
            histories.judge([histories.rate(encounter, who, level, {"tension": "no"})])
        assert AlertSignal.objects.get(case=case).kind == SignalKind.STRAIN

    def test_three_ratings_are_not_enough_for_a_fall(self, ruth, now):
        """Two earlier ratings: a fall of three points is not judged, and that is what is stored."""
        ines, case, who = ruth
        histories.history(case, ines, who, [9.0, 9.0, 6.0], now)
        assert not AlertSignal.objects.exists()
        assert evaluations(case)[3].verdict == Verdict.NOT_ENOUGH_DATA


def test_submitting_again_queues_nothing_new(ruth, now):
    ines, case, who = ruth
    [encounter] = histories.sessions(case, ines, 1, now)
    response = histories.rate(encounter, who, 8.0)
    histories.work_off(now)
    again = submit_response(occasion=people.asked(encounter, who), at=now, actor=people.SYSTEM)
    assert again == response
    assert EvaluationJob.objects.get(response=response).state == JobState.DONE
