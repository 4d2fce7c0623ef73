"""Split alliance: members of one case who see their own alliance with the therapist differently."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from math import inf, sqrt
from typing import TYPE_CHECKING, Any

from goldseam.alliance.case_tables import (
    CASE,
    MET,
    SESSION,
    THERAPISTS,
    TIE,
    PerScale,
    at_or_beyond,
    checked_fraction,
    checked_raters,
    cut_offs,
    final_table,
    long_table,
    scale_rows,
    verdict,
    with_norm_figures,
)
from goldseam.alliance.member_pairs import PAIR_COLUMNS, normal_quantile, pair_history, pair_rows
from goldseam.alliance.member_views import VIEW_COLUMNS, member_view_rows
from goldseam.interval_chart import interval_chart
from goldseam.norms import Norms
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

SPLIT_COLUMNS = (
    *SESSION,
    "n_members",
    "n_present",
    "n_rated",
    "reason",
    "mean",
    "lowest",
    "highest",
    "sd",
    "split",
    "low",
    "high",
    "reliable_at",
    "reliable",
    "conventional_at",
    "conventional",
    "below",
    "one_below",
    "odd_one_out",
    "odd_distance",
    "odd_one_out_found",
    "intact",
)


@dataclass(frozen=True, eq=False, repr=False)
class SplitAlliance(ShownResult):
    """Split alliance of many cases, as tables; signed differences are *first minus second* by rater name.

    Verdicts are *met*, *not met*, *not applied* (one member, members away, or a figure or cut-off that is not
    known) and *not enough data* (present but not rated, or too few earlier sessions).

    Attributes
    ----------
    sessions : polars.DataFrame
        A row per session of a case: ``case, phase, session``; ``n_members`` of the case, ``n_present`` of them,
        ``n_rated``; ``reason``, null or ``one_member, members_away, not_rated``; ``mean, lowest, highest, sd``
        of the ratings; ``split``, the largest difference between two members; ``low, high``, its interval;
        ``reliable_at, reliable``: larger than measurement error explains, over all pairs at once;
        ``conventional_at, conventional``: one SD between persons or more; ``below``, the members below the
        cut-off; ``one_below``: some below it, others not; ``odd_one_out, odd_distance, odd_one_out_found``: of
        three or more, the member farthest from the median; ``intact``: no conventional split, everyone there
        rated, and nobody below the cut-off.
    pairs : polars.DataFrame
        A row per two members at a session both attended: ``signed_split, split, low, high``; the same two
        rules; ``n_before, level``: earlier sessions and their mean signed difference (how the two usually
        differ); ``change, change_at, changed``: what is new.
    history : polars.DataFrame
        A row per two members: sessions attended and rated together, ``level`` with its interval and
        ``level_split`` (the two differ as a rule), the widest split, how often each rule was met,
        ``current_run``: latest sessions with a conventional split, without a break.
    views : polars.DataFrame
        A row per member and session: ``skew`` (own minus the view of the others), ``discrepancy`` (the view of
        the others minus what they say themselves), each with threshold and verdict. Empty if no view of the
        others was rated.
    scale : str
        The members' own alliance.
    confidence : float
        Of intervals and thresholds.
    """

    sessions: "pl.DataFrame"
    pairs: "pl.DataFrame"
    history: "pl.DataFrame"
    views: "pl.DataFrame"
    scale: str
    confidence: float

    def summary(self) -> str:
        """How many sessions and cases were compared, and in how many of them members were apart.

        Returns
        -------
        str
        """
        rated = self.sessions.filter(self.sessions["reason"].is_null())
        apart = {name: int((rated[name] == MET).sum()) for name in ("reliable", "conventional")}
        return (
            f"Split alliance on {self.scale}: {counted(self.sessions.select(CASE).n_unique(), 'case')}, "
            f"{counted(self.sessions.height, 'session')}, {rated.height} with two members' ratings or more\n"
            f"{counted(apart['conventional'], 'session')} with a conventional split (one SD between persons), "
            f"{apart['reliable']} with a reliable one (more than measurement error explains)\n"
            f"{self.history.height} pairs of members"
        )

    def plot(self) -> Any:
        """How each pair of members differs as a rule, with its interval.

        Returns
        -------
        altair.LayerChart
            As for other results; None where no pair can be compared.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        known = self.history.drop_nulls(["level", "level_low", "level_high"])
        rows = [
            (
                f"{row['case']}: {row['first']} less {row['second']}",
                row["level"],
                row["level_low"],
                row["level_high"],
            )
            for row in known.to_dicts()
        ]
        return interval_chart(rows, f"Split alliance on {self.scale}", "points")

    def _main_table(self) -> "pl.DataFrame":
        return self.history


