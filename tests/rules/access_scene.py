"""The people and rows of one cell of the access rule, made and undone again, and what the application answers."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.test import Client
from django.utils import timezone

from goldseam_web.accounts.models import Clinic, Role, Staff
from goldseam_web.alerts.models import AlertSignal, Episode
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.models import Case, CaseTherapist, Encounter, Ending, RecordState, TherapistPart
from goldseam_web.concerns.services import name_persons
from goldseam_web.measures.links import token_of
from goldseam_web.measures.models import Occasion
from goldseam_web.measures.outreach_links import token_of_outreach
from goldseam_web.measures.services.who_is_asked import end_case, pause_member
from tests.rules.access_rule import ROLES, Cell
from tests.web import people
from tests.web.staff_pages import BACKEND

HELD: Mapping[str, list[Role]] = {
    "therapist": [Role.THERAPIST],
    "supervisor": [Role.SUPERVISOR],
    "administrator": [Role.ADMINISTRATOR],
    "researcher": [Role.RESEARCHER],
    "elsewhere": [Role.THERAPIST, Role.SUPERVISOR],
    "lead": [Role.SUPERVISOR],
    "departed": [Role.THERAPIST, Role.SUPERVISOR],
}
YESTERDAY, TOMORROW = -1, 1
# A form without a field counts as not sent.
HARMLESS = {"unknown": "1"}


@dataclass(frozen=True)
class Scene:
    """The couple's case with a signal, and one member of staff for each role, none of whom has to do with it yet."""

    cast: people.Cast
    askers: Mapping[str, Staff]
    parts: Mapping[str, object]
    today: date
    at: datetime

    @property
    def case(self) -> Case:
        return self.cast.couple

    def treat(self, staff: Staff, starts: int, ends: int | None, part: TherapistPart) -> None:
        CaseTherapist.objects.create(
            clinic=self.cast.clinic,
            case=self.case,
            therapist=staff,
            part=part,
            starts_on=self.today + timedelta(starts),
            ends_on=None if ends is None else self.today + timedelta(ends),
        )

    def supervise(self, supervisor: Staff, ends: int | None = None) -> None:
        supervisor.supervises.create(
            clinic_id=self.cast.clinic.id,
            therapist=self.cast.ines,
            starts_on=self.today - timedelta(90),
            ends_on=None if ends is None else self.today + timedelta(ends),
        )


def make_scene(cast: people.Cast, signal: AlertSignal, lea: Occasion) -> Scene:
    """Clinics lie where it is noon, so that no midnight comes between a row and the page that reads it."""
    at = timezone.now()
    # In these names the sign is turned round: Etc/GMT+6 lies six hours west of Greenwich.
    Clinic.objects.update(time_zone=f"Etc/GMT{at.astimezone(UTC).hour - 12:+d}")
    cast.supervisor.supervises.all().delete()
    askers = {}
    for role, held in HELD.items():
        clinic = cast.stranger.clinic if role == "elsewhere" else cast.clinic
        askers[role] = people.staff(clinic, f"Ada {role.title()}", held, at)
    Clinic.objects.filter(pk=cast.clinic.pk).update(lead=askers["lead"])
    Staff.objects.filter(pk=askers["departed"].pk).update(active=False)
    named = [askers["administrator"], cast.administrator]
    name_persons(clinic=cast.clinic, staff=named, at=at, actor=SYSTEM)
    parts = {
        "token": token_of(lea),
        "number": "1",
        "position": "1",
        "pk": "1",
        "rest": "not/a/link",
        "key": "1-unknown",
        "set_up_key": "nobody-was-given-this",
        "phone_key": "nobody-was-given-this-either",
        "staff_id": cast.ines.pk,
        "outreach_token": token_of_outreach(
            people.written_to(people.member(cast.couple, "Lea"), cast.ines, at)
        ),
        "look_token": people.looks_back(people.member(cast.couple, "Lea"), at),
        "card_token": people.card_given_to(people.member(cast.couple, "Lea"), cast.ines, at),
        "concern_id": people.asks_to_be_called(people.member(cast.couple, "Lea"), at).pk,
        "guardian_id": people.named_guardian(people.member(cast.couple, "Lea")).pk,
        "line_id": cast.clinic.crisis_lines.first().pk,
        "case_id": cast.couple.id,
        "encounter_id": lea.encounter_id,
        "occasion_id": lea.id,
        "signal_id": signal.id,
        "episode_id": Episode.objects.filter(case=cast.couple).latest("opened_at").id,
        "lot_id": people.asked_by_lot(lea.encounter, at).pk,
        "course_id": people.off_track(lea, at).pk,
    }
    return Scene(cast, askers, parts, at.astimezone(UTC).date(), at)


