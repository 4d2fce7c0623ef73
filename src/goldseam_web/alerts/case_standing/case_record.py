"""One case's rows put in order, so that what a page says of it can be worked out without asking the database again."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from goldseam_web.accounts.models import Phase
from goldseam_web.alerts.models import AlertSignal, Episode, EpisodeStatus
from goldseam_web.alerts.queries import SessionVerdict, SignalStatus
from goldseam_web.alerts.read_first import READ_FIRST
from goldseam_web.alerts.single_answers import Fall, fall_of
from goldseam_web.cases.models import Case, Encounter, EncounterState, Member
from goldseam_web.cases.queries import CasePeople, SessionNumbers, members_of
from goldseam_web.measures.models import OccasionState, Series
from goldseam_web.measures.own_measures import FACETS, SELF_THERAPIST
from goldseam_web.measures.queries import RatingRow
from goldseam_web.measures.request_rows import RequestRow

Rater = uuid.UUID | None
Rated = Mapping[tuple[Rater, str], Mapping[uuid.UUID, RatingRow]]


@dataclass(frozen=True)
class CaseRecord:
    """The rows of one case. Signals are newest first, encounters and episodes oldest first.

    ``about``: the therapist of whom it is told, where that is not the one the reader is told of by themselves.
    """

    case: Case
    members: tuple[Member, ...]
    encounters: tuple[Encounter, ...]
    ratings: tuple[RatingRow, ...]
    verdicts: tuple[SessionVerdict, ...]
    signals: tuple[SignalStatus, ...]
    episodes: tuple[Episode, ...]
    requests: tuple[RequestRow, ...] = ()
    read_from: int = 0
    reader: uuid.UUID | None = None
    about: uuid.UUID | None = None

    @cached_property
    def held(self) -> tuple[Encounter, ...]:
        return tuple(e for e in self.encounters if e.state == EncounterState.HELD)

    @property
    def read(self) -> tuple[Encounter, ...]:
        """The held sessions whose ratings were read, for a list of many cases reads the latest only."""
        return self.held[self.read_from :]

    @cached_property
    def people(self) -> CasePeople:
        return CasePeople(self.members)

    @cached_property
    def therapist_id(self) -> uuid.UUID | None:
        """Whose alliance the states are about: the reader's own, else that of the latest session.

        Somebody's cover leads a session now and then; that neither begins the course anew nor ends it.
        """
        if self.about is not None:
            return self.about
        therapists = [e.therapist_id for e in self.held]
        held = {*therapists, *(e.beside_id for e in self.held if e.beside_id is not None)}
        if not therapists or self.reader in held:
            return self.reader
        return therapists[-1]

    @property
    def own(self) -> bool:
        """Whether what is said of the work with a therapist is said to that therapist."""
        return self.therapist_id == self.reader

    @property
    def therapist_name(self) -> str:
        """The therapist the states are about, where they have held a session."""
        known = (one for e in self.held for one in (e.therapist, e.beside) if one is not None)
        return next((one.full_name for one in known if one.pk == self.therapist_id), "")

    # ---------- where two therapists hold the sessions ----------

    @cached_property
    def with_them(self) -> frozenset[uuid.UUID]:
        """Who has held sessions together with the therapist the states are about."""
        pairs = ({e.therapist_id, e.beside_id} for e in self.held if e.beside_id is not None)
        together = {one for pair in pairs if self.therapist_id in pair for one in pair if one is not None}
        return frozenset(together - {self.therapist_id})

    def told_of(self, therapist: uuid.UUID | None) -> "CaseRecord":
        """The same case as it is told of the work with another of its therapists."""
        if therapist is None or therapist == self.therapist_id:
            return self
        if therapist not in self._told:
            self._told[therapist] = replace(self, about=therapist)
        return self._told[therapist]

    def of_series(self, series: Series | None) -> "CaseRecord":
        """The same case as it is told of the therapist whom a series is about, where that one holds sessions, too."""
        return self.told_of(series.therapist_id) if series is not None and self.is_of_other(series) else self

    def is_of_other(self, series: Series | None) -> bool:
        """Whether a series is about the other of two who hold sessions together."""
        return series is not None and series.therapist_id in self.with_them

    @cached_property
    def _told(self) -> dict[uuid.UUID, "CaseRecord"]:
        return {}

    def asked_about(self, encounter: Encounter, member_id: uuid.UUID) -> uuid.UUID:
        """Which therapist the member was asked about after a session: whoever held it, of two the one named."""
        given = self.rated_of_anyone.get((member_id, SELF_THERAPIST), {}).get(encounter.id)
        request = self.request(encounter.id, member_id)
        named = (given and given.therapist_id) or (request and request.therapist_id)
        return named or encounter.therapist_id

    # ---------- ratings ----------

    def is_current(self, row: RatingRow) -> bool:
        """Whether a rating is of the alliance the states are about, by the measure's version in use."""
        return row.therapist_id in (None, self.therapist_id) and row.major == self.major.get(row.scale)

    @cached_property
    def major(self) -> Mapping[str, int]:
        """The newest major version of its measure by which each scale was rated."""
        newest: dict[str, int] = {}
        for row in self.ratings:
            newest[row.scale] = max(row.major, newest.get(row.scale, 0))
        return newest

    @cached_property
    def all_episodes(self) -> tuple[Episode, ...]:
        """Those that were read, and those only known by a signal of theirs."""
        found = {e.id: e for e in self.episodes}
        for status in self.signals:
            if status.signal.episode is not None:
                found.setdefault(status.signal.episode.id, status.signal.episode)
        return tuple(found.values())

    def episode(self, episode_id: uuid.UUID) -> Episode | None:
        return next((e for e in self.all_episodes if e.id == episode_id), None)

    @cached_property
    def read_later(self) -> Mapping[tuple[uuid.UUID, uuid.UUID], RequestRow]:
        """What was answered about a session by a member and whoever is told does not read yet."""
        return {
            key: request for key, request in self._requests_made.items() if request.unread_since is not None
        }

    @cached_property
    def _requests(self) -> Mapping[tuple[uuid.UUID, uuid.UUID], RequestRow]:
        """The same as whoever is told knows of it: what they do not read yet can still come."""
        return {
            key: replace(r, state=OccasionState.WAITING, closes_at=r.unread_since + READ_FIRST, tension="")
            if r.unread_since is not None
            else r
            for key, r in self._requests_made.items()
        }

    @cached_property
    def _requests_made(self) -> Mapping[tuple[uuid.UUID, uuid.UUID], RequestRow]:
        """The latest request to each member about each session, in the phase in which the alliance is rated."""
        phases = {r.phase for r in self.requests}
        phase = Phase.POST if Phase.POST in phases or not phases else Phase.PRE
        return {(r.encounter_id, r.member_id): r for r in self.requests if r.phase == phase}

    def request(self, encounter_id: uuid.UUID, member_id: uuid.UUID) -> RequestRow | None:
        return self._requests.get((encounter_id, member_id))

    @cached_property
    def numbers(self) -> SessionNumbers:
        return SessionNumbers.of(self.encounters)

    @cached_property
    def rated_of_anyone(self) -> Rated:
        """The latest rating by rater, scale and encounter, whichever therapist it names."""
        return _latest_of(self.ratings)

    @cached_property
    def rated(self) -> Rated:
        """The same without those that name the other of two therapists."""
        if not self.with_them:
            return self.rated_of_anyone
        return _latest_of(row for row in self.ratings if row.therapist_id not in self.with_them)

    @cached_property
    def judged(self) -> Mapping[tuple[uuid.UUID, uuid.UUID], SessionVerdict]:
        return {(j.series_id, j.encounter_id): j for j in self.verdicts}

    @cached_property
    def by_id(self) -> Mapping[uuid.UUID, Member]:
        return {m.id: m for m in self.members}

    def ratings_by(self, rater: Rater, scale: str) -> Mapping[uuid.UUID, RatingRow]:
        return self.rated.get((rater, scale), {})

    def value(self, rater: Rater, scale: str, encounter_id: uuid.UUID) -> float | None:
        row = self.ratings_by(rater, scale).get(encounter_id)
        return row.value if row else None

    def values(self, rater: Rater, scale: str) -> list[float | None]:
        """A rater's values over the held sessions, oldest first."""
        return [self.value(rater, scale, e.id) for e in self.held]

    def verdict(self, rater: Rater, scale: str, encounter_id: uuid.UUID) -> SessionVerdict | None:
        """What was said about a rating, or about its absence."""
        row = self.ratings_by(rater, scale).get(encounter_id)
        if row is not None:
            return self.judged.get((row.series_id, encounter_id))
        series = {r.series_id for r in self.ratings_by(rater, scale).values()}
        return next((j for s in series if (j := self.judged.get((s, encounter_id)))), None)

    def latest(self, rater: Rater, scale: str) -> RatingRow | None:
        """The rating of the latest held session that has a value."""
        rows = self.ratings_by(rater, scale)
        found = (rows.get(e.id) for e in reversed(self.held))
        return next((row for row in found if row is not None and row.value is not None), None)

    def session(self, encounter_id: uuid.UUID | None) -> int | None:
        return self.numbers.get(encounter_id) if encounter_id else None

    def name(self, member_id: uuid.UUID | None) -> str:
        return self.people.name(member_id)

    def others(self, member_id: uuid.UUID | None) -> str:
        return self.people.others(member_id)

    def episodes_on(self, scale: str) -> list[Episode]:
        """Of the work with a therapist, with the one the states are about."""
        found = (e for e in self.episodes if e.series is not None and e.series.scale == scale)
        return [e for e in found if not self.is_of_other(e.series)]

    def signal_status_of(self, episode: Episode) -> SignalStatus | None:
        """The newest signal of an episode."""
        return next((s for s in self.signals if s.signal.episode_id == episode.id), None)

    @property
    def sessions(self) -> int:
        return len(self.held)

    def without(self, encounter_id: uuid.UUID) -> "CaseRecord":
        """The same case as it looked before the answers about one encounter, for a guess made before looking."""
        episodes = {
            e.id: self._before(e, encounter_id) if self._told_of_by(e, encounter_id) else e
            for e in self.episodes
            if e.by_hand or e.onset_id != encounter_id
        }
        signals = [h for h in self.signals if h.signal.encounter_id != encounter_id]
        _point_to(episodes, signals)
        return replace(
            self,
            ratings=tuple(r for r in self.ratings if r.encounter_id != encounter_id or r.rater_id is None),
            requests=tuple(r for r in self.requests if r.encounter_id != encounter_id),
            verdicts=tuple(j for j in self.verdicts if j.encounter_id != encounter_id),
            signals=tuple(signals),
            episodes=tuple(episodes.values()),
        )

    def _told_of_by(self, episode: Episode, encounter_id: uuid.UUID) -> bool:
        scale = episode.series.scale if episode.series else ""
        return encounter_id in self.rated_of_anyone.get((episode.member_id, scale), {})

    def as_read(self) -> "CaseRecord":
        """The same case as it looked before the answers that whoever is told does not read yet.

        Those and their findings were not read with it; episodes were.
        """
        if not self.read_later:
            return self
        found = {e.id: self._as_read(e) for e in self.all_episodes}
        episodes = {key: e for key, e in found.items() if e is not None}
        _point_to(episodes, self.signals)
        return replace(self, episodes=tuple(episodes[e.id] for e in self.episodes if e.id in episodes))

    def _as_read(self, episode: Episode) -> Episode | None:
        """None where it began with one of them."""
        for (encounter_id, member_id), request in self.read_later.items():
            about = episode.series.therapist_id if episode.series else None
            if member_id != episode.member_id:
                continue
            if about not in (None, request.therapist_id):
                # Rated was another; what was said of tension may be about this one.
                episode = self._before_the_word(episode, encounter_id)
                continue
            if episode.onset_id == encounter_id and not episode.by_hand:
                return None
            if not episode.by_hand:
                episode = self._before(episode, encounter_id)
        return episode

    def _before(self, episode: Episode, encounter_id: uuid.UUID) -> Episode:
        """The episode without what the latest encounter told about it; a copy that nobody saves.

        A repair may be dated to an earlier session than the rating that told of it: where it waits to be confirmed,
        it is the latest rating that did.
        """
        earlier, told = self._before_the_word(episode, encounter_id), self._told_at(encounter_id)
        if episode.status == EpisodeStatus.REPAIRED_UNCONFIRMED:
            earlier.repair_encounter_id, earlier.status = None, EpisodeStatus.OPEN
        elif episode.closed_at is not None and episode.closed_at > told:
            repaired = episode.status == EpisodeStatus.REPAIRED
            earlier.status = EpisodeStatus.REPAIRED_UNCONFIRMED if repaired else EpisodeStatus.OPEN
        if episode.nadir_encounter_id == encounter_id:
            earlier.nadir_encounter_id, earlier.nadir = None, None
        return earlier

    def _before_the_word(self, episode: Episode, encounter_id: uuid.UUID) -> Episode:
        """The same without what the client has said since."""
        earlier, told = copy(episode), self._told_at(encounter_id)
        for name in ("client_confirmed_at", "contradicted_at", "client_said_repaired_at"):
            said = getattr(episode, name)
            setattr(earlier, name, None if said is not None and said > told else said)
        return earlier

    def _told_at(self, encounter_id: uuid.UUID) -> datetime:
        return next(e.starts_at for e in self.encounters if e.id == encounter_id)


