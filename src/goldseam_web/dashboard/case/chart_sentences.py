"""Which sentences stand above the chart of a case, name it, and tell it to those who cannot see it."""

from collections.abc import Sequence

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.models import Episode, EpisodeStatus, OnsetKind, SignalKind
from goldseam_web.cases.models import Member
from goldseam_web.dashboard.drawing import ChartData
from goldseam_web.dashboard.language import case_chart as say
from goldseam_web.dashboard.language.case_chart import EpisodeEnd, OnsetTexts, RepairTexts
from goldseam_web.dashboard.language.phrases import counted, names_in_words, session
from goldseam_web.measures.own_measures import SELF_THERAPIST, WITHIN

MOST_SENTENCES = 2
MANY_RATINGS = 4  # from which on a course is told instead of a count
CHANGED = 1.0


# ---------- above the chart ----------


def therapist_sentence(record: CaseRecord, raters: Sequence[Member]) -> str:
    """A sentence each for the members with an episode first; in a family the others by name together.

    Where something is open between the members and nothing with the therapist, that is the news, and is told first.
    """
    episodes = record.episodes_on(SELF_THERAPIST)
    calm = not any(e.status == EpisodeStatus.OPEN for e in episodes)
    news = _open_between(record) if calm else []
    with_episode = {e.member_id for e in episodes}
    ordered = sorted(raters, key=lambda m: (m.id not in with_episode, m.position))
    told = [
        _member_sentence(record, m, [e for e in episodes if e.member_id == m.id])
        for m in ordered[:MOST_SENTENCES]
    ]
    rest = [record.name(m.id) for m in ordered[MOST_SENTENCES:]]
    if rest:
        told.append(say.ALSO_SHOWN.format(names=names_in_words(rest)))
    return " ".join([*news, *told])


def _open_between(record: CaseRecord) -> list[str]:
    """A sentence for each member's open episode about the others."""
    return [_fell_between(record, e) for e in record.episodes_on(WITHIN) if e.status == EpisodeStatus.OPEN]


def _fell_between(record: CaseRecord, episode: Episode) -> str:
    text = say.BETWEEN_SLID if episode.onset_kind == OnsetKind.EROSION else say.BETWEEN_FELL
    return text.format(
        name=record.name(episode.member_id),
        others=record.others(episode.member_id),
        onset=session(record.session(episode.onset_id)),
    )


def _member_sentence(record: CaseRecord, member: Member, episodes: list[Episode]) -> str:
    """One member's ratings with the therapist."""
    name = record.name(member.id)
    given = [v for v in record.values(member.id, SELF_THERAPIST) if v is not None]
    if not given:
        return say.NOT_RATED.told(own=record.own).format(name=name, therapist=record.therapist_name)
    if episodes:
        return _fallen(record, episodes[-1], name)
    if len(given) < MANY_RATINGS:
        return counted(len(given), *say.FEW_RATINGS, name=name, last=given[-1])
    if abs(given[-1] - given[0]) < CHANGED:
        return say.STAYED_NEAR.format(name=name, mean=sum(given) / len(given))
    return say.WENT_FROM_TO.format(name=name, first=given[0], last=given[-1])


def episode_sentence(record: CaseRecord, episode: Episode) -> str:
    """One episode that ratings opened: about the work with the therapist, or about the others."""
    name = record.name(episode.member_id)
    if episode.series is None or episode.series.scale == SELF_THERAPIST:
        return _fallen(record, episode, name)
    return _fell_between(record, episode)


def _fallen(record: CaseRecord, episode: Episode, name: str) -> str:
    sentences = say.GRADUAL_FALL if episode.onset_kind == OnsetKind.EROSION else say.SUDDEN_FALL
    return sentences[_end(record, episode)].format(
        name=name,
        onset=session(record.session(episode.onset_id)),
        repair=session(record.session(episode.repair_encounter_id)),
    )


