"""Predictive value and sensitivity from sessions that were asked about: by hand, and against a known truth."""

from math import exp, log, sqrt

import numpy as np
import pytest

from goldseam import AskedAbout, TableError, observed_share, verified_rates

Z = 1.959963984540054


def alike(*kinds):
    """Rows of (flagged, share, strained, sessions), each session in a case of its own."""
    rows = [(*row[:3], place) for row in kinds for place in range(row[3])]
    return {
        "case": [f"{place}-{number}" for number, (*_, place) in enumerate(rows)],
        "flagged": [row[0] for row in rows],
        "share": [row[1] for row in rows],
        "strained": [row[2] for row in rows],
    }


# 40 flagged and all answered about, 30 with strain; of 960 others 96 by a lot of one in ten, 8 with strain.
BY_HAND = ((1, 1.0, 1, 30), (1, 1.0, 0, 10), (0, 0.1, 1, 8), (0, 0.1, 0, 88), (0, None, None, 864))


class TestByHand:
    def test_figures(self):
        found = verified_rates(alike(*BY_HAND))
        assert found.flagged == AskedAbout(40, 40, 30, 40, 20)
        assert found.others == AskedAbout(960, 96, 8, 96, 50)
        assert found.predictive_value.value == pytest.approx(30 / 40)
        assert found.missed.value == pytest.approx(8 / 96)
        # 960 x 8/96 = 80 with strain that nobody flagged
        assert found.sensitivity.value == pytest.approx(30 / 110)

    def test_interval_of_the_sensitivity(self):
        """What each case moves log(30) - log(80) by, summed up by hand over the five kinds of row."""
        found = verified_rates(alike(*BY_HAND)).sensitivity
        squares = (
            30 / 30**2 + 8 * (1 / 960 + 1 / 8 - 1 / 96) ** 2 + 88 * (1 / 960 - 1 / 96) ** 2 + 864 / 960**2
        )
        half = Z * sqrt(1000 / 999 * squares)
        logits = log(30 / 80) - half, log(30 / 80) + half
        assert (found.low, found.high) == pytest.approx([1 / (1 + exp(-each)) for each in logits])

    def test_intervals_of_shares_are_wilsons_where_no_case_has_two(self):
        found = verified_rates(alike(*BY_HAND))
        right, missed = observed_share(30, 40), observed_share(8, 96)
        given = found.predictive_value, found.missed
        assert [each.low for each in given] == pytest.approx([right.low, missed.low], rel=2e-3)
        assert [each.high for each in given] == pytest.approx([right.high, missed.high], rel=2e-3)

    def test_sessions_of_a_few_cases_tell_less(self):
        """In ten cases all flags are right and in ten none: twenty answers, not a hundred."""
        rows = {
            "case": range(20),
            "flagged": [1] * 20,
            "share": [1] * 20,
            "strained": [1, 0] * 10,
            "sessions": [5] * 20,
        }
        found = verified_rates(rows).predictive_value
        of_twenty, of_a_hundred = observed_share(10, 20), observed_share(50, 100)
        assert found.low == pytest.approx(of_twenty.low, abs=0.02)
        assert found.low < of_a_hundred.low - 0.08

    def test_each_answer_stands_for_as_many_as_its_share_says(self):
        """Half of the time one in two was asked, later one in ten: 20 x 2 + 10 x 10 of (60 x 2) + (60 x 10)."""
        rows = alike(
            *BY_HAND[:2],
            (0, 0.5, 1, 20),
            (0, 0.5, 0, 40),
            (0, 0.1, 1, 10),
            (0, 0.1, 0, 50),
            (0, None, None, 600),
        )
        assert verified_rates(rows).missed.value == pytest.approx(140 / 720)

    def test_rows_alike_may_be_one(self):
        rows = alike(*BY_HAND)
        apart = verified_rates({**rows, "case": ["one", "two"] * 500})
        keys = ("case", "flagged", "share", "strained")
        counted = {}
        for row in zip(["one", "two"] * 500, *(rows[name] for name in keys[1:]), strict=True):
            counted[row] = counted.get(row, 0) + 1
        together = dict(zip(keys, zip(*counted, strict=True), strict=True)) | {
            "sessions": list(counted.values())
        }
        assert verified_rates(together) == apart

    def test_without_strain_in_the_others_the_interval_ends_at_one(self):
        rows = alike((1, 1.0, 1, 60), (1, 1.0, 0, 20), (0, 0.5, 0, 300), (0, None, None, 300))
        found = verified_rates(rows).sensitivity
        assert (found.value, found.high) == (1.0, 1.0)
        k = Z**2
        shares = (60 + k / 2) / (80 + k), (k / 2) / (300 + k)
        variance = sum((1 - r) / (r * n) for r, n in zip(shares, (80 + k, 300 + k), strict=True))
        logit = log(80 * shares[0] / (600 * shares[1])) - Z * sqrt(variance)
        assert found.low == pytest.approx(1 / (1 + exp(-logit)))


