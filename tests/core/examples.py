"""How many examples a property is tried on."""

import os

from hypothesis import settings

TIMES = int(os.environ.get("EXAMPLES", "1"))


def examples(count: int) -> settings:
    """So many examples in every run of the tests, and `EXAMPLES` times as many where that is set.

    Parameters
    ----------
    count : int
        Few enough for every run: they are drawn anew each time.

    Returns
    -------
    hypothesis.settings
    """
    return settings(max_examples=TIMES * count, deadline=None)