def split_alliance(
    ratings: Ratings,
    *,
    scale: str = "self_therapist",
    other_scale: str = "other_therapist",
    therapists: Collection[str] = THERAPISTS,
    norms: Norms | None = None,
    measurement_error: PerScale = None,
    cut_off: float | None = None,
    confidence: float = 0.95,
    missing: MissingRatings = (),
    reading: ReadOptions | None = None,
) -> SplitAlliance:
    """Compare the members of each case in how they rate their own alliance with the therapist.

    Attendance is respected: a member without a row at a session was away, which is not missing; members are
    compared only where they were together. Formulas are in ``docs/methods/alliance.md``; split, skew and
    discrepancy are those of couple-therapy research (Heatherington & Friedlander 1990; Wolfson's dissertation
    on 56 couples), the interval is that of a difference with measurement error.

    Parameters
    ----------
    ratings
        As for `goldseam.detect`, higher is better, with sessions numbered over the case.
    scale : str
        The members' own alliance with the therapist.
    other_scale : str
        Each member's view of the others' alliance; used where it is in the ratings.
    therapists : collection of str
        Raters who are no members.
    norms : Norms, optional
        Give the SD between and within persons, and the measurement error where known; the shipped default if
        not given. Where the range they need is unknown, the rule is *not applied*.
    measurement_error : float, mapping of str to float, optional
        Standard error of measurement in points, by scale or one for all; taken before that of the norms.
    cut_off : float, optional
        In points, on `scale`; ratings below it are low.
    confidence : float
        Of intervals and thresholds, between 0 and 1.
    missing, reading
        As for `goldseam.detect`.

    Returns
    -------
    SplitAlliance

    Raises
    ------
    TableError
        The ratings cannot be used, lack the scale, or compare different ranges.
    ParameterError
        A figure, cut-off, rater or the confidence is not what it must be.
    NormsError
        The norms have no entry for a scale.

    Examples
    --------
    >>> import polars as pl
    >>> ratings = pl.DataFrame({"case": "A", "rater": ["client", "partner"], "scale": "self_therapist",
    ...                         "session": 1, "value": [8.0, 4.5], "minimum": 0.0, "maximum": 10.0})
    >>> found = split_alliance(ratings, measurement_error=0.5, cut_off=5)
    >>> found.sessions.select("split", "reliable", "one_below").row(0)
    (3.5, 'met', 'met')
    """
    import polars as pl

    checked_confidence = checked_fraction("confidence", confidence)
    table = with_norm_figures(long_table(ratings, missing=missing, reading=reading), norms, measurement_error)
    own = scale_rows(table, scale, without=checked_raters(therapists, "therapists"))
    low = cut_offs(None if cut_off is None else {scale: cut_off}, own).get(scale)
    pairs = pair_rows(own, checked_confidence)
    other = table.filter(pl.col("scale") == other_scale, ~pl.col("rater").is_in(list(therapists)))
    views = member_view_rows(own, other, checked_confidence)
    return SplitAlliance(
        sessions=_sessions(own, low, checked_confidence),
        pairs=final_table(pairs, PAIR_COLUMNS),
        history=pair_history(pairs, checked_confidence),
        views=views if other.height else views.clear().select(VIEW_COLUMNS),
        scale=scale,
        confidence=checked_confidence,
    )