class TestAgainstAKnownTruth:
    def test_intervals_hold_it_in_95_of_100(self):
        """Cases differ in how often there is strain (2 to 20%), a third of the questions are left unanswered."""
        random = np.random.Generator(np.random.PCG64(20261129))
        truth = {"sensitivity": 0.5, "predictive_value": 0.04 / 0.0584, "missed": 0.04 / 0.9416}
        held = dict.fromkeys(truth, 0)
        values = dict.fromkeys(truth, 0.0)
        tables = 300
        for _ in range(tables):
            found = verified_rates(simulated(random))
            for name, true in truth.items():
                interval = getattr(found, name)
                held[name] += interval.low <= true <= interval.high
                values[name] += interval.value / tables
        # the Monte-Carlo error of .95 over 300 tables is .013
        assert all(0.915 <= each / tables <= 0.985 for each in held.values()), held
        assert values == pytest.approx(truth, abs=0.03)


def simulated(random):
    """300 cases of 12 sessions, strain in 8% of them: half of it flagged, and 2% of the others; a lot of one in ten."""
    strain = random.random((300, 12)) < random.beta(1.52, 17.48, 300)[:, None]
    flagged = random.random(strain.shape) < np.where(strain, 0.5, 0.02)
    asked = flagged | (random.random(strain.shape) < 0.1)
    answered = asked & (random.random(strain.shape) < 2 / 3)
    return {
        "case": np.repeat(np.arange(300), 12),
        "flagged": flagged.ravel().astype(int),
        "share": np.where(flagged, 1.0, 0.1).ravel(),
        "strained": np.where(answered, strain * 1.0, np.nan).ravel(),
    }


class TestNotEnough:
    def test_few_flagged_sessions_give_no_predictive_value_and_no_sensitivity(self):
        found = verified_rates(alike((1, 1.0, 1, 12), (1, 1.0, None, 30), *BY_HAND[2:]))
        assert found.predictive_value is None
        assert found.sensitivity is None
        assert "flagged sessions that were answered about: 12, at least 20" in found.predictive_value_refused
        assert found.missed is not None

    def test_few_others_give_no_sensitivity(self):
        found = verified_rates(alike(*BY_HAND[:2], (0, 0.05, 0, 40), (0, None, None, 800)))
        assert found.missed is found.sensitivity is None
        assert "by lot that were answered about: 40, at least 50" in found.sensitivity_refused
        assert found.predictive_value is not None

    def test_nor_do_few_cases(self):
        rows = alike(*BY_HAND)
        found = verified_rates({**rows, "case": [place % 7 for place in range(1000)]})
        assert "cases with flagged sessions: 7, at least 10" in found.predictive_value_refused

    def test_an_interval_that_says_nothing_is_not_given(self):
        rows = alike(*BY_HAND[:2], (0, 0.1, 1, 2), (0, 0.1, 0, 94), (0, None, None, 864))
        found = verified_rates(rows)
        assert found.sensitivity is None
        assert "is wider than 0.5" in found.sensitivity_refused

    def test_where_there_was_no_strain_there_is_no_sensitivity(self):
        found = verified_rates(alike((1, 1.0, 0, 40), (0, 0.1, 0, 96)))
        assert found.predictive_value.value == found.missed.value == 0
        assert found.sensitivity_refused == "there was no strain in any session that was answered about"

    def test_without_a_single_answer_every_figure_is_refused(self):
        found = verified_rates({"case": ["a"], "flagged": [0], "share": [None], "strained": [None]})
        assert found.others == AskedAbout(1, 0, 0, 0, 50)
        assert found.predictive_value is found.sensitivity is found.missed is None


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("flagged", 2, "column flagged: no such value; given 2"),
        ("strained", 3, "column strained: no such value; given 3"),
        ("share", 0, "column share: no such value; given 0"),
        ("share", None, "column share: no such value"),
        ("sessions", 0, "column sessions: no such value; given 0"),
        ("flagged", "yes", "column flagged: not numbers"),
    ],
)
def test_other_values_are_refused(column, value, message):
    rows = {"case": ["a"], "flagged": [1], "share": [1.0], "strained": [1], "sessions": [1]}
    with pytest.raises(TableError, match=message):
        verified_rates({**rows, column: [value]})


def test_a_missing_column_is_named():
    with pytest.raises(TableError, match="column strained: this column is missing"):
        verified_rates({"case": ["a"], "flagged": [1], "share": [1.0]})
