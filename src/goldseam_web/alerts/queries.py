"""Reads over signals, episodes and evaluations, always for a viewer and only of cases the viewer may see."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.models import (
    Acknowledgement,
    AlertSignal,
    Episode,
    EpisodeStatus,
    Evaluation,
    Seen,
    Verdict,
)
from goldseam_web.cases.access import own_cases, visible_cases
from goldseam_web.cases.models import Case
from goldseam_web.lib.ids import KnownIds, as_text


@dataclass(frozen=True, slots=True)
class Judgement:
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


def judgements_of(
    viewer: Viewer,
    cases: Iterable[Case],
    encounters: Iterable[uuid.UUID] | None = None,
    series: Iterable[uuid.UUID] | None = None,
) -> list[Judgement]:
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
    return [Judgement(ids[series], ids[encounter], *rest) for series, encounter, *rest in fields]


@dataclass(frozen=True)
class SignalStatus:
    """A signal and what became of it: not opened by the viewer yet, and the latest word of anyone who treats."""

    signal: AlertSignal
    unopened: bool
    choice: str | None
    chosen_at: datetime | None


def signals_of(viewer: Viewer, cases: Iterable[Case]) -> list[SignalStatus]:
    """Signals of cases that were read for this viewer, newest first, in one query."""
    return _signal_statuses(
        viewer, AlertSignal.objects.filter(clinic_id=viewer.clinic_id, case__in=_ids(cases))
    )


def signal_list(viewer: Viewer) -> list[SignalStatus]:
    """The signals of the viewer's own open cases: unopened first, then the newest."""
    cases = own_cases(viewer).filter(ended_on=None)
    found = _signal_statuses(viewer, AlertSignal.objects.filter(clinic_id=viewer.clinic_id, case__in=cases))
    return sorted(found, key=lambda status: not status.unopened)


def _signal_statuses(viewer: Viewer, signals: "QuerySet[AlertSignal]") -> list[SignalStatus]:
    seen = Seen.objects.filter(signal=OuterRef("pk"), staff_id=viewer.staff_id)
    last = Acknowledgement.objects.filter(signal=OuterRef("pk")).order_by("-at")
    rows = (
        signals.select_related("episode__series", "encounter", "series", "response")
        .annotate(
            is_opened=Exists(seen),
            last_choice=Subquery(last.values("choice")[:1]),
            last_chosen_at=Subquery(last.values("at")[:1]),
        )
        .order_by("-raised_at")
    )
    return [SignalStatus(row, not row.is_opened, row.last_choice, row.last_chosen_at) for row in rows]


def signal_of(viewer: Viewer, signal_id: uuid.UUID) -> AlertSignal | None:
    """One signal of a case the viewer may see, or None."""
    return (
        AlertSignal.objects.filter(pk=signal_id, case__in=visible_cases(viewer))
        .select_related(
            "case",
            "clinic",
            "encounter__therapist",
            "episode",
            "series",
            "evaluation__norms",
            "response__occasion",
            "member__person__identity",
        )
        .first()
    )


def acknowledgements_of(signal: AlertSignal) -> list[Acknowledgement]:
    """What was said about a signal that was read for a viewer, oldest first."""
    return list(signal.acknowledgements.select_related("staff"))


def people_told(signal: AlertSignal) -> list[str]:
    """Who has been sent a message about a signal that was read for a viewer."""
    sent = signal.deliveries.exclude(state="cancelled").select_related("recipient").order_by("queued_at")
    return list(dict.fromkeys(delivery.recipient.full_name for delivery in sent))


def unopened_signals(viewer: Viewer) -> "QuerySet[AlertSignal]":
    """Signals of the viewer's own open cases that the viewer has not opened."""
    seen = Seen.objects.filter(signal=OuterRef("pk"), staff_id=viewer.staff_id)
    return AlertSignal.objects.filter(
        ~Exists(seen), clinic_id=viewer.clinic_id, case__in=own_cases(viewer).filter(ended_on=None)
    )


def opened_about(viewer: Viewer, encounter_id: uuid.UUID) -> bool:
    """Whether the viewer has opened any signal about this encounter."""
    return Seen.objects.filter(staff_id=viewer.staff_id, signal__encounter_id=encounter_id).exists()


def episodes_of(viewer: Viewer, cases: Iterable[Case]) -> "QuerySet[Episode]":
    """Episodes that stand, in order; a withdrawn one was undone by later answers."""
    return (
        Episode.objects.filter(clinic_id=viewer.clinic_id, case__in=_ids(cases))
        .exclude(status=EpisodeStatus.WITHDRAWN)
        .select_related("series")
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
