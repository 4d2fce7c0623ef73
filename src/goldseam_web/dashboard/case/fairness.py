"""A low or falling rating of *fair to all of us*, told with its number and beside everybody else's of that session."""

import uuid
from statistics import fmean

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.single_answers import LOW, fall_of, fell_by_itself
from goldseam_web.cases.models import Encounter
from goldseam_web.dashboard.case.page import Fairness, Option
from goldseam_web.dashboard.language import fair_to_all as say
from goldseam_web.dashboard.language import help_options
from goldseam_web.dashboard.language.help_options import HelpText
from goldseam_web.dashboard.language.phrases import session
from goldseam_web.measures.models import Audience
from goldseam_web.measures.own_measures import GROUP_THERAPIST


def fairness_of(
    record: CaseRecord, member_id: uuid.UUID, encounter: Encounter, *, reader: uuid.UUID, audience: str | None
) -> Fairness | None:
    """What there is to say of one member's rating about one session; None where it is neither low nor fallen.

    ``reader`` is the member of staff who reads, ``audience`` what the member said about who may hear of the answers.
    """
    now = _given(record, member_id, encounter)
    if now is None:
        return None
    earlier = [e for e in record.held if e.starts_at < encounter.starts_at]
    before = [value for e in earlier if (value := _given(record, member_id, e)) is not None]
    if now >= LOW and not fell_by_itself(fall_of(now, before)):
        return None
    sentence = (say.LOW if now < LOW else say.FELL).told(own=encounter.therapist_id == reader)
    name = record.name(member_id)
    return Fairness(
        sentence=sentence.format(
            session=session(record.session(encounter.id)),
            name=name,
            therapist=encounter.therapist.full_name,
            value=now,
            usual=fmean(before) if before else now,
        ),
        views=_views(record, encounter),
        note=say.NOTE,
        options=tuple(Option(t.icon, t.title.format(name=name), t.text) for t in fairness_texts(audience)),
    )


def _given(record: CaseRecord, member_id: uuid.UUID, encounter: Encounter) -> float | None:
    """A rating given in time: a late one is shown elsewhere and judged nowhere."""
    row = record.ratings_by(member_id, GROUP_THERAPIST).get(encounter.id)
    return row.value if row is not None and not row.late else None


def _views(record: CaseRecord, encounter: Encounter) -> str:
    """Everybody's own number, where there are two at least."""
    views = [
        say.VIEW.format(name=record.name(m.id), value=value)
        for m in record.members
        if (value := _given(record, m.id, encounter)) is not None
    ]
    return say.VIEWS.format(views=", ".join(views)) if len(views) > 1 else ""


def fairness_texts(audience: str | None) -> tuple[HelpText, ...]:
    """What might help; for the joint room only what the member released to everybody."""
    if audience == Audience.KNOW_ONLY:
        return help_options.JUST_KNOWING
    last = help_options.SHARE_THE_TIME if audience == Audience.ALL else help_options.LEAVE_NEXT_STEP
    return (help_options.ASK_ABOUT_FAIRNESS, help_options.ROOM_YOU_GIVE, last)
