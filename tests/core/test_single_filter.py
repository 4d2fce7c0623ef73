"""The filter in plain numbers, for one series alone, against the filter in arrays: the same digits throughout."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam.series import load_series
from goldseam.state_space import ExpectedRatings, OneStepAhead, Population, ScoreTable
from tests.core.ratings import one_series

COURSE = np.array([[7.0, 7.25, 7.25, 7.75]])
TABLE = ScoreTable(np.array([0.0, 2.5, 5.0, 7.5, 10.0]), np.array([1.0, 3.5, 5.0, 8.0, 10.5]))
SHARES = st.floats(0, 0.95)
SPREADS = st.floats(0.05, 4)


@st.composite
def populations(draw: st.DrawFn) -> Population:
    def each(figures: st.SearchStrategy[float]) -> np.ndarray:
        return np.array([draw(figures)])

    known = draw(st.booleans())
    return Population(
        course=COURSE,
        kind=np.zeros(1, np.int64),
        between_sd=each(SPREADS),
        within_sd=each(SPREADS),
        own_sd_log_sd=each(SHARES),
        autocorrelation=each(SHARES),
        drift_sd=each(SHARES),
        slope_sd=each(SHARES),
        step=each(st.sampled_from([0.0, 0.25, 1.0])),
        minimum=np.array([0.0 if known else -np.inf]),
        maximum=np.array([10.0 if known else np.inf]),
        tables={0: TABLE} if draw(st.booleans()) else {},
    )


@st.composite
def courses(draw: st.DrawFn) -> tuple[list[float], list[int], list[int]]:
    """Ratings, some at the ends of the scale; their sessions, and days with breaks among them."""
    values = draw(
        st.lists(st.sampled_from([0, 0.5, 2.75, 5, 6.75, 8, 8.25, 9.5, 10]), min_size=1, max_size=30)
    )
    gaps = draw(st.lists(st.integers(1, 3), min_size=len(values), max_size=len(values)))
    breaks = draw(st.lists(st.sampled_from([7, 7, 28, 29, 90]), min_size=len(values), max_size=len(values)))
    return values, np.cumsum(gaps).tolist(), np.cumsum(breaks).tolist()


def expected(table: pl.DataFrame, people: Population) -> ExpectedRatings:
    series = load_series(table)
    [found] = OneStepAhead(series, people.take(np.zeros(series.n_series, np.int64)), 28)
    first = np.flatnonzero(series.series_of[found.at] == 0)
    return found.take(first[np.argsort(found.at[first])])


@settings(max_examples=80)
@given(people=populations(), course=courses())
@pytest.mark.parametrize("dated", [True, False])
def test_a_series_alone_is_filtered_as_beside_another(
    people: Population, course: tuple[list[float], list[int], list[int]], dated: bool
) -> None:
    values, sessions, days = course
    table = one_series(values, low=0, high=10, sessions=sessions, days=days)
    table = table if dated else table.drop("date")
    alone = expected(table, people)
    beside = expected(pl.concat([table, table.with_columns(case=pl.lit("B"))]), people)
    np.testing.assert_array_equal(alone.at, beside.at)
    np.testing.assert_array_equal(alone.within_person_sd, beside.within_person_sd)
    for name in ("weight", "mean", "sd"):
        there, here = getattr(beside.prediction, name), getattr(alone.prediction, name)
        assert np.isfinite(here).all()
        np.testing.assert_array_equal(here, there)
