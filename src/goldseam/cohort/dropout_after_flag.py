"""Dropout after a flag: cause-specific hazard, cumulative incidence, and how it hangs on ratings nobody saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Flags, Integers
from goldseam.cohort.cause_specific_hazard import HazardRatio, calibrated_ratio, hazard_ratio
from goldseam.cohort.chance_model import ChanceModel, therapist_clusters
from goldseam.cohort.chance_sample import MOST_UNSEEN, ChanceSample
from goldseam.cohort.cumulative_incidence import CENSORED, Histories, aalen_johansen
from goldseam.cohort.episode_counts import EARLIER_RATINGS, EpisodeCounter
from goldseam.cohort.judged_tables import AT_ONCE, JudgedTables, own_events
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.cohort.unseen_ratings import appended, own_mean_and_sd
from goldseam.norms.marginal_likelihood import take_series

if TYPE_CHECKING:
    import polars as pl

STREAM = 44  # of the seed
TABLES = 40
RECENT = 3
FEWEST_AT_RISK = 10
DELTAS = (0.0, -0.5, -1.0, -1.5, -2.0, -2.5, -3.0)
IMPUTATIONS = 10
STATUSES = ("flagged so far", f"flagged within the last {RECENT} sessions")
ENDS = ("dropout", "planned")


@dataclass(frozen=True, eq=False)
class DropoutAfterFlag:
    """What goes with dropout.

    Attributes
    ----------
    hazard : polars.DataFrame
        A row per status: ``status, dropouts_with, dropouts_without, hazard_ratio`` (``_low, _high``: 95%),
        ``chance_hazard_ratio`` (geometric mean over drawn tables), ``calibrated`` (with its interval), ``refused``.
    incidence : polars.DataFrame
        From the landmark on: ``status, session, at_risk, dropout, low, high, planned``.
    delta : polars.DataFrame
        ``delta, flagged, hazard_ratio, low, high``: with the unseen rating so many own SDs from the person's mean.
    landmark : int
        The session whose status the incidence goes by.
    risk_ratio : tuple of float or None
        Calibrated, of the incidence at the last session shown, with its 95% interval.
    tipping : float or None
        The first of these own SDs at which the verdict is another than at 0.
    refused : str or None
        Why there is none.
    delta_cases : int or None
        How many cases `delta` is of, where it is of some.
    """

    hazard: "pl.DataFrame"
    incidence: "pl.DataFrame"
    delta: "pl.DataFrame"
    landmark: int
    risk_ratio: tuple[float, float, float] | None
    tipping: float | None
    refused: str | None
    delta_cases: int | None = None


@dataclass(frozen=True, eq=False)
class SessionsAtRisk:
    """A row per case and attended session after which it could break off; arrays of shape (n_rows,).

    Attributes
    ----------
    case, session : ndarray of int
        Whose, and the session last attended.
    dropout : ndarray of bool
        Whether the case broke off after it.
    cluster : ndarray of int
        Of the case: its therapist, or itself.
    """

    case: Integers
    session: Integers
    dropout: Flags
    cluster: Integers

    @classmethod
    def of(
        cls, entry: Integers, last: Integers, ending: Sequence[str], cluster: Integers
    ) -> "SessionsAtRisk":
        """From the first session that could be judged to the last; what follows an unknown end is not known."""
        known = np.array([each in ENDS for each in ending])
        until = np.where(known, last, last - 1)
        usable = np.flatnonzero((entry > 0) & (until >= entry))
        counts = until[usable] - entry[usable] + 1
        case = np.repeat(usable, counts)
        session = np.arange(len(case)) - np.repeat(np.cumsum(counts) - counts, counts) + entry[case]
        left = np.array([each == "dropout" for each in ending])
        return cls(case, session, left[case] & (session == last[case]), cluster[case])

    @property
    def reach(self) -> float:
        """Half a 95% interval in errors: of t with one df fewer than clusters, which are few where therapists are."""
        from scipy.special import stdtrit

        clusters = len(np.unique(self.cluster))
        return float(stdtrit(clusters - 1, 0.975)) * sqrt(clusters / (clusters - 1))

    def fitted(self, status: Flags) -> HazardRatio:
        """The hazard ratio of a status."""
        return hazard_ratio(status, self.session, self.dropout, self.cluster)

    def statuses(self, onsets: Flags) -> tuple[Flags, Flags]:
        """Of each row, dated at the session attended; `onsets` has shape (n_cases, n_sessions)."""
        so_far, recent = np.maximum.accumulate(onsets, axis=1), _within(onsets, RECENT)
        return so_far[self.case, self.session], recent[self.case, self.session]


def dropout_after_flag_of(
    counter: EpisodeCounter, model: ChanceModel, judged: JudgedTables | None = None
) -> DropoutAfterFlag:
    """Compare the hazard of dropout after sessions with and without an earlier flag.

    Parameters
    ----------
    counter, model
        Of the cohort, whose cases table says how treatments ended.
    judged : JudgedTables, optional
        Tables that other questions have asked for.

    Returns
    -------
    DropoutAfterFlag
    """
    import polars as pl

    rows, last, ending = _rows_of(counter)
    onsets = _onsets(counter, own_events(counter, model, judged), 1)[0]
    seen = rows.statuses(onsets)
    refusals = [_refusal(rows, status) for status in seen]
    if refusals[0]:
        nothing = pl.DataFrame()
        return DropoutAfterFlag(nothing, nothing, nothing, 0, None, None, refusals[0])
    landmark = _landmark(onsets)
    groups = _incidence(rows, last, ending, seen[0], landmark)
    horizon = _horizon(groups)
    logs: list[list[float]] = [[], []]
    ratios: list[float] = []
    tables = judged or JudgedTables(counter, model)
    there = (rows, last, ending) if tables.counter is counter else _rows_of(tables.counter)
    for _drawn, events in tables.blocks(TABLES, "dropout by chance"):
        for each in _onsets(tables.counter, events, AT_ONCE):
            statuses = there[0].statuses(each)
            for place, status in enumerate(statuses):
                logs[place].append(there[0].fitted(status).log_ratio)
            found = _incidence(*there, statuses[0], landmark)
            ratios.append(_log_risk_ratio(found, horizon)[0])
    hazard = pl.DataFrame(
        [
            _hazard_row(name, rows, status, chance, refused)
            for name, status, chance, refused in zip(STATUSES, seen, logs, refusals, strict=True)
        ],
        infer_schema_length=None,
    )
    some = None if tables.counter is counter else ChanceSample.of(counter, model, MOST_UNSEEN)
    if some is None:
        delta = _delta(counter, model, rows, onsets)
    else:
        onsets = _onsets(some.counter, own_events(some.counter, some.model, None), 1)[0]
        delta = _delta(some.counter, some.model, _rows_of(some.counter)[0], onsets)
    return DropoutAfterFlag(
        hazard,
        groups.filter(pl.col("at_risk") >= FEWEST_AT_RISK),
        delta,
        landmark,
        calibrated_ratio(_log_risk_ratio(groups, horizon), ratios, rows.reach),
        tipping_point(delta),
        None,
        None if some is None else some.counter.cohort.n_cases,
    )


def _rows_of(counter: EpisodeCounter) -> tuple[SessionsAtRisk, Integers, list[str]]:
    """Of a cohort: the sessions after which cases could break off, each case's last session, and how it ended."""
    from goldseam.cohort.first_onset import first_judged

    cases = counter.cohort.cases
    ending = cases.get_column("ending").fill_null("ongoing").to_list()
    last = cases.get_column("last_session").to_numpy()
    clusters = therapist_clusters(counter.cohort)
    own = np.arange(counter.cohort.n_cases)
    rows = SessionsAtRisk.of(first_judged(counter), last, ending, own if clusters is None else clusters)
    return rows, last, ending


