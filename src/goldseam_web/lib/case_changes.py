"""Who is told that a case has changed: whoever keeps a list of cases, and the open pages of those who treat it.

Rooms that write stand below the one that keeps the list, so that what is called is given to them when the application
starts. What is told here is done at the end of the running transaction, with everything else or not at all.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from goldseam_web.lib.transactions import CASES, STAFF, at_the_end, together_at_the_end

# Of a clinic and one of its cases.
OfCase = Callable[[uuid.UUID, uuid.UUID], object]
OfCases = Callable[[Sequence[uuid.UUID]], object]


@dataclass
class _CaseKeeper:
    mark: OfCase | None = None
    tell: OfCases | None = None


_keeper = _CaseKeeper()


def tell_of_cases(*, mark: OfCase, tell: OfCases) -> None:
    """Say what is called when a case has changed, and when open pages are to hear of cases: of several at once."""
    _keeper.mark, _keeper.tell = mark, tell


def case_changed(row: Any) -> None:
    """Something of the case this row belongs to has changed, so that whatever is kept of it is old."""
    case_id = getattr(row, "case_id", None)
    if case_id is not None and _keeper.mark is not None:
        at_the_end(case_id, partial(_keeper.mark, row.clinic_id, case_id), place=CASES)


def pages_of_case_changed(row: Any) -> bool:
    """Tell the open pages of those who treat the case this row belongs to; False for a row that belongs to none."""
    case_id = getattr(row, "case_id", None)
    if case_id is None or _keeper.tell is None:
        return False
    together_at_the_end(case_id, _keeper.tell, place=STAFF)
    return True
