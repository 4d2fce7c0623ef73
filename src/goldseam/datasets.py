"""Small tables of ratings to try things on, made by the simulator, and a reader for public ones on your disk.

Nobody's ratings: every table is drawn by `goldseam.simulate` with a fixed seed, and is the same on every machine.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from goldseam.exceptions import ParameterError
from goldseam.series.read_options import ReadOptions
from goldseam.series.reading import read_ratings
from goldseam.simulate import Simulation, simulate

if TYPE_CHECKING:
    import polars as pl

INDIVIDUAL, COUPLE, FAMILY, COHORT = (16, 8), (14, 7), (12, 11), (12, 20261127)
"""Sessions of each course, and seed."""

COHORT_CASES = 250
ALLIANCE, WITHIN = "self_therapist", "within"

PUBLIC: Mapping[str, tuple[ReadOptions, str]] = {
    "claus-2020": (
        ReadOptions(
            columns={"case": "id", "session": "time", "value": "bdi"},
            constants={"rater": "client", "scale": "BDI-II"},
            value_range=(0.0, 63.0),
        ),
        "claus_2020 of the R package clinicalsignificance: depression (BDI-II, lower is better) at four times",
    ),
}
"""Public tables: how each is read, and what it is. None is shipped; get it where it is published."""


def individual() -> "pl.DataFrame":
    """One client's course of 16 sessions: a dip at session 8, repaired at session 11.

    Returns
    -------
    polars.DataFrame
        ``case, rater, scale, session, value, minimum, maximum``; values from 0 to 10 in steps of .25, higher is better.

    Examples
    --------
    >>> import goldseam
    >>> goldseam.detect(goldseam.datasets.individual()).events.select("onset_session", "status").rows()
    [(8, 'repaired')]
    """
    sessions, seed = INDIVIDUAL
    return simulate(cases=1, sessions=sessions, seed=seed).ratings


def couple() -> "pl.DataFrame":
    """Two partners over 14 sessions: the alliance of each with the therapist, and with each other.

    Returns
    -------
    polars.DataFrame
        As `individual`; raters ``client`` and ``partner``, scales ``self_therapist`` and ``within``. The four courses
        are drawn independently of each other.

    Examples
    --------
    >>> import goldseam
    >>> goldseam.datasets.couple().select("rater", "scale").unique(maintain_order=True).rows()
    [('client', 'self_therapist'), ('partner', 'self_therapist'), ('client', 'within'), ('partner', 'within')]
    """
    return _of_one_case("couple", ("client", "partner"), *COUPLE)


def family() -> "pl.DataFrame":
    """Mother, father and daughter over 12 sessions: the alliance of each with the therapist, and with each other.

    Returns
    -------
    polars.DataFrame
        As `couple`; raters ``mother``, ``father`` and ``daughter``.

    Examples
    --------
    >>> import goldseam
    >>> goldseam.datasets.family().get_column("rater").unique(maintain_order=True).to_list()
    ['mother', 'father', 'daughter']
    """
    return _of_one_case("family", ("mother", "father", "daughter"), *FAMILY)


def cohort() -> Simulation:
    """A clinic's 250 clients over 12 sessions, with the truth about every dip.

    Returns
    -------
    Simulation
        ``ratings`` as `individual`; ``truth``, a row per true episode; ``people``, a row per client.

    Examples
    --------
    >>> import goldseam
    >>> made = goldseam.datasets.cohort()
    >>> made.ratings.get_column("case").n_unique()
    250
    """
    sessions, seed = COHORT
    return simulate(cases=COHORT_CASES, sessions=sessions, seed=seed)


def read_public(name: str, path: str | Path) -> "pl.DataFrame":
    """Read a public table that you have on your disk.

    Parameters
    ----------
    name : str
        A name in `PUBLIC`, which says what each table is.
    path : str or Path
        Where you keep it.

    Returns
    -------
    polars.DataFrame
        As `goldseam.read_ratings`.

    Raises
    ------
    ParameterError
        There is no such name.
    TableError
        The file is another one.
    """
    if name not in PUBLIC:
        raise ParameterError("no such table", where="name", given=name, allowed=", ".join(PUBLIC))
    options, _about = PUBLIC[name]
    return read_ratings(
        path, columns=options.columns, constants=options.constants, value_range=options.value_range
    )


def _of_one_case(case: str, raters: Sequence[str], sessions: int, seed: int) -> "pl.DataFrame":
    """Courses of several raters on two scales, as those of one case."""
    import polars as pl

    given = [(rater, scale) for scale in (ALLIANCE, WITHIN) for rater in raters]
    drawn = simulate(cases=len(given), sessions=sessions, seed=seed).ratings
    courses = drawn.partition_by("case", maintain_order=True)
    return pl.concat(
        course.with_columns(case=pl.lit(case), rater=pl.lit(rater), scale=pl.lit(scale))
        for course, (rater, scale) in zip(courses, given, strict=True)
    )
