"""Which forms have to be judged as they come in: judging every one would find the same, only later."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from goldseam import detect, score_response
from goldseam_web.alerts.rules import RULES, AlertRule
from goldseam_web.demo.seed.asked_answers import alliance
from goldseam_web.demo.seed.simulated_answers import Answers
from goldseam_web.measures.own_measures import HOME_ITEM

Forms = Mapping[tuple[str, int], Sequence[Answers]]
SCALES = {rule.scale for rule in RULES}


def sessions_to_evaluate(
    forms: Forms, away: Mapping[tuple[str, int], frozenset[int]]
) -> dict[tuple[str, int], set[int]]:
    """Give, by member, the sessions at which a rule finds something or follows it, and the last one answered.

    A member is a plan's key and a place in it. At every other session judging finds nothing new; the next judgement
    of the series stores what it says about them.
    """
    rows = [row for member, given in forms.items() for row in _rows(member, given, away[member])]
    table = pl.DataFrame(rows, infer_schema_length=None)
    judged = {member: _spoken(given) | _last(given) for member, given in forms.items()}
    for rule in RULES:
        for event in _events(rule, table):
            member = (event["case"], int(event["rater"]))
            judged[member] |= _followed(event, forms[member])
    return judged


def _rows(
    member: tuple[str, int], given: Sequence[Answers], away: frozenset[int]
) -> Iterator[dict[str, Any]]:
    for session, answers in enumerate(given, start=1):
        after = {item: said for item, said in (answers.after or {}).items() if item != HOME_ITEM}
        for score in score_response(alliance(), after, applied=list(after)):
            if session not in away and score.scale in SCALES:
                yield {
                    "case": member[0],
                    "rater": str(member[1]),
                    "scale": score.scale,
                    "session": session,
                    "value": score.value,
                    "minimum": score.minimum,
                    "maximum": score.maximum,
                }


def _events(rule: AlertRule, table: pl.DataFrame) -> list[dict[str, Any]]:
    ratings = table.filter(scale=rule.scale)
    found = detect(ratings, criterion=rule.criterion, version=rule.version, norms="shipped")
    return found.episodes.to_dicts()


def _followed(event: Mapping[str, Any], given: Sequence[Answers]) -> set[int]:
    """From the onset to the rating after its last one, which confirms a repair, or to the end.

    A repair may be dated earlier than the rating that tells of it.
    """
    last = event["last_session"]
    held = next((s for s in _answered(given) if last is not None and s > last), len(given))
    return set(range(event["onset_session"], held + 1))


def _spoken(given: Sequence[Answers]) -> set[int]:
    """What somebody says about strain is heard when they say it."""
    return {session for session, answers in enumerate(given, start=1) if answers.audience is not None}


def _last(given: Sequence[Answers]) -> set[int]:
    return set(_answered(given)[-1:])


def _answered(given: Sequence[Answers]) -> list[int]:
    return [session for session, answers in enumerate(given, start=1) if answers.after is not None]