MAIN, COVER, BESIDE = TherapistPart.MAIN, TherapistPart.COVER, TherapistPart.CO_THERAPIST
RELATE: Mapping[str, Callable[[Scene, Staff], object]] = {
    "treats": lambda s, asker: s.treat(asker, -90, None, MAIN),
    "treated until yesterday": lambda s, asker: s.treat(asker, -90, YESTERDAY, MAIN),
    "treats from tomorrow": lambda s, asker: s.treat(asker, TOMORROW, None, MAIN),
    "covers today": lambda s, asker: s.treat(asker, 0, 0, COVER),
    "cover ended yesterday": lambda s, asker: s.treat(asker, -7, YESTERDAY, COVER),
    "co-therapist": lambda s, asker: s.treat(asker, -90, None, BESIDE),
    "supervises": lambda s, asker: s.supervise(asker),
    "supervision ended yesterday": lambda s, asker: s.supervise(asker, YESTERDAY),
    "none": lambda s, asker: None,
    "none, another supervises": lambda s, asker: s.supervise(s.cast.supervisor),
}


def _closed(scene: Scene) -> None:
    end_case(case=scene.case, ending=Ending.PLANNED, at=timezone.now(), actor=Actor.staff(scene.cast.ines.id))


def _paused(scene: Scene) -> None:
    for member in scene.case.members.all():
        pause_member(member=member, paused=True, at=timezone.now(), actor=SYSTEM)


def _handed_over(scene: Scene) -> None:
    scene.case.therapists.filter(therapist=scene.cast.ines).update(ends_on=scene.today)
    scene.treat(scene.cast.colleague, 0, None, MAIN)


BRING: Mapping[str, Callable[[Scene], object]] = {
    "open": lambda s: None,
    "closed": _closed,
    "erased": lambda s: Case.objects.filter(pk=s.case.pk).update(state=RecordState.ERASED),
    "members paused": _paused,
    "therapist departed": lambda s: Staff.objects.filter(pk=s.cast.ines.pk).update(active=False),
    "handover day": _handed_over,
}


def enter_room(scene: Scene, asker: Staff, room: str) -> None:
    """Alone since now, or an hour ago with a session of that case begun since."""
    now = timezone.now()
    Staff.objects.filter(pk=asker.pk).update(
        alone_since=now if room == "alone" else now - timedelta(hours=1, minutes=5)
    )
    case = {"this case": scene.case, "another case": scene.cast.individual}.get(room)
    if case is not None:
        Encounter.objects.create(
            clinic=case.clinic,
            case=case,
            therapist=asker,
            starts_at=now - timedelta(minutes=10),
            ends_at=now + timedelta(minutes=40),
            local_date=scene.today,
        )


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(client: Client, scene: Scene, cell: Cell) -> tuple[int, str]:
    """The status and the body of one reply, whatever it has written undone."""
    method, route = cell.page.split()
    address = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(scene.parts[m.group(1)]), route).lstrip("/")
    with undone():
        reply = client.post(address, HARMLESS) if method == "POST" else client.get(address)
    return reply.status_code, reply.content.decode()


def faults(scene: Scene, cells: Iterable[Cell]) -> dict[Cell, str]:
    """Ask every cell; give those where status or names are others than the rule has them."""
    found, browsers = {}, {role: _signed_in(scene, role) for role in ROLES}
    for state, of_state in groupby(sorted(cells, key=_order), key=lambda cell: cell.state):
        with undone():
            BRING[state](scene)
            for _, group in groupby(of_state, key=_order):
                found.update(_faults_of_one_asker(scene, list(group), browsers))
    return found


def _signed_in(scene: Scene, role: str) -> Client:
    client = Client()
    if role != "nobody":
        client.force_login(scene.askers[role].user, backend=BACKEND)
    return client


def _order(cell: Cell) -> tuple[str, ...]:
    return (cell.state, cell.role, cell.relation, cell.room)


def _faults_of_one_asker(scene: Scene, cells: list[Cell], browsers: Mapping[str, Client]) -> dict[Cell, str]:
    """All cells have the same asker, relation, state and room; *nobody* has them as a therapist and is signed out."""
    first = cells[0]
    asker = scene.askers["therapist" if first.role == "nobody" else first.role]
    found = {}
    with undone():
        RELATE[first.relation](scene, asker)
        enter_room(scene, asker, first.room)
        for cell in cells:
            status, body = ask(browsers[first.role], scene, cell)
            named = [name for name in cell.hidden if re.search(rf"\b{name}\b", body)]
            if status != cell.status or named:
                found[cell] = f"{status}, not {cell.status}; names {named}"
    return found
