"""Keeping answers as they are given and turning them into scores: one response per occasion, whatever happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.db.models.functions import Coalesce

from goldseam import InputError, Measure, score_response
from goldseam import Score as Scored
from goldseam_web.accounts.models import Phase
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.models import ActorKind
from goldseam_web.audit.services import SYSTEM, Actor, record_about
from goldseam_web.cases.models import EncounterState, Presence
from goldseam_web.cases.services import hold_if_planned
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.links import (
    ACTIVE_HAND,
    LinkState,
    given_elsewhere,
    has_agreed,
    last_touched,
    link_state,
    lost_right,
    too_late_to_change,
)
from goldseam_web.measures.models import (
    Answer,
    Audience,
    Occasion,
    OccasionState,
    Release,
    Response,
    ResponseState,
    Score,
    Series,
)
from goldseam_web.measures.own_measures import FOLLOW_UP_ITEM, TENSION_ITEM
from goldseam_web.measures.queries import (
    Question,
    Questionnaire,
    audiences_of,
    current_response,
    questionnaire,
)
from goldseam_web.measures.services.jobs import queue_jobs
from goldseam_web.measures.services.series import series_for

IDLE = timedelta(minutes=30)
# How an answer is given when nothing else is said.
BY_LINK = {"elapsed_ms": None, "language": "en", "channel": "link", "layout": "one-item", "device": ""}
# What another answer to the same item, or another pass over the same response, may change.
ANSWER_FIELDS = ["measure_version", "value", "choice", "skipped", "audience", "answered_at", *BY_LINK]
SCORE_FIELDS = ["value", "status", "reason", "answered", "items", "minimum", "maximum", "rule", "late"]
Given = float | str | None  # a number, a choice, or None for "skip"


@dataclass(frozen=True)
class KeptForm:
    """A response and its form as they stand once an answer is kept."""

    response: Response
    form: Questionnaire


def _lock(occasion: Occasion) -> Occasion:
    """Two tabs, a double tap and a retry all wait here for each other."""
    asked = Occasion.objects.select_related("clinic", "case", "encounter", "respondent__person")
    return locked(asked).get(pk=occasion.pk)


def _lock_to_finish(occasion: Occasion, at: datetime) -> Occasion:
    """A rating about a session that is still "planned" says that it took place; sessions are locked before requests."""
    encounter = occasion.encounter
    if encounter is not None and encounter.state == EncounterState.PLANNED and occasion.phase == Phase.POST:
        hold_if_planned(encounter=encounter, at=at)
    return _lock(occasion)


@one_transaction
def save_answer(
    *,
    occasion: Occasion,
    item: str,
    given: Given,
    at: datetime,
    given_at: datetime | None = None,
    device: str = "",
    elapsed_ms: int | None = None,
    language: str = "en",
    channel: str = "link",
    layout: str = "one-item",
    built: Questionnaire | None = None,
) -> KeptForm:
    """Keep one answer. Another answer replaces it until the form is completed; after that nothing changes.

    The same answer again (a double tap, a look back) keeps the time it was first given at, which is evidence.
    ``given_at`` is when the client chose, where the answer had to wait before it could be sent: one that was chosen
    before the stored one changes nothing.
    ``built`` is the form as the caller read it, to save building it again; what may have changed since is read anew.

    An answer given in time stands once the window is over (``too_late_to_change``), and one given on another device
    stands always (``given_elsewhere``).

    Raises ValidationError for an item this occasion does not ask, a value outside the item's options, or a link
    that cannot be used now.
    """
    occasion = _lock(occasion)
    response = current_response(occasion)
    done = _is_done(occasion, response, at)
    form = questionnaire(occasion, response, built=built)
    if done and response is not None:
        return KeptForm(response, form)
    response = _open_response(occasion, response, at)
    how = {
        "elapsed_ms": elapsed_ms,
        "language": language,
        "channel": channel,
        "layout": layout,
        "device": device,
    }
    return KeptForm(response, _keep(response, form, {item: given}, given_at or at, how))


def _keep(
    response: Response,
    form: Questionnaire,
    answers: Mapping[str, Given],
    at: datetime,
    how: Mapping[str, Any],
) -> Questionnaire:
    """Write answers in one statement, each checked as the form stands after the ones before it; give the form then."""
    changed = []
    for item, given in answers.items():
        question = _asked(form, item)
        checked = _checked(question, given)
        stored = form.answers.get(item)
        if stored is not None and (_unchanged(stored, checked) or at < stored.answered_at):
            continue
        if given_elsewhere(stored, how["device"]):
            continue
        if too_late_to_change(response.occasion, stored, given=given, at=at):
            continue
        answer = Answer(
            clinic_id=response.clinic_id,
            response=response,
            measure_version=question.version,
            item=item,
            audience=_audience(form, question),
            answered_at=at,
            **checked,
            **how,
        )
        form = replace(form, answers={**form.answers, item: answer})
        changed.append(answer)
    Answer.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["response", "item"], update_fields=ANSWER_FIELDS
    )
    return form


def _is_done(occasion: Occasion, response: Response | None, at: datetime) -> bool:
    """Whether the form was completed; a link that cannot be used for another reason is refused."""
    state = link_state(occasion, response, at=at)
    if state not in (LinkState.OPEN, LinkState.DONE):
        raise ValidationError("This link cannot be used now.", code=state)
    return state == LinkState.DONE


def _unchanged(answer: Answer, checked: Mapping[str, object]) -> bool:
    return all(getattr(answer, name) == value for name, value in checked.items())


def _audience(form: Questionnaire, question: Question) -> str:
    """What the client chose for the strain answer holds for the follow-up to it too."""
    earlier = form.answers.get(
        question.item.shown_after.item if question.item.shown_after else question.item.key
    )
    return earlier.audience if earlier else Audience.THERAPIST


def _open_response(occasion: Occasion, response: Response | None, at: datetime) -> Response:
    """The response to write into: begun now, or taken up again after a pause."""
    if response is None:
        if not has_agreed(occasion.respondent):
            raise ValidationError("Nothing is stored of anybody before they have agreed to be asked.")
        return Response.objects.create(clinic_id=occasion.clinic_id, occasion=occasion, started_at=at)
    if response.state == ResponseState.CLOSED:
        response.state = ResponseState.IN_PROGRESS
        response.save(update_fields=["state"])
    return response


def _asked(form: Questionnaire, item: str) -> Question:
    question = form.find(item)
    if question is None:
        allowed = ", ".join(q.item.key for q in form.shown)
        raise ValidationError(f"{item!r} is not asked here; asked are {allowed}.")
    return question


def _checked(question: Question, given: Given) -> dict[str, Any]:
    """The answer's stored fields, or a refusal that says what was given and what is allowed."""
    if given is None:
        return {"value": None, "choice": "", "skipped": True}
    try:
        question.check(given)
    except InputError as error:
        raise ValidationError(str(error)) from error
    if isinstance(given, str):
        return {"value": None, "choice": given, "skipped": False}
    return {"value": float(given), "choice": "", "skipped": False}


