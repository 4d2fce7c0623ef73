"""Sudden gains and losses: the R package's own expected results, hand calculations, a second implementation."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from goldseam import Detection, IntervalCheck, ParameterError, check_interval, detect
from goldseam.detection.criteria.sudden import windows
from goldseam.detection.criteria.sudden.three_criteria import critical_values
from tests.core.examples import examples
from tests.core.ratings import T1, one_series
from tests.core.reference import sudden as slow

NA = None
# Scores and expected results of the test of create_bysg in the R package suddengains 0.7.2 (facts, not code).
BDI = {
    1: (35, 37, 34, 23, 24, 21, 29, 17, 11, 11, 10, 7),
    2: (26, NA, 26, NA, 27, 17, 19, 11, 10, 3, NA, 7),
    3: (35, 38, 35, 37, 36, 37, NA, 35, 26, 24, NA, 19),
    4: (31, 30, 32, 22, 22, 20, 21, 19, 24, 33, 30, 28),
    5: (39, 37, 36, 26, 26, 23, 21, 19, 6, 7, 8, 8),
    6: (37, NA, 23, NA, 23, 21, NA, NA, 19, NA, 16, 13),
    7: (37, NA, 23, 21, NA, 21, NA, NA, NA, NA, NA, 20),
    8: (41, 37, NA, NA, NA, NA, NA, NA, NA, NA, NA, NA),
    9: (35, 34, 32, 23, 24, 22, 21, 17, 14, 10, 13, 11),
    10: (35, 35, 25, 25, 17, 17, 16, 16, 11, 9, 7, 8),
    11: (40, NA, 36, 37, 36, 37, NA, 34, 26, 25, NA, 19),
    12: (38, 38, 31, 23, 21, 22, 24, 25, 30, 31, NA, 25),
    13: (34, 33, 36, 23, 25, 23, 19, 18, 10, 9, 8, 9),
    14: (39, 37, 23, NA, 23, 21, NA, NA, 21, NA, 16, 14),
    15: (28, 19, 23, 12, 13, NA, 13, NA, NA, NA, NA, 22),
    16: (25, NA, NA, NA, NA, NA, NA, NA, NA, NA, NA, 20),
    17: (41, 37, NA, NA, NA, NA, NA, NA, NA, NA, NA, NA),
    18: (NA, 38, 35, 24, NA, 22, 17, 16, NA, 9, 11, 13),
}
# case, n, magnitude, change over treatment, share of it, reversal value, reversed
GAINS = [
    (1, 3, 11, 28, 0.39285714285714285, 28.5, True),
    (1, 7, 12, 28, 0.42857142857142855, 23, False),
    (3, 8, 9, 16, 0.5625, 30.5, False),
    (4, 3, 10, 3, 3.3333333333333335, 27, True),
    (5, 3, 10, 31, 0.3225806451612903, 31, False),
    (5, 8, 13, 31, 0.41935483870967744, 12.5, False),
    (9, 3, 9, 24, 0.375, 27.5, False),
    (10, 2, 10, 27, 0.37037037037037035, 30, False),
    (10, 4, 8, 27, 0.2962962962962963, 21, False),
    (12, 3, 8, 13, 0.6153846153846154, 27, True),
    (13, 3, 13, 25, 0.52, 29.5, False),
    (13, 8, 8, 25, 0.32, 14, False),
    (14, 2, 14, 25, 0.56, 30, False),
    (18, 3, 11, NA, NA, 29.5, False),
]
DETAILS = (
    "case",
    "session_n",
    "magnitude",
    "total_change",
    "change_proportion",
    "reversal_value",
    "reversal",
)
few_examples = examples(15)
scores = st.lists(st.one_of(st.none(), *[st.integers(0, 63)] * 6), min_size=1, max_size=16)


@st.composite
def changing(draw: st.DrawFn) -> list[int | None]:
    """A level that changes once, with noise and gaps, so that most examples have a gain or a loss."""
    first, second = draw(st.integers(0, 60)), draw(st.integers(0, 60))
    length, at = draw(st.integers(4, 14)), draw(st.integers(1, 10))
    noise = draw(st.lists(st.sampled_from([-2, -1, 0, 0, 1, 3, None]), min_size=length, max_size=length))
    levels = [first if place < at else second for place in range(length)]
    return [NA if more is None else max(0, level + more) for level, more in zip(levels, noise, strict=True)]


any_scores = st.one_of(scores, changing())


def table(cases: dict[int, tuple[int | None, ...]]) -> pl.DataFrame:
    return pl.concat([one_series(values, low=None, case=str(case)) for case, values in cases.items()])


def wide(values: tuple[int | None, ...], criterion: str, cutoff: float) -> list[str]:
    """Verdicts for the intervals from session 2 to J - 2, as the package reports them."""
    found = detect(
        one_series(values, low=None), criterion=criterion, compat="suddengains", cutoff=cutoff
    ).sessions
    return found["verdict"].to_list()[1:-2]


@pytest.mark.parametrize("compat", ["suddengains", "none"])
def test_the_gains_of_the_package_are_found_with_every_number(compat: str) -> None:
    found = detect(table(BDI), criterion="sudden-gain", cutoff=7, compat=compat).episodes
    rows = sorted(found.select(DETAILS).rows(), key=lambda row: (int(row[0]), row[1]))
    for mine, expected in zip(rows, GAINS, strict=True):
        case, n, magnitude, change, share, value, undone = expected
        if compat == "none" and case == 18:  # from the first session that was rated: 38 to 13
            change, share = 25, 11 / 25
        assert mine == (str(case), n, magnitude, change, pytest.approx(share), value, undone)


def test_scores_around_a_gain_are_listed_by_position() -> None:
    found = detect(table({18: BDI[18]}), criterion="sudden-gain", cutoff=7, compat="suddengains")
    around = [column for column in found.episodes.columns if column.startswith("value_n")]
    assert found.episodes.select(around).row(0) == (NA, 38, 35, 24, NA, 22)
    event = found.events.row(0, named=True)
    assert (event["onset_session"], event["baseline"], event["value"], event["depth"]) == (4, 35, 24, 11)
    assert (event["status"], event["repair_session"]) == ("held", None)


def test_missing_scores_as_the_package_treats_them() -> None:
    """Six-session rows of its test of identify_sg: 0, 1 and NA there are the words here."""
    words = {0: "not met", 1: "met", NA: "not enough data"}
    expected = {
        (28, 19, 23, 12, 13, NA): (0, 0, NA),
        (28, 19, 23, 11, 12, NA): (0, 1, NA),
        (28, 19, NA, 12, 13, NA): (NA, NA, NA),
        (28, 19, 23, 12, 14, NA): (0, 0, NA),
        (28, 25, 28, 11, 12, NA): (0, 1, NA),
        (NA, 26, 28, NA, 12, 11): (NA, NA, NA),
        (35, 37, 23, 23, 24, 21): (1, 0, 0),
        (35, 37, 34, 24, 24, 21): (0, 1, 0),
        (35, 37, 34, 34, 24, 21): (0, 0, 1),
        (35, 37, 34, 37, 37, 37): (0, 0, 0),
    }
    for values, codes in expected.items():
        assert wide(values, "sudden-gain", 7) == [words[code] for code in codes]


def test_sudden_losses_of_the_package() -> None:
    """Rows of its test of identify_sl, cut-off -7."""
    words = {0: "not met", 1: "met"}
    expected = {
        (10, 11, 12, 30, 28, 33): (0, 1, 0),
        (10, 11, 12, 10, 28, 33): (0, 0, 1),
        (10, 11, 30, 30, 28, 33): (1, 0, 0),
        (35, 37, 34, 23, 24, 21): (0, 0, 0),
    }
    for values, codes in expected.items():
        assert wide(values, "sudden-loss", -7) == [words[code] for code in codes]


def test_the_cut_off_by_reliable_change() -> None:
    """SD 10.5 and reliability .961 give 5.7477 in the package's test of define_crit1_cutoff."""
    found = check_interval([20, 20, 20], [14, 14, 14], sd=10.5, reliability=0.961)
    assert found.cutoff == pytest.approx(5.7477, abs=5e-5)
    # the error of measurement, 2.0736, is then the least pooled SD: 2.7764 * 2.0736 = 5.7572 < 6
    assert found.difference_needed == pytest.approx(5.7572, abs=5e-5)
    assert found.verdict == "met"


