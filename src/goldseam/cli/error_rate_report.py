"""Error rates as lines of text, several criteria side by side; every figure with its Monte-Carlo error."""

from collections.abc import Iterator, Mapping, Sequence

from goldseam.cli.input_output import side_by_side
from goldseam.norms import Norms
from goldseam.operating.bayes_limit import LimitRates
from goldseam.operating.comparison import Comparison
from goldseam.operating.error_rates import (
    AlertLoad,
    Delay,
    ErrorRates,
    GradeRates,
    PredictiveValue,
    Quantile,
    Rate,
    RepairRates,
    Sensitivity,
    TimedSensitivity,
)
from goldseam.operating.roc import OperatingPoint
from goldseam.operating.threshold_search import ThresholdSearch

NOTHING = "-"
COURSES = {"dip": "dip", "level_shift": "lasting fall", "erosion": "erosion"}

Line = tuple[str, str, str]
"""Section, label, figure."""


def percent(rate: Rate) -> str:
    """A share and its standard error, in percent."""
    return plus_minus(100 * rate.value, 100 * rate.standard_error, "%")


def plus_minus(value: float, error: float, unit: str = "") -> str:
    """A figure and its standard error, both to the digits that the error leaves."""
    digits = 2 if error < 0.5 else 1
    return f"{value:.{digits}f}{unit} ± {error:.{digits}f}"


def comparison_lines(found: Comparison, norms: Norms) -> list[str]:
    """The whole report of criteria measured on the same cases.

    Parameters
    ----------
    found : Comparison
        The criteria, and what was asked for beside their rates.
    norms : Norms
        Those the criteria used.

    Returns
    -------
    list of str
    """
    first = found.rates[0]
    assumed = "" if norms.empirical else " (assumed, not empirical)"
    lines = [
        (
            f"simulated: kind {first.model}, {first.sessions} sessions, {first.cases} cases a figure, "
            f"seed {first.seed}, {first.computed_on}"
        ),
        (
            f"norms {norms.name} {norms.version}{assumed}; depths in the person's own SD; "
            "± is the Monte-Carlo standard error"
        ),
    ]
    for rates in found.rates:
        if rates.parameters:
            given = " ".join(f"{name}={value}" for name, value in rates.parameters.items())
            lines.append(f"{rates.criterion} with {given}")
    columns = {head: rows for rates in found.rates for head, rows in rate_columns(rates).items()}
    for search in found.searches:
        version = next(each.criterion_version for each in found.rates if each.criterion == search.criterion)
        columns[f"{search.criterion} {version}"].extend(search_lines(search))
    lines += ["", *table_lines(columns)]
    for name, points in found.curves.items():
        lines += ["", f"{name}: sensitivity against false alarms", *curve_lines(points)]
    for wanted, limits in found.limits.items():
        lines += ["", *limit_lines(limits, wanted)]
    return lines


def table_lines(columns: Mapping[str, Sequence[Line]]) -> list[str]:
    """Lines of one table: a row for every section and label, a column for every criterion.

    Parameters
    ----------
    columns : mapping of str to sequence of Line
        The heading of each column and its figures; a figure that one of them lacks is a dash.

    Returns
    -------
    list of str
    """
    places: dict[tuple[str, str], dict[str, str]] = {}
    for heading, lines in columns.items():
        for section, label, figure in lines:
            places.setdefault((section, label), {})[heading] = figure
    # one section after the other, in the order of their first line
    sections = list(dict.fromkeys(section for section, _ in places))
    rows: list[tuple[str, ...]] = [("", *columns)]
    for section in sections:
        rows += [(section, *("" for _ in columns))] if section else []
        rows += [
            (f"  {label}", *(figures.get(heading, NOTHING) for heading in columns))
            for (where, label), figures in places.items()
            if where == section
        ]
    return side_by_side(rows)


def rate_columns(rates: ErrorRates) -> dict[str, list[Line]]:
    """The columns of one criterion: any event, and the marked ones alone where events are graded."""
    name = f"{rates.criterion} {rates.criterion_version}"
    headings = {"any": name, "marked": f"{name}, marked"}
    return {headings[grade]: list(_grade_lines(each, rates.sessions)) for grade, each in rates.grades.items()}


def _grade_lines(rates: GradeRates, sessions: int) -> Iterator[Line]:
    wrong = "false alarms, nothing being wrong"
    yield wrong, "per session that can be judged", percent(rates.false_alarms)
    yield wrong, "one in so many such sessions", _one_in(rates.false_alarms)
    for row in rates.false_alarm_cases:
        yield wrong, f"cases with one in {row.sessions} sessions", percent(row.rate)
    yield from (("dips found", _dip(each), percent(each.rate)) for each in rates.sensitivity)
    for each in rates.timing:
        when = f"{_dip(each)}, beginning {each.timing} ({each.first_session}-{each.last_session})"
        yield "dips found, by when they begin", when, percent(each.rate)
    for wait in rates.delays:
        yield from _delay_lines(wait)
    for verdict in rates.repairs:
        yield from _repair_lines(verdict)
    yield from _predictive_value_lines("events that are real", rates.predictive_values)
    yield from _predictive_value_lines(
        "cases without an event that have no dip", rates.negative_predictive_values
    )
    for load in rates.alerts:
        yield from _load_lines(load, sessions)


