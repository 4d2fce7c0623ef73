"""Sessions that were asked about, as `goldseam fit-evidence` reads them: ratings with what people said of the session.

Of a strain that was found the word of client or therapist counts. Of a session by lot it is the therapist's and that of
the client who rated: where several are seen together nobody knows whose strain the therapist means, and it is left out.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from goldseam_web.alerts.lot_tables import LotAnswer, LotOutcome, SessionLot
from goldseam_web.alerts.models import Episode
from goldseam_web.cases.models import CaseKind, EncounterState
from goldseam_web.measures.own_measures import FACETS, SELF_THERAPIST, TENSION_ITEM

Row = tuple[Any, ...]
# Case, rater, phase and session: one form.
Form = tuple[str, str, str, int]
KEYS = ("case", "rater", "scale", "phase", "session", "value", "minimum", "maximum")
ITEMS = tuple(f"item_{facet}" for facet in FACETS.values())
COLUMNS = (*KEYS, *ITEMS, "tension", "strain_confirmed", "asked_by_chance")
# "A little" or more, as it is scored.
_SAID = 1


def evidence_rows(
    ratings: Sequence[Row],
    confirmed: Mapping[tuple[str, str, int], int],
    by_lot: Mapping[tuple[str, int], int],
) -> list[Row]:
    """The ratings of the work with a therapist that were given, each with its items and what was said of its session.

    ``ratings``: rows of the table of that name. ``confirmed``: 1 or 0 by case, rater and session. ``by_lot``: the same
    by case and session, of whoever rated there.
    """
    of_form: dict[Form, dict[str, float]] = {}
    for case, rater, scale, phase, session, value, *_ in ratings:
        of_form.setdefault((case, rater, phase, session), {})[scale] = value
    rows = []
    for case, rater, scale, phase, session, value, low, high, _date in ratings:
        if scale != SELF_THERAPIST or value is None:
            continue
        given = of_form[case, rater, phase, session]
        tension = given.get(TENSION_ITEM)
        said = confirmed.get((case, rater, session))
        drawn = by_lot.get((case, session)) if said is None else None
        if drawn is not None:
            said = int(drawn or (tension is not None and tension >= _SAID))
        items = (given.get(scale_of_item) for scale_of_item in FACETS)
        word = None if tension is None else int(tension)
        asked = None if said is None else int(drawn is not None)
        rows.append((case, rater, scale, phase, session, value, low, high, *items, word, said, asked))
    return rows


def said_of_strains(
    strains: Sequence[Episode], names: Mapping[uuid.UUID, tuple[str, int]], raters: Mapping[uuid.UUID, str]
) -> dict[tuple[str, str, int], int]:
    """What client or therapist said of each strain that was found; ``names``: case and session by encounter."""
    found = {}
    for each in strains:
        if each.onset_id not in names or each.series_id is None or each.series_id not in raters:
            continue
        if each.confirmed or each.therapist_denied_at is not None:
            case, session = names[each.onset_id]
            found[case, raters[each.series_id], session] = int(each.confirmed)
    return found


def said_by_lot(
    names: Mapping[uuid.UUID, tuple[str, int]], cases: Sequence[uuid.UUID]
) -> dict[tuple[str, int], int]:
    """What therapists said of the sessions by lot of somebody seen alone."""
    rows = SessionLot.objects.filter(
        outcome=LotOutcome.ASKED,
        answer__in=(LotAnswer.YES, LotAnswer.NO),
        encounter__state=EncounterState.HELD,
        case__in=cases,
        case__kind=CaseKind.INDIVIDUAL,
    )
    said = rows.values_list("encounter_id", "answer")
    return {
        names[encounter]: int(answer == LotAnswer.YES) for encounter, answer in said if encounter in names
    }