@one_transaction
def choose_audience(
    *,
    occasion: Occasion,
    audience: Audience,
    at: datetime,
    given_at: datetime | None = None,
    device: str = "",
) -> Release | None:
    """The client says who may take up their strain answer. Only the author can, and only while answering.

    Choosing the same again changes nothing, nor does a choice made (``given_at``) before the stored one, nor another
    choice on a device on which the strain answer was not given.
    Raises ValidationError for a choice that this kind of case does not have and for a link that cannot be used now.
    """
    occasion = _lock(occasion)
    if audience not in audiences_of(occasion):
        allowed = ", ".join(audiences_of(occasion))
        raise ValidationError(f"{audience!r} cannot be chosen here; allowed are {allowed}.")
    response = current_response(occasion)
    if _is_done(occasion, response, at) or response is None:
        return None
    last = response.releases.last()
    if last is not None and (last.audience == audience or (given_at or at) < last.chosen_at):
        return last
    if last is not None and given_elsewhere(response.answers.filter(item=TENSION_ITEM).first(), device):
        return last
    response.answers.filter(item__in=[TENSION_ITEM, FOLLOW_UP_ITEM]).update(audience=audience)
    record_about(
        response,
        at=at,
        actor=Actor(ActorKind.CLIENT, occasion.respondent_id),
        action="release.choose",
        object_kind="response",
        details={"audience": audience},
    )
    return Release.objects.create(
        clinic_id=occasion.clinic_id, response=response, audience=audience, chosen_at=given_at or at
    )


@one_transaction
def submit_response(
    *,
    occasion: Occasion,
    at: datetime,
    actor: Actor,
    answers: Mapping[str, Given] | None = None,
    built: Questionnaire | None = None,
) -> Response:
    """Complete a response: score it, queue it for judging, and tell open pages. Submitting again changes nothing.

    ``built`` is the form as for ``save_answer``. Raises ValidationError as ``save_answer`` does.
    """
    occasion = _lock_to_finish(occasion, at)
    response = current_response(occasion)
    if _is_done(occasion, response, at) and response is not None:
        return response
    form = questionnaire(occasion, response, built=built)
    response = _open_response(occasion, response, at)
    form = _keep(response, form, answers or {}, at, BY_LINK)
    return _finish(occasion, response, form, ResponseState.COMPLETED, rated_at=at, at=at, actor=actor)


