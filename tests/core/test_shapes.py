"""Shapes of courses: by hand on courses without noise, by simulation with known truth."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from goldseam import ParameterError, course_shapes, simulate, single_shape
from goldseam.cli import app
from goldseam.trajectory.shape_limits import BORROWED, chance_share, shape_limits
from goldseam.trajectory.shape_names import SHAPES, STABLE, TOO_SHORT
from goldseam.trajectory.shape_templates import shape_statistics, templates

WAVES = 0.2 * np.array([0.3, -0.5, 0.2, 0.6, -0.4, -0.2, 0.5, -0.6, 0.1, 0.4, -0.3, -0.1])
"""What lies around each course of twelve ratings; its SD is about .08, against a usual one of .5."""

COURSES = {
    "stable": [6.0] * 12,
    "rising": np.linspace(4, 8, 12),
    "declining": np.linspace(8, 4, 12),
    "U": 4 + 4 * np.linspace(-1, 1, 12) ** 2,
    "inverted U": 8 - 4 * np.linspace(-1, 1, 12) ** 2,
    "V": [7.0] * 6 + [4, 4] + [7] * 4,
    "sawtooth": [7.0, 7, 4, 7, 7, 7, 4, 7, 7, 4, 7, 7],
    "low early, then better": [4.0] * 3 + [7] * 9,
}


def shape(course: Any, **settings: Any) -> dict[str, Any]:
    return course_shapes([float(each) for each in course], **settings).persons.row(0, named=True)


@pytest.mark.parametrize("name", COURSES)
def test_courses_nearly_without_noise_have_their_names(name: str) -> None:
    found = shape(COURSES[name] + WAVES, within_sd=0.5)
    assert found["shape"] == name


def test_a_dip_has_its_place_its_depth_and_the_trend_beside_it() -> None:
    """A dip of three points at ratings 7 and 8 of a course that rises by five points."""
    course = np.linspace(2, 7, 12) + WAVES
    course[6:8] -= 3
    found = shape(course, within_sd=0.5)
    assert (found["shape"], found["trend"], found["label"]) == ("V", "rising", "rising with V")
    assert (found["first_time"], found["last_time"]) == (7, 8)
    assert found["depth"] == pytest.approx(3, abs=0.3)


def test_where_lower_is_better_names_are_those_of_the_course_turned_round() -> None:
    for name, course in COURSES.items():
        turned = 10 - (course + WAVES)
        assert shape(turned, within_sd=0.5, higher_is_better=False)["shape"] == name


def test_a_constant_and_another_unit_change_no_name() -> None:
    for course in COURSES.values():
        plain = shape(course + WAVES, within_sd=0.5)
        other = shape(1000 + 40 * (course + WAVES), within_sd=20)
        assert other["shape"] == plain["shape"]
        assert (other["depth"] or 0) == pytest.approx(40 * (plain["depth"] or 0))


@pytest.mark.parametrize(
    ("course", "name"),
    [
        ([], None),
        ([1, 2, 9], TOO_SHORT),
        ([3, 3, 3, 3], STABLE),
        ([1, 4, 7.1, 10], "rising"),
        ([9, 6, 3.1, 0], "declining"),
        ([9, 1, 1, 9], STABLE),
        ([9, 1, 1, 1, 9], STABLE),
        ([7.1] * 9, STABLE),
        ([0.1 * at for at in range(9)], "rising"),
        ([5, None, None, 6, None, 7], TOO_SHORT),
    ],
)
def test_short_and_constant_courses(course: list[Any], name: str | None) -> None:
    """Four or five ratings have no shape but a line; unrated sessions are none."""
    if name is None:
        return
    assert course_shapes(course).persons["shape"].to_list() == [name]


def flat(n: int, persons: int, seed: int) -> pl.DataFrame:
    """Ratings with nothing in them, of people whose own SDs differ."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(persons, n)) * np.exp(rng.normal(0, 0.35, persons))[:, None]
    return pl.DataFrame(
        {
            "case": np.repeat(np.arange(persons), n),
            "session": np.tile(np.arange(1, n + 1), persons),
            "value": 6 + values.ravel(),
        }
    )


@pytest.mark.parametrize("n", [4, 6, 8, 12, 20, 30])
def test_at_most_one_in_ten_straight_courses_is_named_otherwise(n: int) -> None:
    counts = course_shapes(flat(n, 3000, seed=n)).counts
    others = counts.filter(pl.col("shape") != STABLE)
    assert others["n"].sum() <= 300
    assert others["by_chance"].sum() <= 0.10


