"""From answers to scores: pure, total, and always with the rule that was used.

Zero is an answer. Skipped is missing. An item that was not applied is neither.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from goldseam.exceptions import InputError
from goldseam.instruments import Measure, Scale

# Raised whenever the same answers could give another score.
SCORING_VERSION = "1"

ScoreStatus = Literal["scored", "not_enough_answers", "not_applied"]


@dataclass(frozen=True)
class Score:
    """One scale's value of one response, with everything needed to read it.

    Parameters
    ----------
    scale : str
        Key of the scale.
    value : float or None
        In points of the scale, `minimum` to `maximum`; None unless `status` is ``"scored"``.
    status : {"scored", "not_enough_answers", "not_applied"}
        Whether there is a value, and if not, why.
    reason : str
        The same in words; empty when scored.
    n_answered : int
        Applied items of the scale that were answered, "not sure" among them.
    n_items : int
        Items of the scale that were applied.
    minimum, maximum : float
        Range of the scale.
    higher_is_better : bool
        Its direction.
    rule : str
        How the value was made, in words, such as "mean of 4, at least 3 answered".
    version : str
        `SCORING_VERSION`.
    """

    scale: str
    value: float | None
    status: ScoreStatus
    reason: str
    n_answered: int
    n_items: int
    minimum: float
    maximum: float
    higher_is_better: bool
    rule: str
    version: str = SCORING_VERSION


def score_response(
    measure: Measure, answers: Mapping[str, float | str | None], *, applied: Collection[str]
) -> tuple[Score, ...]:
    """Score one response.

    Parameters
    ----------
    measure : Measure
        What was answered.
    answers : mapping of str to float, str or None
        By item: a number for a numeric item (0 counts), the key of a choice for a choice item, None for a
        skipped one. An item that is absent was skipped. What was answered to an item that is not in
        `applied` (say, a follow-up whose question was then changed) is checked but not counted.
    applied : collection of str
        Keys of the items this person was asked; see `Measure.applied_keys`.

    Returns
    -------
    tuple of Score
        One for every scale of the measure, in its order, also where there is no value.

    Raises
    ------
    InputError
        If an item is unknown to the measure, or an answer is none of those its item accepts.

    Notes
    -----
    The mean is that of the answered items, computed exactly and rounded once, so it never leaves the range
    of the answers. A sum with missing answers is that mean times the number of items of the scale.
    """
    if isinstance(applied, str):
        raise InputError(
            "one text in place of item keys", where="applied", given=applied, allowed="a collection"
        )
    known = [item.key for item in measure.items]
    for key in (*answers, *applied):
        if key not in known:
            raise InputError(f"unknown item of {measure.key}", given=key, allowed=", ".join(known))
    codes = {key: _code(measure, key, answers.get(key)) for key in known}
    answered = {key for key in applied if answers.get(key) is not None}
    return tuple(_score(measure, scale, codes, answered, set(applied)) for scale in measure.scales)


def _code(measure: Measure, key: str, answer: float | str | None) -> float | None:
    return None if answer is None else measure.item(key).options.code(answer, item=key)


def _score(
    measure: Measure,
    scale: Scale,
    codes: Mapping[str, float | None],
    answered: Collection[str],
    applied: Collection[str],
) -> Score:
    n_items = sum(entry.item in applied for entry in scale.items)
    n_answered = sum(entry.item in answered for entry in scale.items)
    values = _keyed_values(measure, scale, codes, answered)
    value, status, reason = _outcome(scale, values, n_answered, n_items)
    return Score(
        scale=scale.key,
        value=value,
        status=status,
        reason=reason,
        n_answered=n_answered,
        n_items=n_items,
        minimum=scale.minimum,
        maximum=scale.maximum,
        higher_is_better=scale.higher_is_better,
        rule=_rule(scale),
    )


def _outcome(
    scale: Scale, values: list[Fraction], n_answered: int, n_items: int
) -> tuple[float | None, ScoreStatus, str]:
    if n_items == 0:
        return None, "not_applied", "none of its items was asked of this person"
    if len(values) >= scale.needed:
        return _aggregate(scale, values), "scored", ""
    answered = "answered with a number" if n_answered > len(values) else "answered"
    reason = f"{len(values)} of {n_items} {answered}, {scale.needed} needed"
    return None, "not_enough_answers", reason


def _keyed_values(
    measure: Measure, scale: Scale, codes: Mapping[str, float | None], answered: Collection[str]
) -> list[Fraction]:
    """Give the numbers that count, reversed ones as minimum + maximum − answer."""
    values = []
    for entry in scale.items:
        code = codes[entry.item]
        if entry.item not in answered or code is None:
            continue
        options = measure.item(entry.item).options
        ends = Fraction(options.minimum) + Fraction(options.maximum)
        values.append(ends - Fraction(code) if entry.reverse else Fraction(code))
    return values


def _aggregate(scale: Scale, values: list[Fraction]) -> float:
    mean = sum(values, Fraction(0)) / len(values)
    return float(mean * len(scale.items) if scale.aggregate == "sum" else mean)


def _rule(scale: Scale) -> str:
    if scale.aggregate == "single":
        words = "single item"
    else:
        words = f"{scale.aggregate} of {len(scale.items)}, at least {scale.needed} answered"
    if scale.aggregate == "sum" and scale.needed < len(scale.items):
        words += ", missing ones at the mean of the others"
    reversed_items = [entry.item for entry in scale.items if entry.reverse]
    return words + (f", reversed: {', '.join(reversed_items)}" if reversed_items else "")
