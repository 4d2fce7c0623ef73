"""What was noted about flagged episodes, described: confirmed and unconfirmed apart, and never compared."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.operating.rate_estimators import NORMAL_95
from goldseam.operating.simulation_verdicts import REPAIRED
from goldseam.series.keyed_tables import KeyedTable, keyed_table

if TYPE_CHECKING:
    import polars as pl

NOTED = ("antecedent", "contribution", "facet", "manner", "tried")
CONFIRMED = {"yes": "confirmed", "no": "not confirmed", "": "not asked or not answered"}
BANDS = ("shallower half", "deeper half")
TABLES = 20
BETWEEN = ";"
"""Between several answers in one cell."""


@dataclass(frozen=True, eq=False)
class NotedFeatures:
    """What flagged episodes were noted to be about.

    Attributes
    ----------
    table : polars.DataFrame
        ``noted`` (which column), ``among`` (*confirmed*, *not confirmed*, *not asked or not answered*), ``answer,
        count, of, share, low, high`` (95%, clustered by case), ``refused``.
    repairs : polars.DataFrame
        ``tried, depth, episodes, repaired, low, high, chance_repaired`` (of episodes as deep in tables in which nothing
        happens), ``refused``: within halves of depth, since what is tried depends on it.
    matched, unmatched : int
        Rows of the table that are the onset of a flagged episode, and that are not.
    refused : str or None
        Why there is nothing.
    """

    table: "pl.DataFrame"
    repairs: "pl.DataFrame"
    matched: int
    unmatched: int
    refused: str | None


def noted_features_of(counter: EpisodeCounter, model: ChanceModel, episodes: Any) -> NotedFeatures:
    """Describe what was noted about the flagged episodes of the primary criterion.

    Parameters
    ----------
    counter, model
        Of the cohort.
    episodes
        A row per episode, a path or a frame: ``case, session`` (of its onset), any of ``antecedent, contribution,
        facet, manner, tried`` (several answers with ``;`` between them), and ``confirmed`` (yes, no, or empty).

    Returns
    -------
    NotedFeatures
    """
    import polars as pl

    given = episodes_table(episodes).rows
    names = [name for name in NOTED if name in given.columns]
    flagged = _flagged(counter, model)
    rows = flagged.join(given, on=["case", "session"], how="inner")
    known = pl.col("confirmed").cast(pl.String).str.to_lowercase().str.strip_chars().fill_null("")
    among = known if "confirmed" in rows.columns else pl.lit("")
    rows = rows.with_columns(among=among.replace_strict(CONFIRMED, default=CONFIRMED[""]))
    unmatched = given.height - rows.select("case", "session").unique().height
    found = [
        row
        for name in names
        for group in CONFIRMED.values()
        for row in _described(rows.filter(pl.col("among") == group), name, group)
    ]
    table = pl.DataFrame(found, infer_schema_length=None)
    answered = not table.is_empty() and table.get_column("share").count() > 0
    refused = None if answered else MINIMUMS["described"].refusal(0)
    repairs = _repairs(rows, _by_chance(counter, model)) if "tried" in names else pl.DataFrame()
    return NotedFeatures(table, repairs, rows.height, unmatched, refused)


def episodes_table(episodes: Any) -> KeyedTable:
    """What was noted of episodes as `noted_features_of` takes it, read and checked.

    Parameters
    ----------
    episodes
        As there.

    Returns
    -------
    KeyedTable

    Raises
    ------
    TableError
        It cannot be used.
    """
    return keyed_table(episodes, ["case", "session"], "episodes", NOTED)


def _flagged(counter: EpisodeCounter, model: ChanceModel) -> "pl.DataFrame":
    """The flagged episodes: case, session of the onset, depth, whether repaired."""
    import polars as pl

    cohort = counter.cohort
    events = counter.judged(counter.criteria[0], cohort.series, model.norms)
    owner = events.get_column("series").to_numpy().astype(np.int64)
    return events.select(
        case=cohort.series.keys.get_column("case").cast(pl.String)[owner],
        session=pl.col("onset_session").cast(pl.Int64),
        depth="depth_z",
        repaired=pl.col("status").is_in(REPAIRED).fill_null(value=False),
    )


def _by_chance(counter: EpisodeCounter, model: ChanceModel) -> "pl.DataFrame":
    """Depth of the episodes of drawn tables, and whether repaired."""
    import polars as pl

    drawn = model.tables(model.norms).draw(range(TABLES))
    events = counter.judged(counter.criteria[0], drawn, model.norms)
    return events.select(depth="depth_z", repaired=pl.col("status").is_in(REPAIRED).fill_null(value=False))


def _answers(rows: "pl.DataFrame", name: str) -> "pl.DataFrame":
    """A row per answer given of an episode."""
    import polars as pl

    text = pl.col(name).cast(pl.String).str.split(BETWEEN).list.eval(pl.element().str.strip_chars())
    said = rows.with_row_index("episode").with_columns(answer=text).explode("answer")
    return said.filter(pl.col("answer").is_not_null() & (pl.col("answer") != "")).unique(
        ["episode", "answer"], maintain_order=True
    )


def _described(rows: "pl.DataFrame", name: str, among: str) -> list[dict[str, Any]]:
    import polars as pl

    said = _answers(rows, name)
    of = said.get_column("episode").n_unique()
    if not rows.height or not of:
        return []
    head = {"noted": name, "among": among}
    refused = MINIMUMS["described"].refusal(of)
    if refused:
        return [
            head
            | {
                "answer": "any",
                "count": of,
                "of": of,
                "share": None,
                "low": None,
                "high": None,
                "refused": refused,
            }
        ]
    asked = said.select("episode", "case").unique(maintain_order=True)
    found = []
    for answer in said.get_column("answer").unique().sort():
        own = said.filter(pl.col("answer") == answer).get_column("episode")
        hit = asked.get_column("episode").is_in(own.implode()).to_numpy()
        share, low, high = clustered_share(hit, asked.get_column("case").to_numpy())
        found.append(
            head
            | {
                "answer": answer,
                "count": int(hit.sum()),
                "of": of,
                "share": share,
                "low": low,
                "high": high,
                "refused": None,
            }
        )
    return found


def _repairs(rows: "pl.DataFrame", by_chance: "pl.DataFrame") -> "pl.DataFrame":
    """Repaired episodes by what was tried, in halves of depth."""
    import polars as pl

    middle = rows.get_column("depth").median()
    band = pl.when(pl.col("depth") <= middle).then(pl.lit(BANDS[0])).otherwise(pl.lit(BANDS[1]))
    banded, null = rows.with_columns(depth=band), by_chance.with_columns(depth=band)
    chance = dict(null.group_by("depth").agg(pl.col("repaired").mean()).iter_rows())
    said = _answers(banded, "tried")
    found: list[dict[str, Any]] = []
    for (tried, depth), part in said.sort("answer", "depth").group_by("answer", "depth", maintain_order=True):
        head = {"tried": tried, "depth": depth, "episodes": part.height}
        refused = MINIMUMS["described"].refusal(part.height)
        figures: tuple[float | None, ...] = (None, None, None)
        if not refused:
            figures = clustered_share(
                part.get_column("repaired").to_numpy(), part.get_column("case").to_numpy()
            )
        found.append(
            head
            | dict(zip(("repaired", "low", "high"), figures, strict=True))
            | {"chance_repaired": None if refused else chance.get(str(depth)), "refused": refused}
        )
    return pl.DataFrame(found, infer_schema_length=None)


def clustered_share(hit: Any, cluster: Any) -> tuple[float, float, float]:
    """A share with its 95% Wilson interval, of as many independent episodes as those of the clusters are worth.

    Parameters
    ----------
    hit : ndarray of bool, shape (n,)
        What is counted.
    cluster : ndarray, shape (n,)
        Whose episodes are not independent of each other.

    Returns
    -------
    share, low, high : float
        The number of episodes is divided by the variance of the share over clusters as a multiple of the binomial one
        (the design effect), where that is above 1.
    """
    n, share = len(hit), float(hit.mean())
    owner = np.unique(cluster, return_inverse=True)[1]
    clusters = int(owner.max()) + 1
    effect = 1.0
    if 0 < share < 1 and 1 < clusters < n:
        residual = np.bincount(owner, hit - share)
        variance = clusters / (clusters - 1) * float((residual**2).sum()) / n**2
        effect = max(variance / (share * (1 - share) / n), 1.0)
    worth, z2 = n / effect, NORMAL_95**2
    middle = (share + z2 / (2 * worth)) / (1 + z2 / worth)
    half = NORMAL_95 / (1 + z2 / worth) * float(np.sqrt(share * (1 - share) / worth + z2 / (4 * worth**2)))
    return share, max(middle - half, 0.0), min(middle + half, 1.0)
