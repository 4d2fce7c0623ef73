"""What a therapist notes of an episode: what came before it, whose part, what was tried; and one opened by hand."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max

from goldseam_web.accounts.queries import Viewer
from goldseam_web.accounts.services import record_change
from goldseam_web.alerts.models import (
    Episode,
    EpisodeEvent,
    EpisodeStatus,
    OnsetKind,
    ProcessNote,
)
from goldseam_web.alerts.repair_queries import may_read_episode
from goldseam_web.alerts.repair_tables import (
    BETWEEN_WORDS,
    ONE_OF_A_KIND,
    WORK_WORDS,
    WorkKind,
    WorkNote,
    WorkReader,
)
from goldseam_web.alerts.services.clients_word import hear_about
from goldseam_web.alerts.services.episodes import ENDED_OTHERWISE
from goldseam_web.audit.services import record_about
from goldseam_web.cases.access import own_case
from goldseam_web.cases.models import Case, Encounter, EncounterState, Member, Presence, RestReason
from goldseam_web.cases.queries import presence_at
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.own_measures import WITHIN

NOTE_LENGTH = 2000
ENDED_BY_HAND = (EpisodeStatus.REPAIRED, EpisodeStatus.UNREPAIRED)


def words_for(episode: Episode) -> Mapping[WorkKind, Sequence[str]]:
    """What can be noted, by kind; of strain between members nothing that lays it at the therapist's door."""
    between = episode.series is not None and episode.series.scale == WITHIN
    return BETWEEN_WORDS if between else WORK_WORDS


@one_transaction
def note_work(
    *,
    viewer: Viewer,
    episode: Episode,
    kind: WorkKind,
    what: str,
    encounter: Encounter | None,
    at: datetime,
) -> WorkNote:
    """Note one thing; where one word of its kind holds at a time, it takes the place of the one before.

    Noted again (a double tap), it is the same note.
    """
    episode = _own(viewer, episode)
    allowed = words_for(episode).get(kind, ())
    if what not in allowed:
        raise ValidationError(f"{what!r} given; allowed for {kind}: {', '.join(allowed) or 'nothing'}.")
    if kind == WorkKind.TRIED:
        encounter = _session_of(episode, encounter)
    elif encounter is not None:
        raise ValidationError(f"What is noted as {kind} belongs to no session.")
    mine = WorkNote.objects.filter(episode=episode, author_id=viewer.staff_id, kind=kind, taken_back_at=None)
    found = mine.filter(what=what, encounter=encounter).first()
    if found is not None:
        return found
    if kind in ONE_OF_A_KIND:
        mine.update(taken_back_at=at)
    note = WorkNote.objects.create(
        clinic_id=episode.clinic_id,
        episode=episode,
        author_id=viewer.staff_id,
        kind=kind,
        what=what,
        encounter=encounter,
        noted_at=at,
    )
    _record(episode, viewer, "episode.note_work", at)
    return note


def _session_of(episode: Episode, encounter: Encounter | None) -> Encounter:
    """The session something was tried in: a held one of this case, from the onset on."""
    held = Encounter.objects.filter(
        case_id=episode.case_id, state=EncounterState.HELD, starts_at__gte=episode.onset.starts_at
    )
    found = held.filter(pk=encounter.pk).first() if encounter is not None else None
    if found is None:
        raise ValidationError("Say in which session it was tried: one that took place, from the onset on.")
    return found


@one_transaction
def take_back_work(
    *,
    viewer: Viewer,
    episode: Episode,
    kind: WorkKind,
    what: str,
    encounter: Encounter | None,
    at: datetime,
) -> None:
    """Take back what this therapist noted; taken back twice, it is taken back once."""
    episode = _own(viewer, episode)
    mine = WorkNote.objects.filter(
        episode=episode,
        author_id=viewer.staff_id,
        kind=kind,
        what=what,
        encounter=encounter,
        taken_back_at=None,
    )
    if mine.update(taken_back_at=at):
        _record(episode, viewer, "episode.take_back_work", at)


@one_transaction
def write_note(
    *, viewer: Viewer, episode: Episode, text: str, at: datetime, note_id: uuid.UUID
) -> ProcessNote:
    """Keep a note to oneself; each stands for itself, with its time. Sent twice, it is one."""
    episode = _own(viewer, episode)
    text = text.strip()
    if not text or len(text) > NOTE_LENGTH:
        raise ValidationError(f"{len(text)} characters given; allowed: 1 to {NOTE_LENGTH}.")
    found = ProcessNote.objects.filter(pk=note_id, author_id=viewer.staff_id).first()
    if found is not None:
        return found
    note = ProcessNote.objects.create(
        id=note_id,
        clinic_id=episode.clinic_id,
        case_id=episode.case_id,
        episode=episode,
        author_id=viewer.staff_id,
        kind="episode",
        text=text,
        written_at=at,
    )
    _record(episode, viewer, "episode.write_note", at)
    return note


