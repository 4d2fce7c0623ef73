"""Progress beside what was to be expected after the own start, in words and numbers; and the shape of the course."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from goldseam import TrackLook, TrackRate, TrackRule, single_shape
from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.tracks import ScaleTrack, Tracks
from goldseam_web.dashboard.drawing.progress_chart import CourseBand
from goldseam_web.dashboard.language import track_words as say
from goldseam_web.dashboard.language.phrases import session

# The science names lines from four ratings on; under six this page names nothing.
FEWEST_FOR_A_NAME = 6
# As on the page of the clinic: of fewer courses that were called, no share is told.
FEWEST_CALLED = 10


@dataclass(frozen=True)
class TrackRow:
    session: int
    value: str
    expected: str
    band: str
    limit: str
    verdict: str


@dataclass(frozen=True)
class TrackLine:
    """One member's progress on one scale: sentences, each empty where it may not be said, and a row a session."""

    shape: str
    track: str = ""
    is_off: bool = False
    rates: str = ""
    caption: str = ""
    rows: tuple[TrackRow, ...] = ()


@dataclass(frozen=True)
class ComparedProgress:
    """What is drawn and said of one scale of one member."""

    line: TrackLine
    band: CourseBand | None = None
    last: TrackLook | None = None


@dataclass(frozen=True)
class OwnProgress:
    """The ratings that count of one member on one scale, by held session; those that do not are None."""

    name: str
    sessions: tuple[int, ...]
    values: tuple[float | None, ...]
    major: int

    @classmethod
    def of(cls, record: CaseRecord, member_id: UUID, scale: str, name: str) -> "OwnProgress":
        """Given in time and alone, by the newest version of the questions."""
        rows, major = record.ratings_by(member_id, scale), record.major[scale]
        counting = {
            encounter: row.value
            for encounter, row in rows.items()
            if not (row.late or row.in_company) and row.major == major
        }
        values = tuple(counting.get(encounter.id) for encounter in record.held)
        return cls(name, tuple(record.numbers[e.id] for e in record.held), values, major)

    @property
    def given(self) -> list[float]:
        return [value for value in self.values if value is not None]


def compared_progress(own: OwnProgress, scale: str, tracks: Tracks | None) -> ComparedProgress | None:
    """What may be said of a scale; None of one that was never rated so that it counts."""
    if not own.given:
        return None
    track = tracks.scales.get(scale) if tracks else None
    shape = _shape(own, track)
    if track is None:
        return ComparedProgress(TrackLine(shape))
    if reason := _why_not(own, track):
        return ComparedProgress(TrackLine(shape, say.WHY_NOT.format(name=own.name, reason=reason)))
    looks = _looks(own, track)
    judged = [look for look in looks if look.z is not None]
    rate = track.rule.rate(judged[-1].time)
    line = TrackLine(
        shape=shape,
        track=_sentence(own, judged),
        is_off=judged[-1].verdict == say.NOT_ON_TRACK,
        rates=_rates(track.rule, rate),
        caption=say.TABLE_CAPTION.format(name=own.name),
        rows=tuple(_rows(looks)),
    )
    return ComparedProgress(line, _band(own, looks), looks[-1])


def _why_not(own: OwnProgress, track: ScaleTrack) -> str:
    if own.major != track.major:
        return say.OTHER_VERSION
    if len(own.given) < 2:
        return say.ONE_RATING
    last = max(n for n, value in zip(own.sessions, own.values, strict=True) if value is not None)
    if track.rule.rate(last) is None:
        return say.TOO_LONG.format(session=session(last))
    return ""


def _looks(own: OwnProgress, track: ScaleTrack) -> list[TrackLook]:
    looks = track.rule.judge(own.sessions, own.values)
    return [look for look in looks if track.rule.rate(look.time) is not None]


def _sentence(own: OwnProgress, judged: Sequence[TrackLook]) -> str:
    last = judged[-1]
    first = next(k for k, value in enumerate(own.values) if value is not None)
    said = say.TRACK.format(
        name=own.name,
        verdict=last.verdict,
        session=session(int(last.time)),
        value=last.value,
        low=last.low,
        high=last.high,
        start=own.values[first],
        first=session(own.sessions[first]),
    )
    if last.verdict == say.ON_TRACK and last.value is not None and last.value < last.low:
        said += say.OUTSIDE_BAND
    before = [session(int(look.time)) for look in judged[:-1] if look.verdict == say.NOT_ON_TRACK]
    return said + (say.EARLIER.format(sessions=", ".join(before)) if before else "")


def _rates(rule: TrackRule, rate: TrackRate | None) -> str:
    return rates_in_words(rate, rule.predictive_value, rule.n_called, rule.poor_share)


def rates_in_words(
    rate: TrackRate | None, predictive_value: float | None, n_called: int, poor_share: float
) -> str:
    """How often courses are called so, and how many of those end worse; of few courses the second is not told."""
    if rate is None:
        return ""
    said = say.RATES.format(
        per_look=percent(rate.per_look), per_case=percent(rate.per_case), up_to=rate.up_to
    )
    if predictive_value is None or n_called < FEWEST_CALLED:
        return said
    return said + say.VALUE.format(value=predictive_value, poor=poor_share)


def _shape(own: OwnProgress, track: ScaleTrack | None) -> str:
    if len(own.given) < FEWEST_FOR_A_NAME:
        return ""
    usual = track.rule.within_sd if track is not None and track.major == own.major else None
    found = single_shape(own.given, within_sd=usual)
    word = say.SHAPES[found.shape]
    if usual is None and word == say.STABLE:
        word = say.NOTHING_STANDS_OUT
    return say.SHAPE.format(
        name=own.name,
        shape=word,
        n=found.n_rated,
        chance=percent(found.by_chance or 0),
    )


def percent(share: float) -> str:
    """Whole percents: more digits would claim more than some hundred courses can say."""
    return f"{share:.0%}" if round(share, 2) else say.LESS_THAN


def _rows(looks: Sequence[TrackLook]) -> list[TrackRow]:
    return [
        TrackRow(
            session=int(look.time),
            value="–" if look.value is None else f"{look.value:.1f}",
            expected=f"{look.expected:.1f}",
            band=f"{look.low:.1f} to {look.high:.1f}",
            limit="–" if look.limit is None else f"{look.limit:.1f}",
            verdict="–" if look.value is None else look.verdict,
        )
        for look in looks
    ]


def _band(own: OwnProgress, looks: Sequence[TrackLook]) -> CourseBand:
    by_session = {int(look.time): look for look in looks}
    found = [by_session.get(n) for n in own.sessions]
    return CourseBand(
        tuple(None if look is None else (look.low, look.high) for look in found),
        tuple(None if look is None else look.limit for look in found),
    )