def tipping_point(delta: "pl.DataFrame") -> float | None:
    """Where the verdict is another than with the unseen rating at the person's mean.

    Parameters
    ----------
    delta : polars.DataFrame
        As `DropoutAfterFlag.delta`, from 0 downwards.

    Returns
    -------
    float or None
        None where it stays.
    """
    known = delta.drop_nans()  # where every dropout is flagged there is no ratio
    verdicts = [(row["low"] > 1) - (row["high"] < 1) for row in known.to_dicts()]
    for delta_sds, verdict in zip(known.get_column("delta").to_list(), verdicts, strict=True):
        if verdict != verdicts[0]:
            return float(delta_sds)
    return None


def _onsets(counter: EpisodeCounter, events: "pl.DataFrame", tables: int) -> Flags:
    """Whether an episode of a case begins at a session; shape (tables, n_cases, n_sessions)."""
    table, owner = counter.split(events)
    latest = int(counter.cohort.cases.get_column("last_session").to_numpy().max(initial=0)) + 2
    found = np.zeros((tables, counter.cohort.n_cases, latest), np.bool_)
    found[table, counter.cohort.case[owner], events.get_column("onset_session").to_numpy()] = True
    return found


def _within(onsets: Flags, sessions: int) -> Flags:
    found = onsets.copy()
    for back in range(1, sessions):
        found[:, back:] |= onsets[:, :-back]
    return found


def _refusal(rows: SessionsAtRisk, status: Flags) -> str | None:
    having, without = int((rows.dropout & status).sum()), int((rows.dropout & ~status).sum())
    return MINIMUMS["dropout"].refusal(min(having, without))


def _hazard_row(
    name: str, rows: SessionsAtRisk, status: Flags, chance: list[float], refused: str | None
) -> dict[str, str | float | None]:
    row: dict[str, str | float | None] = {
        "status": name,
        "dropouts_with": int((rows.dropout & status).sum()),
        "dropouts_without": int((rows.dropout & ~status).sum()),
    }
    names = ("hazard_ratio", "hazard_ratio_low", "hazard_ratio_high", "chance_hazard_ratio")
    more = ("calibrated", "calibrated_low", "calibrated_high", "refused")
    if refused:
        return row | dict.fromkeys(names + more) | {"refused": refused}
    fit = rows.fitted(status)
    plain = [exp(fit.log_ratio + each * rows.reach * fit.error) for each in (0, -1, 1)]
    figures = [
        *plain,
        exp(np.nanmean(chance)),
        *calibrated_ratio((fit.log_ratio, fit.error), chance, rows.reach),
        None,
    ]
    return row | dict(zip(names + more, figures, strict=True))


