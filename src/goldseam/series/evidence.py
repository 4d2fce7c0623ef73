"""Further columns of a table of ratings: what else is known of the session a rating is about.

=====================  ==============================================================================
``item_*``             the answers, or facets, whose mean the value is; on the value's scale
``facet_*``            other facets that the same rater rated; on the value's scale
``therapist_rating``   the therapist's own rating of the session; on the value's scale
``member_rating_*``    other members' ratings of the session; on the value's scale
``tension``            the direct question whether there was tension: 0 no, 1 a little, 2 clearly
``skipped_items``      how many questions were left out
``seconds_taken``      how long answering took
``late``               1 where the answer came late, 0 where in time
=====================  ==============================================================================
"""

from collections.abc import Iterable

SCALE_PREFIXES = ("item_", "facet_", "member_rating_")
ON_THE_SCALE = (*SCALE_PREFIXES, "therapist_rating")
ALLOWED = {
    "tension": "0 (no), 1 (a little) or 2 (clearly)",
    "skipped_items": "a number of 0 or more",
    "seconds_taken": "a number of 0 or more",
    "late": "0 (in time) or 1 (late)",
}


def evidence_columns(names: Iterable[str]) -> list[str]:
    """Those of some columns that are evidence.

    Parameters
    ----------
    names : iterable of str
        Names of the columns of a table.

    Returns
    -------
    list of str
        Those described above, sorted.
    """
    return sorted(name for name in names if name.startswith(ON_THE_SCALE) or name in ALLOWED)
