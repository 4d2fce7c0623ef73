"""Reads over signals, episodes and evaluations, always for a viewer and only of cases the viewer may see."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
)
from django.db.models.functions import Coalesce, TruncDate

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import Viewer
from goldseam_web.accounts.viewer_statements import PreparedForViewer
from goldseam_web.alerts.models import (
    DONE_WITH,
    ESCALATED,
    NOT_TAKEN_UP,
    PLANNED,
    RAISED,
    TO_LEAD,
    Acknowledgement,
    AlertSignal,
    Episode,
    EpisodeStatus,
    Evaluation,
    HelpRequest,
    Seen,
    SignalKind,
    Verdict,
)
from goldseam_web.alerts.read_first import readable_ratings, readable_signals
from goldseam_web.cases.access import own_cases, treated_by, visible_cases, watched_on
from goldseam_web.cases.models import Case, Encounter, EncounterState, TherapistPart
from goldseam_web.cases.room import Room, begun_sessions, room_from, since_when
from goldseam_web.lib.ids import KnownIds, as_text
from goldseam_web.measures.queries import RatingRow, ratings_of
from goldseam_web.outbox.models import Message, MessageState

ALERT_PURPOSES = (RAISED, ESCALATED, NOT_TAKEN_UP, TO_LEAD)


@dataclass(frozen=True, slots=True)
class SessionVerdict:
    """What the predictive criterion said about one series at one encounter."""

    series_id: uuid.UUID
    encounter_id: uuid.UUID
    verdict: str
    limit: float | None
    usual_low: float | None
    usual_high: float | None
    earlier_ratings: int

    @property
    def judged(self) -> bool:
        return self.verdict in (Verdict.MET, Verdict.NOT_MET)


# After so many sessions a plan that nobody answered for is the supervisor's too.
SESSIONS_TO_TAKE_UP = 2


def verdicts_of(
    viewer: Viewer,
    cases: Iterable[Case],
    encounters: Iterable[uuid.UUID] | None = None,
    series: Iterable[uuid.UUID] | None = None,
) -> list[SessionVerdict]:
    """Current evaluations by the predictive criterion, in one query; of these encounters and series, where given."""
    rows = Evaluation.objects.filter(
        clinic_id=viewer.clinic_id,
        series__case__in=_ids(cases),
        criterion="predictive",
        superseded_by=None,
    )
    if encounters is not None:
        rows = rows.filter(encounter__in=list(encounters))
    if series is not None:
        rows = rows.filter(series__in=list(series))
    ids = KnownIds()
    fields = rows.values_list(
        as_text("series_id"),
        as_text("encounter_id"),
        "verdict",
        "limit",
        "usual_low",
        "usual_high",
        "earlier_ratings",
    )
    return [SessionVerdict(ids[series], ids[encounter], *rest) for series, encounter, *rest in fields]


@dataclass(frozen=True)
class SignalStatus:
    """A signal and what became of it: not opened by the viewer yet, and the latest word of anyone who treats.

    ``plans`` counts the sessions it was planned for; planned twice for one session, it was planned once. ``by_nobody``:
    whether nobody at all has opened it.
    """

    signal: AlertSignal
    unopened: bool
    choice: str | None
    chosen_at: datetime | None
    chosen_by: uuid.UUID | None = None
    chosen_by_name: str = ""
    plans: int = 0
    by_nobody: bool = False


def signals_of(viewer: Viewer, cases: Iterable[Case], *, mine: bool = True) -> list[SignalStatus]:
    """Signals of cases that were read for this viewer, newest first, in one query.

    Where the viewer does not treat the cases (``mine``), unopened is what nobody has opened who does.
    """
    signals = AlertSignal.objects.filter(
        readable_signals(viewer), clinic_id=viewer.clinic_id, case__in=_ids(cases)
    )
    return _with_status(viewer, signals, mine=mine)


def signal_list(viewer: Viewer) -> list[SignalStatus]:
    """The signals of the viewer's own watched cases: unopened first, then the newest."""
    cases = own_cases(viewer).filter(watched_on(viewer.today))
    signals = AlertSignal.objects.filter(readable_signals(viewer), clinic_id=viewer.clinic_id, case__in=cases)
    found = _with_status(viewer, signals)
    return sorted(found, key=lambda status: not status.unopened)


