"""Every service locks in one order, and on PostgreSQL no two of them throw each other back.

Two transactions that lock the same rows in different orders wait for each other for ever, and PostgreSQL ends one of
them. SQLite lets one writer in at a time, so there nothing can be seen.
"""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from time import sleep

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import Viewer, viewer_of
from goldseam_web.alerts.models import AlertSignal, Episode
from goldseam_web.alerts.services import acknowledge, escalate_unseen, evaluate, open_signal, say_strain
from goldseam_web.audit.services import SYSTEM, seal_entries
from goldseam_web.cases.consent_tables import ConsentWay
from goldseam_web.cases.models import Case, Encounter, Member
from goldseam_web.concerns.models import Concern, ConcernState, ConcernWords
from goldseam_web.concerns.services import move_concern, name_persons
from goldseam_web.lib import transactions
from goldseam_web.measures.models import Occasion, Response
from goldseam_web.measures.services import (
    choose_audience,
    close_idle_responses,
    close_unanswered,
    plan_occasions,
    renew_link,
    save_answer,
    settle_past_encounters,
)
from goldseam_web.measures.services.occasions import correct_encounter, end_encounter
from goldseam_web.measures.services.who_is_asked import record_agreement
from goldseam_web.outbox.models import Message
from tests.web import people

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets one writer in at a time"),
]
LISTED = re.compile(r"^\| \d+ \| `(\w+)\.(\w+)`", re.MULTILINE)
LOCKS = (
    re.compile(r"FOR NO KEY UPDATE OF \"(\w+)\""),
    re.compile(r"^UPDATE \"(\w+)\""),
    re.compile(r"^INSERT INTO \"(\w+)\""),
)
# Rows of these are added and never changed side by side; those of the others lie behind their occasion.
ADDED = {"audit_auditentry", "alerts_processnote", "measures_occasionmeasure"}
BEHIND_THEIR_OCCASION = {"measures_answer", "measures_release"}
PAUSE_SECONDS = (
    0.001  # before every statement, so that two transactions lie side by side and not behind each other
)


@dataclass(frozen=True)
class Scene:
    """A couple with a signal and an episode from last week, and a session that ended a moment ago and is still planned.

    Lea has begun her form, Tomas has not.
    """

    therapist: Staff
    viewer: Viewer
    case: Case
    tomas: Member
    encounter: Encounter
    lea: Occasion
    judged: Response
    signal: AlertSignal
    episode: Episode
    now: datetime


def scene(ines: Staff, now: datetime) -> Scene:
    case = people.couple(ines, now)
    lea, tomas = people.member(case, "Lea"), people.member(case, "Tomas")
    last_week = people.meet(case, ines, now - timedelta(days=7))
    at = last_week.ends_at + timedelta(minutes=5)
    judged = people.answer(people.asked(last_week, lea), at, given={"tension": "clearly"})
    evaluate(response=judged, at=at)
    signal = AlertSignal.objects.get(case=case, kind="asked")
    encounter = people.plan(case, ines, now - timedelta(minutes=50), at=now - timedelta(days=1), minutes=45)
    asked = people.asked(encounter, lea)
    save_answer(occasion=asked, item="tension", given="little", at=now)
    return Scene(
        therapist=ines,
        viewer=viewer_of(ines.user, at=now),
        case=case,
        tomas=tomas,
        encounter=encounter,
        lea=asked,
        judged=judged,
        signal=signal,
        episode=_episode(signal),
        now=now,
    )


def _episode(signal: AlertSignal) -> Episode:
    """An open strain of the same member; the rules need more ratings to find one."""
    return Episode.objects.create(
        clinic_id=signal.clinic_id,
        case_id=signal.case_id,
        series=signal.member.series.get(scale="self_therapist"),
        member=signal.member,
        number=1,
        onset=signal.encounter,
        onset_kind="precipitous",
        onset_grade="watch",
        opened_at=signal.raised_at,
    )


def _book(s: Scene) -> object:
    """Book the next session, as the page does."""
    return people.plan(s.case, s.therapist, s.now + timedelta(days=7), at=s.now)


def _correct(s: Scene) -> object:
    """Half an hour earlier, and somebody was away."""
    return correct_encounter(
        encounter=s.encounter,
        starts_at=s.encounter.starts_at - timedelta(minutes=30),
        minutes=45,
        away=[s.tomas],
        at=s.now,
        actor=s.viewer.actor,
    )


def _submit(occasion: Occasion, now: datetime) -> object:
    return people.answer(occasion, now, level=2, given={"tension": "clearly"})


def _take_back(s: Scene) -> object:
    """He does not want to be asked any more, and then again: what was called off is asked after all."""
    record_agreement(member=s.tomas, to_be_asked=False, way=ConsentWay.PHONE, at=s.now, actor=SYSTEM)
    return people.agree(s.tomas, s.now)


