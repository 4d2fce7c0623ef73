"""The page for therapists says what the shipped table of error rates says, rounded as people speak."""

import re
from math import ceil
from pathlib import Path

import pytest

from goldseam import ErrorRates, shipped_error_rates
from goldseam.detection.criteria.predictive import Predictive2
from goldseam.operating import GradeRates

DOCS = Path(__file__).resolve().parents[2] / "docs"
WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
JUDGING = 2
"""The version by which the application judges, as tests/web/test_dashboard_signal.py says too."""


@pytest.fixture(scope="module")
def page() -> str:
    """The page as one line, without emphasis."""
    text = (DOCS / "clinic" / "what-a-signal-means.md").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", text.replace("*", ""))


@pytest.fixture(scope="module")
def rates() -> ErrorRates:
    return shipped_error_rates("predictive", JUDGING, "goldseam-default")


@pytest.fixture(scope="module")
def every(rates: ErrorRates) -> GradeRates:
    return rates.grades["any"]


def of_ten(*shares: float) -> str:
    """ "four", or "three to five"."""
    found = sorted({round(10 * share) for share in shares})
    return WORDS[found[0]] if len(found) == 1 else f"{WORDS[found[0]]} to {WORDS[found[-1]]}"


def test_how_often_a_signal_is_right(page: str, rates: ErrorRates, every: GradeRates) -> None:
    low, high = every.real_in_ten
    assert f"Of ten signals of possible strain, about {WORDS[low]} to {WORDS[high]} are real." in page
    low, high = rates.grades["marked"].real_in_ten
    assert f"Of ten marked ones, the surest grade, it is about {WORDS[low]} to {WORDS[high]}." in page


def test_how_much_surer_a_fall_further_down_is(page: str, rates: ErrorRates) -> None:
    furthest, _, _, _, just_below, _ = rates.bands
    low, high = just_below.real_in_ten
    assert f"just below, about {WORDS[low]} to {WORDS[high]} of ten are real" in page
    low, high = furthest.real_in_ten
    assert f"of the furthest, about {WORDS[low]} to {WORDS[min(high, 9)]}" in page
    assert f"once in about {round(furthest.sessions_per_false_alarm, -2):,.0f} sessions" in page


def test_how_often_it_is_chance(page: str, rates: ErrorRates, every: GradeRates) -> None:
    assert f"once in about {every.sessions_per_false_alarm:.0f} sessions" in page
    [course] = [each.rate.value for each in every.false_alarm_cases if each.sessions == rates.sessions]
    said = f"of ten therapies of {rates.sessions} sessions in which nothing ever goes wrong, about {of_ten(course)} get"
    assert said in page


def test_how_many_come_in_a_week(page: str, every: GradeRates) -> None:
    with_strain = [each for each in every.alerts if each.prevalence > 0]
    assert {each.caseload for each in with_strain} == {40}
    assert {round(each.per_week) for each in with_strain} == {1, 2}
    assert all(0.4 <= each.false_per_week <= 0.7 for each in with_strain)
    assert (
        "With 40 clients seen every week, expect about one or two signals a week. About half of one" in page
    )


def test_what_it_misses(page: str, every: GradeRates) -> None:
    short = {depth: [s.rate.value for s in every.sensitivity if s.depth_sd == depth] for depth in (2.0, 3.0)}
    assert (
        f"twice as deep as this client's usual ups and downs it finds about {of_ten(*short[2.0])} in ten"
        in page
    )
    assert f"three times as deep, about {of_ten(*short[3.0])} in ten" in page
    slow = [each for each in every.delays if each.course == "erosion"]
    found = of_ten(*(1 - each.never_found.value for each in slow))
    assert f"spread over six sessions, it finds about {found} in ten" in page
    [after] = {each.median.value for each in slow if each.median is not None}
    assert f"mostly about {WORDS[int(after)]} sessions after they began" in page


def test_what_chance_does_after_a_false_alarm(page: str, every: GradeRates) -> None:
    [chance] = [each for each in every.repairs if each.truth == "nothing"]
    assert chance.called_repaired is not None
    called = of_ten(chance.called_repaired.value)
    assert f"Of ten signals that meant nothing, about {called} end as back in range" in page
    never = [each.called_repaired.value for each in every.repairs if each.truth == "never repaired"]
    most = WORDS[ceil(10 * max(never))]
    assert f"of ten falls of that size that never mended, at most {most} are taken for mended" in page


def test_the_rule_in_plain_words(page: str) -> None:
    rule = Predictive2()
    assert (
        f"nothing is judged before the {['first', 'second', 'third', 'fourth'][rule.prior_ratings]} rating"
        in page
    )
    assert (
        f"From the {['third', 'fourth', 'fifth'][rule.ceiling_run - 3]} in a row on, nothing is judged"
        in page
    )
    assert f"low for {WORDS[rule.window]} further ratings" in page
    # back with a probability of .75 is back against not back as 3 to 1
    assert rule.recovered / (1 - rule.recovered) == pytest.approx(WORDS.index("three"))
    assert "a return is three times as likely as not" in page


def test_it_is_short_and_without_jargon(page: str) -> None:
    assert len(page.split()) < 1300
    for word in ("posterior", "prior", "Kalman", "sensitivity", "predictive value", "SD", "p <", "baseline"):
        assert word not in page, word
