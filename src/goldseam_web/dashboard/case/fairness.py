"""A low or falling rating of *fair to all of us*, told with its number and beside everybody else's of that session."""

import uuid
from statistics import fmean

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.single_answers import LOW, fall_of, fell_by_itself
from goldseam_web.cases.models import Encounter
from goldseam_web.cases.queries import therapist_rated
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
    given = _given(record, member_id, encounter)
    if given is None:
        return None
    now, named = given
    earlier = [e for e in record.held if e.starts_at < encounter.starts_at]
    before = [value for e in earlier for value in _values(record, member_id, e, of=named)]
    if now >= LOW and not fell_by_itself(fall_of(now, before)):
        return None
    sentence = (say.LOW if now < LOW else say.FELL).told(own=named == reader)
    name = record.name(member_id)
    return Fairness(
        sentence=sentence.format(
            session=session(record.session(encounter.id)),
            name=name,
            therapist=therapist_rated(encounter, named).full_name,
            value=now,
            usual=fmean(before) if before else now,
        ),
        views=_views(record, encounter, of=named),
        note=say.NOTE,
        options=tuple(Option(t.icon, t.title.format(name=name), t.text) for t in fairness_texts(audience)),
    )


def _given(
    record: CaseRecord, member_id: uuid.UUID, encounter: Encounter
) -> tuple[float, uuid.UUID | None] | None:
    """A rating given in time, with the therapist it names: a late one is shown elsewhere and judged nowhere."""
    row = record.rated_of_anyone.get((member_id, GROUP_THERAPIST), {}).get(encounter.id)
    if row is None or row.late or row.value is None:
        return None
    return row.value, row.therapist_id


def _values(
    record: CaseRecord, member_id: uuid.UUID, encounter: Encounter, *, of: uuid.UUID | None
) -> list[float]:
    """The same of one therapist; of somebody else who held an earlier session by themselves, too."""
    given = _given(record, member_id, encounter)
    if given is None or (given[1] != of and encounter.beside_id is not None):
        return []
    return [given[0]]


def _views(record: CaseRecord, encounter: Encounter, *, of: uuid.UUID | None) -> str:
    """Everybody's own number of this therapist, where there are two at least."""
    views = [
        say.VIEW.format(name=record.name(m.id), value=value)
        for m in record.members
        for value in _values(record, m.id, encounter, of=of)
    ]
    return say.VIEWS.format(views=", ".join(views)) if len(views) > 1 else ""


def fairness_texts(audience: str | None) -> tuple[HelpText, ...]:
    """What might help; for the joint room only what the member released to everybody."""
    if audience == Audience.KNOW_ONLY:
        return help_options.JUST_KNOWING
    last = help_options.SHARE_THE_TIME if audience == Audience.ALL else help_options.LEAVE_NEXT_STEP
    return (help_options.ASK_ABOUT_FAIRNESS, help_options.ROOM_YOU_GIVE, last)
