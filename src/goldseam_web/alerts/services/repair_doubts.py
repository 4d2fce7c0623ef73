"""Whether the form that brought ratings back says less than it seems to: compared with this person's earlier forms."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from goldseam_web.alerts.models import Episode, RepairDoubt
from goldseam_web.alerts.services.ratings import Ratings
from goldseam_web.cases.models import Encounter
from goldseam_web.measures.models import Answer

# A form is fast that took less than this share of what the earlier ones took.
FAST = 1 / 3
FORMS_TO_COMPARE = 3


@dataclass
class _Form:
    """The numbers of one form, and how long they took."""

    values: list[float] = field(default_factory=list)
    elapsed_ms: int | None = 0

    @property
    def all_equal(self) -> bool:
        return len(self.values) > 1 and len(set(self.values)) == 1


def repair_doubt(ratings: Ratings, episode: Episode) -> RepairDoubt | None:
    """Name the doubt about an episode's repair; None where there is none, or nothing to compare with.

    The highest answer to everything, the same answer to everything, or a form answered in less than a third of the
    usual time counts only where it is not what this person did before the strain.
    """
    repaired = episode.repair_encounter
    score = ratings.scores.get(repaired.id) if repaired else None
    if repaired is None or score is None:
        return None
    forms = _forms(ratings)
    before = [
        form
        for encounter, form in forms.items()
        if encounter.starts_at < episode.onset.starts_at and form.values
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
    timed = [f.elapsed_ms for f in before if f.elapsed_ms]
    if not form.elapsed_ms or len(timed) < FORMS_TO_COMPARE:
        return False
    return form.elapsed_ms < FAST * median(timed)


def _forms(ratings: Ratings) -> dict[Encounter, _Form]:
    """The numbers in the series' forms, by encounter."""
    about = {
        score.response_id: encounter
        for encounter in ratings.encounters
        if (score := ratings.scores.get(encounter.id)) is not None
    }
    found: dict[Encounter, _Form] = defaultdict(_Form)
    rows = Answer.objects.filter(response__in=about)
    for response_id, value, elapsed in rows.values_list("response_id", "value", "elapsed_ms"):
        if value is None:
            continue
        form = found[about[response_id]]
        form.values.append(value)
        form.elapsed_ms = None if elapsed is None or form.elapsed_ms is None else form.elapsed_ms + elapsed
    return found
