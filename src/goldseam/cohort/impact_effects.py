"""Both emulated trials of a study, from the same bootstrap draws."""

from typing import Any

from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.draw_runner import HERE, DrawRunner
from goldseam.cohort.emulated_trials import EmulatedTrials, Trial, TrialCases
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.flag_effect import FlagEffect, FlagTrial, flag_counts, flag_effect_in
from goldseam.cohort.repair_effect import (
    RepairedOnsets,
    RepairEffect,
    RepairTrial,
    repair_effect_in,
    too_few_outcomes,
)
from goldseam.cohort.seen_alerts import first_seen
from goldseam.series.keyed_tables import KeyedTable


def impact_effects_of(
    counter: EpisodeCounter,
    model: ChanceModel,
    outcomes: Any,
    draws: int,
    sessions: KeyedTable | None = None,
    *,
    runner: DrawRunner = HERE,
) -> tuple[FlagEffect, RepairEffect]:
    """Emulate the trials of being flagged and of repair.

    Parameters
    ----------
    counter, model
        Of the cohort.
    outcomes
        As for `goldseam.cohort.emulated_trials.outcomes_table`.
    draws : int
        Bootstrap draws, shared by both.
    sessions : KeyedTable, optional
        Where an alert had been seen, if it says so.
    runner : DrawRunner, optional
        Where they are computed.

    Returns
    -------
    flagged : FlagEffect
        Flagged at a session against never flagged so far.
    repaired : RepairEffect
        Repaired within three sessions against not.
    """
    cases = TrialCases.of(counter.cohort, outcomes)
    too_few = [too_few_outcomes(cases, each) for each in ("flag effect", "repair effect")]
    if too_few[0] or too_few[1]:
        return FlagEffect.none(str(too_few[0])), RepairEffect.none(str(too_few[1]))
    trials = EmulatedTrials.of(counter, model, cases)
    alerts = first_seen(cases, sessions)
    flag, seen = FlagTrial(alerts), FlagTrial(alerts, seen=True)
    flag_stages, _sets, no_flag = flag_counts(trials, flag)
    repair_stages, no_repair = RepairedOnsets.of(trials.table).counted(cases)
    apart = flag_counts(trials, seen)[2] is None
    of_flags: list[Trial] = [] if no_flag else [flag, *([seen] if apart else [])]
    asked: list[Trial] = [*of_flags, *([] if no_repair else [RepairTrial()])]
    made = trials.draws(draws, asked, runner) if asked else None
    if made is None or no_flag:
        flagged = FlagEffect.none(str(no_flag), flag_stages)
    else:
        flagged = flag_effect_in(trials, made, seen if apart else None, flag)
    if made is None or no_repair:
        return flagged, RepairEffect.none(str(no_repair), repair_stages)
    return flagged, repair_effect_in(trials, made, len(of_flags), repair_stages)