# The ones that change what several people meet in.
MEETING = (
    "end",
    "correct",
    "settle",
    "book",
    "submit",
    "submit, the other",
    "close idle",
    "judge",
    "acknowledge",
)
SERVICES: dict[str, Callable[[Scene], object]] = {
    "end": lambda s: end_encounter(encounter=s.encounter, at=s.now, actor=s.viewer.actor, away=[s.tomas]),
    "correct": _correct,
    "settle": lambda s: settle_past_encounters(at=s.now),
    "book": _book,
    "ask again": lambda s: plan_occasions(encounter=s.encounter, at=s.now, actor=SYSTEM),
    "new link": lambda s: renew_link(occasion=s.lea, at=s.now, actor=s.viewer.actor),
    "answer": lambda s: save_answer(occasion=s.lea, item="goal", given=3, at=s.now),
    "choose": lambda s: choose_audience(occasion=s.lea, audience="know_only", at=s.now),
    "submit": lambda s: _submit(s.lea, s.now),
    "submit, the other": lambda s: _submit(people.asked(s.encounter, s.tomas), s.now),
    "close idle": lambda s: close_idle_responses(at=s.now + timedelta(minutes=31)),
    "close unanswered": lambda s: close_unanswered(at=s.now + timedelta(days=9)),
    "judge": lambda s: evaluate(response=s.judged, at=s.now),
    "open": lambda s: open_signal(viewer=s.viewer, signal=s.signal, at=s.now),
    "acknowledge": lambda s: acknowledge(viewer=s.viewer, signal=s.signal, choice="talked", at=s.now),
    "strain": lambda s: say_strain(viewer=s.viewer, episode=s.episode, there_was=True, at=s.now),
    "escalate": lambda s: escalate_unseen(at=s.now + timedelta(days=3)),
    "seal": lambda s: seal_entries(at=s.now),
    "agree": lambda s: people.agree(s.tomas, s.now),
    "take back": _take_back,
}


def side_by_side(acts: list[Callable[[], object]]) -> list[str]:
    """Do the acts at once, each in a thread with a connection of its own; what the database threw back."""
    start = Barrier(len(acts))

    def slowly(execute, *statement):
        sleep(PAUSE_SECONDS)
        return execute(*statement)

    def run(act: Callable[[], object]) -> str:
        try:
            with connection.execute_wrapper(slowly):
                start.wait(timeout=30)
                act()
        except OperationalError as error:
            return str(error).splitlines()[0]
        except ValidationError:
            pass  # a link that was called off meanwhile, a session that is booked already
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return [said for said in pool.map(run, acts) if said]


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second try, which would hide what is looked for."""
    monkeypatch.setattr(transactions, "SECONDS_BEFORE_NEXT", ())


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize("first", MEETING)
def test_no_two_services_wait_for_each_other(first: str, ines: Staff, now: datetime) -> None:
    thrown_back = {}
    for second in MEETING[MEETING.index(first) :]:
        s = scene(ines, now)
        found = side_by_side([lambda s=s: SERVICES[first](s), lambda s=s, k=second: SERVICES[k](s)])
        if found:
            thrown_back[second] = found
    assert thrown_back == {}


def transactions_of(act: Callable[[], object]) -> list[list[str]]:
    """The tables in which each transaction locks rows, in the order of their first lock."""
    with CaptureQueriesContext(connection) as captured:
        act()
    found: list[list[str]] = []
    for statement in (query["sql"] for query in captured.captured_queries):
        assert not re.search("FOR UPDATE", statement), statement
        if statement.startswith("BEGIN"):
            found.append([])
        table = next((hit.group(1) for lock in LOCKS if (hit := lock.search(statement))), None)
        if table is not None and table not in found[-1]:
            found[-1].append(table)
    return found


@pytest.mark.usefixtures("once")
def test_a_wish_sent_twice_at_once_is_one(ines: Staff, now: datetime) -> None:
    piet = people.staff(ines.clinic, "Piet Admin", [Role.ADMINISTRATOR], now)
    name_persons(clinic=ines.clinic, staff=[piet], at=now, actor=SYSTEM)
    lea = people.member(people.couple(ines, now), "Lea")
    assert side_by_side([lambda: people.asks_to_be_called(lea, now)] * 4) == []
    assert (Concern.objects.count(), ConcernWords.objects.count(), Message.objects.count()) == (1, 1, 1)


def test_a_wish_and_its_answer_lock_in_the_documented_order(
    order: list[str], ines: Staff, now: datetime
) -> None:
    piet = people.staff(ines.clinic, "Piet Admin", [Role.ADMINISTRATOR], now)
    name_persons(clinic=ines.clinic, staff=[piet], at=now, actor=SYSTEM)
    lea = people.member(people.couple(ines, now), "Lea")
    step = {"to": ConcernState.ANSWERED, "note": "Done.", "at": now, "staff": piet}
    acts = [
        lambda: people.asks_to_be_called(lea, now),
        lambda: move_concern(concern=Concern.objects.get(), **step),
    ]
    behind = ADDED | {"concerns_concernwords", "concerns_concernnote"}
    for act in acts:
        for tables in transactions_of(act):
            places = [order.index(table) for table in tables if table not in behind]
            assert places == sorted(places), tables


@pytest.fixture
def order(root: Path) -> list[str]:
    listed = LISTED.findall((root / "docs/develop/locks.md").read_text(encoding="utf-8"))
    return [apps.get_model(*label)._meta.db_table for label in listed]


@pytest.mark.parametrize("service", SERVICES)
def test_each_locks_in_the_documented_order(
    service: str, order: list[str], ines: Staff, now: datetime
) -> None:
    s = scene(ines, now)
    for tables in transactions_of(lambda: SERVICES[service](s)):
        places = [order.index(table) for table in tables if table not in ADDED | BEHIND_THEIR_OCCASION]
        assert places == sorted(places), tables
