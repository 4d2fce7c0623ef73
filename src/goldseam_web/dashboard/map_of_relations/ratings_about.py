"""Which session is shown of each therapist, and what each member rated about it."""

import uuid
from dataclasses import dataclass, replace

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.case_standing.case_status import CaseStatus
from goldseam_web.alerts.single_answers import LOW
from goldseam_web.cases.models import Encounter, Member
from goldseam_web.cases.queries import held_by
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.drawing import RelationValue
from goldseam_web.dashboard.drawing.chart_data import Asked
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.own_measures import GROUP_THERAPIST, OTHER_THERAPIST, SELF_THERAPIST, WITHIN
from goldseam_web.measures.queries import RatingRow

MOST_THERAPISTS = 2
# The relations beside each member's own with the therapist, in the order in which the words for them stand.
INSIDE = (OTHER_THERAPIST, GROUP_THERAPIST, WITHIN)


@dataclass(frozen=True)
class About:
    """The latest session with one therapist that anybody has rated, with one of those who rated it."""

    therapist_id: uuid.UUID
    name: str
    own: bool
    encounter: Encounter
    rater: uuid.UUID


@dataclass(frozen=True)
class RelationView:
    """One case as its relations are shown: who looks, the rows, the sessions that are shown, and who is seated."""

    visit: StaffVisit
    rows: CaseRows
    about: tuple[About, ...]
    seated: tuple[Member, ...]
    status: CaseStatus
    kept_back: uuid.UUID | None = None

    @property
    def held(self) -> tuple[Encounter, ...]:
        """The sessions that took place, but for one whose answers are kept back until the therapist's guess."""
        return tuple(e for e in self.record.held if e.id != self.kept_back)

    @property
    def record(self) -> CaseRecord:
        return self.rows.record

    @property
    def kind(self) -> str:
        """Couple or family, by which words are chosen."""
        return self.record.case.kind

    @property
    def latest(self) -> About:
        """The session about which the relations beside the therapist's are shown."""
        return max(self.about, key=lambda each: each.encounter.starts_at)

    def told(self, about: About) -> CaseRecord:
        """The case as it is told of that therapist."""
        return self.record.told_of(about.therapist_id)

    def value(self, member: Member, scale: str, about: About) -> float | None:
        return value_about(self.told(about), member, scale, about.encounter)

    def asked(self, about: uuid.UUID, encounter: Encounter, member: Member, scale: str) -> Asked:
        """Whether the member was asked about that therapist."""
        return replace(self.rows, record=self.record.told_of(about)).asked(encounter, member.id, scale)

    def reason(self, member: Member, scale: str, encounter: Encounter, about: uuid.UUID) -> str:
        """Why there is no rating, by its word."""
        row = rating_about(self.record.told_of(about), member, scale, encounter)
        if row is not None and row.late:
            return "late"
        answered = self.record.rated_of_anyone.get((member.id, SELF_THERAPIST), {}).get(encounter.id)
        if row is None and answered is not None and scale != SELF_THERAPIST:
            # Of whom nobody else was there, only the work with the therapist is asked; one item gives way at times.
            return "not_asked"
        asked = self.asked(about, encounter, member, scale)
        request = self.record.request(encounter.id, member.id)
        if asked == "unanswered" and request is not None and request.closes_at > self.visit.at:
            return "waiting"
        return asked


def sessions_shown(record: CaseRecord) -> tuple[About, ...]:
    """Of the therapists who held the latest sessions, at most two: the reader, or who led last, first."""
    found: dict[uuid.UUID, About] = {}
    for e in reversed(record.held):
        for therapist in held_by(e):
            told = record.told_of(therapist.pk)
            raters = (m for m in record.members if value_about(told, m, SELF_THERAPIST, e) is not None)
            rater = next((m.id for m in raters), None)
            if rater is not None and therapist.pk not in found:
                own = therapist.pk == record.reader
                found[therapist.pk] = About(therapist.pk, therapist.display_name, own, e, rater)
    ordered = sorted(found.values(), key=lambda each: each.therapist_id != record.therapist_id)
    return tuple(ordered[:MOST_THERAPISTS])


def rating_about(record: CaseRecord, member: Member, scale: str, encounter: Encounter) -> RatingRow | None:
    """A rating of the measure's version in use; what came late is shown on the case's chart and not compared here.

    The work with a therapist is that with the one of whom the case is told; the other relations are about whomever
    the form named.
    """
    given = record.rated if scale == SELF_THERAPIST else record.rated_of_anyone
    row = given.get((member.id, scale), {}).get(encounter.id)
    return row if row is not None and row.major == record.major[scale] else None


def value_about(record: CaseRecord, member: Member, scale: str, encounter: Encounter) -> float | None:
    row = rating_about(record, member, scale, encounter)
    return row.value if row is not None and not row.late else None


def earlier_rating(
    record: CaseRecord, member: Member, scale: str, encounter: Encounter
) -> tuple[Encounter, float] | None:
    """The member's last rating of the same relation before a session, with the session it is about."""
    now = rating_about(record, member, scale, encounter)
    therapist = now.therapist_id if now is not None else record.therapist_id
    for before in reversed(record.held):
        if before.starts_at >= encounter.starts_at:
            continue
        row = rating_about(record, member, scale, before)
        if row is None or row.late or row.value is None or row.therapist_id not in (None, therapist):
            continue
        return before, row.value
    return None


def shown(value: float | None, *, judging: bool, worth_a_word: bool = False) -> RelationValue:
    """A rating as it is drawn; where the install only records, nothing is marked."""
    low = judging and value is not None and (value < LOW or worth_a_word)
    return RelationValue(value, low)