def _with_status(
    viewer: Viewer, signals: "QuerySet[AlertSignal]", *, mine: bool = True
) -> list[SignalStatus]:
    opened = _opened_by(viewer) if mine else Exists(Seen.objects.filter(signal=OuterRef("pk")))
    last = Acknowledgement.objects.filter(signal=OuterRef("pk")).order_by("-at")
    held = Encounter.objects.filter(
        case=OuterRef("signal__case"), state=EncounterState.HELD, ends_at__lte=OuterRef("at")
    )
    sessions = held.order_by().values("case").annotate(count=Count("pk")).values("count")
    planned = (
        Acknowledgement.objects.filter(signal=OuterRef("pk"), choice__in=PLANNED)
        .annotate(after=Coalesce(Subquery(sessions, output_field=IntegerField()), 0))
        .order_by()
        .values("signal")
        .annotate(count=Count("after", distinct=True))
    )
    rows = (
        signals.select_related(
            "episode__series", "encounter__therapist", "encounter__beside", "series", "response__occasion"
        )
        .annotate(
            is_opened=opened,
            last_choice=Subquery(last.values("choice")[:1]),
            last_chosen_at=Subquery(last.values("at")[:1]),
            last_chosen_by=Subquery(last.values("staff_id")[:1], output_field=UUIDField()),
            last_chosen_by_name=Coalesce(Subquery(last.values("staff__full_name")[:1]), Value("")),
            plans=Coalesce(Subquery(planned.values("count"), output_field=IntegerField()), 0),
        )
        .order_by("-raised_at")
    )
    return [
        SignalStatus(
            row,
            not row.is_opened,
            row.last_choice,
            row.last_chosen_at,
            row.last_chosen_by,
            row.last_chosen_by_name,
            row.plans,
            row.first_seen_at is None,
        )
        for row in rows
    ]


# The order in which the findings of an alert are told: the client's own word first.
_ORDER = (
    SignalKind.WORD_ALONE,
    SignalKind.FELT_OFF,
    SignalKind.ASKED,
    SignalKind.STRAIN,
    SignalKind.EROSION,
    SignalKind.STRAIN_BETWEEN,
    SignalKind.GOALS_APART,
    SignalKind.LOW,
)


def alert_of(viewer: Viewer, signal_id: uuid.UUID) -> tuple[AlertSignal, ...]:
    """The alert one signal belongs to: all signals of its response, the most pressing first; empty for a stranger.

    A response is one person's, so the answers of two members are always two alerts. What was said by card is an alert
    by itself.
    """
    asked = AlertSignal.objects.filter(readable_signals(viewer), pk=signal_id, case__in=visible_cases(viewer))
    of_alert = Q(response__in=asked.values("response")) | Q(pk__in=asked.values("pk"))
    found = AlertSignal.objects.filter(of_alert).select_related(
        "case",
        "clinic",
        "encounter__therapist",
        "encounter__beside",
        "episode",
        "series",
        "evaluation__norms",
        "response__occasion__therapist",
        "member__person__identity",
    )
    signals = sorted(found, key=pressing)
    for signal in signals:
        if signal.response is not None:
            signal.response.occasion.encounter = signal.encounter
    return tuple(signals)


def findings_of_alert(signal: AlertSignal) -> "QuerySet[AlertSignal]":
    """All findings of the alert that one belongs to; for services, without a viewer."""
    if signal.response_id is None:
        return AlertSignal.objects.filter(pk=signal.pk)
    return AlertSignal.objects.filter(response=signal.response_id)


def pressing(signal: AlertSignal) -> int:
    """The place of a signal among the findings of its alert."""
    return _ORDER.index(SignalKind(signal.kind))


def next_alert(viewer: Viewer, *, after: Iterable[AlertSignal]) -> AlertSignal | None:
    """The viewer's oldest unopened signal that belongs to another alert than those shown."""
    shown = list(after)
    forms = {signal.response_id for signal in shown if signal.response_id}
    others = unopened_signals(viewer).exclude(pk__in=[signal.pk for signal in shown])
    return others.exclude(response__in=forms).order_by("raised_at").first()


