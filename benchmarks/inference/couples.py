"""How often the intervals of actor, partner and shared effects in couples hold the truth, by simulation."""

import argparse
from functools import partial

import numpy as np

from benchmarks.inference.replications import Coverage, Row, by_cell, loop_parser, run_replications
from goldseam.arrays import Floats
from goldseam.cohort.couple_analysis import shared_correlation
from goldseam.cohort.couple_ratings import doubled
from goldseam.cohort.paired_ratings import session_means
from goldseam.cohort.panel_autoregression import PanelPairs, clustered_interval, fit_panel

ACTOR, KEPT_ALLIANCE, KEPT_PROGRESS, BACK = 0.15, 0.3, 0.4, 0.1
MEMBERS, LEVELS, SHARED_LEVELS, SHOCKS = 0.5, 0.4, 0.5, 0.3
"""Correlations: of levels and innovations between members, of own levels of alliance and progress, of what is shared in
them, and of innovations."""
WARMING_UP = 50


def couples(random: np.random.Generator, sessions: int, args: argparse.Namespace) -> Floats:
    """Alliance of both members, then progress of both, by session."""
    a = np.zeros((4, 4))
    a[0, 0] = a[1, 1] = KEPT_ALLIANCE
    a[2, 2] = a[3, 3] = KEPT_PROGRESS
    a[0, 2] = a[1, 3] = BACK
    a[2, 0] = a[3, 1] = ACTOR
    a[2, 1] = a[3, 0] = args.partner

    def drawn(own: float, shared: float) -> Floats:
        cross = np.array([[1.0, own], [own, 1.0]])
        other = np.array([[1.0, shared], [shared, 1.0]]) * MEMBERS
        covariance = np.kron(cross, np.eye(2)) + np.kron(other, 1 - np.eye(2))
        found: Floats = random.standard_normal((args.couples, 4)) @ np.linalg.cholesky(covariance).T
        return found

    level, now = drawn(LEVELS, SHARED_LEVELS), np.zeros((args.couples, 4))
    values = np.empty((args.couples, sessions, 4))
    for session in range(-WARMING_UP, sessions):
        now = now @ a.T + drawn(SHOCKS, SHOCKS)
        if session >= 0:
            values[:, session] = level + now
    if args.missing:
        values[random.random((args.couples, sessions)) < args.missing] = np.nan
    return values


def replication(number: int, sessions: float, args: argparse.Namespace) -> Row:
    """Estimates with their intervals; none where there is no solution."""
    random = np.random.default_rng([number, int(sessions), args.couples])
    twice = doubled(couples(random, int(sessions), args))
    cluster = np.tile(np.arange(args.couples), 2)
    fit = fit_panel(PanelPairs.of(twice - session_means(twice), 1))
    row: Row = {}
    for name, source in (("actor", 0), ("partner", 1)):
        found: tuple[float | None, ...] = (None,) * 3
        if fit.converged:
            place = 2 * 4 + source
            found = clustered_interval(
                float(fit.a[2, source]), fit.influence[:, place], cluster[fit.pairs.kept]
            )
        row |= dict(zip((f"{name}_d", f"{name}_low", f"{name}_high"), found, strict=True))
        row[f"{name}_usual"] = float(fit.pairs.uncorrected()[2, source])
    found = (None,) * 3
    if fit.converged:
        found = clustered_interval(*fit.between(shared_correlation), cluster[fit.pairs.kept])
        found = tuple(each if each is not None and np.isfinite(each) else None for each in found)
    return row | dict(zip(("shared_d", "shared_low", "shared_high"), found, strict=True))


def main() -> None:
    parser = loop_parser(__doc__, "couples.csv", 2000)
    parser.add_argument("--couples", type=int, default=150)
    parser.add_argument("--sessions", type=int, nargs="+", default=[5, 8, 15])
    parser.add_argument("--partner", type=float, default=0.1, help="effect of the partner's alliance")
    parser.add_argument("--missing", type=float, default=0.0, help="share of the sessions without ratings")
    args = parser.parse_args()
    rows = run_replications(args, "sessions", args.sessions, partial(replication, args=args))
    for sessions, each in by_cell(rows, "sessions"):
        print(f"{sessions:.0f} sessions, {each.height} replications")
        for name, truth in (("actor", ACTOR), ("partner", args.partner), ("shared", SHARED_LEVELS)):
            found = Coverage.of(each, name, truth)
            if found is not None:
                print(" ", name, found.line())
        print(
            "   least squares",
            *(round(float(each[f"{name}_usual"].mean()), 3) for name in ("actor", "partner")),
        )  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
