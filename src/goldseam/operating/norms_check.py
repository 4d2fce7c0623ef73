"""Whether norms fit ratings: where the ratings lie in what was predicted of them (probability integral transform)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.engine.norms_and_minimum_drop import norms_in_points
from goldseam.exceptions import TableError
from goldseam.norms import Norms, fit_norms
from goldseam.norms.marginal_likelihood import take_series
from goldseam.operating.bootstrap import rating_steps
from goldseam.operating.norms_check_display import NormsCheckDisplay
from goldseam.series import RatingSeries, load_series
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.state_space import OneStepAhead, Population
from goldseam.state_space.filter_state import BREAK_DAYS

if TYPE_CHECKING:
    import polars as pl

EARLIER_RATINGS = 3
TAILS = (0.01, 0.025, 0.05)
MIDDLE = (0.25, 0.75)
BINS = 10
NORMAL_95 = 1.959963984540054
JUDGED_TAIL, TAIL_ALLOWED = 0.025, (0.020, 0.030)
MIDDLE_ALLOWED = (0.47, 0.53)
WIDEST = 0.01  # half of the interval of the upper tail, beyond which nothing can be told
EARLIER_GROUPS = ((3, 5), (6, 10), (11, None))
SESSION_GROUPS = ((1, 8), (9, 16), (17, None))


@dataclass(frozen=True, eq=False)
class NormsCheck(NormsCheckDisplay):
    """How ratings lie in what norms predicted of them.

    Attributes
    ----------
    norms_name, norms_version : str
        Of the norms; of those fitted on the way, *fitted* and the number of halves.
    held_out : bool
        Whether every case was judged by norms fitted to other cases; where norms are given that is not known.
    n_cases, n_series, n_ratings : int
        Cases, series and ratings that were looked at: those with three or more earlier ratings.
    outcome : {"met", "not met", "cannot be told"}
        Whether upper tail and middle are as they should be: .020 to .030 of the ratings above the quantile .975, and
        .47 to .53 of them between the quartiles. *Not met* where a 95% interval lies wholly outside.
    nominal, lower_tail : float
        .025, and the share of the ratings below that quantile: 0 to 1. False alarms are between the two: the first, if
        the norms are right and what is more are ruptures; the second, if there are no ruptures and the norms are wrong.
    ruptures : float
        Share of the sessions that would then be ruptures, at least: what is more than nominal, 0 to 1.
    histogram : polars.DataFrame
        ``from, to, share, low, high``: ten equal parts of the predicted distribution, and the share of the ratings in
        each, with its 95% interval; .1 would be right.
    shares : polars.DataFrame
        ``by, group, n_ratings, part, nominal, share, low, high``: both tails at .01, .025 and .05 and the middle half,
        of all ratings, and by number of earlier ratings, by expected level (thirds) and by session; with 95% intervals.
    """

    norms_name: str
    norms_version: str
    held_out: bool
    n_cases: int
    n_series: int
    n_ratings: int
    outcome: str
    nominal: float
    lower_tail: float
    ruptures: float
    histogram: "pl.DataFrame"
    shares: "pl.DataFrame"


def check_norms(
    ratings: Ratings,
    *,
    norms: Norms | None = None,
    higher_is_better: bool = True,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> NormsCheck:
    """Say how well norms fit ratings.

    Where the norms are right, the predicted probability of less than a rating is uniform from 0 to 1 (probability
    integral transform; Dawid 1984, *J R Stat Soc A* 147, 278). On a scale with steps it is an interval; the mass of a
    rating is spread evenly over it, which is what randomising within it gives on average (Czado, Gneiting & Held
    2009, *Biometrics* 65, 1254). Intervals take the case as the sampling unit. See ``docs/methods/norms.md``.

    Parameters
    ----------
    ratings
        As for `goldseam.detect`.
    norms : Norms, optional
        Norms to check, best by cases they were not fitted to. If not given, the cases are divided into two halves, and
        each is judged by norms fitted to the other: this says how well norms fitted to such a table fit.
    higher_is_better : bool
        The direction of the scales.
    missing, outlying, reading
        As for `goldseam.fit_norms`.

    Returns
    -------
    NormsCheck

    Raises
    ------
    TableError
        The ratings cannot be used, or no rating has three earlier ones.
    NormsError
        The norms do not serve the ratings, or half of the cases are too few to fit norms to.
    """
    given = load_series(ratings, missing=missing, outlying=outlying, reading=reading)
    halves = _halves(given, higher_is_better=higher_is_better) if norms is None else [(given, norms)]
    parts = [
        _transformed(part, rule, higher_is_better=higher_is_better) for part, rule in halves if part.n_series
    ]
    looked = _Transforms.together(parts)
    if not len(looked.low):
        raise TableError(
            "no rating to check norms with", allowed=f"ratings with {EARLIER_RATINGS} or more earlier ones"
        )
    return _check(looked, norms)


def _halves(series: RatingSeries, *, higher_is_better: bool) -> Iterator[tuple[RatingSeries, Norms]]:
    """Each half of the cases with norms fitted to the other; which half a case is in does not depend on its place."""
    cases = series.keys.get_column("case").cast(str).to_list()
    ordered = sorted(set(cases), key=lambda case: sha256(case.encode()).digest())
    first = set(ordered[: len(ordered) // 2])
    inside = np.array([case in first for case in cases], np.bool_)
    for here in (inside, ~inside):
        others = take_series(series, np.flatnonzero(~here))
        norms = fit_norms(others, name="fitted", version="2 halves", higher_is_better=higher_is_better)
        yield take_series(series, np.flatnonzero(here)), norms


@dataclass(frozen=True, eq=False)
class _Transforms:
    """Predicted probability of less than the two ends of what each rating stands for; arrays (n_ratings,)."""

    low: Floats
    high: Floats
    case: Integers
    series: Integers
    earlier: Integers
    session: Integers
    level: Floats

    @classmethod
    def together(cls, parts: Sequence["_Transforms"]) -> "_Transforms":
        """Parts of a table whose cases are different."""
        shifted, cases, series = [], 0, 0
        for part in parts:
            shifted.append(replace(part, case=part.case + cases, series=part.series + series))
            cases += int(part.case.max(initial=-1)) + 1
            series += int(part.series.max(initial=-1)) + 1
        return cls(
            *(np.concatenate([getattr(part, name) for part in shifted]) for name in cls.__annotations__)
        )

    def below(self, point: float) -> Floats:
        """How much of each rating lies below a point, 0 to 1."""
        width = self.high - self.low
        inside = np.clip((point - self.low) / np.where(width > 0, width, 1.0), 0.0, 1.0)
        below: Floats = np.where(width > 0, inside, self.low < point)
        return below


def _transformed(series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> _Transforms:
    """The transforms of all ratings with enough earlier ones."""
    turned = series if higher_is_better else series.reversed()
    people = norms_in_points(turned, norms, higher_is_better=higher_is_better).population(scored=True)
    step = np.where(people.step > 0, people.step, rating_steps(turned, people.kind))
    low, high, expected = (np.empty(len(turned.value)) for _ in range(3))
    for some in OneStepAhead(turned, people, BREAK_DAYS):
        at, owner = some.at, turned.series_of[some.at]
        edges = _edges(turned.value[at], step[owner], some.population)
        below = [some.prediction.probability_below(edge) for edge in edges]
        calibration = some.population.calibration
        if calibration is not None:
            below = [calibration.calibrated(chance) for chance in below]
        low[at] = np.where(np.isneginf(edges[0]), 0.0, below[0])
        high[at] = np.where(np.isposinf(edges[1]), 1.0, below[1])
        expected[at] = some.population.point(some.prediction.centre())
    names = turned.keys.get_column("case").cast(str).to_list()
    number = {name: place for place, name in enumerate(dict.fromkeys(names))}
    owner = turned.series_of
    taken = np.flatnonzero(turned.position >= EARLIER_RATINGS)
    mean, within = people.course[people.kind, 0], people.within_sd
    level = (expected - people.point(mean)[owner]) / within[owner]
    return _Transforms(
        low=low[taken],
        high=high[taken],
        case=np.array([number[name] for name in names], np.int64)[owner[taken]],
        series=owner[taken],
        earlier=turned.position[taken],
        session=turned.session[taken],
        level=level[taken],
    )


def _edges(value: Floats, step: Floats, people: Population) -> tuple[Floats, Floats]:
    """Between which places, in the unit of the state, ratings lie; infinite at the ends of the scale."""
    low, high = (people.score(value + by * step / 2) for by in (-1, 1))
    return (
        np.where(value <= people.minimum, -np.inf, low),
        np.where(value >= people.maximum, np.inf, high),
    )


class _Share(NamedTuple):
    """A share with the ends of its 95% interval."""

    share: float
    low: float
    high: float


def _share(amount: Floats, looked: _Transforms, where: Flags) -> _Share:
    """Share of the ratings; the case is the sampling unit (linearised ratio estimator; Cochran 1977, chapter 6)."""
    cases = looked.case[where]
    looks = np.bincount(cases)
    total = np.bincount(cases, weights=amount[where])
    value = float(total.sum() / looks.sum())
    error = float(np.sqrt(((total - value * looks) ** 2).sum()) / looks.sum())
    return _Share(value, max(0.0, value - NORMAL_95 * error), min(1.0, value + NORMAL_95 * error))


def _check(looked: _Transforms, norms: Norms | None) -> NormsCheck:
    import polars as pl

    everybody = np.ones(len(looked.low), np.bool_)
    points = np.linspace(0, 1, BINS + 1)
    edges = [np.zeros(len(looked.low)), *(looked.below(point) for point in points[1:-1]), everybody * 1.0]
    bins = [
        {"from": float(begins), "to": float(ends), **_share(above - below, looked, everybody)._asdict()}
        for (begins, ends), (below, above) in zip(pairwise(points), pairwise(edges), strict=True)
    ]
    rows = [
        {
            "by": by,
            "group": group,
            "n_ratings": int(where.sum()),
            "part": part,
            "nominal": nominal,
            **share._asdict(),
        }
        for by, group, where in _groups(looked)
        if where.any()
        for part, nominal, share in _parts(looked, where)
    ]
    of_all = {(row["part"], row["nominal"]): row for row in rows if row["by"] == "all"}
    upper, lower = (of_all[part, JUDGED_TAIL] for part in ("upper", "lower"))
    lower_tail = float(str(lower["share"]))
    return NormsCheck(
        norms_name=norms.name if norms else "fitted",
        norms_version=norms.version if norms else "2 halves",
        held_out=norms is None,
        n_cases=len(np.unique(looked.case)),
        n_series=len(np.unique(looked.series)),
        n_ratings=len(looked.low),
        outcome=_outcome(_of(upper), _of(of_all["middle", MIDDLE[1] - MIDDLE[0]])),
        nominal=JUDGED_TAIL,
        lower_tail=lower_tail,
        ruptures=max(0.0, (lower_tail - JUDGED_TAIL) / (1 - JUDGED_TAIL)),
        histogram=pl.DataFrame(bins),
        shares=pl.DataFrame(rows),
    )


def _of(row: dict[str, object]) -> _Share:
    return _Share(*(float(str(row[name])) for name in _Share._fields))


def _parts(looked: _Transforms, where: Flags) -> Iterator[tuple[str, float, _Share]]:
    """Both tails and the middle half."""
    for tail in TAILS:
        yield "lower", tail, _share(looked.below(tail), looked, where)
    for tail in TAILS:
        yield "upper", tail, _share(1 - looked.below(1 - tail), looked, where)
    low, high = MIDDLE
    yield "middle", high - low, _share(looked.below(high) - looked.below(low), looked, where)


def _groups(looked: _Transforms) -> Iterator[tuple[str, str, Flags]]:
    """All ratings, and those alike in one respect."""
    yield "all", "all", np.ones(len(looked.low), np.bool_)
    for by, values, bounds in (
        ("earlier ratings", looked.earlier, EARLIER_GROUPS),
        ("session", looked.session, SESSION_GROUPS),
    ):
        for least, most in bounds:
            name = f"{least} or more" if most is None else f"{least} to {most}"
            yield by, name, (values >= least) & (values <= (np.inf if most is None else most))
    low, high = np.quantile(looked.level, [1 / 3, 2 / 3])
    yield "expected level", "lowest third", looked.level <= low
    yield "expected level", "middle third", (looked.level > low) & (looked.level <= high)
    yield "expected level", "highest third", looked.level > high


def _outcome(upper: _Share, middle: _Share) -> str:
    judged = ((upper, TAIL_ALLOWED), (middle, MIDDLE_ALLOWED))
    if any(share.high < least or share.low > most for share, (least, most) in judged):
        return "not met"
    inside = all(least <= share.share <= most for share, (least, most) in judged)
    return "met" if inside and (upper.high - upper.low) / 2 <= WIDEST else "cannot be told"