def test_chance_stands_beside_every_count_by_length() -> None:
    ratings = pl.concat([flat(8, 30, 1), flat(12, 20, 2).with_columns(pl.col("case") + 100)])
    found = course_shapes(ratings)
    assert found.by_length["n_rated"].unique().sort().to_list() == [8, 12]
    assert found.by_length["n"].sum() == 50
    expected = 0.6 * chance_share(8, "V", BORROWED) + 0.4 * chance_share(12, "V", BORROWED)
    assert found.counts.filter(shape="V")["by_chance"].item() == pytest.approx(expected)
    assert found.counts["shape"].to_list() == [*SHAPES]
    assert found.counts["by_chance"].sum() == pytest.approx(1, abs=1e-3)


def test_most_courses_of_a_known_shape_get_its_name() -> None:
    """Five own SDs deep, twelve ratings: shares of benchmarks/shapes less five points."""
    rng = np.random.default_rng(4)
    least_shares = {"U": 0.9, "inverted U": 0.85, "V": 0.75, "low early, then better": 0.6, "rising": 0.9}
    for name, least in least_shares.items():
        course = np.asarray(COURSES[name])
        deep = 5 * (course - course.min()) / np.ptp(course)
        values = deep + rng.normal(size=(400, 12))
        table = flat(12, 400, 1).with_columns(value=pl.Series(values.ravel()))
        share = (course_shapes(table, within_sd=1).persons["shape"] == name).mean()
        assert share is not None
        assert share > least


def test_the_best_column_is_the_one_least_squares_finds() -> None:
    """Gain and depth of a dip beside numpy's least squares with line and dip together."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(20, 9))
    found = shape_statistics(values, 1.0, 0.0)
    known = templates(9)
    for row in range(20):
        best = None
        for first, last in zip(known.first[known.dips], known.last[known.dips], strict=True):
            inside = ((np.arange(9) >= first) & (np.arange(9) <= last)).astype(float)
            x = np.column_stack([np.ones(9), np.arange(9), inside])
            solved, left = np.linalg.lstsq(x, values[row], rcond=None)[:2]
            t = -solved[2] / np.sqrt(left[0] / 6 * np.linalg.inv(x.T @ x)[2, 2])
            if best is None or t > best[0]:
                best = (float(t), -float(solved[2]), int(first) + 1, int(last) + 1, float(solved[1]))
        assert best is not None
        mine = (
            found.dip[row],
            found.dip_depth[row],
            found.dip_first[row],
            found.dip_last[row],
            found.dip_slope[row],
        )
        assert mine == pytest.approx(best, rel=1e-6)


def test_limits_between_simulated_lengths_lie_between_theirs() -> None:
    low, middle, high = (shape_limits(n, BORROWED).dip for n in (40, 45, 50))
    assert min(low, high) <= middle <= max(low, high)
    assert shape_limits(100, BORROWED).curve == shape_limits(500, BORROWED).curve
    assert np.isinf(shape_limits(6, BORROWED).sawtooth).all()


def test_episodes_of_a_criterion_are_counted_beside_the_shape() -> None:
    found = course_shapes(
        [7.0, 7.5, 7, 7.5, 7, 7.5, 3, 7, 7.5, 7, 7.5, 7], criterion="own-mean", within_sd=0.5
    )
    assert found.persons["n_episodes"].to_list() == [1]
    assert found.persons["label"].to_list() == ["V, episodes: 1"]
    with pytest.raises(ParameterError, match="criterion"):
        course_shapes([7.0] * 8, criterion="none")
    with pytest.raises(ParameterError, match="within_sd: out of range; given 0"):
        course_shapes([7.0] * 8, within_sd=0)


def test_the_command_writes_shapes_and_counts(tmp_path: Path) -> None:
    file, out, counts = (tmp_path / name for name in ("in.csv", "out.csv", "counts.csv"))
    simulate(cases=40, sessions=8, seed=3).ratings.write_csv(file)
    words = ["shapes", str(file), "--out", str(out), "--summary", str(counts)]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0
    assert "by chance" in done.output
    assert pl.read_csv(out).height == 40
    assert pl.read_csv(counts)["n"].sum() == 40


def test_shares_are_drawn_beside_chance() -> None:
    assert course_shapes(flat(8, 60, 1)).plot() is not None
    assert course_shapes([5.0, 6]).plot() is None


def test_one_course_alone_is_named_as_in_a_table() -> None:
    rng = np.random.default_rng(8)
    for n, sd in ((4, None), (5, 0.6), (6, None), (9, 0.6), (12, 0.6)):
        values = [*(6 + rng.normal(0, 0.6, n - 1) + 0.3 * np.arange(n - 1)), 3.0]
        found = course_shapes(values, within_sd=sd, higher_is_better=n != 5)
        one = single_shape(values, within_sd=sd, higher_is_better=n != 5)
        row = found.persons.row(0, named=True)
        assert (one.n_rated, one.shape, one.trend) == (n, row["shape"], row["trend"])
        assert found.counts.filter(shape=one.shape)["by_chance"].item() == one.by_chance
    assert single_shape([1, 2, 3]) == (3, "too short to say", None, None)
