"""Hearing the client's own word on what the ratings say: whether there was strain, and whether it is worked out."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from goldseam_web.alerts.models import Episode, EpisodeEvent, EpisodeStatus
from goldseam_web.measures.follow_ups import follow_up_withdrawn
from goldseam_web.measures.models import Answer, Response, ResponseState, TakenUp
from goldseam_web.measures.own_measures import FOLLOW_UP_ITEM, SELF_THERAPIST, TENSION_ITEM, TENSION_SAID
from goldseam_web.measures.strain_with import said_of

COUNTED = (ResponseState.COMPLETED, ResponseState.CLOSED)


def hear_client(strains: Iterable[Episode], *, begun: Mapping[uuid.UUID, datetime], at: datetime) -> None:
    """Let the client's own answers confirm a strain, or contradict a repair the ratings suggest.

    "A little" or "clearly" about a session from the onset to the repair confirms; "clearly" or "not yet worked out"
    about the repair session or a later one contradicts. A later answer that it was worked out takes that back, and
    is the client's own yes to the repair: silence is none. The case is locked already. ``begun``: when its sessions
    began, as far as that is known.
    """
    _hear([e for e in strains if _is_about_the_work(e) and e.status != EpisodeStatus.WITHDRAWN], begun, at)


def hear_about(episode: Episode, at: datetime) -> None:
    """Let what the client has answered since the onset say whether there was strain, and whether it is worked out."""
    _hear([episode], {}, at)


def _is_about_the_work(episode: Episode) -> bool:
    """Whether it is about client and therapist; without a series it was seen in the room."""
    return episode.series is None or episode.series.scale == SELF_THERAPIST


class _Word(NamedTuple):
    """One answer to the direct question, or to its follow-up; ``about``: when the session began."""

    about: datetime
    item: str
    choice: str
    # When it was said that somebody was there: then a yes is no yes, and a no stays one.
    in_company_at: datetime | None


class _Said(NamedTuple):
    """What was said, once a form was sent, of what felt off before."""

    about: datetime
    taken_up: str
    in_company_at: datetime | None


@dataclass(frozen=True)
class _Times:
    """From when on an episode is spoken of, and since when its ratings are back."""

    onset: datetime
    repaired: datetime | None

    @classmethod
    def of(cls, episode: Episode, begun: Mapping[uuid.UUID, datetime]) -> "_Times":
        onset = begun.get(episode.onset_id) or episode.onset.starts_at
        if episode.repair_encounter_id is None:
            return cls(onset, None)
        known = begun.get(episode.repair_encounter_id)
        return cls(onset, known or episode.repair_encounter.starts_at)  # type: ignore[union-attr]


def _hear(episodes: Sequence[Episode], begun: Mapping[uuid.UUID, datetime], at: datetime) -> None:
    """Episodes of one member of one case."""
    if not episodes:
        return
    times = [_Times.of(episode, begun) for episode in episodes]
    words = _words(episodes[0], since=min(each.onset for each in times))
    returned = [each.repaired for each in times if each.repaired is not None]
    later = _said_afterwards(episodes[0], since=min(returned)) if returned else []
    for episode, of in zip(episodes, times, strict=True):
        _hear_about(episode, of, [w for w in words if w.about >= of.onset], later, at)


def _hear_about(
    episode: Episode, times: _Times, words: Sequence[_Word], later: Sequence[_Said], at: datetime
) -> None:
    repaired = times.repaired
    said = any(
        word.choice in TENSION_SAID and (repaired is None or word.about <= repaired)
        for word in words
        if word.item == TENSION_ITEM
    )
    contradicted = agreed = False
    if repaired is not None:
        for word in words:
            if word.about < repaired:
                continue
            if word.choice in ("clearly", "not_yet"):
                contradicted, agreed = True, False
            elif word.item == FOLLOW_UP_ITEM and word.choice == "yes" and word.in_company_at is None:
                contradicted, agreed = False, True
        # The latest word after the return holds: a no stands until they say yes; a yes said in company is none.
        for each in later:
            if each.about < repaired:
                continue
            if each.taken_up == TakenUp.NOT_TAKEN_UP:
                contradicted, agreed = True, False
            elif each.in_company_at is None:
                contradicted, agreed = False, True
    _write(
        episode,
        {
            "client_confirmed_at": said,
            "contradicted_at": contradicted,
            "client_said_repaired_at": agreed,
        },
        at,
    )


def _about(episode: Episode) -> Q:
    """Of answers: whether they are about the therapist of the episode; what was seen in the room is of any."""
    return Q() if episode.series is None else said_of(episode.series.therapist_id)


def _words(episode: Episode, *, since: datetime) -> list[_Word]:
    answers = (
        Answer.objects.filter(
            response__occasion__case_id=episode.case_id,
            response__occasion__respondent_id=episode.member_id,
            response__occasion__encounter__starts_at__gte=since,
            response__state__in=COUNTED,
            item__in=(TENSION_ITEM, FOLLOW_UP_ITEM),
        )
        .filter(_about(episode))
        .exclude(follow_up_withdrawn())
        .order_by("response__occasion__encounter__starts_at", "answered_at")
    )
    about = "response__occasion__encounter__starts_at"
    return [_Word(*row) for row in answers.values_list(about, "item", "choice", "response__in_company_at")]


def _said_afterwards(episode: Episode, *, since: datetime) -> list[_Said]:
    about = "occasion__encounter__starts_at"
    responses = Response.objects.filter(
        occasion__case_id=episode.case_id,
        occasion__respondent_id=episode.member_id,
        occasion__encounter__starts_at__gte=since,
        state__in=COUNTED,
        taken_up__in=(TakenUp.MENDED, TakenUp.NOT_TAKEN_UP),
    ).order_by(about)
    return [_Said(*row) for row in responses.values_list(about, "taken_up", "in_company_at")]


def _write(episode: Episode, holds: Mapping[str, bool], at: datetime) -> None:
    """Write what is another than before, and put each change on the episode's record."""
    changed = [name for name, now in holds.items() if now != (getattr(episode, name) is not None)]
    for name in changed:
        setattr(episode, name, at if holds[name] else None)
    if not changed:
        return
    episode.save(update_fields=changed)
    EpisodeEvent.objects.bulk_create(
        EpisodeEvent(
            clinic_id=episode.clinic_id,
            episode=episode,
            at=at,
            kind=name.removesuffix("_at"),
            before="no" if holds[name] else "yes",
            after="yes" if holds[name] else "no",
        )
        for name in changed
    )
