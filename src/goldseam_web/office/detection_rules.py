"""How strain is found: the norms in use, what they would have raised on the clinic's own past, and other norms.

Nothing is changed before what it would have raised was shown beside what is in use: the form bears the hash of the
norms that were looked at, and is refused where these would be others by now.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam import Norms, NormsCheck, NormsError, NullRate
from goldseam_web.accounts.models import Role
from goldseam_web.alerts.alert_budget import (
    FEWEST_COURSES,
    LOOKED_BACK,
    OWN_RATINGS,
    WATCHING,
    AlertBudget,
    PastRatings,
    ScaleBudget,
    alert_budget,
    check_of_norms,
    lacks_error_rates,
    own_norms,
    past_ratings,
    with_error_rates,
)
from goldseam_web.alerts.feedback_use import FEWEST_CASES, cases_asked_about
from goldseam_web.alerts.services.norms import norms_with_rates, store_norms
from goldseam_web.measures.own_measures import SELF_THERAPIST
from goldseam_web.office.asked_by_lot import asked_by_lot, is_share_kept
from goldseam_web.office.views import OfficeVisit, asked_before_changes, office_page
from goldseam_web.office.weeks import ONE_THERAPIST

OWN, SHIPPED, MEASURE = "own", "shipped", "measure"
WEEKS = LOOKED_BACK.days // 7
WITH_THERAPIST, BETWEEN = "Possible strain with the therapist", "Possible strain between members"
FITTED = "Fitted to the ratings of this clinic."
ASSUMED = (
    "Shipped with Goldseam: assumed, not measured. They serve until there are enough ratings of your own."
)
STORED = "Stored by whoever runs this install."
RAISED, CASES = "Raised in {weeks} weeks", "In so many cases"
CAUGHT = "Of confirmed strains, found"
EVENTS, COURSES, CHANCE = "In whole courses", "Whole courses with one", "By chance alone"
CANNOT_BE_MEASURED = (
    "It cannot be measured: no courses can be drawn from these norms. They lack the range of the scale, or something "
    "else that it takes."
)
NOT_ENOUGH, NO_SESSION, NONE_CONFIRMED = "not enough", "no session", "none confirmed"
FITS = {
    "met": "They fit: as many ratings lie far above what was expected, and near it, as there should be.",
    "not met": "They do not fit: more or fewer ratings lie far above what was expected, or near it, than there should.",
    "cannot be told": "There are too few ratings to say, or they are near the line.",
}
LOWER_TAIL = (
    "Far below what was expected lie {lower:.1%} of the ratings, where chance alone puts {nominal:.1%}. Either the "
    "norms are right, and there was strain in {strained:.1%} of the sessions or more; or there was none, and the "
    "norms are wrong. Ratings alone cannot tell."
)
NO_LOWER_TAIL = (
    "Far below what was expected lie {lower:.1%} of the ratings, no more than the {nominal:.1%} by chance. Either "
    "there was hardly any strain, or the norms have learned to overlook it."
)
FEW_CASES = (
    "Of fewer than {fewest} cases with a rating in the last {weeks} weeks, those of therapists whose figures you know "
    "anyway aside, nothing is counted."
)


@dataclass(frozen=True)
class BudgetGroup:
    """Rows about one kind of finding: what is counted, and a cell for each choice of norms."""

    name: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class NormsFit:
    """Whether the norms in use fit, in sentences; and by tenths of what was expected, the share of the ratings."""

    outcome: str
    lower_tail: str
    ratings: int
    held_out: bool
    tenths: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RulesPage:
    """``other``: the norms that are looked at beside those in use, and ``looked_at`` their hash; else empty.

    ``to_measure``: the hash of those in use, where it was not measured how often they are right; else empty.
    """

    in_use: str
    where_from: str
    to_measure: str
    hidden: str
    columns: tuple[str, ...]
    a_week: tuple[str, ...]
    groups: tuple[BudgetGroup, ...]
    fit: NormsFit | None
    other: str
    looked_at: str
    chosen: str
    courses: tuple[tuple[str, int], ...]
    has_enough: bool
    stale: bool
    weeks: int = WEEKS
    fewest: int = FEWEST_COURSES

    @property
    def takes_own(self) -> bool:
        """Whether what is looked at was fitted here: how often a finding is right then holds if they fit."""
        return self.chosen == OWN

    @property
    def may_take(self) -> bool:
        return bool(self.looked_at)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
@asked_before_changes
def detection_rules(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """Show what the norms in use and, when asked, others would have raised; take those into use that were shown."""
    if settings.GOLDSEAM_RECORD_ONLY:
        raise Http404
    sets_lot = request.method == "POST" and "lot_percent" in request.POST
    if sets_lot and is_share_kept(request, visit):
        return redirect("office:rules")
    past = past_ratings(visit.viewer, at=visit.at)
    hidden = why_not_counted(visit, since=past.since, cases=past.cases)
    in_use = norms_with_rates(visit.viewer.clinic_id)
    if request.method == "POST" and _is_measured(request, visit, in_use):
        return redirect("office:rules")
    chosen = (request.POST or request.GET).get("norms", "")
    other = None if hidden else _other_norms(visit, past, chosen, in_use)
    stale = False
    if request.method == "POST" and not sets_lot:
        if other is not None and other.content_hash == request.POST.get("looked_at"):
            actor, at = visit.viewer.actor, visit.at
            measured = with_error_rates(other, day=visit.viewer.today)
            store_norms(clinic=visit.clinic, norms=measured, at=at, actor=actor)
            messages.success(request, "From the next answer on, these norms are used. What was found stands.")
            return redirect("office:rules")
        stale = True
    budgets = [] if hidden else list(_budgets(past, in_use, other))
    page = RulesPage(
        in_use=_called(in_use),
        where_from=_where_from(in_use),
        to_measure=in_use.content_hash if lacks_error_rates(in_use) else "",
        hidden=hidden,
        columns=tuple(_called(each.norms) for each in budgets),
        a_week=tuple(NO_SESSION if each.a_week is None else f"{each.a_week:.2f}" for each in budgets),
        groups=tuple(_group([each.scales[at] for each in budgets]) for at in range(_kinds(budgets))),
        fit=None if hidden else _fit(check_of_norms(past, in_use)),
        other="" if other is None else _called(other),
        looked_at="" if other is None else other.content_hash,
        chosen=chosen,
        courses=tuple((_name(rule.scale), past.courses[rule.scale]) for rule in WATCHING),
        has_enough=any(number >= FEWEST_COURSES for number in past.courses.values()),
        stale=stale,
    )
    lot = asked_by_lot(visit, request.POST if sets_lot else None)
    context = {"visit": visit, "page": page, "lot": lot}
    return render(request, "office/rules.html", context, status=400 if sets_lot else 409 if stale else 200)


def _is_measured(request: HttpRequest, visit: OfficeVisit, in_use: Norms) -> bool:
    """Measure how often a finding is right with the norms in use, if that was asked of these; once is enough."""
    if request.POST.get("norms") != MEASURE or request.POST.get("looked_at") != in_use.content_hash:
        return False
    if lacks_error_rates(in_use):
        try:
            measured = with_error_rates(in_use, day=visit.viewer.today)
        except NormsError:
            messages.error(request, CANNOT_BE_MEASURED)
            return True
        store_norms(clinic=visit.clinic, norms=measured, at=visit.at, actor=visit.viewer.actor)
    messages.success(
        request, "Measured: what was found with these norms says from now on how often it is right."
    )
    return True


def why_not_counted(visit: OfficeVisit, *, since: datetime, cases: int) -> str:
    """Why what would have been found since then, in so many cases, may not be told: empty where it may."""
    asked = cases_asked_about(visit.viewer, since=since, at=visit.at)
    if asked.others == 1:
        return ONE_THERAPIST
    if cases < FEWEST_CASES or not asked.may_be_shown:
        return FEW_CASES.format(fewest=FEWEST_CASES, weeks=WEEKS)
    return ""


def _other_norms(visit: OfficeVisit, past: PastRatings, chosen: str, in_use: Norms) -> Norms | None:
    """What is to be looked at beside what is in use; None where nothing is, or it is the same."""
    found = None
    if chosen == OWN:
        found = own_norms(past, day=visit.viewer.today.isoformat())
    elif chosen == SHIPPED:
        found = Norms.default()
    return found if found is not None and found.content_hash != in_use.content_hash else None


def _called(norms: Norms) -> str:
    return f"{norms.name} {norms.version}"


def _where_from(norms: Norms) -> str:
    if norms.content_hash == Norms.default().content_hash:
        return ASSUMED
    return FITTED if norms.name == OWN_RATINGS else STORED


def _name(scale: str) -> str:
    return WITH_THERAPIST if scale == SELF_THERAPIST else BETWEEN


def _budgets(past: PastRatings, in_use: Norms, other: Norms | None) -> Iterator[AlertBudget]:
    yield alert_budget(past, in_use)
    if other is not None:
        yield alert_budget(past, other)


def _kinds(budgets: Sequence[AlertBudget]) -> int:
    return len(budgets[0].scales) if budgets else 0


def _group(scales: Sequence[ScaleBudget]) -> BudgetGroup:
    cells: list[tuple[str, Callable[[ScaleBudget], str]]] = [
        (RAISED.format(weeks=WEEKS), lambda scale: str(scale.raised)),
        (CASES, lambda scale: f"{scale.cases} of {scale.of_cases}"),
        (CAUGHT, lambda scale: f"{scale.caught} of {scale.confirmed}" if scale.confirmed else NONE_CONFIRMED),
        (EVENTS, _events),
        (CHANCE, _events_by_chance),
        (COURSES, _courses),
        (CHANCE, _courses_by_chance),
    ]
    return BudgetGroup(
        _name(scales[0].rule.scale),
        tuple((label, tuple(say(scale) for scale in scales)) for label, say in cells),
    )


def _fit(check: NormsCheck | None) -> NormsFit | None:
    if check is None:
        return None
    tail = LOWER_TAIL if check.lower_tail > check.nominal else NO_LOWER_TAIL
    rows = check.histogram.iter_rows(named=True)
    return NormsFit(
        outcome=FITS[check.outcome],
        lower_tail=tail.format(lower=check.lower_tail, nominal=check.nominal, strained=check.ruptures),
        ratings=check.n_ratings,
        held_out=check.held_out,
        tenths=tuple(
            (
                f"{row['from']:.0%} to {row['to']:.0%}",
                f"{row['share']:.1%} ({row['low']:.1%} to {row['high']:.1%})",
            )
            for row in rows
        ),
    )


def _may_be_told(rate: NullRate) -> bool:
    return rate.cases_counted >= FEWEST_CASES


def _events(scale: ScaleBudget) -> str:
    return str(scale.chance.events) if _may_be_told(scale.chance) else NOT_ENOUGH


def _events_by_chance(scale: ScaleBudget) -> str:
    by_chance = scale.chance.chance_events
    if by_chance is None or not _may_be_told(scale.chance):
        return NOT_ENOUGH
    return f"{by_chance.value:.0f} ({by_chance.low:.0f} to {by_chance.high:.0f})"


def _courses(scale: ScaleBudget) -> str:
    seen = scale.chance.prevalence
    return f"{seen.value:.0%} of {seen.of}" if seen is not None and _may_be_told(scale.chance) else NOT_ENOUGH


def _courses_by_chance(scale: ScaleBudget) -> str:
    by_chance = scale.chance.chance_prevalence
    if by_chance is None or not _may_be_told(scale.chance):
        return NOT_ENOUGH
    return f"{by_chance.value:.0%} ({by_chance.low:.0%} to {by_chance.high:.0%})"
