"""What holds for every set of answers: bounds, order, zero, skipping, reversing."""

import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from goldseam.instruments import Measure, load_measure
from goldseam.scoring import score_response
from tests.core.documents import mood

ALLIANCE = load_measure("goldseam-alliance")
KEYS = [item.key for item in ALLIANCE.items]
SELF = ("goal", "task", "bond", "safety")


def accepted(item_key: str) -> st.SearchStrategy[Any]:
    options = ALLIANCE.item(item_key).options
    return st.none() | st.sampled_from([answer.value for answer in options.answers("en")])


answers_given = st.fixed_dictionaries({}, optional={key: accepted(key) for key in KEYS})
applied_items = st.sets(st.sampled_from(KEYS))
mood_answers = st.fixed_dictionaries({key: st.integers(1, 5) for key in ("calm", "worry", "rest")})


@given(answers=answers_given, applied=applied_items)
def test_every_response_gets_every_score_and_each_is_whole(
    answers: dict[str, Any], applied: set[str]
) -> None:
    scores = score_response(ALLIANCE, answers, applied=applied)
    assert len(scores) == len(ALLIANCE.scales)
    for score in scores:
        assert (score.value is not None) == (score.status == "scored") == (score.reason == "")
        assert (score.n_items == 0) == (score.status == "not_applied")
        assert 0 <= score.n_answered <= score.n_items
        assert score.value is None or score.minimum <= score.value <= score.maximum


@given(answers=answers_given, applied=applied_items, data=st.data())
def test_the_order_of_answers_is_irrelevant(
    answers: dict[str, Any], applied: set[str], data: st.DataObject
) -> None:
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))
    order = data.draw(st.permutations(sorted(applied)))
    assert score_response(ALLIANCE, shuffled, applied=order) == score_response(
        ALLIANCE, answers, applied=applied
    )


@given(answers=answers_given)
def test_skipped_and_absent_are_the_same(answers: dict[str, Any]) -> None:
    with_none = {key: answers.get(key) for key in KEYS}
    assert score_response(ALLIANCE, with_none, applied=KEYS) == score_response(
        ALLIANCE, answers, applied=KEYS
    )


@given(answers=st.fixed_dictionaries({key: st.integers(0, 10) for key in SELF}))
def test_skipping_never_moves_a_mean_outside_the_answers_that_were_given(answers: dict[str, int]) -> None:
    for count in (3, 4):
        for kept in itertools.combinations(SELF, count):
            given_answers = {key: answers[key] for key in kept}
            value = score_response(ALLIANCE, given_answers, applied=SELF)[0].value
            assert value is not None
            assert min(given_answers.values()) <= value <= max(given_answers.values())


@given(answers=st.fixed_dictionaries({key: st.integers(0, 10) for key in SELF}), zeroed=st.sampled_from(SELF))
def test_zero_is_counted_and_a_skipped_answer_is_not(answers: dict[str, int], zeroed: str) -> None:
    zero = score_response(ALLIANCE, {**answers, zeroed: 0}, applied=SELF)[0]
    skipped = score_response(ALLIANCE, {**answers, zeroed: None}, applied=SELF)[0]
    others = sum(answer for key, answer in answers.items() if key != zeroed)
    assert (zero.value, zero.n_answered) == (others / 4, 4)
    assert (skipped.value, skipped.n_answered) == (others / 3, 3)


@given(answers=mood_answers)
def test_reversing_every_key_mirrors_the_score_and_twice_gives_it_back(answers: dict[str, int]) -> None:
    document, mirrored = mood(), mood()
    for entry in (entry for scale in mirrored["scales"][:2] for entry in scale["items"]):
        entry["reverse"] = not entry.get("reverse", False)
    there = score_response(Measure.from_content(document), answers, applied=answers)
    back = score_response(Measure.from_content(mirrored), answers, applied=answers)
    for one, other in zip(there[:2], back[:2], strict=True):
        assert one.value is not None
        assert other.value is not None
        assert abs(one.value + other.value - (one.minimum + one.maximum)) < 1e-12
    reversed_answers = {key: 6 - answer for key, answer in answers.items()}  # 1 + 5 - answer
    again = score_response(Measure.from_content(mirrored), reversed_answers, applied=answers)
    assert [score.value for score in again] == [score.value for score in there]


@given(answers=mood_answers)
def test_a_full_sum_is_the_number_of_items_times_the_mean(answers: dict[str, int]) -> None:
    mean, total, _ = score_response(Measure.from_content(mood()), answers, applied=answers)
    assert total.value == answers["calm"] + 6 - answers["worry"] + answers["rest"]
    assert mean.value == total.value / 3


@given(answers=mood_answers, raised=st.sampled_from(["calm", "rest"]))
def test_a_better_answer_never_lowers_the_score(answers: dict[str, int], raised: str) -> None:
    measure = Measure.from_content(mood())
    better = {**answers, raised: min(5, answers[raised] + 1)}
    before = score_response(measure, answers, applied=answers)[0].value
    after = score_response(measure, better, applied=answers)[0].value
    assert before is not None
    assert after is not None
    assert after >= before
