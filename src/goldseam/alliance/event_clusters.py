"""Which events belong together: onsets in the same session, or in the next one that member attended."""

from typing import TYPE_CHECKING

from goldseam.alliance.case_tables import CASE

if TYPE_CHECKING:
    import polars as pl

LARGEST_GAP = 1
"""Sessions the later member may have attended since the earlier onset, their own onset included."""


def attendance(table: "pl.DataFrame") -> "pl.DataFrame":
    """Who attended which session: a row on any scale says so.

    Parameters
    ----------
    table : polars.DataFrame
        As `long_table` returns it.

    Returns
    -------
    polars.DataFrame
        ``case, phase, rater, session``.
    """
    return table.select(*CASE, "rater", "session").unique()


def with_attended_between(pairs: "pl.DataFrame", attended: "pl.DataFrame") -> "pl.DataFrame":
    """Add ``n_between``: sessions the rater attended later than ``after``, up to and with ``until``.

    Parameters
    ----------
    pairs : polars.DataFrame
        ``case, phase, rater, after, until``; ``after`` may be null.
    attended : polars.DataFrame
        As `attendance` returns it.

    Returns
    -------
    polars.DataFrame
        The same rows in the same order; ``n_between`` is null where ``after`` is.
    """
    import polars as pl

    numbered = pairs.with_row_index("pair")
    within = numbered.join(attended, on=[*CASE, "rater"]).filter(
        pl.col("session") > pl.col("after"), pl.col("session") <= pl.col("until")
    )
    counts = within.group_by("pair").agg(pl.len().cast(pl.Int64).alias("n_between"))
    known = pl.when(pl.col("after").is_not_null()).then(pl.col("n_between").fill_null(0))
    return (
        numbered.join(counts, on="pair", how="left", maintain_order="left")
        .with_columns(known.alias("n_between"))
        .drop("pair")
    )


def cluster_events(events: "pl.DataFrame", attended: "pl.DataFrame") -> "pl.DataFrame":
    """Number the case events that member events form, each next to the one before.

    Parameters
    ----------
    events : polars.DataFrame
        Member events of one scale: ``case, phase, rater, onset_session``.
    attended : polars.DataFrame
        As `attendance` returns it.

    Returns
    -------
    polars.DataFrame
        The events with ``cluster``.
    """
    import polars as pl

    ordered = events.sort(*CASE, "onset_session", "rater").with_columns(
        after=pl.col("onset_session").shift().over(CASE), until=pl.col("onset_session")
    )
    chained = with_attended_between(ordered, attended)
    begins = pl.col("n_between").is_null() | (pl.col("n_between") > LARGEST_GAP)
    return chained.with_columns(cluster=begins.cum_sum().cast(pl.Int64)).drop("after", "until", "n_between")


def adjacent_clusters(
    events: "pl.DataFrame", others: "pl.DataFrame", attended: "pl.DataFrame"
) -> "pl.DataFrame":
    """Which events of two tables stand in the same session or next to each other.

    Parameters
    ----------
    events, others : polars.DataFrame
        Member events with ``cluster``.
    attended : polars.DataFrame
        As `attendance` returns it.

    Returns
    -------
    polars.DataFrame
        ``cluster`` (of `events`), ``cluster_other`` and ``rater_other``, without repetition.
    """
    import polars as pl

    columns = (*CASE, "rater", "onset_session", "cluster")
    pairs = events.select(columns).join(others.select(columns), on=CASE, suffix="_other")
    own, other = pl.col("onset_session"), pl.col("onset_session_other")
    pairs = pairs.rename({"rater": "rater_own"}).with_columns(
        rater=pl.when(own >= other).then("rater_own").otherwise("rater_other"),
        after=pl.min_horizontal(own, other),
        until=pl.max_horizontal(own, other),
    )
    near = with_attended_between(pairs, attended).filter(pl.col("n_between") <= LARGEST_GAP)
    return near.select("cluster", "cluster_other", pl.col("rater_other")).unique()


def sessions_at_risk(
    clusters: "pl.DataFrame", members: "pl.DataFrame", attended: "pl.DataFrame"
) -> "pl.DataFrame":
    """Sessions at which each member could have had an onset that belongs to the case event.

    Parameters
    ----------
    clusters : polars.DataFrame
        ``case, phase, cluster, onset_session, last_onset_session``.
    members : polars.DataFrame
        ``case, phase, rater``: everybody who rates the scale.
    attended : polars.DataFrame
        As `attendance` returns it.

    Returns
    -------
    polars.DataFrame
        ``case, phase, cluster, rater, session``: from the first onset on, up to the first session the member
        attended after the last.
    """
    import polars as pl

    looks = (
        clusters.select(*CASE, "cluster", "onset_session", "last_onset_session")
        .join(members, on=CASE)
        .join(attended, on=[*CASE, "rater"])
        .filter(pl.col("session") >= pl.col("onset_session"))
    )
    later = pl.col("session").filter(pl.col("session") > pl.col("last_onset_session")).min()
    end = pl.max_horizontal("last_onset_session", later.over("cluster", "rater"))
    return looks.filter(pl.col("session") <= end).select(*CASE, "cluster", "rater", "session")
