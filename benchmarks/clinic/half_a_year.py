"""Half a year of a clinic on a clock that is passed in: was everybody asked once, at a right time, and nobody else?

    python benchmarks/clinic/half_a_year.py            5 therapists, 60 cases, 26 weeks
    python benchmarks/clinic/half_a_year.py --small    2 therapists, 6 cases, 8 weeks

Cases come weekly or every two weeks in series that leave closed days out; sessions are moved, cancelled by either side,
missed, and taken back; members pause and come back; cases end, and some begin again; therapists are on leave, each with
another choice for clients' forms, and one leaves the clinic; the clocks change; the mail server refuses, fails for a
while, or says nothing. What was sent to clients, and who was told of each finding, is compared with a calendar that
this program keeps by itself, from what it did and not from the database. Prints JSON, and ends with 1 if there is a
fault.
"""

import argparse
import heapq
import json
import random
import sys
import tempfile
import time as clock
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
FIRST_DAY = date(2026, 8, 31)
CLOSED = {date(2026, 10, 3), date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 31), date(2027, 1, 1)}
OPEN_BEFORE = OPEN_AFTER = timedelta(hours=48)
# Nobody can say that a message should have gone out where the worker did not run three times while it could.
RUNS = 3
# What docs/develop/states.md and the manual promise.
ESCALATED_AFTER, WATCHED_AFTER_END = timedelta(hours=24), timedelta(days=30)
# After the mail server is back, what failed is tried again with pauses of up to six hours.
PAUSE_AFTER_TROUBLE = timedelta(hours=6, minutes=30)


@dataclass
class Client:
    """One member as this program knows them: when they may be written to, and since when."""

    member: Any
    hours: tuple[time, time]
    writes: list[tuple[datetime, bool]] = field(default_factory=list)
    """Every change of whether they may be written to: from when on, and whether."""

    def may_be_written_to(self, at: datetime) -> bool:
        latest = [yes for since, yes in self.writes if since <= at]
        return bool(latest) and latest[-1] and self.hours[0] <= at.astimezone(ZONE).time() < self.hours[1]


