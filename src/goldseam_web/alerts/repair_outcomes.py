"""What was tried before repairs that held, over the whole clinic: shares with their intervals, never of one person.

Described, not compared: what is tried depends on what happened, several things are tried at once, and much comes back
by itself. So the share with nothing noted stands beside every other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q

from goldseam import Share, observed_share
from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.alerts.repair_tables import WORK_WORDS, WorkKind, WorkNote
from goldseam_web.measures.own_measures import WITHIN

LOOKED_BACK = timedelta(days=2 * 365)
FEWEST_EPISODES = 10  # of fewer nothing is shown, and no share with nothing noted
FEWEST_OF_ONE = 5  # of what was tried
OVER = (EpisodeStatus.REPAIRED, EpisodeStatus.PARTIAL, EpisodeStatus.UNREPAIRED)


@dataclass(frozen=True)
class RepairOutcomes:
    """How many confirmed strains on which something was noted are over, and what of them was repaired and held.

    ``tried`` has no share of what was noted too few times; ``nothing_noted`` is None where there are too few.
    """

    episodes: int
    enough: bool
    any_noted: Share | None
    tried: Mapping[str, Share]
    nothing_noted: Share | None


def repair_outcomes(viewer: Viewer, *, at: datetime) -> RepairOutcomes:
    """The last two years of the viewer's clinic, of strain with a therapist that somebody confirmed."""
    confirmed = Q(client_confirmed_at__isnull=False) | Q(therapist_confirmed_at__isnull=False)
    over = Episode.objects.filter(
        confirmed, clinic_id=viewer.clinic_id, status__in=OVER, closed_at__gte=at - LOOKED_BACK
    ).exclude(series__scale=WITHIN)
    held = {
        episode: status == EpisodeStatus.REPAIRED and contradicted is None
        for episode, status, contradicted in over.values_list("pk", "status", "contradicted_at")
    }
    tried, authors = _tried(over)
    noted = {episode for episodes in tried.values() for episode in episodes}
    enough = len(noted) >= FEWEST_EPISODES and len(authors - {viewer.staff_id}) != 1
    without = set(held) - noted
    return RepairOutcomes(
        episodes=len(noted),
        enough=enough,
        any_noted=_share(held, noted) if enough else None,
        tried={
            what: _share(held, episodes)
            for what, episodes in tried.items()
            if enough and len(episodes) >= FEWEST_OF_ONE
        },
        nothing_noted=_share(held, without) if enough and len(without) >= FEWEST_EPISODES else None,
    )


def _tried(over: "Iterable[Episode]") -> tuple[dict[str, set[UUID]], set[UUID]]:
    """The episodes in which each thing was tried, up to the session of the repair; and whose notes these are."""
    before = Q(episode__repair_encounter=None) | Q(
        encounter__starts_at__lte=F("episode__repair_encounter__starts_at")
    )
    notes = WorkNote.objects.filter(before, kind=WorkKind.TRIED, taken_back_at=None, episode__in=over)
    tried: dict[str, set[UUID]] = {what: set() for what in WORK_WORDS[WorkKind.TRIED]}
    authors = set()
    for what, episode, author in notes.order_by().values_list("what", "episode_id", "author_id"):
        tried[what].add(episode)
        authors.add(author)
    return tried, authors


def _share(held: Mapping[UUID, bool], episodes: Iterable[UUID]) -> Share:
    counted = [held[episode] for episode in episodes]
    return observed_share(sum(counted), len(counted))
