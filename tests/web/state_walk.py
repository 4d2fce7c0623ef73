"""A clinic lived through by lot, while the database itself writes down every step of every state.

Triggers see each write, whichever service, loop or bulk update made it, and the words a row passes through within one
transaction. After each act the invariants are asked that no history may break.
"""

import random
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from hypothesis import strategies as st

from goldseam_web.accounts.models import Phase, Staff
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.alerts.models import AlertSignal, Episode, EpisodeStatus
from goldseam_web.alerts.services import worker
from goldseam_web.alerts.services.repair_work import end_by_hand, open_by_hand
from goldseam_web.alerts.services.worker import tidy, work_once
from goldseam_web.cases.models import Encounter
from goldseam_web.concerns.models import Concern, ConcernState
from goldseam_web.concerns.services import move_concern
from goldseam_web.measures.models import HANDED_IN, Answer, Audience, Response, TakenUp
from goldseam_web.measures.services.afterwards import SaidAfterwards, say_afterwards
from goldseam_web.measures.services.jobs import JOBS
from goldseam_web.outbox.channels import CHANNELS, PermanentError, UncertainError
from goldseam_web.outbox.models import Message
from goldseam_web.outbox.services import MESSAGES
from tests.rules.state_steps import MACHINES, NEW
from tests.web import people
from tests.web.acts_by_lot import ENCOUNTERS, HAPPENS, LATER, LotClinic, judge_by_lot, keep_by_lot
from tests.web.histories import STEADY, history
from tests.web.joint_acts import JOINT_ACTS, choose_words, newly_shown, shown_without_right
from tests.web.look_back_acts import LOOK_BACK_ACTS, newly_opened, opened_without_right

Step = tuple[str, str, str]
WATCHED_AFTER_END = timedelta(days=30)


class Drawn:
    """Draws from the few strategies that acts use, by a generator that is given: quick, and the same for a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def __call__(self, strategy: Any) -> Any:
        strategy = getattr(strategy, "wrapped_strategy", strategy)
        if hasattr(strategy, "elements"):
            return self.chance.choice(list(strategy.elements))
        if hasattr(strategy, "start"):
            return self.chance.randint(strategy.start, strategy.end)
        return self.chance.random() < 0.5


# --- more that may happen --------------------------------------------------------------------------


def _turns(c: LotClinic) -> None:
    """What a worker does until nothing is due: housekeeping, judging, sending."""
    tidy(at=c.now)
    for _ in range(300):
        if not work_once(worker=f"worker {c.draw(st.integers(1, 2))}", at=c.now):
            return
    raise AssertionError("the queue does not get empty")


def _worker_dies(c: LotClinic) -> None:
    """It had claimed something, and is heard of no more."""
    JOBS.claim(worker="dead", at=c.now)
    MESSAGES.claim(worker="dead", at=c.now)


def _notes_strain(c: LotClinic) -> None:
    encounter = c.one_of(Encounter.objects.filter(state="held").order_by(*ENCOUNTERS))
    if encounter is not None:
        open_by_hand(
            viewer=viewer_of(c.cast.ines.user, at=c.now),
            case=encounter.case,
            member=encounter.case.members.first(),
            encounter=encounter,
            at=c.now,
            episode_id=uuid.uuid4(),
        )


def _ends_by_hand(c: LotClinic) -> None:
    episode = c.one_of(Episode.objects.filter(series=None).order_by("opened_at", "number"))
    if episode is not None:
        status = c.draw(st.sampled_from(["repaired", "unrepaired", "open", "withdrawn"]))
        viewer = viewer_of(c.cast.ines.user, at=c.now)
        end_by_hand(viewer=viewer, episode=episode, status=EpisodeStatus(status), at=c.now)


def _says_afterwards(c: LotClinic) -> None:
    response = c.one_of(Response.objects.filter(state__in=HANDED_IN).order_by("rated_at"))
    if response is not None:
        taken_up = c.draw(st.sampled_from([TakenUp.MENDED, TakenUp.PARTLY, TakenUp.NOT_TAKEN_UP]))
        said = SaidAfterwards(audience=Audience.THERAPIST, taken_up=taken_up)
        device = c.draw(st.sampled_from(["", "another"]))
        say_afterwards(occasion=response.occasion, said=said, device=device, at=c.now)


def _asks_to_be_called(c: LotClinic) -> None:
    people.asks_to_be_called(people.member(c.cast.individual, "Ruth"), c.now)


def _moves_wish(c: LotClinic) -> None:
    concern = c.one_of(Concern.objects.order_by("received_at"))
    if concern is not None:
        to = c.draw(st.sampled_from([ConcernState.ANSWERED, ConcernState.CLOSED]))
        move_concern(concern=concern, to=to, note="", at=c.now, staff=concern.owner)


def _session_and_answer(c: LotClinic) -> None:
    """Ruth comes, and rates where she is asked; a fall now and then, and what she says of it."""
    ruth = people.member(c.cast.individual, "Ruth")
    if c.cast.individual.encounters.filter(state="planned").exists():
        return
    encounter = people.meet(c.cast.individual, c.cast.ines, c.now)
    asked = encounter.occasions.filter(respondent=ruth, phase=Phase.POST).first()
    if asked is None:  # she pauses, or has taken her consent back
        return
    tension = c.draw(st.sampled_from(["no", "no", "little", "clearly"]))
    worked_out = (
        {"worked_out": c.draw(st.sampled_from(["yes", "partly", "not_yet"]))} if tension != "no" else {}
    )
    level = c.draw(st.sampled_from([8.0, 8.0, 8.0, 7.0, 2.0, 4.0]))
    people.answer(asked, c.now, level, {"tension": tension, **worked_out})


_BY_WORKERS = {judge_by_lot, keep_by_lot}
ACTS = (
    *(act for act in HAPPENS if act not in _BY_WORKERS),
    *[_session_and_answer] * 6,
    *[_turns] * 8,
    *(_worker_dies, _notes_strain, _ends_by_hand, _ends_by_hand, _says_afterwards, _says_afterwards),
    *(_asks_to_be_called, _moves_wish, _moves_wish),
    *JOINT_ACTS,
    *LOOK_BACK_ACTS,
)
PAUSES = (*[timedelta(minutes=1)] * 3, timedelta(minutes=40), *[timedelta(hours=1)] * 3, *LATER)


# --- the steps, written down by the database -------------------------------------------------------


def watch_steps() -> None:
    """Have the database write every step of a state into a table of its own; undone with the transaction around."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE walked (machine text, before text, after text)")
        for name, machine in MACHINES.items():
            for statement in _triggers(name, machine.table, machine.column):
                cursor.execute(statement)