def _landmark(onsets: Flags) -> int:
    """The median session of first onsets."""
    flagged = onsets.any(axis=1)
    return int(np.median(onsets[flagged].argmax(axis=1)))


def _incidence(
    rows: SessionsAtRisk, last: Integers, ending: list[str], status: Flags, landmark: int
) -> "pl.DataFrame":
    """Dropout and planned end from the landmark on, by the status there."""
    import polars as pl

    at = rows.session == landmark
    parts = []
    for name, chosen in ((STATUSES[0], status), ("never flagged so far", ~status)):
        case = rows.case[at & chosen]
        known = tuple(ending[each] if ending[each] in ENDS else CENSORED for each in case.tolist())
        until = last[case] - np.array([each == CENSORED for each in known], dtype=np.int64)
        histories = Histories(np.full(len(case), landmark), until, known, rows.cluster[at & chosen])
        found = aalen_johansen(histories, ENDS, int(last.max()))
        left = found.filter(pl.col("kind") == "dropout")
        planned = found.filter(pl.col("kind") == "planned").get_column("incidence")
        parts.append(
            left.select(
                pl.lit(name).alias("status"),
                "at_risk",
                "low",
                "high",
                "error",
                session="time",
                dropout="incidence",
                planned=planned,
            )
        )
    return pl.concat(parts).select(
        "status", "session", "at_risk", "dropout", "low", "high", "planned", "error"
    )


def _horizon(groups: "pl.DataFrame") -> int | None:
    """The last session with enough at risk in both groups."""
    import polars as pl

    enough = groups.filter(pl.col("at_risk") >= FEWEST_AT_RISK).group_by("session").len()
    both = enough.filter(pl.col("len") == 2).get_column("session").to_list()
    return max(both) if both else None


def _log_risk_ratio(groups: "pl.DataFrame", horizon: int | None) -> tuple[float, float]:
    """Of the incidence of dropout, with its error; NaN where it is 0 in a group."""
    import polars as pl

    rows = groups.filter(pl.col("session") == horizon).to_dicts()
    if len(rows) < 2 or not all(row["dropout"] for row in rows):
        return float("nan"), float("nan")
    flagged, never = rows
    error = sqrt(sum((row["error"] / row["dropout"]) ** 2 for row in rows))
    return log(flagged["dropout"] / never["dropout"]), error


def _delta(
    counter: EpisodeCounter, model: ChanceModel, rows: SessionsAtRisk, onsets: Flags
) -> "pl.DataFrame":
    """The hazard ratio with the rating of the session that a dropout did not come to put at so many own SDs."""
    import polars as pl

    cohort = counter.cohort
    so_far = np.maximum.accumulate(onsets, axis=1)
    # who came has rated the session at risk; who did not has the rating that is put there
    came = so_far[rows.case, np.minimum(rows.session + 1, onsets.shape[1] - 1)]
    came = np.where(rows.dropout, so_far[rows.case, rows.session], came)
    unseen = np.flatnonzero(rows.dropout & ~came)
    wanted = np.isin(cohort.case, rows.case[unseen]) & (cohort.series.lengths >= EARLIER_RATINGS)
    series = take_series(cohort.series, np.flatnonzero(wanted))
    owner, place = cohort.case[wanted], np.zeros(cohort.n_cases, np.int64)
    place[rows.case[unseen]] = unseen
    at = rows.session[place[owner]] + 1
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(model.seed, spawn_key=(STREAM,))))
    noise = random.standard_normal((IMPUTATIONS, series.n_series))
    mean, sd = own_mean_and_sd(cohort.series)
    values = np.concatenate([mean[wanted] + sd[wanted] * (delta + noise) for delta in DELTAS])
    extended = appended(series, at, values)
    events = counter.judged(counter.criteria[0], extended, model.norms)
    number, which = np.divmod(events.get_column("series").to_numpy().astype(np.int64), series.n_series)
    new = events.get_column("onset_session").to_numpy() == at[which]
    struck = np.zeros((len(values), len(rows.case)), np.bool_)
    struck[number[new], place[owner[which[new]]]] = True
    table = []
    for step, delta in enumerate(DELTAS):
        each = struck[step * IMPUTATIONS : (step + 1) * IMPUTATIONS]
        fits = [rows.fitted(came | hit) for hit in each]
        logs = np.array([fit.log_ratio for fit in fits])
        error = sqrt(
            float(np.mean([fit.error**2 for fit in fits])) + (1 + 1 / IMPUTATIONS) * float(logs.var(ddof=1))
        )
        value = float(logs.mean())
        table.append(
            {
                "delta": delta,
                "flagged": float(each[:, unseen].mean()) if len(unseen) else 0.0,
                "hazard_ratio": exp(value),
                "low": exp(value - rows.reach * error),
                "high": exp(value + rows.reach * error),
            }
        )
    return pl.DataFrame(table)
