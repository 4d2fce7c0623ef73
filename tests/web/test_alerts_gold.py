"""When an episode may be called repaired, with gold: what ratings, client and therapist each have to say."""

import pytest

from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.alerts.services import store_norms
from tests.core.ratings import T1, T1_NORMS
from tests.web import histories

# What the client says about a session, by session; the ratings are those of T1: onset 5, back in range 7, held 8.
# Confirmed: "a little" or "clearly" about a session from the onset to the repair. Contradicted: "clearly" or "not
# yet" about the repair session or a later one, until a later "yes, worked out".
WORDS = [
    ("nothing said", {}, False, False, False),
    ("a little, before the onset", {4: ("little", "yes")}, False, False, False),
    ("a little, at the onset", {5: ("little", "partly")}, True, False, True),
    ("clearly, during it", {6: ("clearly", "partly")}, True, False, True),
    ("a little, about the session of the repair", {7: ("little", "yes")}, True, False, True),
    ("clearly, about the session of the repair", {7: ("clearly", "partly")}, True, True, False),
    (
        "at the onset, not worked out by the repair",
        {5: ("little", "partly"), 7: ("little", "not_yet")},
        True,
        True,
        False,
    ),
    ("not sure", {5: ("unsure", None)}, False, False, False),
    (
        "at the onset, not worked out after the repair",
        {5: ("little", "not_yet"), 8: ("little", "not_yet")},
        True,
        True,
        False,
    ),
    ("clearly again after the repair", {5: ("little", "yes"), 9: ("clearly", "partly")}, True, True, False),
    (
        "not yet, then worked out",
        {5: ("little", "not_yet"), 8: ("little", "not_yet"), 9: ("little", "yes")},
        True,
        False,
        True,
    ),
    ("only after the repair", {9: ("little", "yes")}, False, False, False),
]


@pytest.mark.parametrize(
    ("_name", "words", "confirmed", "contradicted", "gold"), WORDS, ids=[w[0] for w in WORDS]
)
def test_gold_follows_what_the_client_says(ruth, now, *, _name, words, confirmed, contradicted, gold):
    ines, case, who = ruth
    store_norms(clinic=ines.clinic, norms=T1_NORMS, at=now)
    held = histories.sessions(case, ines, len(T1), now)
    for k, (encounter, value) in enumerate(zip(held, T1, strict=True), start=1):
        tension, worked_out = words.get(k, ("no", None))
        follow_up = {"worked_out": worked_out} if worked_out else {}
        response = histories.rate(encounter, who, 5.0, {"tension": tension, **follow_up})
        histories.set_score(response, value)
        histories.judge([response])
    episode = Episode.objects.get(case=case)
    assert episode.status == EpisodeStatus.REPAIRED
    assert (episode.client_confirmed_at is not None) is confirmed
    assert (episode.contradicted_at is not None) is contradicted
    assert episode.mended is gold


MENDED = [
    # status, client said so, therapist said so, client contradicts -> gold
    ("repaired", True, False, False, True),
    ("repaired", False, True, False, True),
    ("repaired", False, False, False, False),
    ("repaired", True, True, True, False),
    ("repaired_unconfirmed", True, True, False, False),
    ("open", True, False, False, False),
    ("partial", True, False, False, False),
    ("withdrawn", True, True, False, False),
]


@pytest.mark.parametrize(("status", "client", "therapist", "contradicts", "gold"), MENDED)
def test_gold_needs_repair_confirmation_and_no_contradiction(
    now, *, status, client, therapist, contradicts, gold
):
    episode = Episode(
        status=status,
        client_confirmed_at=now if client else None,
        therapist_confirmed_at=now if therapist else None,
        contradicted_at=now if contradicts else None,
    )
    assert episode.mended is gold