def _triggers(name: str, table: str, column: str) -> Iterator[str]:
    wrote = "INSERT INTO walked VALUES ('{}', {}, NEW.{});"
    new, changed = wrote.format(name, f"'{NEW}'", column), wrote.format(name, f"OLD.{column}", column)
    if connection.vendor == "sqlite":
        yield f"CREATE TRIGGER new_{table} AFTER INSERT ON {table} BEGIN {new} END"
        yield (
            f"CREATE TRIGGER step_{table} AFTER UPDATE OF {column} ON {table} "
            f"WHEN OLD.{column} <> NEW.{column} BEGIN {changed} END"
        )
        return
    for event, when, body in (
        ("INSERT", "", new),
        ("UPDATE", f"WHEN (OLD.{column} <> NEW.{column})", changed),
    ):
        function = f"walked_{event.lower()}_{table}"
        yield f"CREATE FUNCTION {function}() RETURNS trigger AS $$ BEGIN {body} RETURN NULL; END $$ LANGUAGE plpgsql"
        yield f"CREATE TRIGGER {function} AFTER {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {function}()"


def steps_walked() -> Counter[Step]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT machine, before, after, count(*) FROM walked GROUP BY machine, before, after")
        return Counter(
            {(machine, before, after): number for machine, before, after, number in cursor.fetchall()}
        )


# --- what no history may break ---------------------------------------------------------------------


@dataclass
class Watched:
    """What was there once, and may not go or change."""

    sent: dict[Any, tuple[Any, ...]] = field(default_factory=dict)
    signals: set[Any] = field(default_factory=set)
    shown: set[Any] = field(default_factory=set)
    opened: set[Any] = field(default_factory=set)

    def faults(self) -> Iterator[str]:
        yield from self._answers_lost()
        yield from self._signals_hidden()
        yield from self._shown_without_right()
        yield from _gold_without_a_yes()

    def _answers_lost(self) -> Iterator[str]:
        """The answers of a form that was sent stay as they were."""
        answers = Answer.objects.filter(response__state__in=HANDED_IN)
        now = {row[0]: row[1:] for row in answers.values_list("pk", "item", "value", "choice", "skipped")}
        for answer, given in self.sent.items():
            if now.get(answer) != given:
                yield f"an answer was {given} and is {now.get(answer)}"
        self.sent = now

    def _signals_hidden(self) -> Iterator[str]:
        now = set(AlertSignal.objects.values_list("pk", flat=True))
        if self.signals - now:
            yield f"{len(self.signals - now)} signals are gone"
        self.signals = now

    def _shown_without_right(self) -> Iterator[str]:
        """Whatever is shown to all of them, each of them released alone."""
        self.shown, new = newly_shown(self.shown)
        for view in new:
            yield from shown_without_right(view)
        self.opened, pages = newly_opened(self.opened)
        for page in pages:
            yield from opened_without_right(page)


