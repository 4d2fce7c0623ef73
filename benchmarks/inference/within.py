"""How often the intervals of the within- and between-person parts hold the truth in short series, by simulation."""

import argparse
from functools import partial

import numpy as np

from benchmarks.inference.replications import Coverage, Row, by_cell, loop_parser, run_replications
from goldseam.arrays import Floats
from goldseam.cohort.panel_analysis import observed_slope
from goldseam.cohort.panel_autoregression import (
    PanelPairs,
    clustered_interval,
    fit_panel,
    level_correlation,
    level_slope,
)

KEPT_ALLIANCE, KEPT_PROGRESS, BACK = 0.3, 0.4, 0.1
LEVELS, SHOCKS = 0.4, 0.3
"""Correlations between alliance and progress, of own levels and of innovations, all with an SD of 1."""
WARMING_UP = 50
ENDS, STEP = (-2.0, 1.0), 0.25


def both_ratings(random: np.random.Generator, sessions: int, args: argparse.Namespace) -> Floats:
    """Alliance and progress of each person by session, around the mean of each session."""
    persons = args.persons
    a = np.array([[KEPT_ALLIANCE, BACK], [args.effect, KEPT_PROGRESS]])

    def pairs(correlation: float) -> Floats:
        drawn = random.standard_normal((persons, 2))
        drawn[:, 1] = correlation * drawn[:, 0] + np.sqrt(1 - correlation**2) * drawn[:, 1]
        return drawn

    level, slope, now = pairs(LEVELS), args.slopes * pairs(0.5), np.zeros((persons, 2))
    values = np.empty((persons, sessions, 2))
    for session in range(-WARMING_UP, sessions):
        now = now @ a.T + pairs(SHOCKS)
        if session >= 0:
            values[:, session] = level + slope * session + now
    values += args.errors * random.standard_normal(values.shape)
    if args.ends:
        values = np.clip(np.round(values / STEP) * STEP, *ENDS)
    if args.missing:
        values[random.random((persons, sessions)) < args.missing] = np.nan
    if args.leaving:
        # who rated progress low is likelier not to come again
        leave = random.random((persons, sessions)) < args.leaving * (1 + np.tanh(-values[:, :, 1]))
        gone = np.cumsum(leave, axis=1) - leave > 0
        values[gone] = np.nan
    found: Floats = values - np.nanmean(values, axis=0)
    return found


def replication(number: int, sessions: float, args: argparse.Namespace) -> Row:
    """Estimates with their intervals; none where a fit has no solution."""
    random = np.random.default_rng([number, int(sessions), args.persons])
    around = both_ratings(random, int(sessions), args)
    cluster = np.arange(args.persons)
    row: Row = {}
    levels = fit_panel(PanelPairs.of(around, 1))
    fits = {"level": levels, "course": fit_panel(PanelPairs.of(around, 2)) if sessions > 5 else None}
    for name, fit in fits.items():
        found: tuple[float | None, ...] = (None,) * 3
        if fit is not None and fit.converged:
            value = float(fit.a[1, 0])
            found = clustered_interval(value, fit.influence[:, 2], cluster[fit.pairs.kept])
        row |= dict(zip((f"{name}_d", f"{name}_low", f"{name}_high"), found, strict=True))
    row["usual"] = float(levels.pairs.uncorrected()[1, 0])
    for figure, name in ((level_slope, "slope"), (level_correlation, "correlation")):
        found = (None,) * 3
        if levels.converged:
            found = clustered_interval(*levels.between(figure), cluster[levels.pairs.kept])
        known = [None if each is None or not np.isfinite(each) else each for each in found]
        row |= dict(zip((f"{name}_d", f"{name}_low", f"{name}_high"), known, strict=True))
    row["observed_slope"] = observed_slope(around[levels.pairs.kept])
    row["reliability"] = levels.reliability if levels.converged else None
    return row


def main() -> None:
    parser = loop_parser(__doc__, "within.csv", 2000)
    parser.add_argument("--persons", type=int, default=200)
    parser.add_argument("--sessions", type=int, nargs="+", default=[5, 8, 15])
    parser.add_argument(
        "--effect", type=float, default=0.1, help="of alliance on the progress of the next session"
    )
    parser.add_argument("--slopes", type=float, default=0.0, help="SD of own slopes, points a session")
    parser.add_argument(
        "--errors", type=float, default=0.0, help="SD of an error of measurement of each rating"
    )
    parser.add_argument("--missing", type=float, default=0.0, help="share of the sessions without ratings")
    parser.add_argument(
        "--leaving", type=float, default=0.0, help="chance to leave, larger after low progress"
    )
    parser.add_argument(
        "--ends", action="store_true", help="ratings in steps, cut off one SD above the middle"
    )
    args = parser.parse_args()
    rows = run_replications(args, "sessions", args.sessions, partial(replication, args=args))
    truths = {"level": args.effect, "course": args.effect, "slope": LEVELS, "correlation": LEVELS}
    for sessions, each in by_cell(rows, "sessions"):
        usual, reliability = each["usual"].mean(), each["reliability"].drop_nulls().mean()
        print(
            f"{sessions:.0f} sessions, {each.height} replications: usual {usual:.3f}, reliability {reliability:.2f}"
        )
        for name, truth in truths.items():
            found = Coverage.of(each, name, truth)
            if found is not None:
                print(" ", name, found.line())
        print("   observed slope between", round(float(each["observed_slope"].mean()), 3))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
