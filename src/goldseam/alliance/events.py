"""Events of a case from events of its members: joint, split, single, and strain between the members."""

from collections.abc import Collection
from math import sqrt
from typing import TYPE_CHECKING

from goldseam.alliance.case_tables import (
    CASE,
    FEWEST_EARLIER,
    MET,
    NOT_MET,
    THERAPISTS,
    PerScale,
    at_or_beyond,
    checked_raters,
    final_table,
    long_table,
    scale_rows,
    verdict,
    with_norm_figures,
)
from goldseam.alliance.event_clusters import adjacent_clusters, attendance, cluster_events, sessions_at_risk
from goldseam.alliance.member_events import case_status, checked_member_events
from goldseam.alliance.member_pairs import pair_rows
from goldseam.norms import Norms
from goldseam.series.frames import result_as_given
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions

if TYPE_CHECKING:
    import polars as pl

CASE_EVENT_COLUMNS = (
    *CASE,
    "onset_session",
    "last_onset_session",
    "kind",
    "members",
    "n_members",
    "n_attended",
    "n_tests",
    "joint",
    "split",
    "split_with",
    "split_before",
    "split_at_onset",
    "split_rise",
    "split_rise_at",
    "within_members",
    "smallest_p",
    "status",
    "repair_session",
)
RC90 = 1.6448536269514722
"""Normal quantile of a two-sided 90% interval, as in a reliable change at 90%."""


@result_as_given
def case_events(
    ratings: Ratings,
    events: "pl.DataFrame",
    *,
    scale: str = "self_therapist",
    within_scale: str = "within",
    therapists: Collection[str] = THERAPISTS,
    judged: "pl.DataFrame | None" = None,
    norms: Norms | None = None,
    measurement_error: PerScale = None,
    missing: MissingRatings = (),
    reading: ReadOptions | None = None,
) -> "pl.DataFrame":
    """Bring the events of members together to events of the case.

    Only one primary series per member (`scale`) and the members' view of each other (`within_scale`) count; there
    is no correction over many scales, and ``n_tests`` says how many member series were looked at. Onsets belong
    together when they are in the same session, or in the next one that the later member attended. Definitions are
    in ``docs/methods/alliance.md``.

    Parameters
    ----------
    ratings
        As for `goldseam.detect`, higher is better, with sessions numbered over the case.
    events : polars.DataFrame
        As `Detection.events` of those ratings; events on other scales are left out.
    scale, within_scale : str
        The members' alliance with the therapist, and with each other.
    therapists : collection of str
        Raters who are no members.
    judged : polars.DataFrame, optional
        As `Detection.sessions`; without it every rated session counts as judged.
    norms : Norms, optional
        Give the measurement error where known; the shipped default if not given.
    measurement_error : float, mapping of str to float, optional
        Standard error of measurement in points; without any, *split* is *not applied*.
    missing, reading
        As for `goldseam.detect`.

    Returns
    -------
    polars.DataFrame
        A row per case event. Its ``kind`` is *joint* (two or more members), *split* (one member, and the
        difference to another rose reliably), *single* (one member, no such rise shown) or *within-system* (only in
        how the members see each other). ``members`` have an event, ``within_members`` one on `within_scale` beside
        it; ``n_attended`` members were there and ``n_tests`` judged; ``joint`` and ``split`` are verdicts;
        ``split_rise`` is the difference at onset to ``split_with`` less that before, ``split_rise_at`` its
        threshold (RC90). ``status`` is *repaired* when all members' events are and *partial* when some are.

    Raises
    ------
    TableError
        A table cannot be used, or an event is not at a rated session of the ratings.
    ParameterError
        A measurement error or a rater is not what it must be.

    Examples
    --------
    >>> import polars as pl
    >>> from goldseam import detect
    >>> views = {"client": [7.5, 7.2, 7.4, 7.3, 3.0], "partner": [7.0, 7.2, 6.9, 7.1, 7.0]}
    >>> rows = [("A", who, "self_therapist", session, value, 0.0, 10.0)
    ...         for who, values in views.items() for session, value in enumerate(values, start=1)]
    >>> names = ["case", "rater", "scale", "session", "value", "minimum", "maximum"]
    >>> ratings = pl.DataFrame(rows, schema=names, orient="row")
    >>> found = detect(ratings)
    >>> together = case_events(ratings, found.events, judged=found.sessions, measurement_error=0.4)
    >>> together.select("onset_session", "kind", "n_tests", "joint").row(0)
    (5, 'split', 2, 'not met')
    """
    import polars as pl

    table = with_norm_figures(long_table(ratings, missing=missing, reading=reading), norms, measurement_error)
    away = checked_raters(therapists, "therapists")
    own = scale_rows(table, scale, without=away)
    between = table.filter(pl.col("scale") == within_scale, ~pl.col("rater").is_in(away))
    attended, given = attendance(table), checked_member_events(events, table)
    looked = _judged_sessions(table, judged)
    primary = cluster_events(_events_on_scale(given, own, scale), attended)
    beside = cluster_events(_events_on_scale(given, between, within_scale), attended)
    near = adjacent_clusters(primary, beside, attended)
    alone = beside.filter(~pl.col("cluster").is_in(near.get_column("cluster_other").unique().to_list()))
    found = [
        _with_split(_case_event_rows(primary, own, attended, looked), own).join(
            near.group_by("cluster").agg(pl.col("rater_other").unique().sort().alias("within_members")),
            on="cluster",
            how="left",
        ),
        _case_event_rows(alone, between, attended, looked).with_columns(
            split=pl.lit("not applied"), within_members="members", kind=pl.lit("within-system")
        ),
    ]
    both = pl.concat(found, how="diagonal")
    empty = pl.col("within_members").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    return final_table(both.with_columns(within_members=empty, kind=_kind()), CASE_EVENT_COLUMNS)


