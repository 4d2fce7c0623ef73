"""Tables of many series are judged in blocks, and rows made as they are asked for: neither may be seen in results."""

from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from goldseam import criteria, detect
from goldseam.detection.engine import criterion
from tests.core.ratings import one_series

# Steady, then one dip and one lasting fall, with a session that was not rated in between.
EVENTFUL = (7.0, 7.5, 7.25, 7.5, 3.0, 7.25, 7.5, None, 7.25, 4.0, 3.5, 3.75, 4.0, 3.5, 3.75, 4.0)
ratings = st.lists(
    st.one_of(st.none(), st.integers(0, 40).map(lambda quarter: quarter / 4)), min_size=1, max_size=18
)
few_examples = settings(max_examples=3, deadline=None, phases=[Phase.generate])


def table(series: list[list[float | None]]) -> pl.DataFrame:
    named = [one_series(values, low=0, high=10, case=f"case {at}") for at, values in enumerate(series)]
    return pl.concat(named)


@pytest.mark.parametrize(("name", "version"), [(each.id, each.version) for each in criteria()], ids=str)
@few_examples
@given(
    others=st.lists(ratings, min_size=2, max_size=4), size=st.sampled_from([1, 5, 20]), seed=st.integers(0, 9)
)
def test_the_size_of_blocks_and_the_order_of_rows_do_not_matter(
    name: str, version: int, others: list[list[float | None]], size: int, seed: int
) -> None:
    whole = table([list(EVENTFUL), *others, list(EVENTFUL)])
    asked: dict[str, Any] = {"criterion": name, "version": version}
    at_once = detect(whole, **asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(criterion, "BLOCK", size)
        in_blocks = detect(whole.sample(fraction=1, shuffle=True, seed=seed), **asked)
    assert in_blocks.episodes.equals(at_once.episodes)
    assert in_blocks.sessions.equals(at_once.sessions)
    assert in_blocks.one_per_series("largest").equals(at_once.one_per_series("largest"))
    assert in_blocks.counts == at_once.counts


def test_details_are_columns_of_the_sessions() -> None:
    found = detect(table([list(EVENTFUL)]), criterion="xmr")
    assert found.details.equals(found.sessions.select(found.details.columns))


def test_earlier_ratings_are_counted_at_sessions_without_one_too() -> None:
    """By hand: session 8 is not rated, and seven are before it."""
    rows = detect(table([[5, None], list(EVENTFUL)]), criterion="xmr").sessions
    assert rows.filter(case="case 0")["n_prior"].to_list() == [0, 1]
    assert rows.filter(case="case 1")["n_prior"].to_list() == [0, 1, 2, 3, 4, 5, 6, 7, 7, *range(8, 15)]
