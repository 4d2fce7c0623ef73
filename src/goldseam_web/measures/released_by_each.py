"""Whether each member of a case released what they answered about one session to everybody."""

import uuid
from collections.abc import Iterable

from goldseam_web.measures.models import Audience, Release, ResponseState


def released_by_each(encounter_id: uuid.UUID, members: Iterable[uuid.UUID]) -> bool:
    """Of an encounter and members read for a viewer; the last choice of each counts, and silence is no yes."""
    chosen = (
        Release.objects.filter(response__occasion__encounter=encounter_id)
        .exclude(response__state=ResponseState.AMENDED)
        .order_by("chosen_at", "pk")
        .values_list("response__occasion__respondent", "audience")
    )
    last = dict(chosen)
    return all(last.get(member) == Audience.ALL for member in members)
