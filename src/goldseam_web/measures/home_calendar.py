"""At which sessions of a case everybody is asked whether they settled something at home as they do here.

The days of the sessions decide it and nothing else: were somebody asked because of a strain or a repair of theirs, the
others would learn of it from their own form. So it is the same for every member, whatever anybody answered.
"""

import uuid
from collections.abc import Hashable, Iterable
from datetime import date, timedelta
from typing import TypeVar

from goldseam_web.cases.models import Encounter, EncounterState

# However a session is named: by its row, or by its number.
Session = TypeVar("Session", bound=Hashable)
FIRST_ASKED = 5
WEEKS_BETWEEN = timedelta(weeks=4)


def sessions_that_ask_about_home(sessions: Iterable[tuple[Session, date]]) -> frozenset[Session]:
    """Of a case's sessions in their order, the fifth, and then each that is four weeks or more after the last asked."""
    asked: list[Session] = []
    last = None
    for number, (session, day) in enumerate(sessions, start=1):
        if number >= FIRST_ASKED and (last is None or day - last >= WEEKS_BETWEEN):
            asked.append(session)
            last = day
    return frozenset(asked)


def asking_about_home(case_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """The sessions of a case, held or planned, that ask about home as its sessions stand now."""
    sessions = Encounter.objects.filter(case_id=case_id).exclude(state=EncounterState.CANCELLED)
    return sessions_that_ask_about_home(sessions.order_by("starts_at").values_list("pk", "local_date"))