def test_the_test_vector() -> None:
    """Interval from 4 to 5 of T1: 1.6 is enough for criterion 2, .8333 against 1.4248 not for criterion 3."""
    found = check_interval(T1[1:4], T1[4:7], cutoff=1)
    assert (found.criterion_1, found.criterion_2, found.criterion_3) == ("met", "met", "not met")
    assert found.magnitude == pytest.approx(1.6)
    assert found.share_needed == pytest.approx(1.375)
    assert found.pooled_sd == pytest.approx(0.5132, abs=5e-5)
    assert found.mean_before - found.mean_after == pytest.approx(0.8333, abs=5e-5)
    assert found.difference_needed == pytest.approx(1.4248, abs=1e-4)
    assert found.verdict == "not met"


@pytest.mark.parametrize(
    ("before", "after", "value"),
    [
        ([1, 2, 3], [4, 5, 6], 2.776),
        ([NA, 2, 3], [4, 5, 6], 3.182),
        ([NA, 2, 3], [4, NA, 6], 4.303),
    ],
)
def test_critical_values_follow_the_number_of_scores(before: Any, after: Any, value: float) -> None:
    assert check_interval(before, after).critical_value == pytest.approx(value, abs=5e-4)
    assert check_interval(before, after, adjust=False).critical_value == 2.776
    assert check_interval(before, after, adjust=False, critical_value=3.5).critical_value == 3.5


