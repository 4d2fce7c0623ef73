"""Keeping what each rule says of each session: stored once, superseded where its inputs changed, read where needed."""

import uuid
from collections.abc import Iterator, Mapping, Sequence

from goldseam_web.alerts.models import Evaluation
from goldseam_web.alerts.services.judged_course import Place, Said
from goldseam_web.alerts.services.ratings import HeldSession
from goldseam_web.alerts.services.rule_runs import RuleRun


class HeldEvaluations(Mapping[uuid.UUID, Evaluation]):
    """What holds of each session of one series by one rule, by encounter.

    Of what was said before only the digest was read; the rest is where somebody asks for it.
    """

    def __init__(self, before: Mapping[uuid.UUID, Said], new: Mapping[uuid.UUID, Evaluation]) -> None:
        self.before = before
        self._known = dict(new)

    def __getitem__(self, encounter: uuid.UUID) -> Evaluation:
        if encounter not in self._known:
            said = Evaluation.objects.select_related("norms")
            self._known[encounter] = said.get(pk=self.before[encounter].id)
        return self._known[encounter]

    def __iter__(self) -> Iterator[uuid.UUID]:
        return iter(self.before.keys() | self._known.keys())

    def __len__(self) -> int:
        return len(self.before.keys() | self._known.keys())


def keep_evaluations(runs: Sequence[RuleRun], current: Mapping[Place, Said]) -> list[HeldEvaluations]:
    """Store the verdict of each session whose inputs are new; what was said before is superseded, never changed.

    For each run, what now holds. ``current`` is what held before.
    """
    kept: list[HeldEvaluations] = []
    new: dict[Place, Evaluation] = {}
    for run in runs:
        ratings = run.ratings
        before: dict[uuid.UUID, Said] = {}
        unsaid: dict[int, tuple[HeldSession, str]] = {}
        for k, (encounter, session) in enumerate(zip(ratings.encounters, ratings.sessions, strict=True)):
            said = current.get((ratings.series.id, encounter.id, run.rule.criterion))
            if said is not None and run.stands(said, k):
                before[encounter.id] = said
            else:
                unsaid[session] = encounter, run.digests[k]
        made = run.evaluations(unsaid)
        new |= {(ratings.series.id, encounter, run.rule.criterion): each for encounter, each in made.items()}
        kept.append(HeldEvaluations(before, made))
    _store(new, {place: current[place].id for place in new if place in current})
    return kept


def _store(new: Mapping[Place, Evaluation], outdated: Mapping[Place, uuid.UUID]) -> None:
    """The database allows one current row, and asks whether the new one is there only at the commit."""
    superseded = [Evaluation(pk=before, superseded_by=new[place]) for place, before in outdated.items()]
    Evaluation.objects.bulk_update(superseded, ["superseded_by"])
    Evaluation.objects.bulk_create(new.values())
