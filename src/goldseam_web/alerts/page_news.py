"""What an open page asks every few seconds: whether its sign-in still stands, has anything changed, is it the room?

One statement, whose parts are each found by an index and which is built once: hundreds of pages ask it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Exists, F, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from goldseam_web.accounts.models import Staff
from goldseam_web.cases.room import BY_HAND, begun_sessions, since_when
from goldseam_web.lib.prepared import Prepared


@dataclass(frozen=True)
class PageNews:
    """The change counter of somebody who works here, and the key of the room they are in ("" outside of it).

    ``signed_in``: whether the session that was asked about is running. ``password``: the hash it was begun with, if
    nobody has set another one since.
    """

    counter: int
    room: str
    signed_in: bool
    password: str


def _asked(**given: uuid.UUID | datetime | str) -> "QuerySet[Staff, tuple[Any, ...]]":
    at, earliest, session = given["at"], given["earliest"], given["session"]
    running = Session.objects.filter(session_key=session, expire_date__gt=at)
    begun = begun_sessions(at, earliest=earliest)  # type: ignore[arg-type]  # types are those below
    return (
        Staff.objects.filter(Q(user=given["user"]), active=True, user__is_active=True)
        .annotate(
            counter=Coalesce(F("clinic__pulse__counter"), 0) + Coalesce(F("pulse__counter"), 0),
            begun=Subquery(begun.values("pk")[:1]),
            signed_in=Exists(running),
        )
        .values_list("counter", "begun", "alone_since", "signed_in", "user__password")
    )


_NEWS: Prepared[tuple[Any, ...]] = Prepared(
    _asked, user=uuid.UUID, session=str, at=datetime, earliest=datetime
)


def page_news(user_id: uuid.UUID, *, session: str = "", at: datetime) -> PageNews | None:
    """The news of one sign-in, by the stored key of its session; None for who works nowhere."""
    rows = _NEWS.rows(user=user_id, session=session, at=at, earliest=since_when(at))
    if not rows:
        return None
    [(counter, begun, alone_since, is_signed_in, password)] = rows
    room = begun.hex if begun else "" if alone_since else BY_HAND
    return PageNews(counter, room, bool(is_signed_in), password)