def acknowledgements_of(findings: Iterable[AlertSignal]) -> list[Acknowledgement]:
    """What was said about signals that were read for a viewer, oldest first."""
    return list(Acknowledgement.objects.filter(signal__in=findings).select_related("staff"))


def help_asked_about(findings: Iterable[AlertSignal]) -> HelpRequest | None:
    """The running request to look at one of these signals, which were read for a viewer."""
    ids = [signal.pk for signal in findings]
    found = HelpRequest.objects.filter(signal__in=ids, taken_back_at=None).select_related("staff")
    return found.first()


def people_told(findings: Iterable[AlertSignal]) -> list[str]:
    """Who has been sent a message about signals that were read for a viewer; what still waits has told nobody."""
    return _recipients_in(findings, MessageState.SENT)


def people_not_reached(findings: Iterable[AlertSignal]) -> list[str]:
    """Whose message about signals that were read for a viewer was refused for good."""
    return _recipients_in(findings, MessageState.FAILED)


def _recipients_in(findings: Iterable[AlertSignal], state: MessageState) -> list[str]:
    ids = [signal.pk for signal in findings]
    rows = Message.objects.filter(purpose__in=ALERT_PURPOSES, subject__in=ids, state=state)
    names = rows.order_by("queued_at").values_list("staff__full_name", flat=True)
    return list(dict.fromkeys(names))


def about_signal(*purposes: str) -> "QuerySet[Message]":
    """Messages about the signal of the query around this one; of all purposes if none is named."""
    return Message.objects.filter(subject=OuterRef("pk"), purpose__in=purposes or ALERT_PURPOSES)


def plans_left_open() -> "QuerySet[AlertSignal]":
    """Plans of open cases that nobody answered for in two sessions; for the worker, without a viewer."""
    since = Encounter.objects.filter(
        case=OuterRef("case"), state=EncounterState.HELD, ends_at__gt=OuterRef("open_plan_since")
    )
    return (
        AlertSignal.objects.filter(open_plan_since__isnull=False, case__ended_on=None)
        .annotate(sessions=Subquery(since.order_by().values("case").annotate(n=Count("pk")).values("n")))
        .filter(sessions__gte=SESSIONS_TO_TAKE_UP)
    )


def unopened_signals(viewer: Viewer) -> "QuerySet[AlertSignal]":
    """Signals of the viewer's own watched cases that the viewer has not opened."""
    own = own_cases(viewer).filter(watched_on(viewer.today))
    return AlertSignal.objects.filter(~_opened_by(viewer), readable_signals(viewer), case__in=own)


def _opened_by(viewer: Viewer) -> Q:
    """Of a row of a signal: whether the viewer has opened it. To a cover, what is done with is nothing new."""
    seen = Seen.objects.filter(signal=OuterRef("pk"), staff_id=viewer.staff_id)
    covered = treated_by(viewer).filter(part=TherapistPart.COVER).values("case")
    done = Acknowledgement.objects.filter(
        signal=OuterRef("pk"), signal__case__in=covered, choice__in=DONE_WITH
    )
    return Q(Exists(seen)) | Q(Exists(done))


def ended_with_news(viewer: Viewer) -> "QuerySet[Case]":
    """The viewer's own cases that ended a short while ago and about which there is something to open or to answer.

    What was raised before a case ended and was opened then is over with it.
    """
    own = own_cases(viewer).filter(watched_on(viewer.today), ended_on__isnull=False)
    unopened = unopened_signals(viewer).filter(case=OuterRef("pk"))
    later = (
        AlertSignal.objects.filter(readable_signals(viewer))
        .annotate(day=TruncDate("raised_at", tzinfo=viewer.time_zone))
        .filter(case=OuterRef("pk"), acknowledgements=None, day__gte=OuterRef("ended_on"))
    )
    return own.filter(Exists(unopened) | Exists(later))


