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
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from goldseam_web.accounts.models import Clinic, Phase, Role, Staff
from goldseam_web.accounts.queries import Viewer, local_day, viewer_of
from goldseam_web.alerts.card_tables import StandingCard
from goldseam_web.alerts.look_back_tables import LookBack
from goldseam_web.alerts.lot_tables import LotAnswer, SessionLot
from goldseam_web.alerts.models import AlertSignal, Episode, SignalKind
from goldseam_web.alerts.off_track_tables import OffTrack
from goldseam_web.alerts.services import acknowledge, escalate_unseen, evaluate, open_alert, say_strain
from goldseam_web.alerts.services.case_deletion import delete_case
from goldseam_web.alerts.services.joint_showing import (
    released_together,
    show_joint_view,
    switch_joint_view,
)
from goldseam_web.alerts.services.kept_tracks import set_telling, stop_tracks, store_tracks
from goldseam_web.alerts.services.leaving_for_good import note_departure
from goldseam_web.alerts.services.look_back_choices import (
    Lines,
    LookBackWords,
    decline_look_back,
    have_after_all,
    keep_words,
    open_together,
    release_lines,
    take_lines_back,
)
from goldseam_web.alerts.services.look_back_offers import offer_look_back
from goldseam_web.alerts.services.off_track import follow_courses, look_at_course
from goldseam_web.alerts.services.session_lots import answer_lot, cast_lots
from goldseam_web.alerts.services.standing_cards import give_card, say_by_card
from goldseam_web.alerts.track_tables import TracksVersion
from goldseam_web.audit.services import SYSTEM, seal_entries
from goldseam_web.cases.consent_tables import ConsentWay
from goldseam_web.cases.joint_tables import JointRelease, JointView
from goldseam_web.cases.models import Case, Encounter, Member, RestReason, SafeWays, WayAsked
from goldseam_web.cases.safety_tables import SpokenTogether
from goldseam_web.cases.services.safety_notes import note_safety
from goldseam_web.concerns.models import Concern, ConcernState, ConcernWords
from goldseam_web.concerns.services import move_concern, name_persons
from goldseam_web.lib import transactions
from goldseam_web.measures.mending_tables import Elsewhere, Mended
from goldseam_web.measures.models import Occasion, Response, TakenUp
from goldseam_web.measures.services import (
    choose_audience,
    close_idle_responses,
    close_unanswered,
    plan_occasions,
    renew_link,
    save_answer,
    settle_past_encounters,
)
from goldseam_web.measures.services.afterwards import SaidAfterwards, say_afterwards
from goldseam_web.measures.services.joint_releases import release_up_to, take_release_back
from goldseam_web.measures.services.occasions import correct_encounter, end_encounter
from goldseam_web.measures.services.own_words import choose_own_word, opens_own_course
from goldseam_web.measures.services.who_is_asked import (
    member_left,
    person_goes_on,
    person_rests,
    record_agreement,
)
from goldseam_web.outbox.models import Message
from tests.web import histories, people
from tests.web.at_the_end import announced
from tests.web.test_tracks import rule_by_hand

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
BEHIND_THEIR_OCCASION = {
    "measures_answer",
    "measures_release",
    "measures_mendingtap",
    "measures_metelsewhere",
}
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
    card: StandingCard
    now: datetime


def scene(ines: Staff, now: datetime) -> Scene:
    case = people.couple(ines, now)
    lea, tomas = people.member(case, "Lea"), people.member(case, "Tomas")
    for who in (lea, tomas):
        SafeWays.objects.create(
            person=who.person, clinic=case.clinic, by_mail=True, how_asked=WayAsked.ALONE, asked_on=now
        )
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
        card=_card(lea, ines, now),
        now=now,
    )


def _card(lea: Member, ines: Staff, now: datetime) -> StandingCard:
    """Hers, at a clinic that says when it is at work, of a therapist for whom somebody stands in."""
    Clinic.objects.filter(pk=ines.clinic_id).update(contact_hours="Mon to Fri")
    known = Staff.objects.filter(clinic=ines.clinic, full_name="Ben Adeyemi").first()
    cover = known or people.staff(ines.clinic, "Ben Adeyemi", [Role.THERAPIST], now)
    Staff.objects.filter(pk=ines.pk).update(cover=cover)
    people.card_given_to(lea, ines, now)
    return StandingCard.objects.get(member=lea)


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


def _note_safety(s: Scene) -> object:
    """He was seen alone today."""
    today = local_day(s.therapist.clinic, s.now)
    return note_safety(viewer=s.viewer, member=s.tomas, seen_on=today, spoken=SpokenTogether.NO, at=s.now)


def _take_back(s: Scene) -> object:
    """He does not want to be asked any more, and then again: what was called off is asked after all."""
    record_agreement(member=s.tomas, to_be_asked=False, way=ConsentWay.PHONE, at=s.now, actor=SYSTEM)
    return people.agree(s.tomas, s.now)


