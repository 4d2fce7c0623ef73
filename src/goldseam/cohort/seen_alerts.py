"""Where an alert had been seen, from the table of sessions."""

from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Integers
from goldseam.cohort.emulated_trials import NEVER, TrialCases
from goldseam.exceptions import TableError
from goldseam.series.keyed_tables import KeyedTable

if TYPE_CHECKING:
    import polars as pl

ALERT_SEEN = "alert_seen"
SEEN = {
    "yes": True,
    "true": True,
    "1": True,
    "1.0": True,
    "no": False,
    "false": False,
    "0": False,
    "0.0": False,
}


def alerts_column(sessions: KeyedTable) -> "pl.Series | None":
    """Whether an alert had been seen at each session of the table; None where the table does not say.

    Parameters
    ----------
    sessions : KeyedTable
        A row per case and session.

    Returns
    -------
    polars.Series of bool or None
        Empty counts as no.

    Raises
    ------
    TableError
        It says something else than yes or no.
    """
    import polars as pl

    if ALERT_SEEN not in sessions.rows.columns:
        return None
    said = sessions.rows.get_column(ALERT_SEEN).cast(pl.String).str.to_lowercase().str.strip_chars()
    said = said.fill_null("").replace("", "no")
    strange = sorted({*said.to_list()} - {*SEEN})
    if strange:
        raise TableError(
            f"sessions, column {ALERT_SEEN}: unknown",
            given=", ".join(strange[:3]),
            allowed="yes, no, or empty",
        )
    return said.replace_strict(SEEN, return_dtype=pl.Boolean)


def first_seen(cases: TrialCases, sessions: KeyedTable | None) -> Integers:
    """The first session of each case at which an alert had been seen, `NEVER` where there is none.

    Parameters
    ----------
    cases : TrialCases
        Whose sessions they are.
    sessions : KeyedTable or None
        What is known of them.

    Returns
    -------
    ndarray of int, shape (n_cases,)
    """
    import polars as pl

    seen = None if sessions is None else alerts_column(sessions)
    if sessions is None or seen is None:
        return np.full(cases.series.n_series, NEVER)
    names = cases.series.keys.select(pl.col("case").cast(pl.String))
    first = sessions.rows.filter(seen).group_by("case").agg(pl.col("session").min())
    found = names.join(first, on="case", how="left", maintain_order="left").get_column("session")
    return found.cast(pl.Int64).fill_null(NEVER).to_numpy()
