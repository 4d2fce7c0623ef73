"""What an occasion asks, what was answered, and how far it is. The occasion itself is the permission:
it came from a signed link, from the staff member it asks, or from a case the viewer may see.
What staff pages read is given the viewer."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from goldseam import Measure, Respondent
from goldseam import Question as Item
from goldseam_web.accounts.queries import Viewer
from goldseam_web.cases.access import own_cases
from goldseam_web.cases.models import Case, CaseKind, Member, Presence
from goldseam_web.lib.ids import KnownIds, as_text
from goldseam_web.measures.follow_ups import follow_up_withdrawn
from goldseam_web.measures.home_answers import gives_way
from goldseam_web.measures.link_facts import LinkFacts
from goldseam_web.measures.models import (
    Answer,
    Audience,
    EvaluationJob,
    JobState,
    MeasureVersion,
    Occasion,
    OccasionState,
    Release,
    Response,
    ResponseState,
    Score,
    Series,
)
from goldseam_web.measures.own_measures import TENSION_ITEM, TENSION_SAID
from goldseam_web.measures.strain_with import other_therapist
from goldseam_web.measures.whose_view import OF_THEMSELVES, RATED_OF_THEMSELVES

# A handful of versions per clinic, and of kinds of people who answer, so nothing is ever thrown out.
_KNOWN: dict[str, Measure] = {}
WhoAnswers = tuple[str, str, bool | None, bool | None, bool]
_ASKED: dict[tuple[tuple[uuid.UUID, ...], WhoAnswers], "tuple[Respondent, tuple[Question, ...]]"] = {}


@dataclass(frozen=True)
class Question:
    """One item as it is asked on this occasion."""

    version: MeasureVersion
    measure: Measure
    item: Item

    def check(self, given: object) -> None:
        """Raise InputError, saying what is allowed, unless this is one of the item's answers."""
        self.measure.item(self.item.key).options.code(given, item=self.item.key)


def statement(item: str, text: str, occasion: Occasion) -> str:
    """The text of an item as whoever is asked reads it; the direct question names both who held the session."""
    rated, held = occasion.therapist.display_name, occasion.encounter
    if item != TENSION_ITEM or held is None or held.beside_id is None:
        return text.replace("{therapist}", rated)
    other = other_therapist(occasion)
    return text.replace("{therapist}", f"{rated} or {other.display_name}" if other else rated)


@dataclass(frozen=True)
class Questionnaire:
    """Everything an occasion may ask, in order, and what has been answered so far."""

    respondent: Respondent
    questions: tuple[Question, ...]
    answers: Mapping[str, Answer]

    @cached_property
    def shown(self) -> tuple[Question, ...]:
        """The questions that apply now: a follow-up only after the answer that calls for it."""
        return tuple(q for q in self.questions if self._is_shown(q.item))

    def _is_shown(self, item: Item) -> bool:
        if item.shown_after is None:
            return True
        answer = self.answers.get(item.shown_after.item)
        return answer is not None and answer.choice in item.shown_after.values

    @property
    def withdrawn(self) -> set[str]:
        """What was answered and is asked no more, since the answer before it was changed."""
        return {q.item.key for q in self.questions} & set(self.answers) - {q.item.key for q in self.shown}

    @property
    def next_unanswered(self) -> Question | None:
        return next((q for q in self.shown if q.item.key not in self.answers), None)

    def find(self, item_key: str) -> Question | None:
        return next((q for q in self.shown if q.item.key == item_key), None)

    def before(self, item_key: str) -> Question | None:
        place = self._place(item_key)
        return self.shown[place - 1] if place else None

    def after(self, item_key: str) -> Question | None:
        return next(iter(self.shown[self._place(item_key) + 1 :]), None)

    def _place(self, item_key: str) -> int:
        return [q.item.key for q in self.shown].index(item_key)

    @property
    def tension_said(self) -> bool:
        answer = self.answers.get(TENSION_ITEM)
        return answer is not None and answer.choice in TENSION_SAID


def _who_answers(occasion: Occasion, facts: LinkFacts | None) -> WhoAnswers:
    """Who answers, as far as it decides what is asked: kind of case, role, partnered, parent, others present."""
    member = occasion.respondent
    if member is None:
        return occasion.case.kind, "therapist", None, None, True
    others = _others_present(occasion, member, facts)
    return occasion.case.kind, member.role, member.partnered, member.parent, others


def _others_present(occasion: Occasion, member: Member, facts: LinkFacts | None) -> bool:
    """Whether another member is, or is expected, at the encounter: a partner seen alone rates no group."""
    if occasion.encounter is None or occasion.case.kind == CaseKind.INDIVIDUAL:
        return True
    if facts is not None:
        return facts.others_present
    others = occasion.encounter.attendance.exclude(member=member)
    return others.exclude(presence=Presence.AWAY).exists()