def _release(who: Member, s: Scene, *, taken_back: bool = True) -> None:
    """Behind their word, which has opened their page; and taken back again."""
    opened_at = s.now - timedelta(seconds=5)
    choose_own_word(member=who, word="copper kettle", at=s.now - timedelta(hours=1), actor=SYSTEM)
    assert opens_own_course(
        member=who, word="copper kettle", form_shown_at=opened_at - timedelta(seconds=5), at=opened_at
    )
    session = s.judged.occasion.encounter
    assert session is not None
    assert release_up_to(member=who, session_id=session.pk, opened_at=opened_at, at=s.now)
    if taken_back:
        assert take_release_back(member=who, opened_at=s.now)


def _ready(s: Scene) -> str:
    """Both have released and been seen alone, and it is on: what whoever treats them has looked at."""
    people.answer(people.asked(s.judged.occasion.encounter, s.tomas), s.judged.rated_at)
    people.seen_alone(s.case, s.therapist, s.now)
    for who in (people.member(s.case, "Lea"), s.tomas):
        _release(who, s, taken_back=False)
    switch_joint_view(viewer=s.viewer, case=s.case, on=True, at=s.now)
    mark = released_together(s.viewer, s.case).mark
    assert mark
    return mark


def _joint_view(s: Scene) -> None:
    """Switched on, shown and closed."""
    show_joint_view(viewer=s.viewer, case=s.case, mark=_ready(s), at=s.now)
    switch_joint_view(viewer=s.viewer, case=s.case, on=False, at=s.now)


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
    "say by card",
)


def _say_of_a_mending(s: Scene) -> None:
    _submit(s.lea, s.now)
    said = SaidAfterwards(
        taken_up=TakenUp.MENDED, taps=frozenset([Mended.DID_DIFFERENTLY]), elsewhere=Elsewhere.WORK
    )
    say_afterwards(occasion=s.lea, said=said, device="", at=s.now)


def _look_back(s: Scene) -> None:
    """Both are offered their page, decline it, have it after all, say yes to a page of both, and one opens it."""
    announced(s.case, s.now)
    people.seen_alone(s.case, s.therapist, s.now)
    for who in s.case.members.all():
        choose_own_word(member=who, word="copper kettle", at=s.now, actor=SYSTEM)
        offer_look_back(member_id=who.pk, at=s.now)
    pages = list(LookBack.objects.select_related("member").order_by("member__position"))
    moments = (s.now + timedelta(seconds=k) for k in range(20))
    lines = Lines((), ("With Ines it got harder.",), ())
    for page in pages:
        assert decline_look_back(page=page, opened_at=next(moments))
        assert have_after_all(page=page, opened_at=next(moments))
        assert keep_words(page=page, words=LookBackWords(), lines=lines, opened_at=next(moments))
        assert release_lines(page=page, lines=lines, opened_at=next(moments))
    assert take_lines_back(page=pages[0], opened_at=next(moments))
    assert release_lines(page=pages[0], lines=lines, opened_at=next(moments))
    assert open_together(page=pages[1], opened_at=next(moments), at=s.now)


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
    "open": lambda s: open_alert(viewer=s.viewer, findings=[s.signal], at=s.now),
    "acknowledge": lambda s: acknowledge(viewer=s.viewer, signal=s.signal, choice="talked", at=s.now),
    "strain": lambda s: say_strain(viewer=s.viewer, episode=s.episode, there_was=True, at=s.now),
    "escalate": lambda s: escalate_unseen(at=s.now + timedelta(days=3)),
    "seal": lambda s: seal_entries(at=s.now),
    "agree": lambda s: people.agree(s.tomas, s.now),
    "take back": _take_back,
    "give a card": lambda s: give_card(member=s.tomas, staff=s.therapist, at=s.now, actor=SYSTEM),
    "in hospital": lambda s: person_rests(
        member=s.tomas, viewer=s.viewer, because=RestReason.IN_HOSPITAL, look_again_on=None, at=s.now
    ),
    "go on": lambda s: person_goes_on(member=s.tomas, viewer=s.viewer, at=s.now),
    "note safety": _note_safety,
    "say by card": lambda s: say_by_card(card=s.card, kind=SignalKind.WORD_ALONE, at=s.now),
    "say of a mending": _say_of_a_mending,
    "choose a word": lambda s: choose_own_word(member=s.tomas, word="copper kettle", at=s.now, actor=SYSTEM),
    "release and take back": lambda s: _release(s.tomas, s),
    "joint view": _joint_view,
    "look back": _look_back,
    "somebody leaves": lambda s: member_left(member=s.tomas, left=True, at=s.now, actor=SYSTEM),
    "ask by a word": lambda s: opens_own_course(
        member=s.tomas, word="copper kettle", form_shown_at=s.now, at=s.now
    ),
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
@pytest.mark.parametrize("act", ["taken back", "seen alone", "leaves"])
def test_the_joint_view_opens_with_everybodys_release_or_not_at_all(
    act: str, ines: Staff, now: datetime
) -> None:
    """Two writers at once: either it was shown before, or what came first keeps it closed."""
    for _ in range(2):
        s = scene(ines, now)
        mark, view = _ready(s), JointView.objects.get(case__members=s.tomas)
        came = []
        acts = {
            "taken back": lambda s=s: take_release_back(member=s.tomas, opened_at=s.now),
            "seen alone": lambda s=s: _note_safety(s),
            "leaves": lambda s=s: member_left(member=s.tomas, left=True, at=s.now, actor=SYSTEM),
        }

        def shows(s: Scene = s, mark: str = mark, came: list[bool] = came) -> None:
            show_joint_view(viewer=s.viewer, case=s.case, mark=mark, at=s.now)
            came.append(True)

        assert side_by_side([acts[act], shows]) == []
        view.refresh_from_db()
        released = set(JointRelease.objects.filter(member__case=s.case).values_list("member", "shown"))
        lea = people.member(s.case, "Lea").pk
        if act == "leaves":
            # Shown before, it ended with him and was used up; else hers stays, and is not in force without him.
            assert (view.state, released) == ("off", set() if came else {(lea, False)})
        elif came:
            assert (view.state, released) == ("shown", {(lea, True), (s.tomas.pk, True)})
        else:
            kept = {(lea, False)} | ({(s.tomas.pk, False)} if act == "seen alone" else set())
            assert (view.state, released) == ("on", kept)


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