def _gold_without_a_yes() -> Iterator[str]:
    """Gold needs, of the client themselves, *worked out* or *mended* in a form about the return or later."""
    for episode in Episode.objects.select_related("repair_encounter"):
        if not episode.mended:
            continue
        forms = Response.objects.filter(
            occasion__respondent=episode.member,
            occasion__case=episode.case_id,
            occasion__encounter__starts_at__gte=episode.repair_encounter.starts_at,
        )
        said = forms.filter(taken_up=TakenUp.MENDED) | forms.filter(
            answers__item="worked_out", answers__choice="yes"
        )
        if not said.exists():
            yield f"gold without the client's yes: episode {episode.number}, {episode.status}"


def unheard(at: datetime) -> Iterator[str]:
    """Findings nobody has opened, of cases somebody treats today, of which none who treats was told.

    Asked after a worker's turns with a mail server that takes everything. Told means that a message to them is there,
    whatever became of it.
    """
    for signal in AlertSignal.objects.filter(seen=None).select_related("case", "clinic"):
        day = local_day(signal.clinic, at)
        ended = signal.case.ended_on
        if ended is not None and day > ended + WATCHED_AFTER_END:
            continue
        links = signal.case.therapists.filter(starts_on__lte=day).select_related("therapist")
        here: list[Staff] = [
            link.therapist
            for link in links
            if link.ends_on is None or link.ends_on >= day
            if link.therapist.active
        ]
        of_response = AlertSignal.objects.filter(response=signal.response_id).values("pk")
        if here and not Message.objects.filter(subject__in=of_response, staff__in=here).exists():
            yield f"unheard: {signal.kind} raised {signal.raised_at}"


# --- the walk --------------------------------------------------------------------------------------


@contextmanager
def troubles(draw: Drawn) -> Iterator[dict[str, bool]]:
    """A mail server and a judging that fail now and then; ``["calm"]`` says whether they do not for the moment."""
    state = {"calm": False}
    evaluate = worker.evaluate_response

    def post(_message: Message, _letter: object) -> None:
        lot = 1.0 if state["calm"] else draw.chance.random()
        for below, error in ((0.1, OSError), (0.13, PermanentError), (0.17, UncertainError)):
            if lot < below:
                raise error

    def judging(**given: Any) -> Any:
        if not state["calm"] and draw.chance.random() < 0.2:
            raise RuntimeError("judging fails")
        return evaluate(**given)

    with mock.patch.dict(CHANNELS, {"email": post}), mock.patch.object(worker, "evaluate_response", judging):
        yield state


def walk(cast: people.Cast, now: datetime, *, seed: int, acts: int) -> tuple[Counter[Step], list[str]]:
    """Live through so many acts; the steps that were walked, and every fault with what led there."""
    draw, watched, faults = Drawn(seed), Watched(), []
    with transaction.atomic(), troubles(draw) as trouble:
        c = LotClinic(cast, now, draw)
        course = draw.chance.choice((STEADY, STEADY, (8.0, 8.0, 7.0)))
        history(cast.individual, cast.ines, people.member(cast.individual, "Ruth"), course, c.now)
        choose_words(c)
        watch_steps()
        for number in range(acts):
            c.now += draw.chance.choice(PAUSES)
            act = draw.chance.choice(ACTS)
            trouble["calm"] = draw.chance.random() < 0.3
            try:
                with transaction.atomic():
                    act(c)
            except (PermissionDenied, ValidationError):
                continue  # a service refused, and wrote nothing
            found = list(watched.faults())
            if act is _turns and trouble["calm"]:
                found += unheard(c.now)
            faults += [f"seed {seed}, act {number}, {act.__name__}: {fault}" for fault in found]
        steps = steps_walked()
        transaction.set_rollback(True)
    return steps, faults


def steps_outside(steps: Counter[Step]) -> list[Step]:
    """Those that the rule does not have."""
    return sorted(step for step in steps if step[1:] not in MACHINES[step[0]].steps)


def steps_not_seen(steps: Counter[Step]) -> list[Step]:
    """Those that the rule has and that were not walked."""
    allowed = [(name, *pair) for name, machine in MACHINES.items() for pair in sorted(machine.steps)]
    return [step for step in allowed if step not in steps]
