"""One made-up case from its opening to today."""

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from goldseam_web.accounts.models import Phase, Staff
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal, Episode, EpisodeStatus
from goldseam_web.alerts.repair_tables import WORK_WORDS, WorkKind
from goldseam_web.alerts.services import acknowledge_findings, evaluate, open_alert, say_strain
from goldseam_web.alerts.services.repair_work import note_work
from goldseam_web.audit.services import Actor
from goldseam_web.cases.consent_tables import NEEDED_TO_ASK, ConsentText, ConsentWay, Purpose
from goldseam_web.cases.consents import text_in_force
from goldseam_web.cases.models import Case, Encounter, Member, MemberRole, TherapistPart
from goldseam_web.cases.services import NewMember, open_case, plan_encounter, record_consent
from goldseam_web.cases.services.treating import add_therapist
from goldseam_web.demo.seed.asked_answers import asked_answers, has_partner
from goldseam_web.demo.seed.case_plans import CasePlan, MemberPlan
from goldseam_web.demo.seed.event_queue import EventQueue
from goldseam_web.demo.seed.simulated_answers import Answers, number
from goldseam_web.measures.home_calendar import sessions_that_ask_about_home
from goldseam_web.measures.models import Occasion, Response, TakenUp
from goldseam_web.measures.own_measures import SELF_THERAPIST, TENSION_ITEM, TENSION_SAID
from goldseam_web.measures.services import (
    Given,
    choose_audience,
    plan_occasions,
    save_answer,
    submit_response,
)
from goldseam_web.measures.services.afterwards import SaidAfterwards, say_afterwards
from goldseam_web.measures.services.occasions import end_encounter

MINUTES = 50
LAST_WEEKS = 3
THERAPIST_ITEMS = ("therapist_goal_task", "therapist_bond")
WEEK = timedelta(days=7)
PLANNED_AHEAD = timedelta(days=5)
JUDGED_AFTER = timedelta(seconds=1)
NOTED_AFTER = timedelta(minutes=4)
TRIED = WORK_WORDS[WorkKind.TRIED]
# Most is taken up and right again; some is not yet.
TAKEN_UP = (TakenUp.MENDED, TakenUp.MENDED, TakenUp.PARTLY, TakenUp.NOT_TAKEN_UP)
CHOICES = (
    AcknowledgeChoice.TAKE_UP,
    AcknowledgeChoice.TAKE_UP,
    AcknowledgeChoice.TALKED,
    AcknowledgeChoice.DIFFERENT,
)