def _end(record: CaseRecord, episode: Episode) -> EpisodeEnd:
    """How the episode stands."""
    if episode.status == EpisodeStatus.REPAIRED and episode.contradicted_at is not None:
        return EpisodeEnd.CONTRADICTED
    if episode.status == EpisodeStatus.REPAIRED:
        return EpisodeEnd.REPAIRED if episode.mended else EpisodeEnd.BACK_IN_RANGE
    if episode.status == EpisodeStatus.REPAIRED_UNCONFIRMED:
        return EpisodeEnd.UNCONFIRMED
    if episode.status == EpisodeStatus.PARTIAL:
        return EpisodeEnd.PARTIAL
    if episode.status == EpisodeStatus.UNREPAIRED:
        return EpisodeEnd.UNREPAIRED
    slow = any(s.signal.episode_id == episode.id and s.signal.is_slow for s in record.signals)
    return EpisodeEnd.BELOW_EARLIER_LEVEL if slow else EpisodeEnd.BELOW_EXPECTED


def between_sentence(record: CaseRecord) -> str:
    """The ratings of each other; it never speaks of the therapist."""
    latest = [
        say.NAME_AND_VALUE.format(name=record.name(m.id), value=row.value)
        for m in record.members
        if (row := record.latest(m.id, WITHIN)) and row.value is not None
    ]
    last = say.BETWEEN_LAST.format(ratings=", ".join(latest)) if latest else say.BETWEEN_NOT_RATED
    return " ".join([*_open_between(record), last])


# ---------- titles and names ----------


def title_of(data: ChartData, scale: str) -> str:
    """What is higher on the wide drawing."""
    title = say.THERAPIST_HIGHER if scale == SELF_THERAPIST else say.BETWEEN_HIGHER
    return title.format(minimum=data.minimum, maximum=data.maximum)


def short_title_of(data: ChartData, scale: str, *, most_sessions: int) -> str:
    """The same on the narrow drawing, which says so where it shows the last sessions only."""
    cut = len(data.sessions) > most_sessions
    if scale == SELF_THERAPIST:
        title = say.THERAPIST_HIGHER_SHORT_LAST if cut else say.THERAPIST_HIGHER_SHORT
    else:
        title = say.BETWEEN_HIGHER_SHORT_LAST if cut else say.BETWEEN_HIGHER_SHORT
    return title.format(minimum=data.minimum, maximum=data.maximum, sessions=most_sessions)


def onset_texts(record: CaseRecord, episode: Episode) -> OnsetTexts:
    """What the beginning of an episode is called: "possible" goes once somebody has said that there was strain."""
    told = record.signal_status_of(episode)
    if told is not None and told.signal.kind == SignalKind.GOALS_APART:
        return say.GOALS_APART
    if episode.confirmed:
        return say.STRAIN
    return say.EROSION if episode.onset_kind == OnsetKind.EROSION else say.POSSIBLE_STRAIN


def repair_texts(episode: Episode) -> RepairTexts:
    return say.REPAIRED if episode.mended else say.BACK_IN_RANGE


# ---------- the picture in words ----------


def described(record: CaseRecord, scale: str) -> str:
    """The picture for those who cannot see it."""
    told = [text for m in record.members if (text := _ratings_described(record, m, scale))]
    told += [_episode_described(record, episode) for episode in record.episodes_on(scale)]
    return " ".join(told) or say.NO_RATINGS


def _ratings_described(record: CaseRecord, member: Member, scale: str) -> str:
    given = [v for v in record.values(member.id, scale) if v is not None]
    if not given:
        return ""
    return say.RATINGS_LABEL.format(
        name=record.name(member.id), count=len(given), first=given[0], lowest=min(given), last=given[-1]
    )


def _episode_described(record: CaseRecord, episode: Episode) -> str:
    onset, repair = record.session(episode.onset_id), record.session(episode.repair_encounter_id)
    texts = onset_texts(record, episode)
    text = texts.described
    if repair:
        text = texts.described_repaired if episode.mended else texts.described_back
    return text.format(name=record.name(episode.member_id), onset=onset, repair=repair)
