"""How a case stands on the page that its therapist and whoever supervises them read word for word alike."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.case_standing.case_status import CaseStatus, case_status
from goldseam_web.alerts.case_standing.standing import Standing, standing_of
from goldseam_web.alerts.states import Group, MemberState, State

# What ratings or people have brought to an end, though it is told for a while.
OVER = (State.REPAIRED, State.BACK_NOT_SAID, State.BACK_IN_RANGE, State.MENDED_NOT_SAID, State.SET_ASIDE)
OPEN_GROUPS = (Group.WORTH, Group.REPAIR, Group.LOOKED_AT)


@dataclass(frozen=True)
class SharedStanding:
    """The standing, and when the oldest finding was raised that is still open; None where nothing is.

    Unopened is what nobody at all has opened. What a therapist noted by hand has no finding, and is open since then.
    """

    standing: Standing
    open_since: datetime | None

    def content(self, own: Standing) -> list[Any] | None:
        """What is kept beside the reader's ``own`` standing, which is the same as a rule.

        Nothing where it names other members of staff: names are kept nowhere, and a row knows of one finding's people.
        """
        if _named(self.standing) not in (_named(own), None):
            return None
        same = self.standing == replace(own, course=None)
        return [
            None if same else self.standing.content(),
            self.open_since.isoformat() if self.open_since else None,
        ]

    @classmethod
    def kept(cls, content: Mapping[str, Any], *, therapist_name: str, planner_name: str) -> Self:
        """Read it back from what is kept of a case."""
        standing, since = content["shared"]
        read = Standing.kept(
            standing or content["standing"], therapist_name=therapist_name, planner_name=planner_name
        )
        return cls(replace(read, course=None), datetime.fromisoformat(since) if since else None)


def shared_standing(
    record: CaseRecord, own: CaseStatus, *, judging: bool, at: datetime
) -> tuple[SharedStanding, datetime | None]:
    """Work it out of the rows of which the reader's ``own`` status was; and when time alone changes it."""
    status = own
    if any(signal.unopened != signal.by_nobody for signal in record.signals):
        signals = tuple(replace(signal, unopened=signal.by_nobody) for signal in record.signals)
        record = replace(record, signals=signals)
        status = case_status(record, reader=record.reader, judging=judging, at=at, waiting=False)
    return SharedStanding(standing_of(record, status), _open_since(record, status)), status.changes_at


def _open_since(record: CaseRecord, status: CaseStatus) -> datetime | None:
    still_open = [state for state in status.states if _is_open(state)]
    raised = [state.finding.raised_at for state in still_open if state.finding is not None]
    raised += [
        episode.opened_at
        for state in still_open
        if state.finding is None and state.strain is not None and (episode := record.episode(state.strain.id))
    ]
    return min(raised, default=None)


def _is_open(state: MemberState) -> bool:
    return state.unopened or (state.group in OPEN_GROUPS and state.state not in OVER)


def _named(standing: Standing) -> tuple[uuid.UUID | None, uuid.UUID | None] | None:
    """The members of staff whom its sentence may name."""
    finding = standing.finding
    return (finding.therapist, finding.planner) if finding else None