def test_leaving_for_good_and_deleting_a_case_lock_in_the_documented_order(
    order: list[str], ines: Staff, now: datetime
) -> None:
    s = scene(ines, now)
    noor = people.staff(ines.clinic, "Noor Haddad", [Role.THERAPIST], now)
    people.staff(ines.clinic, "Una Admin", [Role.ADMINISTRATOR], now)
    people.plan(s.case, ines, now + timedelta(days=3), at=now)
    mistaken = people.case_without_consent(noor, s.case.kind, [people.LEA, people.TOMAS], now)
    people.plan(mistaken, noor, now + timedelta(days=1), at=now)
    today = local_day(ines.clinic, now)
    acts = [
        lambda: delete_case(case=mistaken, at=now, actor=SYSTEM),
        lambda: note_departure(staff=ines, day=today, taker=noor, at=now, actor=SYSTEM),
    ]
    for act in acts:
        for tables in transactions_of(act):
            places = [order.index(table) for table in tables if table in order]
            assert places == sorted(places), tables


def test_the_lot_and_its_answer_lock_in_the_documented_order(
    order: list[str], ines: Staff, now: datetime
) -> None:
    ruth = people.individual(ines, now)
    histories.history(ruth, ines, people.member(ruth, "Ruth"), [8.0] * 4, now)
    Clinic.objects.filter(pk=ines.clinic_id).update(lot_percent=100)
    viewer = viewer_of(ines.user, at=now)

    def answer() -> None:
        answer_lot(viewer=viewer, lot=SessionLot.objects.get(), answer=LotAnswer.NO, at=now)

    for act in (lambda: cast_lots(at=now), answer):
        for tables in transactions_of(act):
            places = [order.index(table) for table in tables if table not in ADDED]
            assert places == sorted(places), tables
    assert SessionLot.objects.get().answer == LotAnswer.NO


def test_what_is_told_of_progress_locks_in_the_documented_order(
    order: list[str], ines: Staff, now: datetime
) -> None:
    ruth = people.individual(ines, now)
    who = people.member(ruth, "Ruth")
    for encounter, level in zip(histories.sessions(ruth, ines, 3, now), (8, 8, 0), strict=True):
        asked = people.asked(encounter, who, Phase.PRE)
        people.answer(asked, encounter.starts_at - timedelta(hours=1), level)
    viewer, clinic = viewer_of(ines.user, at=now), ines.clinic
    given: dict[str, Any] = {"at": now, "actor": SYSTEM}
    acts = (
        lambda: store_tracks(clinic=clinic, tracks=rule_by_hand(), **given),
        lambda: set_telling(stored=TracksVersion.objects.get(), tells=True, **given),
        lambda: follow_courses(at=now),
        lambda: look_at_course(viewer=viewer, off_track_ids=[OffTrack.objects.get().pk], at=now),
        lambda: stop_tracks(clinic=clinic, **given),
    )
    for act in acts:
        for tables in transactions_of(act):
            places = [order.index(table) for table in tables if table not in ADDED]
            assert places == sorted(places), tables
    assert OffTrack.objects.get().state == "not_compared"


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
