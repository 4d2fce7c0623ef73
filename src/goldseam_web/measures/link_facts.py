"""What a request to answer stands on, read in one statement: the request, what was answered, consent, who is there.

``links`` says what follows from it, ``queries`` what it asks.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from goldseam_web.accounts.models import FormsMeanwhile, Leave
from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentRecord, ConsentText, Purpose
from goldseam_web.cases.models import Attendance, Member, Presence
from goldseam_web.lib.prepared import Prepared, columns_of, gathered, row_from_json
from goldseam_web.measures.models import (
    HANDED_IN,
    Answer,
    LaterAnswer,
    Occasion,
    OccasionMeasure,
    Response,
)

# How long the page of thanks is shown to a device that nothing is known of: some keep no cookie.
JUST_NOW = timedelta(minutes=10)


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


def consent_columns(member: str) -> dict[str, Subquery]:
    """What `consent_from` reads in a row of a clinic, of the member it names so."""
    said = ConsentRecord.objects.filter(member=OuterRef(member), purpose=Purpose.CARE)
    in_force = ConsentText.objects.filter(clinic=OuterRef("clinic")).order_by("-number").values("pk")[:1]
    return {
        "said_json": Subquery(said.values(said=JSONObject(answer="answer", text="text_id"))[:1]),
        "text_in_force": Subquery(in_force.values(found=JSONObject(text="pk"))),
    }


def consent_from(row: Any) -> CareConsent:
    """What the member said last, of a row that was read with `consent_columns`."""
    said, in_force = row.said_json, row.text_in_force
    if not said:
        return CareConsent.NOT_ASKED
    return consent_said(said["answer"], said["text"], in_force and in_force["text"])


@dataclass(frozen=True)
class LinkFacts:
    """A request with everything that decides whether it can be answered, and what it asks."""

    occasion: Occasion
    response: Response | None
    answers: Mapping[str, Answer]
    # What came once the first answers stood, of every device.
    later: Sequence[LaterAnswer]
    consent: CareConsent
    # When forms rest because the therapist is away: first and last day, None where no end is known.
    resting: Sequence[tuple[date, date | None]]
    # Of each member who is expected or was there or away, which of it.
    presence: Mapping[str, str]
    versions: tuple[uuid.UUID, ...]
    # Whether a form about an earlier session of this case was theirs to answer, answered or not.
    was_asked_before: bool = False

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

    @property
    def is_handed_in(self) -> bool:
        return self.response is not None and self.response.state in HANDED_IN

    def answers_on(self, device: str) -> dict[str, Answer]:
        """What was answered on one device, first or later: all that whoever holds it is shown."""
        first = {item: answer for item, answer in self.answers.items() if answer.device == device}
        return first | {each.item: each.as_answer() for each in self.later if each.device == device}

    def was_handed_in_on(self, device: str) -> bool:
        """Whether the form was sent on this device, and this device was not told to forget since."""
        return self.is_handed_in and any(each.device == device for each in self.answers.values())

    def was_sent_just_now(self, at: datetime) -> bool:
        """Whether the form was sent, or gone through once more, within the last minutes."""
        if self.response is None or not self.is_handed_in:
            return False
        times = [each.answered_at for each in self.later]
        return at - max([*times, self.response.rated_at or self.response.started_at]) <= JUST_NOW

    def after(self, response: Response, answers: Mapping[str, Answer]) -> "LinkFacts":
        """The same once these answers are kept."""
        return replace(self, response=response, answers=MappingProxyType(dict(answers)))

    def after_later(self, kept: Sequence[LaterAnswer]) -> "LinkFacts":
        """The same once these are kept beside the first answers."""
        known = {(each.item, each.device): each for each in (*self.later, *kept)}
        return replace(self, later=tuple(known.values()))


def facts_behind(occasion_id: uuid.UUID, nonce: str) -> LinkFacts | None:
    """What stands behind a link to a member; None where there is none, or it was taken back."""
    found = _ONE.rows(occasion=occasion_id, nonce=nonce)
    return _facts_of(found[0]) if found else None


def _build(*, occasion: uuid.UUID, nonce: str) -> "QuerySet[Occasion]":
    away = Leave.objects.filter(staff=OuterRef("therapist"), forms=FormsMeanwhile.REST, back_at=None)
    return (
        Occasion.objects.filter(pk=occasion, nonce=nonce, respondent__isnull=False)
        .select_related("clinic__lead", "case", "encounter", "therapist", "respondent__person", "subject")
        .annotate(
            responses_json=gathered(Response.objects.filter(occasion=OuterRef("pk")), *columns_of(Response)),
            answers_json=gathered(
                Answer.objects.filter(response__occasion=OuterRef("pk")), *columns_of(Answer)
            ),
            was_asked_before=Exists(
                Occasion.objects.filter(
                    case=OuterRef("case"),
                    respondent=OuterRef("respondent"),
                    encounter__starts_at__lt=OuterRef("encounter__starts_at"),
                )
            ),
            later_json=gathered(
                LaterAnswer.objects.filter(response__occasion=OuterRef("pk")), *columns_of(LaterAnswer)
            ),
            **consent_columns("respondent"),
            away_json=gathered(away, "starts_on", "ends_on"),
            presence_json=gathered(
                Attendance.objects.filter(encounter=OuterRef("encounter")), "member_id", "presence"
            ),
            measures_json=gathered(
                OccasionMeasure.objects.filter(occasion=OuterRef("pk")), "position", "measure_version_id"
            ),
        )
    )


_ONE: Prepared[Occasion] = Prepared(_build, occasion=uuid.UUID, nonce=str)


def _facts_of(row: Any) -> LinkFacts:
    row.case.clinic = row.clinic
    responses = [row_from_json(Response, facts) for facts in row.responses_json or ()]
    response = max(responses, key=lambda one: one.revision, default=None)
    answers = [row_from_json(Answer, facts) for facts in row.answers_json or ()]
    if response is not None:
        response.occasion = row
    measures = sorted(row.measures_json or (), key=lambda facts: facts["position"])
    return LinkFacts(
        occasion=row,
        response=response,
        answers={answer.item: answer for answer in answers if response and answer.response_id == response.pk},
        later=tuple(row_from_json(LaterAnswer, facts) for facts in row.later_json or ()),
        consent=consent_from(row),
        resting=[(_day(leave["starts_on"]), _day(leave["ends_on"])) for leave in row.away_json or ()],
        presence={str(uuid.UUID(each["member_id"])): each["presence"] for each in row.presence_json or ()},
        was_asked_before=bool(row.was_asked_before),
        versions=tuple(uuid.UUID(facts["measure_version_id"]) for facts in measures),
    )


def _day(given: str | None) -> Any:
    return date.fromisoformat(given) if given else None
