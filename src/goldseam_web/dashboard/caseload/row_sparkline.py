"""The sparkline of a case: the member a sentence is about in ink, the others pale."""

from goldseam_web.alerts.models import Episode
from goldseam_web.alerts.states import Relation
from goldseam_web.cases.models import Member
from goldseam_web.dashboard.case.record import CaseRecord
from goldseam_web.dashboard.case.status import CaseStatus, is_under_way
from goldseam_web.dashboard.drawing import Spark, SparkLine, draw_spark
from goldseam_web.dashboard.language import caseload_page as say
from goldseam_web.measures.own_measures import SELF_THERAPIST, WITHIN

DEFAULT_RANGE = (0.0, 10.0)


def spark_of(record: CaseRecord, status: CaseStatus) -> Spark | None:
    """The last ten sessions on the scale the status speaks of; None where nobody has rated it."""
    scale = _scale(status)
    member = status.member or _most_recent(record, scale)
    if member is None:
        return None
    values = record.values(member.id, scale)
    if not any(v is not None for v in values):
        return None
    line = _line(record, status, member, scale)
    others = [record.values(m.id, scale) for m in record.members if m.id != member.id]
    minimum, maximum = _range(record, member, scale)
    return draw_spark(line, others, minimum, maximum, _label(record, member, values))


def _scale(status: CaseStatus) -> str:
    if status.episode is not None and status.episode.series is not None:
        return status.episode.series.scale
    between = status.member_state is not None and status.member_state.relation == Relation.WITHIN
    return WITHIN if between else SELF_THERAPIST


def _most_recent(record: CaseRecord, scale: str) -> Member | None:
    return next((m for m in record.members if record.latest(m.id, scale) is not None), None)


def _range(record: CaseRecord, member: Member, scale: str) -> tuple[float, float]:
    row = record.latest(member.id, scale)
    return (row.minimum, row.maximum) if row else DEFAULT_RANGE


def _line(record: CaseRecord, status: CaseStatus, member: Member, scale: str) -> SparkLine:
    judged = [record.verdict(member.id, scale, e.id) for e in record.held]
    episode = status.episode if status.episode and status.episode.member_id == member.id else None
    values = record.values(member.id, scale)
    return SparkLine(
        values=tuple(values),
        low=tuple(j.usual_low if j else None for j in judged),
        high=tuple(j.usual_high if j else None for j in judged),
        missed=_missed(values),
        onset=_index(record, episode, "onset_id"),
        nadir=_index(record, episode, "nadir_encounter_id"),
        repair=_index(record, episode, "repair_encounter_id"),
        mended=episode.mended if episode else False,
        under_way=is_under_way(status.label),
    )


def _missed(values: list[float | None]) -> tuple[bool, ...]:
    """Sessions without a rating after the first one there is."""
    first = next((k for k, v in enumerate(values) if v is not None), len(values))
    return tuple(v is None and k > first for k, v in enumerate(values))


def _index(record: CaseRecord, episode: Episode | None, field: str) -> int | None:
    number = record.session(getattr(episode, field)) if episode else None
    return number - 1 if number else None


def _label(record: CaseRecord, member: Member, values: list[float | None]) -> str:
    """The picture in words."""
    last = [v for v in values[-10:] if v is not None]
    name = record.name(member.id)
    if len(last) == 1:
        return say.SPARKLINE_ONE.format(name=name, last=last[0])
    return say.SPARKLINE.format(name=name, count=len(last), first=last[0], last=last[-1], lowest=min(last))
