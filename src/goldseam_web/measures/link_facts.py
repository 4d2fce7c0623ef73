"""What a request to answer stands on, read in one statement: the request, what was answered, consent, who is there.

``links`` says what follows from it, ``queries`` what it asks.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from django.db import connection
from django.db.models import (
    BooleanField,
    DateTimeField,
    Field,
    ForeignKey,
    Func,
    JSONField,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    UUIDField,
)
from django.db.models.functions import JSONObject

from goldseam_web.accounts.models import FormsMeanwhile, Leave
from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentRecord, ConsentText, Purpose
from goldseam_web.cases.models import Attendance, Member, Presence
from goldseam_web.lib.prepared import Prepared
from goldseam_web.measures.models import Answer, Occasion, OccasionMeasure, Response

AnyModel = TypeVar("AnyModel", bound=Model)


class CareConsent(StrEnum):
    """How a member stands to being asked at all. *Outdated*: agreed, but not to the words that are in force."""

    NOT_ASKED = "not_asked"
    AGREED = "agreed"
    OUTDATED = "outdated"
    REFUSED = "refused"


def consent_said(answer: str, text: object, in_force: object) -> CareConsent:
    """What the latest answer to a text means while another may be in force. A no is respected whatever the words."""
    if answer != ConsentAnswer.GIVEN:
        return CareConsent.REFUSED
    return CareConsent.AGREED if text is not None and text == in_force else CareConsent.OUTDATED


@dataclass(frozen=True)
class LinkFacts:
    """A request with everything that decides whether it can be answered, and what it asks."""

    occasion: Occasion
    response: Response | None
    answers: Mapping[str, Answer]
    consent: CareConsent
    # When forms rest because the therapist is away: first and last day, None where no end is known.
    resting: Sequence[tuple[date, date | None]]
    # Of each member who is expected or was there or away, which of it.
    presence: Mapping[str, str]
    versions: tuple[uuid.UUID, ...]

    @property
    def member(self) -> Member:
        """Who is asked; a link is never one to staff."""
        member: Member = self.occasion.respondent  # type: ignore[assignment]
        return member

    def rests_on(self, day: date) -> bool:
        return any(first <= day and (last is None or day <= last) for first, last in self.resting)

    @property
    def others_present(self) -> bool:
        own = str(self.occasion.respondent_id)
        return any(member != own for member in self.attended)

    @property
    def attended(self) -> list[str]:
        return [member for member, presence in self.presence.items() if presence != Presence.AWAY]

    @property
    def last_touched(self) -> datetime | None:
        times = [answer.answered_at for answer in self.answers.values()]
        return max(times, default=self.response.started_at if self.response else None)

    def after(self, response: Response, answers: Mapping[str, Answer]) -> "LinkFacts":
        """The same once these answers are kept."""
        return replace(self, response=response, answers=MappingProxyType(dict(answers)))


def facts_behind(occasion_id: uuid.UUID, nonce: str) -> LinkFacts | None:
    """What stands behind a link to a member; None where there is none, or it was taken back."""
    found = _ONE.rows(occasion=occasion_id, nonce=nonce)
    return _facts_of(found[0]) if found else None


class _Gathered(Func):
    """All rows of a subquery as one JSON array."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **context)


def _all(rows: "QuerySet[Any]", *names: str) -> Subquery:
    gathered = rows.order_by().annotate(gathered=_Gathered(JSONObject(**{name: name for name in names})))
    return Subquery(gathered.values("gathered"), output_field=JSONField())


def _columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)  # noqa: SLF001 - Django's name for it


def _build(*, occasion: uuid.UUID, nonce: str) -> "QuerySet[Occasion]":
    said = ConsentRecord.objects.filter(member=OuterRef("respondent"), purpose=Purpose.CARE)
    in_force = ConsentText.objects.filter(clinic=OuterRef("clinic")).order_by("-number").values("pk")[:1]
    away = Leave.objects.filter(staff=OuterRef("therapist"), forms=FormsMeanwhile.REST, back_at=None)
    return (
        Occasion.objects.filter(pk=occasion, nonce=nonce, respondent__isnull=False)
        .select_related("clinic__lead", "case", "encounter", "therapist", "respondent__person")
        .annotate(
            responses_json=_all(Response.objects.filter(occasion=OuterRef("pk")), *_columns(Response)),
            answers_json=_all(Answer.objects.filter(response__occasion=OuterRef("pk")), *_columns(Answer)),
            said_json=Subquery(said.values(said=JSONObject(answer="answer", text="text_id"))[:1]),
            text_in_force=Subquery(in_force.values(found=JSONObject(text="pk"))),
            away_json=_all(away, "starts_on", "ends_on"),
            presence_json=_all(
                Attendance.objects.filter(encounter=OuterRef("encounter")), "member_id", "presence"
            ),
            measures_json=_all(
                OccasionMeasure.objects.filter(occasion=OuterRef("pk")), "position", "measure_version_id"
            ),
        )
    )


_ONE: Prepared[Occasion] = Prepared(_build, occasion=uuid.UUID, nonce=str)


def _facts_of(row: Any) -> LinkFacts:
    row.case.clinic = row.clinic
    responses = [_row(Response, facts) for facts in row.responses_json or ()]
    response = max(responses, key=lambda one: one.revision, default=None)
    answers = [_row(Answer, facts) for facts in row.answers_json or ()]
    if response is not None:
        response.occasion = row
    measures = sorted(row.measures_json or (), key=lambda facts: facts["position"])
    said, in_force = row.said_json, row.text_in_force
    return LinkFacts(
        occasion=row,
        response=response,
        answers={answer.item: answer for answer in answers if response and answer.response_id == response.pk},
        consent=(
            consent_said(said["answer"], said["text"], in_force and in_force["text"])
            if said
            else CareConsent.NOT_ASKED
        ),
        resting=[(_day(leave["starts_on"]), _day(leave["ends_on"])) for leave in row.away_json or ()],
        presence={str(uuid.UUID(each["member_id"])): each["presence"] for each in row.presence_json or ()},
        versions=tuple(uuid.UUID(facts["measure_version_id"]) for facts in measures),
    )


def _row(model: type[AnyModel], facts: Mapping[str, Any]) -> AnyModel:
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's name for it
    values = [_value(field, facts[field.attname]) for field in fields]
    return model.from_db(connection.alias, [field.attname for field in fields], values)


def _value(field: "Field[Any, Any]", given: Any) -> Any:
    """A column as its field has it: in JSON a time, an id and, on SQLite, JSON itself are strings."""
    if given is None or not isinstance(given, str):
        return bool(given) if isinstance(field, BooleanField) else given
    if isinstance(field, DateTimeField):
        moment = datetime.fromisoformat(given)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if isinstance(field, JSONField):
        return json.loads(given)
    return uuid.UUID(given) if isinstance(field, UUIDField | ForeignKey) else given


def _day(given: str | None) -> Any:
    return date.fromisoformat(given) if given else None
