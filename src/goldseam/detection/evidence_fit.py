"""Strengths of the evidence from confirmed and ordinary sessions of one's own; see ``docs/methods/fused.md``."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Flags, Floats
from goldseam.detection.criteria.fused.categorical_evidence import usual_shares
from goldseam.detection.criteria.fused.evidence_strengths import CategoryStrength, EvidenceStrengths
from goldseam.detection.criteria.fused.evidence_terms import EvidenceTerms
from goldseam.detection.criteria.fused.fitted_terms import (
    alike,
    fitted_category,
    fitted_drops,
    ordinary_strengths,
    usual_of_all,
)
from goldseam.detection.criteria.fused.likelihood_ratio import VALUE_DROP
from goldseam.detection.criteria.fused.personal_scores import EARLIER, OF_A_KIND, scores_by_column
from goldseam.detection.criteria.predictive import Predictive2
from goldseam.detection.detect import AUTO, norms_for
from goldseam.detection.engine.norms_and_minimum_drop import Priors, norms_in_points
from goldseam.exceptions import TableError
from goldseam.norms import Norms
from goldseam.series import RatingSeries, load_series
from goldseam.series.evidence import ASKED_BY_CHANCE, STRAIN_CONFIRMED
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions

if TYPE_CHECKING:
    import polars as pl

FEWEST_CONFIRMED = 100
"""With fewer, a fit may find much less than one to many sessions: ``benchmarks/evidence``."""

FEWEST_ORDINARY = 1_000
"""Ordinary sessions, ten for each confirmed one: chosen, not simulated."""

RAISED = 0.025
MOST_PROBABLY = 0.9  # chosen on the simulation of ``benchmarks/evidence`` itself
ROUNDS = 2
LARGEST_LOG_ODDS = 50.0


def fit_evidence(
    ratings: Ratings,
    *,
    norms: Norms | str | None = AUTO,
    name: str = "fitted",
    version: str = "1",
    higher_is_better: bool = True,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> EvidenceStrengths:
    """Estimate how strongly each term of the evidence speaks of a rupture, and how the terms hang together.

    Everything is estimated given the score of the rating, by which sessions came to be asked about: maximum of the
    posterior, with what is assumed (`EvidenceStrengths.assumed`) as the prior. See ``docs/methods/fused.md``.

    Parameters
    ----------
    ratings
        As for `goldseam.detect`, with the columns that criterion ``fused`` reads, and ``strain_confirmed``: 1 where
        client or therapist, asked, said that there had been strain; 0 where there had been none; empty where nobody
        was asked. Optionally ``asked_by_chance``: 1 where a session was asked about whatever its rating.
    norms : Norms, str or None
        As for `goldseam.detect`; the same that ``fused`` will be used with.
    name, version : str
        Written into every result that uses the strengths.
    higher_is_better : bool
        The direction of the scales.
    missing, outlying, reading
        As for `goldseam.detect`.

    Returns
    -------
    EvidenceStrengths
        To be written to a file, or given to ``detect(..., criterion="fused", evidence=...)``.

    Raises
    ------
    TableError
        The ratings cannot be used, there is no column ``strain_confirmed``, or fewer than 100 confirmed or 1,000
        ordinary sessions can be used.
    NormsError
        The norms do not serve the ratings.
    ParameterError
        There are no such norms, a range is not known, or name or version have less than 1 or more than 200 characters.

    Notes
    -----
    Of the confirmed sessions those are used that the rating alone raised (p < .025 by ``predictive``, version 2) or
    that were asked about by chance; a session raised by another term would make that term look too strong. Ordinary
    are sessions that were asked about and had no strain, and those nobody asked about that were neither raised nor
    within an episode; those of them that are ruptures with a probability above .9, by the strengths found so far, are
    left out, twice.
    """
    named = replace(EvidenceStrengths.assumed(), name=name, version=version)
    given = load_series(ratings, evidence=True, missing=missing, outlying=outlying, reading=reading)
    if STRAIN_CONFIRMED not in given.evidence:
        raise TableError(
            "no column says which sessions were confirmed", column=STRAIN_CONFIRMED, allowed="1, 0 or empty"
        )
    used, _reason = norms_for(given, norms, higher_is_better=higher_is_better)
    series = given if higher_is_better else given.reversed()
    priors = norms_in_points(series, used, higher_is_better=higher_is_better).priors()
    sessions = _SortedSessions.of(series, used, higher_is_better=higher_is_better)
    for kind, found, fewest in (
        ("confirmed", sessions.confirmed, FEWEST_CONFIRMED),
        ("ordinary", sessions.ordinary, FEWEST_ORDINARY),
    ):
        if found.sum() < fewest:
            raise TableError(
                f"too few {kind} sessions", given=int(found.sum()), allowed=f"{fewest:,} or more"
            )
    fitted, kept = _fitted(series, priors, sessions)
    return replace(
        fitted,
        name=named.name,
        version=named.version,
        provenance=kept.provenance(used),
        empirical=True,
        confirmed=int(kept.confirmed.sum()),
        ordinary=int(kept.ordinary.sum()),
    )


@dataclass(frozen=True, eq=False)
class _SortedSessions:
    """p of every rating by itself, and the standing of its session; arrays of shape (n_ratings,)."""

    p: Floats
    confirmed: Flags
    ordinary: Flags
    asked: Flags
    set_aside: int
    n_series: int

    @classmethod
    def of(cls, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> "_SortedSessions":
        found = Predictive2().judge(series, norms, higher_is_better=higher_is_better)
        said = series.evidence[STRAIN_CONFIRMED]
        by_chance = series.evidence.get(ASKED_BY_CHANCE, np.zeros_like(said)) == 1
        # the highest possible rating has no score: courtesy or content
        usable = (series.position >= EARLIER) & (series.value < series.maximum[series.series_of])
        raised = found.p < RAISED
        confirmed = usable & (said == 1) & (raised | by_chance)
        calm = np.isnan(said) & ~raised & ~_within_episodes(series, found.events)
        return cls(
            p=found.p,
            confirmed=confirmed,
            ordinary=usable & ((said == 0) | calm),
            asked=~np.isnan(said),
            set_aside=int((said == 1).sum() - confirmed.sum()),
            n_series=series.n_series,
        )

    def provenance(self, norms: Norms) -> str:
        return (
            f"Fitted to {self.confirmed.sum()} confirmed and {self.ordinary.sum()} ordinary sessions of "
            f"{self.n_series} series; {self.set_aside} confirmed ones set aside. Norms {norms.name} {norms.version}, "
            f"SHA-256 {norms.content_hash}. Prior: {EvidenceStrengths.assumed()}."
        )


def _within_episodes(series: RatingSeries, events: "pl.DataFrame") -> Flags:
    """Where a rating belongs to an episode that the rating alone opened."""
    inside = np.zeros(len(series.value), np.bool_)
    columns = (events.get_column(name).to_numpy() for name in ("series", "onset_session", "last_session"))
    for owner, onset, last in zip(*columns, strict=True):
        own = slice(series.starts[owner], series.starts[owner + 1])
        inside[own] |= (series.session[own] >= onset) & (series.session[own] <= last)
    return inside


def _fitted(
    series: RatingSeries, priors: Priors, sessions: _SortedSessions
) -> tuple[EvidenceStrengths, _SortedSessions]:
    """The strengths, and the sessions without those that nobody asked about and that were most probably ruptures."""
    strengths, kept = _fitted_once(series, priors, sessions), sessions
    for _ in range(ROUNDS):
        terms = EvidenceTerms.of(series, priors, sessions.p, strengths)
        calm = sessions.ordinary & (sessions.asked | (_hidden(terms, sessions) <= MOST_PROBABLY))
        kept = replace(sessions, ordinary=calm)
        strengths = _fitted_once(series, priors, kept)
    return strengths, kept


def _hidden(terms: EvidenceTerms, sessions: _SortedSessions) -> Floats:
    """Probability of a rupture by all that is known, ruptures being as frequent as confirmed ones."""
    of_value = -VALUE_DROP * (terms.value + VALUE_DROP / 2)
    share = sessions.confirmed.sum() / (sessions.confirmed | sessions.ordinary).sum()
    odds = share / (1 - share) * np.exp(np.minimum(of_value + terms.log_odds_of_others(), LARGEST_LOG_ODDS))
    hidden: Floats = odds / (1 + odds)
    return hidden


def _fitted_once(series: RatingSeries, priors: Priors, sessions: _SortedSessions) -> EvidenceStrengths:
    """The terms one after another: those of a kind, ordinary sessions, drops, categories."""
    strengths, calm = EvidenceStrengths.assumed(), sessions.ordinary
    columns = scores_by_column(series, priors.mean, priors.within_sd)
    for kind in OF_A_KIND:
        if kind in columns:
            strength = strengths.by_term[kind]
            shared = alike(columns[kind][calm], strength.alike)
            strengths = strengths.with_term(replace(strength, alike=shared))
    raw = EvidenceTerms.of(series, priors, sessions.p, strengths)
    strengths = ordinary_strengths(
        raw.value[calm], {name: score[calm] for name, score in raw.scores.items()}, strengths
    )
    terms = EvidenceTerms.of(series, priors, sessions.p, strengths)
    strained = sessions.confirmed
    strengths = fitted_drops(
        terms.value[strained], {name: score[strained] for name, score in terms.scores.items()}, strengths
    )
    return replace(strengths, categories=tuple(_categories(series, terms, sessions)))


def _categories(
    series: RatingSeries, terms: EvidenceTerms, sessions: _SortedSessions
) -> list[CategoryStrength]:
    found = []
    for strength in terms.strengths.categories:
        answers = terms.answers.get(strength.term)
        if answers is None:
            found.append(strength)
            continue
        usual = usual_of_all(answers[sessions.ordinary], strength.usual)
        fitted = fitted_category(
            replace(strength, usual=usual),
            usual=usual_shares(usual, series, answers),
            answers=answers,
            value=terms.value,
            ordinary=sessions.ordinary,
            confirmed=sessions.confirmed,
        )
        found.append(fitted)
    return found