@dataclass(frozen=True)
class FrameFacts:
    """What the frame of every page shows: the change counter, unopened alerts, and whether somebody may see it.

    ``by_hand``: whether anybody of the clinic has noted strain by hand, so that lists need not ask where nobody has.
    """

    change_counter: int
    unopened: int
    room: Room | None
    by_hand: bool


def frame_facts(viewer: Viewer, *, at: datetime) -> FrameFacts:
    """All in one query; in the room one more, for its session."""
    [row] = _FRAME.rows(viewer, at=at)
    return FrameFacts(row[0], row[1], room_from(row[3], row[4]), row[2])


def _frame(viewer: Viewer, at: datetime) -> "QuerySet[Staff, tuple[Any, ...]]":
    signals = unopened_signals(viewer).order_by().values("clinic")
    alerts = Coalesce("response_id", "pk", output_field=UUIDField())
    unopened = signals.annotate(count=Count(alerts, distinct=True)).values("count")
    noted_by_hand = Episode.objects.filter(clinic=OuterRef("clinic"), series=None)
    return (
        Staff.objects.filter(pk=viewer.staff_id)
        .annotate(
            counter=Coalesce(F("clinic__pulse__counter"), 0) + Coalesce(F("pulse__counter"), 0),
            begun=Subquery(begun_sessions(at, earliest=since_when(at)).values("pk")[:1]),
            unopened=Coalesce(Subquery(unopened), 0),
            by_hand=Exists(noted_by_hand.exclude(status=EpisodeStatus.WITHDRAWN)),
        )
        .values_list("counter", "unopened", "by_hand", "alone_since", "begun")
    )


_FRAME: PreparedForViewer[tuple[Any, ...]] = PreparedForViewer(_frame, at=datetime)


def ratings_to_draw(
    viewer: Viewer,
    cases: Iterable[Case],
    *,
    scales: Iterable[str],
    if_noticed: Iterable[str],
    encounters: Iterable[uuid.UUID] | None = None,
) -> list[RatingRow]:
    """Ratings on ``scales``; on ``if_noticed`` only of raters about whom there is a signal; of these encounters."""
    signals = AlertSignal.objects.filter(readable_signals(viewer))
    noticed = Q(Exists(signals.filter(member=OuterRef("series__rater"))))
    which = Q(scale__in=tuple(scales)) | (Q(scale__in=tuple(if_noticed)) & noticed)
    if encounters is not None:
        which &= Q(encounter__in=list(encounters))
    return ratings_of(viewer, cases, which & readable_ratings(viewer))


def ratings_read(viewer: Viewer, cases: Iterable[Case], scales: Iterable[str]) -> list[RatingRow]:
    """Ratings on these scales that the viewer reads by now."""
    return ratings_of(viewer, cases, Q(scale__in=tuple(scales)) & readable_ratings(viewer))


def opened_about(viewer: Viewer, encounter_id: uuid.UUID) -> bool:
    """Whether the viewer has opened any signal about this encounter."""
    return Seen.objects.filter(staff_id=viewer.staff_id, signal__encounter_id=encounter_id).exists()


def newest_signal_of(episode: Episode) -> AlertSignal | None:
    """The signal raised last of an episode that was read for a viewer."""
    return episode.signals.order_by("-raised_at").first()


def episodes_of(viewer: Viewer, cases: Iterable[Case]) -> "QuerySet[Episode]":
    """Episodes that stand, in order; a withdrawn one was undone by later answers."""
    return (
        Episode.objects.filter(clinic_id=viewer.clinic_id, case__in=_ids(cases))
        .exclude(status=EpisodeStatus.WITHDRAWN)
        .select_related("series", "opened_by", "onset")
        .order_by("number")
    )


def episode_of(viewer: Viewer, episode_id: uuid.UUID) -> Episode | None:
    """One episode of a case the viewer may see, or None."""
    return (
        Episode.objects.filter(pk=episode_id, case__in=visible_cases(viewer))
        .exclude(status=EpisodeStatus.WITHDRAWN)
        .first()
    )


def _ids(cases: Iterable[Case]) -> list[uuid.UUID]:
    return [case.pk for case in cases]