def _one_in(rate: Rate) -> str:
    if not rate.value:
        return NOTHING
    return f"{1 / rate.value:.0f} ± {rate.standard_error / rate.value**2:.0f}"


def _dip(row: Sensitivity | TimedSensitivity) -> str:
    return f"{row.depth_sd:g} own SD, {row.duration} session{'s' * (row.duration != 1)}"


def _delay_lines(wait: Delay) -> Iterator[Line]:
    section = "delay, sessions from the true onset (95% Monte-Carlo interval)"
    what = f"{COURSES[wait.course]} of {wait.depth_sd:g} own SD"
    if wait.duration:
        what += f", {wait.duration} session{'s' * (wait.duration > 1)}"
    yield section, f"{what}: median", _quantile(wait.median)
    yield section, f"{what}: 90th percentile", _quantile(wait.ninetieth)
    yield section, f"{what}: never found", percent(wait.never_found)


def _quantile(found: Quantile | None) -> str:
    return NOTHING if found is None else f"{found.value} ({found.low}-{found.high})"


def _repair_lines(verdict: RepairRates) -> Iterator[Line]:
    what = {
        "nothing": "false events",
        "repaired": "dips of {} own SD that are repaired",
        "never repaired": "falls of {} own SD that never are",
    }[verdict.truth].format("" if verdict.depth_sd is None else f"{verdict.depth_sd:g}")
    yield "called repaired", what, percent(verdict.called_repaired)
    yield "neither repaired nor given up by the end", what, percent(verdict.undecided)
    if verdict.session_right:
        yield "repair seen within a session of the true one", what, percent(verdict.session_right)


def _predictive_value_lines(section: str, values: Sequence[PredictiveValue]) -> Iterator[Line]:
    for each in values:
        label = f"{100 * each.prevalence:g}% of cases have a dip of {each.depth_sd:g} own SD"
        yield section, label, plus_minus(100 * each.value, 100 * each.standard_error, "%")


def _load_lines(load: AlertLoad, sessions: int) -> Iterator[Line]:
    section = f"events a week with {load.caseload} clients in courses of {sessions} sessions"
    if load.depth_sd is None:
        yield section, "no case has a dip", plus_minus(load.per_week, load.standard_error)
        return
    label = f"{100 * load.prevalence:g}% of cases have a dip of {load.depth_sd:g} own SD"
    yield section, label, plus_minus(load.per_week, load.standard_error)
    yield section, f"{label}: false", plus_minus(load.false_per_week, load.false_standard_error)


def search_lines(search: ThresholdSearch) -> Iterator[Line]:
    """The thresholds for a wanted rate of false alarms, and what they find."""
    section = f"threshold for false alarms in {100 * search.wanted:g}% of sessions"
    if search.point is None:
        yield section, "thresholds", search.outcome
        return
    errors = search.threshold_errors
    for name, value in search.point.thresholds.items():
        error = f" ± {errors[name]:.2g}" if name in errors else ""
        yield section, f"--set {name}", f"{value:.4g}{error}"
    yield section, "false alarms at it", percent(search.point.false_alarms)
    if search.next_rate is not None:
        yield section, "false alarms just beyond it", f"{100 * search.next_rate:.2f}%"
    yield from ((section, f"finds {_dip(row)}", percent(row.rate)) for row in search.point.sensitivity)


def curve_lines(points: Sequence[OperatingPoint]) -> list[str]:
    """Sensitivity against false alarms, a row for every factor on the thresholds."""
    if not points:
        return ["no threshold to move: not applied"]
    first = points[0]
    heads = ["factor", *first.thresholds, "false alarms", *(_dip(row) for row in first.sensitivity)]
    rows = [
        [
            f"{point.factor:.4g}",
            *(f"{value:.4g}" for value in point.thresholds.values()),
            percent(point.false_alarms),
            *(percent(row.rate) for row in point.sensitivity),
        ]
        for point in points
    ]
    return side_by_side([heads, *rows])


def limit_lines(limits: Sequence[LimitRates], wanted: float) -> list[str]:
    """What each limit finds at one rate of false alarms."""
    columns = {
        limit.name: [
            ("", "false alarms", percent(limit.false_alarms)),
            *(("", f"finds {_dip(row)}", percent(row.rate)) for row in limit.sensitivity),
        ]
        for limit in limits
    }
    return [f"limits at false alarms in {100 * wanted:.2f}% of sessions", *table_lines(columns)]