def _sessions(own: "pl.DataFrame", cut_off: float | None, confidence: float) -> "pl.DataFrame":
    import polars as pl

    low = pl.col("value") < pl.lit(cut_off, dtype=pl.Float64)
    members = own.group_by(CASE).agg(pl.col("rater").n_unique().cast(pl.Int64).alias("n_members"))
    sessions = own.group_by(SESSION).agg(
        pl.len().cast(pl.Int64).alias("n_present"),
        pl.col("value").count().cast(pl.Int64).alias("n_rated"),
        pl.col("value").mean().alias("mean"),
        pl.col("value").min().alias("lowest"),
        pl.col("value").max().alias("highest"),
        pl.col("value").std().alias("sd"),
        pl.col("between_sd", "measurement_error").first(),
        pl.col("rater").filter(low).sort().alias("below"),
    )
    sessions = sessions.join(members, on=CASE).join(_odd_one_out(own), on=SESSION, how="left")
    sessions = sessions.with_columns(
        split=pl.when(pl.col("n_rated") > 1).then(pl.col("highest") - pl.col("lowest")),
        reason=_reason(),
        cut_off=pl.lit(cut_off, dtype=pl.Float64),
        conventional_at=pl.col("between_sd"),
        reliable_at=_critical_range(sessions, confidence) * pl.col("measurement_error"),
    )
    return final_table(_with_verdicts(sessions), SPLIT_COLUMNS)


def _reason() -> "pl.Expr":
    import polars as pl

    return (
        pl.when(pl.col("n_members") < 2)
        .then(pl.lit("one_member"))
        .when(pl.col("n_present") < 2)
        .then(pl.lit("members_away"))
        .when(pl.col("n_rated") < 2)
        .then(pl.lit("not_rated"))
    )


def _with_verdicts(sessions: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    split, together = pl.col("split"), pl.col("n_present") > 1
    enough = pl.col("n_rated") > 1
    n_below = pl.col("below").list.len()

    def rule(met: "pl.Expr", figure: str, enough: "pl.Expr" = enough) -> "pl.Expr":
        return verdict(met, applied=together & pl.col(figure).is_not_null(), enough=enough)

    judged = sessions.with_columns(
        low=(split - pl.col("reliable_at")).clip(lower_bound=0.0),
        high=split + pl.col("reliable_at"),
        reliable=rule(at_or_beyond(split, pl.col("reliable_at")), "measurement_error"),
        conventional=rule(at_or_beyond(split, pl.col("conventional_at")), "conventional_at"),
        one_below=rule((n_below > 0) & (n_below < pl.col("n_rated")), "cut_off"),
        odd_one_out_found=verdict(
            pl.col("odd_one_out").is_not_null(), applied=pl.col("n_present") > 2, enough=pl.col("n_rated") > 2
        ),
    )
    broken = (pl.col("conventional") == MET) | (n_below > 0)
    everyone = pl.col("n_rated") == pl.col("n_present")
    known = pl.col("conventional_at").is_not_null() & pl.col("cut_off").is_not_null()
    intact = verdict(~broken, applied=together & known, enough=broken | (enough & everyone))
    return judged.with_columns(intact=intact, below=pl.when(pl.col("cut_off").is_not_null()).then("below"))


def _odd_one_out(own: "pl.DataFrame") -> "pl.DataFrame":
    """The member farthest from the median, where three or more rated and no other is as far."""
    import polars as pl

    rated = own.filter(pl.col("value").is_not_null())
    away = (pl.col("value") - pl.col("value").median()).abs()
    farthest = away.max()
    alone = (pl.len() > 2) & ((away > farthest - TIE).sum() == 1)
    odd = rated.group_by(SESSION).agg(
        pl.col("rater").get(away.arg_max()).alias("odd_one_out"),
        farthest.alias("odd_distance"),
        alone.alias("alone"),
    )
    return odd.filter("alone").drop("alone")


def _critical_range(sessions: "pl.DataFrame", confidence: float) -> "pl.Expr":
    """How many measurement errors the range of the members' ratings may reach without any true difference.

    For two members this is 1.96 times the square root of 2 at 95%; for more it is the quantile of the
    studentized range with known error, one test for all pairs together (Tukey).
    """
    import polars as pl

    counts = [int(count) for count in sessions.get_column("n_rated").unique() if count > 1]
    limits = {count: _range_quantile(count, confidence) for count in counts}
    return pl.col("n_rated").replace_strict(limits, default=None, return_dtype=pl.Float64)


@cache
def _range_quantile(count: int, confidence: float) -> float:
    if count == 2:
        return sqrt(2) * normal_quantile(confidence)
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(confidence, count, inf))
