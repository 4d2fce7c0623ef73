"""The registry of criteria and the check of their parameters."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from goldseam import Parameter, ParameterError, criteria, detect
from goldseam.detection import CONFIDENCE, find_criterion
from goldseam.detection.criteria import CRITERIA, ON_TRIAL
from tests.core.ratings import one_series

TABLE = one_series([5.0, 5.0])


def test_every_criterion_says_what_a_reader_needs() -> None:
    ids = [each.id for each in criteria()]
    assert {"direct-question", "low-level", "predictive"} <= set(ids)
    assert ids == sorted(ids)
    newest = {each.id: each.version for each in criteria()}
    assert {name for name, version in newest.items() if version != 1} == {"predictive"}
    for each in criteria():
        assert each.title
        assert each.source
        assert each.confidence in CONFIDENCE
        assert each.shortest_series >= 1


def test_a_version_on_trial_has_to_be_asked_for() -> None:
    assert {("predictive", 4)} == ON_TRIAL <= set(CRITERIA)
    assert find_criterion("predictive").version == 3
    assert find_criterion("predictive", 4).version == 4


def test_criteria_are_listed_under_their_own_id_and_version() -> None:
    assert {(each.id, each.version) for each in criteria()} == set(CRITERIA)
    assert [(each.id, each.version) for each in criteria()] == sorted(CRITERIA)


def test_one_detection_loads_one_criterion_alone() -> None:
    """In a process of its own: all criteria together take longer to load than one takes to judge a course."""
    program = (
        "import sys, goldseam; goldseam.detect([7, 7, 7, 7, 2, 7], criterion='own-mean'); "
        "print(*(name for name in sys.modules if name.startswith('goldseam.detection.criteria.')))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["goldseam.detection.criteria.own_mean"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"criterion": "xyz"},
            r"unknown criterion; given 'xyz'; allowed: .*low-level, .*predictive",
        ),
        ({"version": 99}, r"unknown version of criterion predictive; given 99; allowed: 1, 2, 3, 4"),
        ({"alpha": 1}, r"criterion predictive has no such parameter; given 'alpha'; allowed: watch, "),
        (
            {"watch": 0.9},
            r"parameter watch: impossible value; given 0.9; allowed: a number from 1e-06 to 0.5",
        ),
        ({"watch": float("nan")}, r"parameter watch: impossible value; given nan"),
        ({"watch": True}, r"parameter watch: impossible value; given True"),
        ({"watch": "much"}, r"parameter watch: impossible value; given 'much'"),
        ({"watch": None}, r"parameter watch: impossible value; given None"),
        ({"window": 2.5}, r"parameter window: .*; given 2.5; allowed: a whole number from 2 to 100"),
        ({"ended": 1}, r"parameter ended: impossible value; given 1; allowed: true or false"),
    ],
)
def test_what_does_not_exist_or_fit_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        detect(TABLE, **given)


def test_parameters_may_be_text_as_typed_on_a_command_line() -> None:
    rule = find_criterion("predictive", watch="0.1", window="8", ended="yes")
    assert rule == find_criterion("predictive", watch=0.1, window=8, ended=True)
    assert find_criterion("low-level", cutoff="none") == find_criterion("low-level")


def test_the_detection_says_which_rule_and_norms_it_used() -> None:
    found = detect(TABLE, window=8)
    assert (found.criterion.id, found.criterion.version) == ("predictive", 3)
    assert found.criterion == find_criterion("predictive", window=8)
    assert found.norms is not None
    assert found.norms.name == "goldseam-default"


def test_a_parameter_may_be_one_of_several_words() -> None:
    rule = Parameter("own", str, 0, 0, "whose SD", ("own", "pooled"))
    assert rule.allowed == "own, pooled"
    assert rule.checked("sd", "pooled") == "pooled"
    for wrong in ("none", "Own", 1, None, True):
        with pytest.raises(ParameterError, match=r"parameter sd: .*; allowed: own, pooled"):
            rule.checked("sd", wrong)


def test_parts_of_a_criterion_are_columns_of_the_sessions() -> None:
    found = detect(one_series([3.0, None, 5.0]), criterion="low-level")
    assert found.parts == ()
    codes = np.array([0, 1], np.int8)
    parted = replace(
        found,
        _findings=replace(
            found._findings, parts={"criterion_1": codes}, unrated={"criterion_1": codes[:1] + 3}
        ),
    )
    assert parted.parts == ("criterion_1",)
    assert parted.sessions["criterion_1"].to_list() == ["met", "not enough data", "not met"]
    assert parted.sessions["verdict"].to_list() == ["met", "not applied", "not met"]


def test_the_own_mean_is_graded_as_its_default_is() -> None:
    # the form of the source looks back over the whole course; the default does not
    own_mean = find_criterion("own-mean")
    assert not own_mean.whole_course  # type: ignore[attr-defined]
    assert (own_mean.confidence, CONFIDENCE["own"]) == ("own", "defined by this project")
