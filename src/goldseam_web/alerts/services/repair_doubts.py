"""Whether the form that brought ratings back says less than it seems to: compared with this person's earlier forms."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from goldseam_web.alerts.models import RepairDoubt
from goldseam_web.alerts.services.ratings import HeldSession, Ratings

# A form is fast whose answers took less than this share of what those of the earlier ones took, each.
FAST = 1 / 3
FORMS_TO_COMPARE = 3


@dataclass
class _Form:
    """The numbers of one form, and how long they took."""

    values: list[float] = field(default_factory=list)
    elapsed_ms: int | None = 0

    @property
    def ms_each(self) -> float | None:
        """How long one answer took: not everybody is asked equally much each time."""
        return self.elapsed_ms / len(self.values) if self.elapsed_ms and self.values else None

    @property
    def all_equal(self) -> bool:
        return len(self.values) > 1 and len(set(self.values)) == 1


def repair_doubt(ratings: Ratings, onset: HeldSession, repaired: HeldSession | None) -> RepairDoubt | None:
    """Name the doubt about an episode's repair; None where there is none, or nothing to compare with.

    The highest answer to everything, the same answer to everything, or a form answered in less than a third of the
    usual time counts only where it is not what this person did before the strain.
    """
    score = ratings.scores.get(repaired.id) if repaired else None
    if repaired is None or score is None:
        return None
    forms = _forms(ratings)
    before = [
        form for encounter, form in forms.items() if encounter.starts_at < onset.starts_at and form.values
    ]
    form = forms.get(repaired)
    if form is None or len(before) < FORMS_TO_COMPARE:
        return None
    if score.value == score.maximum and median(max(f.values) for f in before) < score.maximum:
        return RepairDoubt.CEILING
    if form.all_equal and sum(f.all_equal for f in before) <= len(before) / 2:
        return RepairDoubt.ALL_EQUAL
    return RepairDoubt.FAST if _is_fast(form, before) else None


def _is_fast(form: _Form, before: Sequence[_Form]) -> bool:
    timed = [each for f in before if (each := f.ms_each) is not None]
    now = form.ms_each
    return now is not None and len(timed) >= FORMS_TO_COMPARE and now < FAST * median(timed)


def _forms(ratings: Ratings) -> dict[HeldSession, _Form]:
    """The numbers in the series' forms, by session."""
    about = {
        score.response_id: session
        for session in ratings.encounters
        if (score := ratings.scores.get(session.id)) is not None
    }
    found: dict[HeldSession, _Form] = defaultdict(_Form)
    for response_id, value, elapsed in ratings.numbers:
        form = found[about[response_id]]
        form.values.append(value)
        form.elapsed_ms = None if elapsed is None or form.elapsed_ms is None else form.elapsed_ms + elapsed
    return found
