"""Which session is shown of each therapist, and what each member rated about it."""

import uuid
from dataclasses import dataclass

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.case_standing.case_status import CaseStatus
from goldseam_web.alerts.single_answers import LOW
from goldseam_web.cases.models import Encounter, Member
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.drawing import RelationValue
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

    def value(self, member: Member, scale: str, encounter: Encounter) -> float | None:
        return value_about(self.record, member, scale, encounter)

    def reason(self, member: Member, scale: str, encounter: Encounter) -> str:
        """Why there is no rating, by its word."""
        row = rating_about(self.record, member, scale, encounter)
        if row is not None and row.late:
            return "late"
        answered = self.record.ratings_by(member.id, SELF_THERAPIST).get(encounter.id)
        if row is None and answered is not None and scale != SELF_THERAPIST:
            # Of whom nobody else was there, only the work with the therapist is asked; one item gives way at times.
            return "not_asked"
        asked = self.rows.asked(encounter, member.id, scale)
        request = self.record.request(encounter.id, member.id)
        if asked == "unanswered" and request is not None and request.closes_at > self.visit.at:
            return "waiting"
        return asked


def sessions_shown(record: CaseRecord) -> tuple[About, ...]:
    """Of the therapists who led the latest sessions, at most two: the reader, or who led last, first."""
    found: dict[uuid.UUID, About] = {}
    for e in reversed(record.held):
        raters = (m for m in record.members if value_about(record, m, SELF_THERAPIST, e) is not None)
        rater = next((m.id for m in raters), None)
        if rater is not None and e.therapist_id not in found:
            own = e.therapist_id == record.reader
            found[e.therapist_id] = About(e.therapist_id, e.therapist.display_name, own, e, rater)
    ordered = sorted(found.values(), key=lambda each: each.therapist_id != record.therapist_id)
    return tuple(ordered[:MOST_THERAPISTS])


def rating_about(record: CaseRecord, member: Member, scale: str, encounter: Encounter) -> RatingRow | None:
    """A rating of the measure's version in use; what came late is shown on the case's chart and not compared here.

    Of two therapists who held a session, the side of the one it is named after is drawn.
    """
    row = record.ratings_by(member.id, scale).get(encounter.id)
    if row is not None and row.therapist_id not in (None, encounter.therapist_id):
        return None
    return row if row is not None and row.major == record.major[scale] else None


def value_about(record: CaseRecord, member: Member, scale: str, encounter: Encounter) -> float | None:
    row = rating_about(record, member, scale, encounter)
    return row.value if row is not None and not row.late else None


def earlier_rating(
    record: CaseRecord, member: Member, scale: str, encounter: Encounter, *, of_therapist: bool
) -> tuple[Encounter, float] | None:
    """The member's last rating of the same relation before a session, with the session it is about."""
    for before in reversed(record.held):
        if before.starts_at >= encounter.starts_at:
            continue
        if of_therapist and before.therapist_id != encounter.therapist_id:
            continue
        value = value_about(record, member, scale, before)
        if value is not None:
            return before, value
    return None


def shown(value: float | None, *, judging: bool, worth_a_word: bool = False) -> RelationValue:
    """A rating as it is drawn; where the install only records, nothing is marked."""
    low = judging and value is not None and (value < LOW or worth_a_word)
    return RelationValue(value, low)