@dataclass
class CaseBuilder:
    """Carries out one case's plan: what it needs to know from one action to the next."""

    plan: CasePlan
    therapist: Staff
    now: datetime
    seed: int
    queue: EventQueue
    beside: Staff | None = None
    chance: random.Random = field(init=False)
    starts: list[datetime] = field(init=False)
    forms: dict[int, list[Answers]] = field(init=False)
    evaluated: dict[int, set[int]] = field(init=False, default_factory=dict)
    case: Case = field(init=False)
    members: Sequence[Member] = field(init=False, default=())
    encounters: dict[int, Encounter] = field(init=False, default_factory=dict)
    asked: dict[tuple[int, Phase, uuid.UUID], Occasion] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(number(self.seed, self.plan.key, "times"))  # noqa: S311  not a secret
        self.starts = self._starts()
        days = [(k, starts_at.date()) for k, starts_at in enumerate(self.starts, start=1)]
        asking_home = sessions_that_ask_about_home(days)
        self.forms = {
            place: asked_answers(self.plan, place, seed=self.seed, asking_home=asking_home)
            for place in range(len(self.plan.members))
        }

    @property
    def actor(self) -> Actor:
        return Actor.staff(self.therapist.id)

    def _starts(self) -> list[datetime]:
        """Weekly sessions at one hour of the clinic's clock, the next one included."""
        zone = ZoneInfo(self.therapist.clinic.time_zone)
        if self.plan.just_ended:
            last = (self.now - timedelta(minutes=60 + MINUTES)).astimezone(zone)
        else:
            day = self.now.astimezone(zone) - timedelta(days=self.plan.days_ago)
            last = day.replace(hour=self.plan.hour, minute=0, second=0, microsecond=0)
        first = last - (self.plan.sessions - 1) * WEEK
        return [first + k * WEEK for k in range(self.plan.sessions + 1)]

    def schedule(self) -> None:
        """Put everything that happens in the case into the queue."""
        self.queue.add(self.starts[0] - timedelta(days=6), self._open)
        for k, starts_at in enumerate(self.starts):
            self.queue.add(min(starts_at - PLANNED_AHEAD, self.now), partial(self._plan_session, k))
        for k, starts_at in enumerate(self.starts[:-1]):
            ends_at = starts_at + timedelta(minutes=MINUTES)
            self.queue.add(ends_at, partial(self._end, k))
            if self.plan.in_full:
                self.queue.add(ends_at + self._minutes(3, 12), partial(self._therapist_answers, k))
            for place in range(len(self.plan.members)):
                if self.plan.in_full or k >= self.plan.sessions - LAST_WEEKS:
                    self.queue.add(
                        starts_at - self._minutes(40, 1200), partial(self._answer_before, k, place)
                    )
                self.queue.add(self._answered_at(ends_at), partial(self._answer_after, k, place))

    def _answered_at(self, ends_at: datetime) -> datetime:
        """Within fifteen hours of the session, and before now, at whatever hour the demo is made."""
        latest = min(ends_at + timedelta(hours=15), self.now - timedelta(minutes=5))
        return ends_at + self.chance.uniform(0.02, 1.0) * (latest - ends_at)

    def _minutes(self, least: int, most: int) -> timedelta:
        return timedelta(seconds=self.chance.randrange(least * 60, most * 60))

    def _open(self, at: datetime) -> None:
        self.case = open_case(
            clinic=self.therapist.clinic,
            therapist=self.therapist,
            kind=self.plan.kind,
            members=[_new_member(member, self.plan) for member in self.plan.members],
            opened_on=at.astimezone(ZoneInfo(self.therapist.clinic.time_zone)).date(),
            at=at,
            actor=self.actor,
        )
        self.members = list(self.case.members.order_by("position"))
        if self.beside is not None:
            add_therapist(
                case=self.case,
                therapist=self.beside,
                part=TherapistPart.CO_THERAPIST,
                first=self.case.opened_on,
                last=None,
                at=at,
                actor=self.actor,
            )
        text = text_in_force(self.therapist.clinic)
        for member in self.members:
            self._agree(member, text, at)

    def _agree(self, member: Member, text: ConsentText, at: datetime) -> None:
        """On paper every fourth, the others on their phones; most to research too, and one takes that back."""
        draw = random.Random(number(self.seed, self.plan.key, f"consent {member.position}"))  # noqa: S311
        on_paper, to_research = draw.random() < 0.25, draw.random() < 0.8
        agrees = {**dict.fromkeys(NEEDED_TO_ASK, True), Purpose.RESEARCH: to_research}
        way = ConsentWay.PAPER if on_paper else ConsentWay.PHONE
        actor = self.actor if on_paper else Actor.client(member.id)
        record_consent(member=member, agrees=agrees, text=text, way=way, at=at, actor=actor)
        if to_research and draw.random() < 0.05:
            record_consent(
                member=member,
                agrees={Purpose.RESEARCH: False},
                text=text,
                way=ConsentWay.PHONE,
                at=at + WEEK,
                actor=Actor.client(member.id),
            )

    def _plan_session(self, k: int, at: datetime) -> None:
        encounter = plan_encounter(
            case=self.case,
            therapist=self.therapist,
            starts_at=self.starts[k],
            minutes=MINUTES,
            at=at,
            actor=self.actor,
            beside=self.beside,
        )
        self.encounters[k] = encounter
        for occasion in plan_occasions(encounter=encounter, at=at, actor=self.actor):
            who = occasion.respondent_id or self.therapist.id
            self.asked[k, Phase(occasion.phase), who] = occasion

    def _end(self, k: int, at: datetime) -> None:
        away = [
            m
            for m, member in zip(self.members, self.plan.members, strict=True)
            if k + 1 in member.course.away
        ]
        end_encounter(encounter=self.encounters[k], at=at, actor=self.actor, away=away)
        if self.plan.confirms:
            self._note_what_was_tried(k, at + NOTED_AFTER)

    def _note_what_was_tried(self, k: int, at: datetime) -> None:
        """Of each strain with the therapist that is open by now: two things, which turn with the session."""
        encounter, viewer = self.encounters[k], viewer_of(self.therapist.user, at=at)
        if viewer is None:
            raise ValueError(f"{self.therapist} does not work at the clinic at {at}.")
        strains = Episode.objects.filter(
            case=encounter.case_id,
            series__scale=SELF_THERAPIST,
            status=EpisodeStatus.OPEN,
            therapist_confirmed_at__lt=at,
            onset__starts_at__lt=encounter.starts_at,
        )
        for strain in strains:
            for what in (TRIED[k % len(TRIED)], TRIED[(k + 1) % len(TRIED)]):
                note_work(
                    viewer=viewer, episode=strain, kind=WorkKind.TRIED, what=what, encounter=encounter, at=at
                )

    def _answer_before(self, k: int, place: int, at: datetime) -> None:
        member = self.members[place]
        if occasion := self.asked.get((k, Phase.PRE, member.id)):
            _submit(occasion, self.forms[place][k].before, at, member)

    def _answer_after(self, k: int, place: int, at: datetime) -> None:
        occasion, form = self.asked[k, Phase.POST, self.members[place].id], self.forms[place][k]
        if form.after is None:  # nothing from those who were away
            return
        if form.audience is not None:
            save_answer(occasion=occasion, item=TENSION_ITEM, given=form.after[TENSION_ITEM], at=at)
            choose_audience(occasion=occasion, audience=form.audience, at=at)
        response = _submit(occasion, form.after, at, self.members[place])
        self._say_afterwards(k, place, occasion, at)
        if k + 1 in self.evaluated[place]:
            self._judge(response, at)

    def _say_afterwards(self, k: int, place: int, occasion: Occasion, at: datetime) -> None:
        """Whoever mentioned tension the time before says, once the form is sent, whether it was taken up."""
        before = self.forms[place][k - 1].after if k else None
        if before is None or before[TENSION_ITEM] not in TENSION_SAID:
            return
        draw = random.Random(number(self.seed, self.plan.key, f"taken up {place} {k}"))  # noqa: S311
        said = SaidAfterwards(taken_up=draw.choice(TAKEN_UP))
        say_afterwards(occasion=occasion, said=said, device="", at=at)

    def _therapist_answers(self, k: int, at: datetime) -> None:
        """The therapist's own view, before the clients' answers are seen."""
        occasion = self.asked[k, Phase.POST, self.therapist.id]
        view = {item: float(self.chance.choice((6, 7, 7, 8, 8, 9))) for item in THERAPIST_ITEMS}
        submit_response(occasion=occasion, at=at, actor=self.actor, answers=view)

    def _judge(self, response: Response, at: datetime) -> None:
        raised = evaluate(response=response, at=at + JUDGED_AFTER, notify=self.plan.tells)
        if raised and self.plan.looks:
            self.queue.add(at + self._minutes(20, 600), partial(self._look, raised))

    def _look(self, findings: Sequence[AlertSignal], at: datetime) -> None:
        """Open the alert, say what comes of it, and where it is planned, that there was indeed something."""
        viewer = viewer_of(self.therapist.user, at=at)
        if viewer is None:
            raise ValueError(f"{self.therapist} does not work at the clinic at {at}.")
        open_alert(viewer=viewer, findings=findings, at=at)
        choice = self.chance.choice(CHOICES)
        choices = dict.fromkeys(findings, choice)
        acknowledge_findings(viewer=viewer, choices=choices, at=at + timedelta(minutes=2))
        for signal in findings:
            if self.plan.confirms and signal.episode is not None:
                say_strain(
                    viewer=viewer, episode=signal.episode, there_was=True, at=at + timedelta(minutes=3)
                )


def _new_member(member: MemberPlan, plan: CasePlan) -> NewMember:
    return NewMember(
        display_name=member.display_name,
        family_name=member.family_name,
        role=member.role,
        email=f"{member.display_name}.{member.family_name}@clients.example".lower(),
        partnered=has_partner(member, plan),
        parent=member.role == MemberRole.PARENT,
        idea=member.idea,
    )


def _submit(occasion: Occasion, given: Mapping[str, Given], at: datetime, member: Member) -> Response:
    return submit_response(occasion=occasion, at=at, actor=Actor.client(member.id), answers=given)
