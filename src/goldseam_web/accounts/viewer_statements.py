"""Statements of a viewer that are written once a connection for each kind of viewer, and only filled in afterwards.

What decides how such a statement reads is little: the roles somebody holds, how many they supervise, and where the
clinic is. Who it is, and on which day, are values. A query is built by the same functions as any other, given a
viewer, so that it asks for nothing that these would not let that viewer see.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from goldseam_web.accounts.queries import Viewer
from goldseam_web.lib.prepared import Prepared, Value

AnyRow = TypeVar("AnyRow")


@dataclass(frozen=True)
class _Kind:
    roles: frozenset[str]
    supervised: int
    time_zone: ZoneInfo
    is_lead: bool


class PreparedForViewer(Generic[AnyRow]):
    """A query of a viewer and of named values, each of a type. ``build`` makes it, given a viewer of the same kind."""

    def __init__(self, build: Callable[..., "QuerySet[Any, AnyRow]"], **types: type) -> None:
        self._build = build
        self._types = types
        self._by_kind: dict[_Kind, Prepared[AnyRow]] = {}

    def rows(self, viewer: Viewer, **values: Value) -> list[AnyRow]:
        """Run it for this viewer; not for the page of one therapist that somebody else reads."""
        if viewer.told_to is not None:
            raise ValueError("a viewer who is told what somebody else is")
        kind = _Kind(viewer.roles, len(viewer.supervised), viewer.time_zone, viewer.is_lead)
        prepared = self._by_kind.get(kind)
        if prepared is None:
            prepared = self._by_kind[kind] = self._prepared(kind)
        return prepared.rows(**_facts(viewer), **values)

    def _prepared(self, kind: _Kind) -> Prepared[AnyRow]:
        def build(**places: Any) -> "QuerySet[Any, AnyRow]":
            named = {name: places.pop(name) for name in types}
            return self._build(_stand_in(kind, named), **places)

        types = _types(kind)
        return Prepared(build, types, **types, **self._types)


def _types(kind: _Kind) -> dict[str, type]:
    of_viewer = {
        "viewer_staff": uuid.UUID,
        "viewer_clinic": uuid.UUID,
        "viewer_day": date,
        "viewer_at": datetime,
    }
    return {**of_viewer, **{f"viewer_supervises_{k}": uuid.UUID for k in range(kind.supervised)}}


def _facts(viewer: Viewer) -> dict[str, Value]:
    return {
        "viewer_staff": viewer.staff_id,
        "viewer_clinic": viewer.clinic_id,
        "viewer_day": viewer.today,
        "viewer_at": viewer.at,
        **{f"viewer_supervises_{k}": one for k, one in enumerate(viewer.supervised)},
    }


def _stand_in(kind: _Kind, places: dict[str, Any]) -> Viewer:
    """Somebody of this kind, who is nobody: what they are called stands in no statement."""
    supervised = [place for name, place in places.items() if name.startswith("viewer_supervises_")]
    return Viewer(
        staff_id=places["viewer_staff"],
        clinic_id=places["viewer_clinic"],
        full_name="",
        display_name="",
        initials="",
        time_zone=kind.time_zone,
        roles=kind.roles,
        supervised=frozenset(supervised),
        today=places["viewer_day"],
        at=places["viewer_at"],
        is_lead=kind.is_lead,
    )