@pytest.mark.parametrize("alpha", [1e-6, 1e-3, 0.05, 0.1, 0.5])
def test_critical_values_are_scipy_s(alpha: float) -> None:
    by_degrees = critical_values(alpha=alpha, adjust=True, fixed=0)
    assert by_degrees[2:] == pytest.approx(stdtrit([2, 3, 4], 1 - alpha / 2), rel=1e-9)


def test_half_of_the_package_s_critical_value_at_another_alpha() -> None:
    """R: qt(.995, 2) = 9.9248."""
    assert check_interval([NA, 31, 33], [5, NA, 7], alpha=0.01).critical_value == pytest.approx(
        9.9248, abs=1e-4
    )


def test_the_first_later_session_counts_for_a_reversal_but_not_in_the_package() -> None:
    values = (30, 31, 30, 18, 25, 20, 19, 18)  # half of 12 is undone above 24: at session 5 only
    given_ = {"criterion": "sudden-gain", "cutoff": 7, "criterion_3": False}
    sessions = [
        detect(one_series(values, low=None), **given_, **more).episodes["reversal_session"].to_list()
        for more in ({}, {"compat": "suddengains"}, {"compat": "suddengains", "baseline_first": True})
    ]
    assert sessions == [[5], [None], [5]]


def test_criterion_2_means_something_for_losses() -> None:
    """A rise of 8 from 40 is under a quarter of 40; the package lets every loss pass."""
    assert (
        check_interval([40, 41, 40], [48, 48, 49], criterion="sudden-loss", cutoff=7).criterion_2 == "not met"
    )
    faithful = check_interval(
        [40, 41, 40], [48, 48, 49], criterion="sudden-loss", cutoff=-7, compat="suddengains"
    )
    assert (faithful.criterion_2, faithful.share_needed) == ("met", 10)


def test_a_share_counts_from_where_the_scale_begins() -> None:
    """1 to 7: from 5 down to 4 is a quarter of the 4 points above 1, a fifth of 5."""
    assert check_interval([5, 5, 5], [4, 4, 4], cutoff=1, minimum=1, maximum=7).criterion_2 == "met"
    assert check_interval([5, 5, 5], [4, 4, 4], cutoff=1).criterion_2 == "not met"


def test_the_cut_off_of_the_original_as_a_share_of_the_range() -> None:
    assert check_interval([9, 9, 9], [5, 5, 5], minimum=0, maximum=63).cutoff == pytest.approx(7)
    assert check_interval([9, 9, 9], [5, 5, 5], minimum=1, maximum=10).cutoff == pytest.approx(1)
    assert check_interval([9, 9, 9], [5, 5, 5]).cutoff == 7


def test_a_failed_criterion_decides_and_missing_ones_do_not() -> None:
    """From 20 to 18 is no gain whatever the scores that are missing; the package says NA."""
    before, after = [NA, NA, 20], [18, NA, NA]
    assert check_interval(before, after, cutoff=7).verdict == "not met"
    assert check_interval(before, after, cutoff=7, compat="suddengains").verdict == "not enough data"
    assert check_interval([NA, NA, 30], after, cutoff=7).verdict == "not enough data"
    assert check_interval([30, 30, NA], [18, 18, 18], cutoff=7).verdict == "not enough data"


def test_criteria_that_are_switched_off_are_not_applied() -> None:
    found = check_interval([NA, NA, 20], [10, NA, NA], criterion_1=False, criterion_3=False)
    assert (found.criterion_1, found.criterion_2, found.criterion_3) == ("not applied", "met", "not applied")
    assert (found.verdict, found.cutoff, found.critical_value) == ("met", None, None)


