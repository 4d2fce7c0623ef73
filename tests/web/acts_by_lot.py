"""What may happen in a clinic, act by act through the services: histories are made of them by lot."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import strategies as st

from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal, Episode
from goldseam_web.alerts.services import acknowledge, evaluate, open_alert, say_strain
from goldseam_web.alerts.services.keeping import keep_caseloads
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import Case, Encounter, Ending, Member, NotHeld, TherapistPart
from goldseam_web.cases.services.repeated_appointments import Reach
from goldseam_web.cases.services.treating import add_therapist
from goldseam_web.measures.models import EvaluationJob, JobState, Occasion, OccasionState
from goldseam_web.measures.services import (
    close_idle_responses,
    close_unanswered,
    save_answer,
    settle_past_encounters,
)
from goldseam_web.measures.services.handovers import hand_over_case
from goldseam_web.measures.services.occasions import correct_encounter, end_encounter
from goldseam_web.measures.services.planned_sessions import cancel_sessions, restore_session
from goldseam_web.measures.services.who_is_asked import end_case, member_left, pause_member, take_back_end
from tests.web import people


@dataclass
class LotClinic:
    """A clinic whose clock only goes on, with its cast and the way chance is drawn."""

    cast: people.Cast
    now: datetime
    draw: Callable[..., object]
    encounters: list[Encounter] = field(default_factory=list)

    def one_of(self, rows):
        """By place: ids are others in every run."""
        found = list(rows)
        return found[self.draw(st.integers(0, len(found) - 1))] if found else None

    @property
    def case(self) -> Case:
        cases = [self.cast.individual, self.cast.couple]
        return Case.objects.get(pk=self.draw(st.sampled_from(cases)).pk)


SIGNALS = AlertSignal.objects.order_by("raised_at", "kind", "series__scale", "member__position")
OCCASIONS = ("encounter__starts_at", "case__kind", "phase", "respondent__position")
ENCOUNTERS = ("starts_at", "case__kind")


def _meet(c: LotClinic) -> None:
    case = c.case
    if case.ended_on is None:
        therapist = case.therapists.filter(part=TherapistPart.MAIN).order_by("-starts_on").first().therapist
        people.meet(case, therapist, c.now)


def _plan(c: LotClinic) -> None:
    case, hours = c.case, c.draw(st.sampled_from([1, 30, 170, 400]))
    if case.ended_on is None:
        people.plan(case, c.cast.ines, c.now + timedelta(hours=hours), at=c.now)


def _answer(c: LotClinic) -> None:
    waiting = Occasion.objects.filter(
        state=OccasionState.WAITING, respondent__isnull=False, opens_at__lte=c.now
    )
    occasion = c.one_of(waiting.filter(closes_at__gte=c.now).order_by(*OCCASIONS))
    if occasion is not None:
        said = {"tension": c.draw(st.sampled_from(["no", "no", "little", "clearly"]))}
        level = c.draw(st.sampled_from([8.0, 8.0, 7.0, 2.0, 0.0]))
        people.answer(occasion, c.now, level, said if occasion.phase == "post" else None)


def _begin(c: LotClinic) -> None:
    """Say of tension alone, and go away."""
    waiting = Occasion.objects.filter(state=OccasionState.WAITING, phase="post", respondent__isnull=False)
    occasion = c.one_of(waiting.filter(opens_at__lte=c.now, closes_at__gte=c.now).order_by(*OCCASIONS))
    if occasion is not None:
        save_answer(occasion=occasion, item="tension", given="little", at=c.now)


def judge_by_lot(c: LotClinic) -> None:
    waiting = EvaluationJob.objects.filter(state=JobState.PENDING).order_by("response__rated_at")
    for job in waiting.select_related("response__occasion"):
        evaluate(response=job.response, at=c.now, notify=False)
    EvaluationJob.objects.update(state=JobState.DONE)


def _open(c: LotClinic) -> None:
    signal, staff = (
        c.one_of(SIGNALS.all()),
        c.draw(st.sampled_from([c.cast.ines, c.cast.supervisor])),
    )
    if signal is not None:
        open_alert(viewer=viewer_of(staff.user, at=c.now), findings=[signal], at=c.now)


def _acknowledge(c: LotClinic) -> None:
    signal = c.one_of(SIGNALS.all())
    if signal is not None:
        viewer, choice = (
            viewer_of(c.cast.ines.user, at=c.now),
            c.draw(st.sampled_from(list(AcknowledgeChoice))),
        )
        acknowledge(viewer=viewer, signal=signal, choice=choice, at=c.now)


def _say(c: LotClinic) -> None:
    episode = c.one_of(Episode.objects.exclude(series=None).order_by("opened_at", "number"))
    if episode is not None:
        there_was = c.draw(st.booleans())
        say_strain(
            viewer=viewer_of(c.cast.ines.user, at=c.now), episode=episode, there_was=there_was, at=c.now
        )


def _end_session(c: LotClinic) -> None:
    planned = c.one_of(Encounter.objects.filter(state="planned", starts_at__lte=c.now).order_by(*ENCOUNTERS))
    if planned is not None:
        end_encounter(encounter=planned, at=c.now, actor=SYSTEM)


def _cancel(c: LotClinic) -> None:
    planned = c.one_of(Encounter.objects.filter(state="planned").order_by(*ENCOUNTERS))
    if planned is not None:
        cancel_sessions(encounter=planned, reach=Reach.ONE, because=NotHeld.BY_CLIENT, at=c.now, actor=SYSTEM)


def _restore(c: LotClinic) -> None:
    cancelled = c.one_of(Encounter.objects.filter(state="cancelled").order_by(*ENCOUNTERS))
    if cancelled is not None:
        restore_session(encounter=cancelled, at=c.now, actor=SYSTEM)


def _correct(c: LotClinic) -> None:
    held = c.one_of(Encounter.objects.filter(state="held").order_by(*ENCOUNTERS))
    if held is not None:
        earlier, away = held.starts_at - timedelta(minutes=c.draw(st.sampled_from([0, 30]))), []
        if c.draw(st.booleans()):
            away = [held.case.members.first()]
        correct_encounter(encounter=held, starts_at=earlier, minutes=50, away=away, at=c.now, actor=SYSTEM)


def _pause(c: LotClinic) -> None:
    who = c.one_of(
        Member.objects.filter(case__in=[c.cast.individual, c.cast.couple]).order_by("case__kind", "position")
    )
    pause_member(member=who, paused=c.draw(st.booleans()), at=c.now, actor=SYSTEM)


def _leave(c: LotClinic) -> None:
    who = people.member(c.cast.couple, "Tomas")
    member_left(member=who, left=c.draw(st.booleans()), at=c.now, actor=SYSTEM)


def _end_case(c: LotClinic) -> None:
    case = c.case
    if case.ended_on is None:
        end_case(case=case, ending=Ending.PLANNED, at=c.now, actor=SYSTEM)
    else:
        take_back_end(case=case, at=c.now, actor=SYSTEM)


def _cover(c: LotClinic) -> None:
    """Marta sees the case, today and tomorrow, as a cover."""
    today = viewer_of(c.cast.ines.user, at=c.now).today
    add_therapist(
        case=c.case,
        therapist=c.cast.supervisor,
        part=TherapistPart.COVER,
        first=today,
        last=today + timedelta(days=1),
        at=c.now,
        actor=SYSTEM,
    )


def _hand_over(c: LotClinic) -> None:
    hand_over_case(case=c.case, giver=c.cast.ines, taker=c.cast.colleague, at=c.now, actor=SYSTEM)


def _work(c: LotClinic) -> None:
    settle_past_encounters(at=c.now)
    close_idle_responses(at=c.now)
    close_unanswered(at=c.now)


def keep_by_lot(c: LotClinic) -> None:
    keep_caseloads(at=c.now)


HAPPENS = (
    *(
        _meet,
        _meet,
        _meet,
        _plan,
        _answer,
        _answer,
        _answer,
        _begin,
        judge_by_lot,
        judge_by_lot,
        _open,
        _acknowledge,
    ),
    *(_say, _end_session, _cancel, _restore, _correct, _pause, _leave, _end_case, _cover, _hand_over),
    *(_work, keep_by_lot, keep_by_lot, keep_by_lot),
)
LATER = [timedelta(minutes=1), timedelta(hours=1), timedelta(hours=20), timedelta(days=3), timedelta(days=7)]
