"""Events of members as detection gives them: checked against the ratings, and their repair taken together."""

from typing import TYPE_CHECKING

from goldseam.alliance.case_tables import CASE
from goldseam.exceptions import TableError
from goldseam.series.frames import polars_for_pandas

if TYPE_CHECKING:
    import polars as pl

REPAIRED, PARTIAL = "repaired", "partial"
_EVENT = ("case", "rater", "scale", "onset_session", "status", "p", "repair_session")
_SESSION = ("case", "rater", "scale", "session", "verdict")


def checked_member_events(
    given: "pl.DataFrame",
    table: "pl.DataFrame",
    *,
    column: str = "onset_session",
    what: str = "events",
) -> "pl.DataFrame":
    """Rows of a detection's events or sessions, with keys as in the ratings.

    Parameters
    ----------
    given : polars.DataFrame
        As `Detection.events` or `Detection.sessions`; ``phase`` may be left out.
    table : polars.DataFrame
        As `long_table` returns it.
    column : str
        The column that holds the session.
    what : str
        Of the table, named in errors.

    Returns
    -------
    polars.DataFrame

    Raises
    ------
    TableError
        It is no table, a column is missing, or a row is not in the ratings.
    """
    import polars as pl

    given = polars_for_pandas(given)
    _check_columns(given, _EVENT if column == "onset_session" else _SESSION, what)
    phase = pl.col("phase") if "phase" in given.columns else pl.lit(None)
    typed = given.with_columns(
        pl.col("rater", "scale").cast(pl.String),
        pl.col(column).cast(pl.Int64),
        phase.cast(pl.String).fill_null("").alias("phase"),
        pl.col("case").cast(table.schema["case"], strict=False),
    )
    known = table if column == "session" else table.filter(pl.col("value").is_not_null())
    keys = [*CASE, "rater", "scale"]
    foreign = typed.join(known, left_on=[*keys, column], right_on=[*keys, "session"], how="anti")
    if foreign.height:
        first = foreign.sort(*keys, column).row(0, named=True)
        raise TableError(
            f"{what} of case {first['case']}, rater {first['rater']}, scale {first['scale']} "
            "are not in the ratings",
            column=column,
            given=first[column],
            allowed=f"{what} detected in these ratings",
        )
    return typed


def case_status() -> list["pl.Expr"]:
    """Status and repair of a case event, over the events of its members.

    Returns
    -------
    list of polars.Expr
        ``status``: the members' own where they agree; *repaired_unconfirmed* where all are repaired and a
        repair is not confirmed yet; *partial* where some are repaired; else the least settled one.
        ``repair_session``: the last repair, once all are repaired.
    """
    import polars as pl

    status = pl.col("status")
    repaired = status.is_in([REPAIRED, "repaired_unconfirmed"]).fill_null(value=False)
    rules = [
        (status.n_unique() == 1, status.first()),
        (repaired.all(), pl.lit("repaired_unconfirmed")),
        (repaired.any(), pl.lit(PARTIAL)),
        *(
            ((status == each).any(), pl.lit(each))
            for each in ("open", PARTIAL, "indeterminate", "unrepaired")
        ),
    ]
    word = pl.coalesce(*(pl.when(holds).then(said) for holds, said in rules), status.first())
    last = pl.when(repaired.all()).then(pl.col("repair_session").max())
    return [word.alias("status"), last.alias("repair_session")]


def _check_columns(given: "pl.DataFrame", needed: tuple[str, ...], what: str) -> None:
    import polars as pl

    if not isinstance(given, pl.DataFrame):
        raise TableError(f"not a table of {what}", given=type(given).__name__, allowed="a polars DataFrame")
    for name in needed:
        if name not in given.columns:
            found = ", ".join(given.columns[:12]) or "none"
            raise TableError(f"{what}: there is no column {name}", given=found, allowed=", ".join(needed))