def _point_to(episodes: Mapping[uuid.UUID, Episode], signals: Iterable[SignalStatus]) -> None:
    for status in signals:
        key = status.signal.episode_id
        if key is not None and key in episodes:
            status.signal.episode = episodes[key]


def _latest_of(rows: Iterable[RatingRow]) -> Rated:
    found: dict[tuple[Rater, str], dict[uuid.UUID, RatingRow]] = defaultdict(dict)
    for row in rows:
        found[row.rater_id, row.scale][row.encounter_id] = row
    return found


def facet_falls(record: CaseRecord, signal: AlertSignal) -> dict[str, Fall]:
    """How far each facet of the rating with the therapist lies below the mean of the earlier ones."""
    if signal.encounter_id is None:
        return {}
    record = record.of_series(signal.series)
    number = record.session(signal.encounter_id)
    earlier = [e.id for e in record.held if number and record.numbers[e.id] < number]
    falls = {}
    for scale, facet in FACETS.items():
        now = record.value(signal.member_id, scale, signal.encounter_id)
        before = [v for e in earlier if (v := record.value(signal.member_id, scale, e)) is not None]
        if (fall := fall_of(now, before)) is not None:
            falls[facet] = fall
    return falls


def records(
    cases: Sequence[Case],
    *,
    encounters: Iterable[Encounter],
    ratings: Iterable[RatingRow],
    verdicts: Iterable[SessionVerdict],
    signals: Iterable[SignalStatus],
    episodes: Iterable[Episode],
    requests: Iterable[RequestRow] = (),
    sessions_read: int | None = None,
    reader: uuid.UUID | None = None,
) -> list[CaseRecord]:
    """Sort the rows of several cases into one record each.

    ``sessions_read``: of so many sessions, if not of all; ``reader``: the member of staff for whom they were read.
    """
    sorted_encounters, sorted_ratings = defaultdict(list), defaultdict(list)
    sorted_signals, sorted_episodes, sorted_verdicts = (
        defaultdict(list),
        defaultdict(list),
        defaultdict(list),
    )
    sorted_requests = defaultdict(list)
    series: dict[uuid.UUID, uuid.UUID] = {}
    case_of: dict[uuid.UUID, uuid.UUID] = {}
    for encounter in encounters:
        sorted_encounters[encounter.case_id].append(encounter)
        case_of[encounter.id] = encounter.case_id
    for request in requests:
        if request.encounter_id in case_of:  # not of those that were cancelled
            sorted_requests[case_of[request.encounter_id]].append(request)
    for rating in ratings:
        sorted_ratings[rating.case_id].append(rating)
        series[rating.series_id] = rating.case_id
    for verdict in verdicts:
        if verdict.series_id in series:
            sorted_verdicts[series[verdict.series_id]].append(verdict)
    for signal_status in signals:
        sorted_signals[signal_status.signal.case_id].append(signal_status)
    for episode in episodes:
        sorted_episodes[episode.case_id].append(episode)
    return [
        CaseRecord(
            case=case,
            members=members_of(case),
            encounters=tuple(sorted_encounters[case.id]),
            ratings=tuple(sorted_ratings[case.id]),
            verdicts=tuple(sorted_verdicts[case.id]),
            signals=tuple(sorted_signals[case.id]),
            episodes=tuple(sorted_episodes[case.id]),
            requests=tuple(sorted_requests[case.id]),
            read_from=_read_from(sorted_encounters[case.id], sessions_read),
            reader=reader,
        ).as_read()
        for case in cases
    ]


def _read_from(encounters: Sequence[Encounter], sessions_read: int | None) -> int:
    held = sum(e.state == EncounterState.HELD for e in encounters)
    return 0 if sessions_read is None else max(0, held - sessions_read)
