"""One series from plain numbers is judged as the same ratings in a table are, to the last digit."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam import Norms, SeriesName, TableError, criteria, detect, single_series

NAME = SeriesName("c7", "client", "alliance")
PHASED = SeriesName("c7", "client", "alliance", "post")
VALUES = st.lists(st.none() | st.sampled_from([0, 2.5, 5, 6.75, 8, 8.25, 9.5, 10]), min_size=1, max_size=24)


@st.composite
def courses(draw):
    """Sessions with gaps, some of them not rated."""
    values = draw(VALUES)
    gaps = draw(st.lists(st.integers(1, 3), min_size=len(values), max_size=len(values)))
    return [sum(gaps[: k + 1]) for k in range(len(values))], values


def table(name: SeriesName, sessions: list[int], values: list[float | None]) -> pl.DataFrame:
    rows = {"case": name.case, "rater": name.rater, "scale": name.scale, "phase": name.phase}
    given_values = pl.Series(values, dtype=pl.Float64)
    return pl.DataFrame({**rows, "session": sessions, "value": given_values, "minimum": 0.0, "maximum": 10.0})


class TestASeriesByItself:
    @settings(max_examples=40)
    @given(course=courses(), name=st.sampled_from([NAME, PHASED]))
    @pytest.mark.parametrize(
        ("criterion", "version"),
        [
            ("predictive", 2),
            ("predictive", 3),
            ("predictive", 4),
            ("low-level", 1),
            ("direct-question", 1),
            ("xmr", 1),
        ],
    )
    def test_is_judged_as_in_a_table(self, criterion, version, course, name):
        sessions, values = course
        alone = single_series(name, sessions, values, minimum=0, maximum=10)
        found = detect(alone, criterion=criterion, version=version, norms=Norms.default())
        in_table = detect(
            table(name, sessions, values), criterion=criterion, version=version, norms=Norms.default()
        )
        assert found.session_dicts() == in_table.sessions.to_dicts()
        some = {sessions[0], sessions[-1]}
        assert found.session_dicts(some) == [row for row in found.session_dicts() if row["session"] in some]
        assert found.episode_dicts() == in_table.episodes.to_dicts()
        assert found.series.equals(in_table.series)

    def test_and_every_other_criterion_says_the_same(self):
        values = [8, 8.5, 7.5, 8, None, 3, 4, 8, 8.5, 7, 7.5, 2, 8, 9, 8.5, 7.5, 8, 8.25, 8, 7.75]
        sessions = list(range(1, len(values) + 1))
        alone = single_series(NAME, sessions, values, minimum=0, maximum=10)
        for each in criteria():
            asked = {"criterion": each.id, "version": each.version, "norms": Norms.default()}
            found, in_table = detect(alone, **asked), detect(table(NAME, sessions, values), **asked)
            assert found.session_dicts() == in_table.sessions.to_dicts(), each.id
            assert found.episode_dicts() == in_table.episodes.to_dicts(), each.id


class TestWhatCannotBeASeries:
    @pytest.mark.parametrize(
        ("sessions", "values", "ends", "message"),
        [
            ([], [], (0, 10), "not a value for every session; given '0 sessions, 0 values'"),
            ([1, 2], [5], (0, 10), "not a value for every session; given '2 sessions, 1 values'"),
            ([0], [5], (0, 10), "column session: sessions do not ascend; given 0"),
            ([2, 2], [5, 5], (0, 10), "column session: sessions do not ascend; given 2"),
            ([1], [10.5], (0, 10), "column value: outside the scale's range; given 10.5; allowed: 0 to 10"),
            ([1], [float("nan")], (0, 10), "column value: outside the scale's range; given nan"),
            ([1], [5], (10, 10), "impossible range; given '10 to 10'"),
            ([1], [5], (0, float("inf")), "impossible range"),
        ],
    )
    def test_is_refused_with_what_is_allowed(self, sessions, values, ends, message):
        with pytest.raises(TableError) as caught:
            single_series(NAME, sessions, values, minimum=ends[0], maximum=ends[1])
        assert str(caught.value).startswith(message)
