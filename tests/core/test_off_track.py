"""From where to where a course is off track, walked at random; and how often scatter alone makes it so."""

import numpy as np
import pytest

from goldseam import TrackRule

NOT_ON_TRACK = "not on track"


def rule(higher_is_better=True, up_to=(5, 10, 15)):
    return TrackRule.from_content(
        {
            "format": "goldseam-track-1",
            "course": "linear",
            "knot": None,
            "fixed": [5.0, 0.2] if higher_is_better else [-5.0, 0.2],
            "fixed_covariance": [[0.0, 0.0], [0.0, 0.0]],
            "random_covariance": [[3.0, -0.05], [-0.05, 0.01]],
            "residual_variance": 1.0,
            "limit": -2.0,
            "higher_is_better": higher_is_better,
            "rates": [
                {"up_to": n, "n_looks": 800 * k, "per_look": 0.02, "n_cases": 250, "per_case": 0.09}
                for k, n in enumerate(up_to, 1)
            ],
            "calibration": [],
            "poor_share": 0.12,
            "predictive_value": 0.4,
            "n_called": 30,
            "n_courses": 250,
            "minimum": 0.0,
            "maximum": 10.0,
        }
    )


@pytest.mark.parametrize("higher_is_better", [True, False])
def test_a_course_walked_at_random_is_told_once_until_it_is_back(higher_is_better):
    """Ten thousand looks: one begins where it is called, ends at the first in the band, and never two at a time."""
    used, rng, walked, begun = rule(higher_is_better), np.random.default_rng(7), 0, 0
    sign = 1 if higher_is_better else -1
    while walked < 10_000:
        n = int(rng.integers(1, 19))
        values = [None if rng.random() < 0.15 else float(v) for v in rng.integers(0, 11, n)]
        looks = used.judge(range(1, n + 1), values)
        found = used.stretches(looks)
        walked, begun = walked + len(looks), begun + len(found)
        times = [t for each in found for t in (each.begins.time, each.back.time if each.back else np.inf)]
        assert times == sorted(set(times)), "they follow one another, and only the last is without an end"
        inside = set()
        for each in found:
            assert each.begins.verdict == NOT_ON_TRACK
            assert each.begins.time <= 15
            inside |= {
                look.time
                for look in looks
                if each.begins.time <= look.time < (each.back.time if each.back else np.inf)
            }
        for look in looks:
            in_band = look.value is not None and (
                look.value >= look.low if sign == 1 else look.value <= look.high
            )
            if look.time in inside:
                assert not in_band, "a rating in the band ends it"
            elif look.time <= 15:
                assert look.verdict != NOT_ON_TRACK, "what is called is told"
    assert begun > 300


def test_nothing_begins_where_its_rate_is_not_known_and_what_began_may_end_there():
    used = rule(up_to=(5,))
    assert used.stretches(used.judge(range(1, 8), [9.0, 9, 9, 9, 9, 0, 0])) == []
    [found] = used.stretches(used.judge(range(1, 8), [9.0, 9, 9, 9, 0, 0, 9]))
    assert (found.begins.time, found.back.time) == (5.0, 7.0)


def test_by_chance_is_what_drawn_courses_are_told_as():
    """The draws are judged anew, one by one, by the same rule."""
    used = rule()
    times, values = [1, 2, 4, 5, 8], [6.0, 6.0, None, 7.0, 5.0]
    counts = used.by_chance(times, values, draws=400, seed=3)
    rng = np.random.default_rng(3)
    drawn = np.clip(used.prediction.draws(1.0, 6.0, np.array([2.0, 5, 8]), 400, rng), 0, 10)
    one_by_one = [len(used.stretches(used.judge([1, 2, 5, 8], [6.0, *row]))) for row in drawn]
    assert counts.tolist() == one_by_one
    assert 0 < counts.mean() < 0.3
    assert used.by_chance(times, values, since=9, draws=50, seed=3).sum() == 0
    assert used.by_chance([1], [6.0], draws=5, seed=3).tolist() == [0] * 5
    turned = rule(higher_is_better=False)
    mirrored = turned.by_chance(times, [None if v is None else 10 - v for v in values], draws=400, seed=3)
    assert 0 < mirrored.mean() < 0.4


def test_draws_have_the_mean_and_sd_of_the_prediction():
    used = rule().prediction
    drawn = used.draws(1.0, 8.0, np.array([3.0, 9.0]), 40_000, np.random.default_rng(1))
    mean, sd = used.at(np.array([1.0, 1.0]), np.array([8.0, 8.0]), np.array([3.0, 9.0]))
    assert drawn.mean(axis=0) == pytest.approx(mean, abs=0.03)
    assert drawn.std(axis=0) == pytest.approx(sd, rel=0.02)


def test_reliability_is_the_share_of_the_variance_between_people():
    """3.0 - 2 x 0.05 + 0.01 between people at session 1, and 1.0 within."""
    assert rule().reliability == pytest.approx(2.91 / 3.91)
