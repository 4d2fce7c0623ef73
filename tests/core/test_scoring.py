"""Scores worked out by hand, and every answer that is none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldseam.exceptions import InputError
from goldseam.instruments import Measure, Respondent, load_measure
from goldseam.scoring import SCORING_VERSION, Score, score_response
from tests.core.documents import item, mood, scale

ALLIANCE = load_measure("goldseam-alliance")
PARTNER = Respondent("couple", "partner")
Answers = Mapping[str, float | str | None]


def scores_of(measure: Measure, answers: Answers, applied: frozenset[str] | None = None) -> dict[str, Score]:
    keys = frozenset(entry.key for entry in measure.items) if applied is None else applied
    return {score.scale: score for score in score_response(measure, answers, applied=keys)}


def alliance_scores(answers: Answers, respondent: Respondent = PARTNER) -> dict[str, Score]:
    return scores_of(ALLIANCE, answers, ALLIANCE.applied_keys(respondent, answers))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"goal": 3, "task": 4, "bond": 6, "safety": 8}, 5.25),  # 21 / 4
        ({"goal": 0, "task": 0, "bond": 0, "safety": 0}, 0.0),
        ({"goal": 10, "task": 10, "bond": 10, "safety": 10}, 10.0),
        ({"goal": 0, "task": 7, "bond": 8}, 5.0),  # 15 / 3: three are enough, and zero is one of them
        ({"goal": 9, "task": None, "bond": 8, "safety": 9}, 26 / 3),
        ({"goal": 9, "task": 9}, None),
        ({"goal": 0, "task": 0, "bond": None}, None),
        ({}, None),
    ],
)
def test_the_view_of_the_therapist_is_the_mean_of_four_with_three_needed(
    answers: Answers, expected: float | None
) -> None:
    score = alliance_scores(answers)["self_therapist"]
    assert score.value == expected
    assert score.status == ("not_enough_answers" if expected is None else "scored")
    assert score.n_answered == sum(answer is not None for answer in answers.values())
    assert score.n_items == 4


def test_every_scale_of_a_full_answer() -> None:
    answers: Answers = {
        "goal": 6,
        "task": 7,
        "bond": 8,
        "safety": 5,
        "other_bond": 4,
        "group_bond": 0,
        "within_goal": 2,
        "within_safety": 9,
        "tension": "little",
        "worked_out": "partly",
    }
    values = {key: score.value for key, score in alliance_scores(answers).items()}
    assert values == {
        "self_therapist": 6.5,  # 26 / 4
        "self_goal": 6,
        "self_task": 7,
        "self_bond": 8,
        "self_safety": 5,
        "other_therapist": 4,
        "group_therapist": 0,
        "within": 5.5,  # 11 / 2
        "within_goal": 2,
        "tension": 1,
        "therapist_view": None,
    }


def test_the_therapists_own_view() -> None:
    therapist = Respondent("couple", "therapist")
    both = alliance_scores({"therapist_goal_task": 6, "therapist_bond": 7}, therapist)
    assert both["therapist_view"].value == 6.5
    assert {score.status for key, score in both.items() if key != "therapist_view"} == {"not_applied"}
    assert alliance_scores({"therapist_bond": 7}, therapist)["therapist_view"].status == "not_enough_answers"


def test_progress_and_its_wellbeing() -> None:
    progress = load_measure("goldseam-progress")
    me = Respondent("individual", "client")
    answers: Answers = {"distress": 3, "functioning": 0, "hope": 10}
    scores = scores_of(progress, answers, progress.applied_keys(me, answers))
    assert scores["wellbeing"].value == 1.5
    assert (scores["hope"].value, scores["hope"].status) == (10, "scored")
    assert (scores["work_study"].value, scores["work_study"].status) == (None, "not_enough_answers")
    assert (scores["parenting"].value, scores["parenting"].status) == (None, "not_applied")


@pytest.mark.parametrize(("answer", "value"), [("no", 0.0), ("little", 1.0), ("clearly", 2.0)])
def test_the_direct_question_counts_its_code(answer: str, value: float) -> None:
    score = alliance_scores({"tension": answer})["tension"]
    assert (score.value, score.status) == (value, "scored")
    assert (score.minimum, score.maximum, score.higher_is_better) == (0, 2, False)


def test_not_sure_is_an_answer_without_a_number() -> None:
    score = alliance_scores({"tension": "unsure"})["tension"]
    assert (score.value, score.status, score.n_answered) == (None, "not_enough_answers", 1)
    assert score.reason == "0 of 1 answered with a number, 1 needed"


def test_no_score_comes_with_its_reason() -> None:
    scores = alliance_scores({"goal": 5, "task": 5})
    assert scores["self_therapist"].reason == "2 of 4 answered, 3 needed"
    assert scores["therapist_view"].reason == "none of its items was asked of this person"
    assert scores["self_goal"].reason == ""


def test_missing_and_not_applied_are_two_things() -> None:
    skipped = alliance_scores({"within_goal": None})["within"]
    assert (skipped.status, skipped.n_answered, skipped.n_items) == ("not_enough_answers", 0, 2)
    alone = alliance_scores({}, Respondent("couple", "partner", others_present=False))
    assert (alone["within"].status, alone["within"].n_items) == ("not_applied", 0)
    assert alone["group_therapist"].status == "not_applied"
    assert alone["other_therapist"].status == "not_enough_answers"


def test_when_only_three_of_four_apply_three_answers_are_a_score() -> None:
    answers = {"goal": 2, "task": 3, "bond": 4, "safety": 10}
    applied = frozenset({"goal", "task", "bond"})
    score = scores_of(ALLIANCE, answers, applied)["self_therapist"]
    assert (score.value, score.n_answered, score.n_items) == (3.0, 3, 3)  # 9 / 3; the fourth was not asked
    fewer = scores_of(ALLIANCE, answers, frozenset({"goal", "task"}))["self_therapist"]
    assert (fewer.status, fewer.reason) == ("not_enough_answers", "2 of 2 answered, 3 needed")


def test_an_answer_to_an_item_that_no_longer_applies_does_not_count() -> None:
    answers = {"goal": 2, "task": 3, "bond": 4, "safety": 5, "within_goal": 9, "within_safety": 9}
    alone = Respondent("couple", "partner", others_present=False)
    assert alliance_scores(answers, alone)["within"].value is None


def test_scores_carry_range_direction_rule_and_version() -> None:
    assert SCORING_VERSION == "1"
    scores = alliance_scores({})
    assert scores["self_therapist"].rule == "mean of 4, at least 3 answered"
    assert scores["within"].rule == "mean of 2, at least 2 answered"
    assert scores["tension"].rule == "single item"
    for score in scores.values():
        defined = ALLIANCE.scale(score.scale)
        assert (score.minimum, score.maximum) == (defined.minimum, defined.maximum)
        assert (score.higher_is_better, score.version) == (defined.higher_is_better, "1")


def test_scores_come_in_the_order_of_the_measure() -> None:
    order = [score.scale for score in score_response(ALLIANCE, {}, applied=())]
    assert order == [defined.key for defined in ALLIANCE.scales]


def test_reversed_items_count_from_the_other_end() -> None:
    # 1 to 5, worry reversed: 4, 6 - 2 = 4, 1 -> sum 9, mean 3; without rest: 4, 4 -> mean 4, sum 3 x 4 = 12.
    measure = Measure.from_content(mood())
    full = scores_of(measure, {"calm": 4, "worry": 2, "rest": 1})
    assert (full["mean_mood"].value, full["sum_mood"].value) == (3.0, 9.0)
    part = scores_of(measure, {"calm": 4, "worry": 2})
    assert (part["mean_mood"].value, part["sum_mood"].value) == (4.0, 12.0)
    assert full["mean_mood"].rule == "mean of 3, at least 2 answered, reversed: worry"
    assert full["sum_mood"].rule == (
        "sum of 3, at least 2 answered, missing ones at the mean of the others, reversed: worry"
    )


def test_a_sum_that_needs_every_answer_says_nothing_of_missing_ones() -> None:
    full = scale("total", {"item": "calm"}, {"item": "rest"}, aggregate="sum", minimum=2, maximum=10)
    measure = Measure.from_content(mood(scales=[full]))
    assert scores_of(measure, {"calm": 1, "rest": 5})["total"].value == 6
    assert scores_of(measure, {})["total"].rule == "sum of 2, at least 2 answered"


def test_steps_that_have_no_exact_binary_form_are_accepted() -> None:
    tenths = {**mood()["response_options"]["one_to_five"], "minimum": 0, "maximum": 1, "step": 0.1, "anchors": [
        {**anchor, "value": position} for position, anchor in
        enumerate(mood()["response_options"]["one_to_five"]["anchors"])
    ]}  # fmt: skip
    options = {**mood()["response_options"], "tenths": tenths}
    single = scale("fine", {"item": "fine"}, aggregate="single", needed=1, minimum=0, maximum=1)
    document = mood(
        response_options=options, items=[*mood()["items"], item("fine", "tenths")], scales=[single]
    )
    measure = Measure.from_content(document)
    for given in (0.3, 0.1 + 0.2, 0.7, 1, 0):
        assert scores_of(measure, {"fine": given})["fine"].value == given
    with pytest.raises(
        InputError, match=r"between two steps; given 0\.35; allowed: numbers from 0 to 1 in steps of 0\.1"
    ):
        scores_of(measure, {"fine": 0.35})


@pytest.mark.parametrize("number", [7, 7.0, np.int64(7), np.float64(7)])
def test_any_kind_of_number_is_a_number(number: float) -> None:
    score = alliance_scores({"goal": number})["self_goal"]
    assert score.value == 7
    assert type(score.value) is float


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"joy": 3}, "unknown item of goldseam-alliance; given 'joy'; allowed: goal, task, bond, "),
        ({"goal": 11}, "item goal: outside the scale; given 11; allowed: numbers from 0 to 10 in steps of 1"),
        ({"goal": -1}, "item goal: outside the scale; given -1; "),
        ({"goal": 4.5}, "item goal: between two steps; given 4.5; "),
        ({"goal": float("nan")}, "item goal: outside the scale; given nan; "),
        ({"goal": float("inf")}, "item goal: outside the scale; given inf; "),
        ({"goal": True}, "item goal: no number; given True; "),
        ({"goal": False}, "item goal: no number; given False; "),
        ({"goal": "7"}, "item goal: no number; given '7'; "),
        ({"goal": ""}, "item goal: no number; given ''; "),
        ({"goal": [7]}, "item goal: no number; given [7]; "),
        ({"tension": 2}, "item tension: no such choice; given 2; allowed: no, little, clearly, unsure"),
        ({"tension": False}, "item tension: no such choice; given False; "),
        ({"tension": "CLEARLY"}, "item tension: no such choice; given 'CLEARLY'; "),
        (
            {"worked_out": "maybe"},
            "item worked_out: no such choice; given 'maybe'; allowed: yes, partly, not_yet",
        ),
    ],
)
def test_a_wrong_answer_is_refused_with_what_is_allowed(answers: Answers, message: str) -> None:
    for applied in (answers.keys() & {"goal", "tension", "worked_out"}, set[str]()):
        with pytest.raises(InputError) as caught:
            score_response(ALLIANCE, answers, applied=applied)
        assert message in str(caught.value)


def test_an_unknown_item_cannot_be_applied() -> None:
    unknown = "^unknown item of goldseam-alliance; given 'joy'; allowed: goal, task, bond, safety"
    with pytest.raises(InputError, match=unknown):
        score_response(ALLIANCE, {}, applied={"joy"})
    one_text = "^applied: one text in place of item keys; given 'goal'; allowed: a collection$"
    with pytest.raises(InputError, match=one_text):
        score_response(ALLIANCE, {}, applied="goal")


def test_the_example_of_the_methods_page_gives_what_it_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "methods" / "scoring.md").read_text(encoding="utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    scores = names["scores"]
    assert scores["self_therapist"].value == 5.0
    assert scores["within"].status == "not_applied"
    assert scores["self_safety"].reason == "0 of 1 answered, 1 needed"