def test_cases_are_selected_by_pattern_or_number() -> None:
    """The four patterns that leave two scores on either side of an interval, and three that do not."""
    lacking = ["x.x.x.", "xx....", "xxx..x"]
    enough = ["xxxx..", "xxx.x.", "x.xxx.", "x.xx.x"]

    def kept(pattern: str, **more: Any) -> bool:
        values = [20 if mark == "x" else NA for mark in pattern]
        found = detect(one_series(values, low=None), criterion="sudden-gain", **more)
        return found.series["outcome"].item() != "not applied"

    assert [kept(pattern, cases="pattern") for pattern in (*enough, *lacking)] == [True] * 4 + [False] * 3
    assert [kept(pattern, cases="min_sess", min_sess_num=4) for pattern in ("xxxx..", "xxx...")] == [
        True,
        False,
    ]
    left_out = detect(one_series([20, 10], low=None), criterion="sudden-gain", cases="pattern")
    assert left_out.sessions["reason"].to_list() == ["case_not_selected"] * 2


def test_one_row_per_series() -> None:
    """In the package's data: case 1 gains 11 and then 12, case 10 gains 10 and then 8, case 2 nothing."""
    found = detect(table({case: BDI[case] for case in (1, 2, 10)}), criterion="sudden-gain", cutoff=7)
    chosen = {
        select: found.one_per_series(select).sort(pl.col("case").cast(int))["magnitude"].to_list()
        for select in ("first", "last", "smallest", "largest")
    }
    assert chosen == {
        "first": [11, None, 10],
        "last": [12, None, 8],
        "smallest": [11, None, 8],
        "largest": [12, None, 10],
    }
    rows = found.one_per_series().sort(pl.col("case").cast(int))
    assert rows["n_events"].to_list() == [2, 0, 2]
    assert rows["group"].to_list() == [None, "none", None]
    with pytest.raises(ParameterError, match=r"select: no such choice; given 'any'; allowed: first, last"):
        found.one_per_series("any")


def test_the_largest_loss_is_the_largest_but_not_in_the_package() -> None:
    """Losses of 10 and 20; the package compares -10 with -20."""
    ratings = one_series((10, 10, 20, 20, 20, 40, 40, 40), low=None)
    given_ = {"criterion": "sudden-loss", "cutoff": 7, "criterion_3": False}
    sizes = [
        detect(ratings, **given_, compat=compat).one_per_series("largest")["depth"].item()
        for compat in ("none", "suddengains")
    ]
    assert sizes == [20, 10]