def _events_on_scale(given: "pl.DataFrame", rows: "pl.DataFrame", scale: str) -> "pl.DataFrame":
    """The events of the members on one scale."""
    import polars as pl

    members = rows.select(*CASE, "rater").unique()
    return given.filter(pl.col("scale") == scale).join(members, on=[*CASE, "rater"], how="semi")


def _judged_sessions(table: "pl.DataFrame", judged: "pl.DataFrame | None") -> "pl.DataFrame":
    """Sessions at which a series was judged: by the detection, or where that is not given, all rated ones."""
    import polars as pl

    keys = (*CASE, "rater", "scale", "session")
    if judged is None:
        return table.filter(pl.col("value").is_not_null()).select(keys)
    sessions = checked_member_events(judged, table, column="session", what="judged sessions")
    return sessions.filter(pl.col("verdict").is_in([MET, NOT_MET])).select(keys)


def _case_event_rows(
    events: "pl.DataFrame", rows: "pl.DataFrame", attended: "pl.DataFrame", looked: "pl.DataFrame"
) -> "pl.DataFrame":
    """One row per cluster of member events, with who was there and who was judged."""
    import polars as pl

    onset = pl.col("onset_session")
    clusters = events.group_by("cluster", maintain_order=True).agg(
        pl.col(*CASE).first(),
        onset.min(),
        onset.max().alias("last_onset_session"),
        pl.col("rater").unique().sort().alias("members"),
        pl.col("p").min().alias("smallest_p"),
        *case_status(),
    )
    clusters = clusters.with_columns(n_members=pl.col("members").list.len().cast(pl.Int64))
    members = rows.select(*CASE, "rater").unique()
    chances = sessions_at_risk(clusters, members, attended.join(members, on=[*CASE, "rater"], how="semi"))
    chances = chances.join(rows.select(*CASE, "rater", "session"), on=[*CASE, "rater", "session"], how="semi")
    tested = chances.join(
        looked.filter(pl.col("scale").is_in(rows.get_column("scale").unique().to_list())),
        on=[*CASE, "rater", "session"],
        how="semi",
    )
    for name, who in (("n_attended", chances), ("n_tests", tested)):
        counts = who.group_by("cluster").agg(pl.col("rater").n_unique().cast(pl.Int64).alias(name))
        clusters = clusters.join(counts, on="cluster", how="left", maintain_order="left")
    clusters = clusters.with_columns(pl.max_horizontal("n_members", "n_tests").alias("n_tests"))
    return clusters.with_columns(
        joint=verdict(
            pl.col("n_members") > 1,
            applied=pl.col("n_attended") > 1,
            enough=pl.col("n_tests") > 1,
        )
    )


def _with_split(clusters: "pl.DataFrame", own: "pl.DataFrame") -> "pl.DataFrame":
    """Add how far the one member with an event moved away from the others since before the onset."""
    import polars as pl

    lone = clusters.filter(pl.col("n_members") == 1)
    lone = lone.select(
        *CASE, "cluster", pl.col("onset_session").alias("session"), pl.col("members").list.first()
    )
    rises = _split_rises(own).join(lone.rename({"members": "rater"}), on=[*CASE, "session", "rater"])
    order = {"cluster": False, "split_rise": True, "split_at_onset": True, "split_with": False}
    widest = rises.sort(*order, descending=list(order.values()), nulls_last=True)
    split = clusters.join(
        widest.unique("cluster", keep="first"), on="cluster", how="left", maintain_order="left"
    )
    return split.with_columns(
        split=verdict(
            at_or_beyond(pl.col("split_rise"), pl.col("split_rise_at")),
            applied=pl.col("split_rise_at").is_not_null(),
            enough=pl.col("split_rise").is_not_null(),
        )
    )


def _split_rises(own: "pl.DataFrame") -> "pl.DataFrame":
    """For each member and each other one who was there: the difference now, before, and its rise."""
    import polars as pl

    pairs = pair_rows(own, confidence=0.9).with_columns(
        split_at_onset="split",
        split_before=pl.when(pl.col("n_before") >= FEWEST_EARLIER).then(pl.col("level").abs()),
        split_rise_at=RC90 * sqrt(2) * pl.col("measurement_error"),
    )
    pairs = pairs.with_columns(split_rise=pl.col("split_at_onset") - pl.col("split_before"))
    numbers = ("split_at_onset", "split_before", "split_rise", "split_rise_at")
    directions = [("first", "second"), ("second", "first")]
    return pl.concat(
        pairs.select(
            *CASE, "session", pl.col(own).alias("rater"), pl.col(other).alias("split_with"), *numbers
        )
        for own, other in directions
    )


def _kind() -> "pl.Expr":
    import polars as pl

    return (
        pl.when(pl.col("kind").is_not_null())
        .then("kind")
        .when(pl.col("joint") == MET)
        .then(pl.lit("joint"))
        .when(pl.col("split") == MET)
        .then(pl.lit("split"))
        .otherwise(pl.lit("single"))
    )
