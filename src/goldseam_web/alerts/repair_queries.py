"""Reads over what was noted of episodes: always for a viewer, and only of cases the viewer may see."""

import uuid
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.models import Episode, ProcessNote, Seen
from goldseam_web.alerts.queries import episodes_of
from goldseam_web.alerts.repair_tables import WorkNote, WorkReader
from goldseam_web.cases.models import Case
from goldseam_web.cases.readers import readers_on


def seen_by_hand(viewer: Viewer, cases: Iterable[Case]) -> "QuerySet[Episode]":
    """The episodes that were opened by hand and no signal tells of, for lists that read no others."""
    return episodes_of(viewer, cases).filter(series=None)


def may_read_episode(viewer: Viewer, episode: Episode) -> list[Staff]:
    """The others who can open the case today: whom the viewer may let read what they note."""
    readers = readers_on(episode.case, viewer.today)
    return [reader.staff for reader in readers if reader.staff.pk != viewer.staff_id]


def work_of(viewer: Viewer, episode: Episode) -> list[WorkNote]:
    """What was noted by tap that stands: the viewer's own, and of whoever lets them read it."""
    lets = WorkReader.objects.filter(
        episode=OuterRef("episode"), author=OuterRef("author"), reader=viewer.staff_id, ended_at=None
    )
    notes = WorkNote.objects.filter(
        Q(author=viewer.staff_id) | Q(Exists(lets)), episode=episode, taken_back_at=None
    )
    return list(notes.select_related("author", "encounter").order_by("noted_at"))


def readers_of_work(viewer: Viewer, episode: Episode) -> set[uuid.UUID]:
    """Whom the viewer lets read what they note on this episode."""
    running = WorkReader.objects.filter(episode=episode, author=viewer.staff_id, ended_at=None)
    return set(running.values_list("reader_id", flat=True))


def own_notes(viewer: Viewer, episode: Episode) -> "QuerySet[ProcessNote]":
    """The viewer's notes to themselves on this episode; nobody else ever reads them here."""
    return ProcessNote.objects.filter(episode=episode, author=viewer.staff_id).order_by("written_at")


def first_looks(episode: Episode) -> dict[uuid.UUID, Seen]:
    """Of each signal of an episode that was read for a viewer, the first time anybody opened it."""
    looks: dict[uuid.UUID, Seen] = {}
    for seen in Seen.objects.filter(signal__episode=episode).select_related("staff").order_by("at"):
        looks.setdefault(seen.signal_id, seen)
    return looks