@one_transaction
def let_read(*, viewer: Viewer, episode: Episode, readers: Iterable[uuid.UUID], at: datetime) -> None:
    """Let exactly these colleagues read what this therapist notes here by tap; they must be able to open the case."""
    episode = _own(viewer, episode)
    wanted = set(readers)
    allowed = {staff.pk for staff in may_read_episode(viewer, episode)}
    if not wanted <= allowed:
        raise ValidationError("Only who can open this case today can read what is noted on it.")
    running = WorkReader.objects.filter(episode=episode, author_id=viewer.staff_id, ended_at=None)
    there = set(running.values_list("reader_id", flat=True))
    if there == wanted:
        return
    running.exclude(reader_id__in=wanted).update(ended_at=at)
    WorkReader.objects.bulk_create(
        WorkReader(
            clinic_id=episode.clinic_id,
            episode=episode,
            author_id=viewer.staff_id,
            reader_id=reader,
            since=at,
        )
        for reader in sorted(wanted - there)
    )
    _record(episode, viewer, "episode.let_read", at)


# ---------- seen in the room ----------


@one_transaction
def open_by_hand(
    *, viewer: Viewer, case: Case, member: Member, encounter: Encounter, at: datetime, episode_id: uuid.UUID
) -> Episode:
    """Open an episode by the therapist's own word, which confirms it, whatever ratings say.

    Sent twice, or noted of the same person and session once more, it is one. What ratings opened stands beside it: it
    is not looked at here, since it may still be kept back until the therapist's guess.
    """
    if own_case(viewer, case.pk) is None:
        raise PermissionDenied
    case = locked(Case.objects.filter(pk=case.pk)).get()
    _check_may_be_opened(case, member, encounter)
    mine = Episode.objects.filter(
        case=case, member=member, onset=encounter, series=None, opened_by=viewer.staff_id
    )
    found = mine.exclude(status=EpisodeStatus.WITHDRAWN).first()
    if found is not None:
        return found
    last = Episode.objects.filter(case=case).aggregate(last=Max("number"))["last"] or 0
    is_taken = Episode.objects.filter(pk=episode_id).exists()  # by one that was a mistake, or in another tab
    episode = Episode.objects.create(
        id=uuid.uuid4() if is_taken else episode_id,
        clinic_id=case.clinic_id,
        case=case,
        member=member,
        opened_by_id=viewer.staff_id,
        number=last + 1,
        onset=encounter,
        onset_kind=OnsetKind.UNKNOWN,
        onset_grade="",
        therapist_confirmed_at=at,
        opened_at=at,
    )
    hear_about(episode, at)
    _record(episode, viewer, "episode.open_by_hand", at)
    return episode


def _check_may_be_opened(case: Case, member: Member, encounter: Encounter) -> None:
    if member.case_id != case.pk or encounter.case_id != case.pk:
        raise ValidationError("The person and the session must belong to this case.")
    if case.ended_on is not None:
        raise ValidationError("This case has ended.")
    if member.left_on is not None or member.rests_because == RestReason.DIED:
        raise ValidationError("This person does not take part any more.")
    if encounter.state != EncounterState.HELD:
        raise ValidationError("Choose a session that took place.")
    if presence_at(encounter).get(member.pk) == Presence.AWAY:
        raise ValidationError("This person was away from that session.")


@one_transaction
def end_by_hand(*, viewer: Viewer, episode: Episode, status: EpisodeStatus, at: datetime) -> Episode:
    """Say how an episode that one opened by hand stands: mended, over and not mended, open again, or a mistake.

    Mended is the therapist's view, dated to the last session; it is shown as *repaired*, with gold, once the client
    says so about that session or a later one. Only who opened it says how it stands; a mistake stays one.
    """
    episode = _own(viewer, episode)
    if not episode.by_hand:
        raise ValidationError("Ratings opened this one, and they say how it goes on.")
    if episode.opened_by_id != viewer.staff_id or episode.status in ENDED_OTHERWISE:
        raise PermissionDenied
    if status not in (*ENDED_BY_HAND, EpisodeStatus.OPEN, EpisodeStatus.WITHDRAWN):
        raise ValidationError(f"{status!r} given; allowed: repaired, unrepaired, open, withdrawn.")
    if episode.status == status:
        return episode
    if episode.status == EpisodeStatus.WITHDRAWN:  # on a page that was open when it was taken back
        raise PermissionDenied
    held = Encounter.objects.filter(case_id=episode.case_id, state=EncounterState.HELD)
    EpisodeEvent.objects.create(
        clinic_id=episode.clinic_id,
        episode=episode,
        at=at,
        kind="status",
        before=episode.status,
        after=status,
        staff_id=viewer.staff_id,
    )
    episode.status = status
    episode.closed_at = None if status == EpisodeStatus.OPEN else at
    episode.repair_encounter = held.order_by("starts_at").last() if status == EpisodeStatus.REPAIRED else None
    episode.save(update_fields=["status", "closed_at", "repair_encounter"])
    hear_about(episode, at)
    _record(episode, viewer, "episode.end_by_hand", at)
    return episode


def _own(viewer: Viewer, episode: Episode) -> Episode:
    """The episode, locked, for whoever treats its case."""
    if own_case(viewer, episode.case_id) is None:
        raise PermissionDenied
    return locked(Episode.objects.select_related("onset", "series").filter(pk=episode.pk)).get()


def _record(episode: Episode, viewer: Viewer, action: str, at: datetime) -> None:
    """Taps and notes change nobody's list; what an episode is called does."""
    if action in ("episode.open_by_hand", "episode.end_by_hand"):
        record_change(episode, at=at, actor=viewer.actor, action=action, object_kind="episode")
    else:
        record_about(episode, at=at, actor=viewer.actor, action=action, object_kind="episode")