def audiences_of(occasion: Occasion) -> tuple[Audience, ...]:
    """Who may be let in on a strain answer: where nobody else is in treatment there is no "all of us"."""
    if occasion.case.kind == CaseKind.INDIVIDUAL:
        return (Audience.THERAPIST, Audience.KNOW_ONLY)
    return (Audience.ALL, Audience.THERAPIST, Audience.KNOW_ONLY)


def current_response(occasion: Occasion) -> Response | None:
    return occasion.responses.order_by("-revision").first()


def current_responses(occasions: Iterable[Occasion]) -> dict[uuid.UUID, Response]:
    """The newest response of each occasion that has one."""
    found = Response.objects.filter(occasion__in=list(occasions)).order_by("revision")
    return {response.occasion_id: response for response in found}


def questionnaire(
    occasion: Occasion, response: Response | None, *, facts: LinkFacts | None = None
) -> Questionnaire:
    """The occasion's questions and the answers given so far.

    ``facts`` are those of this occasion where they were read together; otherwise each is read here.
    """
    who = _who_answers(occasion, facts)
    if facts is not None:
        return Questionnaire(*_asked_of(facts.versions, who), facts.answers)
    versions = tuple(occasion.measure_links.values_list("measure_version", flat=True))
    answers = {a.item: a for a in response.answers.all()} if response else {}
    return Questionnaire(*_asked_of(versions, who), answers)


def _asked_of(versions: tuple[uuid.UUID, ...], who: WhoAnswers) -> "tuple[Respondent, tuple[Question, ...]]":
    """Who answers, in the terms of measures, and what these versions ask them.

    Neither ever changes, so it is worked out once a process. The words for kinds and roles are the same there as here.
    """
    known = _ASKED.get((versions, who))
    if known is None:
        kind, role, partnered, parent, others_present = who
        facts: dict[str, Any] = {"case_kind": kind, "role": role, "others_present": others_present}
        respondent = Respondent(**facts, partnered=partnered, parent=parent)
        rows = MeasureVersion.objects.defer("content").in_bulk(versions)
        measures = [(rows[version], measure_of(rows[version])) for version in versions]
        rest = gives_way((measure for _, measure in measures), others_present=others_present)
        questions = tuple(
            Question(version, measure, item)
            for version, measure in measures
            for item in measure.items_for(respondent)
            if item.key not in rest
        )
        known = _ASKED[versions, who] = (respondent, questions)
    return known


def measure_of(version: MeasureVersion) -> Measure:
    """The measure behind a snapshot. A snapshot never changes, so it is read and checked once per process."""
    known = _KNOWN.get(version.content_hash)
    if known is None:
        known = _KNOWN[version.content_hash] = Measure.from_content(version.content)
    return known


@dataclass(frozen=True, slots=True)
class RatingRow:
    """One score as charts need it. ``rater_id`` is a member, or None for the therapist's own rating."""

    case_id: uuid.UUID
    series_id: uuid.UUID
    encounter_id: uuid.UUID
    rater_id: uuid.UUID | None
    therapist_id: uuid.UUID | None
    measure: str
    major: int
    scale: str
    value: float | None
    reason: str
    late: bool
    minimum: float
    maximum: float
    in_company: bool


def ratings_of(viewer: Viewer, cases: Iterable[Case], which: Q = Q()) -> list[RatingRow]:  # noqa: B008 - immutable
    """Scores of cases that were read for this viewer, in one query; corrected originals are left out."""
    rows = (
        Score.objects.filter(
            which,
            RATED_OF_THEMSELVES,
            clinic_id=viewer.clinic_id,
            series__case__in=[case.pk for case in cases],
            encounter__isnull=False,
        )
        .exclude(response__state=ResponseState.AMENDED)
        .order_by("response__rated_at")
        .values_list(
            as_text("series__case_id"),
            as_text("series_id"),
            as_text("encounter_id"),
            as_text("series__rater_id"),
            as_text("series__therapist_id"),
            "series__measure_key",
            "series__major",
            "scale",
            "value",
            "reason",
            "late",
            "minimum",
            "maximum",
            "response__in_company_at",
        )
    )
    ids = KnownIds()
    return [
        RatingRow(
            ids[case],
            ids[series],
            ids[encounter],
            ids[rater] if rater else None,
            ids[therapist] if therapist else None,
            *(*rest, since is not None),
        )
        for case, series, encounter, rater, therapist, *rest, since in rows
    ]


def ratings_on(viewer: Viewer, cases: Iterable[Case], scales: Iterable[str]) -> list[RatingRow]:
    """The same on these scales."""
    return ratings_of(viewer, cases, Q(scale__in=tuple(scales)))


@dataclass(frozen=True)
class AnswerFacts:
    """How many links of a case are open, when the next one opens and closes, and when a client answered last."""

    waiting: int
    next_opens_at: datetime | None
    next_closes_at: datetime | None
    last_answer: datetime | None


