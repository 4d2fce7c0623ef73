"""The therapist's rating beside the client's: discrepancy, tracking, and strain that went unrecognised."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from goldseam.alliance.case_tables import (
    CASE,
    FEWEST_EARLIER,
    SESSION,
    THERAPISTS,
    PerScale,
    at_or_beyond,
    checked_fraction,
    checked_raters,
    final_table,
    long_table,
    scale_rows,
    verdict,
    with_norm_figures,
)
from goldseam.alliance.member_events import checked_member_events
from goldseam.alliance.member_pairs import normal_quantile
from goldseam.exceptions import TableError
from goldseam.norms import Norms
from goldseam.series.frames import result_as_given
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions

if TYPE_CHECKING:
    import polars as pl

DYAD = (*CASE, "rater", "therapist")

CLIENT_COLUMNS = (
    *SESSION,
    "rater",
    "therapist",
    "client_value",
    "therapist_value",
    "discrepancy",
    "discrepancy_at",
    "discrepant",
    "client_change",
    "therapist_change",
    "client_fall_at",
    "therapist_fall_at",
    "tracking_error",
)
UNRECOGNISED_COLUMNS = (
    *CASE,
    "rater",
    "onset_session",
    "therapist",
    "n_before",
    "therapist_before",
    "therapist_value",
    "fall",
    "fall_at",
    "noted",
    "unrecognised",
)


@result_as_given
def therapist_client(
    ratings: Ratings,
    *,
    client_scale: str = "self_therapist",
    therapist_scale: str = "therapist_view",
    therapists: Collection[str] = THERAPISTS,
    norms: Norms | None = None,
    measurement_error: PerScale = None,
    confidence: float = 0.95,
    missing: MissingRatings = (),
    reading: ReadOptions | None = None,
) -> "pl.DataFrame":
    """Compare the therapist's rating with each client's, session by session.

    Parameters
    ----------
    ratings
        As for `goldseam.detect`, higher is better, with sessions numbered over the case.
    client_scale, therapist_scale : str
        One may be the other; both on one range.
    therapists : collection of str
        Raters who are no clients. Where both sides use one scale, they are the therapists; else everybody who
        rates `therapist_scale` is.
    norms : Norms, optional
        Give the SD within persons, and the measurement error where known; the shipped default if not given.
    measurement_error : float, mapping of str to float, optional
        Standard error of measurement in points.
    confidence : float
        Of the threshold for the discrepancy, between 0 and 1.
    missing, reading
        As for `goldseam.detect`.

    Returns
    -------
    polars.DataFrame
        A row per client, therapist and session both attended: ``case, phase, session, rater, therapist``;
        ``discrepancy``, therapist minus client; ``discrepant``: beyond measurement error; ``client_change,
        therapist_change`` since the last session both rated; ``tracking_error``: *met* where the client's rating
        fell by one SD within persons or more and the therapist's did not; *not applied* where the client's did not
        fall so far.

    Raises
    ------
    TableError
        The ratings cannot be used, lack a scale, or the two sides used different ranges.
    ParameterError
        A figure, a rater or the confidence is not what it must be.

    Examples
    --------
    >>> import polars as pl
    >>> ratings = pl.DataFrame({"case": "A", "rater": ["client", "client", "therapist", "therapist"],
    ...                         "scale": ["self_therapist"] * 2 + ["therapist_view"] * 2, "session": [1, 2, 1, 2],
    ...                         "value": [8.0, 5.0, 7.0, 7.0], "minimum": 0.0, "maximum": 10.0})
    >>> therapist_client(ratings).select("discrepancy", "tracking_error").rows()
    [(-1.0, 'not enough data'), (2.0, 'met')]
    """
    table = with_norm_figures(long_table(ratings, missing=missing, reading=reading), norms, measurement_error)
    together = dyad_rows(table, client_scale, therapist_scale, therapists)
    quantile = normal_quantile(checked_fraction("confidence", confidence))
    return final_table(_with_discrepancies(together, quantile), CLIENT_COLUMNS)


@result_as_given
def unrecognised_strain(
    ratings: Ratings,
    events: "pl.DataFrame",
    *,
    client_scale: str = "self_therapist",
    therapist_scale: str = "therapist_view",
    therapists: Collection[str] = THERAPISTS,
    noted: "pl.DataFrame | None" = None,
    norms: Norms | None = None,
    missing: MissingRatings = (),
    reading: ReadOptions | None = None,
) -> "pl.DataFrame":
    """Ask of each client's event whether the therapist's own rating fell with it, or strain was noted.

    Parameters
    ----------
    ratings
        As for `goldseam.detect`, higher is better, with sessions numbered over the case.
    events : polars.DataFrame
        As `Detection.events` of those ratings; events on other scales are left out.
    client_scale, therapist_scale, therapists
        As for `therapist_client`.
    noted : polars.DataFrame, optional
        ``case, session``: sessions about which the therapist noted strain, within seven days of them.
    norms : Norms, optional
        Give the therapists' SD within persons; the shipped default if not given.
    missing, reading
        As for `goldseam.detect`.

    Returns
    -------
    polars.DataFrame
        A row per event and therapist: ``case, phase, rater, onset_session, therapist``; ``n_before,
        therapist_before``: earlier ratings of the therapist and their mean; ``therapist_value, fall`` at the onset;
        ``fall_at``: one SD within persons; ``noted``; ``unrecognised``: *met* where the rating fell by less and
        nothing was noted, *not applied* where no therapist rates the case or was not there, *not enough data* where
        the rating is missing or fewer than three came before.

    Raises
    ------
    TableError
        A table cannot be used, or an event is not at a rated session of the ratings.
    ParameterError
        A rater is not what it must be.

    Examples
    --------
    >>> import polars as pl
    >>> from goldseam import detect
    >>> views = {"client": [7.5, 7.2, 7.4, 7.3, 3.0], "therapist": [7.0, 7.0, 7.5, 7.5, 7.0]}
    >>> scales = {"client": "self_therapist", "therapist": "therapist_view"}
    >>> rows = [("A", who, scales[who], session, value, 0.0, 10.0)
    ...         for who, values in views.items() for session, value in enumerate(values, start=1)]
    >>> names = ["case", "rater", "scale", "session", "value", "minimum", "maximum"]
    >>> ratings = pl.DataFrame(rows, schema=names, orient="row")
    >>> strain = unrecognised_strain(ratings, detect(ratings).events)
    >>> strain.select("onset_session", "fall", "unrecognised").row(0)
    (5, 0.25, 'met')
    """
    import polars as pl

    table = with_norm_figures(long_table(ratings, missing=missing, reading=reading), norms)
    clients, sides = client_and_therapist_rows(table, client_scale, therapist_scale, therapists)
    members = clients.select(*CASE, "rater").unique()
    given = checked_member_events(events, table).filter(pl.col("scale") == client_scale)
    given = given.join(members, on=[*CASE, "rater"], how="semi").select(*CASE, "rater", "onset_session")
    asked = given.join(sides.select(*CASE, "therapist").unique(), on=CASE, how="left")
    asked = asked.with_columns(noted=_noted_strain(asked, noted))
    found = asked.join(_therapist_history(sides), on=[*CASE, "therapist", "onset_session"], how="left")
    found = found.with_columns(fall=pl.col("therapist_before") - pl.col("therapist_value"))
    enough = (pl.col("n_before") >= FEWEST_EARLIER) & pl.col("therapist_value").is_not_null()
    was_there = pl.col("n_before").is_not_null() & pl.col("fall_at").is_not_null()
    unrecognised = verdict(
        ~pl.col("noted") & ~at_or_beyond(pl.col("fall"), pl.col("fall_at")),
        applied=was_there | pl.col("noted"),
        enough=enough | pl.col("noted"),
    )
    return final_table(found.with_columns(unrecognised=unrecognised), UNRECOGNISED_COLUMNS)


def client_and_therapist_rows(
    table: "pl.DataFrame", client_scale: str, therapist_scale: str, therapists: Collection[str]
) -> tuple["pl.DataFrame", "pl.DataFrame"]:
    """Rows of the clients, and rows of the therapists with ``therapist`` for ``rater``.

    Raises
    ------
    TableError
        There are none, or the two sides used different ranges.
    """
    names = checked_raters(therapists, "therapists")
    clients = scale_rows(table, client_scale, without=names)
    same = client_scale == therapist_scale
    sides = scale_rows(table, therapist_scale, only=names if same else None)
    return clients, sides.rename({"rater": "therapist"})


def dyad_rows(
    table: "pl.DataFrame", client_scale: str, therapist_scale: str, therapists: Collection[str]
) -> "pl.DataFrame":
    """A row per client, therapist and session both attended.

    Parameters
    ----------
    table : polars.DataFrame
        As `long_table` returns it, with figures.
    client_scale, therapist_scale, therapists
        As for `therapist_client`.

    Returns
    -------
    polars.DataFrame
        Sorted by case, client, therapist and session; the therapist's columns end in ``_therapist``.

    Raises
    ------
    TableError
        There is no such row, or the two sides used different ranges.
    """
    import polars as pl

    clients, sides = client_and_therapist_rows(table, client_scale, therapist_scale, therapists)
    together = clients.join(sides, on=SESSION, suffix="_therapist").sort(*DYAD, "session")
    unlike = together.filter(
        pl.col("minimum").ne_missing(pl.col("minimum_therapist"))
        | pl.col("maximum").ne_missing(pl.col("maximum_therapist"))
    )
    if unlike.height:
        case = unlike.get_column("case").item(0)
        raise TableError(
            f"case {case}: client and therapist used different ranges",
            column="minimum",
            given=f"{client_scale} and {therapist_scale}",
            allowed="one range, so that their ratings compare",
        )
    return together


def _with_discrepancies(together: "pl.DataFrame", quantile: float) -> "pl.DataFrame":
    import polars as pl

    client, therapist = pl.col("value"), pl.col("value_therapist")
    both = client.is_not_null() & therapist.is_not_null()

    def change(value: "pl.Expr") -> "pl.Expr":
        return value - pl.when(both).then(value).forward_fill().shift().over(DYAD)

    errors = pl.col("measurement_error") ** 2 + pl.col("measurement_error_therapist") ** 2
    compared = together.with_columns(
        client_value=client,
        therapist_value=therapist,
        discrepancy=therapist - client,
        discrepancy_at=quantile * errors.sqrt(),
        client_change=change(client),
        therapist_change=change(therapist),
        client_fall_at=pl.col("within_sd"),
        therapist_fall_at=pl.col("within_sd_therapist"),
    )
    fell = at_or_beyond(-pl.col("client_change"), pl.col("client_fall_at"))
    followed = at_or_beyond(-pl.col("therapist_change"), pl.col("therapist_fall_at"))
    known = pl.col("client_fall_at").is_not_null() & pl.col("therapist_fall_at").is_not_null()
    return compared.with_columns(
        discrepant=verdict(
            at_or_beyond(pl.col("discrepancy").abs(), pl.col("discrepancy_at")),
            applied=pl.col("discrepancy_at").is_not_null(),
            enough=both,
        ),
        tracking_error=verdict(
            ~followed,
            applied=known & (fell | pl.col("client_change").is_null()),
            enough=both & pl.col("therapist_change").is_not_null(),
        ),
    )


def _therapist_history(sides: "pl.DataFrame") -> "pl.DataFrame":
    """Each session a therapist attended: the rating, the mean of the earlier ones, and the fall that counts."""
    import polars as pl

    value, whose = pl.col("value"), (*CASE, "therapist")
    rated = value.is_not_null().cast(pl.Int64)
    ordered = sides.sort(*whose, "session").with_columns(
        n_before=(rated.cum_sum() - rated).over(whose),
        total=value.fill_null(0.0).cum_sum().shift(fill_value=0.0).over(whose),
    )
    return ordered.select(
        *whose,
        "n_before",
        pl.col("session").alias("onset_session"),
        value.alias("therapist_value"),
        pl.col("within_sd").alias("fall_at"),
        pl.when(pl.col("n_before") > 0).then(pl.col("total") / pl.col("n_before")).alias("therapist_before"),
    )


def _noted_strain(asked: "pl.DataFrame", noted: "pl.DataFrame | None") -> "pl.Series":
    """Whether strain was noted about the onset's session, shape (n_rows,)."""
    import polars as pl

    if noted is None:
        return pl.Series([False] * asked.height, dtype=pl.Boolean)
    from goldseam.series.keyed_tables import keyed_table

    typed = keyed_table(noted, ["case", "session"], "noted", once=False).rows.select(
        "case", pl.col("session").alias("onset_session"), pl.lit(value=True).alias("noted")
    )
    sessions = asked.select(pl.col("case").cast(pl.String), pl.col("onset_session").cast(pl.Int64))
    joined = sessions.join(typed.unique(), on=["case", "onset_session"], how="left", maintain_order="left")
    return joined.get_column("noted").fill_null(value=False)
