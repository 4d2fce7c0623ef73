"""Which of two therapists a form about a session that both held is about: one a form, by turns."""

import uuid
from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from goldseam_web.cases.models import Encounter, Member
from goldseam_web.measures.models import Occasion, OccasionState

Pair = tuple[uuid.UUID, uuid.UUID]


def by_turns(pair: Pair, last: Sequence[uuid.UUID | None]) -> list[uuid.UUID]:
    """Whom each member of a session rates, in the members' order.

    Parameters
    ----------
    pair
        The two therapists.
    last
        Whom of the two each member rated before; None where they rated neither yet.

    Returns
    -------
    One of the two for each member: whom they did not rate last. Who rated neither yet takes whoever fewer of the
    others rate now. Where all of two or more would rate the same one, the last of them rates the other, so that both
    are rated whenever there are two to rate them.
    """
    first, second = pair
    turns = [None if before is None else (second if before == first else first) for before in last]
    chosen: list[uuid.UUID] = []
    for k, turn in enumerate(turns):
        known = chosen + [each for each in turns[k + 1 :] if each is not None]
        fewer = second if known.count(second) < known.count(first) else first
        chosen.append(fewer if turn is None else turn)
    if len(chosen) > 1 and len(set(chosen)) == 1:
        chosen[-1] = second if chosen[-1] == first else first
    return chosen


def therapists_to_rate(encounter: Encounter, members: Sequence[Member]) -> Mapping[uuid.UUID, uuid.UUID]:
    """By member, whom their form about this session is about. Who was asked about one already stays with that one."""
    if encounter.beside_id is None:
        return {member.pk: encounter.therapist_id for member in members}
    pair = (encounter.therapist_id, encounter.beside_id)
    asked = Occasion.objects.filter(case_id=encounter.case_id, respondent__in=members, therapist__in=pair)
    here = dict(asked.filter(encounter=encounter).order_by("asked_at").values_list("respondent", "therapist"))
    before = _named_last(asked, encounter)
    free = [member for member in members if member.pk not in here]
    # Those who are asked already count as they stand: whoever is asked beside them takes the other.
    turns = by_turns(pair, [_as_if_last(pair, here, member, before) for member in members])
    chosen = dict(zip((member.pk for member in members), turns, strict=True))
    return {**here, **{member.pk: chosen[member.pk] for member in free}}


def _named_last(asked: "QuerySet[Occasion]", encounter: Encounter) -> dict[uuid.UUID, uuid.UUID]:
    """Whom of the two each member was asked about last before this session."""
    earlier = asked.filter(encounter__starts_at__lt=encounter.starts_at)
    rows = earlier.exclude(state=OccasionState.CANCELLED).order_by("encounter__starts_at")
    return dict(rows.values_list("respondent", "therapist"))


def _as_if_last(
    pair: Pair, here: Mapping[uuid.UUID, uuid.UUID], member: Member, before: Mapping[uuid.UUID, uuid.UUID]
) -> uuid.UUID | None:
    if member.pk in here:
        return pair[1] if here[member.pk] == pair[0] else pair[0]
    return before.get(member.pk)