@dataclass(frozen=True)
class OwnLeave:
    """A leave as this program noted it: days, who stands in, and whether clients' forms rest."""

    away: Any
    cover: Any
    first: date
    last: date
    noted_at: datetime
    rests: bool

    def runs(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass
class Appointment:
    """One session as this program knows it: every place it had in the calendar, and from when on."""

    encounter: uuid.UUID
    case: "SimulatedCase"
    places: list[tuple[datetime, datetime | None]]
    """From when on it stood at which start; None while it is called off."""
    answered: dict[tuple[uuid.UUID, str], datetime] = field(default_factory=dict)

    def start_at(self, at: datetime) -> datetime | None:
        return [start for since, start in self.places if since <= at][-1]

    def is_open(self, phase: str, at: datetime) -> bool:
        """Whether somebody could answer about it then: before it, or after it until the next one begins."""
        start = self.start_at(at)
        if start is None or self.is_kept_back(start, at):
            return False
        if phase == "pre":
            return start - OPEN_BEFORE <= at < start
        end = start + timedelta(minutes=50)
        following = self.case.next_start(self, start, at)
        return end <= at < min(end + OPEN_AFTER, following or end + OPEN_AFTER)

    def is_kept_back(self, start: datetime, at: datetime) -> bool:
        """Whether its therapist's leave keeps it back: forms rest, or nobody can say whether it takes place."""
        therapist = self.case.therapist_on(local(start))
        leaves = [one for one in self.case.leaves if one.away == therapist and one.noted_at <= at]
        return any(one.runs(local(start)) or (one.rests and one.runs(local(at))) for one in leaves)


@dataclass
class SimulatedCase:
    case: Any
    therapist: Any
    clients: list[Client]
    weekday: int
    hour: int
    every: int
    leaves: list[OwnLeave]
    appointments: dict[uuid.UUID, Appointment] = field(default_factory=dict)
    ended_on: date | None = None
    earlier: list[tuple[date, Any]] = field(default_factory=list)
    """Who treated it before, each up to and with which day."""

    def therapist_on(self, day: date) -> Any:
        before = [staff for last, staff in self.earlier if day <= last]
        return before[0] if before else self.therapist

    def who_is_here(self, day: date) -> set[Any]:
        """Who has to hear of its findings that day: who treats it and, for whoever is away, who stands in."""
        handed_over = {staff for last, staff in self.earlier if last == day}
        treat = {self.therapist_on(day), *handed_over, *([self.therapist] if handed_over else [])}
        away = {one.away: one.cover for one in self.leaves if one.runs(day)}
        return {away.get(staff, staff) for staff in treat}

    def next_start(self, appointment: Appointment, start: datetime, at: datetime) -> datetime | None:
        starts = [
            one.start_at(at)
            for one in self.appointments.values()
            if one is not appointment and one.places[0][0] <= at
        ]
        later = [one for one in starts if one is not None and one > start]
        return min(later) if later else None


def local(at: datetime) -> date:
    return at.astimezone(ZONE).date()


@dataclass(frozen=True)
class Sent:
    at: datetime
    encounter: uuid.UUID
    phase: str
    member: uuid.UUID
    purpose: str


class SimulatedClinic:
    """A clinic that lives through its calendar; ``run`` gives what it found."""

    def __init__(
        self,
        *,
        therapists: int,
        cases: int,
        weeks: int,
        seed: int = 1,
        tick: timedelta = timedelta(minutes=30),
    ) -> None:
        self.tick = tick
        self.chance = random.Random(seed)
        self.now = datetime.combine(FIRST_DAY, time(7), tzinfo=ZONE).astimezone(UTC)
        self.end = self.now + timedelta(weeks=weeks)
        self.weeks = weeks
        self.events: list[tuple[datetime, int, Callable[[], None]]] = []
        self.order = count()
        self.sent: list[Sent] = []
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []
        self.mail_down_until = self.now
        self.trouble: list[tuple[datetime, datetime]] = []
        self.refused: set[tuple[uuid.UUID, str, uuid.UUID]] = set()
        self.leaves: list[OwnLeave] = []
        self.told: dict[uuid.UUID, list[tuple[datetime, uuid.UUID]]] = {}
        """Of each response with a finding, when whom of the staff a mail about it reached."""
        self.opened: dict[uuid.UUID, datetime] = {}
        self.gone: Any = None
        self._open(therapists, cases)
        self._change_staff()

    # ---------- setting up, by the services a clinic uses ----------

    def _open(self, therapists: int, cases: int) -> None:
        """As the set-up in the browser does it, up to where nothing stops the first client from being asked."""
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        from goldseam_web.accounts.charters import accept_charter, charter_in_force
        from goldseam_web.accounts.models import Role
        from goldseam_web.accounts.phone_check import phone_reached
        from goldseam_web.accounts.services import add_staff, add_supervision
        from goldseam_web.accounts.violence_procedure import set_violence_procedure
        from goldseam_web.alerts.readiness import readiness
        from goldseam_web.concerns.services import name_persons
        from goldseam_web.measures.services.first_clinic import begin_clinic

        administrator = begin_clinic(
            name="Seehof",
            country="DE",
            time_zone="Europe/Berlin",
            email="piet@seehof.example",
            password=uuid.uuid4().hex,
            full_name="Piet Seehof",
            display_name="Piet",
            treats=False,
            at=self.now,
        )
        self.clinic = administrator.clinic
        TOTP.activate(administrator.user, generate_totp_secret())
        accept_charter(charter=charter_in_force(self.clinic), staff=administrator, at=self.now)
        phone_reached(clinic=self.clinic, at=self.now)
        actor = self._staff_actor(administrator)
        name_persons(clinic=self.clinic, staff=[administrator], at=self.now, actor=actor)
        set_violence_procedure(
            clinic=self.clinic, text="Call the lead of the clinic first.", at=self.now, actor=actor
        )

        def hire(name: str, *roles: Role) -> Any:
            return add_staff(
                clinic=self.clinic,
                email=f"{name.lower()}@seehof.example",
                password=uuid.uuid4().hex,
                full_name=f"{name} Seehof",
                display_name=name,
                roles=roles,
                at=self.now,
            )

        self.supervisor = supervisor = hire("Marta", Role.SUPERVISOR)
        self.therapists = [hire(f"Therapist{k}", Role.THERAPIST) for k in range(therapists)]
        for therapist in self.therapists:
            add_supervision(supervisor=supervisor, therapist=therapist, starts_on=FIRST_DAY, at=self.now)
        self.clinic.refresh_from_db()
        self.cases = [self._open_case(k, self.therapists[k % therapists]) for k in range(cases)]
        # Asked with the cases open: some of what is needed, couples and families need alone.
        missing = [need.subject for need in readiness(self.clinic, at=self.now) if need.is_in_the_way]
        if missing:
            raise RuntimeError(f"Nobody would be asked: {', '.join(missing)}.")

    def _open_case(self, number: int, therapist: Any) -> SimulatedCase:
        from goldseam_web.audit.services import Actor
        from goldseam_web.cases.consent_tables import NEEDED_TO_ASK, ConsentWay
        from goldseam_web.cases.consents import text_in_force
        from goldseam_web.cases.models import CaseKind, MemberRole, WayAsked
        from goldseam_web.cases.services import NewMember, open_case, record_consent
        from goldseam_web.cases.services.person_details import GivenWays, set_safe_ways

        size = self.chance.choice((1, 1, 2, 3))
        kind = {1: CaseKind.INDIVIDUAL, 2: CaseKind.COUPLE, 3: CaseKind.FAMILY}[size]
        role = {1: MemberRole.CLIENT, 2: MemberRole.PARTNER, 3: MemberRole.OTHER}[size]
        case = open_case(
            clinic=self.clinic,
            therapist=therapist,
            kind=kind,
            members=[
                NewMember(f"P{number}{k}", "Test", role, email=f"p{number}.{k}@clients.example")
                for k in range(size)
            ],
            opened_on=FIRST_DAY,
            at=self.now,
            actor=Actor.staff(therapist.id),
        )
        clients = []
        text = text_in_force(self.clinic)
        for member in case.members.order_by("position"):
            record_consent(
                member=member,
                agrees=dict.fromkeys(NEEDED_TO_ASK, True),
                text=text,
                way=ConsentWay.PAPER,
                at=self.now,
                actor=Actor.staff(therapist.id),
            )
            begins = self.chance.choice((6, 8, 8, 12, 17))
            client = Client(member, (time(begins), time(min(begins + 12, 22))))
            asked = self.chance.random() < 0.9
            if asked:
                ways = GivenWays(by_mail=True, not_before=client.hours[0], not_after=client.hours[1])
                set_safe_ways(
                    member=member,
                    ways=ways,
                    how_asked=WayAsked.ALONE,
                    at=self.now,
                    actor=Actor.staff(therapist.id),
                )
            client.writes.append((self.now, asked))
            clients.append(client)
        simulated = SimulatedCase(
            case,
            therapist,
            clients,
            self.chance.randrange(5),
            8 + number // 5 % 12,
            self.chance.choice((1, 1, 2)),
            self.leaves,
        )
        if self.chance.random() < 0.3:
            days = self.chance.randrange(21, max(22, 7 * self.weeks))
            self._at(self.now + timedelta(days=days, hours=5), lambda: self._end(simulated))
        self._at(self.now + timedelta(hours=self.chance.randrange(1, 30)), lambda: self._plan(simulated))
        return simulated

    def _change_staff(self) -> None:
        """Every therapist is on leave once, one after the other, but for the last, who leaves the clinic."""
        *staying, leaving = self.therapists
        if not staying or self.weeks < 6:
            return
        apart = max(3, (self.weeks - 6) // len(staying))
        for number, away in enumerate(staying):
            week = 2 + number * apart
            if week <= self.weeks - 5:
                self._at(self.now + timedelta(weeks=week), lambda a=away, n=number: self._leave(a, n))
        self._at(self.now + timedelta(weeks=self.weeks - 3, hours=6), lambda: self._depart(leaving))

    # ---------- what happens ----------

    def _at(self, at: datetime, act: Callable[[], None]) -> None:
        if at < self.end:
            heapq.heappush(self.events, (max(at, self.now), next(self.order), act))

    def _leave(self, away: Any, number: int) -> None:
        """Noted some days before it begins; half of the sessions in it are called off, the others stay in doubt."""
        from goldseam_web.accounts.models import FormsMeanwhile
        from goldseam_web.alerts.services.absences import go_away

        first = local(self.now) + timedelta(days=self.chance.randrange(5))
        last = first + timedelta(days=self.chance.randrange(4, 12))
        others = [one for one in self.therapists if one != away]
        cover = others[number % len(others)]
        forms = list(FormsMeanwhile)[number % len(FormsMeanwhile)]
        actor = self._staff_actor(away)
        go_away(staff=away, first=first, last=last, cover=cover, forms=forms, at=self.now, actor=actor)
        self.leaves.append(OwnLeave(away, cover, first, last, self.now, forms == FormsMeanwhile.REST))
        self.done["leaves"] += 1
        for appointment in self._of(away):
            start = appointment.start_at(self.now)
            if start is not None and first <= local(start) <= last and self.chance.random() < 0.5:
                self._cancel(appointment, "by_clinic")

    def _depart(self, leaving: Any) -> None:
        """Hand every case over to a colleague, and work here no more."""
        from goldseam_web.accounts.colleagues import set_working
        from goldseam_web.measures.services.handovers import hand_over_all

        taker = self.therapists[0]
        actor = self._staff_actor(self.supervisor)
        self.done["handed over"] = hand_over_all(giver=leaving, taker=taker, at=self.now, actor=actor)
        set_working(staff=leaving, works=False, at=self.now, actor=actor)
        for simulated in self.cases:
            if simulated.therapist == leaving and simulated.ended_on is None:
                simulated.earlier.append((local(self.now), leaving))
                simulated.therapist = taker
        self.gone = leaving

    def _end(self, simulated: SimulatedCase) -> None:
        """A case ends; one of four begins again some days later, with what still lies ahead."""
        from goldseam_web.cases.models import Ending
        from goldseam_web.measures.services.who_is_asked import end_case, take_back_end

        ending = self.chance.choice((Ending.PLANNED, Ending.DROPOUT, Ending.REFERRAL))
        end_case(case=simulated.case, ending=ending, at=self.now, actor=self._actor(simulated))
        simulated.ended_on = local(self.now)
        self.done["ended"] += 1
        starts = [(one, one.start_at(self.now)) for one in simulated.appointments.values()]
        called_off = [(one, start) for one, start in starts if start is not None and start > self.now]
        for appointment, _ in called_off:
            appointment.places.append((self.now, None))

        def again() -> None:
            take_back_end(case=simulated.case, at=self.now, actor=self._actor(simulated))
            simulated.ended_on = None
            self.done["begun again"] += 1
            for appointment, start in called_off:
                if start > self.now:
                    appointment.places.append((self.now, start))

        if self.chance.random() < 0.25:
            self._at(self.now + timedelta(days=self.chance.randrange(1, 9)), again)

    def _of(self, therapist: Any) -> Iterator[Appointment]:
        for simulated in self.cases:
            if simulated.therapist == therapist:
                yield from simulated.appointments.values()

    def _staff_actor(self, staff: Any) -> Any:
        from goldseam_web.audit.services import Actor

        return Actor.staff(staff.id)

    def _plan(self, simulated: SimulatedCase) -> None:
        from goldseam_web.audit.services import Actor
        from goldseam_web.cases.services import Repeat
        from goldseam_web.measures.services.planned_sessions import plan_sessions

        if simulated.ended_on is not None:
            self._at(self.now + timedelta(weeks=1), lambda: self._plan(simulated))
            return
        today = local(self.now)
        first = today + timedelta(days=(simulated.weekday - today.weekday() - 1) % 7 + 1)
        times = self.chance.randrange(4, 13)
        booked = plan_sessions(
            case=simulated.case,
            therapist=simulated.therapist,
            starts_at=datetime.combine(first, time(simulated.hour), tzinfo=ZONE),
            minutes=50,
            repeat=Repeat(simulated.every, times, CLOSED),
            at=self.now,
            actor=Actor.staff(simulated.therapist.id),
            key=uuid.UUID(int=self.chance.getrandbits(128)),
        )
        self.done["series"] += 1
        for encounter in booked:
            if encounter.starts_at.astimezone(ZONE).time() != time(simulated.hour):
                self.faults.append(
                    f"planned at {encounter.starts_at.astimezone(ZONE)}, not at {simulated.hour}:00"
                )
            appointment = Appointment(encounter.pk, simulated, [(self.now, encounter.starts_at)])
            simulated.appointments[encounter.pk] = appointment
            self._live(appointment, encounter.starts_at)
        last = booked[-1].ends_at
        self._at(last + timedelta(hours=1), lambda: self._plan(simulated))

    def _live(self, appointment: Appointment, start: datetime) -> None:
        """What may become of one appointment."""
        lot = self.chance.random()
        before = start - timedelta(hours=self.chance.randrange(1, 72))
        if lot < 0.06:
            self._at(before, lambda: self._move(appointment))
        elif lot < 0.14:
            self._at(before, lambda: self._cancel(appointment, "by_client"))
        elif lot < 0.17:
            self._at(start + timedelta(hours=2), lambda: self._cancel(appointment, "nobody_came"))
        for client in appointment.case.clients:
            if self.chance.random() < 0.6:
                hours = self.chance.choice((0.2, 1, 5, 20, 40))
                self._at(
                    start + timedelta(minutes=50, hours=hours),
                    lambda c=client: self._answer(appointment, c, "post"),
                )
            if self.chance.random() < 0.3:
                self._at(
                    start - timedelta(hours=self.chance.randrange(1, 47)),
                    lambda c=client: self._answer(appointment, c, "pre"),
                )
            if self.chance.random() < 0.01:
                self._at(before, lambda c=client: self._pause(c))

    def _row(self, appointment: Appointment) -> Any:
        from goldseam_web.cases.models import Encounter

        return Encounter.objects.select_related("clinic", "case").get(pk=appointment.encounter)

    def _actor(self, simulated: SimulatedCase) -> Any:
        return self._staff_actor(simulated.therapist)

    def _move(self, appointment: Appointment) -> None:
        from django.core.exceptions import ValidationError

        from goldseam_web.cases.services import Reach
        from goldseam_web.measures.services.planned_sessions import move_sessions

        start = appointment.start_at(self.now)
        if start is None or start <= self.now or appointment.case.ended_on is not None:
            return
        days = timedelta(days=self.chance.choice((1, 2, 3)))
        moved = datetime.combine(local(start) + days, start.astimezone(ZONE).time(), tzinfo=ZONE)
        try:
            move_sessions(
                encounter=self._row(appointment),
                reach=Reach.ONE,
                starts_at=moved,
                minutes=50,
                away=[],
                at=self.now,
                actor=self._actor(appointment.case),
            )
        except ValidationError:
            return
        appointment.places.append((self.now, moved.astimezone(UTC)))
        self.done["moved"] += 1

    def _cancel(self, appointment: Appointment, because: str) -> None:
        from django.core.exceptions import ValidationError

        from goldseam_web.cases.models import NotHeld
        from goldseam_web.cases.services import Reach
        from goldseam_web.measures.services.planned_sessions import cancel_sessions

        start = appointment.start_at(self.now)
        if start is None or appointment.case.ended_on is not None:
            return
        try:
            cancel_sessions(
                encounter=self._row(appointment),
                reach=Reach.ONE,
                because=NotHeld(because),
                at=self.now,
                actor=self._actor(appointment.case),
            )
        except ValidationError:
            return
        appointment.places.append((self.now, None))
        self.done[because] += 1
        if because == "by_client" and self.chance.random() < 0.3:
            self._at(self.now + timedelta(hours=3), lambda: self._restore(appointment, start))

    def _restore(self, appointment: Appointment, start: datetime) -> None:
        from django.core.exceptions import ValidationError

        from goldseam_web.measures.services.planned_sessions import restore_session

        if appointment.case.ended_on is not None:
            return
        try:
            restore_session(
                encounter=self._row(appointment), at=self.now, actor=self._actor(appointment.case)
            )
        except ValidationError:
            return
        appointment.places.append((self.now, start))
        self.done["taken back"] += 1

    def _pause(self, client: Client) -> None:
        from goldseam_web.audit.services import SYSTEM
        from goldseam_web.cases.models import Member
        from goldseam_web.measures.services.who_is_asked import pause_member

        if not client.writes[-1][1]:
            return
        member = Member.objects.select_related("case__clinic", "clinic").get(pk=client.member.pk)
        pause_member(member=member, paused=True, at=self.now, actor=SYSTEM)
        client.writes.append((self.now, False))
        self.done["paused"] += 1

        def back() -> None:
            pause_member(member=member, paused=False, at=self.now, actor=SYSTEM)
            client.writes.append((self.now, True))

        self._at(self.now + timedelta(days=self.chance.randrange(1, 15)), back)

    def _answer(self, appointment: Appointment, client: Client, phase: str) -> None:
        from goldseam_web.measures.links import LinkState, link_state
        from goldseam_web.measures.models import Occasion
        from goldseam_web.measures.queries import questionnaire
        from goldseam_web.measures.services import submit_response

        start = appointment.start_at(self.now)
        occasion = Occasion.objects.filter(
            encounter_id=appointment.encounter, respondent=client.member, phase=phase
        ).first()
        if (
            occasion is None
            or start is None
            or appointment.is_kept_back(start, self.now)
            or link_state(occasion, occasion.responses.first(), at=self.now) != LinkState.OPEN
        ):
            return
        form = questionnaire(occasion, None)
        chosen, strained = {}, self.chance.random() < 0.05
        for question in form.questions:
            if question.item.shown_after is None:
                options = [o.value for o in question.item.answers]
                chosen[question.item.key] = (
                    self.chance.choice(options[:3] if strained else options[-4:])
                    if len(options) > 4
                    else options[0]
                )
        submit_response(occasion=occasion, answers=chosen, at=self.now, actor=self._client_actor(client))
        appointment.answered[client.member.pk, phase] = self.now
        self.done["answered"] += 1

    def _client_actor(self, client: Client) -> Any:
        from goldseam_web.audit.services import Actor

        return Actor.client(client.member.pk)

    # ---------- the worker, and the mail server ----------

    def run(self, *, judge: bool = True) -> dict[str, Any]:
        """Live through it and give what was done, how many mails were sent, and every fault."""
        from goldseam_web.outbox import channels

        kept = channels.CHANNELS["email"]
        channels.CHANNELS["email"] = self._post
        began = clock.perf_counter()
        try:
            while self.now < self.end:
                self._until(self.now + self.tick)
                self._work(judge=judge)
        finally:
            channels.CHANNELS["email"] = kept
        self._compare()
        if judge:
            self._compare_told()
        return {
            "weeks": self.weeks,
            "cases": len(self.cases),
            "done": dict(sorted(self.done.items())),
            "mails": Counter(f"{sent.purpose} {sent.phase}" for sent in self.sent),
            "seconds": round(clock.perf_counter() - began),
            "faults": len(self.faults),
            "kinds_of_fault": Counter(fault.split(":")[0].split(" at ")[0] for fault in self.faults),
            "first_faults": self.faults[:20],
        }

    def _until(self, end: datetime) -> None:
        while self.events and self.events[0][0] <= end:
            self.now, _, act = heapq.heappop(self.events)
            act()
        self.now = end

    def _work(self, *, judge: bool) -> None:
        from goldseam_web.alerts.services.worker import PURPOSES, tidy, work_once
        from goldseam_web.measures.services import close_unanswered, settle_past_encounters
        from goldseam_web.measures.services.requests_by_mail import queue_requests
        from goldseam_web.outbox.services import send_next

        if self.chance.random() < 0.002:
            self.mail_down_until = self.now + timedelta(hours=self.chance.randrange(1, 12))
            self.trouble.append((self.now, self.mail_down_until + PAUSE_AFTER_TROUBLE))
            self.done["mail server away"] += 1
        if judge:
            tidy(at=self.now)
            while work_once(worker="one", at=self.now):
                pass
            return
        # What asking needs of a worker's round, and no more.
        settle_past_encounters(at=self.now)
        close_unanswered(at=self.now)
        queue_requests(at=self.now, is_ready=lambda _: True)
        while send_next(purposes=PURPOSES, worker="one", at=self.now):
            pass

    def _post(self, message: Any, _letter: Any) -> None:
        from goldseam_web.outbox.channels import PermanentError, UncertainError

        if self.now < self.mail_down_until:
            raise OSError
        if message.person_id is None:
            self._tell(message)
            return
        from goldseam_web.measures.models import Occasion

        occasion = Occasion.objects.get(pk=message.subject)
        lot = self.chance.random()
        if lot < 0.005:
            self.done["refused"] += 1
            self.refused.add((occasion.encounter_id, occasion.phase, occasion.respondent_id))
            raise PermanentError
        self.sent.append(
            Sent(self.now, occasion.encounter_id, occasion.phase, occasion.respondent_id, message.purpose)
        )
        if lot < 0.01:
            self.done["uncertain"] += 1
            raise UncertainError

    def _tell(self, message: Any) -> None:
        """A member of staff reads a mail; of five about a finding, four are followed to its page within 30 hours."""
        from goldseam_web.alerts.models import AlertSignal
        from goldseam_web.alerts.queries import ALERT_PURPOSES

        self.done["mails to staff"] += 1
        if message.purpose not in ALERT_PURPOSES:
            return
        signal = AlertSignal.objects.get(pk=message.subject)
        self.told.setdefault(signal.response_id, []).append((self.now, message.staff_id))
        if self.chance.random() < 0.8:
            later = self.now + timedelta(hours=self.chance.randrange(1, 30))
            self._at(later, lambda: self._look(signal, message.staff))

    def _look(self, signal: Any, staff: Any) -> None:
        from goldseam_web.accounts.queries import viewer_of
        from goldseam_web.alerts.models import AlertSignal
        from goldseam_web.alerts.services.acknowledgements import open_alert

        if staff == self.gone or signal.response_id in self.opened:
            return
        findings = AlertSignal.objects.filter(response=signal.response_id).select_related("clinic", "case")
        open_alert(viewer=viewer_of(staff.user, at=self.now), findings=findings, at=self.now)
        self.opened[signal.response_id] = self.now
        self.done["opened"] += 1

    # ---------- was it right ----------

    def _compare_told(self) -> None:
        """Somebody who is here hears of every finding, at once and on every day until one of them has opened it."""
        from goldseam_web.alerts.models import AlertSignal

        cases = {simulated.case.pk: simulated for simulated in self.cases}
        raised: dict[uuid.UUID, tuple[datetime, SimulatedCase]] = {}
        for signal in AlertSignal.objects.order_by("raised_at"):
            raised.setdefault(signal.response_id, (signal.raised_at, cases[signal.case_id]))
        self.done["alerts"] = len(raised)
        for response, (at, simulated) in raised.items():
            told, opened = self.told.get(response, []), self.opened.get(response, self.end)
            day = local(at)
            while self._is_to_be_heard(simulated, day):
                begins = max(at, datetime.combine(day, time(), tzinfo=ZONE).astimezone(UTC))
                until = begins + 2 * self.tick
                if min(opened, self.end) <= until:
                    break
                here = {staff.pk for staff in simulated.who_is_here(day)}
                heard = any(when <= until and who in here for when, who in told)
                if not heard and not self._in_trouble(at, until):
                    self.faults.append(f"unheard on {day}: {response}, raised {at.astimezone(ZONE)}")
                day += timedelta(days=1)
            escalates = at + ESCALATED_AFTER + 2 * self.tick
            above = any(who == self.supervisor.pk and when <= escalates for when, who in told)
            if not above and min(opened, self.end) > escalates and not self._in_trouble(at, escalates):
                self.faults.append(f"not escalated: {response}, raised {at.astimezone(ZONE)}")

    def _is_to_be_heard(self, simulated: SimulatedCase, day: date) -> bool:
        watched = simulated.ended_on is None or day <= simulated.ended_on + WATCHED_AFTER_END
        return watched and day <= local(self.end)

    def _in_trouble(self, since: datetime, until: datetime) -> bool:
        return any(begins <= until and since <= ends for begins, ends in self.trouble)

    def _compare(self) -> None:
        times = Counter((s.encounter, s.phase, s.member, s.purpose) for s in self.sent)
        self.faults += [f"{number} times: {key}" for key, number in times.items() if number > 1]
        appointments = {key: one for case in self.cases for key, one in case.appointments.items()}
        clients = {client.member.pk: client for case in self.cases for client in case.clients}
        for sent in self.sent:
            appointment, client = appointments[sent.encounter], clients[sent.member]
            answered = appointment.answered.get((sent.member, sent.phase))
            if not client.may_be_written_to(sent.at):
                self.faults.append(
                    f"{sent.purpose} at {sent.at.astimezone(ZONE)} to somebody who may not be written to"
                )
            if not appointment.is_open(sent.phase, sent.at):
                self.faults.append(f"{sent.purpose} at {sent.at.astimezone(ZONE)} about what was not open")
            if answered is not None and answered <= sent.at:
                self.faults.append(f"{sent.purpose} at {sent.at.astimezone(ZONE)} to who had answered")
        asked = self.refused | {(s.encounter, s.phase, s.member) for s in self.sent if s.purpose == "asked"}
        for appointment in appointments.values():
            for client in appointment.case.clients:
                for phase in ("pre", "post"):
                    key = (appointment.encounter, phase, client.member.pk)
                    if key not in asked and self._should_have_been(appointment, client, phase):
                        self.faults.append(f"never asked: {key}")

    def _should_have_been(self, appointment: Appointment, client: Client, phase: str) -> bool:
        """Whether there was a long enough time in which it was open and the person could be written to."""
        first = appointment.places[0][0]
        starts = [start for _, start in appointment.places if start is not None]
        at, runs = max(first, min(starts) - OPEN_BEFORE), 0
        answered = appointment.answered.get((client.member.pk, phase), self.end)
        while at < min(max(starts) + timedelta(days=3), self.end, answered):
            works = not any(since <= at <= until for since, until in self.trouble)
            good = works and client.may_be_written_to(at) and appointment.is_open(phase, at)
            runs = runs + 1 if good else 0
            if runs >= RUNS:
                return True
            at += self.tick
        return False


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))
    import making

    with tempfile.TemporaryDirectory(prefix="goldseam-clinic-") as folder:
        making.use_database(Path(folder))
        from django.conf import settings

        settings.GOLDSEAM_MAIL_CONFIGURED = True
        settings.GOLDSEAM_BASE_URL = "https://seehof.example"
        size = (
            {"therapists": 2, "cases": 6, "weeks": 8}
            if arguments.small
            else {"therapists": 5, "cases": 60, "weeks": 26}
        )
        found = SimulatedClinic(**size, seed=arguments.seed).run()
    found |= {
        "seed": arguments.seed,
        "date": datetime.now(tz=UTC).date().isoformat(),
        "machine": making.machine(),
    }
    print(json.dumps(found, indent=1))
    sys.exit(1 if found["faults"] else 0)


if __name__ == "__main__":
    main()