def _finish(
    occasion: Occasion,
    response: Response,
    form: Questionnaire,
    state: ResponseState,
    *,
    rated_at: datetime,
    at: datetime,
    actor: Actor,
) -> Response:
    judged_before = response.rated_at is not None
    response.state = state
    response.rated_at = rated_at
    response.late = rated_at > occasion.closes_at
    response.attendance = _attended(occasion)
    response.save(update_fields=["state", "rated_at", "late", "attendance"])
    occasion.state = (
        OccasionState.ANSWERED if state == ResponseState.COMPLETED else OccasionState.PARTLY_ANSWERED
    )
    occasion.save(update_fields=["state"])
    _store_scores(occasion, response, form, at, judged_before=judged_before)
    queue_jobs([response], at=at)
    record_change(
        response,
        at=at,
        actor=actor,
        action=f"response.{state}",
        object_kind="response",
        details={"occasion": str(occasion.id), "late": response.late},
    )
    return response


def _attended(occasion: Occasion) -> list[str]:
    """Who was there, as known now."""
    if occasion.encounter is None:
        return []
    present = occasion.encounter.attendance.exclude(presence=Presence.AWAY)
    return [str(member) for member in present.values_list("member_id", flat=True)]


def _store_scores(
    occasion: Occasion, response: Response, form: Questionnaire, at: datetime, *, judged_before: bool
) -> None:
    """A form judged after a pause and gone on with may by now have scales that no longer apply."""
    for version, measure in {q.version.id: (q.version, q.measure) for q in form.questions}.values():
        shown = [q.item.key for q in form.shown if q.version.id == version.id]
        answers = {key: a for key, a in form.answers.items() if key in shown}
        applied = _scored(measure, answers, shown, occasion.closes_at)
        if judged_before:
            response.scores.filter(series__measure_key=version.key).exclude(scale__in=list(applied)).delete()
        series = series_for(occasion, version, measure, list(applied), at)
        Score.objects.bulk_create(
            [
                _score_row(occasion, response, series[scale], score, late=late)
                for scale, (score, late) in applied.items()
            ],
            update_conflicts=True,
            unique_fields=["response", "series", "scoring_version"],
            update_fields=SCORE_FIELDS,
        )


def _scored(
    measure: Measure, answers: Mapping[str, Answer], shown: Sequence[str], closes_at: datetime
) -> dict[str, tuple[Scored, bool]]:
    """The score of each scale that applies, and whether it is late.

    What was answered in time counts alone wherever it suffices, so that finishing a form later never silences it.
    """
    given = {key: _given(a) for key, a in answers.items()}
    in_time = {key: given[key] for key, a in answers.items() if a.answered_at <= closes_at}
    alone = score_response(measure, in_time, applied=shown)
    all_told = score_response(measure, given, applied=shown)
    found = {}
    for early, score in zip(alone, all_told, strict=True):
        items = {keyed.item for keyed in measure.scale(score.scale).items}
        late = early.status != "scored" and bool(items & (answers.keys() - in_time.keys()))
        if score.status != "not_applied":
            found[score.scale] = (score, True) if late else (early, False)
    return found


def _score_row(occasion: Occasion, response: Response, series: Series, score: Scored, *, late: bool) -> Score:
    return Score(
        clinic_id=occasion.clinic_id,
        response=response,
        series=series,
        encounter_id=occasion.encounter_id,
        scale=score.scale,
        value=score.value,
        status=score.status,
        reason=score.reason or "",
        answered=score.n_answered,
        items=score.n_items,
        minimum=score.minimum,
        maximum=score.maximum,
        higher_is_better=score.higher_is_better,
        rule=score.rule,
        late=late,
        scoring_version=score.version,
    )


def _given(answer: Answer) -> Given:
    if answer.skipped:
        return None
    return answer.choice or answer.value


def close_idle_responses(*, at: datetime) -> int:
    """Judge forms that were begun and left: what was answered counts, and the client may still go on.

    A form with nothing left to ask is completed: only the last page was lost on the way.
    A form rests for half an hour before it is taken; after the window it rests for as long as a hand could be at it.
    Of a member who paused, left or withdrew nothing is judged.
    """
    touched = Coalesce(Max("answers__answered_at"), "started_at")
    begun = Response.objects.filter(state=ResponseState.IN_PROGRESS).annotate(touched=touched)
    resting = begun.filter(touched__lte=at - min(IDLE, ACTIVE_HAND)).select_related("occasion__encounter")
    return sum(_close_if_idle(response, at) for response in resting)


@one_transaction
def _close_if_idle(response: Response, at: datetime) -> bool:
    occasion = _lock_to_finish(response.occasion, at)
    response = Response.objects.get(pk=response.pk)
    touched = last_touched(response)
    rest = IDLE if at <= occasion.closes_at else ACTIVE_HAND
    if response.state != ResponseState.IN_PROGRESS or at - touched < rest or lost_right(occasion, at=at):
        return False
    form = questionnaire(occasion, response)
    state = ResponseState.CLOSED if form.next_unanswered else ResponseState.COMPLETED
    _finish(occasion, response, form, state, rated_at=touched, at=at, actor=SYSTEM)
    return True
