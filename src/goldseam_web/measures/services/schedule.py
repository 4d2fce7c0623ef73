"""What a clinic asks, of whom and when: read for its page, and changed for the sessions planned from then on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.core.exceptions import ValidationError

from goldseam import Question, Respondent
from goldseam_web.accounts.models import Clinic, Phase
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import Actor
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.models import MeasureVersion, Response, ResponseState
from goldseam_web.measures.own_measures import ALLIANCE_MEASURE, HOME_MEASURE, PROGRESS_MEASURE
from goldseam_web.measures.queries import measure_of

MOST_QUESTIONS = 12
FORMS_TO_TIME = 20
TIMED_OVER = timedelta(days=90)
WINDOWS = (24, 48, 72, 96, 168)

# Those whose questions differ, as measures know them.
RESPONDENTS = {
    "alone": Respondent("individual", "client"),
    "partner": Respondent("couple", "partner", partnered=True),
    "parent": Respondent("family", "parent", parent=True),
    "child": Respondent("family", "child"),
    "other": Respondent("family", "other"),
}


@dataclass(frozen=True)
class AskedOf:
    """What one kind of person is asked for one session, follow-up questions left out."""

    key: str
    before: tuple[Question, ...]
    after: tuple[Question, ...]

    @property
    def count(self) -> int:
        return len(self.before) + len(self.after)


def asked_by_kind(clinic: Clinic) -> list[AskedOf]:
    """What each kind of person is asked about a session that is not the first."""
    enabled = MeasureVersion.objects.filter(clinic=clinic, enabled=True).order_by("installed_at")
    newest = {version.key: measure_of(version) for version in enabled}
    late = clinic.alliance_phase == Phase.POST
    ahead = (PROGRESS_MEASURE,) if late else (ALLIANCE_MEASURE, PROGRESS_MEASURE)
    behind = (ALLIANCE_MEASURE,) if late else ()

    def questions(keys: tuple[str, ...], respondent: Respondent) -> tuple[Question, ...]:
        asked = (item for key in keys if key in newest for item in newest[key].items_for(respondent))
        return tuple(item for item in asked if item.shown_after is None)

    return [AskedOf(key, questions(ahead, who), questions(behind, who)) for key, who in RESPONDENTS.items()]


@dataclass(frozen=True)
class InUse:
    """Whether the questions on how things are go are in use, and the one on home beside the alliance."""

    progress: bool
    home: bool


def in_use(clinic: Clinic) -> InUse:
    """What the clinic asks beside the alliance."""
    enabled = MeasureVersion.objects.filter(clinic=clinic, enabled=True).values_list("key", flat=True)
    keys = set(enabled)
    return InUse(progress=PROGRESS_MEASURE in keys, home={ALLIANCE_MEASURE, HOME_MEASURE} <= keys)


def time_taken(clinic: Clinic, *, at: datetime) -> tuple[timedelta | None, int]:
    """How long half of the clients' forms took at most, pauses in between included, and of how many that is said.

    None with fewer than `FORMS_TO_TIME` forms within `TIMED_OVER`.
    """
    forms = Response.objects.filter(
        clinic=clinic,
        state=ResponseState.COMPLETED,
        rated_at__gte=at - TIMED_OVER,
        occasion__respondent__isnull=False,
        revision=0,
    )
    times = forms.values_list("started_at", "rated_at")
    taken = [(rated - started).total_seconds() for started, rated in times if rated is not None]
    half = timedelta(seconds=median(taken)) if len(taken) >= FORMS_TO_TIME else None
    return half, len(taken)


@one_transaction
def set_schedule(
    *,
    clinic: Clinic,
    alliance_phase: Phase,
    window_hours: int,
    progress: bool,
    home: bool,
    on_one_page: bool = False,
    tells_when_read: bool = False,
    offers_look_back: bool = True,
    at: datetime,
    actor: Actor,
) -> None:
    """Change what is asked when, for what is planned from now on, and how it is shown, which holds at once."""
    if window_hours not in WINDOWS:
        allowed = ", ".join(map(str, WINDOWS))
        raise ValidationError(f"{window_hours} hours given for a link to work; one of {allowed}.")
    Clinic.objects.filter(pk=clinic.pk).update(
        alliance_phase=alliance_phase,
        window_hours=window_hours,
        form_on_one_page=on_one_page,
        tells_when_read=tells_when_read,
        offers_look_back=offers_look_back,
    )
    for key, enabled in ((PROGRESS_MEASURE, progress), (HOME_MEASURE, home)):
        MeasureVersion.objects.filter(clinic=clinic, key=key).update(enabled=enabled)
    details = {
        "alliance_phase": alliance_phase,
        "window_hours": window_hours,
        "progress": progress,
        "home": home,
    }
    details |= {"on_one_page": on_one_page, "tells_when_read": tells_when_read}
    details["offers_look_back"] = offers_look_back
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.schedule", details=details)
