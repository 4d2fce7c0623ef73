"""What is assumed of each term of the evidence: how it behaves in ordinary sessions, and how far a rupture moves it.

None of these figures was measured on patients; ``docs/methods/fused.md`` says what they rest on. A rupture is taken
to be a drop of two own SDs of the rating.
"""

from collections.abc import Mapping
from types import MappingProxyType

VALUE, ITEMS, SCATTER, FACETS = "value", "items", "scatter", "facets"
THERAPIST, MEMBERS = "therapist", "members"
TENSION, SKIPPED, FAST, LATE = "tension", "skipped", "fast", "late"

MEASURED = (VALUE, ITEMS, SCATTER, FACETS, THERAPIST, MEMBERS)
"""Terms that are numbers; each is brought to a standard normal score of this person's own."""

ONLY_SHOWN = (SCATTER,)
"""Terms that are shown and add nothing to p before strengths were fitted: too little is known of them."""

SCORE_DROPS: Mapping[str, float] = MappingProxyType(
    {VALUE: 1.75, ITEMS: 0.8, SCATTER: 0.5, FACETS: 1.4, THERAPIST: 0.55, MEMBERS: 0.5}
)
"""How far the score of each drops on average, in SDs, at a rupture."""

CORRELATIONS: Mapping[tuple[str, str], float] = MappingProxyType(
    {
        (VALUE, ITEMS): 0.1,
        (VALUE, SCATTER): 0.1,
        (ITEMS, SCATTER): 0.5,
        (VALUE, FACETS): 0.5,
        (VALUE, THERAPIST): 0.2,
        (VALUE, MEMBERS): 0.2,
        (FACETS, THERAPIST): 0.15,
        (FACETS, MEMBERS): 0.15,
        (THERAPIST, MEMBERS): 0.1,
    }
)
"""Correlations of the scores in ordinary sessions; 0 where not named. The items are taken less their mean, the value;
near the ends of a scale a little correlation remains."""

WITHIN_KIND_CORRELATION: Mapping[str, float] = MappingProxyType({FACETS: 0.4, MEMBERS: 0.2})
"""Correlation of several facets, or several members, with each other, within persons."""

USUAL_SHARES: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {TENSION: (0.9, 0.08, 0.02), SKIPPED: (0.95, 0.05), FAST: (0.95, 0.05), LATE: (0.9, 0.1)}
)
"""Shares of the answers of terms that are categories, in ordinary sessions, from the least to the most alarming."""

SHIFTS: Mapping[str, float] = MappingProxyType({TENSION: 1.0, SKIPPED: 0.7, FAST: 0.6, LATE: 0.5})
"""How far a rupture moves the latent variable behind them, in its SDs, beyond what goes with the low rating."""

CORRELATION_WITH_VALUE: Mapping[str, float] = MappingProxyType({TENSION: 0.2})
"""Correlation, in ordinary sessions, of the latent variables with a low rating; none where not named."""

PROBABILITY_SHOWN = 0.5
"""Probability that a rupture shows in a term at all: one that stays as usual is never strong evidence against it."""

PRIOR_SESSIONS = 10.0
"""Sessions that the usual shares count for beside the person's own."""