def answer_facts_at(at: datetime) -> dict[str, Combinable]:
    """The same of the row of a case around it, by name."""
    asked = Occasion.objects.filter(
        OF_THEMSELVES, case=OuterRef("pk"), respondent__isnull=False, state=OccasionState.WAITING
    ).order_by()
    is_open = asked.filter(opens_at__lte=at, closes_at__gte=at).values("case")
    later = asked.filter(opens_at__gt=at).values("case")
    answered = (
        Response.objects.filter(
            occasion__case=OuterRef("pk"),
            occasion__respondent__isnull=False,
            state__in=(ResponseState.COMPLETED, ResponseState.CLOSED),
        )
        .order_by()
        .values("occasion__case")
    )
    count = Subquery(is_open.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return {
        "waiting": Coalesce(count, 0),
        "next_opens_at": Subquery(later.annotate(first=Min("opens_at")).values("first")),
        "next_closes_at": Subquery(is_open.annotate(first=Min("closes_at")).values("first")),
        "last_answer": Subquery(answered.annotate(last=Max("rated_at")).values("last")),
    }


def occasions_of(viewer: Viewer, cases: Iterable[Case]) -> "QuerySet[Occasion]":
    """What was asked of whom, about a child too, in cases that were read for this viewer, in order."""
    return (
        Occasion.objects.filter(clinic_id=viewer.clinic_id, case__in=[case.pk for case in cases])
        .exclude(state=OccasionState.CANCELLED)
        .order_by("opens_at")
    )


def occasion_of(viewer: Viewer, occasion_id: uuid.UUID) -> Occasion | None:
    """One request to a member of a case the viewer treats, or None: only they hand out links."""
    return (
        Occasion.objects.filter(pk=occasion_id, case__in=own_cases(viewer), respondent__isnull=False)
        .exclude(state=OccasionState.CANCELLED)
        .select_related("encounter", "case", "clinic", "respondent__person__identity")
        .first()
    )


def own_request(viewer: Viewer, encounter_id: uuid.UUID) -> Occasion | None:
    """The therapist's own questions about an encounter of a case they treat, or None."""
    return (
        Occasion.objects.filter(
            encounter_id=encounter_id, respondent_staff_id=viewer.staff_id, case__in=own_cases(viewer)
        )
        .exclude(state=OccasionState.CANCELLED)
        .select_related("encounter", "case", "clinic")
        .first()
    )


def answers_as_given(response: Response) -> list[Answer]:
    """The answers of a response that was read for a viewer, with the measure they belong to."""
    return list(response.answers.select_related("measure_version"))


def released_to_all(viewer: Viewer, cases: Iterable[Case]) -> list[Answer]:
    """Answers whose author said they may be taken up with everybody, of cases read for this viewer."""
    return list(
        Answer.objects.filter(
            clinic_id=viewer.clinic_id,
            response__occasion__case__in=[case.pk for case in cases],
            audience=Audience.ALL,
        )
        .exclude(response__state=ResponseState.AMENDED)
        .exclude(follow_up_withdrawn())
        .select_related(
            "response__occasion__therapist",
            "response__occasion__encounter__therapist",
            "response__occasion__encounter__beside",
            "measure_version",
        )
        .order_by("-answered_at")
    )


def audience_of(response: Response) -> Release | None:
    """What the client last chose about who may take their answer up, or None if that was not asked."""
    return response.releases.order_by("-chosen_at").first()


@dataclass(frozen=True, slots=True)
class AnsweredItem:
    """One answer among those a series was made of."""

    encounter_id: uuid.UUID
    item: str
    value: float | None


def answers_in_series(series: Series) -> list[AnsweredItem]:
    """Every answer of the responses that a series (one a viewer may see) was scored from."""
    rows = Answer.objects.filter(response__scores__series=series, response__scores__encounter__isnull=False)
    fields = (
        rows.exclude(response__state=ResponseState.AMENDED)
        .filter(response__in_company_at=None)
        .values_list("response__scores__encounter_id", "item", "value")
    )
    return [AnsweredItem(*row) for row in fields.distinct()]


@dataclass(frozen=True)
class QueueReport:
    """How the queue of responses stands over all clinics: an operator's question, without a viewer."""

    overdue: int
    failed: int
    last_finished: datetime | None


def queue_report(*, overdue_since: datetime) -> QueueReport:
    """Count the jobs that have been due since before a moment, and those given up."""
    jobs = EvaluationJob.objects.all()
    return QueueReport(
        overdue=jobs.filter(state=JobState.PENDING, due_at__lt=overdue_since).count(),
        failed=jobs.filter(state=JobState.FAILED).count(),
        last_finished=jobs.aggregate(last=Max("finished_at"))["last"],
    )
