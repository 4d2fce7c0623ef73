"""The scores of a response: every scale that applies, each in its series."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from goldseam import Measure, score_response
from goldseam import Score as Scored
from goldseam_web.measures.models import Answer, MeasureVersion, Occasion, Response, Score, Series
from goldseam_web.measures.own_measures import TENSION_ITEM
from goldseam_web.measures.queries import Questionnaire
from goldseam_web.measures.services.series import WantedSeries, series_for
from goldseam_web.measures.strain_with import with_whom

SCORE_FIELDS = ["value", "status", "reason", "answered", "items", "minimum", "maximum", "rule", "late"]
Given = float | str | None  # a number, a choice, or None for "skip"


def store_scores(
    occasion: Occasion, response: Response, form: Questionnaire, at: datetime, *, judged_before: bool
) -> None:
    """A form judged after a pause and gone on with may by now have scales that no longer apply."""
    scored = list(_by_measure(form, occasion.closes_at))
    if judged_before:
        for version, _, applied in scored:
            response.scores.filter(series__measure_key=version.key).exclude(scale__in=list(applied)).delete()
    wanted = [
        WantedSeries(version, measure, scale, therapist)
        for version, measure, applied in scored
        for scale in applied
        for therapist in _about(occasion, response, scale)
    ]
    series = series_for(occasion, wanted, at)
    if judged_before:
        told_of = [each.pk for of_scale in series.values() for each in of_scale]
        response.scores.filter(scale=TENSION_ITEM).exclude(series__in=told_of).delete()
    Score.objects.bulk_create(
        [
            _score_row(occasion, response, each, score, late=late)
            for version, _, applied in scored
            for scale, (score, late) in applied.items()
            for each in series[version.key, scale]
        ],
        update_conflicts=True,
        unique_fields=["response", "series", "scoring_version"],
        update_fields=SCORE_FIELDS,
    )


def _about(occasion: Occasion, response: Response, scale: str) -> Sequence[uuid.UUID]:
    """Whom a scale is about, if it is about a therapist: whom the form names, and of tension with whom it was."""
    held = occasion.encounter
    if scale != TENSION_ITEM or held is None or held.beside_id is None:
        return (occasion.therapist_id,)
    return with_whom(occasion, response.strain_with)


def _by_measure(
    form: Questionnaire, closes_at: datetime
) -> Iterator[tuple[MeasureVersion, Measure, dict[str, tuple[Scored, bool]]]]:
    for version, measure in {q.version.id: (q.version, q.measure) for q in form.questions}.values():
        shown = [q.item.key for q in form.shown if q.version.id == version.id]
        answers = {key: a for key, a in form.answers.items() if key in shown}
        yield version, measure, _scored(measure, answers, shown, closes_at)


def _scored(
    measure: Measure, answers: Mapping[str, Answer], shown: Sequence[str], closes_at: datetime
) -> dict[str, tuple[Scored, bool]]:
    """The score of each scale that applies, and whether it is late.

    What was answered in time counts alone wherever it suffices, so that finishing a form later never silences it.
    """
    given = {key: _given(a) for key, a in answers.items()}
    in_time = {key: given[key] for key, a in answers.items() if a.answered_at <= closes_at}
    all_told = score_response(measure, given, applied=shown)
    alone = all_told if in_time == given else score_response(measure, in_time, applied=shown)
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