def test_a_gain_where_higher_is_better_is_a_rise() -> None:
    ratings = one_series((2, 3, 2, 8, 8, 9), low=0, high=10)
    found = detect(ratings, criterion="sudden-gain", higher_is_better=True)
    event = found.episodes.row(0, named=True)
    assert (event["onset_session"], event["baseline"], event["value"], event["reversal_value"]) == (
        4,
        2,
        8,
        5,
    )
    assert [event["magnitude"], event["value_n_minus_1"], event["value_n_plus_1"]] == [6, 3, 8]
    with pytest.raises(ParameterError, match="compat=suddengains; given 'higher is better'"):
        detect(ratings, criterion="sudden-gain", higher_is_better=True, compat="suddengains")


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        (
            {"criterion_1": False, "criterion_2": False, "criterion_3": False},
            "every criterion is switched off",
        ),
        ({"sd": 3}, "the cut-off is not clear; given 'cutoff None, sd 3.0, reliability None'"),
        ({"sd": 3, "reliability": 0.8, "cutoff": 4}, "the cut-off is not clear"),
        ({"sd": 3, "reliability": 1.1}, "parameter reliability: impossible value; given 1.1"),
        ({"cutoff": -7}, "negative cut-off; given -7.0; allowed: 0 or more"),
        (
            {"compat": "suddengains", "measurement_error": 1},
            "measurement_error; given 1.0; allowed: none with",
        ),
        ({"compat": "r"}, "parameter compat: impossible value; given 'r'; allowed: none, suddengains"),
        ({"criterion": "low-level"}, "criterion without intervals; given 'low-level'"),
        ({"minimum": 3}, "impossible range; given '3 to None'"),
    ],
)
def test_what_contradicts_itself_is_refused(given_: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        check_interval([1, 2, 3], [4, 5, 6], **given_)


@pytest.mark.parametrize("window", [[1, 2], [1, 2, 3, 4], [1, 2, "x"], [1, 2, float("inf")]])
def test_a_window_is_three_scores(window: Any) -> None:
    with pytest.raises(ParameterError, match=r"before: not .*; allowed: 3 "):
        check_interval(window, [1, 2, 3])


def session_rows(found: Detection, *, faithful: bool) -> dict[int, list[str | None]]:
    """Verdicts by session n; None for not enough data."""
    names = ("criterion_1", "criterion_2", "criterion_3", "verdict")
    rows = found.sessions.rows(named=True)
    unknown = {"not enough data": None}
    return {
        row["session"] - (0 if faithful else 1): [unknown.get(row[name], row[name]) for name in names]
        for row in rows
    }


@pytest.mark.parametrize("faithful", [True, False])
@pytest.mark.parametrize("loss", [True, False])
@few_examples
@given(values=any_scores)
def test_agrees_with_the_second_implementation(
    values: list[int | None], *, loss: bool, faithful: bool
) -> None:
    by_session = dict(enumerate(values, start=1))
    criterion = "sudden-loss" if loss else "sudden-gain"
    compat = "suddengains" if faithful else "none"
    found = detect(one_series(values, low=None), criterion=criterion, cutoff=7, compat=compat)
    mine = session_rows(found, faithful=faithful)
    expected = slow.intervals(by_session, len(values), cutoff=7, loss=loss, faithful=faithful)
    for n, words in expected.items():
        if faithful or by_session[n + 1] is not None:
            assert mine[n] == words, n
    events = [n for n, words in expected.items() if words[-1] == "met"]
    assert found.episodes["session_n"].to_list() == events
    for event in found.episodes.rows(named=True):
        value, at = slow.reversal(
            by_session, event["session_n"], len(values), loss=loss, first_later=3 if faithful else 2
        )
        assert (event["reversal_value"], event["reversal_session"]) == (value, at)


@pytest.mark.parametrize("compat", ["none", "suddengains"])
@few_examples
@given(one=any_scores, other=any_scores, data=st.data())
def test_neither_row_order_nor_other_series_matter(
    one: list[int | None], other: list[int | None], data: st.DataObject, *, compat: str
) -> None:
    tables = [one_series(one, low=0, high=99, case="A"), one_series(other, low=0, high=99, case="B")]
    both = pl.concat(tables)
    shuffled = both[data.draw(st.permutations(range(both.height)))]
    together = detect(shuffled, criterion="sudden-gain", compat=compat)
    for case, alone in zip("AB", tables, strict=True):
        single = detect(alone, criterion="sudden-gain", compat=compat)
        assert together.episodes.filter(pl.col("case") == case).equals(single.episodes)
        assert together.sessions.filter(pl.col("case") == case).equals(single.sessions)


@pytest.mark.parametrize("compat", ["none", "suddengains"])
@pytest.mark.parametrize("size", [1, 2, 5, 7])
def test_the_size_of_blocks_does_not_matter(compat: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    given_ = {"criterion": "sudden-gain", "cutoff": 7, "compat": compat}
    at_once = detect(table(BDI), **given_)
    monkeypatch.setattr(windows, "BLOCK", size)
    in_blocks = detect(table(BDI), **given_)
    assert in_blocks.episodes.equals(at_once.episodes)
    assert in_blocks.sessions.equals(at_once.sessions)


@few_examples
@given(values=any_scores)
def test_a_scale_turned_round_with_its_direction_has_the_same_gains(values: list[int | None]) -> None:
    turned = [NA if value is None else 99 - value for value in values]
    ours = detect(one_series(values, low=0, high=99), criterion="sudden-gain")
    theirs = detect(one_series(turned, low=0, high=99), criterion="sudden-gain", higher_is_better=True)
    kept = ("onset_session", "depth", "status", "magnitude", "total_change", "reversal_session")
    assert ours.episodes.select(kept).equals(theirs.episodes.select(kept))
    assert ours.sessions["verdict"].equals(theirs.sessions["verdict"])


def test_a_loss_takes_the_negative_share_of_the_package() -> None:
    def loss(*, share: float, end: float, compat: str = "none") -> IntervalCheck:
        scores = [40.0, 41.0, 40.0], [end, end, end + 1]
        return check_interval(*scores, criterion="sudden-loss", cutoff=7, share=share, compat=compat)

    # 40 to 49 is a rise of less than a quarter, 40 to 50 of a quarter
    for end, verdict in ((49.0, "not met"), (50.0, "met")):
        assert loss(share=-0.25, end=end).criterion_2 == verdict
        assert loss(share=0.25, end=end).criterion_2 == verdict
        assert loss(share=-0.25, end=end, compat="suddengains").criterion_2 == verdict
    # as the package reads a positive share, a rise always meets it
    assert loss(share=0.25, end=49.0, compat="suddengains").criterion_2 == "met"
    with pytest.raises(ParameterError, match=r"negative share; given -0\.25; allowed: 0 or more"):
        check_interval([31, 33, 27], [12, 11, 13], share=-0.25)
